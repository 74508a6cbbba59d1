// SPDX-License-Identifier: GPL-2.0-or-later
/* Single accesses timed by the bare-metal guest. */
#include <string.h>

#include "env.h"
#include "report.h"
#include "tsv.h"

#define COLUMNS 7 /* shown as they are */

static const char *const columns[] = { "lane",       "case",       "device",
				       "cycles_p50", "cycles_p99", "ns_p50",
				       "ns_p99",     NULL };

/* A KVM on hardware leaves an empty turn of the loop alone: some cycles. */
#define EMULATED_CYCLES 1000

/**
 * struct bench - a table of the bare-metal guest
 * @table: its rows
 * @emulated: its KVM emulates every instruction
 */
struct bench {
	struct tsv *table;
	bool emulated;
};

static void free_bench(gpointer data)
{
	struct bench *b = data;

	tsv_free(b->table);
	g_free(b);
}

static bool has_column(const struct tsv *t, const char *name)
{
	return g_strv_contains((const char *const *)t->columns, name);
}

/* The turn without an operation takes as long as only an emulator needs. */
static bool has_slow_turn(const struct tsv *t)
{
	for (guint i = 0; i < t->rows->len; i++) {
		const struct tsv_row *row = t->rows->pdata[i];

		if (!strcmp(tsv_text(t, row, "lane"), "kvm") &&
		    !strcmp(tsv_text(t, row, "case"), "empty") &&
		    g_ascii_strtod(tsv_text(t, row, "cycles_p50"), NULL) >
			    EMULATED_CYCLES)
			return true;
	}
	return false;
}

/* By what stands beside the table, where its rows do not say it. */
static bool env_says_emulated(const char *path)
{
	char *dir = g_path_get_dirname(path);
	char *file = g_build_filename(dir, "env.json", NULL);
	GPtrArray *env = g_file_test(file, G_FILE_TEST_EXISTS)
				 ? env_read(file, NULL)
				 : NULL;
	const char *value = env ? env_get(env, "guest.emulated") : NULL;
	bool emulated = value && (!strcmp(value, "yes") || !strcmp(value, "1"));

	if (env)
		g_ptr_array_unref(env);
	g_free(file);
	g_free(dir);
	return emulated;
}

bool report_add_bench(struct report *r, const char *path, GError **err)
{
	struct tsv *t =
		tsv_read(path, "exitbench 1", columns, "make exitbench", err);
	struct bench *b;

	if (!t)
		return false;
	b = g_new0(struct bench, 1);
	b->table = t;
	b->emulated = has_slow_turn(t) ||
		      (!has_column(t, "kvm") && env_says_emulated(path));
	if (!r->benches)
		r->benches = g_ptr_array_new_with_free_func(free_bench);
	g_ptr_array_add(r->benches, b);
	return true;
}

/* What runs the guest's instructions. */
static const char *runs_on(const struct bench *b, const struct tsv_row *row)
{
	const struct tsv *t = b->table;

	if (strcmp(tsv_text(t, row, "lane"), "kvm"))
		return "QEMU's software CPU";
	if (b->emulated || (has_column(t, "kvm") &&
			    !strcmp(tsv_text(t, row, "kvm"), "emulated")))
		return "a KVM that **emulates every instruction**";
	return "hardware";
}

static void say_bench(struct report *r, const struct bench *b)
{
	const struct tsv *t = b->table;

	for (guint i = 0; i < t->rows->len; i++) {
		const struct tsv_row *row = t->rows->pdata[i];

		say(r, "|");
		for (int c = 0; c < COLUMNS; c++)
			say_cell(r, g_strdup(tsv_text(t, row, columns[c])));
		say(r, " %s |\n", runs_on(b, row));
	}
}

void report_bench(struct report *r)
{
	if (!r->benches)
		return;
	say(r,
	    "## Single accesses without an operating system\n\n"
	    "Timed by the bare-metal guest with the processor's own counter, "
	    "its loop and timer subtracted: no kernel, no driver, no paging, "
	    "so "
	    "these are other quantities than the units of the cost models. "
	    "Lane `tcg`: calls of helper functions; lane `kvm`: exits. Where a "
	    "KVM emulates every instruction, its figures are the emulator's "
	    "and no price of an exit. What ends in `ioeventfd` is a kick that "
	    "the kernel answers.\n\n"
	    "| lane | operation | device | cycles p50 | cycles p99 | ns p50 "
	    "| ns p99 | instructions run on |\n"
	    "| --- | --- | --- | ---: | ---: | ---: | ---: | --- |\n");
	for (guint i = 0; i < r->benches->len; i++)
		say_bench(r, r->benches->pdata[i]);
	say(r, "\n");
}
