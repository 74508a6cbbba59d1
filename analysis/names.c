// SPDX-License-Identifier: GPL-2.0-or-later
/* What cells are called, in which order, and what the names stand for. */
#include "names.h"

#include <glib.h>
#include <string.h>

const struct variant_name variant_names[] = {
	{ "32", "read", true, "32-bit register, 4 bytes per MMIO read" },
	{ "64", "read", true, "64-bit register, 8 bytes per MMIO read" },
	{ "fifo", "read", true, "FIFO by string port input" },
	{ "fifo-mmio", "read", true, "FIFO by 32-bit MMIO reads" },
	{ "dma", "read", true, "bus-master DMA, completion polled" },
	{ "dma-msi", "read", true, "bus-master DMA, completion by interrupt" },
	{ "dma-zc", "read", true,
	  "DMA straight into the caller's pages, polled" },
	{ "dma-zc-msi", "read", true,
	  "DMA straight into the caller's pages, by interrupt" },
	{ "dma-q", "read", true,
	  "such DMA, several requests in flight, polled" },
	{ "dma-q-msi", "read", true,
	  "such DMA, several requests in flight, by interrupt" },
	{ "window", "read", true, "RAM window, refilled by one doorbell" },
	{ "window-uc", "read", true, "the same window, mapped uncached" },
	{ "ring", "read", true,
	  "ring in memory, filled by the device's thread" },
	{ "null", "read", false, "our driver without a device" },
	{ "virtio-rng", "hwrng", false, "stock virtio-rng by /dev/hwrng" },
	{ "getrandom", "syscall", false, "getrandom(2), the guest's own CRNG" },
	{ "memcpy", "memory", false, "memcpy in the guest" },
	{ "getppid", "syscall", false, "an empty system call" },
	{ "ioctl0", "syscall", false, "an ioctl that does nothing" },
	{ "host-memcpy", "memory", false, "memcpy in a host process" },
	{ "host-generator", "memory", false,
	  "the generator in a host process" },
	{ NULL, NULL, false, NULL },
};

static const char *const accesses[] = { "read",  "read-huge", "read-fixed",
					"ioctl", "mmap",      "uring",
					"hwrng", "syscall",   "memory",
					NULL };

const struct variant_name *variant_find(const char *name)
{
	for (const struct variant_name *v = variant_names; v->name; v++)
		if (!strcmp(v->name, name))
			return v;
	return NULL;
}

bool variant_has_thread(const char *name)
{
	const char *path = g_str_has_prefix(name, "2x") ? name + 2 : name;
	size_t length = strcspn(path, "@");

	return (length == 4 && !strncmp(path, "ring", 4)) ||
	       g_str_has_prefix(path, "dma-q");
}

bool lane_is_for_counts(const char *lane)
{
	return !strcmp(lane, "nested");
}

bool variant_is_of_host(const char *name)
{
	return g_str_has_prefix(name, "host-");
}

static int variant_rank(const char *name)
{
	const struct variant_name *v = variant_find(name);

	return v ? (int)(v - variant_names) : G_MAXINT;
}

static int access_rank(const char *name)
{
	for (int i = 0; accesses[i]; i++)
		if (!strcmp(accesses[i], name))
			return i;
	return G_MAXINT;
}

static int compare(int rank_a, int rank_b, const char *a, const char *b)
{
	if (rank_a != rank_b)
		return rank_a < rank_b ? -1 : 1;
	return rank_a == G_MAXINT ? strcmp(a, b) : 0;
}

int names_compare_variants(const char *a, const char *b)
{
	return compare(variant_rank(a), variant_rank(b), a, b);
}

int names_compare_accesses(const char *a, const char *b)
{
	return compare(access_rank(a), access_rank(b), a, b);
}
