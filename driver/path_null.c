// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Read path null: no device; prices the system call and the copy.
 */
#include <linux/string.h>

#include "my_rng_drv.h"

static ssize_t my_rng_null_fill(struct my_rng_dev *mr, size_t len,
				bool nonblock)
{
	memset(mr->buf, 0, len);
	return len;
}

static const struct my_rng_mode my_rng_null_mode = {
	.name = "null",
	.fill = my_rng_null_fill,
};

static const struct my_rng_mode *my_rng_null_get_mode(struct my_rng_dev *mr)
{
	return &my_rng_null_mode;
}

const struct my_rng_path my_rng_path_null = {
	.name = "null",
	.mode = my_rng_null_get_mode,
};
