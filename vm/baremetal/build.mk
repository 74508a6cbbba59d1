# SPDX-License-Identifier: GPL-2.0-or-later
# The bare-metal guest, $(H)/exitbench.elf, and $(H)/tsckhz for its runs. The
# guest is the same for all variants: it looks at what the devices offer.
bm := $(H)/baremetal
bm-objs := $(addprefix $(bm)/,boot.o main.o measure.o ops.o options.o pci.o \
	text.o cases_cpu.o cases_my_rng.o cases_controls.o)

# A processor as after reset: no floating point or vector registers, no stack
# protector, no red zone, nothing of a C library.
BAREMETAL_CFLAGS := $(USER_CFLAGS) -Wconversion -ffreestanding -nostdlib \
	-m64 -mno-red-zone -mgeneral-regs-only -march=x86-64 -mcmodel=small \
	-fno-pic -fno-pie -fno-stack-protector -fcf-protection=none \
	-fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns

$(bm)/%.o: vm/baremetal/%.c vm/baremetal/build.mk
	@echo "  CC      $@"
	@mkdir -p $(@D)
	@$(CC) $(BAREMETAL_CFLAGS) -MMD -MP -c -o $@ $<

$(bm)/%.o: vm/baremetal/%.S vm/baremetal/build.mk
	@echo "  AS      $@"
	@mkdir -p $(@D)
	@$(CC) -m64 -MMD -MP -c -o $@ $<

$(H)/exitbench.elf: $(bm-objs) vm/baremetal/guest.ld
	@echo "  LINK    $@"
	@$(CC) -m64 -nostdlib -static -no-pie -Wl,--build-id=none \
		-Wl,-z,noexecstack -Wl,-z,max-page-size=4096 \
		-T vm/baremetal/guest.ld -o $@ $(bm-objs)

$(H)/tsckhz: vm/baremetal/tsckhz.c
	@mkdir -p $(@D)
	$(CC) $(USER_CFLAGS) -o $@ $<

# What vm/exitbench.sh and vm/probe.sh need
EXITBENCH := $(H)/exitbench.elf $(H)/tsckhz

-include $(bm-objs:.o=.d)
