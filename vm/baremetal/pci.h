/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PCI configuration space through ports 0xcf8 and 0xcfc; bus 0 only. */
#ifndef EXITBENCH_PCI_H
#define EXITBENCH_PCI_H

#include <stdbool.h>
#include <stdint.h>

#define PCI_SLOTS 32
#define PCI_BARS  6

/**
 * struct pci_device - a device with its BARs placed and switched on
 * @slot: device number on bus 0, function 0
 * @bar: address of each BAR, memory or port; 0: none
 */
struct pci_device {
	unsigned int slot;
	uint64_t bar[PCI_BARS];
};

/**
 * pci_find() - the next device with these ids
 * @vendor: vendor id
 * @device: device id
 * @slot: first slot to look at; on success the device's
 *
 * Return: whether there is one.
 */
bool pci_find(uint16_t vendor, uint16_t device, unsigned int *slot);

/**
 * pci_start() - place a device's BARs; allow memory, ports and DMA
 * @dev: target
 * @slot: the device
 *
 * Firmware may have placed the BARs or not; they are placed anew in any case.
 */
void pci_start(struct pci_device *dev, unsigned int slot);

#endif
