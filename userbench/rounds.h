/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which cell is measured next. Cells of a group take turns in rounds, so that
 * what is compared is measured side by side; after the first rounds the time
 * goes to the comparisons that are known worst. Knows nothing of devices and
 * clocks: the caller measures.
 */
#ifndef USERBENCH_ROUNDS_H
#define USERBENCH_ROUNDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A comparison is good enough at such an interval within a boot, either way */
#define ROUNDS_TARGET 0.015

/**
 * struct rounds_cell - a cell as the plan sees it
 * @group: cells of one group are measured side by side; groups count from 0
 * @base: others of the group are compared with it: it is part of every round
 * @left_out: it cannot be measured; also set when the caller says so
 */
struct rounds_cell {
	size_t group;
	bool base;
	bool left_out;
};

/**
 * struct rounds_spec - how long
 * @fixed: so many rounds of every group and no more; 0: by need and time
 * @least: rounds of every group before the need is looked at
 * @budget_ns: after that time no round begins, but for the first round of each
 *	group and the groups whose turn it is in the @least rounds; @fixed
 *	rounds do not look at the time
 * @seed: of the order within rounds
 */
struct rounds_spec {
	unsigned int fixed;
	unsigned int least;
	uint64_t budget_ns;
	uint64_t seed;
};

/**
 * struct reading - what a slice tells the plan
 * @ns_call: ns per call
 * @before: reference reading before it, ns per call
 * @after: reference reading after it
 */
struct reading {
	double ns_call;
	double before;
	double after;
};

enum visit {
	VISIT_DONE,
	VISIT_LEFT_OUT, /* this cell is not visited again */
	VISIT_FAILED,   /* the run is over */
};

/**
 * struct rounds_ops - what the caller does
 * @visit: measure @cell in round @round of its group and tell the reading
 * @now: ns on a clock of the caller's
 */
struct rounds_ops {
	enum visit (*visit)(void *data, size_t cell, unsigned int round,
			    struct reading *reading);
	uint64_t (*now)(void *data);
};

/**
 * rounds_run() - measure all cells
 * @spec: how long
 * @cells: what there is; @left_out is updated
 * @count: how many
 * @ops: what the caller does
 * @data: for @ops
 *
 * Return: 0; -1 with errno 0 when a visit failed, with ENOMEM when memory ran
 * out.
 */
int rounds_run(const struct rounds_spec *spec, struct rounds_cell *cells,
	       size_t count, const struct rounds_ops *ops, void *data);

#endif /* USERBENCH_ROUNDS_H */
