// SPDX-License-Identifier: GPL-2.0-or-later
/* What single steps seem to cost: differences between cells. */
#include <math.h>
#include <string.h>

#include "fmt.h"
#include "report.h"

/* A cell of one thread; a NULL variant stands for no cell, costing nothing. */
struct place {
	const char *variant;
	const char *access;
	uint64_t bytes;
};

enum per {
	PER_CALL,   /* the difference as it is */
	PER_ACCESS, /* over the difference of device accesses */
	PER_KIB,    /* over the difference of KiB */
};

/**
 * struct price - the time of one cell less that of another
 * @what: what the difference pays for
 * @more: the dearer cell
 * @less: the cheaper one
 * @per: what the difference is divided by
 */
struct price {
	const char *what;
	struct place more;
	struct place less;
	enum per per;
};

static const struct price prices[] = {
	{ "an empty system call",
	  { "getppid", "syscall", 0 },
	  { 0 },
	  PER_CALL },
	{ "what an ioctl adds to that: file and dispatch",
	  { "ioctl0", "syscall", 0 },
	  { "getppid", "syscall", 0 },
	  PER_CALL },
	{ "one more register read, and handing out its 4 bytes by ioctl",
	  { "32", "ioctl", 4 },
	  { "ioctl0", "syscall", 0 },
	  PER_CALL },
	{ "a 32-bit register read in a long request, with its share of loop "
	  "and copy",
	  { "32", "read", 65536 },
	  { "32", "read", 4096 },
	  PER_ACCESS },
	{ "a 64-bit register read in a long request, likewise",
	  { "64", "read", 65536 },
	  { "64", "read", 4096 },
	  PER_ACCESS },
	{ "a FIFO word by string port input, likewise",
	  { "fifo", "read", 65536 },
	  { "fifo", "read", 4096 },
	  PER_ACCESS },
	{ "a FIFO word by MMIO, likewise",
	  { "fifo-mmio", "read", 65536 },
	  { "fifo-mmio", "read", 4096 },
	  PER_ACCESS },
	{ "filling and copying 1 KiB without a device",
	  { "null", "read", 65536 },
	  { "null", "read", 4096 },
	  PER_KIB },
	{ "generating, transferring and copying 1 KiB by DMA",
	  { "dma", "read", 65536 },
	  { "dma", "read", 4096 },
	  PER_KIB },
	{ "one DMA request: doorbell, transfer of 4 bytes, completion",
	  { "dma", "read", 4 },
	  { "null", "read", 4 },
	  PER_CALL },
	{ "an interrupt and a wake-up instead of polling",
	  { "dma-msi", "read", 4 },
	  { "dma", "read", 4 },
	  PER_CALL },
	{ "one refill of a window: doorbell, 4 bytes written and copied",
	  { "window", "read", 4 },
	  { "null", "read", 4 },
	  PER_CALL },
	{ "generating 1 KiB into a window, and copying it",
	  { "window", "read", 65536 },
	  { "window", "read", 4096 },
	  PER_KIB },
	{ "likewise, of a window mapped uncached, copied twice",
	  { "window-uc", "read", 65536 },
	  { "window-uc", "read", 4096 },
	  PER_KIB },
	{ "one virtio-rng request of 64 bytes",
	  { "virtio-rng", "hwrng", 64 },
	  { "getppid", "syscall", 0 },
	  PER_CALL },
};

static const struct row *find(const struct report *r, const char *lane,
			      const struct place *p)
{
	return rows_find(r->rows, lane, p->variant, p->access, p->bytes, 1);
}

static double divisor(const struct price *p, const struct row *more,
		      const struct row *less)
{
	switch (p->per) {
	case PER_ACCESS:
		return row_accesses(more) - row_accesses(less);
	case PER_KIB:
		return (double)(more->bytes - less->bytes) / 1024;
	default:
		return 1;
	}
}

static struct stats_interval price(const struct report *r, const char *lane,
				   const struct price *p)
{
	const struct stats_interval unknown = { NAN, NAN, NAN };
	const struct stats_interval none = { 0, 0, 0 };
	const struct row *more = find(r, lane, &p->more);
	const struct row *less =
		p->less.variant ? find(r, lane, &p->less) : NULL;
	double by;

	if (!more || (p->less.variant && !less))
		return unknown;
	by = divisor(p, more, less);
	if (!(by > 0))
		return unknown;
	return interval_slope(more->ns_call, less ? less->ns_call : none, by);
}

static char *place_text(const struct place *p)
{
	char *size = p->bytes ? fmt_size(p->bytes) : g_strdup("");
	char *text =
		g_strdup_printf("`%s`%s%s%s%s", p->variant,
				strcmp(p->access, "syscall") ? " " : "",
				strcmp(p->access, "syscall") ? p->access : "",
				*size ? " " : "", size);

	g_free(size);
	return text;
}

static char *origin_text(const struct price *p)
{
	static const char *const divided[] = { [PER_CALL] = "",
					       [PER_ACCESS] = ", per access",
					       [PER_KIB] = ", per KiB" };
	char *more = place_text(&p->more);
	char *less = p->less.variant ? place_text(&p->less) : NULL;
	char *text = g_strdup_printf("%s%s%s%s", more, less ? " − " : "",
				     less ? less : "", divided[p->per]);

	g_free(more);
	g_free(less);
	return text;
}

void report_prices(struct report *r, const char *lane)
{
	say(r,
	    "### What one more of each seems to cost\n\n"
	    "Differences between cells, lane `%s`: estimates, not a model. "
	    "An interval that holds 0 means that the difference drowns in "
	    "noise.\n\n"
	    "| step | ns | computed from |\n| --- | --- | --- |\n",
	    lane);
	for (guint i = 0; i < G_N_ELEMENTS(prices); i++) {
		say(r, "| %s |", prices[i].what);
		say_cell(r, text_interval(price(r, lane, &prices[i])));
		say_cell(r, origin_text(&prices[i]));
		say(r, "\n");
	}
	say(r, "\n");
}
