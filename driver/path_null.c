// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Read path null: no device. What is left of a request without one is what
 * these modes price, each a little more of it than the one before:
 *
 * - copy: the system call, the driver around a path, the copy to the caller
 * - ram-NAME: also the loop of path NAME, over registers that are memory; of the
 *   zero-copy modes (ram-zc) instead of the copy their pins, which write nothing
 * - null: as copy, and the driver fills the buffer itself
 */
#include <linux/string.h>

#include "my_rng_drv.h"

enum {
	NULL_MEMSET,
	NULL_COPY,
	NULL_RAM, /* and all after it */
};

/* From NULL_RAM on, the names of the modes as well */
static const char *const my_rng_null_words[] = {
	[NULL_MEMSET] = "memset",
	[NULL_COPY] = "copy",
	[NULL_RAM] = "ram-32",
	"ram-64",
	"ram-fifo",
	"ram-zc",
};

static struct my_rng_choice my_rng_null_choice = {
	.words = my_rng_null_words,
	.count = ARRAY_SIZE(my_rng_null_words),
};

module_param_cb(null, &my_rng_choice_ops, &my_rng_null_choice, 0644);
MODULE_PARM_DESC(null, "what files of the null device opened from now on do: "
		       "memset (default), copy, or the loop of a path over "
		       "memory: ram-32, ram-64, ram-fifo; or only pin: ram-zc");

static ssize_t my_rng_null_fill(struct my_rng_dev *mr, size_t len,
				bool nonblock)
{
	memset(mr->buf, 0, len);
	return len;
}

static ssize_t my_rng_copy_fill(struct my_rng_dev *mr, size_t len,
				bool nonblock)
{
	return len;
}

static const struct my_rng_mode my_rng_null_modes[] = {
	[NULL_MEMSET] = { .name = "null", .fill = my_rng_null_fill },
	[NULL_COPY] = { .name = "copy", .fill = my_rng_copy_fill },
};

/* The loop of that name, or null if its path is not compiled in */
static const struct my_rng_mode *my_rng_ram_mode(const char *name)
{
	size_t i;

	for (i = 0; my_rng_paths[i]; i++) {
		const struct my_rng_mode *ram = my_rng_paths[i]->ram;

		if (ram && !strcmp(ram->name, name))
			return ram;
	}
	return &my_rng_null_modes[NULL_MEMSET];
}

static const struct my_rng_mode *my_rng_null_get_mode(struct my_rng_dev *mr)
{
	unsigned int value = READ_ONCE(my_rng_null_choice.value);

	return value < NULL_RAM ? &my_rng_null_modes[value]
				: my_rng_ram_mode(my_rng_null_words[value]);
}

const struct my_rng_path my_rng_path_null = {
	.name = "null",
	.mode = my_rng_null_get_mode,
};
