// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Finds my_rng devices by their PCI id, and the node and parameters that give a
 * wanted read path.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "guest.h"

#define PCI_DEVICES "/sys/bus/pci/devices"
#define PARAMS      "/sys/module/my_rng/parameters"

const char *const all_paths[] = { "32",    "64",        "fifo",   "fifo-mmio",
				  "dma",   "dma-msi",   "dma-zc", "dma-zc-msi",
				  "dma-q", "dma-q-msi", "window", "window-uc",
				  "ring",  "null",      NULL };

/* Values of the parameters that lead to a path, where it takes one */
static const struct {
	const char *path, *param, *value;
} path_params[] = {
	{ "fifo", "fifo", "port" },   { "fifo-mmio", "fifo", "mmio" },
	{ "dma", "dma", "poll" },     { "dma-msi", "dma", "msi" },
	{ "dma-zc", "dma", "zc" },    { "dma-zc-msi", "dma", "zc-msi" },
	{ "dma-q", "dma", "queue" },  { "dma-q-msi", "dma", "queue-msi" },
	{ "window", "window", "wb" }, { "window-uc", "window", "uc" },
};

/** file_read() - first line of a small file. Return: whether it was read */
bool file_read(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, out, size - 1);
	close(fd);
	if (n < 0)
		return false;
	out[n] = '\0';
	out[strcspn(out, "\n")] = '\0';
	return true;
}

/** file_write() - write a text at once. Return: 0 or an errno */
int file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	int err = 0;

	if (fd < 0)
		return errno;
	if (write(fd, text, strlen(text)) < 0)
		err = errno;
	close(fd);
	return err;
}

/** wait_for_file() - until a file is there, or is not; at most 5 s */
bool wait_for_file(const char *path, bool there)
{
	int i;

	for (i = 0; i < 500; i++) {
		if ((access(path, F_OK) == 0) == there)
			return true;
		usleep(10000);
	}
	return false;
}

bool param_exists(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), PARAMS "/%s", name);
	return access(path, F_OK) == 0;
}

bool param_get(const char *name, char *out, size_t size)
{
	char path[128];

	snprintf(path, sizeof(path), PARAMS "/%s", name);
	return file_read(path, out, size);
}

/** param_set() - set a module parameter. Return: 0 or an errno */
int param_set(const char *name, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), PARAMS "/%s", name);
	return file_write(path, value);
}

/** params_default() - as after a load without parameters */
void params_default(void)
{
	param_set("fifo", "port");
	param_set("dma", "poll");
	param_set("window", "wb");
	param_set("zc_min", "16384");
	param_set("queue_split", "262144");
	param_set("queue_depth", "8");
	param_set("irq_frames", "0");
	param_set("irq_usecs", "0");
	param_set("null", "memset");
}

bool path_known(const char *path)
{
	size_t i;

	for (i = 0; all_paths[i]; i++)
		if (!strcmp(path, all_paths[i]))
			return true;
	return false;
}

static bool node_has_path(const char *node, struct target *t)
{
	int fd = open(node, O_RDWR);
	bool found;

	if (fd < 0)
		return false;
	found = ioctl(fd, MY_RNG_IOC_INFO, &t->info) == 0 &&
		ioctl(fd, MY_RNG_IOC_MAP, &t->map) == 0 &&
		!strcmp(t->info.path, t->path);
	close(fd);
	if (found)
		snprintf(t->node, sizeof(t->node), "%s", node);
	return found;
}

/**
 * target_find() - a device with a read path, with the parameters set for it
 * @path: the path
 * @t: filled in
 *
 * Return: whether there is one.
 */
bool target_find(const char *path, struct target *t)
{
	struct pci_rng rng[16];
	size_t i, n;

	memset(t, 0, sizeof(*t));
	t->path = path;
	for (i = 0; i < ARRAY_SIZE(path_params); i++)
		if (!strcmp(path, path_params[i].path))
			param_set(path_params[i].param, path_params[i].value);
	if (node_has_path("/dev/my_rng_null", t))
		return true;
	n = pci_list(rng, ARRAY_SIZE(rng));
	for (i = 0; i < n; i++) {
		if (!rng[i].node[0] || !node_has_path(rng[i].node, t))
			continue;
		memcpy(t->pci, rng[i].addr, sizeof(t->pci));
		return true;
	}
	return false;
}

/** target_open() - open it; a failure ends the program, nothing makes sense */
int target_open(const struct target *t, int flags)
{
	int fd = open(t->node, O_RDWR | O_CLOEXEC | flags);

	if (fd < 0) {
		printf("Bail out! cannot open %s: %s\n", t->node,
		       strerror(errno));
		exit(1);
	}
	return fd;
}

bool target_is(const struct target *t, const char *path)
{
	return !strcmp(t->path, path);
}

bool target_is_null(const struct target *t)
{
	return target_is(t, "null");
}

/** target_by_dma() - whether it reads by DMA, in whichever way */
bool target_by_dma(const struct target *t)
{
	return !strncmp(t->path, "dma", 3);
}

/** target_by_irq() - whether its requests end with an interrupt */
bool target_by_irq(const struct target *t)
{
	return target_by_dma(t) && strstr(t->path, "-msi");
}

/** target_zero_copy() - whether it writes to the caller's pages */
bool target_zero_copy(const struct target *t)
{
	return !strncmp(t->path, "dma-zc", 6) || target_queue(t);
}

/** target_queue() - whether it keeps requests in flight */
bool target_queue(const struct target *t)
{
	return !strncmp(t->path, "dma-q", 5);
}

/**
 * target_open_copying() - a file whose bytes go through the driver's buffer
 * @t: the device; by whichever path
 *
 * Return: the file, as of target_open().
 */
int target_open_copying(const struct target *t)
{
	char before[32];
	int fd;

	if (!target_zero_copy(t) || !param_get("dma", before, sizeof(before)))
		return target_open(t, 0);
	param_set("dma", "poll");
	fd = target_open(t, 0);
	param_set("dma", before);
	return fd;
}

/** target_chunk() - bytes that one request to the device is for, at most */
size_t target_chunk(const struct target *t)
{
	size_t max = t->info.dma_len_max & ~7u;

	if (t->info.cap & MY_RNG_CAP_WINDOW)
		return t->map.data_size;
	if (target_queue(t))
		return QUEUE_SPLIT;
	if (target_zero_copy(t))
		return max;
	return max && max < CHUNK ? max : CHUNK;
}

static bool pci_id_is(const char *addr, const char *file, unsigned int id)
{
	char path[128], text[16];

	snprintf(path, sizeof(path), PCI_DEVICES "/%s/%s", addr, file);
	return file_read(path, text, sizeof(text)) &&
	       strtoul(text, NULL, 16) == id;
}

static void pci_find_node(struct pci_rng *rng)
{
	struct dirent **names;
	char path[128];
	int i, n;

	snprintf(path, sizeof(path), PCI_DEVICES "/%s/misc", rng->addr);
	n = scandir(path, &names, NULL, alphasort);
	for (i = 0; i < n; i++) {
		if (!strncmp(names[i]->d_name, "my_rng", 6))
			snprintf(rng->node, sizeof(rng->node), "/dev/%.20s",
				 names[i]->d_name);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

/**
 * pci_list() - all devices with our PCI id, by address
 * @out: filled in
 * @max: room in @out
 *
 * Return: how many there are.
 */
size_t pci_list(struct pci_rng *out, size_t max)
{
	struct dirent **names;
	size_t count = 0;
	int i, n;

	n = scandir(PCI_DEVICES, &names, NULL, alphasort);
	for (i = 0; i < n; i++) {
		const char *addr = names[i]->d_name;

		if (count < max &&
		    pci_id_is(addr, "vendor", MY_RNG_PCI_VENDOR_ID) &&
		    pci_id_is(addr, "device", MY_RNG_PCI_DEVICE_ID)) {
			memset(&out[count], 0, sizeof(out[count]));
			snprintf(out[count].addr, sizeof(out[count].addr),
				 "%.15s", addr);
			pci_find_node(&out[count++]);
		}
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return count;
}
