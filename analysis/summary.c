// SPDX-License-Identifier: GPL-2.0-or-later
/* Cells of samples to the text of summary.tsv and latency.tsv. */
#include "summary.h"

#include <inttypes.h>
#include <math.h>

#include "fmt.h"
#include "kvm.h"
#include "names.h"
#include "samples.h"
#include "stats.h"

/* Appends @text, which it frees, as one more field. */
static void add_field(GString *out, char *text)
{
	g_string_append_printf(out, "\t%s", text);
	g_free(text);
}

static void add_interval(GString *out, struct stats_interval ci)
{
	add_field(out, fmt_data(ci.mid));
	add_field(out, fmt_data(ci.lo));
	add_field(out, fmt_data(ci.hi));
}

static void add_cell_key(GString *out, const struct cell *c)
{
	g_string_append_printf(out, "%s\t%s\t%s\t%" PRIu64 "\t%" PRIu64,
			       c->lane, c->variant, c->access, c->bytes,
			       c->threads);
}

/* 10^6 bytes a second, all threads together. */
static double sample_mbps(const struct cell *c, const struct sample *s)
{
	return (double)c->bytes * (double)s->calls * 1e3 / (double)s->ns;
}

/* Nanoseconds one thread spends per call. */
static double sample_ns_call(const struct cell *c, const struct sample *s)
{
	return (double)s->ns * (double)c->threads / (double)s->calls;
}

static struct stats_interval
over_samples(const struct cell *c,
	     double (*value)(const struct cell *, const struct sample *))
{
	guint n = c->samples->len;
	double *x = g_new(double, n);
	struct stats_interval ci;

	for (guint i = 0; i < n; i++)
		x[i] = value(c, &g_array_index(c->samples, struct sample, i));
	ci = stats_median_interval(x, n);
	g_free(x);
	return ci;
}

static void add_throughput(GString *out, const struct cell *c)
{
	const struct stats_interval none = { NAN, NAN, NAN };

	add_interval(out, c->bytes ? over_samples(c, sample_mbps) : none);
}

static void add_latency(GString *out, const struct cell *c)
{
	static const uint64_t per_mille[] = { 500, 900, 990, 999 };
	bool any = c->latency.total > 0;

	for (guint i = 0; i < G_N_ELEMENTS(per_mille); i++) {
		uint64_t ns = hist_quantile(&c->latency, per_mille[i], 1000);

		/* the middle of the last bucket may lie above the maximum */
		ns = MIN(ns, c->latency_max);
		add_field(out, fmt_data(any ? (double)ns : NAN));
	}
	add_field(out, fmt_data(any ? (double)c->latency_max : NAN));
}

/*
 * Sums of one counter over a cell's samples. @equal: all samples agree on the
 * count per call. @least and @most: the samples with the extremes of it.
 */
struct pool {
	uint64_t count;
	uint64_t calls;
	bool known;
	bool equal;
	const struct sample *least;
	const struct sample *most;
};

/* a's count per call against b's, without rounding */
static int compare_per_call(const struct sample *a, const struct sample *b,
			    int counter)
{
	unsigned __int128 x = (unsigned __int128)a->count[counter] * b->calls;
	unsigned __int128 y = (unsigned __int128)b->count[counter] * a->calls;

	return (x > y) - (x < y);
}

/*
 * Read in place, a refill serves several calls, and a sample may begin and end
 * in the middle of one: its count tells the rate to within one. Rates that
 * cannot be told apart so are equal.
 */
static bool same_rate(const struct cell *c, const struct pool *p, int counter)
{
	unsigned __int128 least = p->least->count[counter] + 1;
	unsigned __int128 most = p->most->count[counter];

	/* Who waits for whom, and how often, is a matter of chance */
	if (variant_has_thread(c->variant))
		return true;
	return !strcmp(c->access, "mmap") && most &&
	       least * p->most->calls >= (most - 1) * p->least->calls;
}

static struct pool pool_samples(const struct cell *c, int counter)
{
	const struct sample *s = (const struct sample *)c->samples->data;
	struct pool p = { .known = true, .least = s, .most = s };

	for (guint i = 0; i < c->samples->len; i++, s++) {
		p.known = p.known && s->known[counter];
		p.count += s->count[counter];
		p.calls += s->calls;
		if (compare_per_call(s, p.least, counter) < 0)
			p.least = s;
		if (compare_per_call(s, p.most, counter) > 0)
			p.most = s;
	}
	p.equal = !compare_per_call(p.least, p.most, counter) ||
		  same_rate(c, &p, counter);
	return p;
}

static char *difference(const struct cell *c, int counter, const struct pool *p)
{
	char *name = cell_name(c);
	char *lo = fmt_ratio(p->least->count[counter], p->least->calls);
	char *hi = fmt_ratio(p->most->count[counter], p->most->calls);
	char *pooled = fmt_ratio(p->count, p->calls);
	char *text =
		g_strdup_printf("%s: samples disagree on %s per call "
				"(%s to %s); wrote the pooled ratio %s",
				name, counter_names[counter], lo, hi, pooled);

	g_free(name);
	g_free(lo);
	g_free(hi);
	g_free(pooled);
	return text;
}

static void add_counts(GString *out, const struct cell *c, GPtrArray *warnings)
{
	for (int i = 0; i < COUNTERS; i++) {
		struct pool p = pool_samples(c, i);

		add_field(out, p.known ? fmt_ratio(p.count, p.calls)
				       : g_strdup("-"));
		if (p.known && !p.equal)
			g_ptr_array_add(warnings, difference(c, i, &p));
	}
}

static void add_exits(GString *out, const struct kvm_cell *k)
{
	add_field(out, k && k->known[KVM_EXITS]
			       ? fmt_ratio(k->count[KVM_EXITS], k->calls)
			       : g_strdup("-"));
}

GString *summary_text(const GPtrArray *cells, const GPtrArray *kvm,
		      GPtrArray *warnings)
{
	GString *out = g_string_new(
		"# exitcost summary 1\n"
		"lane\tvariant\taccess\tbytes\tthreads\tn\tmbps\tmbps_lo\t"
		"mbps_hi\tns_p50\tns_p90\tns_p99\tns_p999\tns_max\tsyscalls\t"
		"mmio_reads\tmmio_writes\tpio_reads\tpio_writes\tdmas\tirqs\t"
		"exits\tns_call\tns_call_lo\tns_call_hi\n");

	for (guint i = 0; i < cells->len; i++) {
		const struct cell *c = cells->pdata[i];

		add_cell_key(out, c);
		g_string_append_printf(out, "\t%u", c->samples->len);
		add_throughput(out, c);
		add_latency(out, c);
		add_counts(out, c, warnings);
		add_exits(out, kvm_find(kvm, c));
		add_interval(out, over_samples(c, sample_ns_call));
		g_string_append_c(out, '\n');
	}
	g_string_append_printf(out, "# end %u\n", cells->len);
	return out;
}

static void add_buckets(GString *out, const struct cell *c)
{
	uint64_t below = 0;

	for (size_t i = 0; i < HIST_BUCKETS; i++) {
		uint64_t calls = c->latency.count[i];

		if (!calls)
			continue;
		below += calls;
		add_cell_key(out, c);
		g_string_append_printf(out,
				       "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
				       "\t%" PRIu64 "\n",
				       hist_lower(i), calls, below,
				       c->latency.total);
	}
}

GString *latency_text(const GPtrArray *cells)
{
	GString *out = g_string_new("# exitcost latency 1\n"
				    "lane\tvariant\taccess\tbytes\tthreads\t"
				    "ns\tcalls\tcalls_to_here\tcalls_all\n");
	gsize head = out->len;
	guint rows = 0;

	for (guint i = 0; i < cells->len; i++)
		add_buckets(out, cells->pdata[i]);
	for (gsize i = head; i < out->len; i++)
		rows += out->str[i] == '\n';
	g_string_append_printf(out, "# end %u\n", rows);
	return out;
}
