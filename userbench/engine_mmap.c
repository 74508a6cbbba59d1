// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading a mapped device in place: no system call. Registers are read into the
 * buffer word by word; a window is refilled by a register read and consumed
 * where it lies, one request after the other; a ring fills itself, and what was
 * consumed is given back through its header.
 */
#include "engine.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "my_rng_uapi.h"

/**
 * struct mapped - what a worker has mapped
 * @batch: makes calls in the way of the path
 * @map: offsets and sizes
 * @regs: the registers
 * @hdr: a ring's header, or NULL
 * @data: the window or the ring, or NULL
 * @cons: bytes of the ring consumed
 * @at: how much of the window is consumed; its size: all of it
 * @depth: FIFO capacity in words
 */
struct mapped {
	int (*batch)(struct request *r, struct mapped *m, uint64_t calls);
	struct my_rng_map map;
	const volatile uint8_t *regs;
	uint8_t *hdr;
	const uint8_t *data;
	uint64_t cons;
	size_t at;
	uint32_t depth;
};

/* A ring's space is given back in pieces of this size, so that it is filled */
#define RING_PIECE 65536

/* How long to look for bytes before sleeping, in looks, and then to wait */
#define RING_LOOKS   2000
#define RING_POLL_MS 10000

/* A device that is unbound takes its mappings with it */
static _Thread_local sigjmp_buf gone;

static void on_sigbus(int sig)
{
	(void)sig;
	siglongjmp(gone, 1);
}

static uint32_t read32(const struct mapped *m, unsigned int reg)
{
	return *(const volatile uint32_t *)(m->regs + reg);
}

static uint64_t read64(const struct mapped *m, unsigned int reg)
{
	return *(const volatile uint64_t *)(m->regs + reg);
}

/* n bytes take n / 4 words, rounded up, as by every other access */
static void read_words(const struct mapped *m, unsigned int reg, uint8_t *to,
		       size_t bytes)
{
	uint32_t word;
	size_t i;

	for (i = 0; i + sizeof(word) <= bytes; i += sizeof(word)) {
		word = read32(m, reg);
		memcpy(to + i, &word, sizeof(word));
	}
	if (i < bytes) {
		word = read32(m, reg);
		memcpy(to + i, &word, bytes - i);
	}
}

static int batch_32(struct request *r, struct mapped *m, uint64_t calls)
{
	while (calls--) {
		read_words(m, MY_RNG_REG_RNG, r->buf, r->bytes);
		touch_bytes(r->buf, r->bytes, r->touch);
	}
	return 0;
}

/* A rest of 1 to 4 bytes is one 32-bit read, as in the driver */
static int batch_64(struct request *r, struct mapped *m, uint64_t calls)
{
	size_t words = (r->bytes + 3) / 4;
	uint8_t *to = r->buf;
	uint64_t pair;
	size_t i;

	while (calls--) {
		for (i = 0; i + sizeof(pair) <= r->bytes; i += sizeof(pair)) {
			pair = read64(m, MY_RNG_REG_RNG64);
			memcpy(to + i, &pair, sizeof(pair));
		}
		if (words % 2) {
			read_words(m, MY_RNG_REG_RNG, to + i, r->bytes - i);
		} else if (i < r->bytes) {
			pair = read64(m, MY_RNG_REG_RNG64);
			memcpy(to + i, &pair, r->bytes - i);
		}
		touch_bytes(to, r->bytes, r->touch);
	}
	return 0;
}

static int batch_fifo(struct request *r, struct mapped *m, uint64_t calls)
{
	uint8_t *to = r->buf;

	while (calls--) {
		for (size_t i = 0, n; i < r->bytes; i += n) {
			uint32_t level = read32(m, MY_RNG_REG_FIFO_LEVEL);

			if (!level || level > m->depth) {
				errno = EIO;
				return request_failed(r, -1);
			}
			n = r->bytes - i < 4ul * level ? r->bytes - i
						       : 4ul * level;
			read_words(m, MY_RNG_REG_FIFO_DATA, to + i, n);
		}
		touch_bytes(to, r->bytes, r->touch);
	}
	return 0;
}

static int refill(struct request *r, struct mapped *m)
{
	if (read32(m, MY_RNG_REG_WIN_REFILL) != m->map.data_size) {
		errno = EIO;
		return request_failed(r, -1);
	}
	m->at = 0;
	return 0;
}

/* One request: the rest of the window, then as many refills as it takes */
static int take(struct request *r, struct mapped *m)
{
	size_t size = m->map.data_size;
	size_t left = r->bytes;

	while (left) {
		size_t n;

		if (m->at == size && refill(r, m))
			return -1;
		n = size - m->at < left ? size - m->at : left;
		r->place = m->data + m->at;
		r->placed = n;
		touch_bytes(r->place, n, r->touch);
		m->at += (n + 3) / 4 * 4;
		left -= n;
	}
	return 0;
}

static int batch_window(struct request *r, struct mapped *m, uint64_t calls)
{
	while (calls--) {
		if (take(r, m))
			return -1;
	}
	return 0;
}

static uint64_t *ring_field(const struct mapped *m, unsigned int offset)
{
	return (uint64_t *)(m->hdr + offset);
}

/* Acquire: the bytes are read after the count of them */
static uint64_t ring_there(const struct mapped *m)
{
	return __atomic_load_n(ring_field(m, MY_RNG_RING_PROD),
			       __ATOMIC_ACQUIRE) -
	       m->cons;
}

/* Bytes that can be consumed, at least 1; 0 and errno: none will come */
static uint64_t ring_wait(struct request *r, const struct mapped *m)
{
	struct pollfd p = { .fd = r->fd, .events = POLLIN };
	uint64_t there = ring_there(m);

	for (int i = 0; !there && i < RING_LOOKS; i++) {
#if defined(__x86_64__)
		__builtin_ia32_pause();
#endif
		there = ring_there(m);
	}
	while (!there) {
		int n = poll(&p, 1, RING_POLL_MS);

		r->syscalls++;
		if (n <= 0 || p.revents != POLLIN) {
			errno = n ? EIO : ETIMEDOUT;
			return 0;
		}
		there = ring_there(m);
	}
	return there;
}

/* Release: the bytes were read before their space is given back */
static void ring_give_back(struct request *r, struct mapped *m, size_t bytes)
{
	uint64_t before = m->cons;
	uint64_t kick_at;

	m->cons += (bytes + 3) / 4 * 4;
	__atomic_store_n(ring_field(m, MY_RNG_RING_CONS), m->cons,
			 __ATOMIC_RELEASE);
	/* Pairs with the device's, between kick_at and its look at cons */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	kick_at = __atomic_load_n(ring_field(m, MY_RNG_RING_KICK_AT),
				  __ATOMIC_RELAXED);
	if (before < kick_at && kick_at <= m->cons) {
		ioctl(r->fd, MY_RNG_IOC_RING_KICK);
		r->syscalls++;
	}
}

static int ring_take(struct request *r, struct mapped *m)
{
	size_t size = m->map.data_size;
	size_t left = r->bytes;

	while (left) {
		size_t at = m->cons & (size - 1);
		uint64_t there = ring_wait(r, m);
		size_t n = left < RING_PIECE ? left : RING_PIECE;

		if (!there)
			return request_failed(r, -1);
		n = n < there ? n : there;
		n = n < size - at ? n : size - at;
		r->place = m->data + at;
		r->placed = n;
		touch_bytes(r->place, n, r->touch);
		ring_give_back(r, m, n);
		left -= n;
	}
	return 0;
}

static int batch_ring(struct request *r, struct mapped *m, uint64_t calls)
{
	while (calls--) {
		if (ring_take(r, m))
			return -1;
	}
	return 0;
}

/* Whoever reads @shared ones takes the next word; others have a place to keep */
static const struct way {
	const char *path;
	int (*batch)(struct request *r, struct mapped *m, uint64_t calls);
	bool shared;
} ways[] = {
	{ "32", batch_32, true },
	{ "64", batch_64, true },
	{ "fifo-mmio", batch_fifo, false },
	{ "window", batch_window, false },
	{ "window-uc", batch_window, false },
	{ "ring", batch_ring, false },
};

static const struct way *way_of(const char *path)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (!strcmp(ways[i].path, path))
			return &ways[i];
	}
	return NULL;
}

bool engine_mmap_suits(const char *path)
{
	return way_of(path);
}

bool engine_mmap_shares(const char *path)
{
	const struct way *way = way_of(path);

	return way && way->shared;
}

static void *map_part(const struct request *r, uint64_t offset, uint64_t size,
		      int prot)
{
	void *p = mmap(NULL, size, prot, MAP_SHARED, r->fd, (off_t)offset);

	return p == MAP_FAILED ? NULL : p;
}

/* From where it is now */
static int map_header(const struct request *r, struct mapped *m)
{
	m->hdr = map_part(r, m->map.hdr_offset, m->map.hdr_size,
			  PROT_READ | PROT_WRITE);
	if (!m->hdr)
		return -1;
	m->cons = *ring_field(m, MY_RNG_RING_CONS);
	return 0;
}

/* The regions that there are; -1 and errno */
static int map_all(struct request *r, struct mapped *m)
{
	struct my_rng_info info;
	const struct way *way;

	if (ioctl(r->fd, MY_RNG_IOC_INFO, &info) ||
	    ioctl(r->fd, MY_RNG_IOC_MAP, &m->map))
		return -1;
	way = way_of(info.path);
	if (!way || !m->map.reg_size) {
		errno = ENODEV;
		return -1;
	}
	m->batch = way->batch;
	m->depth = info.fifo_depth;
	m->at = m->map.data_size;
	m->regs = map_part(r, m->map.reg_offset, m->map.reg_size, PROT_READ);
	if (m->regs && m->map.data_size)
		m->data = map_part(r, m->map.data_offset, m->map.data_size,
				   PROT_READ);
	if (m->data && m->map.hdr_size)
		return map_header(r, m);
	return m->regs && (m->data || !m->map.data_size) ? 0 : -1;
}

static int mmap_open(struct request *r)
{
	struct sigaction sa = { .sa_handler = on_sigbus,
				.sa_flags = SA_NODEFER };

	r->priv = calloc(1, sizeof(struct mapped));
	if (!r->priv)
		return request_failed(r, -1);
	if (engine_open_node(r))
		return -1;
	sigaction(SIGBUS, &sa, NULL);
	return map_all(r, r->priv) ? request_failed(r, -1) : 0;
}

static int mmap_batch(struct request *r, uint64_t calls)
{
	struct mapped *m = r->priv;

	if (sigsetjmp(gone, 0)) {
		errno = ENODEV;
		return request_failed(r, -1);
	}
	return m->batch(r, m, calls);
}

static void mmap_close(struct request *r)
{
	struct mapped *m = r->priv;

	if (m && m->regs)
		munmap((void *)m->regs, m->map.reg_size);
	if (m && m->hdr)
		munmap(m->hdr, m->map.hdr_size);
	if (m && m->data)
		munmap((void *)m->data, m->map.data_size);
	free(m);
	r->priv = NULL;
	engine_close_node(r);
}

const struct engine engine_mmap = {
	.access = "mmap",
	.what = "mapped read",
	.sizes = SIZES_IN_PLACE,
	.touch = TOUCH_LINE,
	.exclusive = true,
	.open = mmap_open,
	.batch = mmap_batch,
	.close = mmap_close,
};
