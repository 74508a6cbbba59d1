// SPDX-License-Identifier: GPL-2.0-or-later
/* Registered buffers: reads into them, their limits, and their end. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define DRIVER "/sys/bus/pci/drivers/my_rng"
#define PAGE   4096u
#define LEN    (3u << 20)
#define FILL   0xa5
#define TURNS  200

static int do_register(int fd, const void *p, uint64_t len)
{
	struct my_rng_buf buf = { .addr = (uintptr_t)p, .len = len };

	return ioctl(fd, MY_RNG_IOC_BUF_REGISTER, &buf) ? errno : 0;
}

static int do_unregister(int fd)
{
	return ioctl(fd, MY_RNG_IOC_BUF_UNREGISTER) ? errno : 0;
}

static uint8_t *map_filled(size_t len)
{
	uint8_t *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	memset(p, FILL, len);
	return p;
}

static bool all_are(const uint8_t *p, size_t n, uint8_t byte)
{
	size_t i;

	for (i = 0; i < n && p[i] == byte; i++)
		;
	return i == n;
}

/* Parts of a buffer of odd bounds, the whole of it, and reads that leave it */
static void test_parts(const struct target *t, int fd, uint8_t *map)
{
	static const struct {
		size_t at, len;
	} parts[] = {
		{ 0, 1 },           { 1, 3 },
		{ 4090, 13 },       { 5, 4096 },
		{ 4096, 1 << 20 },  { 77, (1 << 20) + 4093 },
		{ 0, LEN - 4096 },  { LEN - 4096 - 9, 9 },
		{ 100000, 100000 }, { 1 << 20, 65536 },
	};
	uint8_t *buf = map + 33;
	size_t i, word = 0;
	bool ok;

	ok = do_register(fd, buf, LEN - PAGE) == 0 && seed(fd);
	for (i = 0; ok && i < ARRAY_SIZE(parts); i++) {
		size_t at = parts[i].at, len = parts[i].len;

		memset(map, FILL, LEN);
		ok = read(fd, buf + at, len) == (ssize_t)len &&
		     stream_is(t, word, buf + at, len) &&
		     all_are(map, 33 + at, FILL) &&
		     all_are(buf + at + len, LEN - 33 - at - len, FILL);
		if (!ok)
			tap_note("%zu bytes at %zu", len, at);
		word += words_of(len);
	}
	tap_ok(ok, "parts-of-a-registered-buffer-are-exact");
	memset(map, FILL, LEN);
	ok = seed(fd) && read(fd, map, 50000) == 50000 &&
	     stream_is(t, 0, map, 50000) &&
	     read(fd, buf + LEN - PAGE - 50000, 50001) == 50001 &&
	     stream_is(t, 12500, buf + LEN - PAGE - 50000, 50001);
	tap_ok(ok, "reads-beyond-a-registered-buffer-work");
	tap_ok(do_unregister(fd) == 0, "unregister");
}

/* No page is looked at: one doorbell from the second time on, small or large */
static void test_counts_buf(const struct target *t, int fd, uint8_t *map)
{
	static const size_t sizes[] = { 4, 4096, 65536, 1 << 20 };
	bool ok = do_register(fd, map, LEN) == 0, queue = target_queue(t);
	struct my_rng_stats got;
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		uint64_t want[MY_RNG_STAT_COUNT] = {
			[MY_RNG_STAT_MMIO_WRITES] = !queue,
			[MY_RNG_STAT_DMAS] =
				queue ? queue_pieces(map, sizes[i], QUEUE_SPLIT)
				      : 1,
			[MY_RNG_STAT_DMA_BYTES] = sizes[i],
			[MY_RNG_STAT_IRQS] = target_by_irq(t),
			[MY_RNG_STAT_WORDS] = words_of(sizes[i]),
		};

		ok = ok && read(fd, map, sizes[i]) == (ssize_t)sizes[i] &&
		     counts_of(fd, map, sizes[i], &got);
		for (k = 0; k < MY_RNG_STAT_COUNT; k++)
			ok = ok && (k == MY_RNG_STAT_ADMIN ||
				    k == MY_RNG_STAT_KICKS ||
				    got.count[k] == want[k]);
		ok = ok && got.count[MY_RNG_STAT_KICKS] <=
				   (queue ? want[MY_RNG_STAT_DMAS] : 0);
	}
	tap_ok(ok, "registered-reads-are-one-doorbell");
	do_unregister(fd);
}

static void test_refusals(const struct target *t, int fd, uint8_t *map)
{
	uint8_t *ram = MAP_FAILED;
	int file = -1, copying = target_open_copying(t);
	bool ok;

	ok = do_unregister(fd) == ENXIO && do_register(fd, map, 0) == EINVAL &&
	     do_register(fd, map, MY_RNG_BUF_MAX + 1) == EINVAL &&
	     do_register(fd, map, UINT64_MAX) == EINVAL &&
	     do_register(fd, (void *)-64, 128) == EINVAL &&
	     do_register(fd, NULL, 4096) == EFAULT &&
	     ioctl(fd, MY_RNG_IOC_BUF_REGISTER, NULL) == -1 && errno == EFAULT;
	tap_ok(ok, "bad-buffers-are-refused");
	ok = do_register(copying, map, LEN) == ENOTTY &&
	     do_unregister(copying) == ENOTTY;
	tap_ok(ok, "copying-path-registers-nothing");
	close(copying);
	mprotect(map + LEN - PAGE, PAGE, PROT_READ);
	ok = do_register(fd, map, LEN) == EFAULT && do_unregister(fd) == ENXIO;
	mprotect(map + LEN - PAGE, PAGE, PROT_READ | PROT_WRITE);
	tap_ok(ok, "partly-read-only-buffer-is-refused");
	ok = do_register(fd, map, LEN) == 0 &&
	     do_register(fd, map, LEN) == EBUSY && do_unregister(fd) == 0 &&
	     do_register(fd, map, LEN) == 0 && do_unregister(fd) == 0;
	tap_ok(ok, "one-buffer-a-file");
	mkdir("/tmp/ram", 0700);
	if (!mount("ram", "/tmp/ram", "ramfs", 0, NULL)) {
		file = open("/tmp/ram/f", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (file >= 0 && !ftruncate(file, PAGE))
			ram = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				   MAP_SHARED, file, 0);
	}
	tap_ok(ram != MAP_FAILED && do_register(fd, ram, PAGE) == EOPNOTSUPP,
	       "pages-of-a-file-are-refused");
	munmap(ram, PAGE);
	close(file);
	umount("/tmp/ram");
}

/* Without privilege: as much as RLIMIT_MEMLOCK allows, again and again */
static int limited(int fd, uint8_t *map)
{
	const struct rlimit limit = { 16 * PAGE, 16 * PAGE };
	int i;

	if (setrlimit(RLIMIT_MEMLOCK, &limit) || setuid(1))
		return 1;
	for (i = 0; i < 3; i++)
		if (do_register(fd, map, 17 * PAGE) != ENOMEM ||
		    do_register(fd, map + 1, 16 * PAGE) != ENOMEM ||
		    do_register(fd, map, 16 * PAGE) || do_unregister(fd))
			return 2;
	return 0;
}

static void test_limit(const struct target *t, uint8_t *map)
{
	int fd = target_open(t, 0), status = -1;
	pid_t pid = fork();

	if (!pid)
		_exit(limited(fd, map));
	tap_ok(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0,
	       "memlock-limit-holds");
	close(fd);
}

/* Another process at the same addresses: what it reads is its own */
static int reads_its_own(const struct target *t, int fd, uint8_t *map)
{
	return !(read(fd, map, 1 << 20) == 1 << 20 &&
		 stream_is(t, 0, map, 1 << 20));
}

static void test_processes(const struct target *t, int fd, uint8_t *map)
{
	int status = -1;
	pid_t pid;
	bool ok;

	memset(map, FILL, LEN);
	ok = do_register(fd, map, LEN) == 0 && seed(fd);
	pid = fork();
	if (!pid)
		_exit(reads_its_own(t, fd, map));
	ok = ok && pid > 0 && waitpid(pid, &status, 0) == pid && !status &&
	     all_are(map, LEN, FILL);
	tap_ok(ok, "registered-buffer-is-of-one-process");
	ok = read(fd, map, 1 << 20) == 1 << 20 &&
	     stream_is(t, 1 << 18, map, 1 << 20);
	tap_ok(ok, "registered-buffer-survives-fork");
	do_unregister(fd);
}

/* The pages stay the registered ones; nobody else's memory changes */
static void test_dontneed(const struct target *t, int fd, uint8_t *map)
{
	bool ok;

	memset(map, FILL, LEN);
	ok = do_register(fd, map, 1 << 20) == 0 && seed(fd) &&
	     !madvise(map, 1 << 20, MADV_DONTNEED) &&
	     read(fd, map, 1 << 20) == 1 << 20 && all_are(map, 1 << 20, 0) &&
	     all_are(map + (1 << 20), LEN - (1 << 20), FILL);
	tap_ok(ok, "dropped-pages-of-a-registered-buffer-see-nothing");
	ok = do_unregister(fd) == 0 && read(fd, map, 1 << 20) == 1 << 20 &&
	     stream_is(t, 1 << 18, map, 1 << 20);
	tap_ok(ok, "they-do-after-unregister");
}

struct reader {
	int fd;
	uint8_t *map;
	volatile bool stop;
	size_t reads, bad;
};

static void *reader_thread(void *arg)
{
	struct reader *r = arg;

	while (!r->stop) {
		r->bad += read(r->fd, r->map, 65536) != 65536;
		r->reads++;
	}
	return NULL;
}

static void test_register_under_load(int fd, uint8_t *map)
{
	struct reader r = { .fd = fd, .map = map };
	pthread_t thread;
	bool ok = true;
	int i;

	pthread_create(&thread, NULL, reader_thread, &r);
	for (i = 0; i < TURNS; i++)
		ok = do_register(fd, map, LEN) == 0 && do_unregister(fd) == 0 &&
		     ok;
	r.stop = true;
	pthread_join(thread, NULL);
	tap_note("%zu reads in %d turns", r.reads, TURNS);
	tap_ok(ok && r.reads && !r.bad, "register-and-unregister-under-load");
}

/* Memory of a file that outlives the driver, and of one closed while it has it */
static void test_end(const struct target *t, int fd, uint8_t *map)
{
	int other = target_open(t, 0);
	uint32_t word;
	bool ok;

	ok = do_register(fd, map, LEN) == 0 &&
	     do_register(other, map, LEN) == 0 && close(other) == 0;
	tap_ok(ok, "close-with-a-registered-buffer");
	memset(map, FILL, LEN);
	ok = file_write(DRIVER "/unbind", t->pci) == 0 &&
	     wait_for_file(t->node, false) && read(fd, map, LEN) == -1 &&
	     errno == ENODEV && do_unregister(fd) == ENODEV &&
	     all_are(map, LEN, FILL);
	tap_ok(ok, "registered-buffer-of-an-unbound-device");
	ok = file_write(DRIVER "/bind", t->pci) == 0 &&
	     wait_for_file(t->node, true) && read(fd, map, LEN) == -1 &&
	     errno == ENODEV && close(fd) == 0;
	fd = target_open(t, 0);
	ok = ok && seed(fd) && read(fd, &word, 4) == 4 &&
	     stream_is(t, 0, &word, 4);
	tap_ok(ok, "bind-after-a-registered-buffer");
	close(fd);
}

/** test_registered() - registered buffers */
void test_registered(const struct target *t)
{
	uint8_t *map;
	int fd;

	if (!target_zero_copy(t))
		return;
	map = map_filled(LEN);
	fd = target_open(t, 0);
	test_parts(t, fd, map);
	test_counts_buf(t, fd, map);
	test_refusals(t, fd, map);
	test_limit(t, map);
	test_processes(t, fd, map);
	test_dontneed(t, fd, map);
	test_register_under_load(fd, map);
	test_end(t, fd, map); /* closes fd */
	munmap(map, LEN);
}
