/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A QEMU process without a guest, driven over qtest (memory and ports) and QMP.
 * Whatever goes wrong with the process itself ends the test program, or is told
 * to vm_trouble.
 */
#ifndef TESTS_DEVICE_VM_H
#define TESTS_DEVICE_VM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * struct channel - a socket to QEMU and what was read from it
 * @fd: our end
 * @buf: bytes read, not yet taken; NUL-terminated
 * @len: how many
 * @size: bytes allocated
 * @line: of them, bytes of the line that was returned last
 */
struct channel {
	int fd;
	char *buf;
	size_t len;
	size_t size;
	size_t line;
};

/**
 * struct vm - a running QEMU
 * @pid: its process
 * @qtest: its qtest channel
 * @qmp: its QMP channel
 * @log: file with its messages and guest errors
 */
struct vm {
	pid_t pid;
	struct channel qtest;
	struct channel qmp;
	char log[64];
};

/* How long QEMU may take over an answer, in milliseconds */
extern unsigned int vm_wait_ms;

/* QEMU is started without getrandom(2), as a sandbox may have it */
extern bool vm_denies_getrandom;

/*
 * For a program that goes on after trouble with QEMU: called with what happened,
 * instead of the end of the program. Must not return; vm_stop() is still needed.
 */
extern void (*vm_trouble)(const char *what);

/**
 * vm_setup() - once, before anything else
 * @qemu: path of the emulator
 *
 * Makes a scratch folder that is removed at exit; see scratch_path().
 */
void vm_setup(const char *qemu);

/**
 * scratch_path() - a file in the scratch folder
 * @path: result, 64 bytes
 * @name: file name
 */
void scratch_path(char path[64], const char *name);

/**
 * vm_start() - start QEMU
 * @vm: result
 * @args: further arguments, separated by single spaces
 */
void vm_start(struct vm *vm, const char *args);

/**
 * vm_start_fails() - start QEMU and expect it to give up by itself
 * @vm: only for vm_log_has()
 * @args: as for vm_start()
 *
 * Return: whether it ended with an error, rather than a signal or success.
 */
bool vm_start_fails(struct vm *vm, const char *args);

/**
 * vm_wait_failed() - wait for QEMU to give up by itself
 * @vm: vm
 *
 * Return: whether it ended with an error, rather than a signal or success.
 */
bool vm_wait_failed(struct vm *vm);

/**
 * vm_stop() - end QEMU
 * @vm: vm
 */
void vm_stop(struct vm *vm);

/**
 * vm_log_has() - look into QEMU's messages
 * @vm: vm
 * @text: what to look for
 *
 * Return: whether it is there.
 */
bool vm_log_has(const struct vm *vm, const char *text);

/**
 * vm_read() - read memory with one access
 * @vm: vm
 * @addr: physical address
 * @size: 1, 2, 4 or 8 bytes
 *
 * Return: the value.
 */
uint64_t vm_read(struct vm *vm, uint64_t addr, unsigned int size);

/**
 * vm_write() - write memory with one access
 * @vm: vm
 * @addr: physical address
 * @value: value
 * @size: 1, 2, 4 or 8 bytes
 */
void vm_write(struct vm *vm, uint64_t addr, uint64_t value, unsigned int size);

/**
 * vm_batch() - several qtest commands that QEMU executes one right after the other
 * @vm: vm
 * @fmt: commands, each ended by a newline; as for printf(), at most 1000 bytes
 *
 * Nothing else of QEMU's main loop runs in between.
 *
 * Return: the value that the last one gives.
 */
uint64_t vm_batch(struct vm *vm, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * vm_in() - read a port
 * @vm: vm
 * @port: port
 * @size: 1, 2 or 4 bytes
 *
 * Return: the value.
 */
uint32_t vm_in(struct vm *vm, uint16_t port, unsigned int size);

/**
 * vm_out() - write a port
 * @vm: vm
 * @port: port
 * @value: value
 * @size: 1, 2 or 4 bytes
 */
void vm_out(struct vm *vm, uint16_t port, uint32_t value, unsigned int size);

/**
 * vm_peek() - read a range of memory
 * @vm: vm
 * @addr: physical address
 * @data: result
 * @len: bytes
 */
void vm_peek(struct vm *vm, uint64_t addr, void *data, size_t len);

/**
 * vm_fill() - set a range of memory
 * @vm: vm
 * @addr: physical address
 * @byte: its value
 * @len: bytes
 */
void vm_fill(struct vm *vm, uint64_t addr, uint8_t byte, size_t len);

/**
 * vm_qmp() - run a QMP command
 * @vm: vm
 * @command: JSON
 *
 * Return: the line of the answer, valid until the next call; it has a member
 * "return" or "error".
 */
const char *vm_qmp(struct vm *vm, const char *command);

/**
 * vm_does() - run a QMP command
 * @vm: vm
 * @command: JSON
 *
 * Return: whether it succeeded.
 */
bool vm_does(struct vm *vm, const char *command);

/**
 * vm_clock_step() - let the guest's time pass, which else stands still
 * @vm: vm
 * @ns: how much
 *
 * Timers that are due have run when it returns.
 */
void vm_clock_step(struct vm *vm, uint64_t ns);

/**
 * vm_prop() - a numeric QOM property
 * @vm: vm
 * @id: of the device
 * @name: of the property
 *
 * Return: its value.
 */
uint64_t vm_prop(struct vm *vm, const char *id, const char *name);

/**
 * vm_reset() - reset the machine
 * @vm: vm
 */
void vm_reset(struct vm *vm);

/**
 * vm_save() - migrate the machine to a file, which stops it
 * @vm: vm
 * @path: file
 *
 * Return: whether it succeeded.
 */
bool vm_save(struct vm *vm, const char *path);

/**
 * vm_wait_loaded() - wait until an incoming migration is complete
 * @vm: vm
 *
 * Return: false if it failed.
 */
bool vm_wait_loaded(struct vm *vm);

#endif /* TESTS_DEVICE_VM_H */
