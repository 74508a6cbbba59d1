/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line of `perf script` about KVM's tracepoints, taken apart. */
#ifndef VM_KVMTRACE_H
#define VM_KVMTRACE_H

#include <stdbool.h>
#include <stdint.h>

/** enum kvm_event_kind - what a line tells */
enum kvm_event_kind {
	KVM_EVENT_OTHER,     /* nothing that is counted */
	KVM_EVENT_LOST,      /* perf could not keep up */
	KVM_EVENT_EXIT,      /* the guest stopped */
	KVM_EVENT_USER_EXIT, /* KVM returned to the emulator */
	KVM_EVENT_ENTRY,     /* the guest goes on */
	KVM_EVENT_MMIO_READ,
	KVM_EVENT_MMIO_WRITE,
	KVM_EVENT_PIO_READ,
	KVM_EVENT_PIO_WRITE,
	KVM_EVENT_MSI, /* an interrupt message was sent */
};

/*
 * Why the guest stopped, the same for SVM, VMX and the emulator's view
 * (KVM_EXIT_*)
 */
enum kvm_reason {
	KVM_REASON_NPF,  /* memory access that is not RAM */
	KVM_REASON_IO,   /* port access */
	KVM_REASON_HLT,  /* nothing to do */
	KVM_REASON_INTR, /* an interrupt of the host */
	KVM_REASON_OTHER,
	KVM_REASONS,
};

/**
 * struct kvm_event - one event
 * @kind: selects which of the members below mean something
 * @pid: process; all events
 * @tid: thread; all events
 * @ns: time stamp of the tracing kernel; all events
 * @reason: EXIT, USER_EXIT
 * @addr: guest physical address or port; MMIO_*, PIO_*
 * @count: repetitions of a string access; PIO_*
 * @val: data; MMIO_*
 */
struct kvm_event {
	enum kvm_event_kind kind;
	int pid;
	int tid;
	uint64_t ns;
	enum kvm_reason reason;
	uint64_t addr;
	uint64_t count;
	uint64_t val;
};

/**
 * kvmtrace_parse() - take one line apart
 * @line: as `perf script --ns -F pid,tid,time,event,trace` prints it; further
 *	fields before the event's name do no harm
 * @e: gets the event
 *
 * Return: NULL, or what is wrong with the line.
 */
const char *kvmtrace_parse(const char *line, struct kvm_event *e);

#endif /* VM_KVMTRACE_H */
