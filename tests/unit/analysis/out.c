// SPDX-License-Identifier: GPL-2.0-or-later
/* Unit tests of analysis/out.c: a file is written whole or not at all. */
#include "out.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static void test_new(const char *dir, const GString *text)
{
	char *path = g_build_filename(dir, "new", NULL);
	char *got;

	ok(out_save(path, text, NULL), "analysis/out/writes-a-new-file");
	got = text_of(path);
	is_str(got, text->str, "analysis/out/writes-all-of-it");
	is_int(scratch_count(dir), 1, "analysis/out/leaves-no-temporary-file");
	g_free(got);
	g_unlink(path);
	g_free(path);
}

static void test_no_folder(const GString *text)
{
	GError *err = NULL;

	ok(!out_save("/nonexistent/new", text, &err) && err &&
		   strstr(err->message, "/nonexistent/new"),
	   "analysis/out/names-what-it-cannot-write");
	g_clear_error(&err);
}

static void test_full_device(const GString *text)
{
	GError *err = NULL;
	bool held = !out_save("/dev/full", text, &err) && err &&
		    strstr(err->message, "/dev/full: cannot be written");

	ok(held, "analysis/out/reports-a-full-disk");
	ok(g_file_test("/dev/full", G_FILE_TEST_EXISTS) &&
		   !g_file_test("/dev/full", G_FILE_TEST_IS_REGULAR),
	   "analysis/out/never-replaces-a-device");
	g_clear_error(&err);
}

/* A limit on file sizes stands for a disk that fills up while writing. */
static void test_filling_disk(const char *dir, const GString *text)
{
	char *path = scratch_write(dir, "old", "old content");
	struct rlimit before, small;
	char *got;

	getrlimit(RLIMIT_FSIZE, &before);
	small = before;
	small.rlim_cur = 16;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	small.rlim_cur = out_save(path, text, NULL);
	setrlimit(RLIMIT_FSIZE, &before);
	ok(!small.rlim_cur, "analysis/out/reports-a-disk-that-fills-up");
	got = text_of(path);
	is_str(got, "old content", "analysis/out/keeps-the-old-file");
	is_int(scratch_count(dir), 1,
	       "analysis/out/removes-the-temporary-file-on-failure");
	g_free(got);
	g_unlink(path);
	g_free(path);
}

static void test_link(const char *dir, const GString *text)
{
	char *file = scratch_write(dir, "file", "");
	char *link = g_build_filename(dir, "link", NULL);
	char *got;

	if (symlink(file, link))
		diag("symlink failed");
	ok(out_save(link, text, NULL) &&
		   g_file_test(link, G_FILE_TEST_IS_SYMLINK),
	   "analysis/out/writes-through-a-link");
	got = text_of(file);
	is_str(got, text->str, "analysis/out/writes-the-file-behind-a-link");
	g_free(got);
	g_free(file);
	g_free(link);
}

int main(void)
{
	GString *text = g_string_new("one line\nanother line, long enough\n");
	char *dir = scratch_new();

	test_new(dir, text);
	test_no_folder(text);
	test_full_device(text);
	test_filling_disk(dir, text);
	test_link(dir, text);
	scratch_free(dir);
	g_string_free(text, TRUE);
	done_testing();
	return exit_status();
}
