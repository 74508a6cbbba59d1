/* SPDX-License-Identifier: GPL-2.0-or-later WITH Linux-syscall-note */
/*
 * User-space interface of the my_rng driver: ioctls of /dev/my_rngN,
 * /dev/my_rng_driver and /dev/my_rng_null.
 */
#ifndef MY_RNG_UAPI_H
#define MY_RNG_UAPI_H

#include <linux/ioctl.h>
#include <linux/types.h>

#include "my_rng_regs.h"

/**
 * struct my_rng_info - what is behind an open file
 * @cap: the device's CAP register (MY_RNG_CAP_*); 0 for the null device
 * @version: the device's VERSION register; 0 for the exercise's own device
 * @generator: MY_RNG_GEN_*
 * @fifo_depth: FIFO capacity in 32-bit words, 0 without a FIFO
 * @dma_len_max: longest DMA request in bytes, 0 without DMA
 * @path: name of the read path this file uses, NUL-terminated: "32", "64",
 *        "fifo" (port I/O), "fifo-mmio", "dma" (polled), "dma-msi", "null"
 */
struct my_rng_info {
	__u32 cap;
	__u32 version;
	__u32 generator;
	__u32 fifo_depth;
	__u32 dma_len_max;
	char path[16];
};

/**
 * struct my_rng_stats - the device's own counters
 * @count: indexed by MY_RNG_STAT_*
 */
struct my_rng_stats {
	__u64 count[MY_RNG_STAT_COUNT];
};

/**
 * struct my_rng_times - where the device's time went, and what things cost it
 * @count: indexed by MY_RNG_TIME_*
 */
struct my_rng_times {
	__u64 count[MY_RNG_TIME_COUNT];
};

/* The exercise's two: a number by pointer, a seed by pointer */
#define MY_RNG_IOC_GET  _IOR('q', 1, unsigned int) /* 0x80047101 */
#define MY_RNG_IOC_SEED _IOW('q', 1, unsigned int) /* 0x40047101 */

/* Ours */
#define MY_RNG_IOC_NOP   _IO('q', 2)
#define MY_RNG_IOC_MARK  _IOW('q', 3, __u32)
#define MY_RNG_IOC_INFO  _IOR('q', 4, struct my_rng_info)
#define MY_RNG_IOC_STATS _IOR('q', 5, struct my_rng_stats)
/*
 * Both need CAP_SYS_ADMIN. MODE (MY_RNG_MODE_*) holds for the device until
 * another MODE or until the file is closed; TIMES measures the prices first.
 */
#define MY_RNG_IOC_MODE  _IOW('q', 6, __u32)
#define MY_RNG_IOC_TIMES _IOR('q', 7, struct my_rng_times)

#endif /* MY_RNG_UAPI_H */
