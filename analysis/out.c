// SPDX-License-Identifier: GPL-2.0-or-later
/* Writes a finished text to a file: all of it or nothing. */
#include "out.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(const char *path, int error, GError **err)
{
	g_set_error(err, G_FILE_ERROR, (int)g_file_error_from_errno(error),
		    "%s: cannot be written: %s", path, g_strerror(error));
	return false;
}

static bool write_all(int fd, const char *path, const GString *text,
		      GError **err)
{
	gsize done = 0;

	while (done < text->len) {
		ssize_t n = write(fd, text->str + done, text->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(path, errno, err);
		done += (gsize)n;
	}
	return true;
}

static bool write_in_place(const char *path, const GString *text, GError **err)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	bool good;

	if (fd < 0)
		return fail(path, errno, err);
	good = write_all(fd, path, text, err);
	if (close(fd) && good)
		return fail(path, errno, err);
	return good;
}

/* Only such a path may be replaced by a rename. */
static bool is_new_or_regular(const char *path)
{
	struct stat st;

	return lstat(path, &st) ? errno == ENOENT : S_ISREG(st.st_mode);
}

bool out_save(const char *path, const GString *text, GError **err)
{
	if (!strcmp(path, "-"))
		return write_all(STDOUT_FILENO, "standard output", text, err);
	if (!is_new_or_regular(path))
		return write_in_place(path, text, err);
	return g_file_set_contents_full(path, text->str, (gssize)text->len,
					G_FILE_SET_CONTENTS_CONSISTENT |
						G_FILE_SET_CONTENTS_DURABLE,
					0644, err);
}
