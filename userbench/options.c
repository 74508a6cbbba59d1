// SPDX-License-Identifier: GPL-2.0-or-later
/* The command line of userbench and hostbench. */
#include "options.h"

#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "log.h"

#define FULL_REPS  9
#define FULL_MS    50
#define QUICK_REPS 5
#define QUICK_MS   20
#define COUNT_MAX  1000000

#define U PROGRAM_USERBENCH
#define H PROGRAM_HOSTBENCH

/* Where a refused value's message goes */
struct complaint {
	char *text;
	size_t size;
};

static int complain(const struct complaint *c, const char *fmt, ...)
	PRINTF_LIKE(2, 3);

static int complain(const struct complaint *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(c->text, c->size, fmt, ap);
	va_end(ap);
	return -1;
}

/* ---- values ---- */

int parse_number(const char *text, uint64_t min, uint64_t max, uint64_t *n)
{
	uint64_t v = 0;

	if (!*text)
		return -1;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' ||
		    __builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*text - '0'), &v))
			return -1;
	}
	if (v < min || v > max)
		return -1;
	*n = v;
	return 0;
}

int parse_size(const char *text, size_t *bytes)
{
	char digits[24];
	size_t length = strlen(text);
	unsigned int shift = 0;
	uint64_t n;

	if (!length || length >= sizeof(digits))
		return -1;
	switch (text[length - 1]) {
	case 'k':
	case 'K':
		shift = 10;
		break;
	case 'm':
	case 'M':
		shift = 20;
		break;
	}
	memcpy(digits, text, length + 1);
	if (shift)
		digits[length - 1] = '\0';
	if (parse_number(digits, 1, BYTES_MAX >> shift, &n))
		return -1;
	*bytes = n << shift;
	return 0;
}

int parse_seconds(const char *text, double *seconds)
{
	char *end;
	double v;

	if (!isdigit((unsigned char)*text))
		return -1;
	v = strtod(text, &end);
	if (*end || !(v >= 0.01 && v <= 3600))
		return -1;
	*seconds = v;
	return 0;
}

/* ---- one setter per option that takes a value ---- */

static int set_number(const struct complaint *c, const char *option,
		      const char *text, uint64_t min, uint64_t max,
		      uint64_t *value)
{
	if (!parse_number(text, min, max, value))
		return 0;
	return complain(c, "--%s %s: give a number from %llu to %llu", option,
			text, (unsigned long long)min, (unsigned long long)max);
}

static int set_unsigned(const struct complaint *c, const char *option,
			const char *text, unsigned int max, unsigned int *value)
{
	uint64_t n = 0;

	if (set_number(c, option, text, 1, max, &n))
		return -1;
	*value = (unsigned int)n;
	return 0;
}

static int set_reps(struct options *o, const char *v, const struct complaint *c)
{
	return set_unsigned(c, "reps", v, 10000, &o->reps);
}

static int set_sample(struct options *o, const char *v,
		      const struct complaint *c)
{
	return set_unsigned(c, "sample-ms", v, 60000, &o->sample_ms);
}

static int set_count(struct options *o, const char *v,
		     const struct complaint *c)
{
	return set_number(c, "count", v, 1, COUNT_MAX, &o->count);
}

static int set_call(struct options *o, const char *v, const struct complaint *c)
{
	if (!parse_seconds(v, &o->call_s))
		return 0;
	return complain(c, "--max-call %s: give seconds from 0.01 to 3600", v);
}

static int set_threads(struct options *o, const char *v,
		       const struct complaint *c)
{
	return set_unsigned(c, "threads", v, THREADS_MAX, &o->threads);
}

static int set_seed(struct options *o, const char *v, const struct complaint *c)
{
	return set_number(c, "seed", v, 0, UINT64_MAX, &o->seed);
}

static int set_size(struct options *o, const char *v, const struct complaint *c)
{
	if (!parse_size(v, &o->size))
		return 0;
	return complain(c,
			"--size %s: give bytes from 1 to 1024M, for example 4, "
			"4k or 1M",
			v);
}

static int set_seconds(struct options *o, const char *v,
		       const struct complaint *c)
{
	if (!parse_seconds(v, &o->seconds))
		return 0;
	return complain(c, "--seconds %s: give a number from 0.01 to 3600", v);
}

static int set_access(struct options *o, const char *v,
		      const struct complaint *c)
{
	static const char *const known[] = { "read",  "read-huge", "read-fixed",
					     "ioctl", "mmap",      "uring" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!strcmp(v, known[i])) {
			o->access = known[i];
			return 0;
		}
	}
	return complain(c,
			"--access %s: give read, read-huge, read-fixed, ioctl, "
			"mmap or uring",
			v);
}

static int set_touch(struct options *o, const char *v,
		     const struct complaint *c)
{
	for (enum touch t = TOUCH_NONE; t <= TOUCH_SUM; t++) {
		if (!strcmp(v, touch_name(t))) {
			o->touch = t;
			return 0;
		}
	}
	return complain(c, "--touch %s: give none, line or sum", v);
}

static int set_pages(struct options *o, const char *v,
		     const struct complaint *c)
{
	o->huge = !strcmp(v, "huge");
	if (o->huge || !strcmp(v, "small"))
		return 0;
	return complain(c, "--pages %s: give small or huge", v);
}

static int set_lane(struct options *o, const char *v, const struct complaint *c)
{
	if (!*v || v[strspn(v, "abcdefghijklmnopqrstuvwxyz0123456789-_")])
		return complain(c,
				"--lane %s: give a name of small letters, "
				"digits, - and _, for example tcg",
				v);
	o->lane = v;
	return 0;
}

static int set_only(struct options *o, const char *v, const struct complaint *c)
{
	if (!*v)
		return complain(c, "--only: give a glob, for example 'dma*'");
	if (o->only_count == OPTIONS_GLOBS)
		return complain(c, "--only: at most %d globs", OPTIONS_GLOBS);
	o->only[o->only_count++] = v;
	return 0;
}

static int set_raw(struct options *o, const char *v, const struct complaint *c)
{
	(void)c;
	o->raw = v;
	return 0;
}

static int set_meta(struct options *o, const char *v, const struct complaint *c)
{
	(void)c;
	o->meta = v;
	return 0;
}

static int set_times(struct options *o, const char *v,
		     const struct complaint *c)
{
	(void)c;
	o->times = v;
	return 0;
}

static int set_generator(struct options *o, const char *v,
			 const struct complaint *c)
{
	(void)c;
	o->generator = v;
	return 0;
}

static int set_device(struct options *o, const char *v,
		      const struct complaint *c)
{
	(void)c;
	o->device = v;
	o->mode = MODE_HAND;
	return 0;
}

static int set_path(struct options *o, const char *v, const struct complaint *c)
{
	(void)c;
	o->path = v;
	return 0;
}

/* ---- options without a value ---- */

static void flag_help(struct options *o)
{
	o->mode = MODE_HELP;
}

static void flag_version(struct options *o)
{
	o->mode = MODE_VERSION;
}

static void flag_study(struct options *o)
{
	o->mode = MODE_STUDY;
}

static void flag_list(struct options *o)
{
	o->mode = MODE_LIST;
}

static void flag_quick(struct options *o)
{
	o->quick = true;
}

static void flag_scale(struct options *o)
{
	o->scale = true;
}

static void flag_controls(struct options *o)
{
	o->controls_only = true;
}

/*
 * All options, help and version first: exactly one of @set (takes a value) and @flag; @mode is the
 * mode it belongs to, MODE_HELP for any.
 */
static const struct definition {
	const char *name;
	unsigned int programs;
	enum mode mode;
	int (*set)(struct options *o, const char *v, const struct complaint *c);
	void (*flag)(struct options *o);
} definitions[] = {
	{ "help", U | H, MODE_HELP, NULL, flag_help },
	{ "version", U | H, MODE_HELP, NULL, flag_version },
	{ "study", U, MODE_STUDY, NULL, flag_study },
	{ "list", U, MODE_LIST, NULL, flag_list },
	{ "device", U, MODE_HAND, set_device, NULL },
	{ "quick", U | H, MODE_STUDY, NULL, flag_quick },
	{ "scale", U, MODE_STUDY, NULL, flag_scale },
	{ "controls-only", U, MODE_STUDY, NULL, flag_controls },
	{ "lane", U | H, MODE_STUDY, set_lane, NULL },
	{ "raw", U | H, MODE_STUDY, set_raw, NULL },
	{ "meta", U | H, MODE_STUDY, set_meta, NULL },
	{ "times", U, MODE_STUDY, set_times, NULL },
	{ "seed", U | H, MODE_STUDY, set_seed, NULL },
	{ "reps", U | H, MODE_STUDY, set_reps, NULL },
	{ "sample-ms", U | H, MODE_STUDY, set_sample, NULL },
	{ "count", U, MODE_STUDY, set_count, NULL },
	{ "max-call", U, MODE_STUDY, set_call, NULL },
	{ "only", U | H, MODE_STUDY, set_only, NULL },
	{ "generator", H, MODE_STUDY, set_generator, NULL },
	{ "touch", U, MODE_HELP, set_touch, NULL },
	{ "path", U, MODE_HAND, set_path, NULL },
	{ "size", U, MODE_HAND, set_size, NULL },
	{ "seconds", U, MODE_HAND, set_seconds, NULL },
	{ "access", U, MODE_HAND, set_access, NULL },
	{ "pages", U, MODE_HAND, set_pages, NULL },
	{ "threads", U, MODE_HAND, set_threads, NULL },
};
#define DEFINITIONS (sizeof(definitions) / sizeof(definitions[0]))

/* getopt's table of @program's options */
static void long_options(struct option *table, enum program program)
{
	size_t n = 0;

	for (size_t i = 0; i < DEFINITIONS; i++) {
		const struct definition *d = &definitions[i];

		if (!(d->programs & program))
			continue;
		table[n].name = d->name;
		table[n].has_arg = d->set ? required_argument : no_argument;
		table[n].flag = NULL;
		table[n++].val = 256 + (int)i;
	}
	memset(&table[n], 0, sizeof(*table));
}

static void defaults(struct options *o, enum program program, char **argv)
{
	memset(o, 0, sizeof(*o));
	o->args = argv;
	o->mode = program == PROGRAM_HOSTBENCH ? MODE_STUDY : MODE_HELP;
	o->access = "read";
	o->size = 4096;
	o->threads = 1;
	o->seconds = 2;
	o->call_s = 1;
	if (getrandom(&o->seed, sizeof(o->seed), 0) < 0)
		o->seed = 1;
	o->seed >>= 32; /* short enough to type again */
}

/* What is known only when all options are */
static int conclude(struct options *o, const struct complaint *c)
{
	if (o->mode != MODE_STUDY)
		return 0;
	if (o->count && o->reps)
		return complain(c, "--count goes through the cells once, so "
				   "--reps does not go with it");
	if (o->count && o->times)
		return complain(c, "--count does not time, so --times does "
				   "not go with it");
	if (o->controls_only && o->times)
		return complain(c, "--times asks the devices, so "
				   "--controls-only does not go with it");
	if (o->scale && (o->count || o->times || o->controls_only))
		return complain(c, "--scale times devices, so --count, --times "
				   "and --controls-only do not go with it");
	if (o->count)
		o->reps = 1;
	if (!o->reps)
		o->reps = o->quick ? QUICK_REPS : FULL_REPS;
	if (!o->sample_ms)
		o->sample_ms = o->quick ? QUICK_MS : FULL_MS;
	if (!o->raw)
		return complain(c, "a study needs --raw FILE to write to");
	if (!o->lane && getenv("LANE"))
		return set_lane(o, getenv("LANE"), c);
	if (!o->lane)
		return complain(c, "a study needs --lane NAME, for example "
				   "tcg: it stands in every row");
	return 0;
}

/* Options given that belong to another mode than the one asked for */
static int check_modes(const struct options *o, const bool *given,
		       const struct complaint *c)
{
	static const char *const names[] = {
		[MODE_STUDY] = "--study",
		[MODE_HAND] = "--device NODE",
		[MODE_LIST] = "--list",
	};

	for (size_t i = 0; i < DEFINITIONS; i++) {
		enum mode mode = definitions[i].mode;

		if (!given[i] || mode == MODE_HELP || mode == o->mode)
			continue;
		if (o->mode == MODE_HELP)
			return complain(c, "--%s needs %s as well; see --help",
					definitions[i].name, names[mode]);
		return complain(c, "--%s does not go with %s; see --help",
				definitions[i].name, names[o->mode]);
	}
	return 0;
}

static int refuse(const struct complaint *c, int opt, char **argv)
{
	const char *arg = argv[optind - 1];

	if (opt == ':')
		return complain(c, "%s needs a value; see --help", arg);
	if (optopt >= 256)
		return complain(c, "--%s takes no value",
				definitions[optopt - 256].name);
	return complain(c, "unknown option %s; see --help", arg);
}

/* All that starts with a dash */
static int parse_dashed(struct options *o, enum program program, int argc,
			char **argv, bool *given, const struct complaint *c)
{
	struct option table[DEFINITIONS + 1];
	int opt;

	long_options(table, program);
	optind = 0; /* glibc: start anew, also for a second command line */
	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":h", table, NULL)) != -1) {
		const struct definition *d = definitions;

		if (opt != 'h' && opt < 256)
			return refuse(c, opt, argv);
		if (opt != 'h')
			d += opt - 256;
		given[d - definitions] = true;
		if (d->set && d->set(o, optarg, c))
			return -1;
		if (d->flag)
			d->flag(o);
	}
	return 0;
}

int options_parse(struct options *o, enum program program, int argc,
		  char **argv, char *error, size_t error_size)
{
	const struct complaint c = { error, error_size };
	bool given[DEFINITIONS] = { false };

	defaults(o, program, argv);
	if (parse_dashed(o, program, argc, argv, given, &c))
		return -1;
	if (given[0] || given[1]) {
		o->mode = given[0] ? MODE_HELP : MODE_VERSION;
		return 0;
	}
	for (; optind < argc; optind++) {
		if (!o->only_count)
			return complain(&c, "what is %s? see --help",
					argv[optind]);
		if (set_only(o, argv[optind], &c))
			return -1;
	}
	if (check_modes(o, given, &c))
		return -1;
	return conclude(o, &c);
}
