// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qtracefold: adds up the device's trace events in a log of QEMU's log backend,
 * per MARK cell and device.
 *
 * The lines are "[TID@SECONDS:]my_rng_EVENT DEVICE NAME VALUE ..."; any other
 * line of the log is somebody else's. All events of a device but those of a ring
 * are traced under QEMU's big lock, so their order in the log is that in which
 * they happened, and what stands between two writes to MARK belongs to a cell. A
 * ring's thread works beside the guest: its events may stand in the next cell.
 */
#include <ctype.h>
#include <glib.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "my_rng_regs.h"
#include "out.h"
#include "tsv.h"

#define PREFIX "my_rng_"

static const char help[] =
	"Reads QEMU's log with the trace events my_rng_* on standard input and "
	"writes a row\n"
	"for each MARK cell, device and event:\n\n"
	"  count  how many; of accesses only those to the data path\n"
	"  bytes  what they moved: size of the accesses, bytes that a DMA or "
	"a refill\n"
	"         wrote, "
	"words that\n"
	"         were put into the FIFO; - where that means nothing\n\n"
	"Derived rows: `accesses`, all to the data path; `admin`, all to "
	"administrative\n"
	"registers; `dma_failed`, requests that ended with an error. Cell 0 is "
	"outside of any,\n"
	"or before the first write to MARK in the log.";

/* Rows of the table: the trace events, then what is derived from them */
enum event {
	MMIO_READ,
	MMIO_WRITE,
	PIO_READ,
	PIO_WRITE,
	DMA_START,
	DMA_END,
	WIN_REFILL,
	RING_START,
	RING_STOP,
	RING_SLEEP,
	KICK,
	QUEUE_START,
	QUEUE_STOP,
	QUEUE_SLEEP,
	MSI,
	FIFO_TOP_UP,
	SEED,
	MARK,
	RESET,
	TRACE_EVENTS,
	ACCESSES = TRACE_EVENTS,
	ADMIN,
	DMA_FAILED,
	EVENTS,
};

static const struct {
	const char *name;
	const char *bytes; /* the value with its number of bytes or words */
	unsigned int unit; /* bytes that one is */
} events[EVENTS] = {
	[MMIO_READ] = { "mmio_read", "size", 1 },
	[MMIO_WRITE] = { "mmio_write", "size", 1 },
	[PIO_READ] = { "pio_read", "size", 1 },
	[PIO_WRITE] = { "pio_write", "size", 1 },
	[DMA_START] = { "dma_start", NULL, 0 },
	[DMA_END] = { "dma_end", "count", 1 },
	[WIN_REFILL] = { "win_refill", "len", 1 },
	[RING_START] = { "ring_start", NULL, 0 },
	[RING_STOP] = { "ring_stop", NULL, 0 },
	[RING_SLEEP] = { "ring_sleep", NULL, 0 },
	[KICK] = { "kick", NULL, 0 },
	[QUEUE_START] = { "queue_start", NULL, 0 },
	[QUEUE_STOP] = { "queue_stop", NULL, 0 },
	[QUEUE_SLEEP] = { "queue_sleep", NULL, 0 },
	[MSI] = { "msi", NULL, 0 },
	[FIFO_TOP_UP] = { "fifo_top_up", "added", 4 },
	[SEED] = { "seed", NULL, 0 },
	[MARK] = { "mark", NULL, 0 },
	[RESET] = { "reset", NULL, 0 },
	[ACCESSES] = { "accesses", NULL, 1 },
	[ADMIN] = { "admin", NULL, 0 },
	[DMA_FAILED] = { "dma_failed", NULL, 0 },
};

/** struct cell - what was seen of one device in one cell, by enum event */
struct cell {
	uint64_t id;
	const char *device;
	uint64_t count[EVENTS];
	uint64_t bytes[EVENTS];
};

/**
 * struct device - one that appeared in the log
 * @id: its name
 * @now: the cell it is in
 */
struct device {
	char *id;
	struct cell *now;
};

struct fold {
	GPtrArray *devices; /* struct device */
	GPtrArray *cells;   /* struct cell */
	uint64_t line;
};

static struct cell *find_cell(struct fold *f, uint64_t id, const char *device)
{
	struct cell *c;

	for (guint i = 0; i < f->cells->len; i++) {
		c = f->cells->pdata[i];
		if (c->id == id && c->device == device)
			return c;
	}
	c = g_new0(struct cell, 1);
	c->id = id;
	c->device = device;
	g_ptr_array_add(f->cells, c);
	return c;
}

static struct device *find_device(struct fold *f, const char *id)
{
	struct device *d;

	for (guint i = 0; i < f->devices->len; i++) {
		d = f->devices->pdata[i];
		if (!strcmp(d->id, id))
			return d;
	}
	d = g_new0(struct device, 1);
	d->id = g_strdup(id);
	d->now = find_cell(f, 0, d->id);
	g_ptr_array_add(f->devices, d);
	return d;
}

/* The number behind the word @name; false if there is none */
static bool value(char *const *word, const char *name, uint64_t *n)
{
	for (; word[0] && word[1]; word++) {
		char *end;

		if (strcmp(word[0], name))
			continue;
		*n = g_ascii_strtoull(word[1], &end, 0);
		return isdigit((unsigned char)*word[1]) && !*end;
	}
	return false;
}

static const char *add_access(struct cell *c, enum event e, char *const *word,
			      uint64_t bytes)
{
	uint64_t addr;

	if (!value(word, "addr", &addr))
		return "no addr";
	if (addr >= MY_RNG_REG_ADMIN) {
		c->count[ADMIN]++;
		return NULL;
	}
	c->count[e]++;
	c->bytes[e] += bytes;
	c->count[ACCESSES]++;
	c->bytes[ACCESSES] += bytes;
	return NULL;
}

static const char *add_event(struct fold *f, struct device *d, enum event e,
			     char *const *word)
{
	uint64_t bytes = 0, n;

	if (events[e].bytes && !value(word, events[e].bytes, &bytes))
		return "no number of bytes";
	bytes *= events[e].unit;
	switch (e) {
	case MMIO_READ:
	case MMIO_WRITE:
	case PIO_READ:
	case PIO_WRITE:
		return add_access(d->now, e, word, bytes);
	case MARK:
		if (!value(word, "mark", &n))
			return "no mark";
		d->now->count[e]++;
		d->now = find_cell(f, n, d->id);
		return NULL;
	case DMA_END:
		if (!value(word, "status", &n))
			return "no status";
		if (n != MY_RNG_DMA_ST_DONE)
			e = DMA_FAILED;
		break;
	default:
		break;
	}
	d->now->count[e]++;
	d->now->bytes[e] += bytes;
	return NULL;
}

/* Where the event's name starts, behind the time stamp that may be there */
static const char *behind_time(const char *line)
{
	size_t length = strspn(line, "0123456789");

	if (length && line[length] == '@') {
		length += 1 + strspn(line + length + 1, "0123456789.");
		if (line[length] == ':')
			return line + length + 1;
	}
	return line;
}

static bool fold_line(struct fold *f, const char *line, GError **err)
{
	const char *text = behind_time(line),
		   *why = "an event unknown to qtracefold";
	char **word;

	if (!g_str_has_prefix(text, PREFIX))
		return true;
	word = g_strsplit(text + strlen(PREFIX), " ", -1);
	for (enum event e = 0; word[0] && e < TRACE_EVENTS; e++) {
		if (strcmp(word[0], events[e].name))
			continue;
		why = word[1] && *word[1]
			      ? add_event(f, find_device(f, word[1]), e,
					  word + 2)
			      : "no device";
	}
	g_strfreev(word);
	return !why || complain(err, "line %" PRIu64 ": %s: '%.100s'", f->line,
				why, line);
}

static bool read_input(struct fold *f, FILE *in, GError **err)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t length;
	bool good = true;

	while (good && (length = getline(&line, &room, in)) >= 0) {
		f->line++;
		if (line[length - 1] != '\n')
			good = complain(err,
					"line %" PRIu64
					" has no end: is the disk full?",
					f->line);
		line[length - 1] = '\0';
		good = good && fold_line(f, line, err);
	}
	if (good && ferror(in))
		good = complain(err, "cannot read standard input");
	free(line);
	if (good && !f->devices->len)
		return complain(err, "there is no event my_rng_* in the log: "
				     "were they switched on, and did the guest "
				     "use the device?");
	return good;
}

static gint compare_cells(gconstpointer a, gconstpointer b)
{
	const struct cell *x = *(struct cell *const *)a;
	const struct cell *y = *(struct cell *const *)b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return strcmp(x->device, y->device);
}

static bool print(const struct fold *f, GError **err)
{
	GString *s = g_string_new("# exitcost qemu-trace 1\n"
				  "cell\tdevice\tevent\tcount\tbytes\n");
	guint rows = 0;
	bool good;

	g_ptr_array_sort(f->cells, compare_cells);
	for (guint i = 0; i < f->cells->len; i++) {
		const struct cell *c = f->cells->pdata[i];

		for (enum event e = 0; e < EVENTS; e++) {
			if (!c->count[e])
				continue;
			g_string_append_printf(s,
					       "%" PRIu64 "\t%s\t%s\t%" PRIu64,
					       c->id, c->device, events[e].name,
					       c->count[e]);
			if (events[e].unit)
				g_string_append_printf(s, "\t%" PRIu64 "\n",
						       c->bytes[e]);
			else
				g_string_append(s, "\t-\n");
			rows++;
		}
	}
	g_string_append_printf(s, "# end %u\n", rows);
	good = out_save("-", s, err);
	g_string_free(s, TRUE);
	return good;
}

static bool parse_options(int *argc, char ***argv, GError **err)
{
	GOptionContext *context = g_option_context_new("< LOG > TABLE");
	bool good;

	g_option_context_set_summary(context, help);
	good = g_option_context_parse(context, argc, argv, err);
	g_option_context_free(context);
	if (good && *argc > 1)
		return complain(err, "unexpected '%s'; see --help", (*argv)[1]);
	return good;
}

static void free_device(gpointer device)
{
	g_free(((struct device *)device)->id);
	g_free(device);
}

int main(int argc, char **argv)
{
	struct fold f = {
		.devices = g_ptr_array_new_with_free_func(free_device),
		.cells = g_ptr_array_new_with_free_func(g_free),
	};
	GError *err = NULL;
	bool good = parse_options(&argc, &argv, &err) &&
		    read_input(&f, stdin, &err) && print(&f, &err);

	g_ptr_array_free(f.cells, TRUE);
	g_ptr_array_free(f.devices, TRUE);
	return cli_end("qtracefold", good, err);
}
