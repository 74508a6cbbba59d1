// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Waiting: O_NONBLOCK, signals, and several readers at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include "guest.h"

#define HOLD_LEN (4 * CHUNK)
#define DRIVER   "/sys/bus/pci/drivers/my_rng"

static void test_nonblock(const struct target *t)
{
	int fd = target_open(t, O_NONBLOCK);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct my_rng_stats before = {}, after = {};
	uint8_t buf[64];
	bool ok;

	ok = seed(fd) && poll(&p, 1, 20000) == 1 &&
	     read(fd, buf, sizeof(buf)) == sizeof(buf) &&
	     stream_is(t, 0, buf, sizeof(buf));
	tap_ok(ok, "nonblock-read-of-idle-device-gives-the-stream");
	if (target_by_irq(t)) {
		ok = ioctl(fd, MY_RNG_IOC_STATS, &before) == 0 &&
		     read(fd, buf, 32) == 32 &&
		     ioctl(fd, MY_RNG_IOC_STATS, &after) == 0 &&
		     before.count[MY_RNG_STAT_IRQS] ==
			     after.count[MY_RNG_STAT_IRQS];
		tap_ok(ok, "nonblock-read-waits-for-no-interrupt");
	}
	close(fd);
}

/*
 * A reader that waits for its memory, maybe for ever, keeps the device from no
 * one: neither from other readers nor from an unbind.
 */
static void test_stuck(const struct target *t, size_t at)
{
	int stuck = target_open_copying(t), fd = target_open(t, O_NONBLOCK);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct hold *h = hold_start(stuck, at, HOLD_LEN);
	uint8_t buf[64];
	uint32_t word;
	ssize_t got;
	bool ok;

	if (!h) {
		tap_skip("no userfaultfd", "stuck-reader-at-%zu", at);
		goto end;
	}
	ok = ioctl(fd, MY_RNG_IOC_SEED, &(uint32_t){ SEED }) == 0 &&
	     poll(&p, 1, 20000) == 1 &&
	     read(fd, buf, sizeof(buf)) == sizeof(buf) &&
	     stream_is(t, 0, buf, sizeof(buf)) &&
	     ioctl(fd, MY_RNG_IOC_GET, &word) == 0 &&
	     stream_is(t, sizeof(buf) / 4, &word, sizeof(word));
	tap_ok(ok, "stuck-reader-at-%zu-stops-no-reader", at);
	if (t->pci[0]) {
		ok = file_write(DRIVER "/unbind", t->pci) == 0 &&
		     wait_for_file(t->node, false) &&
		     read(fd, buf, sizeof(buf)) == -1 && errno == ENODEV;
		tap_ok(ok, "stuck-reader-at-%zu-stops-no-unbind", at);
	}
	got = hold_finish(h, NULL, NULL);
	ok = got == HOLD_LEN || (t->pci[0] && (got > 0 || got == -ENODEV));
	if (t->pci[0])
		ok = file_write(DRIVER "/bind", t->pci) == 0 &&
		     wait_for_file(t->node, true) && ok;
	tap_ok(ok, "stuck-reader-at-%zu-ends", at);
end:
	close(fd);
	close(stuck);
}

/* Keeps the device's lock for as much of the time as a reader can */
struct hog {
	pthread_t thread;
	int fd;
	volatile bool stop;
};

static void *hog_thread(void *arg)
{
	struct hog *hog = arg;
	uint8_t *buf = malloc(HOLD_LEN);

	while (!hog->stop && read(hog->fd, buf, HOLD_LEN) > 0)
		;
	free(buf);
	return NULL;
}

static bool gives_eagain(int fd, bool by_ioctl)
{
	ssize_t ret;
	uint32_t word;
	int i;

	for (i = 0; i < 100000; i++) {
		ret = by_ioctl ? ioctl(fd, MY_RNG_IOC_GET, &word)
			       : read(fd, &word, sizeof(word));
		if (ret < 0)
			return errno == EAGAIN;
		usleep(100);
	}
	return false;
}

/* A reader that a signal reaches between two chunks returns what it has */
static void test_signal_partial(const struct target *t)
{
	size_t chunk = target_chunk(t), len;
	int fd = target_open(t, 0);
	uint8_t *data;
	struct hold *h;
	ssize_t got;

	seed(fd);
	h = hold_start(fd, chunk + 8192, 4 * chunk);
	if (!h) {
		tap_skip("no userfaultfd", "signal-gives-partial-result");
	} else {
		hold_signal(h, SIGUSR1);
		got = hold_finish(h, &data, &len);
		if (got != (ssize_t)(2 * chunk))
			tap_note("read gave %zd", got);
		tap_ok(got == (ssize_t)(2 * chunk) &&
			       stream_is(t, 0, data, got),
		       "signal-gives-partial-result");
		munmap(data, len);
	}
	close(fd);
}

struct waiter {
	pthread_t thread;
	int fd;
	volatile bool done;
};

/* Until a signal comes while it waits for its turn: it has no byte yet then */
static void *waiter_thread(void *arg)
{
	struct waiter *w = arg;
	uint32_t word;

	while (read(w->fd, &word, sizeof(word)) == sizeof(word))
		;
	w->done = errno == EINTR;
	return NULL;
}

/* Where a chunk takes the device long, so that others find it in use */
static void test_in_use(const struct target *t)
{
	struct hog hog = { .fd = target_open(t, 0) };
	struct waiter w = { .fd = target_open(t, 0) };
	int fd = target_open(t, O_NONBLOCK), i;

	if (!(t->info.cap & (MY_RNG_CAP_RNG64 | MY_RNG_CAP_FIFO)) &&
	    !target_is(t, "32"))
		goto end;
	pthread_create(&hog.thread, NULL, hog_thread, &hog);
	tap_ok(gives_eagain(fd, false) && gives_eagain(fd, true),
	       "nonblock-in-use-gives-eagain");
	pthread_create(&w.thread, NULL, waiter_thread, &w);
	for (i = 0; i < 10000 && !w.done; i++) {
		usleep(1000 + i % 997);
		pthread_kill(w.thread, SIGUSR1);
	}
	tap_ok(w.done, "signal-before-data-gives-eintr");
	hog.stop = true;
	pthread_join(hog.thread, NULL);
	if (w.done)
		pthread_join(w.thread, NULL);
end:
	close(fd);
	close(w.fd);
	close(hog.fd);
}

/* Wherever a signal hits a long read, no word is lost and none comes twice */
static void test_signal_anywhere(const struct target *t)
{
	const size_t n = 4 << 20;
	const struct itimerval often = { { 0, 3000 }, { 0, 3000 } }, off = {};
	uint8_t *buf = malloc(n);
	int fd = target_open(t, 0);
	size_t word = 0, partial = 0;
	bool ok = buf && seed(fd);
	ssize_t got;
	int i;

	memset(buf, 0, n); /* no page faults in the read */
	setitimer(ITIMER_REAL, &often, NULL);
	for (i = 0; ok && i < 3; i++) {
		got = read(fd, buf, n);
		if (got == -1 && errno == EINTR)
			continue;
		ok = got > 0 && got % 4 == 0 && stream_is(t, word, buf, got);
		word += words_of(got);
		partial += got < (ssize_t)n;
	}
	setitimer(ITIMER_REAL, &off, NULL);
	tap_note("%zu of 3 reads of 4 MiB were cut short", partial);
	tap_ok(ok, "signal-anywhere-loses-no-word");
	free(buf);
	close(fd);
}

/** test_wait() - O_NONBLOCK and signals */
void test_wait(const struct target *t)
{
	catch_signal(SIGUSR1);
	catch_signal(SIGALRM);
	test_nonblock(t);
	test_signal_partial(t);
	test_stuck(t, 8192);
	test_stuck(t, CHUNK + 8192);
	test_in_use(t);
	test_signal_anywhere(t);
}

/** test_no_msi() - the device of a path has no interrupt to wait for */
void test_no_msi(const struct target *t)
{
	static uint8_t buf[2 * CHUNK];
	struct my_rng_stats stats;
	int fd = target_open(t, 0);
	char name[80];
	bool ok;

	snprintf(name, sizeof(name), "/sys/bus/pci/devices/%s/msi_irqs",
		 t->pci);
	ok = access(name, F_OK) && read(fd, buf, sizeof(buf)) == sizeof(buf) &&
	     !ioctl(fd, MY_RNG_IOC_STATS, &stats);
	tap_ok(ok && !stats.count[MY_RNG_STAT_IRQS], "device-has-no-interrupt");
	close(fd);
}

#define READERS      4
#define READS        100
#define READ_MAX     32768u
#define SHARED_FILES 2

/* Sum of a mixing function: equal for equal sets of words in any order */
static uint64_t mix(uint32_t word)
{
	uint64_t x = word * 0x9e3779b97f4a7c15ull + 1;

	x = (x ^ (x >> 31)) * 0xbf58476d1ce4e5b9ull;
	return x ^ (x >> 29);
}

struct reader {
	pthread_t thread;
	int fd;
	uint32_t order; /* state of the size sequence */
	uint64_t sum;
	size_t words;
	bool ok;
};

/* Whole words only: the rest of a torn one would be dropped */
static void *reader_thread(void *arg)
{
	struct reader *r = arg;
	uint32_t *buf = malloc(READ_MAX);
	int i;

	r->ok = buf != NULL;
	for (i = 0; r->ok && i < READS; i++) {
		size_t n, k;

		r->order = r->order * 1664525 + 1013904223;
		n = (r->order >> 8) % READ_MAX / 4 * 4 + 4;
		r->ok = read(r->fd, buf, n) == (ssize_t)n;
		for (k = 0; k < n / 4; k++)
			r->sum += mix(buf[k]);
		r->words += n / 4;
	}
	free(buf);
	return NULL;
}

/** test_threads() - readers together get each word of the stream once */
void test_threads(const struct target *t)
{
	struct reader r[READERS] = {};
	uint64_t got = 0, want = 0;
	size_t i, words = 0;
	bool ok = true;

	for (i = 0; i < READERS; i++) {
		r[i].fd = i < SHARED_FILES && i ? r[0].fd : target_open(t, 0);
		r[i].order = i;
	}
	seed(r[0].fd);
	for (i = 0; i < READERS; i++)
		pthread_create(&r[i].thread, NULL, reader_thread, &r[i]);
	for (i = 0; i < READERS; i++) {
		pthread_join(r[i].thread, NULL);
		ok = ok && r[i].ok;
		got += r[i].sum;
		words += r[i].words;
	}
	for (i = 0; i < words && i < STREAM_WORDS; i++)
		want += mix(target_is_null(t) ? 0 : stream_word(i));
	tap_ok(ok && words <= STREAM_WORDS && got == want,
	       "%d-threads-share-the-stream", READERS);
	for (i = 0; i < READERS; i++)
		if (!i || i >= SHARED_FILES)
			close(r[i].fd);
}
