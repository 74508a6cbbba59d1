// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lookcost: what looking costs. Reads throughputs, taken with a tool off and on
 * in turn, from standard input; writes a row for each tool: the ratio on/off with
 * its 95 % interval, and what may be said of it. What measurements of one block
 * share (a boot of the machines, an attachment of the tool) they do not show, so
 * blocks are to a ratio what boots are to those of a study.
 *
 * A measurement counts if the reference loop that ran beside it was as fast as it
 * is when the host is undisturbed: else the host's speed would be taken for the
 * tool's cost. The first one with the tool on that counts is a pair with the first
 * one without in its block, and so on. If there is no pair at all, all measurements
 * count: a large cost is known in spite of the host.
 */
#include <glib.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boots.h"
#include "cli.h"
#include "fmt.h"
#include "out.h"
#include "reference.h"
#include "stats.h"
#include "tsv.h"
#include "verdict.h"

/*
 * What the logarithm of a ratio may be off by in one block, as a standard
 * deviation: shared hosts have two speeds that are 1.6 to 1.8 apart, and all with
 * the tool on may have been measured at one of them. Taken for granted where there
 * are fewer blocks than BOOTS_FEW, which cannot show it themselves.
 */
#define BLOCK_SD 0.5

static const char *const columns[] = { "lane", "variant",   "bytes",
				       "tool", "block",     "on",
				       "mbps", "reference", NULL };

/**
 * struct piece - one measurement
 * @block: which block it is of
 * @on: whether the tool was on
 * @mbps: throughput
 * @reference: ns a call of the reference loop; NAN: not known, so it counts
 */
struct piece {
	uint64_t block;
	uint64_t on;
	double mbps;
	double reference;
};

/**
 * struct looking - the measurements of one tool on one path
 * @lane: lane, owned by the file, and so on
 * @variant: path
 * @bytes: request size
 * @tool: the tool
 * @pieces: struct piece, block after block
 * @off: double: MB/s with the tool off of each pair
 * @on: double: MB/s with it on
 * @ratios: logarithms of on/off of the pairs, by block
 */
struct looking {
	const char *lane;
	const char *variant;
	const char *bytes;
	const char *tool;
	GArray *pieces;
	GArray *off;
	GArray *on;
	struct boots *ratios;
};

static void free_looking(gpointer data)
{
	struct looking *l = data;

	g_array_unref(l->pieces);
	g_array_unref(l->off);
	g_array_unref(l->on);
	boots_free(l->ratios);
	g_free(l);
}

static struct looking *find_or_add(GPtrArray *all, const struct tsv *t,
				   const struct tsv_row *row)
{
	const char *variant = tsv_text(t, row, "variant");
	const char *tool = tsv_text(t, row, "tool");
	struct looking *l;

	for (guint i = 0; i < all->len; i++) {
		l = all->pdata[i];
		if (!strcmp(l->tool, tool) && !strcmp(l->variant, variant))
			return l;
	}
	l = g_new0(struct looking, 1);
	l->lane = tsv_text(t, row, "lane");
	l->variant = variant;
	l->bytes = tsv_text(t, row, "bytes");
	l->tool = tool;
	l->pieces = g_array_new(FALSE, FALSE, sizeof(struct piece));
	l->off = g_array_new(FALSE, FALSE, sizeof(double));
	l->on = g_array_new(FALSE, FALSE, sizeof(double));
	l->ratios = boots_new();
	g_ptr_array_add(all, l);
	return l;
}

static bool add_piece(GPtrArray *all, const struct tsv *t,
		      const struct tsv_row *row, GError **err)
{
	struct looking *l = find_or_add(all, t, row);
	struct piece p;

	if (!tsv_uint(t, row, "block", 1, &p.block, err) ||
	    !tsv_uint(t, row, "on", 0, &p.on, err) ||
	    !tsv_real(t, row, "mbps", &p.mbps, err) ||
	    !tsv_real(t, row, "reference", &p.reference, err))
		return false;
	if (!(p.mbps > 0)) {
		tsv_complain(t, row, err,
			     "expected a throughput above 0; measure again");
		return false;
	}
	g_array_append_val(l->pieces, p);
	return true;
}

/* The undisturbed reference of a path, by all tools' measurements; NAN: none */
static double undisturbed(const GPtrArray *all, const char *variant)
{
	GArray *ns = g_array_new(FALSE, FALSE, sizeof(double));
	double least = NAN;

	for (guint i = 0; i < all->len; i++) {
		const struct looking *l = all->pdata[i];

		for (guint k = 0; k < l->pieces->len; k++) {
			double x = g_array_index(l->pieces, struct piece, k)
					   .reference;

			if (!strcmp(l->variant, variant) && !isnan(x))
				g_array_append_val(ns, x);
		}
	}
	if (ns->len)
		least = reference_undisturbed((double *)(void *)ns->data,
					      ns->len);
	g_array_unref(ns);
	return least;
}

static bool counts(const struct piece *p, double least)
{
	return isnan(p->reference) || isnan(least) ||
	       reference_accepts(p->reference, p->reference, least);
}

/* Makes the pairs of the block that begins at piece @first; returns its end. */
static guint pair_block(struct looking *l, guint first, double least)
{
	const struct piece *p = (const struct piece *)(void *)l->pieces->data;
	uint64_t block = p[first].block;
	guint end = first, pairs = MIN(l->off->len, l->on->len);

	for (; end < l->pieces->len && p[end].block == block; end++) {
		if (!counts(&p[end], least))
			continue;
		if (p[end].on)
			g_array_append_val(l->on, p[end].mbps);
		else
			g_array_append_val(l->off, p[end].mbps);
	}
	g_array_set_size(l->off, MIN(l->off->len, l->on->len));
	g_array_set_size(l->on, l->off->len);
	for (; pairs < l->off->len; pairs++)
		boots_add(l->ratios, (guint)block,
			  log(g_array_index(l->on, double, pairs) /
			      g_array_index(l->off, double, pairs)));
	return end;
}

static void pair_blocks(struct looking *l, double least)
{
	for (guint i = 0; i < l->pieces->len;)
		i = pair_block(l, i, least);
}

static void add_field(GString *text, double x)
{
	char *field = fmt_data(x);

	g_string_append_printf(text, "\t%s", field);
	g_free(field);
}

static double median_of(const GArray *x)
{
	return x->len ? stats_median((const double *)(void *)x->data, x->len)
		      : NAN;
}

static void add_row(GString *text, const struct looking *l, struct estimate e,
		    double p)
{
	struct stats_interval ci = verdict_interval(e);

	g_string_append_printf(text, "%s\t%s\t%s\t%s\t%u", l->lane, l->variant,
			       l->bytes, l->tool, l->off->len);
	add_field(text, median_of(l->off));
	add_field(text, median_of(l->on));
	add_field(text, ci.mid);
	add_field(text, ci.lo);
	add_field(text, ci.hi);
	g_string_append_printf(text, "\t%u\t%s\n", boots_count(l->ratios),
			       verdict_names[verdict_decide(e, p)]);
}

static void add_rows(GString *text, const GPtrArray *all)
{
	struct estimate *e = g_new(struct estimate, all->len);
	double *p = g_new(double, all->len);

	for (guint i = 0; i < all->len; i++) {
		struct looking *l = all->pdata[i];
		double least = undisturbed(all, l->variant);

		pair_blocks(l, least);
		if (!l->off->len) /* the blocks' spread is all there is to know */
			pair_blocks(l, NAN);
		e[i] = boots_estimate(l->ratios, BLOCK_SD);
		p[i] = verdict_p(e[i]);
	}
	verdict_holm(p, all->len);
	for (guint i = 0; i < all->len; i++)
		add_row(text, all->pdata[i], e[i], p[i]);
	g_free(e);
	g_free(p);
}

static bool fold(GPtrArray *all, GError **err)
{
	struct tsv *t = tsv_read("/dev/stdin", "looking-raw 2", columns,
				 "tracing/look.sh", err);
	GString *text = g_string_new(
		"# exitcost looking 1\n"
		"lane\tvariant\tbytes\ttool\tn\tmbps_off\tmbps_on\tratio\t"
		"ratio_lo\tratio_hi\tblocks\tverdict\n");
	bool good = t != NULL;

	for (guint i = 0; good && i < t->rows->len; i++)
		good = add_piece(all, t, t->rows->pdata[i], err);
	if (good) {
		add_rows(text, all);
		g_string_append_printf(text, "# end %u\n", all->len);
		good = out_save("-", text, err);
	}
	g_string_free(text, TRUE);
	tsv_free(t);
	return good;
}

int main(int argc, char **argv)
{
	GPtrArray *all = g_ptr_array_new_with_free_func(free_looking);
	GError *err = NULL;
	bool good;

	if (argc > 1) {
		fprintf(stderr, "usage: %s < looking-raw.tsv > looking.tsv\n",
			argv[0]);
		return 2;
	}
	good = fold(all, &err);
	g_ptr_array_unref(all);
	return cli_end("lookcost", good, err);
}
