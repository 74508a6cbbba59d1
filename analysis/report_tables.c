// SPDX-License-Identifier: GPL-2.0-or-later
/* The tables of the report: throughput, accesses, latency, controls. */
#include <math.h>
#include <string.h>

#include "fmt.h"
#include "names.h"
#include "report.h"

/* Sizes shown at once; those of all others are folded away. */
static const uint64_t shown_sizes[] = { 4, 64, 4096, 65536, 1048576 };

static bool is_shown(uint64_t bytes)
{
	for (guint i = 0; i < G_N_ELEMENTS(shown_sizes); i++)
		if (shown_sizes[i] == bytes)
			return true;
	return false;
}

/* Has a control or path a throughput at any of these sizes? */
static bool is_measured(const struct report *r, const char *lane,
			const char *variant, const GArray *sizes)
{
	for (guint i = 0; i < sizes->len; i++) {
		uint64_t bytes = g_array_index(sizes, uint64_t, i);

		if (!isnan(row_mbps(rows_path(r->rows, lane, variant, bytes))
				   .mid))
			return true;
	}
	return false;
}

static void say_throughput_head(struct report *r, const char *lane,
				const GArray *sizes)
{
	say(r, "| request |");
	for (const struct variant_name *v = variant_names; v->name; v++)
		if (is_measured(r, lane, v->name, sizes))
			say(r, " `%s` |", v->name);
	say(r, "\n| ---: |");
	for (const struct variant_name *v = variant_names; v->name; v++)
		if (is_measured(r, lane, v->name, sizes))
			say(r, " ---: |");
	say(r, "\n");
}

static char *mbps_text(const struct row *row, bool with_interval)
{
	if (!row)
		return g_strdup("-");
	return with_interval ? text_interval(row->mbps)
			     : fmt_human(row->mbps.mid);
}

static void say_throughput_table(struct report *r, const char *lane,
				 const GArray *sizes, bool with_interval)
{
	say_throughput_head(r, lane, sizes);
	for (guint i = 0; i < sizes->len; i++) {
		uint64_t bytes = g_array_index(sizes, uint64_t, i);

		say(r, "|");
		say_cell(r, fmt_size(bytes));
		for (const struct variant_name *v = variant_names; v->name; v++)
			if (is_measured(r, lane, v->name, sizes))
				say_cell(r, mbps_text(rows_path(r->rows, lane,
								v->name, bytes),
						      with_interval));
		say(r, "\n");
	}
	say(r, "\n");
}

static void say_fold(struct report *r, const char *what)
{
	say(r, "<details><summary>%s</summary>\n\n", what);
}

static void say_unfold(struct report *r)
{
	say(r, "</details>\n\n");
}

void report_throughput(struct report *r, const char *lane)
{
	GArray *sizes = rows_sizes(r->rows, lane);

	say(r, "### Throughput by request size\n\n");
	say_plot(r, "throughput", lane,
		 "Throughput over request size, one curve per data path and "
		 "control");
	say(r, "MB/s, one thread, lane `%s`; `-` is not measured.\n\n", lane);
	say_throughput_table(r, lane, sizes, false);
	say_fold(r, "The same with intervals");
	say_throughput_table(r, lane, sizes, true);
	say_unfold(r);
	g_array_unref(sizes);
}

/* --- tables with one row per cell, all of them or those of shown sizes --- */

struct cell_table {
	const char *head;
	bool (*has)(const struct row *row);
	void (*say)(struct report *r, const struct row *row);
};

enum rows_of {
	SHOWN_SIZES,
	OTHER_SIZES,
	ALL_SIZES
};

static bool is_wanted(const struct row *row, enum rows_of which)
{
	bool shown = !row->bytes || is_shown(row->bytes);

	return which == ALL_SIZES || shown == (which == SHOWN_SIZES);
}

static void say_cell_table(struct report *r, const char *lane,
			   const struct cell_table *t, enum rows_of which)
{
	say(r, "%s", t->head);
	for (guint i = 0; i < r->rows->len; i++) {
		const struct row *row = r->rows->pdata[i];

		if (strcmp(row->lane, lane) || !t->has(row) ||
		    !is_wanted(row, which))
			continue;
		say(r, "| `%s` | %s |", row->variant, row->access);
		say_cell(r, row->bytes ? fmt_size(row->bytes) : g_strdup("-"));
		t->say(r, row);
		say(r, "\n");
	}
	say(r, "\n");
}

static bool has_counts(const struct row *row)
{
	return !isnan(row_accesses(row)) && row->threads == 1;
}

static void say_counts(struct report *r, const struct row *row)
{
	for (int i = 0; i < PER_CALL_EXITS; i++)
		say_cell(r, i == PER_CALL_MMIO_WRITES || i == PER_CALL_IRQS
				    ? text_row_count(row, row->count[i])
				    : fmt_data(row->count[i]));
}

void report_accesses(struct report *r, const char *lane)
{
	static const struct cell_table table = {
		"| path | access | request | system calls | MMIO reads "
		"| MMIO writes | port reads | port writes | DMA requests "
		"| interrupts |\n"
		"| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: "
		"| ---: |\n",
		has_counts, say_counts
	};

	say(r, "### Accesses per request\n\n");
	say_plot(r, "accesses", lane,
		 "Device accesses per byte over request size, one curve per "
		 "data path");
	say(r,
	    "Per call, counted by the device itself; one thread, "
	    "lane `%s`. A string port input counts one port read "
	    "per word here; under KVM one exit carries 1 KiB of them. "
	    "Estimates are written as above.\n\n",
	    lane);
	say_fold(r, "All accesses and request sizes");
	say_cell_table(r, lane, &table, ALL_SIZES);
	say_unfold(r);
}

static bool has_latency(const struct row *row)
{
	return !isnan(row->ns[NS_P50]) && row->threads == 1;
}

static void say_latency(struct report *r, const struct row *row)
{
	for (int i = 0; i < NS_COLUMNS; i++)
		say_cell(r, fmt_human(row->ns[i]));
}

void report_latency(struct report *r, const char *lane)
{
	static const struct cell_table table = {
		"| path | access | request | p50 | p90 | p99 | p99.9 | max |\n"
		"| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
		has_latency, say_latency
	};

	say(r, "### Latency of one call\n\n");
	say_plot(r, "latency", lane,
		 "Latency over percentile for requests of 64 bytes and 64 KiB");
	say(r,
	    "Nanoseconds, one thread, lane `%s`, one pair of clock reads "
	    "around each call (their own time is in the figures; see "
	    "Method), undisturbed slices only. Percentiles come from a "
	    "histogram whose buckets are at most 3 %% wide; `-`: too few "
	    "calls for this percentile, of which ten have to lie beyond it. "
	    "The maximum is exact.\n\n",
	    lane);
	say_cell_table(r, lane, &table, SHOWN_SIZES);
	say_fold(r, "Other request sizes");
	say_cell_table(r, lane, &table, OTHER_SIZES);
	say_unfold(r);
}

static bool is_control(const struct row *row)
{
	const struct variant_name *v = variant_find(row->variant);

	/* Generators have a table of their own, report_generators.c */
	return row->threads == 1 && (!v || !v->is_device) &&
	       !strchr(row->variant, '@') &&
	       !g_str_has_prefix(row->variant, "host-gen-") &&
	       strcmp(row->variant, "host-rand");
}

static void say_control(struct report *r, const struct row *row)
{
	say_cell(r, row->bytes ? text_interval(row->mbps) : g_strdup("-"));
	say_cell(r, text_interval(row->ns_call));
	say_cell(r, fmt_data(row->count[PER_CALL_SYSCALLS]));
}

void report_controls(struct report *r, const char *lane)
{
	static const struct cell_table table = {
		"| control | access | request | MB/s | ns per call "
		"| system calls per call |\n"
		"| --- | --- | ---: | ---: | ---: | ---: |\n",
		is_control, say_control
	};

	say(r,
	    "### Controls\n\n"
	    "What the same guest does without `my_rng`, lane `%s`. `null` "
	    "is our driver filling the buffer itself: it prices system call "
	    "and copy.\n\n",
	    lane);
	if (!strcmp(lane, "tcg"))
		say(r, "A memcpy in the guest is emulated code in this lane: "
		       "what the device does natively can outrun it.\n\n");
	say_cell_table(r, lane, &table, SHOWN_SIZES);
}

static bool has_threads(const struct row *row)
{
	return row->threads > 1 && row->bytes > 0;
}

static void say_threads(struct report *r, const struct row *row)
{
	const struct side many = { row->variant, row->access, row->threads };
	const struct side one = { row->variant, row->access, 1 };
	struct comparison c = compared(report_run_of(r, row->lane)->verdicts,
				       row->lane, row->bytes, many, one);

	say_cell(r, g_strdup_printf("%" G_GUINT64_FORMAT, row->threads));
	say_cell(r, text_interval(row->mbps));
	say_cell(r, text_interval(verdict_interval(c.estimate)));
	say_cell(r, g_strdup(verdict_words(&c)));
}

void report_threads(struct report *r, const char *lane)
{
	static const struct cell_table table = {
		"| path | access | request | threads | MB/s, all together "
		"| ratio to one thread | than one |\n"
		"| --- | --- | ---: | ---: | ---: | ---: | --- |\n",
		has_threads, say_threads
	};
	bool any = false;

	for (guint i = 0; i < r->rows->len; i++) {
		const struct row *row = r->rows->pdata[i];

		any = any || (!strcmp(row->lane, lane) && has_threads(row));
	}
	if (!any)
		return;
	say(r, "### Several threads\n\nLane `%s`.\n\n", lane);
	say_cell_table(r, lane, &table, ALL_SIZES);
}

void report_variants(struct report *r, const char *lane)
{
	GArray *sizes = rows_sizes(r->rows, lane);

	say(r, "### Each path by itself\n\n");
	for (const struct variant_name *v = variant_names; v->name; v++) {
		char *plot = g_strdup_printf("variant-%s", v->name);

		if (v->is_device && is_measured(r, lane, v->name, sizes)) {
			say(r, "**`%s`**: %s.\n\n", v->name, v->what);
			say_plot(r, plot, lane, v->what);
		}
		g_free(plot);
	}
	g_array_unref(sizes);
}
