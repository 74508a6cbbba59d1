// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Read path dma: a request to the doorbell, one at a time. The device writes the
 * target itself; its end is seen in a completion record in memory, polled for or
 * announced by MSI.
 *
 * The addresses are programmed once and the length only when it changes, so a
 * request like the last one costs a single register write, the doorbell.
 */
#include <linux/jiffies.h>

#include "dma.h"
#include "trace.h"

static_assert(offsetof(struct my_rng_dma_record, status) ==
	      MY_RNG_DMA_DONE_STATUS);
static_assert(offsetof(struct my_rng_dma_record, count) ==
	      MY_RNG_DMA_DONE_COUNT);
static_assert(sizeof(struct my_rng_dma_record) == MY_RNG_DMA_DONE_SIZE);

static_assert(offsetof(struct my_rng_dma_desc, addr) == MY_RNG_DMA_DESC_ADDR);
static_assert(offsetof(struct my_rng_dma_desc, len) == MY_RNG_DMA_DESC_LEN);
static_assert(sizeof(struct my_rng_dma_desc) == MY_RNG_DMA_DESC_SIZE);

static u32 my_rng_dma_status(const struct my_rng_dma *dma)
{
	return le32_to_cpu(READ_ONCE(dma->record->status));
}

/* The record decides, whether an interrupt came or not */
static int my_rng_dma_wait(struct my_rng_dev *mr, bool irq, int wakeups)
{
	unsigned long deadline = jiffies + MY_RNG_DMA_TIMEOUT;
	struct my_rng_dma *dma = mr->priv;

	if (irq)
		wait_event_timeout(mr->wq, atomic_read(&mr->wakeups) != wakeups,
				   MY_RNG_DMA_TIMEOUT);
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
	u32 error = readl(mr->regs + MY_RNG_REG_DMA_ERROR);

	dev_err_ratelimited(&mr->pdev->dev,
			    "DMA of %zu bytes failed: error %u (%s)\n", len,
			    error, my_rng_error_name(error));
	return -EIO;
}

/*
 * A device that may not write memory can tell its error in a register only. One
 * that does not answer is kept from memory, which is given back.
 */
static int my_rng_dma_timed_out(struct my_rng_dev *mr, size_t len)
{
	if (readl(mr->regs + MY_RNG_REG_DMA_STATUS) == MY_RNG_DMA_ST_ERROR)
		return my_rng_dma_failed(mr, len);
	dev_err(&mr->pdev->dev, "DMA of %zu bytes: no completion after 1 s\n",
		len);
	my_rng_restart(mr, true);
	return -EIO;
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
 * @mr: the device, locked
 * @len: bytes
 * @descs: descriptors in the table that are the target; 0: the device's buf is
 * @irq: sleep until the interrupt, do not poll
 *
 * Return: @len, or -EIO after a message; the device leaves the target alone.
 */
ssize_t my_rng_dma_request(struct my_rng_dev *mr, size_t len, u32 descs,
			   bool irq)
{
	struct my_rng_dma *dma = mr->priv;
	int wakeups = atomic_read(&mr->wakeups);
	u32 doorbell = MY_RNG_DMA_DB_START;
	u32 status, count;

	my_rng_dma_set(mr, MY_RNG_REG_DMA_LEN, &dma->len, len);
	if (descs) {
		my_rng_dma_set(mr, MY_RNG_REG_DMA_DESC_COUNT, &dma->descs,
			       descs);
		doorbell |= MY_RNG_DMA_DB_SG;
	}
	if (irq)
		doorbell |= MY_RNG_DMA_DB_MSI;
	dma->record->status = 0;
	trace_my_rng_dma_start(mr->name, len);
	/* writel() orders the cleared record and the table before the doorbell */
	writel(doorbell, mr->regs + MY_RNG_REG_DMA_DOORBELL);
	if (my_rng_dma_wait(mr, irq, wakeups))
		return my_rng_dma_timed_out(mr, len);
	status = my_rng_dma_status(dma);
	count = le32_to_cpu(READ_ONCE(dma->record->count));
	trace_my_rng_dma_done(mr->name, status, count);
	if (status != MY_RNG_DMA_ST_DONE || count != len)
		return my_rng_dma_failed(mr, len);
	return len;
}

/** my_rng_dma_program() - tell the device, locked, where everything lies */
void my_rng_dma_program(struct my_rng_dev *mr)
{
	struct my_rng_dma *dma = mr->priv;

	dma->len = 0;
	dma->descs = 0;
	my_rng_point(mr, MY_RNG_REG_DMA_ADDR_LO, dma->bus);
	my_rng_point(mr, MY_RNG_REG_DMA_DONE_LO, dma->record_bus);
	if (dma->table)
		my_rng_point(mr, MY_RNG_REG_DMA_DESC_LO, dma->table_bus);
}
