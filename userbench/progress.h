/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Progress a person can follow, on stderr. */
#ifndef USERBENCH_PROGRESS_H
#define USERBENCH_PROGRESS_H

#include <stddef.h>

/**
 * progress_start() - the run begins
 * @total: samples to come
 * @cells: cells they belong to
 *
 * On a terminal one line is rewritten in place, else one line is written about
 * every 3 seconds.
 */
void progress_start(size_t total, size_t cells);

/** progress_step() - @done samples are done, @name is the cell that comes */
void progress_step(size_t done, const char *name);

/** progress_pause() - get off the line, because a message comes */
void progress_pause(void);

/** progress_end() - the closing line */
void progress_end(size_t done);

#endif /* USERBENCH_PROGRESS_H */
