// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Migration streams that no device can have sent: each field of each section of
 * ours, with a value that it cannot have. The destination must refuse them and say
 * what is wrong.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/pci_regs.h>

#include "life.h"
#include "queuedev.h"
#include "ringdev.h"

#define DEPTH 256 /* words ahead of a variant that does not care */

/* Where the fields of the device's own section begin, with generator glibc */
#define VARIANT_CAP 0
#define CAP         4
#define GENERATOR   8
#define FIFO_DEPTH  12
#define SAVED_WORDS 16
#define PCI_STATE   20
#define SAVED       (PCI_STATE + 4 + 256 + 16)
#define AHEAD       (SAVED + 31 * 4)
#define HEAD        (AHEAD + DEPTH * 4)
#define HELD        (HEAD + 4)
#define OFFERED     (HELD + 4)
#define MODE        (OFFERED + 4 + 8 * MY_RNG_STAT_COUNT + 4)

/* Those of the worker, with which the sections of ring and dma begin */
#define BASE  0
#define ON    8
#define ERROR 9

/* Those of the ring, with one piece */
#define RING_PROD_AT   34
#define RING_CONS_AT   42
#define RING_SIZE_AT   50
#define RING_PIECES_AT 54
#define RING_ADDR_AT   58
#define RING_LEN_AT    66
#define RING_END       70

/* Those of dma */
#define DMA_STATUS_AT      34
#define DMA_ERROR_AT       38
#define DMA_COUNT_AT       42
#define DMA_ENTRIES_AT     66
#define DMA_HEAD_AT        70
#define DMA_TAIL_AT        74
#define DMA_UNANNOUNCED_AT 86
#define DMA_END            98

#define FIFO_END 4

/**
 * struct stream - what a device sent
 * @bytes: all of it
 * @len: how many
 * @main: where the fields of the device's section begin
 * @sub: where those of its variant's do; 0: there are none
 */
struct stream {
	uint8_t *bytes;
	size_t len;
	size_t main;
	size_t sub;
};

/**
 * struct bad - a value that a field cannot have
 * @name: of the test
 * @variant: that has the field; NULL: any
 * @in_sub: it lies in the section of the variant
 * @at: the first byte of the field
 * @size: its bytes
 * @value: the value
 * @says: what the destination must say
 */
struct bad {
	const char *name;
	const char *variant;
	bool in_sub;
	unsigned int at;
	unsigned int size;
	uint64_t value;
	const char *says;
};

static const struct bad bad[] = {
	{ "variant", NULL, false, VARIANT_CAP, 4, 0x800000, "same variant=" },
	{ "cap", NULL, false, CAP, 4, 1, "same instrumented=" },
	{ "generator", NULL, false, GENERATOR, 4, 77, "same generator=" },
	{ "fifo-depth", NULL, false, FIFO_DEPTH, 4, 77, "same fifo-depth=" },
	{ "saved-words", NULL, false, SAVED_WORDS, 4, 0xffffffff,
	  "same generator=" },
	{ "head", NULL, false, HEAD, 4, DEPTH, "position of the oldest word" },
	{ "held", NULL, false, HELD, 4, DEPTH + 1,
	  "number of words made ahead" },
	{ "offered", NULL, false, OFFERED, 4, DEPTH + 1,
	  "number of words made ahead" },
	{ "mode", NULL, false, MODE, 4, 4, "corrupt: MODE" },

	{ "base-misaligned", "ring", true, BASE, 8, RING_HDR + 32,
	  "header is misaligned" },
	{ "error-unknown", "ring", true, ERROR, 4, MY_RNG_RING_ERR_INDEX + 1,
	  "no such error" },
	{ "error-while-on", "ring", true, ERROR, 4, MY_RNG_RING_ERR_SIZE,
	  "on in spite of an error" },
	{ "prod-odd", "ring", true, RING_PROD_AT, 8, 8194, "PROD and CONS" },
	{ "prod-far", "ring", true, RING_PROD_AT, 8, 16384, "PROD and CONS" },
	{ "cons-beyond-prod", "ring", true, RING_CONS_AT, 8, 8196,
	  "PROD and CONS" },
	{ "size", "ring", true, RING_SIZE_AT, 4, 4096, "corrupt: size" },
	/* Its only piece is then taken for what follows the section */
	{ "pieces-0", "ring", true, RING_PIECES_AT, 4, 0, "corrupt: size" },
	{ "pieces-too-many", "ring", true, RING_PIECES_AT, 4, 1025,
	  "pieces fit" },
	{ "piece-misaligned", "ring", true, RING_ADDR_AT, 8, RING_DATA + 2,
	  "address of a piece" },
	{ "piece-wraps", "ring", true, RING_ADDR_AT, 8, 0xfffffffffffffffc,
	  "address of a piece" },
	{ "length-0", "ring", true, RING_LEN_AT, 4, 0, "length of a piece" },
	{ "length-odd", "ring", true, RING_LEN_AT, 4, 8190,
	  "length of a piece" },
	{ "length-no-power-of-2", "ring", true, RING_LEN_AT, 4, 8196,
	  "corrupt: size" },

	{ "base-misaligned", "dma", true, BASE, 8, QUEUE + 64,
	  "header is misaligned" },
	{ "error-unknown", "dma", true, ERROR, 4, MY_RNG_DMA_ERR_INDEX + 1,
	  "no such error" },
	{ "error-while-on", "dma", true, ERROR, 4, MY_RNG_DMA_ERR_LEN,
	  "on in spite of an error" },
	{ "status", "dma", true, DMA_STATUS_AT, 4, 3, "DMA_STATUS" },
	{ "status-without-error", "dma", true, DMA_STATUS_AT, 4,
	  MY_RNG_DMA_ST_ERROR, "DMA_STATUS" },
	{ "error", "dma", true, DMA_ERROR_AT, 4, MY_RNG_DMA_ERR_INDEX,
	  "DMA_STATUS" },
	{ "count-far", "dma", true, DMA_COUNT_AT, 4, 1048577, "DMA_COUNT" },
	{ "count-of-nothing", "dma", true, DMA_COUNT_AT, 4, 0, "DMA_COUNT" },
	{ "entries-0", "dma", true, DMA_ENTRIES_AT, 4, 0, "number of entries" },
	{ "entries-3", "dma", true, DMA_ENTRIES_AT, 4, 3, "number of entries" },
	{ "entries-512", "dma", true, DMA_ENTRIES_AT, 4, 512,
	  "number of entries" },
	{ "head", "dma", true, DMA_HEAD_AT, 4, 3, "HEAD and TAIL" },
	{ "tail", "dma", true, DMA_TAIL_AT, 4, 77, "HEAD and TAIL" },
	{ "unannounced-while-off", "dma", true, ON, 1, 0, "not announced" },
};

static void put(uint8_t *at, unsigned int size, uint64_t value)
{
	while (size--) {
		at[size] = value;
		value >>= 8;
	}
}

static uint64_t get(const uint8_t *at, unsigned int size)
{
	uint64_t value = 0;

	while (size--)
		value = value << 8 | *at++;
	return value;
}

static void write_stream(const char *path, const uint8_t *bytes, size_t len)
{
	FILE *file = fopen(path, "w");

	if (!file || fwrite(bytes, 1, len, file) != len || fclose(file)) {
		perror(path);
		exit(1);
	}
}

/* What follows @name, a length before it and @more bytes after it; 0: nothing */
static size_t find(const struct stream *s, size_t from, const char *name,
		   size_t more)
{
	size_t n = strlen(name), i;

	for (i = from + 1; i + n + more <= s->len; i++)
		if (s->bytes[i - 1] == n && !memcmp(s->bytes + i, name, n))
			return i + n + more;
	return 0;
}

static void read_stream(struct stream *s, const char *path, const char *variant)
{
	FILE *file = fopen(path, "r");
	char name[32];
	long len;

	if (!file || fseek(file, 0, SEEK_END) || (len = ftell(file)) < 0) {
		perror(path);
		exit(1);
	}
	rewind(file);
	*s = (struct stream){ .bytes = malloc(len), .len = len };
	if (fread(s->bytes, 1, len, file) != s->len) {
		perror(path);
		exit(1);
	}
	fclose(file);
	/* Instance and version of a section, version of a subsection */
	s->main = find(s, 0, "0000:00:04.0/my_rng", 8);
	snprintf(name, sizeof(name), "my_rng/%s", variant);
	s->sub = find(s, s->main, name, 4);
}

/* A ring, or a queue with requests that were not announced and a doorbell's */
static void set_up(const struct dev *dev)
{
	uint32_t cap = r32(dev, MY_RNG_REG_CAP);
	struct ring ring;
	struct queue q;

	if (cap & MY_RNG_CAP_RING) {
		ring_start(&ring, dev, 8192);
		ring_wait_asleep(&ring);
	}
	if (cap & MY_RNG_CAP_QUEUE) {
		queue_start(&q, dev, 4);
		queue_put(&q, QUEUE_DATA, 8, 0, 0);
		queue_put(&q, QUEUE_DATA, 8, 0, 0);
		queue_submit(&q);
		queue_wait(&q);
		dev_dma(dev, QUEUE_DATA, 8);
	}
}

static void save(struct stream *s, const char *variant)
{
	char path[64];
	struct vm vm;
	struct dev dev;
	bool saved;

	scratch_path(path, "whole");
	dev_start(&dev, &vm, variant,
		  strcmp(variant, "fifo") ? " -m 32M"
					  : ",fifo-depth=256 -m 32M");
	set_up(&dev);
	saved = vm_save(&vm, path);
	vm_stop(&vm);
	read_stream(s, path, variant);
	/* The offsets above are those of this stream */
	check(saved && s->main &&
		      get(s->bytes + s->main + FIFO_DEPTH, 4) == DEPTH &&
		      get(s->bytes + s->main + SAVED_WORDS, 4) == 31,
	      "device/corrupt/%s-is-saved", variant);
}

static void refuse(const struct stream *s, const char *variant,
		   const char *name, const char *says)
{
	char path[64], args[256];
	struct vm vm;
	bool failed;

	scratch_path(path, "corrupt");
	write_stream(path, s->bytes, s->len);
	snprintf(args, sizeof(args),
		 "-m 32M -device my_rng,id=rng4,addr=4,variant=%s%s "
		 "-incoming exec:cat<%s",
		 variant, strcmp(variant, "fifo") ? "" : ",fifo-depth=256",
		 path);
	failed = vm_start_fails(&vm, args);
	check(failed && vm_log_has(&vm, says), "device/corrupt/%s-refuses-%s",
	      variant, name);
}

/* A stream from which the variant's section was cut out */
static void refuse_without(const struct stream *s, const char *variant)
{
	size_t end = s->sub + (!strcmp(variant, "ring")  ? RING_END
			       : !strcmp(variant, "dma") ? DMA_END
							 : FIFO_END);
	/* A mark, the length of the name, the name, the version */
	size_t begin = s->sub - 4 - strlen("my_rng/") - strlen(variant) - 2;
	struct stream cut = { .bytes = malloc(s->len),
			      .len = s->len - (end - begin) };

	memcpy(cut.bytes, s->bytes, begin);
	memcpy(cut.bytes + begin, s->bytes + end, s->len - end);
	refuse(&cut, variant, "no-section-of-the-variant", "is missing");
	free(cut.bytes);
}

static void test_corrupt(const char *variant)
{
	struct stream s;
	size_t i;

	save(&s, variant);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const struct bad *b = &bad[i];
		uint8_t *at = s.bytes + (b->in_sub ? s.sub : s.main) + b->at;
		uint8_t good[8];

		if (b->variant && strcmp(b->variant, variant))
			continue;
		if (b->in_sub && !s.sub) {
			check(false, "device/corrupt/%s-has-a-section",
			      variant);
			break;
		}
		memcpy(good, at, b->size);
		put(at, b->size, b->value);
		refuse(&s, variant, b->name, b->says);
		memcpy(at, good, b->size);
	}
	if (s.sub)
		refuse_without(&s, variant);
	free(s.bytes);
}

/* A state that no generator is in: all bits 0 */
static void test_generator(const char *variant)
{
	char path[64];
	struct stream s;
	struct vm vm;
	struct dev dev;
	char args[256];
	bool ok;

	scratch_path(path, "whole");
	dev_start(&dev, &vm, variant, ",generator=xoshiro256ss -m 32M");
	ok = vm_save(&vm, path);
	vm_stop(&vm);
	read_stream(&s, path, variant);
	memset(s.bytes + s.main + SAVED, 0,
	       4 * get(s.bytes + s.main + SAVED_WORDS, 4));
	write_stream(path, s.bytes, s.len);
	free(s.bytes);
	snprintf(args, sizeof(args),
		 "-m 32M -device my_rng,id=rng4,addr=4,variant=%s,"
		 "generator=xoshiro256ss -incoming exec:cat<%s",
		 variant, path);
	ok = ok && vm_start_fails(&vm, args);
	check(ok && vm_log_has(&vm, "the generator's state"),
	      "device/corrupt/%s-refuses-generator-state", variant);
}

const struct suite corrupt_suites[] = {
	{ NULL, test_corrupt },
	{ NULL, test_generator },
	{ NULL, NULL },
};
