// SPDX-License-Identifier: GPL-2.0-or-later
/* The line that says how a check of make grade went. */
#include <stdarg.h>
#include <stdio.h>

#include "row.h"

void say_note(char *note, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(note, NOTE_SIZE, fmt, ap);
	va_end(ap);
}

void print_row(const struct row *row, enum mark mark, const char *note)
{
	printf("%s\t%u\t%u\t%s\t", row->id, row->points, row->points * mark / 2,
	       row->wants);
	for (; *note; note++)
		putchar((unsigned char)*note < ' ' ? ' ' : *note);
	putchar('\n');
	fflush(stdout);
}
