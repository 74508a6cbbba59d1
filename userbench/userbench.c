// SPDX-License-Identifier: GPL-2.0-or-later
/* userbench: what it costs this machine to get bytes out of my_rng. */
#include <stdio.h>
#include <stdlib.h>

#include "device.h"
#include "hand.h"
#include "log.h"
#include "options.h"
#include "study.h"
#include "target.h"

#define USAGE_ERROR 2

static int study(const struct options *o)
{
	struct target targets[TARGETS_MAX];
	size_t count;
	int error;

	if (o->controls_only) {
		count = targets_controls(targets);
		return study_run(o, targets, count, NULL);
	}
	if (!devices_open()) {
		log_error("no my_rng device: there is no usable /dev/my_rng0. "
			  "Load my_rng.ko and start the machine with -device "
			  "my_rng; --controls-only measures without one");
		return -1;
	}
	count = o->times   ? targets_split(targets)
		: o->scale ? targets_scale(targets)
			   : targets_find(targets, o->again);
	error = study_run(o, targets, count, NULL);
	targets_release();
	devices_close();
	return error;
}

int main(int argc, char **argv)
{
	struct options o;
	char error[256];
	int failed = 0;

	if (options_parse(&o, PROGRAM_USERBENCH, argc, argv, error,
			  sizeof(error))) {
		log_error("%s", error);
		return USAGE_ERROR;
	}
	switch (o.mode) {
	case MODE_HELP:
		options_help(PROGRAM_USERBENCH, stdout);
		break;
	case MODE_VERSION:
		puts("userbench " BENCH_VERSION);
		break;
	case MODE_STUDY:
		failed = study(&o);
		break;
	case MODE_HAND:
		failed = hand_run(&o);
		break;
	case MODE_LIST:
		failed = hand_list();
		break;
	}
	if (fflush(stdout)) {
		log_error("cannot write to standard output");
		failed = -1;
	}
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
