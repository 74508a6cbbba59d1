// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests of the model program: golden file, several lanes, refusals. */
#include "files.h"
#include "synthetic.h"
#include "tap.h"
#include "verdicts.h"

/* A results folder with this summary.tsv; takes @summary. */
static char *results(char *summary)
{
	char *dir = scratch_new();

	g_free(scratch_write(dir, "summary.tsv", summary));
	if (g_str_has_prefix(summary, "# exitcost summary 1\n")) {
		char *verdicts = verdicts_of(summary);

		g_free(scratch_write(dir, "verdicts.tsv", verdicts));
		g_free(verdicts);
	}
	g_free(summary);
	return dir;
}

static int model(const char *dir, const char *other, const char *out,
		 char **said)
{
	const char *argv[] = { TOOLS "/model", "-o", out, dir, other, NULL };

	return run(argv, said);
}

static void test_golden(void)
{
	char *tcg = results(synthetic_summary(&synthetic_tcg, NULL));
	char *nested = results(synthetic_summary(&synthetic_nested, NULL));
	char *out = g_build_filename(tcg, "model.tsv", NULL);
	char *said = NULL;
	char *text;

	is_int(model(tcg, nested, out, &said), 0,
	       "analysis/model/reads-two-lanes");
	is_str(said, "", "analysis/model/says-nothing-when-all-is-well");
	is_golden(out, GOLDEN "model.tsv", "analysis/model/golden");
	text = text_of(out);
	ok(text && strstr(text, "\ntcg\tprice\tmmio_read32_access\t-\t-\t40") &&
		   strstr(text, "\nnested\tprice\tmmio_read32_exit\t-\t-\t60"),
	   "analysis/model/keeps-lanes-apart");
	ok(text && strstr(text, "\tcopied_kib\t-\t-\t-\t-\t-\t-\t-\t-\t-\t"
				"within\tnot told apart from: "),
	   "analysis/model/says-what-is-not-identifiable");
	ok(text && strstr(text, "\tport_kib\t-\t-\t-\t-\t-\t-\t-\t-\t-\t"
				"absent\t-\n"),
	   "analysis/model/says-what-was-not-used");
	g_free(text);
	g_free(said);
	g_free(out);
	scratch_free(tcg);
	scratch_free(nested);
}

/* One test: refused with this complaint, and nothing written. */
static void is_refused(const char *dir, const char *other,
		       const char *complaint, const char *name)
{
	char *out = g_build_filename(dir, "model.tsv", NULL);
	char *said = NULL;
	int status = model(dir, other, out, &said);

	if (!ok(status && strstr(said, complaint) &&
			!g_file_test(out, G_FILE_TEST_EXISTS),
		name))
		diag("said: %s", said);
	g_free(said);
	g_free(out);
}

static void test_refused(void)
{
	static const char *const none[] = { NULL };
	char *good = results(synthetic_summary(&synthetic_tcg, NULL));
	char *cut = results(replaced(synthetic_summary(&synthetic_tcg, NULL),
				     "\n# end", "\ntcg"));
	char *odd = results(replaced(synthetic_summary(&synthetic_tcg, NULL),
				     "summary 1", "summary 2"));
	char *bare = results(synthetic_summary(&synthetic_tcg, none));
	char *few = results(text_of(GOLDEN "one-cell-summary.tsv"));
	char *said = NULL;

	is_refused(cut, NULL, "expected `# end <rows>`",
		   "analysis/model/refuses-a-truncated-summary");
	is_refused(odd, NULL, "summary.tsv:1: expected",
		   "analysis/model/refuses-another-schema");
	is_refused("/nonexistent", NULL, "/nonexistent/summary.tsv",
		   "analysis/model/names-a-missing-summary");
	is_refused(good, good, "lane tcg is in a folder named before",
		   "analysis/model/refuses-a-lane-twice");
	is_refused(bare, NULL, "expected rows of a data path",
		   "analysis/model/refuses-a-run-without-a-device");
	is_refused(few, NULL, "do not suffice to find",
		   "analysis/model/refuses-too-few-cells");
	ok(model(good, NULL, "/dev/full", &said) &&
		   strstr(said, "/dev/full: cannot be written"),
	   "analysis/model/reports-a-full-disk");
	g_free(said);
	scratch_free(good);
	scratch_free(cut);
	scratch_free(odd);
	scratch_free(bare);
	scratch_free(few);
}

int main(void)
{
	test_golden();
	test_refused();
	done_testing();
	return exit_status();
}
