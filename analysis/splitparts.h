/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a request's time goes: from slices and stamps to parts. */
#ifndef ANALYSIS_SPLITPARTS_H
#define ANALYSIS_SPLITPARTS_H

#include <glib.h>
#include <stdint.h>

#include "stats.h"

/* The request sizes a request is taken apart at, in bytes: userbench --times */
#define SPLIT_SIZES 3
extern const uint64_t split_sizes[SPLIT_SIZES];

/*
 * The parts of the time of one read(2), each found without the untraced total,
 * but for the last one. Names in brackets are cells of the same boot, each the
 * median of its accepted slices;
 * NAME+const is a device that answers without its generator, prices are what
 * the device measures in the emulator, stamps are its own.
 *
 * SYSCALL    [getppid]
 * DRIVER     [copy] of 4 bytes less [getppid], and the path's loop over memory:
 *            [ram-PATH] less [copy]
 * CROSSING   [NAME+const] less [copy] or [ram-zc], the loop, DISPATCH and that
 *            device's callback: from the instruction to the emulator's memory
 *            core and back; of zero-copy DMA with the driver's own mapping
 * DISPATCH   for each access a lock and a read through the memory core
 * CALLBACK   stamps of the device's accesses, less the parts below in them
 * GENERATOR  stamps around the generator
 * MEMORY     stamps around mapping and unmapping guest memory for DMA
 * INTERRUPT  [dma-msi+const] less [dma+const]: sent, handled, reader woken
 * COPY       [copy] less [copy] of 4 bytes; not where nothing is copied:
 * PIN        [ram-zc], which pins the pages and gives them back, less [copy] of
 *            4 bytes
 * UNEXPLAINED  the untraced total less all of them; may be negative
 */
enum split_part {
	SPLIT_SYSCALL,
	SPLIT_DRIVER,
	SPLIT_CROSSING,
	SPLIT_DISPATCH,
	SPLIT_CALLBACK,
	SPLIT_GENERATOR,
	SPLIT_MEMORY,
	SPLIT_INTERRUPT,
	SPLIT_COPY,
	SPLIT_PIN,
	SPLIT_UNEXPLAINED,
	SPLIT_PARTS,
};

/* As split.tsv and the plots call them, and in words for a reader */
extern const char *const split_names[SPLIT_PARTS];
extern const char *const split_words[SPLIT_PARTS];

/**
 * struct split - one path's request taken apart
 * @lane: lane, owned
 * @variant: the path, owned
 * @bytes: request size
 * @n: boots
 * @total: ns of a call, nothing traced and no mode on
 * @part: ns of a call; the middles add up to that of @total, as means do
 */
struct split {
	char *lane;
	char *variant;
	uint64_t bytes;
	guint n;
	struct stats_interval total;
	struct stats_interval part[SPLIT_PARTS];
};

/**
 * split_read_samples - take apart what userbench --times measured
 * @raw: its raw file
 * @times: its times file
 * @err: what is wrong with one of them, or a control is missing
 *
 * Return: struct split pointers, in the order of the paths and sizes, freed with
 * g_ptr_array_unref(); or NULL.
 */
GPtrArray *split_read_samples(const char *raw, const char *times, GError **err);

/** split_array_new - room for struct split pointers, which it owns */
GPtrArray *split_array_new(void);

/**
 * split_explained - how much of the total is explained
 * @s: a split
 *
 * Return: 1 less the unexplained part's share, whatever its sign; the interval is
 * that of this part.
 */
struct stats_interval split_explained(const struct split *s);

/**
 * split_read - read a split.tsv
 * @path: the file
 * @err: what is wrong with it
 *
 * Return: as split_read_samples().
 */
GPtrArray *split_read(const char *path, GError **err);

/**
 * split_text - a split.tsv
 * @splits: struct split pointers
 *
 * One row for each part and one for the total: ns with its interval, and the
 * share of the total.
 */
GString *split_text(const GPtrArray *splits);

#endif /* ANALYSIS_SPLITPARTS_H */
