/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guest.json: what the figures of raw.tsv were made by and under. */
#ifndef USERBENCH_META_H
#define USERBENCH_META_H

#include <stdio.h>

#include "options.h"
#include "plan.h"

/**
 * struct meta - what only the run knows
 * @timer_ns: cost of a clock read, median
 * @cpus: CPUs this process may use
 * @generator: hostbench: name of the generator, else NULL
 * @seconds: the run took
 */
struct meta {
	uint64_t timer_ns;
	unsigned int cpus;
	const char *generator;
	double seconds;
};

/** meta_write() - one JSON object; write errors stay in @f */
void meta_write(FILE *f, const struct options *o, const struct plan *p,
		const struct meta *m);

#endif /* USERBENCH_META_H */
