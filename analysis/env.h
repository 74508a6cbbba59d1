/* SPDX-License-Identifier: GPL-2.0-or-later */
/* env.json of a run: what it ran on, as flat keys and values. */
#ifndef ANALYSIS_ENV_H
#define ANALYSIS_ENV_H

#include <glib.h>

/**
 * struct env_entry - one value
 * @key: names of the objects above it and its own, joined by dots; members of
 *	 an array that are not plain values are counted from 0
 * @value: as text; a list of plain values is joined by ", "
 */
struct env_entry {
	char *key;
	char *value;
};

/**
 * env_read - read an env.json
 * @path: the file
 * @err: why it cannot be read or is not a JSON object
 *
 * Return: struct env_entry pointers in the order of the file, freed with
 * g_ptr_array_unref(); or NULL.
 */
GPtrArray *env_read(const char *path, GError **err);

/**
 * env_get - the value of a key
 * @env: entries from env_read()
 * @key: the full key, such as "host.cpu"
 *
 * Return: the text, owned by @env, or NULL.
 */
const char *env_get(const GPtrArray *env, const char *key);

#endif /* ANALYSIS_ENV_H */
