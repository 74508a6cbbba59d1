// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests of the report program: golden file, gaps in the data, refusals. */
#include "files.h"
#include "synthetic.h"
#include "tap.h"

#define SUMMARY   GOLDEN "summary.tsv"
#define NO_NUMBER "\\b(nan|inf)\\b"
#define ENV       GOLDEN "handmade-env.json"

static int report(const char *dir, const char *out, char **said)
{
	const char *argv[] = { TOOLS "/report", dir, "-o", out, NULL };

	return run(argv, said);
}

/* A results folder with these files, either NULL to leave it out. */
static char *results(char *summary, char *env)
{
	char *dir = scratch_new();

	if (summary)
		g_free(scratch_write(dir, "summary.tsv", summary));
	if (env)
		g_free(scratch_write(dir, "env.json", env));
	g_free(summary);
	g_free(env);
	return dir;
}

static void test_golden(void)
{
	char *dir = results(text_of(SUMMARY), text_of(ENV));
	char *out = g_build_filename(dir, "report.md", NULL);
	char *said = NULL;

	is_int(report(dir, out, &said), 0, "analysis/report/reads-good-input");
	is_str(said, "", "analysis/report/says-nothing-when-all-is-well");
	is_golden(out, GOLDEN "report.md", "analysis/report/golden");
	g_free(said);
	g_free(out);
	scratch_free(dir);
}

/* What the report has to say of the handmade figures, worked out by hand. */
static void test_sentences(void)
{
	static const char *const wanted[] = {
		"never the cost of an exit",
		"| `64` against `32` | at least 2.0 | 2.50 [2.40, 2.60] "
		"| **reached** |",
		"| `dma` against `null` | at least 1.5 | 1.60 [1.57, 1.67] "
		"| **reached** |",
		"| `dma` against `virtio-rng` | at least 500.0 | not measured "
		"| not measured |",
		"- 64 B: `64` is the fastest.\n- 4 KiB to 64 KiB: `dma` is the "
		"fastest.\n",
		"`dma` overtakes `64` at about",
		"- `virtio-rng` and `32`: not measured together.\n",
		"| an empty system call | 400 [399, 401] | `getppid` |",
		"| one more register read, and handing out its 4 bytes by "
		"ioctl | 110 [90.0, 130] |",
		"(16384 accesses a call by `32`, 8192 by `64`)",
		"| `virtio-rng` | stock virtio-rng by /dev/hwrng "
		"| not measured | not measured |",
		"| host.cpu | a CPU \\| with a bar |",
		"| guest.devices.0.generator | glibc |",
		"| `window` | 64 KiB | 2000 [1961, 2041] | 4000 [",
		"| `window` | 4 KiB | not measured | 4000 [",
		"over `window-uc` (uncached) by requests of 64 KiB: 2.00 [",
		"Reading the clock twice takes 85 ns",
		"Fewer than 5: the intervals are too narrow",
	};
	char *text = text_of(GOLDEN "report.md");

	for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++) {
		char *name =
			g_strdup_printf("analysis/report/says-%u", (guint)i);

		if (!ok(text && strstr(text, wanted[i]), name))
			diag("missing: %s", wanted[i]);
		g_free(name);
	}
	ok(text && !g_regex_match_simple(NO_NUMBER, text, 0, 0),
	   "analysis/report/never-prints-nan");
	g_free(text);
}

/* --- several lanes --- */

struct lanes {
	char *tcg;
	char *nested;
	char *before;
};

/* Both lanes with the models of the golden file; nested has KVM's counts. */
static struct lanes lanes_new(void)
{
	struct lanes l = {
		results(synthetic_summary(&synthetic_tcg, NULL), text_of(ENV)),
		results(synthetic_summary(&synthetic_nested, NULL),
			text_of(ENV)),
		/* In which one path was faster */
		results(replaced(text_of(SUMMARY), "\t3200\t3150\t3250\t",
				 "\t4200\t4150\t4250\t"),
			text_of(ENV)),
	};
	char *model = text_of(GOLDEN "model.tsv");
	char *kvm = text_of(GOLDEN "handmade-kvm.tsv");
	char *split = text_of(GOLDEN "split.tsv");
	char *scale = text_of(GOLDEN "handmade-scale.tsv");
	/* Two devices at once do twice as much without the big lock */
	char *lockless =
		replaced(text_of(GOLDEN "handmade-scale.tsv"),
			 "1.5e+06\t1.5e+06\t1.5e+06", "750000\t750000\t750000");

	g_free(scratch_write(l.tcg, "model.tsv", model));
	g_free(scratch_write(l.nested, "model.tsv", model));
	g_free(scratch_write(l.nested, "kvm.tsv", kvm));
	g_free(scratch_write(l.tcg, "split.tsv", split));
	g_free(scratch_write(l.tcg, "scale-2.tsv", scale));
	g_free(scratch_write(l.tcg, "scale-2-lockless.tsv", lockless));
	g_free(lockless);
	g_free(scale);
	g_free(split);
	g_free(model);
	g_free(kvm);
	return l;
}

static void lanes_free(struct lanes *l)
{
	scratch_free(l->tcg);
	scratch_free(l->nested);
	scratch_free(l->before);
}

static int report_lanes(const struct lanes *l, const char *bench,
			const char *out, char **said)
{
	const char *argv[] = { TOOLS "/report",
			       l->tcg,
			       "--with",
			       l->nested,
			       "--exitbench",
			       bench,
			       "--looking",
			       GOLDEN "handmade-looking.tsv",
			       "--before",
			       l->before,
			       "-o",
			       out,
			       NULL };

	return run(argv, said);
}

static void test_lanes(void)
{
	struct lanes l = lanes_new();
	char *out = g_build_filename(l.tcg, "report.md", NULL);
	char *said = NULL;

	is_int(report_lanes(&l, GOLDEN "handmade-exitbench.tsv", out, &said), 0,
	       "analysis/report/takes-two-lanes");
	is_str(said, "", "analysis/report/two-lanes-without-a-warning");
	is_golden(out, GOLDEN "report-lanes.md",
		  "analysis/report/golden-of-two-lanes");
	g_free(said);
	g_free(out);
	lanes_free(&l);
}

/* What a report of two lanes has to say */
static const char *const lanes_wanted[] = {
	"64 KiB are 16384 register accesses by `32` and 1 by `dma`",
	"in lane `tcg` a register read costs 40.0 ns, being a call of "
	"a helper function in the emulator, and a system call 400 ns",
	"in lane `nested` a register read costs 60000 ns, being an "
	"exit",
	"| one 32-bit MMIO read (helper call) | 40.0 [",
	"| one 32-bit MMIO read exit | 60000 [",
	"| one KiB copied to the caller by the CPU | not identifiable "
	"|",
	"| `dma` against `32` | `dma` from 31 B on [30 B, 32 B] | "
	"`dma` from 16 B on [4.0 B, 64 B] | agree |",
	"| `64` against `32` | `64` at every size |",
	"| `32` | 64 KiB | 2 | 81.9 | 1.00 [1.00, 1.00] | 1.00 [1.00, "
	"1.00] | 1.07 [1.07, 1.07] | 1.07 [1.07, 1.07] |",
	"does 1.90 times as much by two threads as by one",
	"no more than 1.25 times as much by `32` (1.07): QEMU's big "
	"lock serves one device at a time, whichever it is. They do "
	"more by `dma` (1.82).",
	"| `tcg` | 64 KiB | `dma` by read | ",
	"**Slower than before: `dma` at 64 KiB.**",
	"There are no exits in this lane: these are accesses.",
	"| `fifo` | 64 KiB | 1 | 65 | 0 | 0 | 65 | 0 | 0 | 0 | 65536 |",
	"| `32` | read | 64 KiB | 4 | 16384 | 0 | 0 | 100 | 3 |",
	"| tcg | mmio_read32 | my_rng | 84.00 | 168.00 | 42.00 |",
	"**Not measured here**",
	"20574 cycles",
	"half of all cells are within 0 % of the model",
	"### Of lane `nested`",
	"For 64 KiB the parts explain at least 80 % of the untraced "
	"time of every path (`dma-zc` the least; wanted: 90 %): "
	"**missed**.",
	"| `tcg` | `32` | 64 KiB | `built-in` | everything off, "
	"against "
	"an emulator without any trace event | 40 | 79 | 78.8 | 0.998 "
	"[0.99, 1.004] |",
	"path `32`: 0.998 [0.99, 1.004] holds 1, and is 1.4 % wide "
	"(wanted: 1, in under 3 %): **reached**.",
	"path `64`: 0.97 [0.96, 0.98] holds not 1, and is 2.0 % wide "
	"(wanted: 1, in under 3 %): **missed**.",
	"- `32`: of 80.0 µs for 4 KiB: crossing 54 %, QEMU dispatch "
	"and lock 26 %.\n",
	"- `dma-msi`: of 23.0 µs for 64 KiB: copy to user 43 %, "
	"generator 17 %, interrupt and wake-up 8.7 %.\n",
	"- `dma-zc`: of 15.0 µs for 64 KiB: pinning of pages 33 %, "
	"generator 27 %, crossing 13 %.\n",
	"| `32` | 4 KiB | 80000 [80000, 80000] | 400 | 3600 | 43496 | "
	"20480 | 5120 | 400 | - | - | 1000 | - | 5504 | 5504 [5504, "
	"5504] | 93 % |",
};

static void test_lanes_sentences(void)
{
	char *text = text_of(GOLDEN "report-lanes.md");

	for (gsize i = 0; i < G_N_ELEMENTS(lanes_wanted); i++) {
		char *name = g_strdup_printf("analysis/report/lanes-say-%u",
					     (guint)i);

		if (!ok(text && strstr(text, lanes_wanted[i]), name))
			diag("missing: %s", lanes_wanted[i]);
		g_free(name);
	}
	ok(text && !g_regex_match_simple(NO_NUMBER, text, 0, 0),
	   "analysis/report/lanes-never-print-nan");
	g_free(text);
}

/* One test: the two lanes are refused with this complaint. */
static void lanes_refused(const struct lanes *l, const char *bench,
			  const char *complaint, const char *name)
{
	char *out = g_build_filename(l->tcg, "report.md", NULL);
	char *said = NULL;
	int status = report_lanes(l, bench, out, &said);

	if (!ok(status && strstr(said, complaint) &&
			!g_file_test(out, G_FILE_TEST_EXISTS),
		name))
		diag("said: %s", said);
	g_free(said);
	g_free(out);
}

static void test_lanes_refused(void)
{
	struct lanes l = lanes_new();
	const struct lanes same = { l.tcg, l.tcg, l.before };
	char *model = replaced(text_of(GOLDEN "model.tsv"), "\n# end", "\ntcg");
	char *kvm = replaced(text_of(GOLDEN "handmade-kvm.tsv"), "hlt", "halt");

	lanes_refused(&same, GOLDEN "handmade-exitbench.tsv",
		      "lane tcg is in another run too",
		      "analysis/report/refuses-a-lane-twice");
	lanes_refused(&l, "/nonexistent", "/nonexistent",
		      "analysis/report/names-a-missing-exitbench");
	g_free(scratch_write(l.nested, "kvm.tsv", kvm));
	lanes_refused(&l, GOLDEN "handmade-exitbench.tsv",
		      "kvm.tsv:2: expected a column `hlt`",
		      "analysis/report/refuses-a-malformed-kvm");
	g_free(scratch_write(l.tcg, "model.tsv", model));
	lanes_refused(&l, GOLDEN "handmade-exitbench.tsv", "model.tsv:",
		      "analysis/report/refuses-a-truncated-model");
	g_free(model);
	g_free(kvm);
	lanes_free(&l);
	l = lanes_new();
	g_free(scratch_write(l.tcg, "split.tsv", "# exitcost split 1\n"));
	lanes_refused(&l, GOLDEN "handmade-exitbench.tsv", "split.tsv",
		      "analysis/report/refuses-a-truncated-split");
	lanes_free(&l);
}

/* One path and nothing else: everything compared with it is not measured. */
static void test_sparse(void)
{
	char *all = text_of(SUMMARY);
	char **lines = g_strsplit(all, "\n", -1);
	GString *one = g_string_new(NULL);
	char *dir, *out, *text;
	char *said = NULL;

	g_string_append_printf(one, "%s\n%s\n", lines[0], lines[1]);
	for (char **l = lines; *l; l++)
		if (g_str_has_prefix(*l, "tcg\tfifo\tread\t64\t"))
			g_string_append_printf(one, "%s\n# end 1\n", *l);
	dir = results(g_string_free(one, FALSE), g_strdup("{}"));
	out = g_build_filename(dir, "report.md", NULL);
	is_int(report(dir, out, &said), 0, "analysis/report/takes-one-cell");
	text = text_of(out);
	ok(text && strstr(text, "- 64 B: `fifo` is the fastest.\n") &&
		   strstr(text, "`32` and `64`: not measured together") &&
		   strstr(text, "not measured in this run") &&
		   !g_regex_match_simple(NO_NUMBER, text, 0, 0),
	   "analysis/report/calls-gaps-not-measured");
	g_free(text);
	g_free(said);
	g_free(out);
	scratch_free(dir);
	g_strfreev(lines);
	g_free(all);
}

/* A row of a host process that gives @mbps, in 1 MiB fills */
static void add_fill(GString *out, const char *variant, int mbps)
{
	g_string_append_printf(out,
			       "tcg\t%s\tmemory\t1048576\t1\t5\t%d\t%d\t%d"
			       "\t1\t1\t1\t1\t1\t0\t-\t-\t-\t-\t-\t-\t-"
			       "\t1\t1\t1\n",
			       variant, mbps, mbps, mbps);
}

static void generators_say(bool with_rand, int glibc, const char *wanted,
			   const char *name)
{
	char *all = text_of(SUMMARY);
	char *end = strstr(all, "\n# end ");
	guint rows = (guint)strtoul(end + 7, NULL, 10);
	GString *more = g_string_new_len(all, end + 1 - all);
	char *dir, *out, *text, *said = NULL;

	add_fill(more, "host-gen-glibc", glibc);
	add_fill(more, "host-gen-pcg64", 3000);
	if (with_rand)
		add_fill(more, "host-rand", 500);
	g_string_append_printf(more, "# end %u\n", rows + 2 + with_rand);
	dir = results(g_string_free(more, FALSE), text_of(ENV));
	out = g_build_filename(dir, "report.md", NULL);
	is_int(report(dir, out, &said), 0, "analysis/report/takes-generators");
	text = text_of(out);
	if (!ok(text && strstr(text, wanted), name))
		diag("missing: %s", wanted);
	ok(text && !strstr(text, "`host-gen-pcg64` | memory | 1 MiB | 3000") &&
		   !g_regex_match_simple(NO_NUMBER, text, 0, 0),
	   "analysis/report/generators-are-no-controls");
	g_free(text);
	g_free(said);
	g_free(out);
	scratch_free(dir);
	g_free(all);
}

static void test_generators(void)
{
	generators_say(true, 4000,
		       "8.00 [8.00, 8.00] (wanted: at least 8): "
		       "**reached**.",
		       "analysis/report/generators-reach-the-ratio");
	generators_say(true, 3999, "**missed**.\n\n",
		       "analysis/report/generators-miss-the-ratio");
	generators_say(true, 4000, "| `pcg64` | 3000 [3000, 3000] | 6.00 ",
		       "analysis/report/generators-have-a-row-each");
	generators_say(false, 4000, "| `rand()` | not measured |",
		       "analysis/report/generators-without-rand");
}

static void test_prefix_and_print(void)
{
	char *dir = results(text_of(SUMMARY), text_of(ENV));
	char *out = g_build_filename(dir, "report.md", NULL);
	const char *argv[] = { TOOLS "/report",  dir,   "-o", out,
			       "--plots-prefix", "x/y", NULL };
	const char *print[] = { TOOLS "/report", "--print", "no.such", dir,
				NULL };
	char *said = NULL;
	char *text;

	is_int(run(argv, &said), 0, "analysis/report/takes-a-plots-prefix");
	text = text_of(out);
	ok(text && strstr(text, "*No plot `throughput-tcg.svg`"),
	   "analysis/report/says-which-plot-is-missing");
	g_free(said);
	ok(run(print, &said) && strstr(said, "no value named `no.such`"),
	   "analysis/report/print-names-an-unknown-key");
	g_free(said);
	g_free(text);
	g_free(out);
	scratch_free(dir);
}

/* One test: refused with this complaint, and no report left. Takes @dir. */
static void is_refused(char *dir, const char *complaint, const char *name)
{
	char *out = g_build_filename(dir, "report.md", NULL);
	char *said = NULL;
	int status = report(dir, out, &said);

	if (!ok(status && strstr(said, complaint) &&
			!g_file_test(out, G_FILE_TEST_EXISTS),
		name))
		diag("said: %s", said);
	g_free(said);
	g_free(out);
	scratch_free(dir);
}

static void test_refused(void)
{
	char *dir = results(text_of(SUMMARY), text_of(ENV));
	char *said = NULL;

	is_refused(results(NULL, text_of(ENV)), "summary.tsv",
		   "analysis/report/names-a-missing-summary");
	is_refused(results(text_of(SUMMARY), NULL), "env.json",
		   "analysis/report/names-a-missing-env");
	is_refused(results(text_of(SUMMARY), g_strdup("{\"a\": ")), "env.json",
		   "analysis/report/refuses-broken-json");
	is_refused(results(text_of(SUMMARY), g_strdup("[]")),
		   "env.json:1: expected a JSON object",
		   "analysis/report/refuses-json-that-is-no-object");
	is_refused(results(replaced(text_of(SUMMARY), "\n# end", "\ntcg"),
			   text_of(ENV)),
		   "expected `# end <rows>`",
		   "analysis/report/refuses-a-truncated-summary");
	ok(report(dir, "/dev/full", &said) &&
		   strstr(said, "/dev/full: cannot be written"),
	   "analysis/report/reports-a-full-disk");
	g_free(said);
	scratch_free(dir);
}

int main(void)
{
	if (!ok(g_file_test(SUMMARY, G_FILE_TEST_EXISTS),
		"analysis/report/has-its-input")) {
		diag("no %s: run this in the top folder", SUMMARY);
		return exit_status();
	}
	test_golden();
	test_sentences();
	test_lanes();
	test_lanes_sentences();
	test_lanes_refused();
	test_sparse();
	test_generators();
	test_prefix_and_print();
	test_refused();
	done_testing();
	return exit_status();
}
