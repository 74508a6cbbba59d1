# SPDX-License-Identifier: GPL-2.0-or-later
# QEMU, the guest's kernel, the guest image, and the program that runs it.

# Host packages, looked at once per checkout. Those of the build are looked at
# first of all, because the rules below ask pkg-config.
build/deps-%: vm/deps.sh
	@mkdir -p build
	@vm/deps.sh $*
	@touch $@

ifneq ($(filter-out help clean distclean uninstall,$(or $(MAKECMDGOALS),all)),)
ifneq ($(shell mkdir -p build && test build/deps-build -nt vm/deps.sh || \
	{ vm/deps.sh build >&2 && touch build/deps-build; } || echo failed),)
$(error host packages are missing (see above))
endif
endif

# What the user chose; the file changes only when the choice does.
build/config-qemu: FORCE
	@mkdir -p build
	@echo '$(QEMU_VERSION) $(QEMU_SRC)' | cmp -s - $@ || \
		echo '$(QEMU_VERSION) $(QEMU_SRC)' > $@
build/config-kernel: FORCE
	@mkdir -p build
	@echo '$(LINUX) $(KERNEL) $(KDIR) $(KMODULES) $(KSRC)' | cmp -s - $@ || \
		echo '$(LINUX) $(KERNEL) $(KDIR) $(KMODULES) $(KSRC)' > $@

# The cache may have been emptied behind the links' back.
ifeq ($(wildcard $(QEMU_BUILDDIR)/qemu-system-x86_64),)
build/qemu.stamp: FORCE
endif
ifeq ($(and $(wildcard build/kernel/vmlinux),$(wildcard build/kernel/headers/Makefile)),)
build/kernel.stamp: FORCE
endif

ifeq ($(wildcard build/pciutils/bin/lspci),)
build/pciutils.stamp: FORCE
endif

build/qemu.stamp: vm/qemu.sh $(wildcard vm/patches/*/*.patch) build/config-qemu
	@vm/qemu.sh build/qemu
	@touch $@

# The same emulator with a device without trace events, to price the events
ifneq ($(B),$(BARE))
$(BARE)/initramfs.cpio.gz: $(B)/initramfs.cpio.gz
	@mkdir -p $(@D)
	@ln -f $< $@

$(BARE)/qemu-system-x86_64: FORCE $(H)/device/gens.c
	@$(MAKE) B=$(BARE) DEV_DIR=$(BARE)/device MY_RNG_TRACE_BACKENDS=nop $@
endif

build/kernel.stamp: vm/kernel.sh build/config-kernel \
		$(if $(filter own own-debug,$(KERNEL)),$(OWN_SOURCES))
	@vm/kernel.sh build/kernel
	@touch $@

# lspci for the guest
build/pciutils.stamp: vm/pciutils.sh
	@vm/pciutils.sh build/pciutils
	@touch $@

$(QEMU_BUILDDIR)/qemu-system-x86_64 $(QEMU_BUILDDIR)/build.ninja: build/qemu.stamp ;

$(H)/vmrun: vm/vmrun.c
	@mkdir -p $(@D)
	$(CC) $(USER_CFLAGS) -o $@ $<

$(B)/initramfs.cpio.gz: $(B)/my_rng.ko $(B)/userbench $(B)/my-app \
		$(T)/guest-test vm/init vm/image.sh build/kernel.stamp \
		build/pciutils.stamp
	@OVERLAY=build/pciutils vm/image.sh $@ build/kernel $(B)/my_rng.ko \
		$(B)/userbench $(B)/my-app $(T)/guest-test

# Everything a guest needs to start
MACHINE = $(B)/qemu-system-x86_64 $(B)/initramfs.cpio.gz $(H)/vmrun $(EXITBENCH)
