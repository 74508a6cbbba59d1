# SPDX-License-Identifier: GPL-2.0-or-later
# The study's own guest kernel (vm/own-kernel.sh) and a guest image for it, kept
# beside the kernel the study runs on.
# Needs: B, T, VARIANT

OWN := build/own/$(VARIANT)
OWN_SOURCES := vm/own-kernel.sh include/my_rng_regs.h \
	$(wildcard vm/own/*.c vm/own/*.config)
# Everything its guest needs to start
OWN_MACHINE = $(B)/qemu-system-x86_64 $(OWN)/initramfs.cpio.gz $(H)/vmrun \
	$(EXITBENCH)

# The cache may have been emptied behind the links' back; a source tree may have
# been edited.
ifneq ($(KSRC),)
$(OWN)/kernel.stamp build/kernel.stamp: FORCE
endif
ifeq ($(and $(wildcard $(OWN)/vmlinux),$(wildcard $(OWN)/headers/Makefile)),)
$(OWN)/kernel.stamp: FORCE
endif

$(OWN)/kernel.stamp: vm/kernel.sh build/config-kernel $(OWN_SOURCES)
	@mkdir -p $(@D)
	@KERNEL=own KDIR= KMODULES= vm/kernel.sh $(@D)
	@touch $@

# The driver as always, but for this kernel
ifneq ($(B),$(OWN))
$(OWN)/my_rng.ko: FORCE $(OWN)/kernel.stamp
	@$(MAKE) B=$(OWN) KERNEL_HEADERS=$(OWN)/headers DRIVER_KSTAMP= $@

$(OWN)/initramfs.cpio.gz: $(OWN)/my_rng.ko $(B)/userbench $(T)/guest-test \
		vm/init vm/image.sh
	@vm/image.sh $@ $(@D) $(@D)/my_rng.ko $(B)/userbench $(T)/guest-test
endif
