// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Read path dma: the device writes the device buffer itself; its end is seen in
 * a completion record in memory, polled for or announced by MSI. In the zc modes
 * it writes the caller's own pages (dma_user.c), in the queue modes by requests
 * that are kept in flight (dma_queue.c).
 *
 * The addresses are programmed once and the length only when it changes, so a
 * request like the last one costs a single register write, the doorbell.
 */
#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>

#include "dma.h"
#include "trace.h"

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

static struct my_rng_choice my_rng_dma_choice = {
	.words = my_rng_dma_words,
	.count = ARRAY_SIZE(my_rng_dma_words),
};

module_param_cb(dma, &my_rng_choice_ops, &my_rng_dma_choice, 0644);
MODULE_PARM_DESC(
	dma,
	"DMA of files opened from now on: into a buffer and copied, completion "
	"by poll (default) or msi; or straight into the caller's pages: zc, "
	"zc-msi; or so, with several requests in flight: queue, queue-msi");

static_assert(offsetof(struct my_rng_dma_record, status) ==
	      MY_RNG_DMA_DONE_STATUS);
static_assert(offsetof(struct my_rng_dma_record, count) ==
	      MY_RNG_DMA_DONE_COUNT);
static_assert(sizeof(struct my_rng_dma_record) == MY_RNG_DMA_DONE_SIZE);

static_assert(offsetof(struct my_rng_dma_desc, addr) == MY_RNG_DMA_DESC_ADDR);
static_assert(offsetof(struct my_rng_dma_desc, len) == MY_RNG_DMA_DESC_LEN);
static_assert(sizeof(struct my_rng_dma_desc) == MY_RNG_DMA_DESC_SIZE);

static irqreturn_t my_rng_dma_irq(int irq, void *data)
{
	struct my_rng_dma *dma = data;

	trace_my_rng_irq(irq);
	complete(&dma->done);
	my_rng_queue_irq(dma);
	return IRQ_HANDLED;
}

static u32 my_rng_dma_status(const struct my_rng_dma *dma)
{
	return le32_to_cpu(READ_ONCE(dma->record->status));
}

/* The record decides, also after an interrupt: that may be a late one's */
static int my_rng_dma_wait(struct my_rng_dma *dma, bool irq)
{
	unsigned long deadline = jiffies + MY_RNG_DMA_TIMEOUT;

	if (irq && !wait_for_completion_timeout(&dma->done, MY_RNG_DMA_TIMEOUT))
		return -ETIMEDOUT;
	while (!my_rng_dma_status(dma)) {
		if (time_after(jiffies, deadline))
			return -ETIMEDOUT;
		cpu_relax();
		cond_resched();
	}
	dma_rmb(); /* the data and the count only after the status */
	return 0;
}

static int my_rng_dma_failed(struct my_rng_dev *mr, size_t len)
{
	static const char *const names[] = {
		[MY_RNG_DMA_ERR_NONE] = "none",
		[MY_RNG_DMA_ERR_LEN] = "bad length",
		[MY_RNG_DMA_ERR_ADDR] = "address is not writable RAM",
		[MY_RNG_DMA_ERR_MASTER] = "bus mastering is off",
		[MY_RNG_DMA_ERR_DESC] = "bad table of descriptors",
	};
	u32 error = readl(mr->regs + MY_RNG_REG_DMA_ERROR);

	dev_err_ratelimited(
		&mr->pdev->dev, "DMA of %zu bytes failed: error %u (%s)\n", len,
		error, error < ARRAY_SIZE(names) ? names[error] : "unknown");
	return -EIO;
}

/* A device that may not write memory can tell its error in a register only */
static int my_rng_dma_timed_out(struct my_rng_dev *mr, size_t len)
{
	struct my_rng_dma *dma = mr->priv;

	if (readl(mr->regs + MY_RNG_REG_DMA_STATUS) == MY_RNG_DMA_ST_ERROR)
		return my_rng_dma_failed(mr, len);
	dma->late = true;
	dev_err(&mr->pdev->dev,
		"DMA of %zu bytes: no completion after 1 s; reads fail until "
		"it comes\n",
		len);
	return -EIO;
}

/**
 * my_rng_dma_busy() - whether a request that timed out still is not complete
 * @mr: the device, locked
 *
 * After a timeout the memory belongs to the device until it says otherwise.
 *
 * Return: true if no other request may be started.
 */
bool my_rng_dma_busy(struct my_rng_dev *mr)
{
	struct my_rng_dma *dma = mr->priv;

	bool queue = my_rng_queue_late(mr);

	if (likely(!dma->late && !queue && list_empty(&dma->stuck)))
		return false;
	dma->late = dma->late && !my_rng_dma_status(dma);
	if (dma->late || queue)
		return true;
	my_rng_dma_user_free_stuck(mr);
	return false;
}

/* A register is written only when its value changes */
static void my_rng_dma_set(struct my_rng_dev *mr, unsigned int reg, u32 *held,
			   u32 value)
{
	if (*held == value)
		return;
	writel(value, mr->regs + reg);
	*held = value;
}

/**
 * my_rng_dma_request() - one request, to its end
 * @mr: the device, locked and not busy
 * @len: bytes
 * @descs: descriptors in the table that are the target; 0: the device's buf is
 * @irq: sleep until the interrupt, do not poll
 *
 * Return: @len, or -EIO after a message; the device is then busy or not.
 */
ssize_t my_rng_dma_request(struct my_rng_dev *mr, size_t len, u32 descs,
			   bool irq)
{
	struct my_rng_dma *dma = mr->priv;
	u32 doorbell = MY_RNG_DMA_DB_START;
	u32 status, count;

	my_rng_dma_set(mr, MY_RNG_REG_DMA_LEN, &dma->len, len);
	if (descs) {
		my_rng_dma_set(mr, MY_RNG_REG_DMA_DESC_COUNT, &dma->descs,
			       descs);
		doorbell |= MY_RNG_DMA_DB_SG;
	}
	dma->record->status = 0;
	if (irq) {
		reinit_completion(&dma->done);
		doorbell |= MY_RNG_DMA_DB_MSI;
	}
	trace_my_rng_dma_start(mr->name, len);
	/* writel() orders the cleared record and the table before the doorbell */
	writel(doorbell, mr->regs + MY_RNG_REG_DMA_DOORBELL);
	if (my_rng_dma_wait(dma, irq))
		return my_rng_dma_timed_out(mr, len);
	status = my_rng_dma_status(dma);
	count = le32_to_cpu(dma->record->count);
	trace_my_rng_dma_done(mr->name, status, count);
	if (status != MY_RNG_DMA_ST_DONE || count != len)
		return my_rng_dma_failed(mr, len);
	return len;
}

static ssize_t my_rng_dma_fill(struct my_rng_dev *mr, size_t len, bool irq)
{
	return my_rng_dma_busy(mr) ? -EIO : my_rng_dma_request(mr, len, 0, irq);
}

static ssize_t my_rng_dma_poll_fill(struct my_rng_dev *mr, size_t len,
				    bool nonblock)
{
	return my_rng_dma_fill(mr, len, false);
}

/* To poll is not to sleep: the device serves a request at once */
static ssize_t my_rng_dma_msi_fill(struct my_rng_dev *mr, size_t len,
				   bool nonblock)
{
	return my_rng_dma_fill(mr, len, !nonblock);
}

static const struct my_rng_mode my_rng_dma_modes[] = {
	[DMA_POLL] = { .name = "dma", .fill = my_rng_dma_poll_fill },
	[DMA_MSI] = { .name = "dma-msi", .fill = my_rng_dma_msi_fill },
	[DMA_ZC] = {
		.name = "dma-zc",
		.fill = my_rng_dma_poll_fill,
		.read_user = my_rng_dma_read_poll,
		.buf_register = my_rng_dma_buf_register,
		.buf_unregister = my_rng_dma_buf_unregister,
	},
	[DMA_ZC_MSI] = {
		.name = "dma-zc-msi",
		.fill = my_rng_dma_msi_fill,
		.read_user = my_rng_dma_read_msi,
		.buf_register = my_rng_dma_buf_register,
		.buf_unregister = my_rng_dma_buf_unregister,
	},
	[DMA_QUEUE] = {
		.name = "dma-q",
		.fill = my_rng_dma_poll_fill,
		.read_user = my_rng_queue_read_poll,
		.whole = true,
		.buf_register = my_rng_dma_buf_register,
		.buf_unregister = my_rng_dma_buf_unregister,
		.close = my_rng_queue_close,
	},
	[DMA_QUEUE_MSI] = {
		.name = "dma-q-msi",
		.fill = my_rng_dma_msi_fill,
		.read_user = my_rng_queue_read_msi,
		.whole = true,
		.buf_register = my_rng_dma_buf_register,
		.buf_unregister = my_rng_dma_buf_unregister,
		.close = my_rng_queue_close,
	},
};

static const struct my_rng_mode *my_rng_dma_get_mode(struct my_rng_dev *mr)
{
	unsigned int value = READ_ONCE(my_rng_dma_choice.value);

	if (value & DMA_QUEUE && !mr->queue)
		value ^= DMA_QUEUE | DMA_ZC;
	if (!mr->irq)
		value &= ~DMA_MSI;
	if (!mr->user_chunk)
		value &= ~DMA_ZC;
	return &my_rng_dma_modes[value];
}

static int my_rng_dma_setup_irq(struct my_rng_dev *mr, struct my_rng_dma *dma)
{
	struct device *dev = &mr->pdev->dev;
	int ret;

	if (!(mr->info.cap & MY_RNG_CAP_MSI))
		return 0;
	if (!mr->pdev->msi_cap) {
		dev_err(dev, "device offers MSI in CAP, but has no MSI "
			     "capability\n");
		return -ENODEV;
	}
	/* Managed, as the device was enabled by pcim_enable_device() */
	ret = pci_alloc_irq_vectors(mr->pdev, 1, 1, PCI_IRQ_MSI);
	if (ret < 0) {
		dev_warn(dev, "no MSI vector (%d), DMA is polled only\n", ret);
		return 0;
	}
	ret = devm_request_irq(dev, pci_irq_vector(mr->pdev, 0), my_rng_dma_irq,
			       0, MY_RNG_NAME, dma);
	if (ret) {
		dev_err(dev, "cannot get the interrupt: %d\n", ret);
		return ret;
	}
	mr->irq = true;
	return 0;
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

static int my_rng_dma_probe(struct my_rng_dev *mr)
{
	struct device *dev = &mr->pdev->dev;
	struct my_rng_dma *dma;
	int ret;

	ret = my_rng_dma_check(mr);
	if (ret)
		return ret;
	ret = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(64));
	if (ret) {
		dev_err(dev, "no usable DMA addressing: %d\n", ret);
		return ret;
	}
	dma = devm_kzalloc(dev, sizeof(*dma), GFP_KERNEL);
	if (!dma)
		return -ENOMEM;
	mr->buf = dmam_alloc_coherent(dev, MY_RNG_CHUNK_MAX, &dma->bus,
				      GFP_KERNEL);
	dma->record = dmam_alloc_coherent(dev, sizeof(*dma->record),
					  &dma->record_bus, GFP_KERNEL);
	if (!mr->buf || !dma->record)
		return -ENOMEM;
	init_completion(&dma->done);
	mr->priv = dma;
	ret = my_rng_dma_user_probe(mr);
	if (ret)
		return ret;
	ret = my_rng_dma_setup_irq(mr, dma);
	if (ret)
		return ret;
	pci_set_master(mr->pdev);
	return 0;
}

static void my_rng_dma_start(struct my_rng_dev *mr)
{
	struct my_rng_dma *dma = mr->priv;

	dma->len = 0;
	dma->descs = 0;
	writel(lower_32_bits(dma->bus), mr->regs + MY_RNG_REG_DMA_ADDR_LO);
	writel(upper_32_bits(dma->bus), mr->regs + MY_RNG_REG_DMA_ADDR_HI);
	writel(lower_32_bits(dma->record_bus),
	       mr->regs + MY_RNG_REG_DMA_DONE_LO);
	writel(upper_32_bits(dma->record_bus),
	       mr->regs + MY_RNG_REG_DMA_DONE_HI);
	if (!dma->table)
		return;
	writel(lower_32_bits(dma->table_bus),
	       mr->regs + MY_RNG_REG_DMA_DESC_LO);
	writel(upper_32_bits(dma->table_bus),
	       mr->regs + MY_RNG_REG_DMA_DESC_HI);
}

const struct my_rng_path my_rng_path_dma = {
	.name = "dma",
	.cap = MY_RNG_CAP_DMA,
	.probe = my_rng_dma_probe,
	.start = my_rng_dma_start,
	.stop = my_rng_queue_stop,
	.remove = my_rng_dma_user_remove,
	.mode = my_rng_dma_get_mode,
	.ram = &my_rng_zc_ram_mode,
};
