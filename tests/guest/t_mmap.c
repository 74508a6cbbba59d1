// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mmap(2): the stream read in place, what is refused, whose a mapped device is,
 * and what becomes of a mapping whose device goes away.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define DRIVER  "/sys/bus/pci/drivers/my_rng"
#define PAGE    4096u
#define READERS 4
#define WORDS   5000u

/* A process' view of a device: its registers, and the window or NULL */
struct view {
	int fd;
	struct my_rng_map map;
	const volatile uint8_t *regs;
	const uint8_t *data;
};

static void *map_at(int fd, uint64_t offset, size_t size)
{
	return mmap(NULL, size, PROT_READ, MAP_SHARED, fd, offset);
}

static bool mmap_fails(int fd, uint64_t offset, size_t size, int prot,
		       int flags, int error)
{
	void *p = mmap(NULL, size, prot, flags, fd, offset);

	if (p == MAP_FAILED && errno == error)
		return true;
	tap_note("mmap of %zu at 0x%llx: %s, expected %s", size,
		 (unsigned long long)offset,
		 p == MAP_FAILED ? strerror(errno) : "it worked",
		 strerror(error));
	if (p != MAP_FAILED)
		munmap(p, size);
	return false;
}

static bool view_open(const struct target *t, struct view *v)
{
	v->fd = target_open(t, 0);
	v->data = NULL;
	if (ioctl(v->fd, MY_RNG_IOC_MAP, &v->map))
		return false;
	v->regs = map_at(v->fd, v->map.reg_offset, v->map.reg_size);
	if (v->regs == MAP_FAILED)
		return false;
	if (v->map.data_size)
		v->data = map_at(v->fd, v->map.data_offset, v->map.data_size);
	return v->data != MAP_FAILED;
}

static void view_close(struct view *v)
{
	munmap((void *)v->regs, v->map.reg_size);
	if (v->data)
		munmap((void *)v->data, v->map.data_size);
	close(v->fd);
}

static uint32_t reg(const struct view *v, unsigned int offset)
{
	return *(const volatile uint32_t *)(v->regs + offset);
}

/* Whether mapping this path's registers claims the device */
static bool is_alone(const struct target *t)
{
	return t->info.cap &
	       (MY_RNG_CAP_FIFO | MY_RNG_CAP_WINDOW | MY_RNG_CAP_RING);
}

/*
 * The next words in the way of this path; returns how many, up to @max. Of a
 * refilled window the rest is dropped.
 */
static size_t take(const struct view *v, const struct target *t, uint32_t *out,
		   size_t max)
{
	size_t i, n = max;

	if (t->info.cap & MY_RNG_CAP_WINDOW) {
		n = reg(v, MY_RNG_REG_WIN_REFILL) / sizeof(*out);
		n = n < max ? n : max;
		memcpy(out, v->data, n * sizeof(*out));
	} else if (t->info.cap & MY_RNG_CAP_FIFO) {
		n = reg(v, MY_RNG_REG_FIFO_LEVEL);
		n = n < max ? n : max;
		for (i = 0; i < n; i++)
			out[i] = reg(v, MY_RNG_REG_FIFO_DATA);
	} else if (t->info.cap & MY_RNG_CAP_RNG64) {
		const volatile uint8_t *at = v->regs + MY_RNG_REG_RNG64;

		for (i = 0, n = max & ~1ul; i < n; i += 2) {
			uint64_t pair = *(const volatile uint64_t *)at;

			memcpy(out + i, &pair, sizeof(pair));
		}
	} else {
		for (i = 0; i < n; i++)
			out[i] = reg(v, MY_RNG_REG_RNG);
	}
	return n;
}

static void test_stream(const struct target *t)
{
	/* At least a whole window, as what is left of one is dropped */
	size_t max = t->map.data_size ? t->map.data_size / 4 : 20000;
	uint32_t *out = malloc(max * sizeof(*out));
	size_t word = 0, i, n;
	struct view v;
	bool ok = out && view_open(t, &v) && seed(v.fd);

	for (i = 0; ok && i < 5; i++) {
		n = take(&v, t, out, max);
		ok = n && stream_is(t, word, out, n * sizeof(*out));
		word += n;
	}
	tap_ok(ok, "mapping-gives-the-stream");
	ok = ok && read(v.fd, out, 100) == 100 && stream_is(t, word, out, 100);
	tap_ok(ok, "read-goes-on-where-the-mapping-was");
	tap_ok(!!(v.map.flags & MY_RNG_MAP_CACHED) == target_is(t, "window"),
	       "map-says-how-it-is-cached");
	view_close(&v);
	free(out);
}

/* A window is refilled by one register read, and reading it costs nothing */
static void test_map_counts(const struct target *t)
{
	static uint32_t out[65536];
	struct my_rng_stats before, after;
	uint64_t reads, writes;
	struct view v;
	size_t n;
	bool ok;

	ok = view_open(t, &v) && !ioctl(v.fd, MY_RNG_IOC_STATS, &before);
	n = take(&v, t, out, 4096);
	n += take(&v, t, out, 4096);
	ok = ok && !ioctl(v.fd, MY_RNG_IOC_STATS, &after);
	reads = after.count[MY_RNG_STAT_MMIO_READS] -
		before.count[MY_RNG_STAT_MMIO_READS];
	writes = after.count[MY_RNG_STAT_MMIO_WRITES] -
		 before.count[MY_RNG_STAT_MMIO_WRITES];
	if (t->info.cap & MY_RNG_CAP_WINDOW)
		ok = ok && reads == 2;
	else if (t->info.cap & MY_RNG_CAP_FIFO)
		ok = ok && reads == n + 2;
	else if (t->info.cap & MY_RNG_CAP_RNG64)
		ok = ok && reads == n / 2;
	else
		ok = ok && reads == n;
	ok = ok && !writes &&
	     after.count[MY_RNG_STAT_ERRORS] ==
		     before.count[MY_RNG_STAT_ERRORS];
	if (!ok)
		tap_note("%zu words: %llu reads, %llu writes", n,
			 (unsigned long long)reads, (unsigned long long)writes);
	tap_ok(ok, "mapping-takes-exact-accesses");
	view_close(&v);
}

static void test_refused(const struct target *t)
{
	const int both = PROT_READ | PROT_WRITE;
	struct view v;
	bool ok = view_open(t, &v);
	size_t regs = v.map.reg_size, size = v.map.data_size;
	uint64_t data = v.map.data_offset;

	tap_ok(ok && mmap_fails(v.fd, 0, regs, both, MAP_SHARED, EACCES) &&
		       mmap_fails(v.fd, 0, regs, PROT_WRITE, MAP_SHARED,
				  EACCES) &&
		       mprotect((void *)v.regs, regs, both) == -1 &&
		       errno == EACCES &&
		       (!size || (mmap_fails(v.fd, data, size, both, MAP_SHARED,
					     EACCES) &&
				  mprotect((void *)v.data, size, both) == -1)),
	       "nothing-can-be-mapped-to-write");
	tap_ok(ok &&
		       mmap_fails(v.fd, 0, regs, PROT_READ | PROT_EXEC,
				  MAP_SHARED, EACCES) &&
		       mprotect((void *)v.regs, regs, PROT_READ | PROT_EXEC),
	       "nothing-can-be-mapped-to-run");
	tap_ok(ok &&
		       mmap_fails(v.fd, 0, regs, PROT_READ, MAP_PRIVATE,
				  EINVAL) &&
		       mmap_fails(v.fd, 0, regs + PAGE, PROT_READ, MAP_SHARED,
				  EINVAL) &&
		       mmap_fails(v.fd, regs, PAGE, PROT_READ, MAP_SHARED,
				  EINVAL) &&
		       mmap_fails(v.fd, v.map.hdr_offset + v.map.hdr_size, PAGE,
				  PROT_READ, MAP_SHARED, EINVAL) &&
		       mmap_fails(v.fd, data, size + PAGE, PROT_READ,
				  MAP_SHARED, EINVAL) &&
		       mmap_fails(v.fd, data + size, PAGE, PROT_READ,
				  MAP_SHARED, EINVAL) &&
		       mmap_fails(v.fd, 1ull << 40, PAGE, PROT_READ, MAP_SHARED,
				  EINVAL),
	       "what-is-not-there-cannot-be-mapped");
	tap_ok(ok && madvise((void *)v.regs, regs, MADV_DOFORK) == -1 &&
		       mremap((void *)v.regs, regs, regs + PAGE,
			      MREMAP_MAYMOVE) == MAP_FAILED,
	       "a-mapping-cannot-grow-or-be-inherited");
	tap_ok(!size || (read(v.fd, (void *)v.data, 100) == -1 &&
			 errno == EFAULT),
	       "read-into-its-own-mapping-gives-efault");
	tap_ok(ioctl(v.fd, MY_RNG_IOC_MAP, NULL) == -1 && errno == EFAULT,
	       "map-to-null-gives-efault");
	view_close(&v);
}

static bool is_free(int fd)
{
	uint32_t word;

	return read(fd, &word, sizeof(word)) == sizeof(word) &&
	       !ioctl(fd, MY_RNG_IOC_GET, &word);
}

static bool is_busy(int fd)
{
	uint32_t word = 1;

	return read(fd, &word, sizeof(word)) == -1 && errno == EBUSY &&
	       ioctl(fd, MY_RNG_IOC_GET, &word) == -1 && errno == EBUSY &&
	       ioctl(fd, MY_RNG_IOC_SEED, &word) == -1 && errno == EBUSY;
}

/* One file at a time, where what one reads is what another gets */
static void test_claim(const struct target *t)
{
	int other = target_open(t, 0);
	struct my_rng_stats stats;
	struct view v;
	bool ok = view_open(t, &v);
	struct hold *h;
	void *p;

	if (!is_alone(t)) {
		p = map_at(other, 0, v.map.reg_size);
		tap_ok(ok && p != MAP_FAILED && is_free(other) && is_free(v.fd),
		       "plain-registers-can-be-shared");
		munmap(p, v.map.reg_size);
		goto end;
	}
	tap_ok(ok && is_busy(other) && is_free(v.fd),
	       "a-mapped-device-is-for-one-file");
	tap_ok(mmap_fails(other, 0, PAGE, PROT_READ, MAP_SHARED, EBUSY) &&
		       (!v.data || mmap_fails(other, v.map.data_offset, PAGE,
					      PROT_READ, MAP_SHARED, EBUSY)),
	       "a-mapped-device-cannot-be-mapped-by-another");
	tap_ok(!ioctl(other, MY_RNG_IOC_STATS, &stats),
	       "a-mapped-device-can-be-administered");
	munmap((void *)v.regs, v.map.reg_size);
	if (v.data) {
		ok = is_busy(other);
		munmap((void *)(v.data + PAGE), PAGE);
		ok = ok && is_busy(other);
		munmap((void *)v.data, PAGE);
		ok = ok && is_busy(other);
		munmap((void *)(v.data + 2 * PAGE), v.map.data_size - 2 * PAGE);
		v.data = NULL;
		tap_ok(ok, "a-piece-of-a-mapping-keeps-the-device");
	}
	tap_ok(is_free(other), "the-last-munmap-frees-the-device");
	h = hold_start(other, 8192, CHUNK);
	if (h) {
		p = map_at(v.fd, 0, PAGE);
		ok = p != MAP_FAILED && !munmap(p, PAGE);
		hold_finish(h, NULL, NULL);
		tap_ok(ok, "a-stuck-reader-does-not-keep-the-device");
	}
	v.regs = map_at(v.fd, 0, v.map.reg_size);
	tap_ok(v.regs != MAP_FAILED && is_busy(other), "mapped-again");
end:
	view_close(&v);
	tap_ok(is_free(other), "closing-frees-the-device");
	close(other);
}

static bool all_zero(const uint8_t *p, size_t n)
{
	size_t i;

	for (i = 0; i < n && !p[i]; i++)
		;
	return i == n;
}

/*
 * What others have read is not to be seen in a mapping. In constant mode the
 * device writes nothing, so all that is there is what the driver left.
 */
static void test_wiped(const struct target *t)
{
	static uint8_t buf[4 * CHUNK];
	uint32_t mode = MY_RNG_MODE_CONSTANT;
	int fd = target_open(t, 0);
	size_t size = t->map.data_size, word;
	bool ok = seed(fd) && read(fd, buf, sizeof(buf)) == sizeof(buf) &&
		  !ioctl(fd, MY_RNG_IOC_MODE, &mode);
	void *p = map_at(fd, t->map.data_offset, size);

	tap_ok(ok && p != MAP_FAILED && all_zero(p, size),
	       "mapping-shows-no-word-of-others");
	munmap(p, size);
	mode = 0;
	ok = !ioctl(fd, MY_RNG_IOC_MODE, &mode) &&
	     read(fd, buf, CHUNK) == CHUNK;
	for (word = CHUNK; word + CHUNK < STREAM_WORDS; word++)
		if (!memcmp(buf, &(uint32_t){ stream_word(word) }, 4))
			break;
	tap_ok(ok && stream_is(t, word, buf, CHUNK),
	       "the-stream-goes-on-after-it");
	close(fd);
}

/* Any page by itself, and from a file that is open for reading only */
static void test_parts(const struct target *t)
{
	int fd = open(t->node, O_RDONLY);
	const volatile uint32_t *regs = map_at(fd, 0, PAGE);
	uint8_t data[CHUNK];
	struct my_rng_map map;
	const uint8_t *page;
	bool ok;

	ok = regs != MAP_FAILED && !ioctl(fd, MY_RNG_IOC_MAP, &map) &&
	     seed(fd) && regs[MY_RNG_REG_MAGIC / 4] == MY_RNG_MAGIC;
	tap_ok(ok, "a-read-only-file-can-be-mapped");
	if (t->info.cap & MY_RNG_CAP_WINDOW) {
		page = map_at(fd, map.data_offset + 3 * PAGE, PAGE);
		ok = ok && page != MAP_FAILED &&
		     regs[MY_RNG_REG_WIN_REFILL / 4] == map.data_size;
		ok = ok && stream_is(t, 3 * PAGE / 4, page, PAGE);
		ok = ok && seed(fd) && read(fd, data, CHUNK) == CHUNK &&
		     !memcmp(data + 3 * PAGE, page, PAGE);
		munmap((void *)page, PAGE);
		tap_ok(ok, "one-page-can-be-mapped");
	}
	munmap((void *)regs, PAGE);
	close(fd);
}

/* --- what happens to who touches what is not there ------------------------- */

static _Thread_local sigjmp_buf touch_env;

static void on_fault(int sig)
{
	siglongjmp(touch_env, sig);
}

/* The signal that reading there gives, 0 for none */
static int touch(const volatile void *at)
{
	struct sigaction sa = { .sa_handler = on_fault };
	int sig = sigsetjmp(touch_env, 1);

	if (sig)
		return sig;
	sigaction(SIGBUS, &sa, NULL);
	sigaction(SIGSEGV, &sa, NULL);
	(void)*(const volatile uint32_t *)at;
	return 0;
}

static void test_fork(const struct target *t)
{
	struct view v;
	bool ok = view_open(t, &v);
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(touch(v.regs) != SIGSEGV ||
		      (v.data && touch(v.data) != SIGSEGV));
	ok = ok && pid > 0 && waitpid(pid, &status, 0) == pid && !status;
	tap_ok(ok && !touch(v.regs) && (!v.data || !touch(v.data)),
	       "a-child-does-not-inherit-it");
	view_close(&v);
}

struct toucher {
	pthread_t thread;
	const volatile uint8_t *at;
	volatile size_t reads;
	int sig;
};

static void *toucher_thread(void *arg)
{
	struct toucher *u = arg;
	size_t i = 0;

	while (!u->sig) {
		u->sig = touch(u->at + i);
		u->reads++;
		i = (i + 8) % PAGE;
	}
	return NULL;
}

/* The device goes away under those who read it in place */
static void test_revoke(const struct target *t)
{
	struct view v;
	bool ok = view_open(t, &v);
	struct toucher u[] = { { .at = v.regs },
			       { .at = v.data ? v.data : v.regs },
			       { .at = v.regs } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(u); i++)
		pthread_create(&u[i].thread, NULL, toucher_thread, &u[i]);
	for (i = 0; i < ARRAY_SIZE(u); i++)
		while (!u[i].reads)
			usleep(1000);
	ok = ok && !file_write(DRIVER "/unbind", t->pci);
	for (i = 0; i < ARRAY_SIZE(u); i++) {
		pthread_join(u[i].thread, NULL);
		ok = ok && u[i].sig == SIGBUS;
	}
	tap_ok(ok, "unbind-under-a-mapping-gives-sigbus");
	tap_ok(mmap_fails(v.fd, 0, PAGE, PROT_READ, MAP_SHARED, ENODEV),
	       "a-gone-device-cannot-be-mapped");
	ok = !file_write(DRIVER "/bind", t->pci) &&
	     wait_for_file(t->node, true);
	ok = ok && touch(v.regs) == SIGBUS &&
	     (!v.data || touch(v.data) == SIGBUS);
	tap_ok(ok, "an-old-mapping-stays-dead-after-bind");
	view_close(&v);
	ok = view_open(t, &v) && !touch(v.regs);
	tap_ok(ok, "the-new-device-can-be-mapped");
	view_close(&v);
}

/* --- several at once ------------------------------------------------------- */

struct reader {
	pthread_t thread;
	const struct target *t;
	struct view v;
	uint64_t sum;
};

static uint64_t mix(uint32_t word)
{
	uint64_t x = word * 0x9e3779b97f4a7c15ull + 1;

	x = (x ^ (x >> 31)) * 0xbf58476d1ce4e5b9ull;
	return x ^ (x >> 29);
}

static void *reader_thread(void *arg)
{
	struct reader *r = arg;
	uint32_t words[WORDS];
	size_t i, n = take(&r->v, r->t, words, WORDS);

	for (i = 0; i < n; i++)
		r->sum += mix(words[i]);
	return NULL;
}

static uint64_t mmio_reads(int fd)
{
	struct my_rng_stats stats = {};

	ioctl(fd, MY_RNG_IOC_STATS, &stats);
	return stats.count[MY_RNG_STAT_MMIO_READS];
}

/* Through the first @maps mappings of all */
static bool readers_share(const struct target *t, struct reader *r, size_t maps)
{
	size_t per_read = t->info.cap & MY_RNG_CAP_RNG64 ? 2 : 1, i;
	uint64_t got = 0, want = 0, before;

	if (!seed(r->v.fd))
		return false;
	before = mmio_reads(r->v.fd);
	for (i = 0; i < READERS; i++) {
		r[i] = (struct reader){ .t = t, .v = r[i % maps].v };
		pthread_create(&r[i].thread, NULL, reader_thread, &r[i]);
	}
	for (i = 0; i < READERS; i++) {
		pthread_join(r[i].thread, NULL);
		got += r[i].sum;
	}
	for (i = 0; i < READERS * WORDS; i++)
		want += mix(stream_word(i));
	return got == want &&
	       mmio_reads(r->v.fd) - before == READERS * WORDS / per_read;
}

static void test_readers(const struct target *t)
{
	struct reader r[READERS] = {};
	struct view views[READERS];
	bool ok = true;
	size_t i;

	if (is_alone(t))
		return;
	for (i = 0; i < READERS; i++) {
		ok = view_open(t, &views[i]) && ok;
		r[i].v = views[i];
	}
	tap_ok(ok && readers_share(t, r, READERS), "mappings-share-the-stream");
	tap_ok(ok && readers_share(t, r, 1),
	       "threads-share-a-mapping-and-each-read-counts");
	for (i = 0; i < READERS; i++)
		view_close(&views[i]);
}

/* What userbench says to several threads in place, and whether it went well */
static bool says(const struct target *t, const char *want, bool success)
{
	char command[160], line[256];
	bool found = false;
	FILE *out;

	snprintf(command, sizeof(command),
		 "userbench --device %s --path %s --access mmap --size 4k "
		 "--threads 4 --seconds 0.01 2>&1",
		 t->node, t->path);
	out = popen(command, "r");
	while (out && fgets(line, sizeof(line), out))
		found = found || strstr(line, want);
	return out && (pclose(out) == 0) == success && found;
}

/* A call of 4 KiB by each of four threads takes its words, none more */
static void test_bench(const struct target *t)
{
	if (target_is(t, "32") || target_is(t, "64"))
		tap_ok(says(t,
			    target_is(t, "32") ? " 1024 MMIO reads"
					       : " 512 MMIO reads",
			    true),
		       "userbench-reads-in-place-by-threads");
	else if (is_alone(t) && !target_is(t, "fifo"))
		tap_ok(says(t, "one thread reads it in place", false),
		       "userbench-refuses-threads-in-place");
	else
		tap_ok(says(t, "cannot be read in place", false),
		       "userbench-refuses-what-is-not-read-in-place");
}

/** test_map() - mapped access to a device that is read by this path */
void test_map(const struct target *t)
{
	if (target_is_null(t)) {
		int fd = target_open(t, 0);

		tap_ok(mmap_fails(fd, 0, PAGE, PROT_READ, MAP_SHARED, ENODEV),
		       "no-device-nothing-to-map");
		close(fd);
		return;
	}
	if (!target_is(t, "ring")) { /* test_ring() reads that in place */
		test_stream(t);
		test_map_counts(t);
	}
	test_refused(t);
	test_claim(t);
	if (t->map.data_size)
		test_wiped(t);
	test_parts(t);
	test_readers(t);
	test_bench(t);
	test_fork(t);
	test_revoke(t);
}

/** test_map_apart() - mappings that outlive their file; the alias' mappings */
void test_map_apart(void)
{
	int fd = open("/dev/my_rng_driver", O_RDONLY);
	const volatile uint8_t *regs = map_at(fd, 0, PAGE);
	struct pci_rng rng[16];
	size_t i, n = pci_list(rng, ARRAY_SIZE(rng));
	bool ok;

	close(fd);
	tap_ok(regs != MAP_FAILED && !touch(regs) &&
		       syscall(SYS_delete_module, "my_rng", O_NONBLOCK) == -1 &&
		       (errno == EAGAIN || errno == EBUSY),
	       "unload-while-mapped-is-refused");
	for (i = 0; i < n && strcmp(rng[i].node, "/dev/my_rng0"); i++)
		;
	ok = i < n && !file_write(DRIVER "/unbind", rng[i].addr);
	tap_ok(ok && touch(regs) == SIGBUS,
	       "the-first-device-is-revoked-by-its-other-name");
	munmap((void *)regs, PAGE);
	tap_ok(ok && !file_write(DRIVER "/bind", rng[i].addr) &&
		       wait_for_file("/dev/my_rng0", true),
	       "the-first-device-comes-back");
}
