// SPDX-License-Identifier: GPL-2.0-or-later
/* What a single line of a report may not show. */
#include "invariants.h"

#include <string.h>

#include "names.h"

#define NUMBER "-?[0-9]+(?:\\.[0-9]+)?"

static bool matches(const char *pattern, const char *text)
{
	return g_regex_match_simple(pattern, text, 0, 0);
}

static void tell(const struct line *l, const char *what)
{
	hit(l->file, l->number, what, l->text);
}

/* --- of any line --- */

static const struct {
	const char *pattern;
	const char *what;
} forbidden[] = {
	{ "(?<![[:alnum:]_.-])-?(inf|nan)(?![[:alnum:]_-])",
	  "not a finite number" },
	{ "No plot", "a plot is missing" },
	{ "\\b(a tie|tie at|says tie|no difference)\\b",
	  "a tie is no verdict" },
	{ "\\[(" NUMBER ")( %)?, \\1( %)?\\]", "an interval of zero width" },
};

static void check_forbidden(const struct line *l)
{
	for (guint i = 0; i < G_N_ELEMENTS(forbidden); i++)
		if (matches(forbidden[i].pattern, l->text))
			tell(l, forbidden[i].what);
}

static bool is_elsewhere(const char *target)
{
	return *target == '#' || strstr(target, "://") ||
	       g_str_has_prefix(target, "mailto:");
}

static void check_links(const struct line *l)
{
	GRegex *link = g_regex_new("\\]\\(([^)\\s]+)\\)", 0, 0, NULL);
	char *dir = g_path_get_dirname(l->file);
	GMatchInfo *match;

	g_regex_match(link, l->text, 0, &match);
	for (; g_match_info_matches(match); g_match_info_next(match, NULL)) {
		char *target = g_match_info_fetch(match, 1);
		char *path = g_build_filename(dir, target, NULL);

		if (!is_elsewhere(target) &&
		    !g_file_test(path, G_FILE_TEST_EXISTS))
			tell(l, "a link or picture is missing");
		g_free(path);
		g_free(target);
	}
	g_match_info_unref(match);
	g_free(dir);
	g_regex_unref(link);
}

/* --- of counts --- */

/* Columns that count; the first few by chance where a thread serves. */
static const char *const counts[] = {
	"exits",
	"accesses",
	"MMIO writes",
	"interrupts",
	"crossings",
	"accesses per KiB",
	"accesses per request",
	"nested page fault (MMIO)",
	"system calls",
	"system calls per call",
	"MMIO reads",
	"port reads",
	"port writes",
	"port exits",
	"port accesses",
	"DMA",
	"DMA requests",
	"bytes per access",
	"bytes per exit",
	"accesses per byte",
	"port",
	"halt",
	"interrupt",
	"other",
};
#define RANDOM_COUNTS 8

static void check_negative(const struct line *l)
{
	for (int c = 0; l->cell && l->cell[c]; c++)
		for (guint i = 0; i < G_N_ELEMENTS(counts); i++)
			if (!strcmp(l->head[c], counts[i]) &&
			    matches("^-[0-9]", l->cell[c]))
				tell(l, "a negative count");
}

/* The path that a column is about: the last one named before it. */
static char *path_before(const struct line *l, int column)
{
	GRegex *name = g_regex_new("`([^`]+)`", 0, 0, NULL);
	char *path = NULL;
	GMatchInfo *match;

	for (int c = column - 1; c >= 0 && !path; c--) {
		if (g_regex_match(name, l->cell[c], 0, &match))
			path = g_match_info_fetch(match, 1);
		g_match_info_unref(match);
	}
	g_regex_unref(name);
	return path;
}

static void check_random(const struct line *l)
{
	for (int c = 0; l->cell && l->cell[c]; c++) {
		char *path = path_before(l, c);

		for (guint i = 0; path && i < RANDOM_COUNTS; i++)
			if (!strcmp(l->head[c], counts[i]) &&
			    variant_has_thread(path) &&
			    matches("^(about )?" NUMBER "$", l->cell[c]))
				tell(l, "a random count without its interval");
		g_free(path);
	}
}

/* --- of the bare-metal guest's rows --- */

/* A KVM on hardware leaves an empty turn of the loop alone: some cycles. */
#define EMULATED_CYCLES 1000

static bool is_bench(const struct line *l)
{
	return line_column(l, "operation") >= 0 &&
	       line_column(l, "cycles p50") >= 0 &&
	       !strcmp(l->cell[line_column(l, "lane")], "kvm");
}

static bool is_slow_turn(const struct line *l)
{
	return is_bench(l) &&
	       !strcmp(l->cell[line_column(l, "operation")], "empty") &&
	       g_ascii_strtod(l->cell[line_column(l, "cycles p50")], NULL) >
		       EMULATED_CYCLES;
}

static void check_emulated(const GPtrArray *lines)
{
	bool emulated = false;

	for (guint i = 0; i < lines->len; i++)
		emulated = emulated || is_slow_turn(lines->pdata[i]);
	for (guint i = 0; emulated && i < lines->len; i++) {
		const struct line *l = lines->pdata[i];

		if (is_bench(l) && !strstr(l->text, "emulate"))
			tell(l, "a price of a KVM that emulates every "
				"instruction, without that word");
	}
}

void invariants_text(const GPtrArray *lines)
{
	for (guint i = 0; i < lines->len; i++) {
		check_forbidden(lines->pdata[i]);
		check_links(lines->pdata[i]);
		check_negative(lines->pdata[i]);
		check_random(lines->pdata[i]);
	}
	check_emulated(lines);
}
