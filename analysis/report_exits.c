// SPDX-License-Identifier: GPL-2.0-or-later
/* What a request is made of: exits, system calls, interrupts, bytes. */
#include <math.h>
#include <string.h>

#include "fmt.h"
#include "kvm.h"
#include "names.h"
#include "report.h"

static const uint64_t sizes[] = { 4, 4096, 65536, 1048576 };

/* Exits by ports: all less those by registers; NaN where not counted. */
static double port_exits(const struct row *row)
{
	return row->count[PER_CALL_EXITS] - row->count[PER_CALL_MMIO_READS] -
	       row->count[PER_CALL_MMIO_WRITES];
}

static void say_row(struct report *r, const struct row *row, bool exits)
{
	double all = exits ? row->count[PER_CALL_EXITS] : row_accesses(row);
	double ports = exits ? port_exits(row)
			     : row->count[PER_CALL_PIO_READS] +
				       row->count[PER_CALL_PIO_WRITES];
	bool dma = row->count[PER_CALL_DMAS] > 0;

	say(r, "| `%s` |", row->variant);
	say_cell(r, fmt_size(row->bytes));
	say_cell(r, fmt_data(row->count[PER_CALL_SYSCALLS]));
	say_cell(r, fmt_data(all));
	say_cell(r, fmt_data(row->count[PER_CALL_MMIO_READS]));
	say_cell(r, fmt_data(row->count[PER_CALL_MMIO_WRITES]));
	say_cell(r, fmt_data(ports));
	say_cell(r, fmt_data(row->count[PER_CALL_DMAS]));
	say_cell(r, fmt_data(row->count[PER_CALL_IRQS]));
	say_cell(r, fmt_data(dma ? (double)row->bytes : 0));
	say_cell(r, fmt_data(dma ? 0 : (double)row->bytes));
	say_cell(r, fmt_human((double)row->bytes / all));
	say(r, "\n");
}

static void say_variants(struct report *r, const char *lane, bool exits)
{
	for (const struct variant_name *v = variant_names; v->name; v++) {
		for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
			const struct row *row =
				rows_path(r->rows, lane, v->name, sizes[i]);

			if (v->is_device && row && !isnan(row_accesses(row)))
				say_row(r, row, exits);
		}
	}
}

/* --- all exits of the virtual CPUs, by reason --- */

static char *per_call(const struct kvm_cell *c, enum kvm_count count)
{
	return c->known[count] ? fmt_ratio(c->count[count], c->calls)
			       : g_strdup("-");
}

static bool is_shown(const struct kvm_cell *c, const char *lane)
{
	if (strcmp(c->lane, lane) || c->threads != 1)
		return false;
	for (guint i = 0; i < G_N_ELEMENTS(sizes); i++)
		if (c->bytes == sizes[i] || !c->bytes)
			return true;
	return false;
}

static void say_reasons(struct report *r, const char *lane,
			const GPtrArray *kvm)
{
	say(r, "All exits of the guest's virtual CPUs while it made these "
	       "requests, per request and by reason, as KVM's `kvm_exit` "
	       "tracepoint names them. What is not from the request itself is "
	       "the guest's timer and housekeeping, so it grows with the time "
	       "a request takes.\n\n"
	       "| path | access | request | requests counted | nested page "
	       "fault (MMIO) | port | halt | interrupt | other |\n"
	       "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: "
	       "|\n");
	for (guint i = 0; i < kvm->len; i++) {
		const struct kvm_cell *c = kvm->pdata[i];

		if (!is_shown(c, lane))
			continue;
		say(r, "| `%s` | %s |", c->variant, c->access);
		say_cell(r, c->bytes ? fmt_size(c->bytes) : g_strdup("-"));
		say_cell(r, g_strdup_printf("%" G_GUINT64_FORMAT, c->calls));
		for (int k = KVM_NPF; k < KVM_COUNTS; k++)
			say_cell(r, per_call(c, k));
		say(r, "\n");
	}
	say(r, "\n");
}

void report_exits(struct report *r, const char *lane)
{
	const GPtrArray *kvm = report_run_of(r, lane)->kvm;
	bool exits = units_have_exits(lane);

	say(r, "### What a request is made of\n\n");
	if (exits && kvm)
		say(r,
		    "Per read(2), lane `%s`, exact: exits counted by KVM, the "
		    "rest by the device. A string port input counts once for "
		    "each exit.\n\n",
		    lane);
	else if (exits)
		say(r,
		    "Per read(2), lane `%s`, counted by the device. **Port "
		    "exits are not known**: KVM's own counts (`kvm.tsv`) are "
		    "not in this run.\n\n",
		    lane);
	else
		say(r,
		    "Per read(2), lane `%s`, counted by the device, exact. "
		    "There are no exits in this lane: these are accesses.\n\n",
		    lane);
	say(r,
	    "| path | request | system calls | %s | MMIO reads | MMIO writes "
	    "| port %s | DMA requests | interrupts | bytes by DMA | bytes by "
	    "register or port | bytes per %s |\n"
	    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: "
	    "| ---: | ---: | ---: |\n",
	    exits ? "exits" : "accesses", exits ? "exits" : "accesses",
	    exits ? "exit" : "access");
	say_variants(r, lane, exits);
	say(r, "\n");
	if (kvm)
		say_reasons(r, lane, kvm);
}
