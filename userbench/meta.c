// SPDX-License-Identifier: GPL-2.0-or-later
/* guest.json: what the figures of raw.tsv were made by and under. */
#include "meta.h"

#include <inttypes.h>
#include <string.h>
#include <sys/utsname.h>

#include "device.h"
#include "log.h"
#include "sysfs.h"
#include "workers.h"

#define CLOCKSOURCE \
	"/sys/devices/system/clocksource/clocksource0/current_clocksource"
#define RNG_CURRENT "/sys/class/misc/hw_random/rng_current"

static void string(FILE *f, const char *s)
{
	fputc('"', f);
	for (; *s; s++) {
		unsigned char c = *s;

		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c < 0x20)
			fprintf(f, "\\u%04x", c);
		else
			fputc(c, f);
	}
	fputc('"', f);
}

static void text(FILE *f, const char *key, const char *value)
{
	fprintf(f, "  \"%s\": ", key);
	string(f, value);
	fputs(",\n", f);
}

static void number(FILE *f, const char *key, uint64_t value)
{
	fprintf(f, "  \"%s\": %" PRIu64 ",\n", key, value);
}

static void truth(FILE *f, const char *key, bool value)
{
	fprintf(f, "  \"%s\": %s,\n", key, value ? "true" : "false");
}

/* Up to @count strings, or up to a NULL */
static void strings(FILE *f, const char *key, char *const *s, size_t count)
{
	fprintf(f, "  \"%s\": [", key);
	for (size_t i = 0; i < count && s[i]; i++) {
		if (i)
			fputs(", ", f);
		string(f, s[i]);
	}
	fputs("],\n", f);
}

static void devices(FILE *f)
{
	fputs("  \"devices\": [", f);
	for (size_t i = 0; i < device_count(); i++) {
		const struct device *d = device_get(i);

		fprintf(f, "%s\n    {\"node\": ", i ? "," : "");
		string(f, d->node);
		fputs(", \"generator\": ", f);
		string(f, generator_name(d->info.generator));
		fprintf(f,
			", \"version\": %u, \"cap\": %u, \"fifo_depth\": %u, "
			"\"dma_len_max\": %u}",
			d->info.version, d->info.cap, d->info.fifo_depth,
			d->info.dma_len_max);
	}
	fputs("],\n", f);
}

/* What a MARK of this run meant, so that host-side traces can be cut */
static void cells(FILE *f, const struct plan *p)
{
	fputs("  \"cells\": [", f);
	for (size_t i = 0; i < p->count; i++) {
		const struct cell *c = &p->cells[i];

		fprintf(f,
			"%s\n    {\"id\": %u, \"variant\": \"%s\", "
			"\"access\": \"%s\", \"bytes\": %zu, \"threads\": %u, "
			"\"touch\": \"%s\", \"left_out\": %s}",
			i ? "," : "", c->id, c->target->variant,
			c->engine->access, c->bytes, c->threads,
			touch_name(c->touch), c->left_out ? "true" : "false");
	}
	fputs("]\n", f);
}

static void machine(FILE *f, const struct meta *m)
{
	struct utsname uts = { 0 };
	char line[128];

	uname(&uts);
	text(f, "kernel", uts.release);
	number(f, "cpus", m->cpus);
	sysfs_read(CLOCKSOURCE, line, sizeof(line));
	text(f, "clocksource", line);
	number(f, "timer_overhead_ns", m->timer_ns);
	sysfs_read(RNG_CURRENT, line, sizeof(line));
	text(f, "hwrng", line);
	truth(f, "pinned", workers_pinned());
	truth(f, "mlocked", workers_locked());
	if (m->generator)
		text(f, "generator", m->generator);
}

void meta_write(FILE *f, const struct options *o, const struct plan *p,
		const struct meta *m)
{
	char *const *notes;
	size_t count;

	fputs("{\n", f);
	text(f, "schema", "exitcost guest 1");
	text(f, "version", BENCH_VERSION);
	text(f, "lane", o->lane);
	machine(f, m);
	number(f, "order_seed", o->seed);
	number(f, "boot", o->boot);
	number(f, "slice_ms", o->slice_ms);
	number(f, "rounds", o->rounds);
	fprintf(f, "  \"budget_s\": %.1f,\n", o->seconds);
	truth(f, "quick", o->quick);
	fprintf(f, "  \"seconds\": %.1f,\n", m->seconds);
	strings(f, "args", o->args, SIZE_MAX);
	notes = log_notes(&count);
	strings(f, "notes", notes, count);
	devices(f);
	cells(f, p);
	fputs("}\n", f);
}
