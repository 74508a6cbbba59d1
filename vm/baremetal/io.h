/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports, device memory and processor instructions. */
#ifndef EXITBENCH_IO_H
#define EXITBENCH_IO_H

#include <stdint.h>

static inline void out8(uint16_t port, uint8_t value)
{
	asm volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void out32(uint16_t port, uint32_t value)
{
	asm volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t in8(uint16_t port)
{
	uint8_t value;

	asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline uint32_t in32(uint16_t port)
{
	uint32_t value;

	asm volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

/* Identity mapping: a physical address is a pointer. */
static inline uint8_t read8(uint64_t addr)
{
	return *(volatile uint8_t *)addr;
}

static inline uint32_t read32(uint64_t addr)
{
	return *(volatile uint32_t *)addr;
}

static inline uint64_t read64(uint64_t addr)
{
	return *(volatile uint64_t *)addr;
}

static inline void write8(uint64_t addr, uint8_t value)
{
	*(volatile uint8_t *)addr = value;
}

static inline void write32(uint64_t addr, uint32_t value)
{
	*(volatile uint32_t *)addr = value;
}

static inline void write64(uint64_t addr, uint64_t value)
{
	*(volatile uint64_t *)addr = value;
}

static inline void halt(void)
{
	asm volatile("cli; hlt");
}

static inline uint64_t rdtsc(void)
{
	uint32_t low, high;

	asm volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

static inline void lfence(void)
{
	asm volatile("lfence" : : : "memory");
}

#endif
