/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one place for differences between kernel versions (6.1 to 6.12).
 */
#ifndef MY_RNG_COMPAT_H
#define MY_RNG_COMPAT_H

#include <linux/pci.h>
#include <linux/uio.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "my_rng needs Linux 6.1 or later"
#endif

/* Trace events take the source of a string from the declaration since 6.10 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
#define my_rng_assign_str(dst, src) __assign_str(dst, src)
#else
#define my_rng_assign_str(dst, src) __assign_str(dst)
#endif

/* Where unaligned numbers are read; the old place is gone in 6.12 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#include <asm/unaligned.h>
#else
#include <linux/unaligned.h>
#endif

/* BARs that are given back by themselves, one by one since 6.12 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#define my_rng_request_region(pdev, bar, name) \
	pci_request_region(pdev, bar, name)
static inline void __iomem *my_rng_iomap_region(struct pci_dev *pdev, int bar,
						const char *name)
{
	int ret = pcim_iomap_regions(pdev, BIT(bar), name);

	return ret ? IOMEM_ERR_PTR(ret) : pcim_iomap_table(pdev)[bar];
}
#else
#define my_rng_request_region(pdev, bar, name) \
	pcim_request_region(pdev, bar, name)
#define my_rng_iomap_region(pdev, bar, name) pcim_iomap_region(pdev, bar, name)
#endif

/* The segment an iterator of ITER_IOVEC stands in */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
#define my_rng_iter_iov(i) ((i)->iov)
#else
#define my_rng_iter_iov(i) iter_iov(i)
#endif

/* splice(2) by read_iter; before 6.5 the pipe's own pages are an iterator */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#define my_rng_splice_read generic_file_splice_read
#else
#define my_rng_splice_read copy_splice_read
#endif

/* The flags of a mapping have accessors since 6.3 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
#define my_rng_vm_flags(vma, set, clear) \
	((vma)->vm_flags = ((vma)->vm_flags | (set)) & ~(clear))
#else
#define my_rng_vm_flags(vma, set, clear) vm_flags_mod(vma, set, clear)
#endif

/* Whether a kernel mapping is write-back: x86 may give less than was asked for */
#ifdef CONFIG_X86
#include <asm/pgtable.h>
static inline bool my_rng_is_write_back(const void *addr)
{
	unsigned int level;
	const pte_t *pte = lookup_address((unsigned long)addr, &level);

	return pte && !(pte_flags(*pte) & _PAGE_CACHE_MASK);
}
#else
#define my_rng_is_write_back(addr) true
#endif

/*
 * Everything else the driver calls is the same in 6.1 and 6.12; a hw_random
 * quality of 0 is avoided for that (see hwrng.c).
 */

#endif /* MY_RNG_COMPAT_H */
