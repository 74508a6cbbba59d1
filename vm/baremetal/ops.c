// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The operations that are measured, and how they are timed.
 *
 * Each is a loop of its own around as few instructions as can be, without a
 * call. All loops load the same registers, whether the operation needs them or
 * not, so that everything beside the operation costs the same as in
 * op_nothing(). For the same reason they are aligned, and lie in one page.
 */
#include "io.h"
#include "ops.h"

bool op_fenced;
uint64_t op_value;

static inline uint64_t timestamp(bool fenced)
{
	uint64_t t;

	if (fenced)
		lfence();
	t = rdtsc();
	if (fenced)
		lfence();
	return t;
}

#define OP(name, code)                                                     \
	__attribute__((section(".text.ops"), aligned(256)))                \
	uint64_t op_##name(const struct op *op, uint32_t batch)            \
	{                                                                  \
		const struct op regs = *op;                                \
		const bool fenced = op_fenced;                             \
		uint64_t value = 0, start, end;                            \
                                                                           \
		start = timestamp(fenced);                                 \
		for (uint32_t i = 0; i < batch; i++) {                     \
			uint64_t mem = regs.mem, port = regs.port;         \
			uint64_t count = regs.count;                       \
                                                                           \
			value = regs.value;                                \
			asm volatile(code                                  \
				     : "+D"(mem), "+a"(value), "+d"(port), \
				       "+c"(count)                         \
				     :                                     \
				     : "rbx", "memory", "cc");             \
		}                                                          \
		end = timestamp(fenced);                                   \
		op_value = value;                                          \
		return end - start;                                        \
	}

OP(nothing, "")
OP(cpuid, "cpuid")
OP(read8, "movb (%%rdi), %%al")
OP(read32, "movl (%%rdi), %%eax")
OP(read64, "movq (%%rdi), %%rax")
OP(write8, "movb %%al, (%%rdi)")
OP(write32, "movl %%eax, (%%rdi)")
OP(in8, "inb %%dx, %%al")
OP(in32, "inl %%dx, %%eax")
OP(out8, "outb %%al, %%dx")
OP(insl, "rep insl")

/* Clear the record, ring the doorbell, wait for the record or so many turns. */
OP(dma, "	movl $0, (%%rdx)\n"
	"	movl %%eax, (%%rdi)\n"
	"1:	cmpl $0, (%%rdx)\n"
	"	jne 2f\n"
	"	pause\n"
	"	decl %%ecx\n"
	"	jnz 1b\n"
	"2:\n")
