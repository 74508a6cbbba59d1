// SPDX-License-Identifier: GPL-2.0-or-later
/* Counts for a reader: exact ones, and estimates with their interval. */
#include <math.h>
#include <string.h>

#include "fmt.h"
#include "names.h"
#include "poisson.h"
#include "report.h"

struct stats_interval count_interval(const char *variant, double each,
				     double requests)
{
	struct stats_interval k;

	if (!variant_has_thread(variant))
		return (struct stats_interval){ each, each, each };
	k = poisson_interval((uint64_t)llround(each * requests));
	return (struct stats_interval){ each, k.lo / requests,
					k.hi / requests };
}

static char *text_estimate(const char *variant, double each, double requests)
{
	struct stats_interval n = count_interval(variant, each, requests);
	char *number = each > 0 ? text_interval(n) : fmt_human(n.hi);
	char *text;

	if (each > 0)
		text = g_strdup_printf("%.0f/%.0f: %s", each * requests,
				       requests, number);
	else
		text = g_strdup_printf("0 of %.0f (below %s)", requests,
				       number);
	g_free(number);
	return text;
}

char *text_count(const char *variant, double each, double requests)
{
	char *rate, *text;

	if (!isnan(each) && variant_has_thread(variant) && requests > 0)
		return text_estimate(variant, each, requests);
	rate = fmt_data(each);
	if (isnan(each) || !variant_has_thread(variant))
		return rate;
	text = g_strdup_printf("about %s", rate);
	g_free(rate);
	return text;
}

char *text_row_count(const struct row *row, double each)
{
	return text_count(row->variant, each, (double)row->requests);
}

char *text_bytes_per(const char *variant, uint64_t bytes, double each,
		     double requests, const char *what)
{
	struct stats_interval n;

	if (!(each > 0))
		return requests > 0 ? g_strdup_printf("no %s in %.0f requests",
						      what, requests)
				    : g_strdup_printf("no %s", what);
	if (!variant_has_thread(variant) || !(requests > 0))
		return fmt_human((double)bytes / each);
	n = count_interval(variant, each, requests);
	return text_interval((struct stats_interval){ (double)bytes / n.mid,
						      (double)bytes / n.hi,
						      (double)bytes / n.lo });
}

double kvm_each(const struct kvm_cell *c, enum kvm_count count)
{
	return c->known[count] ? (double)c->count[count] / (double)c->calls
			       : NAN;
}

const struct kvm_cell *report_kvm_cell(const struct report *r, const char *lane,
				       const char *variant, const char *access,
				       uint64_t bytes)
{
	const GPtrArray *kvm = report_run_of(r, lane)->kvm;

	for (guint i = 0; kvm && i < kvm->len; i++) {
		const struct kvm_cell *c = kvm->pdata[i];

		if (c->bytes == bytes && c->threads == 1 &&
		    !strcmp(c->variant, variant) &&
		    !strcmp(c->access, access) && !strcmp(c->lane, lane))
			return c;
	}
	return NULL;
}
