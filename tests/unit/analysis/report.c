// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests of the report program: golden file, gaps in the data, refusals. */
#include "files.h"
#include "synthetic.h"
#include "tap.h"
#include "verdicts.h"

#define SUMMARY   GOLDEN "summary.tsv"
#define NO_NUMBER "\\b(nan|inf)\\b"
#define ENV       GOLDEN "handmade-env.json"

static int report(const char *dir, const char *out, char **said)
{
	const char *argv[] = { TOOLS "/report", dir, "-o", out, NULL };

	return run(argv, said);
}

/* Whether a report and the tables of a run can be true: 0 */
static int invariants(const char *out, const char *dir, char **said)
{
	const char *argv[] = { TOOLS "/invariants", out, dir, NULL };

	return run(argv, said);
}

/* A results folder with these files, either NULL to leave it out. */
static char *results(char *summary, char *env)
{
	char *dir = scratch_new();

	if (summary) {
		char *verdicts = verdicts_of(summary);

		g_free(scratch_write(dir, "summary.tsv", summary));
		g_free(scratch_write(dir, "verdicts.tsv", verdicts));
		g_free(verdicts);
	}
	if (env)
		g_free(scratch_write(dir, "env.json", env));
	g_free(summary);
	g_free(env);
	return dir;
}

static void test_golden(void)
{
	char *dir = results(text_of(SUMMARY), text_of(ENV));
	char *verdicts = text_of(GOLDEN "verdicts.tsv");
	char *out = g_build_filename(dir, "report.md", NULL);
	char *said = NULL;

	g_free(scratch_write(dir, "verdicts.tsv", verdicts));
	g_free(verdicts);
	is_int(report(dir, out, &said), 0, "analysis/report/reads-good-input");
	ok(g_str_has_prefix(said, "report: without the plots space-tcg.svg, "
				  "throughput-tcg.svg, ") &&
		   strchr(said, '\n') == said + strlen(said) - 1,
	   "analysis/report/names-the-missing-plots-once");
	is_golden(out, GOLDEN "report.md", "analysis/report/golden");
	g_free(said);
	is_int(invariants(out, dir, &said), 0,
	       "analysis/report/golden-keeps-the-invariants");
	g_free(said);
	g_free(out);
	scratch_free(dir);
}

/* What the report has to say of the handmade figures, worked out by hand. */
static const char *const sentences[] = {
	"never the cost of an exit",
	"> **Run quality of lane `tcg`: usable.** 3 boots; ",
	"`null` against itself: 1.000 [0.999, 1.00], equal.",
	"a CPU | with a bar, family 6 model 85 stepping 7, microcode "
	"0x5003707, SMT inactive, turbo on, Linux 6.1.0-9; mitigated: "
	"spectre_v2; vulnerable: vmscape; ",
	"| `64` against `32` | at least 2.0 | 2.50 [2.32, 2.70] "
	"| **reached** |",
	"| `dma` against `null` | at least 1.5 | 1.61 [1.59, 1.63] "
	"| **reached** |",
	"| `dma` against `virtio-rng` | at least 500.0 | not measured "
	"| not measured |",
	"| `tcg` | 64 B | `64` by read | 51.0 [48.6, 53.5] | 8 |",
	"| `window` by mmap (no other path was measured) |",
	"| `tcg` | 64 KiB | `dma` by read | ",
	"`dma` overtakes `null` at about 1.7 KiB (between 64 B and 4 "
	"KiB measured)",
	"- `fifo` is faster than `32` at 2 of 3 sizes, equal within 5 "
	"% "
	"at 1.",
	"| one number by ioctl, beyond an ioctl that does nothing | "
	"110 "
	"[60.2, 160] |",
	"| `ring` | 4 KiB | 1 | 9/15000: 0.000600 [0.000274, 0.00114] "
	"| "
	"0 | 9/15000: ",
	"No earlier run of this lane was named, so nothing is compared",
	"(16384 accesses a call by `32`, 8192 by `64`)",
	"| host.cpu | a CPU \\| with a bar |",
	"| guest.devices.0.generator | glibc |",
	"| `window` | 64 KiB | 2000 [1903, 2102] | 4001 [",
	"| `window` | 4 KiB | not measured | 4001 [",
	"over `window-uc` (uncached) by requests of 64 KiB: 2",
	"Reading the clock twice takes 85 ns",
	"the guest is booted anew (3 boots)",
};

static void test_sentences(void)
{
	char *text = text_of(GOLDEN "report.md");

	for (gsize i = 0; i < G_N_ELEMENTS(sentences); i++) {
		char *name =
			g_strdup_printf("analysis/report/says-%u", (guint)i);

		if (!ok(text && strstr(text, sentences[i]), name))
			diag("missing: %s", sentences[i]);
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

/* The environment of another lane, inside another host */
static char *in_lane_nested(char *env)
{
	return replaced(replaced(env, "\"lane\": \"tcg\"",
				 "\"lane\": \"nested\""),
			"\"quick\": false",
			"\"quick\": false, \"host_l1\": {\"cpu\": \"QEMU "
			"Virtual CPU\", \"vulnerabilities\": {\"mds\": "
			"\"Mitigation: Clear buffers\"}}");
}

static void with_verdicts(const char *dir, const char *name,
			  const char *summary)
{
	char *verdicts = verdicts_of(summary);

	g_free(scratch_write(dir, name, verdicts));
	g_free(verdicts);
}

static struct lanes lanes_of_truths(const struct truth *before)
{
	return (struct lanes){
		results(synthetic_summary(&synthetic_tcg, NULL), text_of(ENV)),
		results(synthetic_summary(&synthetic_nested, NULL),
			in_lane_nested(text_of(ENV))),
		results(synthetic_summary(before, NULL), text_of(ENV)),
	};
}

/* Puts a file of the golden ones into a folder, with verdicts or without. */
static void add_golden(const char *dir, const char *name, const char *golden,
		       const char *verdicts)
{
	char *path = g_strconcat(GOLDEN, golden, NULL);
	char *text = text_of(path);

	g_free(scratch_write(dir, name, text));
	if (verdicts)
		with_verdicts(dir, verdicts, text);
	g_free(text);
	g_free(path);
}

/* Both lanes with the models of the golden file; nested has KVM's counts. */
static struct lanes lanes_new(void)
{
	struct truth faster = synthetic_tcg;
	struct lanes l;
	char *lockless;

	faster.dma_kib /= 2; /* before, DMA was faster */
	l = lanes_of_truths(&faster);
	add_golden(l.tcg, "model.tsv", "model.tsv", NULL);
	add_golden(l.nested, "model.tsv", "model.tsv", NULL);
	add_golden(l.nested, "kvm.tsv", "handmade-kvm.tsv", NULL);
	add_golden(l.tcg, "split.tsv", "split.tsv", NULL);
	add_golden(l.tcg, "scale-2.tsv", "handmade-scale.tsv",
		   "scale-2-verdicts.tsv");
	/* Two devices at once do twice as much without the big lock */
	lockless =
		replaced(text_of(GOLDEN "handmade-scale.tsv"),
			 "1.5e+06\t1.5e+06\t1.5e+06", "750000\t750000\t750000");
	g_free(scratch_write(l.tcg, "scale-2-lockless.tsv", lockless));
	with_verdicts(l.tcg, "scale-2-lockless-verdicts.tsv", lockless);
	g_free(lockless);
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
	ok(strchr(said, '\n') == said + strlen(said) - 1,
	   "analysis/report/two-lanes-with-one-warning-of-plots");
	is_golden(out, GOLDEN "report-lanes.md",
		  "analysis/report/golden-of-two-lanes");
	g_free(said);
	is_int(invariants(out, l.tcg, &said), 0,
	       "analysis/report/two-lanes-keep-the-invariants");
	g_free(said);
	g_free(out);
	lanes_free(&l);
}

/* What a report of two lanes has to say */
static const char *const lanes_wanted[] = {
	"64 KiB are 16384 register accesses by `32` and 1 by `dma`",
	"in lane `tcg` a register read costs 40.0 ns by the cost model, being "
	"a call of a helper function in the emulator, and a system call 400 ns",
	"in lane `nested` a register read costs 60000 ns by the cost model, "
	"being an exit",
	"; its KVM ran on QEMU Virtual CPU; mitigated: mds; ",
	"| one 32-bit MMIO read (helper call) | 40.0 [",
	"| one 32-bit MMIO read exit | 60000 [",
	"| one KiB copied to the caller by the CPU | not identifiable "
	"|",
	"| `dma` against `32` | `dma` from 31 B on [30 B, 32 B] | "
	"`dma` from 16 B on [4.0 B, 64 B] | agree |",
	"| `64` against `32` | `64` at every size |",
	"| `32` | 64 KiB | 2 | 81.92 (no interval) | 1.00 [0.995, 1.00] | "
	"1.00 [0.995, 1.00] | 1.07 [1.06, 1.07] | 1.07 [1.06, 1.07] |",
	"does 1.90 [1.90, 1.91] times as much by two threads as by one",
	"- less than 1.25 times as much, so QEMU's big lock serves one device "
	"at a time: `32` 1.07 [1.06, 1.07].\n"
	"- more than that: `dma` 1.82 [1.81, 1.83].\n",
	"so many times that under the big lock: `32` 2.00 [1.99, 2.01], `dma` "
	"1.00 [0.994, 1.01]",
	"| `tcg` | 64 KiB | `dma` by read | ",
	"**Slower than before: `dma` at 4 KiB, `dma` at 64 KiB, `dma` at 1 "
	"MiB, ",
	"| 0.536 [0.526, 0.546] | slower |\n",
	"| 1.00 [0.982, 1.02] | equal within 5 % |\n",
	"These are accesses: there are no exits in this lane.",
	"| `fifo` | 64 KiB | 1 | 65 | 0 | 0 | 65 | 0 | 0 | registers or memory "
	"| 1008 |",
	"| `32` | read | 64 KiB | 4 | 16384 | 0 | 0 | 100 | 3 |",
	"| tcg | mmio_read32 | my_rng | 84.00 | 168.00 | 42.00 |",
	"**Not measured here**",
	"20574 cycles",
	"half of all cells are within 0 % of the model",
	"### Of lane `nested`",
	"for 64 KiB the parts should explain at least 90 %. Least is known of "
	"`dma-zc`: 80 % [76 %, 85 %]: **missed**.",
	"| `tcg` | `32` | 64 KiB | `built-in` | everything off, "
	"against "
	"an emulator without any trace event | 40 | 79 | 78.8 | 0.998 "
	"[0.99, 1.004] |",
	"path `32`: 0.998 [0.99, 1.004] (wanted: at least 0.97): **reached**.",
	"path `64`: 0.97 [0.96, 0.98] (wanted: at least 0.97): undecided.",
	"- `32`: of 80.0 µs for 4 KiB: crossing 54 %, QEMU dispatch "
	"and lock 26 %.\n",
	"- `dma-msi`: of 23.0 µs for 64 KiB: copy to user 43 %, "
	"generator 17 %, interrupt and wake-up 8.7 %.\n",
	"- `dma-zc`: of 15.0 µs for 64 KiB: pinning of pages 33 %, "
	"generator 27 %, crossing 13 %.\n",
	"| `32` | 4 KiB | 80000 [76670, 83330] | 400 | 3600 | 43496 | "
	"20480 | 5120 | 400 | - | - | 1000 | - | 5504 | 5504 [2174, "
	"8834] | 93 % [89 %, 97 %] |",
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
	ok(text &&
		   strstr(text, "| 64 B | `fifo` by read (no other path was "
				"measured) |") &&
		   !strstr(text, "fastest.") &&
		   strstr(text, "No two of the pairs were compared") &&
		   strstr(text, "lane `tcg`: not known") &&
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
	int ns = (int)(1048576000LL / mbps);

	g_string_append_printf(out,
			       "tcg\t%s\tmemory\t1048576\t1\t5\t%d\t%d\t%d"
			       "\t1\t1\t1\t1\t1\t0\t-\t-\t-\t-\t-\t-\t-"
			       "\t%d\t%d\t%d\t5\t5\t0\t10\t-\n",
			       variant, mbps, mbps, mbps, ns, ns, ns);
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
	generators_say(true, 4100,
		       "`rand()` loop, in a host process | at least 8 | 8.20 "
		       "[8.16, 8.24] | **reached** |",
		       "analysis/report/generators-reach-the-ratio");
	generators_say(true, 3900, "| 7.80 [7.76, 7.84] | **missed** |\n",
		       "analysis/report/generators-miss-the-ratio");
	generators_say(true, 4000, "| 8.00 [7.96, 8.04] | undecided |\n",
		       "analysis/report/an-interval-around-it-decides-nothing");
	generators_say(true, 4000, "| `pcg64` | 3000 (no interval) | 6.00 [",
		       "analysis/report/generators-have-a-row-each");
	generators_say(false, 4000, "| `rand()` | not measured |",
		       "analysis/report/generators-without-rand");
}

/* One test: a report of golden figures in this environment says so. */
static void env_says(char *env, const char *wanted, const char *name)
{
	char *dir = results(text_of(SUMMARY), env);
	char *out = g_build_filename(dir, "report.md", NULL);
	char *said = NULL;
	char *text;

	is_int(report(dir, out, &said), 0, "analysis/report/takes-an-env");
	text = text_of(out);
	if (!ok(text && strstr(text, wanted), name))
		diag("missing: %s", wanted);
	g_free(text);
	g_free(said);
	g_free(out);
	scratch_free(dir);
}

static void test_quality(void)
{
	env_says(replaced(text_of(ENV), "\"aa_verdict\": \"equal\"",
			  "\"aa_verdict\": \"faster\""),
		 "device\n\n> **Run quality of lane `tcg`: the harness is "
		 "broken, usable.** ",
		 "analysis/report/a-cell-faster-than-itself-is-told-first");
	env_says(replaced(text_of(ENV), "\"aa_verdict\": \"equal\"",
			  "\"aa_verdict\": \"slower\""),
		 "device\n\n> **Run quality of lane `tcg`: the harness is "
		 "broken, usable.** ",
		 "analysis/report/a-cell-slower-than-itself-is-told-first");
	env_says(replaced(text_of(ENV), "\"verdict\": \"usable\"",
			  "\"verdict\": \"poor\""),
		 "device\n\n> **Run quality of lane `tcg`: poor.** ",
		 "analysis/report/a-poor-run-is-told-first");
	env_says(g_strdup("{}"),
		 "lane `tcg`: not known.** `env.json` does not say it.",
		 "analysis/report/a-run-of-unknown-quality-is-told-first");
}

/* --- whose figures the bare-metal guest's are --- */

#define BENCH_HEAD "# exitcost exitbench 1\nlane\tcase\tdevice\t"
#define BENCH_NS   "cycles_p50\tcycles_p99\tns_p50\tns_p99"

/* One test: of a table of @text the report says that, and is true. */
static void bench_says(const char *text, const char *wanted, const char *name)
{
	char *dir = results(text_of(SUMMARY), text_of(ENV));
	char *out = g_build_filename(dir, "report.md", NULL);
	char *bench = scratch_write(dir, "exitbench-kvm.tsv", text);
	const char *argv[] = {
		TOOLS "/report", dir, "--exitbench", bench, "-o", out, NULL
	};
	char *said = NULL;
	char *report_text;

	is_int(run(argv, &said), 0, "analysis/report/takes-a-table");
	g_free(said);
	report_text = text_of(out);
	if (!ok(report_text && strstr(report_text, wanted) &&
			!invariants(out, dir, &said),
		name))
		diag("missing: %s", wanted);
	g_free(report_text);
	g_free(said);
	g_free(bench);
	g_free(out);
	scratch_free(dir);
}

static void test_bench(void)
{
	bench_says(BENCH_HEAD BENCH_NS
		   "\nkvm\tempty\tcpu\t29172\t1\t1\t1\n"
		   "kvm\tcpuid\tcpu\t1638\t1\t1\t1\n# end 2\n",
		   "| kvm | cpuid | cpu | 1638 | 1 | 1 | 1 | a KVM that "
		   "**emulates every instruction** |",
		   "analysis/report/a-slow-turn-is-an-emulated-kvm");
	bench_says(BENCH_HEAD BENCH_NS
		   "\tkvm\nkvm\tcpuid\tcpu\t1638\t1\t1\t1\temulated\n"
		   "# end 1\n",
		   "| 1638 | 1 | 1 | 1 | a KVM that **emulates every "
		   "instruction** |",
		   "analysis/report/the-table-says-that-it-is-emulated");
	bench_says(BENCH_HEAD BENCH_NS
		   "\tkvm\nkvm\tempty\tcpu\t2\t1\t1\t1\thardware\n# end 1\n",
		   "| 2 | 1 | 1 | 1 | hardware |",
		   "analysis/report/a-kvm-on-hardware-is-called-so");
}

/* @verdicts with another verdict on `64` over `32`, 64 B; it is freed. */
static char *decided(char *verdicts, const char *verdict)
{
	const char *row =
		strstr(verdicts, "\ntcg\t64\tread\t64\t1\t32\tread\t");
	const char *end = strchr(row + 1, '\n');
	const char *word = g_strrstr_len(row, end - row, "\tfaster\t");
	GString *with = g_string_new_len(verdicts, word - verdicts);

	g_string_append_printf(with, "\t%s\tmet%s", verdict, end);
	g_free(verdicts);
	return g_string_free(with, FALSE);
}

/* One test: with this verdict on the two best paths the advice is that. */
static void advice_is(const char *verdict, const char *wanted, const char *name)
{
	char *dir = results(text_of(SUMMARY), text_of(ENV));
	char *out = g_build_filename(dir, "report.md", NULL);
	char *summary = text_of(SUMMARY);
	char *verdicts = decided(verdicts_of(summary), verdict);
	char *said = NULL;
	char *text;

	g_free(scratch_write(dir, "verdicts.tsv", verdicts));
	is_int(report(dir, out, &said), 0, "analysis/report/takes-verdicts");
	text = text_of(out);
	if (!ok(text && strstr(text, wanted), name))
		diag("missing: %s", wanted);
	g_free(text);
	g_free(said);
	g_free(verdicts);
	g_free(summary);
	g_free(out);
	scratch_free(dir);
}

static void test_advice(void)
{
	advice_is("faster", "| 64 B | `64` by read |",
		  "analysis/report/advises-what-is-faster");
	advice_is("equal", "| 64 B | `32` by read |",
		  "analysis/report/advises-the-simplest-of-equals");
	advice_is("undecided",
		  "| 64 B | undecided among `64` by read, `32` by read |",
		  "analysis/report/names-all-that-may-be-the-fastest");
}

/* Five paths at four sizes against `null`: equal, but for one at this ratio. */
static char *against_null(double ratio)
{
	static const char *const paths[] = { "32", "64", "fifo", "fifo-mmio",
					     "dma" };
	static const int sizes[] = { 4, 4096, 65536, 1048576 };
	GString *out = g_string_new(VERDICTS_HEAD);

	for (gsize i = 0; i < 20; i++) {
		char text[G_ASCII_DTOSTR_BUF_SIZE];

		g_ascii_formatd(text, sizeof(text), "%.6f", i == 2 ? ratio : 1);
		g_string_append_printf(
			out,
			"tcg\t%s\tread\t%d\t1\tnull\tread\t1\t8\t%s\t0.5\t2"
			"\t0.05\t7\t1\tundecided\tmissed\n",
			paths[i / 4], sizes[i % 4], text);
	}
	g_string_append(out, "# end 20\n");
	return g_string_free(out, FALSE);
}

/* A run with these verdicts in place of its own. */
static char *with_null_only(double ratio)
{
	char *dir = results(text_of(SUMMARY), text_of(ENV));
	char *verdicts = against_null(ratio);

	g_free(scratch_write(dir, "verdicts.tsv", verdicts));
	g_free(verdicts);
	return dir;
}

/*
 * One of twenty is 1.25 times what it was, t = 3.16: p is 0.007 by itself, and
 * 0.14 among twenty. What was not compared goes by `null`: 1 / 1.25 of `64`.
 */
static void test_many(void)
{
	char *now = with_null_only(1.25);
	char *before = with_null_only(1);
	char *out = g_build_filename(now, "report.md", NULL);
	const char *argv[] = {
		TOOLS "/report", now, "--before", before, "-o", out, NULL
	};
	char *said = NULL;
	char *text;

	is_int(run(argv, &said), 0, "analysis/report/takes-a-run-before");
	text = text_of(out);
	ok(text && strstr(text, "| 1.25 [1.07, 1.45] | undecided |"),
	   "analysis/report/one-of-many-changes-is-corrected-for");
	ok(text && strstr(text, "Nothing is known to have become slower."),
	   "analysis/report/undecided-is-not-slower");
	ok(text && strstr(text, "| `64` against `32` | at least 2.0 | 0.800 ["),
	   "analysis/report/what-was-not-compared-goes-by-null");
	g_free(text);
	g_free(said);
	g_free(out);
	scratch_free(now);
	scratch_free(before);
}

static void test_prefix_and_print(void)
{
	char *dir = results(text_of(SUMMARY), text_of(ENV));
	char *out = g_build_filename(dir, "report.md", NULL);
	const char *argv[] = { TOOLS "/report",  dir,   "-o", out,
			       "--plots-prefix", "x/y", NULL };
	const char *print[] = { TOOLS "/report", "--print", "no.such", dir,
				NULL };
	char *folder = g_build_filename(dir, "plots", NULL);
	char *said = NULL;
	char *text;

	is_int(run(argv, &said), 0, "analysis/report/takes-a-plots-prefix");
	text = text_of(out);
	ok(text && !strstr(text, "No plot") && !strstr(text, "]("),
	   "analysis/report/says-nothing-of-a-missing-plot-in-its-text");
	g_free(text);
	g_free(said);
	g_mkdir(folder, 0700);
	g_free(scratch_write(folder, "throughput-tcg.svg", "<?xml"));
	is_int(run(argv, &said), 0, "analysis/report/takes-a-plot");
	text = text_of(out);
	ok(text && strstr(text, "](x/y/throughput-tcg.svg)") &&
		   !strstr(said, "throughput-tcg"),
	   "analysis/report/embeds-a-plot-by-the-prefix");
	g_free(said);
	ok(run(print, &said) && strstr(said, "no value named `no.such`"),
	   "analysis/report/print-names-an-unknown-key");
	g_free(said);
	g_free(text);
	g_free(out);
	scratch_free(folder);
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
	char *bare = results(text_of(SUMMARY), text_of(ENV));
	char *verdicts;
	char *said = NULL;

	is_refused(results(NULL, text_of(ENV)), "summary.tsv",
		   "analysis/report/names-a-missing-summary");
	is_refused(results(text_of(SUMMARY), NULL), "env.json",
		   "analysis/report/names-a-missing-env");
	verdicts = g_build_filename(bare, "verdicts.tsv", NULL);
	g_unlink(verdicts);
	g_free(verdicts);
	is_refused(bare, "verdicts.tsv",
		   "analysis/report/names-missing-verdicts");
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
	test_quality();
	test_bench();
	test_advice();
	test_many();
	test_prefix_and_print();
	test_refused();
	done_testing();
	return exit_status();
}
