// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * User memory that a device writes to. The pages are pinned, runs of neighbours
 * become one descriptor each. A registered buffer is pinned and mapped once: a
 * read into it only takes its descriptors out.
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

#include "pages.h"

static unsigned long my_rng_pages_of(unsigned long addr, size_t len)
{
	return DIV_ROUND_UP(offset_in_page(addr) + len, PAGE_SIZE);
}

/** my_rng_unpin() - give unmapped memory back, by runs: a huge page is but one */
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

/** my_rng_map_pages() - map pinned memory for a device */
int my_rng_map_pages(struct device *dev, struct my_rng_pages *p)
{
	int ret = dma_map_sgtable(dev, &p->sgt, DMA_FROM_DEVICE,
				  DMA_ATTR_NO_WARN);

	p->mapped = !ret;
	return ret;
}

/**
 * my_rng_unmap_pages() - the reverse, if it is mapped
 * @dev: the device
 * @p: the memory
 *
 * Bounced data comes to the pages here; but to a registered buffer it came with
 * each read, and its owner may have changed it since.
 */
void my_rng_unmap_pages(struct device *dev, struct my_rng_pages *p)
{
	if (p->mapped)
		dma_unmap_sgtable(dev, &p->sgt, DMA_FROM_DEVICE,
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
 * @p: the memory, mapped
 * @table: result
 * @max: room in it
 *
 * Return: how many, or -E2BIG.
 */
int my_rng_describe(const struct my_rng_pages *p, struct my_rng_dma_desc *table,
		    unsigned int max)
{
	struct scatterlist *sg;
	unsigned int i;

	if (p->sgt.nents > max)
		return -E2BIG;
	for_each_sgtable_dma_sg (&p->sgt, sg, i)
		my_rng_put_desc(&table[i], sg_dma_address(sg), sg_dma_len(sg));
	return p->sgt.nents;
}

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

/* Pinned for long, all of it, with room for its ranges */
static struct my_rng_pages *my_rng_pin_all(unsigned long addr, size_t len,
					   unsigned int segment)
{
	struct my_rng_pages *p = my_rng_pin(addr, len, FOLL_LONGTERM, segment);
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

/**
 * my_rng_buf_pin() - pin a buffer that is to be registered
 * @addr: in the memory of the caller, whose limit of locked memory holds
 * @len: bytes
 * @segment: longest run
 *
 * Return: the buffer, or an ERR_PTR() as in my_rng_uapi.h.
 */
struct my_rng_pages *my_rng_buf_pin(unsigned long addr, size_t len,
				    unsigned int segment)
{
	unsigned long count = my_rng_pages_of(addr, len);
	struct mm_struct *mm = current->mm;
	struct my_rng_pages *p;
	int ret;

	ret = account_locked_vm(mm, count, true);
	if (ret)
		return ERR_PTR(ret);
	p = my_rng_pin_all(addr, len, segment);
	if (IS_ERR(p)) {
		account_locked_vm(mm, count, false);
		return p;
	}
	mmgrab(mm);
	p->mm = mm;
	return p;
}

/** my_rng_buf_free() - the reverse; the process may be gone, and its count */
void my_rng_buf_free(struct my_rng_pages *p)
{
	struct mm_struct *mm = p->mm;

	if (mmget_not_zero(mm)) {
		account_locked_vm(mm, p->count, false);
		mmput(mm);
	}
	mmdrop(mm);
	my_rng_unpin(p);
}

/** my_rng_buf_map() - map a buffer for a device, and note its runs */
int my_rng_buf_map(struct device *dev, struct my_rng_pages *p)
{
	struct scatterlist *sg;
	size_t start = 0;
	unsigned int i;
	int ret;

	ret = my_rng_map_pages(dev, p);
	if (ret)
		return ret;
	p->nranges = p->sgt.nents;
	for_each_sgtable_dma_sg (&p->sgt, sg, i) {
		p->ranges[i] = (struct my_rng_range){
			.bus = sg_dma_address(sg),
			.start = start,
			.len = sg_dma_len(sg),
		};
		p->sync = p->sync || dma_need_sync(dev, sg_dma_address(sg));
		start += sg_dma_len(sg);
	}
	return 0;
}

/**
 * my_rng_buf_holds() - whether a range is in a registered buffer of this process
 * @p: the buffer, or NULL
 * @addr: first byte
 * @len: bytes
 */
bool my_rng_buf_holds(const struct my_rng_pages *p, unsigned long addr,
		      size_t len)
{
	return p && p->mapped && p->mm == current->mm && addr >= p->addr &&
	       len <= p->len && addr - p->addr <= p->len - len;
}

/* The range that byte @at is in */
static const struct my_rng_range *
my_rng_find_range(const struct my_rng_pages *p, size_t at)
{
	unsigned int low = 0, high = p->nranges;

	while (high - low > 1) {
		unsigned int mid = low + (high - low) / 2;

		if (p->ranges[mid].start <= at)
			low = mid;
		else
			high = mid;
	}
	return &p->ranges[low];
}

/**
 * my_rng_buf_describe() - descriptors of a part of a registered buffer
 * @p: the buffer, mapped
 * @at: first byte of it
 * @len: bytes
 * @table: result
 * @max: room in it
 *
 * Return: how many, or -E2BIG.
 */
int my_rng_buf_describe(const struct my_rng_pages *p, size_t at, size_t len,
			struct my_rng_dma_desc *table, unsigned int max)
{
	const struct my_rng_range *r = my_rng_find_range(p, at);
	unsigned int n = 0;

	for (at -= r->start; len; at = 0, r++) {
		size_t part = min(len, r->len - at);

		if (n == max)
			return -E2BIG;
		my_rng_put_desc(&table[n++], r->bus + at, part);
		len -= part;
	}
	return n;
}

/**
 * my_rng_buf_sync() - bytes that were written, out of bounce buffers
 * @dev: the device
 * @p: a registered buffer
 * @at: first byte of it
 * @len: bytes; only these, the rest is old
 */
void my_rng_buf_sync(struct device *dev, const struct my_rng_pages *p,
		     size_t at, size_t len)
{
	const struct my_rng_range *r;

	if (!p->sync)
		return;
	r = my_rng_find_range(p, at);
	for (at -= r->start; len; at = 0, r++) {
		size_t part = min(len, r->len - at);

		dma_sync_single_for_cpu(dev, r->bus + at, part,
					DMA_FROM_DEVICE);
		len -= part;
	}
}
