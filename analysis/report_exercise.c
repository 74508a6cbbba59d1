// SPDX-License-Identifier: GPL-2.0-or-later
/* What each step beyond the exercise gained: docs/exercise.md quotes this. */
#include <math.h>

#include "fmt.h"
#include "report.h"

/**
 * struct step - a cell, and what was done to the exercise to come to it
 * @what: the step
 * @variant: path
 * @access: how user space asks
 * @bytes: request size
 */
struct step {
	const char *what;
	const char *variant;
	const char *access;
	uint64_t bytes;
};

/* The first is the exercise as its text has it. */
static const struct step steps[] = {
	{ "the exercise: one ioctl for a number", "32", "ioctl", 4 },
	{ "many numbers by one system call", "32", "read", REPORT_SIZE },
	{ "a register of 64 bits", "64", "read", REPORT_SIZE },
	{ "a FIFO, read in bursts", "fifo", "read", REPORT_SIZE },
	{ "DMA into a buffer of the driver's", "dma", "read", REPORT_SIZE },
	{ "the same, its end told by an interrupt", "dma-msi", "read",
	  REPORT_SIZE },
	{ "DMA straight into the program's memory", "dma-zc", "read",
	  REPORT_SIZE },
	{ "a window of the device's memory, read in place", "window", "mmap",
	  REPORT_SIZE },
	{ "a ring in the guest's memory that fills itself", "ring", "read",
	  REPORT_SIZE },
	{ "the same ring, read in place", "ring", "mmap", REPORT_SIZE },
};

static struct stats_interval reached(const struct report *r, const char *lane,
				     const struct step *step)
{
	return row_mbps(rows_find(r->rows, lane, step->variant, step->access,
				  step->bytes, 1));
}

/* A step that no lane of this report was measured at is left out. */
static bool was_measured(const struct report *r, const struct step *step)
{
	for (guint l = 0; l < r->lanes->len; l++)
		if (!isnan(reached(r, r->lanes->pdata[l], step).mid))
			return true;
	return false;
}

static void say_step(struct report *r, const struct step *step)
{
	char *size = fmt_size(step->bytes);

	say(r, "| %s | `%s`, %s of %s |", step->what, step->variant,
	    step->access, size);
	for (guint l = 0; l < r->lanes->len; l++) {
		const char *lane = r->lanes->pdata[l];
		struct stats_interval mbps = reached(r, lane, step);
		double first = reached(r, lane, &steps[0]).mid;

		say_cell(r, text_interval(mbps));
		say_cell(r, text_known(mbps.mid / first));
	}
	say(r, "\n");
	g_free(size);
}

void report_exercise(struct report *r)
{
	say(r, "## What each step beyond the exercise gained\n\n"
	       "Each step in MB/s, by one thread, and as a multiple of the "
	       "exercise's own way in the same lane "
	       "(`docs/exercise.md` has the steps).\n\n"
	       "| step | path and request |");
	for (guint l = 0; l < r->lanes->len; l++)
		say(r, " `%s` | times |", (char *)r->lanes->pdata[l]);
	say(r, "\n| --- | --- |");
	for (guint l = 0; l < r->lanes->len; l++)
		say(r, " ---: | ---: |");
	say(r, "\n");
	for (guint i = 0; i < G_N_ELEMENTS(steps); i++)
		if (was_measured(r, &steps[i]))
			say_step(r, &steps[i]);
	say(r, "\n");
}
