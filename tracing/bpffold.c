// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bpffold: joins the maps that a script of tracing/bpf left into one table.
 *
 * A script says in its first line of output what the table is:
 *
 *   exitcost table KIND VERSION: KEY... | COLUMN...
 *
 * Each COLUMN is a map with exactly these keys. One whose name ends in _ns is a
 * histogram of nanoseconds, with their sum in the map COLUMN_sum; any other is a
 * number. Maps that are not named are the script's own. KEY:FORMAT tells how a
 * key is shown. The last map of all, zz_complete, proves that none is missing.
 */
#include <glib.h>
#include <inttypes.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "fmt.h"
#include "out.h"
#include "tsv.h"

#define TABLE_MARK   "exitcost table "
#define COMPLETE_MAP "@zz_complete"

static const char help[] =
	"Reads what `bpftrace -f json -k` printed, running a script of "
	"tracing/bpf, on\n"
	"standard input; writes a table with a row for each key.\n\n"
	"A column X_ns becomes X_ns_n (values), X_ns_avg (their exact mean), "
	"and\n"
	"X_ns_p50_below, _p99_below, _max_below: so many of the "
	"values lie\n"
	"below this bound, which is that of a bucket of the histogram, a power "
	"of two.";

/* As the keys of a table are to be shown */
enum key_format {
	KEY_PLAIN,
	KEY_HEX,  /* a number, in hexadecimal */
	KEY_PATH, /* a source file as the compiler saw it, without the ../src */
	KEY_PROBE, /* the last part of a probe's name, without my_rng_ */
};

static const char *const format_names[] = {
	[KEY_HEX] = "hex",
	[KEY_PATH] = "path",
	[KEY_PROBE] = "probe",
};

struct key {
	char *name;
	enum key_format format;
};

/** struct bucket - @count values from @low up to, but not including, @high */
struct bucket {
	uint64_t low;
	uint64_t high;
	uint64_t count;
};

/**
 * struct fold - what has been read so far
 * @kind: of the table, such as "bpf-device"; NULL until the script said it
 * @version: of that kind
 * @keys: struct key, in order
 * @columns: names, in order
 * @maps: by name, each by key as bpftrace prints it: a uint64_t, or an array of
 *	struct bucket
 * @rows: all keys that appear, as bpftrace prints them
 * @complete: the last map was there
 * @line: number of the line being read
 */
struct fold {
	char *kind;
	char *version;
	GArray *keys;
	GPtrArray *columns;
	GHashTable *maps;
	GHashTable *rows;
	bool complete;
	uint64_t line;
};

static bool is_histogram(const char *column)
{
	return g_str_has_suffix(column, "_ns");
}

static bool is_sum(const char *map)
{
	return g_str_has_suffix(map, "_ns_sum");
}

/* ---- the script's table ---- */

static bool add_key(struct fold *f, const char *word, GError **err)
{
	char **part = g_strsplit(word, ":", 2);
	struct key key = { .name = part[0], .format = KEY_PLAIN };
	bool good = !part[1];

	for (size_t i = 1; part[1] && i < G_N_ELEMENTS(format_names); i++) {
		if (!strcmp(part[1], format_names[i])) {
			key.format = i;
			good = true;
		}
	}
	if (good)
		g_array_append_val(f->keys, key);
	else
		complain(err, "line %" PRIu64 ": no format of keys: '%s'",
			 f->line, word);
	if (!good)
		g_free(part[0]);
	g_free(part[1]);
	g_free(part); /* the first part lives on in the key */
	return good;
}

/* "KIND VERSION: KEY... | COLUMN..." */
static bool read_table(struct fold *f, char *text, GError **err)
{
	char **word = g_strsplit_set(g_strstrip(text), " \n", -1);
	guint n = g_strv_length(word);
	bool columns = false, good = true;

	if (f->kind) {
		g_strfreev(word);
		return complain(err, "line %" PRIu64 ": a second table",
				f->line);
	}
	for (guint i = 2; i < n && good; i++) {
		if (!strcmp(word[i], "|"))
			columns = true;
		else if (columns)
			g_ptr_array_add(f->columns, g_strdup(word[i]));
		else
			good = add_key(f, word[i], err);
	}
	if (good && (!f->keys->len || !f->columns->len))
		good = complain(err,
				"line %" PRIu64 ": a table without keys "
				"or columns",
				f->line);
	if (good) {
		f->kind = g_strdup(word[0]);
		f->version = g_strndup(word[1], strcspn(word[1], ":"));
	}
	g_strfreev(word);
	return good;
}

/* ---- the maps ---- */

static bool is_wanted(const struct fold *f, const char *map)
{
	for (guint i = 0; i < f->columns->len; i++) {
		const char *column = f->columns->pdata[i];

		if (!strcmp(map, column) ||
		    (is_sum(map) && g_str_has_prefix(map, column) &&
		     strlen(map) == strlen(column) + strlen("_sum")))
			return true;
	}
	return false;
}

/* Times only: a bucket of negative values has no "min" */
static bool read_buckets(const struct fold *f, JsonNode *node, GArray *buckets,
			 GError **err)
{
	JsonArray *array = json_node_get_array(node);

	for (guint i = 0; i < json_array_get_length(array); i++) {
		JsonObject *o = json_array_get_object_element(array, i);
		struct bucket b;

		if (!o || !json_object_has_member(o, "min") ||
		    !json_object_has_member(o, "max") ||
		    !json_object_has_member(o, "count"))
			return complain(err,
					"line %" PRIu64 ": a bucket that "
					"is none of times",
					f->line);
		b.low = (uint64_t)json_object_get_int_member(o, "min");
		b.high = (uint64_t)json_object_get_int_member(o, "max") + 1;
		b.count = (uint64_t)json_object_get_int_member(o, "count");
		if (b.count)
			g_array_append_val(buckets, b);
	}
	return true;
}

static void free_buckets(gpointer buckets)
{
	g_array_free(buckets, TRUE);
}

static bool read_entry(struct fold *f, GHashTable *map, const char *name,
		       const char *key, JsonNode *node, GError **err)
{
	bool good = true;

	if (is_histogram(name) && JSON_NODE_HOLDS_ARRAY(node)) {
		GArray *buckets =
			g_array_new(FALSE, FALSE, sizeof(struct bucket));

		g_hash_table_insert(map, g_strdup(key), buckets);
		good = read_buckets(f, node, buckets, err);
	} else if (!is_histogram(name) && JSON_NODE_HOLDS_VALUE(node)) {
		uint64_t *number = g_new(uint64_t, 1);

		*number = (uint64_t)json_node_get_int(node);
		g_hash_table_insert(map, g_strdup(key), number);
	} else {
		good = complain(err, "line %" PRIu64 ": map %s is no %s",
				f->line, name,
				is_histogram(name) ? "histogram" : "count");
	}
	if (good)
		g_hash_table_add(f->rows, g_strdup(key));
	return good;
}

/* @data is {"@NAME": {KEY: VALUE, ...}} */
static bool read_map(struct fold *f, JsonObject *data, GError **err)
{
	GList *names = json_object_get_members(data);
	const char *name = names ? names->data : "";
	JsonNode *entries = names ? json_object_get_member(data, name) : NULL;
	JsonObjectIter iter;
	const char *key;
	JsonNode *node;
	GHashTable *map;
	bool good = true;

	g_list_free(names);
	f->complete = !strcmp(name, COMPLETE_MAP);
	if (*name != '@' || !is_wanted(f, ++name))
		return true;
	if (!JSON_NODE_HOLDS_OBJECT(entries))
		return complain(err, "line %" PRIu64 ": map %s has no keys",
				f->line, name);
	map = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
				    is_histogram(name) ? free_buckets : g_free);
	g_hash_table_insert(f->maps, g_strdup(name), map);
	json_object_iter_init(&iter, json_node_get_object(entries));
	while (good && json_object_iter_next(&iter, &key, &node))
		good = read_entry(f, map, name, key, node, err);
	return good;
}

/* ---- what bpftrace prints ---- */

static bool read_print(struct fold *f, JsonNode *data, GError **err)
{
	const char *text = json_node_get_string(data);
	char *table;
	bool good;

	if (!text || !g_str_has_prefix(text, TABLE_MARK))
		return true;
	table = g_strdup(text + strlen(TABLE_MARK));
	good = read_table(f, table, err);
	g_free(table);
	return good;
}

static bool read_lost(const struct fold *f, JsonObject *line, GError **err)
{
	JsonObject *data = json_object_get_object_member(line, "data");

	return complain(err,
			"line %" PRIu64 ": bpftrace lost %" PRId64 " events, "
			"so nothing can be counted; give it larger buffers "
			"(BPFTRACE_PERF_RB_PAGES)",
			f->line, json_object_get_int_member(data, "events"));
}

static bool read_helper_error(const struct fold *f, JsonObject *line,
			      GError **err)
{
	return complain(err,
			"line %" PRIu64 ": %s of line %" PRId64
			" of the script failed with %" PRId64
			", so counts are missing; if that is -7, a map is "
			"full: set BPFTRACE_MAP_KEYS_MAX higher",
			f->line, json_object_get_string_member(line, "helper"),
			json_object_get_int_member(line, "line"),
			json_object_get_int_member(line, "retcode"));
}

static bool read_object(struct fold *f, JsonObject *line, GError **err)
{
	const char *type =
		json_object_get_string_member_with_default(line, "type", "");
	JsonNode *data = json_object_get_member(line, "data");

	if (!strcmp(type, "helper_error"))
		return read_helper_error(f, line, err);
	if (!data)
		return complain(err, "line %" PRIu64 ": '%s' without data",
				f->line, type);
	if (!strcmp(type, "lost_events"))
		return read_lost(f, line, err);
	if (!strcmp(type, "printf"))
		return read_print(f, data, err);
	if (strcmp(type, "map") && strcmp(type, "hist"))
		return true;
	if (!f->kind)
		return complain(err,
				"line %" PRIu64 ": a map before the line "
				"'" TABLE_MARK "...'; is this the output of a "
				"script of tracing/bpf?",
				f->line);
	return read_map(f, json_node_get_object(data), err);
}

static bool read_line(struct fold *f, JsonParser *parser, const char *line,
		      GError **err)
{
	JsonNode *root;

	if (!json_parser_load_from_data(parser, line, -1, NULL))
		return complain(err,
				"line %" PRIu64 " is not JSON, or the end of "
				"it is missing: '%.60s'",
				f->line, line);
	root = json_parser_get_root(parser);
	if (!root || !JSON_NODE_HOLDS_OBJECT(root))
		return complain(err, "line %" PRIu64 " is no JSON object",
				f->line);
	return read_object(f, json_node_get_object(root), err);
}

static bool read_input(struct fold *f, FILE *in, GError **err)
{
	JsonParser *parser = json_parser_new();
	char *line = NULL;
	size_t room = 0;
	bool good = true;

	while (good && getline(&line, &room, in) >= 0) {
		f->line++;
		if (line[strspn(line, " \n")])
			good = read_line(f, parser, g_strchomp(line), err);
	}
	if (good && ferror(in))
		good = complain(err, "cannot read standard input");
	free(line);
	g_object_unref(parser);
	if (!good)
		return false;
	if (!f->line)
		return complain(err, "the input is empty");
	return f->complete ||
	       complain(err, "the end is missing, map zz_complete: bpftrace "
			     "was killed, or the disk is full");
}

/* ---- the output ---- */

static char **split_key(const struct fold *f, const char *row)
{
	return g_strsplit(row, ",", (gint)f->keys->len);
}

static bool is_number(const char *text)
{
	text += *text == '-';
	return *text && !text[strspn(text, "0123456789")];
}

/* By the keys in turn: numbers as such, other text as text */
static gint compare_rows(gconstpointer a, gconstpointer b, gpointer fold)
{
	char **x = split_key(fold, *(char *const *)a);
	char **y = split_key(fold, *(char *const *)b);
	gint order = 0;

	for (guint i = 0; !order && x[i] && y[i]; i++) {
		if (is_number(x[i]) && is_number(y[i])) {
			gint64 p = g_ascii_strtoll(x[i], NULL, 10);
			gint64 q = g_ascii_strtoll(y[i], NULL, 10);

			order = (p > q) - (p < q);
		} else {
			order = strcmp(x[i], y[i]);
		}
	}
	g_strfreev(x);
	g_strfreev(y);
	return order;
}

static const char *behind_last(const char *text, const char *mark)
{
	const char *found = g_strrstr(text, mark);

	return found ? found + strlen(mark) : text;
}

static void print_key(GString *s, const struct key *key, const char *text)
{
	switch (key->format) {
	case KEY_HEX:
		g_string_append_printf(s, "0x%" G_GINT64_MODIFIER "x\t",
				       g_ascii_strtoull(text, NULL, 10));
		break;
	case KEY_PATH:
		while (g_str_has_prefix(text, "../"))
			text += strlen("../");
		if (g_str_has_prefix(text, "src/"))
			text += strlen("src/");
		g_string_append_printf(s, "%s\t", text);
		break;
	case KEY_PROBE:
		g_string_append_printf(s, "%s\t",
				       behind_last(behind_last(text, ":"),
						   "my_rng_"));
		break;
	default:
		g_string_append_printf(s, "%s\t", *text ? text : "-");
		break;
	}
}

static bool print_keys(GString *s, const struct fold *f, const char *row,
		       GError **err)
{
	char **part = split_key(f, row);
	bool good = g_strv_length(part) == f->keys->len;

	for (guint i = 0; good && i < f->keys->len; i++)
		print_key(s, &g_array_index(f->keys, struct key, i), part[i]);
	if (!good)
		complain(err, "a key is '%s', which is not of %u parts", row,
			 f->keys->len);
	g_strfreev(part);
	return good;
}

static void *look_up(const struct fold *f, const char *map, const char *row)
{
	GHashTable *found = g_hash_table_lookup(f->maps, map);

	return found ? g_hash_table_lookup(found, row) : NULL;
}

/* The end of the bucket of the value that is the nearest-rank percentile */
static uint64_t percentile(const GArray *buckets, uint64_t n, uint64_t percent)
{
	uint64_t rank = (n * percent + 99) / 100, seen = 0;
	const struct bucket *b = NULL;

	for (guint i = 0; i < buckets->len && seen < rank; i++) {
		b = &g_array_index(buckets, struct bucket, i);
		seen += b->count;
	}
	return b ? b->high : 0;
}

static bool print_histogram(GString *s, const struct fold *f, const char *name,
			    const char *row, GError **err)
{
	static const uint64_t percents[] = { 50, 99, 100 };
	const GArray *buckets = look_up(f, name, row);
	char *sum_name = g_strdup_printf("%s_sum", name), *mean;
	const uint64_t *sum = look_up(f, sum_name, row);
	uint64_t n = 0;

	g_free(sum_name);
	if (!buckets) {
		g_string_append(s, "\t0\t-\t-\t-\t-");
		return true;
	}
	for (guint i = 0; i < buckets->len; i++)
		n += g_array_index(buckets, struct bucket, i).count;
	if (!n || !sum)
		return complain(err, "'%s' has no sum of %s", row, name);
	mean = fmt_data((double)*sum / (double)n);
	g_string_append_printf(s, "\t%" PRIu64 "\t%s", n, mean);
	g_free(mean);
	for (size_t i = 0; i < G_N_ELEMENTS(percents); i++)
		g_string_append_printf(s, "\t%" PRIu64,
				       percentile(buckets, n, percents[i]));
	return true;
}

static void print_names(GString *s, const struct fold *f, const char *suffix)
{
	g_string_append_printf(s, "# exitcost %s%s %s\n", f->kind, suffix,
			       f->version);
	for (guint i = 0; i < f->keys->len; i++)
		g_string_append_printf(
			s, "%s%s", i ? "\t" : "",
			g_array_index(f->keys, struct key, i).name);
}

static void print_header(GString *s, const struct fold *f)
{
	print_names(s, f, "");
	for (guint i = 0; i < f->columns->len; i++) {
		const char *c = f->columns->pdata[i];

		if (is_histogram(c))
			g_string_append_printf(s,
					       "\t%s_n\t%s_avg\t%s_p50_below"
					       "\t%s_p99_below\t%s_max_below",
					       c, c, c, c, c);
		else
			g_string_append_printf(s, "\t%s", c);
	}
	g_string_append_c(s, '\n');
}

static bool print_row(GString *s, const struct fold *f, const char *row,
		      GError **err)
{
	bool good = print_keys(s, f, row, err);

	g_string_truncate(s, s->len - 1);
	for (guint i = 0; good && i < f->columns->len; i++) {
		const char *name = f->columns->pdata[i];

		if (is_histogram(name)) {
			good = print_histogram(s, f, name, row, err);
		} else {
			const uint64_t *n = look_up(f, name, row);

			g_string_append_printf(s, "\t%" PRIu64, n ? *n : 0);
		}
	}
	g_string_append_c(s, '\n');
	return good;
}

static bool print_table(GString *s, const struct fold *f, GPtrArray *rows,
			GError **err)
{
	print_header(s, f);
	for (guint i = 0; i < rows->len; i++)
		if (!print_row(s, f, rows->pdata[i], err))
			return false;
	g_string_append_printf(s, "# end %u\n", rows->len);
	return true;
}

/* One row for each bucket that holds something */
static bool print_buckets(GString *s, const struct fold *f, GPtrArray *rows,
			  GError **err)
{
	guint lines = 0;

	print_names(s, f, "-hist");
	g_string_append(s, "\tof\tfrom\tbelow\tcount\n");
	for (guint i = 0; i < rows->len; i++) {
		for (guint j = 0; j < f->columns->len; j++) {
			const char *name = f->columns->pdata[j];
			const GArray *buckets =
				is_histogram(name)
					? look_up(f, name, rows->pdata[i])
					: NULL;

			for (guint k = 0; buckets && k < buckets->len; k++) {
				const struct bucket *b = &g_array_index(
					buckets, struct bucket, k);

				if (!print_keys(s, f, rows->pdata[i], err))
					return false;
				g_string_append_printf(s,
						       "%s\t%" PRIu64
						       "\t%" PRIu64 "\t%" PRIu64
						       "\n",
						       name, b->low, b->high,
						       b->count);
				lines++;
			}
		}
	}
	g_string_append_printf(s, "# end %u\n", lines);
	return true;
}

static bool print(const struct fold *f, bool histograms, GError **err)
{
	GString *s = g_string_new(NULL);
	GPtrArray *rows = g_ptr_array_new();
	GHashTableIter iter;
	gpointer row;
	bool good;

	g_hash_table_iter_init(&iter, f->rows);
	while (g_hash_table_iter_next(&iter, &row, NULL))
		g_ptr_array_add(rows, row);
	g_ptr_array_sort_with_data(rows, compare_rows, (gpointer)f);
	good = histograms ? print_buckets(s, f, rows, err)
			  : print_table(s, f, rows, err);
	good = good && out_save("-", s, err);
	g_ptr_array_free(rows, TRUE);
	g_string_free(s, TRUE);
	return good;
}

/* ---- main ---- */

static bool parse_options(gboolean *histograms, int *argc, char ***argv,
			  GError **err)
{
	const GOptionEntry entries[] = {
		{ "hist", 0, 0, G_OPTION_ARG_NONE, histograms,
		  "write the histograms instead, a row for each bucket", NULL },
		{ NULL },
	};
	GOptionContext *context = g_option_context_new("< OUTPUT > TABLE");
	bool good;

	g_option_context_set_summary(context, help);
	g_option_context_add_main_entries(context, entries, NULL);
	good = g_option_context_parse(context, argc, argv, err);
	g_option_context_free(context);
	if (good && *argc > 1)
		return complain(err, "unexpected '%s'; see --help", (*argv)[1]);
	return good;
}

static void free_key(gpointer key)
{
	g_free(((struct key *)key)->name);
}

static void free_map(gpointer map)
{
	g_hash_table_destroy(map);
}

int main(int argc, char **argv)
{
	struct fold f = {
		.keys = g_array_new(FALSE, FALSE, sizeof(struct key)),
		.columns = g_ptr_array_new_with_free_func(g_free),
		.maps = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
					      free_map),
		.rows = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
					      NULL),
	};
	gboolean histograms = FALSE;
	GError *err = NULL;
	bool good;

	g_array_set_clear_func(f.keys, free_key);
	good = parse_options(&histograms, &argc, &argv, &err) &&
	       read_input(&f, stdin, &err) && print(&f, histograms, &err);
	g_array_free(f.keys, TRUE);
	g_ptr_array_free(f.columns, TRUE);
	g_hash_table_destroy(f.maps);
	g_hash_table_destroy(f.rows);
	g_free(f.kind);
	g_free(f.version);
	return cli_end("bpffold", good, err);
}
