// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests of the predict program: figures by hand, where prices come from. */
#include "files.h"
#include "synthetic.h"
#include "tap.h"

#define BENCH GOLDEN "handmade-exitbench.tsv"

/*
 * What the tests need: runs of both lanes, and the prices of a host where all
 * is round: a system call 1000 ns, an exit 2000, a copied KiB 100.
 */
struct inputs {
	char *dir; /* for what the tests write */
	char *tcg;
	char *nested;
	char *prices;
};

static const char round_prices[] =
	"# exitcost model 1\n"
	"lane\trecord\tname\taccess\tbytes\tvalue\tvalue_lo\tvalue_hi\t"
	"measured\tmeasured_lo\tmeasured_hi\tratio\tstatus\tnote\n"
	"kvm\tprice\tsyscall\t-\t-\t1000\t900\t1100\t-\t-\t-\t-\tknown\t-\n"
	"kvm\tprice\tread_call\t-\t-\t0\t0\t0\t-\t-\t-\t-\tknown\t-\n"
	"kvm\tprice\tcall\t-\t-\t0\t0\t0\t-\t-\t-\t-\tknown\t-\n"
	"kvm\tprice\tmmio_read32_exit\t-\t-\t2000\t2000\t2000\t-\t-\t-\t-\t"
	"known\t-\n"
	"kvm\tprice\tport_exit\t-\t-\t2500\t2500\t2500\t-\t-\t-\t-\tknown\t-\n"
	"kvm\tprice\tport_kib\t-\t-\t500\t500\t500\t-\t-\t-\t-\tknown\t-\n"
	"kvm\tprice\tcopied_kib\t-\t-\t100\t100\t100\t-\t-\t-\t-\tknown\t-\n"
	"kvm\tprice\tdma_request\t-\t-\t3000\t3000\t3000\t-\t-\t-\t-\tknown\t-"
	"\n"
	"kvm\tprice\tmmio_write_exit\t-\t-\t-\t-\t-\t-\t-\t-\t-\twithin\t"
	"not told apart from: dma_request\n"
	"kvm\tprice\tdma_kib\t-\t-\t150\t150\t150\t-\t-\t-\t-\tknown\t-\n"
	"# end 10\n";

static char *results(const struct truth *t)
{
	char *dir = scratch_new();
	char *text = synthetic_summary(t, NULL);

	g_free(scratch_write(dir, "summary.tsv", text));
	g_free(text);
	return dir;
}

/* Runs predict; @more: options behind the usual ones, NULL-terminated. */
static int predict(const char *prices, const char *counts,
		   const char *const *more, const char *out, char **said)
{
	const char *argv[16] = {
		TOOLS "/predict", "--prices", prices, "--counts",
		counts,           "-o",       out
	};
	gsize n = 7;

	while (more && *more)
		argv[n++] = *more++;
	return run(argv, said);
}

/* One line of the output for every text wanted. */
static void holds(const char *path, const char *const *wanted, gsize n,
		  const char *name)
{
	char *text = text_of(path);
	bool all = text != NULL;

	for (gsize i = 0; i < n; i++) {
		if (text && strstr(text, wanted[i]))
			continue;
		diag("missing: %s", wanted[i]);
		all = false;
	}
	ok(all, name);
	g_free(text);
}

/*
 * 32, 64 KiB: 1000 + 16384 * 2000 + 64 * 100 = 32775400 ns.
 * fifo, 64 KiB: 1000 + 65 * 2500 + 64 * 600 = 201900 ns.
 * dma, 1 MiB: 1000 + 16 * 3000 + 1024 * 250 = 305000 ns, 3437.95 MB/s.
 */
static void test_by_hand(const struct inputs *in)
{
	static const char *const wanted[] = {
		"kvm\tcell\t32\tread\t65536\t32775400\t",
		"kvm\tcell\tfifo\tread\t65536\t201900\t201800\t202000\t",
		"kvm\tcell\tdma\tread\t1048576\t305000\t304900\t305100\t"
		"3437.95\t",
		"kvm\tprice\tmmio_write_exit\t-\t-\t0\t0\t0\t",
	};
	static const char *const lent[] = {
		"not in the file; model of all cells, lane nested\n",
		"kvm\tprice\tmemcpy_kib\t-\t-\t1200\t",
		"not in the file; model of the cells without a device, lane "
		"nested\n",
	};
	char *out = g_build_filename(in->dir, "by-hand.tsv", NULL);
	char *said = NULL;

	if (!is_int(predict(in->prices, in->nested, NULL, out, &said), 0,
		    "analysis/predict/takes-a-model"))
		diag("said: %s", said);
	holds(out, wanted, G_N_ELEMENTS(wanted),
	      "analysis/predict/agrees-with-figures-by-hand");
	holds(out, lent, G_N_ELEMENTS(lent),
	      "analysis/predict/says-which-prices-are-borrowed");
	g_free(said);
	g_free(out);
}

/* Counts of a lane without exits do not tell how often a port exits. */
static void test_no_exits(const struct inputs *in)
{
	static const char *const wanted[] = {
		"kvm\tcell\t32\tread\t65536\t32775400\t",
		/* where an access is a call, an interrupt is no exit either */
		"\t-\tno price of interrupt\n",
	};
	char *out = g_build_filename(in->dir, "no-exits.tsv", NULL);
	char *said = NULL;
	char *text;

	predict(in->prices, in->tcg, NULL, out, &said);
	ok(strstr(said, "warning: 7 cells left out") != NULL,
	   "analysis/predict/tells-of-cells-without-exit-counts");
	holds(out, wanted, G_N_ELEMENTS(wanted),
	      "analysis/predict/names-the-price-it-lacks");
	text = text_of(out);
	ok(text && !strstr(text, "\tfifo\tread\t"),
	   "analysis/predict/invents-no-exits");
	g_free(text);
	g_free(said);
	g_free(out);
}

/*
 * Prices of the bare-metal guest: 42 ns an MMIO read, 7680 / 256 = 30 a word by
 * insl, (1050 - 50) / 4 = 250 a KiB by DMA; software by the run's controls.
 */
static void test_bench(const struct inputs *in)
{
	const char *more[] = { "--software", in->tcg, "--validate", in->tcg,
			       NULL };
	static const char *const wanted[] = {
		"tcg\tprice\tmmio_read32_access\t-\t-\t42\t42\t42\t",
		"tcg\tprice\tport_access\t-\t-\t30\t30\t30\t-\t-\t-\t-\t-\t-\t"
		"-\tbare-metal guest: insl_1k over its 256 words\n",
		"tcg\tprice\tdma_kib\t-\t-\t250\t",
		"tcg\tprice\tdma_request\t-\t-\t0\t",
		"tcg\tprice\tcopied_kib\t-\t-\t500\t",
		"the most a copy can cost\n",
		"tcg\terror\tmedian\t-\t-\t0.",
		"tcg\terror\tmedian-devices\t-\t-\t0.",
	};
	char *out = g_build_filename(in->dir, "bench.tsv", NULL);
	char *said = NULL;

	if (!is_int(predict(BENCH, in->nested, more, out, &said), 0,
		    "analysis/predict/takes-prices-of-the-bare-metal-guest"))
		diag("said: %s", said);
	holds(out, wanted, G_N_ELEMENTS(wanted),
	      "analysis/predict/maps-cases-to-units");
	is_golden(out, GOLDEN "predict.tsv", "analysis/predict/golden");
	g_free(said);
	g_free(out);
}

/* A case that could not be told from the overhead gives no price, not one of 0. */
static void test_untold(const struct inputs *in)
{
	char *out = g_build_filename(in->dir, "untold.tsv", NULL);
	char *text =
		g_strdup("# exitcost exitbench 1\nlane\tcase\tdevice\tns_p50\n"
			 "kvm\tmmio_read32\tmy_rng\t42.00\n"
			 "kvm\tport_read32\tmy_rng\t-\n"
			 "kvm\tinsl_1k\tmy_rng\t7680.00\n"
			 "kvm\tmmio_write32\tmy_rng\t-\n"
			 "kvm\tdma_4k\tmy_rng\t1050.00\n# end 5\n");
	char *bench = scratch_write(in->dir, "untold-bench.tsv", text);
	char *said = NULL;

	if (!is_int(predict(bench, in->nested, NULL, out, &said), 0,
		    "analysis/predict/takes-a-table-with-untold-figures"))
		diag("said: %s", said);
	g_free(text);
	text = text_of(out);
	ok(text && strstr(text, "mmio_read32_exit\t-\t-\t42\t") &&
		   !strstr(text, "bare-metal guest: insl_1k") &&
		   !strstr(text, "bare-metal guest: port_read32") &&
		   !strstr(text, "bare-metal guest: dma_4k"),
	   "analysis/predict/an-untold-figure-is-no-price");
	g_free(said);
	g_free(bench);
	g_free(text);
	g_free(out);
}

/* A lane predicted from its own model and counts is what its model says. */
static void test_own_model(const struct inputs *in)
{
	char *prices = g_build_filename(in->dir, "model.tsv", NULL);
	char *out = g_build_filename(in->dir, "own.tsv", NULL);
	const char *model[] = { TOOLS "/model", in->nested, "-o", prices,
				NULL };
	const char *more[] = { "--validate", in->nested, NULL };
	static const char *const wanted[] = {
		"nested\terror\tmedian\t-\t-\t0"
	};
	char *said = NULL;

	run(model, &said);
	g_free(said);
	if (!is_int(predict(prices, in->nested, more, out, &said), 0,
		    "analysis/predict/takes-its-own-model"))
		diag("said: %s", said);
	holds(out, wanted, G_N_ELEMENTS(wanted),
	      "analysis/predict/is-right-where-the-model-is");
	g_free(said);
	g_free(out);
	g_free(prices);
}

/* One test: refused with this complaint, and nothing written. */
static void is_refused(const struct inputs *in, const char *prices,
		       const char *counts, const char *const *more,
		       const char *complaint, const char *name)
{
	char *out = g_build_filename(in->dir, "refused.tsv", NULL);
	char *said = NULL;
	int status = predict(prices, counts, more, out, &said);

	if (!ok(status && strstr(said, complaint) &&
			!g_file_test(out, G_FILE_TEST_EXISTS),
		name))
		diag("said: %s", said);
	g_free(said);
	g_free(out);
}

static void test_refused_prices(const struct inputs *in)
{
	char *cut = scratch_write(in->dir, "cut.tsv",
				  "# exitcost exitbench 1\nlane\tcase\n");
	char *text = replaced(text_of(BENCH), "tcg\tmmio_read32\tmy_rng",
			      "tcg\tmmio_read32\tother");
	char *poor = scratch_write(in->dir, "poor.tsv", text);
	char *two = replaced(g_strdup(round_prices), "kvm\tprice\tdma_kib",
			     "xen\tprice\tdma_kib");
	char *lanes = scratch_write(in->dir, "lanes.tsv", two);
	const char *no_lane[] = { "--lane", "vmx", NULL };

	is_refused(in, "/nonexistent", in->tcg, NULL, "/nonexistent",
		   "analysis/predict/names-missing-prices");
	is_refused(in, BENCH ".not", in->tcg, NULL, "exitbench.tsv.not",
		   "analysis/predict/names-a-missing-table");
	is_refused(in, cut, in->tcg, NULL, "expected a column `device`",
		   "analysis/predict/refuses-a-malformed-table");
	is_refused(in, poor, in->tcg, NULL, "expected case mmio_read32",
		   "analysis/predict/refuses-a-table-without-my_rng");
	is_refused(in, lanes, in->tcg, NULL, "name one with --lane",
		   "analysis/predict/asks-which-lane");
	is_refused(in, in->prices, in->tcg, no_lane,
		   "expected prices of lane vmx, found none",
		   "analysis/predict/refuses-a-lane-that-is-not-there");
	g_free(cut);
	g_free(text);
	g_free(poor);
	g_free(two);
	g_free(lanes);
}

static void test_refused_runs(const struct inputs *in)
{
	const char *wrong[] = { "--validate", in->tcg, NULL };
	char *said = NULL;

	is_refused(in, in->prices, "/nonexistent", NULL,
		   "/nonexistent/summary.tsv",
		   "analysis/predict/names-a-missing-run");
	is_refused(in, in->prices, in->nested, wrong,
		   "the prices are of lane kvm",
		   "analysis/predict/validates-only-the-same-lane");
	is_refused(in, in->prices, in->nested, (const char *[]){ "x", NULL },
		   "nothing but options", "analysis/predict/takes-no-more");
	ok(predict(in->prices, in->nested, NULL, "/dev/full", &said) &&
		   strstr(said, "/dev/full: cannot be written"),
	   "analysis/predict/reports-a-full-disk");
	g_free(said);
}

int main(void)
{
	struct inputs in = { .dir = scratch_new(),
			     .tcg = results(&synthetic_tcg),
			     .nested = results(&synthetic_nested) };

	in.prices = scratch_write(in.dir, "prices.tsv", round_prices);
	test_by_hand(&in);
	test_no_exits(&in);
	test_bench(&in);
	test_untold(&in);
	test_own_model(&in);
	test_refused_prices(&in);
	test_refused_runs(&in);
	g_free(in.prices);
	scratch_free(in.dir);
	scratch_free(in.tcg);
	scratch_free(in.nested);
	done_testing();
	return exit_status();
}
