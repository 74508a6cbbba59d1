// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The device half of make grade: holds anybody's my_rng against the exercise's
 * contract, without a guest. Each check has a QEMU of its own, so that one that
 * crashes or hangs it leaves the others their points.
 *
 * usage: grade-device --qemu PATH [--device my_rng[,PROPERTY=VALUE...]]
 *                     [--wait SECONDS]
 *
 * Prints a line for each check (row.h). Exit status 0 when all could be made,
 * whatever they found; 2 when not.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "device.h"

/* How long the end of a QEMU that closed its sockets is waited for */
#define END_MS 2000

#define USAGE                                                     \
	"usage: grade-device --qemu PATH [--device my_rng[,P=V]]" \
	" [--wait SECONDS]\n"

static jmp_buf trouble_env;
static char trouble[NOTE_SIZE];
static struct vm vm;
static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	interrupted = number;
}

/* exit() rather than the signal's own end: it removes the scratch folder */
static void end_if_interrupted(void)
{
	if (interrupted)
		exit(128 + interrupted);
}

static void on_trouble(const char *what)
{
	end_if_interrupted();
	snprintf(trouble, sizeof(trouble), "%s", what);
	longjmp(trouble_env, 1);
}

/* What each of our QEMUs says, or of an access it refuses */
static bool is_chatter(const char *line)
{
	return !*line || !strncmp(line, "Could not open option rom", 25) ||
	       !strncmp(line, "Invalid read at addr", 20) ||
	       !strncmp(line, "Invalid write at addr", 21);
}

/* The last line QEMU printed, shortened */
static void log_tail(char *tail, size_t size)
{
	char line[256];
	FILE *log = fopen(vm.log, "r");

	snprintf(tail, size, "it said nothing");
	while (log && fgets(line, sizeof(line), log)) {
		line[strcspn(line, "\n")] = 0;
		if (!is_chatter(line))
			snprintf(tail, size, "it said: %s", line);
	}
	if (log)
		fclose(log);
}

/* How QEMU ended, not reaped; si_pid is 0 if it still runs */
static siginfo_t qemu_end(void)
{
	struct timespec pause = { .tv_nsec = 5000000 };
	siginfo_t end = {};
	int i;

	if (strstr(trouble, "did not answer"))
		return end;
	for (i = 0; i < END_MS / 5 && !end.si_pid; i++) {
		waitid(P_PID, vm.pid, &end, WEXITED | WNOHANG | WNOWAIT);
		if (!end.si_pid)
			nanosleep(&pause, NULL);
	}
	return end;
}

static void explain_trouble(char *note)
{
	char tail[280], at[80] = "";
	siginfo_t end = qemu_end();

	log_tail(tail, sizeof(tail));
	if (*last_access)
		snprintf(at, sizeof(at), " on the %s", last_access);
	if (!end.si_pid)
		say_note(note, "QEMU hangs%s and was ended: %.150s", at,
			 trouble);
	else if (end.si_code == CLD_EXITED)
		say_note(note, "QEMU gave up%s (status %d): %s", at,
			 end.si_status, tail);
	else
		say_note(note, "QEMU was killed by signal %d (%s)%s: %s",
			 end.si_status, strsignal(end.si_status), at, tail);
}

static void start(const struct device_check *check, const char *device)
{
	char args[1024];
	unsigned int i;
	size_t n = 0;

	for (i = 0; i < check->devices; i++)
		n += snprintf(args + n, sizeof(args) - n,
			      "%s-device %s,id=rng%u,addr=%u", n ? " " : "",
			      device, FIRST_SLOT + i, FIRST_SLOT + i);
	vm_start(&vm, args);
}

static void grade(const struct device_check *check, const char *device)
{
	static struct dev dev[MAX_DEVICES];
	static char note[NOTE_SIZE];
	enum mark mark = MARK_NONE;
	unsigned int i;

	end_if_interrupted();
	*note = *last_access = 0;
	memset(&vm, 0, sizeof(vm));
	if (setjmp(trouble_env)) {
		if (vm.pid <= 0) {
			fprintf(stderr, "grade-device: %s\n", trouble);
			exit(2);
		}
		explain_trouble(note);
		print_row(&check->row, MARK_NONE, note);
	} else {
		start(check, device);
		for (i = 0; i < check->devices; i++)
			place_bar(&dev[i], &vm, FIRST_SLOT + i);
		mark = check->run(dev, note);
		/* A crash may come after the last answer */
		vm_qmp(&vm, "{\"execute\": \"query-status\"}");
		print_row(&check->row, mark, note);
	}
	vm_stop(&vm);
}

static void __attribute__((noreturn)) usage(const char *problem)
{
	fprintf(stderr, "grade-device: %s\n" USAGE, problem);
	exit(2);
}

static void set_up(const char *qemu, unsigned long wait_s)
{
	const struct rlimit no_core = {};
	struct sigaction action = { .sa_handler = on_signal };

	setrlimit(RLIMIT_CORE, &no_core);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	vm_setup(qemu);
	vm_trouble = on_trouble;
	vm_wait_ms = wait_s * 1000;
}

int main(int argc, char **argv)
{
	const char *qemu = NULL, *device = "my_rng", *wait = "10";
	const struct device_check *check;
	unsigned long wait_s;
	char *end;
	int i;

	for (i = 1; i < argc; i += 2) {
		if (i + 1 == argc)
			usage("an option without a value");
		if (!strcmp(argv[i], "--qemu"))
			qemu = argv[i + 1];
		else if (!strcmp(argv[i], "--device"))
			device = argv[i + 1];
		else if (!strcmp(argv[i], "--wait"))
			wait = argv[i + 1];
		else
			usage("unknown option");
	}
	if (!qemu || access(qemu, X_OK))
		usage("--qemu wants the path of an emulator");
	if (!*device || strchr(device, ' ') || strlen(device) > 400)
		usage("--device wants a type and properties, without blanks");
	wait_s = strtoul(wait, &end, 10);
	if (*end || wait_s < 1 || wait_s > 600)
		usage("--wait takes 1 to 600 seconds");
	set_up(qemu, wait_s);
	for (check = device_checks; check->run; check++)
		grade(check, device);
	return 0;
}
