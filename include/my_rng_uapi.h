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

/*
 * The nodes behave as /dev/urandom does: every way to read (pread(2) at any offset,
 * readv(2), splice(2), sendfile(2), io_uring) gives the next bytes; lseek(2) is
 * taken and changes nothing. EIO: the device does not answer, or has failed.
 */

/**
 * struct my_rng_info - what is behind an open file
 * @cap: the device's CAP register (MY_RNG_CAP_*); 0 for the null device
 * @version: the device's VERSION register; 0 for the exercise's own device
 * @generator: MY_RNG_GEN_*
 * @fifo_depth: FIFO capacity in 32-bit words, 0 without a FIFO
 * @dma_len_max: longest DMA request in bytes, 0 without DMA
 * @path: name of the read path this file uses, NUL-terminated: "32", "64",
 *        "fifo" (port I/O), "fifo-mmio", "dma" (polled), "dma-msi",
 *        "dma-zc" (straight into the caller's pages, polled), "dma-zc-msi",
 *        "dma-q" (so, several requests in flight), "dma-q-msi", "window" (mapped
 *        write-back), "window-uc" (uncached), "ring", "null"
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

/*
 * What mmap(2) takes as offsets; sizes come from MY_RNG_IOC_MAP. MAP_SHARED only,
 * any page-aligned part of one region, PROT_READ only but where it says otherwise,
 * never executable; not inherited by fork(2). Once the device is gone, touching a
 * mapping gives SIGBUS.
 *
 * - registers: BAR0. To read is to use: RNG and the others that give words give
 *   them to whoever reads.
 * - header: of a path that shares indices with the process; writable: the ring's,
 *   of which PROD and KICK_AT are the device's and CONS and IRQ_AT the reader's
 * - data: where a path's bytes arrive: the window, or the ring
 *
 * To map the data, or the registers where reading one changes what others find
 * (paths fifo, window, ring), is to claim the device for this open file, until its last
 * mapping is gone: EBUSY if another file has it. Meanwhile read(2), GET, SEED and
 * /dev/hwrng give EBUSY to all others.
 */
#define MY_RNG_MAP_REGS 0x0
#define MY_RNG_MAP_HDR  0x10000
#define MY_RNG_MAP_DATA 0x100000

/* struct my_rng_map, flags */
#define MY_RNG_MAP_CACHED 0x1 /* the data is mapped write-back */

/**
 * struct my_rng_map - what of the device behind a file can be mapped
 * @reg_offset: registers, as mmap(2) takes it
 * @reg_size: in bytes; 0, here and below: not to be mapped
 * @hdr_offset: header
 * @hdr_size: in bytes
 * @data_offset: data
 * @data_size: in bytes
 * @flags: MY_RNG_MAP_CACHED
 * @unused: 0
 */
struct my_rng_map {
	__u64 reg_offset;
	__u64 reg_size;
	__u64 hdr_offset;
	__u64 hdr_size;
	__u64 data_offset;
	__u64 data_size;
	__u32 flags;
	__u32 unused;
};

/**
 * struct my_rng_buf - memory to be registered with an open file
 * @addr: where it begins, of any alignment
 * @len: bytes, 1 to MY_RNG_BUF_MAX
 */
struct my_rng_buf {
	__u64 addr;
	__u64 len;
};

#define MY_RNG_BUF_MAX (64u << 20)

/* The exercise's two: a number by pointer, a seed by pointer */
#define MY_RNG_IOC_GET  _IOR('q', 1, unsigned int) /* 0x80047101 */
#define MY_RNG_IOC_SEED _IOW('q', 1, unsigned int) /* 0x40047101 */

/* Ours */
#define MY_RNG_IOC_NOP   _IO('q', 2)
#define MY_RNG_IOC_MARK  _IOW('q', 3, __u32)
#define MY_RNG_IOC_INFO  _IOR('q', 4, struct my_rng_info)
#define MY_RNG_IOC_STATS _IOR('q', 5, struct my_rng_stats)
/*
 * Both need CAP_SYS_ADMIN. MODE (MY_RNG_MODE_*) is what this file wants, until its
 * next MODE or until it is closed. The device stamps while any file wants TIMING.
 * It gives constants to one file only: EBUSY if another has asked for them; and
 * meanwhile read(2), GET, SEED and /dev/hwrng give EBUSY to all others. TIMES
 * measures the prices first.
 */
#define MY_RNG_IOC_MODE  _IOW('q', 6, __u32)
#define MY_RNG_IOC_TIMES _IOR('q', 7, struct my_rng_times)
#define MY_RNG_IOC_MAP   _IOR('q', 8, struct my_rng_map)

/*
 * Zero-copy paths: pins memory and maps it for the device once, so that a
 * read(2) into a part of it need not. One buffer a file; it counts against
 * RLIMIT_MEMLOCK. EBUSY: the file has one; EFAULT: not all of it is writable
 * memory; ENOMEM: over the limit; EOPNOTSUPP: pages of a file, other than of a
 * tmpfs; ENOTTY: the file's path copies. It serves only the process that
 * registered it, and the pages that were there then: a mapping that has changed
 * since (munmap(2), MADV_DONTNEED) does not see what is read. Given back by
 * UNREGISTER (ENXIO: there is none) or with the file.
 */
#define MY_RNG_IOC_BUF_REGISTER   _IOW('q', 9, struct my_rng_buf)
#define MY_RNG_IOC_BUF_UNREGISTER _IO('q', 10)

/*
 * Path ring: ring the device's doorbell, as a process has to that has the header
 * mapped and moves CONS past KICK_AT. poll(2) waits for words.
 */
#define MY_RNG_IOC_RING_KICK _IO('q', 11)

#endif /* MY_RNG_UAPI_H */
