/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cells of a study, and which of them are compared. */
#ifndef USERBENCH_PLAN_H
#define USERBENCH_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "target.h"

/**
 * struct cell - one thing to measure
 * @id: 1, 2, ... in plan order; written to MARK while it runs
 * @target: what is asked
 * @engine: how
 * @bytes: per call
 * @threads: at once
 * @touch: what is done with the bytes, resolved
 * @group: cells of one group are compared, and so measured side by side
 * @left_out: it cannot be measured here
 */
struct cell {
	unsigned int id;
	const struct target *target;
	const struct engine *engine;
	size_t bytes;
	unsigned int threads;
	enum touch touch;
	size_t group;
	bool left_out;
};

/**
 * struct plan_spec - what to plan
 * @quick: fewer sizes
 * @split: few sizes, one thread: what a request is taken apart at
 * @scale: few sizes, one, two and four threads, however few CPUs
 * @touch: what to do with the bytes, or TOUCH_DEFAULT
 * @only: globs; a cell stays if one matches its variant or its name
 * @only_count: how many; 0 keeps all
 */
struct plan_spec {
	bool quick;
	bool split;
	bool scale;
	enum touch touch;
	const char *const *only;
	size_t only_count;
};

/**
 * struct plan - all cells
 * @cells: by id
 * @count: how many
 * @groups: number of groups
 */
struct plan {
	struct cell *cells;
	size_t count;
	size_t groups;
};

/**
 * plan_build() - all wanted cells of all targets
 * @p: gets the cells; give them back with plan_free()
 * @count: number of targets
 * @spec: what is wanted
 * @targets: must outlive the plan
 *
 * Return: 0, or -1 after a message (a glob without a match, no memory).
 */
int plan_build(struct plan *p, const struct target *targets, size_t count,
	       const struct plan_spec *spec);

/** plan_free() - give back the cells */
void plan_free(struct plan *p);

/** cell_touch() - what cells of @e do with their bytes if @asked is asked for */
enum touch cell_touch(const struct engine *e, enum touch asked);

/** cell_name() - `variant/access/bytes/threads` */
void cell_name(const struct cell *c, char *name, size_t size);

#endif /* USERBENCH_PLAN_H */
