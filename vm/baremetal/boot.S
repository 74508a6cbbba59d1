/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entry of the bare-metal guest: from PVH's 32-bit protected mode into 64-bit
 * mode with the first 4 GiB mapped one to one, then on to guest_main().
 *
 * PVH (Xen's x86/HVM direct boot ABI): %ebx holds the physical address of the
 * start info; flat segments, paging off, interrupts off. They stay off.
 */
#define CR0_PE   0x00000001
#define CR0_PG   0x80000000
#define CR4_PAE  0x00000020
#define MSR_EFER 0xc0000080
#define EFER_LME 0x00000100

#define PTE_TABLE    0x003 /* present, writable */
#define PTE_RAM      0x083 /* 2 MiB page */
#define PTE_UNCACHED 0x09b /* 2 MiB page, not cached: devices */

#define XEN_ELFNOTE_PHYS32_ENTRY 18

#define CODE64 0x08
#define DATA   0x10

	.section .note.pvh, "a", @note
	.balign 4
	.long 4, 8, XEN_ELFNOTE_PHYS32_ENTRY
	.asciz "Xen"
	.quad entry32

	.text
	.code32
	.globl entry32
entry32:
	cld
	/* Four page directories of 512 pages of 2 MiB; the last GiB is devices */
	mov $directories, %edi
	mov $PTE_RAM, %eax
	mov $2048, %ecx
1:	cmp $0xc0000000, %eax
	jb 2f
	or $PTE_UNCACHED, %eax
2:	mov %eax, (%edi)
	add $8, %edi
	add $0x200000, %eax
	dec %ecx
	jnz 1b

	mov $directories + PTE_TABLE, %eax
	mov $pointers, %edi
	mov $4, %ecx
3:	mov %eax, (%edi)
	add $8, %edi
	add $4096, %eax
	dec %ecx
	jnz 3b
	movl $pointers + PTE_TABLE, top_table

	mov $top_table, %eax
	mov %eax, %cr3
	mov %cr4, %eax
	or $CR4_PAE, %eax
	mov %eax, %cr4
	mov $MSR_EFER, %ecx
	rdmsr
	or $EFER_LME, %eax
	wrmsr
	lgdt gdt_pointer
	mov %cr0, %eax
	or $CR0_PG | CR0_PE, %eax
	mov %eax, %cr0
	ljmp $CODE64, $entry64

	.code64
entry64:
	mov $DATA, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	mov $stack_top, %rsp
	mov %ebx, %edi
	call guest_main
4:	hlt
	jmp 4b

	.section .rodata
	.balign 8
gdt:
	.quad 0
	.quad 0x00af9b000000ffff /* CODE64 */
	.quad 0x00cf93000000ffff /* DATA */
gdt_pointer:
	.word . - gdt - 1
	.long gdt

	.bss
	.balign 4096
top_table:
	.skip 4096
pointers:
	.skip 4096
directories:
	.skip 4 * 4096
	.skip 16384
stack_top:

	.section .note.GNU-stack, "", @progbits
