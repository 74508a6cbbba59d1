// SPDX-License-Identifier: GPL-2.0-or-later
/* Paths that a process reads in place, beside the same paths by read(2). */
#include <math.h>
#include <string.h>

#include "fmt.h"
#include "names.h"
#include "report.h"

static const uint64_t sizes[] = { 64, 4096, REPORT_SIZE, 1048576 };

static void in_place_row(struct report *r, const struct row *mapped)
{
	const struct row *read =
		rows_find(r->rows, mapped->lane, mapped->variant, "read",
			  mapped->bytes, 1);
	const struct side in_place = { mapped->variant, "mmap", 1 };
	const struct side by_read = { mapped->variant, "read", 1 };
	struct stats_interval ratio =
		ratio_of(report_run_of(r, mapped->lane)->verdicts, mapped->lane,
			 mapped->bytes, in_place, by_read);

	say(r, "| `%s` |", mapped->variant);
	say_cell(r, fmt_size(mapped->bytes));
	say_cell(r, text_interval(row_mbps(read)));
	say_cell(r, text_interval(mapped->mbps));
	say_cell(r, text_interval(ratio));
	say_cell(r, fmt_data(mapped->count[PER_CALL_SYSCALLS]));
	say_cell(r, text_row_count(mapped, row_accesses(mapped)));
	say(r, "\n");
}

static guint in_place_rows(struct report *r, const char *lane, bool dry)
{
	guint n = 0;

	for (const struct variant_name *v = variant_names; v->name; v++) {
		for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
			const struct row *row = rows_find(
				r->rows, lane, v->name, "mmap", sizes[i], 1);

			if (row && !dry)
				in_place_row(r, row);
			n += row != NULL;
		}
	}
	return n;
}

static struct stats_interval cached_over_uncached(const struct report *r,
						  const char *lane,
						  const char *access)
{
	const struct side cached = { "window", access, 1 };
	const struct side uncached = { "window-uc", access, 1 };

	return ratio_of(report_run_of(r, lane)->verdicts, lane, REPORT_SIZE,
			cached, uncached);
}

/* By read(2), as there both attributes make the same bytes arrive. */
static void say_attribute(struct report *r, const char *lane)
{
	struct stats_interval by_read = cached_over_uncached(r, lane, "read");
	struct stats_interval in_place = cached_over_uncached(r, lane, "mmap");
	char *read = text_interval(by_read);
	char *mapped = text_interval(in_place);

	say(r,
	    "What the mapping's attribute costs, throughput of `window` "
	    "(write-back) over `window-uc` (uncached) by requests of 64 KiB: "
	    "%s by read(2), where the uncached one is copied twice; %s in "
	    "place, where the attribute is all that differs. %s\n\n",
	    read, mapped,
	    strcmp(lane, "kvm")
		    ? "An emulated CPU has no caches to leave out: here the "
		      "attribute itself is free."
		    : "KVM on Intel maps the guest's RAM write-back whatever "
		      "the guest asks for; on AMD the guest's wish counts.");
	g_free(read);
	g_free(mapped);
}

void report_in_place(struct report *r, const char *lane)
{
	if (!in_place_rows(r, lane, true))
		return;
	say(r,
	    "### Read in place\n\n"
	    "Access `mmap`: registers or window are mapped into the process, "
	    "read-only, so a request makes no system call. One thread, lane "
	    "`%s`. By `read` the bytes are in the caller's buffer. In place "
	    "the bytes of a register are in the caller's buffer too; those of "
	    "a window stay where the device put them, and the process has "
	    "read what `--touch` says (recorded for each cell in env.json), by "
	    "itself one word of every 64-byte line. A refill serves as many "
	    "requests as fit into it: accesses may be fractions.\n\n"
	    "| path | request | read(2), MB/s | in place, MB/s | ratio "
	    "| system calls | accesses |\n"
	    "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
	    lane);
	in_place_rows(r, lane, false);
	say(r, "\n");
	if (rows_find(r->rows, lane, "window", "mmap", REPORT_SIZE, 1) &&
	    rows_find(r->rows, lane, "window-uc", "mmap", REPORT_SIZE, 1))
		say_attribute(r, lane);
}
