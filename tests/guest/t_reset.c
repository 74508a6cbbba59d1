// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A device that somebody else changes: reset under its readers, found on by the
 * driver, switched off or deaf while it is used.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#include "guest.h"

#define DRIVER "/sys/bus/pci/drivers/my_rng"
#define PAGE   4096u
#define RESETS 20

static void pci_file(const struct target *t, const char *name, char *out,
		     size_t size)
{
	snprintf(out, size, "/sys/bus/pci/devices/%s/%s", t->pci, name);
}

/* A read of another length than the last one, so all has to be programmed */
static bool reads(const struct target *t, int fd, size_t n)
{
	uint8_t *buf = malloc(n);
	bool ok = buf && seed(fd) && read(fd, buf, n) == (ssize_t)n &&
		  stream_is(t, 0, buf, n);

	free(buf);
	return ok;
}

/* Reads until told to stop; a reset is not to be seen */
struct reader {
	pthread_t thread;
	int fd;
	volatile bool stop;
	volatile size_t calls;
	int error;
};

static void *reader_thread(void *arg)
{
	struct reader *r = arg;
	uint8_t *buf = malloc(2 * CHUNK);

	while (!r->stop && !r->error) {
		if (read(r->fd, buf, 2 * CHUNK) < 0)
			r->error = errno;
		r->calls++;
	}
	free(buf);
	return NULL;
}

/** test_reset() - by the bus, through sysfs, where that is possible */
void test_reset(const struct target *t)
{
	struct reader r = {};
	char reset[96];
	bool ok = true;
	int fd, i;

	pci_file(t, "reset", reset, sizeof(reset));
	if (!t->pci[0] || access(reset, W_OK))
		return;
	fd = target_open(t, 0);
	ok = reads(t, fd, 3 * CHUNK + 20);
	tap_ok(!file_write(reset, "1") && ok && reads(t, fd, 4096) &&
		       reads(t, fd, 2 * CHUNK),
	       "reads-go-on-after-a-reset");
	r.fd = target_open(t, 0);
	pthread_create(&r.thread, NULL, reader_thread, &r);
	for (i = 0; i < RESETS && !r.error; i++) {
		size_t before = r.calls;

		ok = !file_write(reset, "1") && ok;
		while (r.calls == before && !r.error)
			usleep(100);
	}
	r.stop = true;
	pthread_join(r.thread, NULL);
	if (r.error)
		tap_note("after %d resets: %s", i, strerror(r.error));
	tap_ok(ok && !r.error && reads(t, fd, 5000), "resets-under-a-reader");
	close(r.fd);
	close(fd);
}

/** test_root_port() - the device of a path can be reset */
void test_root_port(const struct target *t)
{
	char reset[96];

	pci_file(t, "reset", reset, sizeof(reset));
	tap_ok(!access(reset, W_OK), "device-can-be-reset");
}

/* --- found on ------------------------------------------------------------- */

/* Where a page of this process lies */
static uint64_t physical(const void *at)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	uint64_t entry = 0;

	if (pread(fd, &entry, sizeof(entry), (uintptr_t)at / PAGE * 8) !=
	    sizeof(entry))
		entry = 0;
	close(fd);
	return (entry & ((1ull << 55) - 1)) * PAGE;
}

static void point(volatile uint32_t *regs, unsigned int reg, uint64_t to)
{
	regs[reg / 4] = (uint32_t)to;
	regs[reg / 4 + 1] = (uint32_t)(to >> 32);
}

/* Three pages: a header, a table, and a ring of one page */
static bool ring_on(volatile uint32_t *regs, uint8_t *pages)
{
	uint64_t *desc = (uint64_t *)(pages + PAGE);

	desc[0] = physical(pages + 2 * PAGE);
	desc[1] = PAGE;
	point(regs, MY_RNG_REG_RING_HDR_LO, physical(pages));
	point(regs, MY_RNG_REG_RING_DESC_LO, physical(desc));
	regs[MY_RNG_REG_RING_COUNT / 4] = 1;
	regs[MY_RNG_REG_RING_CTRL / 4] = MY_RNG_RING_CTRL_ON;
	return regs[MY_RNG_REG_RING_STATUS / 4] == MY_RNG_RING_ST_ON;
}

static bool queue_on(volatile uint32_t *regs, uint8_t *pages)
{
	point(regs, MY_RNG_REG_QUEUE_LO, physical(pages));
	regs[MY_RNG_REG_QUEUE_CTRL / 4] = MY_RNG_QUEUE_MIN;
	return regs[MY_RNG_REG_QUEUE_CTRL / 4] == MY_RNG_QUEUE_MIN;
}

/** test_found_on() - another driver has left the device at work */
void test_found_on(const struct target *t)
{
	bool ring = target_is(t, "ring"), ok;
	struct pollfd p = { .events = POLLIN };
	volatile uint32_t *regs;
	char file[96];
	uint8_t *pages;
	int fd;

	if (!ring && !target_queue(t))
		return;
	pci_file(t, "iommu_group", file, sizeof(file));
	if (!access(file, F_OK)) {
		tap_skip("its addresses are not the memory's",
			 "device-found-on-is-read");
		return;
	}
	/* The device would write where it is told to: never guess an address */
	if (access("/proc/self/pagemap", F_OK)) {
		tap_skip("this kernel does not say where memory is",
			 "device-found-on-is-read");
		return;
	}
	pages = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE | MAP_LOCKED,
		     -1, 0);
	memset(pages, 0, 3 * PAGE);
	ok = !file_write(DRIVER "/unbind", t->pci) &&
	     wait_for_file(t->node, false);
	pci_file(t, "enable", file, sizeof(file));
	ok = !file_write(file, "1") && set_master(t, true) && ok;
	pci_file(t, "resource0", file, sizeof(file));
	fd = open(file, O_RDWR);
	regs = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ok = ok && regs != MAP_FAILED &&
	     (ring ? ring_on(regs, pages) : queue_on(regs, pages));
	tap_ok(ok, "device-is-left-on");
	munmap((void *)regs, PAGE);
	close(fd);
	ok = !file_write(DRIVER "/bind", t->pci) &&
	     wait_for_file(t->node, true);
	memset(pages, 0xa5, 3 * PAGE);
	fd = target_open(t, 0);
	p.fd = fd;
	tap_ok(ok && poll(&p, 1, 10000) == 1 && p.revents == POLLIN &&
		       reads(t, fd, CHUNK),
	       "device-found-on-is-read");
	for (size_t i = 0; ok && i < 3 * PAGE; i++)
		ok = pages[i] == 0xa5;
	tap_ok(ok, "device-found-on-leaves-its-old-memory-alone");
	close(fd);
	munmap(pages, 3 * PAGE);
}

/* --- a probe that fails --------------------------------------------------- */

#define FAIL_NTH "/proc/self/fail-nth"
#define DEBUGFS  "/sys/kernel/debug"

/* With the @n-th allocation failing. Return: 0 or an errno; *@fired: it did */
static int bind_failing(const struct target *t, unsigned int n, bool *fired)
{
	int nth = open(FAIL_NTH, O_RDWR), bind = open(DRIVER "/bind", O_WRONLY);
	char text[16] = "";
	int err = 0, len = snprintf(text, sizeof(text), "%u", n);

	if (pwrite(nth, text, (size_t)len, 0) != len)
		tap_note("no " FAIL_NTH);
	if (write(bind, t->pci, strlen(t->pci)) < 0)
		err = errno;
	*fired = pread(nth, text, sizeof(text) - 1, 0) > 0 && atoi(text) == 0;
	if (pwrite(nth, "0", 1, 0) != 1)
		tap_note("no " FAIL_NTH);
	close(bind);
	close(nth);
	return err;
}

static bool is_master(const struct target *t)
{
	uint8_t command = 0xff;
	char file[96];
	int fd;

	pci_file(t, "config", file, sizeof(file));
	fd = open(file, O_RDONLY);
	if (pread(fd, &command, 1, 4) != 1)
		command = 0xff;
	close(fd);
	return command & 4;
}

/** test_probe_fails() - at each of its steps: the device is off then */
void test_probe_fails(const struct target *t)
{
	bool ok = true, fired = true;
	unsigned int n, failures = 0;
	int fd;

	if (!t->pci[0])
		return;
	if (access(FAIL_NTH, W_OK)) {
		tap_skip("this kernel injects no failures",
			 "failed-probe-leaves-the-device-off");
		return;
	}
	mount("debugfs", DEBUGFS, "debugfs", 0, NULL);
	file_write(DEBUGFS "/failslab/verbose", "0");
	file_write(DEBUGFS "/fail_page_alloc/verbose", "0");
	for (n = 1; ok && fired; n++) {
		ok = !file_write(DRIVER "/unbind", t->pci);
		if (!bind_failing(t, n, &fired))
			continue;
		failures++;
		ok = ok && !is_master(t) && access(t->node, F_OK) &&
		     !file_write(DRIVER "/bind", t->pci);
	}
	tap_note("%u of %u failures made probe fail", failures, n);
	tap_ok(ok && failures, "failed-probe-leaves-the-device-off");
	fd = target_open(t, 0);
	tap_ok(reads(t, fd, CHUNK), "probe-works-after-failures");
	close(fd);
}

/* --- switched off --------------------------------------------------------- */

static bool gives_eio(int fd)
{
	static uint8_t buf[CHUNK];
	uint32_t word;

	return read(fd, buf, sizeof(buf)) == -1 && errno == EIO &&
	       ioctl(fd, MY_RNG_IOC_GET, &word) == -1 && errno == EIO;
}

/** test_decode_off() - a device that does not answer gives no words */
void test_decode_off(const struct target *t)
{
	int fd;
	bool ok;

	/* A ring has its words in memory, and they come from the stream */
	if (!t->pci[0] || target_is(t, "ring"))
		return;
	fd = target_open(t, 0);
	ok = set_command(t, 3, false) && gives_eio(fd);
	tap_ok(set_command(t, 3, true) && ok, "device-that-is-off-gives-eio");
	tap_ok(reads(t, fd, CHUNK) && reads(t, fd, 3 * CHUNK),
	       "device-works-when-it-is-on-again");
	close(fd);
}

/* --- deaf ------------------------------------------------------------------- */

/* Where the MSI capability is in configuration space, 0: there is none */
static uint8_t msi_capability(int config)
{
	uint8_t at = 0, id = 0;

	if (pread(config, &at, 1, 0x34) != 1)
		return 0;
	while (at && pread(config, &id, 1, at) == 1 && id != 5)
		if (pread(config, &at, 1, at + 1) != 1)
			return 0;
	return at;
}

static bool set_msi(const struct target *t, bool on)
{
	char config[96];
	uint8_t at, flags;
	bool ok;
	int fd;

	pci_file(t, "config", config, sizeof(config));
	fd = open(config, O_RDWR);
	at = msi_capability(fd);
	ok = at && pread(fd, &flags, 1, at + 2) == 1;
	flags = on ? flags | 1 : flags & ~1;
	ok = ok && pwrite(fd, &flags, 1, at + 2) == 1;
	close(fd);
	return ok;
}

/** test_no_interrupt() - the request is done, but its interrupt does not come */
void test_no_interrupt(const struct target *t)
{
	int fd;
	bool ok;

	if (!target_by_irq(t))
		return;
	fd = target_open(t, 0);
	ok = set_msi(t, false) && reads(t, fd, 4096) && reads(t, fd, CHUNK);
	tap_ok(set_msi(t, true) && ok, "a-lost-interrupt-loses-no-words");
	tap_ok(reads(t, fd, 2 * CHUNK), "reads-after-a-lost-interrupt");
	close(fd);
}
