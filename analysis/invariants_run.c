// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables of a run: verdicts, percentiles and counts that cannot be. */
#include "invariants.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "fmt.h"
#include "names.h"
#include "tsv.h"
#include "verdict.h"

/* Whether a file is there; @path gets its name, to be freed */
static bool find_file(const char *dir, const char *name, char **path)
{
	*path = g_build_filename(dir, name, NULL);
	return g_file_test(*path, G_FILE_TEST_EXISTS);
}

static char *name_of(const struct comparison *c)
{
	return g_strdup_printf("%s/%s/%s %" G_GUINT64_FORMAT
			       " by %" G_GUINT64_FORMAT
			       " against %s/%s by %" G_GUINT64_FORMAT,
			       c->lane, c->variant, c->access, c->bytes,
			       c->threads, c->base_variant, c->base_access,
			       c->base_threads);
}

/* --- verdicts --- */

/* What is wrong with a comparison; NULL: nothing */
static const char *wrong_with(const struct comparison *c)
{
	if (isnan(c->estimate.log))
		return c->verdict == VERDICT_UNDECIDED
			       ? NULL
			       : "a verdict on nothing measured";
	if (c->verdict != verdict_decide(c->estimate, c->p))
		return "a verdict that its interval does not support";
	/* Six digits are written */
	if (c->p < verdict_p(c->estimate) * (1 - 1e-3) - 1e-6)
		return "a p below that of one comparison alone";
	return NULL;
}

static void check_verdicts(const char *path, const GPtrArray *verdicts)
{
	for (guint i = 0; i < verdicts->len; i++) {
		const struct comparison *c = verdicts->pdata[i];
		const char *wrong = wrong_with(c);
		char *name = name_of(c);

		if (wrong)
			hit(path, i + 3, wrong, name);
		g_free(name);
	}
}

/* --- advice --- */

static bool is_candidate(const char *variant, const char *access, bool in_place)
{
	const struct variant_name *v = variant_find(variant);

	return v && v->is_device && !strcmp(access, "mmap") == in_place;
}

/* Whether some path of the same kind is faster than the one that is advised. */
static bool is_beaten(const GPtrArray *verdicts, const char *lane,
		      const char *size, char **path)
{
	bool in_place = !strcmp(path[1], "mmap");

	for (guint i = 0; i < verdicts->len; i++) {
		const struct comparison *c = verdicts->pdata[i];
		bool slower =
			c->verdict == VERDICT_SLOWER &&
			!strcmp(c->variant, path[0]) &&
			!strcmp(c->access, path[1]) &&
			is_candidate(c->base_variant, c->base_access, in_place);
		bool faster = c->verdict == VERDICT_FASTER &&
			      !strcmp(c->base_variant, path[0]) &&
			      !strcmp(c->base_access, path[1]) &&
			      is_candidate(c->variant, c->access, in_place);
		char *bytes = fmt_size(c->bytes);
		bool here = !strcmp(bytes, size) && c->threads == 1 &&
			    c->base_threads == 1 && !strcmp(c->lane, lane);

		g_free(bytes);
		if (here && (slower || faster))
			return true;
	}
	return false;
}

/* The first path of a cell such as "`dma-zc` by read-huge", or NULL */
static char **advised(const char *cell)
{
	char **path = NULL;
	GMatchInfo *match;
	GRegex *regex = g_regex_new("`([^`]+)` by ([a-z-]+)", 0, 0, NULL);

	if (g_regex_match(regex, cell, 0, &match)) {
		path = g_new0(char *, 3);
		path[0] = g_match_info_fetch(match, 1);
		path[1] = g_match_info_fetch(match, 2);
	}
	g_match_info_unref(match);
	g_regex_unref(regex);
	return path;
}

static void check_advice(const GPtrArray *lines, const GPtrArray *verdicts)
{
	for (guint i = 0; i < lines->len; i++) {
		const struct line *l = lines->pdata[i];
		const int at[] = { line_column(l, "into a buffer"),
				   line_column(l, "in place") };

		for (int k = 0; at[0] >= 0 && k < 2; k++) {
			char **path = advised(l->cell[at[k]]);
			char *lane = g_strndup(l->cell[0] + 1,
					       strlen(l->cell[0]) - 2);

			if (path && is_beaten(verdicts, lane, l->cell[1], path))
				hit(l->file, l->number,
				    "advice to take a path that is slower",
				    l->cell[at[k]]);
			g_free(lane);
			g_strfreev(path);
		}
	}
}

static bool check_verdict_files(const char *dir, const GPtrArray *lines,
				GError **err)
{
	static const char *const names[] = { "verdicts.tsv",
					     "scale-1-verdicts.tsv",
					     "scale-2-verdicts.tsv",
					     "scale-2-lockless-verdicts.tsv" };
	bool good = true;

	for (guint i = 0; good && i < G_N_ELEMENTS(names); i++) {
		char *path;
		bool there = find_file(dir, names[i], &path);
		GPtrArray *verdicts = there ? verdicts_read(path, err) : NULL;

		good = !there || verdicts;
		if (verdicts) {
			check_verdicts(path, verdicts);
			if (!i)
				check_advice(lines, verdicts);
			g_ptr_array_unref(verdicts);
		}
		g_free(path);
	}
	return good;
}

/* --- percentiles --- */

static const char *const cell_columns[] = { "lane", "variant", "access",
					    "bytes", "threads" };

static char *cell_key(const struct tsv *t, const struct tsv_row *row)
{
	char *part[G_N_ELEMENTS(cell_columns) + 1] = { NULL };

	for (guint i = 0; i < G_N_ELEMENTS(cell_columns); i++)
		part[i] = (char *)tsv_text(t, row, cell_columns[i]);
	return g_strjoinv("/", part);
}

/* All single calls that were timed, cell by cell: accepted ones are no more. */
static GHashTable *timed_calls(const struct tsv *raw)
{
	GHashTable *calls =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

	for (guint i = 0; i < raw->rows->len; i++) {
		const struct tsv_row *row = raw->rows->pdata[i];
		const char *n = tsv_text(raw, row, "lat_calls");
		char *key = cell_key(raw, row);
		uint64_t *sum = g_hash_table_lookup(calls, key);

		if (!sum) {
			sum = g_new0(uint64_t, 1);
			g_hash_table_insert(calls, g_strdup(key), sum);
		}
		*sum += g_ascii_strtoull(n, NULL, 10);
		g_free(key);
	}
	return calls;
}

static void check_percentiles(const struct tsv *summary, GHashTable *calls)
{
	static const struct {
		const char *column;
		uint64_t least;
	} percentiles[] = { { "ns_p50", 20 },
			    { "ns_p90", 100 },
			    { "ns_p99", 1000 },
			    { "ns_p999", 10000 } };

	for (guint i = 0; i < summary->rows->len; i++) {
		const struct tsv_row *row = summary->rows->pdata[i];
		char *key = cell_key(summary, row);
		const uint64_t *n = g_hash_table_lookup(calls, key);

		for (guint k = 0; k < G_N_ELEMENTS(percentiles); k++) {
			const char *column = percentiles[k].column;
			char *what;

			if (tsv_unknown(summary, row, column) ||
			    (n && *n >= percentiles[k].least))
				continue;
			what = g_strdup_printf("%s of too few calls", column);
			hit(summary->path, row->line, what, key);
			g_free(what);
		}
		g_free(key);
	}
}

/* --- the summary's own figures --- */

static void check_summary(const struct tsv *t)
{
	static const char *const numbers[] = { "syscalls",    "mmio_reads",
					       "mmio_writes", "pio_reads",
					       "pio_writes",  "dmas",
					       "irqs",        "mbps" };

	for (guint i = 0; i < t->rows->len; i++) {
		const struct tsv_row *row = t->rows->pdata[i];
		char *key = cell_key(t, row);

		for (guint k = 0; k < G_N_ELEMENTS(numbers); k++) {
			const char *text = tsv_text(t, row, numbers[k]);

			if (strcmp(text, "-") && !g_ascii_isdigit(*text))
				hit(t->path, row->line,
				    "a negative or infinite figure", key);
		}
		g_free(key);
	}
}

/* Either schema: percentiles of an older run rest on calls as well. */
static struct tsv *read_raw(const char *path, GError **err)
{
	static const char *const columns[] = { "lane",  "variant", "access",
					       "bytes", "threads", "lat_calls",
					       NULL };
	char *text = NULL;
	bool old = g_file_get_contents(path, &text, NULL, NULL) &&
		   g_str_has_prefix(text, "# exitcost raw 1\n");

	g_free(text);
	return tsv_read(path, old ? "raw 1" : "raw 2", columns, "the study",
			err);
}

static bool check_tables(const char *dir, GError **err)
{
	static const char *const columns[] = {
		"lane",        "variant",   "access",     "bytes",
		"threads",     "mbps",      "ns_p50",     "ns_p90",
		"ns_p99",      "ns_p999",   "syscalls",   "mmio_reads",
		"mmio_writes", "pio_reads", "pio_writes", "dmas",
		"irqs",        NULL
	};
	char *path, *raw_path;
	bool has_raw = find_file(dir, "raw.tsv", &raw_path);
	struct tsv *summary = NULL, *raw = NULL;

	find_file(dir, "summary.tsv", &path);
	summary = tsv_read(path, "summary 1", columns, "summarize", err);
	if (summary)
		check_summary(summary);
	if (summary && has_raw)
		raw = read_raw(raw_path, err);
	if (raw) {
		GHashTable *calls = timed_calls(raw);

		check_percentiles(summary, calls);
		g_hash_table_unref(calls);
	}
	tsv_free(summary);
	tsv_free(raw);
	g_free(path);
	g_free(raw_path);
	return !*err;
}

bool invariants_run(const char *dir, const GPtrArray *lines, GError **err)
{
	return check_verdict_files(dir, lines, err) && check_tables(dir, err);
}
