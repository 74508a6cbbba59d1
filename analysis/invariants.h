/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What no report may say, whatever was measured. */
#ifndef ANALYSIS_INVARIANTS_H
#define ANALYSIS_INVARIANTS_H

#include <glib.h>
#include <stdbool.h>

/**
 * struct line - one line of a report and where it stands
 * @file: the report
 * @number: from 1
 * @text: the line
 * @lane: lane of the section it stands in; "": of none
 * @head: cells of the table's first line; NULL: it is no row of a table
 * @cell: its own cells, as many as @head has; NULL likewise
 */
struct line {
	const char *file;
	guint number;
	char *text;
	const char *lane;
	char **head;
	char **cell;
};

/** line_column - index of a column of the line's table, or -1 */
int line_column(const struct line *l, const char *name);

/** hit - tell of one fault: `FILE:LINE: what: the text` */
void hit(const char *file, guint line, const char *what, const char *text);

/** hits - how many faults were told of */
guint hits(void);

/**
 * invariants_read - the lines of a report
 * @path: the report
 * @err: why it cannot be read
 *
 * Return: struct line pointers, freed with g_ptr_array_unref(); or NULL.
 */
GPtrArray *invariants_read(const char *path, GError **err);

/** invariants_text - check what a single line can show */
void invariants_text(const GPtrArray *lines);

/** invariants_decided - check verdicts against the interval beside them */
void invariants_decided(const GPtrArray *lines);

/** invariants_values - check that a quantity has one value in a lane */
void invariants_values(const GPtrArray *lines);

/**
 * invariants_run - check the tables of a run, and the report's advice by them
 * @dir: the run's folder
 * @lines: the report
 * @err: what is wrong with a table
 *
 * Return: false where a table cannot be read.
 */
bool invariants_run(const char *dir, const GPtrArray *lines, GError **err);

#endif /* ANALYSIS_INVARIANTS_H */
