// SPDX-License-Identifier: GPL-2.0-or-later
/* The samples of raw.tsv files, gathered into cells. */
#include "samples.h"

#include <inttypes.h>
#include <string.h>

#include "names.h"
#include "tsv.h"

const char *const counter_names[COUNTERS] = {
	[COUNT_SYSCALLS] = "syscalls",
	[COUNT_MMIO_READS] = "mmio_reads",
	[COUNT_MMIO_WRITES] = "mmio_writes",
	[COUNT_PIO_READS] = "pio_reads",
	[COUNT_PIO_WRITES] = "pio_writes",
	[COUNT_DMAS] = "dmas",
	[COUNT_IRQS] = "irqs",
};

static const char *const raw_columns[] = {
	"lane",       "variant",     "access",    "bytes",      "threads",
	"rep",        "order",       "calls",     "ns",         "syscalls",
	"mmio_reads", "mmio_writes", "pio_reads", "pio_writes", "dmas",
	"irqs",       "lat_calls",   "lat_max",   "lat_hist",   NULL
};

/*
 * @cells owns the cells; @by_key finds them; @seen holds file, cell and
 * repetition of every sample, to refuse one that stands in a file twice.
 */
struct gathering {
	GPtrArray *cells;
	GHashTable *by_key;
	GHashTable *seen;
};

static void free_cell(gpointer data)
{
	struct cell *c = data;

	g_free(c->lane);
	g_free(c->variant);
	g_free(c->access);
	g_array_unref(c->samples);
	g_free(c);
}

char *cell_name(const struct cell *c)
{
	return g_strdup_printf("%s %s %s %" PRIu64 " B x%" PRIu64, c->lane,
			       c->variant, c->access, c->bytes, c->threads);
}

static struct cell *find_or_add(struct gathering *g, const struct cell *like)
{
	char *key = cell_name(like);
	struct cell *c = g_hash_table_lookup(g->by_key, key);

	if (c) {
		g_free(key);
		return c;
	}
	c = g_new0(struct cell, 1);
	c->lane = g_strdup(like->lane);
	c->variant = g_strdup(like->variant);
	c->access = g_strdup(like->access);
	c->bytes = like->bytes;
	c->threads = like->threads;
	c->samples = g_array_new(FALSE, FALSE, sizeof(struct sample));
	hist_reset(&c->latency);
	g_hash_table_insert(g->by_key, key, c);
	g_ptr_array_add(g->cells, c);
	return c;
}

/* The row's cell, new or known. NULL: the row names none. */
static struct cell *row_cell(struct gathering *g, const struct tsv *t,
			     const struct tsv_row *row, GError **err)
{
	struct cell like = {
		.lane = (char *)tsv_text(t, row, "lane"),
		.variant = (char *)tsv_text(t, row, "variant"),
		.access = (char *)tsv_text(t, row, "access"),
	};

	if (!*like.lane || !*like.variant || !*like.access) {
		tsv_complain(t, row, err,
			     "expected names of lane, variant and access, "
			     "found an empty field; run userbench again");
		return NULL;
	}
	if (!tsv_uint(t, row, "bytes", 0, &like.bytes, err) ||
	    !tsv_uint(t, row, "threads", 1, &like.threads, err))
		return NULL;
	return find_or_add(g, &like);
}

static bool check_new(struct gathering *g, const struct cell *c,
		      const struct tsv *t, const struct tsv_row *row,
		      GError **err)
{
	char *name = cell_name(c);
	uint64_t rep;
	bool good = false;

	if (!tsv_uint(t, row, "rep", 0, &rep, err))
		goto out;
	good = g_hash_table_add(g->seen, g_strdup_printf("%s %s %" PRIu64,
							 t->path, name, rep));
	if (!good)
		tsv_complain(t, row, err,
			     "repetition %" PRIu64 " of cell %s stands in this "
			     "file twice; name each raw file once and do not "
			     "paste files together",
			     rep, name);
out:
	g_free(name);
	return good;
}

static bool read_counts(struct sample *s, const struct tsv *t,
			const struct tsv_row *row, GError **err)
{
	for (int i = 0; i < COUNTERS; i++) {
		const char *column = counter_names[i];

		s->known[i] = !tsv_unknown(t, row, column);
		s->count[i] = 0;
		if (s->known[i] &&
		    !tsv_uint(t, row, column, 0, &s->count[i], err))
			return false;
	}
	return true;
}

static bool add_latency(struct cell *c, const struct tsv *t,
			const struct tsv_row *row, GError **err)
{
	const char *text = tsv_text(t, row, "lat_hist");
	struct hist latency;
	uint64_t calls, longest;

	if (tsv_unknown(t, row, "lat_hist"))
		return true;
	if (!tsv_uint(t, row, "lat_calls", 0, &calls, err) ||
	    !tsv_uint(t, row, "lat_max", 0, &longest, err))
		return false;
	if (hist_parse(&latency, text)) {
		tsv_complain(t, row, err,
			     "lat_hist: expected lower_ns:count,..., found "
			     "`%.40s`; the file was damaged or edited",
			     text);
		return false;
	}
	if (latency.total != calls) {
		tsv_complain(t, row, err,
			     "lat_hist holds %" PRIu64 " calls, lat_calls says "
			     "%" PRIu64 "; the file was damaged or edited",
			     latency.total, calls);
		return false;
	}
	hist_merge(&c->latency, &latency);
	c->latency_max = MAX(c->latency_max, longest);
	return true;
}

static bool add_row(struct gathering *g, const struct tsv *t,
		    const struct tsv_row *row, GError **err)
{
	struct cell *c = row_cell(g, t, row, err);
	struct sample s;
	uint64_t order;

	if (!c || !check_new(g, c, t, row, err) ||
	    !tsv_uint(t, row, "order", 0, &order, err) ||
	    !tsv_uint(t, row, "calls", 1, &s.calls, err) ||
	    !tsv_uint(t, row, "ns", 1, &s.ns, err) ||
	    !read_counts(&s, t, row, err) || !add_latency(c, t, row, err))
		return false;
	g_array_append_val(c->samples, s);
	return true;
}

static bool add_file(struct gathering *g, const char *path, GError **err)
{
	struct tsv *t = tsv_read(path, "raw 1", raw_columns, "userbench", err);
	bool good = t != NULL;

	if (good && !t->rows->len) {
		g_set_error(err, TSV_ERROR, 0,
			    "%s:3: expected samples, found none; run userbench "
			    "again and let it finish",
			    path);
		good = false;
	}
	for (guint i = 0; good && i < t->rows->len; i++)
		good = add_row(g, t, t->rows->pdata[i], err);
	tsv_free(t);
	return good;
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static gint compare_cells(gconstpointer pa, gconstpointer pb)
{
	const struct cell *a = *(struct cell *const *)pa;
	const struct cell *b = *(struct cell *const *)pb;
	int order = strcmp(a->lane, b->lane);

	if (!order)
		order = names_compare_variants(a->variant, b->variant);
	if (!order)
		order = names_compare_accesses(a->access, b->access);
	if (!order)
		order = compare_numbers(a->bytes, b->bytes);
	return order ? order : compare_numbers(a->threads, b->threads);
}

GPtrArray *samples_read(char *const *paths, GError **err)
{
	struct gathering g = {
		.cells = g_ptr_array_new_with_free_func(free_cell),
		.by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
						NULL),
		.seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
					      NULL),
	};
	bool good = true;

	for (; good && *paths; paths++)
		good = add_file(&g, *paths, err);
	g_hash_table_unref(g.by_key);
	g_hash_table_unref(g.seen);
	if (good) {
		g_ptr_array_sort(g.cells, compare_cells);
		return g.cells;
	}
	g_ptr_array_unref(g.cells);
	return NULL;
}
