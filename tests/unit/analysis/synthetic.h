/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A study whose prices are known: its summary.tsv, worked out from them. */
#ifndef TESTS_UNIT_ANALYSIS_SYNTHETIC_H
#define TESTS_UNIT_ANALYSIS_SYNTHETIC_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/**
 * struct truth - what everything costs in a made-up lane, in ns
 * @lane: its name
 * @exits: ports batch 1 KiB an exit, and the column exits is filled
 * @turn: of the benchmark's loop
 * @syscall: one
 * @read: what read(2) adds
 * @ioctl: what ioctl(2) adds
 * @uring: a request by io_uring, without its share of a system call
 * @mmio32: a 32-bit register read
 * @mmio64: a 64-bit register read
 * @port: a port access or exit
 * @port_kib: per KiB by string port input
 * @dma: a request, doorbell and all
 * @irq: an interrupt
 * @dma_kib: per KiB by DMA
 * @fill_kib: per KiB that `null` hands out
 * @memcpy_kib: per KiB of memcpy
 * @pinned_kib: per KiB into the caller's pages
 * @huge_kib: the same into huge pages
 * @registered_kib: the same into pages that stay pinned
 * @ring_kib: per KiB of a ring
 * @disturb: factor on the time of cell number i; NULL: none
 */
struct truth {
	const char *lane;
	bool exits;
	double turn, syscall, read, ioctl, uring, mmio32, mmio64, port,
		port_kib, dma, irq, dma_kib, fill_kib, memcpy_kib, pinned_kib,
		huge_kib, registered_kib, ring_kib;
	double (*disturb)(guint i);
};

/* Counts of a call, for one row; a system call may serve several of them. */
struct counts {
	double syscalls;
	uint64_t mmio_reads, mmio_writes, ports, dmas, irqs, exits;
};

static const uint64_t synthetic_sizes[] = { 4,    64,    512,    1024,
					    4096, 65536, 1048576 };

/* Plausible prices of an emulated processor and of one with exits. */
static const struct truth synthetic_tcg = { "tcg", false, 90,  400, 500, 240,
					    1300,  40,    32,  30,  0,   300,
					    4000,  260,   500, 700, 150, 90,
					    80,    450,   NULL };
static const struct truth synthetic_nested = {
	"nested", true,  100,   500,    600,   300,    1700,
	60000,    61000, 50000, 200000, 65000, 150000, 3000,
	900,      1200,  1500,  1000,   800,   4000,   NULL
};

static inline void synthetic_row(GString *out, const struct truth *t,
				 const char *variant, const char *access,
				 uint64_t bytes, double ns,
				 const struct counts *c, guint *rows)
{
	char text[3][40];

	ns *= t->disturb ? t->disturb(*rows) : 1;
	for (int i = 0; i < 3; i++)
		g_ascii_formatd(text[i], sizeof(text[i]), "%.3f",
				ns * (1 + 0.01 * (i == 0 ? 0 : 2 * i - 3)));
	g_string_append_printf(out, "%s\t%s\t%s\t%" G_GUINT64_FORMAT "\t1\t5\t",
			       t->lane, variant, access, bytes);
	for (int i = 0; i < 3; i++) {
		char mbps[40];

		/* the lower rate belongs to the longer time */
		g_ascii_formatd(mbps, sizeof(mbps), "%.6f",
				(double)bytes * 1e3 /
					g_ascii_strtod(text[i ? 3 - i : 0],
						       NULL));
		g_string_append_printf(out, "%s\t", bytes ? mbps : "-");
	}
	g_string_append(out, "-\t-\t-\t-\t-");
	if (c)
		g_string_append_printf(
			out,
			"\t%g\t%" G_GUINT64_FORMAT "\t%" G_GUINT64_FORMAT
			"\t%" G_GUINT64_FORMAT "\t0\t%" G_GUINT64_FORMAT
			"\t%" G_GUINT64_FORMAT,
			c->syscalls, c->mmio_reads, c->mmio_writes, c->ports,
			c->dmas, c->irqs);
	else
		g_string_append_printf(out, "\t%d\t-\t-\t-\t-\t-\t-",
				       strcmp(variant, "memcpy") ? 1 : 0);
	if (c && t->exits)
		g_string_append_printf(out, "\t%" G_GUINT64_FORMAT, c->exits);
	else
		g_string_append(out, "\t-");
	g_string_append_printf(out, "\t%s\t%s\t%s\n", text[0], text[1],
			       text[2]);
	++*rows;
}

static inline void synthetic_registers(GString *out, const struct truth *t,
				       const char *variant, uint64_t n,
				       guint *rows)
{
	double base = t->turn + t->syscall + t->read;
	bool wide = !strcmp(variant, "64") && n > 4;
	uint64_t chunks = (n + 65535) / 65536;
	struct counts c = { .syscalls = 1, .mmio_reads = wide ? n / 8 : n / 4 };

	if (!strcmp(variant, "fifo-mmio"))
		c.mmio_reads += chunks;
	c.exits = c.mmio_reads;
	synthetic_row(out, t, variant, "read", n,
		      base + (double)c.mmio_reads *
				      (wide ? t->mmio64 : t->mmio32),
		      &c, rows);
}

static inline void synthetic_ports(GString *out, const struct truth *t,
				   uint64_t n, guint *rows)
{
	double base = t->turn + t->syscall + t->read;
	uint64_t chunks = (n + 65535) / 65536;
	struct counts c = { .syscalls = 1, .ports = n / 4 + chunks };

	c.exits = (n + 1023) / 1024 + chunks;
	synthetic_row(out, t, "fifo", "read", n,
		      base + (double)(t->exits ? c.exits : c.ports) * t->port +
			      (t->exits ? (double)n / 1024 * t->port_kib : 0),
		      &c, rows);
}

static inline void synthetic_dma(GString *out, const struct truth *t, bool msi,
				 uint64_t n, guint *rows)
{
	double base = t->turn + t->syscall + t->read;
	uint64_t chunks = (n + 65535) / 65536;
	struct counts c = { 1, 0, chunks, 0, chunks, msi ? chunks : 0, chunks };

	synthetic_row(out, t, msi ? "dma-msi" : "dma", "read", n,
		      base + (double)chunks * (t->dma + (msi ? t->irq : 0)) +
			      (double)n / 1024 * t->dma_kib,
		      &c, rows);
}

/* Below 16 KiB as by the buffer; @kib: the price of those from there on. */
static inline void synthetic_zero_copy(GString *out, const struct truth *t,
				       const char *access, double kib,
				       uint64_t n, guint *rows)
{
	const struct counts c = { 1, 0, 1, 0, 1, 0, 1 };

	synthetic_row(out, t, "dma-zc", access, n,
		      t->turn + t->syscall + t->read + t->dma +
			      (double)n / 1024 * kib,
		      &c, rows);
}

static inline void synthetic_zero_copies(GString *out, const struct truth *t,
					 uint64_t n, guint *rows)
{
	synthetic_zero_copy(out, t, "read",
			    n < 16384 ? t->dma_kib : t->pinned_kib, n, rows);
	synthetic_zero_copy(out, t, "read-huge",
			    n < 16384 ? t->dma_kib : t->huge_kib, n, rows);
	synthetic_zero_copy(out, t, "read-fixed", t->registered_kib, n, rows);
}

/* Whatever its doorbells cost, it is a part of the bytes' price. */
static inline void synthetic_ring(GString *out, const struct truth *t,
				  uint64_t n, guint *rows)
{
	const struct counts c = { .syscalls = 1, .mmio_writes = n >= 65536 };

	synthetic_row(out, t, "ring", "read", n,
		      t->turn + t->syscall + t->read +
			      (double)n / 1024 * t->ring_kib,
		      &c, rows);
}

/* Variant 32 by io_uring, eight requests a system call. */
static inline void synthetic_uring(GString *out, const struct truth *t,
				   uint64_t n, guint *rows)
{
	const struct counts c = { .syscalls = 1.0 / 8,
				  .mmio_reads = n / 4,
				  .exits = n / 4 };

	synthetic_row(out, t, "32", "uring", n,
		      t->turn + t->syscall / 8 + t->uring +
			      (double)(n / 4) * t->mmio32,
		      &c, rows);
}

/*
 * One path over all sizes, and its ioctl; SYNTHETIC_URING is 32 by io_uring.
 */
#define SYNTHETIC_URING "uring"

static inline void synthetic_path(GString *out, const struct truth *t,
				  const char *variant, guint *rows)
{
	const struct counts number = { .syscalls = 1,
				       .mmio_reads = 1,
				       .exits = 1 };

	for (gsize i = 0; i < G_N_ELEMENTS(synthetic_sizes); i++) {
		uint64_t n = synthetic_sizes[i];

		if (!strcmp(variant, "fifo"))
			synthetic_ports(out, t, n, rows);
		else if (!strcmp(variant, "dma-zc"))
			synthetic_zero_copies(out, t, n, rows);
		else if (!strcmp(variant, "ring"))
			synthetic_ring(out, t, n, rows);
		else if (!strcmp(variant, SYNTHETIC_URING))
			synthetic_uring(out, t, n, rows);
		else if (g_str_has_prefix(variant, "dma"))
			synthetic_dma(out, t, !strcmp(variant, "dma-msi"), n,
				      rows);
		else
			synthetic_registers(out, t, variant, n, rows);
	}
	if (!strcmp(variant, "dma-zc") || !strcmp(variant, "ring") ||
	    !strcmp(variant, SYNTHETIC_URING))
		return;
	synthetic_row(out, t, variant, "ioctl", 4,
		      t->turn + t->syscall + t->ioctl + t->mmio32, &number,
		      rows);
}

static inline void synthetic_controls(GString *out, const struct truth *t,
				      guint *rows)
{
	double call = t->turn + t->syscall;

	for (gsize i = 0; i < G_N_ELEMENTS(synthetic_sizes); i++) {
		uint64_t n = synthetic_sizes[i];

		synthetic_row(out, t, "null", "read", n,
			      call + t->read + (double)n / 1024 * t->fill_kib,
			      NULL, rows);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(synthetic_sizes); i++) {
		uint64_t n = synthetic_sizes[i];

		synthetic_row(out, t, "memcpy", "memory", n,
			      t->turn + (double)n / 1024 * t->memcpy_kib, NULL,
			      rows);
	}
	synthetic_row(out, t, "getppid", "syscall", 0, call, NULL, rows);
	synthetic_row(out, t, "ioctl0", "syscall", 0, call + t->ioctl, NULL,
		      rows);
}

/* The text of summary.tsv; @paths: which data paths, NULL-terminated. */
static inline char *synthetic_summary(const struct truth *t,
				      const char *const *paths)
{
	static const char *const all[] = { "32",        "64",  "fifo",
					   "fifo-mmio", "dma", "dma-msi",
					   NULL };
	GString *out = g_string_new(
		"# exitcost summary 1\n"
		"lane\tvariant\taccess\tbytes\tthreads\tn\tmbps\tmbps_lo\t"
		"mbps_hi\tns_p50\tns_p90\tns_p99\tns_p999\tns_max\tsyscalls\t"
		"mmio_reads\tmmio_writes\tpio_reads\tpio_writes\tdmas\tirqs\t"
		"exits\tns_call\tns_call_lo\tns_call_hi\n");
	guint rows = 0;

	for (paths = paths ? paths : all; *paths; paths++)
		synthetic_path(out, t, *paths, &rows);
	synthetic_controls(out, t, &rows);
	g_string_append_printf(out, "# end %u\n", rows);
	return g_string_free(out, FALSE);
}

#endif /* TESTS_UNIT_ANALYSIS_SYNTHETIC_H */
