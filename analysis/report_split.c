// SPDX-License-Identifier: GPL-2.0-or-later
/* Where each nanosecond of a request goes. */
#include <math.h>
#include <string.h>

#include "fmt.h"
#include "names.h"
#include "report.h"
#include "splitparts.h"

/* Parts a sentence names: the largest, until so much is named */
#define NAMED_SHARE 0.75
#define NAMED_MOST  3

static double share(const struct split *s, int part)
{
	return s->part[part].mid / s->total.mid;
}

static char *percent(double part)
{
	return g_strdup_printf("%.*f %%", fabs(part) < 0.0995 ? 1 : 0,
			       100 * part);
}

static char *duration(double ns)
{
	static const char *const unit[] = { "ns", "µs", "ms", "s" };
	guint u = 0;
	char *number, *text;

	while (ns >= 1000 && u + 1 < G_N_ELEMENTS(unit)) {
		ns /= 1000;
		u++;
	}
	number = fmt_human(ns);
	text = g_strdup_printf("%s %s", number, unit[u]);
	g_free(number);
	return text;
}

/* The next largest part after those in @named, a set of bits. */
static int largest(const struct split *s, unsigned int named)
{
	int best = -1;

	for (int p = 0; p < SPLIT_UNEXPLAINED; p++)
		if (!(named & 1u << p) &&
		    (best < 0 || s->part[p].mid > s->part[best].mid))
			best = p;
	return best;
}

/* What dominates: `driver 26 %, crossing 24 %`. */
static char *dominating(const struct split *s)
{
	GString *text = g_string_new(NULL);
	unsigned int named = 0;
	double sum = 0;

	for (int n = 0; n < NAMED_MOST && sum < NAMED_SHARE; n++) {
		int p = largest(s, named);
		char *part = percent(share(s, p));

		g_string_append_printf(text, "%s%s %s", n ? ", " : "",
				       split_words[p], part);
		g_free(part);
		named |= 1u << p;
		sum += share(s, p);
	}
	return g_string_free(text, FALSE);
}

static const struct split *find(const GPtrArray *splits, const char *lane,
				const char *variant, uint64_t bytes)
{
	for (guint i = 0; i < splits->len; i++) {
		const struct split *s = splits->pdata[i];

		if (!strcmp(s->lane, lane) && !strcmp(s->variant, variant) &&
		    s->bytes == bytes)
			return s;
	}
	return NULL;
}

/* One sentence for each path: what dominates it at each size. */
static void say_sentence(struct report *r, const GPtrArray *splits,
			 const char *lane, const char *variant)
{
	const char *join = "";

	for (guint i = 0; i < SPLIT_SIZES; i++) {
		const struct split *s =
			find(splits, lane, variant, split_sizes[i]);
		char *size, *total, *parts;

		if (!s)
			continue;
		size = fmt_size(s->bytes);
		total = duration(s->total.mid);
		parts = dominating(s);
		if (!*join)
			say(r, "- `%s`: ", variant);
		say(r, "%sof %s for %s: %s", join, total, size, parts);
		join = "; ";
		g_free(size);
		g_free(total);
		g_free(parts);
	}
	if (*join)
		say(r, ".\n");
}

/* The aim: so much of every path's time at REPORT_SIZE. */
#define WANTED_EXPLAINED 0.9

/* With as many decimals as show that it has a width. */
static char *percents(struct stats_interval part)
{
	int decimals = part.hi - part.lo < 0.02 ? 2 : 0;

	return g_strdup_printf("%.*f %% [%.*f %%, %.*f %%]", decimals,
			       100 * part.mid, decimals, 100 * part.lo,
			       decimals, 100 * part.hi);
}

/* The path of which the least may be explained. */
static const struct split *least_explained(const GPtrArray *splits,
					   const char *lane)
{
	const struct split *least = NULL;

	for (guint i = 0; i < splits->len; i++) {
		const struct split *s = splits->pdata[i];

		if (s->bytes == REPORT_SIZE && !strcmp(s->lane, lane) &&
		    (!least ||
		     split_explained(s).lo < split_explained(least).lo))
			least = s;
	}
	return least;
}

static void say_aim(struct report *r, const GPtrArray *splits, const char *lane)
{
	const struct split *least = least_explained(splits, lane);
	char *size, *text;

	if (!least)
		return;
	size = fmt_size(least->bytes);
	text = percents(split_explained(least));
	say(r,
	    "Of every path's untraced time for %s the parts should explain at "
	    "least 90 %%. Least is known of `%s`: %s: %s.\n\n",
	    size, least->variant, text,
	    goal_words(verdict_goal(split_explained(least), WANTED_EXPLAINED)));
	g_free(size);
	g_free(text);
}

/* What the system call part is: it is not the price of one system call. */
static const char *word(int part)
{
	return part == SPLIT_SYSCALL ? "`getppid`" : split_words[part];
}

static void say_rows(struct report *r, const GPtrArray *splits,
		     const char *lane)
{
	for (guint i = 0; i < splits->len; i++) {
		const struct split *s = splits->pdata[i];

		if (strcmp(s->lane, lane))
			continue;
		say(r, "| `%s` |", s->variant);
		say_cell(r, fmt_size(s->bytes));
		say_cell(r, text_interval(s->total));
		for (int p = 0; p < SPLIT_PARTS; p++)
			say_cell(r, s->part[p].mid == 0
					    ? g_strdup("-")
					    : fmt_human(s->part[p].mid));
		say_cell(r, text_interval(s->part[SPLIT_UNEXPLAINED]));
		say_cell(r, percents(split_explained(s)));
		say(r, "\n");
	}
}

static void say_table(struct report *r, const GPtrArray *splits,
		      const char *lane)
{
	say(r, "ns per call. The parts of a row add up to its total; the "
	       "interval of what is unexplained is that of the repetitions.\n\n"
	       "| path | request | total |");
	for (int p = 0; p < SPLIT_PARTS; p++)
		say(r, " %s |", word(p));
	say(r, " its interval | explained |\n| --- | --- | ---: |");
	for (int p = 0; p < SPLIT_PARTS + 2; p++)
		say(r, " ---: |");
	say(r, "\n");
	say_rows(r, splits, lane);
	say(r, "\n");
}

static void say_method(struct report *r, const char *lane)
{
	say(r,
	    "**How it is found.** No tool is on; every figure is from the "
	    "same boot, each repetition taken apart by itself. The parts are "
	    "what these cells took there, no unit prices. *System "
	    "call*: `getppid`. *Driver*: a read of 4 bytes by the control "
	    "`copy` (our driver, no device) less that, and the path's loop "
	    "run over memory instead of registers. *QEMU dispatch and "
	    "lock*: accesses as the device counted them, times a lock and a "
	    "read through the memory core (%s) as the device prices them "
	    "inside the emulator. *Crossing*: the same path with the device "
	    "in its constant mode, less all that comes before and that "
	    "device's own time, so it is all from the guest's instruction "
	    "to the memory core and back. *Device callback, generator, DMA "
	    "mapping*: the device's stamps in its timing mode, the stamps' "
	    "own cost taken off. *Interrupt and wake-up*: constant `dma-msi` "
	    "less constant `dma`. *Copy to user*: `copy` of this size less "
	    "`copy` of 4 bytes. *Pinning of pages*, where nothing is copied: "
	    "the control `ram-zc`, which pins the caller's pages and gives "
	    "them back, less `copy` of 4 bytes; to map them for the device is "
	    "in *crossing*. *Unexplained*: the untraced total less all "
	    "of these; negative where they come to more. Not taken apart: "
	    "`ring` and `dma-q`, whose device works beside a request, not in "
	    "it; and what differs from a path here by one part only.\n\n",
	    strcmp(lane, "tcg") ? "from the address on"
				: "from the region on; for a port from the "
				  "address on");
}

void report_split(struct report *r, const char *lane)
{
	const GPtrArray *splits = report_run_of(r, lane)->split;

	if (!splits)
		return;
	say(r, "### Where each nanosecond goes\n\n");
	if (!splits->len) {
		say(r, "Not known: no path was measured undisturbed together "
		       "with its controls in any boot.\n\n");
		return;
	}
	say_plot(r, "split", lane,
		 "Stacked bars: the share of each part in the time of a "
		 "request, by path and request size");
	say(r, "What dominates a request, by one thread, lane `%s`:\n\n", lane);
	for (const struct variant_name *v = variant_names; v->name; v++)
		say_sentence(r, splits, lane, v->name);
	say(r, "\n");
	say_aim(r, splits, lane);
	say_table(r, splits, lane);
	say_method(r, lane);
}
