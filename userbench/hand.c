// SPDX-License-Identifier: GPL-2.0-or-later
/* What a person runs at a prompt: one measurement, or a look around. */
#include "hand.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "device.h"
#include "log.h"
#include "reference.h"
#include "slices.h"
#include "target.h"
#include "workers.h"

#define LATENCY_EACH 4  /* one slice in so many times single calls */
#define JUDGE_EACH   32 /* slices, then the undisturbed speed is found anew */

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

/**
 * struct tally - what the slices gave together
 * @speeds: reference readings
 * @speed_count: how many
 * @undisturbed: of them, as of a while ago
 * @slices: all of them
 * @rejected: those that the host disturbed
 * @calls: of accepted slices for throughput
 * @ns: of the same
 * @all: sums over all slices, for the counts
 * @latency: of accepted slices for that
 */
struct tally {
	double *speeds;
	size_t speed_count;
	double undisturbed;
	size_t slices;
	size_t rejected;
	uint64_t calls;
	uint64_t ns;
	struct slice all;
	struct hist latency;
};

static void print_speed(const struct cell *c, const struct tally *t)
{
	const struct hist *h = &t->latency;
	double seconds = (double)t->ns / NS_PER_SEC;
	double calls = (double)t->calls;

	printf("throughput   %14.3f MB/s\n",
	       calls * (double)c->bytes / seconds / 1e6);
	printf("             %14.0f calls/s   (%" PRIu64 " calls in %.2f s)\n",
	       calls / seconds, t->calls, seconds);
	printf("ns per call  %14.0f mean over the throughput slices\n",
	       (double)t->ns * c->threads / calls);
	printf("             %14" PRIu64 " median    %" PRIu64
	       " p99    %" PRIu64 " max   (%" PRIu64
	       " calls timed one by one)\n",
	       hist_quantile(h, 1, 2), hist_quantile(h, 99, 100), h->max,
	       h->total);
	printf("             %14" PRIu64
	       " of each is the clock: not subtracted\n",
	       slices_timer_ns());
	printf("reference    %14.1f ns a call of the reference loop, "
	       "undisturbed\n",
	       t->undisturbed);
	printf("disturbed    %14zu of %zu slices, left out: the reference loop "
	       "beside them was slow\n",
	       t->rejected, t->slices);
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

static void print_counts(const struct slice *s)
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
	       c->threads == 1 ? "" : "s", workers_pinned() ? ", pinned" : "",
	       touch_what[c->touch]);
}

/* Whether the slice counts, by the readings up to now */
static bool is_accepted(struct tally *t, const struct slice *s)
{
	t->speeds[t->speed_count++] = s->before;
	t->speeds[t->speed_count++] = s->after;
	if (t->slices % JUDGE_EACH == 0 || t->slices < JUDGE_EACH)
		t->undisturbed =
			reference_undisturbed(t->speeds, t->speed_count);
	return reference_accepts(s->before, s->after, t->undisturbed);
}

static void add_counts(struct slice *all, const struct slice *s)
{
	all->calls += s->calls;
	all->syscalls += s->syscalls;
	all->counted = s->counted;
	for (size_t i = 0; i < MY_RNG_STAT_COUNT; i++)
		all->stats.count[i] += s->stats.count[i];
}

static void add_slice(struct tally *t, const struct slice *s)
{
	add_counts(&t->all, s);
	if (!is_accepted(t, s)) {
		t->rejected++;
	} else if (s->kind == SLICE_LATENCY) {
		hist_merge(&t->latency, &s->latency);
	} else {
		t->calls += s->calls;
		t->ns += s->ns;
	}
	t->slices++;
}

/* Room for two more reference readings; 0, or -1 after a message */
static int grow_speeds(struct tally *t, size_t *room)
{
	size_t more = *room ? 2 * *room : 1024;
	double *speeds;

	if (t->speed_count + 2 <= *room)
		return 0;
	speeds = realloc(t->speeds, more * sizeof(*speeds));
	if (!speeds) {
		log_error("out of memory for the readings");
		return -1;
	}
	t->speeds = speeds;
	*room = more;
	return 0;
}

/* Slices until the time is over and both kinds have been accepted */
static int take_slices(const struct options *o, struct cell *c, struct tally *t,
		       struct slice *s)
{
	const struct slice_spec spec = { .slice_ns = o->slice_ms * NS_PER_MS,
					 .huge = o->huge };
	uint64_t end = now_ns() + (uint64_t)(o->seconds * NS_PER_SEC);
	size_t room = 0;

	do {
		bool single = t->slices % LATENCY_EACH == LATENCY_EACH - 1;

		if (grow_speeds(t, &room) ||
		    slices_take(c, &spec, single ? SLICE_LATENCY : SLICE_RATE,
				s) != TAKEN)
			return -1;
		add_slice(t, s);
	} while (now_ns() < end || !t->calls || !t->latency.total);
	return 0;
}

static int measure_by_hand(const struct options *o, struct cell *c)
{
	struct tally *t = calloc(1, sizeof(*t));
	struct slice *s = malloc(sizeof(*s));
	int error = -1;

	if (t && s && !slices_init(1, c->threads, c->bytes, o->seed)) {
		hist_reset(&t->latency);
		print_head(c);
		fflush(stdout);
		error = take_slices(o, c, t, s);
		if (!error) {
			print_speed(c, t);
			print_counts(&t->all);
		}
		slices_end();
		free(t->speeds);
	}
	free(t);
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
