// SPDX-License-Identifier: GPL-2.0-or-later
/* What single steps seem to cost: differences between cells. */
#include <math.h>
#include <string.h>

#include "fmt.h"
#include "report.h"

/* A cell of one thread. */
struct place {
	const char *variant;
	const char *access;
	uint64_t bytes;
};

/**
 * struct price - the time of one cell less that of another
 * @what: what the difference pays for
 * @more: the dearer cell
 * @less: the cheaper one
 */
struct price {
	const char *what;
	struct place more;
	struct place less;
};

/* What is no unit of the cost model: a unit has one price, and that is there. */
static const struct price prices[] = {
	{ "one number by ioctl, beyond an ioctl that does nothing",
	  { "32", "ioctl", 4 },
	  { "ioctl0", "syscall", 0 } },
	{ "one refill of a window by 4 bytes, beyond the driver's own",
	  { "window", "read", 4 },
	  { "null", "read", 4 } },
	{ "one virtio-rng request of 64 bytes, beyond a system call",
	  { "virtio-rng", "hwrng", 64 },
	  { "getppid", "syscall", 0 } },
};

static const struct row *find(const struct report *r, const char *lane,
			      const struct place *p)
{
	return rows_find(r->rows, lane, p->variant, p->access, p->bytes, 1);
}

static struct stats_interval price(const struct report *r, const char *lane,
				   const struct price *p)
{
	const struct stats_interval unknown = { NAN, NAN, NAN };
	const struct row *more = find(r, lane, &p->more);
	const struct row *less = find(r, lane, &p->less);

	if (!more || !less)
		return unknown;
	return interval_slope(more->ns_call, less->ns_call, 1);
}

static char *place_text(const struct place *p)
{
	char *size = p->bytes ? fmt_size(p->bytes) : g_strdup("");
	char *text =
		g_strdup_printf("`%s`%s%s%s%s", p->variant,
				strcmp(p->access, "syscall") ? " " : "",
				strcmp(p->access, "syscall") ? p->access : "",
				*size ? " " : "", size);

	g_free(size);
	return text;
}

static void say_price(struct report *r, const char *lane, const struct price *p)
{
	struct stats_interval ns = price(r, lane, p);
	char *more = place_text(&p->more);
	char *less = place_text(&p->less);

	if (!isnan(ns.mid)) {
		say(r, "| %s |", p->what);
		say_cell(r, text_interval(ns));
		say(r, " %s − %s |\n", more, less);
	}
	g_free(more);
	g_free(less);
}

static bool any_price(const struct report *r, const char *lane)
{
	for (guint i = 0; i < G_N_ELEMENTS(prices); i++)
		if (!isnan(price(r, lane, &prices[i]).mid))
			return true;
	return false;
}

void report_prices(struct report *r, const char *lane)
{
	if (!any_price(r, lane))
		return;
	say(r,
	    "### What is no unit of the model\n\n"
	    "Differences between cells, lane `%s`, from the worst to the best "
	    "case of both. One that holds 0 drowns in noise.\n\n"
	    "| step | ns | computed from |\n| --- | --- | --- |\n",
	    lane);
	for (guint i = 0; i < G_N_ELEMENTS(prices); i++)
		say_price(r, lane, &prices[i]);
	say(r, "\n");
}
