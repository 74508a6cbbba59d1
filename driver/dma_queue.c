// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Read path dma, modes queue: zero-copy with several requests in flight.
 *
 * A read is split into pieces. While the device fills one, the CPU pins and maps
 * the next ones, and unmaps and unpins those before. The queue is the device's
 * (device/SPEC.md, "The queue"); all of it is used with the device's lock, which
 * only is let go of to pin, and which is held while waiting: whoever takes the
 * device away then waits for that.
 */
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/slab.h>

#include "dma.h"
#include "trace.h"

#define ENTRIES   32u
#define DEPTH_MAX 16u

/* A read into a registered buffer keeps the device's lock for so many bytes */
#define TURN SZ_8M

static unsigned int my_rng_irq_frames;
static unsigned int my_rng_irq_usecs;

static struct my_rng_number my_rng_queue_split = {
	.value = SZ_256K,
	.min = PAGE_SIZE,
	.max = SZ_1M,
};

module_param_cb(queue_split, &my_rng_number_ops, &my_rng_queue_split, 0644);
MODULE_PARM_DESC(queue_split,
		 "bytes of a request of dma=queue at most (default "
		 "262144; 4096 to 1048576)");

static struct my_rng_number my_rng_queue_depth = {
	.value = 8,
	.min = 1,
	.max = DEPTH_MAX,
};

module_param_cb(queue_depth, &my_rng_number_ops, &my_rng_queue_depth, 0644);
MODULE_PARM_DESC(queue_depth,
		 "requests of a read that dma=queue keeps in flight "
		 "(default 8; 1 to 16)");

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
 * struct my_rng_piece - a part of a read, in flight
 * @pages: what it is to fill; NULL in a registered buffer
 * @at: first byte of the registered buffer
 * @len: bytes
 * @index: which request of the queue it is
 * @announced: its end makes an interrupt
 * @irqs: interrupts before it was made
 * @done: the device is through with it
 * @good: and has written it
 */
struct my_rng_piece {
	struct my_rng_pages *pages;
	size_t at;
	size_t len;
	u32 index;
	int irqs;
	bool announced;
	bool done;
	bool good;
};

/**
 * struct my_rng_queue - requests in flight, protected by the device's lock
 * @mem: shared with the device
 * @bus: its bus address
 * @tables: MY_RNG_DMA_DESCS descriptors for each entry
 * @tables_bus: their bus address
 * @piece: whose each request is, until it is collected; NULL: nobody's any more
 * @collected: requests whose results were taken
 * @tail: requests made
 * @users: open files that have read by it; without any it is off
 * @on: the device serves them
 * @late: one timed out: the device may still write, make no other
 * @frames: what QUEUE_IRQ_FRAMES holds
 * @usecs: what QUEUE_IRQ_USECS holds
 * @flying: pinned memory (struct my_rng_pages) that is mapped
 * @irqs: interrupts of the device
 * @wq: who sleeps until requests are complete
 */
struct my_rng_queue {
	struct my_rng_queue_mem *mem;
	dma_addr_t bus;
	struct my_rng_dma_desc *tables;
	dma_addr_t tables_bus;
	struct my_rng_piece *piece[ENTRIES];
	u32 collected;
	u32 tail;
	unsigned int users;
	bool on;
	bool late;
	u32 frames;
	u32 usecs;
	struct list_head flying;
	atomic_t irqs;
	wait_queue_head_t wq;
};

/**
 * struct my_rng_flight - a read under way
 * @mf: the file that is read
 * @buf: the registered buffer that it goes to, the lock held all along; or NULL
 * @nonblock: neither wait for another reader nor sleep
 * @irq: sleep for interrupts
 * @depth: most pieces in flight
 * @split: most bytes of one
 * @many: there will be more than @depth
 * @made: pieces so far
 * @first: the oldest in flight
 * @count: how many are
 * @pieces: these
 */
struct my_rng_flight {
	struct my_rng_file *mf;
	struct my_rng_pages *buf;
	bool nonblock;
	bool irq;
	unsigned int depth;
	size_t split;
	bool many;
	unsigned int made;
	unsigned int first;
	unsigned int count;
	struct my_rng_piece pieces[DEPTH_MAX];
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
static void my_rng_queue_finish(struct my_rng_dev *mr, struct my_rng_queue *q,
				bool good)
{
	unsigned int i = q->collected++ % ENTRIES;
	struct my_rng_piece *piece = q->piece[i];

	q->piece[i] = NULL;
	if (!piece)
		return;
	piece->good = good;
	piece->done = true;
}

/* All that is complete */
static void my_rng_queue_collect(struct my_rng_dev *mr, struct my_rng_queue *q)
{
	u32 head = my_rng_queue_head(q);

	if (head - q->collected > q->tail - q->collected)
		return;
	dma_rmb(); /* data and entries only after HEAD */
	while (q->collected != head) {
		const struct my_rng_queue_entry *entry =
			&q->mem->entry[q->collected % ENTRIES];
		u32 status = le32_to_cpu(entry->status);
		u32 count = le32_to_cpu(entry->count);
		bool good = status == MY_RNG_DMA_ST_DONE &&
			    count == le32_to_cpu(entry->len);

		trace_my_rng_dma_done(mr->name, status, count);
		if (!good)
			dev_err_ratelimited(
				&mr->pdev->dev,
				"DMA of %u bytes in the queue failed: error "
				"%u\n",
				le32_to_cpu(entry->len),
				le32_to_cpu(entry->error));
		my_rng_queue_finish(mr, q, good);
	}
}

/* What is not complete fails: the device does not touch it any more */
static void my_rng_queue_off(struct my_rng_dev *mr, struct my_rng_queue *q)
{
	if (q->on)
		writel(0, mr->regs + MY_RNG_REG_QUEUE_CTRL);
	q->on = false;
	q->late = false;
	my_rng_queue_collect(mr, q);
	while (q->collected != q->tail)
		my_rng_queue_finish(mr, q, false);
}

static int my_rng_queue_on(struct my_rng_dev *mr, struct my_rng_queue *q)
{
	if (likely(q->on))
		return 0;
	memset(q->mem, 0, MY_RNG_QUEUE_HDR_SIZE);
	q->collected = 0;
	q->tail = 0;
	writel(lower_32_bits(q->bus), mr->regs + MY_RNG_REG_QUEUE_LO);
	writel(upper_32_bits(q->bus), mr->regs + MY_RNG_REG_QUEUE_HI);
	writel(q->frames, mr->regs + MY_RNG_REG_QUEUE_IRQ_FRAMES);
	writel(q->usecs, mr->regs + MY_RNG_REG_QUEUE_IRQ_USECS);
	writel(ENTRIES, mr->regs + MY_RNG_REG_QUEUE_CTRL);
	q->on = readl(mr->regs + MY_RNG_REG_QUEUE_CTRL) == ENTRIES;
	if (q->on)
		return 0;
	dev_err_ratelimited(&mr->pdev->dev,
			    "the queue cannot be switched on: 0x%x\n",
			    readl(mr->regs + MY_RNG_REG_QUEUE_CTRL));
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

/* A device that has stopped the queue says so in a register only */
static void my_rng_queue_timed_out(struct my_rng_dev *mr,
				   struct my_rng_queue *q)
{
	u32 ctrl = readl(mr->regs + MY_RNG_REG_QUEUE_CTRL);

	if (ctrl != ENTRIES) {
		dev_err_ratelimited(&mr->pdev->dev,
				    "the device has stopped the queue: 0x%x\n",
				    ctrl);
		my_rng_queue_off(mr, q);
		return;
	}
	q->late = true;
	dev_err(&mr->pdev->dev,
		"DMA in the queue: no completion after 1 s; reads fail until "
		"it comes\n");
}

/**
 * my_rng_queue_late() - whether requests that timed out still are not complete
 * @mr: the device, locked
 *
 * Return: true if no other may be made.
 */
bool my_rng_queue_late(struct my_rng_dev *mr)
{
	struct my_rng_queue *q = my_rng_queue_of(mr);

	if (likely(!q || !q->late))
		return false;
	my_rng_queue_collect(mr, q);
	if (q->collected == q->tail)
		q->late = false;
	else if (readl(mr->regs + MY_RNG_REG_QUEUE_CTRL) != ENTRIES)
		my_rng_queue_off(mr, q);
	return q->late;
}

/**
 * my_rng_queue_irq() - the path's interrupt
 * @dma: the path
 */
void my_rng_queue_irq(struct my_rng_dma *dma)
{
	struct my_rng_queue *q = dma->queue;

	if (!q)
		return;
	atomic_inc(&q->irqs);
	wake_up_all(&q->wq);
}

/* Whether the end of a piece from the oldest on makes an interrupt */
static bool my_rng_queue_will_ring(const struct my_rng_flight *f)
{
	unsigned int i;

	for (i = 0; i < f->count; i++) {
		const struct my_rng_piece *piece =
			&f->pieces[(f->first + i) % DEPTH_MAX];

		if (piece->announced && !piece->done)
			return true;
	}
	return false;
}

/*
 * Until the oldest piece is done: true; or nothing is complete for too long. HEAD
 * decides: an interrupt may be another read's.
 */
static bool my_rng_queue_wait(struct my_rng_flight *f, u32 collected,
			      const bool *done)
{
	struct my_rng_dev *mr = f->mf->mr;
	struct my_rng_queue *q = my_rng_queue_of(mr);
	unsigned long deadline = jiffies + MY_RNG_DMA_TIMEOUT;

	while (my_rng_queue_collect(mr, q),
	       done ? !*done : q->collected == collected) {
		if (time_after(jiffies, deadline)) {
			my_rng_queue_timed_out(mr, q);
			return false;
		}
		if (f->irq && my_rng_queue_will_ring(f)) {
			wait_event_timeout(q->wq,
					   my_rng_queue_head(q) != q->collected,
					   MY_RNG_DMA_TIMEOUT);
		} else {
			cpu_relax();
			cond_resched();
		}
	}
	return true;
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

/* A request of the descriptors in the table of the next entry */
static void my_rng_queue_submit(struct my_rng_flight *f,
				struct my_rng_piece *piece, int descs)
{
	struct my_rng_dev *mr = f->mf->mr;
	struct my_rng_queue *q = my_rng_queue_of(mr);
	unsigned int i = q->tail % ENTRIES;
	const struct my_rng_dma_desc *table = &q->tables[i * MY_RNG_DMA_DESCS];

	piece->index = q->tail;
	piece->irqs = atomic_read(&q->irqs);
	q->piece[i] = piece;
	q->mem->entry[i] = (struct my_rng_queue_entry){
		.addr = descs == 1 ? table->addr
				   : cpu_to_le64(q->tables_bus +
						 i * MY_RNG_DMA_DESCS *
							 sizeof(*table)),
		.len = cpu_to_le32(piece->len),
		.descs = cpu_to_le32(descs == 1 ? 0 : descs),
		.flags = cpu_to_le32(
			piece->announced ? MY_RNG_QUEUE_FLAG_ANNOUNCE : 0),
	};
	trace_my_rng_dma_start(mr->name, piece->len);
	my_rng_queue_tell(mr, q);
	f->made++;
	f->count++;
}

/* With the lock: ready for another request. 0 or -EIO */
static int my_rng_queue_room(struct my_rng_flight *f)
{
	struct my_rng_dev *mr = f->mf->mr;
	struct my_rng_queue *q = my_rng_queue_of(mr);

	if (!f->mf->in_queue)
		q->users++;
	f->mf->in_queue = true;
	if (my_rng_dma_busy(mr) || my_rng_queue_on(mr, q))
		return -EIO;
	my_rng_queue_coalesce(mr, q);
	my_rng_queue_collect(mr, q);
	if (q->tail - q->collected < ENTRIES)
		return 0;
	return my_rng_queue_wait(f, q->collected, NULL) ? 0 : -EIO;
}

/*
 * Each but the last takes whole words, else the rest of one would be lost; and
 * ends with a page, give or take that.
 */
static size_t my_rng_queue_part(const struct my_rng_flight *f,
				unsigned long addr, size_t left)
{
	if (left <= f->split)
		return left;
	return max(round_down(f->split - offset_in_page(addr), sizeof(u32)),
		   sizeof(u32));
}

/*
 * An interrupt at the end of the read, and where it is longer than what is in
 * flight, with each half of that
 */
static bool my_rng_queue_announces(const struct my_rng_flight *f, bool last)
{
	return f->irq &&
	       (last ||
		(f->many && (f->made + 1) % DIV_ROUND_UP(f->depth, 2) == 0));
}

static struct my_rng_piece *my_rng_queue_next(struct my_rng_flight *f)
{
	struct my_rng_piece *piece =
		&f->pieces[(f->first + f->count) % DEPTH_MAX];

	memset(piece, 0, sizeof(*piece));
	return piece;
}

/* The table of the next entry; valid with the lock */
static struct my_rng_dma_desc *my_rng_queue_table(const struct my_rng_queue *q)
{
	return &q->tables[q->tail % ENTRIES * MY_RNG_DMA_DESCS];
}

/* Pinned memory becomes a piece. Return: its length, -errno; 0: not mapped */
static ssize_t my_rng_queue_launch_pages(struct my_rng_flight *f,
					 struct my_rng_pages *p, bool last)
{
	struct my_rng_dev *mr = f->mf->mr;
	struct my_rng_dma *dma = mr->priv;
	struct my_rng_queue *q = dma->queue;
	struct my_rng_piece *piece = my_rng_queue_next(f);
	int ret = my_rng_queue_room(f);

	if (ret)
		return ret;
	if (my_rng_map_pages(mr, p))
		return 0;
	ret = my_rng_describe(dma, p, my_rng_queue_table(q));
	if (ret < 0) {
		my_rng_unmap_pages(mr, p);
		return ret;
	}
	list_add(&p->node, &q->flying);
	piece->pages = p;
	piece->len = p->len;
	piece->announced = my_rng_queue_announces(f, last);
	my_rng_queue_submit(f, piece, ret);
	return p->len;
}

/* Return: as above; *@more: whether the memory goes on behind it */
static ssize_t my_rng_queue_launch(struct my_rng_flight *f, unsigned long addr,
				   size_t left, bool *more)
{
	struct my_rng_dev *mr = f->mf->mr;
	size_t part = my_rng_queue_part(f, addr, left);
	struct my_rng_pages *p = my_rng_pin(addr, part, 0, mr->user_segment);
	ssize_t ret;

	if (IS_ERR(p))
		return PTR_ERR(p);
	*more = p->len == part && part < left;
	ret = my_rng_lock(mr, f->nonblock);
	if (!ret) {
		ret = my_rng_queue_launch_pages(f, p, !*more);
		my_rng_unlock(mr);
	}
	if (ret <= 0)
		my_rng_unpin(p);
	return ret;
}

/* The same into the registered buffer, with the lock */
static ssize_t my_rng_queue_launch_buf(struct my_rng_flight *f,
				       unsigned long addr, size_t left,
				       bool *more)
{
	struct my_rng_dma *dma = f->mf->mr->priv;
	struct my_rng_piece *piece = my_rng_queue_next(f);
	int ret = my_rng_queue_room(f);

	if (ret)
		return ret;
	piece->at = addr - f->buf->addr;
	piece->len = my_rng_queue_part(f, addr, left);
	*more = piece->len < left;
	ret = my_rng_describe_part(dma, f->buf, piece->at, piece->len,
				   my_rng_queue_table(dma->queue));
	if (ret < 0)
		return ret;
	piece->announced = my_rng_queue_announces(f, !*more);
	my_rng_queue_submit(f, piece, ret);
	return piece->len;
}

/* Its interrupt belongs to the read, though HEAD may be quicker */
static bool my_rng_queue_wait_irq(struct my_rng_queue *q,
				  const struct my_rng_piece *piece)
{
	return piece->done ||
	       wait_event_timeout(q->wq, atomic_read(&q->irqs) != piece->irqs,
				  MY_RNG_DMA_TIMEOUT);
}

/* With the lock: the end of a piece; its pages are the caller's again or stuck */
static void my_rng_queue_land(struct my_rng_flight *f,
			      struct my_rng_piece *piece)
{
	struct my_rng_dev *mr = f->mf->mr;
	struct my_rng_dma *dma = mr->priv;
	struct my_rng_queue *q = dma->queue;

	bool rang = !piece->announced || my_rng_queue_wait_irq(q, piece);

	if (!piece->done && !q->late)
		my_rng_queue_wait(f, 0, &piece->done);
	if (!piece->done)
		q->piece[piece->index % ENTRIES] = NULL;
	if (!rang && piece->good)
		pr_warn_once(MY_RNG_NAME
			     ": the queue's interrupt does not come\n");
	if (!piece->pages) {
		if (piece->good)
			my_rng_buf_sync(mr, f->buf, piece->at, piece->len);
		return;
	}
	list_del(&piece->pages->node);
	if (piece->done) {
		my_rng_unmap_pages(mr, piece->pages);
	} else {
		list_add(&piece->pages->node, &dma->stuck);
		piece->pages = NULL;
	}
}

/* The oldest piece. Return: its bytes or a negative errno */
static ssize_t my_rng_queue_reap(struct my_rng_flight *f)
{
	struct my_rng_piece *piece = &f->pieces[f->first];
	struct my_rng_dev *mr = f->mf->mr;
	bool gone = false;

	if (f->buf) {
		my_rng_queue_land(f, piece);
	} else {
		mutex_lock(&mr->lock);
		gone = mr->gone;
		if (!gone)
			my_rng_queue_land(f, piece);
		mutex_unlock(&mr->lock);
		if (piece->pages)
			my_rng_unpin(piece->pages);
	}
	f->first = (f->first + 1) % DEPTH_MAX;
	f->count--;
	if (piece->good)
		return piece->len;
	return gone ? -ENODEV : -EIO;
}

static ssize_t my_rng_queue_take_off(struct my_rng_flight *f,
				     unsigned long addr, size_t left,
				     bool *more)
{
	*more = false;
	return f->buf ? my_rng_queue_launch_buf(f, addr, left, more)
		      : my_rng_queue_launch(f, addr, left, more);
}

/*
 * All of a read: as many pieces as may be in flight, then the oldest for each new
 * one. Return: the bytes before whatever went wrong, or a negative errno.
 */
static ssize_t my_rng_queue_fly(struct my_rng_flight *f, char __user *to,
				size_t len)
{
	size_t at = 0, done = 0;
	bool more = true, broken = false;
	ssize_t ret, error = 0;

	while (more || f->count) {
		unsigned long addr = (unsigned long)to + at;

		if (more && f->count < f->depth) {
			ret = my_rng_queue_take_off(f, addr, len - at, &more);
			if (ret > 0) {
				at += ret;
				more = more && (f->buf || !my_rng_pause());
				continue;
			}
			more = !ret;
			if (ret) {
				error = ret;
				continue;
			}
		}
		if (f->count) {
			ret = my_rng_queue_reap(f);
			broken = broken || ret < 0;
			if (!broken)
				done += ret;
		} else { /* not to be mapped, and nothing else is */
			ret = my_rng_copy(f->mf, to + at,
					  my_rng_queue_part(f, addr, len - at),
					  f->nonblock);
			at += max_t(ssize_t, ret, 0);
			done += max_t(ssize_t, ret, 0);
			more = ret > 0 && at < len && !my_rng_pause();
		}
		if (ret < 0) {
			error = ret;
			more = false;
		}
	}
	return done ?: error;
}

/* Into a registered buffer. Return: as above; 0: the range is not in one */
static ssize_t my_rng_queue_fly_buf(struct my_rng_flight *f, char __user *to,
				    size_t len)
{
	struct my_rng_file *mf = f->mf;
	size_t part, done = 0;
	ssize_t ret;

	do {
		part = min_t(size_t, len - done, TURN);
		ret = my_rng_lock(mf->mr, f->nonblock);
		if (ret)
			break;
		f->buf = mf->buf;
		if (my_rng_buf_holds(f->buf, (unsigned long)to + done,
				     len - done))
			ret = my_rng_queue_fly(f, to + done, part);
		f->buf = NULL;
		my_rng_unlock(mf->mr);
		if (ret > 0)
			done += ret;
	} while (ret == part && done < len && !my_rng_pause());
	return done ?: ret;
}

static ssize_t my_rng_queue_read(struct my_rng_file *mf, char __user *to,
				 size_t len, bool nonblock, bool irq)
{
	struct my_rng_dev *mr = mf->mr;
	struct my_rng_flight f = {
		.mf = mf,
		.nonblock = nonblock,
		.irq = irq,
		.depth = READ_ONCE(my_rng_queue_depth.value),
		.split = min_t(size_t, READ_ONCE(my_rng_queue_split.value),
			       mr->user_chunk),
	};
	ssize_t ret;

	f.many = len > f.depth * f.split;
	if (READ_ONCE(mf->buf)) {
		trace_my_rng_fill_begin(mr->name, mf->mode->name, len);
		ret = my_rng_queue_fly_buf(&f, to, len);
		trace_my_rng_fill_end(mr->name, mf->mode->name, ret);
		if (ret)
			return ret;
	}
	if (my_rng_is_short(mr, len))
		return my_rng_read_chunk(mf, to, len, nonblock);
	trace_my_rng_fill_begin(mr->name, mf->mode->name, len);
	ret = my_rng_queue_fly(&f, to, len);
	trace_my_rng_fill_end(mr->name, mf->mode->name, ret);
	return ret;
}

/**
 * my_rng_queue_read_poll() - read_user of mode dma-q
 * @mf: the file that is read
 * @to: where to
 * @len: bytes
 * @nonblock: do not wait for another reader
 *
 * Return: the bytes that are there, or a negative errno.
 */
ssize_t my_rng_queue_read_poll(struct my_rng_file *mf, char __user *to,
			       size_t len, bool nonblock)
{
	return my_rng_queue_read(mf, to, len, nonblock, false);
}

/**
 * my_rng_queue_read_msi() - read_user of mode dma-q-msi
 * @mf: the file that is read
 * @to: where to
 * @len: bytes
 * @nonblock: neither wait for another reader nor sleep for the interrupt
 *
 * Return: the bytes that are there, or a negative errno.
 */
ssize_t my_rng_queue_read_msi(struct my_rng_file *mf, char __user *to,
			      size_t len, bool nonblock)
{
	return my_rng_queue_read(mf, to, len, nonblock, !nonblock);
}

/* --- coming and going --- */

/**
 * my_rng_queue_close() - the queue modes' close
 * @mf: the file
 *
 * While the queue is on, the device's registers are slower: its thread has a lock.
 */
void my_rng_queue_close(struct my_rng_file *mf)
{
	struct my_rng_dev *mr = mf->mr;
	struct my_rng_queue *q;

	mutex_lock(&mr->lock);
	if (mf->in_queue && !mr->gone) {
		q = my_rng_queue_of(mr);
		if (!--q->users)
			my_rng_queue_off(mr, q);
	}
	mutex_unlock(&mr->lock);
}

/**
 * my_rng_queue_stop() - the path's stop
 * @mr: the device, locked
 *
 * What is in flight fails. The next read switches the queue on again.
 */
void my_rng_queue_stop(struct my_rng_dev *mr)
{
	struct my_rng_queue *q = my_rng_queue_of(mr);

	if (q)
		my_rng_queue_off(mr, q);
}

/**
 * my_rng_queue_remove() - unmap what is in flight
 * @mr: the device, locked, its queue off
 *
 * The pages belong to the reads under way, which unpin them.
 */
void my_rng_queue_remove(struct my_rng_dev *mr)
{
	struct my_rng_queue *q = my_rng_queue_of(mr);
	struct my_rng_pages *p, *next;

	if (!q)
		return;
	list_for_each_entry_safe (p, next, &q->flying, node) {
		list_del(&p->node);
		my_rng_unmap_pages(mr, p);
	}
}

/**
 * my_rng_queue_probe() - the queue modes' part of the path's probe
 * @mr: the device, which has zc modes
 *
 * Without CAP_QUEUE there are no queue modes.
 *
 * Return: 0 or a negative errno.
 */
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
	INIT_LIST_HEAD(&q->flying);
	init_waitqueue_head(&q->wq);
	dma->queue = q;
	mr->queue = true;
	return 0;
}
