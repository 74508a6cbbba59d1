/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that calls write to, in pages of a known kind. */
#ifndef USERBENCH_BUFFER_H
#define USERBENCH_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct buffer - resident memory
 * @data: page-aligned; NULL: there is none
 * @map: what was mapped for it, with what keeps it apart
 * @map_bytes: of @map
 * @locked: it cannot be swapped out
 */
struct buffer {
	void *data;
	void *map;
	size_t map_bytes;
	bool locked;
};

/**
 * buffer_make() - memory in ordinary pages
 * @b: result, to be given back with buffer_free()
 * @bytes: how much
 *
 * Return: 0, or -1 after a message.
 */
int buffer_make(struct buffer *b, size_t bytes);

/**
 * buffer_make_huge() - memory that lies in huge pages, every byte of it
 * @b: result, to be given back with buffer_free()
 * @bytes: how much
 *
 * Reserved huge pages where there are enough, else transparent ones, which are
 * asked for and then looked up in /proc/self/smaps.
 *
 * Return: 0, or -1 without a message: there are none to be had.
 */
int buffer_make_huge(struct buffer *b, size_t bytes);

/** buffer_free() - give it back; nothing for one without memory */
void buffer_free(struct buffer *b);

#endif /* USERBENCH_BUFFER_H */
