// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sleep: of the devices alone, which keep what they hold, and of the machine,
 * which wakes up with all devices reset.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "guest.h"

#define PM    "/sys/power/"
#define DELAY "/sys/module/suspend/parameters/pm_test_delay"
#define ALARM "/sys/class/rtc/rtc0/wakealarm"
#define PIECE 4096u

/**
 * devices_can_sleep() - whether the kernel offers to test that
 * @test: skipped if it does not
 *
 * Return: whether it does.
 */
bool devices_can_sleep(const char *test)
{
	if (!access(DELAY, W_OK) && !access(PM "pm_test", W_OK))
		return true;
	tap_skip("this kernel does not test sleep", "%s", test);
	return false;
}

/** devices_sleep() - send all devices to sleep and wake them up */
bool devices_sleep(void)
{
	bool ok = !file_write(DELAY, "0") &&
		  !file_write(PM "pm_test", "devices") &&
		  !file_write(PM "state", "mem");

	return !file_write(PM "pm_test", "none") && ok;
}

static bool reads_words(int fd, const struct target *t, size_t *word, size_t n)
{
	uint8_t *buf = malloc(n);
	bool ok = buf && read(fd, buf, n) == (ssize_t)n &&
		  stream_is(t, *word, buf, n);

	*word += words_of(n);
	free(buf);
	return ok;
}

static void test_stream(const struct target *t)
{
	int fd = target_open(t, 0), i;
	bool ok = seed(fd);
	size_t word = 0;

	for (i = 0; ok && i < 2; i++)
		ok = reads_words(fd, t, &word, 2 * CHUNK + 20) &&
		     devices_sleep();
	tap_ok(ok && reads_words(fd, t, &word, 2 * CHUNK),
	       "stream-goes-on-after-sleep");
	close(fd);
}

/* Reads the stream from its seed on, over and over */
struct sleepy {
	pthread_t thread;
	const struct target *t;
	volatile bool stop;
	volatile size_t calls;
	bool ok;
};

static void *sleepy_thread(void *arg)
{
	struct sleepy *s = arg;
	uint8_t *buf = malloc(2 * CHUNK);
	int fd = target_open(s->t, 0);
	size_t word = 0;
	ssize_t got;

	s->ok = buf && seed(fd);
	while (s->ok && !s->stop) {
		got = read(fd, buf, 2 * CHUNK);
		/* To be frozen cuts a read short, between two words */
		s->ok = got > 0 && got % 4 == 0 &&
			stream_is(s->t, word, buf, got);
		word += got / 4;
		if (word >= STREAM_WORDS / 2) {
			s->ok = s->ok && seed(fd);
			word = 0;
		}
		s->calls++;
	}
	s->calls++;
	close(fd);
	free(buf);
	return NULL;
}

static void test_reader(const struct target *t)
{
	struct sleepy s = { .t = t };
	bool ok = true;
	size_t before;
	int i;

	pthread_create(&s.thread, NULL, sleepy_thread, &s);
	for (i = 0; i < 3; i++) {
		for (before = s.calls; s.calls == before;)
			usleep(1000);
		if (!s.ok)
			break;
		ok = devices_sleep() && ok;
	}
	s.stop = true;
	pthread_join(s.thread, NULL);
	tap_ok(ok && s.ok, "reader-loses-nothing-by-sleep");
}

/** test_suspend() - the devices sleep, under a path's reader */
void test_suspend(const struct target *t)
{
	if (!t->pci[0] || !devices_can_sleep("stream-goes-on-after-sleep"))
		return;
	test_stream(t);
	test_reader(t);
}

/* --- the machine -------------------------------------------------------------- */

/*
 * The chipset's power management, which this machine's firmware leaves off after
 * a sleep: without it nobody can turn the machine off.
 */
struct chipset {
	int fd;
	uint32_t base, control;
};

#define CHIPSET "/sys/bus/pci/devices/0000:00:1f.0/config"
#define PMBASE  0x40
#define ACPI_CN 0x44

static bool chipset_save(struct chipset *c)
{
	c->fd = open(CHIPSET, O_RDWR);
	return c->fd >= 0 && pread(c->fd, &c->base, 4, PMBASE) == 4 &&
	       pread(c->fd, &c->control, 4, ACPI_CN) == 4;
}

static bool chipset_restore(const struct chipset *c)
{
	return pwrite(c->fd, &c->base, 4, PMBASE) == 4 &&
	       pwrite(c->fd, &c->control, 4, ACPI_CN) == 4;
}

/* Until its clock rings; two seconds, as one may be over too early */
static bool machine_sleeps(void)
{
	struct chipset c = {};
	bool ok = chipset_save(&c) && !file_write(ALARM, "+2") &&
		  !file_write(PM "state", "mem") && chipset_restore(&c);

	close(c.fd);
	return ok;
}

/* A file of a path, from before the sleep; a mode is for all of a device's files */
struct sleeper {
	struct target t;
	int fd;
	bool sets_mode;
	uint64_t admin;
};

static bool stats(const struct sleeper *s, struct my_rng_stats *now)
{
	return ioctl(s->fd, MY_RNG_IOC_STATS, now) == 0;
}

/* Something that a reset makes fewer, and a mode */
static bool before_sleep(struct sleeper *s)
{
	uint32_t mode = MY_RNG_MODE_CONSTANT;
	struct my_rng_stats now;
	int i;

	for (i = 0; i < 20; i++)
		if (!stats(s, &now))
			return false;
	s->admin = now.count[MY_RNG_STAT_ADMIN];
	return !s->sets_mode || !ioctl(s->fd, MY_RNG_IOC_MODE, &mode);
}

/* Constant words take none out of the stream */
static bool is_still_constant(const struct sleeper *s)
{
	uint8_t buf[PIECE];
	uint32_t mode = 0;
	size_t word = 0;

	return seed(s->fd) && read(s->fd, buf, PIECE) == PIECE &&
	       !ioctl(s->fd, MY_RNG_IOC_MODE, &mode) &&
	       reads_words(s->fd, &s->t, &word, PIECE);
}

static bool reads_on(const struct sleeper *s)
{
	struct my_rng_stats from, to;
	size_t word = 0;
	bool ok = seed(s->fd) && stats(s, &from) &&
		  reads_words(s->fd, &s->t, &word, PIECE) && stats(s, &to);

	ok = ok &&
	     (!target_by_irq(&s->t) ||
	      to.count[MY_RNG_STAT_IRQS] == from.count[MY_RNG_STAT_IRQS] + 1);
	return reads_words(s->fd, &s->t, &word, 4 * CHUNK) && ok;
}

static size_t sleepers_open(struct sleeper *s, size_t max)
{
	size_t i, n = 0;

	for (i = 0; all_paths[i] && n < max; i++) {
		if (!target_find(all_paths[i], &s[n].t) || !s[n].t.pci[0])
			continue;
		s[n].fd = target_open(&s[n].t, 0);
		s[n].sets_mode = !n || strcmp(s[n].t.pci, s[n - 1].t.pci);
		n++;
	}
	params_default();
	return n;
}

static bool machine_can_sleep(void)
{
	char how[64];

	return !access(ALARM, W_OK) && !access(CHIPSET, W_OK) &&
	       file_read(PM "mem_sleep", how, sizeof(how)) &&
	       strstr(how, "[deep]");
}

/** test_machine_sleep() - all devices are reset and programmed anew */
void test_machine_sleep(void)
{
	struct sleeper s[16] = {};
	struct my_rng_stats now;
	size_t i, n;
	bool ok = true;

	if (!machine_can_sleep()) {
		tap_skip("this machine cannot sleep", "all");
		return;
	}
	n = sleepers_open(s, ARRAY_SIZE(s));
	for (i = 0; i < n; i++)
		ok = before_sleep(&s[i]) && ok;
	tap_ok(machine_sleeps() && ok && n, "machine-sleeps-and-wakes-up");
	for (i = 0; i < n; i++)
		ok = stats(&s[i], &now) &&
		     now.count[MY_RNG_STAT_ADMIN] < s[i].admin && ok;
	tap_ok(ok, "devices-were-reset");
	for (i = 0; i < n; i++)
		if (s[i].sets_mode)
			tap_ok(is_still_constant(&s[i]), "%s-keeps-its-mode",
			       s[i].t.path);
	for (i = 0; i < n; i++)
		tap_ok(reads_on(&s[i]), "%s-reads-on", s[i].t.path);
	for (i = 0; i < n; i++)
		close(s[i].fd);
}
