// SPDX-License-Identifier: GPL-2.0-or-later
/* Where a request's time goes: from samples and stamps to parts. */
#include "splitparts.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "names.h"
#include "tsv.h"

const uint64_t split_sizes[SPLIT_SIZES] = { 4, 4096, 65536 };

static const char *const raw_columns[] = {
	"lane", "variant",    "access",      "bytes",     "rep",        "calls",
	"ns",   "mmio_reads", "mmio_writes", "pio_reads", "pio_writes", NULL,
};

static const char *const times_columns[] = {
	"lane",
	"variant",
	"access",
	"bytes",
	"rep",
	"calls",
	"callback_ns",
	"callback_n",
	"generator_ns",
	"generator_n",
	"memory_ns",
	"memory_n",
	"irq_ns",
	"irq_n",
	"stamp_price_ns",
	"pair_price_ns",
	"lock_price_ns",
	"dispatch_price_ns",
	"address_price_ns",
	NULL,
};

/* Stamped parts, as times.tsv has them */
enum stamped {
	STAMPED_CALLBACK,
	STAMPED_GENERATOR,
	STAMPED_MEMORY,
	STAMPED_IRQ,
	STAMPED,
};

static const char *const stamped_ns[STAMPED] = { "callback_ns", "generator_ns",
						 "memory_ns", "irq_ns" };
static const char *const stamped_n[STAMPED] = { "callback_n", "generator_n",
						"memory_n", "irq_n" };

/**
 * struct sample - one repetition of one cell
 * @ns: of a call
 * @mmio: accesses to registers in memory space, per call; 0 if not counted
 * @pio: accesses to ports, likewise
 * @stamped: ns of a call by part, stamps taken off; the callback without the
 *	others
 * @lock: price in ns, and so on
 * @dispatch: from the region on
 * @address: from the address on
 */
struct sample {
	double ns;
	double mmio;
	double pio;
	double stamped[STAMPED];
	double lock;
	double dispatch;
	double address;
};

/* @samples: struct sample by `variant bytes rep` */
struct input {
	GHashTable *samples;
	GPtrArray *variants;
	char *lane;
	guint reps;
};

static char *key_of(const char *variant, uint64_t bytes, uint64_t rep)
{
	return g_strdup_printf("%s %" PRIu64 " %" PRIu64, variant, bytes, rep);
}

static const struct sample *find(const struct input *in, const char *variant,
				 uint64_t bytes, guint rep)
{
	char *key = key_of(variant, bytes, rep);
	const struct sample *s = g_hash_table_lookup(in->samples, key);

	g_free(key);
	return s;
}

/* --- reading --- */

static bool read_per_call(const struct tsv *t, const struct tsv_row *row,
			  const char *column, double calls, double *value,
			  GError **err)
{
	if (!tsv_real(t, row, column, value, err))
		return false;
	*value = isnan(*value) ? 0 : *value / calls;
	return true;
}

static bool add_raw(struct input *in, const struct tsv *t,
		    const struct tsv_row *row, GError **err)
{
	struct sample *s = g_new0(struct sample, 1);
	const char *variant = tsv_text(t, row, "variant");
	double reads, writes, ins, outs;
	uint64_t bytes, rep, calls;

	if (!tsv_uint(t, row, "bytes", 0, &bytes, err) ||
	    !tsv_uint(t, row, "rep", 1, &rep, err) ||
	    !tsv_uint(t, row, "calls", 1, &calls, err) ||
	    !read_per_call(t, row, "ns", (double)calls, &s->ns, err) ||
	    !read_per_call(t, row, "mmio_reads", (double)calls, &reads, err) ||
	    !read_per_call(t, row, "mmio_writes", (double)calls, &writes,
			   err) ||
	    !read_per_call(t, row, "pio_reads", (double)calls, &ins, err) ||
	    !read_per_call(t, row, "pio_writes", (double)calls, &outs, err)) {
		g_free(s);
		return false;
	}
	s->mmio = reads + writes;
	s->pio = ins + outs;
	in->reps = MAX(in->reps, (guint)rep);
	if (!in->lane)
		in->lane = g_strdup(tsv_text(t, row, "lane"));
	if (!g_ptr_array_find_with_equal_func(in->variants, variant,
					      g_str_equal, NULL))
		g_ptr_array_add(in->variants, g_strdup(variant));
	g_hash_table_insert(in->samples, key_of(variant, bytes, rep), s);
	return true;
}

/*
 * Stamps: of each, what an empty pair reads is taken off; those inside a
 * callback also cost it the rest of their pair.
 */
static bool add_stamps(struct sample *s, const struct tsv *t,
		       const struct tsv_row *row, double calls, GError **err)
{
	double ns[STAMPED], n[STAMPED];
	double stamp, pair;

	if (!tsv_real(t, row, "stamp_price_ns", &stamp, err) ||
	    !tsv_real(t, row, "pair_price_ns", &pair, err) ||
	    !tsv_real(t, row, "lock_price_ns", &s->lock, err) ||
	    !tsv_real(t, row, "dispatch_price_ns", &s->dispatch, err) ||
	    !tsv_real(t, row, "address_price_ns", &s->address, err))
		return false;
	for (int i = 0; i < STAMPED; i++) {
		if (!tsv_real(t, row, stamped_ns[i], &ns[i], err) ||
		    !tsv_real(t, row, stamped_n[i], &n[i], err))
			return false;
		s->stamped[i] = (ns[i] - n[i] * stamp) / calls;
	}
	for (int i = STAMPED_GENERATOR; i < STAMPED; i++)
		s->stamped[STAMPED_CALLBACK] -=
			s->stamped[i] + n[i] * pair / calls;
	return true;
}

static bool add_times(struct input *in, const struct tsv *t,
		      const struct tsv_row *row, GError **err)
{
	const char *variant = tsv_text(t, row, "variant");
	uint64_t bytes, rep, calls;
	struct sample *s;

	if (!tsv_uint(t, row, "bytes", 0, &bytes, err) ||
	    !tsv_uint(t, row, "rep", 1, &rep, err) ||
	    !tsv_uint(t, row, "calls", 1, &calls, err))
		return false;
	s = (struct sample *)find(in, variant, bytes, (guint)rep);
	if (s)
		return add_stamps(s, t, row, (double)calls, err);
	tsv_complain(t, row, err,
		     "repetition %" PRIu64 " of %s is not in the raw file; "
		     "name the two files of one run",
		     rep, variant);
	return false;
}

static bool read_file(struct input *in, const char *path, const char *schema,
		      const char *const *columns,
		      bool (*add)(struct input *in, const struct tsv *t,
				  const struct tsv_row *row, GError **err),
		      GError **err)
{
	struct tsv *t = tsv_read(path, schema, columns, "userbench", err);
	bool good = t != NULL;

	for (guint i = 0; good && i < t->rows->len; i++)
		good = add(in, t, t->rows->pdata[i], err);
	tsv_free(t);
	return good;
}

/* --- taking apart --- */

/* The path's loop over memory; NULL: it has none to speak of */
static const char *loop_of(const char *path)
{
	static const char *const loops[][2] = {
		{ "32", "ram-32" },
		{ "64", "ram-64" },
		{ "fifo-mmio", "ram-fifo" },
	};

	for (guint i = 0; i < G_N_ELEMENTS(loops); i++)
		if (!strcmp(loops[i][0], path))
			return loops[i][1];
	return NULL;
}

/* Locks and dispatch of a call's accesses, by the emulator's own prices */
static double dispatch_of(const struct input *in, const struct sample *s)
{
	double mmio = strcmp(in->lane, "tcg") ? s->address : s->dispatch;

	return s->mmio * (s->lock + mmio) + s->pio * (s->lock + s->address);
}

/**
 * struct cells - what one repetition of one path at one size is made of
 * @real: as it is
 * @bare: with the constant mode
 * @timed: with the timing mode
 * @bare_timed: with both
 * @wait: as @bare, by interrupt; NULL if the path polls
 * @pins: the caller's pages are pinned, nothing is copied
 * @copy: the control of this size: copies, or pins
 * @copy4: the one that copies, of 4 bytes
 * @loop: the path's loop over memory, NULL if it has none
 * @syscall: getppid
 */
struct cells {
	bool pins;
	const struct sample *real;
	const struct sample *bare;
	const struct sample *timed;
	const struct sample *bare_timed;
	const struct sample *wait;
	const struct sample *copy;
	const struct sample *copy4;
	const struct sample *loop;
	const struct sample *syscall;
};

static const struct sample *find_mode(const struct input *in, const char *path,
				      const char *mode, uint64_t bytes,
				      guint rep)
{
	char *variant = g_strconcat(path, mode, NULL);
	const struct sample *s = find(in, variant, bytes, rep);

	g_free(variant);
	return s;
}

/* An interrupt is priced against the same path polled. */
static bool find_cells(const struct input *in, const char *path, uint64_t bytes,
		       guint rep, struct cells *c)
{
	bool waits = !strcmp(path, "dma-msi");
	const char *polled = waits ? "dma" : path;
	const char *loop = loop_of(path);

	c->real = find(in, path, bytes, rep);
	c->timed = find_mode(in, path, "+timed", bytes, rep);
	c->bare = find_mode(in, polled, "+const", bytes, rep);
	c->bare_timed = find_mode(in, polled, "+const+timed", bytes, rep);
	c->wait = waits ? find_mode(in, path, "+const", bytes, rep) : NULL;
	c->pins = !strcmp(path, "dma-zc");
	c->copy = find(in, c->pins ? "ram-zc" : "copy", bytes, rep);
	c->copy4 = find(in, "copy", split_sizes[0], rep);
	c->loop = loop ? find(in, loop, bytes, rep) : NULL;
	c->syscall = find(in, "getppid", 0, rep);
	return c->real && c->timed && c->bare && c->bare_timed && c->copy &&
	       c->copy4 && c->syscall && (!waits || c->wait) &&
	       (!loop || c->loop);
}

static void take_apart(const struct input *in, const struct cells *c,
		       double part[SPLIT_PARTS])
{
	double loop = c->loop ? c->loop->ns - c->copy->ns : 0;
	double bytes = c->copy->ns - c->copy4->ns;
	double explained = 0;

	part[SPLIT_SYSCALL] = c->syscall->ns;
	part[SPLIT_DRIVER] = c->copy4->ns - c->syscall->ns + loop;
	part[SPLIT_DISPATCH] = dispatch_of(in, c->bare_timed);
	part[SPLIT_CROSSING] = c->bare->ns - c->copy->ns - loop -
			       part[SPLIT_DISPATCH] -
			       c->bare_timed->stamped[STAMPED_CALLBACK];
	part[SPLIT_CALLBACK] = c->timed->stamped[STAMPED_CALLBACK];
	part[SPLIT_GENERATOR] = c->timed->stamped[STAMPED_GENERATOR];
	part[SPLIT_MEMORY] = c->timed->stamped[STAMPED_MEMORY];
	part[SPLIT_INTERRUPT] = c->wait ? c->wait->ns - c->bare->ns : 0;
	part[SPLIT_COPY] = c->pins ? 0 : bytes;
	part[SPLIT_PIN] = c->pins ? bytes : 0;
	for (int i = 0; i < SPLIT_UNEXPLAINED; i++)
		explained += part[i];
	part[SPLIT_UNEXPLAINED] = c->real->ns - explained;
}

/* Medians of parts need not add up to the median of sums: the rest does */
static void add_up(struct split *s)
{
	struct stats_interval *rest = &s->part[SPLIT_UNEXPLAINED];
	double middle = s->total.mid;

	for (int i = 0; i < SPLIT_UNEXPLAINED; i++)
		middle -= s->part[i].mid;
	rest->mid = middle;
	rest->lo = MIN(rest->lo, middle);
	rest->hi = MAX(rest->hi, middle);
}

/* All repetitions of one path at one size; NULL if a cell was not measured. */
static struct split *split_cell(const struct input *in, const char *path,
				uint64_t bytes)
{
	double *values = g_new(double, (SPLIT_PARTS + 1) * (gsize)in->reps);
	struct split *s = NULL;
	guint n = 0;

	for (guint rep = 1; rep <= in->reps; rep++) {
		double part[SPLIT_PARTS];
		struct cells c;

		if (!find_cells(in, path, bytes, rep, &c))
			continue;
		take_apart(in, &c, part);
		for (int i = 0; i < SPLIT_PARTS; i++)
			values[i * in->reps + n] = part[i];
		values[SPLIT_PARTS * in->reps + n++] = c.real->ns;
	}
	if (n) {
		s = g_new0(struct split, 1);
		s->lane = g_strdup(in->lane);
		s->variant = g_strdup(path);
		s->bytes = bytes;
		s->n = n;
		s->total = stats_median_interval(
			values + SPLIT_PARTS * in->reps, n);
		for (int i = 0; i < SPLIT_PARTS; i++)
			s->part[i] =
				stats_median_interval(values + i * in->reps, n);
		add_up(s);
	}
	g_free(values);
	return s;
}

static gint compare_variants(gconstpointer a, gconstpointer b)
{
	return names_compare_variants(*(const char *const *)a,
				      *(const char *const *)b);
}

static GPtrArray *split_cells(struct input *in)
{
	GPtrArray *splits = split_array_new();

	g_ptr_array_sort(in->variants, compare_variants);
	for (guint v = 0; v < in->variants->len; v++) {
		for (guint i = 0; i < SPLIT_SIZES; i++) {
			struct split *s = split_cell(in, in->variants->pdata[v],
						     split_sizes[i]);

			if (s)
				g_ptr_array_add(splits, s);
		}
	}
	return splits;
}

GPtrArray *split_read_samples(const char *raw, const char *times, GError **err)
{
	struct input in = {
		.samples = g_hash_table_new_full(g_str_hash, g_str_equal,
						 g_free, g_free),
		.variants = g_ptr_array_new_with_free_func(g_free),
	};
	GPtrArray *splits = NULL;

	if (read_file(&in, raw, "raw 1", raw_columns, add_raw, err) &&
	    read_file(&in, times, "times 1", times_columns, add_times, err))
		splits = split_cells(&in);
	if (splits && !splits->len) {
		g_ptr_array_unref(splits);
		splits = NULL;
		g_set_error(err, TSV_ERROR, 0,
			    "%s: expected a path with its modes and controls, "
			    "found none; run userbench --study --times again",
			    raw);
	}
	g_free(in.lane);
	g_ptr_array_unref(in.variants);
	g_hash_table_unref(in.samples);
	return splits;
}

double split_explained(const struct split *s)
{
	return 1 - fabs(s->part[SPLIT_UNEXPLAINED].mid) / s->total.mid;
}
