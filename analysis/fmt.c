// SPDX-License-Identifier: GPL-2.0-or-later
/* Numbers and sizes as text, the same on every machine whatever its locale. */
#include "fmt.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void strip_zeros(char *text)
{
	char *end = text + strlen(text);

	if (!strchr(text, '.'))
		return;
	while (end[-1] == '0')
		end--;
	if (end[-1] == '.')
		end--;
	*end = '\0';
}

/* Whole numbers all the way: a double would not hold large counts. */
char *fmt_ratio(uint64_t num, uint64_t den)
{
	const uint64_t fine = UINT64_C(1000000000000); /* 12 decimals */
	unsigned __int128 rest = (unsigned __int128)(num % den) * fine;
	bool ends = rest % den == 0;
	uint64_t unit = ends ? fine : UINT64_C(1000000);
	uint64_t part;
	char *text;

	rest = (unsigned __int128)(num % den) * unit;
	part = (uint64_t)((rest + den / 2) / den);
	text = g_strdup_printf("%" PRIu64 ".%0*" PRIu64,
			       num / den + part / unit, ends ? 12 : 6,
			       part % unit);
	strip_zeros(text);
	return text;
}

/* Decimals that show @digits significant digits of @x. */
static int decimals_for(double x, int digits)
{
	int magnitude = x == 0 ? 0 : (int)floor(log10(fabs(x)));

	return CLAMP(digits - 1 - magnitude, 0, 15);
}

static char *fixed(double x, int digits)
{
	char text[400]; /* DBL_MAX has 309 digits */
	char format[8];

	if (isnan(x))
		return g_strdup("-");
	g_snprintf(format, sizeof(format), "%%.%df", decimals_for(x, digits));
	return g_strdup(g_ascii_formatd(text, sizeof(text), format, x));
}

char *fmt_data(double x)
{
	char *text = fixed(x, 6);

	strip_zeros(text);
	return text;
}

char *fmt_human(double x)
{
	return fixed(x, 3);
}

char *fmt_size(uint64_t bytes)
{
	static const char *const unit[] = { "B", "KiB", "MiB", "GiB" };
	guint u = 0;

	while (bytes >= 1024 && bytes % 1024 == 0 &&
	       u + 1 < G_N_ELEMENTS(unit)) {
		bytes /= 1024;
		u++;
	}
	return g_strdup_printf("%" PRIu64 " %s", bytes, unit[u]);
}
