// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests of analysis/plots.sh: what it draws, and how it refuses. */
#include "files.h"
#include "tap.h"

static int draw(const char *dir, char **said)
{
	const char *argv[] = { "analysis/plots.sh", dir, NULL };

	g_setenv("REPORT", TOOLS "/report", TRUE);
	return run(argv, said);
}

static bool is_drawn(const char *dir, const char *name, const char *starts)
{
	char *path = g_build_filename(dir, "plots", name, NULL);
	char *content = text_of(path);
	bool drawn = content && g_str_has_prefix(content, starts);

	if (!drawn)
		diag("%s is missing or is no such picture", name);
	g_free(content);
	g_free(path);
	return drawn;
}

static void test_drawing(void)
{
	static const char *const plots[] = {
		"throughput-tcg",     "accesses-tcg",
		"latency-tcg",        "variant-32-tcg",
		"variant-64-tcg",     "variant-fifo-tcg",
		"variant-dma-tcg",    "variant-dma-msi-tcg",
		"variant-window-tcg", "variant-window-uc-tcg",
		"variant-ring-tcg",   "split-tcg",
		"space-tcg",
	};
	char *dir = scratch_new();
	char *summary = text_of(GOLDEN "summary.tsv");
	char *latency = text_of(GOLDEN "latency.tsv");
	char *env = text_of(GOLDEN "handmade-env.json");
	char *split = text_of(GOLDEN "split.tsv");
	char *folder = g_build_filename(dir, "plots", NULL);
	bool svg = true, png = true;
	char *said = NULL;

	g_free(scratch_write(dir, "summary.tsv", summary));
	g_free(scratch_write(dir, "latency.tsv", latency));
	g_free(scratch_write(dir, "env.json", env));
	g_free(scratch_write(dir, "split.tsv", split));
	g_free(split);
	is_int(draw(dir, &said), 0, "analysis/plots/draws");
	is_str(said, "", "analysis/plots/without-a-warning");
	for (gsize i = 0; i < G_N_ELEMENTS(plots); i++) {
		char *name = g_strconcat(plots[i], ".svg", NULL);

		svg = is_drawn(dir, name, "<?xml") && svg;
		g_free(name);
		name = g_strconcat(plots[i], ".png", NULL);
		png = is_drawn(dir, name, "\x89PNG") && png;
		g_free(name);
	}
	ok(svg, "analysis/plots/draws-svg");
	ok(png, "analysis/plots/draws-png");
	is_int(scratch_count(folder), 2 * G_N_ELEMENTS(plots),
	       "analysis/plots/leaves-nothing-else");
	g_free(said);
	g_free(summary);
	g_free(latency);
	g_free(env);
	scratch_free(folder);
	scratch_free(dir);
}

/* A run of the golden figures in a lane. */
static char *run_in_lane(const char *lane)
{
	char *dir = scratch_new();
	char *summary = text_in_lane(GOLDEN "summary.tsv", lane);
	char *latency = text_in_lane(GOLDEN "latency.tsv", lane);

	g_free(scratch_write(dir, "summary.tsv", summary));
	g_free(scratch_write(dir, "latency.tsv", latency));
	g_free(summary);
	g_free(latency);
	return dir;
}

static void test_lanes(void)
{
	char *tcg = run_in_lane("tcg");
	char *nested = run_in_lane("nested");
	char *folder = g_build_filename(tcg, "plots", NULL);
	const char *argv[] = { "analysis/plots.sh", tcg, nested, NULL };
	char *said = NULL;

	if (!is_int(run(argv, &said), 0, "analysis/plots/draws-two-lanes"))
		diag("said: %s", said);
	is_str(said, "", "analysis/plots/two-lanes-without-a-warning");
	ok(is_drawn(tcg, "throughput-tcg.svg", "<?xml") &&
		   is_drawn(tcg, "throughput-nested.svg", "<?xml"),
	   "analysis/plots/draws-each-lane-into-the-first-folder");
	ok(is_drawn(tcg, "throughput-side-by-side.svg", "<?xml") &&
		   is_drawn(tcg, "throughput-side-by-side.png", "\x89PNG"),
	   "analysis/plots/draws-lanes-side-by-side");
	is_int(scratch_count(nested), 2,
	       "analysis/plots/leaves-the-other-folder-alone");
	is_int(scratch_count(folder), 2 * (2 * 12 + 1),
	       "analysis/plots/two-lanes-leave-nothing-else");
	g_free(said);
	scratch_free(folder);
	scratch_free(tcg);
	scratch_free(nested);
}

static void is_refused(const char *summary, const char *complaint,
		       const char *name)
{
	char *dir = scratch_new();
	char *said = NULL;
	int status;

	if (summary)
		g_free(scratch_write(dir, "summary.tsv", summary));
	status = draw(dir, &said);
	if (!ok(status && strstr(said, complaint), name))
		diag("said: %s", said);
	g_free(said);
	scratch_free(dir);
}

int main(void)
{
	char *gnuplot = g_find_program_in_path("gnuplot");

	if (gnuplot) {
		test_drawing();
		test_lanes();
		is_refused(NULL, "summary.tsv is missing",
			   "analysis/plots/names-a-missing-summary");
		is_refused("# exitcost summary 9\n", "summary.tsv:1: expected",
			   "analysis/plots/refuses-another-schema");
		is_refused("# exitcost summary 1\n", "is truncated",
			   "analysis/plots/refuses-a-truncated-summary");
	} else {
		skip("analysis/plots/draws", "gnuplot is not installed");
	}
	g_free(gnuplot);
	done_testing();
	return exit_status();
}
