// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The words that a seeded device must give.
 *
 * For generator glibc they come from this program's own C library, so from an
 * implementation that shares nothing with the device. For another generator
 * they come from the device's RNG register, one by one, and thus only show that
 * all paths give the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "guest.h"

static uint32_t *stream;
static long loaded = -1; /* generator that stream is of */

/** words_of() - words that a request of @bytes takes */
size_t words_of(size_t bytes)
{
	return (bytes + 3) / 4;
}

/** seed() - start the stream that stream_is() knows */
bool seed(int fd)
{
	uint32_t value = SEED;

	return ioctl(fd, MY_RNG_IOC_SEED, &value) == 0;
}

static void load_glibc(void)
{
	static char state[128]; /* the size that makes random() as rand() */
	struct random_data data = {};
	int32_t word;
	size_t i;

	initstate_r(SEED, state, sizeof(state), &data);
	for (i = 0; i < STREAM_WORDS; i++) {
		random_r(&data, &word);
		stream[i] = word;
	}
}

static bool load_from_device(const struct target *t)
{
	int fd = target_open(t, 0);
	bool ok = seed(fd);
	size_t i;

	for (i = 0; ok && i < STREAM_WORDS; i++)
		ok = ioctl(fd, MY_RNG_IOC_GET, &stream[i]) == 0;
	close(fd);
	return ok;
}

/** stream_load() - know the stream of a device. Return: whether that worked */
bool stream_load(const struct target *t)
{
	if (target_is_null(t) || loaded == (long)t->info.generator)
		return true;
	if (!stream)
		stream = malloc(STREAM_WORDS * sizeof(*stream));
	if (!stream)
		return false;
	if (t->info.generator == MY_RNG_GEN_GLIBC)
		load_glibc();
	else if (!load_from_device(t))
		return false;
	loaded = t->info.generator;
	return true;
}

/** stream_word() - word number @word after the seed */
uint32_t stream_word(size_t word)
{
	return stream[word];
}

/**
 * stream_is() - whether bytes are those of the stream
 * @t: where they come from; the null device gives zeros
 * @word: the word that the first byte begins
 * @got: the bytes
 * @n: how many
 *
 * Return: true if they are; else a note shows the first that differs.
 */
bool stream_is(const struct target *t, size_t word, const void *got, size_t n)
{
	const uint8_t *bytes = got;
	size_t i;

	if (target_is_null(t)) {
		for (i = 0; i < n && !bytes[i]; i++)
			;
	} else {
		const uint8_t *want = (const uint8_t *)(stream + word);

		if (word + words_of(n) > STREAM_WORDS) {
			tap_note("the test asks for more words than it knows");
			return false;
		}
		if (!memcmp(bytes, want, n))
			return true;
		for (i = 0; i < n && bytes[i] == want[i]; i++)
			;
	}
	if (i < n)
		tap_note("byte %zu of %zu, from word %zu, differs", i, n, word);
	return i == n;
}
