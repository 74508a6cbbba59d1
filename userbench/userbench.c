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

static const char help[] =
	"usage: userbench --study --lane NAME --raw FILE [--meta FILE] "
	"[options]\n"
	"       userbench --device NODE [--size N] [--seconds S] [options]\n"
	"       userbench --list | --version | --help\n"
	"\n"
	"Measures what a call costs that fetches random bytes: by every data "
	"path\n"
	"of every my_rng device, and by controls beside them.\n"
	"\n"
	"By hand, prints a table:\n"
	"  --device NODE    /dev/my_rng0, /dev/my_rng_null, /dev/hwrng, ...\n"
	"  --size N         bytes per call, k and M allowed (default 4k)\n"
	"  --seconds S      how long (default 2)\n"
	"  --access A       read (default), read-huge (into huge pages), "
	"read-fixed\n"
	"                   (into a registered buffer), ioctl (one 4-byte "
	"number), mmap\n"
	"                   (in place, no system call) or uring (reads by "
	"io_uring, up to\n"
	"                   32 a system call)\n"
	"  --pages P        the buffer's, with any access: small (default) or "
	"huge\n"
	"  --touch T        what is done with the bytes: none, line (a word "
	"of\n"
	"                   every 64 bytes) or sum; default none, of mmap "
	"line.\n"
	"                   In a study too\n"
	"  --threads N      at once, each on a CPU of its own (default 1)\n"
	"  --path P         read path, for devices with two: fifo or "
	"fifo-mmio,\n"
	"                   dma, dma-msi, dma-zc, dma-zc-msi, dma-q or "
	"dma-q-msi,\n"
	"                   window or window-uc\n"
	"  --list           what can be measured here\n"
	"\n"
	"A study, all cells in random order, several times:\n"
	"  --lane NAME      what runs this machine (tcg, kvm, ...); or $LANE\n"
	"  --raw FILE       samples, one row each\n"
	"  --meta FILE      guest.json: how and under what they were taken\n"
	"  --quick          fewer sizes, shorter samples\n"
	"  --times FILE     take requests apart: also each path with the "
	"device's modes\n"
	"                   and controls of the driver; the device's stopwatch "
	"to FILE\n"
	"  --scale          ask by 1, 2 and 4 threads: one device, and two of "
	"a kind\n"
	"  --reps N         repetitions of each cell (default 9, quick 5)\n"
	"  --sample-ms N    length of a sample (default 50, quick 20)\n"
	"  --count N        no timing: N calls of each cell, once, for "
	"counting exits\n"
	"  --max-call S     leave out cells whose call takes longer (default "
	"1)\n"
	"  --seed N         of the order (default: a random one, recorded)\n"
	"  --only GLOB...   only cells whose variant, or "
	"VARIANT/ACCESS/BYTES/\n"
	"                   THREADS, matches one of the globs\n"
	"  --controls-only  only what needs no device: getrandom, memcpy, "
	"getppid\n"
	"\n"
	"Examples:\n"
	"  userbench --device /dev/my_rng0 --size 4k --seconds 2\n"
	"  userbench --device /dev/my_rng2 --path fifo-mmio --size 64k\n"
	"  userbench --device /dev/my_rng0 --access ioctl\n"
	"  userbench --study --quick --lane tcg --raw raw.tsv --meta "
	"guest.json\n"
	"  userbench --study --lane tcg --raw raw.tsv --only 'dma*' "
	"'*/65536/*'\n";

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
			   : targets_find(targets, false);
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
		fputs(help, stdout);
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
