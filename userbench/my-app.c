// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * my-app: the exercise's user program. Twice seeds the device and reads five
 * numbers, which must be the same both times.
 *
 * usage: my-app [SEED]     (default 0x42)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "my_rng_uapi.h"

#define NODE "/dev/my_rng_driver"

/* Why the node may be missing; the errno says the rest */
static int no_driver(void)
{
	fprintf(stderr,
		"my-app: cannot open " NODE ": %s; load the driver (insmod "
		"my_rng.ko) on a machine with -device my_rng\n",
		strerror(errno));
	return EXIT_FAILURE;
}

static int parse_seed(const char *text, unsigned int *seed)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(text, &end, 0);
	if (*text < '0' || *text > '9' || *end || errno || n > 0xffffffffu)
		return -1;
	*seed = (unsigned int)n;
	return 0;
}

int main(int argc, char **argv)
{
	unsigned int seed = 0x42, number;
	int fd;

	if (argc > 2 || (argc == 2 && parse_seed(argv[1], &seed))) {
		fprintf(stderr, "usage: my-app [SEED], a number from 0 to "
				"0xffffffff; without it 0x42\n");
		return 2;
	}
	fd = open(NODE, O_RDWR);
	if (fd < 0)
		return no_driver();
	for (int round = 0; round < 2; round++) {
		if (ioctl(fd, MY_RNG_IOC_SEED, &seed)) {
			perror("my-app: seed");
			return EXIT_FAILURE;
		}
		for (int i = 0; i < 5; i++) {
			if (ioctl(fd, MY_RNG_IOC_GET, &number)) {
				perror("my-app: number");
				return EXIT_FAILURE;
			}
			printf("Round %d number %d: %u\n", round, i, number);
		}
	}
	if (fflush(stdout)) {
		perror("my-app: output");
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
