/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files and programs for the analysis tests: a scratch folder, golden files. */
#ifndef TESTS_UNIT_ANALYSIS_FILES_H
#define TESTS_UNIT_ANALYSIS_FILES_H

#include <glib.h>
#include <glib/gstdio.h>

#include "tap.h"

#define GOLDEN "tests/unit/analysis/golden/"

static inline char *scratch_new(void)
{
	char *dir = g_dir_make_tmp("exitcost-test-XXXXXX", NULL);

	g_assert(dir);
	return dir;
}

/* Files left in a folder. */
static inline guint scratch_count(const char *dir)
{
	GDir *d = g_dir_open(dir, 0, NULL);
	guint n = 0;

	while (g_dir_read_name(d))
		n++;
	g_dir_close(d);
	return n;
}

/* Removes the folder and the files in it (there are no folders in it). */
static inline void scratch_free(char *dir)
{
	GDir *d = g_dir_open(dir, 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(d))) {
		char *path = g_build_filename(dir, name, NULL);

		g_unlink(path);
		g_free(path);
	}
	g_dir_close(d);
	g_rmdir(dir);
	g_free(dir);
}

static inline char *scratch_write(const char *dir, const char *name,
				  const char *text)
{
	char *path = g_build_filename(dir, name, NULL);

	g_assert(g_file_set_contents(path, text, -1, NULL));
	return path;
}

static inline char *text_of(const char *path)
{
	char *text = NULL;

	g_file_get_contents(path, &text, NULL, NULL);
	return text;
}

/* @text with its one and only @from replaced by @to; @text is freed. */
static inline char *replaced(char *text, const char *from, const char *to)
{
	char **parts = g_strsplit(text, from, -1);
	char *with;

	g_assert(g_strv_length(parts) == 2);
	with = g_strjoinv(to, parts);
	g_strfreev(parts);
	g_free(text);
	return with;
}

/* A file of the tests whose rows of lane tcg are of lane @lane instead. */
static inline char *text_in_lane(const char *path, const char *lane)
{
	char *text = text_of(path);
	char **parts = g_strsplit(text, "\ntcg\t", -1);
	char *between = g_strdup_printf("\n%s\t", lane);
	char *with = g_strjoinv(between, parts);

	g_strfreev(parts);
	g_free(between);
	g_free(text);
	return with;
}

/* The tool's exit status; *@complaint receives what it wrote to stderr. */
static inline int run(const char *const *argv, char **complaint)
{
	GError *err = NULL;
	char *ignored = NULL;
	int status = -1;

	g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL,
		     &ignored, complaint, &status, &err);
	g_free(ignored);
	if (err) {
		diag("%s: %s", argv[0], err->message);
		*complaint = g_strdup(err->message);
		g_error_free(err);
		return -1;
	}
	return g_spawn_check_wait_status(status, NULL) ? 0 : 1;
}

/*
 * One test: the file at @path equals the golden one, byte for byte. With
 * RECORD_GOLDENS in the environment it becomes the golden one.
 */
static inline void is_golden(const char *path, const char *golden,
			     const char *name)
{
	char *got = text_of(path);
	char *want = text_of(golden);

	if (got && g_getenv("RECORD_GOLDENS")) {
		g_assert(g_file_set_contents(golden, got, -1, NULL));
		diag("recorded %s", golden);
		skip(name, "recorded anew");
	} else if (!ok(got && want && !strcmp(got, want), name)) {
		diag("%s differs from %s; if the change is meant: "
		     "make analysis-goldens",
		     path, golden);
	}
	g_free(got);
	g_free(want);
}

#endif /* TESTS_UNIT_ANALYSIS_FILES_H */
