/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A whole study: all cells take turns in slices, which are written to raw.tsv. */
#ifndef USERBENCH_STUDY_H
#define USERBENCH_STUDY_H

#include "options.h"
#include "target.h"

/**
 * study_run() - measure all cells of @targets as @o asks
 * @o: of mode MODE_STUDY
 * @targets: what to ask
 * @count: number of targets
 * @generator: for the record, or NULL
 *
 * Return: 0, or -1 after a message; then no result file is left.
 */
int study_run(const struct options *o, const struct target *targets,
	      size_t count, const char *generator);

#endif /* USERBENCH_STUDY_H */
