/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A queue of DMA requests in the memory of a machine without a guest, and a
 * driver of it that keeps the rules of device/SPEC.md, "The queue".
 */
#ifndef TESTS_DEVICE_QUEUEDEV_H
#define TESTS_DEVICE_QUEUEDEV_H

#include "dev.h"

/* Where things lie in a machine of 32 MiB, far enough apart for stray writes */
#define QUEUE      0x800000ull
#define QUEUE_SG   0x900000ull
#define QUEUE_DATA 0xa00000ull

#define QUEUE_NO_POLL ",queue-poll-ns=0"

/**
 * struct queue - a queue and how far its driver is
 * @dev: the device
 * @entries: of it
 * @made: requests written
 * @tail: of them, those that the device was told of
 * @kicks: doorbells rung
 */
struct queue {
	const struct dev *dev;
	uint32_t entries;
	uint32_t made;
	uint32_t tail;
	uint64_t kicks;
};

/**
 * queue_program() - write an empty queue and its address; it stays off
 * @q: result
 * @dev: device
 * @entries: of it
 * @first: where the counts begin
 */
void queue_program(struct queue *q, const struct dev *dev, uint32_t entries,
		   uint32_t first);

/**
 * queue_ctrl() - write QUEUE_CTRL
 * @q: queue
 * @value: value
 *
 * Return: what it reads as afterwards.
 */
uint32_t queue_ctrl(const struct queue *q, uint32_t value);

/**
 * queue_start() - an empty queue, on
 * @q: result
 * @dev: device
 * @entries: of it
 */
void queue_start(struct queue *q, const struct dev *dev, uint32_t entries);

/* A field of the header: MY_RNG_QUEUE_HEAD and so on */
uint32_t queue_get(const struct queue *q, unsigned int field);
void queue_set(const struct queue *q, unsigned int field, uint32_t value);

/**
 * queue_put() - write a request, of which the device does not know yet
 * @q: queue
 * @addr: of the target, or of its table
 * @len: bytes
 * @descs: descriptors
 * @flags: MY_RNG_QUEUE_FLAG_*
 */
void queue_put(struct queue *q, uint64_t addr, uint32_t len, uint32_t descs,
	       uint32_t flags);

/**
 * queue_submit() - tell the device of the requests written, ring if asked to
 * @q: queue
 */
void queue_submit(struct queue *q);

/**
 * queue_wait() - wait until the device is through with all of them
 * @q: queue
 *
 * Return: whether it is within a minute.
 */
bool queue_wait(const struct queue *q);

/**
 * queue_wait_asleep() - wait until the device has asked for a doorbell
 * @q: queue
 *
 * Return: whether it did within a minute.
 */
bool queue_wait_asleep(const struct queue *q);

/**
 * queue_wait_stopped() - wait until it has stopped by itself
 * @q: queue
 *
 * Return: MY_RNG_DMA_ERR_*.
 */
uint32_t queue_wait_stopped(const struct queue *q);

/**
 * queue_result() - what a request came to
 * @q: queue
 * @index: its number
 * @count: bytes it must have written; status and count must agree with that
 *
 * Return: its error, or ~0 if they do not.
 */
uint32_t queue_result(const struct queue *q, uint32_t index, uint32_t count);

#endif /* TESTS_DEVICE_QUEUEDEV_H */
