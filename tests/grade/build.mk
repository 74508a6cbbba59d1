# SPDX-License-Identifier: GPL-2.0-or-later
# make grade: the checks of a submission, and the broken devices and drivers that
# they are tested against.

# The device half drives QEMU as the device's own tests do
$(T)/grade-device: $(addprefix $(T)/grade/,device.o contract.o row.o) \
		$(addprefix $(T)/device/,vm.o dev.o ref.o)
	@echo "  LD      $@"
	@$(CC) -o $@ $^

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

-include $(wildcard $(T)/grade/*.d)
