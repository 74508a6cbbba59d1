/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What our host programs do alike: options, complaints, how they end. */
#ifndef ANALYSIS_CLI_H
#define ANALYSIS_CLI_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * complain - set an error
 * @err: receives it
 * @format: what is wrong and what to do, as for printf()
 *
 * Return: false, for the caller to pass on.
 */
bool complain(GError **err, const char *format, ...) G_GNUC_PRINTF(2, 3);

/**
 * complain_at - set an error about a line of what was read
 * @err: receives it
 * @line: the line's number, from 1; 0: before the first
 * @format: as for complain()
 *
 * Return: false.
 */
bool complain_at(GError **err, uint64_t line, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

/**
 * cli_parse - take a program's options out of its command line
 * @help: what the program does, for --help
 * @entries: its options, as for g_option_context_add_main_entries()
 * @argc: of main(); without the options afterwards
 * @argv: likewise
 * @err: what is wrong with them
 *
 * Return: whether all is well.
 */
bool cli_parse(const char *help, const GOptionEntry *entries, int *argc,
	       char ***argv, GError **err);

/**
 * cli_end - say what went wrong, if anything
 * @program: its name
 * @good: nothing did
 * @err: what did; freed
 *
 * Return: what main() returns.
 */
int cli_end(const char *program, bool good, GError *err);

#endif /* ANALYSIS_CLI_H */
