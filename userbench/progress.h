/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Progress a person can follow, on stderr. */
#ifndef USERBENCH_PROGRESS_H
#define USERBENCH_PROGRESS_H

#include <stddef.h>

/**
 * progress_start() - the run begins
 * @cells: how many cells there are
 *
 * On a terminal one line is rewritten in place, else one line is written about
 * every 5 seconds.
 */
void progress_start(size_t cells);

/**
 * progress_step() - the run goes on
 * @part: of the run that is done, 0 to 1
 * @slices: how many are done
 * @name: the cell that comes
 */
void progress_step(double part, size_t slices, const char *name);

/** progress_pause() - get off the line, because a message comes */
void progress_pause(void);

/** progress_end() - the closing line */
void progress_end(size_t slices);

#endif /* USERBENCH_PROGRESS_H */
