// SPDX-License-Identifier: GPL-2.0-or-later
/* Module, node, device and kernel log of the guest, for make grade. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

#define CHILD_MS 5000

#define MISC_MAJOR 10

/* The kernel's lists, as they were before the module */
static char modules_before[8192], devices_before[4096], misc_before[4096];

static bool node_is_ours;
static int log_fd = -1;
static char complaint[300];

enum end apart(void (*what)(void))
{
	struct timespec pause = { .tv_nsec = 5000000 };
	int status = 0, i;
	pid_t pid = fork();

	if (pid == 0) {
		what();
		_exit(0);
	}
	for (i = 0; i < CHILD_MS / 5; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status ? END_KILLED : END_RETURNED;
		nanosleep(&pause, NULL);
	}
	kill(pid, SIGKILL);
	return END_HANGS;
}

void *shared(unsigned long size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return memory;
}

static void slurp(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY);
	size_t len = 0;
	ssize_t n = 0;

	while (fd >= 0 && len < size - 1 &&
	       (n = read(fd, text + len, size - 1 - len)) > 0)
		len += n;
	text[len] = 0;
	if (fd >= 0)
		close(fd);
}

void modules_note(void)
{
	slurp("/proc/modules", modules_before, sizeof(modules_before));
	slurp("/proc/devices", devices_before, sizeof(devices_before));
	slurp("/proc/misc", misc_before, sizeof(misc_before));
}

/* Whether @text has @line as a line */
static bool has_line(const char *text, const char *line)
{
	size_t len = strlen(line);
	const char *at = text;

	while ((at = strstr(at, line))) {
		if ((at == text || at[-1] == '\n') && at[len] == '\n')
			return true;
		at += len;
	}
	return false;
}

/* The first line of a file that was not in @before: its number and name */
static bool new_line(const char *path, const char *before, unsigned int *number,
		     char name[64])
{
	char text[4096], *line, *rest;

	slurp(path, text, sizeof(text));
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		/* Block devices come after the character devices */
		if (!strncmp(line, "Block", 5))
			return false;
		if (!has_line(before, line) &&
		    sscanf(line, "%u %63s", number, name) == 2)
			return true;
	}
	return false;
}

int module_load(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return syscall(SYS_finit_module, fd, "", 0) ? errno : 0;
}

/* The newest module is first in the list */
static bool newest_module(char name[64])
{
	char text[8192];

	slurp("/proc/modules", text, sizeof(text));
	return strlen(text) > strlen(modules_before) &&
	       sscanf(text, "%63s", name) == 1;
}

bool module_loaded(void)
{
	char name[64];

	return newest_module(name);
}

int module_unload(void)
{
	char name[64];

	if (!newest_module(name))
		return ENOENT;
	return syscall(SYS_delete_module, name, O_NONBLOCK) ? errno : 0;
}

enum mark node_find(char *note)
{
	unsigned int number = 0;
	char name[64] = "";

	if (!access(NODE, F_OK))
		return MARK_FULL;
	if (new_line("/proc/devices", devices_before, &number, name)) {
		say_note(note,
			 "there is no " NODE "; made it by hand, mknod " NODE
			 " c %u 0 (%s): class_create() and device_create() "
			 "make it by themselves",
			 number, name);
		node_is_ours = !mknod(NODE, S_IFCHR | 0600, makedev(number, 0));
	} else if (new_line("/proc/misc", misc_before, &number, name)) {
		say_note(note,
			 "there is no " NODE ", but a miscdevice %s; give "
			 "it the name my_rng_driver",
			 name);
		node_is_ours = !mknod(NODE, S_IFCHR | 0600,
				      makedev(MISC_MAJOR, number));
	} else {
		say_note(note,
			 "there is no " NODE ", nor a new character device "
			 "in /proc/devices to make it for: is "
			 "register_chrdev() called when the module is "
			 "loaded?");
		return MARK_NONE;
	}
	return node_is_ours ? MARK_HALF : MARK_NONE;
}

const char *node_forget(void)
{
	unsigned int number;
	char name[64];

	if (node_is_ours)
		unlink(NODE);
	node_is_ours = false;
	if (new_line("/proc/devices", devices_before, &number, name) ||
	    new_line("/proc/misc", misc_before, &number, name))
		return "its character device is still in /proc/devices or "
		       "/proc/misc: unregister_chrdev() is missing in exit";
	if (!access(NODE, F_OK))
		return NODE " is still there: device_destroy() is missing in "
			    "exit";
	return NULL;
}

static void sysfs_write(const char *slot, const char *file, const char *text)
{
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/%s%s%s",
		 slot ? "devices/" : "", slot ? slot : "", file);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		fprintf(stderr, "grade-guest: %s: %s\n", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

uint64_t bar_address(const char *slot)
{
	char path[160], text[1024];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource", slot);
	slurp(path, text, sizeof(text));
	return strtoull(text, NULL, 0);
}

/*
 * Firmware's addresses are kept at boot only: a device that is found later gets
 * the lowest that is free. Enabled, as firmware left it: the exercise's driver
 * need not call pci_enable_device().
 */
void bar_move(const char *slot)
{
	sysfs_write(slot, "/remove", "1");
	sysfs_write(NULL, "rescan", "1");
	sysfs_write(slot, "/enable", "1");
}

void log_begin(void)
{
	log_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	lseek(log_fd, 0, SEEK_END);
}

/* Whether the kernel complains in this line; vm/vmrun.c looks for the same */
static bool is_complaint(const char *line)
{
	static const char *const marks[] = {
		"WARNING: ",
		"BUG: ",
		"Oops",
		"possible circular locking",
		"possible recursive locking",
		"soft lockup",
		"hung_task",
		"general protection fault",
		"blocked for more than",
		"refcount_t: ",
	};
	size_t i;

	for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (strstr(line, marks[i]))
			return true;
	return false;
}

const char *log_complaint(void)
{
	char record[8192], *text;
	ssize_t n;

	for (;;) {
		n = read(log_fd, record, sizeof(record) - 1);
		if (n < 0 && errno == EPIPE) /* overtaken: the next is newer */
			continue;
		if (n <= 0)
			break;
		record[n] = 0;
		text = strchr(record, ';');
		if (!text || *complaint || !is_complaint(text))
			continue;
		text[strcspn(text, "\n")] = 0;
		snprintf(complaint, sizeof(complaint), "%s", text + 1);
	}
	return *complaint ? complaint : NULL;
}
