// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Ordinary programs: each way in which they read a device, as /dev/urandom takes
 * it. The names are those of fio's engines, whose system calls these are.
 */
#include <aio.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define PIECE 65536u
#define COPY  "/tmp/copy"

static ssize_t by_sync(int fd, void *to, size_t n, off_t at)
{
	return lseek(fd, at, SEEK_SET) < 0 ? -1 : read(fd, to, n);
}

static ssize_t by_psync(int fd, void *to, size_t n, off_t at)
{
	return pread(fd, to, n, at);
}

static ssize_t by_pvsync(int fd, void *to, size_t n, off_t at)
{
	struct iovec iov[] = { { to, n / 2 }, { (char *)to + n / 2, n / 2 } };

	return preadv(fd, iov, 2, at);
}

static ssize_t by_pvsync2(int fd, void *to, size_t n, off_t at)
{
	struct iovec iov = { to, n };

	return preadv2(fd, &iov, 1, at, 0);
}

static ssize_t by_libaio(int fd, void *to, size_t n, off_t at)
{
	struct iocb cb = { .aio_lio_opcode = IOCB_CMD_PREAD,
			   .aio_fildes = (uint32_t)fd,
			   .aio_buf = (uintptr_t)to,
			   .aio_nbytes = n,
			   .aio_offset = at },
		    *list = &cb;
	struct io_event event = {};
	aio_context_t ctx = 0;

	if (syscall(SYS_io_setup, 1, &ctx))
		return -1;
	if (syscall(SYS_io_submit, ctx, 1, &list) == 1)
		syscall(SYS_io_getevents, ctx, 1, 1, &event, NULL);
	syscall(SYS_io_destroy, ctx);
	return event.res;
}

static ssize_t by_posixaio(int fd, void *to, size_t n, off_t at)
{
	struct aiocb cb = { .aio_fildes = fd,
			    .aio_buf = to,
			    .aio_nbytes = n,
			    .aio_offset = at };
	const struct aiocb *list[] = { &cb };

	if (aio_read(&cb))
		return -1;
	while (aio_error(&cb) == EINPROGRESS)
		aio_suspend(list, 1, NULL);
	return aio_return(&cb);
}

/* Through a pipe, which holds as much as a piece at most */
static ssize_t by_splice(int fd, void *to, size_t n, off_t at)
{
	size_t done = 0;
	ssize_t got = 1;
	int p[2];

	(void)at;
	if (pipe(p))
		return -1;
	while (done < n && got > 0) {
		got = splice(fd, NULL, p[1], NULL, n - done, 0);
		if (got > 0)
			got = read(p[0], (char *)to + done, got);
		done += got > 0 ? got : 0;
	}
	close(p[0]);
	close(p[1]);
	return done;
}

static ssize_t by_sendfile(int fd, void *to, size_t n, off_t at)
{
	int out = open(COPY, O_RDWR | O_CREAT | O_TRUNC, 0600);
	size_t done = 0;
	ssize_t got = 1;

	while (done < n && got > 0) {
		got = sendfile(out, fd, &at, n - done);
		done += got > 0 ? got : 0;
	}
	got = pread(out, to, done, 0);
	close(out);
	return got;
}

static const struct {
	const char *name;
	ssize_t (*read)(int fd, void *to, size_t n, off_t at);
} engines[] = {
	{ "sync", by_sync },     { "psync", by_psync },
	{ "pvsync", by_pvsync }, { "pvsync2", by_pvsync2 },
	{ "libaio", by_libaio }, { "posixaio", by_posixaio },
	{ "splice", by_splice }, { "sendfile", by_sendfile },
};

/* Each program gets the next words, wherever it says that it reads */
static bool engine_reads(const struct target *t, int fd, size_t i, uint8_t *buf)
{
	static const off_t at[] = { 0, 1 << 20, 4096 };
	bool ok = seed(fd);
	ssize_t got;
	size_t k;

	for (k = 0; k < ARRAY_SIZE(at); k++) {
		memset(buf, 0xa5, PIECE);
		got = engines[i].read(fd, buf, PIECE, at[k]);
		if (got != PIECE)
			tap_note("%s gave %zd, %s", engines[i].name, got,
				 strerror(errno));
		ok = ok && got == PIECE &&
		     stream_is(t, k * PIECE / 4, buf, PIECE);
	}
	return ok;
}

/* dd that skips: it seeks, so no word is taken for that */
static bool dd_skips(const struct target *t, int fd, uint8_t *buf)
{
	char input[48];
	int status = -1, copy;
	bool ok = seed(fd);
	pid_t pid;

	snprintf(input, sizeof(input), "if=%s", t->node);
	pid = fork();
	if (!pid) {
		copy = open("/dev/null", O_WRONLY);
		dup2(copy, 2);
		execl("/bin/dd", "dd", input, "of=" COPY, "bs=4096", "count=8",
		      "skip=5", NULL);
		_exit(127);
	}
	ok = ok && pid > 0 && waitpid(pid, &status, 0) == pid && !status;
	copy = open(COPY, O_RDONLY);
	ok = ok && pread(copy, buf, PIECE, 0) == 8 * 4096 &&
	     stream_is(t, 0, buf, 8 * 4096);
	close(copy);
	return ok;
}

/** test_programs() - pread(2), lseek(2), splice(2), and all that uses them */
void test_programs(const struct target *t)
{
	uint8_t *buf = malloc(PIECE);
	int fd = target_open(t, 0);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(engines); i++)
		tap_ok(engine_reads(t, fd, i, buf), "%s-gives-the-stream",
		       engines[i].name);
	tap_ok(dd_skips(t, fd, buf), "dd-skips-by-seeking");
	unlink(COPY);
	close(fd);
	free(buf);
}
