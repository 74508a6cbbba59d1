// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory that calls write to, in pages of a known kind. */
#include "buffer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "log.h"

#define PAGE  ((size_t)4096)
#define HUGE  ((size_t)2 << 20)
#define SMAPS "/proc/self/smaps"

static size_t round_up(size_t bytes, size_t unit)
{
	return (bytes + unit - 1) / unit * unit;
}

static void *map(size_t bytes, int prot, int flags)
{
	void *p = mmap(NULL, bytes, prot, MAP_PRIVATE | MAP_ANONYMOUS | flags,
		       -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* Resident: written once, as a page that was only read is a shared one of 0 */
static void make_resident(struct buffer *b, size_t bytes)
{
	memset(b->data, 0, bytes);
	b->locked = !mlock(b->data, bytes);
}

int buffer_make(struct buffer *b, size_t bytes)
{
	bytes = round_up(bytes, PAGE);
	b->map_bytes = bytes;
	b->map = map(bytes, PROT_READ | PROT_WRITE, 0);
	b->data = b->map;
	if (!b->data) {
		log_error("cannot get a buffer of %zu bytes: %s", bytes,
			  strerror(errno));
		return -1;
	}
	/* Fails where there are no huge pages, so that there is nothing to do */
	madvise(b->data, bytes, MADV_NOHUGEPAGE);
	make_resident(b, bytes);
	return 0;
}

/* KiB in transparent huge pages of the mapping that starts at @p; -1: unknown */
static long long huge_kib(const void *p)
{
	FILE *f = fopen(SMAPS, "re");
	long long kib = -1;
	uintptr_t start, end;
	char line[512];
	bool here = false;

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &start, &end) ==
		    2)
			here = start == (uintptr_t)p;
		else if (here && sscanf(line, "AnonHugePages: %lld", &kib) == 1)
			break;
	}
	if (f)
		fclose(f);
	return kib;
}

/*
 * Room for alignment on both sides, without access: so the middle is a mapping
 * of its own in smaps, whatever its neighbours are.
 */
static bool make_transparent(struct buffer *b, size_t bytes)
{
	uintptr_t at;

	b->map_bytes = bytes + 2 * HUGE;
	b->map = map(b->map_bytes, PROT_NONE, MAP_NORESERVE);
	if (!b->map)
		return false;
	at = round_up((uintptr_t)b->map + 1, HUGE);
	b->data = (void *)at;
	if (mprotect(b->data, bytes, PROT_READ | PROT_WRITE) ||
	    madvise(b->data, bytes, MADV_HUGEPAGE))
		return false;
	make_resident(b, bytes);
	return huge_kib(b->data) == (long long)(bytes / 1024);
}

int buffer_make_huge(struct buffer *b, size_t bytes)
{
	bytes = round_up(bytes, HUGE);
	b->map_bytes = bytes;
	b->map = map(bytes, PROT_READ | PROT_WRITE, MAP_HUGETLB);
	b->data = b->map;
	if (b->data) {
		make_resident(b, bytes);
		return 0;
	}
	if (make_transparent(b, bytes))
		return 0;
	buffer_free(b);
	return -1;
}

void buffer_free(struct buffer *b)
{
	if (b->map)
		munmap(b->map, b->map_bytes);
	memset(b, 0, sizeof(*b));
}
