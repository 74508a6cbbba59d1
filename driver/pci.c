// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * my_rng.ko: finds my_rng devices on PCI and chooses how to read each.
 */
#include <linux/module.h>
#include <linux/pm.h>

#include "my_rng_drv.h"

/* All paths there are, compiled in or not: CAP bit to name */
static const struct {
	u32 cap;
	const char *name;
} my_rng_path_names[] = {
	{ MY_RNG_CAP_RNG32, "32" },      { MY_RNG_CAP_RNG64, "64" },
	{ MY_RNG_CAP_FIFO, "fifo" },     { MY_RNG_CAP_DMA, "dma" },
	{ MY_RNG_CAP_WINDOW, "window" }, { MY_RNG_CAP_RING, "ring" },
};

static void my_rng_name_caps(u32 cap, char *out, size_t size)
{
	u32 rest = cap & MY_RNG_CAP_PATHS;
	size_t n = 0, i;

	for (i = 0; i < ARRAY_SIZE(my_rng_path_names); i++) {
		if (!(rest & my_rng_path_names[i].cap))
			continue;
		n += scnprintf(out + n, size - n, " %s",
			       my_rng_path_names[i].name);
		rest &= ~my_rng_path_names[i].cap;
	}
	if (rest || !n)
		scnprintf(out + n, size - n, " unknown:0x%x", rest);
}

/*
 * Every device has the 32-bit register; one that offers more is meant to be
 * read by that. The best that the module has of what it offers is taken.
 */
static int my_rng_choose_path(struct my_rng_dev *mr)
{
	u32 offered = mr->info.cap & MY_RNG_CAP_PATHS;
	u32 wanted = (offered & ~MY_RNG_CAP_RNG32) ?: offered;
	char device[64], module[64];
	u32 compiled = 0;
	size_t i;

	for (i = 0; my_rng_paths[i]; i++) {
		compiled |= my_rng_paths[i]->cap;
		if (wanted & my_rng_paths[i]->cap)
			mr->path = my_rng_paths[i];
	}
	if (mr->path)
		return 0;
	my_rng_name_caps(offered, device, sizeof(device));
	my_rng_name_caps(compiled, module, sizeof(module));
	dev_err(&mr->pdev->dev,
		"device offers the paths%s (CAP 0x%x), this module has%s: "
		"build one with VARIANT=all\n",
		device, mr->info.cap, module);
	return -ENODEV;
}

/* A device without MAGIC is the exercise's own: two registers, nothing else */
static int my_rng_identify(struct my_rng_dev *mr)
{
	mr->ours = readl(mr->regs + MY_RNG_REG_MAGIC) == MY_RNG_MAGIC;
	if (!mr->ours) {
		mr->info.cap = MY_RNG_CAP_RNG32;
		mr->info.generator = MY_RNG_GEN_GLIBC;
		return 0;
	}
	mr->info.version = readl(mr->regs + MY_RNG_REG_VERSION);
	if (mr->info.version != MY_RNG_VERSION) {
		dev_err(&mr->pdev->dev,
			"device has register map version %u, this module knows "
			"%u\n",
			mr->info.version, MY_RNG_VERSION);
		return -ENODEV;
	}
	mr->info.cap = readl(mr->regs + MY_RNG_REG_CAP);
	mr->info.generator = readl(mr->regs + MY_RNG_REG_GENERATOR);
	if (mr->info.cap & MY_RNG_CAP_MODES)
		mr->modes_found =
			readl(mr->regs + MY_RNG_REG_MODE) & MY_RNG_MODE_TIMING;
	mr->modes = mr->modes_found;
	return 0;
}

static unsigned long my_rng_regs_pfn(struct my_rng_dev *mr, unsigned long page)
{
	return PHYS_PFN(pci_resource_start(mr->pdev, MY_RNG_BAR_MMIO)) + page;
}

/* A process must not see what shares a page with the BAR */
static void my_rng_offer_regs(struct my_rng_dev *mr)
{
	struct pci_dev *pdev = mr->pdev;

	if (!PAGE_ALIGNED(pci_resource_start(pdev, MY_RNG_BAR_MMIO)) ||
	    !PAGE_ALIGNED(pci_resource_len(pdev, MY_RNG_BAR_MMIO)))
		return;
	mr->region[MY_RNG_REGION_REGS] = (struct my_rng_region){
		.size = ALIGN(MY_RNG_BAR_MMIO_SIZE, PAGE_SIZE),
		.uncached = true,
		.pfn = my_rng_regs_pfn,
	};
}

static int my_rng_map(struct my_rng_dev *mr)
{
	struct pci_dev *pdev = mr->pdev;
	int ret;

	/* Another driver may have left the device on: it stops now */
	pci_clear_master(pdev);
	ret = pcim_enable_device(pdev);
	if (ret)
		return dev_err_probe(&pdev->dev, ret, "cannot enable\n");
	if (!(pci_resource_flags(pdev, MY_RNG_BAR_MMIO) & IORESOURCE_MEM) ||
	    pci_resource_len(pdev, MY_RNG_BAR_MMIO) < MY_RNG_BAR_MMIO_SIZE) {
		dev_err(&pdev->dev, "BAR%d is no memory of %d bytes\n",
			MY_RNG_BAR_MMIO, MY_RNG_BAR_MMIO_SIZE);
		return -ENODEV;
	}
	mr->regs = my_rng_iomap_region(pdev, MY_RNG_BAR_MMIO, MY_RNG_NAME);
	if (IS_ERR(mr->regs))
		return dev_err_probe(&pdev->dev, PTR_ERR(mr->regs),
				     "cannot map BAR%d\n", MY_RNG_BAR_MMIO);
	my_rng_offer_regs(mr);
	return 0;
}

/* All that is managed: undone by the PCI core after a failure or remove */
static int my_rng_setup(struct my_rng_dev *mr)
{
	int ret;

	ret = my_rng_map(mr);
	if (ret)
		return ret;
	ret = my_rng_identify(mr);
	if (ret)
		return ret;
	ret = my_rng_choose_path(mr);
	if (ret)
		return ret;
	if (mr->path->probe) {
		ret = mr->path->probe(mr);
		if (ret)
			return ret;
	}
	if (!mr->buf)
		mr->buf = devm_kmalloc(&mr->pdev->dev, mr->chunk, GFP_KERNEL);
	return mr->buf ? 0 : -ENOMEM;
}

static void my_rng_put_managed(void *data)
{
	my_rng_dev_put(data);
}

static int my_rng_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct my_rng_dev *mr = my_rng_dev_alloc();
	int ret;

	if (!mr)
		return -ENOMEM;
	/* Managed first, so given back last: whatever is undone may look at it */
	ret = devm_add_action_or_reset(&pdev->dev, my_rng_put_managed, mr);
	if (ret)
		return ret;
	mr->pdev = pdev;
	pci_set_drvdata(pdev, mr);
	ret = my_rng_setup(mr);
	if (ret)
		return ret;
	ret = my_rng_chardev_add(mr);
	if (ret)
		return ret;
	ret = my_rng_hwrng_add(mr);
	if (ret)
		goto del;
	/* Last, as nothing can fail any more with the device at work */
	my_rng_on(mr);
	dev_info(&pdev->dev, "%s: path %s%s\n", mr->name, mr->path->name,
		 mr->ours ? "" : " (plain device)");
	return 0;
del:
	my_rng_off(mr, MY_RNG_GONE);
	my_rng_chardev_del(mr);
	return ret;
}

static void my_rng_remove(struct pci_dev *pdev)
{
	struct my_rng_dev *mr = pci_get_drvdata(pdev);

	my_rng_off(mr, MY_RNG_GONE);
	my_rng_hwrng_del(mr);
	my_rng_chardev_del(mr);
}

static void my_rng_shutdown(struct pci_dev *pdev)
{
	my_rng_off(pci_get_drvdata(pdev), MY_RNG_GONE);
}

static int my_rng_suspend(struct device *dev)
{
	my_rng_off(dev_get_drvdata(dev), MY_RNG_OFF);
	return 0;
}

static int my_rng_resume(struct device *dev)
{
	my_rng_on(dev_get_drvdata(dev));
	return 0;
}

static DEFINE_SIMPLE_DEV_PM_OPS(my_rng_pm_ops, my_rng_suspend, my_rng_resume);

static void my_rng_reset_prepare(struct pci_dev *pdev)
{
	my_rng_off(pci_get_drvdata(pdev), MY_RNG_OFF);
}

static void my_rng_reset_done(struct pci_dev *pdev)
{
	my_rng_on(pci_get_drvdata(pdev));
}

static const struct pci_error_handlers my_rng_err_handlers = {
	.reset_prepare = my_rng_reset_prepare,
	.reset_done = my_rng_reset_done,
};

static const struct pci_device_id my_rng_ids[] = {
	{ PCI_DEVICE(MY_RNG_PCI_VENDOR_ID, MY_RNG_PCI_DEVICE_ID) },
	{}
};
MODULE_DEVICE_TABLE(pci, my_rng_ids);

static struct pci_driver my_rng_driver = {
	.name = MY_RNG_NAME,
	.id_table = my_rng_ids,
	.probe = my_rng_probe,
	.remove = my_rng_remove,
	.shutdown = my_rng_shutdown,
	.err_handler = &my_rng_err_handlers,
	.driver.pm = pm_sleep_ptr(&my_rng_pm_ops),
};

static int __init my_rng_init(void)
{
	int ret;

	ret = my_rng_chardev_init();
	if (ret)
		return ret;
	ret = pci_register_driver(&my_rng_driver);
	if (ret)
		my_rng_chardev_exit();
	return ret;
}

static void __exit my_rng_exit(void)
{
	pci_unregister_driver(&my_rng_driver);
	my_rng_chardev_exit();
}

module_init(my_rng_init);
module_exit(my_rng_exit);

MODULE_DESCRIPTION("my_rng, an emulated PCI random number generator");
MODULE_AUTHOR("exitcost");
MODULE_VERSION(MY_RNG_DRV_VERSION);
MODULE_LICENSE("GPL");
