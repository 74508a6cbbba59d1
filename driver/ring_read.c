// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Read path ring: bytes out of the ring, and the wait for them.
 */
#include <linux/dma-mapping.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/poll.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "ring.h"
#include "trace.h"

/* A reader looks so long for bytes before it sleeps: about what that costs */
#define SPIN_NS 50000

/**
 * struct my_rng_ring_to - where bytes go
 * @kernel: kernel memory; NULL: to @user
 * @user: user memory, which NULL is as well
 */
struct my_rng_ring_to {
	void *kernel;
	char __user *user;
};

/* Returns bytes not copied; user memory that is not present is not waited for */
static size_t my_rng_ring_copy_piece(const struct my_rng_ring_to *to, size_t at,
				     const void *from, size_t len)
{
	size_t left = 0;

	if (to->kernel) {
		memcpy(to->kernel + at, from, len);
	} else {
		pagefault_disable();
		left = copy_to_user(to->user + at, from, len);
		pagefault_enable();
	}
	return left;
}

/*
 * @len bytes, which are there, from block to block. Returns bytes copied: @len,
 * or whole words up to user memory that is not present.
 */
static size_t my_rng_ring_copy(struct my_rng_ring *ring,
			       const struct my_rng_ring_to *to, size_t at,
			       size_t len)
{
	struct device *dev = &ring->dev->pdev->dev;
	size_t from = ring->at.cons & (ring->size - 1), done = 0;

	while (done < len) {
		const struct my_rng_ring_block *b =
			&ring->blocks[from / ring->block];
		size_t skip = from & (ring->block - 1);
		size_t n = min(len - done, ring->block - skip), left;

		dma_sync_single_for_cpu(dev, b->bus + skip, n, DMA_FROM_DEVICE);
		left = my_rng_ring_copy_piece(to, at + done,
					      page_address(b->page) + skip, n);
		dma_sync_single_for_device(dev, b->bus + skip, n,
					   DMA_FROM_DEVICE);
		done += n - left;
		if (left)
			return round_down(done, sizeof(u32));
		from = (from + n) & (ring->size - 1);
	}
	return done;
}

/*
 * Without the lock: have user memory from @done on present, page by page, as the
 * kernel's function tells a part of several pages wrongly before 6.15. *@len then
 * ends where the memory does.
 */
static int my_rng_ring_fault_in(const struct my_rng_ring_to *to, size_t done,
				size_t *len)
{
	size_t at = done, n;

	for (; at < *len; at += n) {
		n = min(*len - at, PAGE_SIZE - offset_in_page(to->user + at));
		if (fault_in_safe_writeable(to->user + at, n))
			break;
	}
	if (at == done)
		return -EFAULT;
	*len = at;
	return fatal_signal_pending(current) ? -EINTR : 0;
}

static void my_rng_ring_spin(struct my_rng_ring *ring)
{
	u64 end = ktime_get_ns() + SPIN_NS;

	while (!my_rng_ring_there(ring) && !need_resched() &&
	       !signal_pending(current) && ktime_get_ns() < end)
		cpu_relax();
}

/*
 * What is there, up to @len bytes from @at on; with the lock. -EAGAIN: nothing,
 * and an interrupt was asked for. The caller may sleep then until @mr->wakeups is
 * not *@seq any more.
 */
static ssize_t my_rng_ring_take(struct my_rng_dev *mr,
				const struct my_rng_ring_to *to, size_t at,
				size_t len, bool nonblock, int *seq)
{
	struct my_rng_ring *ring = mr->priv;
	size_t there, copied;
	int ret;

	ret = my_rng_ring_ready(mr);
	if (ret)
		return ret;
	there = my_rng_ring_there(ring);
	if (!there) {
		if (!nonblock)
			my_rng_ring_spin(ring);
		*seq = atomic_read(&mr->wakeups);
		if (!nonblock)
			my_rng_ring_ask(ring, len);
		there = my_rng_ring_there(ring);
	}
	if (!there)
		return my_rng_ring_check(mr) ?: -EAGAIN;
	copied = my_rng_ring_copy(ring, to, at, min(there, len));
	if (!copied)
		return -EFAULT;
	my_rng_ring_consume(mr, copied);
	return copied;
}

/* Without the lock and without touching what remove takes away */
static int my_rng_ring_sleep(struct my_rng_dev *mr, int seq)
{
	long ret = wait_event_interruptible_timeout(
		mr->wq, atomic_read(&mr->wakeups) != seq,
		mr->irq ? MY_RNG_RING_PATIENCE : 1);

	return ret < 0 ? ret : 0;
}

/* All of @len unless a signal, an error or the end of the memory stops it */
static ssize_t my_rng_ring_read(struct my_rng_dev *mr, struct my_rng_file *mf,
				const struct my_rng_ring_to *to, size_t len,
				bool nonblock)
{
	size_t done = 0, want;
	ssize_t ret = 0;
	int seq = 0;

	while (done < len) {
		ret = my_rng_lock_words(mr, mf, nonblock);
		if (ret)
			break;
		want = len - done;
		ret = my_rng_ring_take(mr, to, done, want, nonblock, &seq);
		my_rng_unlock(mr);
		if (ret > 0) {
			done += ret;
			if (nonblock)
				break;
			continue;
		}
		if (ret == -EFAULT)
			ret = my_rng_ring_fault_in(to, done, &len);
		else if (ret == -EAGAIN && !nonblock)
			ret = my_rng_ring_sleep(mr, seq);
		if (ret)
			break;
	}
	return done ? done : ret;
}

/** my_rng_ring_read_kernel() - read_kernel of the method */
ssize_t my_rng_ring_read_kernel(struct my_rng_dev *mr, struct my_rng_file *mf,
				void *to, size_t len, bool nonblock)
{
	const struct my_rng_ring_to where = { .kernel = to };

	return my_rng_ring_read(mr, mf, &where, len, nonblock);
}

/** my_rng_ring_read_user() - read_user of the method */
ssize_t my_rng_ring_read_user(struct my_rng_file *mf, char __user *to,
			      size_t len, bool nonblock)
{
	const struct my_rng_ring_to where = { .user = to };
	struct my_rng_dev *mr = mf->mr;
	ssize_t ret;

	trace_my_rng_fill_begin(mr->name, mf->method->name, len);
	ret = my_rng_ring_read(mr, mf, &where, len, nonblock);
	trace_my_rng_fill_end(mr->name, mf->method->name, ret);
	return ret;
}

/* Callers of poll(2) look again. Takes no lock: remove waits for it, with the lock */
void my_rng_ring_look(struct work_struct *work)
{
	struct my_rng_ring *ring =
		container_of(to_delayed_work(work), struct my_rng_ring, look);

	wake_up_all(&ring->dev->wq);
}

/* Asks to be woken if there is nothing, and looks again */
static __poll_t my_rng_ring_poll_locked(struct my_rng_dev *mr)
{
	struct my_rng_ring *ring = mr->priv;

	if (my_rng_ring_ready(mr))
		return EPOLLIN | EPOLLRDNORM | EPOLLERR;
	if (!my_rng_ring_there(ring))
		my_rng_ring_ask(ring, sizeof(u32));
	if (my_rng_ring_there(ring))
		return EPOLLIN | EPOLLRDNORM;
	if (my_rng_ring_check(mr))
		return EPOLLIN | EPOLLRDNORM | EPOLLERR;
	if (!mr->irq)
		schedule_delayed_work(&ring->look, 1);
	return 0;
}

/*
 * poll of the method. It takes the lock whatever signal is pending, as 0 promises a
 * wake-up. Words of a device that is another file's are for that file only: read(2) says so.
 */
__poll_t my_rng_ring_poll(struct my_rng_file *mf)
{
	struct my_rng_dev *mr = mf->mr;
	__poll_t mask = EPOLLIN | EPOLLRDNORM;

	mutex_lock(&mr->lock);
	if (mr->state == MY_RNG_OFF)
		mask = 0; /* woken when it comes on */
	else if (mr->state == MY_RNG_ON && !my_rng_taken(mr, mf))
		mask = my_rng_ring_poll_locked(mr);
	mutex_unlock(&mr->lock);
	return mask;
}
