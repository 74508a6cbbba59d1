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

static size_t add(struct target *t, size_t n, const char *prefix,
		  const char *generator, const struct engine *engine)
{
	if (n == TARGETS_MAX)
		return n;
	memset(&t[n], 0, sizeof(t[n]));
	snprintf(t[n].variant, sizeof(t[n].variant), "%s%s", prefix,
		 generator ? generator : "");
	t[n].source.generator = generator;
	t[n].device = -1;
	t[n].engines[0] = engine;
	return n + 1;
}

static size_t roofs(struct target *t)
{
	size_t n = add(t, 0, "host-memcpy", NULL, &engine_memcpy);

	n = add(t, n, "host-generator", NULL, &engine_generator);
	for (size_t i = 0; my_rng_gens[i]; i++)
		n = add(t, n, "host-gen-", my_rng_gens[i]->name, &engine_fill);
	return add(t, n, "host-rand", NULL, &engine_rand);
}

static int study(const struct options *o)
{
	const MyRngGen *generator = generator_select(o->generator);
	struct target targets[TARGETS_MAX];
	char names[256] = "";
	size_t used = 0;

	if (generator)
		return study_run(o, targets, roofs(targets), generator->name);
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
		options_help(PROGRAM_HOSTBENCH, stdout);
	else if (o.mode == MODE_VERSION)
		puts("hostbench " BENCH_VERSION);
	else if (study(&o))
		return EXIT_FAILURE;
	return EXIT_SUCCESS;
}
