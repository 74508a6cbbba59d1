// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ioctls, bad pointers, and the odd calls a character device gets.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest.h"

#define PAGE 4096u

/* Whether an ioctl fails with @err */
static bool refuses(int fd, unsigned long cmd, void *arg, int err)
{
	int ret = ioctl(fd, cmd, arg);

	if (ret == -1 && errno == err)
		return true;
	tap_note("ioctl 0x%lx gave %d, %s", cmd, ret, strerror(errno));
	return false;
}

static void test_numbers(const struct target *t, int fd)
{
	uint32_t word = 0, three[3] = {};
	size_t i;
	bool ok = seed(fd);

	for (i = 0; i < 5; i++)
		ok = ok && ioctl(fd, MY_RNG_IOC_GET, &word) == 0 &&
		     stream_is(t, i, &word, sizeof(word));
	tap_ok(ok, "ioctl-get-gives-the-stream");

	ok = seed(fd) && read(fd, three, sizeof(three)) == sizeof(three) &&
	     stream_is(t, 0, three, sizeof(three)) &&
	     ioctl(fd, MY_RNG_IOC_GET, &word) == 0 &&
	     stream_is(t, 3, &word, sizeof(word)) && read(fd, three, 5) == 5 &&
	     stream_is(t, 4, three, 5) &&
	     ioctl(fd, MY_RNG_IOC_GET, &word) == 0 &&
	     stream_is(t, 6, &word, sizeof(word));
	tap_ok(ok, "ioctl-get-and-read-share-the-stream");
}

static void test_unknown(const struct target *t, int fd)
{
	static const unsigned long unknown[] = {
		_IO('q', 1),       _IO('q', 0x77),    _IOR('q', 1, uint64_t),
		_IOR('q', 9, int), _IOW('r', 1, int), 0x5401 /* TCGETS */,
	};
	struct my_rng_stats stats;
	uint32_t mark = 7;
	bool ok = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(unknown); i++)
		ok = refuses(fd, unknown[i], &stats, ENOTTY) && ok;
	tap_ok(ok, "unknown-ioctl-gives-enotty");
	if (target_is_null(t))
		tap_ok(refuses(fd, MY_RNG_IOC_STATS, &stats, ENOTTY) &&
			       refuses(fd, MY_RNG_IOC_MARK, &mark, ENOTTY),
		       "mark-and-stats-need-a-device");
}

static void test_bad_ioctl_pointers(const struct target *t, int fd)
{
	static const unsigned long cmds[] = { MY_RNG_IOC_GET, MY_RNG_IOC_SEED,
					      MY_RNG_IOC_INFO, MY_RNG_IOC_MARK,
					      MY_RNG_IOC_STATS };
	size_t count = target_is_null(t) ? 3 : ARRAY_SIZE(cmds);
	char *page =
		mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool null = true, readonly = true, unmapped = true;
	size_t i;

	for (i = 0; i < count; i++) {
		null = refuses(fd, cmds[i], NULL, EFAULT) && null;
		if (_IOC_DIR(cmds[i]) == _IOC_READ)
			readonly =
				refuses(fd, cmds[i], page, EFAULT) && readonly;
	}
	munmap(page, PAGE);
	for (i = 0; i < count; i++)
		unmapped = refuses(fd, cmds[i], page, EFAULT) && unmapped;
	tap_ok(null, "ioctl-to-null-gives-efault");
	tap_ok(readonly, "ioctl-to-read-only-gives-efault");
	tap_ok(unmapped, "ioctl-to-unmapped-gives-efault");
}

static void test_odd_calls(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	tap_ok(poll(&p, 1, 20000) == 1 && p.revents == POLLIN,
	       "poll-says-readable");
	tap_ok(lseek(fd, 4096, SEEK_SET) == 0, "lseek-moves-nothing");
	tap_ok(write(fd, &p, sizeof(p)) == -1 && errno == EINVAL,
	       "write-gives-einval");
}

/** test_ioctl() - numbers, unknown requests, bad pointers */
void test_ioctl(const struct target *t)
{
	int fd = target_open(t, 0);

	test_numbers(t, fd);
	test_unknown(t, fd);
	test_bad_ioctl_pointers(t, fd);
	test_odd_calls(fd);
	close(fd);
}

static bool read_fails(int fd, void *to, size_t n, int err)
{
	ssize_t got = read(fd, to, n);

	if (got == -1 && errno == err)
		return true;
	tap_note("read of %zu gave %zd, %s", n, got, strerror(errno));
	return false;
}

/* Buffers that end @room bytes after their start, at memory with @prot */
static bool partial(const struct target *t, int fd, size_t room, int prot)
{
	size_t pages = (room + PAGE - 1) / PAGE * PAGE;
	size_t len = pages + 2 * PAGE;
	uint8_t *map = mmap(NULL, len, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint8_t *to = map + pages - room;
	ssize_t got;
	bool ok;

	if (map == MAP_FAILED || mprotect(map + pages, 2 * PAGE, prot))
		return false;
	ok = seed(fd);
	got = read(fd, to, room + PAGE);
	if (got != (ssize_t)room)
		tap_note("room for %zu bytes, read gave %zd", room, got);
	ok = ok && got == (ssize_t)room && stream_is(t, 0, to, room);
	munmap(map, len);
	return ok;
}

/** test_memory() - buffers of read(2) that are not (all) there */
void test_memory(const struct target *t)
{
	static const size_t rooms[] = { 1,         5,         4096,     5000,
					CHUNK - 8, CHUNK + 8, 3 * CHUNK };
	bool none = true, readonly = true;
	int fd = target_open(t, 0);
	uint32_t word;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rooms); i++) {
		none = partial(t, fd, rooms[i], PROT_NONE) && none;
		readonly = partial(t, fd, rooms[i], PROT_READ) && readonly;
	}
	tap_ok(none, "read-up-to-unmapped-gives-partial-result");
	tap_ok(readonly, "read-up-to-read-only-gives-partial-result");
	tap_ok(read_fails(fd, NULL, 4, EFAULT) &&
		       read_fails(fd, NULL, 2 * CHUNK, EFAULT) &&
		       read_fails(fd, (void *)-PAGE, 16, EFAULT),
	       "read-to-nowhere-gives-efault");
	tap_ok(read(fd, NULL, 0) == 0, "read-of-0-looks-at-no-pointer");
	tap_ok(seed(fd) && read(fd, &word, sizeof(word)) == sizeof(word) &&
		       stream_is(t, 0, &word, sizeof(word)),
	       "read-works-after-bad-pointers");
	close(fd);
}
