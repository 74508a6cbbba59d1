// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Read path dma, modes zc: the device writes the caller's own pages.
 *
 * The pages of a read(2) are pinned, runs of neighbours become one descriptor
 * each, and one doorbell stands for all. To pin is dearer than to copy a little,
 * so short reads are copied as ever (zc_min). A registered buffer is pinned and
 * mapped once: a read into it only takes its descriptors out.
 *
 * Pins are taken without the device's lock, as the memory may have to be paged
 * in first; mappings are made with it, as they are the device's.
 */
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/hugetlb.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "dma.h"
#include "trace.h"

/* Below it the copy of the bytes costs less than the pin of their pages */
static struct my_rng_number my_rng_zc_min = {
	.value = SZ_16K,
	.max = MY_RNG_CHUNK_MAX,
};

module_param_cb(zc_min, &my_rng_number_ops, &my_rng_zc_min, 0644);
MODULE_PARM_DESC(zc_min, "bytes from which on dma=zc pins the caller's pages "
			 "rather than copy (default 16384, at most 65536)");

static unsigned long my_rng_pages_of(unsigned long addr, size_t len)
{
	return DIV_ROUND_UP(offset_in_page(addr) + len, PAGE_SIZE);
}

/**
 * my_rng_unpin() - give pinned memory back
 * @p: unmapped; gone afterwards
 *
 * By runs, of which a huge page is but one.
 */
void my_rng_unpin(struct my_rng_pages *p)
{
	struct scatterlist *sg;
	unsigned int i;

	for_each_sgtable_sg (&p->sgt, sg, i)
		unpin_user_page_range_dirty_lock(
			sg_page(sg), my_rng_pages_of(sg->offset, sg->length),
			true);
	sg_free_table(&p->sgt);
	kvfree(p->ranges);
	kvfree(p);
}

/**
 * my_rng_pin() - pin as much of a range as there is: at least its first byte
 * @addr: in the memory of the caller
 * @len: bytes
 * @flags: FOLL_* beside FOLL_WRITE
 * @segment: longest run
 *
 * Return: what is pinned, its len without what could not be; or an ERR_PTR().
 */
struct my_rng_pages *my_rng_pin(unsigned long addr, size_t len,
				unsigned int flags, unsigned int segment)
{
	unsigned long n = my_rng_pages_of(addr, len);
	struct my_rng_pages *p = kvmalloc(struct_size(p, pages, n), GFP_KERNEL);
	int ret;

	if (!p)
		return ERR_PTR(-ENOMEM);
	memset(p, 0, sizeof(*p));
	ret = pin_user_pages_fast(addr, n, FOLL_WRITE | flags, p->pages);
	if (ret <= 0) {
		kvfree(p);
		return ERR_PTR(ret ?: -EFAULT);
	}
	p->addr = addr;
	p->count = ret;
	p->len = min(len, p->count * PAGE_SIZE - offset_in_page(addr));
	ret = sg_alloc_table_from_pages_segment(&p->sgt, p->pages, p->count,
						offset_in_page(addr), p->len,
						segment, GFP_KERNEL);
	if (ret) {
		unpin_user_pages(p->pages, p->count);
		kvfree(p);
		return ERR_PTR(ret);
	}
	return p;
}

/**
 * my_rng_map_pages() - map pinned memory for the device
 * @mr: the device, locked
 * @p: it
 *
 * Return: 0 or a negative errno.
 */
int my_rng_map_pages(struct my_rng_dev *mr, struct my_rng_pages *p)
{
	int ret = dma_map_sgtable(&mr->pdev->dev, &p->sgt, DMA_FROM_DEVICE,
				  DMA_ATTR_NO_WARN);

	p->mapped = !ret;
	return ret;
}

/**
 * my_rng_unmap_pages() - the reverse, if it is mapped
 * @mr: the device, locked
 * @p: it
 *
 * Bounced data comes to the pages here; but to a registered buffer it came with
 * each read, and its owner may have changed it since.
 */
void my_rng_unmap_pages(struct my_rng_dev *mr, struct my_rng_pages *p)
{
	if (p->mapped)
		dma_unmap_sgtable(&mr->pdev->dev, &p->sgt, DMA_FROM_DEVICE,
				  p->mm ? DMA_ATTR_SKIP_CPU_SYNC : 0);
	p->mapped = false;
}

static void my_rng_put_desc(struct my_rng_dma_desc *desc, dma_addr_t bus,
			    size_t len)
{
	desc->addr = cpu_to_le64(bus);
	desc->len = cpu_to_le32(len);
	desc->reserved = 0;
}

/**
 * my_rng_describe() - descriptors of all of pinned memory
 * @dma: the path
 * @p: it, mapped
 * @table: result
 *
 * Return: how many, or -E2BIG.
 */
int my_rng_describe(const struct my_rng_dma *dma, const struct my_rng_pages *p,
		    struct my_rng_dma_desc *table)
{
	struct scatterlist *sg;
	unsigned int i;

	if (p->sgt.nents > dma->descs_max)
		return -E2BIG;
	for_each_sgtable_dma_sg (&p->sgt, sg, i)
		my_rng_put_desc(&table[i], sg_dma_address(sg), sg_dma_len(sg));
	return p->sgt.nents;
}

/* With the lock and the table filled; @len bytes by @descs descriptors */
static ssize_t my_rng_fetch(struct my_rng_file *mf, size_t len, int descs,
			    bool irq)
{
	struct my_rng_dev *mr = mf->mr;
	ssize_t ret;

	if (descs < 0)
		return descs;
	trace_my_rng_fill_begin(mr->name, mf->mode->name, len);
	ret = my_rng_dma_request(mr, len, descs, irq);
	trace_my_rng_fill_end(mr->name, mf->mode->name, ret);
	return ret;
}

/*
 * A request to pinned pages, which are given back. Return: bytes or a negative
 * errno; 0: they cannot be mapped for the device.
 */
static ssize_t my_rng_fetch_pinned(struct my_rng_file *mf,
				   struct my_rng_pages *p, bool nonblock,
				   bool irq)
{
	struct my_rng_dev *mr = mf->mr;
	struct my_rng_dma *dma;
	ssize_t ret;

	ret = my_rng_lock(mr, nonblock);
	if (ret) {
		my_rng_unpin(p);
		return ret;
	}
	dma = mr->priv;
	if (my_rng_dma_busy(mr))
		ret = -EIO;
	else if (my_rng_map_pages(mr, p))
		ret = 0;
	else
		ret = my_rng_fetch(mf, p->len,
				   my_rng_describe(dma, p, dma->table), irq);
	if (p->mapped && dma->late) {
		list_add(&p->node, &dma->stuck);
		p = NULL;
	} else {
		my_rng_unmap_pages(mr, p);
	}
	my_rng_unlock(mr);
	if (p)
		my_rng_unpin(p);
	return ret;
}

/**
 * my_rng_buf_holds() - whether a range is in a registered buffer of this process
 * @p: the buffer, or NULL
 * @addr: first byte
 * @len: bytes
 *
 * Return: whether it is.
 */
bool my_rng_buf_holds(const struct my_rng_pages *p, unsigned long addr,
		      size_t len)
{
	return p && p->mapped && p->mm == current->mm && addr >= p->addr &&
	       len <= p->len && addr - p->addr <= p->len - len;
}

/* Index of the range that byte @at is in */
static unsigned int my_rng_find_range(const struct my_rng_pages *p, size_t at)
{
	unsigned int low = 0, high = p->nranges;

	while (high - low > 1) {
		unsigned int mid = low + (high - low) / 2;

		if (p->ranges[mid].start <= at)
			low = mid;
		else
			high = mid;
	}
	return low;
}

/**
 * my_rng_describe_part() - descriptors of a part of a registered buffer
 * @dma: the path
 * @p: the buffer, mapped
 * @at: first byte of it
 * @len: bytes
 * @table: result
 *
 * Return: how many, or -E2BIG.
 */
int my_rng_describe_part(const struct my_rng_dma *dma,
			 const struct my_rng_pages *p, size_t at, size_t len,
			 struct my_rng_dma_desc *table)
{
	const struct my_rng_range *r = &p->ranges[my_rng_find_range(p, at)];
	unsigned int n = 0;

	for (at -= r->start; len; at = 0, r++) {
		size_t part = min(len, r->len - at);

		if (n == dma->descs_max)
			return -E2BIG;
		my_rng_put_desc(&table[n++], r->bus + at, part);
		len -= part;
	}
	return n;
}

/**
 * my_rng_buf_sync() - bytes that were written, out of bounce buffers
 * @mr: the device, locked
 * @p: a registered buffer
 * @at: first byte of it
 * @len: bytes; only these, the rest is old
 */
void my_rng_buf_sync(struct my_rng_dev *mr, const struct my_rng_pages *p,
		     size_t at, size_t len)
{
	const struct my_rng_range *r;

	if (!p->sync)
		return;
	r = &p->ranges[my_rng_find_range(p, at)];
	for (at -= r->start; len; at = 0, r++) {
		size_t part = min(len, r->len - at);

		dma_sync_single_for_cpu(&mr->pdev->dev, r->bus + at, part,
					DMA_FROM_DEVICE);
		len -= part;
	}
}

/* Return: bytes or a negative errno; 0: not in a registered buffer */
static ssize_t my_rng_read_registered(struct my_rng_file *mf,
				      unsigned long addr, size_t len,
				      bool nonblock, bool irq)
{
	struct my_rng_dev *mr = mf->mr;
	struct my_rng_dma *dma;
	ssize_t ret;

	ret = my_rng_lock(mr, nonblock);
	if (ret)
		return ret;
	dma = mr->priv;
	if (!my_rng_buf_holds(mf->buf, addr, len)) {
		ret = 0;
	} else if (my_rng_dma_busy(mr)) {
		ret = -EIO;
	} else {
		size_t at = addr - mf->buf->addr;

		ret = my_rng_fetch(mf, len,
				   my_rng_describe_part(dma, mf->buf, at, len,
							dma->table),
				   irq);
		if (ret > 0)
			my_rng_buf_sync(mr, mf->buf, at, ret);
	}
	my_rng_unlock(mr);
	return ret;
}

/**
 * my_rng_copy() - read where no mapping can be had, as of bounce buffers used up
 * @mf: the file that is read
 * @to: where to
 * @len: bytes
 * @nonblock: do not sleep for the device
 *
 * Return: the bytes that are there, or a negative errno.
 */
ssize_t my_rng_copy(struct my_rng_file *mf, char __user *to, size_t len,
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

/**
 * my_rng_is_short() - whether a read is too short to be worth a pin
 * @mr: the device
 * @len: bytes
 *
 * Return: whether it is to be copied.
 */
bool my_rng_is_short(const struct my_rng_dev *mr, size_t len)
{
	return len < min_t(size_t, READ_ONCE(my_rng_zc_min.value), mr->chunk);
}

static ssize_t my_rng_read_user(struct my_rng_file *mf, char __user *to,
				size_t len, bool nonblock, bool irq)
{
	unsigned long addr = (unsigned long)to;
	struct my_rng_pages *p;
	ssize_t ret = 0;

	if (READ_ONCE(mf->buf))
		ret = my_rng_read_registered(mf, addr, len, nonblock, irq);
	if (ret)
		return ret;
	if (my_rng_is_short(mf->mr, len))
		return my_rng_read_chunk(mf, to, len, nonblock);
	p = my_rng_pin(addr, len, 0, mf->mr->user_segment);
	if (IS_ERR(p))
		return PTR_ERR(p);
	ret = my_rng_fetch_pinned(mf, p, nonblock, irq);
	if (ret)
		return ret;
	return my_rng_copy(mf, to, len, nonblock);
}

/**
 * my_rng_dma_read_poll() - read_user of mode dma-zc
 * @mf: the file that is read
 * @to: where to
 * @len: bytes, 1 to the device's user_chunk
 * @nonblock: do not wait for another reader
 *
 * Return: the bytes that are there, or a negative errno.
 */
ssize_t my_rng_dma_read_poll(struct my_rng_file *mf, char __user *to,
			     size_t len, bool nonblock)
{
	return my_rng_read_user(mf, to, len, nonblock, false);
}

/**
 * my_rng_dma_read_msi() - read_user of mode dma-zc-msi
 * @mf: the file that is read
 * @to: where to
 * @len: bytes, 1 to the device's user_chunk
 * @nonblock: neither wait for another reader nor sleep for the interrupt
 *
 * Return: the bytes that are there, or a negative errno.
 */
ssize_t my_rng_dma_read_msi(struct my_rng_file *mf, char __user *to, size_t len,
			    bool nonblock)
{
	return my_rng_read_user(mf, to, len, nonblock, !nonblock);
}

/* What the zc modes do without a device: pages are pinned and given back */
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

const struct my_rng_mode my_rng_zc_ram_mode = {
	.name = "ram-zc",
	.read_user = my_rng_pin_only,
};

/* --- registered buffers --- */

/* Pages that may stay pinned: their owner does not wait to write them back */
static bool my_rng_may_stay(struct my_rng_pages *p)
{
	unsigned long i;

	for (i = 0; i < p->count; i++) {
		struct folio *folio = page_folio(p->pages[i]);

		if (!folio_test_swapbacked(folio) && !folio_test_hugetlb(folio))
			return false;
	}
	return true;
}

/* Since 6.4 such pages are refused as if they were no memory at all */
static int my_rng_why_not(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	unpin_user_page(page);
	return -EOPNOTSUPP;
}

static struct my_rng_pages *my_rng_buf_pin(struct my_rng_dev *mr,
					   unsigned long addr, size_t len)
{
	struct my_rng_pages *p =
		my_rng_pin(addr, len, FOLL_LONGTERM, mr->user_segment);
	int ret = 0;

	if (p == ERR_PTR(-EFAULT))
		return ERR_PTR(my_rng_why_not(addr));
	if (IS_ERR(p))
		return p;
	if (p->len < len)
		ret = my_rng_why_not(addr + p->len);
	else if (!my_rng_may_stay(p))
		ret = -EOPNOTSUPP;
	if (!ret) {
		p->ranges = kvmalloc_array(p->sgt.orig_nents,
					   sizeof(*p->ranges), GFP_KERNEL);
		if (p->ranges)
			return p;
		ret = -ENOMEM;
	}
	my_rng_unpin(p);
	return ERR_PTR(ret);
}

/* With the lock: map, and note the runs */
static int my_rng_buf_map(struct my_rng_dev *mr, struct my_rng_pages *p)
{
	struct my_rng_dma *dma = mr->priv;
	struct scatterlist *sg;
	size_t start = 0;
	unsigned int i;
	int ret;

	ret = my_rng_map_pages(mr, p);
	if (ret)
		return ret;
	p->nranges = p->sgt.nents;
	for_each_sgtable_dma_sg (&p->sgt, sg, i) {
		p->ranges[i] = (struct my_rng_range){
			.bus = sg_dma_address(sg),
			.start = start,
			.len = sg_dma_len(sg),
		};
		p->sync = p->sync ||
			  dma_need_sync(&mr->pdev->dev, sg_dma_address(sg));
		start += sg_dma_len(sg);
	}
	list_add(&p->node, &dma->bufs);
	return 0;
}

static int my_rng_buf_install(struct my_rng_file *mf, struct my_rng_pages *p)
{
	struct my_rng_dev *mr = mf->mr;
	int ret;

	ret = my_rng_lock(mr, false);
	if (ret)
		return ret;
	ret = mf->buf ? -EBUSY : my_rng_buf_map(mr, p);
	if (!ret)
		WRITE_ONCE(mf->buf, p);
	my_rng_unlock(mr);
	return ret;
}

/**
 * my_rng_dma_buf_register() - buf_register of the zc modes
 * @mf: the file
 * @addr: first byte, of any alignment
 * @len: bytes
 *
 * The pages count as locked by the process, whose limit holds.
 *
 * Return: 0 or a negative errno, see my_rng_uapi.h.
 */
int my_rng_dma_buf_register(struct my_rng_file *mf, u64 addr, u64 len)
{
	struct mm_struct *mm = current->mm;
	struct my_rng_pages *p;
	unsigned long count;
	int ret;

	if (!len || len > MY_RNG_BUF_MAX || addr > ULONG_MAX - len)
		return -EINVAL;
	if (READ_ONCE(mf->buf))
		return -EBUSY;
	count = my_rng_pages_of(addr, len);
	ret = account_locked_vm(mm, count, true);
	if (ret)
		return ret;
	p = my_rng_buf_pin(mf->mr, addr, len);
	ret = PTR_ERR_OR_ZERO(p);
	if (!ret) {
		mmgrab(mm);
		p->mm = mm;
		ret = my_rng_buf_install(mf, p);
		if (!ret)
			return 0;
		mmdrop(mm);
		my_rng_unpin(p);
	}
	account_locked_vm(mm, count, false);
	return ret;
}

/* The process may be gone, and its count with it */
static void my_rng_buf_unaccount(struct mm_struct *mm, unsigned long count)
{
	if (mmget_not_zero(mm)) {
		account_locked_vm(mm, count, false);
		mmput(mm);
	}
	mmdrop(mm);
}

/**
 * my_rng_dma_buf_unregister() - buf_unregister of the zc modes
 * @mf: the file; the device may be gone
 *
 * Return: 0, or -ENXIO if there is no buffer.
 */
int my_rng_dma_buf_unregister(struct my_rng_file *mf)
{
	struct my_rng_dev *mr = mf->mr;
	struct my_rng_dma *dma;
	struct my_rng_pages *p;
	struct mm_struct *mm;
	unsigned long count;

	mutex_lock(&mr->lock);
	p = mf->buf;
	if (!p) {
		mutex_unlock(&mr->lock);
		return -ENXIO;
	}
	WRITE_ONCE(mf->buf, NULL);
	mm = p->mm;
	count = p->count;
	if (!mr->gone) {
		dma = mr->priv;
		list_del(&p->node);
		if (my_rng_dma_busy(mr)) {
			list_add(&p->node, &dma->stuck);
			p = NULL;
		} else {
			my_rng_unmap_pages(mr, p);
		}
	}
	mutex_unlock(&mr->lock);
	if (p)
		my_rng_unpin(p);
	my_rng_buf_unaccount(mm, count);
	return 0;
}

/* --- coming and going --- */

/**
 * my_rng_dma_user_free_stuck() - give back what a late request could write to
 * @mr: the device, locked; the request is complete or cannot reach memory
 */
void my_rng_dma_user_free_stuck(struct my_rng_dev *mr)
{
	struct my_rng_dma *dma = mr->priv;
	struct my_rng_pages *p, *next;

	list_for_each_entry_safe (p, next, &dma->stuck, node) {
		list_del(&p->node);
		my_rng_unmap_pages(mr, p);
		my_rng_unpin(p);
	}
}

/**
 * my_rng_dma_user_remove() - the path's remove
 * @mr: the device, locked, without bus mastering
 *
 * Registered buffers are unmapped; their pages stay pinned, as they belong to
 * the open files.
 */
void my_rng_dma_user_remove(struct my_rng_dev *mr)
{
	struct my_rng_dma *dma = mr->priv;
	struct my_rng_pages *p, *next;

	my_rng_dma_user_free_stuck(mr);
	my_rng_queue_remove(mr);
	list_for_each_entry_safe (p, next, &dma->bufs, node) {
		list_del(&p->node);
		my_rng_unmap_pages(mr, p);
	}
}

/**
 * my_rng_dma_user_probe() - the zc modes' part of the path's probe
 * @mr: the device, its DMA length known
 *
 * Without CAP_SG, or with limits below a page, there are no zc modes.
 *
 * Return: 0 or a negative errno.
 */
int my_rng_dma_user_probe(struct my_rng_dev *mr)
{
	struct device *dev = &mr->pdev->dev;
	struct my_rng_dma *dma = mr->priv;
	size_t segment;

	INIT_LIST_HEAD(&dma->bufs);
	INIT_LIST_HEAD(&dma->stuck);
	segment =
		min_t(size_t, dma_max_mapping_size(dev), mr->info.dma_len_max);
	segment = round_down(segment, PAGE_SIZE);
	if (!(mr->info.cap & MY_RNG_CAP_SG) || !segment)
		return 0;
	dma->descs_max = min(readl(mr->regs + MY_RNG_REG_DMA_DESC_MAX),
			     MY_RNG_DMA_DESCS);
	if (dma->descs_max < 2)
		return 0;
	dma->table =
		dmam_alloc_coherent(dev, MY_RNG_DMA_DESCS * sizeof(*dma->table),
				    &dma->table_bus, GFP_KERNEL);
	if (!dma->table)
		return -ENOMEM;
	dma_set_max_seg_size(dev, segment);
	mr->user_segment = segment;
	/* However it lies, a chunk has a page more at most */
	mr->user_chunk =
		min_t(size_t, round_down(mr->info.dma_len_max, sizeof(u64)),
		      (dma->descs_max - 1) * PAGE_SIZE);
	return my_rng_queue_probe(mr);
}
