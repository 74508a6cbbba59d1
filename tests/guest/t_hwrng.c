// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The hw_random core: only a device whose words are the host's is offered by
 * itself, others on request; they give the kernel nothing, and no constants.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest.h"

#define DRIVER  "/sys/bus/pci/drivers/my_rng"
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
		if (is_ours(name) || !strcmp(name, "none"))
			continue;
		snprintf(out, size, "%s", name);
		return true;
	}
	return false;
}

static bool is_listed(const char *name)
{
	char available[512];

	return file_read(SYS "rng_available", available, sizeof(available)) &&
	       strstr(available, name);
}

static uint64_t words_taken(int fd)
{
	struct my_rng_stats stats = {};

	ioctl(fd, MY_RNG_IOC_STATS, &stats);
	return stats.count[MY_RNG_STAT_WORDS];
}

/* One block, so that the core keeps none back. Return: bytes or -errno */
static ssize_t hwrng_read(uint8_t *buf, int flags)
{
	int hw = open("/dev/hwrng", O_RDONLY | flags);
	ssize_t n = read(hw, buf, BLOCK);

	if (n < 0)
		n = -errno;
	close(hw);
	return n;
}

static bool hwrng_reads_stream(const struct target *t, int fd)
{
	uint8_t buf[BLOCK * BLOCKS];
	size_t i;
	bool ok = seed(fd);

	for (i = 0; ok && i < BLOCKS; i++)
		ok = hwrng_read(buf + i * BLOCK, 0) == BLOCK;
	return ok && stream_is(t, 0, buf, sizeof(buf));
}

static bool hwrng_gives(int error)
{
	uint8_t buf[BLOCK];
	ssize_t got = hwrng_read(buf, 0);

	if (got != error)
		tap_note("hwrng gave %zd, not %d", got, error);
	return got == error;
}

/* An error, and an end of the read: it does not spin until it is killed */
static void test_no_constants(const struct target *t, const char *name, int fd)
{
	uint32_t mode = MY_RNG_MODE_CONSTANT;
	uint8_t buf[BLOCK];
	void *regs;

	tap_ok(!ioctl(fd, MY_RNG_IOC_MODE, &mode) && hwrng_gives(-EBUSY),
	       "%s-gives-no-constants-of-a-file", name);
	mode = 0;
	ioctl(fd, MY_RNG_IOC_MODE, &mode);
	tap_ok(set_command(t, 3, false) && hwrng_gives(-EIO),
	       "%s-gives-nothing-when-it-is-off", name);
	set_command(t, 3, true);
	tap_ok(seed(fd) && hwrng_read(buf, 0) == BLOCK &&
		       stream_is(t, 0, buf, BLOCK),
	       "%s-gives-words-again", name);
	if (!(t->info.cap &
	      (MY_RNG_CAP_FIFO | MY_RNG_CAP_WINDOW | MY_RNG_CAP_RING)))
		return;
	regs = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, MY_RNG_MAP_REGS);
	tap_ok(regs != MAP_FAILED && hwrng_gives(-EBUSY),
	       "%s-gives-nothing-while-it-is-mapped", name);
	munmap(regs, 4096);
}

static void test_one(const struct target *t)
{
	const char *name = t->node + strlen("/dev/");
	int fd = target_open(t, 0);
	uint8_t buf[BLOCK];
	uint64_t before;
	char current[64];
	bool ok;

	ok = file_write(SYS "rng_current", name) == 0 &&
	     file_read(SYS "rng_current", current, sizeof(current)) &&
	     !strcmp(current, name);
	tap_ok(ok, "%s-can-be-chosen", name);
	ok = file_read(SYS "rng_quality", current, sizeof(current)) &&
	     strtoul(current, NULL, 10) <= 1;
	tap_ok(ok, "%s-counts-as-no-entropy", name);
	tap_ok(hwrng_read(buf, O_NONBLOCK) == BLOCK,
	       "%s-answers-the-first-who-does-not-wait", name);
	before = words_taken(fd);
	usleep(SETTLES);
	tap_ok(words_taken(fd) == before, "%s-gives-the-kernel-no-word", name);
	/* A ring is filled with more words than anybody has asked for */
	ok = hwrng_reads_stream(t, fd) &&
	     (t->info.cap & MY_RNG_CAP_RING ||
	      words_taken(fd) == before + BLOCK * BLOCKS / 4);
	tap_ok(ok, "%s-gives-the-stream", name);
	test_no_constants(t, name, fd);
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
		memcpy(t.pci, rng[i].addr, sizeof(t.pci));
		fd = target_open(&t, 0);
		ioctl(fd, MY_RNG_IOC_INFO, &t.info);
		close(fd);
		if (stream_load(&t))
			test_one(&t);
	}
}

/* All devices anew, offered or not */
static bool offer(bool on)
{
	struct pci_rng rng[16];
	size_t i, n = pci_list(rng, ARRAY_SIZE(rng));
	bool ok = !param_set("hwrng", on ? "1" : "0");

	for (i = 0; i < n; i++)
		if (rng[i].node[0])
			ok = !file_write(DRIVER "/unbind", rng[i].addr) && ok;
	for (i = 0; i < n; i++)
		if (rng[i].node[0])
			ok = !file_write(DRIVER "/bind", rng[i].addr) &&
			     wait_for_file(rng[i].node, true) && ok;
	return ok;
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
	tap_ok(!is_listed("my_rng"), "seedable-devices-are-not-offered");
	tap_ok(offer(true) && is_listed("my_rng0"), "listed-on-request");
	if (has_other)
		tap_ok(!is_ours(current), "another-source-is-preferred");
	else
		tap_skip("no other source here", "another-source-is-preferred");
	test_each();
	if (has_other)
		tap_ok(file_write(SYS "rng_current", other) == 0 &&
			       file_read(SYS "rng_current", current,
					 sizeof(current)) &&
			       !strcmp(current, other),
		       "another-can-be-chosen");
	else
		tap_skip("no other source here", "another-can-be-chosen");
	tap_ok(offer(false) && !is_listed("my_rng"), "taken-back");
}

/** test_host() - devices whose words are the host's */
void test_host(const struct target *t)
{
	uint8_t a[BLOCK] = {}, b[BLOCK] = {};
	char quality[16] = "";
	bool ok;

	(void)t;
	ok = is_listed("my_rng0") && !file_write(SYS "rng_current", "my_rng0");
	tap_ok(ok && file_read(SYS "rng_quality", quality, sizeof(quality)) &&
		       strtoul(quality, NULL, 10) >= 1000,
	       "hosts-words-are-offered");
	tap_ok(ok && hwrng_read(a, 0) == BLOCK && hwrng_read(b, 0) == BLOCK &&
		       memcmp(a, b, BLOCK),
	       "hosts-words-differ");
}
