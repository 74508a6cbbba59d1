/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one clock every figure comes from. */
#ifndef USERBENCH_CLOCK_H
#define USERBENCH_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_MS  1000000ull
#define NS_PER_SEC 1000000000ull

/** now_ns() - CLOCK_MONOTONIC in nanoseconds */
static inline uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

#endif /* USERBENCH_CLOCK_H */
