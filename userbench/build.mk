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
UB_TESTS := hist touch options source plan output reference rounds workers \
	slices controls

UB_CORE := buffer device hist log meta options output plan progress reference \
	rounds slices study sysfs workers
UB_GUEST := $(UB_CORE) targets hand source engine_node \
	$(UB_GUEST_ENGINES:%=engine_%)
UB_HOST := $(UB_CORE) source engine_node $(UB_HOST_ENGINES:%=engine_%)

ub_guest := build/guest/obj
ub_host := $(H)/userbench
ub_asan := $(T)/userbench-asan

UB_LIBS := -luring -lm
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
	@$(CC) -pthread -o $@ $^ -lm

# $(call ub-compile,OBJECTS,SOURCES,CFLAGS): two folders, and the name of a variable
# (its value has commas)
define ub-compile
$(1)/%.o: $(2)/%.c
	@echo "  CC      $$@"
	@mkdir -p $$(@D)
	@$$(call ub-cc,$$($(3)))
endef
$(eval $(call ub-compile,$(ub_guest),userbench,USER_CFLAGS))
$(eval $(call ub-compile,$(ub_host),userbench,USER_CFLAGS))
$(eval $(call ub-compile,$(ub_host),device,USER_CFLAGS))
$(eval $(call ub-compile,$(ub_host),$(H)/device,USER_CFLAGS))
$(eval $(call ub-compile,$(ub_asan),userbench,ASAN_CFLAGS))
$(eval $(call ub-compile,$(ub_asan)/test,tests/unit/userbench,ASAN_CFLAGS))

# Unit tests, with the sanitizers
UNIT_TESTS += $(UB_TESTS:%=$(T)/asan-unit-userbench-%)

$(T)/asan-unit-userbench-%: $(ub_asan)/test/%.o $(UB_GUEST:%=$(ub_asan)/%.o)
	@echo "  LINK    $@"
	@$(CC) $(ASAN_CFLAGS) -pthread -o $@ $^ $(UB_LIBS)

.SECONDARY: $(UB_TESTS:%=$(ub_asan)/test/%.o) $(UB_GUEST:%=$(ub_asan)/%.o)

-include $(wildcard $(ub_guest)/*.d $(ub_host)/*.d $(ub_asan)/*.d $(ub_asan)/test/*.d)
