// SPDX-License-Identifier: GPL-2.0-or-later
/* What an engine asks for bytes, and how it is opened. */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "my_rng_uapi.h"
#include "sysfs.h"

#define PARAM_DIR "/sys/module/my_rng/parameters/"

/* Parameters are the module's: set, open(2), restore is one step */
static pthread_mutex_t param_lock = PTHREAD_MUTEX_INITIALIZER;

/* A ring's header is mapped to be written; /dev/hwrng refuses such an open */
static int open_node(const char *node)
{
	int fd = open(node, O_RDWR | O_CLOEXEC);

	return fd < 0 ? open(node, O_RDONLY | O_CLOEXEC) : fd;
}

static int open_with_param(const struct source *s, const char *node)
{
	char path[sizeof(PARAM_DIR) + 16];
	char before[32];
	int fd = -1;
	int error;

	snprintf(path, sizeof(path), PARAM_DIR "%s", s->param);
	pthread_mutex_lock(&param_lock);
	if (!sysfs_read(path, before, sizeof(before)) &&
	    !sysfs_write(path, s->value)) {
		fd = open_node(node);
		error = errno;
		sysfs_write(path, before);
		errno = error;
	}
	pthread_mutex_unlock(&param_lock);
	return fd;
}

/* Opens @node as @s says; @path as in source_probe() */
static int open_and_ask(const struct source *s, const char *node, char *path)
{
	int fd = s->param ? open_with_param(s, node) : open_node(node);
	struct my_rng_info info = { 0 };

	path[0] = '\0';
	if (fd >= 0 && !ioctl(fd, MY_RNG_IOC_INFO, &info))
		snprintf(path, SOURCE_PATH, "%.15s", info.path);
	return fd;
}

int source_open(const struct source *s, unsigned int index)
{
	const char *node = index % 2 && s->twin[0] ? s->twin : s->node;
	char path[SOURCE_PATH];
	int fd = open_and_ask(s, node, path);

	if (fd < 0 || !s->path[0] || !strcmp(path, s->path))
		return fd;
	close(fd);
	errno = ENODEV;
	return -1;
}

int source_probe(const struct source *s, const char *node, char *path)
{
	int fd = open_and_ask(s, node, path);

	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

int source_enter(const struct source *s, int fd)
{
	return s->modes ? ioctl(fd, MY_RNG_IOC_MODE, &s->modes) : 0;
}

int source_leave(const struct source *s, int fd)
{
	uint32_t none = 0;

	return s->modes ? ioctl(fd, MY_RNG_IOC_MODE, &none) : 0;
}
