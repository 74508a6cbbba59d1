// SPDX-License-Identifier: GPL-2.0-or-later
/* Against an earlier run: which paths became slower, and which faster. */
#include <math.h>
#include <string.h>

#include "env.h"
#include "fmt.h"
#include "names.h"
#include "report.h"

/* What a path is held against in its own run, as hosts change their speed */
#define CONTROL "null"

static const uint64_t sizes[] = { 4, 4096, REPORT_SIZE, 1 << 20 };

/**
 * struct before - an earlier run
 * @verdicts: struct comparison pointers of its verdicts.tsv; NULL: it has none
 * @env: struct env_entry pointers of its env.json
 */
struct before {
	GPtrArray *verdicts;
	GPtrArray *env;
};

/**
 * struct change - a cell then and now, both as a multiple of the control
 * @variant: the path
 * @bytes: request size
 * @was: then
 * @is: now
 * @over: now over then
 * @p: of "no change", corrected for all changes of the table
 */
struct change {
	const char *variant;
	uint64_t bytes;
	struct estimate was;
	struct estimate is;
	struct estimate over;
	double p;
};

static void free_before(gpointer data)
{
	struct before *b = data;

	if (b->verdicts)
		g_ptr_array_unref(b->verdicts);
	if (b->env)
		g_ptr_array_unref(b->env);
	g_free(b);
}

bool report_add_before(struct report *r, const char *dir, GError **err)
{
	struct before *b = g_new0(struct before, 1);
	char *verdicts = g_build_filename(dir, "verdicts.tsv", NULL);
	char *env = g_build_filename(dir, "env.json", NULL);
	bool good = true;

	if (!r->before)
		r->before = g_ptr_array_new_with_free_func(free_before);
	g_ptr_array_add(r->before, b);
	if (g_file_test(verdicts, G_FILE_TEST_EXISTS)) {
		b->verdicts = verdicts_read(verdicts, err);
		good = b->verdicts != NULL;
	}
	if (good)
		b->env = env_read(env, err);
	g_free(verdicts);
	g_free(env);
	return good && b->env;
}

/* The earlier run of the lane; NULL: none. */
static const struct before *find_before(const struct report *r,
					const char *lane)
{
	for (guint i = 0; r->before && i < r->before->len; i++) {
		const struct before *b = r->before->pdata[i];

		if (!g_strcmp0(env_get(b->env, "lane"), lane))
			return b;
	}
	return NULL;
}

static struct estimate against_control(const GPtrArray *verdicts,
				       const char *lane, const char *variant,
				       uint64_t bytes)
{
	return compared(verdicts, lane, bytes, side_of(variant),
			side_of(CONTROL))
		.estimate;
}

static void add_change(GArray *all, const GPtrArray *then, const GPtrArray *now,
		       const char *lane, const char *variant, uint64_t bytes)
{
	struct change c = {
		.variant = variant,
		.bytes = bytes,
		.was = against_control(then, lane, variant, bytes),
		.is = against_control(now, lane, variant, bytes),
	};

	c.over = verdict_quotient(c.is, c.was);
	c.p = verdict_p(c.over);
	if (!isnan(c.over.log))
		g_array_append_val(all, c);
}

static void correct(GArray *all)
{
	double *p = g_new(double, all->len + 1);

	for (guint i = 0; i < all->len; i++)
		p[i] = g_array_index(all, struct change, i).p;
	verdict_holm(p, all->len);
	for (guint i = 0; i < all->len; i++)
		g_array_index(all, struct change, i).p = p[i];
	g_free(p);
}

static GArray *changes(const struct report *r, const struct before *b,
		       const char *lane)
{
	const GPtrArray *now = report_run_of(r, lane)->verdicts;
	GArray *all = g_array_new(FALSE, FALSE, sizeof(struct change));

	for (const struct variant_name *v = variant_names; v->name; v++)
		for (guint i = 0; v->is_device && i < G_N_ELEMENTS(sizes); i++)
			add_change(all, b->verdicts, now, lane, v->name,
				   sizes[i]);
	correct(all);
	return all;
}

static void say_change(struct report *r, const struct change *c,
		       GString *slower)
{
	enum verdict verdict = verdict_decide(c->over, c->p);
	const struct comparison said = { .estimate = c->over,
					 .verdict = verdict };
	char *size = fmt_size(c->bytes);

	say(r, "| `%s` | %s |", c->variant, size);
	say_cell(r, text_interval(verdict_interval(c->was)));
	say_cell(r, text_interval(verdict_interval(c->is)));
	say_cell(r, text_interval(verdict_interval(c->over)));
	say_cell(r, g_strdup(verdict_words(&said)));
	say(r, "\n");
	if (verdict == VERDICT_SLOWER)
		g_string_append_printf(slower, "%s`%s` at %s",
				       slower->len ? ", " : "", c->variant,
				       size);
	g_free(size);
}

static void say_table(struct report *r, const GArray *all)
{
	GString *slower = g_string_new(NULL);

	say(r, "| path | request | before | now | now over before | |\n"
	       "| --- | ---: | ---: | ---: | ---: | --- |\n");
	for (guint i = 0; i < all->len; i++)
		say_change(r, &g_array_index(all, struct change, i), slower);
	if (slower->len)
		say(r, "\n**Slower than before: %s.**\n\n", slower->str);
	else
		say(r, "\nNothing is known to have become slower.\n\n");
	g_string_free(slower, TRUE);
}

/* Why there is no table; NULL: there is one. */
static const char *why_not(const struct before *b, const GArray *all)
{
	if (!b)
		return "No earlier run of this lane was named, so nothing is "
		       "compared with one. `make publish` compares with the "
		       "published run, `build/host/report --before "
		       "RESULTS_DIR` with any.";
	if (!b->verdicts)
		return "The earlier run has no `verdicts.tsv`: it was measured "
		       "before cells were measured side by side, so nothing "
		       "can "
		       "be compared with it.";
	return all->len ? NULL
			: "The earlier run and this one have no cell in common "
			  "that was compared with `" CONTROL "` in both.";
}

void report_before(struct report *r, const char *lane)
{
	const struct before *b = find_before(r, lane);
	const char *git = b ? env_get(b->env, "git") : NULL;
	const char *date = b ? env_get(b->env, "date_utc") : NULL;
	GArray *all = b ? changes(r, b, lane) : NULL;
	const char *why = why_not(b, all);

	say(r, "### Against an earlier run\n\n");
	if (why) {
		say(r, "%s\n\n", why);
	} else {
		say(r,
		    "Lane `%s`, by read(2), one thread: throughput as a "
		    "multiple of `" CONTROL "` in the same run, in the run of "
		    "%s (source %s) and now. The verdict goes by the quotient, "
		    "corrected (Holm) for the %u comparisons of this "
		    "table.\n\n",
		    lane, date ? date : "an unknown date",
		    git ? git : "unknown", all->len);
		say_table(r, all);
	}
	if (all)
		g_array_unref(all);
}
