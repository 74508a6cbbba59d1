// SPDX-License-Identifier: GPL-2.0-or-later
/* Result files: their format, and that they are whole or not there. */
#include <dirent.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "log.h"
#include "output.h"
#include "tap.h"

static char dir[] = "/tmp/userbench-output-XXXXXX";
static char path[64];

static const struct target target = { .variant = "dma", .device = 0 };
static const struct cell cell = {
	.id = 1,
	.target = &target,
	.engine = &engine_read,
	.bytes = 4096,
	.threads = 2,
};
static struct slice slice;
static const struct place at = { .lane = "tcg",
				 .boot = 2,
				 .round = 3,
				 .order = 17 };

/* The whole file, to be freed; NULL if it is not there */
static char *content(void)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;

	if (!f)
		return NULL;
	if (getdelim(&text, &size, '\0', f) < 0)
		size = 0;
	fclose(f);
	return text;
}

static int files_in_dir(void)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int n = 0;

	while ((e = readdir(d)))
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

/* A slice of @kind as slices_take() would leave it */
static void make_slice(enum slice_kind kind, bool counted)
{
	memset(&slice, 0, sizeof(slice));
	slice.kind = kind;
	slice.before = kind == SLICE_COUNT ? NAN : 81.256;
	slice.after = kind == SLICE_COUNT ? NAN : 1234.5;
	slice.calls = 10;
	slice.ns = 2000;
	slice.syscalls = 11;
	slice.counted = counted;
	slice.stats.count[MY_RNG_STAT_MMIO_READS] = 1;
	slice.stats.count[MY_RNG_STAT_MMIO_WRITES] = 2;
	slice.stats.count[MY_RNG_STAT_PIO_READS] = 3;
	slice.stats.count[MY_RNG_STAT_PIO_WRITES] = 4;
	slice.stats.count[MY_RNG_STAT_DMAS] = 5;
	slice.stats.count[MY_RNG_STAT_IRQS] = 6;
	hist_reset(&slice.latency);
	if (kind != SLICE_LATENCY)
		return;
	hist_add(&slice.latency, 100);
	hist_add(&slice.latency, 1001);
}

static void write_rows(FILE *f)
{
	struct place next = at;

	raw_header(f);
	make_slice(SLICE_RATE, true);
	raw_row(f, &next, &cell, &slice);
	next.order++;
	make_slice(SLICE_LATENCY, false);
	raw_row(f, &next, &cell, &slice);
	next.order++;
	make_slice(SLICE_COUNT, true);
	slice.stats.count[MY_RNG_STAT_KICKS] = 40; /* doorbells are writes */
	raw_row(f, &next, &cell, &slice);
	raw_end(f, 3);
}

static void test_format(void)
{
	struct outfile o;
	char *text;

	if (!ok(!outfile_open(&o, path), "unit/output/opens"))
		return;
	write_rows(o.f);
	text = content();
	ok(!text, "unit/output/no-file-before-commit");
	free(text);
	is_int(outfile_commit(&o), 0, "unit/output/commits");
	text = content();
	is_str(text,
	       "# exitcost raw 2\n"
	       "lane\tvariant\taccess\tbytes\tthreads\tboot\tround\torder\t"
	       "kind\tref_before\tref_after\tcalls\tns\tsyscalls\t"
	       "mmio_reads\tmmio_writes\tpio_reads\tpio_writes\tdmas\tirqs\t"
	       "lat_calls\tlat_max\tlat_hist\n"
	       "tcg\tdma\tread\t4096\t2\t2\t3\t17\trate\t81.26\t1234.50\t10"
	       "\t2000\t11\t1\t2\t3\t4\t5\t6\t-\t-\t-\n"
	       "tcg\tdma\tread\t4096\t2\t2\t3\t18\tlatency\t81.26\t1234.50"
	       "\t10\t2000\t11\t-\t-\t-\t-\t-\t-\t2\t1001\t100:1,1000:1\n"
	       "tcg\tdma\tread\t4096\t2\t2\t3\t19\tcount\t-\t-\t10\t2000"
	       "\t11\t1\t42\t3\t4\t5\t6\t-\t-\t-\n"
	       "# end 3\n",
	       "unit/output/header-rows-of-all-kinds-and-end-line");
	free(text);
	is_int(files_in_dir(), 1, "unit/output/temporary-name-is-gone");
	unlink(path);
}

/* A clock of 2 ticks a ns; parts and prices worked out by hand */
static void make_times(void)
{
	__u64 *count = slice.times.count;

	memset(count, 0, sizeof(slice.times.count));
	count[MY_RNG_TIME_HZ] = 2000000000;
	count[MY_RNG_TIME_CALLBACK] = 2000;
	count[MY_RNG_TIME_STAMPED(MY_RNG_TIME_CALLBACK)] = 7;
	count[MY_RNG_TIME_IRQ] = 90;
	count[MY_RNG_TIME_STAMPED(MY_RNG_TIME_IRQ)] = 3;
	count[MY_RNG_TIME_PRICE_OPS] = 100;
	count[MY_RNG_TIME_PRICE_STAMP] = 1000;
	count[MY_RNG_TIME_PRICE_PAIR] = 2001;
	count[MY_RNG_TIME_PRICE_LOCK] = 2400;
	count[MY_RNG_TIME_PRICE_DISPATCH] = 3000;
	count[MY_RNG_TIME_PRICE_ADDRESS] = 6000;
}

static void test_times(void)
{
	struct outfile o;
	char *text;

	outfile_open(&o, path);
	times_header(o.f);
	make_slice(SLICE_RATE, true);
	make_times();
	times_row(o.f, &at, &cell, &slice);
	raw_end(o.f, 1);
	outfile_commit(&o);
	text = content();
	is_str(text,
	       "# exitcost times 2\n"
	       "lane\tvariant\taccess\tbytes\tthreads\tboot\tround\tcalls\t"
	       "callback_ns\tcallback_n\tgenerator_ns\tgenerator_n\t"
	       "memory_ns\tmemory_n\tirq_ns\tirq_n\tstamp_price_ns\t"
	       "pair_price_ns\tlock_price_ns\tdispatch_price_ns\t"
	       "address_price_ns\n"
	       "tcg\tdma\tread\t4096\t2\t2\t3\t10\t1000\t7\t0\t0\t0\t0\t45"
	       "\t3\t5.000\t10.005\t12.000\t15.000\t30.000\n"
	       "# end 1\n",
	       "unit/output/times-in-ns-prices-for-one");
	free(text);
	unlink(path);
}

static void test_discard(void)
{
	struct outfile o;

	outfile_open(&o, path);
	raw_header(o.f);
	outfile_discard(&o);
	is_int(files_in_dir(), 0, "unit/output/discard-leaves-nothing");
	outfile_discard(&o);
	ok(!o.f, "unit/output/second-discard-is-harmless");
	is_int(outfile_open(&o, "/nonexistent/raw.tsv"), -1,
	       "unit/output/missing-folder-is-an-error");
}

static void test_full_device(void)
{
	struct outfile o;

	if (access("/dev/full", W_OK)) {
		skip("unit/output/full-device-is-an-error", "no /dev/full");
		skip("unit/output/full-device-leaves-no-file", "no /dev/full");
		return;
	}
	outfile_open(&o, "/dev/full");
	raw_header(o.f);
	is_int(outfile_commit(&o), -1, "unit/output/full-device-is-an-error");
	ok(access("/dev/full.part", F_OK) && !access("/dev/full", F_OK),
	   "unit/output/full-device-leaves-no-file");
}

/* A file that may not grow: as a disk that fills up during the run */
static void test_full_disk(void)
{
	const struct rlimit small = { 1000, RLIM_INFINITY };
	const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };
	struct outfile o;
	int result = 0;

	fflush(stdout);
	signal(SIGXFSZ, SIG_IGN);
	outfile_open(&o, path);
	make_slice(SLICE_RATE, true);
	setrlimit(RLIMIT_FSIZE, &small);
	for (int i = 0; i < 100 && !result; i++) {
		raw_row(o.f, &at, &cell, &slice);
		result = outfile_check(&o);
	}
	setrlimit(RLIMIT_FSIZE, &none);
	is_int(result, -1, "unit/output/disk-full-on-the-way-is-an-error");
	is_int(files_in_dir(), 0, "unit/output/disk-full-leaves-no-file");
}

static void test_old_result(void)
{
	struct outfile o;
	char *text;

	outfile_open(&o, path);
	fputs("old\n", o.f);
	outfile_commit(&o);
	outfile_open(&o, path);
	fputs("new\n", o.f);
	outfile_discard(&o);
	text = content();
	is_str(text, "old\n", "unit/output/failed-run-keeps-the-old-file");
	free(text);
	unlink(path);
}

int main(void)
{
	log_to(fopen("/dev/null", "w")); /* complaints are expected here */
	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof(path), "%s/raw.tsv", dir);
	test_format();
	test_times();
	test_discard();
	test_full_device();
	test_full_disk();
	test_old_result();
	rmdir(dir);
	fclose(log_stream());
	done_testing();
	return exit_status();
}
