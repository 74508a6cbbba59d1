// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The bare-metal guest: times single operations without an operating system.
 *
 * Two channels: the table (PORT_DATA), and a verdict for each case with a
 * summary at the end (PORT_LOG). A run without the summary has failed.
 */
#include <stdarg.h>
#include <stddef.h>

#include "bench.h"
#include "io.h"
#include "measure.h"
#include "options.h"
#include "text.h"

void guest_main(uint64_t start_info);

static struct bench_case *const tables[] = {
	cpu_cases,
	my_rng_cases,
	edu_cases,
	testdev_cases,
};

#define TABLES    (sizeof(tables) / sizeof(*tables))
#define CASES_MAX 32

/**
 * struct run - what became of a case so far
 * @c: the case
 * @skip: why it cannot run here, or NULL
 * @reason: why it failed; empty: it did not
 * @calls: operations done and, where that is possible, counted by the device
 * @series: its samples
 */
static struct run {
	struct bench_case *c;
	const char *skip;
	char reason[160];
	uint64_t calls;
	struct series series;
} runs[CASES_MAX];

static unsigned int run_count;
static const struct machine *machine;
static char *reason; /* of the case that runs */

bool failed(const char *fmt, ...)
{
	va_list ap;

	if (*reason)
		return false;
	va_start(ap, fmt);
	vformat(reason, sizeof(runs->reason), fmt, &ap);
	va_end(ap);
	return false;
}

/* Cycles in hundredths; "-" where they cannot be told. */
static const char *cycles(char *buf, int64_t figure)
{
	return figure == UNTOLD ? "-" : fixed2(buf, figure);
}

/* The same as nanoseconds; "-" also without a rate. */
static const char *ns(char *buf, int64_t figure)
{
	uint64_t khz = options.tsc_khz;

	if (!khz || figure == UNTOLD)
		return "-";
	return fixed2(buf,
		      (int64_t)(((uint64_t)figure * 1000000 + khz / 2) / khz));
}

/* What kind of KVM runs this; "-" if none does. */
static const char *kvm_kind(void)
{
	if (!same("kvm", 3, options.lane))
		return "-";
	return machine->emulated ? "emulated" : "hardware";
}

static void print_row(struct run *r)
{
	const struct bench_case *c = r->c;
	struct result res;
	char t[8][FIXED2_SIZE];

	measure_result(c, &r->series, &res);
	print(PORT_DATA, "%s\t%s\t%s\t%u\t%u\t%s\t%s\t%s\t%s", options.lane,
	      c->name, c->device, (unsigned int)r->series.n, r->series.batch,
	      cycles(t[0], res.min), cycles(t[1], res.p50),
	      cycles(t[2], res.p99), cycles(t[3], res.overhead));
	print(PORT_DATA, "\t%s\t%s\t%s\t%s\t%s\n", ns(t[4], res.min),
	      ns(t[5], res.p50), ns(t[6], res.p99), cycles(t[7], res.slope),
	      kvm_kind());
}

/* One round of a case, unless it cannot run or has failed already. */
static void run_round(struct run *r, int32_t round)
{
	struct bench_case *c = r->c;
	uint64_t calls;

	if (!round) /* the last one seen is where a guest hangs */
		print(PORT_LOG, "TRY %s/%s\n", c->device, c->name);
	reason = r->reason;
	r->skip = c->valid ? c->valid(c) : NULL;
	if (r->skip || *reason || (c->setup && !c->setup(c)))
		return;
	calls = measure_round(c, &r->series, round);
	if (!c->check || c->check(c, calls))
		r->calls += calls;
}

/* Prints verdicts, table and summary. Returns whether all is well. */
static bool report(void)
{
	unsigned int passed = 0, bad = 0, skipped = 0;

	for (struct run *r = runs; r < runs + run_count; r++) {
		const struct bench_case *c = r->c;
		const char *verdict = r->skip      ? "SKIP"
				      : *r->reason ? "FAIL"
						   : "PASS";

		print(PORT_LOG, "%s %s/%s: ", verdict, c->device, c->name);
		if (r->skip) {
			print(PORT_LOG, "%s\n", r->skip);
			skipped++;
		} else if (*r->reason) {
			print(PORT_LOG, "%s\n", r->reason);
			bad++;
		} else {
			print(PORT_LOG, "%lu operations%s\n", r->calls,
			      c->check ? ", counted exactly" : "");
			print_row(r);
			passed++;
		}
	}
	print(PORT_DATA, "# end %u\n", passed);
	print(PORT_LOG, "SUMMARY: %u passed, %u failed, %u skipped\n", passed,
	      bad, skipped);
	return !bad;
}

/* Whether an item of options.cases means any case. */
static bool known_item(const char *item, size_t len)
{
	for (unsigned int t = 0; t < TABLES; t++)
		for (struct bench_case *c = tables[t]; c->name; c++)
			if (item_selects(item, len, c->device, c->name))
				return true;
	return false;
}

static _Noreturn void refuse_item(const char *item, size_t len)
{
	char copy[64];

	if (len >= sizeof(copy))
		len = sizeof(copy) - 1;
	for (size_t i = 0; i < len; i++)
		copy[i] = item[i];
	copy[len] = '\0';
	print(PORT_LOG, "ERROR unknown case '%s'; the cases are:", copy);
	for (unsigned int t = 0; t < TABLES; t++)
		for (struct bench_case *c = tables[t]; c->name; c++)
			print(PORT_LOG, " %s/%s", c->device, c->name);
	print(PORT_LOG, "; the part before or after the / alone selects all "
			"cases with it\n");
	guest_exit(END_USAGE);
}

static void check_cases(void)
{
	const char *list = options.cases, *item;
	size_t len;

	while ((len = next_item(&list, &item)))
		if (!known_item(item, len))
			refuse_item(item, len);
}

/* Makes a run of each case that was asked for. */
static void choose_runs(void)
{
	for (unsigned int t = 0; t < TABLES; t++) {
		for (struct bench_case *c = tables[t]; c->name; c++) {
			if (!options_selected(c->device, c->name))
				continue;
			if (run_count == CASES_MAX) {
				print(PORT_LOG, "ERROR raise CASES_MAX\n");
				guest_exit(END_USAGE);
			}
			runs[run_count++].c = c;
		}
	}
}

static void print_machine(void)
{
	char loop[FIXED2_SIZE];

	print(PORT_LOG, "MACHINE loop_cycles=%s tsc_step=%lu emulated=%u\n",
	      fixed2(loop, (int64_t)machine->loop), machine->step,
	      machine->emulated);
}

void guest_main(uint64_t start_info)
{
	options_parse(start_info);
	check_cases();
	machine = measure_calibrate();
	print_machine();
	print(PORT_DATA, "# exitcost exitbench 1\n"
			 "lane\tcase\tdevice\tn\tbatch\tcycles_min\tcycles_p50"
			 "\tcycles_p99\tcycles_overhead\tns_min\tns_p50\tns_p99"
			 "\tcycles_slope\tkvm\n");
	choose_runs();
	for (int32_t round = 0; round < ROUNDS; round++)
		for (unsigned int i = 0; i < run_count; i++)
			run_round(&runs[i], round);
	guest_exit(report() ? END_PASSED : END_FAILED);
}
