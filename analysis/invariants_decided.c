// SPDX-License-Identifier: GPL-2.0-or-later
/* Verdicts of a report against the interval that stands beside them. */
#include "invariants.h"

#include <math.h>
#include <string.h>

#include "verdict.h"

#define NUMBER "(-?[0-9]+(?:\\.[0-9]+)?)"

/* Three digits are printed: what a bound may be off by. */
#define ROUNDING 0.006

static double number_of(const GMatchInfo *match, int group)
{
	char *text = g_match_info_fetch(match, group);
	double x = g_ascii_strtod(text, NULL);

	g_free(text);
	return x;
}

/* The last numbers of a text that match a pattern of @n groups. */
static bool find_numbers(const char *pattern, const char *text, double *x,
			 int n)
{
	GRegex *regex = g_regex_new(pattern, 0, 0, NULL);
	bool found = false;
	GMatchInfo *match;

	g_regex_match(regex, text, 0, &match);
	for (; g_match_info_matches(match); g_match_info_next(match, NULL)) {
		for (int i = 0; i < n; i++)
			x[i] = number_of(match, i + 1);
		found = true;
	}
	g_match_info_unref(match);
	g_regex_unref(regex);
	return found;
}

/* `m [lo, hi]`, or of counts `0 of n (below hi)` or an exact number */
static bool find_interval(const char *text, bool count,
			  struct stats_interval *ci)
{
	double x[3];

	if (find_numbers(NUMBER "(?: %)? \\[" NUMBER "(?: %)?, " NUMBER
				"(?: %)?\\]",
			 text, x, 3)) {
		*ci = (struct stats_interval){ x[0], x[1], x[2] };
		return true;
	}
	if (count &&
	    find_numbers("^0 of [0-9]+ \\(below " NUMBER "\\)$", text, x, 1)) {
		*ci = (struct stats_interval){ 0, 0, x[0] };
		return true;
	}
	if (count && find_numbers("^" NUMBER "$", text, x, 1)) {
		*ci = (struct stats_interval){ x[0], x[0], x[0] };
		return true;
	}
	return false;
}

/* Whether the words are those that the interval allows. */
static bool is_right(const struct stats_interval *ci, double wanted, bool least,
		     const char *words)
{
	struct stats_interval x = *ci;
	double off = fabs(wanted) * ROUNDING;

	if (!least) {
		x = (struct stats_interval){ -ci->mid, -ci->hi, -ci->lo };
		wanted = -wanted;
	}
	if (strstr(words, "within noise"))
		return false;
	if (strstr(words, "**reached**"))
		return verdict_goal(x, wanted - off) == GOAL_REACHED;
	if (strstr(words, "**missed**"))
		return verdict_goal(x, wanted + off) == GOAL_MISSED;
	return x.lo < wanted + off && x.hi >= wanted - off;
}

/* A wanted figure: in a table beside it, or in the sentence that says so */
static void check_goal(const struct line *l)
{
	int at = line_column(l, "wanted");
	int got = line_column(l, "measured");
	bool table = at >= 0 && got >= 0 && l->cell[got + 1];
	const char *wanted = table ? l->cell[at] : l->text;
	const char *measured = table ? l->cell[got] : l->text;
	const char *words = table ? l->cell[got + 1] : l->text;
	struct stats_interval ci;
	bool least;
	double x;

	if (!strstr(words, "**reached**") && !strstr(words, "**missed**") &&
	    !(table && !strcmp(words, "undecided")))
		return;
	least = !find_numbers("(?:at most|below) " NUMBER, wanted, &x, 1);
	if (least && !find_numbers("(?:at least|above) " NUMBER, wanted, &x, 1))
		return hit(l->file, l->number, "a verdict on no wanted figure",
			   l->text);
	if (!find_interval(measured, !least, &ci))
		hit(l->file, l->number, "a verdict without an interval",
		    l->text);
	else if (!is_right(&ci, x, least, words))
		hit(l->file, l->number,
		    "a verdict that its interval does not support", l->text);
}

static bool allows(const struct stats_interval *ci, const char *word)
{
	const double margin = VERDICT_MARGIN;

	if (strstr(word, "faster"))
		return ci->lo >= 1 - ROUNDING && ci->hi > margin - ROUNDING;
	if (strstr(word, "slower"))
		return ci->hi <= 1 + ROUNDING && ci->lo < 1 / margin + ROUNDING;
	if (strstr(word, "equal"))
		return ci->lo >= 1 / margin - ROUNDING &&
		       ci->hi <= margin + ROUNDING;
	return ci->lo < 1 / margin + ROUNDING || ci->hi > margin - ROUNDING;
}

/* A ratio with its verdict in the next cell */
static void check_comparison(const struct line *l)
{
	static const char *const words[] = {
		"faster",           "slower",    "**faster**", "**slower**",
		"equal within 5 %", "undecided", NULL
	};
	struct stats_interval ci;

	/* Wanted figures are another check's; the environment is as it is. */
	if (line_column(l, "wanted") >= 0 || line_column(l, "value") == 1)
		return;
	for (int c = 1; l->cell && l->cell[c]; c++) {
		if (!g_strv_contains(words, l->cell[c]))
			continue;
		if (!find_interval(l->cell[c - 1], false, &ci))
			hit(l->file, l->number, "a verdict without an interval",
			    l->text);
		else if (!allows(&ci, l->cell[c]))
			hit(l->file, l->number,
			    "a verdict that its interval does not support",
			    l->text);
	}
}

void invariants_decided(const GPtrArray *lines)
{
	for (guint i = 0; i < lines->len; i++) {
		check_goal(lines->pdata[i]);
		check_comparison(lines->pdata[i]);
	}
}
