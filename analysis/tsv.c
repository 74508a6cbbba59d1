// SPDX-License-Identifier: GPL-2.0-or-later
/* Strict reader of exitcost's versioned tab-separated files. */
#include "tsv.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What is being read: passed down while the file is checked line by line. */
struct reader {
	struct tsv *t;
	const char *made_by;
	char **lines;
	guint n; /* lines, without the empty piece behind the last newline */
};

static G_GNUC_PRINTF(4, 5) bool fail(const struct tsv *t, guint line,
				     GError **err, const char *format, ...)
{
	va_list args;
	char *message;

	va_start(args, format);
	message = g_strdup_vprintf(format, args);
	va_end(args);
	g_set_error(err, TSV_ERROR, 0, "%s:%u: %s", t->path, line, message);
	g_free(message);
	return false;
}

void tsv_complain(const struct tsv *t, const struct tsv_row *row, GError **err,
		  const char *format, ...)
{
	va_list args;
	char *message;

	va_start(args, format);
	message = g_strdup_vprintf(format, args);
	va_end(args);
	fail(t, row->line, err, "%s", message);
	g_free(message);
}

static int find_column(const struct tsv *t, const char *name)
{
	for (int i = 0; t->columns[i]; i++)
		if (!strcmp(t->columns[i], name))
			return i;
	return -1;
}

static bool check_schema(const struct reader *r, const char *schema,
			 GError **err)
{
	char *want = g_strdup_printf("# exitcost %s", schema);
	bool good = r->n > 0 && !strcmp(r->lines[0], want);

	if (!good)
		fail(r->t, 1, err,
		     "expected `%s`, found `%.60s`; give a file made by this "
		     "version's %s",
		     want, r->n ? r->lines[0] : "", r->made_by);
	g_free(want);
	return good;
}

static bool check_columns(const struct reader *r, const char *const *required,
			  GError **err)
{
	struct tsv *t = r->t;

	if (r->n < 2)
		return fail(t, 2, err,
			    "expected the line of column names, found the end "
			    "of the file; run %s again",
			    r->made_by);
	t->columns = g_strsplit(r->lines[1], "\t", -1);
	for (int i = 0; t->columns[i]; i++)
		if (find_column(t, t->columns[i]) != i)
			return fail(t, 2, err,
				    "column `%s` is named twice; run %s again",
				    t->columns[i], r->made_by);
	for (; *required; required++)
		if (find_column(t, *required) < 0)
			return fail(t, 2, err,
				    "expected a column `%s`, found none of "
				    "that name; give a file made by this "
				    "version's %s",
				    *required, r->made_by);
	return true;
}

static bool check_end(const struct reader *r, GError **err)
{
	const char *last = r->lines[r->n - 1];
	char *want = g_strdup_printf("# end %u", r->n - 3);
	bool good = r->n >= 3 && !strcmp(last, want);

	if (!good && g_str_has_prefix(last, "# end "))
		fail(r->t, r->n, err,
		     "`%.40s`, but there are %u rows above it; the file was "
		     "damaged or edited: run %s again",
		     last, r->n - 3, r->made_by);
	else if (!good)
		fail(r->t, r->n, err,
		     "expected `# end <rows>` as the last line; the file is "
		     "truncated: run %s again and let it finish",
		     r->made_by);
	g_free(want);
	return good;
}

static bool split_rows(const struct reader *r, GError **err)
{
	guint columns = g_strv_length(r->t->columns);

	for (guint i = 2; i + 1 < r->n; i++) {
		struct tsv_row *row = g_new(struct tsv_row, 1);
		guint fields;

		row->line = i + 1;
		row->field = g_strsplit(r->lines[i], "\t", -1);
		g_ptr_array_add(r->t->rows, row);
		fields = g_strv_length(row->field);
		if (fields != columns)
			return fail(r->t, row->line, err,
				    "expected %u fields as in line 2, found "
				    "%u; run %s again",
				    columns, fields, r->made_by);
	}
	return true;
}

static void free_row(gpointer data)
{
	struct tsv_row *row = data;

	g_strfreev(row->field);
	g_free(row);
}

static struct tsv *new_tsv(const char *path)
{
	struct tsv *t = g_new0(struct tsv, 1);

	t->path = g_strdup(path);
	t->rows = g_ptr_array_new_with_free_func(free_row);
	return t;
}

static bool parse(struct tsv *t, char *text, const char *schema,
		  const char *const *required, const char *made_by,
		  GError **err)
{
	struct reader r = { .t = t, .made_by = made_by };
	bool good;

	r.lines = g_strsplit(text, "\n", -1);
	r.n = g_strv_length(r.lines);
	if (r.n > 0 && !*r.lines[r.n - 1])
		r.n--;
	good = check_schema(&r, schema, err) &&
	       check_columns(&r, required, err) && check_end(&r, err) &&
	       split_rows(&r, err);
	g_strfreev(r.lines);
	return good;
}

struct tsv *tsv_read(const char *path, const char *schema,
		     const char *const *required, const char *made_by,
		     GError **err)
{
	GError *why = NULL;
	struct tsv *t;
	gsize length;
	char *text;
	bool good;

	if (!g_file_get_contents(path, &text, &length, &why)) {
		g_set_error(err, why->domain, why->code,
			    "%s; name a file made by %s", why->message,
			    made_by);
		g_error_free(why);
		return NULL;
	}
	t = new_tsv(path);
	if (strlen(text) != length)
		good = fail(t, 1, err,
			    "a NUL byte: this is not a text file; give a file "
			    "made by %s",
			    made_by);
	else
		good = parse(t, text, schema, required, made_by, err);
	g_free(text);
	if (good)
		return t;
	tsv_free(t);
	return NULL;
}

void tsv_free(struct tsv *t)
{
	if (!t)
		return;
	g_ptr_array_unref(t->rows);
	g_strfreev(t->columns);
	g_free(t->path);
	g_free(t);
}

bool tsv_has(const struct tsv *t, const char *column)
{
	return find_column(t, column) >= 0;
}

const char *tsv_text(const struct tsv *t, const struct tsv_row *row,
		     const char *column)
{
	int i = find_column(t, column);

	g_assert(i >= 0); /* tsv_read() was not told to require it */
	return row->field[i];
}

bool tsv_unknown(const struct tsv *t, const struct tsv_row *row,
		 const char *column)
{
	return !strcmp(tsv_text(t, row, column), "-");
}

bool tsv_uint(const struct tsv *t, const struct tsv_row *row,
	      const char *column, uint64_t min, uint64_t *value, GError **err)
{
	const char *text = tsv_text(t, row, column);
	guint64 number;

	if (g_ascii_string_to_unsigned(text, 10, min, UINT64_MAX, &number,
				       NULL)) {
		*value = number;
		return true;
	}
	return fail(t, row->line, err,
		    "%s: expected a whole number of at least %" PRIu64
		    ", found `%.40s`; the file was damaged or edited",
		    column, min, text);
}

bool tsv_real(const struct tsv *t, const struct tsv_row *row,
	      const char *column, double *value, GError **err)
{
	const char *text = tsv_text(t, row, column);
	char *end;

	if (!strcmp(text, "-")) {
		*value = NAN;
		return true;
	}
	*value = g_ascii_strtod(text, &end);
	if (g_ascii_isdigit(*text) && !*end && isfinite(*value))
		return true;
	return fail(t, row->line, err,
		    "%s: expected a number or `-`, found `%.40s`; the file "
		    "was damaged or edited",
		    column, text);
}
