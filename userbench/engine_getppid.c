// SPDX-License-Identifier: GPL-2.0-or-later
/* The cheapest system call: prices entering the kernel, and the harness. */
#include "engine.h"

#include <sys/syscall.h>
#include <unistd.h>

static int getppid_batch(struct request *r, uint64_t calls)
{
	(void)r;
	while (calls--)
		syscall(SYS_getppid);
	return 0;
}

const struct engine engine_getppid = {
	.access = "syscall",
	.what = "getppid",
	.sizes = SIZES_NONE,
	.syscalls = 1,
	.batch = getppid_batch,
};
