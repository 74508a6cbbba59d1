// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Property "lockless": refused where QEMU or the variant cannot, else a device
 * like any other. Here all accesses come with the big lock held; those without
 * it are a guest's under KVM.
 */
#include <stdio.h>
#include <string.h>
#include <linux/pci_regs.h>

#include "dev.h"

#define OPTIONS ",lockless=on -m 32M"

/* A number in the answer to query-version; -1: there is none */
static int version_part(struct vm *vm, const char *part)
{
	const char *at = vm_qmp(vm, "{\"execute\":\"query-version\"}");
	int value = -1;

	at = strstr(at, part);
	if (at)
		sscanf(at + strlen(part), "\": %d", &value);
	return value;
}

/* Whether this QEMU is new enough, by what it says itself */
static bool qemu_can(const char *variant)
{
	int major, minor;
	struct dev dev;
	struct vm vm;

	dev_start(&dev, &vm, variant, "");
	major = version_part(&vm, "major");
	minor = version_part(&vm, "minor");
	vm_stop(&vm);
	check(major >= 7 && minor >= 0, "device/lockless/%s-version-is-known",
	      variant);
	return major > 10 || (major == 10 && minor >= 2);
}

static void test_refused(const char *variant, const char *says)
{
	char args[96];
	struct vm vm;
	bool failed;

	snprintf(args, sizeof(args), "-device my_rng,variant=%s,lockless=on",
		 variant);
	failed = vm_start_fails(&vm, args);
	check(failed && vm_log_has(&vm, says), "device/lockless/%s-refused",
	      variant);
}

/* Words by every size of access, from where the stream is */
static int wrong_words(const struct dev *dev, struct ref *ref, int n)
{
	bool wide = r32(dev, MY_RNG_REG_CAP) & MY_RNG_CAP_RNG64;
	int i, wrong = 0;

	for (i = 0; i < n; i++) {
		wrong += r32(dev, MY_RNG_REG_RNG) != ref_next(ref);
		wrong += vm_read(dev->vm, dev->mmio + MY_RNG_REG_RNG, 1) !=
			 (ref_next(ref) & 0xff);
		if (!wide)
			continue;
		wrong += (uint32_t)r32(dev, MY_RNG_REG_RNG64) != ref_next(ref);
		wrong += r32(dev, MY_RNG_REG_RNG64 + 4) != ref_next(ref);
	}
	return wrong;
}

static void test_stream(const char *variant)
{
	char path[64], args[160];
	struct vm vm, target;
	struct dev dev, to;
	struct ref ref;
	bool ok;

	dev_start(&dev, &vm, variant, OPTIONS);
	w32(&dev, MY_RNG_REG_SEED, 0x42);
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 0x42);
	check_eq(wrong_words(&dev, &ref, 500), 0, "device/lockless/%s-stream",
		 variant);
	w32(&dev, MY_RNG_REG_MODE, MY_RNG_MODE_CONSTANT);
	check_eq(r32(&dev, MY_RNG_REG_RNG), MY_RNG_CONSTANT,
		 "device/lockless/%s-modes", variant);
	w32(&dev, MY_RNG_REG_MODE, 0);
	r32(&dev, MY_RNG_REG_ADMIN - 4);
	check_eq(dev_stat(&dev, MY_RNG_STAT_ERRORS), 1,
		 "device/lockless/%s-no-such-register", variant);
	check_eq(vm_prop(&vm, "rng4", "stat-unlocked"), 0,
		 "device/lockless/%s-here-all-come-locked", variant);
	scratch_path(path, "state");
	ok = vm_save(&vm, path);
	vm_stop(&vm);
	snprintf(args, sizeof(args),
		 "-device my_rng,id=rng4,addr=4,variant=%s -m 32M "
		 "-incoming exec:cat<%s",
		 variant, path);
	vm_start(&target, args);
	check(ok && vm_wait_loaded(&target),
	      "device/lockless/%s-moves-to-one-with-the-lock", variant);
	to = (struct dev){ .vm = &target, .slot = 4 };
	to.mmio = config_read(&to, PCI_BASE_ADDRESS_0, 4);
	check_eq(wrong_words(&to, &ref, 500), 0,
		 "device/lockless/%s-goes-on-there", variant);
	vm_stop(&target);
}

static void test_reset(const char *variant)
{
	struct vm vm;
	struct dev dev;
	struct ref ref;

	dev_start(&dev, &vm, variant, OPTIONS);
	w32(&dev, MY_RNG_REG_SEED, 0x42);
	r32(&dev, MY_RNG_REG_RNG);
	vm_reset(&vm);
	dev_setup(&dev, &vm, FIRST_SLOT);
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	check_eq(wrong_words(&dev, &ref, 5), 0, "device/lockless/%s-reset",
		 variant);
	vm_stop(&vm);
}

static void test_lockless(const char *variant)
{
	bool words_only = !strcmp(variant, "32") || !strcmp(variant, "64");

	if (!qemu_can(variant)) {
		test_refused(variant, "10.2 is the first that need not");
	} else if (!words_only) {
		test_refused(variant, "32 and 64 do just that");
	} else {
		test_stream(variant);
		test_reset(variant);
	}
}

const struct suite lockless_suites[] = {
	{ NULL, test_lockless },
	{ NULL, NULL },
};
