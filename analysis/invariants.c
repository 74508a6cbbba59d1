// SPDX-License-Identifier: GPL-2.0-or-later
/* invariants: reads a report and its tables and tells what cannot be true. */
#include "invariants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static const char help[] =
	"Reads a report and the tables of its runs and fails on what no report "
	"may\n"
	"say: a negative or infinite count, a verdict that its own interval "
	"does not\n"
	"support, prices of an emulated KVM without that word, a random count "
	"or a\n"
	"timed figure without an interval, a picture that is missing, one "
	"quantity\n"
	"with two values, a percentile of too few calls. One line for each.";

static guint told;

void hit(const char *file, guint line, const char *what, const char *text)
{
	told++;
	printf("%s:%u: %s: %.160s\n", file, line, what, text);
}

guint hits(void)
{
	return told;
}

int line_column(const struct line *l, const char *name)
{
	for (int i = 0; l->head && l->head[i]; i++)
		if (!strcmp(l->head[i], name))
			return i;
	return -1;
}

/* --- reading --- */

static void free_line(gpointer data)
{
	struct line *l = data;

	g_free(l->text);
	g_strfreev(l->head);
	g_strfreev(l->cell);
	g_free(l);
}

/* The cells of a row, which may hold escaped bars; NULL: it is no row. */
static char **cells_of(const char *text)
{
	char **parts;

	if (!g_str_has_prefix(text, "| "))
		return NULL;
	parts = g_regex_split_simple("(?<!\\\\)\\|", text, 0, 0);
	g_free(parts[0]);
	memmove(parts, parts + 1, g_strv_length(parts + 1) * sizeof(*parts));
	parts[g_strv_length(parts) - 1] = NULL;
	for (char **p = parts; *p; p++)
		g_strstrip(*p);
	return parts;
}

/* The lane of a heading such as "## Lane `tcg`"; NULL: it is no such one. */
static char *lane_of(const char *text)
{
	char **parts = g_strsplit(text, "`", 3);
	char *lane = NULL;

	if (g_str_has_prefix(text, "## Lane `") && g_strv_length(parts) == 3)
		lane = parts[1];
	lane = lane ? (char *)g_intern_string(lane) : NULL;
	g_strfreev(parts);
	return lane;
}

static struct line *new_line(const char *file, guint number, const char *text)
{
	struct line *l = g_new0(struct line, 1);

	l->file = file;
	l->number = number;
	l->text = g_strdup(text);
	l->lane = "";
	return l;
}

/* Puts a row below the head of its table; rows of other lengths are none. */
static void place_row(struct line *l, char **head)
{
	char **cells = cells_of(l->text);

	if (!cells || g_str_has_prefix(l->text, "| ---")) {
		g_strfreev(cells);
		return;
	}
	if (g_strv_length(cells) == g_strv_length(head)) {
		l->cell = cells;
		l->head = g_strdupv(head);
	} else {
		g_strfreev(cells);
	}
}

GPtrArray *invariants_read(const char *path, GError **err)
{
	GPtrArray *lines = g_ptr_array_new_with_free_func(free_line);
	const char *lane = "";
	char **head = NULL;
	char *text = NULL;
	char **all;

	if (!g_file_get_contents(path, &text, NULL, err)) {
		g_ptr_array_unref(lines);
		return NULL;
	}
	all = g_strsplit(text, "\n", -1);
	for (guint i = 0; all[i]; i++) {
		struct line *l = new_line(path, i + 1, all[i]);

		if (g_str_has_prefix(all[i], "## "))
			lane = lane_of(all[i]) ? lane_of(all[i]) : "";
		l->lane = lane;
		if (all[i + 1] && g_str_has_prefix(all[i + 1], "| ---")) {
			g_strfreev(head);
			head = cells_of(all[i]);
		} else if (head && !g_str_has_prefix(all[i], "|")) {
			g_clear_pointer(&head, g_strfreev);
		} else if (head) {
			place_row(l, head);
		}
		g_ptr_array_add(lines, l);
	}
	g_strfreev(head);
	g_strfreev(all);
	g_free(text);
	return lines;
}

/* --- the program --- */

static bool check(char **args, GError **err)
{
	GPtrArray *lines = invariants_read(args[0], err);
	bool good = lines != NULL;

	if (good) {
		invariants_text(lines);
		invariants_decided(lines);
		invariants_values(lines);
	}
	for (char **dir = args + 1; good && *dir; dir++)
		good = invariants_run(*dir, lines, err);
	if (lines)
		g_ptr_array_unref(lines);
	if (good && hits())
		g_set_error(err, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
			    "%u sentences or figures cannot be true", hits());
	return good && !hits();
}

int main(int argc, char **argv)
{
	char **args = NULL;
	const GOptionEntry entries[] = {
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &args,
		  NULL, "REPORT.md [RESULTS_DIR...]" },
		{ NULL },
	};
	GError *err = NULL;
	bool good = cli_parse(help, entries, &argc, &argv, &err);

	if (good && !args)
		g_set_error(&err, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
			    "expected a report; try: invariants REPORT.md "
			    "results/published");
	good = good && args && check(args, &err);
	g_strfreev(args);
	return cli_end("invariants", good, err);
}
