// SPDX-License-Identifier: GPL-2.0-or-later
/* PCI configuration space through ports 0xcf8 and 0xcfc; bus 0 only. */
#include "io.h"
#include "pci.h"

#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA    0xcfc
#define CONFIG_ENABLE  0x80000000u

#define PCI_ID      0x00
#define PCI_COMMAND 0x04
#define PCI_BAR0    0x10

#define COMMAND_IO     0x1
#define COMMAND_MEMORY 0x2
#define COMMAND_MASTER 0x4

#define BAR_IO          0x1
#define BAR_TYPE_MASK   0x6
#define BAR_TYPE_64     0x4
#define BAR_IO_MASK     0xfffffffcu
#define BAR_MEMORY_MASK 0xfffffff0u

/*
 * Free places in QEMU's PC machines: above RAM and the ECAM window of q35
 * (0xb0000000, 256 MiB), below the I/O APIC; ports above those of firmware.
 */
static uint32_t next_memory = 0xd0000000;
static uint32_t next_port = 0xe000;

static uint32_t config_read(unsigned int slot, unsigned int reg)
{
	out32(CONFIG_ADDRESS, CONFIG_ENABLE | slot << 11 | reg);
	return in32(CONFIG_DATA);
}

static void config_write(unsigned int slot, unsigned int reg, uint32_t value)
{
	out32(CONFIG_ADDRESS, CONFIG_ENABLE | slot << 11 | reg);
	out32(CONFIG_DATA, value);
}

bool pci_find(uint16_t vendor, uint16_t device, unsigned int *slot)
{
	for (; *slot < PCI_SLOTS; (*slot)++)
		if (config_read(*slot, PCI_ID) ==
		    ((uint32_t)device << 16 | vendor))
			return true;
	return false;
}

/* Takes a naturally aligned range of @size bytes, a power of two. */
static uint32_t place(uint32_t *next, uint32_t size)
{
	uint32_t start = (*next + size - 1) & ~(size - 1);

	*next = start + size;
	return start;
}

void pci_start(struct pci_device *dev, unsigned int slot)
{
	dev->slot = slot;
	config_write(slot, PCI_COMMAND, 0);
	for (unsigned int i = 0; i < PCI_BARS; i++) {
		unsigned int reg = PCI_BAR0 + 4 * i;
		uint32_t sizes;
		bool io;

		config_write(slot, reg, 0xffffffff);
		sizes = config_read(slot, reg);
		dev->bar[i] = 0;
		if (!sizes)
			continue;
		io = sizes & BAR_IO;
		sizes &= io ? BAR_IO_MASK : BAR_MEMORY_MASK;
		if (io)
			sizes |= 0xffff0000u; /* the high half may read 0 */
		dev->bar[i] = place(io ? &next_port : &next_memory, -sizes);
		config_write(slot, reg, (uint32_t)dev->bar[i]);
		if (!io &&
		    (config_read(slot, reg) & BAR_TYPE_MASK) == BAR_TYPE_64)
			config_write(slot, PCI_BAR0 + 4 * ++i, 0);
	}
	config_write(slot, PCI_COMMAND,
		     COMMAND_IO | COMMAND_MEMORY | COMMAND_MASTER);
}
