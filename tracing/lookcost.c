// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lookcost: what looking costs. Reads pairs of throughputs, each taken with a
 * tool off and on in turn, from standard input; writes a row for each tool: the
 * median ratio on/off of the pairs with its 95 % interval.
 */
#include <glib.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "fmt.h"
#include "out.h"
#include "stats.h"
#include "tsv.h"

static const char *const columns[] = { "lane", "variant", "bytes", "tool",
				       "rep",  "off",     "on",    NULL };

/**
 * struct tool - the pairs of one tool
 * @lane: lane, owned by the file, and so on
 * @variant: path
 * @bytes: request size
 * @name: the tool
 * @off: double: MB/s with it off
 * @on: double: MB/s with it on, one for each of @off
 */
struct tool {
	const char *lane;
	const char *variant;
	const char *bytes;
	const char *name;
	GArray *off;
	GArray *on;
};

static void free_tool(gpointer data)
{
	struct tool *t = data;

	g_array_unref(t->off);
	g_array_unref(t->on);
	g_free(t);
}

static struct tool *find_or_add(GPtrArray *tools, const struct tsv *t,
				const struct tsv_row *row)
{
	const char *variant = tsv_text(t, row, "variant");
	const char *name = tsv_text(t, row, "tool");
	struct tool *tool;

	for (guint i = 0; i < tools->len; i++) {
		tool = tools->pdata[i];
		if (!strcmp(tool->name, name) &&
		    !strcmp(tool->variant, variant))
			return tool;
	}
	tool = g_new0(struct tool, 1);
	tool->lane = tsv_text(t, row, "lane");
	tool->variant = variant;
	tool->bytes = tsv_text(t, row, "bytes");
	tool->name = name;
	tool->off = g_array_new(FALSE, FALSE, sizeof(double));
	tool->on = g_array_new(FALSE, FALSE, sizeof(double));
	g_ptr_array_add(tools, tool);
	return tool;
}

static bool add_pair(GPtrArray *tools, const struct tsv *t,
		     const struct tsv_row *row, GError **err)
{
	struct tool *tool = find_or_add(tools, t, row);
	double off, on;

	if (!tsv_real(t, row, "off", &off, err) ||
	    !tsv_real(t, row, "on", &on, err))
		return false;
	if (!(off > 0) || !(on > 0)) {
		tsv_complain(t, row, err,
			     "expected two throughputs above 0; measure again");
		return false;
	}
	g_array_append_val(tool->off, off);
	g_array_append_val(tool->on, on);
	return true;
}

static void add_field(GString *text, double x)
{
	char *field = fmt_data(x);

	g_string_append_printf(text, "\t%s", field);
	g_free(field);
}

static void add_row(GString *text, const struct tool *t)
{
	const double *off = (const double *)(void *)t->off->data;
	const double *on = (const double *)(void *)t->on->data;
	guint n = t->off->len;
	double *ratio = g_new(double, n);
	struct stats_interval ci;

	for (guint i = 0; i < n; i++)
		ratio[i] = on[i] / off[i];
	ci = stats_median_interval(ratio, n);
	g_string_append_printf(text, "%s\t%s\t%s\t%s\t%u", t->lane, t->variant,
			       t->bytes, t->name, n);
	add_field(text, stats_median(off, n));
	add_field(text, stats_median(on, n));
	add_field(text, ci.mid);
	add_field(text, ci.lo);
	add_field(text, ci.hi);
	g_string_append_c(text, '\n');
	g_free(ratio);
}

static bool fold(GPtrArray *tools, GError **err)
{
	struct tsv *t = tsv_read("/dev/stdin", "looking-raw 1", columns,
				 "tracing/look.sh", err);
	GString *text = g_string_new(
		"# exitcost looking 1\n"
		"lane\tvariant\tbytes\ttool\tn\tmbps_off\tmbps_on\tratio\t"
		"ratio_lo\tratio_hi\n");
	bool good = t != NULL;

	for (guint i = 0; good && i < t->rows->len; i++)
		good = add_pair(tools, t, t->rows->pdata[i], err);
	for (guint i = 0; good && i < tools->len; i++)
		add_row(text, tools->pdata[i]);
	if (good) {
		g_string_append_printf(text, "# end %u\n", tools->len);
		good = out_save("-", text, err);
	}
	g_string_free(text, TRUE);
	tsv_free(t);
	return good;
}

int main(int argc, char **argv)
{
	GPtrArray *tools = g_ptr_array_new_with_free_func(free_tool);
	GError *err = NULL;
	bool good;

	if (argc > 1) {
		fprintf(stderr, "usage: %s < looking-raw.tsv > looking.tsv\n",
			argv[0]);
		return 2;
	}
	good = fold(tools, &err);
	g_ptr_array_unref(tools);
	return cli_end("lookcost", good, err);
}
