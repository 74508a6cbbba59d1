// SPDX-License-Identifier: GPL-2.0-or-later
/* Single accesses timed by the bare-metal guest. */
#include <string.h>

#include "report.h"
#include "tsv.h"

static const char *const columns[] = { "lane",       "case",       "device",
				       "cycles_p50", "cycles_p99", "ns_p50",
				       "ns_p99",     NULL };

static void free_bench(gpointer t)
{
	tsv_free(t);
}

bool report_add_bench(struct report *r, const char *path, GError **err)
{
	struct tsv *t =
		tsv_read(path, "exitbench 1", columns, "make exitbench", err);

	if (!t)
		return false;
	if (!r->benches)
		r->benches = g_ptr_array_new_with_free_func(free_bench);
	g_ptr_array_add(r->benches, t);
	return true;
}

static void say_bench(struct report *r, const struct tsv *t)
{
	for (guint i = 0; i < t->rows->len; i++) {
		const struct tsv_row *row = t->rows->pdata[i];

		say(r, "|");
		for (int c = 0; columns[c]; c++)
			say_cell(r, g_strdup(tsv_text(t, row, columns[c])));
		say(r, "\n");
	}
}

void report_bench(struct report *r)
{
	if (!r->benches)
		return;
	say(r,
	    "## Single accesses without an operating system\n\n"
	    "Timed by the bare-metal guest with the processor's own counter, "
	    "its loop and timer subtracted. Lane `tcg`: calls of helper "
	    "functions; lane `kvm`: exits, on this host's KVM. What ends in "
	    "`ioeventfd` is a kick that the kernel answers.\n\n"
	    "| lane | operation | device | cycles p50 | cycles p99 | ns p50 "
	    "| ns p99 |\n"
	    "| --- | --- | --- | ---: | ---: | ---: | ---: |\n");
	for (guint i = 0; i < r->benches->len; i++)
		say_bench(r, r->benches->pdata[i]);
	say(r, "\n");
}
