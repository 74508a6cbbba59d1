// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /dev/my_rng_null and its read path: no device. What is left of a request without
 * one is what these methods price, each a little more of it than the one before:
 *
 * - copy: the system call, the driver around a path, the copy to the caller
 * - ram-NAME: also the loop of path NAME, over registers that are memory; of the
 *   zero-copy methods (ram-zc) instead of the copy their pins, which write nothing
 * - null: as copy, and the driver fills the buffer itself
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "my_rng_drv.h"

enum {
	NULL_MEMSET,
	NULL_COPY,
	NULL_RAM, /* and all after it */
};

/* From NULL_RAM on, the names of the methods as well */
static const char *const my_rng_null_words[] = {
	[NULL_MEMSET] = "memset",
	[NULL_COPY] = "copy",
	[NULL_RAM] = "ram-32",
	"ram-64",
	"ram-fifo",
	"ram-zc",
};

MY_RNG_CHOICE(null, my_rng_null_words,
	      "what files of the null device opened from now on do: memset "
	      "(default), copy, or the loop of a path over memory: ram-32, "
	      "ram-64, ram-fifo; or only pin: ram-zc");

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

static const struct my_rng_method my_rng_null_methods[] = {
	[NULL_MEMSET] = { .name = "null", .fill = my_rng_null_fill },
	[NULL_COPY] = { .name = "copy", .fill = my_rng_copy_fill },
};

/* The loop of that name, or null if its path is not compiled in */
static const struct my_rng_method *my_rng_ram_method(const char *name)
{
	size_t i;

	for (i = 0; my_rng_paths[i]; i++) {
		const struct my_rng_method *ram = my_rng_paths[i]->ram;

		if (ram && !strcmp(ram->name, name))
			return ram;
	}
	return &my_rng_null_methods[NULL_MEMSET];
}

static const struct my_rng_method *my_rng_null_choose(struct my_rng_dev *mr)
{
	unsigned int value = READ_ONCE(my_rng_null_choice.value);

	return value < NULL_RAM ? &my_rng_null_methods[value]
				: my_rng_ram_method(my_rng_null_words[value]);
}

static const struct my_rng_path my_rng_path_null = {
	.name = "null",
	.choose = my_rng_null_choose,
};

/* The device behind the node, as long as the module is loaded */
static struct my_rng_dev *my_rng_null;

static void my_rng_null_free(struct my_rng_dev *mr)
{
	kfree((__force void *)mr->regs);
	kfree(mr->buf);
	my_rng_dev_put(mr);
}

/** my_rng_null_init() - make the null device; one method hands its zeros out */
int my_rng_null_init(void)
{
	struct my_rng_dev *mr = my_rng_dev_alloc();
	int ret = -ENOMEM;

	if (!mr)
		return ret;
	mr->path = &my_rng_path_null;
	mr->state = MY_RNG_ON;
	strscpy(mr->name, MY_RNG_NAME "_null", sizeof(mr->name));
	mr->user_chunk = SZ_1M;
	mr->user_segment = SZ_1M;
	mr->buf = kzalloc(MY_RNG_CHUNK_MAX, GFP_KERNEL);
	mr->regs = (__force void __iomem *)kzalloc(MY_RNG_BAR_MMIO_SIZE,
						   GFP_KERNEL);
	if (mr->buf && mr->regs)
		ret = my_rng_misc_add(mr);
	if (ret)
		my_rng_null_free(mr);
	else
		my_rng_null = mr;
	return ret;
}

/** my_rng_null_exit() - undo my_rng_null_init() */
void my_rng_null_exit(void)
{
	misc_deregister(&my_rng_null->misc);
	my_rng_null_free(my_rng_null);
}
