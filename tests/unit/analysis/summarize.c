// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests of the summarize program: golden file, warnings, refusals. */
#include "files.h"
#include "tap.h"

#define RAW GOLDEN "handmade-raw.tsv"
#define KVM GOLDEN "handmade-kvm.tsv"

static int summarize(const char *raw, const char *out, char **complaint)
{
	const char *argv[] = { TOOLS "/summarize", raw, "-o", out, NULL };

	return run(argv, complaint);
}

static void test_golden(const char *dir)
{
	char *out = g_build_filename(dir, "summary.tsv", NULL);
	char *latency = g_build_filename(dir, "latency.tsv", NULL);
	const char *argv[] = { TOOLS "/summarize", RAW,     "-o", out,
			       "--latency",        latency, NULL };
	char *said = NULL;

	is_int(run(argv, &said), 0, "analysis/summarize/reads-good-input");
	is_golden(out, GOLDEN "summary.tsv",
		  "analysis/summarize/golden-summary");
	is_golden(latency, GOLDEN "latency.tsv",
		  "analysis/summarize/golden-latency");
	is_str(said,
	       "summarize: warning: tcg dma-msi read 64 B x1: samples disagree "
	       "on mmio_writes per call (1 to 1.0625); wrote the pooled ratio "
	       "1.020833\n",
	       "analysis/summarize/warns-of-counts-that-differ");
	g_free(said);
	g_free(out);
	g_free(latency);
}

/* Values that can be worked out by hand from handmade-raw.tsv. */
static void test_by_hand(const char *dir)
{
	static const char *const rows[] = {
		/* ten calls of 65536 B in 6553600 ns: 100 MB/s, three times */
		"tcg\t32\tread\t65536\t1\t3\t100\t100\t100\t501\t501\t1031\t"
		"2060\t2060\t1\t16384\t0\t0\t0\t0\t0\t-\t655360\t655360\t"
		"655360\n",
		/* 399000, 400000, 401000 ns for 1000 calls; no bytes */
		"tcg\tgetppid\tsyscall\t0\t1\t3\t-\t-\t-\t",
		"\t-\t-\t-\t-\t-\t-\t-\t400\t399\t401\n",
	};
	char *out = g_build_filename(dir, "by-hand.tsv", NULL);
	char *said = NULL;
	char *text;
	bool all = true;

	summarize(RAW, out, &said);
	text = text_of(out);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		bool there = text && strstr(text, rows[i]);

		if (!there)
			diag("no row %s", rows[i]);
		all = all && there;
	}
	ok(all, "analysis/summarize/agrees-with-figures-by-hand");
	g_free(text);
	g_free(said);
	g_free(out);
}

static void test_merge(const char *dir)
{
	char *out = g_build_filename(dir, "merged.tsv", NULL);
	char *raw = text_of(RAW);
	char *copy = scratch_write(dir, "copy.tsv", raw);
	const char *argv[] = { TOOLS "/summarize", RAW, copy, "-o", out, NULL };
	char *said = NULL;
	char *text;

	if (!is_int(run(argv, &said), 0, "analysis/summarize/merges-files"))
		diag("said: %s", said);
	text = text_of(out);
	ok(text && strstr(text, "tcg\t32\tread\t65536\t1\t6\t100\t"),
	   "analysis/summarize/puts-samples-of-a-cell-together");
	g_free(text);
	g_free(raw);
	g_free(said);
	g_free(copy);
	g_free(out);
}

/* One change each to the good file; what the complaint has to say. */
static const struct refused {
	const char *name;
	const char *from;
	const char *to;
	const char *complaint;
} refused[] = {
	{ "analysis/summarize/refuses-truncated", "\n# end", "\ntcg",
	  "expected `# end <rows>`" },
	{ "analysis/summarize/refuses-other-schema", "raw 1", "raw 2",
	  "raw.tsv:1: expected `# exitcost raw 1`" },
	{ "analysis/summarize/refuses-missing-column", "lat_max", "lat_most",
	  "raw.tsv:2: expected a column `lat_max`" },
	{ "analysis/summarize/refuses-time-of-zero", "\t399000\t", "\t0\t",
	  ": ns: expected a whole number of at least 1, found `0`" },
	{ "analysis/summarize/refuses-bad-count", "\t399000\t1000\t",
	  "\t399000\tmany\t", ": syscalls: expected a whole number" },
	{ "analysis/summarize/refuses-histogram-not-of-this-total",
	  "\t399000\t1000\t-\t-\t-\t-\t-\t-\t100\t",
	  "\t399000\t1000\t-\t-\t-\t-\t-\t-\t101\t",
	  ": lat_hist holds 100 calls, lat_calls says 101" },
	{ "analysis/summarize/refuses-bad-histogram",
	  "\t401000\t1000\t-\t-\t-\t-\t-\t-\t100\t1003\t388:99,",
	  "\t401000\t1000\t-\t-\t-\t-\t-\t-\t100\t1003\t388:99;",
	  ": lat_hist: expected lower_ns:count" },
};

static void test_refused(const char *dir)
{
	char *out = g_build_filename(dir, "refused.tsv", NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(refused); i++) {
		char *text =
			replaced(text_of(RAW), refused[i].from, refused[i].to);
		char *raw = scratch_write(dir, "raw.tsv", text);
		char *said = NULL;
		int status = summarize(raw, out, &said);

		if (!ok(status && strstr(said, "raw.tsv:") &&
				strstr(said, refused[i].complaint) &&
				!g_file_test(out, G_FILE_TEST_EXISTS),
			refused[i].name))
			diag("said: %s", said);
		g_free(text);
		g_free(raw);
		g_free(said);
	}
	g_free(out);
}

static void test_same_sample_twice(const char *dir)
{
	char *out = g_build_filename(dir, "twice.tsv", NULL);
	const char *argv[] = { TOOLS "/summarize", RAW, RAW, "-o", out, NULL };
	char *said = NULL;

	ok(run(argv, &said) && strstr(said, "stands in this file twice") &&
		   !g_file_test(out, G_FILE_TEST_EXISTS),
	   "analysis/summarize/refuses-a-file-named-twice");
	g_free(said);
	g_free(out);
}

/* What KVM counted, of the same cells in lane nested. */
static int summarize_kvm(const char *dir, char *kvm_text, const char *out,
			 char **said)
{
	char *raw_text = text_in_lane(RAW, "nested");
	char *raw = scratch_write(dir, "nested-raw.tsv", raw_text);
	char *kvm = scratch_write(dir, "kvm.tsv", kvm_text);
	const char *argv[] = {
		TOOLS "/summarize", raw, "--kvm", kvm, "-o", out, NULL
	};
	int status = run(argv, said);

	g_free(raw_text);
	g_free(raw);
	g_free(kvm_text);
	g_free(kvm);
	return status;
}

static void test_kvm(const char *dir)
{
	static const char *const rows[] = {
		/* 65536 register reads in 4 calls; 260 port exits in 4 */
		"nested\t32\tread\t65536\t1\t3\t100\t100\t100\t501\t501\t1031\t"
		"2060\t2060\t1\t16384\t0\t0\t0\t0\t0\t16384\t",
		"\t1\t0\t0\t16385\t0\t0\t0\t65\t",
		/* 17 in 16 calls: between what the device's samples say */
		"\t1\t0\t1.020833\t0\t0\t1\t1\t1.0625\t",
		/* not counted: two threads */
		"nested\t32\tread\t65536\t2\t3\t105\t104\t106\t-\t-\t-\t-\t-"
		"\t1\t"
		"16384\t0\t0\t0\t0\t0\t-\t",
	};
	char *out = g_build_filename(dir, "kvm-summary.tsv", NULL);
	char *said = NULL;
	char *text;
	bool all = true;

	if (!is_int(summarize_kvm(dir, text_of(KVM), out, &said), 0,
		    "analysis/summarize/takes-counts-of-kvm"))
		diag("said: %s", said);
	text = text_of(out);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		bool there = text && strstr(text, rows[i]);

		if (!there)
			diag("no row %s", rows[i]);
		all = all && there;
	}
	ok(all, "analysis/summarize/fills-the-exits");
	g_unlink(out);
	g_free(text);
	g_free(said);
	g_free(out);
}

/* One change each to the good kvm.tsv. */
static const struct refused refused_kvm[] = {
	{ "analysis/summarize/refuses-kvm-that-counts-more-reads",
	  "32\tread\t65536\t1\t4\t65536\t65536\t",
	  "32\tread\t65536\t1\t4\t65537\t65537\t",
	  "nested 32 read 65536 B x1: KVM counted 16384.25 mmio_reads per "
	  "call, "
	  "the device 16384" },
	{ "analysis/summarize/refuses-kvm-that-counts-fewer-writes",
	  "dma\tread\t65536\t1\t4\t4\t0\t4\t",
	  "dma\tread\t65536\t1\t4\t3\t0\t3\t",
	  "KVM counted 0.75 mmio_writes per call, the device 1" },
	{ "analysis/summarize/refuses-kvm-that-counts-other-interrupts",
	  "\t17\t0\t17\t0\t0\t16\t", "\t17\t0\t17\t0\t0\t15\t",
	  "irqs per call, the device 1" },
	{ "analysis/summarize/refuses-kvm-that-counts-refills-too-many",
	  "window\tmmap\t4096\t1\t4\t0\t0\t",
	  "window\tmmap\t4096\t1\t4\t3\t3\t",
	  "KVM counted 0.75 mmio_reads per call, the device 0.06" },
	{ "analysis/summarize/refuses-exits-that-do-not-add-up",
	  "fifo\tread\t65536\t1\t4\t260\t", "fifo\tread\t65536\t1\t4\t261\t",
	  "261 exits, but register and port exits are 260 together" },
	{ "analysis/summarize/refuses-kvm-of-no-calls",
	  "64\tread\t4096\t1\t4\t", "64\tread\t4096\t1\t0\t",
	  "calls: expected a whole number of at least 1" },
	{ "analysis/summarize/refuses-truncated-kvm", "\n# end", "\nnested",
	  "expected `# end <rows>`" },
	{ "analysis/summarize/refuses-kvm-of-another-schema", "kvm 1", "kvm 2",
	  "expected `# exitcost kvm 1`" },
};

static void test_refused_kvm(const char *dir)
{
	char *out = g_build_filename(dir, "refused.tsv", NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(refused_kvm); i++) {
		const struct refused *r = &refused_kvm[i];
		char *said = NULL;
		int status =
			summarize_kvm(dir,
				      replaced(text_of(KVM), r->from, r->to),
				      out, &said);

		if (!ok(status && strstr(said, "kvm.tsv:") &&
				strstr(said, r->complaint) &&
				!g_file_test(out, G_FILE_TEST_EXISTS),
			r->name))
			diag("said: %s", said);
		g_free(said);
	}
	g_free(out);
}

static void test_full_disk(void)
{
	char *said = NULL;

	ok(summarize(RAW, "/dev/full", &said) &&
		   strstr(said, "/dev/full: cannot be written"),
	   "analysis/summarize/reports-a-full-disk");
	g_free(said);
}

static void test_usage(void)
{
	const char *argv[] = { TOOLS "/summarize", RAW, NULL };
	char *said = NULL;

	ok(run(argv, &said) && strstr(said, "-o"),
	   "analysis/summarize/asks-for-an-output");
	g_free(said);
}

int main(void)
{
	char *dir = scratch_new();

	test_golden(dir);
	test_by_hand(dir);
	test_merge(dir);
	test_refused(dir);
	test_same_sample_twice(dir);
	test_kvm(dir);
	test_refused_kvm(dir);
	test_full_disk();
	test_usage();
	scratch_free(dir);
	done_testing();
	return exit_status();
}
