/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages to the person, and the notes that go into the result as well. */
#ifndef USERBENCH_LOG_H
#define USERBENCH_LOG_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

/** log_stream() - where messages and progress go: stderr unless set */
FILE *log_stream(void);

/** log_to() - send them elsewhere; NULL for stderr again */
void log_to(FILE *f);

/** log_error() - "<program>: ..." on log_stream(), with a newline */
void log_error(const char *fmt, ...) PRINTF_LIKE(1, 2);

/**
 * log_note() - something left out or done differently
 * @fmt: as for printf()
 *
 * Shown at once, and kept for guest.json. Meant for a few dozen.
 */
void log_note(const char *fmt, ...) PRINTF_LIKE(1, 2);

/** log_notes() - the notes so far; *@count of them, owned by log.c */
char *const *log_notes(size_t *count);

/** log_forget() - drop all notes (between two runs in one process) */
void log_forget(void);

#endif /* USERBENCH_LOG_H */
