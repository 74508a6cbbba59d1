/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How to ask: an engine is one way to ask for random bytes (or to enter the
 * kernel for nothing), one small file with one ops table. A source is what an
 * engine asks. What can be measured on a machine is a table of both above them
 * (target.h), which no engine knows. To add an engine: one file, one line below,
 * one line in build.mk, and its place in that table (targets.c).
 */
#ifndef USERBENCH_ENGINE_H
#define USERBENCH_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source.h"
#include "touch.h"

/**
 * struct request - one worker's view of the cell it runs; made by the core
 * @source: what is asked
 * @index: of the thread, from 0
 * @bytes: bytes per call, 0 where a call moves none
 * @buf: destination, at least @bytes, page-aligned and resident
 * @touch: what the process does with the bytes of each call, resolved
 * @place: where the last call, or its last piece, left its bytes, if not in
 *	@buf; NULL at first
 * @placed: how many
 * @src: a second such buffer holding noise, for engines that copy
 * @fd: open file, -1 where there is none; belongs to open()/close()
 * @priv: the engine's own; belongs to open()/close()
 * @got: what the failing call returned (-1: errno in @error)
 * @error: errno of the failing call, 0 for a short one
 * @syscalls: system calls made beside engine.syscalls for each call; counted up
 *	by batch()
 */
struct request {
	const struct source *source;
	unsigned int index;
	size_t bytes;
	void *buf;
	enum touch touch;
	const void *place;
	size_t placed;
	const void *src;
	int fd;
	void *priv;
	long long got;
	int error;
	uint64_t syscalls;
};

/** enum engine_sizes - which request sizes make sense */
enum engine_sizes {
	SIZES_NONE, /* a call moves no bytes */
	SIZES_WORD, /* always 4 */
	SIZES_MIB,  /* always 1 MiB */
	SIZES_ALL,
	SIZES_FEW,      /* where a curve is flat: a word, a page, and 64 KiB */
	SIZES_IN_PLACE, /* a line, a page, 64 KiB, 1 MiB */
	SIZES_BULK,     /* a page and more */
};

/**
 * struct engine - ops table of one engine
 * @access: the word in the access column
 * @what: the call, for messages ("read", "ioctl MY_RNG_IOC_GET")
 * @sizes: request sizes that make sense
 * @syscalls: system calls per call; 0 where batch() counts them itself
 * @touch: what it does with delivered bytes unless asked otherwise
 * @huge: the destination lies in huge pages; where there are none, the cell is
 *	left out
 * @exclusive: an open request keeps other requests of the same device from being
 *	answered (EBUSY): it is opened for each slice and closed after it
 * @open: get ready, on the thread of worker 0 for all workers; 0, or -1 with
 *	@got and @error as of batch. May be NULL.
 * @batch: make @calls calls and nothing else; 0, or -1 with @got and @error
 *	set at the first one that failed or delivered less than asked. One
 *	indirect call per batch, so that dispatch is not measured.
 * @close: undo open(), on the thread of worker 0; called also after open() or
 *	batch() failed. May be NULL.
 */
struct engine {
	const char *access;
	const char *what;
	enum engine_sizes sizes;
	unsigned int syscalls;
	enum touch touch;
	bool huge;
	bool exclusive;
	int (*open)(struct request *r);
	int (*batch)(struct request *r, uint64_t calls);
	void (*close)(struct request *r);
};

/** request_failed() - note that a call gave @got; returns -1 for batch() */
int request_failed(struct request *r, long long got);

/** uring_works() - whether this kernel lets us use io_uring */
bool uring_works(void);

/* open/close of engines that need the source's device node and no more */
int engine_open_node(struct request *r);
void engine_close_node(struct request *r);
/* the read(2) loop, shared by read and hwrng */
int engine_read_batch(struct request *r, uint64_t calls);

/** engine_mmap_suits() - whether a read path can be read in place */
bool engine_mmap_suits(const char *path);

/** engine_mmap_shares() - whether several threads can read it so at once */
bool engine_mmap_shares(const char *path);

extern const struct engine engine_read;
extern const struct engine engine_read_huge;
extern const struct engine engine_read_fixed;
extern const struct engine engine_mmap;
extern const struct engine engine_ioctl;
extern const struct engine engine_ioctl0;
extern const struct engine engine_hwrng;
extern const struct engine engine_getrandom;
extern const struct engine engine_memcpy;
extern const struct engine engine_getppid;
extern const struct engine engine_uring;
extern const struct engine engine_generator; /* hostbench only */
extern const struct engine engine_fill;      /* hostbench only */
extern const struct engine engine_rand;      /* hostbench only */

#endif /* USERBENCH_ENGINE_H */
