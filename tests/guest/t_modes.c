// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What takes a request apart: the device's modes, its stopwatch, and the null
 * device's controls.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define LEN 4096u

static bool mode_is(int fd, uint32_t mode)
{
	return ioctl(fd, MY_RNG_IOC_MODE, &mode) == 0;
}

static bool fails_with(int fd, unsigned long cmd, void *arg, int err)
{
	return ioctl(fd, cmd, arg) == -1 && errno == err;
}

/* What the device gives in constant mode; memory is not written at all */
static bool reads_constant(int fd, const struct target *t)
{
	uint32_t words[LEN / 4];
	size_t i;

	if (read(fd, words, sizeof(words)) != (ssize_t)sizeof(words))
		return false;
	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i] != MY_RNG_CONSTANT)
			return t->info.cap &
			       (MY_RNG_CAP_DMA | MY_RNG_CAP_WINDOW |
				MY_RNG_CAP_RING);
	return true;
}

static bool reads_stream(int fd, const struct target *t, size_t word)
{
	uint8_t data[LEN];

	return read(fd, data, sizeof(data)) == (ssize_t)sizeof(data) &&
	       stream_is(t, word, data, sizeof(data));
}

static void test_constant_mode(const struct target *t)
{
	int fd = target_open(t, 0), other = target_open(t, 0);
	uint32_t bad = MY_RNG_MODE_ALL + 1;

	tap_ok(seed(fd) && mode_is(fd, MY_RNG_MODE_CONSTANT) &&
		       reads_constant(fd, t) && mode_is(fd, 0) &&
		       reads_stream(fd, t, 0),
	       "constant-mode-spares-the-stream");
	tap_ok(fails_with(fd, MY_RNG_IOC_MODE, &bad, EINVAL) &&
		       fails_with(fd, MY_RNG_IOC_MODE, NULL, EFAULT),
	       "bad-mode-is-refused");
	tap_ok(mode_is(fd, MY_RNG_MODE_CONSTANT) && !close(fd) &&
		       reads_stream(other, t, LEN / 4),
	       "mode-ends-with-its-file");
	close(other);
}

static bool is_busy(int fd)
{
	uint32_t word = SEED;

	return read(fd, &word, sizeof(word)) == -1 && errno == EBUSY &&
	       fails_with(fd, MY_RNG_IOC_GET, &word, EBUSY) &&
	       fails_with(fd, MY_RNG_IOC_SEED, &word, EBUSY);
}

/* A file that asked for constants gets them; files are closed in any order */
static void test_constant_is_private(const struct target *t)
{
	int a = target_open(t, 0), b = target_open(t, 0);
	int other = target_open(t, 0);
	uint32_t constant = MY_RNG_MODE_CONSTANT;

	tap_ok(mode_is(a, MY_RNG_MODE_CONSTANT) && reads_constant(a, t) &&
		       is_busy(other) && is_busy(b) &&
		       fails_with(b, MY_RNG_IOC_MODE, &constant, EBUSY),
	       "constant-mode-is-of-one-file");
	tap_ok(mode_is(b, MY_RNG_MODE_TIMING) && reads_constant(a, t) &&
		       mode_is(b, 0) && reads_constant(a, t) && is_busy(other),
	       "another-files-mode-leaves-it-alone");
	close(a);
	tap_ok(seed(b) && reads_stream(b, t, 0), "constants-end-with-the-file");
	close(b);
	tap_ok(seed(other) && reads_stream(other, t, 0),
	       "no-file-leaves-constants-behind");
	close(other);
}

/* Exactly the accesses that the counters show are stamped */
static void test_stopwatch(const struct target *t)
{
	static const unsigned int counted[] = { MY_RNG_STAT_MMIO_READS,
						MY_RNG_STAT_MMIO_WRITES,
						MY_RNG_STAT_PIO_READS,
						MY_RNG_STAT_PIO_WRITES };
	int fd = target_open(t, 0);
	struct my_rng_times before, after;
	struct my_rng_stats from, to;
	uint64_t accesses = 0;
	uint8_t data[LEN];
	size_t i;
	bool ok;

	ok = mode_is(fd, MY_RNG_MODE_TIMING) &&
	     !ioctl(fd, MY_RNG_IOC_TIMES, &before) &&
	     !ioctl(fd, MY_RNG_IOC_STATS, &from) &&
	     read(fd, data, sizeof(data)) == (ssize_t)sizeof(data) &&
	     !ioctl(fd, MY_RNG_IOC_STATS, &to) &&
	     !ioctl(fd, MY_RNG_IOC_TIMES, &after);
	for (i = 0; i < ARRAY_SIZE(counted); i++)
		accesses += to.count[counted[i]] - from.count[counted[i]];
	i = MY_RNG_TIME_STAMPED(MY_RNG_TIME_CALLBACK);
	/* Reading a ring is no access at all */
	tap_ok(ok && (accesses || target_is(t, "ring")) &&
		       after.count[i] - before.count[i] == accesses,
	       "stopwatch-stamps-every-access-once");
	tap_ok(ok && after.count[MY_RNG_TIME_PRICE_OPS] &&
		       after.count[MY_RNG_TIME_HZ],
	       "times-measures-the-prices");
	tap_ok(fails_with(fd, MY_RNG_IOC_TIMES, NULL, EFAULT),
	       "times-to-null-gives-efault");
	close(fd);
}

/* In a child that is not root any more */
static bool others_are_refused(int fd)
{
	struct my_rng_times times;
	uint32_t mode = 0;
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(setuid(1) ||
		      !fails_with(fd, MY_RNG_IOC_MODE, &mode, EPERM) ||
		      !fails_with(fd, MY_RNG_IOC_TIMES, &times, EPERM));
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/*
 * The controls of the null device: each under its own name, or not compiled in.
 * The one that pins leaves memory as it is.
 */
static void test_controls(const struct target *t)
{
	static const char *const words[] = { "copy", "ram-32", "ram-64",
					     "ram-fifo", "ram-zc" };
	struct my_rng_info info;
	uint8_t data[LEN];
	size_t i, n;
	int fd;
	bool ok;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		ok = !param_set("null", words[i]);
		fd = target_open(t, 0);
		ok = ok && !ioctl(fd, MY_RNG_IOC_INFO, &info) &&
		     (!strcmp(info.path, words[i]) ||
		      !strcmp(info.path, "null"));
		memset(data, 0xee, sizeof(data));
		ok = ok && read(fd, data, sizeof(data)) == (ssize_t)LEN;
		for (n = 0; ok && n < LEN; n++)
			ok = data[n] ==
			     (strcmp(info.path, "ram-zc") ? 0 : 0xee);
		tap_ok(ok, "control-%s-gives-what-it-should", words[i]);
		close(fd);
	}
	tap_ok(param_set("null", "bogus") == EINVAL,
	       "unknown-control-is-refused");
	params_default();
}

/** test_modes() - modes, stopwatch, controls */
void test_modes(const struct target *t)
{
	struct my_rng_times times;
	uint32_t mode = 0;
	int fd;

	if (!target_is_null(t)) {
		test_constant_mode(t);
		test_constant_is_private(t);
		test_stopwatch(t);
		fd = target_open(t, 0);
		tap_ok(others_are_refused(fd), "modes-need-privilege");
		close(fd);
		return;
	}
	fd = target_open(t, 0);
	tap_ok(fails_with(fd, MY_RNG_IOC_MODE, &mode, ENOTTY) &&
		       fails_with(fd, MY_RNG_IOC_TIMES, &times, ENOTTY),
	       "modes-need-a-device");
	close(fd);
	test_controls(t);
}
