// SPDX-License-Identifier: GPL-2.0-or-later
/* Which path to take, by request size and lane; and the design space. */
#include <math.h>
#include <string.h>

#include "fmt.h"
#include "names.h"
#include "report.h"

/* Whether the process reads the bytes where the device put them. */
static bool is_in_place(const struct row *row)
{
	return !strcmp(row->access, "mmap");
}

static bool is_candidate(const struct row *row, const char *lane,
			 uint64_t bytes, bool in_place)
{
	const struct variant_name *v = variant_find(row->variant);

	return v && v->is_device && !strcmp(row->lane, lane) &&
	       row->bytes == bytes && row->threads == 1 &&
	       is_in_place(row) == in_place && !isnan(row->mbps.mid);
}

/**
 * struct advice - what may be said of one size and kind
 * @best: the fastest candidate by its median; NULL: nothing was measured
 * @simplest: the simplest of @best and of those equal to it within 5 %
 * @undecided: names of those that are not known to be slower than @best
 * @paths: how many different paths there were to choose from
 */
struct advice {
	const struct row *best;
	const struct row *simplest;
	GString *undecided;
	guint paths;
};

static struct side side_of_row(const struct row *row)
{
	return (struct side){ row->variant, row->access, 1 };
}

/* The order of all tables goes from simple to elaborate. */
static int compare_rows(const struct row *a, const struct row *b)
{
	int order = names_compare_variants(a->variant, b->variant);

	return order ? order : names_compare_accesses(a->access, b->access);
}

static GPtrArray *candidates(const struct report *r, const char *lane,
			     uint64_t bytes, bool in_place)
{
	GPtrArray *rows = g_ptr_array_new();

	for (guint i = 0; i < r->rows->len; i++)
		if (is_candidate(r->rows->pdata[i], lane, bytes, in_place))
			g_ptr_array_add(rows, r->rows->pdata[i]);
	return rows;
}

static void find_best(struct advice *a, const GPtrArray *rows)
{
	const char *last = NULL;

	for (guint i = 0; i < rows->len; i++) {
		const struct row *row = rows->pdata[i];

		if (!a->best || row->mbps.mid > a->best->mbps.mid)
			a->best = row;
		a->paths += !last || strcmp(last, row->variant);
		last = row->variant;
	}
}

static void weigh(struct advice *a, const GPtrArray *verdicts,
		  const struct row *row)
{
	struct comparison c = compared(verdicts, row->lane, row->bytes,
				       side_of_row(row), side_of_row(a->best));
	bool equal = row == a->best || c.verdict == VERDICT_EQUAL;

	if (equal && (!a->simplest || compare_rows(row, a->simplest) < 0))
		a->simplest = row;
	if (!equal && c.verdict != VERDICT_SLOWER)
		g_string_append_printf(a->undecided, ", `%s` by %s",
				       row->variant, row->access);
}

/*
 * A path is advised if nothing measured is faster by verdict or may yet be: it
 * is the fastest or equal to it, and all others are slower or equal.
 */
static struct advice advise(const struct report *r, const char *lane,
			    uint64_t bytes, bool in_place)
{
	struct advice a = { .undecided = g_string_new(NULL) };
	GPtrArray *rows = candidates(r, lane, bytes, in_place);

	find_best(&a, rows);
	for (guint i = 0; i < rows->len; i++)
		weigh(&a, report_run_of(r, lane)->verdicts, rows->pdata[i]);
	g_ptr_array_unref(rows);
	return a;
}

/* Exits where KVM was asked, else accesses of the device. */
static double crossings(const struct row *row)
{
	double exits = row->count[PER_CALL_EXITS];

	return isnan(exits) ? row_accesses(row) : exits;
}

static void say_advice(struct report *r, const char *lane, uint64_t bytes,
		       bool in_place)
{
	struct advice a = advise(r, lane, bytes, in_place);
	const struct row *row = a.undecided->len ? a.best : a.simplest;

	if (!row) {
		say(r, " - | - | - |");
	} else {
		say(r, " %s`%s` by %s%s%s |",
		    a.undecided->len ? "undecided among " : "", row->variant,
		    row->access, a.undecided->str,
		    a.paths == 1 ? " (no other path was measured)" : "");
		say_cell(r, text_interval(row->mbps));
		say_cell(r, text_row_count(row, crossings(row)));
	}
	g_string_free(a.undecided, TRUE);
}

static void say_lane(struct report *r, const char *lane)
{
	GArray *sizes = rows_sizes(r->rows, lane);

	for (guint i = 0; i < sizes->len; i++) {
		uint64_t bytes = g_array_index(sizes, uint64_t, i);
		char *size = fmt_size(bytes);

		say(r, "| `%s` | %s |", lane, size);
		say_advice(r, lane, bytes, false);
		say_advice(r, lane, bytes, true);
		say(r, "\n");
		g_free(size);
	}
	g_array_unref(sizes);
}

void report_choose(struct report *r)
{
	say(r,
	    "## Which one should I use?\n\n"
	    "For each request size and lane, by one thread: among the paths "
	    "that put the bytes into a buffer of the caller's, and among those "
	    "that let a process read them in place. A path is named if every "
	    "other one is slower than the fastest or equal to it within 5 %%; "
	    "of several that are equal, the simplest in the order of the "
	    "tables below. *Undecided among*: these may each be the fastest, "
	    "the first has the highest median and its figures stand beside "
	    "it. Crossings are exits where KVM was asked, else accesses to the "
	    "device, for each request.\n\n"
	    "| lane | request | into a buffer | MB/s | crossings | in place | "
	    "MB/s | crossings |\n"
	    "| --- | ---: | --- | ---: | ---: | --- | ---: | ---: |\n");
	for (guint l = 0; l < r->lanes->len; l++)
		say_lane(r, r->lanes->pdata[l]);
	say(r, "\n");
	for (guint l = 0; l < r->lanes->len; l++)
		say_plot(r, "space", r->lanes->pdata[l],
			 "Throughput against exits per MiB, one point for "
			 "each path and access, lines for the controls");
}
