// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages to the person, and the notes kept for guest.json. */
#include "log.h"

#include <errno.h>
#include <stdlib.h>

static FILE *stream;
static char **notes;
static size_t note_count;

FILE *log_stream(void)
{
	return stream ? stream : stderr;
}

void log_to(FILE *f)
{
	stream = f;
}

static void say(const char *kind, const char *fmt, va_list ap)
{
	FILE *f = log_stream();

	fprintf(f, "%s: %s", program_invocation_short_name, kind);
	vfprintf(f, fmt, ap);
	fputc('\n', f);
}

void log_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("", fmt, ap);
	va_end(ap);
}

static void keep(const char *fmt, va_list ap)
{
	char **longer = realloc(notes, (note_count + 1) * sizeof(*notes));

	if (!longer)
		return;
	notes = longer;
	if (vasprintf(&notes[note_count], fmt, ap) >= 0)
		note_count++;
}

void log_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("note: ", fmt, ap);
	va_end(ap);
	va_start(ap, fmt);
	keep(fmt, ap);
	va_end(ap);
}

char *const *log_notes(size_t *count)
{
	*count = note_count;
	return notes;
}

void log_forget(void)
{
	while (note_count)
		free(notes[--note_count]);
	free(notes);
	notes = NULL;
}
