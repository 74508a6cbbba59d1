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

static int compare_rows(const struct row *a, const struct row *b)
{
	int order = names_compare_variants(a->variant, b->variant);

	return order ? order : names_compare_accesses(a->access, b->access);
}

/*
 * The simplest of those that nothing sets apart from the fastest; the order of
 * all tables goes from simple to elaborate. NULL: nothing was measured.
 */
static const struct row *choose(const struct report *r, const char *lane,
				uint64_t bytes, bool in_place)
{
	const struct row *best = NULL;
	const struct row *simplest = NULL;

	for (guint i = 0; i < r->rows->len; i++) {
		const struct row *row = r->rows->pdata[i];

		if (is_candidate(row, lane, bytes, in_place) &&
		    (!best || row->mbps.mid > best->mbps.mid))
			best = row;
	}
	for (guint i = 0; best && i < r->rows->len; i++) {
		const struct row *row = r->rows->pdata[i];

		if (is_candidate(row, lane, bytes, in_place) &&
		    !interval_order(best->mbps, row->mbps) &&
		    (!simplest || compare_rows(row, simplest) < 0))
			simplest = row;
	}
	return simplest;
}

/* Exits where KVM was asked, else accesses of the device. */
static double crossings(const struct row *row)
{
	double exits = row->count[PER_CALL_EXITS];

	return isnan(exits) ? row_accesses(row) : exits;
}

static void say_choice(struct report *r, const struct row *row)
{
	if (!row) {
		say(r, " - | - | - |");
		return;
	}
	say(r, " `%s` by %s |", row->variant, row->access);
	say_cell(r, text_interval(row->mbps));
	say_cell(r, text_known(crossings(row)));
}

static void say_lane(struct report *r, const char *lane)
{
	GArray *sizes = rows_sizes(r->rows, lane);

	for (guint i = 0; i < sizes->len; i++) {
		uint64_t bytes = g_array_index(sizes, uint64_t, i);
		char *size = fmt_size(bytes);

		say(r, "| `%s` | %s |", lane, size);
		say_choice(r, choose(r, lane, bytes, false));
		say_choice(r, choose(r, lane, bytes, true));
		say(r, "\n");
		g_free(size);
	}
	g_array_unref(sizes);
}

void report_choose(struct report *r)
{
	say(r,
	    "## Which one should I use?\n\n"
	    "For each request size and lane the simplest path, in the order "
	    "of the tables below, that is no slower than the fastest beyond "
	    "noise, by one thread: among those that put the bytes into a "
	    "buffer of the caller's, and among those that let a process read "
	    "them in place. Crossings are exits where KVM was asked, else "
	    "accesses to the device, for each request.\n\n"
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
