// SPDX-License-Identifier: GPL-2.0-or-later
/* kvm.tsv: what KVM itself counted, cell by cell. */
#include "kvm.h"

#include <inttypes.h>
#include <string.h>

#include "fmt.h"
#include "names.h"
#include "tsv.h"

const char *const kvm_count_names[KVM_COUNTS] = {
	"exits", "mmio_reads", "mmio_writes", "pio_reads", "pio_writes", "irqs",
	"npf",   "io",         "hlt",         "intr",      "other",
};

static const char *const columns[] = { "lane",      "variant",    "access",
				       "bytes",     "threads",    "calls",
				       "exits",     "mmio_reads", "mmio_writes",
				       "pio_reads", "pio_writes", "irqs",
				       "npf",       "io",         "hlt",
				       "intr",      "other",      NULL };

static void free_cell(gpointer data)
{
	struct kvm_cell *c = data;

	g_free(c->lane);
	g_free(c->variant);
	g_free(c->access);
	g_free(c);
}

static bool read_counts(const struct tsv *t, const struct tsv_row *row,
			struct kvm_cell *c, GError **err)
{
	for (int i = 0; i < KVM_COUNTS; i++) {
		c->known[i] = !tsv_unknown(t, row, kvm_count_names[i]);
		if (c->known[i] &&
		    !tsv_uint(t, row, kvm_count_names[i], 0, &c->count[i], err))
			return false;
	}
	return true;
}

static bool check_sum(const struct tsv *t, const struct tsv_row *row,
		      const struct kvm_cell *c, GError **err)
{
	uint64_t sum = 0;

	for (int i = KVM_MMIO_READS; i <= KVM_PIO_WRITES; i++)
		sum += c->count[i];
	if (!c->known[KVM_EXITS] || sum == c->count[KVM_EXITS])
		return true;
	tsv_complain(t, row, err,
		     "%" PRIu64
		     " exits, but register and port exits are %" PRIu64
		     " together; count the cells again",
		     c->count[KVM_EXITS], sum);
	return false;
}

static bool read_cell(const struct tsv *t, const struct tsv_row *row,
		      struct kvm_cell *c, GError **err)
{
	c->lane = g_strdup(tsv_text(t, row, "lane"));
	c->variant = g_strdup(tsv_text(t, row, "variant"));
	c->access = g_strdup(tsv_text(t, row, "access"));
	return tsv_uint(t, row, "bytes", 0, &c->bytes, err) &&
	       tsv_uint(t, row, "threads", 1, &c->threads, err) &&
	       tsv_uint(t, row, "calls", 1, &c->calls, err) &&
	       read_counts(t, row, c, err) && check_sum(t, row, c, err);
}

GPtrArray *kvm_read(const char *path, GError **err)
{
	struct tsv *t =
		tsv_read(path, "kvm 1", columns, "KVM lane's counting", err);
	GPtrArray *kvm = g_ptr_array_new_with_free_func(free_cell);
	bool good = t != NULL;

	for (guint i = 0; good && i < t->rows->len; i++) {
		struct kvm_cell *c = g_new0(struct kvm_cell, 1);

		g_ptr_array_add(kvm, c);
		good = read_cell(t, t->rows->pdata[i], c, err);
	}
	tsv_free(t);
	if (good)
		return kvm;
	g_ptr_array_unref(kvm);
	return NULL;
}

const struct kvm_cell *kvm_find(const GPtrArray *kvm, const struct series *s)
{
	for (guint i = 0; kvm && i < kvm->len; i++) {
		const struct kvm_cell *k = kvm->pdata[i];

		if (k->bytes == s->bytes && k->threads == s->threads &&
		    !strcmp(k->variant, s->variant) &&
		    !strcmp(k->access, s->access) && !strcmp(k->lane, s->lane))
			return k;
	}
	return NULL;
}

/* a per a_calls against b per b_calls, without rounding */
static int compare_ratios(uint64_t a, uint64_t a_calls, uint64_t b,
			  uint64_t b_calls)
{
	unsigned __int128 x = (unsigned __int128)a * b_calls;
	unsigned __int128 y = (unsigned __int128)b * a_calls;

	return (x > y) - (x < y);
}

/*
 * A call is not always as many accesses. Read in place, a refill serves several
 * calls, so that few calls may meet one refill more or less; and where a thread
 * of the device's serves, who waits, and rings, is a matter of chance: -1.
 */
static int slack(const struct series *s)
{
	if (variant_has_thread(s->variant))
		return -1;
	return !strcmp(s->access, "mmap");
}

/* KVM against the slices of a cell: above all 1, below all -1, else 0. */
static int compare_counts(const struct kvm_cell *k, enum kvm_count ours,
			  const struct series *s, enum counter theirs)
{
	uint64_t count = k->count[ours];
	bool above = true, below = true;
	int more = slack(s);

	if (more < 0)
		return 0;
	for (guint i = 0; i < s->slices->len; i++) {
		const struct slice *slice = series_at(s, i);
		uint64_t least = count > (uint64_t)more ? count - more : 0;

		if (!slice->known[theirs])
			continue;
		above = above &&
			compare_ratios(least, k->calls, slice->count[theirs],
				       slice->calls) > 0;
		below = below &&
			compare_ratios(count + more, k->calls,
				       slice->count[theirs], slice->calls) < 0;
	}
	return above - below;
}

static bool complain(const struct kvm_cell *k, enum kvm_count ours,
		     const struct series *s, enum counter theirs, GError **err)
{
	const struct slice *first = series_at(s, 0);
	char *by_kvm = fmt_ratio(k->count[ours], k->calls);
	char *by_device = fmt_ratio(first->count[theirs], first->calls);
	char *name = series_name(s);

	g_set_error(err, TSV_ERROR, 0,
		    "cell %s: KVM counted %s %s per call, the device %s; one "
		    "of them is wrong: find out before using either",
		    name, by_kvm, kvm_count_names[ours], by_device);
	g_free(by_kvm);
	g_free(by_device);
	g_free(name);
	return false;
}

bool kvm_check(const GPtrArray *kvm, const GPtrArray *all, GError **err)
{
	static const struct {
		enum kvm_count ours;
		enum counter theirs;
	} same[] = {
		{ KVM_MMIO_READS, COUNT_MMIO_READS },
		{ KVM_MMIO_WRITES, COUNT_MMIO_WRITES },
		{ KVM_IRQS, COUNT_IRQS },
	};

	for (guint i = 0; i < all->len; i++) {
		const struct series *s = all->pdata[i];
		const struct kvm_cell *k = kvm_find(kvm, s);

		for (guint j = 0; k && j < G_N_ELEMENTS(same); j++)
			if (k->known[same[j].ours] &&
			    compare_counts(k, same[j].ours, s, same[j].theirs))
				return complain(k, same[j].ours, s,
						same[j].theirs, err);
	}
	return true;
}
