// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of the device without a guest, as TAP.
 *
 * usage: device-test --qemu PATH [--variants "32 64 fifo dma window ring"]
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../unit/tap.h"
#include "dev.h"

static const struct suite *const all_suites[] = {
	identity_suites,  stream_suites,        regs_suites,
	fifo_suites,      dma_suites,           dma_sg_suites,
	dma_queue_suites, dma_queuelife_suites, window_suites,
	state_suites,     modes_suites,         ring_suites,
	ringlife_suites,  lockless_suites,      corrupt_suites,
};

bool check(bool held, const char *fmt, ...)
{
	char name[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	return ok(held, name);
}

bool check_eq(uint64_t got, uint64_t want, const char *fmt, ...)
{
	char name[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	return is_int(got, want, name);
}

static void __attribute__((noreturn)) usage(const char *problem)
{
	fprintf(stderr,
		"device-test: %s\n"
		"usage: device-test --qemu PATH [--variants \"32 64 fifo dma "
		"window ring\"]\n",
		problem);
	exit(2);
}

static const char *variants = "32 64 fifo dma window ring";

bool has_variant(const char *name)
{
	const char *at = variants;
	size_t n = strlen(name);

	while (strncmp(at, name, n) || (at[n] && at[n] != ' ')) {
		at = strchr(at, ' ');
		if (!at)
			return false;
		at++;
	}
	return true;
}

static void run_suites(const char *variant)
{
	size_t i;

	for (i = 0; i < sizeof(all_suites) / sizeof(all_suites[0]); i++) {
		const struct suite *suite = all_suites[i];

		for (; suite->run; suite++)
			if (!suite->variant || !strcmp(suite->variant, variant))
				suite->run(variant);
	}
}

int main(int argc, char **argv)
{
	const char *qemu = NULL;
	char *list, *variant, *rest;
	int i;

	for (i = 1; i < argc; i += 2) {
		if (i + 1 == argc)
			usage("an option without a value");
		if (!strcmp(argv[i], "--qemu"))
			qemu = argv[i + 1];
		else if (!strcmp(argv[i], "--variants"))
			variants = argv[i + 1];
		else
			usage("unknown option");
	}
	if (!qemu)
		usage("--qemu is missing");
	if (access(qemu, X_OK))
		usage("the emulator given is not there; build it with make");
	vm_setup(qemu);
	list = strdup(variants);
	for (variant = strtok_r(list, " ", &rest); variant;
	     variant = strtok_r(NULL, " ", &rest))
		run_suites(variant);
	free(list);
	done_testing();
	return exit_status();
}
