/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Read path dma: what its parts share. Reads (dma_read.c) are made of requests,
 * to the doorbell (dma_doorbell.c) or to the queue (dma_queue.c); both write to
 * memory that pages.c describes. path_dma.c begins and ends them.
 */
#ifndef MY_RNG_DMA_H
#define MY_RNG_DMA_H

#include "my_rng_drv.h"
#include "pages.h"

/* Completion record as it lies in memory, see my_rng_regs.h */
struct my_rng_dma_record {
	__le32 status;
	__le32 count;
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
 * @mapped: user memory (struct my_rng_pages) that is mapped beyond a request
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
	struct list_head mapped;
	struct my_rng_queue *queue;
};

/* A request that takes this long never ends, in jiffies: 1 s */
#define MY_RNG_DMA_TIMEOUT HZ

/**
 * struct my_rng_request - a request in the queue
 * @len: bytes
 * @announced: its end makes an interrupt
 * @wakeups: the device's, before it was made
 * @done: the device is through with it
 * @good: and has written it
 */
struct my_rng_request {
	u32 len;
	bool announced;
	int wakeups;
	bool done;
	bool good;
};

/* dma_doorbell.c */
ssize_t my_rng_dma_request(struct my_rng_dev *mr, size_t len, u32 descs,
			   bool irq);
void my_rng_dma_program(struct my_rng_dev *mr);

/* dma_queue.c */
int my_rng_queue_probe(struct my_rng_dev *mr);
void my_rng_queue_stop(struct my_rng_dev *mr);
int my_rng_queue_ready(struct my_rng_file *mf);
struct my_rng_dma_desc *my_rng_queue_table(struct my_rng_dev *mr);
void my_rng_queue_submit(struct my_rng_dev *mr, struct my_rng_request *req,
			 u32 descs);
void my_rng_queue_collect(struct my_rng_dev *mr);
void my_rng_queue_timed_out(struct my_rng_dev *mr);
void my_rng_queue_close(struct my_rng_file *mf);

/* dma_read.c */
extern const struct my_rng_method my_rng_zc_ram_method;
ssize_t my_rng_zc_read(struct my_rng_file *mf, char __user *to, size_t len,
		       bool nonblock);
ssize_t my_rng_queue_read(struct my_rng_file *mf, char __user *to, size_t len,
			  bool nonblock);
int my_rng_dma_buf_register(struct my_rng_file *mf, u64 addr, u64 len);
int my_rng_dma_buf_unregister(struct my_rng_file *mf);

#endif /* MY_RNG_DMA_H */
