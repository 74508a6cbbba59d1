// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Read path fifo: ask how many words the FIFO holds, then pop them in bursts,
 * from the port-I/O BAR (string input) or from the MMIO BAR.
 *
 * Reading LEVEL tops the FIFO up; what it returns is a credit of pops. The
 * credit holds while the device's lock is held, as an RNG read takes from the
 * FIFO too; it is forgotten at the end of a chunk. So the FIFO never underruns.
 */
#include <linux/minmax.h>

#include "my_rng_drv.h"

#define PORT_BURST_WORDS (SZ_4K / sizeof(u32))
#define MMIO_BURST_WORDS (SZ_1K / sizeof(u32))

enum {
	FIFO_PORT,
	FIFO_MMIO
};

static const char *const my_rng_fifo_words[] = {
	[FIFO_PORT] = "port",
	[FIFO_MMIO] = "mmio",
};

MY_RNG_CHOICE(fifo, my_rng_fifo_words,
	      "FIFO access of files opened from now on: port (default, where "
	      "the device has it) or mmio");

/* How a method reaches the FIFO; words are stored as the device gives them */
struct my_rng_fifo_access {
	u32 (*level)(struct my_rng_dev *mr);
	void (*pop)(struct my_rng_dev *mr, void *out, size_t words);
	size_t burst; /* words */
};

static unsigned long my_rng_fifo_port(struct my_rng_dev *mr)
{
	return pci_resource_start(mr->pdev, MY_RNG_BAR_PIO);
}

static u32 my_rng_port_level(struct my_rng_dev *mr)
{
	return inl(my_rng_fifo_port(mr) + MY_RNG_PIO_FIFO_LEVEL);
}

static void my_rng_port_pop(struct my_rng_dev *mr, void *out, size_t words)
{
	insl(my_rng_fifo_port(mr) + MY_RNG_PIO_FIFO_DATA, out, words);
}

static u32 my_rng_mmio_level(struct my_rng_dev *mr)
{
	return readl(mr->regs + MY_RNG_REG_FIFO_LEVEL);
}

static void my_rng_mmio_pop(struct my_rng_dev *mr, void *out, size_t words)
{
	ioread32_rep(mr->regs + MY_RNG_REG_FIFO_DATA, out, words);
}

static const struct my_rng_fifo_access my_rng_port_access = {
	.level = my_rng_port_level,
	.pop = my_rng_port_pop,
	.burst = PORT_BURST_WORDS,
};

static const struct my_rng_fifo_access my_rng_mmio_access = {
	.level = my_rng_mmio_level,
	.pop = my_rng_mmio_pop,
	.burst = MMIO_BURST_WORDS,
};

static ssize_t my_rng_fifo_fill(struct my_rng_dev *mr, size_t len,
				const struct my_rng_fifo_access *access)
{
	size_t words = DIV_ROUND_UP(len, sizeof(u32));
	size_t done = 0, credit = 0;
	u32 *out = mr->buf;

	while (done < words) {
		size_t n;

		if (!credit)
			credit = access->level(mr);
		if (!credit || credit > mr->info.fifo_depth) {
			dev_err_ratelimited(
				&mr->pdev->dev,
				"FIFO of %u words says it holds %zu\n",
				mr->info.fifo_depth, credit);
			return -EIO;
		}
		n = min3(words - done, credit, access->burst);
		access->pop(mr, out + done, n);
		done += n;
		credit -= n;
		if (done < words && my_rng_pause())
			return done * sizeof(u32);
	}
	return len;
}

static ssize_t my_rng_fifo_port_fill(struct my_rng_dev *mr, size_t len,
				     bool nonblock)
{
	return my_rng_fifo_fill(mr, len, &my_rng_port_access);
}

static ssize_t my_rng_fifo_mmio_fill(struct my_rng_dev *mr, size_t len,
				     bool nonblock)
{
	return my_rng_fifo_fill(mr, len, &my_rng_mmio_access);
}

/* The bursts alone: memory has no level */
static ssize_t my_rng_fifo_ram_fill(struct my_rng_dev *mr, size_t len,
				    bool nonblock)
{
	size_t words = DIV_ROUND_UP(len, sizeof(u32));
	size_t done = 0;
	u32 *out = mr->buf;

	while (done < words) {
		size_t n = min(words - done, MMIO_BURST_WORDS);

		my_rng_mmio_pop(mr, out + done, n);
		done += n;
		if (done < words && my_rng_pause())
			return done * sizeof(u32);
	}
	return len;
}

static const struct my_rng_method my_rng_fifo_ram_method = {
	.name = "ram-fifo",
	.fill = my_rng_fifo_ram_fill,
};

static const struct my_rng_method my_rng_fifo_methods[] = {
	[FIFO_PORT] = { .name = "fifo", .fill = my_rng_fifo_port_fill },
	[FIFO_MMIO] = { .name = "fifo-mmio", .fill = my_rng_fifo_mmio_fill },
};

static const struct my_rng_method *my_rng_fifo_choose(struct my_rng_dev *mr)
{
	unsigned int value = READ_ONCE(my_rng_fifo_choice.value);

	if (!(mr->info.cap & MY_RNG_CAP_PIO))
		value = FIFO_MMIO;
	return &my_rng_fifo_methods[value];
}

static int my_rng_fifo_probe(struct my_rng_dev *mr)
{
	struct device *dev = &mr->pdev->dev;
	int ret;

	mr->info.fifo_depth = readl(mr->regs + MY_RNG_REG_FIFO_DEPTH);
	if (!mr->info.fifo_depth) {
		dev_err(dev,
			"device offers a FIFO in CAP, but its depth is 0\n");
		return -ENODEV;
	}
	/* Whoever reads its registers takes words that others have credit for */
	mr->region[MY_RNG_REGION_REGS].alone = true;
	if (!(mr->info.cap & MY_RNG_CAP_PIO))
		return 0;
	if (!(pci_resource_flags(mr->pdev, MY_RNG_BAR_PIO) & IORESOURCE_IO) ||
	    pci_resource_len(mr->pdev, MY_RNG_BAR_PIO) < MY_RNG_BAR_PIO_SIZE) {
		dev_err(dev,
			"device offers port I/O in CAP, but BAR%d is no port "
			"range of %d bytes\n",
			MY_RNG_BAR_PIO, MY_RNG_BAR_PIO_SIZE);
		return -ENODEV;
	}
	ret = my_rng_request_region(mr->pdev, MY_RNG_BAR_PIO, MY_RNG_NAME);
	if (ret)
		dev_err(dev, "cannot reserve BAR%d: %d\n", MY_RNG_BAR_PIO, ret);
	return ret;
}

const struct my_rng_path my_rng_path_fifo = {
	.name = "fifo",
	.cap = MY_RNG_CAP_FIFO,
	.probe = my_rng_fifo_probe,
	.choose = my_rng_fifo_choose,
	.ram = &my_rng_fifo_ram_method,
};
