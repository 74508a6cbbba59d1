// SPDX-License-Identifier: GPL-2.0-or-later
/* What a request is made of: exits, system calls, interrupts, bytes. */
#include <math.h>
#include <string.h>

#include "fmt.h"
#include "kvm.h"
#include "names.h"
#include "report.h"

static const uint64_t sizes[] = { 4, 4096, 65536, 1048576 };

/**
 * struct made_of - the device's side of one request, all of one pass
 * @requests: in how many requests it was counted
 * @reads: MMIO reads per request
 * @writes: MMIO writes
 * @ports: port exits or, without exits, accesses
 * @irqs: interrupts
 */
struct made_of {
	double requests;
	double reads;
	double writes;
	double ports;
	double irqs;
};

static struct made_of by_kvm(const struct kvm_cell *c)
{
	return (struct made_of){
		.requests = (double)c->calls,
		.reads = kvm_each(c, KVM_MMIO_READS),
		.writes = kvm_each(c, KVM_MMIO_WRITES),
		.ports = kvm_each(c, KVM_PIO_READS) +
			 kvm_each(c, KVM_PIO_WRITES),
		.irqs = kvm_each(c, KVM_IRQS),
	};
}

static struct made_of by_device(const struct row *row)
{
	return (struct made_of){
		.requests = (double)row->requests,
		.reads = row->count[PER_CALL_MMIO_READS],
		.writes = row->count[PER_CALL_MMIO_WRITES],
		.ports = row->count[PER_CALL_PIO_READS] +
			 row->count[PER_CALL_PIO_WRITES],
		.irqs = row->count[PER_CALL_IRQS],
	};
}

static void say_row(struct report *r, const struct row *row,
		    const struct made_of *m, const char *what)
{
	double all = m->reads + m->writes + m->ports;
	bool dma = row->count[PER_CALL_DMAS] > 0;

	say(r, "| `%s` |", row->variant);
	say_cell(r, fmt_size(row->bytes));
	say_cell(r, fmt_data(row->count[PER_CALL_SYSCALLS]));
	say_cell(r, text_count(row->variant, all, m->requests));
	say_cell(r, fmt_data(m->reads)); /* no doorbell: no matter of chance */
	say_cell(r, text_count(row->variant, m->writes, m->requests));
	say_cell(r, fmt_data(m->ports));
	say_cell(r, text_count(row->variant, m->irqs, m->requests));
	say_cell(r, fmt_data(row->count[PER_CALL_DMAS]));
	say(r, " %s |", dma ? "DMA" : "registers or memory");
	say_cell(r, text_bytes_per(row->variant, row->bytes, all, m->requests,
				   what));
	say(r, "\n");
}

/* Where KVM was asked, exits of its pass; else accesses by the device's. */
static void say_variant(struct report *r, const char *lane, const char *variant,
			uint64_t bytes, bool exits)
{
	const struct row *row = rows_path(r->rows, lane, variant, bytes);
	const struct kvm_cell *c =
		exits ? report_kvm_cell(r, lane, variant, "read", bytes) : NULL;
	struct made_of m;

	if (!row || isnan(row_accesses(row)) || (exits && !c))
		return;
	m = c ? by_kvm(c) : by_device(row);
	say_row(r, row, &m, c ? "exit" : "access");
}

static void say_variants(struct report *r, const char *lane, bool exits)
{
	for (const struct variant_name *v = variant_names; v->name; v++)
		for (guint i = 0; v->is_device && i < G_N_ELEMENTS(sizes); i++)
			say_variant(r, lane, v->name, sizes[i], exits);
}

/* --- all exits of the virtual CPUs, by reason --- */

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
			say_cell(r, text_count(c->variant, kvm_each(c, k),
					       (double)c->calls));
		say(r, "\n");
	}
	say(r, "\n");
}

static void say_source(struct report *r, const char *lane, bool exits)
{
	say(r, "### What a request is made of\n\n");
	if (exits)
		say(r,
		    "Per read(2), lane `%s`. Exits, MMIO, ports and interrupts "
		    "are of one pass and counted by KVM; system calls and DMA "
		    "requests are counted by driver and device. A string port "
		    "input counts once for each exit. ",
		    lane);
	else
		say(r,
		    "Per read(2), lane `%s`, counted by the device. These are "
		    "accesses%s. ",
		    lane,
		    units_have_exits(lane)
			    ? "; exits are not known, as KVM's own counts "
			      "(`kvm.tsv`) are not in this run"
			    : ": there are no exits in this lane");
	say(r,
	    "Counts are exact. Only where a thread of the device's serves "
	    "(`ring`, "
	    "`dma-q`) it is chance how often it is rung: there they are "
	    "estimates, how often in how many requests, with a 95 %% Poisson "
	    "interval (Garwood).\n\n");
}

void report_exits(struct report *r, const char *lane)
{
	const GPtrArray *kvm = report_run_of(r, lane)->kvm;
	bool exits = units_have_exits(lane) && kvm;

	say_source(r, lane, exits);
	say(r,
	    "| path | request | system calls | %s | MMIO reads | MMIO writes "
	    "| port %s | interrupts | DMA requests | bytes come by | bytes per "
	    "%s |\n"
	    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: "
	    "| --- | ---: |\n",
	    exits ? "exits" : "accesses", exits ? "exits" : "accesses",
	    exits ? "exit" : "access");
	say_variants(r, lane, exits);
	say(r, "\n");
	if (kvm)
		say_reasons(r, lane, kvm);
}
