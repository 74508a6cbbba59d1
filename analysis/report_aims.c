// SPDX-License-Identifier: GPL-2.0-or-later
/* What the paths without copies and exits had to reach, and whether they did. */
#include <math.h>
#include <string.h>

#include "fmt.h"
#include "names.h"
#include "report.h"

#define FAST     "xoshiro256ppx8" /* of the study's second dma device */
#define HOST_GEN "host-gen-" FAST
#define MIB      (1u << 20)

/**
 * struct side - a cell's throughput
 * @variant: its variant
 * @access: its access
 * @bytes: its request size
 */
struct side {
	const char *variant;
	const char *access;
	uint64_t bytes;
};

/* Ratios of throughputs, in the lane tcg. */
static const struct {
	const char *what;
	struct side over;
	struct side under;
	double wanted;
} ratios[] = {
	{ "1 MiB, zero-copy into huge pages, against the fastest generator "
	  "alone in a host process",
	  { "dma-zc@" FAST, "read-huge", MIB },
	  { HOST_GEN, "memory", MIB },
	  0.6 },
	{ "the same into ordinary pages",
	  { "dma-zc@" FAST, "read", MIB },
	  { HOST_GEN, "memory", MIB },
	  0.25 },
	{ "1 MiB, zero-copy into huge pages, against DMA into the driver's "
	  "buffer, same generator",
	  { "dma-zc@" FAST, "read-huge", MIB },
	  { "dma@" FAST, "read", MIB },
	  3 },
	{ "the generator `glibc` against the C library's `rand()` loop, in a "
	  "host process",
	  { "host-gen-glibc", "memory", MIB },
	  { "host-rand", "memory", MIB },
	  8 },
};

/* Exits a call of at most so many, in lanes that count them. */
static const struct {
	const char *what;
	const char *variant;
	const char *access;
	double wanted;
} exits[] = {
	{ "exits per MiB by `ring`, read", "ring", "read", 1 },
	{ "exits per MiB by `ring`, in place", "ring", "mmap", 1 },
	{ "exits per MiB by `window`, read", "window", "read", 17 },
	{ "exits per MiB by `window`, in place", "window", "mmap", 17 },
	{ "exits per request of 1 MiB by `dma-zc`, ordinary pages", "dma-zc",
	  "read", 3 },
	{ "exits per request of 1 MiB by `dma-zc`, huge pages", "dma-zc",
	  "read-huge", 3 },
};

static const uint64_t ring_sizes[] = { 65536, 262144, MIB };

static struct stats_interval mbps(const struct report *r, const char *lane,
				  const struct side *s)
{
	return row_mbps(
		rows_find(r->rows, lane, s->variant, s->access, s->bytes, 1));
}

static void say_verdict(struct report *r, const char *wanted,
			struct stats_interval got, bool reached)
{
	say(r, " %s |", wanted);
	say_cell(r, text_interval(got));
	if (isnan(got.mid))
		say(r, " not measured |\n");
	else
		say(r, " **%s** |\n", reached ? "reached" : "missed");
}

static void say_ratio(struct report *r, const char *what,
		      struct stats_interval ratio, double wanted)
{
	char *text = g_strdup_printf("at least %g", wanted);

	say(r, "| %s |", what);
	say_verdict(r, text, ratio, ratio.mid >= wanted);
	g_free(text);
}

/* The fastest of all paths and accesses at a size, but for @but's. */
static const struct row *fastest(const struct report *r, const char *lane,
				 uint64_t bytes, const char *but)
{
	const struct row *best = NULL;

	for (guint i = 0; i < r->rows->len; i++) {
		const struct row *row = r->rows->pdata[i];
		const struct variant_name *v = variant_find(row->variant);

		if (v && v->is_device && !strcmp(row->lane, lane) &&
		    row->bytes == bytes && row->threads == 1 &&
		    (!but || strcmp(row->variant, but)) &&
		    !isnan(row->mbps.mid) &&
		    (!best || row->mbps.mid > best->mbps.mid))
			best = row;
	}
	return best;
}

static void say_best_page(struct report *r, const char *lane)
{
	const struct side dma = { "dma", "read", 4096 };
	const struct row *best = fastest(r, lane, 4096, NULL);
	char *what = g_strdup_printf(
		"4 KiB, the best path (%s%s%s) against DMA into the driver's "
		"buffer",
		best ? best->variant : "none", best ? " by " : "",
		best ? best->access : "");

	say_ratio(r, what, interval_ratio(row_mbps(best), mbps(r, lane, &dma)),
		  3);
	g_free(what);
}

static void say_ring(struct report *r, const char *lane, uint64_t bytes)
{
	const struct side ring = { "ring", "mmap", bytes };
	const struct row *other = fastest(r, lane, bytes, "ring");
	struct stats_interval ratio =
		interval_ratio(mbps(r, lane, &ring), row_mbps(other));
	char *size = fmt_size(bytes);

	say(r, "| %s, `ring` in place against the fastest other (%s%s%s) |",
	    size, other ? other->variant : "none", other ? " by " : "",
	    other ? other->access : "");
	say_verdict(r, "above 1", ratio, ratio.mid > 1);
	g_free(size);
}

static void say_exits(struct report *r, const char *lane, guint i)
{
	const struct row *row = rows_find(r->rows, lane, exits[i].variant,
					  exits[i].access, MIB, 1);
	double n = row ? row->count[PER_CALL_EXITS] : NAN;
	char *wanted =
		g_strdup_printf("%s %g",
				exits[i].wanted > 1 ? "at most" : "below",
				exits[i].wanted);

	say(r, "| %s |", exits[i].what);
	say_verdict(r, wanted, (struct stats_interval){ n, n, n },
		    exits[i].wanted > 1 ? n <= exits[i].wanted
					: n < exits[i].wanted);
	g_free(wanted);
}

void report_aims(struct report *r, const char *lane)
{
	bool counts = units_have_exits(lane);

	if (!counts && strcmp(lane, "tcg"))
		return;
	say(r,
	    "### Without copies and exits: wanted and reached\n\n"
	    "Lane `%s`, one thread, ratios within this run. Read: the bytes "
	    "are in the caller's buffer; in place: the process has read a "
	    "word of every 64-byte line. The verdict goes by the median.\n\n"
	    "| what | wanted | measured | |\n| --- | --- | --- | --- |\n",
	    lane);
	for (guint i = 0; !counts && i < G_N_ELEMENTS(ratios); i++)
		say_ratio(r, ratios[i].what,
			  interval_ratio(mbps(r, lane, &ratios[i].over),
					 mbps(r, lane, &ratios[i].under)),
			  ratios[i].wanted);
	if (!counts)
		say_best_page(r, lane);
	for (guint i = 0; !counts && i < G_N_ELEMENTS(ring_sizes); i++)
		say_ring(r, lane, ring_sizes[i]);
	for (guint i = 0; counts && i < G_N_ELEMENTS(exits); i++)
		say_exits(r, lane, i);
	say(r, "\n");
}
