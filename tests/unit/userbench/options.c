// SPDX-License-Identifier: GPL-2.0-or-later
/* The command lines of userbench and hostbench, good and bad. */
#include <stdint.h>
#include <stdlib.h>

#include "options.h"
#include "tap.h"

#define WORDS 24

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
	ok(o.boot == 1 && o.seconds == 10 && o.slice_ms == 3 && !o.rounds &&
		   !o.quick && !o.again && !o.count && o.call_s == 1,
	   "unit/options/study-defaults");
	ok(!parse(PROGRAM_USERBENCH, "--study --quick --lane t --raw r") &&
		   o.quick && o.seconds == 4,
	   "unit/options/quick-takes-less-time");
	ok(!parse(PROGRAM_USERBENCH,
		  "--study --lane t --raw r --boot 10000 --seconds 0.5 "
		  "--slice-ms 1000 --max-call 7 --again --touch sum") &&
		   o.boot == 10000 && o.seconds == 0.5 && o.slice_ms == 1000 &&
		   o.call_s == 7 && o.again && o.touch == TOUCH_SUM,
	   "unit/options/study-sampling");
	ok(!parse(PROGRAM_USERBENCH,
		  "--study --lane t --raw r --seconds 9 --rounds 3") &&
		   o.rounds == 3 && o.seconds == 0,
	   "unit/options/rounds-in-place-of-seconds");
	ok(!parse(PROGRAM_USERBENCH,
		  "--study --lane t --raw r --count 4 --slice-ms 9 --again") &&
		   o.count == 4 && o.slice_ms == 9 && o.again,
	   "unit/options/count");
	ok(!parse(PROGRAM_USERBENCH, "--study --lane t --raw r --scale") &&
		   o.scale,
	   "unit/options/scale");
	ok(!parse(PROGRAM_USERBENCH,
		  "--study --lane t --raw r --controls-only") &&
		   o.controls_only,
	   "unit/options/controls-only");
	ok(!parse(PROGRAM_USERBENCH,
		  "--study --lane t --raw r --only a b --only c") &&
		   o.only_count == 3,
	   "unit/options/several-globs");
	is_int(parse(PROGRAM_USERBENCH,
		     "a --study --lane t --raw r --only b -- -c"),
	       0, "unit/options/globs-anywhere");
	ok(o.only_count == 3 && !strcmp(o.only[0], "b") &&
		   !strcmp(o.only[2], "-c"),
	   "unit/options/globs-in-order");
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
	ok(!parse(PROGRAM_HOSTBENCH,
		  "--lane t --raw r --boot 2 --rounds 1 --slice-ms 5 --seed 0 "
		  "--only x y") &&
		   o.boot == 2 && o.rounds == 1 && o.slice_ms == 5 &&
		   o.seed == 0 && o.only_count == 2,
	   "unit/options/hostbench-sampling");
}

static void test_spelling(void)
{
	ok(!parse(PROGRAM_USERBENCH, "--stu --la=t --ra r --sec 3 --sl 4") &&
		   o.mode == MODE_STUDY && !strcmp(o.lane, "t") &&
		   !strcmp(o.raw, "r") && o.seconds == 3 && o.slice_ms == 4,
	   "unit/options/abbreviated");
	ok(!parse(PROGRAM_USERBENCH,
		  "--study --study --lane a --raw r --lane b --boot 2 "
		  "--boot 7") &&
		   !strcmp(o.lane, "b") && o.boot == 7,
	   "unit/options/last-of-a-doubled-option-counts");
	ok(!parse(PROGRAM_USERBENCH, "--device=d --size=4k") &&
		   !strcmp(o.device, "d") && o.size == 4096,
	   "unit/options/value-after-equals");
	ok(!parse(PROGRAM_USERBENCH, "--device -4") && !strcmp(o.device, "-4"),
	   "unit/options/value-with-a-dash");
}

/* Each parse starts anew, also after a bad command line */
static void test_again(void)
{
	parse(PROGRAM_USERBENCH, "--study --quick --scale --rounds x");
	ok(!parse(PROGRAM_USERBENCH, "--study --lane t --raw r") && !o.quick &&
		   !o.scale && o.boot == 1 && !o.rounds && !error[0],
	   "unit/options/nothing-is-left-of-a-bad-line");
}

/* A line with more globs than there is room for */
static void test_many_globs(void)
{
	static char *argv[] = { "prog",  "--study", "--lane", "t",
				"--raw", "r",       "--only" };
	char *many[7 + OPTIONS_GLOBS + 2];
	size_t n = 0;

	for (; n < 7; n++)
		many[n] = argv[n];
	while (n < 7 + OPTIONS_GLOBS + 1)
		many[n++] = "g";
	many[n] = NULL;
	ok(!options_parse(&o, PROGRAM_USERBENCH, (int)n - 1, many, error,
			  sizeof(error)) &&
		   o.only_count == OPTIONS_GLOBS,
	   "unit/options/64-globs");
	ok(options_parse(&o, PROGRAM_USERBENCH, (int)n, many, error,
			 sizeof(error)) == -1 &&
		   strstr(error, "at most 64"),
	   "unit/options/65-globs");
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
	char full[96];

	snprintf(full, sizeof(full), "unit/options/refused/%s", name);
	if (!ok(result == -1 && strstr(error, word) && !strchr(error, '\n'),
		full))
		diag("result %d, message \"%s\"", result, error);
}

static void test_refused(void)
{
	static const struct {
		const char *line;
		const char *word;
		const char *name;
	} bad[] = {
		{ "--device d --size 4q", "4k", "bad-size" },
		{ "--device d --size -4", "4k", "negative-size" },
		{ "--device d --size 18446744073709551616", "4k", "huge-size" },
		{ "--device d --threads 0", "1 to 64", "0-threads" },
		{ "--device d --threads -1", "1 to 64", "negative-threads" },
		{ "--device d --threads 65", "1 to 64", "too-many-threads" },
		{ "--device d --threads 4294967297", "1 to 64",
		  "threads-over-32-bits" },
		{ "--device d --access write", "read-fixed", "bad-access" },
		{ "--device d --touch all", "none, line or sum", "bad-touch" },
		{ "--device d --touch default", "none, line or sum",
		  "touch-is-never-asked-by-default" },
		{ "--device d --pages big", "small or huge", "bad-pages" },
		{ "--device d --seconds 0", "0.01", "0-seconds" },
		{ "--device d --seconds -1", "0.01", "negative-seconds" },
		{ "--device d --seconds inf", "0.01", "infinite-seconds" },
		{ "--device d --seconds 3601", "0.01", "too-many-seconds" },
		{ "--device d --slice-ms 0", "1 to 1000", "slice-of-0-ms" },
		{ "--device d --slice-ms 1001", "1 to 1000", "long-slice" },
		{ "--study --max-call x", "--max-call x", "bad-max-call" },
		{ "--study --boot 0", "1 to 10000", "boot-0" },
		{ "--study --boot 10001", "1 to 10000", "boot-10001" },
		{ "--study --rounds 0", "1 to 10000", "0-rounds" },
		{ "--study --rounds 99999999999999999999", "1 to 10000",
		  "rounds-over-64-bits" },
		{ "--study --count 0", "1 to 1000000", "count-0" },
		{ "--study --count 1000001", "1 to 1000000", "count-too-high" },
		{ "--study --seed x", "number", "bad-seed" },
		{ "--study --seed -1", "number", "negative-seed" },
		{ "--study --only=", "glob", "empty-glob" },
		{ "--study --raw r --lane A", "--lane A", "bad-lane" },
		{ "--study --raw r --lane=", "lane", "empty-lane" },
		{ "--study --raw r", "--lane", "no-lane" },
		{ "--study --lane t", "--raw", "no-raw" },
		{ "--raw r", "--raw needs --study", "raw-without-study" },
		{ "--size 4", "--device NODE", "size-without-device" },
		{ "--seconds 4", "--study or --device NODE",
		  "seconds-without-a-mode" },
		{ "--study --list", "does not go", "study-and-list" },
		{ "--device d --study", "does not go", "device-and-study" },
		{ "--list --touch line", "--touch does not go with --list",
		  "touch-in-a-list" },
		{ "--study --raw r --lane t --size 4", "--size",
		  "by-hand-option-in-a-study" },
		{ "--device d --quick", "--quick", "study-option-by-hand" },
		{ "--device d --rounds 3", "--rounds", "rounds-by-hand" },
		{ "--device", "--device needs a value", "missing-value" },
		{ "--study --ra", "--raw needs a value",
		  "missing-value-abbreviated" },
		{ "--study --raw --lane t", "--raw needs a value",
		  "option-for-a-value" },
		{ "--study=1", "--study takes no value", "surplus-value" },
		{ "--bogus", "unknown option --bogus", "unknown-option" },
		{ "--bogus=3", "unknown option --bogus=3",
		  "unknown-option-with-a-value" },
		{ "--study --reps 3", "--reps", "option-of-yesterday" },
		{ "--se 3", "--se is the beginning of 2", "ambiguous-option" },
		{ "--=3", "--=3", "option-without-a-name" },
		{ "-x", "unknown option -x", "unknown-letter" },
		{ "--study -xy --quick", "unknown option -xy",
		  "unknown-letters" },
		{ "--device d -xy", "unknown option -xy",
		  "unknown-letters-after-a-value" },
		{ "--study --raw r --lane t dma", "what is dma?",
		  "stray-word" },
		{ "--study --times x --count 4", "--times",
		  "times-does-not-count" },
		{ "--study --times x --controls-only", "--times",
		  "times-needs-devices" },
		{ "--study --scale --count 4", "--scale", "scale-and-count" },
		{ "--study --scale --times x", "--scale", "scale-and-times" },
		{ "--study --scale --controls-only", "--scale",
		  "scale-needs-devices" },
		{ "--study --count 4 --rounds 2", "--rounds",
		  "count-and-rounds" },
		{ "--study --count 4 --seconds 2", "--seconds",
		  "count-and-seconds" },
		{ "--study --again --scale", "--again", "again-and-scale" },
		{ "--study --again --times x", "--again", "again-and-times" },
		{ "--study --again --controls-only", "--again",
		  "again-needs-devices" },
		{ "--study --raw r --lane t --generator glibc",
		  "unknown option --generator", "generator-is-hostbench-only" },
	};

	unsetenv("LANE");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused(PROGRAM_USERBENCH, bad[i].line, bad[i].word,
			bad[i].name);
	refused(PROGRAM_HOSTBENCH, "--device d", "unknown option --device",
		"device-is-userbench-only");
	refused(PROGRAM_HOSTBENCH, "--study", "unknown option --study",
		"study-is-userbench-only");
	refused(PROGRAM_HOSTBENCH, "--lane t", "--raw", "hostbench-no-raw");
	setenv("LANE", "A B", 1);
	refused(PROGRAM_USERBENCH, "--study --raw r", "A B",
		"bad-lane-of-the-environment");
	unsetenv("LANE");
}

int main(void)
{
	test_sizes();
	test_numbers();
	test_study();
	test_by_hand();
	test_spelling();
	test_again();
	test_many_globs();
	test_refused();
	done_testing();
	return exit_status();
}
