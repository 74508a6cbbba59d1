// SPDX-License-Identifier: GPL-2.0-or-later
/* One quantity, one value: the same price or ratio in all places of a report. */
#include "invariants.h"

#include <string.h>

#define NUMBER "(-?[0-9]+(?:\\.[0-9]+)?)"

/* What rows of price tables are called, and which quantity that is */
static const struct {
	const char *label;
	const char *quantity;
} labels[] = {
	{ "one system call", "a system call" },
	{ "an empty system call", "a system call" },
	{ "one 32-bit MMIO read (helper call)", "a register read" },
	{ "one 32-bit MMIO read exit", "a register read" },
	{ "a 32-bit register read in a long request, with its share of loop "
	  "and copy",
	  "a register read" },
	{ "one MMIO write (helper call)", "an MMIO write" },
	{ "one MMIO write exit", "an MMIO write" },
	{ "MMIO write, answered by QEMU; with ioeventfd", "an MMIO write" },
	{ "one port access (helper call)", "a port access" },
	{ "one port exit", "a port access" },
	{ "port read, answered by QEMU", "a port access" },
	{ "one DMA request, without its bytes", "a DMA request" },
	{ "one DMA request: doorbell, transfer of 4 bytes, completion",
	  "a DMA request" },
	{ "one interrupt and the wake-up after it", "an interrupt" },
	{ "an interrupt and a wake-up instead of polling", "an interrupt" },
};

/* A quantity's values so far: lane and name to the number as text */
struct values {
	GHashTable *seen;
	const struct line *line;
};

/* Takes @number; what is not a number is no value. */
static void note(struct values *v, const char *lane, const char *quantity,
		 char *number)
{
	char *key = g_strdup_printf("%s in lane %s", quantity, lane);
	const char *before = g_hash_table_lookup(v->seen, key);
	char *what;

	if (!g_ascii_isdigit(number[*number == '-'])) {
		g_free(key);
		g_free(number);
		return;
	}
	if (!before) {
		g_hash_table_insert(v->seen, key, number);
		return;
	}
	if (strcmp(before, number)) {
		what = g_strdup_printf("%s has two values, %s and %s", key,
				       before, number);
		hit(v->line->file, v->line->number, what, v->line->text);
		g_free(what);
	}
	g_free(key);
	g_free(number);
}

/* The number that a cell begins with, such as that of "54.3 [8.29, 60.4]" */
static char *first_number(const char *cell)
{
	return g_strndup(cell, strspn(cell, "-.0123456789"));
}

static const char *quantity_of(const char *label)
{
	for (guint i = 0; i < G_N_ELEMENTS(labels); i++)
		if (!strcmp(labels[i].label, label))
			return labels[i].quantity;
	return NULL;
}

/* Rows "| one system call | 682 [0.00, 854] | ..." of a lane's section */
static void note_price(struct values *v)
{
	const struct line *l = v->line;
	const char *quantity = l->cell ? quantity_of(l->cell[0]) : NULL;

	if (quantity && !strcmp(l->head[1], "ns"))
		note(v, l->lane, quantity, first_number(l->cell[1]));
	if (line_column(l, "system call") >= 0 && *l->lane)
		note(v, l->lane, "a system call",
		     first_number(l->cell[line_column(l, "system call")]));
}

/* Calls @each of all matches of a pattern of two groups. */
static void each_match(struct values *v, const char *pattern, const char *text,
		       void (*each)(struct values *v, char *a, char *b))
{
	GRegex *regex = g_regex_new(pattern, 0, 0, NULL);
	GMatchInfo *match;

	g_regex_match(regex, text, 0, &match);
	for (; g_match_info_matches(match); g_match_info_next(match, NULL))
		each(v, g_match_info_fetch(match, 1),
		     g_match_info_fetch(match, 2));
	g_match_info_unref(match);
	g_regex_unref(regex);
}

static void note_read(struct values *v, char *lane, char *number)
{
	note(v, lane, "a register read", number);
	g_free(lane);
}

static void note_call(struct values *v, char *lane, char *number)
{
	note(v, lane, "a system call", number);
	g_free(lane);
}

/* "217 ns in lane `tcg`", of the row's quantity */
static void note_nearest(struct values *v, char *number, char *lane)
{
	note(v, lane, quantity_of(v->line->cell[0]), number);
	g_free(lane);
}

static void note_sentence(struct values *v)
{
	const struct line *l = v->line;

	if (!l->cell) {
		each_match(v,
			   "in lane `([^`]+)` a register read costs " NUMBER
			   " ns",
			   l->text, note_read);
		each_match(v,
			   "in lane `([^`]+)` a register read [^;]* a system "
			   "call " NUMBER " ns",
			   l->text, note_call);
	} else if (quantity_of(l->cell[0]) &&
		   line_column(l, "nearest here") >= 0) {
		each_match(v, NUMBER " ns in lane `([^`]+)`", l->text,
			   note_nearest);
	}
}

/* Ratios to `32` at 64 KiB: headline, lanes side by side, wanted figures */
static void note_ratio(struct values *v)
{
	const struct line *l = v->line;
	bool headline = line_column(l, "what it does") >= 0;
	char *quantity;

	for (int c = 1; l->cell && l->cell[c]; c++) {
		const char *lane = l->lane;
		char *name = NULL;

		if (strcmp(l->head[c], "ratio to `32`"))
			continue;
		if (!headline)
			lane = name = g_strndup(l->head[c - 1] + 1,
						strlen(l->head[c - 1]) - 2);
		quantity = g_strdup_printf("%s against `32`", l->cell[0]);
		note(v, lane, quantity, first_number(l->cell[c]));
		g_free(quantity);
		g_free(name);
	}
	if (line_column(l, "wanted") == 1 &&
	    g_str_has_suffix(l->cell[0], "against `32`"))
		note(v, l->lane, l->cell[0], first_number(l->cell[2]));
}

void invariants_values(const GPtrArray *lines)
{
	struct values v = {
		.seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
					      g_free),
	};

	for (guint i = 0; i < lines->len; i++) {
		v.line = lines->pdata[i];
		note_price(&v);
		note_sentence(&v);
		note_ratio(&v);
	}
	g_hash_table_unref(v.seen);
}
