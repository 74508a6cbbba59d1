// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every trace event once, in code that never runs. A build of one variant would
 * else lack the probes of the others, and a tool refuses a whole script for one
 * probe that it does not find.
 */
#include "qemu/osdep.h"

#include "trace/trace-my_rng.h"

static void __attribute__((used)) my_rng_every_event(void)
{
    trace_my_rng_mmio_read("", 0, 0, 0);
    trace_my_rng_mmio_write("", 0, 0, 0);
    trace_my_rng_pio_read("", 0, 0, 0);
    trace_my_rng_pio_write("", 0, 0, 0);
    trace_my_rng_seed("", 0);
    trace_my_rng_fifo_top_up("", 0, 0);
    trace_my_rng_dma_start("", 0, 0, 0);
    trace_my_rng_dma_end("", 0, 0, 0);
    trace_my_rng_win_refill("", 0);
    trace_my_rng_msi("");
    trace_my_rng_ring_start("", 0, 0, 0);
    trace_my_rng_ring_stop("", 0, 0, 0);
    trace_my_rng_ring_sleep("", 0, 0);
    trace_my_rng_kick("", 0);
    trace_my_rng_queue_start("", 0, 0, 0);
    trace_my_rng_queue_stop("", 0, 0, 0);
    trace_my_rng_queue_sleep("", 0);
    trace_my_rng_mark("", 0);
    trace_my_rng_reset("");
}
