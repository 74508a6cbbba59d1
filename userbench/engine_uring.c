// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * read(2) by io_uring: as many requests as make sense are handed over by one
 * system call, and their completions taken without another.
 */
#include "engine.h"

#include <errno.h>
#include <liburing.h>
#include <stdlib.h>

/* Requests in a batch, fewer where their buffers would exceed BUFFERS bytes */
#define DEPTH   32
#define BUFFERS (1u << 20)

/**
 * struct uring - what an open request holds
 * @ring: the kernel's two queues
 * @depth: requests handed over at once
 * @slots: buffers of all but the first of these, which goes to request::buf
 */
struct uring {
	struct io_uring *ring;
	unsigned int depth;
	char *slots;
};

/*
 * Kept until the program ends: the kernel takes a ring down after close(2), by
 * work for this thread that would cut another engine's calls short. One thread
 * uses it, as kernels since 6.0 let us say. All open requests share it: each has
 * buffers of its own, and a batch leaves nothing in the queues.
 */
static struct io_uring *the_ring(void)
{
	static struct io_uring ring;
	static bool made;
	int error = 0;

	if (!made)
		error = io_uring_queue_init(DEPTH, &ring,
					    IORING_SETUP_SINGLE_ISSUER |
						    IORING_SETUP_COOP_TASKRUN);
	if (error == -EINVAL)
		error = io_uring_queue_init(DEPTH, &ring, 0);
	made = !error;
	errno = -error;
	return made ? &ring : NULL;
}

bool uring_works(void)
{
	return the_ring();
}

static int uring_open(struct request *r)
{
	struct uring *u = calloc(1, sizeof(*u));
	size_t depth = BUFFERS / r->bytes;

	r->priv = u;
	if (u && r->index)
		errno = EOPNOTSUPP; /* the ring is the first thread's */
	if (!u || r->index)
		return request_failed(r, -1);
	u->depth = depth < 1 ? 1 : depth > DEPTH ? DEPTH : (unsigned int)depth;
	u->slots = malloc(u->depth * r->bytes);
	u->ring = u->slots ? the_ring() : NULL;
	return u->ring ? engine_open_node(r) : request_failed(r, -1);
}

static void uring_close(struct request *r)
{
	struct uring *u = r->priv;

	if (u) {
		free(u->slots);
		free(u);
	}
	r->priv = NULL;
	engine_close_node(r);
}

/* What the @n requests handed over gave; all are taken, also after a failure */
static int uring_reap(struct request *r, struct uring *u, unsigned int n)
{
	struct io_uring_cqe *cqe;
	int failed = 0;
	int error;

	while (n--) {
		error = io_uring_wait_cqe(u->ring, &cqe);
		if (error) {
			errno = -error;
			return request_failed(r, -1);
		}
		if (cqe->res != (int)r->bytes && !failed) {
			errno = cqe->res < 0 ? -cqe->res : 0;
			failed =
				request_failed(r, cqe->res < 0 ? -1 : cqe->res);
		}
		if (!failed)
			touch_bytes(io_uring_cqe_get_data(cqe), r->bytes,
				    r->touch);
		io_uring_cqe_seen(u->ring, cqe);
	}
	return failed;
}

static int uring_submit(struct request *r, struct uring *u, unsigned int n)
{
	int done;

	for (unsigned int i = 0; i < n; i++) {
		void *to = i ? u->slots + i * r->bytes : r->buf;
		struct io_uring_sqe *sqe = io_uring_get_sqe(u->ring);

		io_uring_prep_read(sqe, r->fd, to, (unsigned int)r->bytes,
				   (uint64_t)-1);
		io_uring_sqe_set_data(sqe, to);
	}
	while (n) {
		done = io_uring_submit_and_wait(u->ring, n);
		r->syscalls++;
		if (done < 0 && done != -EINTR) {
			errno = -done;
			return request_failed(r, -1);
		}
		if (done > 0)
			n -= (unsigned int)done;
	}
	return 0;
}

static int uring_batch(struct request *r, uint64_t calls)
{
	struct uring *u = r->priv;

	while (calls) {
		unsigned int n =
			calls < u->depth ? (unsigned int)calls : u->depth;

		if (uring_submit(r, u, n) || uring_reap(r, u, n))
			return -1;
		calls -= n;
	}
	return 0;
}

const struct engine engine_uring = {
	.access = "uring",
	.what = "a read by io_uring",
	.sizes = SIZES_FEW,
	.open = uring_open,
	.batch = uring_batch,
	.close = uring_close,
};
