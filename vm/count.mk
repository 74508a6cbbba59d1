# SPDX-License-Identifier: GPL-2.0-or-later
# kvmcount, the host tool that folds a trace of KVM. Include it after
# analysis/build.mk, whose reader and writer of tables it shares.

kvmcount-objs := $(T)/vm/kvmcount.o $(T)/vm/kvmtrace.o \
	$(an-plain)/cli.o $(an-plain)/names.o $(an-plain)/tsv.o \
	$(an-plain)/out.o

$(T)/vm/%.o: vm/%.c
	@echo "  CC      $@"
	@mkdir -p $(@D)
	@$(CC) $(USER_CFLAGS) -D_GNU_SOURCE $(an-cflags) -MMD -MP -c $< -o $@

$(H)/kvmcount: $(kvmcount-objs)
	@echo "  LINK    $@"
	@mkdir -p $(@D)
	@$(CC) $(USER_CFLAGS) -o $@ $^ $(an-libs)

-include $(wildcard $(T)/vm/*.d)
