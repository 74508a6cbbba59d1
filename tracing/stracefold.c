// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stracefold: adds up what `strace -C -f -T -ttt` saw of QEMU, per thread and
 * system call; an ioctl(KVM_RUN) counts by the reason it came back for.
 *
 * The times are those of a traced process: they hold strace's own two stops a
 * call. The counts are exact, and strace's own sum at the end of the capture
 * must agree with them: that is how a truncated one is found out.
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

#define US_PER_SEC 1000000.0

static const char help[] =
	"Reads from standard input what `strace -C -f -T -ttt -e kvm=vcpu -o "
	"FILE` wrote\n"
	"about a QEMU, writes a table of its threads' system calls to standard "
	"output.\n"
	"All times are those of a traced process, strace's stops among them.";

/**
 * struct row - a system call of a thread
 * @tid: the thread
 * @name: of the call
 * @detail: request of an ioctl, for KVM_RUN with the reason it returned for;
 *	"-" for others
 * @calls: that came back
 * @errors: of these, with an error
 * @unfinished: never seen to come back
 * @us: how long each took, traced; as many as @calls
 */
struct row {
	int tid;
	char *name;
	char *detail;
	uint64_t calls;
	uint64_t errors;
	uint64_t unfinished;
	GArray *us;
};

/**
 * struct thread - of the traced process
 * @tid: its id
 * @name: call it is in, NULL if none
 * @detail: as in struct row
 */
struct thread {
	int tid;
	char *name;
	char *detail;
};

struct fold {
	struct tsv *names; /* tid to thread */
	GHashTable *rows;  /* "tid name detail" to struct row */
	GHashTable *threads;
	uint64_t calls;
	GString *summary; /* strace's own table, as TSV */
	guint summary_rows;
	uint64_t summary_calls;
	bool in_summary;
	bool has_total;
	uint64_t line;
};

static bool bad_line(const struct fold *f, const char *why, const char *line,
		     GError **err)
{
	return complain(err,
			"line %" PRIu64 ": %s: '%.120s'; give the output of "
			"strace -C -f -T -ttt",
			f->line, why, line);
}

/* ---- threads and rows ---- */

static void free_row(gpointer data)
{
	struct row *r = data;

	g_free(r->name);
	g_free(r->detail);
	g_array_free(r->us, TRUE);
	g_free(r);
}

static void leave_call(struct thread *t)
{
	g_free(t->name);
	g_free(t->detail);
	t->name = t->detail = NULL;
}

static void free_thread(gpointer data)
{
	leave_call(data);
	g_free(data);
}

static struct thread *find_thread(struct fold *f, int tid)
{
	struct thread *t =
		g_hash_table_lookup(f->threads, GINT_TO_POINTER(tid));

	if (t)
		return t;
	t = g_new0(struct thread, 1);
	t->tid = tid;
	g_hash_table_insert(f->threads, GINT_TO_POINTER(tid), t);
	return t;
}

static struct row *find_row(struct fold *f, int tid, const char *name,
			    const char *detail)
{
	char *key = g_strdup_printf("%d %s %s", tid, name, detail);
	struct row *r = g_hash_table_lookup(f->rows, key);

	if (r) {
		g_free(key);
		return r;
	}
	r = g_new0(struct row, 1);
	r->tid = tid;
	r->name = g_strdup(name);
	r->detail = g_strdup(detail);
	r->us = g_array_new(FALSE, FALSE, sizeof(double));
	g_hash_table_insert(f->rows, key, r);
	return r;
}

/* The thread is gone, detached, or was seen to be elsewhere */
static void give_up_call(struct fold *f, struct thread *t)
{
	if (t->name)
		find_row(f, t->tid, t->name, t->detail)->unfinished++;
	leave_call(t);
}

/* ---- a line of the trace ---- */

static void enter_call(struct fold *f, struct thread *t, const char *text)
{
	size_t length = strcspn(text, "(");
	const char *args = text + length;

	give_up_call(f, t);
	t->name = g_strndup(text, length);
	t->detail = g_strdup("-");
	if (strcmp(t->name, "ioctl") || !strchr(args, ','))
		return;
	args = strchr(args, ',') + 1;
	args += strspn(args, " ");
	g_free(t->detail);
	t->detail = g_strndup(args, strcspn(args, " ,)<"));
}

/* KVM_RUN and why it came back: "KVM_RUN:MMIO" */
static char *with_reason(const char *detail, const char *result)
{
	static const char key[] = "(KVM_EXIT_";
	const char *reason = strstr(result, key);

	if (!reason || strcmp(detail, "KVM_RUN"))
		return g_strdup(detail);
	reason += strlen(key);
	return g_strdup_printf("%s:%.*s", detail, (int)strcspn(reason, ")"),
			       reason);
}

/* The microseconds in "... <0.000123>" at the end of a line */
static bool parse_duration(const char *text, double *us)
{
	const char *open = strrchr(text, '<');
	char *end;

	if (!open)
		return false;
	*us = g_ascii_strtod(open + 1, &end) * US_PER_SEC;
	return end != open + 1 && !strcmp(end, ">");
}

/* @result is what stands behind the last " = " */
static bool leave_line(struct fold *f, struct thread *t, const char *result,
		       const char *line, GError **err)
{
	struct row *r;
	char *detail;
	double us;

	if (!strcmp(result, "?")) { /* the thread ended in it */
		give_up_call(f, t);
		return true;
	}
	if (!parse_duration(result, &us))
		return bad_line(f, "no <duration> at the end", line, err);
	detail = with_reason(t->detail, result);
	r = find_row(f, t->tid, t->name, detail);
	g_free(detail);
	r->calls++;
	r->errors += g_str_has_prefix(result, "-1 ");
	g_array_append_val(r->us, us);
	f->calls++;
	leave_call(t);
	return true;
}

/* "<... NAME resumed>...": what was unfinished, or was so when strace came */
static bool resume_call(struct fold *f, struct thread *t, const char *text,
			GError **err)
{
	const char *name = text + strlen("<... ");
	size_t length = strcspn(name, " ");

	if (!g_str_has_prefix(name + length, " resumed>"))
		return bad_line(f, "neither a call nor its end", text, err);
	if (!t->name) {
		t->name = g_strndup(name, length);
		t->detail = g_strdup(strcmp(t->name, "ioctl") ? "-" : "?");
	}
	if (strlen(t->name) != length || strncmp(t->name, name, length))
		return bad_line(f, "another call than the one that was begun",
				text, err);
	return true;
}

static const char *last_result(const char *text)
{
	const char *found = NULL;

	for (const char *s = text; (s = strstr(s, " = ")); s++)
		found = s;
	return found ? found + strlen(" = ") : NULL;
}

static bool fold_event(struct fold *f, int tid, const char *text, GError **err)
{
	struct thread *t = find_thread(f, tid);
	const char *result = last_result(text);

	if (g_str_has_prefix(text, "--- ")) /* a signal */
		return true;
	if (g_str_has_prefix(text, "+++ ")) { /* the thread ended */
		give_up_call(f, t);
		return true;
	}
	if (g_str_has_prefix(text, "<... ")) {
		if (!resume_call(f, t, text, err))
			return false;
	} else if (strchr(text, '(')) {
		enter_call(f, t, text);
	} else {
		return bad_line(f, "neither a call nor its end", text, err);
	}
	if (g_str_has_suffix(text, "<detached ...>")) {
		give_up_call(f, t);
		return true;
	}
	if (g_str_has_suffix(text, "<unfinished ...>"))
		return true;
	if (!result)
		return bad_line(f, "no result; the line is incomplete", text,
				err);
	return leave_line(f, t, result, text, err);
}

/* ---- strace's own table at the end ---- */

/* "% time seconds usecs/call calls [errors] syscall"; errors may be blank */
static bool fold_summary(struct fold *f, const char *line, GError **err)
{
	char **word = g_strsplit_set(line, " ", -1);
	const char *field[6];
	guint n = 0;
	bool good;

	for (char **w = word; *w; w++)
		if (**w && n < G_N_ELEMENTS(field))
			field[n++] = *w;
	good = n >= 5 && strspn(field[3], "0123456789") == strlen(field[3]);
	if (!good) {
		bad_line(f, "no line of strace's own table", line, err);
	} else if (!strcmp(field[n - 1], "total")) {
		f->has_total = true;
		f->summary_calls = g_ascii_strtoull(field[3], NULL, 10);
	} else {
		f->summary_rows++;
		g_string_append_printf(f->summary, "%s\t%s\t%s\t%s\n",
				       field[n - 1], field[3],
				       n == 6 ? field[4] : "0", field[1]);
	}
	g_strfreev(word);
	return good;
}

static bool fold_line(struct fold *f, const char *line, GError **err)
{
	const char *text;
	char *end;
	long tid;

	if (g_str_has_prefix(line, "% time")) {
		f->in_summary = true;
		return true;
	}
	if (!*line || g_str_has_prefix(line, "------"))
		return true;
	if (f->has_total)
		return bad_line(f, "more behind strace's own table", line, err);
	if (f->in_summary)
		return fold_summary(f, line, err);
	tid = strtol(line, &end, 10);
	if (tid <= 0 || *end != ' ')
		return bad_line(f, "no thread id (strace -f)", line, err);
	text = end + strspn(end, " ");
	text += strspn(text, "0123456789.");
	if (*text != ' ')
		return bad_line(f, "no time stamp (strace -ttt)", line, err);
	return fold_event(f, (int)tid, text + 1, err);
}

static bool fold_all(struct fold *f, FILE *in, GError **err)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t length;
	bool good = true;

	while (good && (length = getline(&line, &room, in)) >= 0) {
		f->line++;
		if (length && line[length - 1] == '\n')
			line[length - 1] = '\0';
		good = fold_line(f, line, err);
	}
	if (good && ferror(in))
		good = complain(err, "cannot read the capture");
	free(line);
	return good;
}

/* ---- the checks ---- */

/* Without a single call strace writes no table */
static bool check(const struct fold *f, bool summary_only, GError **err)
{
	if (!f->line)
		return complain(err, "the capture is empty: was strace ever "
				     "attached?");
	if (!f->has_total && (f->calls || f->in_summary || summary_only))
		return complain(err,
				"the capture ends without strace's own table: "
				"it is truncated, or was made without -C; is "
				"the disk full?");
	if (summary_only || f->summary_calls == f->calls)
		return true;
	return complain(err,
			"%" PRIu64 " calls in the capture, but %" PRIu64
			" in strace's own table: part of it is missing",
			f->calls, f->summary_calls);
}

/* ---- the output ---- */

static const char *thread_name(const struct fold *f, int tid)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", tid);
	for (guint i = 0; f->names && i < f->names->rows->len; i++) {
		const struct tsv_row *row = f->names->rows->pdata[i];

		if (!strcmp(tsv_text(f->names, row, "tid"), text))
			return tsv_text(f->names, row, "thread");
	}
	return "-";
}

static double total_us(const struct row *r)
{
	double sum = 0;

	for (guint i = 0; i < r->us->len; i++)
		sum += g_array_index(r->us, double, i);
	return sum;
}

/* Threads by id, in each what took longest first */
static gint by_thread_and_time(gconstpointer a, gconstpointer b)
{
	const struct row *x = *(struct row *const *)a;
	const struct row *y = *(struct row *const *)b;
	double dx = total_us(x), dy = total_us(y);
	int names = strcmp(x->name, y->name);

	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	if (dx != dy)
		return dx > dy ? -1 : 1;
	return names ? names : strcmp(x->detail, y->detail);
}

static gint by_value(gconstpointer a, gconstpointer b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static GPtrArray *sorted_rows(const struct fold *f)
{
	GPtrArray *rows = g_ptr_array_new();
	GHashTableIter iter;
	gpointer row;

	g_hash_table_iter_init(&iter, f->rows);
	while (g_hash_table_iter_next(&iter, NULL, &row))
		g_ptr_array_add(rows, row);
	g_ptr_array_sort(rows, by_thread_and_time);
	return rows;
}

static void append_time(GString *s, const struct row *r, double q)
{
	char *text;

	if (!r->us->len) {
		g_string_append(s, "\t-");
		return;
	}
	text = fmt_data(
		stats_quantile((double *)(void *)r->us->data, r->us->len, q));
	g_string_append_printf(s, "\t%s", text);
	g_free(text);
}

static void print_row(GString *s, const struct fold *f, struct row *r)
{
	char *total = fmt_data(total_us(r));

	g_array_sort(r->us, by_value);
	g_string_append_printf(
		s, "%d\t%s\t%s\t%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%s",
		r->tid, thread_name(f, r->tid), r->name, r->detail, r->calls,
		r->errors, r->unfinished, total);
	append_time(s, r, 0.5);
	append_time(s, r, 0.99);
	append_time(s, r, 1);
	g_string_append_c(s, '\n');
	g_free(total);
}

static void print_calls(GString *s, const struct fold *f)
{
	GPtrArray *rows = sorted_rows(f);

	g_string_append(s, "# exitcost strace 1\n"
			   "tid\tthread\tsyscall\tdetail\tcalls\terrors"
			   "\tunfinished\ttraced_us_total\ttraced_us_p50"
			   "\ttraced_us_p99\ttraced_us_max\n");
	for (guint i = 0; i < rows->len; i++)
		print_row(s, f, rows->pdata[i]);
	g_string_append_printf(s, "# end %u\n", rows->len);
	g_ptr_array_free(rows, TRUE);
}

/* Of one thread, for the comparison with theory */
struct per_request {
	int tid;
	uint64_t syscalls;
	uint64_t kvm_runs;
	uint64_t kvm_exits; /* KVM_RUNs that came back with a reason */
};

static GArray *per_thread(const struct fold *f)
{
	GArray *all = g_array_new(FALSE, TRUE, sizeof(struct per_request));
	GPtrArray *rows = sorted_rows(f);

	for (guint i = 0; i < rows->len; i++) {
		const struct row *r = rows->pdata[i];
		struct per_request new = { .tid = r->tid }, *p;

		if (!all->len ||
		    g_array_index(all, struct per_request, all->len - 1).tid !=
			    r->tid)
			g_array_append_val(all, new);
		p = &g_array_index(all, struct per_request, all->len - 1);
		p->syscalls += r->calls;
		if (g_str_has_prefix(r->detail, "KVM_RUN"))
			p->kvm_runs += r->calls;
		if (g_str_has_prefix(r->detail, "KVM_RUN:"))
			p->kvm_exits += r->calls;
	}
	g_ptr_array_free(rows, TRUE);
	return all;
}

static bool is_vcpu(const struct fold *f, const struct per_request *p)
{
	return p->kvm_runs || g_str_has_prefix(thread_name(f, p->tid), "CPU ");
}

/*
 * What theory expects of a vCPU's thread: without KVM an access to the device
 * is a function call, so nothing; with KVM one KVM_RUN per exit to QEMU.
 */
static void print_requests(GString *s, const struct fold *f, uint64_t requests)
{
	GArray *all = per_thread(f);

	g_string_append(s, "# exitcost strace-requests 1\n"
			   "tid\tthread\tsyscalls\tkvm_runs\tkvm_exits"
			   "\trequests\tsyscalls_per_request"
			   "\tkvm_runs_per_request\ttheory\n");
	for (guint i = 0; i < all->len; i++) {
		const struct per_request *p =
			&g_array_index(all, struct per_request, i);
		char *syscalls = fmt_ratio(p->syscalls, requests);
		char *runs = fmt_ratio(p->kvm_runs, requests);
		char *exits = fmt_ratio(p->kvm_exits, requests);

		g_string_append_printf(s,
				       "%d\t%s\t%" PRIu64 "\t%" PRIu64
				       "\t%" PRIu64 "\t%" PRIu64
				       "\t%s\t%s\t%s\n",
				       p->tid, thread_name(f, p->tid),
				       p->syscalls, p->kvm_runs, p->kvm_exits,
				       requests, syscalls, runs,
				       is_vcpu(f, p) ? exits : "-");
		g_free(syscalls);
		g_free(runs);
		g_free(exits);
	}
	g_string_append_printf(s, "# end %u\n", all->len);
	g_array_free(all, TRUE);
}

static void print_summary(GString *s, const struct fold *f)
{
	g_string_append(s, "# exitcost strace-summary 1\n"
			   "syscall\tcalls\terrors\tsystem_s\n");
	g_string_append(s, f->summary->str);
	g_string_append_printf(s, "# end %u\n", f->summary_rows);
}

/* ---- main ---- */

struct options {
	char *threads;
	gint64 requests;
	gboolean summary;
};

static bool parse_options(struct options *o, int *argc, char ***argv,
			  GError **err)
{
	const GOptionEntry entries[] = {
		{ "threads", 't', 0, G_OPTION_ARG_FILENAME, &o->threads,
		  "table of the threads' names (tid, thread)", "THREADS.tsv" },
		{ "requests", 'r', 0, G_OPTION_ARG_INT64, &o->requests,
		  "instead, calls per guest request, N of them were made",
		  "N" },
		{ "summary", 's', 0, G_OPTION_ARG_NONE, &o->summary,
		  "instead, strace's own table; of strace -c as well", NULL },
		{ NULL },
	};
	bool good = cli_parse(help, entries, argc, argv, err);

	if (good && (*argc > 1 || o->requests < 0))
		return complain(err, "no arguments but options, --requests "
				     "above 0; see --help");
	return good;
}

static bool run(const struct options *o, struct fold *f, GError **err)
{
	const char *const columns[] = { "tid", "thread", NULL };
	GString *s;
	bool good;

	if (o->threads) {
		f->names = tsv_read(o->threads, "threads 1", columns,
				    "tracing/strace.sh", err);
		if (!f->names)
			return false;
	}
	if (!fold_all(f, stdin, err) || !check(f, o->summary, err))
		return false;
	s = g_string_new(NULL);
	if (o->summary)
		print_summary(s, f);
	else if (o->requests)
		print_requests(s, f, (uint64_t)o->requests);
	else
		print_calls(s, f);
	good = out_save("-", s, err);
	g_string_free(s, TRUE);
	return good;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct fold f = { 0 };
	GError *err = NULL;
	bool good;

	f.rows = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
				       free_row);
	f.threads = g_hash_table_new_full(NULL, NULL, NULL, free_thread);
	f.summary = g_string_new(NULL);
	good = parse_options(&o, &argc, &argv, &err) && run(&o, &f, &err);
	tsv_free(f.names);
	g_hash_table_destroy(f.rows);
	g_hash_table_destroy(f.threads);
	g_string_free(f.summary, TRUE);
	g_free(o.threads);
	return cli_end("stracefold", good, err);
}
