// SPDX-License-Identifier: GPL-2.0-or-later
/* Result files that are whole or not there, and the rows of raw.tsv. */
#include "output.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"

static bool is_temp(const struct outfile *o)
{
	return strcmp(o->temp, o->path) != 0;
}

static void forget(struct outfile *o)
{
	free(o->path);
	free(o->temp);
	memset(o, 0, sizeof(*o));
}

/* The message, then nothing is left; @error is an errno value */
static int give_up(struct outfile *o, int error)
{
	log_error("cannot write %s: %s; nothing was left there", o->path,
		  strerror(error));
	outfile_discard(o);
	return -1;
}

int outfile_open(struct outfile *o, const char *path)
{
	struct stat st;
	bool direct = !stat(path, &st) && !S_ISREG(st.st_mode);

	o->f = NULL;
	o->path = strdup(path);
	if (asprintf(&o->temp, "%s%s", path, direct ? "" : ".part") < 0)
		o->temp = NULL;
	if (!o->path || !o->temp) {
		log_error("out of memory");
		forget(o);
		return -1;
	}
	o->f = fopen(o->temp, "we");
	if (o->f)
		return 0;
	log_error("cannot create %s: %s", o->temp, strerror(errno));
	forget(o);
	return -1;
}

int outfile_check(struct outfile *o)
{
	if (!fflush(o->f) && !ferror(o->f))
		return 0;
	return give_up(o, errno ? errno : EIO);
}

int outfile_commit(struct outfile *o)
{
	int error = 0;

	if (outfile_check(o))
		return -1;
	if (is_temp(o) && fsync(fileno(o->f)))
		error = errno;
	if (fclose(o->f) && !error)
		error = errno;
	o->f = NULL;
	if (!error && is_temp(o) && rename(o->temp, o->path))
		error = errno;
	if (error)
		return give_up(o, error);
	forget(o);
	return 0;
}

void outfile_discard(struct outfile *o)
{
	if (!o->path)
		return;
	if (o->f)
		fclose(o->f);
	if (is_temp(o))
		unlink(o->temp);
	forget(o);
}

/* A doorbell of a ring is a register write, though its eventfd takes it */
static uint64_t count_of(const struct slice *s, unsigned int stat)
{
	uint64_t count = s->stats.count[stat];

	if (stat == MY_RNG_STAT_MMIO_WRITES)
		count += s->stats.count[MY_RNG_STAT_KICKS];
	return count;
}

/* Columns of raw.tsv that come from the device's counters, in their order */
static const unsigned int counted[] = {
	MY_RNG_STAT_MMIO_READS, MY_RNG_STAT_MMIO_WRITES, MY_RNG_STAT_PIO_READS,
	MY_RNG_STAT_PIO_WRITES, MY_RNG_STAT_DMAS,        MY_RNG_STAT_IRQS,
};

void raw_header(FILE *f)
{
	fputs("# exitcost raw 2\n"
	      "lane\tvariant\taccess\tbytes\tthreads\tboot\tround\torder\t"
	      "kind\tref_before\tref_after\tcalls\tns\tsyscalls\tmmio_reads\t"
	      "mmio_writes\tpio_reads\tpio_writes\tdmas\tirqs\tlat_calls\t"
	      "lat_max\tlat_hist\n",
	      f);
}

static void put_cell(FILE *f, const struct place *at, const struct cell *c)
{
	fprintf(f, "%s\t%s\t%s\t%zu\t%u\t%u\t%u\t", at->lane,
		c->target->variant, c->engine->access, c->bytes, c->threads,
		at->boot, at->round);
}

static void put_reference(FILE *f, const struct slice *s)
{
	if (s->kind == SLICE_COUNT)
		fputs("-\t-\t", f);
	else
		fprintf(f, "%.2f\t%.2f\t", s->before, s->after);
}

static void put_latency(FILE *f, const struct slice *s)
{
	if (s->kind != SLICE_LATENCY) {
		fputs("-\t-\t-\n", f);
		return;
	}
	fprintf(f, "%" PRIu64 "\t%" PRIu64 "\t", s->latency.total,
		s->latency.max);
	hist_print(&s->latency, f);
	fputc('\n', f);
}

void raw_row(FILE *f, const struct place *at, const struct cell *c,
	     const struct slice *s)
{
	static const char *const kinds[] = { [SLICE_RATE] = "rate",
					     [SLICE_LATENCY] = "latency",
					     [SLICE_COUNT] = "count" };

	put_cell(f, at, c);
	fprintf(f, "%zu\t%s\t", at->order, kinds[s->kind]);
	put_reference(f, s);
	fprintf(f, "%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t", s->calls, s->ns,
		s->syscalls);
	for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++) {
		if (s->counted)
			fprintf(f, "%" PRIu64 "\t", count_of(s, counted[i]));
		else
			fputs("-\t", f);
	}
	put_latency(f, s);
}

/* Parts of the device, then prices: names of the columns, in their order */
static const char *const part_names[MY_RNG_TIME_PARTS] = {
	[MY_RNG_TIME_CALLBACK] = "callback",
	[MY_RNG_TIME_GENERATOR] = "generator",
	[MY_RNG_TIME_MEMORY] = "memory",
	[MY_RNG_TIME_IRQ] = "irq",
};

static const struct {
	const char *name;
	unsigned int index;
} prices[] = {
	{ "stamp", MY_RNG_TIME_PRICE_STAMP },
	{ "pair", MY_RNG_TIME_PRICE_PAIR },
	{ "lock", MY_RNG_TIME_PRICE_LOCK },
	{ "dispatch", MY_RNG_TIME_PRICE_DISPATCH },
	{ "address", MY_RNG_TIME_PRICE_ADDRESS },
};
#define PRICES (sizeof(prices) / sizeof(prices[0]))

void times_header(FILE *f)
{
	fputs("# exitcost times 2\n"
	      "lane\tvariant\taccess\tbytes\tthreads\tboot\tround\tcalls",
	      f);
	for (size_t i = 0; i < MY_RNG_TIME_PARTS; i++)
		fprintf(f, "\t%s_ns\t%s_n", part_names[i], part_names[i]);
	for (size_t i = 0; i < PRICES; i++)
		fprintf(f, "\t%s_price_ns", prices[i].name);
	fputc('\n', f);
}

void times_row(FILE *f, const struct place *at, const struct cell *c,
	       const struct slice *s)
{
	const __u64 *count = s->times.count;
	double ns_tick = (double)NS_PER_SEC / (double)count[MY_RNG_TIME_HZ];
	double ops = (double)count[MY_RNG_TIME_PRICE_OPS];

	put_cell(f, at, c);
	fprintf(f, "%" PRIu64, s->calls);
	for (size_t i = 0; i < MY_RNG_TIME_PARTS; i++)
		fprintf(f, "\t%.0f\t%" PRIu64, (double)count[i] * ns_tick,
			(uint64_t)count[MY_RNG_TIME_STAMPED(i)]);
	for (size_t i = 0; i < PRICES; i++)
		fprintf(f, "\t%.3f",
			(double)count[prices[i].index] * ns_tick / ops);
	fputc('\n', f);
}

void raw_end(FILE *f, size_t rows)
{
	fprintf(f, "# end %zu\n", rows);
}
