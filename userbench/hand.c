// SPDX-License-Identifier: GPL-2.0-or-later
/* What a person runs at a prompt: one measurement, or a look around. */
#include "hand.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "device.h"
#include "log.h"
#include "measure.h"
#include "target.h"

/* The time asked for goes to throughput by three quarters */
#define THROUGHPUT_SHARE 0.75

static const struct engine *const by_access[] = {
	&engine_read,  &engine_read_huge, &engine_read_fixed,
	&engine_ioctl, &engine_mmap,      &engine_uring,
};

static const char *const stat_names[MY_RNG_STAT_COUNT] = {
	[MY_RNG_STAT_MMIO_READS] = "MMIO reads",
	[MY_RNG_STAT_MMIO_WRITES] = "MMIO writes",
	[MY_RNG_STAT_PIO_READS] = "port reads",
	[MY_RNG_STAT_PIO_WRITES] = "port writes",
	[MY_RNG_STAT_DMAS] = "DMA requests",
	[MY_RNG_STAT_DMA_BYTES] = "DMA bytes",
	[MY_RNG_STAT_IRQS] = "interrupts",
	[MY_RNG_STAT_WORDS] = "stream words",
	[MY_RNG_STAT_ERRORS] = "guest errors",
	[MY_RNG_STAT_KICKS] = "doorbells",
};

static const char *const touch_what[] = {
	[TOUCH_NONE] = "nothing",
	[TOUCH_LINE] = "a word of every 64-byte line",
	[TOUCH_SUM] = "every word",
};

static void print_speed(const struct cell *c, const struct sample *s)
{
	const struct hist *h = &s->latency;
	double seconds = (double)s->ns / NS_PER_SEC;
	double calls = (double)s->calls;

	printf("throughput   %14.3f MB/s\n",
	       calls * (double)c->bytes / seconds / 1e6);
	printf("             %14.0f calls/s   (%" PRIu64 " calls in %.2f s)\n",
	       calls / seconds, s->calls, seconds);
	printf("ns per call  %14.0f mean over the throughput phase\n",
	       (double)s->ns * c->threads / calls);
	printf("             %14" PRIu64 " median    %" PRIu64
	       " p99    %" PRIu64 " max   (%" PRIu64
	       " calls timed one by one)\n",
	       hist_quantile(h, 1, 2), hist_quantile(h, 99, 100), h->max,
	       h->total);
	printf("             %14" PRIu64
	       " of each is the clock: not subtracted\n",
	       measure_timer_ns());
}

/* Whole where it divides, else with the remainder shown as a fraction */
static void print_per_call(const char *what, uint64_t total, uint64_t calls)
{
	if (total % calls)
		printf("per call     %14.6f %s   (%" PRIu64 "/%" PRIu64 ")\n",
		       (double)total / (double)calls, what, total, calls);
	else
		printf("per call     %14" PRIu64 " %s\n", total / calls, what);
}

static void print_counts(const struct sample *s)
{
	print_per_call("syscalls", s->syscalls, s->calls);
	for (size_t i = 0; s->counted && i < MY_RNG_STAT_COUNT; i++) {
		if (stat_names[i] && s->stats.count[i])
			print_per_call(stat_names[i], s->stats.count[i],
				       s->calls);
	}
	if (!s->counted)
		printf("per call     %14s (no my_rng counters behind it)\n",
		       "-");
}

static void print_head(const struct cell *c)
{
	const struct target *t = c->target;

	printf("device       %s", t->source.node);
	if (t->source.path[0])
		printf(", path %s", t->variant);
	if (t->device >= 0)
		printf(", generator %s",
		       generator_name(device_get(t->device)->info.generator));
	printf("\ncall         %s of %zu bytes, %u thread%s%s, touching %s\n",
	       c->engine->what, c->bytes, c->threads,
	       c->threads == 1 ? "" : "s", measure_pinned() ? ", pinned" : "",
	       touch_what[c->touch]);
}

static int measure_by_hand(const struct options *o, struct cell *c)
{
	uint64_t ns = (uint64_t)(o->seconds * NS_PER_SEC);
	const struct measure_spec spec = {
		.sample_ns = (uint64_t)((double)ns * THROUGHPUT_SHARE),
		.latency_ns = (uint64_t)((double)ns * (1 - THROUGHPUT_SHARE)),
		.latency_calls = UINT64_MAX,
		.huge = o->huge,
	};
	struct sample *s = malloc(sizeof(*s));
	int error = -1;

	if (s && !measure_init(c->threads, c->bytes, o->seed)) {
		print_head(c);
		fflush(stdout);
		if (measure_cell(c, &spec, s) == MEASURED) {
			print_speed(c, s);
			print_counts(s);
			error = 0;
		}
		measure_end();
	}
	free(s);
	return error;
}

/* Before anything is opened, as the driver would only say that it is busy */
static int check_mmap(const struct cell *c)
{
	const struct target *t = c->target;

	if (c->engine != &engine_mmap)
		return 0;
	if (!engine_mmap_suits(t->source.path))
		log_error("%s cannot be read in place by path %s; see "
			  "userbench --list",
			  t->source.node, t->variant);
	else if (c->threads > 1 && !engine_mmap_shares(t->source.path))
		log_error("path %s has one place to read on from, so one "
			  "thread reads it in place: --threads 1, or --access "
			  "read",
			  t->variant);
	else
		return 0;
	return -1;
}

int hand_run(const struct options *o)
{
	struct target target;
	struct cell cell = { .id = 1, .target = &target, .bytes = o->size };
	int error;

	cell.threads = o->threads;
	for (size_t i = 0; i < sizeof(by_access) / sizeof(by_access[0]); i++) {
		if (!strcmp(by_access[i]->access, o->access))
			cell.engine = by_access[i];
	}
	cell.touch = cell_touch(cell.engine, o->touch);
	if (cell.engine->sizes == SIZES_WORD)
		cell.bytes = 4;
	devices_open();
	error = target_by_hand(&target, o->device, o->path);
	if (!error)
		error = check_mmap(&cell);
	if (!error)
		error = measure_by_hand(o, &cell);
	devices_close();
	return error;
}

int hand_list(void)
{
	struct target targets[TARGETS_MAX];
	size_t count;

	if (!devices_open())
		log_note("no /dev/my_rngN here: is my_rng.ko loaded, and does "
			 "the machine have a my_rng device?");
	count = targets_find(targets, false);
	printf("%-12s %-18s %-14s %s\n", "variant", "node", "generator",
	       "access");
	for (size_t i = 0; i < count; i++) {
		const struct target *t = &targets[i];
		const char *generator = "-";

		if (t->device >= 0)
			generator = generator_name(
				device_get(t->device)->info.generator);
		printf("%-12s %-18s %-14s", t->variant,
		       t->source.node[0] ? t->source.node : "-", generator);
		for (size_t e = 0; e < TARGET_ENGINES && t->engines[e]; e++)
			printf("%s%s", e ? ", " : " ", t->engines[e]->access);
		putchar('\n');
	}
	targets_release();
	devices_close();
	return 0;
}
