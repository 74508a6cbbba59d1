// SPDX-License-Identifier: GPL-2.0-or-later
/* Unit tests of analysis/poisson.c: Garwood's table, and large counts. */
#include "poisson.h"

#include <math.h>

#include <glib.h>

#include "tap.h"

static bool is_near(double got, double wanted)
{
	bool near = fabs(got - wanted) <= 5e-4 * fmax(wanted, 1);

	if (!near)
		diag("got %.5f, expected %.5f", got, wanted);
	return near;
}

int main(void)
{
	/* Garwood, Biometrika 28, 1936, 95 % */
	static const struct {
		uint64_t count;
		double lo, hi;
	} table[] = {
		{ 0, 0, 3.6889 },         { 1, 0.0253, 5.5716 },
		{ 2, 0.2422, 7.2247 },    { 10, 4.7954, 18.3904 },
		{ 50, 37.1110, 65.9186 },
	};
	struct stats_interval many = poisson_interval(1000000);

	for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
		struct stats_interval ci = poisson_interval(table[i].count);
		char *name = g_strdup_printf("analysis/poisson/of-%u",
					     (guint)table[i].count);

		ok(is_near(ci.lo, table[i].lo) && is_near(ci.hi, table[i].hi) &&
			   ci.mid == (double)table[i].count,
		   name);
		g_free(name);
	}
	ok(is_near(many.lo, 1e6 - 1960 + 0.95) &&
		   is_near(many.hi, 1e6 + 1960 + 1.95),
	   "analysis/poisson/of-many-is-nearly-normal");
	done_testing();
	return exit_status();
}
