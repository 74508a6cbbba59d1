// SPDX-License-Identifier: GPL-2.0-or-later
/* The log-linear latency histogram and its text form. */
#include "hist.h"

#include <inttypes.h>
#include <string.h>

void hist_reset(struct hist *h)
{
	memset(h, 0, sizeof(*h));
	h->min = UINT64_MAX;
}

/*
 * Values below 2 * HIST_SUB have a bucket each. Above, a value is shifted
 * right until it lies in [HIST_SUB, 2 * HIST_SUB); each shift is one more
 * group of HIST_SUB buckets.
 */
size_t hist_index(uint64_t ns)
{
	unsigned int shift;

	if (ns < 2 * HIST_SUB)
		return ns;
	shift = 63 - __builtin_clzll(ns) - HIST_SUB_BITS;
	return (size_t)shift * HIST_SUB + (ns >> shift);
}

uint64_t hist_lower(size_t index)
{
	unsigned int shift;

	if (index < 2 * HIST_SUB)
		return index;
	shift = index / HIST_SUB - 1;
	return (uint64_t)(index - (size_t)shift * HIST_SUB) << shift;
}

uint64_t hist_upper(size_t index)
{
	if (index + 1 >= HIST_BUCKETS)
		return UINT64_MAX;
	return hist_lower(index + 1) - 1;
}

void hist_add(struct hist *h, uint64_t ns)
{
	h->count[hist_index(ns)]++;
	h->total++;
	if (ns < h->min)
		h->min = ns;
	if (ns > h->max)
		h->max = ns;
}

void hist_merge(struct hist *into, const struct hist *from)
{
	for (size_t i = 0; i < HIST_BUCKETS; i++)
		into->count[i] += from->count[i];
	into->total += from->total;
	if (from->min < into->min)
		into->min = from->min;
	if (from->max > into->max)
		into->max = from->max;
}

static uint64_t middle(const struct hist *h, size_t index)
{
	uint64_t lower = hist_lower(index);
	uint64_t ns = lower + (hist_upper(index) - lower) / 2;

	if (ns < h->min)
		return h->min;
	return ns > h->max ? h->max : ns;
}

uint64_t hist_quantile(const struct hist *h, uint64_t num, uint64_t den)
{
	uint64_t rank = (h->total * num + den - 1) / den;
	uint64_t seen = 0;

	if (!h->total)
		return 0;
	for (size_t i = 0; i < HIST_BUCKETS; i++) {
		seen += h->count[i];
		if (h->count[i] && seen >= rank)
			return middle(h, i);
	}
	return h->max;
}

void hist_print(const struct hist *h, FILE *f)
{
	const char *comma = "";

	if (!h->total) {
		fputc('-', f);
		return;
	}
	for (size_t i = 0; i < HIST_BUCKETS; i++) {
		if (!h->count[i])
			continue;
		fprintf(f, "%s%" PRIu64 ":%" PRIu64, comma, hist_lower(i),
			h->count[i]);
		comma = ",";
	}
}

/*
 * A decimal number without sign, space or leading zero. Returns what follows
 * it, or NULL if there is none or it is beyond 64 bits.
 */
static const char *parse_u64(const char *s, uint64_t *value)
{
	uint64_t v = 0;

	if (*s < '0' || *s > '9' || (s[0] == '0' && s[1] >= '0' && s[1] <= '9'))
		return NULL;
	for (; *s >= '0' && *s <= '9'; s++) {
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*s - '0'), &v))
			return NULL;
	}
	*value = v;
	return s;
}

/* One `lower:count` into @h. Returns what follows, or NULL if malformed. */
static const char *parse_bucket(struct hist *h, const char *s)
{
	uint64_t lower, count;
	size_t i;

	s = parse_u64(s, &lower);
	if (!s || *s++ != ':')
		return NULL;
	s = parse_u64(s, &count);
	if (!s || !count)
		return NULL;
	i = hist_index(lower);
	if (hist_lower(i) != lower || (h->total && lower <= h->max))
		return NULL;
	if (__builtin_add_overflow(h->total, count, &h->total))
		return NULL;
	h->count[i] = count;
	if (lower < h->min)
		h->min = lower;
	h->max = hist_upper(i);
	return s;
}

int hist_parse(struct hist *h, const char *text)
{
	const char *s = text;

	hist_reset(h);
	if (!strcmp(text, "-"))
		return 0;
	while ((s = parse_bucket(h, s))) {
		if (!*s)
			return 0;
		if (*s++ != ',')
			break;
	}
	hist_reset(h);
	return -1;
}
