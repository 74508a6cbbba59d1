/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strict reader of exitcost's versioned tab-separated files. */
#ifndef ANALYSIS_TSV_H
#define ANALYSIS_TSV_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * The format: first line `# exitcost <kind> <version>`, second line the column
 * names, then one line per row, last line `# end <number of rows>`. All
 * complaints are GErrors of domain TSV_ERROR whose message names file and line,
 * what was expected, what was found, and what to do.
 */
#define TSV_ERROR g_quark_from_static_string("exitcost-tsv")

/**
 * struct tsv_row - one row
 * @line: line number in the file, from 1
 * @field: the fields as text, as many as the file has columns
 */
struct tsv_row {
	guint line;
	char **field;
};

/**
 * struct tsv - a whole file
 * @path: where it came from
 * @columns: its column names, NULL-terminated
 * @rows: struct tsv_row pointers, in the order of the file
 */
struct tsv {
	char *path;
	char **columns;
	GPtrArray *rows;
};

/**
 * tsv_read - read and check a file
 * @path: the file
 * @schema: kind and version expected in the first line, such as "raw 1"
 * @required: names of columns that have to be there, in any order,
 *	      NULL-terminated; further columns are allowed and ignored
 * @made_by: the program that makes such files, for the advice in messages
 * @err: what is wrong with the file
 *
 * Return: the file, to be freed with tsv_free(), or NULL.
 */
struct tsv *tsv_read(const char *path, const char *schema,
		     const char *const *required, const char *made_by,
		     GError **err);

/**
 * tsv_free - free what tsv_read() gave
 * @t: the file, or NULL
 */
void tsv_free(struct tsv *t);

/** tsv_has - whether a file has a column that it need not have */
bool tsv_has(const struct tsv *t, const char *column);

/**
 * tsv_text - one field as text
 * @t: the file
 * @row: one of its rows
 * @column: name of one of the columns that tsv_read() was told to require
 *
 * Return: the text, owned by @t.
 */
const char *tsv_text(const struct tsv *t, const struct tsv_row *row,
		     const char *column);

/**
 * tsv_unknown - is this field `-`, that is: not measured, not known?
 * @t: the file
 * @row: one of its rows
 * @column: a required column
 *
 * Return: whether it is.
 */
bool tsv_unknown(const struct tsv *t, const struct tsv_row *row,
		 const char *column);

/**
 * tsv_uint - one field as an unsigned decimal number
 * @t: the file
 * @row: one of its rows
 * @column: a required column
 * @min: the smallest value that makes sense
 * @value: receives the number
 * @err: not a number, or below @min, or above 2^64 - 1
 *
 * Return: whether @value holds a number.
 */
bool tsv_uint(const struct tsv *t, const struct tsv_row *row,
	      const char *column, uint64_t min, uint64_t *value, GError **err);

/**
 * tsv_real - one field as a non-negative decimal fraction, `-` giving NaN
 * @t: the file
 * @row: one of its rows
 * @column: a required column
 * @value: receives the number
 * @err: neither a number nor `-`
 *
 * Return: whether @value was set.
 */
bool tsv_real(const struct tsv *t, const struct tsv_row *row,
	      const char *column, double *value, GError **err);

/**
 * tsv_complain - set an error about one row: `file:line: message`
 * @t: the file
 * @row: the row it is about
 * @err: receives the error
 * @format: what is wrong, as for printf()
 */
void tsv_complain(const struct tsv *t, const struct tsv_row *row, GError **err,
		  const char *format, ...) G_GNUC_PRINTF(4, 5);

#endif /* ANALYSIS_TSV_H */
