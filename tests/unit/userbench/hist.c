// SPDX-License-Identifier: GPL-2.0-or-later
/* The latency histogram: exactness of buckets, percentiles, text form. */
#include <stdlib.h>

#include "hist.h"
#include "prng.h"
#include "tap.h"

#define VALUES 20000

static struct hist a, b, both;
static uint64_t values[VALUES];

static void test_buckets(void)
{
	bool contiguous = true, inside = true, narrow = true;

	for (size_t i = 0; i + 1 < HIST_BUCKETS; i++) {
		uint64_t lower = hist_lower(i);
		uint64_t upper = hist_upper(i);

		contiguous &= upper + 1 == hist_lower(i + 1);
		inside &= hist_index(lower) == i && hist_index(upper) == i;
		/* at most 3 % wide; one value wide where that is impossible */
		narrow &= upper == lower ||
			  (double)(upper - lower + 1) <= 0.03 * (double)lower;
	}
	ok(contiguous, "unit/hist/buckets-leave-no-gap");
	ok(inside, "unit/hist/bounds-are-inside-their-bucket");
	ok(narrow, "unit/hist/no-bucket-is-wider-than-3-percent");
	is_int((long long)hist_index(127), 127, "unit/hist/exact-to-127-ns");
	is_int((long long)hist_index(UINT64_MAX), HIST_BUCKETS - 1,
	       "unit/hist/largest-value-is-in-the-last-bucket");
	ok(hist_upper(HIST_BUCKETS - 1) == UINT64_MAX,
	   "unit/hist/last-bucket-ends-at-64-bits");
	is_int((long long)hist_lower(hist_index(1000003)), 999424,
	       "unit/hist/lower-bound-of-1000003");
}

static int by_value(const void *x, const void *y)
{
	uint64_t l = *(const uint64_t *)x, r = *(const uint64_t *)y;

	return (l > r) - (l < r);
}

/* Random values over many magnitudes, as latencies are */
static void fill(struct hist *h, uint64_t seed)
{
	hist_reset(h);
	for (size_t i = 0; i < VALUES; i++) {
		values[i] = prng_next(&seed) >> (20 + prng_below(&seed, 42));
		hist_add(h, values[i]);
	}
	qsort(values, VALUES, sizeof(values[0]), by_value);
}

static void test_quantiles(void)
{
	static const uint64_t permille[] = { 1, 10, 500, 900, 990, 999, 1000 };
	bool same_bucket = true;

	fill(&a, 1);
	for (size_t i = 0; i < sizeof(permille) / sizeof(permille[0]); i++) {
		uint64_t p = permille[i];
		uint64_t exact = values[(VALUES * p + 999) / 1000 - 1];
		uint64_t got = hist_quantile(&a, p, 1000);

		if (hist_index(got) == hist_index(exact))
			continue;
		same_bucket = false;
		diag("%lld/1000: got %lld, expected near %lld", (long long)p,
		     (long long)got, (long long)exact);
	}
	ok(same_bucket, "unit/hist/quantiles-agree-with-a-sorted-array");
	ok(hist_quantile(&a, 1, 1) <= values[VALUES - 1],
	   "unit/hist/no-quantile-above-the-maximum");
	ok(a.max == values[VALUES - 1] && a.min == values[0],
	   "unit/hist/minimum-and-maximum-are-exact");
	hist_reset(&b);
	is_int((long long)hist_quantile(&b, 1, 2), 0,
	       "unit/hist/empty-quantile-is-0");
	for (uint64_t v = 1; v <= 10; v++)
		hist_add(&b, v);
	is_int((long long)hist_quantile(&b, 1, 2), 5,
	       "unit/hist/median-of-1-to-10-by-nearest-rank");
	is_int((long long)hist_quantile(&b, 90, 100), 9,
	       "unit/hist/p90-of-1-to-10");
}

static void test_merge(void)
{
	uint64_t seed = 3;

	hist_reset(&a);
	hist_reset(&b);
	hist_reset(&both);
	for (size_t i = 0; i < VALUES; i++) {
		uint64_t v = prng_next(&seed) >> 40;

		hist_add(i % 3 ? &a : &b, v);
		hist_add(&both, v);
	}
	hist_merge(&a, &b);
	ok(!memcmp(&a, &both, sizeof(a)),
	   "unit/hist/merge-equals-recording-in-one");
	hist_reset(&b);
	hist_merge(&a, &b);
	ok(!memcmp(&a, &both, sizeof(a)),
	   "unit/hist/merging-an-empty-one-changes-nothing");
}

/* @h's text form, to be freed */
static char *text_of(const struct hist *h)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	hist_print(h, f);
	fclose(f);
	return text;
}

static void test_text(void)
{
	char *text;

	fill(&a, 5);
	text = text_of(&a);
	is_int(hist_parse(&b, text), 0, "unit/hist/reads-its-own-text");
	ok(b.total == a.total && !memcmp(b.count, a.count, sizeof(a.count)),
	   "unit/hist/text-round-trip-keeps-all-counts");
	free(text);
	hist_reset(&a);
	hist_add(&a, 5);
	hist_add(&a, 5);
	hist_add(&a, 1000);
	text = text_of(&a);
	is_str(text, "5:2,1000:1", "unit/hist/text-form");
	free(text);
	hist_reset(&a);
	text = text_of(&a);
	is_str(text, "-", "unit/hist/text-form-of-an-empty-one");
	free(text);
	ok(!hist_parse(&b, "-") && !b.total, "unit/hist/reads-an-empty-one");
}

static void test_malformed(void)
{
	static const struct {
		const char *text;
		const char *name;
	} bad[] = {
		{ "", "unit/hist/refuses-nothing" },
		{ "5", "unit/hist/refuses-a-missing-count" },
		{ "5:", "unit/hist/refuses-an-empty-count" },
		{ ":1", "unit/hist/refuses-an-empty-bound" },
		{ "5:0", "unit/hist/refuses-count-0" },
		{ "5:-1", "unit/hist/refuses-a-negative-count" },
		{ "5:1,", "unit/hist/refuses-a-trailing-comma" },
		{ "5:1,,6:1", "unit/hist/refuses-two-commas" },
		{ "5:1;6:1", "unit/hist/refuses-other-separators" },
		{ "5:1 ", "unit/hist/refuses-a-trailing-space" },
		{ "5:1,5:1", "unit/hist/refuses-a-bound-twice" },
		{ "6:1,5:1", "unit/hist/refuses-descending-bounds" },
		{ "1001:1", "unit/hist/refuses-a-bound-inside-a-bucket" },
		{ "005:1", "unit/hist/refuses-leading-zeros" },
		{ "99999999999999999999:1", "unit/hist/refuses-over-64-bits" },
		{ "1:18446744073709551615,2:1",
		  "unit/hist/refuses-a-total-over-64-bits" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(hist_parse(&b, bad[i].text) == -1 && !b.total, bad[i].name);
}

int main(void)
{
	test_buckets();
	test_quantiles();
	test_merge();
	test_text();
	test_malformed();
	done_testing();
	return exit_status();
}
