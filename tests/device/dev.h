/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A my_rng device in a machine without a guest: placing its BARs, its registers,
 * the words it must give; and the checks the tests report by.
 */
#ifndef TESTS_DEVICE_DEV_H
#define TESTS_DEVICE_DEV_H

#include <stdlib.h>

#include "my_rng_regs.h"
#include "vm.h"

/**
 * struct dev - one device, its BARs placed
 * @vm: machine
 * @slot: PCI slot on bus 0; its id= is "rng" and this number
 * @mmio: address of BAR0
 * @pio: port of BAR1
 * @window: address of BAR2
 */
struct dev {
	struct vm *vm;
	unsigned int slot;
	uint64_t mmio;
	uint16_t pio;
	uint64_t window;
};

/* A slot that is free on q35 */
#define FIRST_SLOT 4

/**
 * dev_setup() - place the BARs of a device and let it answer
 * @dev: result
 * @vm: machine
 * @slot: where the device is
 *
 * Memory, port and bus-master decoding are on afterwards.
 */
void dev_setup(struct dev *dev, struct vm *vm, unsigned int slot);

/**
 * dev_start() - start a machine with one device, set up
 * @dev: result
 * @vm: result
 * @variant: property variant
 * @options: more properties after a comma, or more arguments after a space;
 *           may be empty
 */
void dev_start(struct dev *dev, struct vm *vm, const char *variant,
	       const char *options);

/**
 * config_read() - read configuration space
 * @dev: device
 * @reg: offset
 * @size: 1, 2 or 4 bytes
 *
 * Return: the value.
 */
uint32_t config_read(const struct dev *dev, unsigned int reg,
		     unsigned int size);

/**
 * config_write() - write configuration space
 * @dev: device
 * @reg: offset
 * @value: value
 * @size: 1, 2 or 4 bytes
 */
void config_write(const struct dev *dev, unsigned int reg, uint32_t value,
		  unsigned int size);

/**
 * config_cap() - find a capability
 * @dev: device
 * @id: PCI_CAP_ID_*
 *
 * Return: its offset, 0 if there is none.
 */
unsigned int config_cap(const struct dev *dev, unsigned int id);

/**
 * msi_setup() - program the device's MSI capability (PCI Local Bus 3.0, 6.8.1)
 * @dev: device that has one, with a 64-bit address
 * @addr: where the message is written
 * @data: the message
 * @enable: whether it may be sent
 */
void msi_setup(const struct dev *dev, uint64_t addr, uint16_t data,
	       bool enable);

/* Registers of BAR0, 4 and 8 bytes */
static inline uint32_t r32(const struct dev *dev, unsigned int reg)
{
	return vm_read(dev->vm, dev->mmio + reg, 4);
}

static inline uint64_t r64(const struct dev *dev, unsigned int reg)
{
	return vm_read(dev->vm, dev->mmio + reg, 8);
}

static inline void w32(const struct dev *dev, unsigned int reg, uint32_t value)
{
	vm_write(dev->vm, dev->mmio + reg, value, 4);
}

static inline void w64(const struct dev *dev, unsigned int reg, uint64_t value)
{
	vm_write(dev->vm, dev->mmio + reg, value, 8);
}

/**
 * dev_stat() - a counter
 * @dev: device
 * @index: MY_RNG_STAT_*
 *
 * Return: its value, read over QMP, which counts nothing.
 */
uint64_t dev_stat(const struct dev *dev, unsigned int index);

/**
 * dev_dma() - one DMA request
 * @dev: device
 * @addr: target
 * @len: bytes
 *
 * Return: MY_RNG_DMA_ERR_*.
 */
uint32_t dev_dma(const struct dev *dev, uint64_t addr, uint32_t len);

/**
 * dev_put_desc() - write a descriptor of a DMA request
 * @dev: device
 * @table: address of the table
 * @i: which
 * @addr: of the range
 * @len: its bytes
 * @reserved: last field
 */
void dev_put_desc(const struct dev *dev, uint64_t table, unsigned int i,
		  uint64_t addr, uint32_t len, uint32_t reserved);

/**
 * wait_until() - wait for what a thread of the device's does
 * @holds: whether it has happened
 * @what: its arguments
 * @value: its arguments
 *
 * Return: false if it has not within a minute, far above what anything takes.
 */
bool wait_until(bool (*holds)(const void *what, uint64_t value),
		const void *what, uint64_t value);

/**
 * struct ref - the words a device must give, computed independently of it
 * @generator: MY_RNG_GEN_*
 * @seed: what it started with
 * @glibc: state of the C library's generator
 * @buf: memory of @glibc
 * @s: states of the xoshiro256 generators; only the first for xoshiro256**
 * @pcg: state of pcg64
 * @mt: array of the Mersenne Twister
 * @block: block of ChaCha20
 * @at: where in @mt; words of ChaCha20 so far; turns of the xoshiro256++
 * @high: the high half of the last output is still to come
 * @last: that output
 */
struct ref {
	unsigned int generator;
	uint32_t seed;
	struct random_data glibc;
	char buf[128];
	uint64_t s[8][4];
	unsigned __int128 pcg;
	uint32_t mt[624];
	uint32_t block[16];
	unsigned int at;
	bool high;
	uint64_t last;
};

/**
 * ref_seed() - start a sequence
 * @ref: result
 * @generator: MY_RNG_GEN_*
 * @seed: seed
 */
void ref_seed(struct ref *ref, unsigned int generator, uint32_t seed);

/**
 * ref_next() - the next word
 * @ref: sequence
 *
 * Return: the word.
 */
uint32_t ref_next(struct ref *ref);

/**
 * ref_bytes() - what a DMA request must write
 * @ref: sequence
 * @dst: result
 * @len: bytes; the rest of the last word is dropped
 */
void ref_bytes(struct ref *ref, uint8_t *dst, size_t len);

/**
 * ref_splitmix64() - next output of splitmix64
 * @state: state
 *
 * Return: the output.
 */
uint64_t ref_splitmix64(uint64_t *state);

/**
 * ref_xoshiro() - next output of xoshiro256**
 * @s: state
 *
 * Return: the output.
 */
uint64_t ref_xoshiro(uint64_t s[4]);

/**
 * ref_xoshiropp() - next output of xoshiro256++
 * @s: state
 *
 * Return: the output.
 */
uint64_t ref_xoshiropp(uint64_t s[4]);

/** ref_mt_seed() - the Mersenne Twister's array, from a seed */
void ref_mt_seed(uint32_t mt[624], uint32_t seed);

/**
 * ref_chacha20() - ChaCha20's block function
 * @input: key, counter and nonce
 * @block: result
 */
void ref_chacha20(const uint32_t input[12], uint32_t block[16]);

/*
 * Generators that have a sequence, by MY_RNG_GEN_*, as the property names them.
 * The one that has none, host, comes after them.
 */
#define GENERATORS MY_RNG_GEN_HOST
extern const char *const generator_name[GENERATORS];

/**
 * ref_generators() - how many of them to test
 * @variant: the variant at hand
 *
 * Generators and variants meet in one place, the stream: all generators are tested
 * with the variant that is asked for first, two with the others.
 *
 * Return: generators 0 to this number, exclusive.
 */
unsigned int ref_generators(const char *variant);

/**
 * check() - one test
 * @held: whether it passed
 * @fmt: its name, as for printf()
 *
 * Return: @held.
 */
bool check(bool held, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * check_eq() - one test: two numbers are equal; shows both when not
 * @got: what came
 * @want: what must come
 * @fmt: name of the test, as for printf()
 *
 * Return: whether they are.
 */
bool check_eq(uint64_t got, uint64_t want, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * struct suite - the tests of one subject
 * @variant: the variant that must be in the build; NULL: run for each
 * @run: called with the variant
 */
struct suite {
	const char *variant;
	void (*run)(const char *variant);
};

/**
 * has_variant() - whether a variant is among those that are tested
 * @name: of the variant
 */
bool has_variant(const char *name);

/* Suites of each file, each ended by one without @run */
extern const struct suite identity_suites[];
extern const struct suite stream_suites[];
extern const struct suite regs_suites[];
extern const struct suite fifo_suites[];
extern const struct suite dma_suites[];
extern const struct suite window_suites[];
extern const struct suite dma_sg_suites[];
extern const struct suite dma_queue_suites[];
extern const struct suite dma_queuelife_suites[];
extern const struct suite state_suites[];
extern const struct suite modes_suites[];
extern const struct suite ring_suites[];
extern const struct suite ringlife_suites[];
extern const struct suite lockless_suites[];
extern const struct suite corrupt_suites[];

#endif /* TESTS_DEVICE_DEV_H */
