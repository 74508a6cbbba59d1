// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests of the invariants program: it tells each kind of untruth, and no other. */
#include "files.h"
#include "tap.h"
#include "verdicts.h"

/* A report that was published and held all kinds of them */
#define BEFORE GOLDEN "report-before.md"

/* What the program writes on a report, with a run's folder or NULL. */
static char *told(const char *report, const char *dir, bool *good)
{
	const char *argv[] = { TOOLS "/invariants", report, dir, NULL };
	char *out = NULL, *complaint = NULL;
	int status = -1;

	g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL,
		     &out, &complaint, &status, NULL);
	*good = g_spawn_check_wait_status(status, NULL);
	if (!*good && !*out)
		diag("said: %s", complaint);
	g_free(complaint);
	return out;
}

static guint count(const char *text, const char *what)
{
	char **parts = g_strsplit(text, what, -1);
	guint n = g_strv_length(parts) - 1;

	g_strfreev(parts);
	return n;
}

/* Each kind, and how often the report of then has it at least */
static void test_before(void)
{
	static const struct {
		const char *what;
		guint least;
	} kinds[] = {
		{ ": a negative count: ", 3 },
		{ ": not a finite number: ", 5 },
		{ ": a plot is missing: ", 4 },
		{ ": a link or picture is missing: ", 20 },
		{ ": a tie is no verdict: ", 20 },
		{ ": a verdict that its interval does not support: ", 5 },
		{ ": a verdict without an interval: ", 2 },
		{ ", without that word: ", 20 },
		{ ": a random count without its interval: ", 20 },
		{ ": an interval of zero width: ", 1 },
		{ ": a system call in lane tcg has two values, 682 and ", 2 },
		{ ": a register read in lane tcg has two values, 54.3 and ",
		  1 },
		{ ": an MMIO write in lane tcg has two values, 217 and 273: ",
		  1 },
	};
	bool good;
	char *out = told(BEFORE, NULL, &good);

	ok(!good, "analysis/invariants/fails-on-the-report-of-before");
	ok(count(out, "\n") >= 20, "analysis/invariants/tells-at-least-20");
	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
		char *name = g_strdup_printf("analysis/invariants/before-%u",
					     (guint)i);

		if (!ok(count(out, kinds[i].what) >= kinds[i].least, name))
			diag("%u of `%s`", count(out, kinds[i].what),
			     kinds[i].what);
		g_free(name);
	}
	g_free(out);
}

/* --- single lines --- */

/* One test: a report of these lines holds @what; NULL: it is all right. */
static void line_is(const char *text, const char *what, const char *name)
{
	char *dir = scratch_new();
	char *path = scratch_write(dir, "report.md", text);
	bool good;
	char *out = told(path, NULL, &good);

	if (!ok(what ? !good && strstr(out, what) && count(out, "\n") == 1
		     : good && !*out,
		name))
		diag("told: %s", out);
	g_free(out);
	g_free(path);
	scratch_free(dir);
}

#define GOAL   "| what | wanted | measured | |\n| --- | --- | --- | --- |\n"
#define CHANGE "| path | now over before | |\n| --- | ---: | --- |\n"
#define COUNTS "| path | MMIO writes | total |\n| --- | ---: | ---: |\n"
#define UNSURE "verdict that its interval does not support"

static void test_goals(void)
{
	line_is(GOAL "| x | at least 2 | 2.5 [2.1, 3] | **reached** |\n", NULL,
		"analysis/invariants/reached-by-the-whole-interval");
	line_is(GOAL "| x | at least 2 | 2.5 [1.9, 3] | **reached** |\n",
		UNSURE, "analysis/invariants/reached-by-a-part-of-it");
	line_is(GOAL "| x | at least 2 | 1.5 [1.2, 2.5] | **missed** |\n",
		UNSURE, "analysis/invariants/missed-by-a-part-of-it");
	line_is(GOAL "| x | at least 2 | 2.5 [2.1, 3] | undecided |\n", UNSURE,
		"analysis/invariants/undecided-though-reached");
	line_is(GOAL "| x | at least 2 | 2.5 | **reached** |\n",
		"a verdict without an interval",
		"analysis/invariants/reached-without-an-interval");
	line_is(GOAL "| x | at most 1 | 0 of 9 (below 0.41) | **reached** |\n",
		NULL, "analysis/invariants/none-is-at-most-one");
	line_is(GOAL "| x | at most 1 | 1/9: 0.1 [0.003, 1.2] | **reached** "
		     "|\n",
		UNSURE, "analysis/invariants/perhaps-more-than-one");
	line_is("so many: 0.97 [0.95, 0.98] (wanted: at least 0.97): "
		"**reached**.\n",
		UNSURE, "analysis/invariants/reached-in-a-sentence");
}

static void test_comparisons(void)
{
	line_is(CHANGE "| `32` | 0.9 [0.85, 0.94] | slower |\n", NULL,
		"analysis/invariants/slower-by-the-interval");
	line_is(CHANGE "| `32` | 0.9 [0.8, 1.1] | slower |\n", UNSURE,
		"analysis/invariants/slower-by-nothing");
	line_is(CHANGE "| `32` | 1.3 [0.9, 1.5] | faster |\n", UNSURE,
		"analysis/invariants/faster-by-nothing");
	line_is(CHANGE "| `32` | 1.01 [0.9, 1.1] | equal within 5 % |\n",
		UNSURE, "analysis/invariants/equal-by-nothing");
	line_is(CHANGE "| `32` | 1.01 [0.99, 1.02] | undecided |\n", UNSURE,
		"analysis/invariants/undecided-though-equal");
	line_is(CHANGE "| `32` | 1.2 [1.1, 1.3] | undecided |\n", NULL,
		"analysis/invariants/undecided-by-the-correction");
}

static void test_counts(void)
{
	line_is(COUNTS "| `32` | -1 | -5 |\n", "a negative count",
		"analysis/invariants/a-count-is-not-negative");
	line_is(COUNTS "| `ring` | 0.004 | 1 |\n", "a random count",
		"analysis/invariants/a-random-count-has-an-interval");
	line_is(COUNTS "| `ring` | 0 of 9 (below 0.4) | 1 |\n", NULL,
		"analysis/invariants/none-has-its-bound");
	line_is(COUNTS "| `32` | 1 | 1 |\n", NULL,
		"analysis/invariants/an-exact-count-has-none");
	line_is(COUNTS "| `32` | inf | 1 |\n", "not a finite number",
		"analysis/invariants/a-count-is-finite");
	line_is("12.5 [12.5, 12.5] ns\n", "zero width",
		"analysis/invariants/an-interval-has-a-width");
	line_is("see [it](nowhere.md) and [that](https://example.org/)\n",
		"a link or picture is missing",
		"analysis/invariants/a-link-leads-somewhere");
}

/* --- tables of a run --- */

/* One test: the golden run with these tables. Takes both. */
static void run_is(char *summary, char *verdicts, const char *what,
		   const char *name)
{
	char *dir = scratch_new();
	char *raw = text_of(GOLDEN "handmade-raw.tsv");
	char *path = scratch_write(dir, "report.md",
				   "| lane | request | into a buffer | in "
				   "place |\n| --- | --- | --- | --- |\n"
				   "| `tcg` | 64 KiB | `dma` by read | - |\n");
	bool good;
	char *out;

	g_free(scratch_write(dir, "summary.tsv", summary));
	g_free(scratch_write(dir, "verdicts.tsv", verdicts));
	g_free(scratch_write(dir, "raw.tsv", raw));
	out = told(path, dir, &good);
	if (!ok(what ? !good && strstr(out, what) : good && !*out, name))
		diag("told: %s", out);
	g_free(out);
	g_free(path);
	g_free(raw);
	g_free(summary);
	g_free(verdicts);
	scratch_free(dir);
}

static char *summary(void)
{
	return text_of(GOLDEN "summary.tsv");
}

static char *verdicts(void)
{
	return text_of(GOLDEN "verdicts.tsv");
}

/* @text with one field of its first row replaced; @text is freed. */
static char *with_field(char *text, const char *column, const char *value)
{
	char **lines = g_strsplit(text, "\n", 4);
	char **names = g_strsplit(lines[1], "\t", -1);
	char **fields = g_strsplit(lines[2], "\t", -1);
	guint at = 0;
	char *with;

	while (strcmp(names[at], column))
		at++;
	g_free(fields[at]);
	fields[at] = g_strdup(value);
	g_free(lines[2]);
	lines[2] = g_strjoinv("\t", fields);
	with = g_strjoinv("\n", lines);
	g_strfreev(fields);
	g_strfreev(names);
	g_strfreev(lines);
	g_free(text);
	return with;
}

static void test_tables(void)
{
	run_is(summary(), verdicts(), NULL, "analysis/invariants/a-good-run");
	run_is(summary(), with_field(verdicts(), "verdict", "faster"), UNSURE,
	       "analysis/invariants/a-verdict-of-the-table");
	run_is(summary(), with_field(verdicts(), "p", "0.0000000001"),
	       "a p below that of one comparison alone",
	       "analysis/invariants/an-uncorrected-p");
	run_is(with_field(summary(), "ns_p999", "600"), verdicts(),
	       "ns_p999 of too few calls",
	       "analysis/invariants/a-percentile-of-too-few-calls");
}

/* The advised path is slower than another one, by the run's verdicts. */
static void test_advice(void)
{
	run_is(summary(),
	       g_strdup(VERDICTS_HEAD
			"tcg\tdma-zc\tread\t65536\t1\tdma\tread\t1\t8\t1.5\t"
			"1.43\t1.57\t0.02\t7\t0.0001\tfaster\tmet\n# end 1\n"),
	       "advice to take a path that is slower",
	       "analysis/invariants/advice-to-take-what-is-slower");
}

int main(void)
{
	test_before();
	test_goals();
	test_comparisons();
	test_counts();
	test_tables();
	test_advice();
	done_testing();
	return exit_status();
}
