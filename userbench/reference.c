// SPDX-License-Identifier: GPL-2.0-or-later
/* Which slices were measured at the host's undisturbed speed. */
#include "reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define UNDISTURBED_PART 10 /* of all readings lie below the undisturbed one */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

double reference_undisturbed(const double *ns, size_t n)
{
	double *sorted = malloc(n * sizeof(*sorted));
	double found;

	if (!sorted)
		return NAN;
	memcpy(sorted, ns, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), by_value);
	found = sorted[(n - 1) / UNDISTURBED_PART];
	free(sorted);
	return found;
}

bool reference_accepts(double before, double after, double undisturbed)
{
	double most = REFERENCE_SLOW * undisturbed;

	return before <= most && after <= most;
}
