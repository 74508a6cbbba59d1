# SPDX-License-Identifier: GPL-2.0-or-later
# userbench (for the guest, static), hostbench (for the host) and their unit
# tests. The guest binary does not depend on the variant: built once, linked to
# each.
#
# A new engine: userbench/engine_NAME.c and NAME here. A new unit test:
# tests/unit/userbench/NAME.c and NAME here.
# For the Makefile that includes this: $(B)/userbench, $(H)/hostbench, and
# UNIT_TESTS, programs that write TAP. Needs device/build.mk before it.

UB_GUEST_ENGINES := read read_huge read_fixed mmap ioctl ioctl0 hwrng getrandom \
	getppid memcpy uring
UB_HOST_ENGINES := memcpy generator rand
UB_TESTS := hist touch options plan output measure controls

UB_CORE := buffer device hist log measure meta options output plan progress study sysfs
UB_GUEST := $(UB_CORE) targets hand source engine_node \
	$(UB_GUEST_ENGINES:%=engine_%)
UB_HOST := $(UB_CORE) source engine_node $(UB_HOST_ENGINES:%=engine_%)

ub_guest := build/guest/obj
ub_host := $(H)/userbench
ub_tests := $(T)/userbench
ub_asan := $(T)/userbench-asan

UB_LIBS := -luring
UB_CFLAGS := -D_GNU_SOURCE -pthread -Iuserbench -Itests/unit -Iinclude -Idevice
ub-cc = $(CC) $(1) $(UB_CFLAGS) -MMD -MP -c $< -o $@

$(B)/userbench: build/guest/userbench
	@mkdir -p $(@D)
	@ln -f $< $@

build/guest/userbench: $(addprefix $(ub_guest)/,$(addsuffix .o,userbench $(UB_GUEST)))
	@echo "  LINK    $@"
	@$(CC) -static -pthread -o $@ $^ $(UB_LIBS)

# The exercise's program stands alone: none of the rest
$(B)/my-app: build/guest/my-app
	@mkdir -p $(@D)
	@ln -f $< $@

build/guest/my-app: $(ub_guest)/my-app.o
	@echo "  LINK    $@"
	@$(CC) -static -o $@ $^

# The generators as the device has them
ub-gens := $(notdir $(MY_RNG_GEN_SRCS:.c=.o))
$(H)/hostbench: $(addprefix $(ub_host)/,$(addsuffix .o,hostbench $(UB_HOST)) $(ub-gens))
	@echo "  LINK    $@"
	@$(CC) -pthread -o $@ $^ $(UB_LIBS)

$(ub_guest)/%.o: userbench/%.c
	@echo "  CC      $@"
	@mkdir -p $(@D)
	@$(call ub-cc,$(USER_CFLAGS))

$(ub_host)/%.o: userbench/%.c
	@echo "  CC      $@"
	@mkdir -p $(@D)
	@$(call ub-cc,$(USER_CFLAGS))

$(ub_host)/%.o: device/%.c
	@echo "  CC      $@"
	@mkdir -p $(@D)
	@$(call ub-cc,$(USER_CFLAGS))

$(ub_host)/%.o: $(H)/device/%.c
	@echo "  CC      $@"
	@mkdir -p $(@D)
	@$(call ub-cc,$(USER_CFLAGS))

# Unit tests: twice, the second time with the sanitizers
UNIT_TESTS += $(UB_TESTS:%=$(T)/unit-userbench-%) \
	$(UB_TESTS:%=$(T)/asan-unit-userbench-%)

$(T)/unit-userbench-%: $(ub_tests)/test_%.o $(UB_GUEST:%=$(ub_tests)/%.o)
	@echo "  LINK    $@"
	@$(CC) -pthread -o $@ $^ $(UB_LIBS)

$(T)/asan-unit-userbench-%: $(ub_asan)/test_%.o $(UB_GUEST:%=$(ub_asan)/%.o)
	@echo "  LINK    $@"
	@$(CC) $(ASAN_CFLAGS) -pthread -o $@ $^ $(UB_LIBS)

$(ub_tests)/test_%.o: tests/unit/userbench/%.c
	@echo "  CC      $@"
	@mkdir -p $(@D)
	@$(call ub-cc,$(USER_CFLAGS))

$(ub_asan)/test_%.o: tests/unit/userbench/%.c
	@echo "  CC      $@"
	@mkdir -p $(@D)
	@$(call ub-cc,$(ASAN_CFLAGS))

$(ub_tests)/%.o: userbench/%.c
	@echo "  CC      $@"
	@mkdir -p $(@D)
	@$(call ub-cc,$(USER_CFLAGS))

$(ub_asan)/%.o: userbench/%.c
	@echo "  CC      $@"
	@mkdir -p $(@D)
	@$(call ub-cc,$(ASAN_CFLAGS))

.SECONDARY: $(foreach d,$(ub_tests) $(ub_asan), \
	$(UB_TESTS:%=$(d)/test_%.o) $(UB_GUEST:%=$(d)/%.o))

-include $(wildcard $(ub_guest)/*.d $(ub_host)/*.d $(ub_tests)/*.d $(ub_asan)/*.d)
