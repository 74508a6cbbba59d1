// SPDX-License-Identifier: GPL-2.0-or-later
/* What our host programs do alike: options, complaints, how they end. */
#include "cli.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tsv.h"

bool complain(GError **err, const char *format, ...)
{
	va_list args;
	char *message;

	va_start(args, format);
	message = g_strdup_vprintf(format, args);
	va_end(args);
	g_set_error(err, TSV_ERROR, 0, "%s", message);
	g_free(message);
	return false;
}

bool complain_at(GError **err, uint64_t line, const char *format, ...)
{
	va_list args;
	char *message;

	va_start(args, format);
	message = g_strdup_vprintf(format, args);
	va_end(args);
	complain(err, "line %" PRIu64 ": %s", line, message);
	g_free(message);
	return false;
}

bool cli_parse(const char *help, const GOptionEntry *entries, int *argc,
	       char ***argv, GError **err)
{
	GOptionContext *context = g_option_context_new(NULL);
	bool good;

	g_option_context_set_summary(context, help);
	g_option_context_add_main_entries(context, entries, NULL);
	good = g_option_context_parse(context, argc, argv, err);
	g_option_context_free(context);
	return good;
}

int cli_end(const char *program, bool good, GError *err)
{
	if (good)
		return EXIT_SUCCESS;
	fprintf(stderr, "%s: %s\n", program, err->message);
	g_error_free(err);
	return EXIT_FAILURE;
}
