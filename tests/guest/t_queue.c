// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads in several requests kept in flight: every split and depth, what they
 * count, memory that ends in one of them, readers together, a device that goes.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest.h"

#define DRIVER "/sys/bus/pci/drivers/my_rng"
#define PAGE   4096u
#define MIB    (1u << 20)
#define MEMORY (4 * MIB)
#define FILL   0xa5

static bool set(const char *name, unsigned int value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	return param_set(name, text) == 0;
}

/* Of the queue only: params_default() would have files opened by another path */
static void defaults(void)
{
	set("queue_split", QUEUE_SPLIT);
	set("queue_depth", 8);
	set("irq_frames", 0);
	set("irq_usecs", 0);
}

static bool all_fill(const uint8_t *from, const uint8_t *to)
{
	while (from < to && *from == FILL)
		from++;
	return from == to;
}

/* A read to @at of the memory, which is otherwise left as it is */
static bool exact(const struct target *t, int fd, uint8_t *map, size_t at,
		  size_t n, size_t *word)
{
	ssize_t got;
	bool ok;

	memset(map, FILL, MEMORY);
	got = read(fd, map + at, n);
	ok = got == (ssize_t)n && stream_is(t, *word, map + at, n) &&
	     all_fill(map, map + at) && all_fill(map + at + n, map + MEMORY);
	if (!ok)
		tap_note("%zu bytes at %zu: read gave %zd", n, at, got);
	*word += words_of(n);
	return ok;
}

static void test_splits(const struct target *t, int fd, uint8_t *map)
{
	static const struct {
		unsigned int split, depth;
	} ways[] = {
		{ PAGE, 1 },   { PAGE, 16 },  { 5000, 3 },    { 65536, 2 },
		{ 65536, 16 }, { 262144, 8 }, { 1000000, 4 }, { MIB, 16 }
	};
	static const struct {
		size_t at, n;
	} reads[] = {
		{ 0, MIB },     { 1, MIB },          { 4095, 70001 },
		{ 4093, 9000 }, { 77, 3 * MIB + 5 }, { 2 * PAGE + 2, 262144 },
		{ 3, 262145 },  { 8190, 2 * MIB },
	};
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		size_t word = 0;
		bool ok = set("queue_split", ways[i].split) &&
			  set("queue_depth", ways[i].depth) && seed(fd);

		for (k = 0; k < ARRAY_SIZE(reads); k++)
			ok = ok &&
			     exact(t, fd, map, reads[k].at, reads[k].n, &word);
		tap_ok(ok, "split-%u-depth-%u-is-exact", ways[i].split,
		       ways[i].depth);
	}
	defaults();
}

/*
 * Requests and interrupts of a read of 1 MiB: the last one's, where it waits for
 * interrupts; each half of what may be in flight, where that is less than the
 * read; and what the device is told to send. Those that are due at once share one.
 */
static const struct {
	unsigned int split, depth, frames, requests, irqs;
	unsigned int
		polled; /* interrupts of a read that does not wait for any */
} coalescing[] = {
	{ 262144, 8, 0, 4, 1, 0 },   { MIB, 8, 0, 1, 1, 0 },
	{ 65536, 16, 0, 16, 1, 0 },  { 65536, 8, 0, 16, 4, 0 },
	{ 65536, 2, 0, 16, 16, 0 },  { 65536, 16, 1, 16, 16, 16 },
	{ 65536, 16, 4, 16, 4, 4 },  { 65536, 16, 8, 16, 2, 2 },
	{ 65536, 16, 16, 16, 1, 1 },
};

static void test_coalescing(const struct target *t, int fd, uint8_t *map)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(coalescing); i++) {
		const unsigned int irqs = target_by_irq(t)
						  ? coalescing[i].irqs
						  : coalescing[i].polled;
		struct my_rng_stats got;
		const __u64 *c = got.count;
		/* The device is told of the parameters by the first read */
		bool ok = set("queue_split", coalescing[i].split) &&
			  set("queue_depth", coalescing[i].depth) &&
			  set("irq_frames", coalescing[i].frames) &&
			  read(fd, map, ZC_MIN) == ZC_MIN &&
			  counts_of(fd, map, MIB, &got);

		ok = ok && c[MY_RNG_STAT_DMAS] == coalescing[i].requests &&
		     c[MY_RNG_STAT_DMA_BYTES] == MIB &&
		     c[MY_RNG_STAT_IRQS] <= irqs &&
		     !c[MY_RNG_STAT_IRQS] == !irqs &&
		     c[MY_RNG_STAT_KICKS] <= c[MY_RNG_STAT_DMAS] &&
		     !c[MY_RNG_STAT_MMIO_WRITES] && !c[MY_RNG_STAT_MMIO_READS];
		if (!ok)
			tap_note("%llu requests, %llu interrupts",
				 (unsigned long long)c[MY_RNG_STAT_DMAS],
				 (unsigned long long)c[MY_RNG_STAT_IRQS]);
		tap_ok(ok, "split-%u-depth-%u-frames-%u-counts",
		       coalescing[i].split, coalescing[i].depth,
		       coalescing[i].frames);
	}
	defaults();
}

/* The time is up long before we look: each read's requests got an interrupt */
static void test_usecs(int fd, uint8_t *map)
{
	struct my_rng_stats before, after;
	bool ok = set("irq_usecs", 1) && read(fd, map, ZC_MIN) == ZC_MIN;
	int i = 0;

	ok = ok && !ioctl(fd, MY_RNG_IOC_STATS, &before) &&
	     read(fd, map, MIB) == MIB;
	do {
		usleep(1000);
		ok = ok && !ioctl(fd, MY_RNG_IOC_STATS, &after);
	} while (ok && i++ < 5000 &&
		 after.count[MY_RNG_STAT_IRQS] ==
			 before.count[MY_RNG_STAT_IRQS]);
	tap_ok(ok && after.count[MY_RNG_STAT_IRQS] >
			       before.count[MY_RNG_STAT_IRQS],
	       "irq_usecs-gives-an-interrupt");
	defaults();
}

/* What lies before the memory's end comes, and no word more is used */
static void test_ends(const struct target *t, int fd, uint8_t *map)
{
	static const size_t ends[] = { 0, 1, 15, 16, 17, 100, 255 };
	uint8_t *to = map + PAGE + 8;
	size_t i;

	set("queue_split", 65536);
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		const size_t want = ends[i] ? ends[i] * PAGE - 8 : 0;
		uint8_t *end = map + PAGE + ends[i] * PAGE;
		ssize_t got;
		bool ok;

		memset(map, FILL, MEMORY);
		mprotect(end, PAGE, PROT_READ);
		ok = seed(fd);
		got = read(fd, to, MIB + PAGE);
		ok = ok &&
		     (want ? got == (ssize_t)want
			   : got == -1 && errno == EFAULT) &&
		     stream_is(t, 0, to, want) && all_fill(map, to) &&
		     all_fill(end, map + MEMORY);
		mprotect(end, PAGE, PROT_READ | PROT_WRITE);
		ok = ok && read(fd, map, MIB) == MIB &&
		     stream_is(t, words_of(want), map, MIB);
		if (!ok)
			tap_note("read gave %zd", got);
		tap_ok(ok, "memory-that-ends-after-%zu-pages", ends[i]);
	}
	defaults();
}

static void test_nonblock(const struct target *t, uint8_t *map)
{
	int fd = target_open(t, O_NONBLOCK);
	struct my_rng_stats got;
	bool ok = seed(fd) && counts_of(fd, map, 3 * MIB, &got) &&
		  stream_is(t, 0, map, 3 * MIB) &&
		  got.count[MY_RNG_STAT_IRQS] == 0;

	tap_ok(ok, "nonblock-read-polls");
	close(fd);
}

static void test_refused(void)
{
	static const char *const bad[][2] = {
		{ "queue_split", "4095" }, { "queue_split", "1048577" },
		{ "queue_split", "x" },    { "queue_depth", "0" },
		{ "queue_depth", "17" },   { "irq_frames", "-1" },
		{ "irq_usecs", "x" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		tap_ok(param_set(bad[i][0], bad[i][1]) == EINVAL,
		       "%s-is-not-%s", bad[i][0], bad[i][1]);
}

/* Reads of 2 MiB until one fails; each request's words are a run of the stream */
struct reader {
	pthread_t thread;
	int fd;
	unsigned int reads; /* at most */
	volatile unsigned int done;
	int error;
	uint32_t *words;
};

#define READ (2 * MIB)

static void *reader_thread(void *arg)
{
	struct reader *r = arg;
	unsigned int i;

	for (i = 0; i < r->reads && !r->error; i++) {
		ssize_t got = read(r->fd, r->words, READ);

		if (got < 0)
			r->error = errno;
		r->done++;
	}
	return NULL;
}

static void start_readers(const struct target *t, struct reader *r, size_t n,
			  unsigned int reads)
{
	size_t i;

	for (i = 0; i < n; i++) {
		r[i] = (struct reader){ .fd = target_open(t, 0),
					.reads = reads,
					.words = aligned_alloc(PAGE, READ) };
		memset(r[i].words, 0, READ);
	}
	seed(r[0].fd);
	for (i = 0; i < n; i++)
		pthread_create(&r[i].thread, NULL, reader_thread, &r[i]);
}

static void end_readers(struct reader *r, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		pthread_join(r[i].thread, NULL);
		free(r[i].words);
		close(r[i].fd);
	}
}

/* Where in the stream a request's words are; SIZE_MAX: nowhere */
static size_t find_run(const uint32_t *words, size_t n, size_t runs)
{
	size_t i;

	for (i = 0; i < runs; i++)
		if (words[0] == stream_word(i * n) &&
		    words[n - 1] == stream_word(i * n + n - 1))
			return i;
	return SIZE_MAX;
}

/* One read each, at once: requests of both, each a run, each run once */
static void test_together(const struct target *t)
{
	const size_t run = 65536 / 4, runs = 2 * READ / 65536;
	uint8_t seen[2 * READ / 65536] = {};
	struct reader r[2];
	bool ok = true;
	size_t i, k;

	set("queue_split", 65536);
	start_readers(t, r, 2, 1);
	for (i = 0; i < 2; i++)
		pthread_join(r[i].thread, NULL);
	for (i = 0; i < 2; i++) {
		size_t last = 0;

		for (k = 0; k < READ / 65536; k++) {
			const uint32_t *words = r[i].words + k * run;
			size_t at = find_run(words, run, runs);

			ok = ok && at < runs && !seen[at]++ &&
			     (!k || at > last) &&
			     stream_is(t, at * run, words, 65536);
			last = at;
		}
		free(r[i].words);
		close(r[i].fd);
	}
	tap_ok(ok, "readers-together-share-the-stream");
	defaults();
}

/* With requests in flight: the driver goes, and bus mastering does */
static void test_taken_away(const struct target *t)
{
	struct reader r[2];
	uint8_t *buf = malloc(MIB);
	bool ok;
	int fd;

	start_readers(t, r, 2, UINT32_MAX);
	while (!r[0].done || !r[1].done)
		usleep(1000);
	ok = file_write(DRIVER "/unbind", t->pci) == 0;
	end_readers(r, 2);
	ok = ok && r[0].error == ENODEV && r[1].error == ENODEV &&
	     wait_for_file(t->node, false) &&
	     file_write(DRIVER "/bind", t->pci) == 0 &&
	     wait_for_file(t->node, true);
	tap_ok(ok, "unbind-with-requests-in-flight");
	fd = target_open(t, 0);
	tap_ok(seed(fd) && read(fd, buf, MIB) == MIB &&
		       stream_is(t, 0, buf, MIB),
	       "bind-after-requests-in-flight");
	start_readers(t, r, 2, UINT32_MAX);
	while (!r[0].done || !r[1].done)
		usleep(1000);
	ok = set_master(t, false);
	end_readers(r, 2);
	tap_ok(ok && r[0].error == EIO && r[1].error == EIO,
	       "bus-mastering-off-with-requests-in-flight");
	tap_ok(read(fd, buf, MIB) == -1 && errno == EIO &&
		       set_master(t, true) && seed(fd) &&
		       read(fd, buf, MIB) == MIB && stream_is(t, 0, buf, MIB),
	       "works-after-requests-in-flight-failed");
	close(fd);
	free(buf);
}

/* Without a file that reads by it the queue is off: two files, then one, then none */
static void test_off(const struct target *t, uint8_t *map)
{
	int fd = target_open(t, 0), other = target_open(t, 0);
	struct my_rng_stats got;
	bool ok = read(fd, map, ZC_MIN) == ZC_MIN &&
		  read(other, map, ZC_MIN) == ZC_MIN;

	close(other);
	tap_ok(ok && counts_of(fd, map, ZC_MIN, &got) &&
		       !got.count[MY_RNG_STAT_MMIO_WRITES],
	       "queue-stays-on-for-another-file");
	close(fd);
	fd = target_open(t, 0);
	tap_ok(counts_of(fd, map, ZC_MIN, &got) &&
		       got.count[MY_RNG_STAT_MMIO_WRITES] == 5 &&
		       got.count[MY_RNG_STAT_MMIO_READS] == 1,
	       "queue-is-off-without-a-file");
	close(fd);
}

/** test_queue() - requests kept in flight */
void test_queue(const struct target *t)
{
	uint8_t *map;
	int fd;

	if (!target_queue(t))
		return;
	map = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	fd = target_open(t, 0);
	test_refused();
	test_splits(t, fd, map);
	test_coalescing(t, fd, map);
	test_usecs(fd, map);
	test_ends(t, fd, map);
	test_nonblock(t, map);
	close(fd);
	test_off(t, map);
	munmap(map, MEMORY);
	test_together(t);
	test_taken_away(t);
}
