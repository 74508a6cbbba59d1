// SPDX-License-Identifier: GPL-2.0-or-later
/* model.tsv: cost models as a file. */
#include "modelfile.h"

#include <inttypes.h>
#include <math.h>

#include "fmt.h"
#include "tsv.h"

static const char *const columns[] = {
	"lane",        "record",   "name",     "access",   "bytes",
	"value",       "value_lo", "value_hi", "measured", "measured_lo",
	"measured_hi", "ratio",    "status",   "note",     NULL,
};

static const struct stats_interval none = { NAN, NAN, NAN };

/* --- writing --- */

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

static void add_line(GString *out, const struct model_line *l)
{
	g_string_append_printf(out, "%s\t%s\t%s\t%s", l->lane, l->record,
			       l->name, l->access ? l->access : "-");
	add_number(out, l->bytes);
	add_interval(out, l->value);
	add_interval(out, l->measured);
	add_number(out, l->ratio);
	g_string_append_printf(out, "\t%s\t%s\n", l->status ? l->status : "-",
			       l->note ? l->note : "-");
}

static char *names_within(const struct model *m, const struct price *p)
{
	GString *names = g_string_new("not told apart from:");

	for (int u = 0; u < UNITS; u++)
		if (p->within[u])
			g_string_append_printf(names, " %s",
					       unit_name(u, m->exits));
	return g_string_free(names, FALSE);
}

static void add_prices(GString *out, const struct model *m)
{
	static const char *const status[] = { [PRICE_KNOWN] = "known",
					      [PRICE_WITHIN] = "within",
					      [PRICE_ABSENT] = "absent" };

	for (int u = 0; u < UNITS; u++) {
		const struct price *p = &m->price[u];
		struct model_line l = {
			.lane = (char *)m->lane,
			.record = "price",
			.name = (char *)unit_name(u, m->exits),
			.bytes = NAN,
			.value = p->state == PRICE_KNOWN ? p->ns : none,
			.measured = none,
			.ratio = NAN,
			.status = (char *)status[p->state],
		};

		if (p->state == PRICE_WITHIN)
			l.note = names_within(m, p);
		else if (p->state == PRICE_KNOWN && !(p->ns.lo > 0))
			l.note = g_strdup("not told apart from 0");
		add_line(out, &l);
		g_free(l.note);
	}
}

static void add_cells(GString *out, const struct model *m)
{
	for (guint i = 0; i < m->cells->len; i++) {
		const struct model_cell *c = model_cell_at(m, i);
		struct model_line l = {
			.lane = (char *)m->lane,
			.record = "cell",
			.name = c->row->variant,
			.access = c->row->access,
			.bytes = (double)c->row->bytes,
			.value = c->ns,
			.measured = c->row->ns_call,
			.ratio = model_cell_ratio(c),
			.status = model_cell_is_off(c) ? "off" : "fits",
		};

		add_line(out, &l);
	}
}

static struct stats_interval place(struct crossing c)
{
	return (struct stats_interval){ c.at, c.lo, c.hi };
}

static const char *winner(const struct contest_pair *p, struct crossing c)
{
	if (!c.winner)
		return "-";
	return c.winner > 0 ? p->b : p->a;
}

static void add_crossings(GString *out, const struct model *m)
{
	static const char *const status[] = { [STORY_AGREE] = "agree",
					      [STORY_DIFFER] = "differ",
					      [STORY_OPEN] = "open" };

	for (guint i = 0; i < m->crossings->len; i++) {
		const struct model_crossing *c =
			&g_array_index(m->crossings, struct model_crossing, i);
		struct model_line l = {
			.lane = (char *)m->lane,
			.record = "crossover",
			.name = g_strdup_printf("%s/%s", c->pair->b,
						c->pair->a),
			.bytes = NAN,
			.value = place(c->model),
			.measured = place(c->measured),
			.ratio = NAN,
			.status = (char *)status[model_crossing_story(c)],
			.note = g_strdup_printf("%s %s",
						winner(c->pair, c->model),
						winner(c->pair, c->measured)),
		};

		add_line(out, &l);
		g_free(l.name);
		g_free(l.note);
	}
}

static void add_errors(GString *out, const struct model *m)
{
	struct model_line l = {
		.lane = (char *)m->lane,
		.record = "error",
		.name = "median",
		.bytes = NAN,
		.value = { model_error(m), NAN, NAN },
		.measured = none,
		.ratio = NAN,
	};
	guint off = 0;

	add_line(out, &l);
	for (guint i = 0; i < m->cells->len; i++)
		off += model_cell_is_off(model_cell_at(m, i));
	l.name = "cells-off";
	l.value.mid = off;
	l.measured.mid = m->cells->len;
	add_line(out, &l);
}

GString *model_text(const GPtrArray *models)
{
	GString *out = g_string_new("# exitcost model 1\n");
	gsize head;
	guint rows = 0;

	for (int i = 0; columns[i]; i++)
		g_string_append_printf(out, "%s%s", i ? "\t" : "", columns[i]);
	g_string_append_c(out, '\n');
	head = out->len;
	for (guint i = 0; i < models->len; i++) {
		const struct model *m = models->pdata[i];

		add_prices(out, m);
		add_cells(out, m);
		add_crossings(out, m);
		add_errors(out, m);
	}
	for (gsize i = head; i < out->len; i++)
		rows += out->str[i] == '\n';
	g_string_append_printf(out, "# end %u\n", rows);
	return out;
}

/* --- reading --- */

static void free_line(gpointer data)
{
	struct model_line *l = data;

	g_free(l->lane);
	g_free(l->record);
	g_free(l->name);
	g_free(l->access);
	g_free(l->status);
	g_free(l->note);
	g_free(l);
}

static bool read_line(const struct tsv *t, const struct tsv_row *row,
		      struct model_line *l, GError **err)
{
	const struct {
		const char *column;
		double *x;
	} numbers[] = {
		{ "bytes", &l->bytes },
		{ "value", &l->value.mid },
		{ "value_lo", &l->value.lo },
		{ "value_hi", &l->value.hi },
		{ "measured", &l->measured.mid },
		{ "measured_lo", &l->measured.lo },
		{ "measured_hi", &l->measured.hi },
		{ "ratio", &l->ratio },
	};

	l->lane = g_strdup(tsv_text(t, row, "lane"));
	l->record = g_strdup(tsv_text(t, row, "record"));
	l->name = g_strdup(tsv_text(t, row, "name"));
	l->access = g_strdup(tsv_text(t, row, "access"));
	l->status = g_strdup(tsv_text(t, row, "status"));
	l->note = g_strdup(tsv_text(t, row, "note"));
	for (guint i = 0; i < G_N_ELEMENTS(numbers); i++)
		if (!tsv_real(t, row, numbers[i].column, numbers[i].x, err))
			return false;
	return true;
}

GPtrArray *model_lines_read(const char *path, GError **err)
{
	struct tsv *t = tsv_read(path, "model 1", columns, "model", err);
	GPtrArray *lines = g_ptr_array_new_with_free_func(free_line);
	bool good = t != NULL;

	for (guint i = 0; good && i < t->rows->len; i++) {
		struct model_line *l = g_new0(struct model_line, 1);

		g_ptr_array_add(lines, l);
		good = read_line(t, t->rows->pdata[i], l, err);
	}
	tsv_free(t);
	if (good)
		return lines;
	g_ptr_array_unref(lines);
	return NULL;
}
