// SPDX-License-Identifier: GPL-2.0-or-later
/* The my_rng devices of this machine: identity, MARK, counters. */
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "log.h"

#define DEVICES_MAX 16 /* nodes may have gaps after an unbind */

static struct device devices[DEVICES_MAX];
static size_t count;

static const char *const generator_names[] = {
	[MY_RNG_GEN_GLIBC] = "glibc",
	[MY_RNG_GEN_XOSHIRO256SS] = "xoshiro256ss",
	[MY_RNG_GEN_PCG64] = "pcg64",
	[MY_RNG_GEN_MT19937] = "mt19937",
	[MY_RNG_GEN_CHACHA20] = "chacha20",
	[MY_RNG_GEN_XOSHIRO256PPX8] = "xoshiro256ppx8",
	[MY_RNG_GEN_HOST] = "host",
};

static int open_one(struct device *d, unsigned int n)
{
	struct my_rng_stats stats;
	uint32_t mark = 0;

	snprintf(d->node, sizeof(d->node), DEVICE_DIR "/my_rng%u", n);
	d->fd = open(d->node, O_RDONLY | O_CLOEXEC);
	if (d->fd < 0) {
		if (errno != ENOENT && errno != ENXIO)
			log_note("cannot open %s: %s", d->node,
				 strerror(errno));
		return -1;
	}
	if (ioctl(d->fd, MY_RNG_IOC_INFO, &d->info)) {
		log_note("%s is not a my_rng device of this version: %s",
			 d->node, strerror(errno));
		close(d->fd);
		return -1;
	}
	d->counts = !ioctl(d->fd, MY_RNG_IOC_STATS, &stats);
	d->marks = !ioctl(d->fd, MY_RNG_IOC_MARK, &mark);
	return 0;
}

size_t devices_open(void)
{
	devices_close();
	for (unsigned int n = 0; n < DEVICES_MAX; n++) {
		struct device *d = &devices[count];

		if (open_one(d, n))
			continue;
		count++;
		if (!d->counts)
			log_note("%s has no counters: its cells have no counts",
				 d->node);
		if (!d->marks)
			log_note("%s has no MARK: its cells cannot be traced",
				 d->node);
	}
	return count;
}

size_t device_count(void)
{
	return count;
}

const struct device *device_get(size_t index)
{
	return &devices[index];
}

int device_find(const char *node)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(devices[i].node, node))
			return (int)i;
	}
	return -1;
}

void device_mark(int index, uint32_t id)
{
	const struct device *d = &devices[index < 0 ? 0 : index];

	if (!count || !d->marks)
		return;
	if (ioctl(d->fd, MY_RNG_IOC_MARK, &id))
		log_error("%s: MARK failed: %s", d->node, strerror(errno));
}

int device_stats(int index, struct my_rng_stats *stats)
{
	if (index < 0 || !devices[index].counts)
		return -1;
	return ioctl(devices[index].fd, MY_RNG_IOC_STATS, stats);
}

int device_times(int index, struct my_rng_times *times)
{
	if (index < 0 || !(devices[index].info.cap & MY_RNG_CAP_MODES))
		return -1;
	return ioctl(devices[index].fd, MY_RNG_IOC_TIMES, times);
}

const char *generator_name(uint32_t id)
{
	if (id >= sizeof(generator_names) / sizeof(generator_names[0]))
		return "unknown";
	return generator_names[id];
}

void devices_close(void)
{
	while (count)
		close(devices[--count].fd);
}
