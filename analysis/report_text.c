// SPDX-License-Identifier: GPL-2.0-or-later
/* Pieces of Markdown that several sections of the report need. */
#include <math.h>
#include <string.h>

#include "fmt.h"
#include "report.h"

void say(struct report *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_string_append_vprintf(r->out, format, args);
	va_end(args);
}

void say_cell(struct report *r, char *text)
{
	g_string_append_c(r->out, ' ');
	for (const char *c = text; *c; c++) {
		if (*c == '|')
			g_string_append(r->out, "\\|");
		else
			g_string_append_c(r->out, *c == '\n' ? ' ' : *c);
	}
	g_string_append(r->out, " |");
	g_free(text);
}

/* Text of three numbers with so many decimals that two of them differ. */
static char *text_ends(struct stats_interval ci)
{
	char *mid = fmt_human(ci.mid);
	char *lo = fmt_human(ci.lo);
	char *hi = fmt_human(ci.hi);
	char *text;

	if (!strcmp(lo, hi)) {
		g_free(mid);
		g_free(lo);
		g_free(hi);
		mid = fmt_data(ci.mid);
		lo = fmt_data(ci.lo);
		hi = fmt_data(ci.hi);
	}
	text = strcmp(lo, hi) ? g_strdup_printf("%s [%s, %s]", mid, lo, hi)
			      : g_strdup_printf("%s (no interval)", mid);
	g_free(mid);
	g_free(lo);
	g_free(hi);
	return text;
}

char *text_interval(struct stats_interval ci)
{
	return isnan(ci.mid) ? g_strdup("not measured") : text_ends(ci);
}

char *text_known(double x)
{
	return isnan(x) ? g_strdup("not measured") : fmt_human(x);
}

char *text_about(double bytes)
{
	static const char *const unit[] = { "B", "KiB", "MiB" };
	guint u = 0;

	while (bytes >= 1000 && u + 1 < G_N_ELEMENTS(unit)) {
		bytes /= 1024;
		u++;
	}
	return g_strdup_printf("%.*f %s", bytes < 10 ? 1 : 0, bytes, unit[u]);
}

void say_plot(struct report *r, const char *name, const char *lane,
	      const char *alt)
{
	char *file = g_strdup_printf("%s-%s.svg", name, lane);
	char *path = g_build_filename(r->dir, "plots", file, NULL);

	if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
		say(r, "![%s](%s/%s)\n\n", alt, r->plots, file);
	else
		g_ptr_array_add(r->no_plots, g_steal_pointer(&file));
	g_free(path);
	g_free(file);
}
