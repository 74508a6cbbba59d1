// SPDX-License-Identifier: GPL-2.0-or-later
/* Unit prices of some host: from a model.tsv or an exitbench.tsv. */
#include "prices.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "modelfile.h"
#include "tsv.h"

static const struct stats_interval none = { NAN, NAN, NAN };

static struct price_list *new_list(const char *lane)
{
	struct price_list *list = g_new0(struct price_list, 1);

	list->lane = g_strdup(lane);
	list->exits = units_have_exits(lane);
	for (int u = 0; u < UNITS; u++)
		list->ns[u] = none;
	return list;
}

void prices_free(struct price_list *list)
{
	if (!list)
		return;
	for (int u = 0; u < UNITS; u++)
		g_free(list->origin[u]);
	g_free(list->lane);
	g_free(list);
}

/* Takes @origin. */
static void set_price(struct price_list *list, enum unit unit,
		      struct stats_interval ns, char *origin)
{
	g_free(list->origin[unit]);
	list->ns[unit] = ns;
	list->origin[unit] = origin;
}

/*
 * The lane to take of those in a file. @name gives the lane of entry @i, or
 * NULL behind the last.
 */
static const char *choose_lane(const char *path, const char *wanted,
			       const char *(*name)(const void *file, guint i),
			       const void *file, GError **err)
{
	const char *lane = wanted ? wanted : name(file, 0);
	bool found = false, others = false;

	for (guint i = 0; name(file, i); i++) {
		found = found || !strcmp(name(file, i), lane);
		others = others || strcmp(name(file, i), lane);
	}
	if (found && (wanted || !others))
		return lane;
	g_set_error(err, TSV_ERROR, 0,
		    found ? "%s: prices of several lanes, %s and others; name "
			    "one with --lane"
			  : "%s: expected prices of lane %s, found none; name "
			    "a lane of the file with --lane",
		    path, lane ? lane : "(any)");
	return NULL;
}

/* --- from a model --- */

static const char *line_lane(const void *lines, guint i)
{
	const GPtrArray *all = lines;

	return i < all->len ? ((const struct model_line *)all->pdata[i])->lane
			    : NULL;
}

static void take_line(struct price_list *list, const struct model_line *l,
		      const char *path)
{
	const struct stats_interval zero = { 0, 0, 0 };

	for (int u = 0; u < UNITS; u++) {
		if (strcmp(l->name, unit_name(u, list->exits)))
			continue;
		if (!strcmp(l->status, "known"))
			set_price(list, u, l->value,
				  g_strdup_printf("%s", path));
		else if (!strcmp(l->status, "within"))
			set_price(list, u, zero,
				  g_strdup_printf("%s: held in other prices, "
						  "%s",
						  path, l->note));
	}
}

static struct price_list *read_model(const char *path, const char *wanted,
				     GError **err)
{
	GPtrArray *lines = model_lines_read(path, err);
	struct price_list *list = NULL;
	const char *lane;

	if (!lines)
		return NULL;
	lane = choose_lane(path, wanted, line_lane, lines, err);
	if (lane)
		list = new_list(lane);
	for (guint i = 0; list && i < lines->len; i++) {
		const struct model_line *l = lines->pdata[i];

		if (!strcmp(l->record, "price") && !strcmp(l->lane, lane))
			take_line(list, l, path);
	}
	g_ptr_array_unref(lines);
	return list;
}

/* --- from the bare-metal guest --- */

static const char *const bench_columns[] = { "lane", "case", "device", "ns_p50",
					     NULL };

static const char *row_lane(const void *file, guint i)
{
	const struct tsv *t = file;

	return i < t->rows->len ? tsv_text(t, t->rows->pdata[i], "lane") : NULL;
}

/* Median of a case of my_rng in ns; NaN: not in the file, or `-` there. */
static double bench_ns(const struct tsv *t, const char *lane, const char *name)
{
	for (guint i = 0; i < t->rows->len; i++) {
		const struct tsv_row *row = t->rows->pdata[i];
		double ns;

		if (!strcmp(tsv_text(t, row, "case"), name) &&
		    !strcmp(tsv_text(t, row, "device"), "my_rng") &&
		    !strcmp(tsv_text(t, row, "lane"), lane) &&
		    tsv_real(t, row, "ns_p50", &ns, NULL))
			return ns;
	}
	return NAN;
}

static void set_bench(struct price_list *list, enum unit unit, double ns,
		      const char *what)
{
	const struct stats_interval ci = { ns, ns, ns };

	if (!isnan(ns))
		set_price(list, unit, ci,
			  g_strdup_printf("bare-metal guest: %s", what));
}

static void take_bench(struct price_list *list, const struct tsv *t)
{
	double write = bench_ns(t, list->lane, "mmio_write32");
	double port = bench_ns(t, list->lane, "port_read32");
	double insl = bench_ns(t, list->lane, "insl_1k");
	double dma = bench_ns(t, list->lane, "dma_4k");

	set_bench(list, UNIT_MMIO_READ32,
		  bench_ns(t, list->lane, "mmio_read32"), "mmio_read32");
	set_bench(list, UNIT_MMIO_READ64,
		  bench_ns(t, list->lane, "mmio_read64"), "mmio_read64");
	set_bench(list, UNIT_MMIO_WRITE, write, "mmio_write32");
	set_bench(list, UNIT_PORT, port, "port_read32");
	if (list->exits && !isnan(insl) && !isnan(port))
		set_bench(list, UNIT_PORT_KIB, fmax(insl - port, 0),
			  "insl_1k less port_read32");
	if (!list->exits)
		set_bench(list, UNIT_PORT, insl / 256,
			  "insl_1k over its 256 words");
	if (isnan(dma) || isnan(write))
		return;
	set_bench(list, UNIT_DMA_KIB, fmax(dma - write, 0) / 4,
		  "dma_4k less mmio_write32, over 4");
	set_bench(list, UNIT_DMA_REQUEST, 0,
		  "nothing beyond its doorbell, an MMIO write");
}

static struct price_list *read_bench(const char *path, const char *wanted,
				     GError **err)
{
	struct tsv *t = tsv_read(path, "exitbench 1", bench_columns,
				 "make exitbench", err);
	struct price_list *list = NULL;
	const char *lane;

	if (!t)
		return NULL;
	lane = choose_lane(path, wanted, row_lane, t, err);
	if (lane) {
		list = new_list(lane);
		take_bench(list, t);
	}
	if (list && isnan(list->ns[UNIT_MMIO_READ32].mid)) {
		g_set_error(err, TSV_ERROR, 0,
			    "%s: expected case mmio_read32 of device my_rng "
			    "with its time in ns; run make exitbench again",
			    path);
		prices_free(list);
		list = NULL;
	}
	tsv_free(t);
	return list;
}

struct price_list *prices_read(const char *path, const char *lane, GError **err)
{
	char *text = NULL;
	bool is_bench;

	/* What cannot be read is complained of by who wants it as a model. */
	is_bench = g_file_get_contents(path, &text, NULL, NULL) &&
		   g_str_has_prefix(text, "# exitcost exitbench ");
	g_free(text);
	return is_bench ? read_bench(path, lane, err)
			: read_model(path, lane, err);
}

/* --- filling gaps --- */

static void complete_unit(struct price_list *list, enum unit unit,
			  const struct model *m, const char *cells)
{
	const struct price *p = &m->price[unit];

	if (!list->origin[unit] && p->state == PRICE_KNOWN)
		set_price(list, unit, p->ns,
			  g_strdup_printf("not in the file; model of %s, "
					  "lane %s",
					  cells, m->lane));
}

/*
 * Among cells without a device only `null` reads, and it fills what it copies:
 * both together stand for the copy, the most it can be.
 */
static void complete_copy(struct price_list *list, const struct model *m)
{
	const struct stats_interval zero = { 0, 0, 0 };
	const struct price *fill = &m->price[UNIT_FILLED_KIB];

	if (list->origin[UNIT_COPIED_KIB] || list->origin[UNIT_FILLED_KIB] ||
	    !m->price[UNIT_COPIED_KIB].within[UNIT_FILLED_KIB] ||
	    fill->state != PRICE_KNOWN)
		return;
	set_price(list, UNIT_COPIED_KIB, fill->ns,
		  g_strdup_printf("not in the file; `null` in lane %s, which "
				  "fills as well: the most a copy can cost",
				  m->lane));
	set_price(list, UNIT_FILLED_KIB, zero, g_strdup("held in copied_kib"));
}

void prices_complete(struct price_list *list, const struct model *software,
		     const struct model *device)
{
	if (software)
		complete_copy(list, software);
	for (int u = 0; u < UNITS; u++) {
		/* No cell without a device is measured by io_uring. */
		bool by_device = !unit_is_software(u) || u == UNIT_URING_CALL;

		if (unit_is_software(u) && software)
			complete_unit(list, u, software,
				      "the cells without a device");
		if (by_device && device && device->exits == list->exits)
			complete_unit(list, u, device, "all cells");
	}
}
