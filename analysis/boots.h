/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values measured in several boots, and what all boots together say. */
#ifndef ANALYSIS_BOOTS_H
#define ANALYSIS_BOOTS_H

#include <glib.h>

#include "verdict.h"

/*
 * What the logarithm of a cell's time differs by from boot to boot, as a
 * standard deviation: measured as 1 to 5 % by cell. One or two boots do not
 * show it themselves.
 */
#define BOOT_SD    0.03
#define BOOTS_FEW  3    /* fewer than that are given BOOT_SD */
#define BOOT_SD_DF 1000 /* BOOT_SD is taken for known */

/** struct boots - values by boot; see boots_new() */
struct boots;

/** boots_new - room for values; freed by boots_free() */
struct boots *boots_new(void);

/** boots_free - free what boots_new() gave */
void boots_free(struct boots *b);

/**
 * boots_add - add a value
 * @b: the values so far
 * @boot: the boot it was measured in; boots come in ascending order
 * @value: the value
 */
void boots_add(struct boots *b, guint boot, double value);

/**
 * boots_estimate - mean over the boots of each one's median
 * @b: the values
 * @boot_sd: standard deviation between boots that is taken for granted where
 *	there are less than BOOTS_FEW, in the unit of the values
 *
 * The standard error is that of the bootstrap of a hierarchy in which the upper
 * level is drawn with replacement and the lower one is kept as it is, since what
 * boots differ by holds the noise within them already (Davison and Hinkley,
 * Bootstrap Methods and their Application, 1997, section 3.8): boots are drawn,
 * with all their values. The variance of the mean over boots so drawn is known
 * without drawing any; it is taken times B/(B-1), as B drawn boots spread too
 * little. One or two boots do not show what boots differ by: there @boot_sd and
 * the noise within each boot are added.
 *
 * A boot with hardly any values, where others have more, is left out.
 *
 * Return: the mean in @log, with B - 1 degrees of freedom; NAN without values.
 */
struct estimate boots_estimate(const struct boots *b, double boot_sd);

/** boots_count - how many boots count for boots_estimate() */
guint boots_count(const struct boots *b);

/**
 * boots_difference - mean over the boots of the difference of two medians
 * @a: values by boot
 * @b: others of the same boots
 * @boot_sd: as for boots_estimate()
 * @boots: gets how many boots have both; or NULL
 *
 * Return: the mean of the medians of @a less those of @b, otherwise as
 * boots_estimate(); boots that only one of the two has do not count.
 */
struct estimate boots_difference(const struct boots *a, const struct boots *b,
				 double boot_sd, guint *boots);

#endif /* ANALYSIS_BOOTS_H */
