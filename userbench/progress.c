// SPDX-License-Identifier: GPL-2.0-or-later
/* Progress a person can follow, on stderr. */
#include "progress.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"

#define PLAIN_INTERVAL (5 * NS_PER_SEC)
#define TTY_INTERVAL   (200 * NS_PER_MS)

static struct {
	size_t cells;
	uint64_t start;
	uint64_t last;
	bool tty;
	bool on_line; /* the cursor stands behind a progress line */
} progress;

void progress_start(size_t cells)
{
	progress.cells = cells;
	progress.start = now_ns();
	progress.last = progress.start;
	progress.tty = isatty(fileno(log_stream()));
	progress.on_line = false;
}

void progress_step(double part, size_t slices, const char *name)
{
	uint64_t now = now_ns();

	if (now - progress.last <
	    (progress.tty ? TTY_INTERVAL : PLAIN_INTERVAL))
		return;
	progress.last = now;
	progress.on_line = progress.tty;
	part = part > 1 ? 1 : part;
	fprintf(log_stream(), "%s%3.0f %%  %zu slices of %zu cells  %u s  %s%s",
		progress.tty ? "\r" : "", 100 * part, slices, progress.cells,
		(unsigned int)((now - progress.start) / NS_PER_SEC), name,
		progress.tty ? "\033[K" : "\n");
}

void progress_pause(void)
{
	if (progress.on_line)
		fputc('\n', log_stream());
	progress.on_line = false;
}

void progress_end(size_t slices)
{
	uint64_t spent = now_ns() - progress.start;

	progress_pause();
	fprintf(log_stream(), "measured %zu slices of %zu cells in %.1f s\n",
		slices, progress.cells, (double)spent / NS_PER_SEC);
}
