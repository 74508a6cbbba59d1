// SPDX-License-Identifier: GPL-2.0-or-later
/* Finding what can be measured on this machine. */
#include "target.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "device.h"
#include "log.h"
#include "sysfs.h"

#define RNG_CURRENT   "/sys/class/misc/hw_random/rng_current"
#define RNG_AVAILABLE "/sys/class/misc/hw_random/rng_available"
#define HWRNG_NODE    DEVICE_DIR "/hwrng"

/*
 * Module parameters choose among a device's paths at open(2). The first entry
 * is what a file uses when nobody chooses; the last ones are only for taking a
 * request apart.
 */
static const struct setting {
	const char *param;
	const char *value;
} settings[] = {
	{ NULL, NULL },       { "fifo", "port" },     { "fifo", "mmio" },
	{ "dma", "poll" },    { "dma", "msi" },       { "window", "wb" },
	{ "dma", "zc" },      { "window", "uc" },     { "dma", "zc-msi" },
	{ "dma", "queue" },   { "dma", "queue-msi" }, { "null", "copy" },
	{ "null", "ram-32" }, { "null", "ram-64" },   { "null", "ram-fifo" },
	{ "null", "ram-zc" },
};
#define PAGE  4096
#define MIB   (1u << 20)
#define LARGE 65536 /* what requests of several in flight are made for */
/* The driver's default size of a ring: full at first, then not any more */
#define RING_AHEAD (8u << 20)

#define SETTINGS_SPLIT 7 /* the others have parts that no control has */
#define SETTINGS_STUDY 11
#define SETTINGS       (sizeof(settings) / sizeof(settings[0]))

/* What a request is taken apart with: the modes of a device, in turn */
static const struct {
	const char *suffix;
	uint32_t modes;
} mode_suffixes[] = {
	{ "+const", MY_RNG_MODE_CONSTANT },
	{ "+timed", MY_RNG_MODE_TIMING },
	{ "+const+timed", MY_RNG_MODE_CONSTANT | MY_RNG_MODE_TIMING },
};
#define MODE_SUFFIXES (sizeof(mode_suffixes) / sizeof(mode_suffixes[0]))

/* The paths of a full build, to tell which are missing */
static const char *const known_paths[] = {
	"32",      "64",        "fifo",       "fifo-mmio", "dma",
	"dma-msi", "dma-zc",    "dma-zc-msi", "dma-q",     "dma-q-msi",
	"window",  "window-uc", "ring",       "null",
};

/* What rng_current was before the run; empty: not changed */
static char rng_before[64];

static struct target *add(struct target *t, size_t *n, const char *variant,
			  const char *node, const struct engine *engine)
{
	struct target *new = &t[(*n)++];

	memset(new, 0, sizeof(*new));
	snprintf(new->variant, sizeof(new->variant), "%s", variant);
	snprintf(new->source.node, sizeof(new->source.node), "%s", node);
	new->device = -1;
	new->engines[0] = engine;
	return new;
}

static void add_engine(struct target *t, const struct engine *engine)
{
	size_t e = 0;

	while (t->engines[e])
		e++;
	if (e < TARGET_ENGINES - 1)
		t->engines[e] = engine;
}

static struct target *find(struct target *t, size_t n, const char *variant)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(t[i].variant, variant))
			return &t[i];
	}
	return NULL;
}

/* Whether an ioctl without effects that matter works on @t */
static bool has_ioctl(const struct target *t, unsigned long request)
{
	unsigned int number;
	int fd = source_open(&t->source, 0);
	int failed;

	if (fd < 0)
		return false;
	failed = ioctl(fd, request, &number) && errno == ENOTTY;
	close(fd);
	return !failed;
}

/* Whether @t's registers can be mapped; notes a window that is not cached */
static bool can_map(const struct target *t)
{
	struct my_rng_map map = { 0 };
	int fd = source_open(&t->source, 0);

	if (fd < 0)
		return false;
	if (ioctl(fd, MY_RNG_IOC_MAP, &map))
		map.reg_size = 0;
	close(fd);
	if (map.data_size && !(map.flags & MY_RNG_MAP_CACHED) &&
	    !strcmp(t->source.path, "window"))
		log_note("path window is mapped uncached, as this machine's "
			 "MTRRs want it: what it costs is that of window-uc");
	return map.reg_size;
}

/* Whether a device has another generator than the first one */
static bool is_odd(int device)
{
	return device > 0 && device_get((size_t)device)->info.generator !=
				     device_get(0)->info.generator;
}

/* Its paths go by names of their own: PATH@GENERATOR */
static void name_variant(struct target *t)
{
	if (is_odd(t->device))
		snprintf(
			t->variant, sizeof(t->variant), "%.15s@%.15s",
			t->source.path,
			generator_name(
				device_get((size_t)t->device)->info.generator));
	else
		memcpy(t->variant, t->source.path, sizeof(t->source.path));
}

/* Where what each byte costs is known long before a request is large */
static bool is_flat(const char *path)
{
	static const char *const paths[] = { "32", "64", "fifo", "fifo-mmio",
					     "window-uc" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (!strcmp(path, paths[i]))
			return true;
	}
	return false;
}

/* What kind of path it is, and which ways beside read(2) it has */
static void add_accesses(struct target *t)
{
	const char *path = t->source.path;

	t->most = is_flat(path) ? LARGE : 0;

	if (!strcmp(path, "ring")) {
		t->ahead = RING_AHEAD;
		t->random = true;
	}
	if (is_odd(t->device))
		t->least = MIB;
	if (!strncmp(path, "dma-q", 5)) {
		t->exclusive = true;
		t->random = true;
		t->least = LARGE;
	}
	if (!strncmp(path, "dma-zc", 6) && !t->least)
		t->least = PAGE;
	if (t->least && strstr(path, "-msi"))
		return; /* what an interrupt costs is the same into any pages */
	if (t->least && !strncmp(path, "dma-", 4)) {
		add_engine(t, &engine_read_huge);
		add_engine(t, &engine_read_fixed);
		return; /* the number by ioctl is that of dma */
	}
	if (is_odd(t->device))
		return;
	if (has_ioctl(t, MY_RNG_IOC_GET))
		add_engine(t, &engine_ioctl);
	else
		log_note("path %s has no MY_RNG_IOC_GET: not measured",
			 t->variant);
	if (!engine_mmap_suits(path))
		return;
	if (can_map(t))
		add_engine(t, &engine_mmap);
	else
		log_note("the driver does not let path %s be mapped: not "
			 "measured",
			 t->variant);
}

/*
 * One target per path that @node can be made to use by one of the first
 * @count settings and that is not there yet
 */
static void add_paths(struct target *t, size_t *n, const char *node, int device,
		      size_t count)
{
	struct target try = { .device = device };
	struct source *s = &try.source;

	snprintf(s->node, sizeof(s->node), "%s", node);
	try.engines[0] = &engine_read;
	for (size_t i = 0; i < count && *n < TARGETS_MAX; i++) {
		s->param = settings[i].param;
		s->value = settings[i].value;
		if (source_probe(s, node, s->path)) {
			if (errno != ENOENT)
				log_note("cannot open %s with %s=%s: %s", node,
					 s->param ? s->param : "path",
					 s->param ? s->value : "default",
					 strerror(errno));
			continue;
		}
		name_variant(&try);
		/* What an interrupt costs does not depend on the generator */
		if (is_odd(device) && strstr(s->path, "-msi"))
			continue;
		if (!try.variant[0] || find(t, *n, try.variant))
			continue;
		t[*n] = try;
		add_accesses(&t[(*n)++]);
	}
}

/* Makes virtio-rng the generator behind /dev/hwrng; -1 if there is none */
static int select_virtio(void)
{
	char available[256];
	char current[64];
	char *name;

	if (sysfs_read(RNG_AVAILABLE, available, sizeof(available)) ||
	    !(name = strstr(available, "virtio_rng")))
		return -1;
	name[strcspn(name, " ")] = '\0';
	sysfs_read(RNG_CURRENT, current, sizeof(current));
	if (!strcmp(current, name))
		return 0;
	if (sysfs_write(RNG_CURRENT, name)) {
		log_note("cannot select %s in " RNG_CURRENT ": %s", name,
			 strerror(errno));
		return -1;
	}
	snprintf(rng_before, sizeof(rng_before), "%s", current);
	return 0;
}

static void note_missing(struct target *t, size_t n)
{
	char list[128] = "";
	size_t used = 0;

	for (size_t i = 0; i < sizeof(known_paths) / sizeof(char *); i++) {
		if (!find(t, n, known_paths[i]))
			used += snprintf(list + used, sizeof(list) - used,
					 " %s", known_paths[i]);
	}
	if (used)
		log_note("no device or driver here offers, so left out:%s",
			 list);
}

static void add_ioctl0(struct target *t, size_t *n)
{
	struct target *ioctl0;

	if (!device_count() || *n == TARGETS_MAX)
		return;
	ioctl0 = add(t, n, "ioctl0", device_get(0)->node, &engine_ioctl0);
	ioctl0->device = 0;
	if (!has_ioctl(ioctl0, MY_RNG_IOC_NOP)) {
		log_note("no MY_RNG_IOC_NOP here: ioctl0 left out");
		(*n)--;
	}
}

/* io_uring gains by batching, so it is asked for where requests are cheap or many */
static void add_uring(struct target *t, size_t n)
{
	static const char *const paths[] = { "32", "dma" };

	if (!uring_works()) {
		log_note("no io_uring here: left out");
		return;
	}
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct target *with = find(t, n, paths[i]);

		if (with)
			add_engine(with, &engine_uring);
	}
}

/* A ring's device works beside a request, not in it: nothing to take apart */
static void drop_unsplit(struct target *t, size_t *n)
{
	struct target *ring = find(t, *n, "ring");

	if (!ring)
		return;
	log_note("path ring is not taken apart: the device works beside a "
		 "request, not in it");
	(*n)--;
	memmove(ring, ring + 1, (size_t)(t + *n - ring) * sizeof(*t));
}

/* The same path again, in each combination of the device's modes */
static void add_modes(struct target *t, size_t *n)
{
	size_t paths = *n;

	for (size_t i = 0; i < paths; i++) {
		if (t[i].device < 0 || !t[i].source.path[0] ||
		    !(device_get(t[i].device)->info.cap & MY_RNG_CAP_MODES))
			continue;
		for (size_t m = 0; m < MODE_SUFFIXES && *n < TARGETS_MAX; m++) {
			struct target *with = &t[(*n)++];

			*with = t[i];
			snprintf(with->variant, sizeof(with->variant), "%s%s",
				 t[i].source.path, mode_suffixes[m].suffix);
			with->source.modes = mode_suffixes[m].modes;
		}
	}
}

/*
 * Paths that work in the caller's memory: short requests are those of path dma,
 * and the controls among them write nothing there
 */
static void mark_in_place(struct target *t)
{
	bool pins = !strcmp(t->source.path, "ram-zc");

	if (!pins && strcmp(t->source.path, "dma-zc"))
		return;
	t->least = LARGE;
	t->silent = pins || t->source.modes & MY_RNG_MODE_CONSTANT;
}

/* Takes every way to ask @t but the first, which is read(2) */
static void only_read(struct target *t)
{
	memset(&t->engines[1], 0, sizeof(t->engines) - sizeof(t->engines[0]));
}

size_t targets_split(struct target *t)
{
	size_t n = 0;

	for (size_t i = 0; i < device_count(); i++)
		if (!is_odd((int)i))
			add_paths(t, &n, device_get(i)->node, (int)i,
				  SETTINGS_SPLIT);
	drop_unsplit(t, &n);
	add_modes(t, &n);
	add_paths(t, &n, NULL_NODE, -1, SETTINGS);
	for (size_t i = 0; i < n; i++) {
		only_read(&t[i]);
		mark_in_place(&t[i]);
	}
	add(t, &n, "getppid", "", &engine_getppid);
	add_ioctl0(t, &n);
	return n;
}

/* The next device of the generator of @t that offers its path, or -1 */
static int second_device(const struct target *t)
{
	uint32_t generator = device_get((size_t)t->device)->info.generator;
	char path[SOURCE_PATH];

	for (size_t i = (size_t)t->device + 1; i < device_count(); i++) {
		const struct device *d = device_get(i);

		if (d->info.generator == generator &&
		    !source_probe(&t->source, d->node, path) &&
		    !strcmp(path, t->source.path))
			return (int)i;
	}
	return -1;
}

size_t targets_scale(struct target *t)
{
	size_t n = 0;
	size_t paths;

	for (size_t i = 0; i < device_count(); i++)
		add_paths(t, &n, device_get(i)->node, (int)i, SETTINGS_STUDY);
	paths = n;
	for (size_t i = 0; i < paths && n < TARGETS_MAX; i++) {
		struct source *s = &t[i].source;
		int second = second_device(&t[i]);
		struct target *twins = &t[n];

		/* By read(2), and the exercise's register without a system call */
		only_read(&t[i]);
		*twins = t[i];
		if (!strcmp(t[i].variant, "32") && can_map(&t[i]))
			add_engine(&t[i], &engine_mmap);
		if (second < 0)
			continue;
		snprintf(twins->source.twin, sizeof(twins->source.twin), "%s",
			 device_get((size_t)second)->node);
		/* The counters of one device would not be those of the cell */
		twins->device = -1;
		snprintf(twins->variant, sizeof(twins->variant), "2x%s",
			 s->path);
		n++;
	}
	if (n < TARGETS_MAX)
		add(t, &n, "getppid", "", &engine_getppid);
	return n;
}

size_t targets_controls(struct target *t)
{
	size_t n = 0;

	add(t, &n, "getrandom", "", &engine_getrandom);
	add(t, &n, "memcpy", "", &engine_memcpy);
	add(t, &n, "getppid", "", &engine_getppid);
	return n;
}

/* A copy of @like under the name of its variant and "-again", by read(2) */
static struct target *add_again(struct target *t, size_t *n,
				const struct target *like)
{
	struct target *new = &t[(*n)++];

	*new = *like;
	only_read(new);
	snprintf(new->variant, sizeof(new->variant), "%.25s-again",
		 like->variant);
	return new;
}

/* Second devices of a kind: what differs between them and the first is an error */
static void add_second_devices(struct target *t, size_t *n)
{
	size_t paths = *n;

	for (size_t i = 0; i < paths && *n < TARGETS_MAX; i++) {
		int second = t[i].device < 0 ? -1 : second_device(&t[i]);
		struct target *new;

		if (second < 0)
			continue;
		new = add_again(t, n, &t[i]);
		new->device = second;
		snprintf(new->source.node, sizeof(new->source.node), "%s",
			 device_get((size_t)second)->node);
	}
}

/* The driver without a device, twice */
static void add_null(struct target *t, size_t *n)
{
	struct target *null;

	add_paths(t, n, NULL_NODE, -1, 1);
	null = find(t, *n, "null");
	if (null && *n < TARGETS_MAX)
		add_again(t, n, null);
}

size_t targets_find(struct target *t, bool again)
{
	size_t n = targets_controls(t);

	for (size_t i = 0; i < device_count(); i++)
		add_paths(t, &n, device_get(i)->node, (int)i, SETTINGS_STUDY);
	add_uring(t, n);
	if (again)
		add_second_devices(t, &n);
	add_null(t, &n);
	note_missing(t, n);
	add_ioctl0(t, &n);
	if (!select_virtio() && n < TARGETS_MAX)
		add(t, &n, "virtio-rng", HWRNG_NODE, &engine_hwrng);
	else
		log_note("no virtio-rng here: left out");
	return n;
}

int target_by_hand(struct target *t, const char *node, const char *path)
{
	struct source *s = &t->source;

	memset(t, 0, sizeof(*t));
	snprintf(s->node, sizeof(s->node), "%s", node);
	t->device = device_find(node);
	for (size_t i = 0; i < (path ? SETTINGS : 1); i++) {
		s->param = settings[i].param;
		s->value = settings[i].value;
		if (source_probe(s, node, s->path)) {
			if (s->param)
				continue;
			log_error("cannot open %s: %s", node, strerror(errno));
			return -1;
		}
		if (!path || !strcmp(s->path, path)) {
			snprintf(t->variant, sizeof(t->variant), "%s",
				 s->path[0] ? s->path : basename(node));
			return 0;
		}
	}
	log_error("%s does not offer the path %s; see userbench --list", node,
		  path);
	return -1;
}

void targets_release(void)
{
	if (rng_before[0])
		sysfs_write(RNG_CURRENT, rng_before);
	rng_before[0] = '\0';
}
