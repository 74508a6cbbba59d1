// SPDX-License-Identifier: GPL-2.0-or-later
/* The results folders that a report is made from. */
#include <math.h>
#include <string.h>

#include "env.h"
#include "kvm.h"
#include "modelfile.h"
#include "report.h"
#include "splitparts.h"
#include "tsv.h"

void report_free_run(gpointer data)
{
	struct report_run *run = data;
	GPtrArray *const all[] = { run->lanes, run->rows,  run->verdicts,
				   run->env,   run->model, run->kvm,
				   run->split };

	for (guint i = 0; i < G_N_ELEMENTS(all); i++)
		if (all[i])
			g_ptr_array_unref(all[i]);
	for (guint i = 0; i < SCALE_PASSES; i++) {
		if (run->scale[i])
			g_ptr_array_unref(run->scale[i]);
		if (run->scale_verdicts[i])
			g_ptr_array_unref(run->scale_verdicts[i]);
	}
	g_free(run);
}

static bool fail(GError **err, const char *path, const char *format,
		 const char *arg)
{
	char *what = g_strdup_printf(format, arg);

	g_set_error(err, TSV_ERROR, 0, "%s: %s", path, what);
	g_free(what);
	return false;
}

/* Has rows of a data path, of lanes that no other run has. */
static bool check_lanes(const struct report *r, struct report_run *run,
			const char *path, GError **err)
{
	const char *lane = rows_common_lane(run->rows, r->rows);

	run->lanes = rows_lanes(run->rows);
	if (lane)
		return fail(err, path,
			    "lane %s is in another run too; name one run for "
			    "each lane",
			    lane);
	if (!run->lanes->len)
		return fail(err, path,
			    "expected rows of a data path of my_rng, found "
			    "none; run the %s again",
			    "study");
	return true;
}

/* A file that need not be there, but has to be good if it is. */
static bool read_if_there(const char *dir, const char *name,
			  GPtrArray *(*read)(const char *path, GError **err),
			  GPtrArray **into, GError **err)
{
	char *path = g_build_filename(dir, name, NULL);

	if (g_file_test(path, G_FILE_TEST_EXISTS))
		*into = read(path, err);
	g_free(path);
	return !*err;
}

static bool read_scale(struct report_run *run, GError **err)
{
	static const char *const names[SCALE_PASSES] = {
		[SCALE_ONE_CPU] = "scale-1",
		[SCALE_TWO_CPUS] = "scale-2",
		[SCALE_LOCKLESS] = "scale-2-lockless",
	};
	bool good = true;

	for (guint i = 0; good && i < SCALE_PASSES; i++) {
		char *rows = g_strdup_printf("%s.tsv", names[i]);
		char *verdicts = g_strdup_printf("%s-verdicts.tsv", names[i]);

		good = read_if_there(run->dir, rows, rows_read, &run->scale[i],
				     err) &&
		       read_if_there(run->dir, verdicts, verdicts_read,
				     &run->scale_verdicts[i], err);
		g_free(rows);
		g_free(verdicts);
	}
	return good;
}

static bool read_run(const struct report *r, struct report_run *run,
		     GError **err)
{
	char *summary = g_build_filename(run->dir, "summary.tsv", NULL);
	char *verdicts = g_build_filename(run->dir, "verdicts.tsv", NULL);
	char *env = g_build_filename(run->dir, "env.json", NULL);

	run->rows = rows_read(summary, err);
	if (run->rows)
		run->verdicts = verdicts_read(verdicts, err);
	if (run->verdicts)
		run->env = env_read(env, err);
	if (run->env)
		check_lanes(r, run, summary, err);
	g_free(summary);
	g_free(verdicts);
	g_free(env);
	return !*err &&
	       read_if_there(run->dir, "model.tsv", model_lines_read,
			     &run->model, err) &&
	       read_if_there(run->dir, "kvm.tsv", kvm_read, &run->kvm, err) &&
	       read_if_there(run->dir, "split.tsv", split_read, &run->split,
			     err) &&
	       read_scale(run, err);
}

bool report_add_run(struct report *r, const char *dir, GError **err)
{
	struct report_run *run = g_new0(struct report_run, 1);

	run->dir = dir;
	g_ptr_array_add(r->runs, run);
	if (!read_run(r, run, err))
		return false;
	for (guint i = 0; i < run->rows->len; i++)
		g_ptr_array_add(r->rows, run->rows->pdata[i]);
	for (guint i = 0; i < run->lanes->len; i++)
		g_ptr_array_add(r->lanes, run->lanes->pdata[i]);
	return true;
}

const struct report_run *report_run_of(const struct report *r, const char *lane)
{
	for (guint i = 0; i < r->runs->len; i++) {
		const struct report_run *run = r->runs->pdata[i];

		if (g_ptr_array_find_with_equal_func(run->lanes, lane,
						     g_str_equal, NULL))
			return run;
	}
	g_assert_not_reached();
}

struct stats_interval report_price(const struct report *r, const char *lane,
				   enum unit unit)
{
	const struct stats_interval none = { NAN, NAN, NAN };
	const GPtrArray *lines = report_run_of(r, lane)->model;
	const char *name = unit_name(unit, units_have_exits(lane));

	for (guint i = 0; lines && i < lines->len; i++) {
		const struct model_line *l = lines->pdata[i];

		if (!strcmp(l->record, "price") && !strcmp(l->lane, lane) &&
		    !strcmp(l->name, name))
			return l->value;
	}
	return none;
}
