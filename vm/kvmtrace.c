// SPDX-License-Identifier: GPL-2.0-or-later
/* One line of `perf script` about KVM's tracepoints, taken apart. */
#include "kvmtrace.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_DIGITS 9

/* Names of SVM, of VMX and of the emulator's interface that are told apart */
static const struct {
	const char *name;
	enum kvm_reason reason;
} reasons[] = {
	{ "npf", KVM_REASON_NPF },
	{ "EPT_VIOLATION", KVM_REASON_NPF },
	{ "EPT_MISCONFIG", KVM_REASON_NPF },
	{ "KVM_EXIT_MMIO", KVM_REASON_NPF },
	{ "io", KVM_REASON_IO },
	{ "IO_INSTRUCTION", KVM_REASON_IO },
	{ "KVM_EXIT_IO", KVM_REASON_IO },
	{ "hlt", KVM_REASON_HLT },
	{ "HLT", KVM_REASON_HLT },
	{ "KVM_EXIT_HLT", KVM_REASON_HLT },
	{ "interrupt", KVM_REASON_INTR },
	{ "EXTERNAL_INTERRUPT", KVM_REASON_INTR },
	{ "KVM_EXIT_INTR", KVM_REASON_INTR },
};

/* The text behind @key in @s, or NULL */
static const char *behind(const char *s, const char *key)
{
	const char *found = strstr(s, key);

	return found ? found + strlen(key) : NULL;
}

/* The number behind @key, decimal or 0x; false if there is none */
static bool number(const char *s, const char *key, uint64_t *n)
{
	const char *text = behind(s, key);
	char *end;

	if (!text || !isdigit((unsigned char)*text))
		return false;
	*n = strtoull(text, &end, 0);
	return end != text;
}

static const char *parse_reason(const char *text, struct kvm_event *e)
{
	const char *reason = behind(text, "reason ");
	size_t length;

	if (!reason)
		return "no exit reason";
	length = strcspn(reason, " \n");
	if (!length)
		return "the exit reason is empty";
	/* A number means that perf could not look the name up */
	if (isdigit((unsigned char)*reason))
		return "the exit reason is a number, not a name; use a perf "
		       "that knows this kernel's kvm events";
	e->reason = KVM_REASON_OTHER;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
		if (strlen(reasons[i].name) == length &&
		    !strncmp(reason, reasons[i].name, length))
			e->reason = reasons[i].reason;
	}
	return NULL;
}

static const char *parse_exit(const char *text, struct kvm_event *e)
{
	e->kind = KVM_EVENT_EXIT;
	return parse_reason(text, e);
}

static const char *parse_user_exit(const char *text, struct kvm_event *e)
{
	e->kind = KVM_EVENT_USER_EXIT;
	return parse_reason(text, e);
}

static const char *parse_entry(const char *text, struct kvm_event *e)
{
	(void)text;
	e->kind = KVM_EVENT_ENTRY;
	return NULL;
}

/* A read is announced unsatisfied, then seen again with its data: counted once */
static const char *parse_mmio(const char *text, struct kvm_event *e)
{
	if (behind(text, "mmio unsatisfied-read "))
		e->kind = KVM_EVENT_OTHER;
	else if (behind(text, "mmio read "))
		e->kind = KVM_EVENT_MMIO_READ;
	else if (behind(text, "mmio write "))
		e->kind = KVM_EVENT_MMIO_WRITE;
	else
		return "neither an MMIO read nor a write";
	if (!number(text, "gpa ", &e->addr) || !number(text, "val ", &e->val))
		return "no gpa or val";
	return NULL;
}

/* VMX: a write that only signals an eventfd; its data is not looked at */
static const char *parse_fast_mmio(const char *text, struct kvm_event *e)
{
	e->kind = KVM_EVENT_MMIO_WRITE;
	return number(text, "at gpa ", &e->addr) ? NULL : "no gpa";
}

static const char *parse_pio(const char *text, struct kvm_event *e)
{
	if (behind(text, "pio_read "))
		e->kind = KVM_EVENT_PIO_READ;
	else if (behind(text, "pio_write "))
		e->kind = KVM_EVENT_PIO_WRITE;
	else
		return "neither a port read nor a write";
	if (!number(text, " at ", &e->addr) ||
	    !number(text, " count ", &e->count))
		return "no port or count";
	return NULL;
}

static const char *parse_msi(const char *text, struct kvm_event *e)
{
	(void)text;
	e->kind = KVM_EVENT_MSI;
	return NULL;
}

static const struct {
	const char *name;
	const char *(*parse)(const char *text, struct kvm_event *e);
} events[] = {
	{ "kvm_exit", parse_exit },
	{ "kvm_userspace_exit", parse_user_exit },
	{ "kvm_entry", parse_entry },
	{ "kvm_mmio", parse_mmio },
	{ "kvm_fast_mmio", parse_fast_mmio },
	{ "kvm_pio", parse_pio },
	{ "kvm_msi_set_irq", parse_msi },
};

/* "12.345678901:" as nanoseconds; microseconds will do */
static bool parse_time(const char *text, const char *end, uint64_t *ns)
{
	char *dot, *tail;
	uint64_t seconds = strtoull(text, &dot, 10);
	uint64_t fraction;
	int digits;

	if (*dot != '.')
		return false;
	fraction = strtoull(dot + 1, &tail, 10);
	digits = (int)(tail - dot) - 1;
	if (*tail != ':' || tail + 1 != end || digits < 1 || digits > NS_DIGITS)
		return false;
	for (; digits < NS_DIGITS; digits++)
		fraction *= 10;
	*ns = seconds * 1000000000 + fraction;
	return true;
}

/* What stands before the event's name: PID/TID somewhere, TIME: at the end */
static const char *parse_head(const char *line, const char *end,
			      struct kvm_event *e)
{
	bool ids = false, time = false;
	const char *word = line;

	for (;;) {
		int length, pid, tid;

		while (word < end && isspace((unsigned char)*word))
			word++;
		if (word >= end)
			break;
		length = (int)strcspn(word, " \t");
		if (sscanf(word, "%d/%d", &pid, &tid) == 2) {
			e->pid = pid;
			e->tid = tid;
			ids = true;
		}
		time = parse_time(word, word + length, &e->ns);
		word += length;
	}
	if (!ids)
		return "no PID/TID before the event";
	return time ? NULL : "no time stamp before the event";
}

const char *kvmtrace_parse(const char *line, struct kvm_event *e)
{
	const char *name = strstr(line, "kvm:kvm_");
	const char *why;
	size_t length;

	memset(e, 0, sizeof(*e));
	if (strstr(line, "PERF_RECORD_LOST")) {
		e->kind = KVM_EVENT_LOST;
		return NULL;
	}
	if (!name)
		return "no kvm event";
	why = parse_head(line, name, e);
	if (why)
		return why;
	name += strlen("kvm:");
	length = strcspn(name, ": \n");
	if (name[length] != ':')
		return "no : behind the event's name";
	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++) {
		if (strlen(events[i].name) == length &&
		    !strncmp(name, events[i].name, length))
			return events[i].parse(name + length + 1, e);
	}
	return NULL;
}
