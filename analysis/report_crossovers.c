// SPDX-License-Identifier: GPL-2.0-or-later
/* From which request size on one path beats another. */
#include <math.h>

#include "contest.h"
#include "fmt.h"
#include "report.h"

static void say_crossing(struct report *r, const struct contest_pair *p,
			 const GArray *all, guint first, guint last)
{
	char *about = text_about(contests_place(all, first, last));
	char *from = fmt_size(contest_at(all, first)->bytes);
	char *to = fmt_size(contest_at(all, last)->bytes);
	bool b_wins = contest_at(all, last)->order > 0;

	say(r, "`%s` overtakes `%s` at about %s (between %s and %s measured",
	    b_wins ? p->b : p->a, b_wins ? p->a : p->b, about, from, to);
	say(r, last - first > 1 ? "; neither is faster in between). " : "). ");
	g_free(about);
	g_free(from);
	g_free(to);
}

/* Walks the sizes and tells every change of order. Return: how many. */
static guint say_changes(struct report *r, const struct contest_pair *p,
			 const GArray *all)
{
	guint changes = 0;
	int decided = -1;

	for (guint i = 0; i < all->len; i++) {
		if (!contest_at(all, i)->order)
			continue;
		if (decided >= 0 && contest_at(all, (guint)decided)->order !=
					    contest_at(all, i)->order) {
			say_crossing(r, p, all, (guint)decided, i);
			changes++;
		}
		decided = (int)i;
	}
	return changes;
}

static guint count(const GArray *all, enum verdict verdict)
{
	guint n = 0;

	for (guint i = 0; i < all->len; i++)
		n += contest_at(all, i)->verdict == verdict;
	return n;
}

/* No change of order: at how many sizes it is decided, and how. */
static void say_leader(struct report *r, const struct contest_pair *p,
		       const GArray *all)
{
	guint faster = count(all, VERDICT_FASTER);
	guint slower = count(all, VERDICT_SLOWER);
	guint equal = count(all, VERDICT_EQUAL);
	guint undecided = count(all, VERDICT_UNDECIDED);

	if (faster || slower)
		say(r, "`%s` is faster than `%s` at %u of %u sizes",
		    faster ? p->b : p->a, faster ? p->a : p->b, faster + slower,
		    all->len);
	else
		say(r, "`%s` and `%s`, %u sizes", p->b, p->a, all->len);
	if (equal)
		say(r, ", equal within 5 %% at %u", equal);
	if (undecided)
		say(r, ", undecided at %u", undecided);
	say(r, ". ");
}

static void say_lead(struct report *r, const struct contest *c)
{
	char *ratio = fmt_human(exp(c->lead));
	char *size = fmt_size(c->bytes);

	say(r, "%s at %s", ratio, size);
	g_free(ratio);
	g_free(size);
}

static void say_ends(struct report *r, const struct contest_pair *p,
		     const GArray *all)
{
	say(r, "Throughput of `%s` over `%s`: ", p->b, p->a);
	say_lead(r, contest_at(all, 0));
	if (all->len > 1) {
		say(r, ", ");
		say_lead(r, contest_at(all, all->len - 1));
	}
	say(r, ".\n");
}

void report_crossovers(struct report *r, const char *lane)
{
	GArray *sizes = rows_sizes(r->rows, lane);
	bool any = false;

	say(r,
	    "### Crossovers\n\n"
	    "Lane `%s`, one thread. A crossover lies between two measured "
	    "sizes of which each has another path that is faster; its place "
	    "is interpolated on logarithmic axes.\n\n",
	    lane);
	for (const struct contest_pair *p = contest_pairs; p->a; p++) {
		GArray *all = contests_measured(
			report_run_of(r, lane)->verdicts, lane, p, sizes);

		if (all->len) {
			say(r, "- ");
			if (!say_changes(r, p, all))
				say_leader(r, p, all);
			say_ends(r, p, all);
			any = true;
		}
		g_array_unref(all);
	}
	g_array_unref(sizes);
	say(r, any ? "\n" : "No two of the pairs were compared.\n\n");
}
