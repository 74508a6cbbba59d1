/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a case of the bare-metal benchmark is. */
#ifndef EXITBENCH_BENCH_H
#define EXITBENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include "my_rng_regs.h"
#include "ops.h"

/* Writes why a case failed; the first reason of a case is kept. False. */
__attribute__((format(printf, 1, 2))) bool failed(const char *fmt, ...);

/**
 * struct bench_case - one row of the table
 *
 * In each round: @valid, @setup, samples with @prepare before each, @check.
 *
 * @device: the device it is done on
 * @name: the operation; unique with @device
 * @valid: finds the device; returns NULL, or why the case cannot run here.
 *         Absent: it always can
 * @setup: completes @op and tries whether one operation does what it should;
 *         returns false after failed()
 * @prepare: untimed, before each sample of so many calls; returns false if the
 *           device cannot take so many in a row
 * @check: tells whether the device saw exactly @calls operations since @setup;
 *         returns false after failed()
 * @op: the operation
 * @cap: my_rng: capability the case needs
 * @reg: register, in the memory BAR or in the port BAR
 * @verify: my_rng: see @setup
 * @per_call: my_rng: what one call adds to each of its counters
 * @test: pci-testdev: number of its test
 */
struct bench_case {
	const char *device;
	const char *name;
	const char *(*valid)(struct bench_case *c);
	bool (*setup)(struct bench_case *c);
	bool (*prepare)(const struct bench_case *c, uint32_t calls);
	bool (*check)(const struct bench_case *c, uint64_t calls);
	struct op op;

	uint32_t cap;
	uint32_t reg;
	bool (*verify)(const struct bench_case *c);
	uint32_t per_call[MY_RNG_STAT_COUNT];
	uint8_t test;
};

/* A table of cases, ended by one without a name. */
extern struct bench_case cpu_cases[], my_rng_cases[], edu_cases[],
	testdev_cases[];

#endif
