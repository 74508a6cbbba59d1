// SPDX-License-Identifier: GPL-2.0-or-later
/* Unit tests of analysis/costmodel.c: known prices are found again. */
#include "costmodel.h"

#include <math.h>

#include "files.h"
#include "synthetic.h"
#include "tap.h"
#include "verdicts.h"

static GPtrArray *rows_of(const struct truth *t, const char *const *paths)
{
	char *dir = scratch_new();
	char *text = synthetic_summary(t, paths);
	char *path = scratch_write(dir, "summary.tsv", text);
	GError *err = NULL;
	GPtrArray *rows = rows_read(path, &err);

	if (!rows)
		diag("%s", err->message);
	g_assert(rows);
	g_free(path);
	g_free(text);
	scratch_free(dir);
	return rows;
}

struct expected {
	enum unit unit;
	double ns;
};

static bool is_found(const struct model *m, const struct expected *e,
		     double part)
{
	const struct price *p = &m->price[e->unit];

	if (p->state == PRICE_KNOWN && fabs(p->ns.mid / e->ns - 1) <= part)
		return true;
	diag("%s: got %g, expected %g", unit_name(e->unit, m->exits), p->ns.mid,
	     e->ns);
	return false;
}

/* Are all prices known, within @part of the truth? */
static bool are_found(const struct model *m, const struct truth *t, double part)
{
	const struct expected expected[] = {
		{ UNIT_SYSCALL, t->syscall },
		{ UNIT_READ_CALL, t->read },
		{ UNIT_IOCTL_CALL, t->ioctl },
		{ UNIT_CALL, t->turn },
		{ UNIT_MMIO_READ32, t->mmio32 },
		{ UNIT_MMIO_READ64, t->mmio64 },
		{ UNIT_PORT, t->port },
		{ UNIT_DMA_REQUEST, t->dma },
		{ UNIT_INTERRUPT, t->irq },
		{ UNIT_DMA_KIB, t->dma_kib },
		{ UNIT_FILLED_KIB, t->fill_kib },
		{ UNIT_MEMCPY_KIB, t->memcpy_kib },
	};
	bool all = true;

	for (gsize i = 0; i < G_N_ELEMENTS(expected); i++)
		all = is_found(m, &expected[i], part) && all;
	return all;
}

static void test_exact(const struct truth *t, const char *name,
		       const char *fits)
{
	GPtrArray *rows = rows_of(t, NULL);
	struct model *m = model_fit(rows, NULL, t->lane, false, NULL);

	ok(m && are_found(m, t, 0.005), name);
	ok(m && model_error(m) < 0.005, fits);
	model_free(m);
	g_ptr_array_unref(rows);
}

static void test_states(void)
{
	GPtrArray *rows = rows_of(&synthetic_tcg, NULL);
	struct model *m = model_fit(rows, NULL, "tcg", false, NULL);
	const struct price *copied = &m->price[UNIT_COPIED_KIB];

	ok(m->price[UNIT_MMIO_WRITE].state == PRICE_WITHIN &&
		   m->price[UNIT_MMIO_WRITE].within[UNIT_DMA_REQUEST],
	   "analysis/costmodel/a-doorbell-is-not-told-from-its-request");
	ok(copied->state == PRICE_WITHIN && copied->within[UNIT_DMA_KIB] &&
		   copied->within[UNIT_FILLED_KIB] && copied->ns.mid == 0,
	   "analysis/costmodel/a-copy-is-not-told-from-what-is-copied");
	ok(m->price[UNIT_PORT_KIB].state == PRICE_ABSENT,
	   "analysis/costmodel/tcg-has-no-price-of-string-exits");
	ok(!strcmp(unit_name(UNIT_MMIO_READ32, m->exits), "mmio_read32_access"),
	   "analysis/costmodel/tcg-has-accesses-not-exits");
	model_free(m);
	g_ptr_array_unref(rows);
}

static void test_exits(void)
{
	GPtrArray *rows = rows_of(&synthetic_nested, NULL);
	struct model *m = model_fit(rows, NULL, "nested", false, NULL);
	double kib = m->price[UNIT_PORT_KIB].ns.mid;

	ok(!strcmp(unit_name(UNIT_MMIO_READ32, m->exits), "mmio_read32_exit"),
	   "analysis/costmodel/nested-has-exits");
	if (!ok(fabs(kib / synthetic_nested.port_kib - 1) < 0.01,
		"analysis/costmodel/tells-string-exits-from-their-bytes"))
		diag("%g", kib);
	model_free(m);
	g_ptr_array_unref(rows);
}

/* Without KVM's counts a port path has no place in a lane with exits. */
static void test_no_exits_counted(void)
{
	struct truth t = synthetic_nested;
	GPtrArray *rows;
	struct model *m;

	t.exits = false;
	rows = rows_of(&t, NULL);
	m = model_fit(rows, NULL, "nested", false, NULL);
	ok(m && m->price[UNIT_PORT].state == PRICE_ABSENT,
	   "analysis/costmodel/no-port-price-without-counted-exits");
	ok(m && m->price[UNIT_MMIO_READ32].state == PRICE_KNOWN,
	   "analysis/costmodel/register-prices-need-no-counted-exits");
	model_free(m);
	g_ptr_array_unref(rows);
}

/* Bytes that the device writes where they are wanted, or ahead of the call. */
static void test_uncopied(const struct truth *t, const char *name,
			  const char *others)
{
	static const char *const paths[] = { "32",        "64",   "fifo",
					     "fifo-mmio", "dma",  "dma-msi",
					     "dma-zc",    "ring", NULL };
	const struct expected expected[] = {
		{ UNIT_PINNED_KIB, t->pinned_kib },
		{ UNIT_HUGE_KIB, t->huge_kib },
		{ UNIT_REGISTERED_KIB, t->registered_kib },
		{ UNIT_RING_KIB, t->ring_kib },
	};
	GPtrArray *rows = rows_of(t, paths);
	struct model *m = model_fit(rows, NULL, t->lane, false, NULL);
	bool all = true;

	for (gsize i = 0; i < G_N_ELEMENTS(expected); i++)
		all = m && is_found(m, &expected[i], 0.005) && all;
	ok(all, name);
	ok(m && are_found(m, t, 0.005) && model_error(m) < 0.005, others);
	model_free(m);
	g_ptr_array_unref(rows);
}

/* A request by io_uring costs less than a read(2), and has its own price. */
static void test_uring(const struct truth *t, const char *name,
		       const char *others, const char *fits)
{
	static const char *const paths[] = {
		"32",  "64",      "fifo",          "fifo-mmio",
		"dma", "dma-msi", SYNTHETIC_URING, NULL
	};
	const struct expected uring = { UNIT_URING_CALL, t->uring };
	GPtrArray *rows = rows_of(t, paths);
	struct model *m = model_fit(rows, NULL, t->lane, false, NULL);
	double worst = 0;

	ok(m && is_found(m, &uring, 0.005), name);
	ok(m && are_found(m, t, 0.005), others);
	for (guint i = 0; m && i < m->cells->len; i++) {
		const struct model_cell *c = model_cell_at(m, i);

		if (!strcmp(c->row->access, "uring"))
			worst = fmax(worst, fabs(model_cell_ratio(c) - 1));
	}
	ok(m && worst < 0.01, fits);
	model_free(m);
	g_ptr_array_unref(rows);
}

/* One path alone: accesses and bytes are the same thing then. */
static void test_one_path(void)
{
	static const char *const paths[] = { "dma", NULL };
	GPtrArray *rows = rows_of(&synthetic_tcg, paths);
	struct model *m = model_fit(rows, NULL, "tcg", false, NULL);

	ok(m->price[UNIT_MMIO_READ64].state == PRICE_ABSENT &&
		   m->price[UNIT_INTERRUPT].state == PRICE_ABSENT,
	   "analysis/costmodel/no-price-of-what-was-not-measured");
	ok(m->price[UNIT_DMA_REQUEST].state == PRICE_KNOWN,
	   "analysis/costmodel/prices-one-path-alone");
	model_free(m);
	g_ptr_array_unref(rows);
}

/* A repeatable noise of some percent. */
static double shake(guint i)
{
	return 1 + 0.01 * (double)((i * 2654435761u >> 8) % 9) - 0.04;
}

static double shake_and_disturb(guint i)
{
	return shake(i) * (i % 11 == 3 ? 2.5 : 1);
}

static void test_noise(void)
{
	struct truth t = synthetic_tcg;
	GPtrArray *rows;
	struct model *m, *again;
	bool hold = true;

	t.disturb = shake;
	rows = rows_of(&t, NULL);
	m = model_fit(rows, NULL, "tcg", false, NULL);
	again = model_fit(rows, NULL, "tcg", false, NULL);
	ok(are_found(m, &t, 0.15), "analysis/costmodel/bears-noise");
	for (int u = 0; u < UNITS; u++)
		hold = hold && m->price[u].ns.lo <= m->price[u].ns.mid &&
		       m->price[u].ns.mid <= m->price[u].ns.hi;
	ok(hold, "analysis/costmodel/intervals-hold-their-price");
	ok(m->price[UNIT_MMIO_READ32].ns.lo <= t.mmio32 &&
		   t.mmio32 <= m->price[UNIT_MMIO_READ32].ns.hi,
	   "analysis/costmodel/the-interval-holds-the-truth");
	ok(!memcmp(m->price, again->price, sizeof(m->price)),
	   "analysis/costmodel/is-deterministic");
	model_free(m);
	model_free(again);
	g_ptr_array_unref(rows);
}

static void test_outliers(void)
{
	struct truth t = synthetic_tcg;
	GPtrArray *rows;
	struct model *m;
	guint off = 0;

	t.disturb = shake_and_disturb;
	rows = rows_of(&t, NULL);
	m = model_fit(rows, NULL, "tcg", false, NULL);
	ok(are_found(m, &t, 0.25), "analysis/costmodel/bears-disturbed-cells");
	for (guint i = 0; i < m->cells->len; i++)
		off += model_cell_is_off(model_cell_at(m, i)) &&
		       model_cell_ratio(model_cell_at(m, i)) < 0.6;
	if (!ok(off >= m->cells->len / 11 - 1,
		"analysis/costmodel/names-the-disturbed-cells"))
		diag("%u of %u", off, m->cells->len);
	model_free(m);
	g_ptr_array_unref(rows);
}

static const struct model_crossing *crossing(const struct model *m,
					     const char *a, const char *b)
{
	for (guint i = 0; i < m->crossings->len; i++) {
		const struct model_crossing *c =
			&g_array_index(m->crossings, struct model_crossing, i);

		if (!strcmp(c->pair->a, a) && !strcmp(c->pair->b, b))
			return c;
	}
	return NULL;
}

static GPtrArray *verdicts_of_truth(const struct truth *t)
{
	char *summary = synthetic_summary(t, NULL);
	char *text = verdicts_of(summary);
	char *dir = scratch_new();
	char *path = scratch_write(dir, "verdicts.tsv", text);
	GPtrArray *all = verdicts_read(path, NULL);

	g_free(path);
	scratch_free(dir);
	g_free(text);
	g_free(summary);
	return all;
}

/*
 * dma: 300 ns a request and 260 a KiB; 32: 40 ns for 4 bytes, 10240 a KiB. So
 * they meet at 300 / (10240 - 260) KiB = 30.78 B.
 */
static void test_crossings(void)
{
	GPtrArray *rows = rows_of(&synthetic_tcg, NULL);
	GPtrArray *verdicts = verdicts_of_truth(&synthetic_tcg);
	struct model *m = model_fit(rows, verdicts, "tcg", false, NULL);
	const struct model_crossing *c = crossing(m, "32", "dma");
	const struct model_crossing *even = crossing(m, "32", "64");

	ok(c->model.winner == 1 && fabs(c->model.at - 30.78) < 0.5,
	   "analysis/costmodel/finds-where-paths-change-places");
	ok(c->model.lo <= c->model.at && c->model.at <= c->model.hi,
	   "analysis/costmodel/a-crossover-has-an-interval");
	ok(c->measured.winner == 1 && c->measured.lo == 4 &&
		   c->measured.hi == 64,
	   "analysis/costmodel/measured-crossover-has-its-sizes");
	ok(model_crossing_story(c) == STORY_AGREE,
	   "analysis/costmodel/model-and-measurement-agree");
	ok(even->model.winner == 1 && isnan(even->model.at),
	   "analysis/costmodel/a-tie-at-the-start-is-no-crossover");
	ok(!crossing(m, "virtio-rng", "32"),
	   "analysis/costmodel/compares-only-what-it-models");
	model_free(m);
	g_ptr_array_unref(verdicts);
	g_ptr_array_unref(rows);
}

static void test_stories(void)
{
	struct model_crossing c = {
		.model = { 1, 100, 90, 110 },
		.measured = { 1, 800, 512, 1024 },
		.sure = true,
	};

	ok(model_crossing_story(&c) == STORY_DIFFER,
	   "analysis/costmodel/places-apart-differ");
	c.measured.lo = 64;
	ok(model_crossing_story(&c) == STORY_AGREE,
	   "analysis/costmodel/intervals-that-touch-agree");
	c.measured.winner = -1;
	ok(model_crossing_story(&c) == STORY_DIFFER,
	   "analysis/costmodel/other-winners-differ");
	c.sure = false;
	ok(model_crossing_story(&c) == STORY_OPEN,
	   "analysis/costmodel/an-unsure-model-claims-nothing");
	c.sure = true;
	c.measured.winner = 0;
	ok(model_crossing_story(&c) == STORY_OPEN,
	   "analysis/costmodel/ties-decide-nothing");
}

static void test_controls_only(void)
{
	GPtrArray *rows = rows_of(&synthetic_nested, NULL);
	struct model *m = model_fit(rows, NULL, "nested", true, NULL);
	double syscall = m->price[UNIT_SYSCALL].ns.mid;

	ok(m->price[UNIT_MMIO_READ32].state == PRICE_ABSENT &&
		   fabs(syscall / synthetic_nested.syscall - 1) < 0.01,
	   "analysis/costmodel/controls-alone-price-software-alone");
	model_free(m);
	g_ptr_array_unref(rows);
}

static void test_too_few(void)
{
	GPtrArray *rows = rows_of(&synthetic_tcg, NULL);
	GError *err = NULL;

	g_ptr_array_set_size(rows, 2);
	ok(!model_fit(rows, NULL, "tcg", false, &err) &&
		   strstr(err->message, "do not suffice"),
	   "analysis/costmodel/refuses-too-few-cells");
	g_clear_error(&err);
	ok(!model_fit(rows, NULL, "kvm", false, &err) &&
		   strstr(err->message, "lane kvm: 0 cells"),
	   "analysis/costmodel/refuses-a-lane-without-cells");
	g_clear_error(&err);
	g_ptr_array_unref(rows);
}

int main(void)
{
	test_exact(&synthetic_tcg, "analysis/costmodel/finds-prices-of-tcg",
		   "analysis/costmodel/fits-exact-data-of-tcg");
	test_exact(&synthetic_nested,
		   "analysis/costmodel/finds-prices-of-nested",
		   "analysis/costmodel/fits-exact-data-of-nested");
	test_uncopied(&synthetic_tcg,
		      "analysis/costmodel/finds-uncopied-prices-of-tcg",
		      "analysis/costmodel/uncopied-prices-spare-others-of-tcg");
	test_uncopied(
		&synthetic_nested,
		"analysis/costmodel/finds-uncopied-prices-of-nested",
		"analysis/costmodel/uncopied-prices-spare-others-of-nested");
	test_states();
	test_exits();
	test_no_exits_counted();
	test_uring(&synthetic_tcg, "analysis/costmodel/prices-a-uring-request",
		   "analysis/costmodel/uring-leaves-the-others-alone",
		   "analysis/costmodel/fits-uring");
	test_uring(&synthetic_nested,
		   "analysis/costmodel/prices-a-uring-request-nested",
		   "analysis/costmodel/uring-leaves-the-others-alone-nested",
		   "analysis/costmodel/fits-uring-nested");
	test_one_path();
	test_noise();
	test_outliers();
	test_crossings();
	test_stories();
	test_controls_only();
	test_too_few();
	done_testing();
	return exit_status();
}
