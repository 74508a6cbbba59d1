// SPDX-License-Identifier: GPL-2.0-or-later
/* Values measured in several boots, and what all boots together say. */
#include "boots.h"

#include <math.h>
#include <string.h>

/* Values of a boot whose median counts, where other boots have that many */
#define LEAST_VALUES 3

/**
 * struct boots - values by boot
 * @values: double, boot by boot
 * @ends: guint, where each boot's values end
 * @numbers: guint, which boot that is
 */
struct boots {
	GArray *values;
	GArray *ends;
	GArray *numbers;
};

struct boots *boots_new(void)
{
	struct boots *b = g_new0(struct boots, 1);

	b->values = g_array_new(FALSE, FALSE, sizeof(double));
	b->ends = g_array_new(FALSE, FALSE, sizeof(guint));
	b->numbers = g_array_new(FALSE, FALSE, sizeof(guint));
	return b;
}

void boots_free(struct boots *b)
{
	g_array_unref(b->values);
	g_array_unref(b->ends);
	g_array_unref(b->numbers);
	g_free(b);
}

void boots_add(struct boots *b, guint boot, double value)
{
	guint n = b->numbers->len;

	g_array_append_val(b->values, value);
	if (n && g_array_index(b->numbers, guint, n - 1) == boot) {
		g_array_index(b->ends, guint, n - 1) = b->values->len;
		return;
	}
	g_array_append_val(b->ends, b->values->len);
	g_array_append_val(b->numbers, boot);
}

/**
 * struct middle - one boot's median
 * @boot: which one
 * @median: of its values
 * @variance: of the median, by the values' median deviation
 */
struct middle {
	guint boot;
	double median;
	double variance;
};

/* Of normal values: standard deviation by the median one, and of a median */
#define FROM_MEDIAN_DEVIATION 1.4826
#define OF_MEDIAN             1.2533

/* Replaces @x by the values' deviations. */
static struct middle middle_of(guint boot, double *x, guint n)
{
	struct middle m = { .boot = boot, .median = stats_median(x, n) };
	double error = OF_MEDIAN * FROM_MEDIAN_DEVIATION;

	for (guint i = 0; i < n; i++)
		x[i] = fabs(x[i] - m.median);
	error *= stats_median(x, n);
	m.variance = error * error / n;
	return m;
}

static guint values_in(const struct boots *b, guint i)
{
	guint end = g_array_index(b->ends, guint, i);

	return i ? end - g_array_index(b->ends, guint, i - 1) : end;
}

/* How many values a boot must have: a median of one or two is all noise */
static guint enough(const struct boots *b)
{
	guint most = 0;

	for (guint i = 0; i < b->ends->len; i++)
		most = MAX(most, values_in(b, i));
	return MIN(LEAST_VALUES, (most + 1) / 2);
}

/* struct middle of each boot that has enough values, in their order */
static GArray *middles_of(const struct boots *b)
{
	GArray *all = g_array_new(FALSE, FALSE, sizeof(struct middle));
	double *x = g_memdup2(b->values->data, b->values->len * sizeof(*x));
	guint least = enough(b), start = 0;

	for (guint i = 0; i < b->ends->len; i++) {
		guint n = values_in(b, i);

		if (n >= least) {
			struct middle m =
				middle_of(g_array_index(b->numbers, guint, i),
					  x + start, n);

			g_array_append_val(all, m);
		}
		start += n;
	}
	g_free(x);
	return all;
}

/* --- all boots --- */

static const struct middle *middle_in(const GArray *all, guint i)
{
	return &g_array_index(all, struct middle, i);
}

/* Frees @all. */
static struct estimate over_boots(GArray *all, double boot_sd, guint *boots)
{
	guint n = all->len;
	double sum = 0, squares = 0, within = 0;
	struct estimate e = { NAN, NAN, NAN };

	for (guint i = 0; i < n; i++)
		sum += middle_in(all, i)->median;
	for (guint i = 0; i < n; i++) {
		double off = middle_in(all, i)->median - sum / n;

		squares += off * off;
		within += middle_in(all, i)->variance;
	}
	if (n) {
		e.log = sum / n;
		e.se = n > 1 ? squares / (n - 1) / n : 0;
		if (n < BOOTS_FEW)
			e.se += (within / n + boot_sd * boot_sd) / n;
		e.se = sqrt(e.se);
		e.df = n < BOOTS_FEW ? BOOT_SD_DF : n - 1;
	}
	if (boots)
		*boots = n;
	g_array_unref(all);
	return e;
}

guint boots_count(const struct boots *b)
{
	guint least = enough(b), n = 0;

	for (guint i = 0; i < b->ends->len; i++)
		n += values_in(b, i) >= least;
	return n;
}

struct estimate boots_estimate(const struct boots *b, double boot_sd)
{
	return over_boots(middles_of(b), boot_sd, NULL);
}

struct estimate boots_difference(const struct boots *a, const struct boots *b,
				 double boot_sd, guint *boots)
{
	GArray *both = g_array_new(FALSE, FALSE, sizeof(struct middle));
	GArray *of_a = middles_of(a), *of_b = middles_of(b);

	for (guint i = 0, j = 0; i < of_a->len && j < of_b->len;) {
		struct middle m = *middle_in(of_a, i);
		const struct middle *other = middle_in(of_b, j);

		if (m.boot == other->boot) {
			m.median -= other->median;
			m.variance += other->variance;
			g_array_append_val(both, m);
		}
		i += m.boot <= other->boot;
		j += other->boot <= m.boot;
	}
	g_array_unref(of_a);
	g_array_unref(of_b);
	return over_boots(both, boot_sd, boots);
}
