// SPDX-License-Identifier: GPL-2.0-or-later
/* Two paths against each other over request sizes: where they change places. */
#include "contest.h"

#include <math.h>

#include "names.h"

const struct contest_pair contest_pairs[] = {
	{ "32", "64" },         { "32", "fifo" },
	{ "fifo", "64" },       { "fifo-mmio", "fifo" },
	{ "32", "dma" },        { "64", "dma" },
	{ "fifo", "dma" },      { "dma-msi", "dma" },
	{ "null", "dma" },      { "dma", "window" },
	{ "64", "window" },     { "window-uc", "window" },
	{ "dma", "ring" },      { "window", "ring" },
	{ "virtio-rng", "32" }, { NULL, NULL },
};

static bool compare_at(const GPtrArray *verdicts, const char *lane,
		       const struct contest_pair *pair, uint64_t bytes,
		       struct comparison *found)
{
	const struct variant_name *a = variant_find(pair->a);
	const struct variant_name *b = variant_find(pair->b);

	return a && b &&
	       verdicts_find(verdicts, lane, b->name, b->access, bytes, 1,
			     a->name, a->access, 1, found) &&
	       !isnan(found->estimate.log);
}

GArray *contests_measured(const GPtrArray *verdicts, const char *lane,
			  const struct contest_pair *pair, const GArray *sizes)
{
	GArray *all = g_array_new(FALSE, FALSE, sizeof(struct contest));

	for (guint i = 0; verdicts && i < sizes->len; i++) {
		uint64_t bytes = g_array_index(sizes, uint64_t, i);
		struct comparison found;
		struct contest c;

		if (!compare_at(verdicts, lane, pair, bytes, &found))
			continue;
		c = (struct contest){
			.bytes = bytes,
			.lead = found.estimate.log,
			.verdict = found.verdict,
			.order = (found.verdict == VERDICT_FASTER) -
				 (found.verdict == VERDICT_SLOWER),
		};
		g_array_append_val(all, c);
	}
	return all;
}

const struct contest *contest_at(const GArray *all, guint i)
{
	return &g_array_index(all, struct contest, i);
}

/* Where the lead passes 0 between two sizes: linear in the logarithms. */
static double place_between(const struct contest *x, const struct contest *y)
{
	double part = x->lead / (x->lead - y->lead);

	return (double)x->bytes *
	       pow((double)y->bytes / (double)x->bytes, part);
}

double contests_place(const GArray *all, guint first, guint last)
{
	int before = contest_at(all, first)->order;

	for (guint i = first; i < last; i++)
		if (contest_at(all, i + 1)->lead * before <= 0)
			return place_between(contest_at(all, i),
					     contest_at(all, i + 1));
	return (double)contest_at(all, last)->bytes;
}

struct crossing contests_last(const GArray *all)
{
	struct crossing c = { 0, NAN, NAN, NAN };
	guint last = 0;

	for (guint i = all->len; i-- > 0;) {
		int order = contest_at(all, i)->order;

		if (!order)
			continue;
		if (c.winner && order != c.winner) {
			c.at = contests_place(all, i, last);
			c.lo = (double)contest_at(all, i)->bytes;
			break;
		}
		c.winner = order;
		c.hi = (double)contest_at(all, i)->bytes;
		last = i;
	}
	return c;
}
