/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers and sizes as text, the same on every machine whatever its locale. */
#ifndef ANALYSIS_FMT_H
#define ANALYSIS_FMT_H

#include <glib.h>
#include <stdint.h>

/*
 * Every function returns text to be freed with g_free(): decimal point `.`, no
 * grouping, no exponent. What is not known (NaN) becomes "-".
 */

/**
 * fmt_ratio - num / den, exactly where twelve decimals can do that
 * @num: numerator
 * @den: denominator, above 0
 *
 * Return: such as "16384" or "0.0625"; a ratio that does not end within twelve
 * decimals is rounded to six.
 */
char *fmt_ratio(uint64_t num, uint64_t den);

/**
 * fmt_data - a measured value for a file: six significant digits
 * @x: the value, or NaN
 *
 * Return: such as "3154.02" or "0.0512345"; digits left of the point are all
 * kept, zeros at the end of the decimals are not.
 */
char *fmt_data(double x);

/**
 * fmt_human - a measured value for a reader: three significant digits
 * @x: the value, or NaN
 *
 * Return: such as "3154", "24.6", "0.0512"; digits left of the point are all
 * kept, and so are zeros at the end, as they were measured.
 */
char *fmt_human(double x);

/**
 * fmt_size - a number of bytes
 * @bytes: the number
 *
 * Return: such as "4 B", "64 KiB", "1 MiB"; a unit is used only where the
 * number is a multiple of it.
 */
char *fmt_size(uint64_t bytes);

#endif /* ANALYSIS_FMT_H */
