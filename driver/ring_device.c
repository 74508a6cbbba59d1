// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Read path ring: the device, and the header that it shares with the driver.
 * SPEC.md, "Ring", has the rules and why no wake-up is lost.
 *
 * A process that has the header mapped may write what it likes into it: of what
 * is read there, the driver believes nothing as long as it lasts and takes the
 * ring back afterwards, with the device's own count of what was produced.
 */
#include <linux/jiffies.h>

#include "ring.h"

static_assert(offsetof(struct my_rng_ring_hdr, prod) == MY_RNG_RING_PROD);
static_assert(offsetof(struct my_rng_ring_hdr, kick_at) == MY_RNG_RING_KICK_AT);
static_assert(offsetof(struct my_rng_ring_hdr, cons) == MY_RNG_RING_CONS);
static_assert(offsetof(struct my_rng_ring_hdr, irq_at) == MY_RNG_RING_IRQ_AT);

/* --- off, on, off --- */

static u64 my_rng_ring_read_prod(struct my_rng_dev *mr)
{
	u32 lo = readl(mr->regs + MY_RNG_REG_RING_PROD_LO);

	return (u64)readl(mr->regs + MY_RNG_REG_RING_PROD_HI) << 32 | lo;
}

/*
 * The path's stop. What was not consumed stays where it is: a process' CONS counts
 * if it can be true. But what a process had mapped is not given to the next reader.
 */
void my_rng_ring_stop(struct my_rng_dev *mr)
{
	struct my_rng_ring *ring = mr->priv;
	struct my_rng_ring_counts *at = &ring->at;

	writel(MY_RNG_RING_CTRL_OFF, mr->regs + MY_RNG_REG_RING_CTRL);
	at->prod = my_rng_ring_read_prod(mr);
	if (ring->shared)
		at->cons = READ_ONCE(mr->owner)
				   ? le64_to_cpu(READ_ONCE(ring->hdr->cons))
				   : at->prod;
	if (at->cons > at->prod || at->prod - at->cons > ring->size)
		at->cons = at->prod;
	ring->on = false;
}

/* The path's start, from where stop left the ring; the device is asked about it */
void my_rng_ring_start(struct my_rng_dev *mr)
{
	struct my_rng_ring *ring = mr->priv;
	struct my_rng_ring_hdr *hdr = ring->hdr;

	hdr->prod = cpu_to_le64(ring->at.prod);
	hdr->cons = cpu_to_le64(ring->at.cons);
	hdr->kick_at = 0;
	hdr->irq_at = 0;
	ring->shared = READ_ONCE(mr->owner);
	my_rng_point(mr, MY_RNG_REG_RING_HDR_LO, ring->hdr_bus);
	my_rng_point(mr, MY_RNG_REG_RING_DESC_LO, ring->table_bus);
	writel(ring->count, mr->regs + MY_RNG_REG_RING_COUNT);
	/* writel() orders the header before it */
	writel(MY_RNG_RING_CTRL_ON, mr->regs + MY_RNG_REG_RING_CTRL);
	ring->on =
		readl(mr->regs + MY_RNG_REG_RING_STATUS) == MY_RNG_RING_ST_ON;
	ring->checked = atomic_read(&mr->wakeups);
	ring->checked_at = jiffies;
	ring->seen = ring->at.prod;
}

/*
 * The path's change. SEED: what the ring holds is of the old stream. MODE: in
 * constant mode nothing is written, so what the ring held is there afterwards.
 */
void my_rng_ring_change(struct my_rng_dev *mr, unsigned int reg, u32 value)
{
	static const struct my_rng_ring_counts none;
	struct my_rng_ring *ring = mr->priv;

	if (reg == MY_RNG_REG_SEED) {
		ring->at = none;
		ring->real = none;
	} else if (value & ~mr->modes & MY_RNG_MODE_CONSTANT) {
		ring->real = ring->at;
		ring->at = none;
	} else if (~value & mr->modes & MY_RNG_MODE_CONSTANT) {
		ring->at = ring->real;
	}
}

/** my_rng_ring_kick() - the path's kick: there is space */
void my_rng_ring_kick(struct my_rng_dev *mr)
{
	writel(1, mr->regs + MY_RNG_REG_RING_DOORBELL);
}

static int my_rng_ring_stopped(struct my_rng_dev *mr)
{
	struct my_rng_ring *ring = mr->priv;
	u32 error = readl(mr->regs + MY_RNG_REG_RING_ERROR);

	ring->on = false;
	dev_err_ratelimited(&mr->pdev->dev,
			    "the ring has stopped: error %u (%s)\n", error,
			    my_rng_error_name(error));
	return -EIO;
}

/*
 * A ring that was mapped, or has stopped, is made to go on; -EIO after a message if
 * it does not.
 */
int my_rng_ring_ready(struct my_rng_dev *mr)
{
	struct my_rng_ring *ring = mr->priv;

	if (likely(ring->on && (!ring->shared || READ_ONCE(mr->owner))))
		return 0;
	my_rng_restart(mr, false);
	return ring->on ? 0 : my_rng_ring_stopped(mr);
}

/*
 * Nothing is there: has the device given up? Then -EIO after a message. It may cost
 * an exit.
 */
int my_rng_ring_check(struct my_rng_dev *mr)
{
	struct my_rng_ring *ring = mr->priv;
	int wakeups = atomic_read(&mr->wakeups);
	u64 prod = le64_to_cpu(READ_ONCE(ring->hdr->prod));

	/* It is alive: whatever woke us meant bytes that were taken since */
	if (prod != ring->seen) {
		ring->seen = prod;
		ring->checked = wakeups;
		ring->checked_at = jiffies;
		return 0;
	}
	if (mr->irq && wakeups == ring->checked &&
	    time_before(jiffies, ring->checked_at + MY_RNG_RING_PATIENCE))
		return 0;
	ring->checked = wakeups;
	ring->checked_at = jiffies;
	if (readl(mr->regs + MY_RNG_REG_RING_STATUS) == MY_RNG_RING_ST_ON)
		return 0;
	return my_rng_ring_stopped(mr);
}

/* --- the header --- */

/*
 * Barriers are virt_: the other side is a CPU of the host even where the guest
 * has one only.
 */

/* Bytes that are there. Acquire: they are read after the count of them */
size_t my_rng_ring_there(struct my_rng_ring *ring)
{
	u64 prod = le64_to_cpu(virt_load_acquire(&ring->hdr->prod));

	if (ring->shared)
		ring->at.cons = le64_to_cpu(READ_ONCE(ring->hdr->cons));
	/* Only a process that has the header mapped can make this wrong */
	return prod - ring->at.cons <= ring->size ? prod - ring->at.cons : 0;
}

/* Give the space of bytes back. Release: they were read before */
void my_rng_ring_consume(struct my_rng_dev *mr, size_t len)
{
	struct my_rng_ring *ring = mr->priv;
	u64 before = ring->at.cons, kick_at;

	ring->at.cons += round_up(len, sizeof(u32));
	virt_store_release(&ring->hdr->cons, cpu_to_le64(ring->at.cons));
	/* Pairs with the device's barrier between kick_at and its look at cons */
	virt_mb();
	kick_at = le64_to_cpu(READ_ONCE(ring->hdr->kick_at));
	if (before < kick_at && kick_at <= ring->at.cons)
		my_rng_ring_kick(mr);
}

/*
 * Ask for an interrupt when @want bytes are there, or some 64 KiB, lest each piece
 * that the device writes comes with one. A request for fewer bytes stands.
 */
void my_rng_ring_ask(struct my_rng_ring *ring, size_t want)
{
	u64 at = ring->at.cons +
		 min_t(size_t, max_t(size_t, want, SZ_64K), ring->size / 2);
	u64 asked = le64_to_cpu(READ_ONCE(ring->hdr->irq_at));

	if (asked <= ring->at.cons || asked > at)
		WRITE_ONCE(ring->hdr->irq_at, cpu_to_le64(at));
	/* Pairs with the device's barrier between prod and its look at irq_at */
	virt_mb();
}
