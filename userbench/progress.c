// SPDX-License-Identifier: GPL-2.0-or-later
/* Progress a person can follow, on stderr. */
#include "progress.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"

#define PLAIN_INTERVAL (3 * NS_PER_SEC)
#define TTY_INTERVAL   (200 * NS_PER_MS)

static struct {
	size_t total;
	size_t cells;
	uint64_t start;
	uint64_t last;
	bool tty;
	bool on_line; /* the cursor stands behind a progress line */
} progress;

void progress_start(size_t total, size_t cells)
{
	progress.total = total;
	progress.cells = cells;
	progress.start = now_ns();
	progress.last = progress.start;
	progress.tty = isatty(fileno(log_stream()));
	progress.on_line = false;
	fprintf(log_stream(), "measuring %zu cells, %zu samples\n", cells,
		total);
}

void progress_step(size_t done, const char *name)
{
	uint64_t now = now_ns();
	uint64_t spent = now - progress.start;
	uint64_t left = done ? spent * (progress.total - done) / done : 0;

	if (!done || now - progress.last <
			     (progress.tty ? TTY_INTERVAL : PLAIN_INTERVAL))
		return;
	progress.last = now;
	progress.on_line = progress.tty;
	fprintf(log_stream(),
		"%s%3zu %%  %zu of %zu samples  %3u s, %u s to go  %s%s",
		progress.tty ? "\r" : "", done * 100 / progress.total, done,
		progress.total, (unsigned int)(spent / NS_PER_SEC),
		(unsigned int)(left / NS_PER_SEC), name,
		progress.tty ? "\033[K" : "\n");
}

void progress_pause(void)
{
	if (progress.on_line)
		fputc('\n', log_stream());
	progress.on_line = false;
}

void progress_end(size_t done)
{
	uint64_t spent = now_ns() - progress.start;

	progress_pause();
	fprintf(log_stream(), "measured %zu samples of %zu cells in %.1f s\n",
		done, progress.cells, (double)spent / NS_PER_SEC);
}
