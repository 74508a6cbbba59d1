/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A minimal TAP 13 producer for unit tests: header only, one thread, one test
 * program per translation unit.
 *
 * Use: plan(n) first, or done_testing() last; end main() with
 * `return exit_status();`. Test names are given in full,
 * `<layer>/<unit>/<behaviour>`. Every check returns whether it held, so that
 * dependent checks can be left out.
 */
#ifndef TESTS_UNIT_TAP_H
#define TESTS_UNIT_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/** struct tap_state - counters of this test program */
static struct tap_state {
	int planned; /* -1: no plan yet */
	int run;
	int failed;
	bool announced; /* "TAP version" was written */
} tap = { .planned = -1 };

static inline void tap_announce(void)
{
	if (tap.announced)
		return;
	tap.announced = true;
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n");
}

/** plan() - announce the number of tests; call first, or use done_testing() */
static inline void plan(int tests)
{
	tap_announce();
	tap.planned = tests;
	printf("1..%d\n", tests);
}

/** diag() - a comment line for the person reading, printf style */
static inline void __attribute__((format(printf, 1, 2)))
diag(const char *fmt, ...)
{
	va_list ap;

	tap_announce();
	printf("# ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

/** ok() - one test; @name is the full test name */
static inline bool ok(bool held, const char *name)
{
	tap_announce();
	tap.run++;
	if (!held)
		tap.failed++;
	printf("%sok %d - %s\n", held ? "" : "not ", tap.run, name);
	return held;
}

/** is_int() - one test: two integers are equal; shows both when not */
static inline bool is_int(long long got, long long expected, const char *name)
{
	bool held = ok(got == expected, name);

	if (!held)
		diag("got %lld, expected %lld", got, expected);
	return held;
}

/** is_str() - one test: two strings are equal; NULL equals only NULL */
static inline bool is_str(const char *got, const char *expected,
			  const char *name)
{
	bool equal =
		got && expected ? !strcmp(got, expected) : !got && !expected;
	bool held = ok(equal, name);

	if (!held)
		diag("got \"%s\", expected \"%s\"", got ? got : "(null)",
		     expected ? expected : "(null)");
	return held;
}

/** skip() - one test that cannot run here, and why */
static inline void skip(const char *name, const char *reason)
{
	tap_announce();
	tap.run++;
	printf("ok %d - %s # SKIP %s\n", tap.run, name, reason);
}

/** done_testing() - write the plan last, when plan() was not called */
static inline void done_testing(void)
{
	if (tap.planned < 0)
		plan(tap.run);
}

/** exit_status() - what main() returns: 0 only if all ran and all held */
static inline int exit_status(void)
{
	if (tap.planned >= 0 && tap.planned != tap.run) {
		diag("planned %d tests, ran %d", tap.planned, tap.run);
		return 1;
	}
	if (!tap.run) {
		diag("no test was run");
		return 1;
	}
	return tap.failed ? 1 : 0;
}

#endif /* TESTS_UNIT_TAP_H */
