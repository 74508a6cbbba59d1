// SPDX-License-Identifier: GPL-2.0-or-later
/* Series of slices to the text of summary.tsv and latency.tsv. */
#include "summary.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "fmt.h"
#include "kvm.h"
#include "names.h"
#include "samples.h"
#include "speed.h"
#include "stats.h"
#include "verdict.h"

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

static void add_key(GString *out, const struct series *s)
{
	g_string_append_printf(out, "%s\t%s\t%s\t%" PRIu64 "\t%" PRIu64,
			       s->lane, s->variant, s->access, s->bytes,
			       s->threads);
}

static const struct stats_interval none = { NAN, NAN, NAN };

/* @per over the time of a call; of the longest time the lowest rate */
static struct stats_interval rate_of(struct stats_interval ns, double per)
{
	return (struct stats_interval){ per / ns.mid, per / ns.hi,
					per / ns.lo };
}

/* 10^6 bytes a second, all threads together. */
static void add_throughput(GString *out, const struct series *s,
			   struct stats_interval ns)
{
	add_interval(out,
		     s->bytes ? rate_of(ns, (double)s->bytes * 1e3) : none);
}

/* A quantile says something if ten calls or more lie beyond it. */
#define CALLS_BEYOND 10

static void add_latency(GString *out, const struct series *s)
{
	static const uint64_t per_mille[] = { 500, 900, 990, 999 };
	uint64_t calls = s->latency.total;

	for (guint i = 0; i < G_N_ELEMENTS(per_mille); i++) {
		uint64_t ns = hist_quantile(&s->latency, per_mille[i], 1000);
		bool known =
			calls * (1000 - per_mille[i]) >= CALLS_BEYOND * 1000;

		/* the middle of the last bucket may lie above the maximum */
		ns = MIN(ns, s->latency_max);
		add_field(out, fmt_data(known ? (double)ns : NAN));
	}
	add_field(out, fmt_data(calls ? (double)s->latency_max : NAN));
}

/*
 * Sums of one counter over the slices of a series that counted it, accepted or
 * not: counts do not depend on the host's speed. @slices: how many did. @equal:
 * all agree on the count per call. @least and @most: those with the extremes.
 */
struct pool {
	uint64_t count;
	uint64_t calls;
	bool equal;
	guint slices;
	const struct slice *least;
	const struct slice *most;
};

/* a's count per call against b's, without rounding */
static int compare_per_call(const struct slice *a, const struct slice *b,
			    int counter)
{
	unsigned __int128 x = (unsigned __int128)a->count[counter] * b->calls;
	unsigned __int128 y = (unsigned __int128)b->count[counter] * a->calls;

	return (x > y) - (x < y);
}

/*
 * Read in place, a refill serves several calls, and a slice may begin and end
 * in the middle of one: its count tells the rate to within one. Rates that
 * cannot be told apart so are equal.
 */
static bool same_rate(const struct series *s, const struct pool *p, int counter)
{
	unsigned __int128 least = p->least->count[counter] + 1;
	unsigned __int128 most = p->most->count[counter];

	/* Which of the two waits, and how often, is a matter of chance */
	if (variant_has_thread(s->variant))
		return true;
	/* One system call submits what was completed by then: any number */
	if (counter == COUNT_SYSCALLS && !strcmp(s->access, "uring"))
		return true;
	return !strcmp(s->access, "mmap") && most &&
	       least * p->most->calls >= (most - 1) * p->least->calls;
}

static struct pool pool_slices(const struct series *s, int counter)
{
	struct pool p = { .equal = true };

	for (guint i = 0; i < s->slices->len; i++) {
		const struct slice *slice = series_at(s, i);

		if (!slice->known[counter])
			continue;
		p.count += slice->count[counter];
		p.calls += slice->calls;
		if (!p.slices || compare_per_call(slice, p.least, counter) < 0)
			p.least = slice;
		if (!p.slices || compare_per_call(slice, p.most, counter) > 0)
			p.most = slice;
		p.slices++;
	}
	if (p.slices)
		p.equal = !compare_per_call(p.least, p.most, counter) ||
			  same_rate(s, &p, counter);
	return p;
}

static char *difference(const struct series *s, int counter,
			const struct pool *p)
{
	char *name = series_name(s);
	char *lo = fmt_ratio(p->least->count[counter], p->least->calls);
	char *hi = fmt_ratio(p->most->count[counter], p->most->calls);
	char *pooled = fmt_ratio(p->count, p->calls);
	char *text =
		g_strdup_printf("%s: slices disagree on %s per call "
				"(%s to %s); wrote the pooled ratio %s",
				name, counter_names[counter], lo, hi, pooled);

	g_free(name);
	g_free(lo);
	g_free(hi);
	g_free(pooled);
	return text;
}

static void add_counts(GString *out, const struct series *s,
		       GPtrArray *warnings)
{
	for (int i = 0; i < COUNTERS; i++) {
		struct pool p = pool_slices(s, i);

		add_field(out, p.slices ? fmt_ratio(p.count, p.calls)
					: g_strdup("-"));
		if (!p.equal)
			g_ptr_array_add(warnings, difference(s, i, &p));
	}
}

static void add_exits(GString *out, const struct kvm_cell *k)
{
	add_field(out, k && k->known[KVM_EXITS]
			       ? fmt_ratio(k->count[KVM_EXITS], k->calls)
			       : g_strdup("-"));
}

static guint count_rates(const struct series *s, bool accepted)
{
	guint n = 0;

	for (guint i = 0; i < s->slices->len; i++)
		n += series_at(s, i)->kind == SLICE_RATE &&
		     (!accepted || slice_accepted(series_at(s, i), SLICE_RATE));
	return n;
}

/* Calls behind the counts of the device; of system calls where it has none */
static uint64_t count_requests(const struct series *s)
{
	struct pool device = pool_slices(s, COUNT_MMIO_READS);

	return device.slices ? device.calls
			     : pool_slices(s, COUNT_SYSCALLS).calls;
}

/* What stands behind the figures. */
static void add_basis(GString *out, const struct series *s, guint boots,
		      const struct kvm_cell *k)
{
	guint slices = count_rates(s, false);
	guint good = count_rates(s, true);
	uint64_t requests = count_requests(s);

	add_field(out, fmt_data(boots));
	add_field(out, fmt_data(slices));
	add_field(out,
		  slices ? fmt_ratio(slices - good, slices) : g_strdup("-"));
	add_field(out, requests ? g_strdup_printf("%" PRIu64, requests)
				: g_strdup("-"));
	add_field(out, k && k->known[KVM_EXITS]
			       ? g_strdup_printf("%" PRIu64, k->calls)
			       : g_strdup("-"));
}

static void add_row(GString *out, const struct series *s,
		    const struct kvm_cell *k, GPtrArray *warnings)
{
	guint boots;
	struct stats_interval ns = verdict_interval(speed_ns(s, &boots));
	double threads = (double)s->threads;

	add_key(out, s);
	g_string_append_printf(out, "\t%u", count_rates(s, true));
	add_throughput(out, s, ns);
	add_latency(out, s);
	add_counts(out, s, warnings);
	add_exits(out, k);
	add_interval(out,
		     (struct stats_interval){ ns.mid * threads, ns.lo * threads,
					      ns.hi * threads });
	add_basis(out, s, boots, k);
	g_string_append_c(out, '\n');
}

GString *summary_text(const GPtrArray *all, const GPtrArray *kvm,
		      GPtrArray *warnings)
{
	GString *out = g_string_new(
		"# exitcost summary 1\n"
		"lane\tvariant\taccess\tbytes\tthreads\tn\tmbps\tmbps_lo\t"
		"mbps_hi\tns_p50\tns_p90\tns_p99\tns_p999\tns_max\tsyscalls\t"
		"mmio_reads\tmmio_writes\tpio_reads\tpio_writes\tdmas\tirqs\t"
		"exits\tns_call\tns_call_lo\tns_call_hi\tboots\tslices\t"
		"rejected\trequests\texit_requests\n");

	for (guint i = 0; i < all->len; i++)
		add_row(out, all->pdata[i], kvm_find(kvm, all->pdata[i]),
			warnings);
	g_string_append_printf(out, "# end %u\n", all->len);
	return out;
}

static void add_buckets(GString *out, const struct series *s)
{
	uint64_t below = 0;

	for (size_t i = 0; i < HIST_BUCKETS; i++) {
		uint64_t calls = s->latency.count[i];

		if (!calls)
			continue;
		below += calls;
		add_key(out, s);
		g_string_append_printf(out,
				       "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
				       "\t%" PRIu64 "\n",
				       hist_lower(i), calls, below,
				       s->latency.total);
	}
}

GString *latency_text(const GPtrArray *all)
{
	GString *out = g_string_new("# exitcost latency 1\n"
				    "lane\tvariant\taccess\tbytes\tthreads\t"
				    "ns\tcalls\tcalls_to_here\tcalls_all\n");
	gsize head = out->len;
	guint rows = 0;

	for (guint i = 0; i < all->len; i++)
		add_buckets(out, all->pdata[i]);
	for (gsize i = head; i < out->len; i++)
		rows += out->str[i] == '\n';
	g_string_append_printf(out, "# end %u\n", rows);
	return out;
}
