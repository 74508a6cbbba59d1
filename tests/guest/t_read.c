// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * read(2): every size, alignment and sequence gives the stream's bytes, and the
 * device's counters show exactly the accesses that it has to take.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "guest.h"

#define GUARD 64u
#define FILL  0xa5

static const size_t sizes[] = { 0, 1, 3, 4, 7, 8, 4095, 4096, 4097, 1 << 20 };

/* As sizes, but one after the other from one seed; over a chunk, odd, tiny */
static const size_t sequence[] = { 7, 65541, 1,  4096,  3, 131072,
				   5, 8,     63, 65536, 2, 100001 };

static bool guards_intact(const uint8_t *buf, size_t off, size_t n, size_t end)
{
	size_t i;

	for (i = 0; i < end; i++) {
		if (i == off)
			i += n;
		if (i < end && buf[i] != FILL) {
			tap_note("byte %zd beside the buffer was written",
				 (ssize_t)(i - off));
			return false;
		}
	}
	return true;
}

/* One read into a place @shift bytes off alignment; @word is moved on */
static bool read_checked(const struct target *t, int fd, size_t n, size_t shift,
			 size_t *word)
{
	size_t end = n + 2 * GUARD + shift;
	uint8_t *buf = malloc(end);
	ssize_t got;
	bool ok;

	if (!buf)
		return false;
	memset(buf, FILL, end);
	got = read(fd, buf + GUARD + shift, n);
	if (got != (ssize_t)n)
		tap_note("read of %zu bytes gave %zd", n, got);
	ok = got == (ssize_t)n && stream_is(t, *word, buf + GUARD + shift, n) &&
	     guards_intact(buf, GUARD + shift, n, end);
	*word += words_of(n);
	free(buf);
	return ok;
}

/** test_read() - bytes of every size and of a sequence of sizes */
void test_read(const struct target *t)
{
	static const size_t shifts[] = { 0, 1, 3 };
	int fd = target_open(t, 0);
	size_t i, k, word;
	bool ok;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		ok = seed(fd);
		for (k = 0, word = 0; k < ARRAY_SIZE(shifts); k++)
			ok = read_checked(t, fd, sizes[i], shifts[k], &word) &&
			     ok;
		tap_ok(ok, "read-of-%zu-gives-the-stream", sizes[i]);
	}
	ok = seed(fd);
	for (i = 0, word = 0; i < ARRAY_SIZE(sequence); i++)
		ok = read_checked(t, fd, sequence[i], i % 8, &word) && ok;
	tap_ok(ok, "sequence-of-sizes-gives-the-stream");
	close(fd);
}

static const char *const stat_names[] = {
	[MY_RNG_STAT_MMIO_READS] = "MMIO reads",
	[MY_RNG_STAT_MMIO_WRITES] = "MMIO writes",
	[MY_RNG_STAT_PIO_READS] = "port reads",
	[MY_RNG_STAT_PIO_WRITES] = "port writes",
	[MY_RNG_STAT_DMAS] = "DMA requests",
	[MY_RNG_STAT_DMA_BYTES] = "DMA bytes",
	[MY_RNG_STAT_IRQS] = "interrupts",
	[MY_RNG_STAT_ADMIN] = NULL, /* ours to read the others */
	[MY_RNG_STAT_WORDS] = "words",
	[MY_RNG_STAT_ERRORS] = "errors",
	[MY_RNG_STAT_KICKS] = "doorbells",
};

static bool counts_are(const struct my_rng_stats *before,
		       const struct my_rng_stats *after,
		       const struct my_rng_stats *want)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < MY_RNG_STAT_COUNT; i++) {
		uint64_t got = after->count[i] - before->count[i];

		if (!stat_names[i] || got == want->count[i])
			continue;
		tap_note("%s: %llu, expected %llu", stat_names[i],
			 (unsigned long long)got,
			 (unsigned long long)want->count[i]);
		ok = false;
	}
	return ok;
}

/* What one request to the device costs; @dma_len: what DMA_LEN holds */
static void add_chunk(const struct target *t, size_t n, size_t *dma_len,
		      struct my_rng_stats *want)
{
	size_t words = words_of(n);
	size_t depth = t->info.fifo_depth;
	__u64 *c = want->count;

	c[MY_RNG_STAT_WORDS] += words;
	if (target_is(t, "32")) {
		c[MY_RNG_STAT_MMIO_READS] += words;
	} else if (target_is(t, "64")) {
		c[MY_RNG_STAT_MMIO_READS] += words / 2 + words % 2;
	} else if (target_is(t, "fifo")) {
		c[MY_RNG_STAT_PIO_READS] += words + (words + depth - 1) / depth;
	} else if (target_is(t, "fifo-mmio")) {
		c[MY_RNG_STAT_MMIO_READS] +=
			words + (words + depth - 1) / depth;
	} else if (t->info.cap & MY_RNG_CAP_WINDOW) {
		c[MY_RNG_STAT_MMIO_WRITES]++;
	} else {
		c[MY_RNG_STAT_MMIO_WRITES] += 1 + (n != *dma_len);
		c[MY_RNG_STAT_DMAS]++;
		c[MY_RNG_STAT_DMA_BYTES] += n;
		c[MY_RNG_STAT_IRQS] += target_by_irq(t);
		*dma_len = n;
	}
}

static struct my_rng_stats cost_of_read(const struct target *t, size_t n,
					size_t *dma_len)
{
	struct my_rng_stats want = {};

	while (n) {
		size_t chunk = target_chunk(t);

		if (chunk > n)
			chunk = n;
		add_chunk(t, chunk, dma_len, &want);
		n -= chunk;
	}
	return want;
}

static bool read_costs(const struct target *t, int fd, size_t n,
		       size_t *dma_len)
{
	struct my_rng_stats want = cost_of_read(t, n, dma_len);
	struct my_rng_stats before, after;
	uint8_t *buf = malloc(n + 1);
	bool ok;

	ok = buf && ioctl(fd, MY_RNG_IOC_STATS, &before) == 0 &&
	     read(fd, buf, n) == (ssize_t)n &&
	     ioctl(fd, MY_RNG_IOC_STATS, &after) == 0;
	ok = ok && counts_are(&before, &after, &want);
	free(buf);
	return ok;
}

static bool ioctl_costs(int fd, unsigned long cmd, void *arg, unsigned int stat,
			uint64_t words)
{
	struct my_rng_stats before, after, want = {};

	if (stat < MY_RNG_STAT_COUNT)
		want.count[stat] = 1;
	want.count[MY_RNG_STAT_WORDS] = words;
	return ioctl(fd, MY_RNG_IOC_STATS, &before) == 0 &&
	       ioctl(fd, cmd, arg) == 0 &&
	       ioctl(fd, MY_RNG_IOC_STATS, &after) == 0 &&
	       counts_are(&before, &after, &want);
}

/** test_counts() - accesses per request: after another size, then repeated */
void test_counts(const struct target *t)
{
	int fd = target_open(t, 0);
	size_t i, dma_len;
	struct my_rng_info info;
	uint32_t value = SEED;
	uint8_t two[2];
	bool ok;

	/* A ring is filled ahead of requests; test_ring() counts there */
	if (target_is_null(t) || target_is(t, "ring")) {
		close(fd);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		/* What these cost depends on where the pages lie: t_zc.c */
		if (target_zero_copy(t) && sizes[i] >= ZC_MIN)
			continue;
		ok = read(fd, two, sizeof(two)) == sizeof(two);
		dma_len = sizeof(two);
		ok = ok && read_costs(t, fd, sizes[i], &dma_len);
		tap_ok(ok, "read-of-%zu-takes-exact-accesses", sizes[i]);
		ok = ok && read_costs(t, fd, sizes[i], &dma_len);
		tap_ok(ok, "repeated-read-of-%zu-takes-exact-accesses",
		       sizes[i]);
	}
	tap_ok(ioctl_costs(fd, MY_RNG_IOC_GET, &value, MY_RNG_STAT_MMIO_READS,
			   1),
	       "ioctl-get-is-one-mmio-read");
	tap_ok(ioctl_costs(fd, MY_RNG_IOC_SEED, &value, MY_RNG_STAT_MMIO_WRITES,
			   0),
	       "ioctl-seed-is-one-mmio-write");
	tap_ok(ioctl_costs(fd, MY_RNG_IOC_NOP, NULL, MY_RNG_STAT_COUNT, 0) &&
		       ioctl_costs(fd, MY_RNG_IOC_MARK, &value,
				   MY_RNG_STAT_COUNT, 0) &&
		       ioctl_costs(fd, MY_RNG_IOC_INFO, &info,
				   MY_RNG_STAT_COUNT, 0),
	       "nop-mark-info-leave-the-data-path-alone");
	close(fd);
}
