// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TAP 13 output with a common prefix for test names.
 */
#include <stdarg.h>
#include <stdio.h>

#include "guest.h"

static char prefix[64];
static int run, failed;

/** tap_start() - the version line; output is by line, for a person to follow */
void tap_start(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n");
}

/** tap_end() - the plan. Return: what main() returns, 0 if all held */
int tap_end(void)
{
	printf("1..%d\n", run);
	return failed || !run;
}

/** tap_prefix() - what the names of the following tests start with */
void tap_prefix(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(prefix, sizeof(prefix), fmt, ap);
	va_end(ap);
}

/** tap_note() - a line for the person who reads */
void tap_note(const char *fmt, ...)
{
	va_list ap;

	printf("# ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

/** tap_ok() - one result. Return: @held */
bool tap_ok(bool held, const char *fmt, ...)
{
	va_list ap;

	run++;
	failed += !held;
	printf("%sok %d - %s/", held ? "" : "not ", run, prefix);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	return held;
}

/** tap_skip() - a test that cannot run here */
void tap_skip(const char *reason, const char *fmt, ...)
{
	va_list ap;

	printf("ok %d - %s/", ++run, prefix);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf(" # SKIP %s\n", reason);
}
