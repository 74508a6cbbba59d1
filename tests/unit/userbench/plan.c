// SPDX-License-Identifier: GPL-2.0-or-later
/* Plans: which cells there are, and which of them are compared. */
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

static size_t build(bool quick, const char *const *only, size_t only_count)
{
	const struct plan_spec spec = {
		.quick = quick,
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
	bool ids = true, once = true, alone = true;
	char name[96];

	/* 32: 7 read, 1 ioctl; dma: 7; memcpy: 7; getppid: 1 */
	is_int((long long)build(false, NULL, 0), 8 + 7 + 7 + 1,
	       "unit/plan/full-plan-has-all-cells");
	for (size_t i = 0; i < p.count; i++) {
		cell_name(&p.cells[i], name, sizeof(name));
		ids &= p.cells[i].id == i + 1;
		once &= count_named(name) == 1;
		alone &= p.cells[i].threads == 1 && !p.cells[i].left_out;
	}
	ok(ids, "unit/plan/ids-count-from-1");
	ok(once, "unit/plan/no-cell-twice");
	ok(alone, "unit/plan/full-plan-has-one-thread");
	plan_free(&p);
	ok(!p.cells && !p.count, "unit/plan/freed-plan-holds-nothing");
	/* four sizes of read each */
	is_int((long long)build(true, NULL, 0), 5 + 4 + 4 + 1,
	       "unit/plan/quick-plan-is-smaller");
	plan_free(&p);
}

/* The sizes of cells whose name begins with "@prefix/", in the plan's order */
static void sizes_are(const char *prefix, const char *sizes, const char *name)
{
	char got[256] = "";
	char full[96];
	size_t n = strlen(prefix);
	size_t used = 0;

	for (size_t i = 0; i < p.count; i++) {
		cell_name(&p.cells[i], full, sizeof(full));
		if (!strncmp(full, prefix, n) && full[n] == '/')
			used += snprintf(got + used, sizeof(got) - used,
					 "%s%zu", used ? " " : "",
					 p.cells[i].bytes);
	}
	is_str(got, sizes, name);
}

static void test_sizes(void)
{
	build(false, NULL, 0);
	sizes_are("32/read", "4 64 512 4096 16384 65536 1048576",
		  "unit/plan/sizes-of-all");
	sizes_are("32/ioctl", "4", "unit/plan/size-of-a-word");
	sizes_are("getppid/syscall", "0", "unit/plan/size-of-nothing");
	plan_free(&p);
	build(true, NULL, 0);
	sizes_are("dma/read", "4 4096 65536 1048576",
		  "unit/plan/quick-sizes-of-all");
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

	is_int((long long)build(false, some, 2), 7 + 1,
	       "unit/plan/globs-select-variants-and-cells");
	ok(count_named("32/read/64/1") && !count_named("32/read/4/1"),
	   "unit/plan/globs-leave-out-the-rest");
	plan_free(&p);
	log_to(f);
	is_int((long long)build(false, wrong, 2), 0,
	       "unit/plan/glob-without-a-match-is-refused");
	log_to(NULL);
	fclose(f);
	ok(strstr(message, "dam") && !strstr(message, "dma "),
	   "unit/plan/the-message-names-that-glob");
	free(message);
	ok(!p.cells, "unit/plan/refused-plan-holds-nothing");
}

/* ---- groups ---- */

/* The group of the cell of that name; the number of groups: there is none */
static size_t group_of(const char *name)
{
	char got[96];

	for (size_t i = 0; i < p.count; i++) {
		cell_name(&p.cells[i], got, sizeof(got));
		if (!strcmp(got, name))
			return p.cells[i].group;
	}
	return p.groups;
}

static bool together(const char *a, const char *b)
{
	return group_of(a) == group_of(b) && group_of(a) < p.groups;
}

static void test_groups(void)
{
	static const char *const one[] = { "dma/read/512/1" };
	bool sized = true;

	build(false, NULL, 0);
	is_int((long long)p.groups, 7, "unit/plan/a-group-for-each-size");
	for (size_t i = 0; i < p.count; i++) {
		for (size_t j = 0; j < p.count; j++)
			sized &= p.cells[i].group != p.cells[j].group ||
				 p.cells[i].bytes == p.cells[j].bytes ||
				 (p.cells[i].bytes <= 4 &&
				  p.cells[j].bytes <= 4);
	}
	ok(sized, "unit/plan/a-group-has-one-size");
	ok(together("32/read/4096/1", "memcpy/memory/4096/1"),
	   "unit/plan/all-cells-of-a-size-are-a-group");
	ok(together("32/ioctl/4/1", "getppid/syscall/0/1") &&
		   !together("32/read/4/1", "32/read/64/1"),
	   "unit/plan/a-call-of-no-bytes-is-with-those-of-a-word");
	plan_free(&p);
	build(false, one, 1);
	ok(p.count == 1 && p.groups == 1 && !p.cells[0].group,
	   "unit/plan/one-cell-is-a-group");
	plan_free(&p);
}

/* Calls that only make sense for much at once */
static void test_bulk(void)
{
	static const struct target bulky[] = {
		{ .variant = "dma-zc",
		  .engines = { &engine_read_huge, &engine_read_fixed } },
		{ .variant = "window", .engines = { &engine_mmap } },
	};
	const struct plan_spec spec = { .quick = false };

	is_int(plan_build(&p, bulky, 2, &spec), 0, "unit/plan/bulk-is-built");
	sizes_are("dma-zc/read-huge", "4096 65536 1048576",
		  "unit/plan/bulk-goes-from-a-page-to-a-mebibyte");
	sizes_are("dma-zc/read-fixed", "4096 65536 1048576",
		  "unit/plan/registered-buffers-are-for-bulk-too");
	sizes_are("window/mmap", "64 4096 65536 1048576",
		  "unit/plan/in-place-goes-from-a-line-to-a-mebibyte");
	plan_free(&p);
}

/* Smaller requests are those of another path */
static void test_least(void)
{
	static const struct target large[] = {
		{ .variant = "dma-q",
		  .least = 65536,
		  .engines = { &engine_read, &engine_read_huge } },
		{ .variant = "dma-zc",
		  .least = 4096,
		  .engines = { &engine_read, &engine_uring } },
	};
	struct plan_spec spec = { .quick = false };

	is_int(plan_build(&p, large, 2, &spec), 0, "unit/plan/least-is-built");
	sizes_are("dma-q/read", "65536 1048576",
		  "unit/plan/nothing-below-the-least");
	sizes_are("dma-q/read-huge", "65536 1048576",
		  "unit/plan/the-least-holds-for-each-engine");
	sizes_are("dma-zc/read", "4096 16384 65536 1048576",
		  "unit/plan/the-least-itself-is-there");
	sizes_are("dma-zc/uring", "4096 65536",
		  "unit/plan/the-least-of-few-sizes");
	plan_free(&p);
	spec.scale = true;
	is_int(plan_build(&p, large, 1, &spec), 0, "unit/plan/least-is-scaled");
	ok(count_named("dma-q/read/65536/1") == 1 &&
		   !count_named("dma-q/read/4096/1"),
	   "unit/plan/the-least-holds-for-scale");
	plan_free(&p);
}

/* What takes requests apart: three sizes, one thread */
static void test_split(void)
{
	const struct plan_spec spec = { .split = true };

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
static const struct target scaled[] = {
	{ .variant = "32",
	  .source = { .path = "32" },
	  .engines = { &engine_read, &engine_mmap } },
	{ .variant = "2x32",
	  .source = { .path = "32", .twin = "/dev/my_rng1" },
	  .engines = { &engine_read } },
	{ .variant = "32@pcg64",
	  .source = { .path = "32" },
	  .engines = { &engine_read } },
	{ .variant = "dma",
	  .source = { .path = "dma" },
	  .engines = { &engine_read } },
	{ .variant = "getppid", .engines = { &engine_getppid } },
};

static void test_scale(void)
{
	const struct plan_spec spec = { .scale = true };

	is_int(plan_build(&p, scaled, 5, &spec), 0,
	       "unit/plan/scale-plan-is-built");
	is_int((long long)p.count, 2 * (3 + 3 + 2 + 3 + 3) + 3,
	       "unit/plan/scale-has-two-sizes-by-1-2-and-4-threads");
	ok(count_named("32/mmap/4096/1") && count_named("32/mmap/65536/4") &&
		   count_named("2x32/read/65536/2") &&
		   !count_named("2x32/read/65536/1"),
	   "unit/plan/scale-has-the-cells-in-place");
	is_int((long long)p.groups, 2 + 2 + 1,
	       "unit/plan/scale-groups-are-a-path's-of-a-size");
	ok(together("32/read/4096/1", "32/read/4096/4") &&
		   together("32/read/4096/1", "2x32/read/4096/2") &&
		   together("32/read/4096/1", "32@pcg64/read/4096/1") &&
		   together("32/read/4096/1", "32/mmap/4096/2"),
	   "unit/plan/scale-groups-have-threads-twins-and-generators");
	ok(!together("32/read/4096/1", "dma/read/4096/1") &&
		   !together("32/read/4096/1", "32/read/65536/1") &&
		   together("getppid/syscall/0/1", "getppid/syscall/0/4"),
	   "unit/plan/scale-groups-keep-paths-apart");
	plan_free(&p);
}

static void test_shares(void)
{
	ok(engine_mmap_shares("32") && engine_mmap_shares("64") &&
		   !engine_mmap_shares("fifo-mmio") &&
		   !engine_mmap_shares("window") &&
		   !engine_mmap_shares("window-uc") &&
		   !engine_mmap_shares("ring") && !engine_mmap_shares("dma"),
	   "unit/plan/registers-alone-are-shared-in-place");
}

int main(void)
{
	test_cells();
	test_sizes();
	test_groups();
	test_bulk();
	test_least();
	test_split();
	test_scale();
	test_shares();
	test_touch();
	test_globs();
	done_testing();
	return exit_status();
}
