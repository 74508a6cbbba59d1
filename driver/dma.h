/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the two files of read path dma share: its state, and a request.
 */
#ifndef MY_RNG_DMA_H
#define MY_RNG_DMA_H

#include <linux/completion.h>
#include <linux/list.h>
#include <linux/scatterlist.h>

#include "my_rng_drv.h"

/* Completion record as it lies in memory, see my_rng_regs.h */
struct my_rng_dma_record {
	__le32 status;
	__le32 count;
};

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
 * @node: in bufs or stuck of struct my_rng_dma, or flying of its queue
 * @mm: of a registered buffer, whose it is; a reference of the structure
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

/* Descriptors in a table: a request of 1 MiB at an odd offset takes 257 */
#define MY_RNG_DMA_DESCS 512u

struct my_rng_queue;

/**
 * struct my_rng_dma - state of the path, protected by the device's lock
 * @record: written by the device at the end of a request
 * @record_bus: its bus address
 * @bus: bus address of the data, the device's buf
 * @table: MY_RNG_DMA_DESCS descriptors; NULL if the device takes none
 * @table_bus: its bus address
 * @len: what DMA_LEN holds, 0 if unknown
 * @descs: what DMA_DESC_COUNT holds, 0 if unknown
 * @descs_max: most descriptors of a request
 * @late: a request timed out: the device may still write, start no other
 * @bufs: registered buffers (struct my_rng_pages) that are mapped
 * @stuck: user pages that a late request may still write to
 * @done: completed by the interrupt
 * @queue: requests in flight; NULL if the device keeps none
 */
struct my_rng_dma {
	struct my_rng_dma_record *record;
	dma_addr_t record_bus;
	dma_addr_t bus;
	struct my_rng_dma_desc *table;
	dma_addr_t table_bus;
	u32 len;
	u32 descs;
	u32 descs_max;
	bool late;
	struct list_head bufs;
	struct list_head stuck;
	struct completion done;
	struct my_rng_queue *queue;
};

/* A request that takes this long is late, in jiffies: 1 s */
#define MY_RNG_DMA_TIMEOUT HZ

ssize_t my_rng_dma_request(struct my_rng_dev *mr, size_t len, u32 descs,
			   bool irq);
bool my_rng_dma_busy(struct my_rng_dev *mr);

extern const struct my_rng_mode my_rng_zc_ram_mode;

int my_rng_dma_user_probe(struct my_rng_dev *mr);
void my_rng_dma_user_remove(struct my_rng_dev *mr);
void my_rng_dma_user_free_stuck(struct my_rng_dev *mr);

struct my_rng_pages *my_rng_pin(unsigned long addr, size_t len,
				unsigned int flags, unsigned int segment);
void my_rng_unpin(struct my_rng_pages *p);
int my_rng_map_pages(struct my_rng_dev *mr, struct my_rng_pages *p);
void my_rng_unmap_pages(struct my_rng_dev *mr, struct my_rng_pages *p);
int my_rng_describe(const struct my_rng_dma *dma, const struct my_rng_pages *p,
		    struct my_rng_dma_desc *table);
bool my_rng_buf_holds(const struct my_rng_pages *p, unsigned long addr,
		      size_t len);
int my_rng_describe_part(const struct my_rng_dma *dma,
			 const struct my_rng_pages *p, size_t at, size_t len,
			 struct my_rng_dma_desc *table);
void my_rng_buf_sync(struct my_rng_dev *mr, const struct my_rng_pages *p,
		     size_t at, size_t len);
bool my_rng_is_short(const struct my_rng_dev *mr, size_t len);
ssize_t my_rng_copy(struct my_rng_file *mf, char __user *to, size_t len,
		    bool nonblock);

ssize_t my_rng_dma_read_poll(struct my_rng_file *mf, char __user *to,
			     size_t len, bool nonblock);
ssize_t my_rng_dma_read_msi(struct my_rng_file *mf, char __user *to, size_t len,
			    bool nonblock);
int my_rng_dma_buf_register(struct my_rng_file *mf, u64 addr, u64 len);
int my_rng_dma_buf_unregister(struct my_rng_file *mf);

int my_rng_queue_probe(struct my_rng_dev *mr);
void my_rng_queue_stop(struct my_rng_dev *mr);
void my_rng_queue_remove(struct my_rng_dev *mr);
void my_rng_queue_irq(struct my_rng_dma *dma);
bool my_rng_queue_late(struct my_rng_dev *mr);
void my_rng_queue_close(struct my_rng_file *mf);
ssize_t my_rng_queue_read_poll(struct my_rng_file *mf, char __user *to,
			       size_t len, bool nonblock);
ssize_t my_rng_queue_read_msi(struct my_rng_file *mf, char __user *to,
			      size_t len, bool nonblock);

#endif /* MY_RNG_DMA_H */
