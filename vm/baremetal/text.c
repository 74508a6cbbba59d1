// SPDX-License-Identifier: GPL-2.0-or-later
/* Text: output channels, formatting, and the few string functions needed. */
#include "io.h"
#include "text.h"

/* Where formatted characters go: a port, or a buffer that has room left. */
struct sink {
	uint16_t port;
	char *buf;
	size_t left;
};

static void put(struct sink *to, char c)
{
	if (!to->buf) {
		out8(to->port, (uint8_t)c);
	} else if (to->left > 1) {
		*to->buf++ = c;
		to->left--;
	}
}

static void put_string(struct sink *to, const char *s)
{
	while (*s)
		put(to, *s++);
}

static void put_number(struct sink *to, uint64_t value, unsigned int base)
{
	char digits[20];
	unsigned int n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (n)
		put(to, digits[--n]);
}

static void put_format(struct sink *to, const char *fmt, va_list *ap)
{
	for (; *fmt; fmt++) {
		bool wide = false;

		if (*fmt != '%') {
			put(to, *fmt);
			continue;
		}
		fmt++;
		if (*fmt == 'l') {
			wide = true;
			fmt++;
		}
		if (*fmt == 's')
			put_string(to, va_arg(*ap, const char *));
		else if (*fmt == 'u' || *fmt == 'x')
			put_number(to,
				   wide ? va_arg(*ap, uint64_t)
					: va_arg(*ap, unsigned int),
				   *fmt == 'u' ? 10 : 16);
		else
			put(to, *fmt);
	}
}

void print(uint16_t port, const char *fmt, ...)
{
	struct sink to = { .port = port };
	va_list ap;

	va_start(ap, fmt);
	put_format(&to, fmt, &ap);
	va_end(ap);
}

void vformat(char *buf, size_t size, const char *fmt, va_list *ap)
{
	struct sink to = { .buf = buf, .left = size };

	put_format(&to, fmt, ap);
	*to.buf = '\0';
}

void format(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vformat(buf, size, fmt, &ap);
	va_end(ap);
}

const char *fixed2(char *buf, int64_t hundredths)
{
	uint64_t size =
		hundredths < 0 ? -(uint64_t)hundredths : (uint64_t)hundredths;
	unsigned int decimals = (unsigned int)(size % 100);

	format(buf, FIXED2_SIZE, "%s%lu.%u%u", hundredths < 0 ? "-" : "",
	       size / 100, decimals / 10, decimals % 10);
	return buf;
}

bool same(const char *a, size_t len, const char *b)
{
	while (len && *b && *a == *b) {
		a++;
		b++;
		len--;
	}
	return !len && !*b;
}

_Noreturn void guest_exit(enum guest_end how)
{
	out32(PORT_EXIT, how);
	for (;;)
		halt();
}
