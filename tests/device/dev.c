// SPDX-License-Identifier: GPL-2.0-or-later
/* A my_rng device in a machine without a guest: PCI setup and requests. */
#include <stdio.h>
#include <time.h>
#include <linux/pci_regs.h>

#include "dev.h"

#define PCI_CONFIG_ADDRESS 0xcf8
#define PCI_CONFIG_DATA    0xcfc
#define PCI_CONFIG_ENABLE  0x80000000u

/* Where BARs go: in the hole below 4 GiB, and above QEMU's own ports */
#define MMIO_BASE 0xe0000000u
#define PIO_BASE  0xc000

/* Above the RAM of any test, each device with room for the largest window */
#define WINDOW_BASE 0x400000000ull
#define WINDOW_ROOM 0x100000

/* Far above what anything takes, so that only a hang reaches it */
#define WAIT_MS 60000

static void config_select(const struct dev *dev, unsigned int reg)
{
	vm_out(dev->vm, PCI_CONFIG_ADDRESS,
	       PCI_CONFIG_ENABLE | dev->slot << 11 | (reg & ~3u), 4);
}

uint32_t config_read(const struct dev *dev, unsigned int reg, unsigned int size)
{
	config_select(dev, reg);
	return vm_in(dev->vm, PCI_CONFIG_DATA + (reg & 3), size);
}

void config_write(const struct dev *dev, unsigned int reg, uint32_t value,
		  unsigned int size)
{
	config_select(dev, reg);
	vm_out(dev->vm, PCI_CONFIG_DATA + (reg & 3), value, size);
}

unsigned int config_cap(const struct dev *dev, unsigned int id)
{
	unsigned int at = 0;

	if (config_read(dev, PCI_STATUS, 2) & PCI_STATUS_CAP_LIST)
		at = config_read(dev, PCI_CAPABILITY_LIST, 1);
	while (at && config_read(dev, at + PCI_CAP_LIST_ID, 1) != id)
		at = config_read(dev, at + PCI_CAP_LIST_NEXT, 1);
	return at;
}

void dev_setup(struct dev *dev, struct vm *vm, unsigned int slot)
{
	*dev = (struct dev){
		.vm = vm,
		.slot = slot,
		.mmio = MMIO_BASE + slot * MY_RNG_BAR_MMIO_SIZE,
		.pio = PIO_BASE + slot * MY_RNG_BAR_PIO_SIZE,
		.window = WINDOW_BASE + slot * WINDOW_ROOM,
	};
	config_write(dev, PCI_BASE_ADDRESS_0, dev->mmio, 4);
	config_write(dev, PCI_BASE_ADDRESS_1, dev->pio, 4);
	config_write(dev, PCI_BASE_ADDRESS_2, dev->window, 4);
	config_write(dev, PCI_BASE_ADDRESS_3, dev->window >> 32, 4);
	config_write(dev, PCI_COMMAND,
		     PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER,
		     2);
}

void dev_start(struct dev *dev, struct vm *vm, const char *variant,
	       const char *options)
{
	char args[512];

	snprintf(args, sizeof(args),
		 "-device my_rng,id=rng%d,addr=%d,variant=%s%s", FIRST_SLOT,
		 FIRST_SLOT, variant, options);
	vm_start(vm, args);
	dev_setup(dev, vm, FIRST_SLOT);
}

uint64_t dev_stat(const struct dev *dev, unsigned int index)
{
	static const char *const names[MY_RNG_STAT_COUNT] = {
		[MY_RNG_STAT_MMIO_READS] = "stat-mmio-reads",
		[MY_RNG_STAT_MMIO_WRITES] = "stat-mmio-writes",
		[MY_RNG_STAT_PIO_READS] = "stat-pio-reads",
		[MY_RNG_STAT_PIO_WRITES] = "stat-pio-writes",
		[MY_RNG_STAT_DMAS] = "stat-dmas",
		[MY_RNG_STAT_DMA_BYTES] = "stat-dma-bytes",
		[MY_RNG_STAT_IRQS] = "stat-irqs",
		[MY_RNG_STAT_ADMIN] = "stat-admin",
		[MY_RNG_STAT_WORDS] = "stat-words",
		[MY_RNG_STAT_ERRORS] = "stat-errors",
		[MY_RNG_STAT_KICKS] = "stat-kicks",
	};
	char id[16];

	snprintf(id, sizeof(id), "rng%u", dev->slot);
	return vm_prop(dev->vm, id, names[index]);
}

uint32_t dev_dma(const struct dev *dev, uint64_t addr, uint32_t len)
{
	w32(dev, MY_RNG_REG_DMA_ADDR_LO, addr);
	w32(dev, MY_RNG_REG_DMA_ADDR_HI, addr >> 32);
	w32(dev, MY_RNG_REG_DMA_LEN, len);
	w32(dev, MY_RNG_REG_DMA_DOORBELL, MY_RNG_DMA_DB_START);
	return r32(dev, MY_RNG_REG_DMA_ERROR);
}

void msi_setup(const struct dev *dev, uint64_t addr, uint16_t data, bool enable)
{
	unsigned int cap = config_cap(dev, PCI_CAP_ID_MSI);

	config_write(dev, cap + PCI_MSI_ADDRESS_LO, addr, 4);
	config_write(dev, cap + PCI_MSI_ADDRESS_HI, addr >> 32, 4);
	config_write(dev, cap + PCI_MSI_DATA_64, data, 2);
	config_write(dev, cap + PCI_MSI_FLAGS,
		     enable ? PCI_MSI_FLAGS_ENABLE : 0, 2);
}

void dev_put_desc(const struct dev *dev, uint64_t table, unsigned int i,
		  uint64_t addr, uint32_t len, uint32_t reserved)
{
	uint64_t at = table + i * MY_RNG_DMA_DESC_SIZE;

	vm_write(dev->vm, at + MY_RNG_DMA_DESC_ADDR, addr, 8);
	vm_write(dev->vm, at + MY_RNG_DMA_DESC_LEN, len, 4);
	vm_write(dev->vm, at + MY_RNG_DMA_DESC_RESERVED, reserved, 4);
}

bool wait_until(bool (*holds)(const void *what, uint64_t value),
		const void *what, uint64_t value)
{
	struct timespec pause = { .tv_nsec = 1000000 };
	int i;

	for (i = 0; i < WAIT_MS; i++) {
		if (holds(what, value))
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}
