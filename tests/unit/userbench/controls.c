// SPDX-License-Identifier: GPL-2.0-or-later
/* A whole study end to end, of the controls that need no device. */
#include <stdlib.h>
#include <unistd.h>

#include "log.h"
#include "study.h"
#include "tap.h"

#define REPS    3
#define COLUMNS 19

static char dir[] = "/tmp/userbench-controls-XXXXXX";
static char raw[64], meta[64];
static char *args[] = { "userbench", "--only", "\"quoted\"\n", NULL };
static const char *const globs[] = { "getppid", "getrandom/*/64/*",
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
		.reps = REPS,
		.sample_ms = 1,
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

/* What the rows of raw.tsv say, all together */
struct digest {
	int rows, getppid, getrandom, memcpy;
	bool columns, order, phases, syscalls, counts;
};

static void digest_row(struct digest *d, char **f)
{
	bool is_copy = !strcmp(f[1], "memcpy");

	d->rows++;
	d->getppid += !strcmp(f[1], "getppid") && !strcmp(f[3], "0");
	d->getrandom += !strcmp(f[1], "getrandom") && !strcmp(f[3], "64");
	d->memcpy += is_copy && !strcmp(f[3], "4096");
	d->order &=
		atoi(f[6]) == d->rows && atoi(f[5]) == (d->rows - 1) / 3 + 1;
	d->phases &= atoll(f[7]) > 0 && atoll(f[8]) >= 1000000 &&
		     atoll(f[16]) > 0 && atoll(f[17]) > 0;
	d->syscalls &= !strcmp(f[9], is_copy ? "0" : f[7]);
	for (int i = 10; i < 16; i++)
		d->counts &= !strcmp(f[i], "-");
}

/* Returns the last line in @last */
static struct digest read_raw(char *last, size_t size)
{
	struct digest d = { 0, 0, 0, 0, true, true, true, true, true };
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
	is_int(d.rows, 3 * REPS, "unit/controls/rows-are-cells-times-reps");
	ok(d.getppid == REPS && d.getrandom == REPS && d.memcpy == REPS,
	   "unit/controls/each-cell-once-per-repetition");
	ok(d.columns, "unit/controls/every-row-has-19-columns");
	ok(d.order, "unit/controls/order-counts-and-repetitions-follow");
	ok(d.phases, "unit/controls/both-phases-measured");
	ok(d.syscalls, "unit/controls/system-calls-are-counted");
	ok(d.counts, "unit/controls/no-device-counts-where-no-device-is");
	is_str(last, "# end 9\n", "unit/controls/end-line");
}

static void test_meta(void)
{
	static const char *const keys[] = {
		"\"timer_overhead_ns\": ",  "\"clocksource\": \"",
		"\"kernel\": \"",           "\"cpus\": ",
		"\"order_seed\": 9,",       "\"\\\"quoted\\\"\\u000a\"",
		"\"variant\": \"getppid\"", "\"devices\": []",
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
	test_failures();
	log_forget();
	fclose(log_stream());
	done_testing();
	return exit_status();
}
