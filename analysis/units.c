// SPDX-License-Identifier: GPL-2.0-or-later
/* What a request is made of, in units that have a price each. */
#include "units.h"

#include <math.h>
#include <string.h>

#include "names.h"

/* Texts for lanes without exits and with them; one of them where they agree. */
static const struct {
	const char *name[2];
	const char *what[2];
	bool software;
} texts[UNITS] = {
	[UNIT_SYSCALL] = { { "syscall" }, { "one system call" }, true },
	[UNIT_MMIO_READ32] = { { "mmio_read32_access", "mmio_read32_exit" },
			       { "one 32-bit MMIO read (helper call)",
				 "one 32-bit MMIO read exit" },
			       false },
	[UNIT_MMIO_READ64] = { { "mmio_read64_access", "mmio_read64_exit" },
			       { "one 64-bit MMIO read (helper call)",
				 "one 64-bit MMIO read exit" },
			       false },
	[UNIT_PORT] = { { "port_access", "port_exit" },
			{ "one port access (helper call)", "one port exit" },
			false },
	[UNIT_DMA_REQUEST] = { { "dma_request" },
			       { "one DMA request, without its bytes" },
			       false },
	[UNIT_INTERRUPT] = { { "interrupt" },
			     { "one interrupt and the wake-up after it" },
			     false },
	[UNIT_PORT_KIB] = { { "port_kib" },
			    { "one KiB by string port input, without its "
			      "exits" },
			    false },
	[UNIT_DMA_KIB] = { { "dma_kib" }, { "one KiB moved by DMA" }, false },
	[UNIT_WINDOW_KIB] = { { "window_kib" },
			      { "one KiB of a window, refilled" },
			      false },
	[UNIT_UNCACHED_KIB] = { { "uncached_kib" },
				{ "one KiB read from an uncached mapping" },
				false },
	[UNIT_PINNED_KIB] = { { "pinned_kib" },
			      { "one KiB moved by DMA straight into the "
				"caller's pages, which are pinned for it" },
			      false },
	[UNIT_HUGE_KIB] = { { "huge_kib" },
			    { "the same into huge pages" },
			    false },
	[UNIT_REGISTERED_KIB] = { { "registered_kib" },
				  { "the same into pages that stay pinned" },
				  false },
	[UNIT_RING_KIB] = { { "ring_kib" },
			    { "one KiB of a ring, waited for" },
			    false },
	[UNIT_FILLED_KIB] = { { "filled_kib" },
			      { "one KiB that the driver fills itself "
				"(`null`)" },
			      true },
	[UNIT_COPIED_KIB] = { { "copied_kib" },
			      { "one KiB copied to the caller by the CPU" },
			      true },
	[UNIT_MEMCPY_KIB] = { { "memcpy_kib" },
			      { "one KiB copied by memcpy in user space" },
			      true },
	[UNIT_READ_CALL] = { { "read_call" },
			     { "what read(2) of a device node adds to a "
			       "system call" },
			     true },
	[UNIT_IOCTL_CALL] = { { "ioctl_call" },
			      { "what ioctl(2) on a device node adds to a "
				"system call" },
			      true },
	[UNIT_URING_CALL] = { { "uring_call" },
			      { "one request by io_uring, without its share of "
				"a system call" },
			      true },
	[UNIT_CALL] = { { "call" }, { "one turn of the benchmark" }, true },
	[UNIT_MMIO_WRITE] = { { "mmio_write_access", "mmio_write_exit" },
			      { "one MMIO write (helper call)",
				"one MMIO write exit" },
			      false },
};

bool units_have_exits(const char *lane)
{
	return strcmp(lane, "tcg") != 0;
}

static const char *pick(const char *const *text, bool exits)
{
	return exits && text[1] ? text[1] : text[0];
}

const char *unit_name(enum unit unit, bool exits)
{
	return pick(texts[unit].name, exits);
}

const char *unit_what(enum unit unit, bool exits)
{
	return pick(texts[unit].what, exits);
}

bool unit_is_software(enum unit unit)
{
	return texts[unit].software;
}

/* Below that the driver copies: its default of zc_min. */
#define ZC_MIN 16384

/* The unit of a KiB that no CPU copies; UNITS: it is copied. */
static enum unit unit_of_zero_copy(const struct row *row)
{
	static const struct {
		const char *access;
		enum unit unit;
		uint64_t least;
	} ways[] = {
		{ "read", UNIT_PINNED_KIB, ZC_MIN },
		{ "read-huge", UNIT_HUGE_KIB, ZC_MIN },
		{ "read-fixed", UNIT_REGISTERED_KIB, 0 },
	};

	if (!g_str_has_prefix(row->variant, "dma-zc"))
		return UNITS;
	for (gsize i = 0; i < G_N_ELEMENTS(ways); i++)
		if (!strcmp(row->access, ways[i].access) &&
		    row->bytes >= ways[i].least)
			return ways[i].unit;
	return UNITS;
}

/* What any call is made of, by its access. */
static void add_call(const struct row *row, double *x)
{
	double kib = (double)row->bytes / 1024;

	x[UNIT_CALL] = 1;
	x[UNIT_SYSCALL] = row->count[PER_CALL_SYSCALLS];
	x[UNIT_READ_CALL] = g_str_has_prefix(row->access, "read");
	x[UNIT_IOCTL_CALL] = !strcmp(row->access, "ioctl") ||
			     !strcmp(row->variant, "ioctl0");
	x[UNIT_URING_CALL] = !strcmp(row->access, "uring");
	if (!strcmp(row->access, "memory"))
		x[UNIT_MEMCPY_KIB] = kib;
	else if (unit_of_zero_copy(row) == UNITS)
		x[UNIT_COPIED_KIB] = kib;
	if (!strcmp(row->variant, "null"))
		x[UNIT_FILLED_KIB] = kib;
}

/*
 * Register reads by width. By the definition of the streams, a request of
 * variant 64 takes a rest of 1 to 4 bytes by the 32-bit register.
 */
static void add_mmio(const struct row *row, double *x)
{
	double reads = row->count[PER_CALL_MMIO_READS];
	bool wide = !strcmp(row->variant, "64") && !strcmp(row->access, "read");
	uint64_t rest = row->bytes % 8;

	x[UNIT_MMIO_READ32] = wide ? (rest >= 1 && rest <= 4) : reads;
	x[UNIT_MMIO_READ64] = reads - x[UNIT_MMIO_READ32];
	x[UNIT_MMIO_WRITE] = row->count[PER_CALL_MMIO_WRITES];
}

static void add_ports(const struct row *row, bool exits, double *x)
{
	double accesses = row->count[PER_CALL_PIO_READS] +
			  row->count[PER_CALL_PIO_WRITES];

	if (!(accesses > 0))
		return;
	x[UNIT_PORT] = accesses;
	if (exits) {
		x[UNIT_PORT] = row->count[PER_CALL_EXITS] -
			       row->count[PER_CALL_MMIO_READS] -
			       row->count[PER_CALL_MMIO_WRITES];
		x[UNIT_PORT_KIB] = (double)row->bytes / 1024;
	}
}

static void add_dma(const struct row *row, double *x)
{
	enum unit unit = unit_of_zero_copy(row);

	x[UNIT_DMA_REQUEST] = row->count[PER_CALL_DMAS];
	x[UNIT_INTERRUPT] = row->count[PER_CALL_IRQS];
	if (row->count[PER_CALL_DMAS] > 0)
		x[unit == UNITS ? UNIT_DMA_KIB : unit] =
			(double)row->bytes / 1024;
}

/* An uncached window is copied twice, first to the driver's buffer. */
static void add_window(const struct row *row, double *x)
{
	double kib = (double)row->bytes / 1024;
	bool uncached = !strcmp(row->variant, "window-uc");

	if (strcmp(row->access, "read") ||
	    !(uncached || !strcmp(row->variant, "window")))
		return;
	x[UNIT_WINDOW_KIB] = kib;
	x[UNIT_UNCACHED_KIB] = uncached ? kib : 0;
}

static bool is_control(const struct row *row)
{
	static const char *const controls[] = { "null", "memcpy", "getppid",
						"ioctl0", NULL };

	return g_strv_contains(controls, row->variant);
}

/* Requests in flight: parts that overlap do not add up. */
static bool is_overlapped(const struct row *row)
{
	return g_str_has_prefix(row->variant, "dma-q");
}

bool units_of(const struct row *row, bool exits, double *x)
{
	const struct variant_name *v = variant_find(row->variant);

	memset(x, 0, UNITS * sizeof(*x));
	if (row->threads != 1 || !v || !strcmp(row->access, "mmap") ||
	    (!v->is_device && !is_control(row)) || is_overlapped(row))
		return false;
	add_call(row, x);
	if (!strcmp(row->variant, "ring")) {
		x[UNIT_RING_KIB] = (double)row->bytes / 1024;
	} else if (v->is_device) {
		add_mmio(row, x);
		add_ports(row, exits, x);
		add_dma(row, x);
		add_window(row, x);
	}
	for (int i = 0; i < UNITS; i++)
		if (!(x[i] >= 0))
			return false; /* not counted, or counts that disagree */
	return true;
}
