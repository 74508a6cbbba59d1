// SPDX-License-Identifier: GPL-2.0-or-later
/* Opening a source, and what engines and targets say of it, without a device. */
#include <errno.h>
#include <unistd.h>

#include "engine.h"
#include "source.h"
#include "tap.h"
#include "target.h"

static void test_open(void)
{
	struct source s = { .node = "/dev/null", .twin = "/dev/zero" };
	char byte = 1;
	int fd = source_open(&s, 0);

	ok(fd >= 0 && read(fd, &byte, 1) == 0, "unit/source/opens-its-node");
	ok(!source_enter(&s, fd), "unit/source/no-modes-to-enter");
	source_leave(&s, fd);
	close(fd);
	fd = source_open(&s, 1);
	ok(fd >= 0 && read(fd, &byte, 1) == 1 && !byte,
	   "unit/source/every-other-thread-opens-the-twin");
	close(fd);
	s.modes = 1;
	fd = source_open(&s, 2);
	ok(source_enter(&s, fd) == -1 && errno == ENOTTY,
	   "unit/source/modes-need-a-device-that-has-them");
	close(fd);
}

static void test_refused(void)
{
	struct source s = { .node = "/dev/null", .path = "dma" };

	errno = 0;
	ok(source_open(&s, 0) == -1 && errno == ENODEV,
	   "unit/source/another-path-than-the-one-wanted");
	snprintf(s.node, sizeof(s.node), "/nonexistent");
	ok(source_open(&s, 0) == -1 && errno == ENOENT,
	   "unit/source/no-such-node");
}

static void test_probe(void)
{
	const struct source s = { 0 };
	const struct source with = { .param = "none", .value = "x" };
	char path[SOURCE_PATH] = "dma";

	ok(!source_probe(&s, "/dev/null", path) && !path[0],
	   "unit/source/a-node-without-a-path");
	ok(source_probe(&s, "/nonexistent", path) == -1 && errno == ENOENT,
	   "unit/source/probe-of-no-node");
	ok(source_probe(&with, "/dev/null", path) == -1,
	   "unit/source/no-such-parameter");
}

static void test_controls(void)
{
	struct target t[TARGETS_MAX];
	size_t n = targets_controls(t);
	bool plain = n == 3;

	for (size_t i = 0; i < n; i++)
		plain = plain && !t[i].source.node[0] && t[i].device == -1 &&
			!t[i].exclusive && t[i].engines[0] &&
			!t[i].engines[0]->exclusive;
	ok(plain, "unit/source/controls-need-no-device");
	ok(engine_mmap.exclusive && !engine_read.exclusive &&
		   !engine_read_fixed.exclusive && !engine_uring.exclusive,
	   "unit/source/mapped-files-exclude-others");
}

int main(void)
{
	test_open();
	test_refused();
	test_probe();
	test_controls();
	done_testing();
	return exit_status();
}
