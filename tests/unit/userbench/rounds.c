// SPDX-License-Identifier: GPL-2.0-or-later
/* Which cell is measured next, in a world where a visit takes 1 ns. */
#include <errno.h>
#include <math.h>
#include <stdint.h>

#include "rounds.h"
#include "tap.h"

#define CELLS  6
#define VISITS 4096
#define CALM   80.0 /* reference reading of an undisturbed host */
#define LONG   VISITS

/**
 * struct world - what there is to measure, and what was
 * @cells: as the plan sees them
 * @count: how many
 * @noise: by cell: how far its ns per call lie apart, as a logarithm
 * @disturbed: by cell: its reference readings are always slow
 * @refused: by cell: a visit leaves it out
 * @slow: by cell: ns that a visit takes beyond the first one
 * @clock: ns beyond one for each visit
 * @fail_at: number of the visit that fails, from 1; 0: none
 * @visits: how many there were
 * @cell: by visit
 * @round: by visit
 */
static struct world {
	struct rounds_cell cells[CELLS];
	size_t count;
	double noise[CELLS];
	bool disturbed[CELLS];
	bool refused[CELLS];
	uint64_t slow[CELLS];
	uint64_t clock;
	size_t fail_at;
	size_t visits;
	size_t cell[VISITS];
	unsigned int round[VISITS];
} world;

/* Five levels in turn, evenly apart around 1 */
static double level(double noise, unsigned int round)
{
	return exp(noise * ((double)(round * 2 % 5) - 2));
}

static enum visit visit(void *data, size_t cell, unsigned int round,
			struct reading *r)
{
	struct world *w = data;

	if (w->visits == VISITS)
		return VISIT_FAILED;
	w->cell[w->visits] = cell;
	w->round[w->visits++] = round;
	w->clock += w->slow[cell];
	if (w->visits == w->fail_at) {
		errno = ENOMEM; /* of a system call: not of the plan */
		return VISIT_FAILED;
	}
	if (w->refused[cell])
		return VISIT_LEFT_OUT;
	r->ns_call = 1000 * level(w->noise[cell], round);
	r->before = CALM;
	r->after = w->disturbed[cell] ? 2 * CALM : CALM;
	return VISIT_DONE;
}

static uint64_t now(void *data)
{
	const struct world *w = data;

	return 5000 + w->visits + w->clock;
}

/* Group 0 has the base 0 and cells 1 and 2, group 1 the base 3 and cell 4 */
static void two_groups(void)
{
	memset(&world, 0, sizeof(world));
	world.count = 5;
	world.cells[0].base = true;
	world.cells[3].base = true;
	world.cells[3].group = 1;
	world.cells[4].group = 1;
}

static int run(unsigned int fixed, uint64_t budget, uint64_t seed)
{
	static const struct rounds_ops ops = { .visit = visit, .now = now };
	const struct rounds_spec spec = {
		.fixed = fixed, .least = 5, .budget_ns = budget, .seed = seed
	};

	return rounds_run(&spec, world.cells, world.count, &ops, &world);
}

static size_t visits_of(size_t cell)
{
	size_t n = 0;

	for (size_t i = 0; i < world.visits; i++)
		n += world.cell[i] == cell;
	return n;
}

static size_t visits_in(size_t cell, unsigned int round)
{
	size_t n = 0;

	for (size_t i = 0; i < world.visits; i++)
		n += world.cell[i] == cell && world.round[i] == round;
	return n;
}

/* Every round of the group of @cell has @cell, once */
static bool in_every_round(size_t cell)
{
	bool there = true;

	for (size_t i = 0; i < world.visits; i++) {
		if (world.cells[world.cell[i]].group == world.cells[cell].group)
			there &= visits_in(cell, world.round[i]) == 1;
	}
	return there;
}

/* Rounds of a group follow each other; a round is not torn apart */
static bool rounds_are_whole(void)
{
	unsigned int last[2] = { 0, 0 };

	for (size_t i = 0; i < world.visits; i++) {
		size_t group = world.cells[world.cell[i]].group;
		bool goes_on = i &&
			       world.cells[world.cell[i - 1]].group == group &&
			       world.round[i - 1] == world.round[i];

		if (world.round[i] != last[group] + !goes_on)
			return false;
		last[group] = world.round[i];
	}
	return true;
}

/* ---- how many rounds ---- */

static void test_fixed(void)
{
	bool all = true;

	two_groups();
	world.noise[1] = 0.1;
	is_int(run(4, 0, 1), 0, "unit/rounds/fixed");
	for (size_t i = 0; i < world.count; i++)
		all &= visits_of(i) == 4 && in_every_round(i);
	ok(all, "unit/rounds/fixed-rounds-have-each-cell-once");
	ok(rounds_are_whole(), "unit/rounds/fixed-rounds-count-from-1");
	ok(world.cells[world.cell[0]].group == 0 &&
		   world.cells[world.cell[3]].group == 1 &&
		   world.cells[world.cell[5]].group == 0,
	   "unit/rounds/groups-take-turns");
}

static void test_least(void)
{
	bool all = true;

	two_groups();
	is_int(run(0, LONG, 1), 0, "unit/rounds/quiet");
	for (size_t i = 0; i < world.count; i++)
		all &= visits_of(i) == 5;
	ok(all && world.visits == 25,
	   "unit/rounds/quiet-cells-have-the-least-rounds-and-no-more");
}

static void test_budget(void)
{
	two_groups();
	run(0, 0, 1);
	is_int((long long)world.visits, 5,
	       "unit/rounds/without-time-each-cell-once");
	two_groups();
	run(0, 6, 1);
	is_int((long long)world.visits, 10,
	       "unit/rounds/the-round-of-all-groups-that-began-ends");
	two_groups();
	world.noise[4] = 0.1;
	run(0, 30, 1);
	is_int((long long)world.visits, 25 + 2 * 3,
	       "unit/rounds/after-the-budget-no-round-begins");
	two_groups();
	run(2, 1, 1);
	is_int((long long)world.visits, 10,
	       "unit/rounds/fixed-rounds-do-not-look-at-the-time");
}

/* ---- the need ---- */

static void test_need(void)
{
	two_groups();
	world.noise[1] = 0.1;
	is_int(run(0, LONG, 1), 0, "unit/rounds/noisy");
	/* 1.96 * 1.2533 * 1.4826 * 0.1 / sqrt(n) falls to 0.015 at 590 */
	is_int((long long)visits_of(1), 590,
	       "unit/rounds/noisy-cell-is-visited-until-it-is-known");
	ok(visits_of(2) == 5 && visits_of(3) == 5 && visits_of(4) == 5,
	   "unit/rounds/quiet-cells-are-not-visited-for-it");
	ok(visits_of(0) == 590 && in_every_round(0),
	   "unit/rounds/every-round-has-the-base");
	ok(rounds_are_whole(), "unit/rounds/needed-rounds-go-on-counting");
}

static void test_neediest(void)
{
	two_groups();
	world.noise[1] = 0.02;
	world.noise[4] = 0.1;
	run(0, 35, 1);
	ok(visits_of(1) == 5 && visits_of(4) > 8,
	   "unit/rounds/the-neediest-comes-first");
	two_groups();
	world.noise[1] = 0.1;
	world.noise[2] = 0.1;
	world.noise[4] = 0.1;
	run(0, 200, 1);
	ok(visits_of(1) + visits_of(2) > visits_of(4) && visits_of(4) > 30,
	   "unit/rounds/time-goes-where-a-slice-gains-most");
	two_groups();
	world.noise[1] = 0.02;
	world.noise[4] = 0.1;
	run(0, LONG, 1);
	ok(visits_of(1) > 5 && visits_of(1) < visits_of(4),
	   "unit/rounds/the-next-comes-when-it-gains-most");
}

/* Of two that need as much the one whose slices are short is measured first */
static void test_cheap(void)
{
	two_groups();
	world.noise[1] = 0.1;
	world.noise[4] = 0.1;
	world.slow[4] = 99;
	run(0, 1100, 1);
	ok(visits_of(1) > 60 && visits_of(4) < 15,
	   "unit/rounds/long-slices-must-gain-more");
}

/* Each base takes part, though the others are compared with the first one */
static void test_bases(void)
{
	two_groups();
	world.cells[2].base = true;
	world.noise[1] = 0.05;
	run(0, LONG, 1);
	ok(visits_of(1) > 5 && in_every_round(0) && in_every_round(2),
	   "unit/rounds/every-round-has-all-bases");
	two_groups();
	world.cells[0].base = false;
	world.noise[2] = 0.05;
	run(0, LONG, 1);
	ok(visits_of(2) > 5 && in_every_round(0) && visits_of(1) == 5,
	   "unit/rounds/without-a-base-the-first-cell-is-it");
}

/* A cell that the host always disturbs: it takes its part and no more */
static void test_disturbed(void)
{
	two_groups();
	world.disturbed[1] = true;
	world.noise[4] = 0.1;
	is_int(run(0, LONG, 1), 0, "unit/rounds/disturbed");
	/* 1 / 0.015 / (1 + n) falls to 1 at 66 */
	is_int((long long)visits_of(1), 66,
	       "unit/rounds/disturbed-cell-is-given-up");
	is_int((long long)visits_of(4), 590,
	       "unit/rounds/disturbed-cell-takes-no-time-from-others");
	two_groups();
	world.disturbed[0] = true;
	world.disturbed[1] = true;
	world.disturbed[2] = true;
	world.noise[4] = 0.1;
	run(0, 100, 1);
	ok(visits_of(4) > 15,
	   "unit/rounds/disturbed-group-does-not-starve-others");
	two_groups();
	for (size_t i = 0; i < world.count; i++)
		world.disturbed[i] = true;
	is_int(run(0, LONG, 1), 0, "unit/rounds/all-disturbed");
	ok(visits_of(2) == 66 && visits_of(4) == 66,
	   "unit/rounds/all-disturbed-share-the-time-and-end");
}

/* ---- cells that cannot be measured ---- */

static void test_left_out(void)
{
	two_groups();
	world.refused[1] = true;
	world.cells[4].left_out = true;
	world.noise[2] = 0.05;
	is_int(run(0, LONG, 1), 0, "unit/rounds/left-out");
	ok(visits_of(1) == 1 && world.cells[1].left_out,
	   "unit/rounds/left-out-is-not-visited-again");
	is_int((long long)visits_of(4), 0,
	       "unit/rounds/left-out-before-is-not-visited");
	ok(visits_of(2) > 5 && visits_of(3) == 5,
	   "unit/rounds/left-out-does-not-stop-others");
	two_groups();
	world.refused[0] = true;
	world.noise[2] = 0.05;
	run(0, LONG, 1);
	ok(visits_of(0) == 1 && visits_of(1) == visits_of(2) &&
		   visits_of(2) > 5,
	   "unit/rounds/base-left-out-the-next-cell-is-it");
	two_groups();
	for (size_t i = 0; i < world.count; i++)
		world.refused[i] = true;
	ok(!run(0, LONG, 1) && world.visits == 5,
	   "unit/rounds/all-left-out-is-the-end");
}

static void test_failure(void)
{
	two_groups();
	world.fail_at = 7;
	errno = 0;
	is_int(run(0, LONG, 1), -1, "unit/rounds/failed-visit-is-the-end");
	is_int((long long)world.visits, 7,
	       "unit/rounds/no-visit-after-a-failed-one");
	is_int(errno, 0, "unit/rounds/failed-visit-is-no-lack-of-memory");
	two_groups();
	world.noise[1] = 0.1;
	world.fail_at = 40;
	ok(run(0, LONG, 1) == -1 && world.visits == 40,
	   "unit/rounds/failed-visit-of-a-needed-round-is-the-end");
}

static void test_alone(void)
{
	memset(&world, 0, sizeof(world));
	world.count = 1;
	world.noise[0] = 0.1;
	is_int(run(0, LONG, 1), 0, "unit/rounds/single-cell");
	is_int((long long)world.visits, 5,
	       "unit/rounds/single-cell-is-compared-with-nothing");
	memset(&world, 0, sizeof(world));
	ok(!run(0, LONG, 1) && !world.visits, "unit/rounds/no-cell-no-visit");
}

/* ---- the order ---- */

static void test_order(void)
{
	static struct world first;
	bool moved = false;

	two_groups();
	world.noise[1] = 0.1;
	run(0, 400, 7);
	first = world;
	two_groups();
	world.noise[1] = 0.1;
	run(0, 400, 7);
	ok(!memcmp(&first, &world, sizeof(world)),
	   "unit/rounds/same-seed-same-order");
	two_groups();
	world.noise[1] = 0.1;
	run(0, 400, 8);
	ok(first.visits == world.visits &&
		   memcmp(first.cell, world.cell, sizeof(world.cell)) != 0,
	   "unit/rounds/other-seed-other-order");
	for (size_t i = 5; i < 25; i++)
		moved |= world.cell[i] != world.cell[i - 5];
	ok(moved, "unit/rounds/other-round-other-order");
}

int main(void)
{
	test_fixed();
	test_least();
	test_budget();
	test_need();
	test_neediest();
	test_cheap();
	test_bases();
	test_disturbed();
	test_left_out();
	test_failure();
	test_alone();
	test_order();
	done_testing();
	return exit_status();
}
