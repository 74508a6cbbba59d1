/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * User memory that a device writes to: pinned, mapped for it, described to it.
 * Knows no registers.
 */
#ifndef MY_RNG_PAGES_H
#define MY_RNG_PAGES_H

#include <linux/list.h>
#include <linux/scatterlist.h>

#include "my_rng_drv.h"

/* A descriptor as it lies in memory, see my_rng_regs.h */
struct my_rng_dma_desc {
	__le64 addr;
	__le32 len;
	__le32 reserved;
};

/**
 * struct my_rng_range - a part of pinned memory that is one run on the bus
 * @bus: where
 * @start: bytes of the pinned memory before it
 * @len: bytes
 */
struct my_rng_range {
	dma_addr_t bus;
	size_t start;
	size_t len;
};

/**
 * struct my_rng_pages - pinned user memory
 * @node: in a list of what is mapped for the device
 * @mm: of a registered buffer, whose it is; a reference of the structure
 * @users: requests in flight to a registered buffer
 * @addr: in it
 * @len: bytes
 * @sgt: the runs of the pages; mapped where @mapped
 * @mapped: for the device
 * @sync: the CPU sees what was written only after a sync (bounce buffers)
 * @ranges: of a registered buffer, ascending
 * @nranges: how many
 * @count: pages
 * @pages: pinned, each once
 */
struct my_rng_pages {
	struct list_head node;
	struct mm_struct *mm;
	unsigned int users;
	unsigned long addr;
	size_t len;
	struct sg_table sgt;
	bool mapped;
	bool sync;
	struct my_rng_range *ranges;
	unsigned int nranges;
	unsigned long count;
	struct page *pages[];
};

struct my_rng_pages *my_rng_pin(unsigned long addr, size_t len,
				unsigned int flags, unsigned int segment);
void my_rng_unpin(struct my_rng_pages *p);
int my_rng_map_pages(struct device *dev, struct my_rng_pages *p);
void my_rng_unmap_pages(struct device *dev, struct my_rng_pages *p);
int my_rng_describe(const struct my_rng_pages *p, struct my_rng_dma_desc *table,
		    unsigned int max);

struct my_rng_pages *my_rng_buf_pin(unsigned long addr, size_t len,
				    unsigned int segment);
void my_rng_buf_free(struct my_rng_pages *p);
int my_rng_buf_map(struct device *dev, struct my_rng_pages *p);
bool my_rng_buf_holds(const struct my_rng_pages *p, unsigned long addr,
		      size_t len);
int my_rng_buf_describe(const struct my_rng_pages *p, size_t at, size_t len,
			struct my_rng_dma_desc *table, unsigned int max);
void my_rng_buf_sync(struct device *dev, const struct my_rng_pages *p,
		     size_t at, size_t len);

#endif /* MY_RNG_PAGES_H */
