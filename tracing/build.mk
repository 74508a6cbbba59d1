# SPDX-License-Identifier: GPL-2.0-or-later
# tracing/: programs that fold a tool's raw capture into tables. Include it
# after analysis/build.mk, whose reader and writer of tables they share.
#
# A new one: tracing/NAME.c and NAME here; its tests are captures in
# tests/host/golden/NAME (see tests/host/fold.sh).

TRACING_TOOLS := perffold perfstat perfsys lookcost bpffold qmp qtracefold stracefold ftracefold
TRACING_BINS := $(TRACING_TOOLS:%=$(H)/%)

tr-objs := $(T)/tracing

$(tr-objs)/%.o: tracing/%.c
	@echo "  CC      $@"
	@mkdir -p $(@D)
	@$(CC) $(USER_CFLAGS) -D_GNU_SOURCE -Itracing $(an-cflags) -MMD -MP -c $< -o $@

$(TRACING_BINS): $(H)/%: $(tr-objs)/%.o $(an-plain)/shared.a
	@echo "  LINK    $@"
	@mkdir -p $(@D)
	@$(CC) $(USER_CFLAGS) -o $@ $^ $(an-libs)

-include $(wildcard $(tr-objs)/*.d)
