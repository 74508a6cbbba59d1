// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests of what befalls a device that works on its own, of any variant. */
#include <stdio.h>
#include <linux/pci_regs.h>

#include "life.h"

/* A machine with a device at @dev, loaded from @path */
static bool load(struct vm *vm, struct dev *dev, const char *variant,
		 const char *more, const char *path)
{
	char args[256];

	snprintf(args, sizeof(args),
		 "-m 32M %s-device my_rng,id=rng%d,addr=%d,variant=%s%s"
		 " -incoming exec:cat<%s",
		 *more ? "-object iothread,id=io0 " : "", FIRST_SLOT,
		 FIRST_SLOT, variant, more, path);
	vm_start(vm, args);
	if (!vm_wait_loaded(vm))
		return false;
	*dev = (struct dev){ .vm = vm, .slot = FIRST_SLOT };
	dev->mmio = config_read(dev, PCI_BASE_ADDRESS_0, 4);
	return true;
}

bool dev_move(struct dev *dev, struct vm *vm, const char *variant,
	      const char *more)
{
	uint64_t words;
	char path[64];
	bool saved;

	scratch_path(path, "state");
	saved = vm_save(vm, path);
	/* Stopped: nothing is added to what was saved */
	words = dev_stat(dev, MY_RNG_STAT_WORDS);
	vm_stop(vm);
	return check(saved && load(vm, dev, variant, more, path) &&
			     dev_stat(dev, MY_RNG_STAT_WORDS) >= words,
		     "device/migration/%s-moves%s", variant, more);
}

void dev_take_iothread(const struct dev *dev)
{
	vm_does(dev->vm, "{\"execute\": \"object-del\", \"arguments\": "
			 "{\"id\": \"io0\"}}");
}

void dev_replug(const struct dev *dev, const char *variant)
{
	char command[256];

	check(vm_does(dev->vm, "{\"execute\": \"device_del\", \"arguments\": "
			       "{\"id\": \"rng4\"}}"),
	      "device/unplug/%s-while-it-works", variant);
	/* Without a guest, the reset is what lets go of it */
	vm_reset(dev->vm);
	snprintf(command, sizeof(command),
		 "{\"execute\": \"device_add\", \"arguments\": {\"driver\": "
		 "\"my_rng\", \"id\": \"rng4\", \"variant\": \"%s\", "
		 "\"addr\": \"4\"}}",
		 variant);
	check(config_read(dev, PCI_VENDOR_ID, 2) == 0xffff &&
		      vm_does(dev->vm, command),
	      "device/unplug/%s-gone-and-plugged-again", variant);
}

bool dev_comes_to_rest(const struct dev *dev)
{
	uint64_t before, after = 0;
	int tries = 100;

	do {
		before = after;
		after = dev_stat(dev, MY_RNG_STAT_IRQS) +
			dev_stat(dev, MY_RNG_STAT_ERRORS);
	} while (after != before && tries--);
	return after == before;
}

#define PORT_SLOT   5
#define BEHIND_SLOT 32 /* slot 0 of bus 1 */

void dev_start_behind(struct dev *dev, struct vm *vm, const char *variant,
		      const char *options)
{
	const struct dev port = { .vm = vm, .slot = PORT_SLOT };
	char args[256];

	snprintf(args, sizeof(args),
		 "-device pcie-root-port,id=rp0,addr=%d "
		 "-device my_rng,id=rng%d,bus=rp0,variant=%s%s",
		 PORT_SLOT, BEHIND_SLOT, variant, options);
	vm_start(vm, args);
	config_write(&port, PCI_PRIMARY_BUS, 0x010100, 4);
	dev_setup(dev, vm, BEHIND_SLOT);
	config_write(&port, PCI_MEMORY_BASE, dev->mmio >> 16 & 0xfff0, 2);
	config_write(&port, PCI_MEMORY_LIMIT, dev->mmio >> 16 & 0xfff0, 2);
	config_write(&port, PCI_COMMAND,
		     PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, 2);
}

void dev_stop_and_reset(const struct dev *dev)
{
	vm_batch(dev->vm,
		 "outl 0xcf8 0x%x\noutw 0xcfc 0x%x\n"
		 "outl 0xcf8 0x%x\noutw 0xcfe 0x%x\noutw 0xcfe 0x0\n",
		 0x80000000 | BEHIND_SLOT << 11 | PCI_COMMAND,
		 PCI_COMMAND_MEMORY,
		 0x80000000 | PORT_SLOT << 11 | (PCI_BRIDGE_CONTROL & ~3),
		 PCI_BRIDGE_CTL_BUS_RESET);
}

void dev_refused(const char *args, const char *says, const char *name)
{
	struct vm vm;

	check(vm_start_fails(&vm, args) && vm_log_has(&vm, says),
	      "device/property/refuses-%s", name);
}
