// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guest's side of a ring, over qtest. The device's thread works on its own:
 * each wait is for a condition and bounded.
 */
#include <stdlib.h>
#include <string.h>

#include "ringdev.h"

void ring_init(struct ring *ring, const struct dev *dev, uint32_t size)
{
	*ring = (struct ring){ .dev = dev, .count = 1, .size = size };
	ring->pieces[0] = (struct piece){ RING_DATA, size };
}

void ring_program(struct ring *ring)
{
	const struct dev *dev = ring->dev;
	unsigned int i;

	vm_fill(dev->vm, RING_HDR, 0, MY_RNG_RING_HDR_SIZE);
	ring->cons = 0;
	for (i = 0; i < ring->count; i++) {
		uint64_t at = RING_TABLE + i * MY_RNG_RING_DESC_SIZE;

		vm_write(dev->vm, at + MY_RNG_RING_DESC_ADDR,
			 ring->pieces[i].addr, 8);
		vm_write(dev->vm, at + MY_RNG_RING_DESC_LEN,
			 ring->pieces[i].len, 4);
		vm_write(dev->vm, at + MY_RNG_RING_DESC_ZERO, 0, 4);
	}
	w64(dev, MY_RNG_REG_RING_HDR_LO, RING_HDR);
	w64(dev, MY_RNG_REG_RING_DESC_LO, RING_TABLE);
	w32(dev, MY_RNG_REG_RING_COUNT, ring->count);
}

uint32_t ring_ctrl(const struct ring *ring, uint32_t value)
{
	w32(ring->dev, MY_RNG_REG_RING_CTRL, value);
	return r32(ring->dev, MY_RNG_REG_RING_ERROR);
}

void ring_start(struct ring *ring, const struct dev *dev, uint32_t size)
{
	ring_init(ring, dev, size);
	ring_program(ring);
	ring_ctrl(ring, MY_RNG_RING_CTRL_ON);
}

uint64_t ring_get(const struct ring *ring, unsigned int field)
{
	return vm_read(ring->dev->vm, RING_HDR + field, 8);
}

void ring_set(const struct ring *ring, unsigned int field, uint64_t value)
{
	vm_write(ring->dev->vm, RING_HDR + field, value, 8);
}

static bool produced(const void *ring, uint64_t prod)
{
	return ring_get(ring, MY_RNG_RING_PROD) >= prod;
}

static bool is_asleep(const void *what, uint64_t unused)
{
	const struct ring *ring = what;
	uint64_t prod = ring_get(ring, MY_RNG_RING_PROD);
	uint64_t kick_at = ring_get(ring, MY_RNG_RING_KICK_AT);

	(void)unused;
	return kick_at == prod - ring->size / 4 && ring->cons < kick_at;
}

static bool has_stopped(const void *what, uint64_t unused)
{
	const struct ring *ring = what;

	(void)unused;
	return r32(ring->dev, MY_RNG_REG_RING_STATUS) == MY_RNG_RING_ST_ERROR;
}

bool ring_wait(const struct ring *ring, uint64_t prod)
{
	return wait_until(produced, ring, prod);
}

bool ring_wait_asleep(const struct ring *ring)
{
	return wait_until(is_asleep, ring, 0);
}

uint32_t ring_wait_error(const struct ring *ring)
{
	wait_until(has_stopped, ring, 0);
	return r32(ring->dev, MY_RNG_REG_RING_ERROR);
}

void ring_peek(const struct ring *ring, uint64_t at, uint8_t *data,
	       uint32_t len)
{
	uint32_t offset = at % ring->size;
	unsigned int i = 0;

	while (len) {
		const struct piece *piece = &ring->pieces[i];
		uint32_t n = piece->len;

		if (offset >= n) {
			offset -= n;
		} else {
			n = n - offset < len ? n - offset : len;
			vm_peek(ring->dev->vm, piece->addr + offset, data, n);
			data += n;
			len -= n;
			offset = 0;
		}
		i = (i + 1) % ring->count;
	}
}

void ring_consume(struct ring *ring, uint32_t len)
{
	uint64_t before = ring->cons, kick_at;

	ring->cons += len;
	/* qtest is one command after the other: no barrier is needed */
	ring_set(ring, MY_RNG_RING_CONS, ring->cons);
	kick_at = ring_get(ring, MY_RNG_RING_KICK_AT);
	if (before < kick_at && kick_at <= ring->cons) {
		w32(ring->dev, MY_RNG_REG_RING_DOORBELL, 1);
		ring->kicks++;
	}
}

bool ring_read(struct ring *ring, struct ref *ref, uint32_t len)
{
	uint8_t *got = malloc(len), *want = malloc(len);
	bool good = ring_wait(ring, ring->cons + len);

	if (good) {
		ring_peek(ring, ring->cons, got, len);
		ref_bytes(ref, want, len);
		good = !memcmp(got, want, len);
		ring_consume(ring, len);
	}
	free(got);
	free(want);
	return good;
}
