// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The module as a whole: nodes, parameters, load and unload.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest.h"

#define CYCLES  10
#define OPENERS 3

/* The exercise's program: its path and its numbers, as it has them */
static bool exercise_round(int fd)
{
	static const unsigned int want[] = { 286129175, 1594929109, 971802288,
					     222134722, 1335014133 };
	unsigned int number = 0x42;
	size_t i;

	if (ioctl(fd, 0x40047101, &number))
		return false;
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		if (ioctl(fd, 0x80047101, &number))
			return false;
		if (number != want[i]) {
			tap_note("number %zu: %u, expected %u", i, number,
				 want[i]);
			return false;
		}
	}
	return true;
}

static void test_exercise(void)
{
	int fd = open("/dev/my_rng_driver", O_RDWR);
	struct my_rng_info info;

	if (fd < 0 || ioctl(fd, MY_RNG_IOC_INFO, &info)) {
		tap_ok(false, "exercise-prints-its-ten-numbers");
		return;
	}
	if (info.generator != MY_RNG_GEN_GLIBC)
		tap_skip("first device has another generator",
			 "exercise-prints-its-ten-numbers");
	else
		tap_ok(exercise_round(fd) && exercise_round(fd),
		       "exercise-prints-its-ten-numbers");
	close(fd);
}

/* Seeds through one node, reads through the other */
static bool same_device(const char *a, const char *b)
{
	int fa = open(a, O_RDWR), fb = open(b, O_RDWR);
	uint32_t first = 0, again = 1;
	bool ok;

	ok = fa >= 0 && fb >= 0 && seed(fa) &&
	     ioctl(fb, MY_RNG_IOC_GET, &first) == 0 && seed(fb) &&
	     ioctl(fa, MY_RNG_IOC_GET, &again) == 0 && first == again;
	close(fa);
	close(fb);
	return ok;
}

/* Whether the kernel log has a line with both texts */
static bool log_has(const char *a, const char *b)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	char line[8192];
	bool found = false;
	ssize_t n;

	if (fd < 0)
		return false;
	while (!found && ((n = read(fd, line, sizeof(line) - 1)) > 0 ||
			  (n < 0 && errno == EPIPE))) {
		line[n > 0 ? n : 0] = '\0';
		found = strstr(line, a) && strstr(line, b);
	}
	close(fd);
	return found;
}

/** test_nodes() - one node for each device, in their order, and the others */
void test_nodes(void)
{
	struct pci_rng rng[16];
	size_t i, n = pci_list(rng, ARRAY_SIZE(rng)), bound = 0;
	char want[32];
	bool ok = n > 0;

	for (i = 0; i < n; i++) {
		if (!rng[i].node[0]) {
			tap_ok(log_has(rng[i].addr, "device offers") &&
				       log_has(rng[i].addr, "this module has"),
			       "refusal-of-%s-names-both-sides", rng[i].addr);
			continue;
		}
		snprintf(want, sizeof(want), "/dev/my_rng%zu", bound++);
		ok = ok && !strcmp(want, rng[i].node) && !access(want, F_OK);
	}
	tap_ok(ok && bound, "each-device-has-its-node");
	tap_ok(access("/dev/my_rng_null", F_OK) == 0, "null-node-is-there");
	tap_ok(same_device("/dev/my_rng_driver", "/dev/my_rng0"),
	       "my_rng_driver-is-the-first-device");
	test_exercise();
}

static void test_param(const char *name, const char *value, const char *path,
		       const char *other, const char *other_path)
{
	struct my_rng_info before, after;
	struct target t, t2;
	char now[32];
	int fd;
	bool ok;

	if (!param_exists(name)) {
		tap_skip("path not compiled in", "%s-is-latched-by-open", name);
		return;
	}
	param_set(name, value);
	ok = param_set(name, "bogus") == EINVAL &&
	     param_set(name, " ") == EINVAL &&
	     param_get(name, now, sizeof(now)) && !strcmp(now, value);
	tap_ok(ok, "unknown-%s-is-refused", name);
	if (!target_find(path, &t)) {
		tap_skip("no device", "%s-is-latched-by-open", name);
		return;
	}
	fd = target_open(&t, 0);
	param_set(name, other);
	ok = ioctl(fd, MY_RNG_IOC_INFO, &before) == 0 &&
	     !strcmp(before.path, path) && target_find(other_path, &t2);
	close(fd);
	fd = target_open(&t2, 0);
	ok = ok && ioctl(fd, MY_RNG_IOC_INFO, &after) == 0 &&
	     !strcmp(after.path, other_path);
	close(fd);
	tap_ok(ok, "%s-is-latched-by-open", name);
}

/** test_params() - module parameters of a loaded module */
void test_params(void)
{
	test_param("fifo", "port", "fifo", "mmio", "fifo-mmio");
	test_param("dma", "poll", "dma", "msi", "dma-msi");
	test_param("window", "wb", "window", "uc", "window-uc");
	test_param("dma", "zc", "dma-zc", "zc-msi", "dma-zc-msi");
	test_param("dma", "queue", "dma-q", "queue-msi", "dma-q-msi");
	params_default();
}

static int load(const char *module, const char *params)
{
	int fd = open(module, O_RDONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return errno;
	if (syscall(SYS_finit_module, fd, params, 0))
		err = errno;
	close(fd);
	return err;
}

static int unload(void)
{
	return syscall(SYS_delete_module, "my_rng", O_NONBLOCK) ? errno : 0;
}

static void test_unload_while_open(void)
{
	static const char *const nodes[] = { "/dev/my_rng0", "/dev/my_rng_null",
					     "/dev/my_rng_driver" };
	bool ok = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(nodes); i++) {
		int fd = open(nodes[i], O_RDONLY);
		int err = unload();

		/* The kernel says EAGAIN where rmmod says "in use" */
		ok = fd >= 0 && (err == EAGAIN || err == EBUSY) && ok;
		close(fd);
	}
	tap_ok(ok, "unload-while-open-is-refused");
}

static void test_load_params(const char *module)
{
	bool fifo, dma;
	char now[32];

	fifo = param_exists("fifo");
	dma = param_exists("dma");
	tap_ok(unload() == 0 && access("/dev/my_rng0", F_OK) &&
		       access("/dev/my_rng_null", F_OK) &&
		       access("/dev/my_rng_driver", F_OK),
	       "unload-removes-the-nodes");
	if (fifo) {
		tap_ok(load(module, "fifo=bogus") == EINVAL,
		       "load-with-unknown-fifo-is-refused");
		tap_ok(load(module, "fifo=mmio") == 0 &&
			       param_get("fifo", now, sizeof(now)) &&
			       !strcmp(now, "mmio"),
		       "load-with-fifo-mmio");
		unload();
	}
	if (dma) {
		tap_ok(load(module, "dma=bogus") == EINVAL,
		       "load-with-unknown-dma-is-refused");
		tap_ok(load(module, "dma=msi") == 0 &&
			       param_get("dma", now, sizeof(now)) &&
			       !strcmp(now, "msi"),
		       "load-with-dma-msi");
		unload();
	}
	tap_ok(load(module, "") == 0 && access("/dev/my_rng0", F_OK) == 0,
	       "load-brings-the-nodes-back");
}

/* Opens, reads, closes, whether the module is there or not */
struct opener {
	pthread_t thread;
	const char *node;
	volatile bool stop;
	size_t reads;
	int error; /* one that must not be */
};

static bool module_is_away(int err)
{
	return err == ENOENT || err == ENODEV || err == ENXIO;
}

static void *opener_thread(void *arg)
{
	struct opener *o = arg;
	uint8_t *buf = malloc(CHUNK);

	while (!o->stop && !o->error) {
		int fd = open(o->node, O_RDONLY | O_CLOEXEC);

		if (fd < 0) {
			if (!module_is_away(errno))
				o->error = errno;
		} else {
			if (read(fd, buf, 4096) > 0)
				o->reads++;
			else if (!module_is_away(errno))
				o->error = errno;
			close(fd);
		}
		usleep(500);
	}
	free(buf);
	return NULL;
}

static bool unload_soon(void)
{
	int i, err = EAGAIN;

	for (i = 0; i < 20000 && err == EAGAIN; i++) {
		err = unload();
		if (err)
			usleep(200);
	}
	if (err)
		tap_note("cannot unload: %s", strerror(err));
	return !err;
}

static void test_reload_under_load(const char *module)
{
	static const char *const nodes[OPENERS] = { "/dev/my_rng0",
						    "/dev/my_rng_driver",
						    "/dev/hwrng" };
	struct opener o[OPENERS] = {};
	size_t i, reads = 0;
	bool ok = true;

	for (i = 0; i < OPENERS; i++) {
		o[i].node = nodes[i];
		pthread_create(&o[i].thread, NULL, opener_thread, &o[i]);
	}
	for (i = 0; i < CYCLES && ok; i++) {
		usleep(20000);
		ok = unload_soon() && load(module, "hwrng=1") == 0;
		file_write("/sys/class/misc/hw_random/rng_current", "my_rng0");
	}
	for (i = 0; i < OPENERS; i++) {
		o[i].stop = true;
		pthread_join(o[i].thread, NULL);
		if (o[i].error) {
			tap_note("%s: %s", o[i].node, strerror(o[i].error));
			ok = false;
		}
		reads += o[i].reads;
	}
	tap_note("%zu reads in %d cycles", reads, CYCLES);
	ok = unload_soon() && load(module, "") == 0 && ok;
	tap_ok(ok && reads, "unload-and-reload-under-load");
}

/**
 * test_module() - load and unload; leaves the module loaded as at the start
 * @module: the module's file
 */
void test_module(const char *module)
{
	if (access(module, R_OK)) {
		tap_skip("no module file here, see --module", "unload");
		return;
	}
	test_unload_while_open();
	test_load_params(module);
	test_reload_under_load(module);
	test_exercise();
}

/** test_kernel_log() - nothing in the log that must not be there */
void test_kernel_log(void)
{
	static const char *const bad[] = { "WARNING:",
					   "BUG:",
					   "Oops",
					   "Call Trace",
					   "INFO: task",
					   "INFO: trying to register",
					   "soft lockup",
					   "refcount_t:",
					   "corruption",
					   "general protection",
					   "DMAR: DRHD: handling fault" };
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	char line[8192];
	bool ok = fd >= 0;
	ssize_t n;
	size_t i;

	while (fd >= 0 && ((n = read(fd, line, sizeof(line) - 1)) > 0 ||
			   (n < 0 && errno == EPIPE))) {
		line[n > 0 ? n : 0] = '\0';
		for (i = 0; i < ARRAY_SIZE(bad); i++) {
			if (!strstr(line, bad[i]))
				continue;
			line[strcspn(line, "\n")] = '\0';
			tap_note("%s", line);
			ok = false;
		}
	}
	if (fd >= 0)
		close(fd);
	tap_ok(ok, "log-has-no-warning");
}
