// SPDX-License-Identifier: GPL-2.0-or-later
/* A throughput table from one host's prices and another's counts. */
#include "prediction.h"

#include <math.h>
#include <string.h>

#include "fmt.h"
#include "names.h"

static const struct stats_interval none = { NAN, NAN, NAN };

static const struct predicted *cell_at(const GArray *cells, guint i)
{
	return &g_array_index(cells, struct predicted, i);
}

static bool is_device(const struct row *row)
{
	const struct variant_name *v = variant_find(row->variant);

	return v && v->is_device;
}

static void price_cell(const struct price_list *prices, const double *x,
		       struct predicted *p)
{
	p->ns = (struct stats_interval){ 0, 0, 0 };
	for (int u = 0; u < UNITS; u++) {
		if (x[u] == 0)
			continue;
		if (!prices->origin[u]) {
			p->ns = none;
			p->missing = u;
			return;
		}
		p->ns.mid += x[u] * prices->ns[u].mid;
		p->ns.lo += x[u] * prices->ns[u].lo;
		p->ns.hi += x[u] * prices->ns[u].hi;
	}
}

GArray *predict_cells(const struct price_list *prices, const GPtrArray *counts,
		      const GPtrArray *measured, guint *left_out)
{
	GArray *cells = g_array_new(FALSE, TRUE, sizeof(struct predicted));

	*left_out = 0;
	for (guint i = 0; i < counts->len; i++) {
		struct predicted p = { .row = counts->pdata[i] };
		double x[UNITS];

		if (p.row->threads != 1)
			continue;
		if (!units_of(p.row, prices->exits, x)) {
			*left_out += is_device(p.row);
			continue;
		}
		price_cell(prices, x, &p);
		if (measured)
			p.measured = rows_find(measured, prices->lane,
					       p.row->variant, p.row->access,
					       p.row->bytes, 1);
		g_array_append_val(cells, p);
	}
	return cells;
}

struct stats_interval predicted_mbps(const struct predicted *p)
{
	double bytes = 1e3 * (double)p->row->bytes;

	if (!p->row->bytes || !(p->ns.mid > 0))
		return none;
	return (struct stats_interval){ bytes / p->ns.mid, bytes / p->ns.hi,
					bytes / p->ns.lo };
}

static double ratio(const struct predicted *p)
{
	return p->ns.mid / row_ns_call(p->measured).mid;
}

double predict_error(const GArray *cells, bool devices_only)
{
	double *off = g_new(double, cells->len + 1);
	double error = NAN;
	size_t n = 0;

	for (guint i = 0; i < cells->len; i++) {
		const struct predicted *p = cell_at(cells, i);

		if (!isnan(ratio(p)) && (!devices_only || is_device(p->row)))
			off[n++] = fabs(ratio(p) - 1);
	}
	if (n)
		error = stats_median(off, n);
	g_free(off);
	return error;
}

/* --- predict.tsv --- */

static void add_number(GString *out, double x)
{
	char *text = fmt_data(x);

	g_string_append_printf(out, "\t%s", text);
	g_free(text);
}

static void add_interval(GString *out, struct stats_interval ci)
{
	add_number(out, ci.mid);
	add_number(out, ci.lo);
	add_number(out, ci.hi);
}

static void add_prices(GString *out, const struct price_list *prices)
{
	for (int u = 0; u < UNITS; u++) {
		const char *origin = prices->origin[u];

		g_string_append_printf(out, "%s\tprice\t%s\t-\t-", prices->lane,
				       unit_name(u, prices->exits));
		add_interval(out, prices->ns[u]);
		add_interval(out, none);
		add_interval(out, none);
		g_string_append_printf(out, "\t-\t%s\n",
				       origin ? origin : "no price");
	}
}

static void add_cell(GString *out, const struct price_list *prices,
		     const struct predicted *p)
{
	g_string_append_printf(out, "%s\tcell\t%s\t%s\t%" G_GUINT64_FORMAT,
			       prices->lane, p->row->variant, p->row->access,
			       p->row->bytes);
	add_interval(out, p->ns);
	add_interval(out, predicted_mbps(p));
	add_interval(out, row_ns_call(p->measured));
	add_number(out, ratio(p));
	if (isnan(p->ns.mid))
		g_string_append_printf(out, "\tno price of %s\n",
				       unit_name(p->missing, prices->exits));
	else
		g_string_append(out, "\t-\n");
}

static void add_error(GString *out, const struct price_list *prices,
		      const char *name, double error)
{
	const struct stats_interval ci = { error, NAN, NAN };

	g_string_append_printf(out, "%s\terror\t%s\t-\t-", prices->lane, name);
	add_interval(out, ci);
	add_interval(out, none);
	add_interval(out, none);
	g_string_append(out, "\t-\t-\n");
}

GString *predict_text(const struct price_list *prices, const GArray *cells)
{
	GString *out = g_string_new(
		"# exitcost predict 1\n"
		"lane\trecord\tname\taccess\tbytes\tvalue\tvalue_lo\tvalue_hi\t"
		"mbps\tmbps_lo\tmbps_hi\tmeasured\tmeasured_lo\tmeasured_hi\t"
		"ratio\tnote\n");
	bool compared = !isnan(predict_error(cells, false));
	guint rows = UNITS + cells->len + (compared ? 2 : 0);

	add_prices(out, prices);
	for (guint i = 0; i < cells->len; i++)
		add_cell(out, prices, cell_at(cells, i));
	if (compared) {
		add_error(out, prices, "median", predict_error(cells, false));
		add_error(out, prices, "median-devices",
			  predict_error(cells, true));
	}
	g_string_append_printf(out, "# end %u\n", rows);
	return out;
}

/* --- for a reader --- */

static const struct predicted *
find(const GArray *cells, const struct variant_name *v, uint64_t bytes)
{
	for (guint i = 0; i < cells->len; i++) {
		const struct row *row = cell_at(cells, i)->row;

		if (row->bytes == bytes && !strcmp(row->variant, v->name) &&
		    !strcmp(row->access, v->access))
			return cell_at(cells, i);
	}
	return NULL;
}

static void say_cell(GString *out, const struct predicted *p)
{
	char *mbps = fmt_human(p ? predicted_mbps(p).mid : NAN);

	g_string_append_printf(out, " %10s", mbps);
	if (p && p->measured)
		g_string_append_printf(out, " x%-5.2f", 1 / ratio(p));
	else
		g_string_append(out, "       ");
	g_free(mbps);
}

static void say_prices(GString *out, const struct price_list *prices)
{
	g_string_append_printf(out, "Prices in ns, lane %s:\n", prices->lane);
	for (int u = 0; u < UNITS; u++) {
		char *ns = fmt_human(prices->ns[u].mid);

		if (prices->origin[u])
			g_string_append_printf(out, "  %-19s %10s  %s\n",
					       unit_name(u, prices->exits), ns,
					       prices->origin[u]);
		g_free(ns);
	}
}

static void say_table(GString *out, const GArray *cells)
{
	GArray *sizes = g_array_new(FALSE, FALSE, sizeof(uint64_t));

	for (guint i = 0; i < cells->len; i++) {
		const struct row *row = cell_at(cells, i)->row;

		/* variant by variant, so the first has them in their order */
		if (row->bytes && !strcmp(row->access, "read") &&
		    !strcmp(row->variant, cell_at(cells, 0)->row->variant))
			g_array_append_val(sizes, row->bytes);
	}
	g_string_append_printf(out, "\n%9s", "");
	for (const struct variant_name *v = variant_names; v->name; v++)
		if (v->is_device || !strcmp(v->name, "null"))
			g_string_append_printf(out, " %10s       ", v->name);
	for (guint i = 0; i < sizes->len; i++) {
		uint64_t bytes = g_array_index(sizes, uint64_t, i);
		char *size = fmt_size(bytes);

		g_string_append_printf(out, "\n%9s", size);
		for (const struct variant_name *v = variant_names; v->name; v++)
			if (v->is_device || !strcmp(v->name, "null"))
				say_cell(out, find(cells, v, bytes));
		g_free(size);
	}
	g_string_append_c(out, '\n');
	g_array_unref(sizes);
}

GString *predict_table(const struct price_list *prices, const GArray *cells)
{
	GString *out = g_string_new(NULL);
	double error = predict_error(cells, false);

	say_prices(out, prices);
	g_string_append_printf(
		out, "\nPredicted MB/s by request size, one thread%s:\n",
		isnan(error) ? "" : " (x: predicted over measured)");
	if (cells->len)
		say_table(out, cells);
	if (!isnan(error))
		g_string_append_printf(out,
				       "\nMedian error of a call's time: %.0f "
				       "%% of all cells, %.0f %% of those of "
				       "my_rng.\n",
				       100 * error,
				       100 * predict_error(cells, true));
	return out;
}
