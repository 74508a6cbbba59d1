/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text: output channels, formatting, and the few string functions needed. */
#ifndef EXITBENCH_TEXT_H
#define EXITBENCH_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ports of QEMU's devices; vm/baremetal/guest.sh puts the devices there. */
#define PORT_LOG  0xe9 /* isa-debugcon: verdicts and messages */
#define PORT_DATA 0xe8 /* isa-debugcon: the table */
#define PORT_EXIT 0xf4 /* isa-debug-exit */

/*
 * Ends of the guest. QEMU exits with 2 * value + 1; its own errors end with 1,
 * so the values start higher. vm/baremetal/guest.sh knows them too.
 */
enum guest_end {
	END_PASSED = 16,
	END_FAILED = 17,
	END_USAGE = 18, /* the command line is wrong; the log says how */
};

/**
 * print() - formatted output
 * @port: PORT_LOG or PORT_DATA
 * @fmt: knows %s, %u, %x (both also with l), %%
 */
__attribute__((format(printf, 2, 3))) void print(uint16_t port, const char *fmt,
						 ...);

/**
 * format() - print() into a string, cut off where it does not fit
 * @buf: target, always terminated
 * @size: its size in bytes
 * @fmt: as print()
 */
__attribute__((format(printf, 3, 4))) void format(char *buf, size_t size,
						  const char *fmt, ...);

/* format() with the arguments in a list. */
void vformat(char *buf, size_t size, const char *fmt, va_list *ap);

/* Longest result of fixed2(), with the end. */
#define FIXED2_SIZE 24

/**
 * fixed2() - a number of hundredths as text with two decimals
 * @buf: target of FIXED2_SIZE bytes
 * @hundredths: the number
 *
 * Return: @buf.
 */
const char *fixed2(char *buf, int64_t hundredths);

/* Ends the machine. */
_Noreturn void guest_exit(enum guest_end how);

/* Whether the @len bytes at @a are the string @b. */
bool same(const char *a, size_t len, const char *b);

#endif
