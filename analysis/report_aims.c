// SPDX-License-Identifier: GPL-2.0-or-later
/* What the paths without copies and exits had to reach, and whether they did. */
#include <math.h>
#include <string.h>

#include "fmt.h"
#include "kvm.h"
#include "names.h"
#include "report.h"

#define FAST     "xoshiro256ppx8" /* of the study's second dma device */
#define HOST_GEN "host-gen-" FAST
#define MIB      (1u << 20)

/* Ratios of throughputs at 1 MiB, in the lane tcg. */
static const struct {
	const char *what;
	struct side over;
	struct side under;
	double wanted;
} ratios[] = {
	{ "1 MiB, zero-copy into huge pages, against the fastest generator "
	  "alone in a host process",
	  { "dma-zc@" FAST, "read-huge", 1 },
	  { HOST_GEN, "memory", 1 },
	  0.6 },
	{ "the same into ordinary pages",
	  { "dma-zc@" FAST, "read", 1 },
	  { HOST_GEN, "memory", 1 },
	  0.25 },
	{ "1 MiB, zero-copy into huge pages, against DMA into the driver's "
	  "buffer, same generator",
	  { "dma-zc@" FAST, "read-huge", 1 },
	  { "dma@" FAST, "read", 1 },
	  3 },
	{ "the generator `glibc` against the C library's `rand()` loop, in a "
	  "host process",
	  { "host-gen-glibc", "memory", 1 },
	  { "host-rand", "memory", 1 },
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

static void say_ratio(struct report *r, const char *lane, uint64_t bytes,
		      struct side over, struct side under, double wanted)
{
	struct stats_interval ratio = ratio_of(report_run_of(r, lane)->verdicts,
					       lane, bytes, over, under);

	say(r, " at least %g |", wanted);
	say_cell(r, text_interval(ratio));
	say(r, " %s |\n", goal_words(verdict_goal(ratio, wanted)));
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

static struct side side_of_row(const struct row *row)
{
	return (struct side){ row->variant, row->access, 1 };
}

static void say_best_page(struct report *r, const char *lane)
{
	const struct row *best = fastest(r, lane, 4096, NULL);

	if (!best)
		return;
	say(r,
	    "| 4 KiB, the best path (%s by %s) against DMA into the driver's "
	    "buffer |",
	    best->variant, best->access);
	say_ratio(r, lane, 4096, side_of_row(best), side_of("dma"), 3);
}

static void say_ring(struct report *r, const char *lane, uint64_t bytes)
{
	const struct side ring = { "ring", "mmap", 1 };
	const struct row *other = fastest(r, lane, bytes, "ring");
	char *size = fmt_size(bytes);

	if (other && rows_find(r->rows, lane, "ring", "mmap", bytes, 1)) {
		say(r,
		    "| %s, `ring` in place against the fastest other (%s by "
		    "%s) |",
		    size, other->variant, other->access);
		say_ratio(r, lane, bytes, ring, side_of_row(other), 1);
	}
	g_free(size);
}

/* A count is small enough if its negative is large enough. */
static enum goal_verdict at_most(struct stats_interval n, double wanted)
{
	return verdict_goal((struct stats_interval){ -n.mid, -n.hi, -n.lo },
			    -wanted);
}

static void say_exits(struct report *r, const char *lane, guint i)
{
	const struct kvm_cell *c = report_kvm_cell(r, lane, exits[i].variant,
						   exits[i].access, MIB);
	struct stats_interval n = { NAN, NAN, NAN };

	if (c && c->known[KVM_EXITS])
		n = count_interval(c->variant, kvm_each(c, KVM_EXITS),
				   (double)c->calls);
	say(r, "| %s | at most %g |", exits[i].what, exits[i].wanted);
	say_cell(r, isnan(n.mid)
			    ? text_known(NAN)
			    : text_count(c->variant, n.mid, (double)c->calls));
	say(r, " %s |\n", goal_words(at_most(n, exits[i].wanted)));
}

void report_aims(struct report *r, const char *lane)
{
	bool counts = units_have_exits(lane);

	if (!counts && strcmp(lane, "tcg"))
		return;
	say(r,
	    "### Without copies and exits: wanted and reached\n\n"
	    "Lane `%s`, one thread, figures of this run. Read: the bytes "
	    "are in the caller's buffer; in place: the process has read a "
	    "word of every 64-byte line. Reached and missed are said where "
	    "the whole interval is on that side of the wanted figure.\n\n"
	    "| what | wanted | measured | |\n| --- | --- | --- | --- |\n",
	    lane);
	for (guint i = 0; !counts && i < G_N_ELEMENTS(ratios); i++) {
		say(r, "| %s |", ratios[i].what);
		say_ratio(r, lane, MIB, ratios[i].over, ratios[i].under,
			  ratios[i].wanted);
	}
	if (!counts)
		say_best_page(r, lane);
	for (guint i = 0; !counts && i < G_N_ELEMENTS(ring_sizes); i++)
		say_ring(r, lane, ring_sizes[i]);
	for (guint i = 0; counts && i < G_N_ELEMENTS(exits); i++)
		say_exits(r, lane, i);
	say(r, "\n");
}
