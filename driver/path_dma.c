// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Read path dma: the device writes memory itself. Into the driver's buffer, from
 * where it is copied (dma, dma-msi); in the zc methods into the caller's own pages;
 * in the queue methods so, with several requests in flight.
 */
#include <linux/dma-mapping.h>

#include "dma.h"

/* Bit 0: by interrupt; bit 1: zero-copy; bit 2: that, and in flight */
enum {
	DMA_POLL = 0,
	DMA_MSI = 1,
	DMA_ZC = 2,
	DMA_ZC_MSI = 3,
	DMA_QUEUE = 4,
	DMA_QUEUE_MSI = 5
};

static const char *const my_rng_dma_words[] = {
	[DMA_POLL] = "poll",   [DMA_MSI] = "msi",
	[DMA_ZC] = "zc",       [DMA_ZC_MSI] = "zc-msi",
	[DMA_QUEUE] = "queue", [DMA_QUEUE_MSI] = "queue-msi",
};

MY_RNG_CHOICE(dma, my_rng_dma_words,
	      "DMA of files opened from now on: into a buffer and copied, "
	      "completion by poll (default) or msi; or straight into the "
	      "caller's pages: zc, zc-msi; or so, with several requests in "
	      "flight: queue, queue-msi");

static ssize_t my_rng_dma_fill(struct my_rng_dev *mr, size_t len, bool nonblock)
{
	return my_rng_dma_request(mr, len, 0, false);
}

/* To poll is not to sleep: the device serves a request at once */
static ssize_t my_rng_dma_fill_msi(struct my_rng_dev *mr, size_t len,
				   bool nonblock)
{
	return my_rng_dma_request(mr, len, 0, !nonblock);
}

#define ZERO_COPY(read, fill_copied)             \
	.fill = fill_copied, .read_user = read,  \
	.buf_register = my_rng_dma_buf_register, \
	.buf_unregister = my_rng_dma_buf_unregister
#define IN_FLIGHT .whole = true, .close = my_rng_queue_close

static const struct my_rng_method my_rng_dma_methods[] = {
	[DMA_POLL] = { .name = "dma", .fill = my_rng_dma_fill },
	[DMA_MSI] = { .name = "dma-msi", .fill = my_rng_dma_fill_msi },
	[DMA_ZC] = { .name = "dma-zc",
		     ZERO_COPY(my_rng_zc_read, my_rng_dma_fill) },
	[DMA_ZC_MSI] = { .name = "dma-zc-msi",
			 .irq = true,
			 ZERO_COPY(my_rng_zc_read, my_rng_dma_fill_msi) },
	[DMA_QUEUE] = { .name = "dma-q",
			IN_FLIGHT,
			ZERO_COPY(my_rng_queue_read, my_rng_dma_fill) },
	[DMA_QUEUE_MSI] = { .name = "dma-q-msi",
			    .irq = true,
			    IN_FLIGHT,
			    ZERO_COPY(my_rng_queue_read, my_rng_dma_fill_msi) },
};

static const struct my_rng_method *my_rng_dma_choose(struct my_rng_dev *mr)
{
	unsigned int value = READ_ONCE(my_rng_dma_choice.value);

	if (value & DMA_QUEUE && !mr->queue)
		value ^= DMA_QUEUE | DMA_ZC;
	if (!mr->irq)
		value &= ~DMA_MSI;
	if (!mr->user_chunk)
		value &= ~DMA_ZC;
	return &my_rng_dma_methods[value];
}

static int my_rng_dma_check(struct my_rng_dev *mr)
{
	mr->info.dma_len_max = readl(mr->regs + MY_RNG_REG_DMA_LEN_MAX);
	if (mr->info.dma_len_max < sizeof(u64)) {
		dev_err(&mr->pdev->dev,
			"device offers DMA in CAP, but of %u bytes at most\n",
			mr->info.dma_len_max);
		return -ENODEV;
	}
	mr->chunk = min_t(size_t, mr->chunk,
			  round_down(mr->info.dma_len_max, sizeof(u64)));
	return 0;
}

/* Without CAP_SG, or with limits below a page, nothing is zero-copy */
static int my_rng_dma_probe_sg(struct my_rng_dev *mr)
{
	struct device *dev = &mr->pdev->dev;
	struct my_rng_dma *dma = mr->priv;
	size_t segment;

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

static int my_rng_dma_probe(struct my_rng_dev *mr)
{
	struct device *dev = &mr->pdev->dev;
	struct my_rng_dma *dma;
	int ret;

	ret = my_rng_dma_check(mr);
	if (ret)
		return ret;
	ret = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(64));
	if (ret)
		return dev_err_probe(dev, ret, "no usable DMA addressing\n");
	dma = devm_kzalloc(dev, sizeof(*dma), GFP_KERNEL);
	if (!dma)
		return -ENOMEM;
	INIT_LIST_HEAD(&dma->mapped);
	mr->priv = dma;
	mr->buf = dmam_alloc_coherent(dev, MY_RNG_CHUNK_MAX, &dma->bus,
				      GFP_KERNEL);
	dma->record = dmam_alloc_coherent(dev, sizeof(*dma->record),
					  &dma->record_bus, GFP_KERNEL);
	if (!mr->buf || !dma->record)
		return -ENOMEM;
	return my_rng_dma_probe_sg(mr) ?: my_rng_setup_irq(mr);
}

/* The pages stay pinned: they belong to reads under way and to open files */
static void my_rng_dma_remove(struct my_rng_dev *mr)
{
	struct my_rng_dma *dma = mr->priv;
	struct my_rng_pages *p, *next;

	list_for_each_entry_safe (p, next, &dma->mapped, node) {
		list_del(&p->node);
		my_rng_unmap_pages(&mr->pdev->dev, p);
	}
}

const struct my_rng_path my_rng_path_dma = {
	.name = "dma",
	.cap = MY_RNG_CAP_DMA,
	.master = true,
	.probe = my_rng_dma_probe,
	.start = my_rng_dma_program,
	.stop = my_rng_queue_stop,
	.remove = my_rng_dma_remove,
	.choose = my_rng_dma_choose,
	.ram = &my_rng_zc_ram_method,
};
