// SPDX-License-Identifier: GPL-2.0-or-later
/* Against an earlier run: which paths became slower, and which faster. */
#include <math.h>
#include <string.h>

#include "env.h"
#include "fmt.h"
#include "names.h"
#include "report.h"
#include "tsv.h"

/* What a path is held against in its own run, as hosts change their speed */
#define CONTROL "null"

static const uint64_t sizes[] = { 4, 4096, REPORT_SIZE, 1 << 20 };

/**
 * struct before - an earlier run
 * @rows: struct row pointers of its summary.tsv
 * @env: struct env_entry pointers of its env.json
 */
struct before {
	GPtrArray *rows;
	GPtrArray *env;
};

static void free_before(gpointer data)
{
	struct before *b = data;

	if (b->rows)
		g_ptr_array_unref(b->rows);
	if (b->env)
		g_ptr_array_unref(b->env);
	g_free(b);
}

bool report_add_before(struct report *r, const char *dir, GError **err)
{
	struct before *b = g_new0(struct before, 1);
	char *summary = g_build_filename(dir, "summary.tsv", NULL);
	char *env = g_build_filename(dir, "env.json", NULL);

	if (!r->before)
		r->before = g_ptr_array_new_with_free_func(free_before);
	g_ptr_array_add(r->before, b);
	b->rows = rows_read(summary, err);
	if (b->rows)
		b->env = env_read(env, err);
	g_free(summary);
	g_free(env);
	return !*err;
}

/* The earlier run that has the lane; NULL: none. */
static const struct before *find_before(const struct report *r,
					const char *lane)
{
	for (guint i = 0; r->before && i < r->before->len; i++) {
		const struct before *b = r->before->pdata[i];

		if (!isnan(row_mbps(rows_path(b->rows, lane, CONTROL,
					      REPORT_SIZE))
				   .mid))
			return b;
	}
	return NULL;
}

static struct stats_interval against_control(const GPtrArray *rows,
					     const char *lane,
					     const char *variant,
					     uint64_t bytes)
{
	return interval_ratio(row_mbps(rows_path(rows, lane, variant, bytes)),
			      row_mbps(rows_path(rows, lane, CONTROL, bytes)));
}

static const char *verdict(struct stats_interval ratio)
{
	if (ratio.hi < 1)
		return "**slower**";
	return ratio.lo > 1 ? "faster" : "no difference";
}

/* One row; returns whether the path became slower. */
static bool say_change(struct report *r, const struct before *b,
		       const char *lane, const char *variant, uint64_t bytes)
{
	struct stats_interval was =
		against_control(b->rows, lane, variant, bytes);
	struct stats_interval is =
		against_control(r->rows, lane, variant, bytes);
	struct stats_interval ratio = interval_ratio(is, was);
	char *size;

	if (isnan(ratio.mid))
		return false;
	size = fmt_size(bytes);
	say(r, "| `%s` | %s |", variant, size);
	say_cell(r, text_interval(was));
	say_cell(r, text_interval(is));
	say_cell(r, text_interval(ratio));
	say(r, " %s |\n", verdict(ratio));
	g_free(size);
	return ratio.hi < 1;
}

static void say_table(struct report *r, const struct before *b,
		      const char *lane)
{
	GString *slower = g_string_new(NULL);

	say(r, "| path | request | before | now | now over before | |\n"
	       "| --- | ---: | ---: | ---: | ---: | --- |\n");
	for (const struct variant_name *v = variant_names; v->name; v++) {
		for (guint i = 0; v->is_device && i < G_N_ELEMENTS(sizes);
		     i++) {
			char *size = fmt_size(sizes[i]);

			if (say_change(r, b, lane, v->name, sizes[i]))
				g_string_append_printf(slower, "%s`%s` at %s",
						       slower->len ? ", " : "",
						       v->name, size);
			g_free(size);
		}
	}
	if (slower->len)
		say(r, "\n**Slower than before: %s.**\n\n", slower->str);
	else
		say(r, "\nNo path became slower.\n\n");
	g_string_free(slower, TRUE);
}

void report_before(struct report *r, const char *lane)
{
	const struct before *b = find_before(r, lane);
	const char *git = b ? env_get(b->env, "git") : NULL;
	const char *date = b ? env_get(b->env, "date_utc") : NULL;

	if (!b)
		return;
	say(r,
	    "### Against the run published before\n\n"
	    "Lane `%s`, by read(2), one thread: throughput as a multiple of "
	    "`" CONTROL "` in the same run, in the run of %s (source %s) and "
	    "now. Slower and faster are said where the interval of the "
	    "quotient leaves out 1; it combines the worst ends of all four "
	    "figures.\n\n",
	    lane, date ? date : "an unknown date", git ? git : "unknown");
	say_table(r, b, lane);
}
