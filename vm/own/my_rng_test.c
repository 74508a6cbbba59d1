// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Boot-time test of the my_rng device: twice seeds it with 0x42, reads five
 * numbers and prints them. Built into the guest's own kernel as
 * init/my_rng_test.c and called at the end of kernel_init(), when all built-in
 * drivers are up and no program runs yet; what is __init is gone by then.
 * Whatever it finds, the boot goes on.
 */
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/pci.h>
#include <linux/printk.h>

#include "my_rng_regs.h"

#define TEST_SEED    0x42
#define TEST_ROUNDS  2
#define TEST_NUMBERS 5
#define TEST_RULE \
	"------------------------------------------------------------------\n"

/* Called from init/main.c, which declares it likewise */
void my_rng_test(void);

static void my_rng_test_rounds(void __iomem *regs)
{
	int round, i;

	for (round = 0; round < TEST_ROUNDS; round++) {
		iowrite32(TEST_SEED, regs + MY_RNG_REG_SEED);
		for (i = 0; i < TEST_NUMBERS; i++)
			pr_info("Round %d number %d: %u\n", round, i,
				ioread32(regs + MY_RNG_REG_RNG));
	}
}

/*
 * Maps the registers of the first such device on the bus, wherever its BAR is,
 * and tests it. Memory decoding is left on, as the firmware leaves it.
 */
static int my_rng_test_first(void)
{
	struct pci_dev *pdev;
	void __iomem *regs;
	int ret;

	pdev = pci_get_device(MY_RNG_PCI_VENDOR_ID, MY_RNG_PCI_DEVICE_ID, NULL);
	if (!pdev)
		return -ENODEV;
	ret = pci_enable_device_mem(pdev);
	if (ret)
		goto put;
	regs = pci_iomap(pdev, MY_RNG_BAR_MMIO, MY_RNG_BAR_MMIO_SIZE);
	if (regs) {
		my_rng_test_rounds(regs);
		pci_iounmap(pdev, regs);
	} else {
		ret = -ENOMEM;
	}
	pci_disable_device(pdev);
put:
	pci_dev_put(pdev);
	return ret;
}

/**
 * my_rng_test() - test the first my_rng device and print what it gave
 *
 * Prints the two rounds between rules that begin and end the test, or an
 * ERROR line when there is no device whose registers can be mapped.
 */
void my_rng_test(void)
{
	pr_info(TEST_RULE);
	pr_info("BEGIN MY-RNG TEST\n");
	pr_info(TEST_RULE);
	if (my_rng_test_first())
		pr_err("ERROR: cannot map device registers\n");
	pr_info(TEST_RULE);
	pr_info("END MY-RNG TEST\n");
	pr_info(TEST_RULE);
}
