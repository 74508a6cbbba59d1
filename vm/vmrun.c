// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vmrun: starts QEMU with a job for the guest, follows it, brings its results
 * back and never leaves a machine behind.
 *
 * The job (a shell script) goes in by fw_cfg. Two virtio-serial ports come
 * back over socket pairs: progress (text for the person, ended by the line
 * "exitcost-end STATUS BYTES") and out (a tar of BYTES bytes). The guest powers
 * off when the line "done" comes down the progress port. Before the job's end
 * SIGUSR1 sends the line "go" down it, for a job that waits for the host. The
 * guest's console goes to a file that only serves diagnosis. See vm/init.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CONSOLE_TAIL  20    /* lines of console shown on a failure */
#define EXIT_GRACE_MS 10000 /* from the end line to QEMU's own exit */
#define END_MARK      "exitcost-end "

/* Exit codes beside the job's own (0..119). */
enum {
	STATUS_HOST = 120,    /* something on the host failed */
	STATUS_KERNEL = 121,  /* the guest's kernel complained */
	STATUS_DIED = 122,    /* the guest ended without a result */
	STATUS_TIMEOUT = 124, /* the time limit passed */
};

struct options {
	const char *job;      /* script for the guest */
	const char *out;      /* folder for the guest's /out, or NULL */
	const char *console;  /* file for the guest's console */
	unsigned int limit_s; /* wall time the guest may take */
};

struct run {
	const struct options *opt;
	pid_t qemu;
	int progress_fd;
	int out_fd;
	int tar_fd; /* receives the out port; unlinked */
	int signal_fd;
	uint64_t received; /* bytes from the out port */
	uint64_t promised; /* bytes the end line announced */
	int job_status;    /* -1 until the end line came */
	bool released;     /* the guest was told that all has come */
	bool gone;         /* QEMU was reaped */
	int qemu_status;   /* as of waitpid */
	int64_t deadline_ms;
	char line[4096]; /* progress line being put together */
	size_t line_len;
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

__attribute__((format(printf, 1, 2))) static void complain(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("vmrun: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

/* Ends QEMU if it still runs; safe to call twice. */
static void stop_qemu(struct run *r)
{
	if (r->qemu <= 0 || r->gone)
		return;
	kill(r->qemu, SIGKILL);
	while (waitpid(r->qemu, &r->qemu_status, 0) < 0 && errno == EINTR)
		;
	r->gone = true;
}

/* Shows the last lines of the console, so that a failure explains itself. */
static void show_console(const struct options *opt)
{
	char buf[16384];
	ssize_t n;
	off_t size;
	char *start;
	int lines = 0;
	int fd = open(opt->console, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	size = lseek(fd, 0, SEEK_END);
	if (size > (off_t)sizeof(buf) - 1)
		lseek(fd, size - (off_t)sizeof(buf) + 1, SEEK_SET);
	else
		lseek(fd, 0, SEEK_SET);
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	if (n <= 0) {
		complain("the guest's console is empty");
		return;
	}
	buf[n] = '\0';
	for (start = buf + n - 1; start > buf; start--)
		if (start[-1] == '\n' && ++lines > CONSOLE_TAIL)
			break;
	fprintf(stderr,
		"--- last lines of the guest's console (%s) ---\n%s\n---\n",
		opt->console, start);
}

/*
 * Looks for complaints of the guest's kernel. Returns true and prints the
 * first one if there is any.
 */
static bool kernel_complained(const struct options *opt)
{
	static const char *const marks[] = {
		"WARNING: ",
		"BUG: ",
		"Oops",
		"Kernel panic",
		"possible circular locking",
		"possible recursive locking",
		"soft lockup",
		"hung_task",
		"general protection fault",
		"blocked for more than",
		"refcount_t: ",
		"trying to register non-static key",
	};
	FILE *f = fopen(opt->console, "re");
	char *line = NULL;
	size_t cap = 0;
	bool found = false;

	if (!f)
		return false;
	while (!found && getline(&line, &cap, f) >= 0) {
		for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
			if (strstr(line, marks[i])) {
				complain("the guest's kernel complained: %s",
					 line);
				found = true;
				break;
			}
		}
	}
	free(line);
	fclose(f);
	return found;
}

/* A complete line from the guest: the end line, or text for the person. */
static void progress_line(struct run *r)
{
	unsigned int status;
	unsigned long long bytes;

	r->line[r->line_len] = '\0';
	if (sscanf(r->line, END_MARK "%u %llu", &status, &bytes) == 2) {
		r->job_status = status < STATUS_HOST ? (int)status : 119;
		r->promised = bytes;
		r->deadline_ms = now_ms() + EXIT_GRACE_MS;
	} else {
		puts(r->line);
		fflush(stdout);
	}
	r->line_len = 0;
}

static int read_progress(struct run *r)
{
	char buf[4096];
	ssize_t n = read(r->progress_fd, buf, sizeof(buf));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	if (n == 0)
		return -EPIPE;
	for (ssize_t i = 0; i < n; i++) {
		if (buf[i] == '\n' || r->line_len == sizeof(r->line) - 1)
			progress_line(r);
		if (buf[i] != '\n' && buf[i] != '\r')
			r->line[r->line_len++] = buf[i];
	}
	return 0;
}

static int read_out(struct run *r)
{
	char buf[65536];
	ssize_t n = read(r->out_fd, buf, sizeof(buf));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	if (n == 0)
		return -EPIPE;
	r->received += (uint64_t)n;
	if (write(r->tar_fd, buf, (size_t)n) != n) {
		complain(
			"cannot store the guest's results: %s; free some space",
			strerror(errno));
		return -ENOSPC;
	}
	return 0;
}

/* A line down the progress port; the guest reads it from its descriptor 3 */
static void send_line(const struct run *r, const char *line)
{
	ssize_t length = (ssize_t)strlen(line);

	if (send(r->progress_fd, line, (size_t)length, MSG_NOSIGNAL) != length)
		complain("cannot talk to the guest: %s", strerror(errno));
}

/* A signal came. Returns 0, or the status to exit with. */
static int handle_signal(struct run *r)
{
	struct signalfd_siginfo si;

	if (read(r->signal_fd, &si, sizeof(si)) != sizeof(si))
		return 0;
	if (si.ssi_signo == SIGUSR1 && r->job_status < 0)
		send_line(r, "go\n");
	else if (si.ssi_signo != SIGUSR1 && si.ssi_signo != SIGCHLD)
		return 128 + (int)si.ssi_signo;
	else if (waitpid(r->qemu, &r->qemu_status, WNOHANG) > 0)
		r->gone = true;
	return 0;
}

static bool complete(const struct run *r)
{
	return r->job_status >= 0 && r->received >= r->promised;
}

/*
 * Follows the guest until QEMU is gone. Returns 0, or the status to exit with.
 */
static int follow(struct run *r)
{
	struct pollfd fds[] = {
		{ .fd = r->progress_fd, .events = POLLIN },
		{ .fd = r->out_fd, .events = POLLIN },
		{ .fd = r->signal_fd, .events = POLLIN },
	};

	for (;;) {
		int status = 0;
		int64_t left = r->deadline_ms - now_ms();

		if (complete(r) && !r->released) {
			r->released = true;
			send_line(r, "done\n");
		}

		if (left <= 0)
			return complete(r) ? 0 : STATUS_TIMEOUT;
		if (poll(fds, 3, (int)left) < 0 && errno != EINTR)
			return STATUS_HOST;
		if (fds[0].revents && read_progress(r))
			fds[0].fd = -1;
		if (fds[1].revents) {
			int ret = read_out(r);

			if (ret == -ENOSPC)
				return STATUS_HOST;
			if (ret)
				fds[1].fd = -1;
		}
		if (fds[2].revents)
			status = handle_signal(r);
		if (status)
			return status;
		/* QEMU is gone and both ports are drained */
		if (r->gone && fds[0].fd < 0 && fds[1].fd < 0)
			return 0;
	}
}

/* Unpacks the tar from the guest into opt->out. */
static int unpack(struct run *r)
{
	pid_t pid;
	int status;

	if (!r->opt->out)
		return 0;
	if (mkdir(r->opt->out, 0777) && errno != EEXIST) {
		complain("cannot create %s: %s", r->opt->out, strerror(errno));
		return STATUS_HOST;
	}
	if (lseek(r->tar_fd, 0, SEEK_SET) < 0)
		return STATUS_HOST;
	pid = fork();
	if (pid == 0) {
		dup2(r->tar_fd, STDIN_FILENO);
		execlp("tar", "tar", "-xf", "-", "--no-same-owner", "-C",
		       r->opt->out, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0) {
		complain("cannot unpack the guest's results into %s; is the "
			 "disk full?",
			 r->opt->out);
		return STATUS_HOST;
	}
	return 0;
}

/* Says how the guest ended and returns the status to exit with. */
static int verdict(struct run *r, int followed)
{
	const struct options *opt = r->opt;

	if (followed == STATUS_TIMEOUT)
		complain("the guest did not finish within %u s and was ended",
			 opt->limit_s);
	else if (followed > 128)
		complain("stopped by signal %d; the guest was ended",
			 followed - 128);
	else if (!followed && !complete(r)) {
		if (WIFEXITED(r->qemu_status) && WEXITSTATUS(r->qemu_status))
			complain("QEMU exited with status %d before the guest "
				 "finished",
				 WEXITSTATUS(r->qemu_status));
		else if (WIFSIGNALED(r->qemu_status))
			complain("QEMU was ended by signal %d",
				 WTERMSIG(r->qemu_status));
		else
			complain("the guest ended early: it panicked, rebooted "
				 "or powered off");
		followed = STATUS_DIED;
	}
	if (followed) {
		if (followed < 128) {
			kernel_complained(opt); /* names a panic, if any */
			show_console(opt);
		}
		return followed;
	}
	if (kernel_complained(opt)) {
		show_console(opt);
		return STATUS_KERNEL;
	}
	followed = unpack(r);
	return followed ? followed : r->job_status;
}

/* The arguments every machine of ours gets for its job and its ports. */
static char **qemu_argv(const struct options *opt, char **given, int progress,
			int out)
{
	size_t n = 0, used;
	char **argv;
	char *extra[] = {
		"-no-reboot",
		"-chardev",
		NULL,
		"-chardev",
		NULL,
		"-chardev",
		NULL,
		"-serial",
		"chardev:exitcost-console",
		"-device",
		"virtio-serial-pci",
		"-device",
		"virtserialport,chardev=exitcost-progress,name=exitcost."
		"progress",
		"-device",
		"virtserialport,chardev=exitcost-out,name=exitcost.out",
		"-fw_cfg",
		NULL,
	};
	size_t extras = sizeof(extra) / sizeof(*extra);

	if (asprintf(&extra[2], "socket,id=exitcost-progress,fd=%d", progress) <
		    0 ||
	    asprintf(&extra[4], "socket,id=exitcost-out,fd=%d", out) < 0 ||
	    asprintf(&extra[6], "file,id=exitcost-console,path=%s",
		     opt->console) < 0 ||
	    asprintf(&extra[16], "name=opt/exitcost/job,file=%s", opt->job) < 0)
		return NULL;
	while (given[n])
		n++;
	argv = calloc(n + extras + 1, sizeof(*argv));
	if (!argv)
		return NULL;
	for (used = 0; used < n; used++)
		argv[used] = given[used];
	for (size_t i = 0; i < extras; i++)
		argv[used++] = extra[i];
	return argv;
}

/* In the child: becomes QEMU, and dies with its parent. */
static void become_qemu(const struct options *opt, char **given, int progress,
			int out)
{
	char **argv = qemu_argv(opt, given, progress, out);
	sigset_t none;
	int null = open("/dev/null", O_RDONLY);

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0); /* Ctrl-C is the parent's business */
	dup2(null, STDIN_FILENO);
	if (argv)
		execv(argv[0], argv);
	complain("cannot run %s: %s", given[0], strerror(errno));
	_exit(127);
}

static int start(struct run *r, char **given)
{
	int progress[2], out[2];
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	r->signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
	r->tar_fd = open(r->opt->out ? r->opt->out : "/tmp",
			 O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (r->tar_fd < 0) { /* no O_TMPFILE there, or no folder yet */
		FILE *f = tmpfile();

		r->tar_fd = f ? fileno(f) : -1;
	}
	if (r->signal_fd < 0 || r->tar_fd < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, progress) ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, out)) {
		complain("cannot set up the guest's ports: %s",
			 strerror(errno));
		return STATUS_HOST;
	}
	fcntl(progress[0], F_SETFD, FD_CLOEXEC);
	fcntl(out[0], F_SETFD, FD_CLOEXEC);
	r->progress_fd = progress[0];
	r->out_fd = out[0];
	r->deadline_ms = now_ms() + (int64_t)r->opt->limit_s * 1000;
	r->qemu = fork();
	if (r->qemu == 0)
		become_qemu(r->opt, given, progress[1], out[1]);
	close(progress[1]);
	close(out[1]);
	if (r->qemu < 0) {
		complain("cannot start a process: %s", strerror(errno));
		return STATUS_HOST;
	}
	return 0;
}

static void usage(FILE *f)
{
	fputs("usage: vmrun --job SCRIPT --console FILE [--out DIR] [--limit "
	      "SECONDS]\n"
	      "             -- QEMU [ARGUMENT...]\n"
	      "Runs SCRIPT in the guest; its output goes to stdout, what it "
	      "leaves in /out\n"
	      "to DIR, the kernel's console to FILE. Exit status: the "
	      "script's, or 120 host\n"
	      "trouble, 121 the kernel warned, 122 the guest died, 124 time "
	      "limit passed.\n",
	      f);
}

static int parse(int argc, char **argv, struct options *opt)
{
	static const struct option longopts[] = {
		{ "job", required_argument, NULL, 'j' },
		{ "out", required_argument, NULL, 'o' },
		{ "console", required_argument, NULL, 'c' },
		{ "limit", required_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	char *end;
	int c;

	while ((c = getopt_long(argc, argv, "+", longopts, NULL)) != -1) {
		switch (c) {
		case 'j':
			opt->job = optarg;
			break;
		case 'o':
			opt->out = optarg;
			break;
		case 'c':
			opt->console = optarg;
			break;
		case 'l':
			opt->limit_s = (unsigned int)strtoul(optarg, &end, 10);
			if (*end || !opt->limit_s || opt->limit_s > 86400) {
				complain("--limit takes 1 to 86400 seconds");
				return -1;
			}
			break;
		case 'h':
			usage(stdout);
			exit(0);
		default:
			usage(stderr);
			return -1;
		}
	}
	if (!opt->job || !opt->console || optind >= argc) {
		usage(stderr);
		return -1;
	}
	if (access(opt->job, R_OK)) {
		complain("cannot read the job %s: %s", opt->job,
			 strerror(errno));
		return -1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct options opt = { .limit_s = 300 };
	struct run r = { .opt = &opt, .job_status = -1 };
	int status;

	if (parse(argc, argv, &opt))
		return STATUS_HOST;
	unlink(opt.console);
	status = start(&r, argv + optind);
	if (status)
		return status;
	status = follow(&r);
	stop_qemu(&r);
	return verdict(&r, status);
}
