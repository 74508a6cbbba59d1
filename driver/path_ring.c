// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Read path ring: a thread of the device's keeps a ring in memory full, reads take
 * bytes out of it and touch no register in the steady state. Here it is made, and
 * mapped to processes.
 */
#include <linux/cc_platform.h>
#include <linux/dma-map-ops.h>
#include <linux/dma-mapping.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "ring.h"

/* The ring is allocated in blocks of this many bytes, or in one if smaller */
#define BLOCK SZ_64K

static_assert(MY_RNG_RING_SIZE_LIMIT / BLOCK <= MY_RNG_RING_COUNT_MAX);

/* Whole pages, and a table of no more entries than the device takes */
MY_RNG_NUMBER(
	ring_kib, 8192, PAGE_SIZE / SZ_1K, MY_RNG_RING_SIZE_LIMIT / SZ_1K, true,
	"size in KiB of the rings of devices bound from now on, a power of "
	"two (default 8192; 4 to 65536)");

/* Descriptor as it lies in memory, see my_rng_regs.h */
struct my_rng_ring_desc {
	__le64 addr;
	__le32 len;
	__le32 zero;
};

static_assert(offsetof(struct my_rng_ring_desc, len) == MY_RNG_RING_DESC_LEN);
static_assert(sizeof(struct my_rng_ring_desc) == MY_RNG_RING_DESC_SIZE);

/* --- mappings --- */

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

/* Nothing that went to others may be seen in the ring */
static void my_rng_ring_wipe(struct my_rng_ring *ring)
{
	struct device *dev = &ring->dev->pdev->dev;
	unsigned int i;

	for (i = 0; i < ring->count; i++) {
		const struct my_rng_ring_block *b = &ring->blocks[i];

		memset(page_address(b->page), 0, ring->block);
		dma_sync_single_for_device(dev, b->bus, ring->block,
					   DMA_FROM_DEVICE);
	}
	ring->at.cons = ring->at.prod;
	ring->real.cons = ring->real.prod;
}

/*
 * From now on the header is not ours alone, until it is mapped no more. The first
 * mapping of a file gets a ring without a past. Where guest memory is encrypted,
 * what the device writes is not. (dma_mmap_pages() maps one block only, at once,
 * and none of it could be taken back from one of the files of an inode.)
 */
static int my_rng_ring_map(struct my_rng_dev *mr,
			   const struct my_rng_method *method,
			   enum my_rng_region_id id, pgprot_t *prot)
{
	struct my_rng_ring *ring = mr->priv;
	int ret;

	if (!mr->owner) {
		my_rng_ring_stop(mr);
		my_rng_ring_wipe(ring);
	}
	ret = my_rng_ring_ready(mr);
	if (ret || id == MY_RNG_REGION_REGS)
		return ret;
	ring->shared = true;
	if (cc_platform_has(CC_ATTR_GUEST_MEM_ENCRYPT))
		*prot = pgprot_decrypted(*prot);
	return 0;
}

/* Only where the process sees what the device writes without being told */
static void my_rng_ring_offer(struct my_rng_dev *mr)
{
	const struct my_rng_ring *ring = mr->priv;

	/* A word read from a register is missing from what others read later */
	mr->region[MY_RNG_REGION_REGS].alone = true;
	if (!dev_is_dma_coherent(&mr->pdev->dev))
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

/* --- probe --- */

static void my_rng_ring_free(void *data)
{
	struct my_rng_ring *ring = data;
	struct device *dev = &ring->dev->pdev->dev;
	unsigned int i;

	for (i = 0; i < ring->count && ring->blocks[i].page; i++)
		dma_free_pages(dev, ring->block, ring->blocks[i].page,
			       ring->blocks[i].bus, DMA_FROM_DEVICE);
}

static int my_rng_ring_alloc_data(struct my_rng_ring *ring)
{
	struct device *dev = &ring->dev->pdev->dev;
	struct my_rng_ring_desc *table;
	unsigned int i;
	int ret;

	ret = devm_add_action_or_reset(dev, my_rng_ring_free, ring);
	if (ret)
		return ret;
	table = dmam_alloc_coherent(dev, ring->count * sizeof(*table),
				    &ring->table_bus, GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	for (i = 0; i < ring->count; i++) {
		struct my_rng_ring_block *b = &ring->blocks[i];

		b->page = dma_alloc_pages(dev, ring->block, &b->bus,
					  DMA_FROM_DEVICE, GFP_KERNEL);
		if (!b->page)
			return -ENOMEM;
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
	ring->dev = mr;
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
	size_t size = (size_t)READ_ONCE(my_rng_ring_kib.value) * SZ_1K;
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
	if (ret)
		return dev_err_probe(dev, ret, "no usable DMA addressing\n");
	ret = my_rng_ring_alloc(mr, size);
	if (ret)
		return dev_err_probe(dev, ret,
				     "no memory for a ring of %zu "
				     "bytes; give a smaller ring_kib\n",
				     size);
	mr->user_chunk = MY_RNG_CHUNK_MAX;
	my_rng_ring_offer(mr);
	return my_rng_setup_irq(mr);
}

static void my_rng_ring_remove(struct my_rng_dev *mr)
{
	struct my_rng_ring *ring = mr->priv;

	cancel_delayed_work_sync(&ring->look);
}

static const struct my_rng_method my_rng_ring_method = {
	.name = "ring",
	.read_user = my_rng_ring_read_user,
	.read_kernel = my_rng_ring_read_kernel,
	.poll = my_rng_ring_poll,
	.cached = true,
};

const struct my_rng_path my_rng_path_ring = {
	.name = "ring",
	.cap = MY_RNG_CAP_RING,
	.master = true,
	.probe = my_rng_ring_probe,
	.start = my_rng_ring_start,
	.stop = my_rng_ring_stop,
	.change = my_rng_ring_change,
	.remove = my_rng_ring_remove,
	.kick = my_rng_ring_kick,
	.method = &my_rng_ring_method,
	.map = my_rng_ring_map,
};
