/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A ring in the memory of a machine without a guest, and a reader of it that
 * keeps the rules of device/SPEC.md, "Ring".
 */
#ifndef TESTS_DEVICE_RINGDEV_H
#define TESTS_DEVICE_RINGDEV_H

#include "dev.h"

/* Where the parts of a ring lie, far enough apart to see stray writes */
#define RING_HDR   0x1000000ull
#define RING_TABLE 0x1010000ull
#define RING_DATA  0x1100000ull

/* What the device writes at once at most */
#define RING_STEP 65536u

/**
 * struct piece - a descriptor
 * @addr: address
 * @len: bytes
 */
struct piece {
	uint64_t addr;
	uint32_t len;
};

/**
 * struct ring - a ring and how far its reader is
 * @dev: the device
 * @pieces: its descriptors
 * @count: how many
 * @size: bytes of them all
 * @cons: bytes consumed
 * @kicks: doorbells rung
 */
struct ring {
	const struct dev *dev;
	struct piece pieces[8];
	unsigned int count;
	uint32_t size;
	uint64_t cons;
	uint64_t kicks;
};

/**
 * ring_init() - a ring of one piece at RING_DATA
 * @ring: result
 * @dev: device
 * @size: bytes
 *
 * Memory and registers are only written by ring_program().
 */
void ring_init(struct ring *ring, const struct dev *dev, uint32_t size);

/**
 * ring_program() - write header, table and registers; the ring stays off
 * @ring: ring
 */
void ring_program(struct ring *ring);

/**
 * ring_ctrl() - write RING_CTRL
 * @ring: ring
 * @value: MY_RNG_RING_CTRL_*
 *
 * Return: RING_ERROR afterwards.
 */
uint32_t ring_ctrl(const struct ring *ring, uint32_t value);

/**
 * ring_start() - a ring of one piece, on
 * @ring: result
 * @dev: device
 * @size: bytes
 */
void ring_start(struct ring *ring, const struct dev *dev, uint32_t size);

/* A field of the header: MY_RNG_RING_PROD and so on */
uint64_t ring_get(const struct ring *ring, unsigned int field);
void ring_set(const struct ring *ring, unsigned int field, uint64_t value);

/**
 * ring_wait() - wait until enough was produced
 * @ring: ring
 * @prod: bytes in all
 *
 * Return: whether PROD got there within a minute.
 */
bool ring_wait(const struct ring *ring, uint64_t prod);

/**
 * ring_wait_asleep() - wait until the device has asked for a doorbell that is not
 * due yet
 * @ring: ring
 *
 * Return: whether it did within a minute.
 */
bool ring_wait_asleep(const struct ring *ring);

/**
 * ring_wait_error() - wait until the ring has stopped by itself
 * @ring: ring
 *
 * Return: RING_ERROR.
 */
uint32_t ring_wait_error(const struct ring *ring);

/**
 * ring_peek() - bytes of the ring's stream
 * @ring: ring
 * @at: number of the first
 * @data: result
 * @len: how many, at most the ring's size
 */
void ring_peek(const struct ring *ring, uint64_t at, uint8_t *data,
	       uint32_t len);

/**
 * ring_consume() - publish that bytes were consumed, and ring if asked to
 * @ring: ring
 * @len: bytes
 */
void ring_consume(struct ring *ring, uint32_t len);

/**
 * ring_read() - wait for bytes, compare them with the stream, consume them
 * @ring: ring
 * @ref: stream
 * @len: bytes, a multiple of 4, at most the ring's size
 *
 * Return: whether they came and are those of the stream.
 */
bool ring_read(struct ring *ring, struct ref *ref, uint32_t len);

#endif /* TESTS_DEVICE_RINGDEV_H */
