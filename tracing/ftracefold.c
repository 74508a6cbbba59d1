// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ftracefold: cuts a guest's own trace (events my_rng and raw_syscalls) into
 * the cells of a counting run: how many of each event a request took, and how
 * long its parts, with tracing on.
 *
 * A cell's window reaches from the my_rng_mark of its id to that of 0. A system
 * call counts if it began and ended in the window, which leaves out the two
 * that wrote the marks. What the device counted itself must agree.
 */
#include <glib.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "fmt.h"
#include "out.h"
#include "stats.h"
#include "tsv.h"

/* The guest's (x86-64); userbench's threads meet by it before and after */
#define NR_FUTEX 202

static const char help[] =
	"Reads a guest's trace (/sys/kernel/tracing/trace, first a line `# "
	"clock: x86-tsc\n"
	"MHZ MHz` or `# clock: local`) from standard input, writes per cell "
	"of RAW the\n"
	"events and system calls of a request, or with --latency how long its "
	"parts took.\n"
	"Nothing is written unless the trace is whole and agrees with the "
	"device.";

static const char *const raw_columns[] = {
	"lane",  "variant",  "access", "bytes", "threads", "order",
	"calls", "syscalls", "dmas",   "irqs",  NULL,
};

enum kind {
	READ_BEGIN,
	READ_END,
	FILL_BEGIN,
	FILL_END,
	DMA_START,
	DMA_DONE,
	IRQ,
	COUNTED, /* those above are counted as they come */
	SYSCALLS = COUNTED,
	FUTEXES,
	COUNTERS,
	SYS_ENTER = COUNTERS,
	SYS_EXIT,
	MARK,
	OTHER,
};

static const struct {
	const char *name;
	enum kind kind;
} events[] = {
	{ "my_rng_read_begin", READ_BEGIN },
	{ "my_rng_read_end", READ_END },
	{ "my_rng_fill_begin", FILL_BEGIN },
	{ "my_rng_fill_end", FILL_END },
	{ "my_rng_dma_start", DMA_START },
	{ "my_rng_dma_done", DMA_DONE },
	{ "my_rng_irq", IRQ },
	{ "my_rng_mark", MARK },
	{ "sys_enter", SYS_ENTER },
	{ "sys_exit", SYS_EXIT },
};

/* What a request is made of; each part begins anew with every system call */
static const struct {
	const char *name;
	enum kind from;
	enum kind to;
} parts[] = {
	{ "request", SYS_ENTER, SYS_EXIT },
	{ "enter", SYS_ENTER, READ_BEGIN },
	{ "lock", READ_BEGIN, FILL_BEGIN },
	{ "fill", FILL_BEGIN, FILL_END },
	{ "copy", FILL_END, READ_END },
	{ "copy_and_lock", FILL_END, FILL_BEGIN },
	{ "leave", READ_END, SYS_EXIT },
	{ "dma", DMA_START, DMA_DONE },
	{ "dma_to_irq", DMA_START, IRQ },
	{ "irq_to_done", IRQ, DMA_DONE },
};
#define PARTS G_N_ELEMENTS(parts)

/* What the device has counted too; "-" where it cannot know */
static const struct {
	const char *column; /* of raw.tsv */
	enum kind counter;
	const char *seen;
} checks[] = {
	{ "syscalls", SYSCALLS, "system calls" },
	{ "dmas", DMA_DONE, "my_rng_dma_done" },
	{ "irqs", IRQ, "my_rng_irq" },
};

/**
 * struct event - a line of the trace
 * @kind: what it is
 * @ns: when
 * @number: of the system call, or the mark
 */
struct event {
	enum kind kind;
	double ns;
	uint64_t number;
};

/**
 * struct cell - a row of raw.tsv and what the trace says about it
 * @row: the row
 * @id: what MARK held
 * @calls: requests
 * @windows: how often the trace has it
 * @count: by enum kind
 * @ns: per part, how long it took each time
 */
struct cell {
	const struct tsv_row *row;
	uint64_t id;
	uint64_t calls;
	unsigned int windows;
	uint64_t count[COUNTERS];
	GArray *ns[PARTS];
};

struct fold {
	struct tsv *raw;
	GArray *cells;
	struct cell *open; /* the cell whose window we are in, or NULL */
	bool in_call;      /* a system call began in the window */
	bool begun[PARTS];
	double start[PARTS];
	double ns_per_tick; /* 0: stamps are seconds */
	bool has_clock;
	bool has_entries;
	uint64_t entries; /* events the kernel says the trace has */
	uint64_t seen;    /* events there are */
	uint64_t line;
};

/* "cell 7 (32/read/4096/1)", valid until the next call */
static const char *cell_name(const struct fold *f, const struct cell *c)
{
	static char name[160];

	snprintf(name, sizeof(name), "cell %" PRIu64 " (%s/%s/%s/%s)", c->id,
		 tsv_text(f->raw, c->row, "variant"),
		 tsv_text(f->raw, c->row, "access"),
		 tsv_text(f->raw, c->row, "bytes"),
		 tsv_text(f->raw, c->row, "threads"));
	return name;
}

static bool read_cells(struct fold *f, const char *path, GError **err)
{
	f->raw = tsv_read(path, "raw 2", raw_columns, "userbench --count", err);
	if (!f->raw)
		return false;
	for (guint i = 0; i < f->raw->rows->len; i++) {
		const struct tsv_row *row = f->raw->rows->pdata[i];
		struct cell c = { .row = row };

		if (strcmp(tsv_text(f->raw, row, "threads"), "1")) {
			tsv_complain(f->raw, row, err,
				     "only cells of one thread can be told "
				     "apart in a guest's trace");
			return false;
		}
		/* In a counting run the order is that of the ids */
		if (!tsv_uint(f->raw, row, "order", 1, &c.id, err) ||
		    !tsv_uint(f->raw, row, "calls", 1, &c.calls, err))
			return false;
		for (guint p = 0; p < PARTS; p++)
			c.ns[p] = g_array_new(FALSE, FALSE, sizeof(double));
		g_array_append_val(f->cells, c);
	}
	return true;
}

/* ---- the fold ---- */

static bool open_window(struct fold *f, uint64_t id, GError **err)
{
	if (f->open)
		return complain(err,
				"line %" PRIu64 ": mark %" PRIu64
				" while %s runs: part of the trace is missing",
				f->line, id, cell_name(f, f->open));
	for (guint i = 0; i < f->cells->len; i++) {
		struct cell *c = &g_array_index(f->cells, struct cell, i);

		if (c->id == id)
			f->open = c;
	}
	if (!f->open)
		return complain(err,
				"line %" PRIu64 ": mark %" PRIu64
				" is no cell of %s; do trace and table belong "
				"to one run?",
				f->line, id, f->raw->path);
	f->open->windows++;
	f->in_call = false;
	memset(f->begun, 0, sizeof(f->begun));
	return true;
}

static void fold_parts(struct fold *f, const struct event *e)
{
	for (guint p = 0; p < PARTS; p++) {
		double ns = e->ns - f->start[p];

		if (e->kind == parts[p].to && f->begun[p]) {
			g_array_append_val(f->open->ns[p], ns);
			f->begun[p] = false;
		}
		if (e->kind == parts[p].from) {
			f->start[p] = e->ns;
			f->begun[p] = true;
		}
	}
}

static void fold_in_window(struct fold *f, const struct event *e)
{
	if (e->kind == SYS_ENTER) {
		memset(f->begun, 0, sizeof(f->begun));
		f->in_call = true;
	}
	if (e->kind == SYS_EXIT && !f->in_call)
		return; /* of the call that opened the window */
	if (e->kind == SYS_EXIT) {
		f->in_call = false;
		if (e->number == NR_FUTEX) {
			f->open->count[FUTEXES]++;
			return;
		}
		f->open->count[SYSCALLS]++;
	}
	if (e->kind < COUNTED)
		f->open->count[e->kind]++;
	fold_parts(f, e);
}

static bool fold_event(struct fold *f, const struct event *e, GError **err)
{
	if (e->kind == MARK && e->number)
		return open_window(f, e->number, err);
	if (e->kind == MARK)
		f->open = NULL;
	else if (f->open && e->kind != OTHER)
		fold_in_window(f, e);
	return true;
}

/* ---- a line of the trace ---- */

/* The number behind @key, false if there is none */
static bool number_behind(const char *text, const char *key, uint64_t *n)
{
	const char *found = strstr(text, key);
	char *end;

	if (!found)
		return false;
	found += strlen(key);
	*n = strtoull(found, &end, 10);
	return end != found;
}

static bool parse_name(const char *text, struct event *e)
{
	size_t length = strcspn(text, ":");

	e->kind = OTHER;
	for (guint i = 0; i < G_N_ELEMENTS(events); i++)
		if (strlen(events[i].name) == length &&
		    !strncmp(text, events[i].name, length))
			e->kind = events[i].kind;
	if (e->kind == MARK)
		return number_behind(text, "mark=", &e->number);
	if (e->kind == SYS_ENTER || e->kind == SYS_EXIT)
		return number_behind(text, "NR ", &e->number);
	return true;
}

/*
 * "   userbench-115     [001] d.h..  14402880780: sys_exit: NR 1 = 2"; a task
 * may have any name, so the CPU's brackets are looked for from the left until
 * the rest fits.
 */
static bool parse_event(const struct fold *f, const char *line, struct event *e)
{
	for (const char *s = line; (s = strchr(s, '[')); s++) {
		char flags[16], name;
		unsigned int cpu;
		int at = 0;
		char *end;

		if (sscanf(s, "[%u] %15s %n%*[0-9.]: %c", &cpu, flags, &at,
			   &name) != 3 ||
		    !at)
			continue;
		e->ns = g_ascii_strtod(s + at, &end);
		e->ns *= f->ns_per_tick > 0 ? f->ns_per_tick : 1e9;
		return parse_name(end + 2, e);
	}
	return false;
}

/* "# entries-in-buffer/entries-written: 1171/1171   #P:2" */
static bool parse_entries(struct fold *f, const char *line, GError **err)
{
	uint64_t written;

	if (sscanf(strchr(line, ':'), ": %" SCNu64 "/%" SCNu64, &f->entries,
		   &written) != 2)
		return complain(err, "line %" PRIu64 ": no numbers: '%s'",
				f->line, line);
	if (f->entries != written)
		return complain(err,
				"the guest lost %" PRIu64 " of %" PRIu64
				" events: give it a bigger buffer or count "
				"fewer calls",
				written - f->entries, written);
	f->has_entries = true;
	return true;
}

static bool parse_clock(struct fold *f, const char *line, GError **err)
{
	double mhz = 0;

	f->has_clock = true;
	if (strstr(line, "x86-tsc"))
		mhz = g_ascii_strtod(strstr(line, "x86-tsc") + 7, NULL);
	else if (strstr(line, "local"))
		return true;
	if (!(mhz > 0))
		return complain(err,
				"line %" PRIu64 ": neither local nor x86-tsc "
				"with its MHz: '%s'",
				f->line, line);
	f->ns_per_tick = 1000 / mhz;
	return true;
}

static bool fold_line(struct fold *f, const char *line, GError **err)
{
	struct event e = { 0 };

	if (g_str_has_prefix(line, "# clock: "))
		return parse_clock(f, line, err);
	if (g_str_has_prefix(line, "# entries-in-buffer/"))
		return parse_entries(f, line, err);
	if (*line == '#' || !*line)
		return true;
	if (strstr(line, " EVENTS]"))
		return complain(err, "line %" PRIu64 ": the guest lost events",
				f->line);
	if (!f->has_clock || !f->has_entries)
		return complain(err,
				"line %" PRIu64 ": no '# clock:' and no "
				"'entries-in-buffer' above it: this is no "
				"trace of tracing/guest.sh",
				f->line);
	if (!parse_event(f, line, &e))
		return complain(err,
				"line %" PRIu64 ": no event of ftrace: "
				"'%.120s'",
				f->line, line);
	f->seen++;
	return fold_event(f, &e, err);
}

static bool fold_all(struct fold *f, FILE *in, GError **err)
{
	char *line = NULL;
	size_t room = 0;
	bool good = true;

	while (good && getline(&line, &room, in) >= 0) {
		f->line++;
		line[strcspn(line, "\n")] = '\0';
		good = fold_line(f, line, err);
	}
	if (good && ferror(in))
		good = complain(err, "cannot read the trace");
	free(line);
	return good;
}

/* ---- the checks ---- */

static bool check_cell(const struct fold *f, const struct cell *c, GError **err)
{
	if (c->windows != 1)
		return complain(err,
				"%s is %u times in the trace, not once: was "
				"the tracing on all the time?",
				cell_name(f, c), c->windows);
	for (guint i = 0; i < G_N_ELEMENTS(checks); i++) {
		uint64_t seen = c->count[checks[i].counter], own;

		if (tsv_unknown(f->raw, c->row, checks[i].column))
			continue;
		if (!tsv_uint(f->raw, c->row, checks[i].column, 0, &own, err))
			return false;
		if (own != seen)
			return complain(err,
					"%s: trace and table disagree: %" PRIu64
					" %s, but %s is %" PRIu64,
					cell_name(f, c), seen, checks[i].seen,
					checks[i].column, own);
	}
	return true;
}

static bool check(const struct fold *f, GError **err)
{
	if (!f->line)
		return complain(err, "the trace is empty");
	if (!f->has_entries || f->seen != f->entries)
		return complain(err,
				"the trace has %" PRIu64 " events, not the "
				"%" PRIu64 " its head announces: it is "
				"truncated",
				f->seen, f->entries);
	for (guint i = 0; i < f->cells->len; i++)
		if (!check_cell(f, &g_array_index(f->cells, struct cell, i),
				err))
			return false;
	return true;
}

/* ---- the output ---- */

static void print_names(GString *s, const struct fold *f, const struct cell *c)
{
	for (int i = 0; i < 5; i++)
		g_string_append_printf(
			s, "%s\t", tsv_text(f->raw, c->row, raw_columns[i]));
	g_string_append_printf(s, "%" PRIu64, c->calls);
}

static void print_ratio(GString *s, uint64_t count, uint64_t calls)
{
	char *text = fmt_ratio(count, calls);

	g_string_append_printf(s, "\t%s", text);
	g_free(text);
}

/* The table's own count per request: what theory says, checked already */
static void print_own(GString *s, const struct fold *f, const struct cell *c,
		      const char *column)
{
	uint64_t own = 0;

	if (tsv_unknown(f->raw, c->row, column) ||
	    !tsv_uint(f->raw, c->row, column, 0, &own, NULL))
		g_string_append(s, "\t-");
	else
		print_ratio(s, own, c->calls);
}

static void print_events(GString *s, const struct fold *f)
{
	g_string_append(s, "# exitcost guest-events 1\n"
			   "lane\tvariant\taccess\tbytes\tthreads\trequests"
			   "\tread_begin\tread_end\tfill_begin\tfill_end"
			   "\tdma_start\tdma_done\tirqs\tsyscalls"
			   "\ttheory_syscalls\tdevice_dmas\tdevice_irqs"
			   "\tharness_futexes\n");
	for (guint i = 0; i < f->cells->len; i++) {
		const struct cell *c = &g_array_index(f->cells, struct cell, i);

		print_names(s, f, c);
		for (int k = 0; k <= SYSCALLS; k++)
			print_ratio(s, c->count[k], c->calls);
		for (guint k = 0; k < G_N_ELEMENTS(checks); k++)
			print_own(s, f, c, checks[k].column);
		/* Of the whole cell: userbench waits twice, not per request */
		g_string_append_printf(s, "\t%" PRIu64 "\n", c->count[FUTEXES]);
	}
	g_string_append_printf(s, "# end %u\n", f->cells->len);
}

static gint by_value(gconstpointer a, gconstpointer b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print_time(GString *s, const GArray *ns, double q)
{
	char *text = fmt_data(
		stats_quantile((const double *)(void *)ns->data, ns->len, q));

	g_string_append_printf(s, "\t%s", text);
	g_free(text);
}

static void print_latency(GString *s, const struct fold *f)
{
	guint rows = 0;

	g_string_append(s, "# exitcost guest-latency 1\n"
			   "lane\tvariant\taccess\tbytes\tthreads\trequests"
			   "\tpart\tn\ttraced_ns_p50\ttraced_ns_p99\n");
	for (guint i = 0; i < f->cells->len; i++) {
		const struct cell *c = &g_array_index(f->cells, struct cell, i);

		for (guint p = 0; p < PARTS; p++) {
			if (!c->ns[p]->len)
				continue;
			g_array_sort(c->ns[p], by_value);
			print_names(s, f, c);
			g_string_append_printf(s, "\t%s\t%u", parts[p].name,
					       c->ns[p]->len);
			print_time(s, c->ns[p], 0.5);
			print_time(s, c->ns[p], 0.99);
			g_string_append_c(s, '\n');
			rows++;
		}
	}
	g_string_append_printf(s, "# end %u\n", rows);
}

/* ---- main ---- */

struct options {
	char *raw;
	gboolean latency;
};

static bool parse_options(struct options *o, int *argc, char ***argv,
			  GError **err)
{
	const GOptionEntry entries[] = {
		{ "raw", 'r', 0, G_OPTION_ARG_FILENAME, &o->raw,
		  "table of the counted cells", "RAW.tsv" },
		{ "latency", 'l', 0, G_OPTION_ARG_NONE, &o->latency,
		  "write the times instead of the counts", NULL },
		{ NULL },
	};
	bool good = cli_parse(help, entries, argc, argv, err);

	if (good && (!o->raw || *argc > 1))
		return complain(err, "expected --raw and no further argument; "
				     "see --help");
	return good;
}

static bool run(const struct options *o, struct fold *f, GError **err)
{
	GString *s;
	bool good;

	if (!read_cells(f, o->raw, err) || !fold_all(f, stdin, err) ||
	    !check(f, err))
		return false;
	s = g_string_new(NULL);
	if (o->latency)
		print_latency(s, f);
	else
		print_events(s, f);
	good = out_save("-", s, err);
	g_string_free(s, TRUE);
	return good;
}

static void free_cells(GArray *cells)
{
	for (guint i = 0; i < cells->len; i++)
		for (guint p = 0; p < PARTS; p++)
			g_array_free(g_array_index(cells, struct cell, i).ns[p],
				     TRUE);
	g_array_free(cells, TRUE);
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct fold f = { 0 };
	GError *err = NULL;
	bool good;

	f.cells = g_array_new(FALSE, TRUE, sizeof(struct cell));
	good = parse_options(&o, &argc, &argv, &err) && run(&o, &f, &err);
	tsv_free(f.raw);
	free_cells(f.cells);
	g_free(o.raw);
	return cli_end("ftracefold", good, err);
}
