# SPDX-License-Identifier: GPL-2.0-or-later
# Tests of the device: on a machine without a guest, and of its generators.
device-tests := vm dev life ref identity stream regs fifo dma dma_sg queuedev \
	dma_queue dma_queuelife window state modes ringdev ring ringlife lockless \
	corrupt

$(T)/device-test: $(addprefix $(T)/device/,device-test.o $(device-tests:%=%.o))
	@echo "  LD      $@"
	@$(CC) -o $@ $^

# The generators run here under the sanitizers, as nothing else of QEMU can
$(T)/gen-test: tests/device/gen-test.c tests/device/ref.c tests/device/dev.h \
		tests/unit/tap.h include/my_rng_regs.h $(MY_RNG_GEN_SRCS) \
		$(wildcard device/gen*.h device/vector*.h device/block.h device/history.h)
	@echo "  CC      $@"
	@mkdir -p $(@D)
	@$(CC) $(ASAN_CFLAGS) -Iinclude -Idevice -o $@ $(filter %.c,$^)

# The emulator of the tests: the device's objects are compiled with the sanitizers,
# QEMU's are its own, without. QEMU has integers wrap, which hides an overflow.
SANITIZED := build/sanitized/$(VARIANT)
SANITIZE_FLAGS := -O1 -fno-omit-frame-pointer -fno-wrapv -U_FORTIFY_SOURCE \
	-fsanitize=address,undefined -fno-sanitize-recover=all \
	-static-libasan -static-libubsan -no-pie

ifneq ($(B),$(SANITIZED))
$(SANITIZED)/qemu-system-x86_64: FORCE $(H)/device/gens.c build/qemu.stamp
	@$(MAKE) B=$(SANITIZED) DEV_DIR=$(SANITIZED)/device DEV_FLAGS='$(SANITIZE_FLAGS)' $@
endif

$(T)/device/%.o: tests/device/%.c
	@echo "  CC      $@"
	@mkdir -p $(@D)
	@$(CC) $(USER_CFLAGS) -D_GNU_SOURCE -Iinclude -MMD -MP -c -o $@ $<

UNIT_TESTS += $(T)/gen-test

-include $(wildcard $(T)/device/*.d)
