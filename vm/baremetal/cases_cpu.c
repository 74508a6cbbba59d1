// SPDX-License-Identifier: GPL-2.0-or-later
/* Cases without a device: the empty operation, and cpuid, which always exits. */
#include <stddef.h>

#include "bench.h"

static bool cpuid_setup(struct bench_case *c)
{
	uint64_t max = op_call(&c->op);

	return max >= 1 ||
	       failed("cpuid says its highest leaf is %lu, at least 1 expected",
		      max);
}

struct bench_case cpu_cases[] = {
	{ .device = "cpu", .name = "empty", .op.fn = op_nothing },
	{
		.device = "cpu",
		.name = "cpuid",
		.setup = cpuid_setup,
		.op.fn = op_cpuid, /* leaf 0 */
	},
	{ .name = NULL },
};
