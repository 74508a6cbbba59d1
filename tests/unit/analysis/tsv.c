// SPDX-License-Identifier: GPL-2.0-or-later
/* Unit tests of analysis/tsv.c: what it reads, and how it refuses the rest. */
#include "tsv.h"

#include <math.h>

#include "files.h"
#include "tap.h"

static const char *const required[] = { "name", "count", NULL };

static struct tsv *read_text(const char *dir, const char *text, GError **err)
{
	char *path = scratch_write(dir, "t.tsv", text);
	struct tsv *t = tsv_read(path, "thing 1", required, "maker", err);

	g_free(path);
	return t;
}

static void test_good(const char *dir)
{
	struct tsv *t = read_text(dir,
				  "# exitcost thing 1\ncount\tname\tmore\n"
				  "7\tx\t-\n0.5\t\t2\n# end 2\n",
				  NULL);
	const struct tsv_row *row;
	uint64_t n = 0;
	double x = 0;

	if (!ok(t && t->rows->len == 2, "analysis/tsv/reads-rows"))
		return;
	row = t->rows->pdata[0];
	is_str(tsv_text(t, row, "name"), "x", "analysis/tsv/columns-by-name");
	ok(tsv_uint(t, row, "count", 0, &n, NULL) && n == 7,
	   "analysis/tsv/reads-numbers");
	ok(tsv_unknown(t, row, "more") && !tsv_unknown(t, row, "name"),
	   "analysis/tsv/tells-unknown");
	ok(tsv_real(t, row, "more", &x, NULL) && isnan(x),
	   "analysis/tsv/unknown-is-nan");
	row = t->rows->pdata[1];
	is_int(row->line, 4, "analysis/tsv/rows-know-their-line");
	ok(tsv_real(t, row, "count", &x, NULL) && x == 0.5,
	   "analysis/tsv/reads-fractions");
	tsv_free(t);
}

/* Files that are refused, and what the complaint has to say. */
static const struct refused {
	const char *name;
	const char *text;
	const char *complaint;
} refused[] = {
	{ "analysis/tsv/refuses-empty", "", "t.tsv:1: expected `# exitcost" },
	{ "analysis/tsv/refuses-wrong-kind",
	  "# exitcost other 1\nname\tcount\n# end 0\n",
	  "t.tsv:1: expected `# exitcost thing 1`, found `# exitcost other" },
	{ "analysis/tsv/refuses-wrong-version",
	  "# exitcost thing 2\nname\tcount\n# end 0\n", "t.tsv:1: expected" },
	{ "analysis/tsv/refuses-no-columns", "# exitcost thing 1\n",
	  "t.tsv:2: expected the line of column names" },
	{ "analysis/tsv/refuses-missing-column",
	  "# exitcost thing 1\nname\tcounts\n# end 0\n",
	  "t.tsv:2: expected a column `count`" },
	{ "analysis/tsv/refuses-column-twice",
	  "# exitcost thing 1\nname\tcount\tname\n# end 0\n",
	  "t.tsv:2: column `name` is named twice" },
	{ "analysis/tsv/refuses-truncated",
	  "# exitcost thing 1\nname\tcount\nx\t1\n",
	  "t.tsv:3: expected `# end <rows>`" },
	{ "analysis/tsv/refuses-truncated-after-columns",
	  "# exitcost thing 1\nname\tcount\n", "t.tsv:2: expected `# end" },
	{ "analysis/tsv/refuses-lost-rows",
	  "# exitcost thing 1\nname\tcount\nx\t1\n# end 12\n",
	  "t.tsv:4: `# end 12`, but there are 1 rows" },
	{ "analysis/tsv/refuses-too-few-fields",
	  "# exitcost thing 1\nname\tcount\nx\t1\ny\n# end 2\n",
	  "t.tsv:4: expected 2 fields as in line 2, found 1" },
	{ "analysis/tsv/refuses-too-many-fields",
	  "# exitcost thing 1\nname\tcount\nx\t1\t2\n# end 1\n",
	  "t.tsv:3: expected 2 fields as in line 2, found 3" },
	{ "analysis/tsv/refuses-blank-line",
	  "# exitcost thing 1\nname\tcount\n\nx\t1\n# end 2\n",
	  "t.tsv:3: expected 2 fields" },
};

static void test_refused(const char *dir)
{
	for (gsize i = 0; i < G_N_ELEMENTS(refused); i++) {
		GError *err = NULL;
		struct tsv *t = read_text(dir, refused[i].text, &err);

		if (!ok(!t && err && strstr(err->message, refused[i].complaint),
			refused[i].name))
			diag("said: %s", err ? err->message : "nothing");
		g_clear_error(&err);
		tsv_free(t);
	}
}

static void test_missing_file(void)
{
	GError *err = NULL;
	struct tsv *t = tsv_read("/nonexistent/t.tsv", "thing 1", required,
				 "maker", &err);

	ok(!t && err && strstr(err->message, "/nonexistent/t.tsv"),
	   "analysis/tsv/names-a-missing-file");
	g_clear_error(&err);
}

static void test_bad_numbers(const char *dir)
{
	static const char *const bad[] = { "",
					   "-",
					   "-1",
					   "+1",
					   " 1",
					   "1 ",
					   "0x10",
					   "1e3",
					   "1.5",
					   "nan",
					   "18446744073709551616" };
	bool all = true;

	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		char *text = g_strdup_printf("# exitcost thing 1\nname\tcount\n"
					     "x\t%s\n# end 1\n",
					     bad[i]);
		struct tsv *t = read_text(dir, text, NULL);
		GError *err = NULL;
		uint64_t n;
		bool good =
			!tsv_uint(t, t->rows->pdata[0], "count", 0, &n, &err) &&
			strstr(err->message, "t.tsv:3: count: expected");

		if (!good)
			diag("took `%s`", bad[i]);
		all = all && good;
		g_clear_error(&err);
		tsv_free(t);
		g_free(text);
	}
	ok(all, "analysis/tsv/refuses-bad-whole-numbers");
}

static void test_limits(const char *dir)
{
	struct tsv *t = read_text(dir,
				  "# exitcost thing 1\nname\tcount\n"
				  "inf\t0\n# end 1\n",
				  NULL);
	const struct tsv_row *row = t->rows->pdata[0];
	uint64_t n;
	double x;

	ok(!tsv_uint(t, row, "count", 1, &n, NULL),
	   "analysis/tsv/refuses-below-minimum");
	ok(!tsv_real(t, row, "name", &x, NULL),
	   "analysis/tsv/refuses-bad-fractions");
	tsv_free(t);
}

int main(void)
{
	char *dir = scratch_new();

	test_good(dir);
	test_refused(dir);
	test_missing_file();
	test_bad_numbers(dir);
	test_limits(dir);
	scratch_free(dir);
	done_testing();
	return exit_status();
}
