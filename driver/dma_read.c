// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Read path dma: reads straight into the caller's pages, by one request to the
 * doorbell (zc) or by several that are kept in the queue. In the queue a read is
 * split into pieces: while the device fills one, the CPU pins and maps the next
 * ones, and unmaps and unpins those before. To pin is dearer than to copy a little,
 * so short reads are copied as ever (zc_min).
 */
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/mm.h>

#include "dma.h"
#include "trace.h"

#define DEPTH_MAX 16u

/* Below it the copy of the bytes costs less than the pin of their pages */
MY_RNG_NUMBER(zc_min, SZ_16K, 0, MY_RNG_CHUNK_MAX, false,
	      "bytes from which on dma=zc pins the caller's pages rather than "
	      "copy (default 16384, at most 65536)");
MY_RNG_NUMBER(
	queue_split, SZ_256K, PAGE_SIZE, SZ_1M, false,
	"bytes of a request of dma=queue at most (default 262144; 4096 to "
	"1048576)");
MY_RNG_NUMBER(queue_depth, 8, 1, DEPTH_MAX, false,
	      "requests of a read that dma=queue keeps in flight (default 8; 1 "
	      "to 16)");

static bool my_rng_is_short(const struct my_rng_dev *mr, size_t len)
{
	return len < min_t(size_t, READ_ONCE(my_rng_zc_min.value), mr->chunk);
}

/* Where no mapping can be had, as of bounce buffers used up */
static ssize_t my_rng_copy(struct my_rng_file *mf, char __user *to, size_t len,
			   bool nonblock)
{
	size_t done = 0;

	pr_warn_once(MY_RNG_NAME
		     ": user pages cannot be mapped for DMA; copying\n");
	while (done < len) {
		size_t part = min(len - done, mf->mr->chunk);
		ssize_t ret = my_rng_read_chunk(mf, to + done, part, nonblock);

		if (ret < 0)
			return done ?: ret;
		done += ret;
		if (ret < part)
			break;
	}
	return done;
}

/* --- one request --- */

/* With the lock and the table filled; @len bytes by @descs descriptors */
static ssize_t my_rng_zc_request(struct my_rng_file *mf, size_t len, int descs,
				 bool nonblock)
{
	struct my_rng_dev *mr = mf->mr;
	ssize_t ret;

	if (descs < 0)
		return descs;
	trace_my_rng_fill_begin(mr->name, mf->method->name, len);
	ret = my_rng_dma_request(mr, len, descs, mf->method->irq && !nonblock);
	trace_my_rng_fill_end(mr->name, mf->method->name, ret);
	return ret;
}

/* Return: bytes or a negative errno; 0: not in a registered buffer */
static ssize_t my_rng_zc_registered(struct my_rng_file *mf, unsigned long addr,
				    size_t len, bool nonblock)
{
	struct my_rng_dev *mr = mf->mr;
	struct my_rng_dma *dma;
	ssize_t ret;

	ret = my_rng_lock_words(mr, mf, nonblock);
	if (ret)
		return ret;
	dma = mr->priv;
	if (my_rng_buf_holds(mf->buf, addr, len)) {
		size_t at = addr - mf->buf->addr;

		ret = my_rng_zc_request(mf, len,
					my_rng_buf_describe(mf->buf, at, len,
							    dma->table,
							    dma->descs_max),
					nonblock);
		if (ret > 0)
			my_rng_buf_sync(&mr->pdev->dev, mf->buf, at, ret);
	}
	my_rng_unlock(mr);
	return ret;
}

/* Return: bytes or a negative errno; 0: they cannot be mapped for the device */
static ssize_t my_rng_zc_pinned(struct my_rng_file *mf, struct my_rng_pages *p,
				bool nonblock)
{
	struct my_rng_dev *mr = mf->mr;
	struct my_rng_dma *dma;
	ssize_t ret;

	ret = my_rng_lock_words(mr, mf, nonblock);
	if (ret)
		return ret;
	dma = mr->priv;
	if (!my_rng_map_pages(&mr->pdev->dev, p))
		ret = my_rng_zc_request(mf, p->len,
					my_rng_describe(p, dma->table,
							dma->descs_max),
					nonblock);
	my_rng_unmap_pages(&mr->pdev->dev, p);
	my_rng_unlock(mr);
	return ret;
}

/** my_rng_zc_read() - read_user of the zc methods */
ssize_t my_rng_zc_read(struct my_rng_file *mf, char __user *to, size_t len,
		       bool nonblock)
{
	unsigned long addr = (unsigned long)to;
	struct my_rng_pages *p;
	ssize_t ret = 0;

	if (READ_ONCE(mf->buf))
		ret = my_rng_zc_registered(mf, addr, len, nonblock);
	if (ret)
		return ret;
	if (my_rng_is_short(mf->mr, len))
		return my_rng_read_chunk(mf, to, len, nonblock);
	p = my_rng_pin(addr, len, 0, mf->mr->user_segment);
	if (IS_ERR(p))
		return PTR_ERR(p);
	ret = my_rng_zc_pinned(mf, p, nonblock);
	my_rng_unpin(p);
	return ret ?: my_rng_copy(mf, to, len, nonblock);
}

/* What the zc methods do without a device: pages are pinned and given back */
static ssize_t my_rng_pin_only(struct my_rng_file *mf, char __user *to,
			       size_t len, bool nonblock)
{
	struct my_rng_pages *p =
		my_rng_pin((unsigned long)to, len, 0, mf->mr->user_segment);
	ssize_t ret;

	if (IS_ERR(p))
		return PTR_ERR(p);
	ret = p->len;
	my_rng_unpin(p);
	return ret;
}

static ssize_t my_rng_zero_fill(struct my_rng_dev *mr, size_t len,
				bool nonblock)
{
	return len;
}

const struct my_rng_method my_rng_zc_ram_method = {
	.name = "ram-zc",
	.fill = my_rng_zero_fill,
	.read_user = my_rng_pin_only,
};

/* --- several in flight --- */

/**
 * struct my_rng_piece - a part of a read, in flight
 * @req: its request
 * @pages: what it is to fill: its own, or a registered buffer
 * @at: first byte of @pages
 */
struct my_rng_piece {
	struct my_rng_request req;
	struct my_rng_pages *pages;
	size_t at;
};

/**
 * struct my_rng_reading - a read under way
 * @mf: the file that is read
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
struct my_rng_reading {
	struct my_rng_file *mf;
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

/*
 * Each but the last takes whole words, else the rest of one would be lost; and
 * ends with a page, give or take that.
 */
static size_t my_rng_part(const struct my_rng_reading *r, unsigned long addr,
			  size_t left)
{
	if (left <= r->split)
		return left;
	return max(round_down(r->split - offset_in_page(addr), sizeof(u32)),
		   sizeof(u32));
}

/*
 * An interrupt at the end of the read, and where it is longer than what is in
 * flight, with each half of that
 */
static bool my_rng_announces(const struct my_rng_reading *r, bool last)
{
	return r->irq &&
	       (last ||
		(r->many && (r->made + 1) % DIV_ROUND_UP(r->depth, 2) == 0));
}

/*
 * With the lock: a request to @len bytes from @at on of pages that are mapped.
 * Return: @len or a negative errno.
 */
static ssize_t my_rng_submit(struct my_rng_reading *r, struct my_rng_pages *p,
			     size_t at, size_t len, bool last)
{
	struct my_rng_piece *piece =
		&r->pieces[(r->first + r->count) % DEPTH_MAX];
	struct my_rng_dev *mr = r->mf->mr;
	struct my_rng_dma_desc *table = my_rng_queue_table(mr);
	struct my_rng_dma *dma = mr->priv;
	int descs;

	descs = p->mm ? my_rng_buf_describe(p, at, len, table, dma->descs_max)
		      : my_rng_describe(p, table, dma->descs_max);
	if (descs < 0)
		return descs;
	*piece = (struct my_rng_piece){
		.req.len = len,
		.req.announced = my_rng_announces(r, last),
		.pages = p,
		.at = at,
	};
	my_rng_queue_submit(mr, &piece->req, descs);
	r->made++;
	r->count++;
	return len;
}

/* With the lock. Return: bytes, a negative errno; 0: not in one */
static ssize_t my_rng_submit_registered(struct my_rng_reading *r,
					unsigned long addr, size_t left,
					bool *more)
{
	struct my_rng_pages *buf = r->mf->buf;
	size_t len = my_rng_part(r, addr, left);
	ssize_t ret;

	if (!my_rng_buf_holds(buf, addr, left))
		return 0;
	*more = len < left;
	ret = my_rng_submit(r, buf, addr - buf->addr, len, !*more);
	if (ret > 0)
		buf->users++;
	return ret;
}

/* With the lock. Return: bytes, a negative errno; 0: they cannot be mapped */
static ssize_t my_rng_submit_pinned(struct my_rng_reading *r,
				    struct my_rng_pages *p, bool last)
{
	struct my_rng_dev *mr = r->mf->mr;
	struct my_rng_dma *dma = mr->priv;
	ssize_t ret;

	if (my_rng_map_pages(&mr->pdev->dev, p))
		return 0;
	ret = my_rng_submit(r, p, 0, p->len, last);
	if (ret > 0)
		list_add(&p->node, &dma->mapped);
	else
		my_rng_unmap_pages(&mr->pdev->dev, p);
	return ret;
}

static int my_rng_lock_queue(struct my_rng_reading *r)
{
	int ret = my_rng_lock_words(r->mf->mr, r->mf, r->nonblock);

	if (!ret) {
		ret = my_rng_queue_ready(r->mf);
		if (ret)
			my_rng_unlock(r->mf->mr);
	}
	return ret;
}

/*
 * The next piece. Return: its bytes, -ENOSPC if the queue is full, another
 * negative errno; 0: it cannot be mapped. *@more: whether the memory goes on.
 */
static ssize_t my_rng_submit_next(struct my_rng_reading *r, unsigned long addr,
				  size_t left, bool *more)
{
	size_t part = my_rng_part(r, addr, left);
	struct my_rng_dev *mr = r->mf->mr;
	struct my_rng_pages *p;
	ssize_t ret;

	*more = false;
	if (READ_ONCE(r->mf->buf)) {
		ret = my_rng_lock_queue(r);
		if (ret)
			return ret;
		ret = my_rng_submit_registered(r, addr, left, more);
		my_rng_unlock(mr);
		if (ret)
			return ret;
	}
	p = my_rng_pin(addr, part, 0, mr->user_segment);
	if (IS_ERR(p))
		return PTR_ERR(p);
	*more = p->len == part && part < left;
	ret = my_rng_lock_queue(r);
	if (!ret) {
		ret = my_rng_submit_pinned(r, p, !*more);
		my_rng_unlock(mr);
	}
	if (ret <= 0)
		my_rng_unpin(p);
	return ret;
}

/* Whether the end of a piece from the oldest on makes an interrupt */
static bool my_rng_will_ring(const struct my_rng_reading *r)
{
	unsigned int i;

	for (i = 0; i < r->count; i++) {
		const struct my_rng_request *req =
			&r->pieces[(r->first + i) % DEPTH_MAX].req;

		if (req->announced && !req->done)
			return true;
	}
	return false;
}

/*
 * With the lock, which is let go of meanwhile: until the oldest piece is done, and
 * its interrupt there, as that belongs to the read; or for too long.
 */
static void my_rng_wait_oldest(struct my_rng_reading *r)
{
	const struct my_rng_request *req = &r->pieces[r->first].req;
	unsigned long deadline = jiffies + MY_RNG_DMA_TIMEOUT;
	struct my_rng_dev *mr = r->mf->mr;
	int wakeups;

	for (;;) {
		wakeups = atomic_read(&mr->wakeups);
		if (!req->done && mr->state == MY_RNG_ON)
			my_rng_queue_collect(mr);
		if (req->done && (!req->announced || wakeups != req->wakeups))
			return;
		if (time_after(jiffies, deadline))
			break;
		mutex_unlock(&mr->lock);
		if (req->done || (r->irq && my_rng_will_ring(r))) {
			wait_event_timeout(mr->wq,
					   atomic_read(&mr->wakeups) != wakeups,
					   MY_RNG_DMA_TIMEOUT);
		} else {
			cpu_relax();
			cond_resched();
		}
		mutex_lock(&mr->lock);
	}
	if (!req->done)
		my_rng_queue_timed_out(mr);
	else
		pr_warn_once(MY_RNG_NAME
			     ": the queue's interrupt does not come\n");
}

/* The oldest piece, to its end. Return: its bytes or a negative errno */
static ssize_t my_rng_complete(struct my_rng_reading *r)
{
	struct my_rng_piece *piece = &r->pieces[r->first];
	struct my_rng_pages *p = piece->pages;
	struct my_rng_dev *mr = r->mf->mr;
	bool gone, registered = p->mm;

	mutex_lock(&mr->lock);
	my_rng_wait_oldest(r);
	gone = mr->state == MY_RNG_GONE;
	if (registered) {
		if (piece->req.good && p->mapped)
			my_rng_buf_sync(&mr->pdev->dev, p, piece->at,
					piece->req.len);
		/* Only a buffer that is on its way out is waited for */
		if (!--p->users && p != r->mf->buf)
			wake_up_all(&mr->wq);
	} else if (p->mapped) {
		list_del(&p->node);
		my_rng_unmap_pages(&mr->pdev->dev, p);
	}
	mutex_unlock(&mr->lock);
	if (!registered)
		my_rng_unpin(p);
	r->first = (r->first + 1) % DEPTH_MAX;
	r->count--;
	if (piece->req.good)
		return piece->req.len;
	return gone ? -ENODEV : -EIO;
}

/*
 * All of a read: as many pieces as may be in flight, then the oldest for each new
 * one. Return: the bytes before whatever went wrong, or a negative errno.
 */
static ssize_t my_rng_read_pieces(struct my_rng_reading *r, char __user *to,
				  size_t len)
{
	size_t at = 0, done = 0;
	bool more = true, broken = false;
	ssize_t ret, error = 0;

	while (more || r->count) {
		unsigned long addr = (unsigned long)to + at;

		ret = 0;
		if (more && r->count < r->depth) {
			ret = my_rng_submit_next(r, addr, len - at, &more);
			if (ret > 0) {
				at += ret;
				more = more && !my_rng_pause();
				continue;
			}
			more = !ret || ret == -ENOSPC;
			if (!more) {
				error = ret;
				continue;
			}
		}
		if (r->count) {
			ret = my_rng_complete(r);
			broken = broken || ret < 0;
			if (!broken)
				done += ret;
		} else if (!ret) { /* not to be mapped, and nothing else is */
			ret = my_rng_copy(r->mf, to + at,
					  my_rng_part(r, addr, len - at),
					  r->nonblock);
			at += max_t(ssize_t, ret, 0);
			done += max_t(ssize_t, ret, 0);
			more = ret > 0 && at < len && !my_rng_pause();
		} else { /* other readers' requests fill the queue */
			more = !my_rng_pause();
			ret = more ? 0 : -ERESTARTSYS;
		}
		if (ret < 0) {
			error = ret;
			more = false;
		}
	}
	return done ?: error;
}

/** my_rng_queue_read() - read_user of the queue methods */
ssize_t my_rng_queue_read(struct my_rng_file *mf, char __user *to, size_t len,
			  bool nonblock)
{
	struct my_rng_dev *mr = mf->mr;
	struct my_rng_reading r = {
		.mf = mf,
		.nonblock = nonblock,
		.irq = mf->method->irq && !nonblock,
		.depth = READ_ONCE(my_rng_queue_depth.value),
		.split = min_t(size_t, READ_ONCE(my_rng_queue_split.value),
			       mr->user_chunk),
	};
	ssize_t ret;

	if (my_rng_is_short(mr, len) && !READ_ONCE(mf->buf))
		return my_rng_read_chunk(mf, to, len, nonblock);
	r.many = len > r.depth * r.split;
	trace_my_rng_fill_begin(mr->name, mf->method->name, len);
	ret = my_rng_read_pieces(&r, to, len);
	trace_my_rng_fill_end(mr->name, mf->method->name, ret);
	return ret;
}

/* --- registered buffers --- */

/** my_rng_dma_buf_register() - errors are those of my_rng_uapi.h */
int my_rng_dma_buf_register(struct my_rng_file *mf, u64 addr, u64 len)
{
	struct my_rng_dev *mr = mf->mr;
	struct my_rng_pages *p;
	struct my_rng_dma *dma;
	int ret;

	if (!len || len > MY_RNG_BUF_MAX || addr > ULONG_MAX - len)
		return -EINVAL;
	if (READ_ONCE(mf->buf))
		return -EBUSY;
	p = my_rng_buf_pin(addr, len, mr->user_segment);
	if (IS_ERR(p))
		return PTR_ERR(p);
	ret = my_rng_lock(mr, false);
	if (!ret) {
		dma = mr->priv;
		ret = mf->buf ? -EBUSY : my_rng_buf_map(&mr->pdev->dev, p);
		if (!ret) {
			list_add(&p->node, &dma->mapped);
			WRITE_ONCE(mf->buf, p);
		}
		my_rng_unlock(mr);
	}
	if (ret)
		my_rng_buf_free(p);
	return ret;
}

/** my_rng_dma_buf_unregister() - 0, or -ENXIO; the device may be gone */
int my_rng_dma_buf_unregister(struct my_rng_file *mf)
{
	struct my_rng_dev *mr = mf->mr;
	struct my_rng_pages *p;

	mutex_lock(&mr->lock);
	p = mf->buf;
	WRITE_ONCE(mf->buf, NULL);
	mutex_unlock(&mr->lock);
	if (!p)
		return -ENXIO;
	/* Reads under way have requests to it, which become complete or fail */
	wait_event(mr->wq, !READ_ONCE(p->users));
	mutex_lock(&mr->lock);
	if (p->mapped) {
		list_del(&p->node);
		my_rng_unmap_pages(&mr->pdev->dev, p);
	}
	mutex_unlock(&mr->lock);
	my_rng_buf_free(p);
	return 0;
}
