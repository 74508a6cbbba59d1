// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guest's side of a queue of DMA requests, over qtest, which is one command
 * after the other: no barrier is needed.
 */
#include "queuedev.h"

void queue_program(struct queue *q, const struct dev *dev, uint32_t entries,
		   uint32_t first)
{
	uint64_t kicks = q->dev ? q->kicks : 0;

	*q = (struct queue){ .dev = dev,
			     .entries = entries,
			     .made = first,
			     .tail = first,
			     .kicks = kicks };
	vm_fill(dev->vm, QUEUE, 0,
		MY_RNG_QUEUE_HDR_SIZE +
			MY_RNG_QUEUE_MAX * MY_RNG_QUEUE_ENTRY_SIZE);
	queue_set(q, MY_RNG_QUEUE_HEAD, first);
	queue_set(q, MY_RNG_QUEUE_TAIL, first);
	queue_set(q, MY_RNG_QUEUE_KICK_AT, first);
	w64(dev, MY_RNG_REG_QUEUE_LO, QUEUE);
}

uint32_t queue_ctrl(const struct queue *q, uint32_t value)
{
	w32(q->dev, MY_RNG_REG_QUEUE_CTRL, value);
	return r32(q->dev, MY_RNG_REG_QUEUE_CTRL);
}

void queue_start(struct queue *q, const struct dev *dev, uint32_t entries)
{
	q->dev = NULL;
	queue_program(q, dev, entries, 0);
	queue_ctrl(q, entries);
}

uint32_t queue_get(const struct queue *q, unsigned int field)
{
	return vm_read(q->dev->vm, QUEUE + field, 4);
}

void queue_set(const struct queue *q, unsigned int field, uint32_t value)
{
	vm_write(q->dev->vm, QUEUE + field, value, 4);
}

static uint64_t entry(const struct queue *q, uint32_t index)
{
	return QUEUE + MY_RNG_QUEUE_HDR_SIZE +
	       index % q->entries * MY_RNG_QUEUE_ENTRY_SIZE;
}

void queue_put(struct queue *q, uint64_t addr, uint32_t len, uint32_t descs,
	       uint32_t flags)
{
	uint64_t at = entry(q, q->made++);
	struct vm *vm = q->dev->vm;

	vm_write(vm, at + MY_RNG_QUEUE_ENTRY_ADDR, addr, 8);
	vm_write(vm, at + MY_RNG_QUEUE_ENTRY_LEN, len, 4);
	vm_write(vm, at + MY_RNG_QUEUE_ENTRY_DESCS, descs, 4);
	vm_write(vm, at + MY_RNG_QUEUE_ENTRY_FLAGS, flags, 4);
	vm_write(vm, at + MY_RNG_QUEUE_ENTRY_STATUS, MY_RNG_DMA_ST_IDLE, 4);
}

void queue_submit(struct queue *q)
{
	uint32_t step = q->made - q->tail;

	q->tail = q->made;
	queue_set(q, MY_RNG_QUEUE_TAIL, q->tail);
	if (q->tail - queue_get(q, MY_RNG_QUEUE_KICK_AT) < step) {
		w32(q->dev, MY_RNG_REG_QUEUE_DOORBELL, 1);
		q->kicks++;
	}
}

static bool is_through(const void *what, uint64_t unused)
{
	const struct queue *q = what;

	(void)unused;
	return queue_get(q, MY_RNG_QUEUE_HEAD) == q->tail;
}

static bool is_asleep(const void *what, uint64_t unused)
{
	const struct queue *q = what;

	return is_through(q, unused) &&
	       queue_get(q, MY_RNG_QUEUE_KICK_AT) == q->tail + 1;
}

static bool has_stopped(const void *what, uint64_t unused)
{
	const struct queue *q = what;

	(void)unused;
	return r32(q->dev, MY_RNG_REG_QUEUE_CTRL) & MY_RNG_QUEUE_STOPPED;
}

bool queue_wait(const struct queue *q)
{
	return wait_until(is_through, q, 0);
}

bool queue_wait_asleep(const struct queue *q)
{
	return wait_until(is_asleep, q, 0);
}

uint32_t queue_wait_stopped(const struct queue *q)
{
	wait_until(has_stopped, q, 0);
	return r32(q->dev, MY_RNG_REG_QUEUE_CTRL) & ~MY_RNG_QUEUE_STOPPED;
}

uint32_t queue_result(const struct queue *q, uint32_t index, uint32_t count)
{
	uint64_t at = entry(q, index);
	struct vm *vm = q->dev->vm;
	uint32_t error = vm_read(vm, at + MY_RNG_QUEUE_ENTRY_ERROR, 4);
	uint32_t status = vm_read(vm, at + MY_RNG_QUEUE_ENTRY_STATUS, 4);

	if (vm_read(vm, at + MY_RNG_QUEUE_ENTRY_COUNT, 4) != count ||
	    status != (error ? MY_RNG_DMA_ST_ERROR : MY_RNG_DMA_ST_DONE))
		return ~0u;
	return error;
}
