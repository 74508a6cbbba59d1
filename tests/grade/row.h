/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a check of make grade is called, wants and is worth, and the line that
 * says how it went; the same on the host and in the guest.
 */
#ifndef TESTS_GRADE_ROW_H
#define TESTS_GRADE_ROW_H

/* Longest note, with its NUL */
#define NOTE_SIZE 640

/**
 * struct row - the fixed part of a check
 * @id: half and subject, "device/sequence"
 * @points: what it gives at most; 0: only a note, it cannot fail
 * @wants: what the exercise asks for
 */
struct row {
	const char *id;
	unsigned int points;
	const char *wants;
};

/** enum mark - how a check went, in halves of its points */
enum mark {
	MARK_NONE,
	MARK_HALF,
	MARK_FULL
};

/**
 * say_note() - set the note of a check
 * @note: result, NOTE_SIZE bytes
 * @fmt: as for printf()
 */
void say_note(char *note, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * print_row() - one line on stdout: id, points at most, points, wants, note,
 * separated by tabs
 * @row: the check
 * @mark: how it went
 * @note: why, or what else was seen; may be empty
 */
void print_row(const struct row *row, enum mark mark, const char *note);

#endif /* TESTS_GRADE_ROW_H */
