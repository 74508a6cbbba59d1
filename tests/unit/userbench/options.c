// SPDX-License-Identifier: GPL-2.0-or-later
/* The command lines of userbench and hostbench, good and bad. */
#include <stdint.h>
#include <stdlib.h>

#include "options.h"
#include "tap.h"

#define WORDS 16

static struct options o;
static char error[256];

/* Parses @line, split at spaces; the words live until the next call */
static int parse(enum program program, const char *line)
{
	static char copy[256];
	static char *argv[WORDS + 1];
	int argc = 0;
	char *word;

	snprintf(copy, sizeof(copy), "prog %s", line);
	for (word = strtok(copy, " "); word && argc < WORDS;
	     word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	error[0] = '\0';
	return options_parse(&o, program, argc, argv, error, sizeof(error));
}

static void test_sizes(void)
{
	static const struct {
		const char *text;
		long long bytes; /* -1: refused */
	} cases[] = {
		{ "1", 1 },
		{ "4", 4 },
		{ "4096", 4096 },
		{ "4k", 4096 },
		{ "4K", 4096 },
		{ "1M", 1048576 },
		{ "1m", 1048576 },
		{ "1024M", 1 << 30 },
		{ "0", -1 },
		{ "", -1 },
		{ "k", -1 },
		{ "-4", -1 },
		{ "+4", -1 },
		{ "4.5k", -1 },
		{ "4kk", -1 },
		{ "4kB", -1 },
		{ " 4", -1 },
		{ "0x10", -1 },
		{ "1025M", -1 },
		{ "1G", -1 },
		{ "4 k", -1 },
		{ "1073741825", -1 },
		{ "18446744073709551616", -1 },
		{ "99999999999999999999999999999", -1 },
	};
	bool right = true;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t bytes = 77;
		int refused = parse_size(cases[i].text, &bytes);
		long long got = refused ? -1 : (long long)bytes;

		if (got == cases[i].bytes && (!refused || bytes == 77))
			continue;
		diag("size \"%s\": got %lld", cases[i].text, got);
		right = false;
	}
	ok(right, "unit/options/sizes-good-and-bad");
}

static void test_numbers(void)
{
	uint64_t n = 7;
	double s = 7;

	ok(!parse_number("18446744073709551615", 0, UINT64_MAX, &n) &&
		   n == UINT64_MAX,
	   "unit/options/number-of-64-bits");
	ok(parse_number("18446744073709551616", 0, UINT64_MAX, &n),
	   "unit/options/number-over-64-bits-refused");
	ok(parse_number("3", 4, 9, &n) && parse_number("10", 4, 9, &n),
	   "unit/options/number-out-of-range-refused");
	ok(!parse_seconds("0.5", &s) && s == 0.5, "unit/options/seconds");
	ok(parse_seconds("0", &s) && parse_seconds("-1", &s) &&
		   parse_seconds("nan", &s) && parse_seconds("1e9", &s) &&
		   parse_seconds("2s", &s) && parse_seconds("", &s),
	   "unit/options/bad-seconds-refused");
}

static void test_study(void)
{
	is_int(parse(PROGRAM_USERBENCH,
		     "--study --lane tcg --raw r --meta m --seed 5"),
	       0, "unit/options/study");
	ok(o.mode == MODE_STUDY && !strcmp(o.lane, "tcg") &&
		   !strcmp(o.raw, "r") && !strcmp(o.meta, "m") && o.seed == 5,
	   "unit/options/study-values");
	ok(o.reps >= 5 && o.sample_ms && !o.quick,
	   "unit/options/study-defaults");
	ok(!parse(PROGRAM_USERBENCH, "--study --quick --lane t --raw r") &&
		   o.quick && o.reps >= 5,
	   "unit/options/quick-has-5-repetitions");
	ok(!parse(PROGRAM_USERBENCH,
		  "--study --lane t --raw r --reps 3 --sample-ms 9") &&
		   o.reps == 3 && o.sample_ms == 9,
	   "unit/options/reps-and-sample");
	ok(!parse(PROGRAM_USERBENCH,
		  "--study --lane t --raw r --only a b --only c") &&
		   o.only_count == 3,
	   "unit/options/several-globs");
	ok(!parse(PROGRAM_USERBENCH, "--study --lane t --raw r --times x") &&
		   !strcmp(o.times, "x"),
	   "unit/options/times");
	setenv("LANE", "nested", 1);
	ok(!parse(PROGRAM_USERBENCH, "--study --raw r") &&
		   !strcmp(o.lane, "nested"),
	   "unit/options/lane-from-the-environment");
	unsetenv("LANE");
	ok(!parse(PROGRAM_HOSTBENCH, "--lane t --raw r --generator glibc") &&
		   o.mode == MODE_STUDY && !strcmp(o.generator, "glibc"),
	   "unit/options/hostbench");
}

static void test_by_hand(void)
{
	ok(!parse(PROGRAM_USERBENCH, "--device /dev/x") &&
		   o.mode == MODE_HAND && o.size == 4096 && o.threads == 1 &&
		   !strcmp(o.access, "read"),
	   "unit/options/by-hand-defaults");
	ok(!parse(PROGRAM_USERBENCH,
		  "--device d --size 64k --seconds 1.5 --threads 2 "
		  "--access ioctl --path dma-msi") &&
		   o.size == 65536 && o.seconds == 1.5 && o.threads == 2 &&
		   !strcmp(o.access, "ioctl") && !strcmp(o.path, "dma-msi"),
	   "unit/options/by-hand-values");
	ok(!parse(PROGRAM_USERBENCH, "--device d --access read-fixed --pages "
				     "huge --path dma-zc") &&
		   !strcmp(o.access, "read-fixed") && o.huge,
	   "unit/options/by-hand-buffers");
	ok(!parse(PROGRAM_USERBENCH, "--list") && o.mode == MODE_LIST,
	   "unit/options/list");
	ok(!parse(PROGRAM_USERBENCH, "") && o.mode == MODE_HELP,
	   "unit/options/nothing-is-help");
	ok(!parse(PROGRAM_USERBENCH, "--study --help") && o.mode == MODE_HELP,
	   "unit/options/help-wins");
	ok(!parse(PROGRAM_USERBENCH, "-h") && o.mode == MODE_HELP,
	   "unit/options/short-help");
	ok(!parse(PROGRAM_HOSTBENCH, "--version") && o.mode == MODE_VERSION,
	   "unit/options/version");
}

/* Refused, and the message has the word that helps */
static void refused(enum program program, const char *line, const char *word,
		    const char *name)
{
	int result = parse(program, line);

	if (!ok(result == -1 && strstr(error, word), name))
		diag("result %d, message \"%s\"", result, error);
}

static void test_refused(void)
{
	static const struct {
		const char *line;
		const char *word;
		const char *name;
	} bad[] = {
		{ "--device d --size 4q", "4k", "unit/options/bad-size" },
		{ "--device d --size -4", "4k", "unit/options/negative-size" },
		{ "--device d --threads 0", "1 to", "unit/options/0-threads" },
		{ "--device d --access write", "read-fixed",
		  "unit/options/bad-access" },
		{ "--device d --touch all", "none, line or sum",
		  "unit/options/bad-touch" },
		{ "--device d --pages big", "small or huge",
		  "unit/options/bad-pages" },
		{ "--device d --seconds 0", "0.01", "unit/options/0-seconds" },
		{ "--study --raw r --lane t --reps 0", "1 to",
		  "unit/options/0-repetitions" },
		{ "--study --raw r --lane t --seed x", "number",
		  "unit/options/bad-seed" },
		{ "--study --raw r --lane A", "lane", "unit/options/bad-lane" },
		{ "--study --raw r", "--lane", "unit/options/no-lane" },
		{ "--study --lane t", "--raw", "unit/options/no-raw" },
		{ "--raw r", "--study", "unit/options/raw-without-study" },
		{ "--study --list", "does not go", "unit/options/two-modes" },
		{ "--study --raw r --lane t --size 4", "--size",
		  "unit/options/by-hand-option-in-a-study" },
		{ "--device d --quick", "--quick",
		  "unit/options/study-option-by-hand" },
		{ "--device", "value", "unit/options/missing-value" },
		{ "--study=1", "no value", "unit/options/surplus-value" },
		{ "--bogus", "--bogus", "unit/options/unknown-option" },
		{ "-x", "-x", "unit/options/unknown-letter" },
		{ "--study --raw r --lane t dma", "dma",
		  "unit/options/stray-word" },
		{ "--study --raw r --lane t --times x --count 4", "--times",
		  "unit/options/times-does-not-count" },
		{ "--study --raw r --lane t --times x --controls-only",
		  "--times", "unit/options/times-needs-devices" },
		{ "--study --raw r --lane t --generator glibc", "--generator",
		  "unit/options/generator-is-hostbench-only" },
	};

	unsetenv("LANE");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused(PROGRAM_USERBENCH, bad[i].line, bad[i].word,
			bad[i].name);
	refused(PROGRAM_HOSTBENCH, "--device d", "--device",
		"unit/options/device-is-userbench-only");
}

int main(void)
{
	test_sizes();
	test_numbers();
	test_study();
	test_by_hand();
	test_refused();
	done_testing();
	return exit_status();
}
