// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Read path dma: requests kept in flight, in the device's queue (device/SPEC.md,
 * "The queue"). Knows no files' reads; all of it is called with the device's lock.
 */
#include <linux/dma-mapping.h>
#include <linux/iopoll.h>

#include "dma.h"
#include "trace.h"

#define ENTRIES 32u

static unsigned int my_rng_irq_frames;
static unsigned int my_rng_irq_usecs;

module_param_named(irq_frames, my_rng_irq_frames, uint, 0644);
MODULE_PARM_DESC(irq_frames, "an interrupt after so many requests of dma=queue "
			     "(default 0: one a read, with queue-msi)");
module_param_named(irq_usecs, my_rng_irq_usecs, uint, 0644);
MODULE_PARM_DESC(irq_usecs, "or so many microseconds after the first of them "
			    "(default 0: no matter how long)");

/* An entry as it lies in memory, see my_rng_regs.h */
struct my_rng_queue_entry {
	__le64 addr;
	__le32 len;
	__le32 descs;
	__le32 flags;
	__le32 status;
	__le32 error;
	__le32 count;
};

static_assert(offsetof(struct my_rng_queue_entry, descs) ==
	      MY_RNG_QUEUE_ENTRY_DESCS);
static_assert(offsetof(struct my_rng_queue_entry, status) ==
	      MY_RNG_QUEUE_ENTRY_STATUS);
static_assert(offsetof(struct my_rng_queue_entry, count) ==
	      MY_RNG_QUEUE_ENTRY_COUNT);
static_assert(sizeof(struct my_rng_queue_entry) == MY_RNG_QUEUE_ENTRY_SIZE);

/* The queue as it lies in memory: a cache line of the device's, one of ours */
struct my_rng_queue_mem {
	__le32 head;
	__le32 kick_at;
	u8 pad[MY_RNG_QUEUE_TAIL - MY_RNG_QUEUE_KICK_AT - 4];
	__le32 tail;
	u8 end[MY_RNG_QUEUE_HDR_SIZE - MY_RNG_QUEUE_TAIL - 4];
	struct my_rng_queue_entry entry[ENTRIES];
};

static_assert(offsetof(struct my_rng_queue_mem, kick_at) ==
	      MY_RNG_QUEUE_KICK_AT);
static_assert(offsetof(struct my_rng_queue_mem, tail) == MY_RNG_QUEUE_TAIL);
static_assert(offsetof(struct my_rng_queue_mem, entry) ==
	      MY_RNG_QUEUE_HDR_SIZE);

/**
 * struct my_rng_queue - requests in flight, protected by the device's lock
 * @mem: shared with the device
 * @bus: its bus address
 * @tables: MY_RNG_DMA_DESCS descriptors for each entry
 * @tables_bus: their bus address
 * @request: that of each entry in flight; what the device writes into the entry is
 *	not believed
 * @collected: requests whose results were taken
 * @tail: requests made
 * @users: open files that have read by it; without any it is off
 * @on: the device serves them
 * @frames: what QUEUE_IRQ_FRAMES holds
 * @usecs: what QUEUE_IRQ_USECS holds
 */
struct my_rng_queue {
	struct my_rng_queue_mem *mem;
	dma_addr_t bus;
	struct my_rng_dma_desc *tables;
	dma_addr_t tables_bus;
	struct my_rng_request *request[ENTRIES];
	u32 collected;
	u32 tail;
	unsigned int users;
	bool on;
	u32 frames;
	u32 usecs;
};

static struct my_rng_queue *my_rng_queue_of(struct my_rng_dev *mr)
{
	return ((struct my_rng_dma *)mr->priv)->queue;
}

static u32 my_rng_queue_head(const struct my_rng_queue *q)
{
	return le32_to_cpu(READ_ONCE(q->mem->head));
}

/* The result of the oldest request that has none yet */
static void my_rng_queue_finish(struct my_rng_queue *q, bool good)
{
	struct my_rng_request *req = q->request[q->collected++ % ENTRIES];

	req->good = good;
	req->done = true;
}

/** my_rng_queue_collect() - take the results of all that is complete */
void my_rng_queue_collect(struct my_rng_dev *mr)
{
	struct my_rng_queue *q = my_rng_queue_of(mr);
	u32 head = my_rng_queue_head(q);

	if (head - q->collected > q->tail - q->collected)
		return;
	dma_rmb(); /* data and entries only after HEAD */
	while (q->collected != head) {
		const struct my_rng_queue_entry *entry =
			&q->mem->entry[q->collected % ENTRIES];
		u32 len = q->request[q->collected % ENTRIES]->len;
		u32 status = le32_to_cpu(READ_ONCE(entry->status));
		u32 count = le32_to_cpu(READ_ONCE(entry->count));
		bool good = status == MY_RNG_DMA_ST_DONE && count == len;

		trace_my_rng_dma_done(mr->name, status, count);
		if (!good)
			dev_err_ratelimited(
				&mr->pdev->dev,
				"DMA of %u bytes in the queue failed: error "
				"%u\n",
				len, le32_to_cpu(READ_ONCE(entry->error)));
		my_rng_queue_finish(q, good);
	}
}

/* What is not complete fails: the device does not touch it any more */
static void my_rng_queue_off(struct my_rng_dev *mr, struct my_rng_queue *q)
{
	if (q->on)
		writel(0, mr->regs + MY_RNG_REG_QUEUE_CTRL);
	q->on = false;
	my_rng_queue_collect(mr);
	while (q->collected != q->tail)
		my_rng_queue_finish(q, false);
}

static int my_rng_queue_on(struct my_rng_dev *mr, struct my_rng_queue *q)
{
	u32 ctrl;

	if (likely(q->on))
		return 0;
	memset(q->mem, 0, MY_RNG_QUEUE_HDR_SIZE);
	q->collected = 0;
	q->tail = 0;
	my_rng_point(mr, MY_RNG_REG_QUEUE_LO, q->bus);
	writel(q->frames, mr->regs + MY_RNG_REG_QUEUE_IRQ_FRAMES);
	writel(q->usecs, mr->regs + MY_RNG_REG_QUEUE_IRQ_USECS);
	writel(ENTRIES, mr->regs + MY_RNG_REG_QUEUE_CTRL);
	ctrl = readl(mr->regs + MY_RNG_REG_QUEUE_CTRL);
	q->on = ctrl == ENTRIES;
	if (q->on)
		return 0;
	dev_err_ratelimited(&mr->pdev->dev,
			    "the queue cannot be switched on: 0x%x\n", ctrl);
	return -EIO;
}

/* The parameters as they are now */
static void my_rng_queue_coalesce(struct my_rng_dev *mr, struct my_rng_queue *q)
{
	u32 frames = READ_ONCE(my_rng_irq_frames);
	u32 usecs = READ_ONCE(my_rng_irq_usecs);

	if (frames != q->frames)
		writel(frames, mr->regs + MY_RNG_REG_QUEUE_IRQ_FRAMES);
	if (usecs != q->usecs)
		writel(usecs, mr->regs + MY_RNG_REG_QUEUE_IRQ_USECS);
	q->frames = frames;
	q->usecs = usecs;
}

/**
 * my_rng_queue_ready() - have the queue on, with room for a request
 * @mf: the file that is read, its device locked
 *
 * Return: 0, -ENOSPC if there is no room, -EIO after a message.
 */
int my_rng_queue_ready(struct my_rng_file *mf)
{
	struct my_rng_dev *mr = mf->mr;
	struct my_rng_queue *q = my_rng_queue_of(mr);
	int ret;

	if (!mf->in_queue)
		q->users++;
	mf->in_queue = true;
	ret = my_rng_queue_on(mr, q);
	if (ret)
		return ret;
	my_rng_queue_coalesce(mr, q);
	my_rng_queue_collect(mr);
	return q->tail - q->collected < ENTRIES ? 0 : -ENOSPC;
}

/** my_rng_queue_table() - MY_RNG_DMA_DESCS descriptors for the next request */
struct my_rng_dma_desc *my_rng_queue_table(struct my_rng_dev *mr)
{
	struct my_rng_queue *q = my_rng_queue_of(mr);

	return &q->tables[q->tail % ENTRIES * MY_RNG_DMA_DESCS];
}

/* The device sees the entry, then TAIL; it wants a doorbell if it sleeps */
static void my_rng_queue_tell(struct my_rng_dev *mr, struct my_rng_queue *q)
{
	u32 tail = ++q->tail;

	dma_wmb();
	WRITE_ONCE(q->mem->tail, cpu_to_le32(tail));
	virt_mb(); /* pairs with the device's, between KICK_AT and TAIL */
	if (le32_to_cpu(READ_ONCE(q->mem->kick_at)) == tail)
		writel(1, mr->regs + MY_RNG_REG_QUEUE_DOORBELL);
}

/**
 * my_rng_queue_submit() - make a request
 * @mr: the device, locked, its queue ready
 * @req: len and announced set; stays until it is done
 * @descs: descriptors in the table of the next request
 */
void my_rng_queue_submit(struct my_rng_dev *mr, struct my_rng_request *req,
			 u32 descs)
{
	const struct my_rng_dma_desc *table = my_rng_queue_table(mr);
	struct my_rng_queue *q = my_rng_queue_of(mr);
	unsigned int i = q->tail % ENTRIES;
	bool direct = descs == 1;

	req->wakeups = atomic_read(&mr->wakeups);
	q->request[i] = req;
	q->mem->entry[i] = (struct my_rng_queue_entry){
		.addr = direct ? table->addr
			       : cpu_to_le64(q->tables_bus +
					     i * MY_RNG_DMA_DESCS *
						     sizeof(*table)),
		.len = cpu_to_le32(req->len),
		.descs = cpu_to_le32(direct ? 0 : descs),
		.flags = cpu_to_le32(req->announced ? MY_RNG_QUEUE_FLAG_ANNOUNCE
						    : 0),
	};
	trace_my_rng_dma_start(mr->name, req->len);
	my_rng_queue_tell(mr, q);
}

/**
 * my_rng_queue_timed_out() - nothing has become complete for too long
 * @mr: the device, locked; all requests in flight fail
 *
 * A device that has stopped the queue itself says so in a register only. One that
 * has not is kept from memory.
 */
void my_rng_queue_timed_out(struct my_rng_dev *mr)
{
	u32 ctrl = readl(mr->regs + MY_RNG_REG_QUEUE_CTRL);

	dev_err_ratelimited(&mr->pdev->dev,
			    "no completion in the queue after 1 s: 0x%x\n",
			    ctrl);
	my_rng_queue_off(mr, my_rng_queue_of(mr));
	if (ctrl == ENTRIES)
		my_rng_restart(mr, true);
}

/*
 * The path's stop: what is in flight becomes complete, or fails. The next read
 * switches the queue on again.
 */
void my_rng_queue_stop(struct my_rng_dev *mr)
{
	struct my_rng_queue *q = my_rng_queue_of(mr);
	u32 head;

	if (!q)
		return;
	if (q->on)
		read_poll_timeout(my_rng_queue_head, head, head == q->tail, 50,
				  USEC_PER_SEC, false, q);
	my_rng_queue_off(mr, q);
}

/*
 * The queue methods' close. While the queue is on, the device's registers are
 * slower: its thread has a lock.
 */
void my_rng_queue_close(struct my_rng_file *mf)
{
	struct my_rng_dev *mr = mf->mr;
	struct my_rng_queue *q;

	mutex_lock(&mr->lock);
	if (mf->in_queue && mr->state != MY_RNG_GONE) {
		q = my_rng_queue_of(mr);
		if (!--q->users)
			my_rng_queue_off(mr, q);
	}
	mutex_unlock(&mr->lock);
}

/** my_rng_queue_probe() - the queue, where the device has one, is off */
int my_rng_queue_probe(struct my_rng_dev *mr)
{
	struct device *dev = &mr->pdev->dev;
	struct my_rng_dma *dma = mr->priv;
	struct my_rng_queue *q;

	if (!(mr->info.cap & MY_RNG_CAP_QUEUE))
		return 0;
	q = devm_kzalloc(dev, sizeof(*q), GFP_KERNEL);
	if (!q)
		return -ENOMEM;
	q->mem = dmam_alloc_coherent(dev, sizeof(*q->mem), &q->bus, GFP_KERNEL);
	q->tables = dmam_alloc_coherent(
		dev, ENTRIES * MY_RNG_DMA_DESCS * sizeof(*q->tables),
		&q->tables_bus, GFP_KERNEL);
	if (!q->mem || !q->tables)
		return -ENOMEM;
	dma->queue = q;
	mr->queue = true;
	return 0;
}
