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
	char *verdicts = g_build_filename(dir, "verdicts.tsv", NULL);
	char *quality = g_build_filename(dir, "quality.json", NULL);
	const char *argv[] = {
		TOOLS "/summarize", RAW,     "-o",         out,
		"--latency",        latency, "--verdicts", verdicts,
		"--quality",        quality, NULL
	};
	char *said = NULL;

	is_int(run(argv, &said), 0, "analysis/summarize/reads-good-input");
	is_golden(out, GOLDEN "summary.tsv",
		  "analysis/summarize/golden-summary");
	is_golden(latency, GOLDEN "latency.tsv",
		  "analysis/summarize/golden-latency");
	is_golden(verdicts, GOLDEN "verdicts.tsv",
		  "analysis/summarize/golden-verdicts");
	is_golden(quality, GOLDEN "quality.json",
		  "analysis/summarize/golden-quality");
	is_str(said,
	       "summarize: warning: tcg dma-msi read 64 B x1: slices disagree "
	       "on mmio_writes per call (1 to 1.0625); wrote the pooled ratio "
	       "1.020833\n",
	       "analysis/summarize/warns-of-counts-that-differ");
	g_free(said);
	g_free(out);
	g_free(latency);
	g_free(verdicts);
	g_free(quality);
}

/* Three boots of four rounds; the third one is slow from its start to its end. */
static void write_slow_boot(const char *path)
{
	GString *raw = g_string_new(
		"# exitcost raw 2\n"
		"lane\tvariant\taccess\tbytes\tthreads\tboot\tround\torder\t"
		"kind\tref_before\tref_after\tcalls\tns\tsyscalls\tmmio_reads\t"
		"mmio_writes\tpio_reads\tpio_writes\tdmas\tirqs\tlat_calls\t"
		"lat_max\tlat_hist\n");

	for (int i = 0; i < 12; i++) {
		int slow = i < 8 ? 1 : 2;

		g_string_append_printf(
			raw,
			"tcg\tnull\tread\t64\t1\t%d\t%d\t%d\trate\t%d\t%d\t"
			"10\t%d\t10\t-\t-\t-\t-\t-\t-\t-\t-\t-\n",
			1 + i / 4, 1 + i % 4, 1 + i % 4, 100 * slow, 100 * slow,
			6400 * slow);
	}
	g_string_append(raw, "# end 12\n");
	g_file_set_contents(path, raw->str, -1, NULL);
	g_string_free(raw, TRUE);
}

/* The speed that the host can have is that of all boots: one may not show it. */
static void test_slow_boot(const char *dir)
{
	char *raw = g_build_filename(dir, "slow-raw.tsv", NULL);
	char *out = g_build_filename(dir, "slow.tsv", NULL);
	char *text = NULL;

	write_slow_boot(raw);
	is_int(summarize(raw, out, NULL), 0, "analysis/summarize/slow-boot");
	g_file_get_contents(out, &text, NULL, NULL);
	ok(text && strstr(text, "tcg\tnull\tread\t64\t1\t8\t100\t") &&
		   strstr(text, "\t2\t12\t0.333333\t"),
	   "analysis/summarize/slow-boot-is-rejected-as-a-whole");
	if (text)
		diag("%s", text);
	g_free(text);
	g_free(raw);
	g_free(out);
}

/* Values that can be worked out by hand from handmade-raw.tsv. */
static void test_by_hand(const char *dir)
{
	static const char *const rows[] = {
		/*
		 * Ten calls of 65536 B in 6553600 ns: 100 MB/s in all boots. A
		 * third of its slices is rejected, and so are the latencies of
		 * round 2; 300 calls are left, too few for the 99th percentile.
		 */
		"tcg\t32\tread\t65536\t1\t6\t100\t100\t100\t501\t501\t-\t-\t"
		"2060\t1\t16384\t0\t0\t0\t0\t0\t-\t655360\t655360\t"
		"655360\t3\t9\t0.333333\t150\t-\n",
		/* 399000, 400000, 401000 ns for 1000 calls; no bytes */
		"tcg\tgetppid\tsyscall\t0\t1\t3\t-\t-\t-\t",
		/*
		 * Their geometric mean, and 4.30265 standard errors to each
		 * side: the logarithms' standard deviation is 0.0025, of three.
		 */
		"\t-\t-\t-\t-\t-\t-\t-\t399.999\t397.523\t402.491\t3\t3\t0\t",
		/* 9 doorbells in 15000 calls, of which 12000 were only counted */
		"tcg\tring\tread\t4096\t1\t3\t2048\t2048\t2048\t-\t-\t-\t-\t-"
		"\t1\t0\t0.0006\t0\t0\t0\t0\t-\t2000\t2000\t2000\t3\t3\t0\t"
		"15000\t-\n",
		/* the host's reference loop is five times as fast: no matter */
		"tcg\thost-memcpy\tmemory\t65536\t1\t3\t21148\t",
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

/* Nine of ten readings are of a process of the host, which is faster. */
static void test_machines(const char *dir)
{
	GString *raw = g_string_new(
		"# exitcost raw 2\n"
		"lane\tvariant\taccess\tbytes\tthreads\tboot\tround\torder\t"
		"kind\tref_before\tref_after\tcalls\tns\tsyscalls\tmmio_reads\t"
		"mmio_writes\tpio_reads\tpio_writes\tdmas\tirqs\tlat_calls\t"
		"lat_max\tlat_hist\n"
		"tcg\tnull\tread\t4\t1\t1\t1\t1\trate\t100\t101\t10\t4000\t10\t"
		"-\t-\t-\t-\t-\t-\t-\t-\t-\n");
	char *out = g_build_filename(dir, "machines.tsv", NULL);
	char *said = NULL;
	char *path, *text;

	for (int round = 1; round <= 9; round++)
		g_string_append_printf(
			raw,
			"tcg\thost-memcpy\tmemory\t4\t1\t1\t%d\t1\trate\t20\t"
			"21\t10\t50\t0\t-\t-\t-\t-\t-\t-\t-\t-\t-\n",
			round);
	g_string_append(raw, "# end 10\n");
	path = scratch_write(dir, "machines-raw.tsv", raw->str);
	summarize(path, out, &said);
	text = text_of(out);
	ok(text && strstr(text, "tcg\tnull\tread\t4\t1\t1\t") &&
		   strstr(text, "tcg\thost-memcpy\tmemory\t4\t1\t9\t"),
	   "analysis/summarize/judges-host-and-guest-by-their-own-reference");
	g_free(text);
	g_free(path);
	g_free(said);
	g_free(out);
	g_string_free(raw, TRUE);
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
	ok(text && strstr(text, "tcg\t32\tread\t65536\t1\t12\t100\t") &&
		   strstr(text, "\t655360\t6\t18\t0.333333\t300\t-\n"),
	   "analysis/summarize/boots-of-several-files-are-not-the-same");
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
	{ "analysis/summarize/refuses-other-schema", "raw 2", "raw 1",
	  "raw.tsv:1: expected `# exitcost raw 2`" },
	{ "analysis/summarize/refuses-missing-column", "lat_max", "lat_most",
	  "raw.tsv:2: expected a column `lat_max`" },
	{ "analysis/summarize/refuses-time-of-zero",
	  "\trate\t100.0\t101.5\t1000\t399000\t",
	  "\trate\t100.0\t101.5\t1000\t0\t",
	  ": ns: expected a whole number of at least 1, found `0`" },
	{ "analysis/summarize/refuses-bad-count",
	  "\trate\t100.0\t101.5\t1000\t399000\t1000\t",
	  "\trate\t100.0\t101.5\t1000\t399000\tmany\t",
	  ": syscalls: expected a whole number" },
	{ "analysis/summarize/refuses-bad-kind",
	  "\trate\t100.0\t101.5\t1000\t399000\t",
	  "\tspeed\t100.0\t101.5\t1000\t399000\t",
	  ": kind: expected rate, latency or count, found `speed`" },
	{ "analysis/summarize/refuses-a-rate-without-reference",
	  "\trate\t100.0\t101.5\t1000\t399000\t",
	  "\trate\t100.0\t-\t1000\t399000\t",
	  ": ref_after: expected ns per call above 0, found `-`" },
	{ "analysis/summarize/refuses-a-reference-of-zero",
	  "\trate\t100.0\t101.5\t1000\t399000\t",
	  "\trate\t0\t101.5\t1000\t399000\t",
	  ": ref_before: expected ns per call above 0, found `0`" },
	{ "analysis/summarize/refuses-a-boot-0",
	  "getppid\tsyscall\t0\t1\t3\t1\t18\trate",
	  "getppid\tsyscall\t0\t1\t0\t1\t18\trate",
	  ": boot: expected a whole number of at least 1" },
	{ "analysis/summarize/refuses-a-slice-twice",
	  "32\tread\t65536\t1\t1\t3\t", "32\tread\t65536\t1\t1\t2\t",
	  ": boot 1, round 2, rate of cell tcg 32 read 65536 B x1 stands in "
	  "this file twice" },
	{ "analysis/summarize/refuses-histogram-not-of-this-total",
	  "\tlatency\t100.0\t101.5\t1000\t399000\t1000\t-\t-\t-\t-\t-\t-\t"
	  "100\t",
	  "\tlatency\t100.0\t101.5\t1000\t399000\t1000\t-\t-\t-\t-\t-\t-\t"
	  "101\t",
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
		/*
		 * 65536 register reads in 4 calls; 260 port exits in 4. In this
		 * lane no slice is rejected, disturbed or not.
		 */
		"nested\t32\tread\t65536\t1\t9\t100\t100\t100\t2063\t9000\t-\t"
		"-\t9000\t1\t16384\t0\t0\t0\t0\t0\t16384\t",
		"\t1\t0\t0\t16385\t0\t0\t0\t65\t",
		/* 17 in 16 calls: between what the device's slices say */
		"\t1\t0\t1.020833\t0\t0\t1\t1\t1.0625\t",
		/* not counted: two threads */
		"nested\t32\tread\t65536\t2\t3\t104.997\t102.542\t107.511\t-\t-"
		"\t-\t-\t-"
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

	test_slow_boot(dir);
	test_golden(dir);
	test_by_hand(dir);
	test_machines(dir);
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
