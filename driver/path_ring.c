// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Read path ring: a thread of the device's keeps a ring in memory full, reads take
 * bytes out of it and touch no register in the steady state. SPEC.md, "Ring", has
 * the rules of the header and why no wake-up is lost.
 *
 * A process that has the header mapped may write what it likes into it: of what
 * is read there, the driver believes nothing as long as it lasts and takes the
 * ring back afterwards, with the device's own count of what was produced.
 */
#include <linux/dma-map-ops.h>
#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/poll.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "my_rng_drv.h"
#include "trace.h"

/* The ring is allocated in blocks of this many bytes, or in one if smaller */
#define BLOCK SZ_64K

/* A reader looks so long for bytes before it sleeps: about what that costs */
#define SPIN_NS 50000

/* Without an interrupt in this time, look what the device is doing, in jiffies */
#define PATIENCE HZ

/* Whole pages, and a table of no more entries than the device takes */
#define KIB_MIN     (PAGE_SIZE / SZ_1K)
#define KIB_MAX     (MY_RNG_RING_SIZE_LIMIT / SZ_1K)
#define KIB_DEFAULT 8192

static_assert(MY_RNG_RING_SIZE_LIMIT / BLOCK <= MY_RNG_RING_COUNT_MAX);

static int my_rng_ring_set_kib(const char *text, const struct kernel_param *kp)
{
	unsigned int kib;
	int ret = kstrtouint(text, 0, &kib);

	if (ret)
		return ret;
	if (kib < KIB_MIN || kib > KIB_MAX || !is_power_of_2(kib)) {
		pr_err(MY_RNG_NAME
		       ": ring_kib=%u: give a power of two from %lu to %u\n",
		       kib, (unsigned long)KIB_MIN, KIB_MAX);
		return -EINVAL;
	}
	return param_set_uint(text, kp);
}

static const struct kernel_param_ops my_rng_ring_kib_ops = {
	.set = my_rng_ring_set_kib,
	.get = param_get_uint,
};

static unsigned int my_rng_ring_kib = KIB_DEFAULT;
module_param_cb(ring_kib, &my_rng_ring_kib_ops, &my_rng_ring_kib, 0644);
MODULE_PARM_DESC(ring_kib, "size in KiB of the rings of devices bound from now "
			   "on, a power of two (default 8192)");

/* Header and descriptor as they lie in memory, see my_rng_regs.h */
struct my_rng_ring_hdr {
	__le64 prod;
	__le64 kick_at;
	u8 pad[MY_RNG_RING_CONS - MY_RNG_RING_KICK_AT - 8];
	__le64 cons;
	__le64 irq_at;
};

struct my_rng_ring_desc {
	__le64 addr;
	__le32 len;
	__le32 zero;
};

static_assert(offsetof(struct my_rng_ring_hdr, prod) == MY_RNG_RING_PROD);
static_assert(offsetof(struct my_rng_ring_hdr, kick_at) == MY_RNG_RING_KICK_AT);
static_assert(offsetof(struct my_rng_ring_hdr, cons) == MY_RNG_RING_CONS);
static_assert(offsetof(struct my_rng_ring_hdr, irq_at) == MY_RNG_RING_IRQ_AT);
static_assert(offsetof(struct my_rng_ring_desc, len) == MY_RNG_RING_DESC_LEN);
static_assert(sizeof(struct my_rng_ring_desc) == MY_RNG_RING_DESC_SIZE);

/**
 * struct my_rng_ring_block - a piece of the ring
 * @page: its first page
 * @bus: its bus address
 */
struct my_rng_ring_block {
	struct page *page;
	dma_addr_t bus;
};

/**
 * struct my_rng_ring - state of the path, protected by the device's lock
 * @dev: for the end
 * @hdr: a page of its own, shared with the device
 * @hdr_bus: its bus address
 * @table_bus: bus address of the descriptors
 * @size: of the ring in bytes, a power of two
 * @block: bytes of a block, a power of two
 * @count: blocks in @blocks
 * @cons: bytes consumed; while the header is mapped, only what the header said
 * @prod: while the ring is off: bytes produced
 * @shared: the header was mapped since the ring was last started
 * @on: the ring was started, and the device not yet found to have stopped
 * @checked: the device's wakeups when it was last known to be alive
 * @checked_at: and when that was, in jiffies
 * @seen: and what PROD was
 * @look: without an interrupt: has those who poll look again
 * @real_prod: @prod before the device went into constant mode
 * @real_cons: and @cons
 * @blocks: the ring
 */
struct my_rng_ring {
	struct device *dev;
	struct my_rng_ring_hdr *hdr;
	dma_addr_t hdr_bus;
	dma_addr_t table_bus;
	size_t size;
	size_t block;
	unsigned int count;
	u64 cons;
	u64 prod;
	bool shared;
	bool on;
	int checked;
	unsigned long checked_at;
	u64 seen;
	struct delayed_work look;
	u64 real_prod;
	u64 real_cons;
	struct my_rng_ring_block blocks[];
};

/* ---- the device ---- */

static u64 my_rng_ring_read_prod(struct my_rng_dev *mr)
{
	u32 lo = readl(mr->regs + MY_RNG_REG_RING_PROD_LO);

	return (u64)readl(mr->regs + MY_RNG_REG_RING_PROD_HI) << 32 | lo;
}

/*
 * Off is at once: the device touches memory no more. What was not consumed stays
 * where it is. A process' CONS counts if it can be true.
 */
static void my_rng_ring_stop(struct my_rng_dev *mr)
{
	struct my_rng_ring *ring = mr->priv;
	u64 cons = ring->cons;

	writel(MY_RNG_RING_CTRL_OFF, mr->regs + MY_RNG_REG_RING_CTRL);
	ring->prod = my_rng_ring_read_prod(mr);
	if (ring->shared)
		cons = le64_to_cpu(READ_ONCE(ring->hdr->cons));
	if (cons > ring->prod || ring->prod - cons > ring->size)
		cons = ring->prod;
	ring->cons = cons;
	ring->on = false;
}

/* From where stop left it; asks the device whether it likes that */
static void my_rng_ring_go_on(struct my_rng_dev *mr)
{
	struct my_rng_ring *ring = mr->priv;
	struct my_rng_ring_hdr *hdr = ring->hdr;

	hdr->prod = cpu_to_le64(ring->prod);
	hdr->cons = cpu_to_le64(ring->cons);
	hdr->kick_at = 0;
	hdr->irq_at = 0;
	ring->shared = READ_ONCE(mr->owner);
	/* writel() orders the header before it */
	writel(MY_RNG_RING_CTRL_ON, mr->regs + MY_RNG_REG_RING_CTRL);
	ring->on =
		readl(mr->regs + MY_RNG_REG_RING_STATUS) == MY_RNG_RING_ST_ON;
	ring->checked = atomic_read(&mr->wakeups);
	ring->checked_at = jiffies;
	ring->seen = ring->prod;
}

static void my_rng_ring_start(struct my_rng_dev *mr)
{
	struct my_rng_ring *ring = mr->priv;

	writel(lower_32_bits(ring->hdr_bus), mr->regs + MY_RNG_REG_RING_HDR_LO);
	writel(upper_32_bits(ring->hdr_bus), mr->regs + MY_RNG_REG_RING_HDR_HI);
	writel(lower_32_bits(ring->table_bus),
	       mr->regs + MY_RNG_REG_RING_DESC_LO);
	writel(upper_32_bits(ring->table_bus),
	       mr->regs + MY_RNG_REG_RING_DESC_HI);
	writel(ring->count, mr->regs + MY_RNG_REG_RING_COUNT);
	my_rng_ring_go_on(mr);
}

/* What the ring holds is of the old stream */
static void my_rng_ring_seed(struct my_rng_dev *mr, u32 seed)
{
	struct my_rng_ring *ring = mr->priv;

	writel(MY_RNG_RING_CTRL_OFF, mr->regs + MY_RNG_REG_RING_CTRL);
	writel(seed, mr->regs + MY_RNG_REG_SEED);
	ring->prod = 0;
	ring->cons = 0;
	ring->real_prod = 0;
	ring->real_cons = 0;
	my_rng_ring_go_on(mr);
}

/* In constant mode nothing is written: what the ring held is there afterwards */
static void my_rng_ring_set_modes(struct my_rng_dev *mr, u32 modes)
{
	struct my_rng_ring *ring = mr->priv;
	bool changes = (modes ^ mr->modes) & MY_RNG_MODE_CONSTANT;

	if (changes)
		my_rng_ring_stop(mr);
	writel(modes, mr->regs + MY_RNG_REG_MODE);
	if (!changes)
		return;
	if (modes & MY_RNG_MODE_CONSTANT) {
		ring->real_prod = ring->prod;
		ring->real_cons = ring->cons;
		ring->prod = 0;
		ring->cons = 0;
	} else {
		ring->prod = ring->real_prod;
		ring->cons = ring->real_cons;
	}
	my_rng_ring_go_on(mr);
}

static void my_rng_ring_kick(struct my_rng_dev *mr)
{
	writel(1, mr->regs + MY_RNG_REG_RING_DOORBELL);
}

/* ---- the header ---- */

/*
 * Barriers are virt_: the other side is a CPU of the host even where the guest
 * has one only. Acquire: the bytes are read after the count of them.
 */
static size_t my_rng_ring_there(struct my_rng_ring *ring)
{
	u64 prod = le64_to_cpu(virt_load_acquire(&ring->hdr->prod));

	if (ring->shared)
		ring->cons = le64_to_cpu(READ_ONCE(ring->hdr->cons));
	/* Only a process that has the header mapped can make this wrong */
	return prod - ring->cons <= ring->size ? prod - ring->cons : 0;
}

/* Release: the bytes were read before their space is given back */
static void my_rng_ring_consume(struct my_rng_dev *mr, size_t len)
{
	struct my_rng_ring *ring = mr->priv;
	u64 before = ring->cons, kick_at;

	ring->cons += round_up(len, sizeof(u32));
	virt_store_release(&ring->hdr->cons, cpu_to_le64(ring->cons));
	/* Pairs with the device's barrier between kick_at and its look at cons */
	virt_mb();
	kick_at = le64_to_cpu(READ_ONCE(ring->hdr->kick_at));
	if (before < kick_at && kick_at <= ring->cons)
		my_rng_ring_kick(mr);
}

/*
 * Ask for an interrupt when @want bytes are there, or some 64 KiB, lest each
 * piece that the device writes comes with one. Who asked already gets his.
 */
static void my_rng_ring_ask(struct my_rng_ring *ring, size_t want)
{
	u64 at = ring->cons +
		 min_t(size_t, max_t(size_t, want, SZ_64K), ring->size / 2);
	u64 asked = le64_to_cpu(READ_ONCE(ring->hdr->irq_at));

	if (asked <= ring->cons || asked > at)
		WRITE_ONCE(ring->hdr->irq_at, cpu_to_le64(at));
	/* Pairs with the device's barrier between prod and its look at irq_at */
	virt_mb();
}

/* ---- bytes ---- */

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
	size_t from = ring->cons & (ring->size - 1), done = 0;

	while (done < len) {
		const struct my_rng_ring_block *b =
			&ring->blocks[from / ring->block];
		size_t skip = from & (ring->block - 1);
		size_t n = min(len - done, ring->block - skip), left;

		dma_sync_single_for_cpu(ring->dev, b->bus + skip, n,
					DMA_FROM_DEVICE);
		left = my_rng_ring_copy_piece(to, at + done,
					      page_address(b->page) + skip, n);
		dma_sync_single_for_device(ring->dev, b->bus + skip, n,
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

static int my_rng_ring_stopped(struct my_rng_dev *mr)
{
	static const char *const names[] = {
		[MY_RNG_RING_ERR_NONE] = "none",
		[MY_RNG_RING_ERR_SIZE] = "bad size",
		[MY_RNG_RING_ERR_ADDR] = "address is not writable RAM",
		[MY_RNG_RING_ERR_MASTER] = "bus mastering is off",
		[MY_RNG_RING_ERR_INDEX] = "bad index",
	};
	struct my_rng_ring *ring = mr->priv;
	u32 error = readl(mr->regs + MY_RNG_REG_RING_ERROR);

	ring->on = false;
	dev_err_ratelimited(
		&mr->pdev->dev, "the ring has stopped: error %u (%s)\n", error,
		error < ARRAY_SIZE(names) ? names[error] : "unknown");
	return -EIO;
}

/* Nothing is there: is that because the device has given up? It may cost an exit */
static int my_rng_ring_check(struct my_rng_dev *mr)
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
	    time_before(jiffies, ring->checked_at + PATIENCE))
		return 0;
	ring->checked = wakeups;
	ring->checked_at = jiffies;
	if (readl(mr->regs + MY_RNG_REG_RING_STATUS) == MY_RNG_RING_ST_ON)
		return 0;
	return my_rng_ring_stopped(mr);
}

/* A ring that was mapped, or has stopped, is made to go on */
static int my_rng_ring_ready(struct my_rng_dev *mr)
{
	struct my_rng_ring *ring = mr->priv;

	if (likely(ring->on && (!ring->shared || READ_ONCE(mr->owner))))
		return 0;
	my_rng_ring_stop(mr);
	my_rng_ring_go_on(mr);
	return ring->on ? 0 : my_rng_ring_stopped(mr);
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
		mr->wq, atomic_read(&mr->wakeups) != seq || READ_ONCE(mr->gone),
		mr->irq ? PATIENCE : 1);

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

static ssize_t my_rng_ring_read_kernel(struct my_rng_dev *mr,
				       struct my_rng_file *mf, void *to,
				       size_t len, bool nonblock)
{
	const struct my_rng_ring_to where = { .kernel = to };

	return my_rng_ring_read(mr, mf, &where, len, nonblock);
}

static ssize_t my_rng_ring_read_user(struct my_rng_file *mf, char __user *to,
				     size_t len, bool nonblock)
{
	const struct my_rng_ring_to where = { .user = to };
	struct my_rng_dev *mr = mf->mr;
	ssize_t ret;

	trace_my_rng_fill_begin(mr->name, mf->mode->name, len);
	ret = my_rng_ring_read(mr, mf, &where, len, nonblock);
	trace_my_rng_fill_end(mr->name, mf->mode->name, ret);
	return ret;
}

/* Takes no lock: remove waits for it, with the device's */
static void my_rng_ring_look(struct work_struct *work)
{
	struct my_rng_ring *ring =
		container_of(to_delayed_work(work), struct my_rng_ring, look);
	struct my_rng_dev *mr = dev_get_drvdata(ring->dev);

	wake_up_poll(&mr->wq, EPOLLIN | EPOLLRDNORM);
}

static void my_rng_ring_remove(struct my_rng_dev *mr)
{
	struct my_rng_ring *ring = mr->priv;

	cancel_delayed_work_sync(&ring->look);
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

/* A device that is somebody else's has words for nobody: read(2) says so */
static __poll_t my_rng_ring_poll(struct my_rng_file *mf, poll_table *wait)
{
	struct my_rng_dev *mr = mf->mr;
	__poll_t mask;
	int ret;

	ret = my_rng_lock_words(mr, mf, false);
	if (ret == -ERESTARTSYS)
		return 0;
	if (ret)
		return EPOLLIN | EPOLLRDNORM;
	mask = my_rng_ring_poll_locked(mr);
	my_rng_unlock(mr);
	return mask;
}

static const struct my_rng_mode my_rng_ring_mode = {
	.name = "ring",
	.read_user = my_rng_ring_read_user,
	.read_kernel = my_rng_ring_read_kernel,
	.poll = my_rng_ring_poll,
	.cached = true,
};

static const struct my_rng_mode *my_rng_ring_get_mode(struct my_rng_dev *mr)
{
	return &my_rng_ring_mode;
}

/* ---- mappings ---- */

static unsigned long my_rng_ring_hdr_pfn(struct my_rng_dev *mr,
					 unsigned long page)
{
	const struct my_rng_ring *ring = mr->priv;

	/* With an IOMMU, coherent memory may be mapped anew */
	return is_vmalloc_addr(ring->hdr)
		       ? vmalloc_to_pfn(ring->hdr)
		       : page_to_pfn(virt_to_page(ring->hdr));
}

static unsigned long my_rng_ring_data_pfn(struct my_rng_dev *mr,
					  unsigned long page)
{
	const struct my_rng_ring *ring = mr->priv;
	size_t at = page << PAGE_SHIFT;

	return page_to_pfn(ring->blocks[at / ring->block].page) +
	       ((at & (ring->block - 1)) >> PAGE_SHIFT);
}

/* From now on the header is not ours alone, until nobody has it mapped */
static int my_rng_ring_map(struct my_rng_dev *mr,
			   const struct my_rng_mode *mode,
			   enum my_rng_region_id id, pgprot_t *prot)
{
	struct my_rng_ring *ring = mr->priv;
	int ret = my_rng_ring_ready(mr);

	if (!ret && id != MY_RNG_REGION_REGS)
		ring->shared = true;
	return ret;
}

/* Only where the process sees what the device writes without being told */
static void my_rng_ring_offer(struct my_rng_dev *mr)
{
	const struct my_rng_ring *ring = mr->priv;

	/* A word read from a register is missing from what others read later */
	mr->region[MY_RNG_REGION_REGS].alone = true;
	if (!dev_is_dma_coherent(ring->dev))
		return;
	mr->region[MY_RNG_REGION_HDR] = (struct my_rng_region){
		.size = PAGE_SIZE,
		.writable = true,
		.alone = true,
		.pfn = my_rng_ring_hdr_pfn,
	};
	mr->region[MY_RNG_REGION_DATA] = (struct my_rng_region){
		.size = ring->size,
		.alone = true,
		.pfn = my_rng_ring_data_pfn,
	};
}

/* ---- probe ---- */

static irqreturn_t my_rng_ring_irq(int irq, void *data)
{
	struct my_rng_dev *mr = data;

	trace_my_rng_irq(irq);
	atomic_inc(&mr->wakeups);
	wake_up_poll(&mr->wq, EPOLLIN | EPOLLRDNORM);
	return IRQ_HANDLED;
}

/* The interrupt outlives remove's reference; this one goes after it */
static void my_rng_ring_put(void *data)
{
	my_rng_dev_put(data);
}

static int my_rng_ring_setup_irq(struct my_rng_dev *mr)
{
	struct device *dev = &mr->pdev->dev;
	int ret;

	/* Managed, as the device was enabled by pcim_enable_device() */
	ret = pci_alloc_irq_vectors(mr->pdev, 1, 1, PCI_IRQ_MSI);
	if (ret < 0) {
		dev_warn(dev,
			 "no MSI vector (%d), readers of an empty ring "
			 "sleep a jiffy\n",
			 ret);
		return 0;
	}
	kref_get(&mr->ref);
	ret = devm_add_action_or_reset(dev, my_rng_ring_put, mr);
	if (!ret)
		ret = devm_request_irq(dev, pci_irq_vector(mr->pdev, 0),
				       my_rng_ring_irq, 0, MY_RNG_NAME, mr);
	if (ret) {
		dev_err(dev, "cannot get the interrupt: %d\n", ret);
		return ret;
	}
	mr->irq = true;
	return 0;
}

static void my_rng_ring_free(void *data)
{
	struct my_rng_ring *ring = data;
	unsigned int i;

	for (i = 0; i < ring->count && ring->blocks[i].page; i++)
		dma_free_pages(ring->dev, ring->block, ring->blocks[i].page,
			       ring->blocks[i].bus, DMA_FROM_DEVICE);
}

static int my_rng_ring_alloc_data(struct my_rng_ring *ring)
{
	struct my_rng_ring_desc *table;
	unsigned int i;
	int ret;

	ret = devm_add_action_or_reset(ring->dev, my_rng_ring_free, ring);
	if (ret)
		return ret;
	table = dmam_alloc_coherent(ring->dev, ring->count * sizeof(*table),
				    &ring->table_bus, GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	for (i = 0; i < ring->count; i++) {
		struct my_rng_ring_block *b = &ring->blocks[i];

		b->page = dma_alloc_pages(ring->dev, ring->block, &b->bus,
					  DMA_FROM_DEVICE, GFP_KERNEL);
		if (!b->page)
			return -ENOMEM;
		/* A process may look before the device has written */
		memset(page_address(b->page), 0, ring->block);
		dma_sync_single_for_device(ring->dev, b->bus, ring->block,
					   DMA_FROM_DEVICE);
		table[i].addr = cpu_to_le64(b->bus);
		table[i].len = cpu_to_le32(ring->block);
		table[i].zero = 0;
	}
	return 0;
}

static int my_rng_ring_alloc(struct my_rng_dev *mr, size_t size)
{
	struct device *dev = &mr->pdev->dev;
	size_t block = min_t(size_t, size, BLOCK);
	struct my_rng_ring *ring;

	ring = devm_kzalloc(dev, struct_size(ring, blocks, size / block),
			    GFP_KERNEL);
	if (!ring)
		return -ENOMEM;
	ring->dev = dev;
	ring->size = size;
	ring->block = block;
	ring->count = size / block;
	INIT_DELAYED_WORK(&ring->look, my_rng_ring_look);
	/* A page of its own, as a process may map it */
	ring->hdr =
		dmam_alloc_coherent(dev, PAGE_SIZE, &ring->hdr_bus, GFP_KERNEL);
	if (!ring->hdr)
		return -ENOMEM;
	mr->priv = ring;
	return my_rng_ring_alloc_data(ring);
}

static int my_rng_ring_probe(struct my_rng_dev *mr)
{
	size_t size = (size_t)READ_ONCE(my_rng_ring_kib) * SZ_1K;
	u32 max = readl(mr->regs + MY_RNG_REG_RING_SIZE_MAX);
	struct device *dev = &mr->pdev->dev;
	int ret;

	if (size > max) {
		dev_err(dev,
			"the device takes rings of at most %u bytes, not "
			"%zu: load with ring_kib=%u\n",
			max, size, max / SZ_1K);
		return -EINVAL;
	}
	ret = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(64));
	if (ret) {
		dev_err(dev, "no usable DMA addressing: %d\n", ret);
		return ret;
	}
	ret = my_rng_ring_alloc(mr, size);
	if (ret)
		return dev_err_probe(dev, ret,
				     "no memory for a ring of %zu "
				     "bytes; give a smaller ring_kib\n",
				     size);
	ret = my_rng_ring_setup_irq(mr);
	if (ret)
		return ret;
	mr->user_chunk = MY_RNG_CHUNK_MAX;
	my_rng_ring_offer(mr);
	pci_set_master(mr->pdev);
	return 0;
}

const struct my_rng_path my_rng_path_ring = {
	.name = "ring",
	.cap = MY_RNG_CAP_RING,
	.probe = my_rng_ring_probe,
	.start = my_rng_ring_start,
	.remove = my_rng_ring_remove,
	.stop = my_rng_ring_stop,
	.seed = my_rng_ring_seed,
	.set_modes = my_rng_ring_set_modes,
	.kick = my_rng_ring_kick,
	.mode = my_rng_ring_get_mode,
	.map = my_rng_ring_map,
};
