/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kvm.tsv: what KVM itself counted, cell by cell. */
#ifndef ANALYSIS_KVM_H
#define ANALYSIS_KVM_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "samples.h"

/* Columns of kvm.tsv that count something, in their order. */
enum kvm_count {
	KVM_EXITS, /* caused by the request: to my_rng's registers and ports */
	KVM_MMIO_READS,
	KVM_MMIO_WRITES,
	KVM_PIO_READS, /* exits; one of a string input carries many words */
	KVM_PIO_WRITES,
	KVM_IRQS, /* injected for my_rng */
	KVM_NPF,  /* from here on: all exits of the virtual CPUs, by reason */
	KVM_IO,
	KVM_HLT,
	KVM_INTR,
	KVM_OTHER,
	KVM_COUNTS,
};

extern const char *const kvm_count_names[KVM_COUNTS];

/**
 * struct kvm_cell - a cell as KVM saw it
 * @lane: the lane it ran in
 * @variant: the path or control
 * @access: how user space asked
 * @bytes: request size
 * @threads: threads asking at once
 * @calls: calls made while counting
 * @count: totals over @calls
 * @known: which of them were counted
 */
struct kvm_cell {
	char *lane;
	char *variant;
	char *access;
	uint64_t bytes;
	uint64_t threads;
	uint64_t calls;
	uint64_t count[KVM_COUNTS];
	bool known[KVM_COUNTS];
};

/**
 * kvm_read - read a kvm.tsv
 * @path: the file
 * @err: what is wrong with it; such as exits that are not the sum of the
 *	 register and port exits
 *
 * Return: struct kvm_cell pointers, freed with g_ptr_array_unref(); or NULL.
 */
GPtrArray *kvm_read(const char *path, GError **err);

/**
 * kvm_find - what KVM counted for a cell
 * @kvm: from kvm_read(), or NULL
 * @s: a series of slices
 *
 * Return: the counts, or NULL if the cell was not counted.
 */
const struct kvm_cell *kvm_find(const GPtrArray *kvm, const struct series *s);

/**
 * kvm_check - does KVM agree with the device's own counters?
 * @kvm: from kvm_read()
 * @all: from samples_read()
 * @err: the first cell and counter that differ
 *
 * Compares register reads and writes and interrupts per call, exactly; where
 * the slices of a cell differ among themselves KVM has to lie between them. Port
 * reads are not compared: KVM counts exits, the device words. Nor are counts that
 * are a matter of chance, see variant_has_thread().
 *
 * Return: whether all agree.
 */
bool kvm_check(const GPtrArray *kvm, const GPtrArray *all, GError **err);

#endif /* ANALYSIS_KVM_H */
