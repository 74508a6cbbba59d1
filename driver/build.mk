# SPDX-License-Identifier: GPL-2.0-or-later
# Builds $(B)/my_rng.ko from driver/ in $(B)/driver: sources are symlinks there,
# the list of compiled-in paths is generated there.
#
# A new path: driver/path_NAME.c, its my_rng_path_NAME in my_rng_drv.h, its CAP
# bit's name in pci.c, and NAME in DRIVER_PATHS.
# Needs: B, VARIANTS (paths to compile in), FORCE, and the kernel's headers in
# KERNEL_HEADERS (made by build/kernel.stamp) or else in KDIR.

DRIVER_DIR := $(B)/driver
DRIVER_KDIR := $(or $(KERNEL_HEADERS),$(KDIR))
DRIVER_KSTAMP := $(if $(KERNEL_HEADERS),build/kernel.stamp)
# In the order of their CAP bits
DRIVER_PATHS := $(filter $(VARIANTS),32 64 fifo dma window ring)

DRIVER_SOURCES := $(wildcard driver/*.c driver/*.h) driver/Kbuild
DRIVER_HEADERS := include/my_rng_regs.h include/my_rng_uapi.h
DRIVER_STAGED := $(DRIVER_SOURCES:driver/%=$(DRIVER_DIR)/%) \
	$(DRIVER_HEADERS:%=$(DRIVER_DIR)/%) \
	$(DRIVER_DIR)/paths.c $(DRIVER_DIR)/paths.mk

# What the objects depend on beside files; rewritten only when it changed
$(DRIVER_DIR)/config: FORCE $(DRIVER_KSTAMP)
	@mkdir -p $(@D)/include
	@test -e '$(DRIVER_KDIR)/Makefile' || { echo "no kernel headers in" \
		"'$(DRIVER_KDIR)': set KDIR to a kernel's build folder" >&2; \
		exit 1; }
	@echo "$$(realpath '$(DRIVER_KDIR)') $(DRIVER_PATHS)" > $@.new
	@if cmp -s $@.new $@; then rm $@.new; else \
		rm -f $(DRIVER_DIR)/*.o; mv $@.new $@; fi

$(DRIVER_DIR)/include/%: include/% | $(DRIVER_DIR)/config
	@ln -sf $(abspath $<) $@

$(DRIVER_DIR)/%: driver/% | $(DRIVER_DIR)/config
	@ln -sf $(abspath $<) $@

$(DRIVER_DIR)/paths.c: $(DRIVER_DIR)/config driver/build.mk
	@{ echo '// SPDX-License-Identifier: GPL-2.0-or-later'; \
	echo '/* Generated: the read paths compiled in. */'; \
	echo '#include "my_rng_drv.h"'; echo; \
	echo 'const struct my_rng_path *const my_rng_paths[] = {'; \
	printf '\t&my_rng_path_%s,\n' $(DRIVER_PATHS); \
	printf '\tNULL\n};\n'; } > $@

$(DRIVER_DIR)/paths.mk: $(DRIVER_DIR)/config driver/build.mk
	@echo 'path-objs := $(DRIVER_PATHS:%=path_%.o)' \
		'$(if $(filter dma,$(DRIVER_PATHS)),pages.o dma_doorbell.o dma_queue.o dma_read.o)' \
		'$(if $(filter ring,$(DRIVER_PATHS)),ring_device.o ring_read.o)' > $@

# W=1, and C=1 where sparse is. No BTF: it needs pahole and the kernel's vmlinux.
# The output leaves debug information behind.
$(B)/my_rng.ko: $(DRIVER_STAGED) $(DRIVER_DIR)/config
	@echo "  KBUILD  $@"
	@$(MAKE) -s -C $(DRIVER_KDIR) M=$(abspath $(DRIVER_DIR)) W=1 \
		$(if $(shell command -v sparse),C=1) \
		CONFIG_DEBUG_INFO_BTF_MODULES= modules
	@objcopy --strip-debug $(DRIVER_DIR)/my_rng.ko $@

# A folder that `dkms add` takes, whole or not at all
DRIVER_DKMS := $(B)/dkms
DRIVER_VERSION = $(shell sed -n 's/^\#define MY_RNG_DRV_VERSION "\(.*\)"$$/\1/p' \
	driver/my_rng_drv.h)
.PHONY: driver-dkms
driver-dkms: $(DRIVER_STAGED) driver/dkms.conf
	@rm -rf $(DRIVER_DKMS) $(DRIVER_DKMS).tmp
	@mkdir -p $(DRIVER_DKMS).tmp/include
	@cp -L $(filter-out $(DRIVER_DIR)/include/% %.conf,$^) $(DRIVER_DKMS).tmp
	@cp $(DRIVER_HEADERS) $(DRIVER_DKMS).tmp/include
	@sed 's/@VERSION@/$(DRIVER_VERSION)/' driver/dkms.conf \
		> $(DRIVER_DKMS).tmp/dkms.conf
	@mv $(DRIVER_DKMS).tmp $(DRIVER_DKMS)
	@echo 'now: dkms add $(DRIVER_DKMS) &&' \
		'dkms install my_rng/$(DRIVER_VERSION)'
