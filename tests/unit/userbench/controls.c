// SPDX-License-Identifier: GPL-2.0-or-later
/* A whole study end to end, of the controls that need no device. */
#include <stdlib.h>
#include <unistd.h>

#include "log.h"
#include "study.h"
#include "tap.h"

#define CELLS   3
#define ROUNDS  9 /* single calls are timed in the first and the ninth */
#define COLUMNS 23
#define ROWS    (CELLS * ROUNDS + CELLS * 2)

/* Columns of raw.tsv */
enum {
	VARIANT = 1,
	BYTES = 3,
	BOOT = 5,
	ROUND,
	ORDER,
	KIND,
	REF_BEFORE,
	REF_AFTER,
	CALLS,
	NS,
	SYSCALLS,
	COUNTS,
	LAT_CALLS = 20,
	LAT_MAX,
	LAT_HIST
};

static char dir[] = "/tmp/userbench-controls-XXXXXX";
static char raw[64], meta[64];
static char *args[] = { "userbench", "--only", "\"quoted\"\n", NULL };
static const char *const globs[] = { "getppid", "getrandom/*/4096/*",
				     "memcpy/*/4096/*" };
static struct target targets[TARGETS_MAX];
static size_t target_count;

static struct options options(void)
{
	struct options o = {
		.mode = MODE_STUDY,
		.args = args,
		.lane = "none",
		.raw = raw,
		.meta = meta,
		.seed = 9,
		.rounds = ROUNDS,
		.slice_ms = 1,
		.boot = 2,
		.only_count = 3,
	};

	memcpy(o.only, globs, sizeof(globs));
	return o;
}

/* Splits @line at tabs in place; returns how many fields there are */
static size_t split(char *line, char **field, size_t max)
{
	size_t n = 0;

	line[strcspn(line, "\n")] = '\0';
	while (n < max && (field[n] = strsep(&line, "\t")))
		n++;
	return n + (line != NULL);
}

/**
 * struct digest - what the rows of raw.tsv say, all together
 * @rows: how many
 * @cells: rate rows of getppid, getrandom and memcpy
 * @rates: rate rows
 * @latencies: latency rows
 * @counts: count rows
 * @columns: each row has as many as the header
 * @order: rows count from 1, and each has the boot
 * @beside: latency rows follow the rate row of their cell in each eighth round
 * @refs: readings are there, with two decimals, but not in count rows
 * @calls: calls were made
 * @syscalls: they were counted
 * @no_counts: the device's columns are empty
 * @lat: latency rows alone have latencies, of each call one
 * @variants: the fourth letter of each row's variant
 * @last: variant of the row before, and its round
 */
struct digest {
	int rows, cells[CELLS], rates, latencies, counts;
	bool columns, order, beside, refs, calls, syscalls, no_counts, lat;
	char variants[ROWS + 1];
	char last[32];
};

static const char *const variants[CELLS] = { "getppid", "getrandom", "memcpy" };

static bool is_ref(const char *text)
{
	const char *dot = strchr(text, '.');

	return atof(text) > 0 && dot && strlen(dot) == 3;
}

static bool is_empty(char **f, int from, int to)
{
	bool empty = true;

	while (from < to)
		empty &= !strcmp(f[from++], "-");
	return empty;
}

static void digest_latency(struct digest *d, char **f)
{
	char now[32];

	snprintf(now, sizeof(now), "%.20s %.8s", f[VARIANT], f[ROUND]);
	d->latencies++;
	d->beside &= !strcmp(d->last, now) && atoi(f[ROUND]) % 8 == 1;
	d->lat &= !strcmp(f[LAT_CALLS], f[CALLS]) && atoll(f[LAT_MAX]) > 0 &&
		  strchr(f[LAT_HIST], ':');
}

static void digest_row(struct digest *d, char **f)
{
	bool counts = !strcmp(f[KIND], "count");

	if (d->rows < ROWS)
		d->variants[d->rows] = f[VARIANT][3];
	d->rows++;
	d->counts += counts;
	d->order &= atoi(f[ORDER]) == d->rows && !strcmp(f[BOOT], "2");
	d->refs &= counts ? is_empty(f, REF_BEFORE, CALLS)
			  : is_ref(f[REF_BEFORE]) && is_ref(f[REF_AFTER]);
	d->calls &= atoll(f[CALLS]) > 0 && atoll(f[NS]) > 0;
	d->syscalls &= !strcmp(f[SYSCALLS],
			       strcmp(f[VARIANT], "memcpy") ? f[CALLS] : "0");
	d->no_counts &= is_empty(f, COUNTS, LAT_CALLS);
	if (!strcmp(f[KIND], "latency")) {
		digest_latency(d, f);
		return;
	}
	d->rates += !counts;
	d->lat &= is_empty(f, LAT_CALLS, COLUMNS);
	for (int i = 0; i < CELLS; i++)
		d->cells[i] += !strcmp(f[VARIANT], variants[i]);
	snprintf(d->last, sizeof(d->last), "%.20s %.8s", f[VARIANT], f[ROUND]);
}

/* Returns the last line in @last */
static struct digest read_raw(char *last, size_t size)
{
	struct digest d = { .columns = true,
			    .order = true,
			    .beside = true,
			    .refs = true,
			    .calls = true,
			    .syscalls = true,
			    .no_counts = true,
			    .lat = true };
	FILE *f = fopen(raw, "r");
	char *line = NULL;
	char *field[COLUMNS];
	size_t room = 0;

	for (int n = 1; f && getline(&line, &room, f) > 0; n++) {
		snprintf(last, size, "%s", line);
		if (n == 1 || line[0] == '#')
			continue;
		if (split(line, field, COLUMNS) != COLUMNS)
			d.columns = false;
		else if (n > 2)
			digest_row(&d, field);
	}
	free(line);
	if (f)
		fclose(f);
	return d;
}

static void test_run(void)
{
	struct options o = options();
	char last[64] = "";
	struct digest d;

	is_int(study_run(&o, targets, target_count, NULL), 0,
	       "unit/controls/study-runs");
	d = read_raw(last, sizeof(last));
	is_int(d.rates, CELLS * ROUNDS,
	       "unit/controls/rate-rows-are-cells-times-rounds");
	is_int(d.latencies, CELLS * 2,
	       "unit/controls/latency-rows-of-each-eighth-round");
	ok(d.cells[0] == ROUNDS && d.cells[1] == ROUNDS && d.cells[2] == ROUNDS,
	   "unit/controls/each-cell-once-per-round");
	ok(d.columns, "unit/controls/every-row-has-23-columns");
	ok(d.order, "unit/controls/order-counts-and-the-boot-is-there");
	ok(d.beside, "unit/controls/latency-rows-follow-their-rate-rows");
	ok(d.refs, "unit/controls/reference-readings-are-there");
	ok(d.calls && d.lat, "unit/controls/both-kinds-have-their-columns");
	ok(d.syscalls, "unit/controls/system-calls-are-counted");
	ok(d.no_counts, "unit/controls/no-device-counts-where-no-device-is");
	is_str(last, "# end 33\n", "unit/controls/end-line");
}

/* One slice of each cell, in the order of the plan */
static void test_count(void)
{
	struct options o = options();
	char last[64] = "";
	struct digest d;

	o.count = 5;
	o.rounds = 0;
	is_int(study_run(&o, targets, target_count, NULL), 0,
	       "unit/controls/counting-study-runs");
	d = read_raw(last, sizeof(last));
	ok(d.rows == CELLS && d.counts == CELLS,
	   "unit/controls/counting-rows-are-cells");
	is_str(d.variants, "rcp", "unit/controls/counted-cells-go-by-id");
	ok(d.refs && d.lat && d.calls && d.columns && d.order,
	   "unit/controls/counting-rows-have-neither-reference-nor-latency");
	is_str(last, "# end 3\n", "unit/controls/counting-end-line");
}

/* Without a number of rounds the time decides: each cell has one round or more */
static void test_budget(void)
{
	struct options o = options();
	char last[64] = "";
	char end[64];
	struct digest d;

	o.rounds = 0;
	o.seconds = 0.01;
	is_int(study_run(&o, targets, target_count, NULL), 0,
	       "unit/controls/study-on-time-runs");
	d = read_raw(last, sizeof(last));
	ok(d.cells[0] && d.cells[1] && d.cells[2] && d.order && d.beside,
	   "unit/controls/study-on-time-has-each-cell");
	snprintf(end, sizeof(end), "# end %d\n", d.rows);
	is_str(last, end, "unit/controls/study-on-time-end-line");
}

static void test_meta(void)
{
	static const char *const keys[] = {
		"\"timer_overhead_ns\": ",
		"\"clocksource\": \"",
		"\"kernel\": \"",
		"\"cpus\": ",
		"\"order_seed\": 9,",
		"\"\\\"quoted\\\"\\u000a\"",
		"\"variant\": \"getppid\"",
		"\"devices\": []",
		"\"boot\": 2,",
		"\"slice_ms\": 1,",
		"\"rounds\": 9,",
	};
	FILE *f = fopen(meta, "r");
	char *text = NULL;
	size_t size = 0;
	bool all = f && getdelim(&text, &size, '\0', f) > 0;

	for (size_t i = 0; all && i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strstr(text, keys[i]))
			continue;
		diag("guest.json lacks %s", keys[i]);
		all = false;
	}
	ok(all, "unit/controls/guest-json-says-how-it-was-taken");
	free(text);
	if (f)
		fclose(f);
}

static void test_failures(void)
{
	struct options o = options();
	struct target bad = { .variant = "fake",
			      .source = { .node = "/dev/null" },
			      .device = -1,
			      .engines = { &engine_read } };

	unlink(raw);
	unlink(meta);
	o.only_count = 0;
	ok(study_run(&o, &bad, 1, NULL) == -1 && access(raw, F_OK) &&
		   access(meta, F_OK),
	   "unit/controls/failed-cell-leaves-no-file");
	o = options();
	o.raw = "/nonexistent/raw.tsv";
	ok(study_run(&o, targets, target_count, NULL) == -1 &&
		   access(meta, F_OK),
	   "unit/controls/unwritable-raw-is-refused");
	o = options();
	o.raw = "/dev/full";
	ok(access("/dev/full", W_OK) ||
		   (study_run(&o, targets, target_count, NULL) == -1 &&
		    access(meta, F_OK)),
	   "unit/controls/full-disk-is-an-error");
	ok(rmdir(dir) == 0, "unit/controls/nothing-temporary-is-left");
}

int main(void)
{
	log_to(fopen("/dev/null", "w")); /* complaints are expected here */
	if (!mkdtemp(dir))
		return 1;
	snprintf(raw, sizeof(raw), "%s/raw.tsv", dir);
	snprintf(meta, sizeof(meta), "%s/guest.json", dir);
	target_count = targets_controls(targets);
	test_run();
	test_meta();
	test_count();
	test_budget();
	test_failures();
	log_forget();
	fclose(log_stream());
	done_testing();
	return exit_status();
}
