// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A device that goes away under its users, and one that cannot do its work.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "guest.h"

#define DRIVER  "/sys/bus/pci/drivers/my_rng"
#define READERS 3

/* Reads (or asks for numbers) until that fails */
struct user {
	pthread_t thread;
	int fd;
	bool by_ioctl;
	volatile size_t calls;
	int error;
};

static void *user_thread(void *arg)
{
	struct user *u = arg;
	uint8_t *buf = malloc(2 * CHUNK);
	uint32_t word;
	ssize_t ret;

	do {
		ret = u->by_ioctl ? ioctl(u->fd, MY_RNG_IOC_GET, &word)
				  : read(u->fd, buf, 2 * CHUNK);
		if (ret >= 0)
			u->calls++;
	} while (ret >= 0);
	u->error = errno;
	free(buf);
	return NULL;
}

static bool is_gone(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint32_t word;
	bool ok;

	ok = read(fd, &word, sizeof(word)) == -1 && errno == ENODEV;
	ok = ok && ioctl(fd, MY_RNG_IOC_GET, &word) == -1 && errno == ENODEV;
	return ok && poll(&p, 1, 0) == 1 && (p.revents & POLLERR) &&
	       (p.revents & POLLHUP);
}

static bool works(const struct target *t)
{
	int fd = open(t->node, O_RDWR);
	uint32_t word;
	bool ok;

	ok = fd >= 0 && seed(fd) &&
	     read(fd, &word, sizeof(word)) == sizeof(word) &&
	     stream_is(t, 0, &word, sizeof(word));
	if (fd >= 0)
		close(fd);
	return ok;
}

static void start_users(const struct target *t, struct user *u, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		u[i].fd = target_open(t, 0);
		u[i].by_ioctl = i == n - 1;
		pthread_create(&u[i].thread, NULL, user_thread, &u[i]);
	}
	for (i = 0; i < n; i++)
		while (!u[i].calls)
			usleep(1000);
}

static bool users_got_enodev(struct user *u, size_t n)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < n; i++) {
		pthread_join(u[i].thread, NULL);
		if (u[i].error != ENODEV) {
			tap_note("a user got %s", strerror(u[i].error));
			ok = false;
		}
	}
	return ok;
}

/** test_unbind() - the driver leaves the device while it is read */
void test_unbind(const struct target *t)
{
	struct user u[READERS + 1] = {};
	bool ok = true;
	size_t i;

	if (!t->pci[0])
		return;
	start_users(t, u, ARRAY_SIZE(u));
	tap_ok(file_write(DRIVER "/unbind", t->pci) == 0 &&
		       users_got_enodev(u, ARRAY_SIZE(u)),
	       "unbind-under-load-gives-enodev");
	tap_ok(wait_for_file(t->node, false), "unbind-removes-the-node");
	for (i = 0; i < ARRAY_SIZE(u); i++)
		ok = is_gone(u[i].fd) && ok;
	tap_ok(ok, "open-files-of-unbound-device-give-enodev");
	tap_ok(file_write(DRIVER "/bind", t->pci) == 0 &&
		       wait_for_file(t->node, true) && works(t),
	       "bind-brings-the-device-back");
	for (i = 0, ok = true; i < ARRAY_SIZE(u); i++) {
		ok = is_gone(u[i].fd) && ok;
		close(u[i].fd);
	}
	tap_ok(ok, "old-files-stay-dead-after-bind");
}

/** set_command() - bits of the lower half of PCI_COMMAND. Return: whether it worked */
bool set_command(const struct target *t, uint8_t bits, bool on)
{
	char path[128];
	uint8_t command;
	bool ok;
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", t->pci);
	fd = open(path, O_RDWR);
	if (fd < 0)
		return false;
	ok = pread(fd, &command, 1, 4) == 1;
	command = on ? command | bits : command & ~bits;
	ok = ok && pwrite(fd, &command, 1, 4) == 1;
	close(fd);
	return ok;
}

/** set_master() - whether a device may write memory */
bool set_master(const struct target *t, bool on)
{
	return set_command(t, 4, on);
}

/* What a ring holds is still given; the device is asked again after the error */
static void test_ring_error(const struct target *t)
{
	static uint8_t buf[CHUNK];
	size_t left = 2 * t->map.data_size;
	int fd = target_open(t, 0);
	bool ok = set_master(t, false);
	ssize_t got;

	do {
		got = read(fd, buf, sizeof(buf));
	} while (got > 0 && (left -= got) < 2 * t->map.data_size);
	tap_ok(ok && got == -1 && errno == EIO,
	       "bus-mastering-off-gives-eio-in-the-end");
	tap_ok(read(fd, buf, sizeof(buf)) == -1 && errno == EIO,
	       "bus-mastering-off-goes-on-to-give-eio");
	tap_ok(set_master(t, true) && seed(fd) &&
		       read(fd, buf, sizeof(buf)) == sizeof(buf) &&
		       stream_is(t, 0, buf, sizeof(buf)),
	       "works-after-an-error");
	close(fd);
}

/** test_dma_error() - a device that may not write memory */
void test_dma_error(const struct target *t)
{
	uint32_t words[16];
	int fd;
	bool ok;

	if (target_is(t, "ring"))
		test_ring_error(t);
	if (!target_by_dma(t))
		return;
	fd = target_open(t, 0);
	ok = set_master(t, false) && read(fd, words, sizeof(words)) == -1 &&
	     errno == EIO;
	tap_ok(ok, "bus-mastering-off-gives-eio");
	ok = set_master(t, true) && seed(fd) &&
	     read(fd, words, sizeof(words)) == sizeof(words) &&
	     stream_is(t, 0, words, sizeof(words));
	tap_ok(ok, "works-after-an-error");
	close(fd);
}
