// SPDX-License-Identifier: GPL-2.0-or-later
/* Which cell is measured next. */
#include "rounds.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "prng.h"
#include "reference.h"

#define LEAST_SLICES 4 /* accepted ones, before a spread says anything */
/* Standard deviation from the median absolute one, and of a median, normal */
#define FROM_MAD  1.4826
#define OF_MEDIAN 1.2533
#define LEVEL_95  1.96

/**
 * struct history - what was read of a cell
 * @reading: of its slices, in their order
 * @count: how many
 * @room: for how many there is memory
 * @spent: ns that the visits to it took
 * @need: how far its comparison is from good enough: at most 1 is there
 */
struct history {
	struct reading *reading;
	size_t count;
	size_t room;
	uint64_t spent;
	double need;
};

/**
 * struct plan_state - what a run keeps
 * @spec: how long
 * @cells: as given
 * @count: how many
 * @ops: the caller's
 * @data: the caller's
 * @history: one for each cell
 * @rounds: rounds made, by group
 * @groups: how many
 * @order: room for the cells of a round
 * @speeds: all reference readings so far
 * @speed_count: how many
 * @speed_room: for how many there is memory
 * @undisturbed: of the first @judged of @speeds
 * @judged: see @undisturbed
 * @prng: state
 * @start: of the run
 */
struct plan_state {
	const struct rounds_spec *spec;
	struct rounds_cell *cells;
	size_t count;
	const struct rounds_ops *ops;
	void *data;
	struct history *history;
	unsigned int *rounds;
	size_t groups;
	size_t *order;
	double *speeds;
	size_t speed_count;
	size_t speed_room;
	double undisturbed;
	size_t judged;
	uint64_t prng;
	uint64_t start;
};

/* @array with room for one more of @size bytes; NULL: @array is as it was */
static void *grow(void *array, size_t *room, size_t count, size_t size)
{
	size_t more = *room ? 2 * *room : 64;
	void *longer;

	if (count < *room)
		return array;
	longer = realloc(array, more * size);
	if (longer)
		*room = more;
	return longer;
}

static int add_speed(struct plan_state *p, double ns)
{
	double *speeds = grow(p->speeds, &p->speed_room, p->speed_count,
			      sizeof(*p->speeds));

	if (!speeds)
		return -1;
	p->speeds = speeds;
	p->speeds[p->speed_count++] = ns;
	return 0;
}

static int remember(struct plan_state *p, size_t cell, const struct reading *r)
{
	struct history *h = &p->history[cell];
	struct reading *more =
		grow(h->reading, &h->room, h->count, sizeof(*h->reading));

	if (!more)
		return -1;
	h->reading = more;
	h->reading[h->count++] = *r;
	return add_speed(p, r->before) || add_speed(p, r->after) ? -1 : 0;
}

/* ---- how well a comparison is known ---- */

/* Not with each reading anew: sorting takes the time of a slice */
static void judge_speed(struct plan_state *p)
{
	if (!p->speed_count || 10 * p->speed_count < 11 * p->judged)
		return;
	p->undisturbed = reference_undisturbed(p->speeds, p->speed_count);
	p->judged = p->speed_count;
}

static bool accepted(const struct plan_state *p, const struct reading *r)
{
	return reference_accepts(r->before, r->after, p->undisturbed);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *x, size_t n)
{
	qsort(x, n, sizeof(*x), by_value);
	return n % 2 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2;
}

/*
 * Variance of the median of a cell's accepted times, on a logarithmic scale, from
 * their median deviation; INFINITY: too few were accepted to tell.
 */
static double variance_of(const struct plan_state *p, const struct history *h)
{
	double *x = malloc((h->count + 1) * sizeof(*x));
	double error = INFINITY;
	double middle;
	size_t n = 0;

	for (size_t i = 0; x && i < h->count; i++) {
		if (accepted(p, &h->reading[i]))
			x[n++] = log(h->reading[i].ns_call);
	}
	if (n >= LEAST_SLICES) {
		middle = median(x, n);
		for (size_t i = 0; i < n; i++)
			x[i] = fabs(x[i] - middle);
		error = OF_MEDIAN * FROM_MAD * median(x, n) / sqrt((double)n);
	}
	free(x);
	return error * error;
}

/*
 * The half width of the 95 % interval of a ratio, over the target. Where too few
 * slices were accepted it shrinks with the rounds, so that a cell that is always
 * disturbed does not take all the time.
 */
static double find_need(const struct plan_state *p, const struct history *h,
			const struct history *base)
{
	double variance = variance_of(p, h) + variance_of(p, base);

	if (isinf(variance))
		return 1 / ROUNDS_TARGET / (double)(1 + h->count);
	return LEVEL_95 * sqrt(variance) / ROUNDS_TARGET;
}

/* The cell that others of the group are compared with; the first of them */
static size_t base_of(const struct plan_state *p, size_t group)
{
	size_t first = p->count;

	for (size_t i = 0; i < p->count; i++) {
		if (p->cells[i].group != group || p->cells[i].left_out)
			continue;
		if (p->cells[i].base)
			return i;
		if (first == p->count)
			first = i;
	}
	return first;
}

static void find_needs(struct plan_state *p, size_t group)
{
	size_t base = base_of(p, group);

	judge_speed(p);
	for (size_t i = 0; i < p->count; i++) {
		if (p->cells[i].group != group)
			continue;
		p->history[i].need = 0;
		if (!p->cells[i].left_out && i != base)
			p->history[i].need =
				find_need(p, &p->history[i], &p->history[base]);
	}
}

/* ---- rounds ---- */

static bool takes_part(const struct plan_state *p, size_t cell, size_t group,
		       bool all)
{
	const struct rounds_cell *c = &p->cells[cell];

	return c->group == group && !c->left_out &&
	       (all || c->base || cell == base_of(p, group) ||
		p->history[cell].need > 1);
}

/*
 * What a round of this group gains for the time it takes: an error that falls with
 * the root of the slices falls by half its share of one of them.
 */
static double gain_of(const struct plan_state *p, size_t group)
{
	double gain = 0;
	double time = 1;

	for (size_t i = 0; i < p->count; i++) {
		const struct history *h = &p->history[i];

		if (!takes_part(p, i, group, false))
			continue;
		if (h->count)
			time += (double)h->spent / (double)h->count;
		if (h->need > 1)
			gain += h->need / (double)(1 + h->count);
	}
	return gain / time;
}

/* The group where time gains most; groups if all comparisons are there */
static size_t neediest(const struct plan_state *p)
{
	size_t group = p->groups;
	double most = 0;

	for (size_t g = 0; g < p->groups; g++) {
		double gain = gain_of(p, g);

		if (gain > most) {
			most = gain;
			group = g;
		}
	}
	return group;
}

/* The cells of a round, shuffled (Fisher and Yates) */
static size_t draw_order(struct plan_state *p, size_t group, bool all)
{
	size_t n = 0;

	for (size_t i = 0; i < p->count; i++) {
		size_t j;

		if (!takes_part(p, i, group, all))
			continue;
		j = prng_below(&p->prng, n + 1);
		p->order[n] = p->order[j];
		p->order[j] = i;
		n++;
	}
	return n;
}

static int make_round(struct plan_state *p, size_t group, bool all)
{
	unsigned int round = ++p->rounds[group];
	size_t n = draw_order(p, group, all);

	for (size_t i = 0; i < n; i++) {
		size_t cell = p->order[i];
		uint64_t start = p->ops->now(p->data);
		struct reading r;

		switch (p->ops->visit(p->data, cell, round, &r)) {
		case VISIT_DONE:
			if (remember(p, cell, &r))
				return -1;
			p->history[cell].spent += p->ops->now(p->data) - start;
			break;
		case VISIT_LEFT_OUT:
			p->cells[cell].left_out = true;
			break;
		case VISIT_FAILED:
			errno = 0; /* whatever the visit left there */
			return -1;
		}
	}
	return 0;
}

static bool out_of_time(const struct plan_state *p)
{
	return p->ops->now(p->data) - p->start >= p->spec->budget_ns;
}

/* Rounds of all groups in turn, so that a slow spell hits all of them */
static int make_first(struct plan_state *p)
{
	unsigned int rounds = p->spec->fixed ? p->spec->fixed : p->spec->least;

	for (unsigned int r = 0; r < rounds; r++) {
		if (r && !p->spec->fixed && out_of_time(p))
			break;
		for (size_t g = 0; g < p->groups; g++) {
			if (make_round(p, g, true))
				return -1;
		}
	}
	return 0;
}

static int make_needed(struct plan_state *p)
{
	size_t group;

	for (size_t g = 0; g < p->groups; g++)
		find_needs(p, g);
	while (!out_of_time(p) && (group = neediest(p)) < p->groups) {
		if (make_round(p, group, false))
			return -1;
		find_needs(p, group);
	}
	return 0;
}

static int prepare(struct plan_state *p)
{
	for (size_t i = 0; i < p->count; i++) {
		if (p->cells[i].group >= p->groups)
			p->groups = p->cells[i].group + 1;
	}
	p->history = calloc(p->count + 1, sizeof(*p->history));
	p->order = calloc(p->count + 1, sizeof(*p->order));
	p->rounds = calloc(p->groups + 1, sizeof(*p->rounds));
	return p->history && p->order && p->rounds ? 0 : -1;
}

static void clean_up(struct plan_state *p)
{
	for (size_t i = 0; p->history && i < p->count; i++)
		free(p->history[i].reading);
	free(p->history);
	free(p->order);
	free(p->rounds);
	free(p->speeds);
}

int rounds_run(const struct rounds_spec *spec, struct rounds_cell *cells,
	       size_t count, const struct rounds_ops *ops, void *data)
{
	struct plan_state p = { .spec = spec,
				.cells = cells,
				.count = count,
				.ops = ops,
				.data = data,
				.prng = spec->seed,
				.start = ops->now(data) };
	int error = prepare(&p);

	if (!error)
		error = make_first(&p);
	if (!error && !spec->fixed)
		error = make_needed(&p);
	clean_up(&p);
	return error;
}
