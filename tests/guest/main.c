// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * guest-test: tests the driver in a guest, over every read path there is.
 *
 * usage: guest-test [--path NAME[,NAME...]|all] [--module FILE] [--iommu]; --help
 * lists the names
 * Runs as root with the module loaded; unloads and loads it from FILE
 * (/lib/my_rng.ko). With paths, only the tests of these are run. With --iommu,
 * their devices must be behind one; with --no-msi, they must have no interrupt;
 * with --root-port, they must be such that can be reset; with --host, their words
 * must be the host's.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest.h"

/* What is tested for each path */
static void (*const path_tests[])(const struct target *t) = {
	test_read,         test_counts,  test_ioctl,     test_memory,
	test_wait,         test_threads, test_batches,   test_dma_error,
	test_modes,        test_map,     test_zero_copy, test_registered,
	test_queue,        test_ring,    test_suspend,   test_unbind,
	test_programs,     test_reset,   test_found_on,  test_decode_off,
	test_no_interrupt,
};

static void usage(FILE *to)
{
	fprintf(to, "usage: guest-test [--path NAME[,NAME...]] [--module FILE] "
		    "[--iommu|--no-msi|--root-port|--host]\n"
		    "NAME: all (default)");
	for (size_t i = 0; all_paths[i]; i++)
		fprintf(to, " %s", all_paths[i]);
	fprintf(to, "\nFILE: my_rng.ko (default /lib/my_rng.ko)\n");
}

/* With @machine, the device must be there, in a machine of that kind */
static void test_path(const char *path, void (*machine)(const struct target *t))
{
	struct target t;
	size_t i;

	tap_prefix("guest/%s", path);
	params_default();
	if (!target_find(path, &t)) {
		if (machine)
			tap_ok(false, "device-is-there");
		else
			tap_skip("no device for this path here", "all");
		return;
	}
	if (machine)
		machine(&t);
	if (!stream_load(&t)) {
		tap_ok(false, "stream-is-known");
		return;
	}
	for (i = 0; i < ARRAY_SIZE(path_tests); i++)
		path_tests[i](&t);
	params_default();
}

/* A list of names, each of a path there is */
static bool paths_known(const char *paths)
{
	char list[128], *rest = list, *name;

	if (strlen(paths) >= sizeof(list))
		return false;
	strcpy(list, paths);
	while ((name = strsep(&rest, ",")))
		if (!path_known(name))
			return false;
	return true;
}

static void test_paths(const char *paths,
		       void (*machine)(const struct target *t))
{
	char list[128], *rest = list, *name;

	strcpy(list, paths);
	while ((name = strsep(&rest, ",")))
		test_path(name, machine);
}

static void test_all(const char *module)
{
	size_t i;

	tap_prefix("guest/nodes");
	test_nodes();
	tap_prefix("guest/params");
	test_params();
	for (i = 0; all_paths[i]; i++)
		test_path(all_paths[i], NULL);
	tap_prefix("guest/mmap");
	test_map_apart();
	tap_prefix("guest/hwrng");
	test_hwrng();
	tap_prefix("guest/module");
	test_module(module);
	tap_prefix("guest/sleep");
	test_machine_sleep();
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "path", required_argument, NULL, 'p' },
		{ "module", required_argument, NULL, 'm' },
		{ "iommu", no_argument, NULL, 'i' },
		{ "no-msi", no_argument, NULL, 'n' },
		{ "root-port", no_argument, NULL, 'r' },
		{ "host", no_argument, NULL, 'H' },
		{ "help", no_argument, NULL, 'h' },
		{},
	};
	const char *path = "all", *module = "/lib/my_rng.ko";
	void (*machine)(const struct target *t) = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'p') {
			path = optarg;
		} else if (c == 'm') {
			module = optarg;
		} else if (c == 'i') {
			machine = test_iommu;
		} else if (c == 'n') {
			machine = test_no_msi;
		} else if (c == 'r') {
			machine = test_root_port;
		} else if (c == 'H') {
			machine = test_host;
		} else {
			usage(c == 'h' ? stdout : stderr);
			return c == 'h' ? 0 : 2;
		}
	}
	if (optind < argc || (strcmp(path, "all") && !paths_known(path))) {
		usage(stderr);
		return 2;
	}
	if (access("/dev/my_rng_null", F_OK)) {
		fprintf(stderr, "guest-test: the module is not loaded: "
				"insmod my_rng.ko first\n");
		return 2;
	}
	tap_start();
	if (!strcmp(path, "all"))
		test_all(module);
	else
		test_paths(path, machine);
	tap_prefix("guest/kernel");
	test_kernel_log();
	return tap_end();
}
