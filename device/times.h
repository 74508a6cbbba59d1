/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device's own stopwatch: where its time goes, stamped from inside, because
 * a probe costs many times what it looks at. Off unless MODE says so.
 */
#ifndef MY_RNG_TIMES_H
#define MY_RNG_TIMES_H

#include "qemu/timer.h"

#include "my_rng_regs.h"

/**
 * struct MyRngTimes - stamps and prices of one device
 * @on: MODE has TIMING
 * @count: the TIME registers, by MY_RNG_TIME_*
 * @ticks0: the host's clock when the device was made, in ticks
 * @ns0: and in nanoseconds, for the rate
 *
 * Protected by the big lock. A matter of this host: not migrated.
 */
typedef struct MyRngTimes {
    bool on;
    uint64_t count[MY_RNG_TIME_COUNT];
    int64_t ticks0;
    int64_t ns0;
} MyRngTimes;

/** my_rng_times_begin() - first stamp of a part; 0 while timing is off */
static inline int64_t my_rng_times_begin(const MyRngTimes *t)
{
    return unlikely(t->on) ? cpu_get_host_ticks() : 0;
}

/*
 * The clock once all before it is done: else a part of a few nanoseconds would
 * still be running when it is read (AMD64 Architecture Programmer's Manual 3:
 * RDTSC is not serializing, LFENCE is for what precedes it).
 */
static inline int64_t my_rng_stamp_end(void)
{
#if defined(__x86_64__)
    __builtin_ia32_lfence();
#endif
    return cpu_get_host_ticks();
}

/** my_rng_times_add() - add what a part took; nothing if that is 0 */
static inline void my_rng_times_add(MyRngTimes *t, unsigned part, int64_t took)
{
    if (unlikely(took)) {
        t->count[part] += took;
        t->count[MY_RNG_TIME_STAMPED(part)]++;
    }
}

/**
 * my_rng_times_end() - second stamp: add the time since the first one
 * @t: stopwatch
 * @part: MY_RNG_TIME_CALLBACK to MY_RNG_TIME_IRQ
 * @begin: what my_rng_times_begin() gave
 */
static inline void my_rng_times_end(MyRngTimes *t, unsigned part, int64_t begin)
{
    if (unlikely(begin)) {
        my_rng_times_add(t, part, my_rng_stamp_end() - begin);
    }
}

/** my_rng_times_init() - note the clock; all counts are 0 */
void my_rng_times_init(MyRngTimes *t);

/** my_rng_times_price() - measure the prices and the clock's rate anew */
void my_rng_times_price(MyRngTimes *t);

#endif /* MY_RNG_TIMES_H */
