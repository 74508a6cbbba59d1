/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes a finished text to a file: all of it or nothing. */
#ifndef ANALYSIS_OUT_H
#define ANALYSIS_OUT_H

#include <glib.h>
#include <stdbool.h>

/**
 * out_save - write a text to a file, all of it or nothing
 * @path: where to; "-" is standard output
 * @text: what to write
 * @err: set when it could not be written
 *
 * A new or regular file is written under a temporary name beside @path, synced
 * and renamed, so that @path holds the old content or the new, never a part.
 * Anything else (a device, a pipe, a symbolic link) is written in place.
 *
 * Return: whether everything was written.
 */
bool out_save(const char *path, const GString *text, GError **err);

#endif /* ANALYSIS_OUT_H */
