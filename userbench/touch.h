/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a process does with the bytes that were delivered to it. */
#ifndef USERBENCH_TOUCH_H
#define USERBENCH_TOUCH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define TOUCH_LINE_BYTES 64

/**
 * enum touch - how much of them it looks at
 * @TOUCH_DEFAULT: what the engine says
 * @TOUCH_NONE: nothing
 * @TOUCH_LINE: a word of every 64-byte line
 * @TOUCH_SUM: every word, added up
 */
enum touch {
	TOUCH_DEFAULT,
	TOUCH_NONE,
	TOUCH_LINE,
	TOUCH_SUM
};

/** touch_name() - as on the command line */
static inline const char *touch_name(enum touch touch)
{
	static const char *const names[] = {
		[TOUCH_DEFAULT] = "default",
		[TOUCH_NONE] = "none",
		[TOUCH_LINE] = "line",
		[TOUCH_SUM] = "sum",
	};

	return names[touch];
}

/* Every aligned line of which a byte was asked for */
static inline uint64_t touch_lines(const uint8_t *at, const uint8_t *end)
{
	uint64_t sum = 0;
	uint64_t word;

	for (; end - at >= (ptrdiff_t)sizeof(word);
	     at += TOUCH_LINE_BYTES - (uintptr_t)at % TOUCH_LINE_BYTES) {
		memcpy(&word, at, sizeof(word));
		__asm__ volatile("" : "+r"(word)); /* none is dropped */
		sum += word;
	}
	if (at < end)
		sum += *(const volatile uint8_t *)at;
	return sum;
}

static inline uint64_t touch_all(const uint8_t *at, const uint8_t *end)
{
	uint64_t sum = 0;
	uint64_t word;

	for (; end - at >= (ptrdiff_t)sizeof(word); at += sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		sum += word;
	}
	while (at < end)
		sum += *at++;
	return sum;
}

/**
 * touch_bytes() - look at delivered bytes
 * @data: where they are, any alignment
 * @bytes: how many
 * @touch: how; TOUCH_DEFAULT is as TOUCH_NONE
 *
 * What was read is kept alive, and read after everything before it.
 */
static inline void touch_bytes(const void *data, size_t bytes, enum touch touch)
{
	const uint8_t *at = data;
	uint64_t sum;

	if (touch < TOUCH_LINE)
		return;
	__asm__ volatile("" : : : "memory");
	sum = touch == TOUCH_LINE ? touch_lines(at, at + bytes)
				  : touch_all(at, at + bytes);
	__asm__ volatile("" : : "r"(sum));
}

#endif /* USERBENCH_TOUCH_H */
