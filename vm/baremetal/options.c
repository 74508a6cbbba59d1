// SPDX-License-Identifier: GPL-2.0-or-later
/* The command line of the bare-metal guest, from PVH's start info. */
#include "io.h"
#include "options.h"
#include "text.h"

#define ITERATIONS_MAX 10000
#define BUDGET_MS      500

/* Xen's struct hvm_start_info */
#define START_INFO_MAGIC   0x336ec578
#define START_INFO_CMDLINE 24 /* offset of the 64-bit physical address */

struct options options = {
	.lane = "-",
	.budget_ms = BUDGET_MS,
};

/* Each option is a text or a number. */
static const struct {
	const char *key;
	char *text;
	uint64_t *number;
	uint64_t max; /* of the number, or of the text's bytes with its end */
} known[] = {
	{ "cases", options.cases, 0, sizeof(options.cases) },
	{ "lane", options.lane, 0, sizeof(options.lane) },
	{ "iterations", 0, &options.iterations, ITERATIONS_MAX },
	{ "tsc_khz", 0, &options.tsc_khz, 100000000 },
	{ "budget_ms", 0, &options.budget_ms, 60000 },
};

#define KNOWN (sizeof(known) / sizeof(*known))

static _Noreturn void refuse(const char *word, size_t len, const char *why)
{
	char copy[64];
	size_t i;

	for (i = 0; i < len && i < sizeof(copy) - 1; i++)
		copy[i] = word[i];
	copy[i] = '\0';
	print(PORT_LOG, "ERROR option '%s': %s; options are:", copy, why);
	for (i = 0; i < KNOWN; i++)
		print(PORT_LOG, " %s=%s", known[i].key,
		      known[i].text ? "TEXT" : "NUMBER");
	print(PORT_LOG, "\n");
	guest_exit(END_USAGE);
}

static bool parse_number(const char *s, size_t len, uint64_t max,
			 uint64_t *number)
{
	uint64_t value = 0;

	if (!len)
		return false;
	for (; len; s++, len--) {
		if (*s < '0' || *s > '9')
			return false;
		value = value * 10 + (uint64_t)(*s - '0');
		if (value > max)
			return false;
	}
	*number = value;
	return true;
}

static void set(unsigned int i, const char *word, size_t len, size_t key)
{
	const char *value = word + key + 1;
	size_t n = len - key - 1;

	if (known[i].number) {
		if (!parse_number(value, n, known[i].max, known[i].number))
			refuse(word, len, "not a number in its range");
		return;
	}
	if (n >= known[i].max)
		refuse(word, len, "too long");
	for (size_t c = 0; c < n; c++)
		known[i].text[c] = value[c];
	known[i].text[n] = '\0';
}

static void parse_word(const char *word, size_t len)
{
	size_t key = 0;
	unsigned int i = 0;

	while (key < len && word[key] != '=')
		key++;
	while (i < KNOWN && !same(word, key, known[i].key))
		i++;
	if (i < KNOWN && key < len)
		set(i, word, len, key);
	else
		refuse(word, len, "unknown, or without a value");
}

void options_parse(uint64_t start_info)
{
	const char *s;

	if (read32(start_info) != START_INFO_MAGIC) {
		print(PORT_LOG, "ERROR not started through PVH\n");
		guest_exit(END_USAGE);
	}
	s = (const char *)read64(start_info + START_INFO_CMDLINE);
	while (s && *s) {
		size_t len = 0;

		while (s[len] && s[len] != ' ')
			len++;
		if (len)
			parse_word(s, len);
		s += len + (s[len] == ' ');
	}
}

bool item_selects(const char *item, size_t len, const char *device,
		  const char *name)
{
	char both[64];

	format(both, sizeof(both), "%s/%s", device, name);
	return same(item, len, name) || same(item, len, device) ||
	       same(item, len, both);
}

size_t next_item(const char **list, const char **item)
{
	size_t len = 0;

	while (**list == ',')
		(*list)++;
	*item = *list;
	while (**list && **list != ',') {
		(*list)++;
		len++;
	}
	return len;
}

bool options_selected(const char *device, const char *name)
{
	const char *list = options.cases, *item;
	size_t len;

	if (!*list)
		return true;
	while ((len = next_item(&list, &item)))
		if (item_selects(item, len, device, name))
			return true;
	return false;
}
