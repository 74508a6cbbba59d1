// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Prints the rate of the host's TSC in kHz, measured against CLOCK_MONOTONIC_RAW
 * over a tenth of a second. The bare-metal guest's TSC runs at the same rate.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#define WINDOW_NS 100000000
#define TRIES     20

struct pair {
	uint64_t tsc;
	int64_t ns;
};

static uint64_t rdtsc(void)
{
	return __builtin_ia32_rdtsc();
}

/* One moment on both clocks: the tightest of a few tries. */
static struct pair now(void)
{
	struct pair best = { 0 };
	uint64_t width = UINT64_MAX;

	for (int i = 0; i < TRIES; i++) {
		uint64_t before = rdtsc(), after;
		struct timespec ts;

		clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
		after = rdtsc();
		if (after - before >= width)
			continue;
		width = after - before;
		best.tsc = before + width / 2;
		best.ns = (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
	}
	return best;
}

int main(void)
{
	const struct timespec window = { .tv_nsec = WINDOW_NS };
	struct pair a = now(), b;
	double khz;

	nanosleep(&window, NULL);
	b = now();
	khz = (double)(b.tsc - a.tsc) * 1e6 / (double)(b.ns - a.ns);
	printf("%.0f\n", khz);
	return khz > 0 && fflush(stdout) == 0 ? 0 : 1;
}
