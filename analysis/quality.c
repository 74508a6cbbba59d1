// SPDX-License-Identifier: GPL-2.0-or-later
/* How much a run can tell: quality.json. */
#include "quality.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "fmt.h"
#include "names.h"
#include "pairs.h"
#include "samples.h"
#include "verdict.h"

#define GOOD_BOOTS      6
#define GOOD_INTERVAL   1.06
#define GOOD_REJECTED   0.6
#define USABLE_INTERVAL 1.25

enum third {
	START,
	MIDDLE,
	END,
	THIRDS
};

/**
 * struct quality - what is known of a run
 * @slow: share of slow reference readings in each third of the run
 * @rejected: share of rate slices
 * @boots: of the guest
 * @for_counts: the lane is there for its counts
 * @interval: median hi/lo of the ratios to `null`, one thread
 * @comparisons: made
 * @undecided: of these
 * @aa: `null` against itself, where it looks worst; NULL: not measured twice
 */
struct quality {
	double slow[THIRDS];
	double rejected;
	guint boots;
	bool for_counts;
	double interval;
	guint comparisons;
	guint undecided;
	const struct comparison *aa;
};

/* --- reference readings over time --- */

static gint compare_times(gconstpointer pa, gconstpointer pb)
{
	const struct slice *a = *(const struct slice *const *)pa;
	const struct slice *b = *(const struct slice *const *)pb;

	if (a->boot != b->boot)
		return a->boot < b->boot ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

/* All slices with reference readings, in the order they were measured. */
static GPtrArray *slices_in_order(const GPtrArray *all)
{
	GPtrArray *slices = g_ptr_array_new();

	for (guint i = 0; i < all->len; i++) {
		const struct series *s = all->pdata[i];

		for (guint j = 0; j < s->slices->len; j++)
			if (series_at(s, j)->kind != SLICE_COUNT)
				g_ptr_array_add(slices,
						(void *)series_at(s, j));
	}
	g_ptr_array_sort(slices, compare_times);
	return slices;
}

static void measure_host(struct quality *q, const GPtrArray *all)
{
	GPtrArray *slices = slices_in_order(all);
	guint slow[THIRDS] = { 0 }, readings[THIRDS] = { 0 };
	guint rates = 0, rejected = 0;

	for (guint i = 0; i < slices->len; i++) {
		const struct slice *s = slices->pdata[i];
		guint third = i * THIRDS / slices->len;

		slow[third] += s->slow;
		readings[third] += 2;
		rates += s->kind == SLICE_RATE;
		rejected += s->kind == SLICE_RATE && s->slow;
	}
	for (int t = 0; t < THIRDS; t++)
		q->slow[t] = readings[t] ? (double)slow[t] / readings[t] : NAN;
	q->rejected = rates ? (double)rejected / rates : NAN;
	g_ptr_array_unref(slices);
}

/* Those that gave an accepted slice at least */
static guint count_boots(const GPtrArray *all)
{
	GHashTable *boots = g_hash_table_new(NULL, NULL);
	guint n;

	for (guint i = 0; i < all->len; i++) {
		const struct series *s = all->pdata[i];

		for (guint j = 0; j < s->slices->len; j++)
			if (!variant_is_of_host(s->variant) &&
			    slice_accepted(series_at(s, j), SLICE_RATE))
				g_hash_table_add(
					boots, GUINT_TO_POINTER(
						       series_at(s, j)->boot));
	}
	n = g_hash_table_size(boots);
	g_hash_table_unref(boots);
	return n;
}

/* --- comparisons --- */

static bool is_to_null(const struct comparison *c)
{
	return c->threads == 1 && c->base_threads == 1 &&
	       !strcmp(c->base_variant, "null") &&
	       !strcmp(c->base_access, "read");
}

static bool is_apart(const struct comparison *c)
{
	return c->verdict == VERDICT_FASTER || c->verdict == VERDICT_SLOWER;
}

/* Whether @c says more than @other of what the harness does wrong. */
static bool is_worse(const struct comparison *c, const struct comparison *other)
{
	if (!other || is_apart(c) != is_apart(other))
		return !other || is_apart(c);
	return fabs(c->estimate.log) * other->estimate.se >
	       fabs(other->estimate.log) * c->estimate.se;
}

/* What was compared and has no boot in common is as wide as can be. */
static void measure_comparisons(struct quality *q, const GPtrArray *comparisons)
{
	double *width = g_new(double, comparisons->len + 1);
	guint n = 0;

	for (guint i = 0; i < comparisons->len; i++) {
		const struct comparison *c = comparisons->pdata[i];
		struct stats_interval ci = verdict_interval(c->estimate);

		q->undecided += c->verdict == VERDICT_UNDECIDED;
		if (!is_to_null(c))
			continue;
		if (strcmp(c->variant, NULL_AGAIN))
			width[n++] = isnan(ci.mid) ? INFINITY : ci.hi / ci.lo;
		else if (!isnan(ci.mid) && is_worse(c, q->aa))
			q->aa = c;
	}
	q->comparisons = comparisons->len;
	q->interval = n ? stats_median(width, n) : NAN;
	g_free(width);
}

/* --- the verdict --- */

static bool is_harness_broken(const struct quality *q)
{
	return q->aa && is_apart(q->aa);
}

/* What an emulated machine is for: its times are not a host's, its counts are. */
static bool is_for_counts(const GPtrArray *all)
{
	for (guint i = 0; i < all->len; i++)
		if (lane_is_for_counts(
			    ((const struct series *)all->pdata[i])->lane))
			return true;
	return false;
}

static const char *judge(const struct quality *q)
{
	if (is_harness_broken(q))
		return "poor";
	if (!(q->interval <= USABLE_INTERVAL))
		return q->for_counts ? "usable" : "poor";
	if (q->aa && q->boots >= GOOD_BOOTS && q->interval <= GOOD_INTERVAL &&
	    q->rejected <= GOOD_REJECTED)
		return "good";
	return "usable";
}

static char *percent(double share)
{
	return isnan(share) ? g_strdup("none")
			    : g_strdup_printf("%.0f %%", 100 * share);
}

static char *reasons(const struct quality *q)
{
	char *rejected = percent(q->rejected);
	char *interval = isfinite(q->interval)
				 ? g_strdup_printf("%.3f", q->interval)
				 : g_strdup("not known");
	char *aa = q->aa ? g_strdup_printf("is %s against itself",
					   verdict_names[q->aa->verdict])
			 : g_strdup("was not measured twice at undisturbed "
				    "speed");
	char *text = g_strdup_printf(
		"%s%u boots; median interval of a ratio to null, hi/lo: %s; %s "
		"of the slices %s; %u of %u comparisons undecided; null "
		"%s",
		q->for_counts && !(q->interval <= USABLE_INTERVAL)
			? "its counts are exact, its times say little: "
			: "",
		q->boots, interval, rejected,
		q->for_counts ? "disturbed (in this lane none is rejected)"
			      : "rejected",
		q->undecided, q->comparisons, aa);

	g_free(rejected);
	g_free(interval);
	g_free(aa);
	return text;
}

static void add_number(GString *out, const char *name, double x)
{
	char *text = isfinite(x) ? fmt_data(x) : g_strdup("null");

	g_string_append_printf(out, ",\n  \"%s\": %s", name, text);
	g_free(text);
}

GString *quality_text(const GPtrArray *all, const GPtrArray *comparisons)
{
	struct quality q = { .boots = count_boots(all),
			     .for_counts = is_for_counts(all) };
	struct stats_interval aa = { NAN, NAN, NAN };
	GString *out = g_string_new("{\n");
	char *why;

	measure_host(&q, all);
	measure_comparisons(&q, comparisons);
	if (q.aa)
		aa = verdict_interval(q.aa->estimate);
	why = reasons(&q);
	g_string_append_printf(out, "  \"verdict\": \"%s\",\n  \"why\": \"%s\"",
			       judge(&q), why);
	add_number(out, "slow_start", q.slow[START]);
	add_number(out, "slow_middle", q.slow[MIDDLE]);
	add_number(out, "slow_end", q.slow[END]);
	add_number(out, "rejected", q.rejected);
	add_number(out, "median_interval", q.interval);
	add_number(out, "boots", q.boots);
	add_number(out, "comparisons", q.comparisons);
	add_number(out, "undecided", q.undecided);
	add_number(out, "aa_ratio", aa.mid);
	add_number(out, "aa_lo", aa.lo);
	add_number(out, "aa_hi", aa.hi);
	g_string_append_printf(out, ",\n  \"aa_verdict\": \"%s\"\n}\n",
			       q.aa ? verdict_names[q.aa->verdict]
				    : "not measured");
	g_free(why);
	return out;
}
