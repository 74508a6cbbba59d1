/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of userbench and hostbench. */
#ifndef USERBENCH_OPTIONS_H
#define USERBENCH_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "touch.h"

#define BENCH_VERSION "1.0"
#define OPTIONS_GLOBS 400
#define BYTES_MAX     (1ull << 30) /* per call, by hand */
#define THREADS_MAX   64

enum program {
	PROGRAM_USERBENCH = 1,
	PROGRAM_HOSTBENCH = 2
};

enum mode {
	MODE_HELP,
	MODE_VERSION,
	MODE_STUDY,
	MODE_HAND,
	MODE_LIST
};

/**
 * struct options - what was asked
 * @mode: what to do
 * @args: the command line, for the record
 * @quick: the short plan
 * @scale: ask by one, two and four threads, one device and two of a kind
 * @controls_only: only what needs no device
 * @lane: value of the lane column; never NULL in a study
 * @raw: raw.tsv to write
 * @times: times.tsv to write: a study that takes requests apart; or NULL
 * @meta: guest.json to write, or NULL
 * @seed: of the cell order
 * @boot: number of this boot, or start of the program, from 1
 * @rounds: so many rounds of each group; 0: until @seconds are over
 * @again: also the second device of a kind
 * @count: not a timed study: so many calls of each cell, for counting; 0: timed
 * @call_s: a cell whose one call takes longer is left out
 * @touch: what to do with delivered bytes, or TOUCH_DEFAULT
 * @only: globs
 * @only_count: how many
 * @generator: hostbench: name of the generator, or NULL for the default
 * @device: by hand: device node
 * @path: by hand: read path wanted, or NULL
 * @access: by hand: "read", "ioctl" or another engine's
 * @huge: by hand: the buffer lies in huge pages, whatever the access
 * @size: by hand: bytes per call
 * @threads: by hand
 * @seconds: how long to measure, by hand or in a study; 0 with @rounds
 * @slice_ms: length of a slice, by hand or in a study
 */
struct options {
	enum mode mode;
	char **args;
	bool quick;
	bool scale;
	bool controls_only;
	const char *lane;
	const char *raw;
	const char *times;
	const char *meta;
	uint64_t seed;
	unsigned int boot;
	unsigned int rounds;
	bool again;
	uint64_t count;
	double call_s;
	enum touch touch;
	const char *only[OPTIONS_GLOBS];
	size_t only_count;
	const char *generator;
	const char *device;
	const char *path;
	const char *access;
	bool huge;
	size_t size;
	unsigned int threads;
	double seconds;
	unsigned int slice_ms;
};

/**
 * options_parse() - read a command line
 * @o: gets what was asked
 * @argc: as for main()
 * @program: which of the two; they share most options
 * @argv: kept by reference, as options point into it; may be permuted
 * @error: gets one sentence saying what is wrong and what is valid
 * @error_size: room there
 *
 * Return: 0, or -1 and @error. Never exits and prints nothing.
 */
int options_parse(struct options *o, enum program program, int argc,
		  char **argv, char *error, size_t error_size);

/** options_help() - what --help prints */
void options_help(enum program program, FILE *f);

/**
 * parse_size() - "4096", "4k", "1M" (1024 each), 1 to BYTES_MAX
 * @text: what was given
 * @bytes: gets the size
 *
 * Return: 0, or -1 and *@bytes unchanged.
 */
int parse_size(const char *text, size_t *bytes);

/** parse_number() - a decimal number from @min to @max; 0 or -1 */
int parse_number(const char *text, uint64_t min, uint64_t max, uint64_t *n);

/** parse_seconds() - "2", "0.5"; 0.01 to 3600; 0 or -1 */
int parse_seconds(const char *text, double *seconds);

#endif /* USERBENCH_OPTIONS_H */
