// SPDX-License-Identifier: GPL-2.0-or-later
/* From which request size on one path beats another. */
#include <math.h>

#include "fmt.h"
#include "names.h"
#include "report.h"

struct pair {
	const char *a;
	const char *b;
};

/* The second of each is the one expected to win in the end. */
static const struct pair pairs[] = {
	{ "32", "64" },          { "32", "fifo" },     { "fifo", "64" },
	{ "fifo-mmio", "fifo" }, { "32", "dma" },      { "64", "dma" },
	{ "fifo", "dma" },       { "dma-msi", "dma" }, { "null", "dma" },
	{ "virtio-rng", "32" },
};

/**
 * struct contest - two variants at one size where both were measured
 * @bytes: the size
 * @lead: logarithm of b's throughput over a's
 * @order: 1: b is faster, -1: a is, 0: a tie
 */
struct contest {
	uint64_t bytes;
	double lead;
	int order;
};

static GArray *contests(const struct report *r, const char *lane,
                        const struct pair *p, const GArray *sizes)
{
	GArray *all = g_array_new(FALSE, FALSE, sizeof(struct contest));

	for (guint i = 0; i < sizes->len; i++) {
		struct contest c = { .bytes = g_array_index(sizes, uint64_t,
			                                    i) };
		const struct row *a = rows_path(r->rows, lane, p->a, c.bytes);
		const struct row *b = rows_path(r->rows, lane, p->b, c.bytes);

		if (!a || !b)
			continue;
		c.lead = log(b->mbps.mid / a->mbps.mid);
		c.order = interval_order(b->mbps, a->mbps);
		g_array_append_val(all, c);
	}
	return all;
}

static const struct contest *at(const GArray *all, guint i)
{
	return &g_array_index(all, struct contest, i);
}

/* Where the lead passes 0 between two sizes: linear in the logarithms. */
static double crossing(const struct contest *x, const struct contest *y)
{
	double part = x->lead / (x->lead - y->lead);

	return (double)x->bytes *
	       pow((double)y->bytes / (double)x->bytes, part);
}

/*
 * Sizes first and last are both decided, in opposite ways; all between them
 * are ties. Somewhere in there the medians change places.
 */
static double find_crossing(const GArray *all, guint first, guint last)
{
	int before = at(all, first)->order;

	for (guint i = first; i < last; i++)
		if (at(all, i + 1)->lead * before <= 0)
			return crossing(at(all, i), at(all, i + 1));
	return (double)at(all, last)->bytes;
}

static void say_crossing(struct report *r, const struct pair *p,
                         const GArray *all, guint first, guint last)
{
	char *about = text_about(find_crossing(all, first, last));
	char *from = fmt_size(at(all, first)->bytes);
	char *to = fmt_size(at(all, last)->bytes);
	bool b_wins = at(all, last)->order > 0;

	say(r, "`%s` overtakes `%s` at about %s (between %s and %s measured",
	    b_wins ? p->b : p->a, b_wins ? p->a : p->b, about, from, to);
	say(r, last - first > 1 ? "; a tie in between). " : "). ");
	g_free(about);
	g_free(from);
	g_free(to);
}

/* Walks the sizes and tells every change of order. Return: how many. */
static guint say_changes(struct report *r, const struct pair *p,
                         const GArray *all)
{
	guint changes = 0;
	int decided = -1;

	for (guint i = 0; i < all->len; i++) {
		if (!at(all, i)->order)
			continue;
		if (decided >= 0 &&
		    at(all, (guint)decided)->order != at(all, i)->order) {
			say_crossing(r, p, all, (guint)decided, i);
			changes++;
		}
		decided = (int)i;
	}
	return changes;
}

static guint count_ties(const GArray *all)
{
	guint ties = 0;

	for (guint i = 0; i < all->len; i++)
		ties += !at(all, i)->order;
	return ties;
}

/* No change of order: the first decided size says who leads. */
static void say_leader(struct report *r, const struct pair *p,
                       const GArray *all)
{
	guint ties = count_ties(all);
	guint i = 0;

	if (ties == all->len) {
		say(r, "`%s` and `%s` tie at every size. ", p->a, p->b);
		return;
	}
	while (!at(all, i)->order)
		i++;
	say(r, "`%s` is never measurably slower than `%s`",
	    at(all, i)->order > 0 ? p->b : p->a,
	    at(all, i)->order > 0 ? p->a : p->b);
	if (ties)
		say(r, ", with a tie at %u of %u sizes. ", ties, all->len);
	else if (all->len > 1)
		say(r, ": it leads at all %u sizes. ", all->len);
	else
		say(r, ", at the one size measured with both. ");
}

static void say_lead(struct report *r, const struct contest *c)
{
	char *ratio = fmt_human(exp(c->lead));
	char *size = fmt_size(c->bytes);

	say(r, "%s at %s", ratio, size);
	g_free(ratio);
	g_free(size);
}

static void say_ends(struct report *r, const struct pair *p, const GArray *all)
{
	say(r, "Throughput of `%s` over `%s`: ", p->b, p->a);
	say_lead(r, at(all, 0));
	if (all->len > 1) {
		say(r, ", ");
		say_lead(r, at(all, all->len - 1));
	}
	say(r, ".\n");
}

void report_crossovers(struct report *r, const char *lane)
{
	GArray *sizes = rows_sizes(r->rows, lane);

	say(r,
	    "### Crossovers\n\n"
	    "Lane `%s`, one thread. A crossover lies between two measured "
	    "sizes that were decided in opposite ways; its place is "
	    "interpolated on logarithmic axes.\n\n",
	    lane);
	for (guint i = 0; i < G_N_ELEMENTS(pairs); i++) {
		GArray *all = contests(r, lane, &pairs[i], sizes);

		say(r, "- ");
		if (!all->len) {
			say(r, "`%s` and `%s`: not measured together.\n",
			    pairs[i].a, pairs[i].b);
		} else {
			if (!say_changes(r, &pairs[i], all))
				say_leader(r, &pairs[i], all);
			say_ends(r, &pairs[i], all);
		}
		g_array_unref(all);
	}
	g_array_unref(sizes);
	say(r, "\n");
}
