// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Drivers that make grade is tested against: the exercise's own, as its text has
 * it and nothing more, and the same with one mistake each. Built once under each
 * of the names below; a module's own name says which it is.
 */
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#define IOC_GET  _IOR('q', 1, unsigned int)
#define IOC_SEED _IOW('q', 1, unsigned int)

#define MAJOR_OF_THE_EXERCISE   250
#define ADDRESS_OF_THE_EXERCISE 0xfebf1000

/* Mistakes, and how else the exercise's own differs from what is best */
enum {
	NO_NODE = 1 << 0, /* a major number, the node is made by mknod */
	FIXED_ADDRESS = 1 << 1,
	DIRECT_POINTER = 1 << 2,
	UNCHECKED_COPY = 1 << 3,
	TAKES_ALL_IOCTLS = 1 << 4,
	OTHER_IOCTLS = 1 << 5,
	OOPSES_AT_LOAD = 1 << 6,
	PANICS_ON_SEED = 1 << 7,
	HANGS_ON_SEED = 1 << 8,
};

static const struct driver_kind {
	const char *name;
	unsigned int what;
} kinds[] = {
	{ "exercise_driver", NO_NODE },
	{ "fixed_address", FIXED_ADDRESS },
	{ "direct_pointer", DIRECT_POINTER },
	{ "sloppy", UNCHECKED_COPY | TAKES_ALL_IOCTLS },
	{ "other_ioctls", OTHER_IOCTLS },
	{ "oopses_at_load", OOPSES_AT_LOAD },
	{ "panics_on_seed", PANICS_ON_SEED },
	{ "hangs_on_seed", HANGS_ON_SEED },
};

static unsigned int what;
static void __iomem *regs;

static long give(unsigned long arg)
{
	u32 number = ioread32(regs);

	if (what & DIRECT_POINTER)
		*(u32 __force *)arg = number;
	else if (copy_to_user((void __user *)arg, &number, sizeof(number)))
		return what & UNCHECKED_COPY ? 0 : -EFAULT;
	return 0;
}

static long take(unsigned long arg)
{
	u32 seed = 0;

	if (what & PANICS_ON_SEED)
		panic("my_rng_driver: no seed");
	while (what & HANGS_ON_SEED)
		cpu_relax();
	if (what & DIRECT_POINTER)
		seed = *(u32 __force *)arg;
	else if (copy_from_user(&seed, (void __user *)arg, sizeof(seed)) &&
		 !(what & UNCHECKED_COPY))
		return -EFAULT;
	iowrite32(seed, regs + 4);
	return 0;
}

static long kind_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	if (what & OTHER_IOCTLS)
		cmd -= _IO(0, 1);
	switch (cmd) {
	case IOC_GET:
		return give(arg);
	case IOC_SEED:
		return take(arg);
	default:
		return what & TAKES_ALL_IOCTLS ? 0 : -ENOTTY;
	}
}

static const struct file_operations kind_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = kind_ioctl,
};

static struct miscdevice kind_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "my_rng_driver",
	.fops = &kind_fops,
};

static resource_size_t find_address(void)
{
	struct pci_dev *pdev;
	resource_size_t address;

	if (what & FIXED_ADDRESS)
		return ADDRESS_OF_THE_EXERCISE;
	pdev = pci_get_device(0x1234, 0xcafe, NULL);
	if (!pdev)
		return 0;
	address = pci_resource_start(pdev, 0);
	pci_dev_put(pdev);
	return address;
}

static int __init kind_init(void)
{
	resource_size_t address;
	size_t i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].name, KBUILD_MODNAME))
			what = kinds[i].what;
	if (what & OOPSES_AT_LOAD)
		*(volatile int *)8 = 0;
	address = find_address();
	if (!address)
		return -ENODEV;
	regs = ioremap(address, PAGE_SIZE);
	if (!regs)
		return -ENOMEM;
	if (what & NO_NODE)
		ret = register_chrdev(MAJOR_OF_THE_EXERCISE, "my_rng_driver",
				      &kind_fops);
	else
		ret = misc_register(&kind_misc);
	if (ret)
		iounmap(regs);
	return ret;
}

static void __exit kind_exit(void)
{
	if (what & NO_NODE)
		unregister_chrdev(MAJOR_OF_THE_EXERCISE, "my_rng_driver");
	else
		misc_deregister(&kind_misc);
	iounmap(regs);
}

module_init(kind_init);
module_exit(kind_exit);
MODULE_DESCRIPTION("The exercise's driver, with a mistake or without");
MODULE_LICENSE("GPL");
