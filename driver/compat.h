/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one place for differences between kernel versions (6.1 to 6.12).
 */
#ifndef MY_RNG_COMPAT_H
#define MY_RNG_COMPAT_H

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

/* The segment an iterator of ITER_IOVEC stands in */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
#define my_rng_iter_iov(i) ((i)->iov)
#else
#define my_rng_iter_iov(i) iter_iov(i)
#endif

/*
 * Everything else the driver calls is the same in 6.1 and 6.12. Two things are
 * avoided for that: no_llseek (gone in 6.12; stream_open() does the work) and a
 * hw_random quality of 0 (see hwrng.c).
 */

#endif /* MY_RNG_COMPAT_H */
