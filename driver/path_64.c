// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Read path 64: one 64-bit register read per two words.
 *
 * A rest of 1 to 4 bytes is one 32-bit read, of 5 to 7 bytes one more 64-bit
 * read, so that n bytes always take ceil(n / 4) words of the stream.
 */
#include <linux/io-64-nonatomic-lo-hi.h>
#include <linux/minmax.h>

#include "my_rng_drv.h"

#define BURST_PAIRS (SZ_2K / sizeof(u64))

static ssize_t my_rng_64_fill(struct my_rng_dev *mr, size_t len, bool nonblock)
{
	size_t words = DIV_ROUND_UP(len, sizeof(u32));
	size_t pairs = words / 2;
	__le64 *out = mr->buf;
	size_t done = 0;

	while (done < pairs) {
		size_t end = min(pairs, done + BURST_PAIRS);

		while (done < end)
			out[done++] =
				cpu_to_le64(readq(mr->regs + MY_RNG_REG_RNG64));
		if (done < pairs && my_rng_pause())
			return done * sizeof(u64);
	}
	if (words & 1)
		*(__le32 *)(out + done) =
			cpu_to_le32(readl(mr->regs + MY_RNG_REG_RNG));
	return len;
}

static const struct my_rng_method my_rng_64_method = {
	.name = "64",
	.fill = my_rng_64_fill,
};

static const struct my_rng_method my_rng_64_ram_method = {
	.name = "ram-64",
	.fill = my_rng_64_fill,
};

const struct my_rng_path my_rng_path_64 = {
	.name = "64",
	.cap = MY_RNG_CAP_RNG64,
	.method = &my_rng_64_method,
	.ram = &my_rng_64_ram_method,
};
