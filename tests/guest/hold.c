// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A thread in read(2), stopped at will in the middle of the copy to its buffer,
 * that is, with the device's lock held. userfaultfd makes that exact: one page
 * of the buffer is missing until the test provides it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest.h"

#define PAGE 4096u

struct hold {
	pthread_t thread;
	int fd;
	int uffd;
	uint8_t *buf;
	size_t len;
	uint8_t *hole; /* the page that is missing */
	ssize_t result;
};

static void on_signal(int sig)
{
	(void)sig;
}

/** catch_signal() - a handler that does nothing and restarts nothing */
void catch_signal(int sig)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigaction(sig, &sa, NULL);
}

static void *hold_thread(void *arg)
{
	struct hold *h = arg;

	h->result = read(h->fd, h->buf, h->len);
	if (h->result < 0)
		h->result = -errno;
	return NULL;
}

static bool hold_setup(struct hold *h, size_t stop_at)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	h->buf = mmap(NULL, h->len, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (h->buf == MAP_FAILED)
		return false;
	madvise(h->buf, h->len, MADV_NOHUGEPAGE);
	h->hole = h->buf + stop_at / PAGE * PAGE;
	h->uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (h->uffd < 0)
		return false;
	reg.range.start = (uintptr_t)h->hole;
	reg.range.len = PAGE;
	return ioctl(h->uffd, UFFDIO_API, &api) == 0 &&
	       ioctl(h->uffd, UFFDIO_REGISTER, &reg) == 0;
}

/**
 * hold_start() - start a read and stop it
 * @fd: what to read
 * @stop_at: position in the result that the copy does not get past
 * @len: bytes to read
 *
 * Return: with the reader stopped and the device's lock held; NULL if this
 * kernel cannot do it or the reader does not come there within 10 s.
 */
struct hold *hold_start(int fd, size_t stop_at, size_t len)
{
	struct hold *h = calloc(1, sizeof(*h));
	struct pollfd p = { .events = POLLIN };

	if (!h)
		return NULL;
	h->fd = fd;
	h->len = len;
	if (!hold_setup(h, stop_at)) {
		tap_note("no userfaultfd: %s", strerror(errno));
		free(h);
		return NULL;
	}
	if (pthread_create(&h->thread, NULL, hold_thread, h))
		return NULL;
	p.fd = h->uffd;
	if (poll(&p, 1, 10000) == 1)
		return h;
	tap_note("the reader did not get to byte %zu", stop_at);
	return NULL;
}

/** hold_signal() - send a signal to the stopped reader */
void hold_signal(struct hold *h, int sig)
{
	pthread_kill(h->thread, sig);
}

/**
 * hold_finish() - let the reader go on and end
 * @h: freed
 * @data: what it read, to be unmapped by the caller; may be NULL
 * @len: size of @data; may be NULL with @data
 *
 * Return: the result of its read(2), or -errno.
 */
ssize_t hold_finish(struct hold *h, uint8_t **data, size_t *len)
{
	struct uffdio_zeropage zero = {
		.range = { .start = (uintptr_t)h->hole, .len = PAGE },
	};
	ssize_t result;

	ioctl(h->uffd, UFFDIO_ZEROPAGE, &zero);
	pthread_join(h->thread, NULL);
	result = h->result;
	close(h->uffd);
	if (data) {
		*data = h->buf;
		*len = h->len;
	} else {
		munmap(h->buf, h->len);
	}
	free(h);
	return result;
}
