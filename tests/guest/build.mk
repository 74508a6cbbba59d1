# SPDX-License-Identifier: GPL-2.0-or-later
# Builds $(T)/guest-test, the static test program that runs in the guest.
# Needs: T, USER_CFLAGS.

GUEST_TEST_OBJS := $(patsubst tests/guest/%.c,$(T)/guest/%.o,$(wildcard tests/guest/*.c))

$(T)/guest/%.o: tests/guest/%.c
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CC) $(USER_CFLAGS) -D_GNU_SOURCE -Iinclude -pthread -MMD -MP -c $< -o $@

$(T)/guest-test: $(GUEST_TEST_OBJS)
	@echo "  LINK    $@"
	@$(CC) $(USER_CFLAGS) -static -pthread $^ -luring -o $@

-include $(GUEST_TEST_OBJS:.o=.d)
