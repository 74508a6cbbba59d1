// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Read path window: ring the doorbell, then read RAM that lies behind a BAR,
 * mapped write-back (copied once, to the caller) or uncached (through the
 * device's buffer), to show what that attribute costs.
 *
 * A CPU must never have one page with two attributes, so there is one mapping at
 * a time; a file of the other method makes it anew. A process' mappings follow it,
 * which is safe as a device that is mapped serves no other file.
 */
#include <linux/log2.h>
#include <linux/mm.h>

#include "my_rng_drv.h"

enum {
	WINDOW_WB,
	WINDOW_UC
};

static const char *const my_rng_window_words[] = {
	[WINDOW_WB] = "wb",
	[WINDOW_UC] = "uc",
};

MY_RNG_CHOICE(window, my_rng_window_words,
	      "how files opened from now on map the window: wb (write-back, "
	      "default) or uc (uncached)");

/**
 * struct my_rng_window - state of the path, protected by the device's lock
 * @phys: address of the window; fixed
 * @size: its size; fixed
 * @mem: its mapping, if that is write-back
 * @io: its mapping, if that is uncached
 */
struct my_rng_window {
	phys_addr_t phys;
	size_t size;
	void *mem;
	void __iomem *io;
};

static void my_rng_window_unmap(void *data)
{
	struct my_rng_window *window = data;

	if (window->mem)
		memunmap(window->mem);
	if (window->io)
		iounmap(window->io);
	window->mem = NULL;
	window->io = NULL;
}

static int my_rng_window_map(struct my_rng_window *window, bool cached)
{
	if (likely(cached ? window->mem != NULL : window->io != NULL))
		return 0;
	my_rng_window_unmap(window);
	if (cached)
		window->mem = memremap(window->phys, window->size, MEMREMAP_WB);
	else
		window->io = ioremap(window->phys, window->size);
	return window->mem || window->io ? 0 : -ENOMEM;
}

/* x86 may turn a store and a later load round; the exit between them is no law */
static void my_rng_window_refill(struct my_rng_dev *mr, size_t len)
{
	writel(len, mr->regs + MY_RNG_REG_WIN_REFILL);
	mb(); /* the window only after the doorbell */
}

static ssize_t my_rng_window_wb_fill(struct my_rng_dev *mr, size_t len,
				     bool nonblock)
{
	int ret = my_rng_window_map(mr->priv, true);

	if (ret)
		return ret;
	my_rng_window_refill(mr, len);
	return len;
}

static const void *my_rng_window_wb_data(struct my_rng_dev *mr)
{
	const struct my_rng_window *window = mr->priv;

	return window->mem;
}

static ssize_t my_rng_window_uc_fill(struct my_rng_dev *mr, size_t len,
				     bool nonblock)
{
	struct my_rng_window *window = mr->priv;
	int ret = my_rng_window_map(window, false);

	if (ret)
		return ret;
	my_rng_window_refill(mr, len);
	memcpy_fromio(mr->buf, window->io, len);
	return len;
}

static const struct my_rng_method my_rng_window_methods[] = {
	[WINDOW_WB] = { .name = "window",
			.fill = my_rng_window_wb_fill,
			.data = my_rng_window_wb_data,
			.cached = true },
	[WINDOW_UC] = { .name = "window-uc", .fill = my_rng_window_uc_fill },
};

static const struct my_rng_method *my_rng_window_choose(struct my_rng_dev *mr)
{
	return &my_rng_window_methods[READ_ONCE(my_rng_window_choice.value)];
}

/*
 * On x86 the kernel gives the process the attribute of our own mapping. What
 * others got through the window is wiped before the first mapping of a file.
 */
static int my_rng_window_prepare(struct my_rng_dev *mr,
				 const struct my_rng_method *method,
				 enum my_rng_region_id id, pgprot_t *prot)
{
	struct my_rng_window *window = mr->priv;
	int ret = my_rng_window_map(window, method->cached);

	if (ret)
		return ret;
	if (!mr->owner && window->mem)
		memset(window->mem, 0, window->size);
	else if (!mr->owner)
		memset_io(window->io, 0, window->size);
	if (id == MY_RNG_REGION_DATA && !method->cached)
		*prot = pgprot_noncached(*prot);
	return 0;
}

static unsigned long my_rng_window_pfn(struct my_rng_dev *mr,
				       unsigned long page)
{
	return PHYS_PFN(pci_resource_start(mr->pdev, MY_RNG_BAR_WINDOW)) + page;
}

static int my_rng_window_check(struct my_rng_dev *mr, size_t size)
{
	struct pci_dev *pdev = mr->pdev;

	if (!is_power_of_2(size) || size < PAGE_SIZE) {
		dev_err(&pdev->dev,
			"device offers a window in CAP, but of %zu bytes\n",
			size);
		return -ENODEV;
	}
	if (!(pci_resource_flags(pdev, MY_RNG_BAR_WINDOW) & IORESOURCE_MEM) ||
	    pci_resource_len(pdev, MY_RNG_BAR_WINDOW) < size) {
		dev_err(&pdev->dev,
			"device offers a window in CAP, but BAR%d is no memory "
			"of %zu bytes\n",
			MY_RNG_BAR_WINDOW, size);
		return -ENODEV;
	}
	return 0;
}

/* Linux obeys the firmware: no write-back where the MTRRs say uncachable */
static void my_rng_window_look(struct my_rng_dev *mr)
{
	struct my_rng_window *window = mr->priv;

	mr->uncached = !my_rng_is_write_back(window->mem);
	if (mr->uncached)
		dev_notice(&mr->pdev->dev,
			   "window at %pa is mapped uncached, as the MTRRs "
			   "want it (/proc/mtrr)\n",
			   &window->phys);
}

static int my_rng_window_probe(struct my_rng_dev *mr)
{
	struct device *dev = &mr->pdev->dev;
	size_t size = readl(mr->regs + MY_RNG_REG_WIN_SIZE);
	struct my_rng_window *window;
	int ret;

	ret = my_rng_window_check(mr, size);
	if (ret)
		return ret;
	ret = my_rng_request_region(mr->pdev, MY_RNG_BAR_WINDOW, MY_RNG_NAME);
	if (ret)
		return dev_err_probe(dev, ret, "cannot reserve BAR%d\n",
				     MY_RNG_BAR_WINDOW);
	window = devm_kzalloc(dev, sizeof(*window), GFP_KERNEL);
	if (!window)
		return -ENOMEM;
	window->phys = pci_resource_start(mr->pdev, MY_RNG_BAR_WINDOW);
	window->size = size;
	ret = devm_add_action_or_reset(dev, my_rng_window_unmap, window);
	if (!ret)
		ret = my_rng_window_map(window, true);
	if (ret)
		return dev_err_probe(dev, ret, "cannot map BAR%d\n",
				     MY_RNG_BAR_WINDOW);
	mr->priv = window;
	mr->chunk = size;
	/* Who rings the doorbell changes what others are about to read */
	mr->region[MY_RNG_REGION_REGS].alone = true;
	mr->region[MY_RNG_REGION_DATA] = (struct my_rng_region){
		.size = size,
		.alone = true,
		.pfn = my_rng_window_pfn,
	};
	my_rng_window_look(mr);
	return 0;
}

const struct my_rng_path my_rng_path_window = {
	.name = "window",
	.cap = MY_RNG_CAP_WINDOW,
	.probe = my_rng_window_probe,
	.choose = my_rng_window_choose,
	.map = my_rng_window_prepare,
};
