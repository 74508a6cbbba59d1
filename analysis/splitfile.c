// SPDX-License-Identifier: GPL-2.0-or-later
/* split.tsv: where requests' time goes, as a file. */
#include <inttypes.h>
#include <string.h>

#include "fmt.h"
#include "splitparts.h"
#include "tsv.h"

const char *const split_names[SPLIT_PARTS] = {
	[SPLIT_SYSCALL] = "syscall",
	[SPLIT_DRIVER] = "driver",
	[SPLIT_CROSSING] = "crossing",
	[SPLIT_DISPATCH] = "dispatch",
	[SPLIT_CALLBACK] = "callback",
	[SPLIT_GENERATOR] = "generator",
	[SPLIT_MEMORY] = "memory",
	[SPLIT_INTERRUPT] = "interrupt",
	[SPLIT_COPY] = "copy",
	[SPLIT_PIN] = "pin",
	[SPLIT_UNEXPLAINED] = "unexplained",
};

const char *const split_words[SPLIT_PARTS] = {
	[SPLIT_SYSCALL] = "system call",
	[SPLIT_DRIVER] = "driver",
	[SPLIT_CROSSING] = "crossing",
	[SPLIT_DISPATCH] = "QEMU dispatch and lock",
	[SPLIT_CALLBACK] = "device callback",
	[SPLIT_GENERATOR] = "generator",
	[SPLIT_MEMORY] = "DMA mapping",
	[SPLIT_INTERRUPT] = "interrupt and wake-up",
	[SPLIT_COPY] = "copy to user",
	[SPLIT_PIN] = "pinning of pages",
	[SPLIT_UNEXPLAINED] = "unexplained",
};

#define TOTAL "total"

static const char *const columns[] = {
	"lane", "variant", "bytes", "n",     "part",
	"ns",   "ns_lo",   "ns_hi", "share", NULL,
};

static void add_row(GString *text, const struct split *s, const char *part,
		    struct stats_interval ns)
{
	char *field[] = { fmt_data(ns.mid), fmt_data(ns.lo), fmt_data(ns.hi),
			  fmt_data(ns.mid / s->total.mid), NULL };
	char *numbers = g_strjoinv("\t", field);

	g_string_append_printf(text, "%s\t%s\t%" PRIu64 "\t%u\t%s\t%s\n",
			       s->lane, s->variant, s->bytes, s->n, part,
			       numbers);
	g_free(numbers);
	for (char **f = field; *f; f++)
		g_free(*f);
}

GString *split_text(const GPtrArray *splits)
{
	GString *text = g_string_new("# exitcost split 1\n");
	char *head = g_strjoinv("\t", (char **)columns);

	g_string_append_printf(text, "%s\n", head);
	for (guint i = 0; i < splits->len; i++) {
		const struct split *s = splits->pdata[i];

		for (int p = 0; p < SPLIT_PARTS; p++)
			add_row(text, s, split_names[p], s->part[p]);
		add_row(text, s, TOTAL, s->total);
	}
	g_string_append_printf(text, "# end %u\n",
			       splits->len * (SPLIT_PARTS + 1));
	g_free(head);
	return text;
}

static void free_split(gpointer data)
{
	struct split *s = data;

	g_free(s->lane);
	g_free(s->variant);
	g_free(s);
}

GPtrArray *split_array_new(void)
{
	return g_ptr_array_new_with_free_func(free_split);
}

/* The interval a row is about; NULL: no such part */
static struct stats_interval *part_of(struct split *s, const char *name)
{
	for (int p = 0; p < SPLIT_PARTS; p++)
		if (!strcmp(split_names[p], name))
			return &s->part[p];
	return strcmp(name, TOTAL) ? NULL : &s->total;
}

/* Parts may be negative, which no other of our tables has */
static bool read_number(const struct tsv *t, const struct tsv_row *row,
			const char *column, double *value, GError **err)
{
	const char *text = tsv_text(t, row, column);
	char *end;

	*value = g_ascii_strtod(text, &end);
	if (*text && !*end)
		return true;
	tsv_complain(t, row, err, "%s: expected a number, found `%s`", column,
		     text);
	return false;
}

static bool read_row(GPtrArray *splits, const struct tsv *t,
		     const struct tsv_row *row, GError **err)
{
	const char *variant = tsv_text(t, row, "variant");
	struct split *s = splits->len ? splits->pdata[splits->len - 1] : NULL;
	struct stats_interval *ns;
	uint64_t bytes, n;

	if (!tsv_uint(t, row, "bytes", 1, &bytes, err) ||
	    !tsv_uint(t, row, "n", 1, &n, err))
		return false;
	if (!s || s->bytes != bytes || strcmp(s->variant, variant)) {
		s = g_new0(struct split, 1);
		s->lane = g_strdup(tsv_text(t, row, "lane"));
		s->variant = g_strdup(variant);
		s->bytes = bytes;
		s->n = (guint)n;
		g_ptr_array_add(splits, s);
	}
	ns = part_of(s, tsv_text(t, row, "part"));
	if (!ns) {
		tsv_complain(t, row, err, "no part is called `%s`",
			     tsv_text(t, row, "part"));
		return false;
	}
	return read_number(t, row, "ns", &ns->mid, err) &&
	       read_number(t, row, "ns_lo", &ns->lo, err) &&
	       read_number(t, row, "ns_hi", &ns->hi, err);
}

GPtrArray *split_read(const char *path, GError **err)
{
	struct tsv *t = tsv_read(path, "split 1", columns, "split", err);
	GPtrArray *splits = split_array_new();
	bool good = t != NULL;

	for (guint i = 0; good && i < t->rows->len; i++)
		good = read_row(splits, t, t->rows->pdata[i], err);
	tsv_free(t);
	if (good)
		return splits;
	g_ptr_array_unref(splits);
	return NULL;
}
