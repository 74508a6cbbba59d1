// SPDX-License-Identifier: GPL-2.0-or-later
/* The cost model of a lane: time of a call from what the call is made of. */
#include "costmodel.h"

#include <math.h>
#include <string.h>

#include "names.h"
#include "tsv.h"

/**
 * struct fitting - a model being fitted
 * @m: the model
 * @problem: its equations, one for each cell
 * @split: which units the cells can tell apart
 * @x: of @problem
 * @y: of @problem
 * @prices: of each resample, UNITS numbers each
 */
struct fitting {
	struct model *m;
	struct lsq problem;
	struct lsq_split split;
	double *x;
	double *y;
	double *prices;
};

const struct model_cell *model_cell_at(const struct model *m, guint i)
{
	return &g_array_index(m->cells, struct model_cell, i);
}

static double cost(const double *x, const double *prices)
{
	double ns = 0;

	for (int u = 0; u < UNITS; u++)
		ns += x[u] * prices[u];
	return ns;
}

static bool is_of_device(const struct row *row)
{
	const struct variant_name *v = variant_find(row->variant);

	return !v || v->is_device;
}

static void gather_cells(struct model *m, const GPtrArray *rows,
			 bool controls_only)
{
	for (guint i = 0; i < rows->len; i++) {
		struct model_cell c = { .row = rows->pdata[i] };

		if (!strcmp(c.row->lane, m->lane) && c.row->ns_call.mid > 0 &&
		    !(controls_only && is_of_device(c.row)) &&
		    units_of(c.row, m->exits, c.x))
			g_array_append_val(m->cells, c);
	}
}

static void state_equations(struct fitting *f)
{
	guint n = f->m->cells->len;
	gsize all = (gsize)n * UNITS;

	f->x = g_new(double, all);
	f->y = g_new(double, n);
	for (guint i = 0; i < n; i++) {
		const struct model_cell *c = model_cell_at(f->m, i);

		memcpy(f->x + (gsize)i * UNITS, c->x, sizeof(c->x));
		f->y[i] = c->row->ns_call.mid;
	}
	f->problem = (struct lsq){ n, UNITS, f->x, f->y };
	lsq_separate(&f->problem, &f->split);
}

static bool check_equations(const struct fitting *f, GError **err)
{
	guint n = f->m->cells->len;
	guint unknowns = 0;

	for (int u = 0; u < UNITS; u++)
		unknowns += f->split.kept[u];
	if (n && n > unknowns)
		return true;
	g_set_error(err, TSV_ERROR, 0,
		    "lane %s: %u cells do not suffice to find %u prices; "
		    "measure more variants and sizes",
		    f->m->lane, n, unknowns);
	return false;
}

static bool is_absent(const struct fitting *f, int unit)
{
	for (guint i = 0; i < f->m->cells->len; i++)
		if (model_cell_at(f->m, i)->x[unit] > 0)
			return false;
	return true;
}

static void state_prices(struct fitting *f, const double *prices)
{
	for (int u = 0; u < UNITS; u++) {
		struct price *p = &f->m->price[u];

		p->ns.mid = prices[u];
		if (is_absent(f, u))
			p->state = PRICE_ABSENT;
		else if (!f->split.kept[u])
			p->state = PRICE_WITHIN;
		memcpy(p->within, f->split.within[u], sizeof(p->within));
	}
}

/* --- resampling --- */

/* Standard deviation of the logarithm of a time, from its interval. */
static double noise_of(struct stats_interval ns)
{
	if (!(ns.lo > 0) || !(ns.hi > ns.lo))
		return 0;
	return log(ns.hi / ns.lo) / (2 * 1.96);
}

/* Times as they might have been; @y as by the model, replaced. */
static void draw_times(const struct fitting *f, double *y, uint64_t *state)
{
	double turn = 1;

	for (guint i = 0; i < f->m->cells->len; i++) {
		const struct row *row = model_cell_at(f->m, i)->row;
		double misfit, noise;

		if (!i || strcmp(row->variant,
				 model_cell_at(f->m, i - 1)->row->variant))
			turn = stats_random(state) >> 63 ? 1 : -1;
		noise = noise_of(row->ns_call) * stats_normal(state);
		misfit = y[i] > 0 ? log(f->y[i] / y[i]) : 0;
		y[i] = y[i] > 0 ? y[i] * exp(turn * misfit + noise) : f->y[i];
	}
}

static void resample(struct fitting *f, const double *prices)
{
	const gsize all = MODEL_RESAMPLES * UNITS;
	guint n = f->m->cells->len;
	struct lsq problem = f->problem;
	double *y = g_new(double, n);
	uint64_t state = STATS_SEED;

	problem.y = y;
	f->prices = g_new(double, all);
	for (int r = 0; r < MODEL_RESAMPLES; r++) {
		for (guint i = 0; i < n; i++)
			y[i] = cost(model_cell_at(f->m, i)->x, prices);
		draw_times(f, y, &state);
		lsq_fit(&problem, &f->split, f->prices + r * UNITS);
	}
	g_free(y);
}

/* An estimate and, from all resamples, its interval. */
static struct stats_interval interval(const struct fitting *f, double mid,
				      double (*value)(const double *prices,
						      const void *what),
				      const void *what)
{
	double again[MODEL_RESAMPLES];

	for (int r = 0; r < MODEL_RESAMPLES; r++)
		again[r] = value(f->prices + r * UNITS, what);
	return stats_percentiles(mid, again, MODEL_RESAMPLES);
}

static double price_value(const double *prices, const void *unit)
{
	return prices[*(const int *)unit];
}

static double cell_value(const double *prices, const void *x)
{
	return cost(x, prices);
}

static void state_intervals(struct fitting *f, const double *prices)
{
	for (int u = 0; u < UNITS; u++)
		f->m->price[u].ns = interval(f, prices[u], price_value, &u);
	for (guint i = 0; i < f->m->cells->len; i++) {
		struct model_cell *c =
			&g_array_index(f->m->cells, struct model_cell, i);

		c->ns = interval(f, cost(c->x, prices), cell_value, c->x);
	}
}

/* --- crossings --- */

/**
 * struct race - two paths at the sizes where both are cells of the model
 * @n: sizes
 * @bytes: the sizes, ascending
 * @ahead: what a call of a is made of, less what one of b is, by size
 * @winner: who wins in the end by the model itself
 */
struct race {
	guint n;
	double *bytes;
	double (*ahead)[UNITS];
	int winner;
};

static const struct model_cell *find_cell(const struct model *m,
					  const struct row *row)
{
	for (guint i = 0; row && i < m->cells->len; i++)
		if (model_cell_at(m, i)->row == row)
			return model_cell_at(m, i);
	return NULL;
}

static struct race start_race(const struct model *m, const GPtrArray *rows,
			      const struct contest_pair *p, const GArray *sizes)
{
	struct race race = { 0 };

	race.bytes = g_new(double, sizes->len + 1);
	race.ahead = g_malloc_n(sizes->len + 1, sizeof(*race.ahead));
	for (guint i = 0; i < sizes->len; i++) {
		uint64_t bytes = g_array_index(sizes, uint64_t, i);
		const struct model_cell *a =
			find_cell(m, rows_path(rows, m->lane, p->a, bytes));
		const struct model_cell *b =
			find_cell(m, rows_path(rows, m->lane, p->b, bytes));

		if (!a || !b)
			continue;
		race.bytes[race.n] = (double)bytes;
		for (int u = 0; u < UNITS; u++)
			race.ahead[race.n][u] = a->x[u] - b->x[u];
		race.n++;
	}
	return race;
}

/* By how much b is faster at size @i, in ns; rounding counts as a tie. */
static double lead_at(const struct race *race, guint i, const double *prices)
{
	double lead = cost(race->ahead[i], prices);

	return fabs(lead) < 1e-6 ? 0 : lead;
}

/*
 * Which path is faster in the end, and from which size on. Counts between two
 * sizes are taken to grow evenly, and so is the lead in ns.
 */
static struct crossing run_race(const struct race *race, const double *prices)
{
	struct crossing c = { 0, NAN, NAN, NAN };
	guint last = 0;

	for (guint i = race->n; i-- > 0;) {
		double lead = lead_at(race, i, prices);
		double after = c.winner ? lead_at(race, last, prices) : 0;

		if (lead == 0)
			continue;
		if (c.winner && lead * c.winner < 0) {
			c.at = race->bytes[i] +
			       (race->bytes[last] - race->bytes[i]) * lead /
				       (lead - after);
			break;
		}
		c.winner = lead > 0 ? 1 : -1;
		last = i;
	}
	return c;
}

/*
 * Where @race->winner takes the lead with other prices: the smallest size where
 * it always has it, the largest where it never gets it.
 */
static double race_value(const double *prices, const void *what)
{
	const struct race *race = what;
	struct crossing c = run_race(race, prices);

	if (c.winner != race->winner)
		return race->bytes[race->n - 1];
	return isnan(c.at) ? race->bytes[0] : c.at;
}

static double is_won(const double *prices, const void *what)
{
	const struct race *race = what;

	return run_race(race, prices).winner == race->winner;
}

static void state_crossing(const struct fitting *f, struct race *race,
			   struct model_crossing *c, const double *prices)
{
	c->model = run_race(race, prices);
	race->winner = c->model.winner;
	c->sure = interval(f, 1, is_won, race).lo == 1;
	if (!isnan(c->model.at)) {
		struct stats_interval at =
			interval(f, c->model.at, race_value, race);

		c->model.lo = at.lo;
		c->model.hi = at.hi;
	}
}

static void state_crossings(struct fitting *f, const GPtrArray *rows,
			    const GPtrArray *verdicts, const double *prices)
{
	GArray *sizes = rows_sizes(rows, f->m->lane);

	for (const struct contest_pair *p = contest_pairs; p->a; p++) {
		struct race race = start_race(f->m, rows, p, sizes);
		GArray *all = contests_measured(verdicts, f->m->lane, p, sizes);
		struct model_crossing c = { .pair = p,
					    .measured = contests_last(all) };

		if (race.n) {
			state_crossing(f, &race, &c, prices);
			g_array_append_val(f->m->crossings, c);
		}
		g_array_unref(all);
		g_free(race.bytes);
		g_free(race.ahead);
	}
	g_array_unref(sizes);
}

enum story model_crossing_story(const struct model_crossing *c)
{
	const struct crossing *model = &c->model;
	const struct crossing *measured = &c->measured;
	bool same;

	if (!c->sure || !measured->winner)
		return STORY_OPEN;
	if (model->winner != measured->winner)
		return STORY_DIFFER;
	if (isnan(measured->at)) /* the model's place must be among the ties */
		same = isnan(model->at) || model->lo <= measured->hi;
	else
		same = !isnan(model->at) && model->lo <= measured->hi &&
		       measured->lo <= model->hi;
	return same ? STORY_AGREE : STORY_DIFFER;
}

/* --- the whole --- */

struct model *model_fit(const GPtrArray *rows, const GPtrArray *verdicts,
			const char *lane, bool controls_only, GError **err)
{
	struct model *m = g_new0(struct model, 1);
	struct fitting f = { .m = m };
	double prices[UNITS];
	bool good;

	m->lane = lane;
	m->exits = units_have_exits(lane);
	m->cells = g_array_new(FALSE, TRUE, sizeof(struct model_cell));
	m->crossings = g_array_new(FALSE, TRUE, sizeof(struct model_crossing));
	gather_cells(m, rows, controls_only);
	state_equations(&f);
	good = check_equations(&f, err);
	if (good) {
		lsq_fit(&f.problem, &f.split, prices);
		state_prices(&f, prices);
		resample(&f, prices);
		state_intervals(&f, prices);
		state_crossings(&f, rows, verdicts, prices);
	}
	g_free(f.x);
	g_free(f.y);
	g_free(f.prices);
	if (good)
		return m;
	model_free(m);
	return NULL;
}

void model_free(struct model *m)
{
	if (!m)
		return;
	g_array_unref(m->cells);
	g_array_unref(m->crossings);
	g_free(m);
}

double model_cell_ratio(const struct model_cell *c)
{
	return c->ns.mid / c->row->ns_call.mid;
}

bool model_cell_is_off(const struct model_cell *c)
{
	return interval_order(c->ns, c->row->ns_call) != 0;
}

double model_error(const struct model *m)
{
	guint n = m->cells->len;
	double *off = g_new(double, n);
	double error;

	for (guint i = 0; i < n; i++)
		off[i] = fabs(model_cell_ratio(model_cell_at(m, i)) - 1);
	error = stats_median(off, n);
	g_free(off);
	return error;
}
