// SPDX-License-Identifier: GPL-2.0-or-later
/* Which path is fastest at which request size. */
#include <math.h>
#include <string.h>

#include "fmt.h"
#include "names.h"
#include "report.h"

/* The fastest path at a size by its median; NULL: none was measured. */
static const struct row *fastest(const struct report *r, const char *lane,
				 uint64_t bytes)
{
	const struct row *best = NULL;

	for (const struct variant_name *v = variant_names; v->name; v++) {
		const struct row *row =
			rows_path(r->rows, lane, v->name, bytes);

		if (v->is_device && row &&
		    (!best || row->mbps.mid > best->mbps.mid))
			best = row;
	}
	return best;
}

/* Names of the paths that nothing sets apart from the fastest. */
static char *winners_at(const struct report *r, const char *lane,
			uint64_t bytes)
{
	const struct row *best = fastest(r, lane, bytes);
	GString *names = g_string_new(NULL);

	for (const struct variant_name *v = variant_names; v->name; v++) {
		const struct row *row =
			rows_path(r->rows, lane, v->name, bytes);

		if (v->is_device && row &&
		    !interval_order(best->mbps, row->mbps))
			g_string_append_printf(names, "%s`%s`",
					       names->len ? ", " : "", v->name);
	}
	return g_string_free(names, FALSE);
}

static void say_span(struct report *r, const GArray *sizes, guint first,
		     guint last, const char *names)
{
	char *from = fmt_size(g_array_index(sizes, uint64_t, first));
	char *to = fmt_size(g_array_index(sizes, uint64_t, last));

	if (first == last)
		say(r, "- %s: ", from);
	else
		say(r, "- %s to %s: ", from, to);
	if (strchr(names, ','))
		say(r, "a tie of %s.\n", names);
	else
		say(r, "%s is the fastest.\n", names);
	g_free(from);
	g_free(to);
}

void report_winners(struct report *r, const char *lane)
{
	GArray *sizes = rows_sizes(r->rows, lane);
	guint first = 0;
	char *names = NULL;

	say(r,
	    "### Which path wins at which request size\n\n"
	    "Lane `%s`, one thread, among the data paths of `my_rng`:\n\n",
	    lane);
	for (guint i = 0; i < sizes->len; i++) {
		uint64_t bytes = g_array_index(sizes, uint64_t, i);
		char *here = fastest(r, lane, bytes)
				     ? winners_at(r, lane, bytes)
				     : g_strdup("nobody");

		if (names && strcmp(names, here)) {
			say_span(r, sizes, first, i - 1, names);
			first = i;
		}
		g_free(names);
		names = here;
	}
	if (names)
		say_span(r, sizes, first, sizes->len - 1, names);
	g_free(names);
	g_array_unref(sizes);
	say(r, "\n");
}
