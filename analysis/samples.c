// SPDX-License-Identifier: GPL-2.0-or-later
/* The slices of raw.tsv files, gathered into series. */
#include "samples.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "names.h"
#include "reference.h"
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

static const char *const kind_names[SLICE_KINDS] = {
	[SLICE_RATE] = "rate",
	[SLICE_LATENCY] = "latency",
	[SLICE_COUNT] = "count",
};

static const char *const raw_columns[] = {
	"lane",        "variant",   "access",     "bytes",    "threads",
	"boot",        "round",     "order",      "kind",     "ref_before",
	"ref_after",   "calls",     "ns",         "syscalls", "mmio_reads",
	"mmio_writes", "pio_reads", "pio_writes", "dmas",     "irqs",
	"lat_calls",   "lat_max",   "lat_hist",   NULL
};

/**
 * struct boot - one boot of the guest, or one start of the host's process
 * @index: counted from 0 over all files
 * @readings: of its reference loop, double, in ns per call
 * @machine: file, lane and machine
 * @undisturbed: what they say of the undisturbed host
 */
struct boot {
	guint index;
	char *machine;
	GArray *readings;
	double undisturbed;
};

/**
 * struct gathering - files being read
 * @all: the series so far
 * @by_name: finds them
 * @seen: file, series, kind, boot and round of every slice, to refuse a slice
 *	that stands in a file twice
 * @boots: struct boots by file, lane, machine and number
 */
struct gathering {
	GPtrArray *all;
	GHashTable *by_name;
	GHashTable *seen;
	GHashTable *boots;
};

/* --- series --- */

struct series *series_new(const struct series *like)
{
	struct series *s = g_new0(struct series, 1);

	s->lane = g_strdup(like->lane);
	s->variant = g_strdup(like->variant);
	s->access = g_strdup(like->access);
	s->bytes = like->bytes;
	s->threads = like->threads;
	s->slices = g_array_new(FALSE, FALSE, sizeof(struct slice));
	hist_reset(&s->latency);
	return s;
}

void series_free(gpointer data)
{
	struct series *s = data;

	g_free(s->lane);
	g_free(s->variant);
	g_free(s->access);
	g_array_unref(s->slices);
	g_free(s);
}

const struct slice *series_at(const struct series *s, guint i)
{
	return &g_array_index(s->slices, struct slice, i);
}

const struct series *series_find(const GPtrArray *all, const char *lane,
				 const char *variant, const char *access,
				 uint64_t bytes, uint64_t threads)
{
	for (guint i = 0; i < all->len; i++) {
		const struct series *s = all->pdata[i];

		if (s->bytes == bytes && s->threads == threads &&
		    !strcmp(s->variant, variant) &&
		    !strcmp(s->access, access) && !strcmp(s->lane, lane))
			return s;
	}
	return NULL;
}

char *series_name(const struct series *s)
{
	return g_strdup_printf("%s %s %s %" PRIu64 " B x%" PRIu64, s->lane,
			       s->variant, s->access, s->bytes, s->threads);
}

bool slice_accepted(const struct slice *s, enum slice_kind kind)
{
	return s->kind == kind && (!s->slow || s->kept);
}

static struct series *find_or_add(struct gathering *g,
				  const struct series *like)
{
	char *name = series_name(like);
	struct series *s = g_hash_table_lookup(g->by_name, name);

	if (s) {
		g_free(name);
		return s;
	}
	s = series_new(like);
	g_hash_table_insert(g->by_name, name, s);
	g_ptr_array_add(g->all, s);
	return s;
}

/* The row's series, new or known. NULL: the row names none. */
static struct series *row_series(struct gathering *g, const struct tsv *t,
				 const struct tsv_row *row, GError **err)
{
	struct series like = {
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

/* --- boots and their reference readings --- */

static void free_boot(gpointer data)
{
	struct boot *b = data;

	g_array_unref(b->readings);
	g_free(b->machine);
	g_free(b);
}

/* The host's programs and the guest count their boots each for themselves. */
static struct boot *row_boot(struct gathering *g, const struct tsv *t,
			     const struct tsv_row *row, uint64_t number)
{
	char *machine = g_strdup_printf(
		"%s %s %d", t->path, tsv_text(t, row, "lane"),
		variant_is_of_host(tsv_text(t, row, "variant")));
	char *name = g_strdup_printf("%s %" PRIu64, machine, number);
	struct boot *b = g_hash_table_lookup(g->boots, name);

	if (b) {
		g_free(machine);
		g_free(name);
		return b;
	}
	b = g_new0(struct boot, 1);
	b->index = g_hash_table_size(g->boots);
	b->machine = machine;
	b->readings = g_array_new(FALSE, FALSE, sizeof(double));
	g_hash_table_insert(g->boots, name, b);
	return b;
}

static bool read_reading(const struct tsv *t, const struct tsv_row *row,
			 const char *column, double *ns, GError **err)
{
	if (!tsv_real(t, row, column, ns, err))
		return false;
	if (*ns > 0)
		return true;
	tsv_complain(t, row, err,
		     "%s: expected ns per call above 0, found `%.40s`; only "
		     "slices of kind `count` have no reference readings",
		     column, tsv_text(t, row, column));
	return false;
}

static bool read_kind(const struct tsv *t, const struct tsv_row *row,
		      enum slice_kind *kind, GError **err)
{
	const char *text = tsv_text(t, row, "kind");

	for (int i = 0; i < SLICE_KINDS; i++) {
		if (!strcmp(text, kind_names[i])) {
			*kind = i;
			return true;
		}
	}
	tsv_complain(t, row, err,
		     "kind: expected rate, latency or count, found `%.40s`; "
		     "the file was damaged or edited",
		     text);
	return false;
}

/* The readings of one row; none of a count. */
static bool read_readings(const struct tsv *t, const struct tsv_row *row,
			  enum slice_kind kind, double ns[2], GError **err)
{
	ns[0] = ns[1] = 0;
	return kind == SLICE_COUNT ||
	       (read_reading(t, row, "ref_before", &ns[0], err) &&
		read_reading(t, row, "ref_after", &ns[1], err));
}

static bool add_readings(struct gathering *g, const struct tsv *t,
			 const struct tsv_row *row, GError **err)
{
	enum slice_kind kind;
	uint64_t number;
	double ns[2];
	struct boot *b;

	if (!tsv_uint(t, row, "boot", 1, &number, err) ||
	    !read_kind(t, row, &kind, err) ||
	    !read_readings(t, row, kind, ns, err))
		return false;
	b = row_boot(g, t, row, number);
	if (kind != SLICE_COUNT)
		g_array_append_vals(b->readings, ns, 2);
	return true;
}

/* The speed that other boots show is there, also if this one did not see it. */
static double least_of(struct gathering *g, const char *machine)
{
	GHashTableIter iter;
	gpointer value;
	double least = INFINITY;

	g_hash_table_iter_init(&iter, g->boots);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct boot *b = value;

		if (b->readings->len && !strcmp(b->machine, machine))
			least = fmin(least, b->undisturbed);
	}
	return least;
}

static void find_undisturbed(struct gathering *g)
{
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, g->boots);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		struct boot *b = value;

		if (b->readings->len)
			b->undisturbed = reference_undisturbed(
				(const double *)b->readings->data,
				b->readings->len);
	}
	g_hash_table_iter_init(&iter, g->boots);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		struct boot *b = value;
		double least = least_of(g, b->machine);

		if (b->undisturbed > REFERENCE_SLOW * least)
			b->undisturbed = least;
	}
}

/* --- slices --- */

static bool check_new(struct gathering *g, const struct series *of,
		      const struct slice *s, const struct tsv *t,
		      const struct tsv_row *row, GError **err)
{
	char *name = series_name(of);
	bool good = g_hash_table_add(
		g->seen,
		g_strdup_printf("%s %s %d %" PRIu64 " %" PRIu64, t->path, name,
				s->kind, s->file_boot, s->round));

	if (!good)
		tsv_complain(t, row, err,
			     "boot %" PRIu64 ", round %" PRIu64 ", %s of cell "
			     "%s stands in this file twice; name each raw file "
			     "once and do not paste files together",
			     s->file_boot, s->round, kind_names[s->kind], name);
	g_free(name);
	return good;
}

static bool read_counts(struct slice *s, const struct tsv *t,
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

static bool add_latency(struct series *of, const struct slice *s,
			const struct tsv *t, const struct tsv_row *row,
			GError **err)
{
	const char *text = tsv_text(t, row, "lat_hist");
	struct hist latency;
	uint64_t calls, longest;

	if (s->kind != SLICE_LATENCY)
		return true;
	if (!tsv_uint(t, row, "lat_calls", 1, &calls, err) ||
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
	if (slice_accepted(s, SLICE_LATENCY)) {
		hist_merge(&of->latency, &latency);
		of->latency_max = MAX(of->latency_max, longest);
	}
	return true;
}

static void judge(struct gathering *g, const struct tsv *t,
		  const struct tsv_row *row, const double ns[2],
		  struct slice *s)
{
	const struct boot *b = row_boot(g, t, row, s->file_boot);

	s->boot = b->index;
	s->kept = lane_is_for_counts(tsv_text(t, row, "lane"));
	s->slow = 0;
	for (int i = 0; s->kind != SLICE_COUNT && i < 2; i++)
		s->slow += !reference_accepts(ns[i], ns[i], b->undisturbed);
}

static bool add_slice(struct gathering *g, const struct tsv *t,
		      const struct tsv_row *row, GError **err)
{
	struct series *of = row_series(g, t, row, err);
	struct slice s;
	double ns[2];

	if (!of || !read_kind(t, row, &s.kind, err) ||
	    !read_readings(t, row, s.kind, ns, err) ||
	    !tsv_uint(t, row, "boot", 1, &s.file_boot, err) ||
	    !tsv_uint(t, row, "round", 1, &s.round, err) ||
	    !tsv_uint(t, row, "order", 0, &s.order, err) ||
	    !tsv_uint(t, row, "calls", 1, &s.calls, err) ||
	    !tsv_uint(t, row, "ns", s.kind != SLICE_COUNT, &s.ns, err) ||
	    !check_new(g, of, &s, t, row, err) || !read_counts(&s, t, row, err))
		return false;
	judge(g, t, row, ns, &s);
	g_array_append_val(of->slices, s);
	return add_latency(of, &s, t, row, err);
}

static bool add_file(struct gathering *g, const char *path, GError **err)
{
	struct tsv *t = tsv_read(path, "raw 2", raw_columns, "userbench", err);
	bool good = t != NULL;

	if (good && !t->rows->len) {
		g_set_error(err, TSV_ERROR, 0,
			    "%s:3: expected slices, found none; run userbench "
			    "again and let it finish",
			    path);
		good = false;
	}
	for (guint i = 0; good && i < t->rows->len; i++)
		good = add_readings(g, t, t->rows->pdata[i], err);
	if (good)
		find_undisturbed(g);
	for (guint i = 0; good && i < t->rows->len; i++)
		good = add_slice(g, t, t->rows->pdata[i], err);
	tsv_free(t);
	return good;
}

/* --- all of them --- */

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static gint compare_series(gconstpointer pa, gconstpointer pb)
{
	const struct series *a = *(struct series *const *)pa;
	const struct series *b = *(struct series *const *)pb;
	int order = strcmp(a->lane, b->lane);

	if (!order)
		order = names_compare_variants(a->variant, b->variant);
	if (!order)
		order = names_compare_accesses(a->access, b->access);
	if (!order)
		order = compare_numbers(a->bytes, b->bytes);
	return order ? order : compare_numbers(a->threads, b->threads);
}

static gint compare_slices(gconstpointer pa, gconstpointer pb)
{
	const struct slice *a = pa;
	const struct slice *b = pb;
	int order = compare_numbers(a->boot, b->boot);

	if (!order)
		order = compare_numbers(a->round, b->round);
	return order ? order : compare_numbers(a->order, b->order);
}

GPtrArray *samples_read(char *const *paths, GError **err)
{
	struct gathering g = {
		.all = g_ptr_array_new_with_free_func(series_free),
		.by_name = g_hash_table_new_full(g_str_hash, g_str_equal,
						 g_free, NULL),
		.seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
					      NULL),
		.boots = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
					       free_boot),
	};
	bool good = true;

	for (; good && *paths; paths++)
		good = add_file(&g, *paths, err);
	g_hash_table_unref(g.by_name);
	g_hash_table_unref(g.seen);
	g_hash_table_unref(g.boots);
	if (!good) {
		g_ptr_array_unref(g.all);
		return NULL;
	}
	g_ptr_array_sort(g.all, compare_series);
	for (guint i = 0; i < g.all->len; i++)
		g_array_sort(((struct series *)g.all->pdata[i])->slices,
			     compare_slices);
	return g.all;
}
