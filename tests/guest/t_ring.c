// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Path ring: what a ring that fills itself must keep to, whoever reads it and
 * however slowly, by read(2), poll(2) or in place.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest.h"

#define DRIVER "/sys/bus/pci/drivers/my_rng"
#define MIB    (1u << 20)
#define PAGE   4096u

/* Most that the device writes at once */
#define STEP 65536u

/* A process' view of the ring */
struct view {
	int fd;
	struct my_rng_map map;
	uint8_t *hdr;
	const uint8_t *data;
};

static uint64_t *field(const struct view *v, unsigned int offset)
{
	return (uint64_t *)(v->hdr + offset);
}

static bool view_open(const struct target *t, struct view *v)
{
	v->fd = target_open(t, 0);
	if (ioctl(v->fd, MY_RNG_IOC_MAP, &v->map))
		return false;
	v->hdr = mmap(NULL, v->map.hdr_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		      v->fd, v->map.hdr_offset);
	v->data = mmap(NULL, v->map.data_size, PROT_READ, MAP_SHARED, v->fd,
		       v->map.data_offset);
	return v->hdr != MAP_FAILED && v->data != MAP_FAILED;
}

static void view_unmap(const struct view *v)
{
	munmap(v->hdr, v->map.hdr_size);
	munmap((void *)v->data, v->map.data_size);
}

/* A pseudo-random number below @n, from a sequence of its own */
static uint32_t below(uint32_t *order, uint32_t n)
{
	*order = *order * 1664525 + 1013904223;
	return (*order >> 8) % n;
}

static bool wait_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 20000) == 1 && p.revents == POLLIN;
}

/* Without waiting in read(2): what is there, or EAGAIN and then poll(2) */
static void test_poll(const struct target *t)
{
	uint8_t *buf = malloc(3 * STEP);
	int fd = target_open(t, O_NONBLOCK);
	size_t word = 0, empty = 0, partial = 0, want;
	bool ok = buf && seed(fd);
	uint32_t order = 1;
	ssize_t got;

	while (ok && word < 8 * MIB / 4) {
		want = 1 + below(&order, 3 * STEP);
		got = read(fd, buf, want);
		if (got < 0) {
			ok = errno == EAGAIN && wait_readable(fd);
			empty++;
			continue;
		}
		partial += got < (ssize_t)want;
		ok = got > 0 && stream_is(t, word, buf, got);
		word += words_of(got);
	}
	tap_note("8 MiB: empty %zu times, less than asked for %zu times", empty,
		 partial);
	tap_ok(ok, "nonblock-and-poll-give-the-stream");
	close(fd);
	free(buf);
}

static uint64_t stat_of(int fd, unsigned int index)
{
	struct my_rng_stats stats = {};

	ioctl(fd, MY_RNG_IOC_STATS, &stats);
	return stats.count[index];
}

/* Slower than the device, and much more than the ring holds */
static void test_backpressure(const struct target *t, size_t bytes)
{
	uint8_t *buf = malloc(3 * STEP);
	int fd = target_open(t, 0);
	uint64_t before;
	size_t word = 0, ahead = 0, n, i;
	bool ok = buf && seed(fd);
	uint32_t order = 2;

	/* What the device had made before the seed is gone */
	before = stat_of(fd, MY_RNG_STAT_DMA_BYTES);
	for (i = 0; ok && word + 3 * STEP < bytes / 4; i++) {
		n = 1 + below(&order, i % 2 ? 3 * STEP : 64);
		ok = read(fd, buf, n) == (ssize_t)n &&
		     stream_is(t, word, buf, n);
		word += words_of(n);
		if (i % 8 == 0) {
			usleep(below(&order, 3000));
			ahead = stat_of(fd, MY_RNG_STAT_DMA_BYTES) - before -
				4 * word;
			/* @before may have been read some time after the seed */
			ok = ok && (ssize_t)ahead <= (ssize_t)t->map.data_size;
		}
	}
	tap_ok(ok, "slow-reader-stops-the-device-and-loses-nothing");
	close(fd);
	free(buf);
}

/* The counters of a device that has filled the ring and sleeps */
static bool settled_stats(int fd, struct my_rng_stats *stats)
{
	uint64_t before;
	int i;

	for (i = 0; i < 1000; i++) {
		before = stat_of(fd, MY_RNG_STAT_DMA_BYTES);
		usleep(20000);
		if (ioctl(fd, MY_RNG_IOC_STATS, stats))
			return false;
		if (stats->count[MY_RNG_STAT_DMA_BYTES] == before)
			return true;
	}
	return false;
}

/* Nothing but words: no register, and few wake-ups either way */
static void test_steady_state(const struct target *t)
{
	static uint8_t buf[STEP];
	const uint64_t bytes = 32 * MIB, size = t->map.data_size;
	struct my_rng_stats a, b;
	int fd = target_open(t, 0);
	uint64_t i, kicks, irqs, reads, least;
	bool ok = seed(fd) && settled_stats(fd, &a);

	for (i = 0; ok && i < bytes; i += sizeof(buf))
		ok = read(fd, buf, sizeof(buf)) == sizeof(buf);
	ok = ok && settled_stats(fd, &b);
	kicks = b.count[MY_RNG_STAT_KICKS] - a.count[MY_RNG_STAT_KICKS];
	irqs = b.count[MY_RNG_STAT_IRQS] - a.count[MY_RNG_STAT_IRQS];
	reads = b.count[MY_RNG_STAT_MMIO_READS] -
		a.count[MY_RNG_STAT_MMIO_READS];
	least = size / 4 * 3 - (size / 4 < STEP ? size / 4 : STEP);
	tap_note("%llu MiB: %llu doorbells, %llu interrupts, %llu reads",
		 (unsigned long long)bytes / MIB, (unsigned long long)kicks,
		 (unsigned long long)irqs, (unsigned long long)reads);
	tap_ok(ok &&
		       a.count[MY_RNG_STAT_MMIO_WRITES] ==
			       b.count[MY_RNG_STAT_MMIO_WRITES] &&
		       a.count[MY_RNG_STAT_DMAS] == b.count[MY_RNG_STAT_DMAS] &&
		       a.count[MY_RNG_STAT_ERRORS] ==
			       b.count[MY_RNG_STAT_ERRORS],
	       "steady-state-writes-no-register");
	tap_ok(ok && kicks <= bytes / least + 1,
	       "a-doorbell-at-most-for-each-three-quarters-less-a-step");
	/* A register read is a look at the status of an empty ring, once woken */
	tap_ok(ok && irqs <= bytes / STEP + 1 && reads <= irqs + 1,
	       "an-interrupt-at-most-for-each-64-kib");
	tap_ok(ok && 4 * (b.count[MY_RNG_STAT_WORDS] -
			  a.count[MY_RNG_STAT_WORDS]) ==
			       b.count[MY_RNG_STAT_DMA_BYTES] -
				       a.count[MY_RNG_STAT_DMA_BYTES],
	       "every-word-goes-through-the-ring");
	close(fd);
}

/* --- in place --------------------------------------------------------------- */

/* Waits until there are @len bytes, as a process does: spins, then polls */
static bool wait_there(const struct view *v, uint64_t cons, size_t len)
{
	int i;

	for (i = 0; i < 1000; i++) {
		uint64_t *prod = field(v, MY_RNG_RING_PROD);

		if (__atomic_load_n(prod, __ATOMIC_ACQUIRE) - cons >= len)
			return true;
		/* Bytes may be there, but fewer: then poll(2) does not wait */
		if (!wait_readable(v->fd))
			return false;
		usleep(1000);
	}
	return false;
}

static void give_back(const struct view *v, uint64_t before, uint64_t cons,
		      size_t *kicks)
{
	uint64_t kick_at;

	__atomic_store_n(field(v, MY_RNG_RING_CONS), cons, __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	kick_at = __atomic_load_n(field(v, MY_RNG_RING_KICK_AT),
				  __ATOMIC_RELAXED);
	if (before < kick_at && kick_at <= cons) {
		ioctl(v->fd, MY_RNG_IOC_RING_KICK);
		++*kicks;
	}
}

/* @pieces pieces of up to half the ring or 256 KiB; from word @word on */
static bool consume(const struct target *t, const struct view *v, size_t pieces,
		    size_t *word, size_t *kicks)
{
	uint64_t cons = *field(v, MY_RNG_RING_CONS),
		 mask = v->map.data_size - 1;
	uint32_t order = 3;
	bool ok = true;
	size_t i;

	for (i = 0; ok && i < pieces; i++) {
		size_t half = v->map.data_size / 2, len;
		size_t end = v->map.data_size - (cons & mask);

		half = half < MIB / 4 ? half : MIB / 4;
		len = 4 + below(&order, half) / 4 * 4;
		len = len < end ? len : end;
		ok = wait_there(v, cons, len) &&
		     stream_is(t, *word, v->data + (cons & mask), len);
		give_back(v, cons, cons + len, kicks);
		cons += len;
		*word += len / 4;
	}
	return ok;
}

static void test_in_place(const struct target *t)
{
	static uint8_t buf[100000];
	size_t word = 0, kicks = 0, end;
	struct view v;
	bool ok = view_open(t, &v) && seed(v.fd);
	uint64_t before = stat_of(v.fd, MY_RNG_STAT_KICKS);
	uint64_t writes = stat_of(v.fd, MY_RNG_STAT_MMIO_WRITES);

	tap_ok(ok && consume(t, &v, 10, &word, &kicks),
	       "in-place-gives-the-stream");
	tap_ok(stat_of(v.fd, MY_RNG_STAT_KICKS) - before == kicks &&
		       stat_of(v.fd, MY_RNG_STAT_MMIO_WRITES) == writes,
	       "in-place-counts-its-doorbells");
	ok = read(v.fd, buf, sizeof(buf)) == sizeof(buf) &&
	     stream_is(t, word, buf, sizeof(buf));
	word += sizeof(buf) / 4;
	tap_ok(ok && consume(t, &v, 2, &word, &kicks),
	       "in-place-and-read-take-turns");
	word = *field(&v, MY_RNG_RING_PROD) / 4;
	view_unmap(&v);
	ok = read(v.fd, buf, sizeof(buf)) == sizeof(buf);
	for (end = word + v.map.data_size / 4; word < end; word++)
		if (!memcmp(buf, &(uint32_t){ stream_word(word) }, 4))
			break;
	tap_ok(ok && stream_is(t, word, buf, sizeof(buf)),
	       "words-seen-in-a-mapping-are-not-read-again");
	close(v.fd);
}

/* Asks to be told of words; the ring is empty, and the device asleep */
struct poller {
	pthread_t thread;
	int fd;
	volatile bool done;
	bool readable;
};

static void *poller_thread(void *arg)
{
	struct epoll_event event = { .events = EPOLLIN };
	struct poller *p = arg;
	int set = epoll_create1(0), n;

	/* Not poll(2), which asks the file once more when its time is up */
	n = epoll_ctl(set, EPOLL_CTL_ADD, p->fd, &event);
	while (!n) {
		n = epoll_wait(set, &event, 1, 10000);
		if (n == -1 && errno == EINTR)
			n = 0; /* it was frozen */
		else
			break;
	}
	p->readable = n == 1 && event.events == EPOLLIN;
	p->done = true;
	close(set);
	return NULL;
}

static bool by_seed(int fd)
{
	return seed(fd);
}

static bool by_mode(int fd)
{
	uint32_t mode = MY_RNG_MODE_TIMING;

	return !ioctl(fd, MY_RNG_IOC_MODE, &mode);
}

static bool by_sleep(int fd)
{
	(void)fd;
	return devices_sleep();
}

/* Each way to start the ring anew wakes its waiting readers */
static void test_woken(const struct target *t, const char *name,
		       bool (*restart)(int fd))
{
	struct my_rng_stats stats;
	struct poller p = {};
	struct view v;
	bool ok = view_open(t, &v) && settled_stats(v.fd, &stats);

	/* All is consumed, but the device is not told */
	*field(&v, MY_RNG_RING_CONS) = *field(&v, MY_RNG_RING_PROD);
	p.fd = v.fd;
	pthread_create(&p.thread, NULL, poller_thread, &p);
	usleep(200000);
	ok = ok && !p.done && restart(v.fd);
	pthread_join(p.thread, NULL);
	tap_ok(ok && p.readable, "poll-is-woken-by-%s", name);
	view_unmap(&v);
	close(v.fd);
}

/* Off, where it is and how big (5), on */
#define SLEEP_WRITES 7

/* The ring is turned off and on under the process */
static void test_asleep(const struct target *t)
{
	size_t word = 0, kicks = 0;
	uint64_t writes;
	struct view v;
	bool ok;

	if (!devices_can_sleep("in-place-goes-on-after-sleep"))
		return;
	ok = view_open(t, &v) && seed(v.fd) && consume(t, &v, 5, &word, &kicks);
	writes = stat_of(v.fd, MY_RNG_STAT_MMIO_WRITES);
	ok = devices_sleep() && ok;
	tap_ok(stat_of(v.fd, MY_RNG_STAT_MMIO_WRITES) - writes == SLEEP_WRITES,
	       "sleep-turns-the-ring-off-and-on");
	tap_ok(ok && consume(t, &v, 5, &word, &kicks),
	       "in-place-goes-on-after-sleep");
	view_unmap(&v);
	close(v.fd);
}

/* Whatever a process writes into the header, it hurts itself alone */
static void test_lies(const struct target *t)
{
	static const struct {
		unsigned int field;
		uint64_t value;
	} lies[] = {
		{ MY_RNG_RING_CONS, UINT64_MAX },
		{ MY_RNG_RING_CONS, 0 },
		{ MY_RNG_RING_CONS, 1ull << 40 },
		{ MY_RNG_RING_PROD, UINT64_MAX },
		{ MY_RNG_RING_PROD, 3 },
		{ MY_RNG_RING_IRQ_AT, UINT64_MAX },
		{ MY_RNG_RING_KICK_AT, UINT64_MAX },
	};
	static uint8_t buf[STEP];
	int other = target_open(t, 0);
	bool ok = true, exact = true;
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(lies); i++) {
		struct view v;

		ok = view_open(t, &v) && seed(v.fd) && wait_readable(v.fd) &&
		     ok;
		ok = read(v.fd, buf, sizeof(buf)) == sizeof(buf) && ok;
		*field(&v, lies[i].field) = lies[i].value;
		ioctl(v.fd, MY_RNG_IOC_RING_KICK);
		fcntl(v.fd, F_SETFL, O_NONBLOCK);
		/* Any answer will do, but there must be one */
		for (k = 0; k < 5; k++) {
			ssize_t n = read(v.fd, buf, sizeof(buf));

			ok = (n >= 0 || errno == EAGAIN || errno == EIO) && ok;
		}
		view_unmap(&v);
		close(v.fd);
		ok = read(other, buf, sizeof(buf)) == sizeof(buf) && ok;
		exact = seed(other) &&
			read(other, buf, sizeof(buf)) == sizeof(buf) &&
			stream_is(t, 0, buf, sizeof(buf)) && exact;
	}
	tap_ok(ok, "lies-in-the-header-stop-nobody");
	tap_ok(exact, "lies-in-the-header-end-with-the-mapping");
	close(other);
}

/* --- the module parameter, and a ring of one page ---------------------------- */

static bool rebind(const struct target *t)
{
	return !file_write(DRIVER "/unbind", t->pci) &&
	       !file_write(DRIVER "/bind", t->pci) &&
	       wait_for_file(t->node, true);
}

static void test_size(const struct target *t)
{
	static const char *const bad[] = { "0", "3", "5", "131072", "-1", "x" };
	struct target small = *t;
	char before[32];
	bool ok = param_get("ring_kib", before, sizeof(before));
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		ok = param_set("ring_kib", bad[i]) == EINVAL && ok;
	tap_ok(ok, "bad-ring-kib-is-refused");
	tap_ok(!param_set("ring_kib", "4") && rebind(t) &&
		       (fd = target_open(t, 0)) >= 0 &&
		       !ioctl(fd, MY_RNG_IOC_MAP, &small.map) &&
		       small.map.data_size == PAGE && !close(fd),
	       "ring-kib-sets-the-size");
	test_poll(&small);
	test_backpressure(&small, 4 * MIB);
	test_in_place(&small);
	tap_ok(!param_set("ring_kib", before) && rebind(t), "ring-kib-is-back");
}

/** test_ring() - what only a ring has */
void test_ring(const struct target *t)
{
	if (!target_is(t, "ring"))
		return;
	test_poll(t);
	test_backpressure(t, 14 * MIB);
	test_steady_state(t);
	test_in_place(t);
	test_woken(t, "seed", by_seed);
	test_woken(t, "mode", by_mode);
	if (devices_can_sleep("poll-is-woken-by-sleep"))
		test_woken(t, "sleep", by_sleep);
	test_asleep(t);
	test_lies(t);
	test_size(t);
}
