// SPDX-License-Identifier: GPL-2.0-or-later
/* What a read makes the device count. */
#include <sys/ioctl.h>
#include <unistd.h>

#include "guest.h"

/**
 * counts_of() - one read and what it counts
 * @fd: file
 * @to: where to
 * @n: bytes
 * @counts: result
 *
 * Return: whether all bytes came.
 */
bool counts_of(int fd, void *to, size_t n, struct my_rng_stats *counts)
{
	struct my_rng_stats before;
	size_t i;

	if (ioctl(fd, MY_RNG_IOC_STATS, &before) ||
	    read(fd, to, n) != (ssize_t)n ||
	    ioctl(fd, MY_RNG_IOC_STATS, counts))
		return false;
	for (i = 0; i < MY_RNG_STAT_COUNT; i++)
		counts->count[i] -= before.count[i];
	return true;
}

/**
 * queue_pieces() - requests of a read that are kept in flight
 * @to: where to
 * @n: bytes
 * @split: queue_split
 *
 * Each but the last takes whole words and ends with a page, give or take that.
 *
 * Return: how many.
 */
size_t queue_pieces(const void *to, size_t n, size_t split)
{
	size_t at = (size_t)to, end = at + n, pieces = 1;

	for (; end - at > split; pieces++) {
		size_t part = (split - at % 4096) / 4 * 4;

		at += part ? part : 4;
	}
	return pieces;
}
