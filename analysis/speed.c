// SPDX-License-Identifier: GPL-2.0-or-later
/* How fast a series is, and how fast beside another one. */
#include "speed.h"

#include <math.h>

#include "boots.h"
#include "names.h"

static double log_ns(const struct slice *s)
{
	return log((double)s->ns / (double)s->calls);
}

/* Logarithms of the accepted rate slices, by boot */
static struct boots *values_of(const struct series *s)
{
	struct boots *b = boots_new();

	for (guint i = 0; i < s->slices->len; i++) {
		const struct slice *slice = series_at(s, i);

		if (slice_accepted(slice, SLICE_RATE))
			boots_add(b, slice->boot, log_ns(slice));
	}
	return b;
}

struct estimate speed_ns(const struct series *s, guint *boots)
{
	struct boots *b = values_of(s);
	struct estimate e = boots_estimate(b, BOOT_SD);

	if (boots)
		*boots = boots_count(b);
	boots_free(b);
	return e;
}

static struct estimate apart(const struct series *s, const struct series *base,
			     guint *boots)
{
	guint of_s, of_base;
	struct estimate e =
		verdict_quotient(speed_ns(base, &of_base), speed_ns(s, &of_s));

	*boots = MIN(of_s, of_base);
	return e;
}

struct estimate speed_ratio(const struct series *s, const struct series *base,
			    guint *boots)
{
	struct boots *of_s, *of_base;
	struct estimate e;

	if (variant_is_of_host(s->variant) != variant_is_of_host(base->variant))
		return apart(s, base, boots);
	of_s = values_of(s);
	of_base = values_of(base);
	e = boots_difference(of_base, of_s, BOOT_SD, boots);
	boots_free(of_s);
	boots_free(of_base);
	return e;
}
