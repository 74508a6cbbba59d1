// SPDX-License-Identifier: GPL-2.0-or-later
/* Unit tests of analysis/fmt.c and names.c: numbers as text, order of names. */
#include "fmt.h"

#include <glib.h>
#include <math.h>

#include "names.h"
#include "tap.h"

/* One test; frees @got. */
static void is_text(char *got, const char *expected, const char *name)
{
	is_str(got, expected, name);
	g_free(got);
}

static void test_ratio(void)
{
	is_text(fmt_ratio(16384, 1), "16384", "analysis/fmt/ratio-whole");
	is_text(fmt_ratio(1, 16), "0.0625", "analysis/fmt/ratio-exact");
	is_text(fmt_ratio(1, 4096), "0.000244140625",
		"analysis/fmt/ratio-twelve-decimals");
	is_text(fmt_ratio(2, 3), "0.666667", "analysis/fmt/ratio-rounded");
	is_text(fmt_ratio(0, 7), "0", "analysis/fmt/ratio-zero");
	is_text(fmt_ratio(1999999999, 2000000000), "0.9999999995",
		"analysis/fmt/ratio-near-one");
	is_text(fmt_ratio(2999999999999, 3000000000001), "1",
		"analysis/fmt/ratio-rounds-up-to-whole");
	is_text(fmt_ratio(UINT64_MAX, 1), "18446744073709551615",
		"analysis/fmt/ratio-largest");
	is_text(fmt_ratio(UINT64_MAX, UINT64_MAX - 1), "1",
		"analysis/fmt/ratio-of-large-numbers");
}

static void test_data(void)
{
	is_text(fmt_data(3154.0178), "3154.02", "analysis/fmt/data-six-digits");
	is_text(fmt_data(100), "100", "analysis/fmt/data-no-zeros-at-the-end");
	is_text(fmt_data(0.0512345678), "0.0512346", "analysis/fmt/data-small");
	is_text(fmt_data(123456789), "123456789", "analysis/fmt/data-large");
	is_text(fmt_data(0), "0", "analysis/fmt/data-zero");
	is_text(fmt_data(NAN), "-", "analysis/fmt/data-unknown");
}

static void test_human(void)
{
	is_text(fmt_human(24.56), "24.6", "analysis/fmt/human-three-digits");
	is_text(fmt_human(2), "2.00", "analysis/fmt/human-keeps-zeros");
	is_text(fmt_human(39375760), "39375760", "analysis/fmt/human-large");
	is_text(fmt_human(-0.0517), "-0.0517", "analysis/fmt/human-negative");
}

static void test_size(void)
{
	is_text(fmt_size(4), "4 B", "analysis/fmt/size-bytes");
	is_text(fmt_size(65536), "64 KiB", "analysis/fmt/size-kib");
	is_text(fmt_size(1048576), "1 MiB", "analysis/fmt/size-mib");
	is_text(fmt_size(4097), "4097 B", "analysis/fmt/size-odd");
}

static void test_names(void)
{
	ok(names_compare_variants("32", "64") < 0,
	   "analysis/names/known-in-table-order");
	ok(names_compare_variants("memcpy", "null") > 0,
	   "analysis/names/order-is-not-alphabetical");
	ok(names_compare_variants("sieve", "host-generator") > 0,
	   "analysis/names/unknown-come-last");
	ok(names_compare_variants("sieve", "wheel") < 0,
	   "analysis/names/unknown-by-name");
	is_int(names_compare_variants("dma", "dma"), 0, "analysis/names/same");
	ok(names_compare_accesses("read", "ioctl") < 0,
	   "analysis/names/access-order");
}

int main(void)
{
	test_ratio();
	test_data();
	test_human();
	test_size();
	test_names();
	done_testing();
	return exit_status();
}
