/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the sections of the report share. */
#ifndef ANALYSIS_REPORT_H
#define ANALYSIS_REPORT_H

#include <glib.h>
#include <stdint.h>

#include "rows.h"

/* The size at which variants are compared by one figure, in bytes. */
#define REPORT_SIZE 65536

/**
 * struct report - a report being written
 * @out: its text so far, Markdown
 * @rows: struct row pointers of summary.tsv
 * @env: struct env_entry pointers of env.json
 * @dir: the results folder
 * @plots: where the plots lie as seen from the report, no slash at the end
 * @lanes: lanes with rows, owned by @rows
 */
struct report {
	GString *out;
	GPtrArray *rows;
	GPtrArray *env;
	const char *dir;
	const char *plots;
	GPtrArray *lanes;
};

/* --- report_text.c --- */

/**
 * say - append to the report, printf style
 * @r: the report
 * @format: as for printf()
 */
void say(struct report *r, const char *format, ...) G_GNUC_PRINTF(2, 3);

/**
 * say_cell - append one cell of a table, ` text |`
 * @r: the report
 * @text: freed by this; characters that would end the cell are escaped
 */
void say_cell(struct report *r, char *text);

/**
 * text_interval - `mid [lo, hi]` for a reader, or "not measured"
 * @ci: the interval, in any unit; NaN if it was not measured
 *
 * Return: text to be freed with g_free().
 */
char *text_interval(struct stats_interval ci);

/**
 * text_known - a number for a reader, or "not measured"
 * @x: the number, in any unit; NaN if it was not measured
 *
 * Return: text to be freed with g_free().
 */
char *text_known(double x);

/**
 * text_about - a size that lies between measured ones: two digits, a unit
 * @bytes: the size, whole or not
 *
 * Return: text to be freed with g_free().
 */
char *text_about(double bytes);

/**
 * say_plot - embed a plot, or say that it was not drawn
 * @r: the report
 * @name: its name without lane and type, such as "throughput"
 * @lane: its lane
 * @alt: what it shows, for those who do not see it
 */
void say_plot(struct report *r, const char *name, const char *lane,
              const char *alt);

/* --- sections; those that take a lane are written once for each --- */

void report_top(struct report *r);
void report_headline(struct report *r, const char *lane);
void report_winners(struct report *r, const char *lane);
void report_crossovers(struct report *r, const char *lane);
void report_prices(struct report *r, const char *lane);
void report_goals(struct report *r, const char *lane);
void report_harness(struct report *r, const char *lane);
void report_throughput(struct report *r, const char *lane);
void report_accesses(struct report *r, const char *lane);
void report_latency(struct report *r, const char *lane);
void report_controls(struct report *r, const char *lane);
void report_threads(struct report *r, const char *lane);
void report_variants(struct report *r, const char *lane);
void report_method(struct report *r);
void report_environment(struct report *r);
void report_repeat(struct report *r);

#endif /* ANALYSIS_REPORT_H */
