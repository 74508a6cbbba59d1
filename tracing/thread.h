/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What QEMU's threads are for, by the names it gives them. */
#ifndef TRACING_THREAD_H
#define TRACING_THREAD_H

#include <glib.h>
#include <stdbool.h>

/* In the order of the tables */
enum thread_class {
	THREAD_VCPU,
	THREAD_MAIN,
	THREAD_IOTHREAD,
	THREAD_WORKER,
	THREAD_OTHER,
	THREAD_CLASSES,
};

static const char *const thread_class_names[THREAD_CLASSES] = {
	[THREAD_VCPU] = "vcpu",         [THREAD_MAIN] = "main",
	[THREAD_IOTHREAD] = "iothread", [THREAD_WORKER] = "worker",
	[THREAD_OTHER] = "other",
};

/**
 * thread_class() - what a thread is for
 * @comm: its name; with -name NAME,debug-threads=on QEMU gives one to each
 * @leader: whether it is the process's first
 * @runs_guest: whether it was seen to do what only a vCPU does: tells vCPUs
 *	that have no name
 *
 * Return: its class.
 */
static inline enum thread_class thread_class(const char *comm, bool leader,
					     bool runs_guest)
{
	static const struct {
		const char *comm;
		enum thread_class class;
	} names[] = {
		{ "CPU *", THREAD_VCPU },
		{ "ALL CPUs/TCG", THREAD_VCPU },
		{ "IO *", THREAD_IOTHREAD },
		{ "worker*", THREAD_WORKER },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (g_pattern_match_simple(names[i].comm, comm))
			return names[i].class;
	if (runs_guest)
		return THREAD_VCPU;
	return leader ? THREAD_MAIN : THREAD_OTHER;
}

#endif /* TRACING_THREAD_H */
