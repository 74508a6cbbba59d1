// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads straight into the caller's pages: every way they can lie, every kind of
 * memory they can be, and what must not be touched.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define PAGE  4096u
#define BIG   (1u << 20)
#define FILL  0xa5
#define GUARD 64u

static uint8_t *map_memory(size_t len, int prot)
{
	uint8_t *p = mmap(NULL, len, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static bool all_fill(const uint8_t *p, size_t n)
{
	size_t i;

	for (i = 0; i < n && p[i] == FILL; i++)
		;
	return i == n;
}

/* A read to @to amid guard bytes; @word is moved on */
static bool exact(const struct target *t, int fd, uint8_t *to, size_t n,
		  size_t *word)
{
	bool ok;

	memset(to - GUARD, FILL, n + 2 * GUARD);
	ok = read(fd, to, n) == (ssize_t)n && stream_is(t, *word, to, n) &&
	     all_fill(to - GUARD, GUARD) && all_fill(to + n, GUARD);
	if (!ok)
		tap_note("%zu bytes at offset %zu of a page", n,
			 (size_t)to % PAGE);
	*word += words_of(n);
	return ok;
}

/* Odd ends and lengths around the borders of pages, with nothing copied */
static void test_offsets(const struct target *t)
{
	static const size_t offsets[] = { 0,    1,    2,    3,    5,   7,
					  4089, 4090, 4092, 4093, 4095 };
	static const size_t lengths[] = { 1,    2,    3,    4,    5,    7,
					  8,    9,    4090, 4095, 4096, 4097,
					  8191, 8192, 8193, 40001 };
	uint8_t *map = map_memory(16 * PAGE, PROT_READ | PROT_WRITE);
	int fd = target_open(t, 0);
	size_t i, k, word = 0;
	bool ok = map && seed(fd);

	param_set("zc_min", "0");
	for (i = 0; i < ARRAY_SIZE(offsets); i++)
		for (k = 0; k < ARRAY_SIZE(lengths); k++)
			ok = ok && exact(t, fd, map + PAGE + offsets[i],
					 lengths[k], &word);
	tap_ok(ok, "odd-offsets-and-lengths-are-exact");
	munmap(map, 16 * PAGE);
	map = map_memory(3 * BIG, PROT_READ | PROT_WRITE);
	ok = map && seed(fd);
	word = 0;
	ok = ok && exact(t, fd, map + 77, BIG, &word) &&
	     exact(t, fd, map + PAGE, 2 * BIG + 4093, &word);
	tap_ok(ok, "split-at-the-limit-is-exact");
	munmap(map, 3 * BIG);
	param_set("zc_min", "16384");
	close(fd);
}

static bool stats(int fd, struct my_rng_stats *s)
{
	return ioctl(fd, MY_RNG_IOC_STATS, s) == 0;
}

/* One read and what it counts but for the registers written, which it returns */
static uint64_t writes_of(const struct target *t, int fd, void *to, size_t n,
			  bool *ok)
{
	const size_t requests =
		target_queue(t) ? queue_pieces(to, n, QUEUE_SPLIT) : 1;
	struct my_rng_stats got;
	const __u64 *d = got.count;

	*ok = *ok && counts_of(fd, to, n, &got);
	*ok = *ok && d[MY_RNG_STAT_DMAS] == requests &&
	      d[MY_RNG_STAT_DMA_BYTES] == n &&
	      d[MY_RNG_STAT_WORDS] == words_of(n) &&
	      d[MY_RNG_STAT_IRQS] == target_by_irq(t) &&
	      !d[MY_RNG_STAT_MMIO_READS] && !d[MY_RNG_STAT_ERRORS];
	if (!*ok)
		tap_note("%zu bytes: %llu requests of %llu bytes, %llu "
			 "interrupts",
			 n, (unsigned long long)d[MY_RNG_STAT_DMAS],
			 (unsigned long long)d[MY_RNG_STAT_DMA_BYTES],
			 (unsigned long long)d[MY_RNG_STAT_IRQS]);
	return *ok ? d[MY_RNG_STAT_MMIO_WRITES] : 0;
}

static void test_counts_zc(const struct target *t)
{
	static const size_t sizes[] = { ZC_MIN, CHUNK, BIG - 4093, BIG };
	uint8_t *map = map_memory(2 * BIG, PROT_READ | PROT_WRITE);
	int fd = target_open(t, 0);
	bool queue = target_queue(t);
	size_t i;

	memset(map, 0, 2 * BIG);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		bool ok = read(fd, map, 2) == 2 &&
			  (!queue || read(fd, map, ZC_MIN) == ZC_MIN);
		uint64_t first = writes_of(t, fd, map + 1, sizes[i], &ok);
		uint64_t again = writes_of(t, fd, map + 1, sizes[i], &ok);

		/*
		 * Length, descriptors, doorbell; then the doorbell alone. A
		 * queue's doorbell is no write to the device
		 */
		ok = ok && (queue ? !first && !again
				  : first >= 2 && first <= 3 && again == 1);
		if (!ok)
			tap_note("%llu writes, then %llu",
				 (unsigned long long)first,
				 (unsigned long long)again);
		tap_ok(ok, "zero-copy-read-of-%zu-is-one-doorbell", sizes[i]);
	}
	munmap(map, 2 * BIG);
	close(fd);
}

/* No word is used and no byte written where the first page already is bad */
static void test_faults(const struct target *t)
{
	uint8_t *map = map_memory(64 * PAGE, PROT_READ | PROT_WRITE);
	int fd = target_open(t, 0);
	struct my_rng_stats before, after;
	bool ok = map && seed(fd) && stats(fd, &before);
	ssize_t got;

	memset(map, FILL, 64 * PAGE);
	mprotect(map, 32 * PAGE, PROT_READ);
	ok = ok && read(fd, map + 5, 20 * PAGE) == -1 && errno == EFAULT &&
	     all_fill(map, 64 * PAGE);
	tap_ok(ok, "read-only-pages-give-efault");
	mprotect(map, 32 * PAGE, PROT_NONE);
	ok = read(fd, map + 5, 40 * PAGE) == -1 && errno == EFAULT &&
	     all_fill(map + 32 * PAGE, 32 * PAGE);
	tap_ok(ok, "pages-without-access-give-efault");
	ok = read(fd, (void *)0xffff800000000000ull, BIG) == -1 &&
	     errno == EFAULT && read(fd, (void *)-BIG, 2 * BIG) == -1 &&
	     errno == EFAULT && stats(fd, &after);
	tap_ok(ok &&
		       before.count[MY_RNG_STAT_WORDS] ==
			       after.count[MY_RNG_STAT_WORDS] &&
		       before.count[MY_RNG_STAT_KICKS] ==
			       after.count[MY_RNG_STAT_KICKS] &&
		       before.count[MY_RNG_STAT_MMIO_WRITES] ==
			       after.count[MY_RNG_STAT_MMIO_WRITES],
	       "faults-do-not-reach-the-device");
	mprotect(map, 32 * PAGE, PROT_READ | PROT_WRITE);
	munmap(map + 40 * PAGE, PAGE);
	got = read(fd, map + 3, 60 * PAGE);
	if (got != 40 * PAGE - 3)
		tap_note("read gave %zd", got);
	ok = got == 40 * PAGE - 3 && stream_is(t, 0, map + 3, got) &&
	     all_fill(map + 41 * PAGE, 23 * PAGE) &&
	     read(fd, map, 5 * PAGE) == 5 * PAGE &&
	     stream_is(t, words_of(got), map, 5 * PAGE);
	tap_ok(ok, "hole-in-the-middle-gives-what-is-before-it");
	munmap(map, 40 * PAGE);
	munmap(map + 41 * PAGE, 23 * PAGE);
	close(fd);
}

/* A file of FILL bytes, mapped; the file stays open in @file */
static uint8_t *map_file(const char *path, size_t len, int flags, int *file)
{
	uint8_t *p = malloc(len);

	*file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (*file < 0 || !p)
		return NULL;
	memset(p, FILL, len);
	if (write(*file, p, len) != (ssize_t)len)
		return NULL;
	free(p);
	p = mmap(NULL, len, PROT_READ | PROT_WRITE, flags, *file, 0);
	return p == MAP_FAILED ? NULL : p;
}

static void test_files(const struct target *t)
{
	const size_t len = 20 * PAGE;
	uint8_t *copy = malloc(len), *map;
	int fd = target_open(t, 0), file;
	bool ok;

	map = map_file("/tmp/zc", len, MAP_PRIVATE, &file);
	ok = map && seed(fd) && read(fd, map, len) == (ssize_t)len &&
	     stream_is(t, 0, map, len) &&
	     pread(file, copy, len, 0) == (ssize_t)len && all_fill(copy, len);
	tap_ok(ok, "private-file-mapping-spares-the-file");
	munmap(map, len);
	close(file);
	map = map_file("/tmp/zc", len, MAP_SHARED, &file);
	ok = map && seed(fd) && read(fd, map, len) == (ssize_t)len &&
	     munmap(map, len) == 0 &&
	     pread(file, copy, len, 0) == (ssize_t)len &&
	     stream_is(t, 0, copy, len);
	tap_ok(ok, "shared-file-mapping-changes-the-file");
	close(file);
	unlink("/tmp/zc");
	free(copy);
	close(fd);
}

/* Runs @check in a child once something comes through @go */
static pid_t child_check(int go[2], bool (*check)(void *arg), void *arg)
{
	char byte;
	pid_t pid;

	if (pipe(go))
		return -1;
	pid = fork();
	if (pid)
		return pid;
	close(go[1]);
	_exit(read(go[0], &byte, 1) == 1 && check(arg) ? 0 : 1);
}

static bool child_ok(int go[2], pid_t pid)
{
	int status = -1;
	bool ok = pid > 0 && write(go[1], "", 1) == 1 &&
		  waitpid(pid, &status, 0) == pid && status == 0;

	close(go[0]);
	close(go[1]);
	return ok;
}

static bool is_untouched(void *arg)
{
	return all_fill(arg, BIG);
}

/* Pages shared by fork are the writer's own once the device has written them */
static void test_fork(const struct target *t)
{
	uint8_t *map = map_memory(BIG, PROT_READ | PROT_WRITE);
	int fd = target_open(t, 0), go[2];
	pid_t pid;
	bool ok;

	memset(map, FILL, BIG);
	pid = child_check(go, is_untouched, map);
	ok = seed(fd) && read(fd, map, BIG) == BIG && stream_is(t, 0, map, BIG);
	tap_ok(child_ok(go, pid) && ok, "child-of-fork-is-unaffected");
	munmap(map, BIG);
	close(fd);
}

static void test_zc_min(void)
{
	char now[16];
	bool ok;

	ok = param_set("zc_min", "65537") == EINVAL &&
	     param_set("zc_min", "bogus") == EINVAL &&
	     param_set("zc_min", "-1") == EINVAL &&
	     param_get("zc_min", now, sizeof(now)) && !strcmp(now, "16384") &&
	     param_set("zc_min", "65536") == 0 && param_set("zc_min", "0") == 0;
	tap_ok(ok, "zc_min-is-checked");
	param_set("zc_min", "16384");
}

/** test_iommu() - the device of a path has addresses of its own */
void test_iommu(const struct target *t)
{
	char name[80], type[16];
	bool ok;

	snprintf(name, sizeof(name), "/sys/bus/pci/devices/%s/iommu_group/type",
		 t->pci);
	ok = file_read(name, type, sizeof(type));
	tap_ok(ok && (!strcmp(type, "DMA") || !strcmp(type, "DMA-FQ")),
	       "device-is-behind-an-iommu");
}

/** test_zero_copy() - reads straight into the caller's pages */
void test_zero_copy(const struct target *t)
{
	if (!target_zero_copy(t))
		return;
	test_zc_min();
	test_offsets(t);
	test_counts_zc(t);
	test_faults(t);
	test_files(t);
	test_fork(t);
}
