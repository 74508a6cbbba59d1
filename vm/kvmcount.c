// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kvmcount: cuts a trace of KVM's tracepoints into the cells of a counting run
 * and adds up, per cell, what the guest cost: exits by reason, accesses to the
 * device's BARs, interrupts. What the device counted itself must agree.
 *
 * A cell's window reaches from the write of its id to MARK to the write of 0.
 * The windows are in the trace, so no clocks are compared. What the two writes
 * cost themselves is left out: the exit of the closing one came before it, the
 * return to the emulator of the opening one comes after it.
 */
#include <glib.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "kvmtrace.h"
#include "my_rng_regs.h"
#include "names.h"
#include "out.h"
#include "tsv.h"

#define THREADS_MAX 256
#define NS_PER_SEC  1000000000.0

/* The two clocks may differ by this part of the time the cells took */
#define CLOCK_TOLERANCE 0.1
#define CLOCK_SLACK_NS  (0.2 * NS_PER_SEC)

static const char help[] =
	"Counts what KVM did per cell of `userbench --count`. TRACE (default: "
	"standard\n"
	"input) is what `perf script --ns -F pid,tid,time,event,trace` prints "
	"about the\n"
	"kvm tracepoints; RAW is the run's raw.tsv; BARS tells where the "
	"devices are.\n"
	"Every cell must be in the trace, and the accesses KVM saw must be "
	"those that the\n"
	"device counted; otherwise nothing is written.";

static const char *const raw_columns[] = {
	"lane",      "variant",    "access", "bytes",      "threads",
	"order",     "calls",      "ns",     "mmio_reads", "mmio_writes",
	"pio_reads", "pio_writes", "irqs",   NULL,
};
static const char *const bar_columns[] = { "slot",  "device", "bar", "kind",
					   "start", "end",    NULL };

/* What is added up per cell beside the reasons; the first five are checked */
enum counter {
	MMIO_READS,
	MMIO_WRITES,
	PIO_READ_WORDS,
	PIO_WRITE_WORDS,
	IRQS,
	PIO_READS,
	PIO_WRITES,
	COUNTERS,
};
#define CHECKED (IRQS + 1)

static const struct {
	const char *column; /* of raw.tsv */
	const char *seen;   /* what KVM saw, in words */
} checks[CHECKED] = {
	[MMIO_READS] = { "mmio_reads", "kvm_mmio reads" },
	[MMIO_WRITES] = { "mmio_writes", "kvm_mmio writes" },
	[PIO_READ_WORDS] = { "pio_reads", "words of kvm_pio reads" },
	[PIO_WRITE_WORDS] = { "pio_writes", "words of kvm_pio writes" },
	[IRQS] = { "irqs", "kvm_msi_set_irq of the device" },
};

/**
 * struct bar - a device's address range
 * @slot: PCI address, tells devices apart
 * @device: "my_rng" or "virtio-rng"
 * @io: port range, else memory
 * @bar: which BAR
 * @start: first address
 * @end: last address
 */
struct bar {
	const char *slot;
	const char *device;
	bool io;
	uint64_t bar;
	uint64_t start;
	uint64_t end;
};

/**
 * struct cell - one row of raw.tsv and what the trace says about it
 * @row: the row
 * @id: what MARK held
 * @calls: calls counted
 * @guest_ns: how long they took by the guest's clock
 * @host_ns: and by the trace's
 * @windows: how often the trace has it
 * @slot: of the device it used, NULL until known
 * @count: by enum counter
 * @exits: kvm_exit by reason
 * @user_exits: kvm_userspace_exit by reason
 */
struct cell {
	const struct tsv_row *row;
	uint64_t id;
	uint64_t calls;
	uint64_t guest_ns;
	uint64_t host_ns;
	unsigned int windows;
	const char *slot;
	uint64_t count[COUNTERS];
	uint64_t exits[KVM_REASONS];
	uint64_t user_exits[KVM_REASONS];
};

/**
 * struct thread - a vCPU, or any thread of the emulator
 * @tid: its id
 * @at_device: it handles an access to the cell's device: until the guest goes
 *	on, what it does is done for that access
 * @last: counter of its last kvm_exit, NULL if that was in no window
 * @marked: its next kvm_userspace_exit is that of the opening write
 */
struct thread {
	int tid;
	bool at_device;
	bool marked;
	uint64_t *last;
};

struct fold {
	struct tsv *raw;
	struct tsv *bar_table;
	GArray *bars;
	GArray *cells;
	struct cell *open; /* the cell whose window we are in, or NULL */
	int pid;           /* of the machine, 0 until the first MARK */
	uint64_t opened_ns;
	struct thread threads[THREADS_MAX];
	size_t thread_count;
	const char *trace; /* its name, for messages */
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

/* ---- the tables ---- */

static bool read_cells(struct fold *f, const char *path, GError **err)
{
	f->raw = tsv_read(path, "raw 2", raw_columns, "userbench --count", err);
	if (!f->raw)
		return false;
	for (guint i = 0; i < f->raw->rows->len; i++) {
		const struct tsv_row *row = f->raw->rows->pdata[i];
		struct cell c = { .row = row };

		/* In a counting run the order is that of the ids */
		if (!tsv_uint(f->raw, row, "order", 1, &c.id, err) ||
		    !tsv_uint(f->raw, row, "calls", 1, &c.calls, err) ||
		    !tsv_uint(f->raw, row, "ns", 0, &c.guest_ns, err))
			return false;
		g_array_append_val(f->cells, c);
	}
	return true;
}

static bool read_address(const struct tsv *t, const struct tsv_row *row,
			 const char *column, uint64_t *value, GError **err)
{
	const char *text = tsv_text(t, row, column);
	char *end;

	*value = strtoull(text, &end, 16);
	if (!*text || *end)
		tsv_complain(t, row, err, "%s is '%s', not an address", column,
			     text);
	return *text && !*end;
}

static bool read_bars(struct fold *f, const char *path, GError **err)
{
	struct tsv *t =
		tsv_read(path, "bars 1", bar_columns, "vm/count.sh", err);

	f->bar_table = t;
	if (!t)
		return false;
	for (guint i = 0; i < t->rows->len; i++) {
		const struct tsv_row *row = t->rows->pdata[i];
		struct bar b = {
			.slot = tsv_text(t, row, "slot"),
			.device = tsv_text(t, row, "device"),
			.io = !strcmp(tsv_text(t, row, "kind"), "io"),
		};

		if (!tsv_uint(t, row, "bar", 0, &b.bar, err) ||
		    !read_address(t, row, "start", &b.start, err) ||
		    !read_address(t, row, "end", &b.end, err))
			return false;
		g_array_append_val(f->bars, b);
	}
	return true;
}

static const struct bar *find_bar(const struct fold *f, bool io, uint64_t addr)
{
	for (guint i = 0; i < f->bars->len; i++) {
		const struct bar *b = &g_array_index(f->bars, struct bar, i);

		if (b->io == io && addr >= b->start && addr <= b->end)
			return b;
	}
	return NULL;
}

static bool is_my_rng(const struct bar *b)
{
	return !strcmp(b->device, "my_rng");
}

/* ---- the fold ---- */

static struct thread *find_thread(struct fold *f, int tid)
{
	for (size_t i = 0; i < f->thread_count; i++)
		if (f->threads[i].tid == tid)
			return &f->threads[i];
	if (f->thread_count == THREADS_MAX)
		return NULL;
	f->threads[f->thread_count].tid = tid;
	return &f->threads[f->thread_count++];
}

static bool open_window(struct fold *f, const struct kvm_event *e,
			const struct bar *b, GError **err)
{
	if (f->open)
		return complain(err,
				"%s:%" PRIu64 ": MARK %" PRIu64
				" while %s runs: part of the trace is missing",
				f->trace, f->line, e->val,
				cell_name(f, f->open));
	for (guint i = 0; i < f->cells->len; i++) {
		struct cell *c = &g_array_index(f->cells, struct cell, i);

		if (c->id == e->val)
			f->open = c;
	}
	if (!f->open)
		return complain(err,
				"%s:%" PRIu64 ": MARK %" PRIu64
				" is no cell of %s; do trace and table belong "
				"to one run?",
				f->trace, f->line, e->val, f->raw->path);
	f->open->windows++;
	f->open->slot = b->slot;
	f->pid = e->pid;
	f->opened_ns = e->ns;
	return true;
}

/* Takes out the exit that the closing write itself was */
static void close_window(struct fold *f, const struct kvm_event *e,
			 struct thread *t)
{
	if (!f->open)
		return;
	if (t->last)
		--*t->last;
	f->open->host_ns += e->ns - f->opened_ns;
	f->open = NULL;
	for (size_t i = 0; i < f->thread_count; i++)
		f->threads[i].last = NULL;
}

/* Whether the open cell is about the device that has @b */
static bool concerns(const struct fold *f, const struct bar *b)
{
	const char *variant = tsv_text(f->raw, f->open->row, "variant");

	if (!strcmp(variant, "virtio-rng"))
		return !strcmp(b->device, variant);
	if (!is_my_rng(b) || strcmp(b->slot, f->open->slot))
		return false;
	return true;
}

static void add_access(struct fold *f, const struct kvm_event *e,
		       const struct bar *b, struct thread *t)
{
	uint64_t *count = f->open->count;

	if (is_my_rng(b) && b->bar == MY_RNG_BAR_MMIO && !b->io &&
	    e->addr - b->start >= MY_RNG_REG_ADMIN)
		return;
	t->at_device = true;
	switch (e->kind) {
	case KVM_EVENT_MMIO_READ:
		count[MMIO_READS]++;
		break;
	case KVM_EVENT_MMIO_WRITE:
		count[MMIO_WRITES]++;
		break;
	case KVM_EVENT_PIO_READ:
		count[PIO_READS]++;
		count[PIO_READ_WORDS] += e->count;
		break;
	default:
		count[PIO_WRITES]++;
		count[PIO_WRITE_WORDS] += e->count;
		break;
	}
}

static bool access_event(struct fold *f, const struct kvm_event *e,
			 struct thread *t, GError **err)
{
	bool io =
		e->kind == KVM_EVENT_PIO_READ || e->kind == KVM_EVENT_PIO_WRITE;
	const struct bar *b = find_bar(f, io, e->addr);

	t->at_device = false;
	if (!b)
		return true;
	if (e->kind == KVM_EVENT_MMIO_WRITE && is_my_rng(b) &&
	    e->addr == b->start + MY_RNG_REG_MARK) {
		t->marked = e->val;
		if (e->val)
			return open_window(f, e, b, err);
		close_window(f, e, t);
		return true;
	}
	if (f->open && concerns(f, b))
		add_access(f, e, b, t);
	return true;
}

static void exit_event(struct fold *f, const struct kvm_event *e,
		       struct thread *t)
{
	t->at_device = false;
	t->last = NULL;
	if (!f->open)
		return;
	t->last = &f->open->exits[e->reason];
	++*t->last;
}

static void user_exit_event(struct fold *f, const struct kvm_event *e,
			    struct thread *t)
{
	if (f->open && !t->marked)
		f->open->user_exits[e->reason]++;
	t->marked = false;
}

static bool fold_event(struct fold *f, const struct kvm_event *e, GError **err)
{
	struct thread *t;

	/* Other machines may run on this host */
	if (f->pid && e->pid != f->pid)
		return true;
	t = find_thread(f, e->tid);
	if (!t)
		return complain(err, "%s:%" PRIu64 ": more than %d threads",
				f->trace, f->line, THREADS_MAX);
	switch (e->kind) {
	case KVM_EVENT_EXIT:
		exit_event(f, e, t);
		break;
	case KVM_EVENT_USER_EXIT:
		user_exit_event(f, e, t);
		break;
	case KVM_EVENT_ENTRY:
		t->at_device = false;
		break;
	case KVM_EVENT_MSI:
		if (f->open && t->at_device)
			f->open->count[IRQS]++;
		break;
	case KVM_EVENT_OTHER:
	case KVM_EVENT_LOST:
		break;
	default:
		return access_event(f, e, t, err);
	}
	return true;
}

static bool fold_line(struct fold *f, char *line, GError **err)
{
	struct kvm_event e;
	const char *why = kvmtrace_parse(line, &e);

	if (why) {
		line[strcspn(line, "\n")] = '\0';
		return complain(err, "%s:%" PRIu64 ": %s: '%.200s'", f->trace,
				f->line, why, line);
	}
	if (e.kind == KVM_EVENT_LOST)
		return complain(err,
				"%s:%" PRIu64 ": perf lost events, so nothing "
				"can be counted; give it a bigger buffer "
				"(PERF_BUFFER)",
				f->trace, f->line);
	return fold_event(f, &e, err);
}

static bool fold_trace(struct fold *f, FILE *in, GError **err)
{
	char *line = NULL;
	size_t room = 0;
	bool good = true;

	while (good && getline(&line, &room, in) >= 0) {
		f->line++;
		/* Empty lines and perf's own remarks */
		if (line[0] != '\n' && line[0] != '#')
			good = fold_line(f, line, err);
	}
	if (good && ferror(in))
		good = complain(err, "cannot read %s", f->trace);
	free(line);
	return good;
}

/* ---- the checks ---- */

/* Its interrupts come from another thread than its accesses */
static bool irqs_apart(const struct fold *f, const struct cell *c)
{
	const char *variant = tsv_text(f->raw, c->row, "variant");

	return !strcmp(variant, "virtio-rng") || variant_has_thread(variant);
}

static bool check_count(const struct fold *f, const struct cell *c,
			enum counter i, GError **err)
{
	const char *column = checks[i].column;
	uint64_t own;

	if (tsv_unknown(f->raw, c->row, column))
		return true;
	if (!tsv_uint(f->raw, c->row, column, 0, &own, err))
		return false;
	if (own == c->count[i] || (i == IRQS && irqs_apart(f, c)))
		return true;
	return complain(err,
			"%s: KVM and the device disagree: %" PRIu64
			" %s, but the device counted %" PRIu64 " %s",
			cell_name(f, c), c->count[i], checks[i].seen, own,
			column);
}

static bool check_cell(const struct fold *f, const struct cell *c, GError **err)
{
	if (c->windows != 1)
		return complain(err,
				"%s is %u times in %s, not once: was the "
				"tracing on all the time?",
				cell_name(f, c), c->windows, f->trace);
	for (int i = 0; i < CHECKED; i++)
		if (!check_count(f, c, i, err))
			return false;
	return true;
}

/* The guest's clock against the one of the kernel that traced it */
static bool check_clock(const struct fold *f, GError **err)
{
	double guest = 0, host = 0;

	for (guint i = 0; i < f->cells->len; i++) {
		guest += g_array_index(f->cells, struct cell, i).guest_ns;
		host += g_array_index(f->cells, struct cell, i).host_ns;
	}
	fprintf(stderr,
		"kvmcount: %u cells agree with the device; %.2f s by the "
		"guest's clock, %.2f s by the host's\n",
		f->cells->len, guest / NS_PER_SEC, host / NS_PER_SEC);
	if (ABS(guest - host) <= CLOCK_TOLERANCE * host + CLOCK_SLACK_NS)
		return true;
	return complain(err,
			"the guest's clock is wrong: the cells took %.2f s by "
			"it, %.2f s by the host's; its times mean nothing",
			guest / NS_PER_SEC, host / NS_PER_SEC);
}

static bool check(const struct fold *f, GError **err)
{
	for (guint i = 0; i < f->cells->len; i++)
		if (!check_cell(f, &g_array_index(f->cells, struct cell, i),
				err))
			return false;
	return check_clock(f, err);
}

/* ---- the output ---- */

/* No kvm_exit at all: a KVM without hardware; what is left is what it returned */
static bool has_exits(const struct fold *f)
{
	for (guint i = 0; i < f->cells->len; i++)
		for (int r = 0; r < KVM_REASONS; r++)
			if (g_array_index(f->cells, struct cell, i).exits[r])
				return true;
	return false;
}

static void print_cell(GString *s, const struct fold *f, const struct cell *c,
		       bool hardware)
{
	const uint64_t *n = c->count;
	const uint64_t *reason = hardware ? c->exits : c->user_exits;

	for (int i = 0; i < 5; i++)
		g_string_append_printf(
			s, "%s\t", tsv_text(f->raw, c->row, raw_columns[i]));
	g_string_append_printf(s, "%" PRIu64 "\t%" PRIu64, c->calls,
			       n[MMIO_READS] + n[MMIO_WRITES] + n[PIO_READS] +
				       n[PIO_WRITES]);
	g_string_append_printf(
		s, "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64,
		n[MMIO_READS], n[MMIO_WRITES], n[PIO_READS], n[PIO_WRITES]);
	if (irqs_apart(f, c))
		g_string_append(s, "\t-");
	else
		g_string_append_printf(s, "\t%" PRIu64, n[IRQS]);
	for (int r = 0; r < KVM_REASONS; r++)
		g_string_append_printf(s, "\t%" PRIu64, reason[r]);
	g_string_append_printf(s, "\t%" PRIu64 "\n",
			       n[PIO_READ_WORDS] + n[PIO_WRITE_WORDS]);
}

static bool print(const struct fold *f, const char *path, GError **err)
{
	GString *s = g_string_new("# exitcost kvm 1\n"
				  "lane\tvariant\taccess\tbytes\tthreads\tcalls"
				  "\texits\tmmio_reads\tmmio_writes\tpio_reads"
				  "\tpio_writes\tirqs\tnpf\tio\thlt\tintr"
				  "\tother\tpio_words\n");
	bool good;

	for (guint i = 0; i < f->cells->len; i++)
		print_cell(s, f, &g_array_index(f->cells, struct cell, i),
			   has_exits(f));
	g_string_append_printf(s, "# end %u\n", f->cells->len);
	good = out_save(path, s, err);
	g_string_free(s, TRUE);
	return good;
}

/* ---- main ---- */

struct options {
	char *raw;
	char *bars;
	char *output;
	char **trace;
};

static bool parse_options(struct options *o, int *argc, char ***argv,
			  GError **err)
{
	const GOptionEntry entries[] = {
		{ "raw", 'r', 0, G_OPTION_ARG_FILENAME, &o->raw,
		  "table of the counted cells", "RAW.tsv" },
		{ "bars", 'b', 0, G_OPTION_ARG_FILENAME, &o->bars,
		  "address ranges of the devices", "BARS.tsv" },
		{ "output", 'o', 0, G_OPTION_ARG_FILENAME, &o->output,
		  "where to write kvm.tsv (- is standard output)", "FILE" },
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY,
		  &o->trace, NULL, "[TRACE]" },
		{ NULL },
	};
	bool good = cli_parse(help, entries, argc, argv, err);

	if (good &&
	    (!o->raw || !o->bars || !o->output || (o->trace && o->trace[1])))
		return complain(err,
				"expected --raw, --bars, -o and at most one "
				"trace; see --help");
	return good;
}

static bool run(const struct options *o, struct fold *f, GError **err)
{
	FILE *in = stdin;
	bool good;

	f->trace = o->trace ? o->trace[0] : "the trace";
	if (!read_cells(f, o->raw, err) || !read_bars(f, o->bars, err))
		return false;
	if (o->trace)
		in = fopen(o->trace[0], "re");
	if (!in)
		return complain(err, "cannot read %s: %s", f->trace,
				g_strerror(errno));
	good = fold_trace(f, in, err);
	if (o->trace)
		fclose(in);
	return good && check(f, err) && print(f, o->output, err);
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct fold *f = g_new0(struct fold, 1);
	GError *err = NULL;
	bool good;

	f->bars = g_array_new(FALSE, TRUE, sizeof(struct bar));
	f->cells = g_array_new(FALSE, TRUE, sizeof(struct cell));
	good = parse_options(&o, &argc, &argv, &err) && run(&o, f, &err);
	tsv_free(f->raw);
	tsv_free(f->bar_table);
	g_array_free(f->bars, TRUE);
	g_array_free(f->cells, TRUE);
	g_free(f);
	g_free(o.raw);
	g_free(o.bars);
	g_free(o.output);
	g_strfreev(o.trace);
	return cli_end("kvmcount", good, err);
}
