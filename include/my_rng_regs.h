/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The register map of my_rng: the only place where offsets, bits and ids are
 * written down. Shared by the QEMU device, the Linux driver, bare-metal guests
 * and the tests; hence #defines only. device/SPEC.md explains each entry.
 */
#ifndef MY_RNG_REGS_H
#define MY_RNG_REGS_H

/* PCI identity */
#define MY_RNG_PCI_VENDOR_ID 0x1234
#define MY_RNG_PCI_DEVICE_ID 0xcafe
#define MY_RNG_PCI_REVISION  0x10

/* BARs: registers; the FIFO again, in port-I/O space; the window, which is RAM */
#define MY_RNG_BAR_MMIO      0
#define MY_RNG_BAR_MMIO_SIZE 0x1000
#define MY_RNG_BAR_PIO       1
#define MY_RNG_BAR_PIO_SIZE  0x10
#define MY_RNG_BAR_WINDOW    2 /* 64-bit: takes 3 as well; WIN_SIZE bytes */

/*
 * BAR0, data path. Every device has RNG and SEED (the exercise's two
 * registers); the rest is there when the CAP register says so.
 */
#define MY_RNG_REG_RNG           0x000 /* R  next 32-bit word of the stream */
#define MY_RNG_REG_SEED          0x004 /* W  restart the stream from a seed */
#define MY_RNG_REG_RNG64         0x008 /* R  next two words, first one low */
#define MY_RNG_REG_FIFO_DATA     0x010 /* R  pop one word */
#define MY_RNG_REG_FIFO_LEVEL    0x014 /* R  top the FIFO up, words held */
#define MY_RNG_REG_FIFO_DEPTH    0x018 /* R  capacity in words */
#define MY_RNG_REG_FIFO_UNDERRUN 0x01c /* R  pops that found it empty */
#define MY_RNG_REG_DMA_ADDR_LO   0x020 /* RW buffer, bus address */
#define MY_RNG_REG_DMA_ADDR_HI   0x024
#define MY_RNG_REG_DMA_LEN       0x028 /* RW bytes, 1..DMA_LEN_MAX */
#define MY_RNG_REG_DMA_DOORBELL  0x02c /* W  MY_RNG_DMA_DB_* */
#define MY_RNG_REG_DMA_STATUS    0x030 /* R  MY_RNG_DMA_ST_* */
#define MY_RNG_REG_DMA_ERROR     0x034 /* R  MY_RNG_DMA_ERR_* */
#define MY_RNG_REG_DMA_COUNT     0x038 /* R  bytes the last request wrote */
#define MY_RNG_REG_DMA_LEN_MAX   0x03c /* R  longest request in bytes */
#define MY_RNG_REG_DMA_DONE_LO   0x040 /* RW completion record, 0: none */
#define MY_RNG_REG_DMA_DONE_HI   0x044
#define MY_RNG_REG_DMA_DESC_LO   0x048 /* RW table of descriptors, bus address */
#define MY_RNG_REG_DMA_DESC_HI   0x04c
#define MY_RNG_REG_WIN_REFILL    0x050 /* W  refill the first n bytes; R  all */
#define MY_RNG_REG_WIN_SIZE      0x054 /* R  size of the window in bytes */
#define MY_RNG_REG_DMA_DESC_COUNT \
	0x060 /* RW descriptors in it, 1..DMA_DESC_MAX */
#define MY_RNG_REG_DMA_DESC_MAX 0x064 /* R  most descriptors of a request */

/* BAR0, data path of DMA requests that lie in a queue in guest memory */
#define MY_RNG_REG_QUEUE_LO         0x068 /* RW header, bus address */
#define MY_RNG_REG_QUEUE_HI         0x06c
#define MY_RNG_REG_QUEUE_CTRL       0x070 /* RW entries: on; 0: off */
#define MY_RNG_REG_QUEUE_DOORBELL   0x074 /* W  any value: TAIL went on */
#define MY_RNG_REG_QUEUE_IRQ_FRAMES 0x078 /* RW MSI after so many; 0: not */
#define MY_RNG_REG_QUEUE_IRQ_USECS  0x07c /* RW MSI after so long; 0: not */

/* BAR0, data path of a ring in guest memory */
#define MY_RNG_REG_RING_HDR_LO   0x080 /* RW header, bus address */
#define MY_RNG_REG_RING_HDR_HI   0x084
#define MY_RNG_REG_RING_DESC_LO  0x088 /* RW descriptor table, bus address */
#define MY_RNG_REG_RING_DESC_HI  0x08c
#define MY_RNG_REG_RING_COUNT    0x090 /* RW descriptors in the table */
#define MY_RNG_REG_RING_CTRL     0x094 /* W  MY_RNG_RING_CTRL_* */
#define MY_RNG_REG_RING_STATUS   0x098 /* R  MY_RNG_RING_ST_* */
#define MY_RNG_REG_RING_ERROR    0x09c /* R  MY_RNG_RING_ERR_* */
#define MY_RNG_REG_RING_DOORBELL 0x0a0 /* W  any value: there is space */
#define MY_RNG_REG_RING_SIZE_MAX 0x0a4 /* R  largest ring in bytes */
#define MY_RNG_REG_RING_PROD_LO  0x0a8 /* R  bytes produced, as PROD */
#define MY_RNG_REG_RING_PROD_HI  0x0ac

/* BAR0, administration: identity, MARK and statistics; never a data path */
#define MY_RNG_REG_ADMIN      0x800 /* first administrative offset */
#define MY_RNG_REG_MAGIC      0x800 /* R  MY_RNG_MAGIC */
#define MY_RNG_REG_VERSION    0x804 /* R  MY_RNG_VERSION */
#define MY_RNG_REG_CAP        0x808 /* R  MY_RNG_CAP_* */
#define MY_RNG_REG_GENERATOR  0x80c /* R  MY_RNG_GEN_* */
#define MY_RNG_REG_MARK       0x810 /* RW tag for host-side traces */
#define MY_RNG_REG_MODE       0x814 /* RW MY_RNG_MODE_*, not for production */
#define MY_RNG_REG_PRICE      0x818 /* W  any value: measure MY_RNG_TIME_PRICE_* */
#define MY_RNG_REG_STAT       0x900 /* R  64-bit counters, low word first */
#define MY_RNG_REG_STAT_LO(n) (MY_RNG_REG_STAT + 8 * (n))
#define MY_RNG_REG_STAT_HI(n) (MY_RNG_REG_STAT + 8 * (n) + 4)
#define MY_RNG_REG_TIME       0xa00 /* R  64-bit, low word first */
#define MY_RNG_REG_TIME_LO(n) (MY_RNG_REG_TIME + 8 * (n))
#define MY_RNG_REG_TIME_HI(n) (MY_RNG_REG_TIME + 8 * (n) + 4)

/* BAR1, port I/O: the same FIFO; offsets in the BAR */
#define MY_RNG_PIO_FIFO_DATA  0x0 /* R  as MY_RNG_REG_FIFO_DATA */
#define MY_RNG_PIO_FIFO_LEVEL 0x4 /* R  as MY_RNG_REG_FIFO_LEVEL */

#define MY_RNG_MAGIC   0x4d59524e /* "MYRN" */
#define MY_RNG_VERSION 1

/* CAP: what this device offers */
#define MY_RNG_CAP_RNG32  0x00000001
#define MY_RNG_CAP_RNG64  0x00000002
#define MY_RNG_CAP_FIFO   0x00000004
#define MY_RNG_CAP_DMA    0x00000008
#define MY_RNG_CAP_WINDOW 0x00000010 /* RAM in BAR2, filled on request */
#define MY_RNG_CAP_RING   0x00000020 /* memory kept full by a thread */
#define MY_RNG_CAP_PIO    0x00000100 /* FIFO in BAR1 too */
#define MY_RNG_CAP_MSI    0x00000200
#define MY_RNG_CAP_MODES  0x00000400 /* MODE, PRICE and TIME */
#define MY_RNG_CAP_SG     0x00000800 /* DMA by tables of descriptors */
#define MY_RNG_CAP_QUEUE  0x00001000 /* DMA requests kept in flight */

/* MODE: how the device helps to explain itself */
#define MY_RNG_MODE_TIMING 0x1 /* stamp the clock into TIME */
#define MY_RNG_MODE_CONSTANT \
	0x2 /* data registers give MY_RNG_CONSTANT, DMA
				  * moves nothing: all but the stream's work */
#define MY_RNG_MODE_ALL 0x3
#define MY_RNG_CONSTANT 0x5a5a5a5a

/* GENERATOR: what the stream is made by */
#define MY_RNG_GEN_GLIBC          0
#define MY_RNG_GEN_XOSHIRO256SS   1
#define MY_RNG_GEN_PCG64          2
#define MY_RNG_GEN_MT19937        3
#define MY_RNG_GEN_CHACHA20       4
#define MY_RNG_GEN_XOSHIRO256PPX8 5
#define MY_RNG_GEN_HOST           6 /* no sequence: the host's getrandom(2) */

/* DMA_DOORBELL */
#define MY_RNG_DMA_DB_START 0x1
#define MY_RNG_DMA_DB_MSI   0x2 /* raise MSI vector 0 at completion */
#define MY_RNG_DMA_DB_SG    0x4 /* the target is the table at DMA_DESC */

/* DMA_STATUS, and the first word of the completion record */
#define MY_RNG_DMA_ST_IDLE  0x0 /* nothing asked since reset */
#define MY_RNG_DMA_ST_DONE  0x1
#define MY_RNG_DMA_ST_ERROR 0x2 /* DMA_ERROR says which */

/* DMA_ERROR */
#define MY_RNG_DMA_ERR_NONE   0
#define MY_RNG_DMA_ERR_LEN    1 /* 0, above DMA_LEN_MAX, not the table's */
#define MY_RNG_DMA_ERR_ADDR   2 /* not (only) writable RAM */
#define MY_RNG_DMA_ERR_MASTER 3 /* bus mastering is off */
#define MY_RNG_DMA_ERR_DESC   4 /* no table, or one with a bad entry */
#define MY_RNG_DMA_ERR_INDEX  5 /* of a queue: TAIL beyond its entries */

/*
 * Completion record, written after the data and before the MSI when DMA_DONE
 * holds an address (8-byte aligned): little-endian status, then byte count.
 */
#define MY_RNG_DMA_DONE_STATUS 0
#define MY_RNG_DMA_DONE_COUNT  4
#define MY_RNG_DMA_DONE_SIZE   8

/* A descriptor, little-endian: address (8 bytes), length (4), 0 (4) */
#define MY_RNG_DMA_DESC_ADDR     0
#define MY_RNG_DMA_DESC_LEN      8
#define MY_RNG_DMA_DESC_RESERVED 12
#define MY_RNG_DMA_DESC_SIZE     16

/* QUEUE_CTRL, read: the entries while on, 0 while off, or stopped by itself */
#define MY_RNG_QUEUE_STOPPED 0x80000000 /* and a MY_RNG_DMA_ERR_* */

/*
 * The queue: header and entries behind it, 128-byte aligned, little-endian.
 * Free-running counts of requests; request i lies in entry i mod entries. One
 * cache line is the device's, one the guest's.
 */
#define MY_RNG_QUEUE_HEAD     0x00 /* device: requests completed */
#define MY_RNG_QUEUE_KICK_AT  0x04 /* device: ring when TAIL passes this */
#define MY_RNG_QUEUE_TAIL     0x40 /* guest: requests made */
#define MY_RNG_QUEUE_HDR_SIZE 0x80
#define MY_RNG_QUEUE_MIN      2 /* entries, a power of two */
#define MY_RNG_QUEUE_MAX      256

/* An entry; from STATUS on it is the device's */
#define MY_RNG_QUEUE_ENTRY_ADDR   0x00 /* 64 bits: of the target or its table */
#define MY_RNG_QUEUE_ENTRY_LEN    0x08 /* bytes */
#define MY_RNG_QUEUE_ENTRY_DESCS  0x0c /* descriptors in the table; 0: none */
#define MY_RNG_QUEUE_ENTRY_FLAGS  0x10 /* MY_RNG_QUEUE_FLAG_* */
#define MY_RNG_QUEUE_ENTRY_STATUS 0x14 /* MY_RNG_DMA_ST_* */
#define MY_RNG_QUEUE_ENTRY_ERROR  0x18 /* MY_RNG_DMA_ERR_* */
#define MY_RNG_QUEUE_ENTRY_COUNT  0x1c /* bytes written */
#define MY_RNG_QUEUE_ENTRY_SIZE   0x20

#define MY_RNG_QUEUE_FLAG_ANNOUNCE 0x1 /* MSI as soon as it is complete */

/* RING_CTRL */
#define MY_RNG_RING_CTRL_OFF 0x0 /* the device leaves memory alone */
#define MY_RNG_RING_CTRL_ON  0x1 /* go on from the header's PROD and CONS */

/* RING_STATUS */
#define MY_RNG_RING_ST_OFF   0x0
#define MY_RNG_RING_ST_ON    0x1
#define MY_RNG_RING_ST_ERROR 0x2 /* stopped; RING_ERROR says why */

/* RING_ERROR */
#define MY_RNG_RING_ERR_NONE   0
#define MY_RNG_RING_ERR_SIZE   1 /* RING_COUNT, or lengths of the table */
#define MY_RNG_RING_ERR_ADDR   2 /* misaligned, or not (only) writable RAM */
#define MY_RNG_RING_ERR_MASTER 3 /* bus mastering is off */
#define MY_RNG_RING_ERR_INDEX  4 /* CONS beyond PROD or going backwards */

/*
 * The ring's header, 64-byte aligned, little-endian. Free-running counts of
 * bytes, never wrapping; byte i of the ring's stream lies at i mod size. One
 * cache line is the device's, one the guest's.
 */
#define MY_RNG_RING_PROD     0x00 /* device: written so far */
#define MY_RNG_RING_KICK_AT  0x08 /* device: ring when CONS passes it; 0: no */
#define MY_RNG_RING_CONS     0x40 /* guest: taken so far */
#define MY_RNG_RING_IRQ_AT   0x48 /* guest: MSI when PROD passes it; 0: no */
#define MY_RNG_RING_HDR_SIZE 0x80

/* A descriptor, 16-byte aligned, little-endian: a piece of the ring */
#define MY_RNG_RING_DESC_ADDR  0x0 /* 64 bits, a multiple of 4 */
#define MY_RNG_RING_DESC_LEN   0x8 /* bytes, a multiple of 4, not 0 */
#define MY_RNG_RING_DESC_ZERO  0xc /* 0 */
#define MY_RNG_RING_DESC_SIZE  0x10
#define MY_RNG_RING_COUNT_MAX  1024   /* descriptors */
#define MY_RNG_RING_SIZE_MIN   0x1000 /* bytes; a power of two */
#define MY_RNG_RING_SIZE_LIMIT 0x4000000

/*
 * Statistics, index into MY_RNG_REG_STAT. Data-path accesses only; whatever
 * touches the administrative part counts as ADMIN.
 */
#define MY_RNG_STAT_MMIO_READS  0
#define MY_RNG_STAT_MMIO_WRITES 1
#define MY_RNG_STAT_PIO_READS   2
#define MY_RNG_STAT_PIO_WRITES  3
#define MY_RNG_STAT_DMAS        4 /* requests that moved data */
#define MY_RNG_STAT_DMA_BYTES   5
#define MY_RNG_STAT_IRQS        6
#define MY_RNG_STAT_ADMIN       7
#define MY_RNG_STAT_WORDS       8  /* stream words handed out */
#define MY_RNG_STAT_ERRORS      9  /* guest errors */
#define MY_RNG_STAT_KICKS       10 /* doorbell of ring or queue rung */
#define MY_RNG_STAT_COUNT       11

/*
 * Index into MY_RNG_REG_TIME. First where the device's time went while MODE had
 * TIMING, in ticks of the host's clock: the whole of a data-path access, and
 * the parts of it that are known by name; then how often that was stamped.
 */
#define MY_RNG_TIME_CALLBACK   0 /* whole accesses, what follows included */
#define MY_RNG_TIME_GENERATOR  1 /* the generator at work */
#define MY_RNG_TIME_MEMORY     2 /* guest memory mapped and unmapped for DMA */
#define MY_RNG_TIME_IRQ        3 /* interrupts sent */
#define MY_RNG_TIME_PARTS      4
#define MY_RNG_TIME_STAMPED(n) (MY_RNG_TIME_PARTS + (n)) /* times of part n */
/*
 * Then what the last write to PRICE measured, in ticks for PRICE_OPS times:
 * what an empty pair of stamps reads, what it costs, one lock and unlock, one
 * read through the memory core from the region on, and from the address on.
 */
#define MY_RNG_TIME_PRICE_STAMP    8
#define MY_RNG_TIME_PRICE_PAIR     9
#define MY_RNG_TIME_PRICE_LOCK     10
#define MY_RNG_TIME_PRICE_DISPATCH 11
#define MY_RNG_TIME_PRICE_ADDRESS  12
#define MY_RNG_TIME_PRICE_OPS      13
#define MY_RNG_TIME_HZ             14 /* ticks a second */
#define MY_RNG_TIME_COUNT          15

#endif /* MY_RNG_REGS_H */
