# SPDX-License-Identifier: GPL-2.0-or-later
# The study's own guest kernel (vm/own-kernel.sh) and a guest image for it, kept
# beside the kernel the study runs on; and the same with the kernel's checks in it.
# Needs: B, T, VARIANT

OWN := build/own/$(VARIANT)
OWN_DEBUG := build/own-debug/$(VARIANT)
OWNS := $(OWN) $(OWN_DEBUG)
OWN_SOURCES := vm/own-kernel.sh include/my_rng_regs.h \
	$(wildcard vm/own/*.c vm/own/*.config)
# Everything its guest needs to start
OWN_MACHINE = $(B)/qemu-system-x86_64 $(OWN)/initramfs.cpio.gz $(H)/vmrun \
	$(EXITBENCH)
OWN_DEBUG_MACHINE = $(B)/qemu-system-x86_64 $(OWN_DEBUG)/initramfs.cpio.gz $(H)/vmrun

# The cache may have been emptied behind the links' back; a source tree may have
# been edited.
ifneq ($(KSRC),)
$(OWNS:%=%/kernel.stamp) build/kernel.stamp: FORCE
endif
$(foreach own,$(OWNS),$(if $(and $(wildcard $(own)/vmlinux),$(wildcard \
	$(own)/headers/Makefile)),,$(own)/kernel.stamp)): FORCE

$(OWN)/kernel.stamp: OWN_KERNEL := own
$(OWN_DEBUG)/kernel.stamp: OWN_KERNEL := own-debug
$(OWNS:%=%/kernel.stamp): vm/kernel.sh build/config-kernel $(OWN_SOURCES)
	@mkdir -p $(@D)
	@KERNEL=$(OWN_KERNEL) KDIR= KMODULES= vm/kernel.sh $(@D)
	@touch $@

# The driver as always, but for these kernels
ifeq ($(filter $(B),$(OWNS)),)
$(OWNS:%=%/my_rng.ko): %/my_rng.ko: FORCE %/kernel.stamp
	@$(MAKE) B=$(@D) KERNEL_HEADERS=$(@D)/headers DRIVER_KSTAMP= $@

$(OWNS:%=%/initramfs.cpio.gz): %/initramfs.cpio.gz: %/my_rng.ko $(B)/userbench \
		$(T)/guest-test vm/init vm/image.sh
	@vm/image.sh $@ $(@D) $< $(B)/userbench $(T)/guest-test
endif
