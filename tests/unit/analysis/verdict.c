// SPDX-License-Identifier: GPL-2.0-or-later
/* Unit tests of analysis/verdict.c and of Student's t in analysis/stats.c. */
#include "verdict.h"

#include <math.h>

#include "files.h"
#include "tap.h"

static bool near(double got, double want, double most, const char *name)
{
	bool held = ok(fabs(got - want) <= most, name);

	if (!held)
		diag("got %.8g, expected %.8g", got, want);
	return held;
}

/* From the t tables of any textbook, two-sided 95 % and 99 %. */
static void test_t(void)
{
	static const struct {
		double df, level, t;
	} table[] = {
		{ 1, 0.95, 12.7062 },    { 2, 0.95, 4.30265 },
		{ 5, 0.95, 2.57058 },    { 7, 0.95, 2.36462 },
		{ 9, 0.95, 2.26216 },    { 30, 0.95, 2.04227 },
		{ 1000, 0.95, 1.96234 }, { 7, 0.99, 3.49948 },
		{ 1, 0.5, 1 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
		char *name = g_strdup_printf("analysis/verdict/t-of-%g-at-%g",
					     table[i].df, table[i].level);

		near(stats_t_quantile(table[i].level, table[i].df), table[i].t,
		     6e-5, name);
		g_free(name);
	}
	near(stats_t_two_sided(2.36462, 7), 0.05, 1e-6,
	     "analysis/verdict/p-of-the-quantile");
	near(stats_t_two_sided(-2.36462, 7), 0.05, 1e-6,
	     "analysis/verdict/p-of-a-negative-t");
	near(stats_t_two_sided(0, 7), 1, 0,
	     "analysis/verdict/p-of-no-difference");
	near(stats_t_two_sided(1, 1), 0.5, 1e-12,
	     "analysis/verdict/p-of-cauchy");
	ok(stats_t_two_sided(40, 7) > 0 && stats_t_two_sided(40, 7) < 1e-8,
	   "analysis/verdict/p-far-out");
}

/* By hand: 4 x 0.005, 3 x 0.01, 2 x 0.03, then not below the one before. */
static void test_holm(void)
{
	double p[] = { 0.01, 0.04, NAN, 0.03, 0.005 };
	double big[] = { 0.6, 0.7 };

	verdict_holm(p, G_N_ELEMENTS(p));
	near(p[4], 0.02, 1e-12, "analysis/verdict/holm-smallest");
	near(p[0], 0.03, 1e-12, "analysis/verdict/holm-second");
	near(p[3], 0.06, 1e-12, "analysis/verdict/holm-third");
	near(p[1], 0.06, 1e-12, "analysis/verdict/holm-never-falls");
	ok(isnan(p[2]), "analysis/verdict/holm-leaves-what-was-not-measured");
	verdict_holm(big, 2);
	ok(big[0] == 1 && big[1] == 1, "analysis/verdict/holm-at-most-1");
	verdict_holm(NULL, 0);
}

static struct estimate of(double ratio, double se)
{
	return (struct estimate){ .log = log(ratio), .se = se, .df = 7 };
}

static void test_interval(void)
{
	struct stats_interval ci = verdict_interval(of(2, 0.1));
	struct stats_interval none = verdict_interval(of(NAN, 0.1));
	struct stats_interval flat = verdict_interval(of(2, 0));

	near(log(ci.hi / ci.mid), 0.236462, 1e-5,
	     "analysis/verdict/interval-upper-end");
	near(log(ci.mid / ci.lo), 0.236462, 1e-5,
	     "analysis/verdict/interval-lower-end");
	near(ci.mid, 2, 1e-12, "analysis/verdict/interval-middle");
	ok(isnan(none.mid) && isnan(none.lo) && isnan(none.hi),
	   "analysis/verdict/interval-of-nothing");
	ok(flat.lo == flat.mid && flat.hi == flat.mid,
	   "analysis/verdict/interval-without-error");
	ok(isnan(verdict_p(of(NAN, 1))) && verdict_p(of(1, 0)) == 1 &&
		   verdict_p(of(2, 0)) == 0,
	   "analysis/verdict/p-at-the-edges");
}

static void test_decide(void)
{
	static const struct {
		double ratio, se, p;
		enum verdict want;
		const char *name;
	} table[] = {
		{ 1, 0.01, 1, VERDICT_EQUAL, "nothing-between" },
		{ 1.02, 0.005, 1e-3, VERDICT_EQUAL, "2-percent-are-equal" },
		{ 1.02, 0.02, 0.9, VERDICT_UNDECIDED, "wide" },
		{ 1.1, 0.02, 0.01, VERDICT_FASTER, "faster" },
		{ 1 / 1.1, 0.02, 0.01, VERDICT_SLOWER, "slower" },
		{ 1.1, 0.02, 0.06, VERDICT_UNDECIDED, "after-correction" },
		{ 1.1, 0.02, 0.05, VERDICT_UNDECIDED, "p-at-the-limit" },
		{ 1.055, 0.005, 1e-4, VERDICT_FASTER, "just-beyond-5-percent" },
		{ NAN, 0.02, NAN, VERDICT_UNDECIDED, "not-measured" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
		char *name = g_strdup_printf("analysis/verdict/decide-%s",
					     table[i].name);

		is_int(verdict_decide(of(table[i].ratio, table[i].se),
				      table[i].p),
		       table[i].want, name);
		g_free(name);
	}
}

static void test_goal(void)
{
	const struct stats_interval ci = { 2, 1.5, 3 };

	is_int(verdict_goal(ci, 1.5), GOAL_REACHED, "analysis/verdict/reached");
	is_int(verdict_goal(ci, 3.1), GOAL_MISSED, "analysis/verdict/missed");
	is_int(verdict_goal(ci, 1.9), GOAL_UNDECIDED,
	       "analysis/verdict/goal-within-the-interval");
	is_int(verdict_goal(verdict_interval(of(NAN, 0)), 1), GOAL_NOT_MEASURED,
	       "analysis/verdict/goal-not-measured");
}

static void test_quotient(void)
{
	struct estimate same = verdict_quotient(of(3, 0.1), of(2, 0.1));
	struct estimate one = verdict_quotient(of(3, 0.1), of(2, 0));
	struct estimate exact = verdict_quotient(of(3, 0), of(2, 0));

	near(same.log, log(1.5), 1e-12, "analysis/verdict/quotient");
	near(same.se, 0.1 * sqrt(2), 1e-12, "analysis/verdict/quotient-error");
	near(same.df, 14, 1e-9, "analysis/verdict/quotient-freedom");
	near(one.df, 7, 1e-9, "analysis/verdict/quotient-freedom-of-one");
	near(exact.df, 7, 0, "analysis/verdict/quotient-without-error");
}

static const char text[] =
	"# exitcost verdicts 1\n"
	"lane\tvariant\taccess\tbytes\tthreads\tbase_variant\tbase_access\t"
	"base_threads\tboots\tratio\tratio_lo\tratio_hi\tlog_se\tdf\tp\t"
	"verdict\ttarget\n"
	"tcg\tdma\tread\t4096\t1\tnull\tread\t1\t8\t2\t1.58\t2.53\t0.1\t7\t"
	"0.002\tfaster\tmissed\n"
	"tcg\t32\tread\t4096\t2\t32\tread\t1\t1\t-\t-\t-\t-\t-\t-\tundecided\t"
	"missed\n"
	"tcg\t32\tread\t4\t1\tdma\tread\t1\t8\t0.5\t0.4\t0.6\t0.1\t7\t"
	"0.002\tslower\tmissed\n"
	"# end 3\n";

static void test_find(const GPtrArray *all)
{
	struct comparison c;

	ok(verdicts_find(all, "tcg", "dma", "read", 4096, 1, "null", "read", 1,
			 &c) &&
		   c.verdict == VERDICT_FASTER && c.boots == 8 && c.p == 0.002,
	   "analysis/verdict/finds-as-it-stands");
	near(c.estimate.log, log(2), 1e-12, "analysis/verdict/reads-the-ratio");
	ok(verdicts_find(all, "tcg", "null", "read", 4096, 1, "dma", "read", 1,
			 &c) &&
		   c.verdict == VERDICT_SLOWER,
	   "analysis/verdict/finds-the-other-way-round");
	near(c.estimate.log, -log(2), 1e-12,
	     "analysis/verdict/turns-the-ratio");
	is_str(c.variant, "null", "analysis/verdict/turns-the-names");
	is_str(c.base_variant, "dma", "analysis/verdict/turns-the-base");
	ok(verdicts_find(all, "tcg", "32", "read", 4096, 2, "32", "read", 1,
			 &c) &&
		   isnan(c.estimate.log),
	   "analysis/verdict/finds-by-threads");
	ok(verdicts_find(all, "tcg", "dma", "read", 4, 1, "32", "read", 1,
			 &c) &&
		   c.verdict == VERDICT_FASTER,
	   "analysis/verdict/turns-slower-into-faster");
	ok(!verdicts_find(all, "tcg", "32", "read", 4096, 2, "32", "read", 2,
			  &c) &&
		   !verdicts_find(all, "kvm", "dma", "read", 4096, 1, "null",
				  "read", 1, &c) &&
		   !verdicts_find(all, "tcg", "dma", "read", 64, 1, "null",
				  "read", 1, &c),
	   "analysis/verdict/finds-nothing-else");
}

static void test_read(void)
{
	char *dir = scratch_new();
	char *good = scratch_write(dir, "good.tsv", text);
	char *bad = replaced(g_strdup(text), "faster", "quicker");
	char *path = scratch_write(dir, "bad.tsv", bad);
	GError *err = NULL;
	GPtrArray *all = verdicts_read(good, &err);

	if (ok(all && all->len == 3, "analysis/verdict/reads-a-file")) {
		test_find(all);
		g_ptr_array_unref(all);
	}
	all = verdicts_read(path, &err);
	ok(!all && err && strstr(err->message, "bad.tsv:3: verdict: expected"),
	   "analysis/verdict/refuses-another-verdict");
	g_clear_error(&err);
	g_free(path);
	g_free(bad);
	g_free(good);
	scratch_free(dir);
}

int main(void)
{
	test_t();
	test_holm();
	test_interval();
	test_decide();
	test_goal();
	test_quotient();
	test_read();
	done_testing();
	return exit_status();
}
