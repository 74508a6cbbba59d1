// SPDX-License-Identifier: GPL-2.0-or-later
/* The command line of userbench and hostbench. */
#include "options.h"

#include <argp.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "log.h"

/* How long to measure by default, in seconds */
#define STUDY_S 10
#define QUICK_S 4
#define HAND_S  2

#define LANE_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789-_"
#define OPTIONS_MAX  40 /* of a program */

/*
 * The key of an option says what becomes of it: the modes that it goes with, the
 * kind of its value, and the field of struct options that gets the value. An
 * option with a letter is not stored, and goes with all modes. argp's own keys
 * have more bits.
 */
#define KEY(modes, kind, field) \
	((modes) << 16 | (kind) << 12 | (int)offsetof(struct options, field))
#define KEY_MODES(key) ((key) >> 16)
#define KEY_KIND(key)  ((key) >> 12 & 15)
#define KEY_FIELD(key) ((key) % 4096)
#define KEY_MAX        0x7ffff
_Static_assert(sizeof(struct options) <= 4096, "a field's place fits a key");

enum {
	STUDY = 1,
	HAND = 2,
	LIST = 4,
	MODES = 7
};

/* Kinds of values; MODE has none and asks for the mode that it goes with */
enum kind {
	MODE,
	FLAG,
	TEXT,
	SECONDS,
	SIZE,
	ACCESS,
	TOUCH,
	PAGES,
	LANE,
	GLOB,
	TO_64,
	TO_1000,
	TO_10000,
	TO_1000000,
	SEED
};

static const char *const valid[] = {
	[SECONDS] = "seconds from 0.01 to 3600",
	[SIZE] = "bytes from 1 to 1024M, for example 4, 4k or 1M",
	[ACCESS] = "read, read-huge, read-fixed, ioctl, mmap or uring",
	[TOUCH] = "none, line or sum",
	[PAGES] = "small or huge",
	[LANE] = "a name of small letters, digits, - and _, for example tcg",
	[GLOB] = "a glob, for example 'dma*', and at most 64 of them",
	[TO_64] = "a number from 1 to 64",
	[TO_1000] = "a number from 1 to 1000",
	[TO_10000] = "a number from 1 to 10000",
	[TO_1000000] = "a number from 1 to 1000000",
	[SEED] = "a number from 0 to 18446744073709551615",
};

/**
 * struct parsing - what the steps of reading a command line share
 * @o: what was asked
 * @error: gets the message; empty as long as nothing is wrong
 * @error_size: room there
 * @options: all options of the program
 * @count: how many
 * @asked: the modes that were asked for
 * @given: by modes: name of the first option that was given and goes with these
 *	modes only
 * @letter: 'h' if --help was given, else 'V' if --version was
 */
struct parsing {
	struct options *o;
	char *error;
	size_t error_size;
	const struct argp_option *options[OPTIONS_MAX];
	size_t count;
	int asked;
	const char *given[MODES + 1];
	int letter;
};

static error_t complain(struct parsing *p, const char *fmt, ...)
	PRINTF_LIKE(2, 3);

static error_t complain(struct parsing *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p->error, p->error_size, fmt, ap);
	va_end(ap);
	return EINVAL;
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

/* ---- from a text to a field: 0, or -1 if the text is not valid ---- */

static int set_unsigned(const char *text, unsigned int max, unsigned int *value)
{
	uint64_t n = 0;
	int error = parse_number(text, 1, max, &n);

	*value = (unsigned int)n;
	return error;
}

static int set_access(const char *text, const char **value)
{
	static const char *const known[] = { "read",  "read-huge", "read-fixed",
					     "ioctl", "mmap",      "uring" };

	*value = text;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!strcmp(text, known[i]))
			return 0;
	}
	return -1;
}

static int set_touch(const char *text, enum touch *value)
{
	for (*value = TOUCH_NONE; *value <= TOUCH_SUM; (*value)++) {
		if (!strcmp(text, touch_name(*value)))
			return 0;
	}
	return -1;
}

static int set_pages(const char *text, bool *huge)
{
	*huge = !strcmp(text, "huge");
	return *huge || !strcmp(text, "small") ? 0 : -1;
}

static int set_lane(const char *text, const char **value)
{
	*value = text;
	return *text && !text[strspn(text, LANE_LETTERS)] ? 0 : -1;
}

static int add_glob(struct options *o, const char *text)
{
	if (!*text || o->only_count == OPTIONS_GLOBS)
		return -1;
	o->only[o->only_count++] = text;
	return 0;
}

static int set_field(struct options *o, int key, const char *text)
{
	void *field = (char *)o + KEY_FIELD(key);

	switch (KEY_KIND(key)) {
	case FLAG:
		*(bool *)field = true;
		return 0;
	case TEXT:
		*(const char **)field = text;
		return 0;
	case SECONDS:
		return parse_seconds(text, field);
	case SIZE:
		return parse_size(text, field);
	case ACCESS:
		return set_access(text, field);
	case TOUCH:
		return set_touch(text, field);
	case PAGES:
		return set_pages(text, field);
	case LANE:
		return set_lane(text, field);
	case GLOB:
		return add_glob(o, text);
	case TO_64:
		return set_unsigned(text, 64, field);
	case TO_1000:
		return set_unsigned(text, 1000, field);
	case TO_10000:
		return set_unsigned(text, 10000, field);
	case TO_1000000:
		return parse_number(text, 1, 1000000, field);
	case SEED:
		return parse_number(text, 0, UINT64_MAX, field);
	}
	return 0;
}

/* ---- argp ---- */

/* The value @text of option @name */
static error_t take_value(struct parsing *p, const char *name, int key,
			  const char *text)
{
	if (!set_field(p->o, key, text))
		return 0;
	return complain(p, "--%s %s: give %s", name, text,
			valid[KEY_KIND(key)]);
}

/* Collects the options of @argp and of its children */
static void list_options(struct parsing *p, const struct argp *argp)
{
	const struct argp_child *child = argp->children;

	for (const struct argp_option *o = argp->options; o->name || o->doc;
	     o++) {
		if (o->name && p->count < OPTIONS_MAX)
			p->options[p->count++] = o;
	}
	for (; child && child->argp; child++)
		list_options(p, child->argp);
}

static error_t take_option(struct parsing *p, int key, const char *text)
{
	const char *name;
	size_t i = 0;

	while (p->options[i]->key != key)
		i++;
	name = p->options[i]->name;
	if (!p->given[KEY_MODES(key)])
		p->given[KEY_MODES(key)] = name;
	if (key == 'h' || key == 'V')
		p->letter = p->letter == 'h' ? 'h' : key;
	else if (KEY_KIND(key) == MODE)
		p->asked |= KEY_MODES(key);
	else if (text && !strncmp(text, "--", 2))
		return complain(
			p, "--%s needs a value, and %s is none; see --help",
			name, text);
	else
		return take_value(p, name, key, text);
	return 0;
}

/* Says what is wrong with @word; false: nothing is */
static bool refuse_word(struct parsing *p, const char *word)
{
	size_t length = strcspn(word, "=");
	const struct argp_option *found = NULL;
	unsigned int matches = 0;

	for (size_t i = 0; length > 2 && i < p->count; i++) {
		if (strncmp(word, "--", 2) ||
		    strncmp(word + 2, p->options[i]->name, length - 2))
			continue;
		found = p->options[i];
		matches++;
	}
	if (!found)
		return complain(p, "unknown option %s; see --help", word);
	if (matches > 1)
		return complain(p,
				"%s is the beginning of %u options; see --help",
				word, matches);
	if (found->arg)
		return complain(p, "--%s needs a value; see --help",
				found->name);
	return word[length] && complain(p, "--%s takes no value", found->name);
}

/* getopt has passed the word that it refused, unless it refused a letter of many */
static void refuse(struct parsing *p, const struct argp_state *state)
{
	const char *word = state->argv[state->next - 1];

	if (word[0] == '-' && refuse_word(p, word))
		return;
	if (state->next < state->argc)
		refuse_word(p, state->argv[state->next]);
}

/* The children of a program's argp have none themselves */
static void share_input(const struct argp_state *state)
{
	const struct argp_child *child = state->root_argp->children;

	for (size_t i = 0; state->child_inputs && child[i].argp; i++)
		state->child_inputs[i] = state->input;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
	struct parsing *p = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		share_input(state);
		return 0;
	case ARGP_KEY_ARG:
		if (p->o->only_count)
			return take_value(p, "only", KEY(STUDY, GLOB, only),
					  text);
		return complain(p, "what is %s? see --help", text);
	case ARGP_KEY_ERROR:
		if (!p->error[0])
			refuse(p, state);
		return 0;
	}
	return key > KEY_MAX ? ARGP_ERR_UNKNOWN : take_option(p, key, text);
}

#define OPTION(name, key, arg, doc)       \
	{                                 \
		name, key, arg, 0, doc, 0 \
	}

static const struct argp_option hand_options[] = {
	OPTION("device", KEY(HAND, TEXT, device), "NODE",
	       "/dev/my_rng0, /dev/my_rng_null, /dev/hwrng, ..."),
	OPTION("size", KEY(HAND, SIZE, size), "N",
	       "Bytes per call, k and M allowed (default 4k)"),
	OPTION("access", KEY(HAND, ACCESS, access), "A",
	       "read (default), read-huge (into huge pages), read-fixed (into "
	       "a registered buffer), ioctl (one 4-byte number), mmap (in "
	       "place, no system call) or uring (reads by io_uring, up to 32 a "
	       "system call)"),
	OPTION("pages", KEY(HAND, PAGES, huge), "P",
	       "Pages of the buffer, with any access: small (default) or huge"),
	OPTION("threads", KEY(HAND, TO_64, threads), "N",
	       "Ask by so many at once, each on a CPU of its own (default 1)"),
	OPTION("path", KEY(HAND, TEXT, path), "P",
	       "Read path, for devices with more than one: fifo or fifo-mmio; "
	       "dma, dma-msi, dma-zc, dma-zc-msi, dma-q or dma-q-msi; window "
	       "or window-uc"),
	{ 0 }
};

static const struct argp_option study_options[] = {
	OPTION("study", KEY(STUDY, MODE, mode), NULL, "Measure all cells"),
	OPTION("times", KEY(STUDY, TEXT, times), "FILE",
	       "Take requests apart: also each path with the device's modes, "
	       "and controls of the driver; write the device's stopwatch to "
	       "FILE"),
	OPTION("scale", KEY(STUDY, FLAG, scale), NULL,
	       "Ask by 1, 2 and 4 threads: one device, and two of a kind"),
	OPTION("count", KEY(STUDY, TO_1000000, count), "N",
	       "Do not time: make N calls of each cell, once, for a host that "
	       "counts exits"),
	OPTION("max-call", KEY(STUDY, SECONDS, call_s), "S",
	       "Leave out cells of which one call takes longer (default 1)"),
	OPTION("again", KEY(STUDY, FLAG, again), NULL,
	       "Measure the second device of a kind too, as PATH-again"),
	OPTION("controls-only", KEY(STUDY, FLAG, controls_only), NULL,
	       "Only what needs no device: getrandom, memcpy, getppid"),
	{ 0 }
};

/* Of both programs */
static const struct argp_option common_options[] = {
	OPTION("lane", KEY(STUDY, LANE, lane), "NAME",
	       "What runs this machine (tcg, kvm, ...); or $LANE"),
	OPTION("raw", KEY(STUDY, TEXT, raw), "FILE",
	       "Write the slices to FILE, one row each"),
	OPTION("meta", KEY(STUDY, TEXT, meta), "FILE",
	       "Write to FILE how and under what they were taken (JSON)"),
	OPTION("quick", KEY(STUDY, FLAG, quick), NULL,
	       "Fewer sizes, less time"),
	OPTION("boot", KEY(STUDY, TO_10000, boot), "N",
	       "Number of this boot among those of the study; of hostbench, of "
	       "this start (default 1)"),
	OPTION("rounds", KEY(STUDY, TO_10000, rounds), "N",
	       "In place of --seconds: so many rounds of each group of cells"),
	OPTION("seed", KEY(STUDY, SEED, seed), "N",
	       "Seed of the order (default: a random one, recorded)"),
	OPTION("only", KEY(STUDY, GLOB, only), "GLOB",
	       "Only cells of which the variant, or "
	       "VARIANT/ACCESS/BYTES/THREADS, matches GLOB or one of the globs "
	       "that follow"),
	OPTION("seconds", KEY(STUDY | HAND, SECONDS, seconds), "S",
	       "How long to measure (default 10, with --quick 4, by hand 2)"),
	OPTION("slice-ms", KEY(STUDY | HAND, TO_1000, slice_ms), "N",
	       "Length of a slice, one stretch of calls (default 3)"),
	{ "version", 'V', NULL, 0, "Print the version", -1 },
	{ "help", 'h', NULL, 0, "Print this", -1 },
	{ 0 }
};

static const struct argp_option userbench_options[] = {
	{ NULL, 0, NULL, 0, "By hand and in a study:", 4 },
	OPTION("touch", KEY(STUDY | HAND, TOUCH, touch), "T",
	       "What is done with the bytes: none, line (a word of every 64 "
	       "bytes) or sum; default none, of mmap line"),
	{ "list", KEY(LIST, MODE, mode), NULL, 0,
	  "Print what can be measured here", -1 },
	{ 0 }
};

static const struct argp_option hostbench_options[] = {
	OPTION("generator", KEY(STUDY, TEXT, generator), "NAME",
	       "glibc (default), xoshiro256ss, ..."),
	{ 0 }
};

static const char userbench_args[] =
	"--study --lane NAME --raw FILE [GLOB...]\n--device NODE\n--list";

static const char userbench_doc[] =
	"Measures what a call costs that fetches random bytes: by every data "
	"path of every my_rng device, and by controls beside them.\v"
	"Of an option that is given twice, the last one counts. Examples:\n\n"
	"  userbench --device /dev/my_rng0 --size 4k --seconds 2\n"
	"  userbench --device /dev/my_rng2 --path fifo-mmio --size 64k\n"
	"  userbench --device /dev/my_rng0 --access ioctl\n"
	"  userbench --study --quick --lane tcg --raw raw.tsv\n"
	"  userbench --study --lane tcg --raw raw.tsv --only 'dma*'";

static const char hostbench_doc[] =
	"Measures, in a plain process, the two things that no data path of "
	"my_rng can exceed: the device's generator (variant host-generator) "
	"and memcpy (host-memcpy). Measures as well, by 1 MiB, every generator "
	"there is (host-gen-NAME) and the C library's rand() in a loop "
	"(host-rand).\vWrites the same raw.tsv as userbench. Example:\n\n"
	"  hostbench --quick --lane tcg --raw raw.tsv --generator xoshiro256ss";

static const struct argp hand = { hand_options, parse, .doc = NULL };
static const struct argp study = { study_options, parse, .doc = NULL };
static const struct argp common = { common_options, parse, .doc = NULL };

static const struct argp_child of_userbench[] = {
	{ &hand, 0, "By hand, prints a table:", 1 },
	{ &study, 0, "A study, slices of all cells in turn:", 2 },
	{ &common, 0, "", 3 },
	{ 0 }
};
static const struct argp_child of_hostbench[] = { { &common, 0, NULL, 0 },
						  { 0 } };

static const struct argp programs[] = {
	[PROGRAM_USERBENCH] = { userbench_options, parse, userbench_args,
				userbench_doc, of_userbench, NULL, NULL },
	[PROGRAM_HOSTBENCH] = { hostbench_options, parse,
				"--lane NAME --raw FILE [GLOB...]",
				hostbench_doc, of_hostbench, NULL, NULL },
};

void options_help(enum program program, FILE *f)
{
	argp_help(&programs[program], f, ARGP_HELP_STD_HELP,
		  program_invocation_short_name);
}

/* ---- a command line ---- */

static void defaults(struct options *o, char **argv)
{
	memset(o, 0, sizeof(*o));
	o->args = argv;
	o->access = "read";
	o->size = 4096;
	o->threads = 1;
	o->boot = 1;
	o->slice_ms = 3;
	o->call_s = 1;
	if (getrandom(&o->seed, sizeof(o->seed), 0) < 0)
		o->seed = 1;
	o->seed >>= 32; /* short enough to type again */
}

/* Options that were given and do not go with the mode that was asked for */
static error_t check_modes(struct parsing *p)
{
	static const char *const names[] = { "", "--study", "--device NODE",
					     "--study or --device NODE",
					     "--list" };
	int asked = p->asked & -p->asked; /* the first one, if there are two */

	for (int modes = 1; modes <= MODES; modes++) {
		if (!p->given[modes] || modes & asked)
			continue;
		if (!asked)
			return complain(p, "--%s needs %s as well; see --help",
					p->given[modes], names[modes]);
		return complain(p, "--%s does not go with %s; see --help",
				p->given[modes], names[asked]);
	}
	return 0;
}

/* Options of a study that contradict each other, or are missing */
static error_t check_study(struct parsing *p)
{
	struct options *o = p->o;

	if (o->count && (o->rounds || o->seconds > 0 || o->times))
		return complain(p, "--count goes through the cells once and "
				   "does not time: it goes with neither "
				   "--rounds, --seconds nor --times");
	if (o->times && o->controls_only)
		return complain(p, "--times asks the devices, so "
				   "--controls-only does not go with it");
	if (o->scale && (o->count || o->times || o->controls_only))
		return complain(p,
				"--scale times devices: it goes with neither "
				"--count, --times nor --controls-only");
	if (o->again && (o->times || o->scale || o->controls_only))
		return complain(p,
				"--again asks all paths: it goes with neither "
				"--times, --scale nor --controls-only");
	if (!o->raw)
		return complain(p, "a study needs --raw FILE to write to");
	if (!o->lane && getenv("LANE"))
		return take_value(p, "lane", KEY(STUDY, LANE, lane),
				  getenv("LANE"));
	if (!o->lane)
		return complain(p, "a study needs --lane NAME, for example "
				   "tcg: it stands in every row");
	return 0;
}

/* What is known only when all options are */
static error_t conclude(struct parsing *p)
{
	static const enum mode modes[] = {
		MODE_HELP, [STUDY] = MODE_STUDY, [HAND] = MODE_HAND,
		[LIST] = MODE_LIST
	};
	struct options *o = p->o;

	p->asked |= o->device ? HAND : 0;
	if (p->letter) {
		o->mode = p->letter == 'h' ? MODE_HELP : MODE_VERSION;
		return 0;
	}
	if (check_modes(p))
		return EINVAL;
	o->mode = modes[p->asked];
	if (o->mode == MODE_STUDY && check_study(p))
		return EINVAL;
	if (o->rounds)
		o->seconds = 0;
	else if (!(o->seconds > 0))
		o->seconds = o->mode == MODE_HAND ? HAND_S
			     : o->quick           ? QUICK_S
						  : STUDY_S;
	return 0;
}

int options_parse(struct options *o, enum program program, int argc,
		  char **argv, char *error, size_t error_size)
{
	struct parsing p = { .o = o, .error = error, .error_size = error_size };

	error[0] = '\0';
	defaults(o, argv);
	if (program == PROGRAM_HOSTBENCH)
		p.asked = STUDY;
	list_options(&p, &programs[program]);
	if (argp_parse(&programs[program], argc, argv,
		       ARGP_NO_EXIT | ARGP_NO_ERRS | ARGP_NO_HELP, NULL, &p))
		return -1;
	return conclude(&p) ? -1 : 0;
}
