// SPDX-License-Identifier: GPL-2.0-or-later
/* split: takes requests apart, from userbench --times to split.tsv. */
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"
#include "out.h"
#include "splitparts.h"

static const char help[] =
	"Reads RESULTS_DIR/split-raw.tsv and times.tsv, which `userbench "
	"--times`\n"
	"wrote, and writes for each path and size where the time of a request "
	"goes:\n"
	"from untraced times, their differences to controls, and the device's "
	"own\n"
	"stamps, boot by boot. What they do not explain is a part "
	"of its\n"
	"own. The file is written whole or not at all.";

struct options {
	char *output;
	char **dirs;
};

static bool parse_options(struct options *o, int *argc, char ***argv,
			  GError **err)
{
	const GOptionEntry entries[] = {
		{ "output", 'o', 0, G_OPTION_ARG_FILENAME, &o->output,
		  "where to write split.tsv (- is standard output)", "FILE" },
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY,
		  &o->dirs, NULL, "RESULTS_DIR" },
		{ NULL },
	};
	bool good = cli_parse(help, entries, argc, argv, err);

	if (good && (!o->output || !o->dirs || o->dirs[1])) {
		g_set_error(err, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
			    "expected one results folder and -o FILE; try: "
			    "split results/latest -o split.tsv");
		return false;
	}
	return good;
}

static bool make_split(const struct options *o, GError **err)
{
	char *raw = g_build_filename(o->dirs[0], "split-raw.tsv", NULL);
	char *times = g_build_filename(o->dirs[0], "times.tsv", NULL);
	GPtrArray *splits = split_read_samples(raw, times, err);
	bool good = splits != NULL;

	if (good) {
		GString *text = split_text(splits);

		good = out_save(o->output, text, err);
		if (!splits->len)
			fprintf(stderr,
				"split: warning: no path was measured "
				"undisturbed together with its controls "
				"in any boot: nothing is taken apart\n");
		g_string_free(text, TRUE);
		g_ptr_array_unref(splits);
	}
	g_free(raw);
	g_free(times);
	return good;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	GError *err = NULL;
	bool good =
		parse_options(&o, &argc, &argv, &err) && make_split(&o, &err);

	g_free(o.output);
	g_strfreev(o.dirs);
	return cli_end("split", good, err);
}
