// SPDX-License-Identifier: GPL-2.0-or-later
/* The rows of summary.tsv and how to look them up. */
#include "rows.h"

#include <math.h>
#include <string.h>

#include "names.h"
#include "tsv.h"

const char *const ns_columns[NS_COLUMNS] = { "ns_p50", "ns_p90", "ns_p99",
					     "ns_p999", "ns_max" };

const char *const per_call_columns[PER_CALL_COLUMNS] = {
	"syscalls",   "mmio_reads", "mmio_writes", "pio_reads",
	"pio_writes", "dmas",       "irqs",        "exits"
};

static const char *const summary_columns[] = {
	"lane",       "variant",     "access",    "bytes",      "threads",
	"n",          "mbps",        "mbps_lo",   "mbps_hi",    "ns_p50",
	"ns_p90",     "ns_p99",      "ns_p999",   "ns_max",     "syscalls",
	"mmio_reads", "mmio_writes", "pio_reads", "pio_writes", "dmas",
	"irqs",       "exits",       "ns_call",   "ns_call_lo", "ns_call_hi",
	NULL
};

static void free_row(gpointer data)
{
	struct row *row = data;

	g_free(row->lane);
	g_free(row->variant);
	g_free(row->access);
	g_free(row);
}

static bool read_reals(const struct tsv *t, const struct tsv_row *line,
		       const char *const *columns, int n, double *value,
		       GError **err)
{
	for (int i = 0; i < n; i++)
		if (!tsv_real(t, line, columns[i], &value[i], err))
			return false;
	return true;
}

static bool read_interval(const struct tsv *t, const struct tsv_row *line,
			  const char *mid, const char *lo, const char *hi,
			  struct stats_interval *ci, GError **err)
{
	return tsv_real(t, line, mid, &ci->mid, err) &&
	       tsv_real(t, line, lo, &ci->lo, err) &&
	       tsv_real(t, line, hi, &ci->hi, err);
}

/* A whole number of a column that summaries of before lack; 0: not known */
static bool read_whole(const struct tsv *t, const struct tsv_row *line,
		       const char *column, uint64_t *value, GError **err)
{
	*value = 0;
	return !tsv_has(t, column) || tsv_unknown(t, line, column) ||
	       tsv_uint(t, line, column, 0, value, err);
}

static bool read_basis(const struct tsv *t, const struct tsv_row *line,
		       struct row *row, GError **err)
{
	row->rejected = NAN;
	return read_whole(t, line, "boots", &row->boots, err) &&
	       read_whole(t, line, "slices", &row->slices, err) &&
	       (!tsv_has(t, "rejected") ||
		tsv_real(t, line, "rejected", &row->rejected, err)) &&
	       read_whole(t, line, "requests", &row->requests, err) &&
	       read_whole(t, line, "exit_requests", &row->exit_requests, err);
}

static bool read_row(const struct tsv *t, const struct tsv_row *line,
		     struct row *row, GError **err)
{
	row->lane = g_strdup(tsv_text(t, line, "lane"));
	row->variant = g_strdup(tsv_text(t, line, "variant"));
	row->access = g_strdup(tsv_text(t, line, "access"));
	return tsv_uint(t, line, "bytes", 0, &row->bytes, err) &&
	       tsv_uint(t, line, "threads", 1, &row->threads, err) &&
	       tsv_uint(t, line, "n", 0, &row->n, err) &&
	       read_interval(t, line, "mbps", "mbps_lo", "mbps_hi", &row->mbps,
			     err) &&
	       read_reals(t, line, ns_columns, NS_COLUMNS, row->ns, err) &&
	       read_reals(t, line, per_call_columns, PER_CALL_COLUMNS,
			  row->count, err) &&
	       read_interval(t, line, "ns_call", "ns_call_lo", "ns_call_hi",
			     &row->ns_call, err) &&
	       read_basis(t, line, row, err);
}

GPtrArray *rows_read(const char *path, GError **err)
{
	struct tsv *t =
		tsv_read(path, "summary 1", summary_columns, "summarize", err);
	GPtrArray *rows = g_ptr_array_new_with_free_func(free_row);
	bool good = t != NULL;

	for (guint i = 0; good && i < t->rows->len; i++) {
		struct row *row = g_new0(struct row, 1);

		g_ptr_array_add(rows, row);
		good = read_row(t, t->rows->pdata[i], row, err);
	}
	tsv_free(t);
	if (good)
		return rows;
	g_ptr_array_unref(rows);
	return NULL;
}

const char *rows_common_lane(const GPtrArray *a, const GPtrArray *b)
{
	for (guint i = 0; i < a->len; i++) {
		const char *lane = ((const struct row *)a->pdata[i])->lane;

		for (guint j = 0; j < b->len; j++)
			if (!strcmp(((const struct row *)b->pdata[j])->lane,
				    lane))
				return lane;
	}
	return NULL;
}

static bool add_run(GPtrArray *rows, const char *dir, GError **err)
{
	char *path = g_build_filename(dir, "summary.tsv", NULL);
	GPtrArray *new = rows_read(path, err);
	const char *lane = new ? rows_common_lane(rows, new) : NULL;
	bool good = new && !lane;

	if (lane)
		g_set_error(err, TSV_ERROR, 0,
			    "%s: lane %s is in a folder named before; name one "
			    "folder for each lane",
			    path, lane);
	if (good)
		g_ptr_array_extend_and_steal(rows, g_steal_pointer(&new));
	if (new)
		g_ptr_array_unref(new);
	g_free(path);
	return good;
}

GPtrArray *rows_read_runs(char *const *dirs, GError **err)
{
	GPtrArray *rows = g_ptr_array_new_with_free_func(free_row);

	for (; *dirs; dirs++) {
		if (!add_run(rows, *dirs, err)) {
			g_ptr_array_unref(rows);
			return NULL;
		}
	}
	return rows;
}

const struct row *rows_find(const GPtrArray *rows, const char *lane,
			    const char *variant, const char *access,
			    uint64_t bytes, uint64_t threads)
{
	for (guint i = 0; i < rows->len; i++) {
		const struct row *row = rows->pdata[i];

		if (row->bytes == bytes && row->threads == threads &&
		    !strcmp(row->variant, variant) &&
		    !strcmp(row->access, access) && !strcmp(row->lane, lane))
			return row;
	}
	return NULL;
}

const struct row *rows_path(const GPtrArray *rows, const char *lane,
			    const char *variant, uint64_t bytes)
{
	const struct variant_name *v = variant_find(variant);

	return v ? rows_find(rows, lane, variant, v->access, bytes, 1) : NULL;
}

static bool is_path_row(const struct row *row)
{
	const struct variant_name *v = variant_find(row->variant);

	return v && v->is_device && row->bytes > 0;
}

GPtrArray *rows_lanes(const GPtrArray *rows)
{
	GPtrArray *lanes = g_ptr_array_new();

	for (guint i = 0; i < rows->len; i++) {
		const struct row *row = rows->pdata[i];

		if (is_path_row(row) &&
		    !g_ptr_array_find_with_equal_func(lanes, row->lane,
						      g_str_equal, NULL))
			g_ptr_array_add(lanes, row->lane);
	}
	return lanes;
}

static gint compare_sizes(gconstpointer pa, gconstpointer pb)
{
	uint64_t a = *(const uint64_t *)pa;
	uint64_t b = *(const uint64_t *)pb;

	return (a > b) - (a < b);
}

static bool holds_size(const GArray *sizes, uint64_t bytes)
{
	for (guint i = 0; i < sizes->len; i++)
		if (g_array_index(sizes, uint64_t, i) == bytes)
			return true;
	return false;
}

GArray *rows_sizes(const GPtrArray *rows, const char *lane)
{
	GArray *sizes = g_array_new(FALSE, FALSE, sizeof(uint64_t));

	for (guint i = 0; i < rows->len; i++) {
		const struct row *row = rows->pdata[i];

		if (row->bytes && row->threads == 1 &&
		    !strcmp(row->access, "read") && !strcmp(row->lane, lane) &&
		    !holds_size(sizes, row->bytes))
			g_array_append_val(sizes, row->bytes);
	}
	g_array_sort(sizes, compare_sizes);
	return sizes;
}

static const struct stats_interval nothing = { NAN, NAN, NAN };

struct stats_interval row_mbps(const struct row *row)
{
	return row ? row->mbps : nothing;
}

struct stats_interval row_ns_call(const struct row *row)
{
	return row ? row->ns_call : nothing;
}

double row_accesses(const struct row *row)
{
	if (!row)
		return NAN;
	return row->count[PER_CALL_MMIO_READS] +
	       row->count[PER_CALL_MMIO_WRITES] +
	       row->count[PER_CALL_PIO_READS] + row->count[PER_CALL_PIO_WRITES];
}

struct stats_interval interval_slope(struct stats_interval a,
				     struct stats_interval b, double per)
{
	return (struct stats_interval){ (a.mid - b.mid) / per,
					(a.lo - b.hi) / per,
					(a.hi - b.lo) / per };
}

int interval_order(struct stats_interval a, struct stats_interval b)
{
	return (a.lo > b.hi) - (b.lo > a.hi);
}
