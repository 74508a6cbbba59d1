// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * perfsys: makes a table of the summary that `perf trace -s` prints: system
 * calls by thread, how many and how long.
 */
#include <glib.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "out.h"
#include "thread.h"
#include "tsv.h"

static const char help[] =
	"Reads what `perf trace -s` prints about one QEMU process; writes "
	"system calls\n"
	"by thread, as TSV. Times are in milliseconds; a call that waits takes "
	"as long as\n"
	"it waits.";

/* Columns of perf trace */
enum {
	SYSCALL,
	CALLS,
	ERRORS,
	TOTAL,
	MIN,
	AVG,
	MAX,
	STDDEV,
	COLUMNS
};

struct fold {
	GString *rows;
	char *comm; /* of the thread whose table we are in, NULL before it */
	int tid;
	int pid;
	bool begun; /* the heading was seen */
	unsigned int n;
	unsigned int line;
};

/* "CPU 0/TCG (13325), 24 events, 4.1%" */
static bool thread_line(struct fold *f, const char *line)
{
	const char *open = g_strrstr(line, " (");
	unsigned int events;
	int tid;

	if (!open || sscanf(open, " (%d), %u events,", &tid, &events) != 2)
		return false;
	g_free(f->comm);
	f->comm = g_strndup(line, open - line);
	f->tid = tid;
	return true;
}

static void print_row(struct fold *f, char **field)
{
	enum thread_class c = thread_class(f->comm, f->tid == f->pid, false);

	g_string_append_printf(f->rows, "%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\n",
			       thread_class_names[c], f->comm, f->tid,
			       field[SYSCALL], field[CALLS], field[ERRORS],
			       field[TOTAL], field[AVG], field[MAX]);
	f->n++;
}

/* "   ppoll   1512   0  2831.086  0.000  1.872  7.136  2.46%" */
static bool call_line(struct fold *f, char *line, GError **err)
{
	char **word = g_strsplit_set(line, " ", -1);
	char *field[COLUMNS + 1];
	int n = 0;

	for (char **w = word; *w && n <= COLUMNS; w++)
		if (**w)
			field[n++] = *w;
	if (n == COLUMNS && f->comm && g_ascii_isdigit(*field[CALLS]) &&
	    g_ascii_isdigit(*field[MAX]))
		print_row(f, field);
	else
		n = -1;
	g_strfreev(word);
	return n > 0 ||
	       complain_at(err, f->line, "'%.100s' is no line of perf trace -s",
			   line);
}

static bool fold_line(struct fold *f, char *line, GError **err)
{
	unsigned int lost;

	if (!strchr(line, '\n'))
		return complain_at(err, f->line,
				   "ends in the middle: the output of "
				   "perf trace was cut");
	g_strstrip(line);
	if (sscanf(line, "LOST %u events", &lost) == 1)
		return complain_at(err, f->line,
				   "perf lost %u events, so the calls are too "
				   "few; give it a bigger buffer (PERF_BUFFER)",
				   lost);
	if (!strcmp(line, "Summary of events:"))
		f->begun = true;
	else if (f->begun && *line && !thread_line(f, line) &&
		 !g_str_has_prefix(line, "syscall ") &&
		 !g_str_has_prefix(line, "(msec)") && *line != '-')
		return call_line(f, line, err);
	return true;
}

static bool fold_text(struct fold *f, FILE *in, GError **err)
{
	char *line = NULL;
	size_t room = 0;
	bool good = true;

	while (good && getline(&line, &room, in) >= 0) {
		f->line++;
		good = fold_line(f, line, err);
	}
	free(line);
	if (good && !f->begun)
		return complain_at(err, f->line,
				   "no summary; is this the output of "
				   "perf trace -s, and all of it?");
	return good;
}

static bool parse_options(struct fold *f, int *argc, char ***argv, GError **err)
{
	const GOptionEntry entries[] = {
		{ "pid", 0, 0, G_OPTION_ARG_INT, &f->pid,
		  "the process: its first thread is the main loop", "N" },
		{ NULL },
	};
	GOptionContext *context = g_option_context_new("< PERF-TRACE");
	bool good;

	g_option_context_set_summary(context, help);
	g_option_context_add_main_entries(context, entries, NULL);
	good = g_option_context_parse(context, argc, argv, err);
	g_option_context_free(context);
	if (good && (*argc > 1 || f->pid <= 0)) {
		g_set_error(err, TSV_ERROR, 0,
			    "expected --pid N and the summary on standard "
			    "input; see --help");
		return false;
	}
	return good;
}

int main(int argc, char **argv)
{
	struct fold f = { .rows = g_string_new(
				  "# exitcost perfsys 1\n"
				  "thread\tcomm\ttid\tsyscall\tcalls\terrors\t"
				  "ms_total\tms_avg\tms_max\n") };
	GError *err = NULL;
	bool good = parse_options(&f, &argc, &argv, &err) &&
		    fold_text(&f, stdin, &err);

	if (good) {
		g_string_append_printf(f.rows, "# end %u\n", f.n);
		good = out_save("-", f.rows, &err);
	}
	g_string_free(f.rows, TRUE);
	g_free(f.comm);
	return cli_end("perfsys", good, err);
}
