// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Read path 32: one 32-bit register read per word.
 *
 * By ioread32(), as a driver of the exercise does it; its call per word is part
 * of what this path costs (an inlined readl() is about 1.2 times as fast when
 * the CPU is emulated).
 */
#include <linux/minmax.h>

#include "my_rng_drv.h"

#define BURST_WORDS (SZ_1K / sizeof(u32))

static ssize_t my_rng_32_fill(struct my_rng_dev *mr, size_t len, bool nonblock)
{
	const void __iomem *reg = mr->regs + MY_RNG_REG_RNG;
	size_t words = DIV_ROUND_UP(len, sizeof(u32));
	__le32 *out = mr->buf;
	size_t done = 0;

	for (;;) {
		size_t end = min(words, done + BURST_WORDS);

		while (done < end)
			out[done++] = cpu_to_le32(ioread32(reg));
		if (done == words)
			return len;
		if (my_rng_pause())
			return done * sizeof(u32);
	}
}

static const struct my_rng_method my_rng_32_method = {
	.name = "32",
	.fill = my_rng_32_fill,
};

static const struct my_rng_method my_rng_32_ram_method = {
	.name = "ram-32",
	.fill = my_rng_32_fill,
};

const struct my_rng_path my_rng_path_32 = {
	.name = "32",
	.cap = MY_RNG_CAP_RNG32,
	.method = &my_rng_32_method,
	.ram = &my_rng_32_ram_method,
};
