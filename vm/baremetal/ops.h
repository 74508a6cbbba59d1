/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operations that are measured, and how they are timed. */
#ifndef EXITBENCH_OPS_H
#define EXITBENCH_OPS_H

#include <stdbool.h>
#include <stdint.h>

struct op;

/* Does an operation @batch times; returns the TSC cycles it took in all. */
typedef uint64_t op_fn(const struct op *op, uint32_t batch);

op_fn op_nothing, op_cpuid, op_read8, op_read32, op_read64, op_write8,
	op_write32, op_in8, op_in32, op_out8, op_insl, op_dma;

/**
 * struct op - an operation and the registers it starts with
 * @fn: the operation
 * @mem: address it reads, writes, or fills (%rdi)
 * @value: value it writes (%rax)
 * @port: port, or address of the completion record (%rdx)
 * @count: words of a string input, turns of a wait (%rcx)
 */
struct op {
	op_fn *fn;
	uint64_t mem;
	uint64_t value;
	uint64_t port;
	uint64_t count;
};

/* Whether the TSC is read between lfences; off until measure_calibrate(). */
extern bool op_fenced;

/* What the last operation left in %rax: the value it read, if it reads one. */
extern uint64_t op_value;

/* Does an operation once, untimed; returns op_value. */
static inline uint64_t op_call(const struct op *op)
{
	op->fn(op, 1);
	return op_value;
}

#endif
