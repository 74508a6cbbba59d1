// SPDX-License-Identifier: GPL-2.0-or-later
/* What engines share that work on an open device node. */
#include "engine.h"

#include <errno.h>
#include <unistd.h>

int request_failed(struct request *r, long long got)
{
	r->got = got;
	r->error = got < 0 ? errno : 0;
	return -1;
}

int engine_open_node(struct request *r)
{
	r->fd = source_open(r->source, r->index);
	return r->fd < 0 ? request_failed(r, -1) : 0;
}

void engine_close_node(struct request *r)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
}
