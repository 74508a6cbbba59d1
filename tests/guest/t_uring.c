// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * readv(2) and io_uring: several requests in one system call give the stream in
 * their order, into the right places, and tell their errors one by one.
 */
#include <errno.h>
#include <liburing.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "guest.h"

#define REQUESTS 8
#define ROOM     (256u << 10)

static const size_t lens[REQUESTS] = { 4, 1, 4096, 65541, 7, 0, 131072, 3 };

static int submit(struct io_uring *ring, int fd, uint8_t *const at[],
		  const size_t len[], unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

		io_uring_prep_read(sqe, fd, at[i], (unsigned int)len[i],
				   (uint64_t)-1);
		io_uring_sqe_set_data64(sqe, i);
		/* In the order of their submission, also where one sleeps */
		sqe->flags |= i + 1 < n ? IOSQE_IO_HARDLINK : 0;
	}
	return io_uring_submit_and_wait(ring, n);
}

/* The results of @n requests, each in its place */
static bool reap(struct io_uring *ring, int res[], unsigned int n)
{
	struct io_uring_cqe *cqe;

	for (unsigned int i = 0; i < n; i++) {
		if (io_uring_wait_cqe(ring, &cqe))
			return false;
		res[io_uring_cqe_get_data64(cqe)] = cqe->res;
		io_uring_cqe_seen(ring, cqe);
	}
	return true;
}

static bool pieces_are_the_stream(const struct target *t, uint8_t *const at[])
{
	size_t word = 0;

	for (size_t i = 0; i < REQUESTS; i++) {
		if (!stream_is(t, word, at[i], lens[i]))
			return false;
		word += words_of(lens[i]);
	}
	return true;
}

static void place(uint8_t *buf, uint8_t *at[])
{
	for (size_t i = 0, used = 1; i < REQUESTS; i++) {
		at[i] = buf + used;
		used += lens[i] + 3;
	}
}

static void test_batch(const struct target *t, struct io_uring *ring, int fd,
		       uint8_t *buf)
{
	uint8_t *at[REQUESTS];
	int res[REQUESTS];
	bool ok = seed(fd);

	place(buf, at);
	ok = ok && submit(ring, fd, at, lens, REQUESTS) == REQUESTS &&
	     reap(ring, res, REQUESTS);
	for (size_t i = 0; i < REQUESTS && ok; i++) {
		ok = res[i] == (int)lens[i];
		if (!ok)
			tap_note("request %zu of %zu bytes gave %d", i, lens[i],
				 res[i]);
	}
	tap_ok(ok && pieces_are_the_stream(t, at),
	       "io_uring-batch-gives-the-stream");
}

static void test_bad_buffer(const struct target *t, struct io_uring *ring,
			    int fd, uint8_t *buf)
{
	uint8_t *at[] = { buf, (uint8_t *)8, buf };
	size_t len[] = { 8, 8, 8 };
	int res[3] = { 0 };
	bool ok = submit(ring, fd, at, len, 3) == 3 && reap(ring, res, 3);

	(void)t;
	tap_ok(ok && res[0] == 8 && res[1] == -EFAULT && res[2] == 8,
	       "io_uring-bad-buffer-fails-alone");
}

/* Without IOSQE_ASYNC all of it runs in the system call that submits */
static void test_uring(const struct target *t, int fd, uint8_t *buf)
{
	struct io_uring ring;
	int error = io_uring_queue_init(REQUESTS, &ring, 0);

	if (error) {
		tap_skip(strerror(-error), "io_uring");
		return;
	}
	test_batch(t, &ring, fd, buf);
	test_bad_buffer(t, &ring, fd, buf);
	io_uring_queue_exit(&ring);
}

static void test_readv(const struct target *t, int fd, uint8_t *buf)
{
	uint8_t *at[REQUESTS];
	struct iovec iov[REQUESTS];
	ssize_t want = 0;
	bool ok = seed(fd);

	place(buf, at);
	for (size_t i = 0; i < REQUESTS; i++) {
		iov[i] = (struct iovec){ at[i], lens[i] };
		want += (ssize_t)lens[i];
	}
	ok = ok && readv(fd, iov, REQUESTS) == want;
	tap_ok(ok && pieces_are_the_stream(t, at), "readv-gives-the-stream");
	iov[1].iov_base = (void *)8;
	tap_ok(readv(fd, iov, REQUESTS) == (ssize_t)lens[0],
	       "readv-stops-at-a-bad-buffer");
	iov[0] = iov[1];
	tap_ok(readv(fd, iov, 1) == -1 && errno == EFAULT,
	       "readv-into-a-bad-buffer-fails");
}

/** test_batches() - requests handed over several at a time */
void test_batches(const struct target *t)
{
	int fd = target_open(t, 0);
	uint8_t *buf = malloc(ROOM);

	if (buf) {
		test_readv(t, fd, buf);
		test_uring(t, fd, buf);
	} else {
		tap_ok(false, "memory");
	}
	free(buf);
	close(fd);
}
