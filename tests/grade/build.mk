# SPDX-License-Identifier: GPL-2.0-or-later
# make grade: the checks of a submission, and the broken devices and drivers that
# they are tested against.

# The device half drives QEMU as the device's own tests do
$(T)/grade-device: $(addprefix $(T)/grade/,device.o contract.o row.o) \
		$(addprefix $(T)/device/,vm.o dev.o ref.o)
	@echo "  LD      $@"
	@$(CC) -o $@ $^

# The driver half is carried into the guest
$(T)/grade-guest: $(addprefix $(T)/grade/,guest.o guest_system.o row.o)
	@echo "  LD      $@"
	@$(CC) -static -o $@ $^

$(T)/grade/%.o: tests/grade/%.c
	@echo "  CC      $@"
	@mkdir -p $(@D)
	@$(CC) $(USER_CFLAGS) -D_GNU_SOURCE -Iinclude -MMD -MP -c -o $@ $<

# Made as the device is, see device/build.mk
$(T)/grade/broken.o: tests/grade/broken.c $(dev-qemu)/stamp
	@echo "  CC      $@"
	@mkdir -p $(@D)
	@$(dev-cc)

$(T)/grade/qemu-broken: $(T)/grade/broken.o
	@echo "  LINK    $@"
	@$(dev-qemu)/link $(abspath $@.tmp) $(abspath $<)
	@mv $@.tmp $@

# One source under the names it knows
grade-drivers := exercise_driver fixed_address direct_pointer sloppy other_ioctls \
	oopses_at_load panics_on_seed hangs_on_seed

$(T)/grade/drivers/stamp: tests/grade/drivers/driver.c tests/grade/drivers/Kbuild \
		build/kernel.stamp
	@echo "  KBUILD  $(@D)"
	@rm -rf $(@D) && mkdir -p $(@D)
	@cp tests/grade/drivers/Kbuild $(@D)
	@for name in $(grade-drivers); do cp $< $(@D)/$$name.c; done
	@$(MAKE) -s -C $(KERNEL_HEADERS) M=$(abspath $(@D)) W=1 \
		CONFIG_DEBUG_INFO_BTF_MODULES= modules
	@touch $@

GRADE_NEEDS := $(T)/grade-device $(T)/grade-guest $(H)/vmrun build/kernel.stamp
# And what only its own tests grade
GRADE_BROKEN := $(T)/grade/qemu-broken $(T)/grade/drivers/stamp

-include $(wildcard $(T)/grade/*.d)
