// SPDX-License-Identifier: GPL-2.0-or-later
/* Plans: which cells there are, and in which order they run. */
#include <stdlib.h>

#include "log.h"
#include "plan.h"
#include "tap.h"

static const struct target targets[] = {
	{ .variant = "32",
	  .device = 0,
	  .engines = { &engine_read, &engine_ioctl } },
	{ .variant = "dma", .device = 1, .engines = { &engine_read } },
	{ .variant = "memcpy", .device = -1, .engines = { &engine_memcpy } },
	{ .variant = "getppid", .device = -1, .engines = { &engine_getppid } },
};
#define TARGETS (sizeof(targets) / sizeof(targets[0]))

static struct plan p;

static size_t build(bool quick, unsigned int cpus, const char *const *only,
		    size_t only_count)
{
	const struct plan_spec spec = {
		.quick = quick,
		.cpus = cpus,
		.only = only,
		.only_count = only_count,
	};

	if (plan_build(&p, targets, TARGETS, &spec))
		return 0;
	return p.count;
}

static size_t count_named(const char *name)
{
	char got[96];
	size_t n = 0;

	for (size_t i = 0; i < p.count; i++) {
		cell_name(&p.cells[i], got, sizeof(got));
		n += !strcmp(got, name);
	}
	return n;
}

static void test_cells(void)
{
	bool ids = true, once = true;
	char name[96];

	/* 32: 12 read, 1 ioctl, 2 threaded; dma: 12 + 2; 12; 1 */
	is_int((long long)build(false, 2, NULL, 0), 15 + 14 + 12 + 1,
	       "unit/plan/full-plan-has-all-cells");
	for (size_t i = 0; i < p.count; i++) {
		cell_name(&p.cells[i], name, sizeof(name));
		ids &= p.cells[i].id == i + 1;
		once &= count_named(name) == 1;
	}
	ok(ids, "unit/plan/ids-count-from-1");
	ok(once, "unit/plan/no-cell-twice");
	ok(count_named("32/read/4/1") && count_named("32/read/1048576/1") &&
		   count_named("dma/read/4096/2") &&
		   count_named("dma/read/65536/2"),
	   "unit/plan/has-the-sizes-and-threads");
	ok(count_named("32/ioctl/4/1") && count_named("getppid/syscall/0/1"),
	   "unit/plan/fixed-sizes");
	plan_free(&p);
	is_int((long long)build(false, 1, NULL, 0), 13 + 12 + 12 + 1,
	       "unit/plan/one-cpu-has-no-thread-cells");
	plan_free(&p);
	is_int((long long)build(true, 2, NULL, 0), 8 + 7 + 6 + 1,
	       "unit/plan/quick-plan-is-smaller");
	plan_free(&p);
}

static void test_touch(void)
{
	static const struct engine in_place = { .touch = TOUCH_LINE };

	ok(cell_touch(&engine_read, TOUCH_DEFAULT) == TOUCH_NONE &&
		   cell_touch(&engine_read, TOUCH_SUM) == TOUCH_SUM,
	   "unit/plan/read-touches-nothing-unless-asked");
	ok(cell_touch(&in_place, TOUCH_DEFAULT) == TOUCH_LINE &&
		   cell_touch(&in_place, TOUCH_NONE) == TOUCH_NONE,
	   "unit/plan/an-engine-has-its-own-touch");
	ok(cell_touch(&engine_mmap, TOUCH_DEFAULT) == TOUCH_LINE,
	   "unit/plan/mmap-touches-lines");
}

static void test_globs(void)
{
	static const char *const some[] = { "dma", "32/read/64/*" };
	static const char *const wrong[] = { "dma", "dam" };
	char *message = NULL;
	size_t size;
	FILE *f = open_memstream(&message, &size);

	is_int((long long)build(false, 2, some, 2), 15,
	       "unit/plan/globs-select-variants-and-cells");
	ok(count_named("32/read/64/1") && !count_named("32/read/4/1"),
	   "unit/plan/globs-leave-out-the-rest");
	plan_free(&p);
	log_to(f);
	is_int((long long)build(false, 2, wrong, 2), 0,
	       "unit/plan/glob-without-a-match-is-refused");
	log_to(NULL);
	fclose(f);
	ok(strstr(message, "dam") && !strstr(message, "dma "),
	   "unit/plan/the-message-names-that-glob");
	free(message);
	ok(!p.cells, "unit/plan/refused-plan-holds-nothing");
}

static bool is_permutation(const size_t *order, size_t count)
{
	bool *seen = calloc(count, sizeof(*seen));
	bool whole = true;

	for (size_t i = 0; i < count; i++) {
		whole &= order[i] < count && !seen[order[i]];
		if (order[i] < count)
			seen[order[i]] = true;
	}
	free(seen);
	return whole;
}

static void test_order(void)
{
	size_t n = build(false, 2, NULL, 0);
	size_t *first = calloc(n, sizeof(*first));
	size_t *second = calloc(n, sizeof(*second));
	size_t *again = calloc(n, sizeof(*again));
	uint64_t prng = 7, same = 7, other = 8;

	plan_order(&p, &prng, first);
	plan_order(&p, &prng, second);
	ok(is_permutation(first, n) && is_permutation(second, n),
	   "unit/plan/each-repetition-has-each-cell-once");
	ok(memcmp(first, second, n * sizeof(*first)) != 0,
	   "unit/plan/repetitions-differ-in-order");
	plan_order(&p, &same, again);
	ok(!memcmp(first, again, n * sizeof(*first)),
	   "unit/plan/same-seed-same-order");
	plan_order(&p, &other, again);
	ok(memcmp(first, again, n * sizeof(*first)) != 0,
	   "unit/plan/other-seed-other-order");
	free(first);
	free(second);
	free(again);
	plan_free(&p);
}

/* Calls that only make sense for much at once */
static void test_bulk(void)
{
	static const struct target bulky[] = {
		{ .variant = "dma-zc",
		  .engines = { &engine_read_huge, &engine_read_fixed } },
	};
	struct plan_spec spec = { .cpus = 2 };

	is_int(plan_build(&p, bulky, 1, &spec), 0, "unit/plan/bulk-is-built");
	is_int((long long)p.count, 5 + 5, "unit/plan/bulk-has-five-sizes");
	ok(count_named("dma-zc/read-huge/4096/1") &&
		   count_named("dma-zc/read-fixed/1048576/1"),
	   "unit/plan/bulk-goes-from-a-page-to-a-mebibyte");
	plan_free(&p);
	spec.quick = true;
	is_int(plan_build(&p, bulky, 1, &spec), 0,
	       "unit/plan/quick-bulk-is-built");
	is_int((long long)p.count, 3 + 3, "unit/plan/quick-bulk-has-three");
	plan_free(&p);
}

/* A path that differs from another one in large requests only */
static void test_large(void)
{
	static const struct target large[] = {
		{ .variant = "dma-q",
		  .large = true,
		  .engines = { &engine_read, &engine_read_huge } },
	};
	struct plan_spec spec = { .cpus = 2 };

	is_int(plan_build(&p, large, 1, &spec), 0, "unit/plan/large-is-built");
	is_int((long long)p.count, 2 + 2, "unit/plan/large-has-two-sizes");
	ok(count_named("dma-q/read/65536/1") &&
		   count_named("dma-q/read-huge/1048576/1") &&
		   !count_named("dma-q/read/65536/2"),
	   "unit/plan/large-is-64k-and-1m-by-one-thread");
	plan_free(&p);
	spec.scale = true;
	is_int(plan_build(&p, large, 1, &spec), 0,
	       "unit/plan/large-is-scaled-to-nothing");
	is_int((long long)p.count, 0, "unit/plan/large-does-not-scale");
	plan_free(&p);
}

/* What takes requests apart: three sizes, one thread */
static void test_split(void)
{
	const struct plan_spec spec = { .split = true, .cpus = 2 };

	/* 32: 3 read, 1 ioctl; dma: 3; memcpy: 3; getppid: 1 */
	is_int(plan_build(&p, targets, TARGETS, &spec), 0,
	       "unit/plan/split-plan-is-built");
	is_int((long long)p.count, 4 + 3 + 3 + 1,
	       "unit/plan/split-has-three-sizes-and-one-thread");
	ok(count_named("dma/read/4/1") && count_named("dma/read/4096/1") &&
		   count_named("dma/read/65536/1"),
	   "unit/plan/split-has-small-medium-large");
	plan_free(&p);
}

/* More threads on one device, and two or more on two of a kind */
static void test_scale(void)
{
	static const struct target scaled[] = {
		{ .variant = "32", .engines = { &engine_read, &engine_mmap } },
		{ .variant = "2x32",
		  .source = { .twin = "/dev/my_rng1" },
		  .engines = { &engine_read } },
	};
	const struct plan_spec spec = { .scale = true, .cpus = 1 };

	is_int(plan_build(&p, scaled, 2, &spec), 0,
	       "unit/plan/scale-plan-is-built");
	is_int((long long)p.count, 2 * (3 + 3 + 2),
	       "unit/plan/scale-has-two-sizes-by-1-2-and-4-threads");
	ok(count_named("32/mmap/4096/1") && count_named("32/mmap/65536/4") &&
		   count_named("2x32/read/65536/2") &&
		   !count_named("2x32/read/65536/1"),
	   "unit/plan/scale-has-the-cells-in-place");
	plan_free(&p);
	ok(engine_mmap_shares("32") && engine_mmap_shares("64") &&
		   !engine_mmap_shares("fifo-mmio") &&
		   !engine_mmap_shares("window") &&
		   !engine_mmap_shares("window-uc") &&
		   !engine_mmap_shares("ring") && !engine_mmap_shares("dma"),
	   "unit/plan/registers-alone-are-shared-in-place");
}

int main(void)
{
	test_scale();
	test_split();
	test_bulk();
	test_large();
	test_cells();
	test_touch();
	test_globs();
	test_order();
	done_testing();
	return exit_status();
}
