// SPDX-License-Identifier: GPL-2.0-or-later
/* The generators in a process of the host: how fast each one is by itself. */
#include <string.h>

#include "fmt.h"
#include "names.h"
#include "report.h"

#define BULK   1048576 /* bytes of a fill */
#define PREFIX "host-gen-"

static struct stats_interval bulk_mbps(const struct report *r, const char *lane,
				       const char *variant)
{
	return row_mbps(rows_find(r->rows, lane, variant, "memory", BULK, 1));
}

/* Against rand() in a loop; not measured if that was not */
static struct stats_interval against_rand(const struct report *r,
					  const char *lane, const char *variant)
{
	const struct side generator = { variant, "memory", 1 };
	const struct side loop = { "host-rand", "memory", 1 };

	return ratio_of(report_run_of(r, lane)->verdicts, lane, BULK, generator,
			loop);
}

static void say_row(struct report *r, const char *lane, const char *variant,
		    const char *name)
{
	say(r, "| `%s` |", name);
	say_cell(r, text_interval(bulk_mbps(r, lane, variant)));
	say_cell(r, strcmp(variant, "host-rand")
			    ? text_interval(against_rand(r, lane, variant))
			    : g_strdup("1"));
	say(r, "\n");
}

void report_generators(struct report *r, const char *lane)
{
	bool any = false;

	for (guint i = 0; i < r->rows->len; i++) {
		const struct row *row = r->rows->pdata[i];

		if (strcmp(row->lane, lane) || row->bytes != BULK ||
		    !g_str_has_prefix(row->variant, PREFIX))
			continue;
		if (!any)
			say(r,
			    "### The generators by themselves\n\n"
			    "Fills of 1 MiB in a process of the host, with "
			    "nothing around them: no path that uses a "
			    "generator "
			    "can be faster. `rand()` is the C library's, word "
			    "by word.\n\n"
			    "| generator | MB/s | times `rand()` |\n"
			    "| --- | ---: | ---: |\n");
		any = true;
		say_row(r, lane, row->variant, row->variant + strlen(PREFIX));
	}
	if (!any)
		return;
	say_row(r, lane, "host-rand", "rand()");
	say(r, "\n");
}
