/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One-line files of sysfs and proc. */
#ifndef USERBENCH_SYSFS_H
#define USERBENCH_SYSFS_H

#include <stddef.h>

/**
 * sysfs_read() - first line of @path without its newline
 * @path: file
 * @text: gets the line
 * @size: room in @text, its NUL included
 *
 * Return: 0, or -1, errno and an empty @text.
 */
int sysfs_read(const char *path, char *text, size_t size);

/** sysfs_write() - write @text to @path; 0, or -1 and errno */
int sysfs_write(const char *path, const char *text);

#endif /* USERBENCH_SYSFS_H */
