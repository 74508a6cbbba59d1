// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whole studies on a simulated noisy host: the benchmark's own plan of rounds
 * takes slices, the analysis' own statistics judge them. What is true is known
 * here, so that wrong verdicts and intervals can be counted.
 */
#include <glib.h>
#include <math.h>
#include <string.h>

#include "pairs.h"
#include "reference.h"
#include "rounds.h"
#include "samples.h"
#include "stats.h"
#include "tap.h"
#include "verdict.h"

#define STUDIES 100 /* for each host */
#define BOOTS   8
#define BYTES   4096

/* The host: two speeds, spells of either; ns */
#define SPEEDS_APART  1.7
#define SHORT_SPELL   70e6
#define LONG_SPELL    2000e6
#define REFERENCE_NS  0.3e6
#define SLICE_NS      3e6
#define OTHERS_NS     250e6 /* rounds of other groups between two of this one */
#define BUDGET_NS     UINT64_C(8000000000)
#define LEAST_ROUNDS  5
#define SYSCALL_NS    400.0 /* of the reference loop */
#define BOOT_NOISE    0.03  /* of one cell from boot to boot */
#define MANY          60 /* comparisons of a whole study that are not decided */
#define SLICE_NOISE   0.03
#define READING_NOISE 0.02

/**
 * struct truth - a cell as it is
 * @variant: the path or control
 * @ns: a call at undisturbed speed, in the mean over boots
 * @feels: how much of the host's two speeds it feels: 1 like the reference loop
 * @base: see struct rounds_cell
 * @uneven: its noise from boot to boot, on an uneven host
 */
struct truth {
	const char *variant;
	double ns;
	double feels;
	bool base;
	double uneven;
};

/* dma, ring and window are 10 % faster than null or equal to each other */
static const struct truth cells[] = {
	{ "null", 3300, 1, true, 0.03 },
	{ "null-again", 3300, 1, false, 0.03 },
	{ "32", 48000, 0.8, true, 0.01 },
	{ "64", 24000, 0.8, false, 0.01 },
	{ "fifo", 40000, 1, false, 0.01 },
	{ "fifo-mmio", 44000, 1, false, 0.01 },
	{ "dma", 3000, 0.6, false, 0.03 },
	{ "dma-msi", 5400, 1, false, 0.01 },
	{ "ring", 3000, 0.6, false, 0.05 },
	{ "window", 3000, 0.3, false, 0.03 },
};

#define CELLS G_N_ELEMENTS(cells)

/**
 * struct host - a machine of two speeds
 * @state: of its random numbers
 * @slow_share: of time, in the long run
 * @uneven: cells differ in how much they differ from boot to boot
 * @now: ns since it was started
 * @until: the spell ends
 * @slow: the spell it is in
 */
struct host {
	uint64_t state;
	double slow_share;
	bool uneven;
	double now;
	double until;
	bool slow;
};

static double uniform(struct host *h)
{
	return (double)(stats_random(&h->state) >> 11) * 0x1p-53;
}

/* Lasts log-uniformly; fast ones are longer or shorter, as the share wants. */
static void next_spell(struct host *h)
{
	double length = SHORT_SPELL * pow(LONG_SPELL / SHORT_SPELL, uniform(h));

	h->slow = !h->slow;
	if (!h->slow)
		length *= (1 - h->slow_share) / h->slow_share;
	h->until = h->now + length;
}

/* Does @work ns of work that feels so much of the speeds; the time it took */
static double run(struct host *h, double work, double feels)
{
	double start = h->now;

	while (work > 0) {
		double factor = h->slow ? pow(SPEEDS_APART, feels) : 1;
		double part = MIN(work, (h->until - h->now) / factor);

		h->now += part * factor;
		work -= part;
		if (h->now >= h->until || part < work)
			next_spell(h);
	}
	return h->now - start;
}

static double noise(struct host *h, double sd)
{
	return exp(sd * stats_normal(&h->state));
}

/* One reading of the reference loop, ns per call */
static double read_reference(struct host *h)
{
	return run(h, REFERENCE_NS, 1) / REFERENCE_NS * SYSCALL_NS *
	       noise(h, READING_NOISE);
}

/**
 * struct boot_run - one boot being measured
 * @host: the machine
 * @boot: counted from 0
 * @ns: what a call of each cell takes undisturbed in this boot
 * @series: struct series pointers, as of @cells
 * @round: the round at hand
 * @order: slices so far
 * @readings: of all slices, double, two for each
 * @where: struct slice of each: its series and index there
 */
struct boot_run {
	struct host *host;
	guint boot;
	double ns[CELLS];
	GPtrArray *series;
	unsigned int round;
	uint64_t order;
	GArray *readings;
	GArray *where;
};

struct where {
	guint cell;
	guint slice;
};

static enum visit visit(void *data, size_t cell, unsigned int round,
			struct reading *r)
{
	struct boot_run *b = data;
	struct series *s = b->series->pdata[cell];
	struct where where = { (guint)cell, s->slices->len };
	struct slice slice = { .boot = b->boot,
			       .file_boot = b->boot + 1,
			       .round = round,
			       .order = ++b->order,
			       .kind = SLICE_RATE };
	double work;

	if (round != b->round)
		run(b->host, OTHERS_NS, 1);
	b->round = round;
	r->before = read_reference(b->host);
	slice.calls = (uint64_t)ceil(SLICE_NS / b->ns[cell]);
	work = (double)slice.calls * b->ns[cell] * noise(b->host, SLICE_NOISE);
	slice.ns = (uint64_t)run(b->host, work, cells[cell].feels);
	r->after = read_reference(b->host);
	r->ns_call = (double)slice.ns / (double)slice.calls;
	g_array_append_val(s->slices, slice);
	g_array_append_val(b->where, where);
	g_array_append_val(b->readings, r->before);
	g_array_append_val(b->readings, r->after);
	return VISIT_DONE;
}

static uint64_t clock_of(void *data)
{
	const struct boot_run *b = data;

	return (uint64_t)b->host->now;
}

/* By the readings of the whole boot, as samples_read() does. */
static void judge(struct boot_run *b)
{
	const double *ns = (const double *)b->readings->data;
	double undisturbed = reference_undisturbed(ns, b->readings->len);

	for (guint i = 0; i < b->where->len; i++) {
		struct where w = g_array_index(b->where, struct where, i);
		struct series *s = b->series->pdata[w.cell];
		struct slice *slice =
			&g_array_index(s->slices, struct slice, w.slice);

		slice->slow = !reference_accepts(ns[2 * i], ns[2 * i + 1],
						 undisturbed);
	}
}

/* One boot: slices of all cells, by the benchmark's plan, into @series. */
static void simulate_boot(struct host *host, guint boot, GPtrArray *series)
{
	static const struct rounds_ops ops = { .visit = visit,
					       .now = clock_of };
	const struct rounds_spec spec = { .least = LEAST_ROUNDS,
					  .budget_ns = BUDGET_NS,
					  .seed = stats_random(&host->state) };
	struct rounds_cell plan[CELLS] = { 0 };
	struct boot_run b = {
		.host = host,
		.boot = boot,
		.series = series,
		.readings = g_array_new(FALSE, FALSE, sizeof(double)),
		.where = g_array_new(FALSE, FALSE, sizeof(struct where)),
	};

	for (guint i = 0; i < CELLS; i++) {
		plan[i].base = cells[i].base;
		double sd = host->uneven ? cells[i].uneven : BOOT_NOISE;

		b.ns[i] = cells[i].ns * noise(host, sd);
	}
	g_assert(!rounds_run(&spec, plan, CELLS, &ops, &b));
	judge(&b);
	g_array_unref(b.readings);
	g_array_unref(b.where);
}

static GPtrArray *simulate_study(struct host *host)
{
	GPtrArray *series = g_ptr_array_new_with_free_func(series_free);

	for (guint i = 0; i < CELLS; i++) {
		const struct series like = { .lane = (char *)"tcg",
					     .variant =
						     (char *)cells[i].variant,
					     .access = (char *)"read",
					     .bytes = BYTES,
					     .threads = 1 };

		g_ptr_array_add(series, series_new(&like));
	}
	for (guint boot = 0; boot < BOOTS; boot++)
		simulate_boot(host, boot, series);
	return series;
}

/* --- counting what came out --- */

/**
 * struct tally - verdicts over all studies
 * @comparisons: made
 * @covered: their interval holds the truth
 * @same: of cells that are equal in truth
 * @same_p: of these, p below 0.05 before the correction
 * @same_wrong: of these, called faster or slower
 * @tenth: of cells that are 10 % apart in truth
 * @tenth_found: of these, called faster or slower, and rightly
 * @tenth_many: of these, decided too if MANY others were not
 * @wrong_way: called faster where slower, or slower where faster
 * @slices: taken
 * @rejected: of these
 */
struct tally {
	guint comparisons, covered;
	guint same, same_p, same_wrong;
	guint tenth, tenth_found, tenth_many;
	guint wrong_way;
	guint slices, rejected;
};

static double true_ns(const char *variant)
{
	for (guint i = 0; i < CELLS; i++)
		if (!strcmp(cells[i].variant, variant))
			return cells[i].ns;
	g_assert_not_reached();
}

static void count_comparison(struct tally *t, const struct comparison *c)
{
	double truth = log(true_ns(c->base_variant) / true_ns(c->variant));
	struct stats_interval ci = verdict_interval(c->estimate);
	bool decided =
		c->verdict == VERDICT_FASTER || c->verdict == VERDICT_SLOWER;
	bool right = truth > 0 ? c->verdict == VERDICT_FASTER
			       : c->verdict == VERDICT_SLOWER;

	t->comparisons++;
	t->covered += log(ci.lo) <= truth && truth <= log(ci.hi);
	if (truth == 0) {
		t->same++;
		t->same_p += verdict_p(c->estimate) < 0.05;
		t->same_wrong += decided;
		return;
	}
	t->wrong_way += decided && !right;
	if (fabs(fabs(truth) - log(1.1)) < 0.001) {
		t->tenth++;
		t->tenth_found += decided && right;
		t->tenth_many += verdict_p(c->estimate) * MANY < 0.05;
	}
}

static void count_study(struct tally *t, const GPtrArray *series)
{
	GPtrArray *comparisons = pairs_compare(series);

	for (guint i = 0; i < comparisons->len; i++)
		count_comparison(t, comparisons->pdata[i]);
	g_ptr_array_unref(comparisons);
	for (guint i = 0; i < series->len; i++) {
		const struct series *s = series->pdata[i];

		t->slices += s->slices->len;
		for (guint j = 0; j < s->slices->len; j++)
			t->rejected += series_at(s, j)->slow > 0;
	}
}

/* One test: @n of @all are as many as they have to be. */
static void is_share(bool held, guint n, guint all, const struct host *host,
		     const char *what)
{
	char *name = g_strdup_printf("analysis/simulate/%s-%s%.0f-percent-slow",
				     what, host->uneven ? "uneven-" : "",
				     100 * host->slow_share);

	ok(held, name);
	diag("%u of %u, %.2f %%", n, all, 100.0 * n / all);
	g_free(name);
}

/* What a 10 % difference is found in depends on how noisy its cells are. */
static void test_power(const struct tally *t, const struct host *host)
{
	is_share(t->tenth_found >= 0.9 * t->tenth, t->tenth_found, t->tenth,
		 host, "finds-10-percent");
	is_share(t->tenth_many >= 0.8 * t->tenth, t->tenth_many, t->tenth, host,
		 "finds-10-percent-among-many");
}

static void test_host(double slow_share, bool uneven)
{
	struct host host = { .state = STATS_SEED,
			     .slow_share = slow_share,
			     .uneven = uneven };
	struct tally t = { 0 };

	for (guint i = 0; i < STUDIES; i++) {
		GPtrArray *series = simulate_study(&host);

		count_study(&t, series);
		g_ptr_array_unref(series);
	}
	is_share(t.same_wrong <= 0.05 * t.same, t.same_wrong, t.same, &host,
		 "no-false-difference");
	is_share(t.covered >= 0.93 * t.comparisons, t.covered, t.comparisons,
		 &host, "intervals-hold-the-truth");
	is_share(!t.wrong_way, t.wrong_way, t.comparisons, &host,
		 "never-the-wrong-way-round");
	if (!uneven)
		test_power(&t, &host);
	diag("p below 5 %% of equal cells: %.1f %%; %.1f slices a cell and "
	     "boot, %.0f %% rejected",
	     100.0 * t.same_p / t.same,
	     (double)t.slices / STUDIES / BOOTS / CELLS,
	     100.0 * t.rejected / t.slices);
}

int main(void)
{
	test_host(0.3, false);
	test_host(0.5, false);
	test_host(0.5, true);
	done_testing();
	return exit_status();
}
