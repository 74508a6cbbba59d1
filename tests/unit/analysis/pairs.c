// SPDX-License-Identifier: GPL-2.0-or-later
/* Unit tests of analysis/pairs.c, speed.c and quality.c on series made here. */
#include "pairs.h"

#include <math.h>
#include <string.h>

#include "quality.h"
#include "samples.h"
#include "speed.h"
#include "tap.h"
#include "verdict.h"

#define BOOTS  8
#define ROUNDS 5

static GPtrArray *new_all(void)
{
	return g_ptr_array_new_with_free_func(series_free);
}

/* A series of @ns a call, 1 % off this way and that; in boots from @boot on. */
static struct series *add(GPtrArray *all, const char *variant,
			  const char *access, uint64_t bytes, uint64_t threads,
			  double ns, guint boot)
{
	const struct series like = { .lane = (char *)"tcg",
				     .variant = (char *)variant,
				     .access = (char *)access,
				     .bytes = bytes,
				     .threads = threads };
	struct series *s = series_new(&like);
	uint64_t state = all->len;

	for (guint i = 0; i < BOOTS * ROUNDS; i++) {
		struct slice slice = { .boot = boot + i / ROUNDS,
				       .file_boot = 1 + i / ROUNDS,
				       .round = 1 + i % ROUNDS,
				       .order = i,
				       .kind = SLICE_RATE,
				       .calls = 1000 };
		double off = 1 + 0.01 * stats_normal(&state);

		slice.ns = (uint64_t)(1000 * ns * off);
		g_array_append_val(s->slices, slice);
	}
	g_ptr_array_add(all, s);
	return s;
}

/* --- speed --- */

static struct slice *slice_of(struct series *s, guint i)
{
	return &g_array_index(s->slices, struct slice, i);
}

/* The medians of a boot are compared, of accepted slices only. */
static void test_accepted(void)
{
	GPtrArray *all = new_all();
	struct series *a = add(all, "32", "read", 4, 1, 1000, 0);
	struct series *b = add(all, "64", "read", 4, 1, 1000, 0);
	struct estimate e;
	guint boots;

	for (guint i = 0; i < BOOTS * ROUNDS; i++) {
		bool odd = i % ROUNDS % 2;

		slice_of(a, i)->ns = odd ? 9000000 : 1000000;
		slice_of(a, i)->slow = odd; /* else the ratio would be 2 to 9 */
		slice_of(b, i)->ns = 1000000;
	}
	slice_of(b, 0)->ns = 9000000;
	e = speed_ratio(a, b, &boots);
	ok(boots == BOOTS && fabs(e.log) < 1e-12,
	   "analysis/speed/compares-medians-of-accepted-slices");
	for (guint i = 0; i < ROUNDS; i++)
		slice_of(a, i)->slow = 1;
	speed_ratio(a, b, &boots);
	is_int(boots, BOOTS - 1, "analysis/speed/leaves-out-a-rejected-boot");
	for (guint i = 0; i < ROUNDS; i++)
		slice_of(a, i)->slow = 0;
	g_array_set_size(b->slices, ROUNDS * 2);
	speed_ratio(a, b, &boots);
	is_int(boots, 2, "analysis/speed/counts-boots-with-both");
	g_array_set_size(b->slices, 0);
	e = speed_ratio(a, b, &boots);
	ok(!boots && isnan(e.log), "analysis/speed/nothing-in-common");
	g_ptr_array_unref(all);
}

static void test_of_host(void)
{
	GPtrArray *all = new_all();
	struct series *guest = add(all, "dma", "read", 4, 1, 1000, 0);
	struct series *host = add(all, "host-memcpy", "memory", 4, 1, 500, 50);
	struct series *kept = add(all, "32", "read", 4, 1, 500, 50);
	guint boots;
	struct estimate e = speed_ratio(guest, host, &boots);

	ok(boots == BOOTS && fabs(e.log - log(0.5)) < 0.01,
	   "analysis/speed/compares-with-a-process-of-the-host");
	speed_ratio(guest, kept, &boots);
	is_int(boots, 0, "analysis/speed/not-across-boots-of-the-guest");
	g_ptr_array_unref(all);
}

/* --- pairs --- */

static const struct expected {
	const char *variant, *access;
	uint64_t bytes, threads;
	const char *base_variant, *base_access;
	uint64_t base_threads;
} expected[] = {
	/* the base */
	{ "dma", "read", 65536, 1, "null", "read", 1 },
	{ "dma", "ioctl", 65536, 1, "32", "read", 1 },
	{ "null-again", "read", 65536, 1, "null", "read", 1 },
	{ "dma-again", "read", 65536, 1, "dma", "read", 1 },
	/* what goals, aims and sections ask for */
	{ "64", "read", 65536, 1, "32", "read", 1 },
	{ "dma", "read", 65536, 1, "virtio-rng", "hwrng", 1 },
	{ "dma-zc@xoshiro256ppx8", "read-huge", 1048576, 1,
	  "host-gen-xoshiro256ppx8", "memory", 1 },
	{ "dma-zc@xoshiro256ppx8", "read", 1048576, 1,
	  "host-gen-xoshiro256ppx8", "memory", 1 },
	{ "dma-zc@xoshiro256ppx8", "read-huge", 1048576, 1,
	  "dma@xoshiro256ppx8", "read", 1 },
	{ "host-gen-glibc", "memory", 1048576, 1, "host-rand", "memory", 1 },
	{ "window", "mmap", 65536, 1, "window-uc", "mmap", 1 },
	{ "ring", "mmap", 65536, 1, "window", "mmap", 1 },
	{ "ring", "mmap", 65536, 1, "dma", "read", 1 },
	/* rivals, accesses, threads, devices, generators, leaders */
	{ "64", "read", 65536, 1, "dma", "read", 1 },
	{ "dma", "ioctl", 65536, 1, "dma", "read", 1 },
	{ "32", "read", 65536, 4, "32", "read", 1 },
	{ "2x32", "read", 65536, 2, "32", "read", 1 },
	{ "dma@xoshiro256ppx8", "read", 1048576, 1, "dma", "read", 1 },
	{ "window-uc", "mmap", 65536, 1, "ring", "mmap", 1 },
	{ "dma", "ioctl", 65536, 1, "dma", "read", 1 },
};

static GPtrArray *example(void)
{
	GPtrArray *all = new_all();

	add(all, "null", "read", 65536, 1, 3000, 0);
	add(all, "null-again", "read", 65536, 1, 3000, 0);
	add(all, "dma-again", "read", 65536, 1, 1000, 0);
	add(all, "32", "read", 65536, 1, 40000, 0);
	add(all, "32", "read", 65536, 4, 20000, 0);
	add(all, "2x32", "read", 65536, 2, 20000, 0);
	add(all, "64", "read", 65536, 1, 20000, 0);
	add(all, "dma", "read", 65536, 1, 2000, 0);
	add(all, "dma", "ioctl", 65536, 1, 2500, 0);
	add(all, "dma", "read", 1048576, 1, 25000, 0);
	add(all, "virtio-rng", "hwrng", 65536, 1, 90000, 0);
	add(all, "window", "mmap", 65536, 1, 1500, 0);
	add(all, "window-uc", "mmap", 65536, 1, 1600, 0);
	add(all, "ring", "mmap", 65536, 1, 1000, 0);
	add(all, "dma@xoshiro256ppx8", "read", 1048576, 1, 20000, 0);
	add(all, "dma-zc@xoshiro256ppx8", "read", 1048576, 1, 15000, 0);
	add(all, "dma-zc@xoshiro256ppx8", "read-huge", 1048576, 1, 9000, 0);
	add(all, "host-gen-xoshiro256ppx8", "memory", 1048576, 1, 8000, 50);
	add(all, "host-gen-glibc", "memory", 1048576, 1, 30000, 50);
	add(all, "host-rand", "memory", 1048576, 1, 90000, 50);
	return all;
}

static bool is_compared(const GPtrArray *comparisons, const struct expected *e)
{
	struct comparison c;
	bool found = verdicts_find(comparisons, "tcg", e->variant, e->access,
				   e->bytes, e->threads, e->base_variant,
				   e->base_access, e->base_threads, &c);

	if (!found || isnan(c.estimate.log))
		diag("%s %s against %s %s: %s", e->variant, e->access,
		     e->base_variant, e->base_access,
		     found ? "no ratio" : "not compared");
	return found && !isnan(c.estimate.log);
}

/* Neither twice, nor once in each direction, nor with itself. */
static bool is_once(const GPtrArray *comparisons)
{
	for (guint i = 0; i < comparisons->len; i++) {
		const struct comparison *c = comparisons->pdata[i];
		GPtrArray *others = g_ptr_array_new();
		struct comparison found;
		bool again;

		for (guint j = 0; j < comparisons->len; j++)
			if (j != i)
				g_ptr_array_add(others, comparisons->pdata[j]);
		again = verdicts_find(others, c->lane, c->variant, c->access,
				      c->bytes, c->threads, c->base_variant,
				      c->base_access, c->base_threads, &found);
		g_ptr_array_unref(others);
		if (again)
			return false;
	}
	return true;
}

static void test_pairs(void)
{
	GPtrArray *all = example();
	GPtrArray *comparisons = pairs_compare(all);
	bool each = true;
	struct comparison c;

	for (guint i = 0; i < G_N_ELEMENTS(expected); i++)
		each = is_compared(comparisons, &expected[i]) && each;
	ok(each, "analysis/pairs/compares-what-the-report-asks-for");
	ok(is_once(comparisons), "analysis/pairs/compares-nothing-twice");
	ok(verdicts_find(comparisons, "tcg", "ring", "mmap", 65536, 1, "null",
			 "read", 1, &c) &&
		   c.verdict == VERDICT_FASTER && c.p < 0.001,
	   "analysis/pairs/decides");
	ok(verdicts_find(comparisons, "tcg", "null-again", "read", 65536, 1,
			 "null", "read", 1, &c) &&
		   c.verdict == VERDICT_EQUAL,
	   "analysis/pairs/null-equals-itself");
	ok(!verdicts_find(comparisons, "tcg", "host-rand", "memory", 1048576, 1,
			  "dma", "read", 1, &c),
	   "analysis/pairs/leaves-the-host-alone");
	g_ptr_array_unref(comparisons);
	g_ptr_array_unref(all);
}

/*
 * Paths that are all as fast as one another; boots differ by 5 %, each for
 * itself. One of them leads, by luck alone: none may be called slower than it in
 * more than 5 % of the studies.
 */
#define STUDIES 400

static bool is_any_decided(uint64_t *state)
{
	static const char *const variant[] = { "64",     "fifo",   "fifo-mmio",
					       "dma",    "dma-zc", "dma-q",
					       "window", "ring" };
	static const char *const access[] = { "read", "ioctl" };
	GPtrArray *all = new_all();
	GPtrArray *comparisons;
	bool any = false;

	for (guint i = 0; i < 2 * G_N_ELEMENTS(variant); i++) {
		struct series *s =
			add(all, variant[i / 2], access[i % 2], 64, 1, 5000, 0);

		for (guint boot = 0; boot < BOOTS; boot++) {
			double off = 1 + 0.05 * stats_normal(state);

			for (guint j = 0; j < ROUNDS; j++)
				slice_of(s, boot * ROUNDS + j)->ns *= off;
		}
	}
	comparisons = pairs_compare(all);
	for (guint i = 0; i < comparisons->len; i++) {
		const struct comparison *c = comparisons->pdata[i];

		any |= c->verdict == VERDICT_FASTER ||
		       c->verdict == VERDICT_SLOWER;
	}
	g_ptr_array_unref(comparisons);
	g_ptr_array_unref(all);
	return any;
}

static void test_lucky_leader(void)
{
	uint64_t state = STATS_SEED;
	guint decided = 0;

	for (guint i = 0; i < STUDIES; i++)
		decided += is_any_decided(&state);
	ok(decided <= 0.05 * STUDIES,
	   "analysis/pairs/no-path-is-slower-than-a-lucky-leader");
	diag("in %u of %u studies", decided, STUDIES);
}

/* --- quality --- */

static void is_judged(GPtrArray *all, const char *verdict, const char *name)
{
	GPtrArray *comparisons = pairs_compare(all);
	GString *text = quality_text(all, comparisons);
	char *line = g_strdup_printf("{\n  \"verdict\": \"%s\",\n", verdict);

	if (!ok(g_str_has_prefix(text->str, line), name))
		diag("%s", text->str);
	g_free(line);
	g_string_free(text, TRUE);
	g_ptr_array_unref(comparisons);
	g_ptr_array_unref(all);
}

static GPtrArray *three(double again)
{
	GPtrArray *all = new_all();

	add(all, "null", "read", 4096, 1, 3000, 0);
	add(all, "null-again", "read", 4096, 1, 3000 * again, 0);
	add(all, "dma", "read", 4096, 1, 2000, 0);
	return all;
}

static GPtrArray *nested(double again, guint boots)
{
	GPtrArray *all = three(again);

	for (guint i = 0; i < all->len; i++) {
		struct series *s = all->pdata[i];

		g_free(s->lane);
		s->lane = g_strdup("nested");
		g_array_set_size(s->slices, boots * ROUNDS);
	}
	return all;
}

/* Surely 1 % apart at one size, which is equal; apart by less certainty at one. */
static GPtrArray *apart_at_one(void)
{
	GPtrArray *all = three(1.01);
	struct series *far;

	for (guint i = 0; i < BOOTS * ROUNDS; i++) { /* no noise at all there */
		slice_of(all->pdata[0], i)->ns = 3000000;
		slice_of(all->pdata[1], i)->ns = 3030000 + i / ROUNDS;
	}
	add(all, "null", "read", 65536, 1, 3000, 0);
	far = add(all, "null-again", "read", 65536, 1, 3600, 0);
	for (guint i = 0; i < BOOTS * ROUNDS; i++) /* 4 % from boot to boot */
		slice_of(far, i)->ns += 120000 * (i / ROUNDS % 3);
	return all;
}

static GPtrArray *without_again(void)
{
	GPtrArray *all = three(1);

	g_ptr_array_remove_index(all, 1);
	return all;
}

/* The first @boots boots only */
static GPtrArray *few_boots(guint boots)
{
	GPtrArray *all = three(1);

	for (guint i = 0; i < all->len; i++)
		g_array_set_size(((struct series *)all->pdata[i])->slices,
				 boots * ROUNDS);
	return all;
}

/* dma differs by 10 % (or more) from boot to boot. */
static GPtrArray *spread(double by)
{
	GPtrArray *all = three(1);
	struct series *dma = all->pdata[2];

	for (guint i = 0; i < dma->slices->len; i++)
		if (slice_of(dma, i)->boot % 2)
			slice_of(dma, i)->ns =
				(uint64_t)(by * (double)slice_of(dma, i)->ns);
	return all;
}

/* Two of three rounds of a boot are rejected, of each cell. */
static GPtrArray *disturbed(void)
{
	GPtrArray *all = three(1);

	for (guint i = 0; i < all->len; i++)
		for (guint j = 0; j < BOOTS * ROUNDS; j++)
			slice_of(all->pdata[i], j)->slow = j % ROUNDS < 4;
	return all;
}

static void test_quality(void)
{
	is_judged(three(1), "good", "analysis/quality/good");
	is_judged(three(1.2), "poor", "analysis/quality/null-beside-itself");
	is_judged(apart_at_one(), "poor",
		  "analysis/quality/null-beside-itself-at-one-size");
	is_judged(nested(1, 0), "usable",
		  "analysis/quality/counts-are-good-without-times");
	is_judged(nested(1.2, BOOTS), "poor",
		  "analysis/quality/null-beside-itself-nested");
	is_judged(without_again(), "usable", "analysis/quality/no-control");
	is_judged(few_boots(4), "usable", "analysis/quality/few-boots");
	is_judged(spread(1.1), "usable", "analysis/quality/wide");
	is_judged(spread(1.5), "poor", "analysis/quality/too-wide");
	is_judged(disturbed(), "usable", "analysis/quality/disturbed");
	is_judged(new_all(), "poor", "analysis/quality/nothing");
}

int main(void)
{
	test_accepted();
	test_of_host();
	test_pairs();
	test_lucky_leader();
	test_quality();
	done_testing();
	return exit_status();
}
