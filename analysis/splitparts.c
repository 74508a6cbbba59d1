// SPDX-License-Identifier: GPL-2.0-or-later
/* Where a request's time goes: from slices and stamps to parts. */
#include "splitparts.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "boots.h"
#include "names.h"
#include "samples.h"
#include "tsv.h"

const uint64_t split_sizes[SPLIT_SIZES] = { 4, 4096, 65536 };

static const char *const times_columns[] = {
	"lane",
	"variant",
	"access",
	"bytes",
	"boot",
	"round",
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

/* Prices of the emulator that the device measures with the stamps */
enum emulator {
	EMULATOR_LOCK,
	EMULATOR_DISPATCH, /* from the region on */
	EMULATOR_ADDRESS,  /* from the address on */
	EMULATOR_PRICES,
};

static const char *const emulator_ns[EMULATOR_PRICES] = { "lock_price_ns",
							  "dispatch_price_ns",
							  "address_price_ns" };

/**
 * struct stamps - what the device measured during one slice
 * @stamped: ns of a call by part, stamps taken off; the callback without the
 *	others
 * @price: in ns, by enum emulator
 */
struct stamps {
	double stamped[STAMPED];
	double price[EMULATOR_PRICES];
};

/**
 * struct cell_time - one cell in one boot: medians over its accepted slices
 * @ns: of a call
 * @mmio: accesses to registers in memory space, per call; 0 if not counted
 * @pio: accesses to ports, per call; 0 if not counted
 * @stamps: of the device; 0 without the timing mode
 */
struct cell_time {
	double ns;
	double mmio;
	double pio;
	struct stamps stamps;
};

/**
 * struct parts_input - everything that was measured
 * @all: the series of the raw file
 * @slices: names of its slices, `variant bytes boot round`
 * @stamps: struct stamps by such a name
 * @times: struct cell_time by `variant bytes boot`; none where all slices of
 *	the boot were rejected
 * @variants: their names
 * @lane: the lane, owned by @all
 * @boots: the highest boot
 */
struct parts_input {
	GPtrArray *all;
	GHashTable *slices;
	GHashTable *stamps;
	GHashTable *times;
	GPtrArray *variants;
	const char *lane;
	uint64_t boots;
};

static char *cell_key(const char *variant, uint64_t bytes, uint64_t boot)
{
	return g_strdup_printf("%s %" PRIu64 " %" PRIu64, variant, bytes, boot);
}

static char *slice_key(const char *variant, uint64_t bytes, uint64_t boot,
		       uint64_t round)
{
	return g_strdup_printf("%s %" PRIu64 " %" PRIu64 " %" PRIu64, variant,
			       bytes, boot, round);
}

static const struct cell_time *find(const struct parts_input *in,
				    const char *variant, uint64_t bytes,
				    uint64_t boot)
{
	char *key = cell_key(variant, bytes, boot);
	const struct cell_time *c = g_hash_table_lookup(in->times, key);

	g_free(key);
	return c;
}

/* --- reading stamps --- */

/*
 * Stamps: of each, what an empty pair reads is taken off; those inside a
 * callback also cost it the rest of their pair.
 */
static bool read_stamps(struct stamps *s, const struct tsv *t,
			const struct tsv_row *row, double calls, GError **err)
{
	double ns[STAMPED], n[STAMPED];
	double stamp, pair;

	if (!tsv_real(t, row, "stamp_price_ns", &stamp, err) ||
	    !tsv_real(t, row, "pair_price_ns", &pair, err))
		return false;
	for (int i = 0; i < EMULATOR_PRICES; i++)
		if (!tsv_real(t, row, emulator_ns[i], &s->price[i], err))
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

static bool add_stamps(struct parts_input *in, const struct tsv *t,
		       const struct tsv_row *row, GError **err)
{
	const char *variant = tsv_text(t, row, "variant");
	uint64_t bytes, boot, round, calls;
	struct stamps s;
	char *key;

	if (!tsv_uint(t, row, "bytes", 0, &bytes, err) ||
	    !tsv_uint(t, row, "boot", 1, &boot, err) ||
	    !tsv_uint(t, row, "round", 1, &round, err) ||
	    !tsv_uint(t, row, "calls", 1, &calls, err) ||
	    !read_stamps(&s, t, row, (double)calls, err))
		return false;
	key = slice_key(variant, bytes, boot, round);
	if (g_hash_table_contains(in->slices, key)) {
		g_hash_table_insert(in->stamps, key, g_memdup2(&s, sizeof(s)));
		return true;
	}
	g_free(key);
	tsv_complain(t, row, err,
		     "boot %" PRIu64 ", round %" PRIu64 " of %s is not in the "
		     "raw file; name the two files of one run",
		     boot, round, variant);
	return false;
}

static bool read_times(struct parts_input *in, const char *path, GError **err)
{
	struct tsv *t =
		tsv_read(path, "times 2", times_columns, "userbench", err);
	bool good = t != NULL;

	for (guint i = 0; good && i < t->rows->len; i++)
		good = add_stamps(in, t, t->rows->pdata[i], err);
	tsv_free(t);
	return good;
}

/* --- medians of each boot --- */

static void know_slices(struct parts_input *in)
{
	for (guint i = 0; i < in->all->len; i++) {
		const struct series *s = in->all->pdata[i];

		if (!g_ptr_array_find_with_equal_func(in->variants, s->variant,
						      g_str_equal, NULL))
			g_ptr_array_add(in->variants, s->variant);
		for (guint j = 0; j < s->slices->len; j++) {
			const struct slice *slice = series_at(s, j);

			g_hash_table_add(in->slices,
					 slice_key(s->variant, s->bytes,
						   slice->file_boot,
						   slice->round));
			in->boots = MAX(in->boots, slice->file_boot);
		}
		in->lane = s->lane;
	}
}

static double per_call(const struct slice *s, enum counter a, enum counter b)
{
	return (double)(s->count[a] + s->count[b]) / (double)s->calls;
}

/* One slice as a struct cell_time, which is made of doubles only. */
static struct cell_time time_of(const struct parts_input *in,
				const struct series *s,
				const struct slice *slice)
{
	char *key =
		slice_key(s->variant, s->bytes, slice->file_boot, slice->round);
	const struct stamps *stamps = g_hash_table_lookup(in->stamps, key);
	struct cell_time c = {
		.ns = (double)slice->ns / (double)slice->calls,
		.mmio = per_call(slice, COUNT_MMIO_READS, COUNT_MMIO_WRITES),
		.pio = per_call(slice, COUNT_PIO_READS, COUNT_PIO_WRITES),
	};

	if (stamps)
		c.stamps = *stamps;
	g_free(key);
	return c;
}

#define CELL_DOUBLES (sizeof(struct cell_time) / sizeof(double))

/* The median of each member by itself. */
static struct cell_time *median_time(const GArray *slices)
{
	struct cell_time *median = g_new(struct cell_time, 1);
	const double *from = (const double *)slices->data;
	double *x = g_new(double, slices->len);

	for (gsize m = 0; m < CELL_DOUBLES; m++) {
		for (guint i = 0; i < slices->len; i++)
			x[i] = from[i * CELL_DOUBLES + m];
		((double *)median)[m] = stats_median(x, slices->len);
	}
	g_free(x);
	return median;
}

/* The accepted slices of one boot, of which the first is slice @i. */
static guint take_boot(struct parts_input *in, const struct series *s, guint i)
{
	GArray *slices = g_array_new(FALSE, FALSE, sizeof(struct cell_time));
	uint64_t boot = series_at(s, i)->file_boot;

	for (; i < s->slices->len && series_at(s, i)->file_boot == boot; i++) {
		struct cell_time c = time_of(in, s, series_at(s, i));

		if (slice_accepted(series_at(s, i), SLICE_RATE))
			g_array_append_val(slices, c);
	}
	if (slices->len)
		g_hash_table_insert(in->times,
				    cell_key(s->variant, s->bytes, boot),
				    median_time(slices));
	g_array_unref(slices);
	return i;
}

static void find_medians(struct parts_input *in)
{
	for (guint i = 0; i < in->all->len; i++) {
		const struct series *s = in->all->pdata[i];

		for (guint j = 0; j < s->slices->len;)
			j = take_boot(in, s, j);
	}
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
static double dispatch_of(const struct parts_input *in,
			  const struct cell_time *s)
{
	const double *price = s->stamps.price;
	double mmio = price[strcmp(in->lane, "tcg") ? EMULATOR_ADDRESS
						    : EMULATOR_DISPATCH];

	return s->mmio * (price[EMULATOR_LOCK] + mmio) +
	       s->pio * (price[EMULATOR_LOCK] + price[EMULATOR_ADDRESS]);
}

/**
 * struct ingredients - what one path at one size is made of in one boot
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
struct ingredients {
	bool pins;
	const struct cell_time *real;
	const struct cell_time *bare;
	const struct cell_time *timed;
	const struct cell_time *bare_timed;
	const struct cell_time *wait;
	const struct cell_time *copy;
	const struct cell_time *copy4;
	const struct cell_time *loop;
	const struct cell_time *syscall;
};

static const struct cell_time *find_mode(const struct parts_input *in,
					 const char *path, const char *mode,
					 uint64_t bytes, uint64_t boot)
{
	char *variant = g_strconcat(path, mode, NULL);
	const struct cell_time *s = find(in, variant, bytes, boot);

	g_free(variant);
	return s;
}

/* An interrupt is priced against the same path polled. */
static bool find_cells(const struct parts_input *in, const char *path,
		       uint64_t bytes, uint64_t boot, struct ingredients *c)
{
	bool waits = !strcmp(path, "dma-msi");
	const char *polled = waits ? "dma" : path;
	const char *loop = loop_of(path);

	c->real = find(in, path, bytes, boot);
	c->timed = find_mode(in, path, "+timed", bytes, boot);
	c->bare = find_mode(in, polled, "+const", bytes, boot);
	c->bare_timed = find_mode(in, polled, "+const+timed", bytes, boot);
	c->wait = waits ? find_mode(in, path, "+const", bytes, boot) : NULL;
	c->pins = !strcmp(path, "dma-zc");
	c->copy = find(in, c->pins ? "ram-zc" : "copy", bytes, boot);
	c->copy4 = find(in, "copy", split_sizes[0], boot);
	c->loop = loop ? find(in, loop, bytes, boot) : NULL;
	c->syscall = find(in, "getppid", 0, boot);
	return c->real && c->timed && c->bare && c->bare_timed && c->copy &&
	       c->copy4 && c->syscall && (!waits || c->wait) &&
	       (!loop || c->loop);
}

static void take_apart(const struct parts_input *in,
		       const struct ingredients *c, double part[SPLIT_PARTS])
{
	double loop = c->loop ? c->loop->ns - c->copy->ns : 0;
	double bytes = c->copy->ns - c->copy4->ns;
	double explained = 0;

	part[SPLIT_SYSCALL] = c->syscall->ns;
	part[SPLIT_DRIVER] = c->copy4->ns - c->syscall->ns + loop;
	part[SPLIT_DISPATCH] = dispatch_of(in, c->bare_timed);
	part[SPLIT_CROSSING] = c->bare->ns - c->copy->ns - loop -
			       part[SPLIT_DISPATCH] -
			       c->bare_timed->stamps.stamped[STAMPED_CALLBACK];
	part[SPLIT_CALLBACK] = c->timed->stamps.stamped[STAMPED_CALLBACK];
	part[SPLIT_GENERATOR] = c->timed->stamps.stamped[STAMPED_GENERATOR];
	part[SPLIT_MEMORY] = c->timed->stamps.stamped[STAMPED_MEMORY];
	part[SPLIT_INTERRUPT] = c->wait ? c->wait->ns - c->bare->ns : 0;
	part[SPLIT_COPY] = c->pins ? 0 : bytes;
	part[SPLIT_PIN] = c->pins ? bytes : 0;
	for (int i = 0; i < SPLIT_UNEXPLAINED; i++)
		explained += part[i];
	part[SPLIT_UNEXPLAINED] = c->real->ns - explained;
}

/*
 * The longest time that a part is a difference of: where there are too few boots
 * to tell, so long is what differs between boots by BOOT_SD.
 */
static double origin_of(const struct ingredients *c, int i, double part)
{
	switch (i) {
	case SPLIT_DRIVER:
		return c->loop ? c->loop->ns : c->copy4->ns;
	case SPLIT_CROSSING:
		return c->bare->ns;
	case SPLIT_INTERRUPT:
		return c->wait ? c->wait->ns : 0;
	case SPLIT_COPY:
		return c->pins ? 0 : c->copy->ns;
	case SPLIT_PIN:
		return c->pins ? c->copy->ns : 0;
	case SPLIT_UNEXPLAINED:
		return c->real->ns;
	default:
		return fabs(part);
	}
}

/* What the boots say of one figure; its mean, so that parts add up */
static struct stats_interval over_boots(const struct boots *b, double boot_sd)
{
	struct estimate e = boots_estimate(b, boot_sd);
	double half = e.se > 0 ? e.se * stats_t_quantile(STATS_LEVEL, e.df) : 0;

	return (struct stats_interval){ e.log, e.log - half, e.log + half };
}

/**
 * struct figures - a path's parts and, as the last one, their total
 * @values: by boot
 * @origin: see origin_of(), of the last boot
 */
struct figures {
	struct boots *values[SPLIT_PARTS + 1];
	double origin[SPLIT_PARTS + 1];
};

static void state_split(struct split *s, const struct figures *f)
{
	s->n = boots_count(f->values[SPLIT_PARTS]);
	s->total = over_boots(f->values[SPLIT_PARTS],
			      BOOT_SD * f->origin[SPLIT_PARTS]);
	for (int i = 0; i < SPLIT_PARTS; i++)
		s->part[i] = over_boots(f->values[i], BOOT_SD * f->origin[i]);
}

static void add_boot(const struct parts_input *in, const struct ingredients *c,
		     guint boot, struct figures *f)
{
	double part[SPLIT_PARTS];

	take_apart(in, c, part);
	for (int i = 0; i < SPLIT_PARTS; i++) {
		boots_add(f->values[i], boot, part[i]);
		f->origin[i] = origin_of(c, i, part[i]);
	}
	boots_add(f->values[SPLIT_PARTS], boot, c->real->ns);
	f->origin[SPLIT_PARTS] = c->real->ns;
}

/* All boots of one path at one size; NULL if a cell was not measured. */
static struct split *split_cell(const struct parts_input *in, const char *path,
				uint64_t bytes)
{
	struct figures f;
	struct split *s = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(f.values); i++)
		f.values[i] = boots_new();
	for (uint64_t boot = 1; boot <= in->boots; boot++) {
		struct ingredients c;

		if (find_cells(in, path, bytes, boot, &c))
			add_boot(in, &c, (guint)boot, &f);
	}
	if (boots_count(f.values[SPLIT_PARTS])) {
		s = g_new0(struct split, 1);
		s->lane = g_strdup(in->lane);
		s->variant = g_strdup(path);
		s->bytes = bytes;
		state_split(s, &f);
	}
	for (guint i = 0; i < G_N_ELEMENTS(f.values); i++)
		boots_free(f.values[i]);
	return s;
}

static gint compare_variants(gconstpointer a, gconstpointer b)
{
	return names_compare_variants(*(const char *const *)a,
				      *(const char *const *)b);
}

static GPtrArray *split_cells(struct parts_input *in)
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

/* Slices of the control, disturbed or not; without it nothing can be told. */
static bool check_controls(const struct parts_input *in, const char *raw,
			   GError **err)
{
	for (guint i = 0; i < in->all->len; i++)
		if (!strcmp(((struct series *)in->all->pdata[i])->variant,
			    "copy"))
			return true;
	g_set_error(err, TSV_ERROR, 0,
		    "%s: expected a path with its modes and controls, found "
		    "none of the control `copy`; run userbench --study --times "
		    "again",
		    raw);
	return false;
}

GPtrArray *split_read_samples(const char *raw, const char *times, GError **err)
{
	char *paths[] = { (char *)raw, NULL };
	struct parts_input in = {
		.all = samples_read(paths, err),
		.slices = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
						NULL),
		.stamps = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
						g_free),
		.times = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
					       g_free),
		.variants = g_ptr_array_new(),
	};
	GPtrArray *splits = NULL;

	if (in.all)
		know_slices(&in);
	if (in.all && read_times(&in, times, err) &&
	    check_controls(&in, raw, err)) {
		find_medians(&in);
		splits = split_cells(&in);
	}
	g_ptr_array_unref(in.variants);
	g_hash_table_unref(in.times);
	g_hash_table_unref(in.stamps);
	g_hash_table_unref(in.slices);
	if (in.all)
		g_ptr_array_unref(in.all);
	return splits;
}

struct stats_interval split_explained(const struct split *s)
{
	struct stats_interval rest = s->part[SPLIT_UNEXPLAINED];
	double least = fmin(fabs(rest.lo), fabs(rest.hi));
	double most = fmax(fabs(rest.lo), fabs(rest.hi));
	double best = rest.lo <= 0 && rest.hi >= 0 ? 0 : least;

	return (struct stats_interval){ 1 - fabs(rest.mid) / s->total.mid,
					1 - most / s->total.mid,
					1 - best / s->total.mid };
}
