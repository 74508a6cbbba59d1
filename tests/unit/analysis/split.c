// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests of the split program: parts worked out by hand, golden file, refusals. */
#include "files.h"
#include "splitparts.h"
#include "tap.h"

#define RAW   GOLDEN "handmade-split-raw.tsv"
#define TIMES GOLDEN "handmade-times.tsv"

/* A results folder with these files, either NULL to leave it out; takes both. */
static char *results(char *raw, char *times)
{
	char *dir = scratch_new();

	if (raw)
		g_free(scratch_write(dir, "split-raw.tsv", raw));
	if (times)
		g_free(scratch_write(dir, "times.tsv", times));
	g_free(raw);
	g_free(times);
	return dir;
}

static int split(const char *dir, const char *out, char **said)
{
	const char *argv[] = { TOOLS "/split", dir, "-o", out, NULL };

	return run(argv, said);
}

static void is_part(const struct split *s, enum split_part part, double want)
{
	char *name = g_strdup_printf("analysis/split/%s-%s", s->variant,
				     split_names[part]);

	if (!ok(s->part[part].mid > want - 1e-6 &&
			s->part[part].mid < want + 1e-6,
		name))
		diag("%f, expected %f", s->part[part].mid, want);
	g_free(name);
}

/*
 * By hand. 32: driver 1000 - 400 + (5000 - 2000); dispatch 1024 x (12 + 8);
 * crossing 70000 - 2000 - 3000 - 20480 - 1024; callback 1024 x 5; the generator
 * 4 x 100. dma: from the address on does not matter in lane tcg; interrupt of
 * dma-msi 14500 - 12500. dma-zc: pin 6000 - 1000.
 */
static const struct expected {
	guint index;
	double part[SPLIT_PARTS];
} expected[] = {
	{ 0, { 400, 3600, 43496, 20480, 5120, 400, 0, 0, 1000, 0, 5504 } },
	{ 1, { 400, 600, 1390, 20, 100, 4000, 60, 0, 10000, 0, 3430 } },
	{ 2, { 400, 600, 1390, 20, 100, 4000, 60, 2000, 10000, 0, 4430 } },
	{ 3, { 400, 600, 1890, 20, 100, 4000, 60, 0, 0, 5000, 2930 } },
};

static void is_sum(const struct split *s)
{
	double sum = 0;

	for (int p = 0; p < SPLIT_PARTS; p++)
		sum += s->part[p].mid;
	ok(sum > s->total.mid - 1e-6 && sum < s->total.mid + 1e-6,
	   "analysis/split/parts-add-up");
}

static void test_parts(void)
{
	GError *err = NULL;
	GPtrArray *splits = split_read_samples(RAW, TIMES, &err);

	if (!ok(splits && splits->len == G_N_ELEMENTS(expected),
		"analysis/split/takes-apart-what-is-complete"))
		return;
	for (guint i = 0; i < splits->len; i++) {
		const struct split *s = splits->pdata[i];

		for (int p = 0; p < SPLIT_PARTS; p++)
			is_part(s, p, expected[i].part[p]);
	}
	is_sum(splits->pdata[0]);
	ok(split_explained(splits->pdata[0]).mid > 0.9311 &&
		   split_explained(splits->pdata[0]).mid < 0.9313,
	   "analysis/split/says-how-much-is-explained");
	g_ptr_array_unref(splits);
}

static void test_golden(void)
{
	char *dir = results(text_of(RAW), text_of(TIMES));
	char *out = g_build_filename(dir, "split.tsv", NULL);
	GError *err = NULL;
	GPtrArray *again;
	char *said = NULL;
	GString *text;
	char *written;

	is_int(split(dir, out, &said), 0, "analysis/split/reads-good-input");
	is_str(said, "", "analysis/split/says-nothing-when-all-is-well");
	is_golden(out, GOLDEN "split.tsv", "analysis/split/golden");
	again = split_read(out, &err);
	text = again ? split_text(again) : g_string_new("");
	written = text_of(out);
	is_str(text->str, written, "analysis/split/reads-what-it-wrote");
	g_free(written);
	g_string_free(text, TRUE);
	if (again)
		g_ptr_array_unref(again);
	g_free(said);
	g_free(out);
	scratch_free(dir);
}

/* One test: refused with this complaint, and nothing written. Takes @dir. */
static void is_refused(char *dir, const char *complaint, const char *name)
{
	char *out = g_build_filename(dir, "split.tsv", NULL);
	char *said = NULL;
	int status = split(dir, out, &said);

	if (!ok(status && strstr(said, complaint) &&
			!g_file_test(out, G_FILE_TEST_EXISTS),
		name))
		diag("said: %s", said);
	g_free(said);
	g_free(out);
	scratch_free(dir);
}

/* @text with every @from replaced by @to; @text is freed. */
static char *every(char *text, const char *from, const char *to)
{
	char **parts = g_strsplit(text, from, -1);
	char *with = g_strjoinv(to, parts);

	g_strfreev(parts);
	g_free(text);
	return with;
}

/*
 * Boot 2's stamps of the generator are 40 ns a call more, its read(2) 400 ns
 * longer: means of both boots. 3 % of 80000 ns over two boots are added to the
 * error, 3 % of the generator's 420 to that one's.
 */
static void test_boots(void)
{
	char *raw = every(text_of(RAW),
			  "\t1\t2\t1\t28\trate\t100.0\t100.0\t10\t800000\t",
			  "\t1\t2\t1\t28\trate\t100.0\t100.0\t10\t804000\t");
	char *times = every(text_of(TIMES), "2\t1\t10\t158400\t10240\t4400\t",
			    "2\t1\t10\t158400\t10240\t4800\t");
	char *dir = results(raw, times);
	char *raw_path = g_build_filename(dir, "split-raw.tsv", NULL);
	char *times_path = g_build_filename(dir, "times.tsv", NULL);
	GPtrArray *splits = split_read_samples(raw_path, times_path, NULL);
	const struct split *s = splits ? splits->pdata[0] : NULL;

	ok(s && s->n == 2 && s->total.mid > 80199.999 &&
		   s->total.mid < 80200.001,
	   "analysis/split/takes-the-mean-of-boots");
	ok(s && s->part[SPLIT_GENERATOR].mid > 419.999 &&
		   s->part[SPLIT_GENERATOR].mid < 420.001,
	   "analysis/split/takes-the-mean-of-stamps");
	ok(s && s->total.hi - s->total.mid > 3300 &&
		   s->total.hi - s->total.mid < 3400 &&
		   s->part[SPLIT_GENERATOR].hi > 420 + 40 &&
		   s->part[SPLIT_GENERATOR].hi < 420 + 50,
	   "analysis/split/two-boots-are-not-trusted");
	if (splits)
		g_ptr_array_unref(splits);
	g_free(raw_path);
	g_free(times_path);
	scratch_free(dir);
}

static void test_refused(void)
{
	static const char head[] = "# exitcost times 2\n";
	char *stranger = every(text_of(TIMES), "\tdma+timed\t", "\tno+timed\t");
	char *uncontrolled = every(text_of(RAW), "\tcopy\t", "\tcopies\t");

	is_refused(results(NULL, text_of(TIMES)), "split-raw.tsv",
		   "analysis/split/names-a-missing-raw-file");
	is_refused(results(text_of(RAW), NULL), "times.tsv",
		   "analysis/split/names-a-missing-times-file");
	is_refused(results(text_of(RAW),
			   replaced(text_of(TIMES), "\n# end", "\ntcg")),
		   "expected `# end <rows>`",
		   "analysis/split/refuses-a-truncated-times-file");
	is_refused(results(text_of(RAW), replaced(text_of(TIMES), head,
						  "# exitcost raw 1\n")),
		   "times.tsv:1: expected",
		   "analysis/split/refuses-another-schema");
	is_refused(results(text_of(RAW), stranger), "not in the raw file",
		   "analysis/split/refuses-files-of-two-runs");
	is_refused(results(uncontrolled, text_of(TIMES)),
		   "expected a path with its modes and controls",
		   "analysis/split/refuses-a-run-without-controls");
}

int main(void)
{
	test_parts();
	test_golden();
	test_boots();
	test_refused();
	done_testing();
	return exit_status();
}
