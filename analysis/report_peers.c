// SPDX-License-Identifier: GPL-2.0-or-later
/* Figures that others published, beside ours. */
#include <math.h>

#include "fmt.h"
#include "report.h"

/* What of ours comes nearest. */
enum nearest {
	NEAREST_NONE,
	NEAREST_PRICE, /* of a unit, by the lane's model, in ns */
	NEAREST_IOCTL, /* a call that fetches one number by `32`, in ns */
	NEAREST_GAIN,  /* throughput of dma over 32 at 64 KiB */
};

/**
 * struct peer - a figure of others
 * @what: what was measured
 * @figure: the figure with its unit
 * @where: who measured it, on what, when
 * @nearest: what of ours to put beside it
 * @unit: with NEAREST_PRICE, the unit
 */
struct peer {
	const char *what;
	const char *figure;
	const char *where;
	enum nearest nearest;
	enum unit unit;
};

static const struct peer peers[] = {
	{ "port read, answered by QEMU", "20574 cycles",
	  "kvm-unit-tests vmexit `inl_from_qemu`, VMX, 2012", NEAREST_PRICE,
	  UNIT_PORT },
	{ "port read, answered in the kernel", "7237 cycles",
	  "kvm-unit-tests vmexit `inl_from_kernel`, VMX, 2012", NEAREST_NONE,
	  0 },
	{ "hypercall", "3898 cycles",
	  "kvm-unit-tests vmexit `vmcall`, VMX, 2012", NEAREST_NONE, 0 },
	{ "MMIO write, answered by QEMU; with ioeventfd", "8796; 3609 cycles",
	  "pci-testdev, older", NEAREST_PRICE, UNIT_MMIO_WRITE },
	{ "port write, answered by QEMU; with ioeventfd", "5287; 1762 cycles",
	  "pci-testdev, older", NEAREST_NONE, 0 },
	{ "one number by ioctl and a 32-bit register", "2110 ns a call",
	  "a student of the exercise, real KVM host, QEMU 8.2, Linux 6.6",
	  NEAREST_IOCTL, 0 },
	{ "DMA against reads of registers", "69.6 times",
	  "PCI endpoint test, real hardware", NEAREST_GAIN, 0 },
	{ "virtio-rng, stock; batching 4 KiB", "1.6; 72.8 MB/s",
	  "a patch that was not merged", NEAREST_NONE, 0 },
};

static double our_figure(const struct report *r, const char *lane,
			 const struct peer *p)
{
	switch (p->nearest) {
	case NEAREST_PRICE:
		return report_price(r, lane, p->unit).mid;
	case NEAREST_IOCTL:
		return row_ns_call(
			       rows_find(r->rows, lane, "32", "ioctl", 4, 1))
			.mid;
	case NEAREST_GAIN:
		return ratio_of(report_run_of(r, lane)->verdicts, lane,
				REPORT_SIZE, side_of("dma"), side_of("32"))
			.mid;
	default:
		return NAN;
	}
}

static char *our_text(const struct report *r, const struct peer *p)
{
	GString *text = g_string_new(NULL);

	for (guint l = 0; l < r->lanes->len; l++) {
		const char *lane = r->lanes->pdata[l];
		double x = our_figure(r, lane, p);
		char *number = fmt_human(x);

		if (!isnan(x))
			g_string_append_printf(
				text, "%s%s %s in lane `%s`",
				text->len ? ", " : "", number,
				p->nearest == NEAREST_GAIN ? "times" : "ns",
				lane);
		g_free(number);
	}
	if (!text->len)
		g_string_append(text, "-");
	return g_string_free(text, FALSE);
}

void report_peers(struct report *r)
{
	say(r, "## Figures that others published\n\n"
	       "**Not measured here**: other machines, other years, other "
	       "software, so only their order of size can be compared. In the "
	       "last column the nearest figure of this report, where there is "
	       "one: of an access its price by the lane's cost model.\n\n"
	       "| what | published | by whom, on what | nearest here |\n"
	       "| --- | ---: | --- | --- |\n");
	for (guint i = 0; i < G_N_ELEMENTS(peers); i++) {
		say(r, "| %s | %s |", peers[i].what, peers[i].figure);
		say_cell(r, g_strdup(peers[i].where));
		say_cell(r, our_text(r, &peers[i]));
		say(r, "\n");
	}
	say(r, "\n");
}
