// SPDX-License-Identifier: GPL-2.0-or-later
/* hostbench: the roofs, measured in a plain process of the host. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine_generator.h"
#include "log.h"
#include "options.h"
#include "study.h"
#include "target.h"

#define USAGE_ERROR 2

static const char help[] =
	"usage: hostbench --lane NAME --raw FILE [--meta FILE] [options]\n"
	"\n"
	"Measures, in a plain process, the two things no data path of my_rng "
	"can\n"
	"exceed: the device's generator (variant host-generator) and memcpy\n"
	"(host-memcpy). Writes the same raw.tsv as userbench.\n"
	"\n"
	"  --lane NAME       the lane of the study these rows join; or $LANE\n"
	"  --raw FILE        samples, one row each\n"
	"  --meta FILE       how and under what they were taken (JSON)\n"
	"  --generator NAME  glibc (default), xoshiro256ss, ...\n"
	"  --quick           fewer sizes, shorter samples\n"
	"  --reps N          repetitions of each cell (default 9, quick 5)\n"
	"  --sample-ms N     length of a sample (default 50, quick 20)\n"
	"  --seed N          of the order (default: a random one, recorded)\n"
	"  --only GLOB...    only cells whose variant, or "
	"VARIANT/ACCESS/BYTES/\n"
	"                    THREADS, matches one of the globs\n"
	"  --version, --help\n"
	"\n"
	"Example:\n"
	"  hostbench --quick --lane tcg --raw host.tsv --generator "
	"xoshiro256ss\n";

static const struct target roofs[] = {
	{
		.variant = "host-memcpy",
		.device = -1,
		.engines = { &engine_memcpy },
	},
	{
		.variant = "host-generator",
		.device = -1,
		.engines = { &engine_generator },
	},
};

static int study(const struct options *o)
{
	const MyRngGen *generator = generator_select(o->generator);
	char names[128] = "";
	size_t used = 0;

	if (generator)
		return study_run(o, roofs, sizeof(roofs) / sizeof(roofs[0]),
				 generator->name);
	for (size_t i = 0; my_rng_gens[i] && used < sizeof(names); i++)
		used += snprintf(names + used, sizeof(names) - used, " %s",
				 my_rng_gens[i]->name);
	log_error("--generator %s: there is no such generator; give one of:%s",
		  o->generator, names);
	return -1;
}

int main(int argc, char **argv)
{
	struct options o;
	char error[256];

	if (options_parse(&o, PROGRAM_HOSTBENCH, argc, argv, error,
			  sizeof(error))) {
		log_error("%s", error);
		return USAGE_ERROR;
	}
	if (o.mode == MODE_HELP)
		fputs(help, stdout);
	else if (o.mode == MODE_VERSION)
		puts("hostbench " BENCH_VERSION);
	else if (study(&o))
		return EXIT_FAILURE;
	return EXIT_SUCCESS;
}
