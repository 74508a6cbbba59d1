/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest-test: what its files share. It runs as root in a guest with my_rng
 * devices and the driver loaded, and writes TAP 13.
 */
#ifndef GUEST_TEST_H
#define GUEST_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "my_rng_uapi.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Most bytes the driver fetches at once */
#define CHUNK 65536u

/* From how many bytes on the zero-copy paths do not copy, by default */
#define ZC_MIN 16384u

/* How long their requests are where they are kept in flight, by default */
#define QUEUE_SPLIT 262144u

/* The seed of all tests, and how many words of its stream are known */
#define SEED         0x42u
#define STREAM_WORDS (4u << 20)

/* --- tap.c: results ------------------------------------------------------ */

void tap_start(void);
int tap_end(void);
void tap_prefix(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void tap_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool tap_ok(bool held, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void tap_skip(const char *reason, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* --- devices.c: the devices and their paths ------------------------------- */

/**
 * struct target - a device node together with one read path
 * @path: as in struct my_rng_info
 * @node: file in /dev
 * @pci: PCI address, empty for the null device
 * @info: what INFO says
 * @map: what MAP says
 */
struct target {
	const char *path;
	char node[32];
	char pci[16];
	struct my_rng_info info;
	struct my_rng_map map;
};

/**
 * struct pci_rng - a device on PCI with our id
 * @addr: PCI address
 * @node: file in /dev, empty if no driver took the device
 */
struct pci_rng {
	char addr[16];
	char node[32];
};

extern const char *const all_paths[];

bool path_known(const char *path);
bool target_find(const char *path, struct target *t);
int target_open(const struct target *t, int flags);
bool target_is(const struct target *t, const char *path);
bool target_by_dma(const struct target *t);
bool target_by_irq(const struct target *t);
bool target_zero_copy(const struct target *t);
bool target_queue(const struct target *t);
int target_open_copying(const struct target *t);
bool target_is_null(const struct target *t);
size_t target_chunk(const struct target *t);
bool set_command(const struct target *t, uint8_t bits, bool on);
bool set_master(const struct target *t, bool on);
size_t pci_list(struct pci_rng *out, size_t max);

bool param_exists(const char *name);
bool param_get(const char *name, char *out, size_t size);
int param_set(const char *name, const char *value);
void params_default(void);

bool file_read(const char *path, char *out, size_t size);
int file_write(const char *path, const char *text);
bool wait_for_file(const char *path, bool there);

/* --- counts.c: what a read makes the device count ----------------------------- */

bool counts_of(int fd, void *to, size_t n, struct my_rng_stats *counts);
size_t queue_pieces(const void *to, size_t n, size_t split);

/* --- stream.c: what must come ---------------------------------------------- */

bool stream_load(const struct target *t);
bool stream_is(const struct target *t, size_t word, const void *got, size_t n);
uint32_t stream_word(size_t word);
size_t words_of(size_t bytes);
bool seed(int fd);

/* --- hold.c: a reader stopped in the middle of its copy ---------------------- */

struct hold;

struct hold *hold_start(int fd, size_t stop_at, size_t len);
void hold_signal(struct hold *h, int sig);
ssize_t hold_finish(struct hold *h, uint8_t **data, size_t *len);
void catch_signal(int sig);

/* --- t_suspend.c: sleep --------------------------------------------------------- */

bool devices_can_sleep(const char *test);
bool devices_sleep(void);

/* --- the tests ---------------------------------------------------------------- */

void test_read(const struct target *t);
void test_counts(const struct target *t);
void test_batches(const struct target *t);
void test_programs(const struct target *t);
void test_reset(const struct target *t);
void test_found_on(const struct target *t);
void test_probe_fails(const struct target *t);
void test_decode_off(const struct target *t);
void test_no_interrupt(const struct target *t);
void test_ioctl(const struct target *t);
void test_memory(const struct target *t);
void test_wait(const struct target *t);
void test_threads(const struct target *t);
void test_unbind(const struct target *t);
void test_dma_error(const struct target *t);
void test_modes(const struct target *t);
void test_map(const struct target *t);
void test_zero_copy(const struct target *t);
void test_registered(const struct target *t);
void test_queue(const struct target *t);
void test_ring(const struct target *t);
void test_suspend(const struct target *t);

void test_iommu(const struct target *t);
void test_no_msi(const struct target *t);
void test_root_port(const struct target *t);
void test_host(const struct target *t);

void test_map_apart(void);
void test_nodes(void);
void test_params(void);
void test_hwrng(void);
void test_machine_sleep(void);
void test_module(const char *module);
void test_kernel_log(void);

#endif /* GUEST_TEST_H */
