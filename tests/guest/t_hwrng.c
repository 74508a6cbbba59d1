// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The hw_random core: our devices are listed, used when chosen, and never
 * preferred to another source.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "guest.h"

#define SYS     "/sys/class/misc/hw_random/"
#define BLOCK   64u /* what the core takes at once */
#define BLOCKS  64u
#define SETTLES 300000 /* us in which the core's thread would have run */

static bool is_ours(const char *name)
{
	return !strncmp(name, "my_rng", 6);
}

/* A source that is not ours, from the list in rng_available */
static bool find_other(const char *available, char *out, size_t size)
{
	char list[512], *name, *state;

	snprintf(list, sizeof(list), "%s", available);
	for (name = strtok_r(list, " ", &state); name;
	     name = strtok_r(NULL, " ", &state)) {
		if (is_ours(name))
			continue;
		snprintf(out, size, "%s", name);
		return true;
	}
	return false;
}

static uint64_t words_taken(int fd)
{
	struct my_rng_stats stats = {};

	ioctl(fd, MY_RNG_IOC_STATS, &stats);
	return stats.count[MY_RNG_STAT_WORDS];
}

/* Whole blocks, so that the core keeps none back */
static bool hwrng_reads_stream(const struct target *t, int fd)
{
	uint8_t buf[BLOCK * BLOCKS];
	size_t done = 0;
	ssize_t n = 1;
	int hw = open("/dev/hwrng", O_RDONLY);

	if (hw < 0 || !seed(fd))
		return false;
	while (done < sizeof(buf) && n > 0) {
		n = read(hw, buf + done, sizeof(buf) - done);
		done += n > 0 ? n : 0;
	}
	close(hw);
	return done == sizeof(buf) && stream_is(t, 0, buf, sizeof(buf));
}

static void test_one(const struct target *t)
{
	const char *name = t->node + strlen("/dev/");
	int fd = target_open(t, 0);
	uint64_t before = words_taken(fd);
	char current[64];
	bool ok;

	ok = file_write(SYS "rng_current", name) == 0 &&
	     file_read(SYS "rng_current", current, sizeof(current)) &&
	     !strcmp(current, name);
	tap_ok(ok, "%s-can-be-chosen", name);
	ok = file_read(SYS "rng_quality", current, sizeof(current)) &&
	     strtoul(current, NULL, 10) <= 1;
	tap_ok(ok, "%s-counts-as-no-entropy", name);
	usleep(SETTLES);
	tap_ok(words_taken(fd) == before, "%s-gives-the-kernel-no-word", name);
	/* A ring is filled with more words than anybody has asked for */
	ok = hwrng_reads_stream(t, fd) &&
	     (t->info.cap & MY_RNG_CAP_RING ||
	      words_taken(fd) == before + BLOCK * BLOCKS / 4);
	tap_ok(ok, "%s-gives-the-stream", name);
	close(fd);
}

static void test_each(void)
{
	struct pci_rng rng[16];
	size_t i, n = pci_list(rng, ARRAY_SIZE(rng));

	for (i = 0; i < n; i++) {
		struct target t = { .path = "hwrng" };
		int fd;

		if (!rng[i].node[0])
			continue;
		memcpy(t.node, rng[i].node, sizeof(t.node));
		fd = target_open(&t, 0);
		ioctl(fd, MY_RNG_IOC_INFO, &t.info);
		close(fd);
		if (stream_load(&t))
			test_one(&t);
	}
}

/** test_hwrng() - listing, preference, choice, data */
void test_hwrng(void)
{
	char available[512], current[64], other[64];
	bool has_other;

	if (!file_read(SYS "rng_available", available, sizeof(available)) ||
	    !file_read(SYS "rng_current", current, sizeof(current))) {
		tap_skip("no hw_random in this kernel", "listed");
		return;
	}
	has_other = find_other(available, other, sizeof(other));
	tap_ok(strstr(available, "my_rng0") != NULL, "listed");
	if (has_other)
		tap_ok(!is_ours(current), "another-source-is-preferred");
	else
		tap_skip("no other source here", "another-source-is-preferred");
	test_each();
	if (!has_other) {
		tap_skip("no other source here", "another-can-be-chosen");
		return;
	}
	tap_ok(file_write(SYS "rng_current", other) == 0 &&
		       file_read(SYS "rng_current", current, sizeof(current)) &&
		       !strcmp(current, other),
	       "another-can-be-chosen");
}
