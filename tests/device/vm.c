// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A QEMU process without a guest: start, qtest and QMP clients, end. Each wait
 * is bounded; a process that does not answer ends the test program, unless this
 * one wants to go on (vm_trouble).
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

#include "vm.h"

#define BIOS_SIZE 65536
#define MAX_ARGS  64

/* Descriptors of the channels in the child */
#define CHILD_QTEST 3
#define CHILD_QMP   4

/* Far above what anything takes, so that only a hang reaches it */
unsigned int vm_wait_ms = 60000;

void (*vm_trouble)(const char *what);

bool vm_denies_getrandom;

static const char *qemu_path;
static char scratch[32];
static struct vm *running[8];

static void __attribute__((format(printf, 1, 2), noreturn))
bail_out(const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (vm_trouble)
		vm_trouble(what);
	printf("Bail out! %s\n", what);
	exit(1);
}

static void cleanup(void)
{
	char command[64];
	size_t i;

	for (i = 0; i < sizeof(running) / sizeof(running[0]); i++)
		if (running[i])
			kill(running[i]->pid, SIGKILL);
	snprintf(command, sizeof(command), "rm -rf %s", scratch);
	if (system(command))
		fprintf(stderr, "cannot remove %s\n", scratch);
}

void scratch_path(char path[64], const char *name)
{
	snprintf(path, 64, "%s/%s", scratch, name);
}

/* The machine wants firmware, though nothing runs it */
static void make_bios(void)
{
	char path[64];
	int fd;

	scratch_path(path, "bios");
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	if (fd < 0 || ftruncate(fd, BIOS_SIZE) || close(fd))
		bail_out("cannot write %s: %s", path, strerror(errno));
}

void vm_setup(const char *qemu)
{
	qemu_path = qemu;
	signal(SIGPIPE, SIG_IGN);
	strcpy(scratch, "/tmp/my_rng-test.XXXXXX");
	if (!mkdtemp(scratch))
		bail_out("cannot make %s: %s", scratch, strerror(errno));
	atexit(cleanup);
	make_bios();
}

/* In the child: a system call that fails with EPERM from now on */
static int deny_getrandom(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getrandom, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* In the child: never returns */
static void __attribute__((noreturn))
run_qemu(const char *args, const char *log, int qtest, int qmp, pid_t parent)
{
	char line[2048], *argv[MAX_ARGS], *word, *rest;
	int n = 0, fd;

	argv[n++] = (char *)qemu_path;
	snprintf(line, sizeof(line),
		 "-machine q35,accel=qtest -nodefaults -display none"
		 " -no-user-config -bios %s/bios -d guest_errors"
		 " -qtest-log /dev/null -qtest chardev:qtest"
		 " -chardev socket,id=qtest,fd=%d"
		 " -chardev socket,id=qmp,fd=%d -mon chardev=qmp,mode=control"
		 " %s",
		 scratch, CHILD_QTEST, CHILD_QMP, args);
	for (word = strtok_r(line, " ", &rest); word && n < MAX_ARGS - 1;
	     word = strtok_r(NULL, " ", &rest))
		argv[n++] = word;
	argv[n] = NULL;
	fd = open(log, O_CREAT | O_TRUNC | O_WRONLY, 0600);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent || fd < 0 ||
	    dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
		_exit(127);
	/* Ours are above the child's numbers, see vm_spawn() */
	if (dup2(qtest, CHILD_QTEST) < 0 || dup2(qmp, CHILD_QMP) < 0)
		_exit(127);
	if (vm_denies_getrandom && deny_getrandom())
		_exit(127);
	execv(qemu_path, argv);
	perror(qemu_path);
	_exit(127);
}

static void open_channel(struct channel *ch, int *child)
{
	int fds[2], i;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		bail_out("socketpair: %s", strerror(errno));
	for (i = 0; i < 2; i++) {
		int high = fcntl(fds[i], F_DUPFD_CLOEXEC, 10);

		if (high < 0)
			bail_out("fcntl: %s", strerror(errno));
		close(fds[i]);
		fds[i] = high;
	}
	*ch = (struct channel){ .fd = fds[0] };
	*child = fds[1];
}

static void vm_spawn(struct vm *vm, const char *args)
{
	static int count;
	char name[32];
	int qtest, qmp;
	pid_t parent = getpid();
	size_t slot = 0;

	snprintf(name, sizeof(name), "log%d", count++);
	scratch_path(vm->log, name);
	open_channel(&vm->qtest, &qtest);
	open_channel(&vm->qmp, &qmp);
	fflush(stdout);
	vm->pid = fork();
	if (vm->pid < 0)
		bail_out("fork: %s", strerror(errno));
	if (vm->pid == 0)
		run_qemu(args, vm->log, qtest, qmp, parent);
	close(qtest);
	close(qmp);
	while (running[slot])
		slot++;
	running[slot] = vm;
}

static void forget(struct vm *vm)
{
	size_t i;

	for (i = 0; i < sizeof(running) / sizeof(running[0]); i++)
		if (running[i] == vm)
			running[i] = NULL;
	close(vm->qtest.fd);
	close(vm->qmp.fd);
	free(vm->qtest.buf);
	free(vm->qmp.buf);
}

/* What QEMU said, as TAP comments */
static void show_log(const struct vm *vm)
{
	char line[512];
	FILE *log = vm_trouble ? NULL : fopen(vm->log, "r");

	while (log && fgets(line, sizeof(line), log))
		printf("# qemu: %s", line);
	if (log)
		fclose(log);
}

/* Waits for more input; false at its end */
static bool channel_fill(struct vm *vm, struct channel *ch)
{
	struct pollfd poll_fd = { .fd = ch->fd, .events = POLLIN };
	ssize_t n;

	if (ch->size - ch->len < 4096) {
		ch->size = ch->size * 2 + 8192;
		ch->buf = realloc(ch->buf, ch->size);
		if (!ch->buf)
			bail_out("out of memory");
	}
	if (poll(&poll_fd, 1, vm_wait_ms) <= 0) {
		show_log(vm);
		bail_out("QEMU did not answer within %u s", vm_wait_ms / 1000);
	}
	n = read(ch->fd, ch->buf + ch->len, ch->size - ch->len - 1);
	if (n <= 0)
		return false;
	ch->len += n;
	ch->buf[ch->len] = 0;
	return true;
}

/* The next line, without its end, valid until the next call; NULL: no more */
static char *channel_line(struct vm *vm, struct channel *ch)
{
	size_t seen = 0;
	char *end = NULL;

	if (ch->line) {
		ch->len -= ch->line;
		memmove(ch->buf, ch->buf + ch->line, ch->len + 1);
		ch->line = 0;
	}
	for (;;) {
		if (ch->len)
			end = memchr(ch->buf + seen, '\n', ch->len - seen);
		if (end)
			break;
		seen = ch->len;
		if (!channel_fill(vm, ch))
			return NULL;
	}
	*end = 0;
	ch->line = end + 1 - ch->buf;
	return ch->buf;
}

static void channel_send(struct vm *vm, struct channel *ch, const char *text)
{
	size_t len = strlen(text);

	if (write(ch->fd, text, len) != (ssize_t)len) {
		show_log(vm);
		bail_out("cannot write to QEMU: %s", strerror(errno));
	}
}

/* The next answer, events left out, or NULL if QEMU has gone */
static char *qmp_answer(struct vm *vm)
{
	char *line;

	do {
		line = channel_line(vm, &vm->qmp);
	} while (line && strstr(line, "\"event\":"));
	return line;
}

const char *vm_qmp(struct vm *vm, const char *command)
{
	char *line;

	channel_send(vm, &vm->qmp, command);
	line = qmp_answer(vm);
	if (!line) {
		show_log(vm);
		bail_out("QEMU ended during %s", command);
	}
	return line;
}

void vm_start(struct vm *vm, const char *args)
{
	vm_spawn(vm, args);
	if (!qmp_answer(vm)) {
		show_log(vm);
		bail_out("QEMU did not start with %s", args);
	}
	vm_qmp(vm, "{\"execute\": \"qmp_capabilities\"}");
}

bool vm_wait_failed(struct vm *vm)
{
	struct timespec pause = { .tv_nsec = 5000000 };
	unsigned int i;
	int status;

	for (i = 0; i < vm_wait_ms / 5; i++) {
		if (waitpid(vm->pid, &status, WNOHANG) == vm->pid) {
			forget(vm);
			return WIFEXITED(status) && WEXITSTATUS(status) == 1;
		}
		nanosleep(&pause, NULL);
	}
	show_log(vm);
	bail_out("QEMU still runs, it should have given up");
}

bool vm_start_fails(struct vm *vm, const char *args)
{
	vm_spawn(vm, args);
	return vm_wait_failed(vm);
}

void vm_stop(struct vm *vm)
{
	kill(vm->pid, SIGKILL);
	waitpid(vm->pid, NULL, 0);
	forget(vm);
}

bool vm_log_has(const struct vm *vm, const char *text)
{
	char line[1024];
	bool found = false;
	FILE *log = fopen(vm->log, "r");

	if (!log)
		bail_out("%s: %s", vm->log, strerror(errno));
	while (!found && fgets(line, sizeof(line), log))
		found = strstr(line, text);
	fclose(log);
	return found;
}

/* What follows "OK" in the answer to a qtest command */
static char *qtest_answer(struct vm *vm, const char *command)
{
	char *line = channel_line(vm, &vm->qtest);

	if (!line || strncmp(line, "OK", 2)) {
		show_log(vm);
		bail_out("qtest: %s: %s", command, line ? line : "QEMU ended");
	}
	return line + 2;
}

/* Sends a qtest command, returns what follows "OK" */
static char *qtest(struct vm *vm, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static char *qtest(struct vm *vm, const char *fmt, ...)
{
	char command[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	channel_send(vm, &vm->qtest, command);
	return qtest_answer(vm, command);
}

uint64_t vm_batch(struct vm *vm, const char *fmt, ...)
{
	char commands[1024], *answer = NULL;
	const char *end;
	va_list ap;

	va_start(ap, fmt);
	/* QEMU takes so much at once */
	if (vsnprintf(commands, sizeof(commands), fmt, ap) > 1000)
		bail_out("qtest: too many commands at once");
	va_end(ap);
	channel_send(vm, &vm->qtest, commands);
	for (end = commands; (end = strchr(end, '\n')); end++)
		answer = qtest_answer(vm, commands);
	return answer ? strtoull(answer, NULL, 0) : 0;
}

static char size_letter(unsigned int size)
{
	return size == 1 ? 'b' : size == 2 ? 'w' : size == 4 ? 'l' : 'q';
}

uint64_t vm_read(struct vm *vm, uint64_t addr, unsigned int size)
{
	return strtoull(qtest(vm, "read%c 0x%" PRIx64 "\n", size_letter(size),
			      addr),
			NULL, 0);
}

void vm_write(struct vm *vm, uint64_t addr, uint64_t value, unsigned int size)
{
	qtest(vm, "write%c 0x%" PRIx64 " 0x%" PRIx64 "\n", size_letter(size),
	      addr, value);
}

uint32_t vm_in(struct vm *vm, uint16_t port, unsigned int size)
{
	return strtoull(qtest(vm, "in%c 0x%x\n", size_letter(size), port), NULL,
			0);
}

void vm_out(struct vm *vm, uint16_t port, uint32_t value, unsigned int size)
{
	qtest(vm, "out%c 0x%x 0x%x\n", size_letter(size), port, value);
}

static unsigned int hex_digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

void vm_peek(struct vm *vm, uint64_t addr, void *data, size_t len)
{
	char *hex = qtest(vm, "read 0x%" PRIx64 " 0x%zx\n", addr, len);
	uint8_t *bytes = data;
	size_t i;

	hex += strlen(" 0x");
	if (strlen(hex) != 2 * len)
		bail_out("qtest: read of %zu bytes gave %zu digits", len,
			 strlen(hex));
	for (i = 0; i < len; i++)
		bytes[i] =
			hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]);
}

void vm_fill(struct vm *vm, uint64_t addr, uint8_t byte, size_t len)
{
	qtest(vm, "memset 0x%" PRIx64 " 0x%zx 0x%x\n", addr, len, byte);
}

uint64_t vm_prop(struct vm *vm, const char *id, const char *name)
{
	char command[256];
	const char *answer, *value;

	snprintf(command, sizeof(command),
		 "{\"execute\": \"qom-get\", \"arguments\": {\"path\": "
		 "\"/machine/peripheral/%s\", \"property\": \"%s\"}}",
		 id, name);
	answer = vm_qmp(vm, command);
	value = strstr(answer, "\"return\": ");
	if (!value)
		bail_out("%s: %s", command, answer);
	return strtoull(value + strlen("\"return\": "), NULL, 10);
}

void vm_reset(struct vm *vm)
{
	bool answered = false, reset = false;

	/* The reset happens later, in the main loop, which sends an event */
	channel_send(vm, &vm->qmp, "{\"execute\": \"system_reset\"}");
	while (!answered || !reset) {
		char *line = channel_line(vm, &vm->qmp);

		if (!line)
			bail_out("QEMU ended during a reset");
		reset |= !!strstr(line, "\"RESET\"");
		answered |= !!strstr(line, "\"return\"");
	}
}

void vm_clock_step(struct vm *vm, uint64_t ns)
{
	qtest(vm, "clock_step %" PRIu64 "\n", ns);
}

bool vm_does(struct vm *vm, const char *command)
{
	return strstr(vm_qmp(vm, command), "\"return\"");
}

/* Waits for the end of a migration in either direction */
static bool migration_done(struct vm *vm)
{
	struct timespec pause = { .tv_nsec = 5000000 };
	unsigned int i;

	for (i = 0; i < vm_wait_ms / 5; i++) {
		const char *answer;

		channel_send(vm, &vm->qmp, "{\"execute\": \"query-migrate\"}");
		answer = qmp_answer(vm);
		if (!answer || strstr(answer, "\"status\": \"failed\""))
			return false;
		if (strstr(answer, "\"status\": \"completed\""))
			return true;
		nanosleep(&pause, NULL);
	}
	show_log(vm);
	bail_out("a migration does not end");
}

bool vm_save(struct vm *vm, const char *path)
{
	char command[256];

	snprintf(command, sizeof(command),
		 "{\"execute\": \"migrate\", \"arguments\": "
		 "{\"uri\": \"exec:cat > %s\"}}",
		 path);
	return vm_does(vm, command) && migration_done(vm);
}

bool vm_wait_loaded(struct vm *vm)
{
	return migration_done(vm);
}
