// SPDX-License-Identifier: GPL-2.0-or-later
/* Reset, and migration to a file and back in the middle of a sequence. */
#include <stdio.h>
#include <string.h>
#include <linux/pci_regs.h>

#include "dev.h"

#define RAM 0x1000000ull

/* Leaves traces in everything that a reset clears and migration keeps */
static void disturb(const struct dev *dev, uint32_t seed)
{
	uint32_t cap = r32(dev, MY_RNG_REG_CAP);
	int i;

	w32(dev, MY_RNG_REG_SEED, seed);
	w32(dev, MY_RNG_REG_MARK, 77);
	w32(dev, MY_RNG_REG_MODE, MY_RNG_MODE_TIMING);
	r32(dev, MY_RNG_REG_ADMIN - 4);
	if (cap & MY_RNG_CAP_FIFO) {
		r32(dev, MY_RNG_REG_FIFO_DATA);
		r32(dev, MY_RNG_REG_FIFO_LEVEL);
		for (i = 0; i < 3; i++)
			vm_in(dev->vm, dev->pio + MY_RNG_PIO_FIFO_DATA, 4);
	} else {
		for (i = 0; i < 3; i++)
			r32(dev, MY_RNG_REG_RNG);
	}
	if (cap & MY_RNG_CAP_DMA) {
		w64(dev, MY_RNG_REG_DMA_DONE_LO, RAM + 0x100);
		dev_dma(dev, RAM, 0);
		w32(dev, MY_RNG_REG_DMA_LEN, 1234);
		w64(dev, MY_RNG_REG_DMA_DESC_LO, RAM + 0x200);
		w32(dev, MY_RNG_REG_DMA_DESC_COUNT, 5);
	}
	if (cap & MY_RNG_CAP_WINDOW)
		w32(dev, MY_RNG_REG_WIN_REFILL, 0);
}

/* The registers that hold something, as text; reading changes nothing */
static void snapshot(const struct dev *dev, char *text, size_t size)
{
	static const unsigned int regs[] = {
		MY_RNG_REG_MARK,           MY_RNG_REG_MODE,
		MY_RNG_REG_FIFO_UNDERRUN,  MY_RNG_REG_FIFO_DEPTH,
		MY_RNG_REG_DMA_ADDR_LO,    MY_RNG_REG_DMA_ADDR_HI,
		MY_RNG_REG_DMA_LEN,        MY_RNG_REG_DMA_STATUS,
		MY_RNG_REG_DMA_ERROR,      MY_RNG_REG_DMA_COUNT,
		MY_RNG_REG_DMA_DONE_LO,    MY_RNG_REG_DMA_DONE_HI,
		MY_RNG_REG_DMA_DESC_LO,    MY_RNG_REG_DMA_DESC_HI,
		MY_RNG_REG_DMA_DESC_COUNT,
	};
	size_t i, at = 0;

	for (i = 0; i < MY_RNG_STAT_COUNT; i++)
		at += snprintf(text + at, size - at, "stat%zu=%llu ", i,
			       (unsigned long long)dev_stat(dev, i));
	for (i = 0; i < sizeof(regs) / sizeof(*regs); i++)
		at += snprintf(text + at, size - at, "%03x=%x ", regs[i],
			       r32(dev, regs[i]));
}

static void test_reset(const char *variant)
{
	char fresh[1024], after[1024];
	struct vm vm;
	struct dev dev;
	struct ref ref;
	int i, wrong = 0;

	dev_start(&dev, &vm, variant, "");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	snapshot(&dev, fresh, sizeof(fresh));
	disturb(&dev, 5);
	snapshot(&dev, after, sizeof(after));
	check(strcmp(fresh, after),
	      "device/reset/%s-there-is-something-to-clear", variant);
	vm_reset(&vm);
	check_eq(config_read(&dev, PCI_COMMAND, 2), 0,
		 "device/reset/%s-decoding-is-off", variant);
	dev_setup(&dev, &vm, FIRST_SLOT);
	snapshot(&dev, after, sizeof(after));
	if (!check(!strcmp(fresh, after),
		   "device/reset/%s-registers-and-counters", variant))
		printf("# %s\n# %s\n", fresh, after);
	if (r32(&dev, MY_RNG_REG_CAP) & MY_RNG_CAP_FIFO)
		check_eq(r32(&dev, MY_RNG_REG_FIFO_DATA), 0,
			 "device/reset/%s-fifo-is-empty", variant);
	for (i = 0; i < 5; i++)
		wrong += r32(&dev, MY_RNG_REG_RNG) != ref_next(&ref);
	check_eq(wrong, 0, "device/reset/%s-stream-restarts-with-seed-1",
		 variant);
	vm_stop(&vm);
}

static void options_of(char options[128], unsigned int gen, const char *path)
{
	snprintf(options, 128, ",generator=%s,fifo-depth=100 -m 32M%s%s",
		 generator_name[gen], path ? " -incoming exec:cat<" : "",
		 path ? path : "");
}

/* Saves a device after @words more words; its state goes to @text */
static bool save(const char *variant, unsigned int gen, int words,
		 const char *path, char *text, size_t size)
{
	char options[128];
	struct vm vm;
	struct dev dev;
	bool saved;
	int i;

	options_of(options, gen, NULL);
	dev_start(&dev, &vm, variant, options);
	disturb(&dev, 4711);
	for (i = 0; i < words; i++)
		r32(&dev, MY_RNG_REG_RNG);
	snapshot(&dev, text, size);
	saved = vm_save(&vm, path);
	vm_stop(&vm);
	return saved;
}

/* The window's address is that of dev_setup(); 0 where there is no BAR */
static uint64_t window_of(const struct dev *dev)
{
	uint64_t high = config_read(dev, PCI_BASE_ADDRESS_3, 4);

	return high << 32 | (config_read(dev, PCI_BASE_ADDRESS_2, 4) &
			     PCI_BASE_ADDRESS_MEM_MASK);
}

/* A loaded machine, whose BARs need no placing */
static bool load(struct dev *dev, struct vm *vm, const char *variant,
		 unsigned int gen, const char *path)
{
	char options[128], args[256];
	uint32_t pio;

	options_of(options, gen, path);
	snprintf(args, sizeof(args),
		 "-device my_rng,id=rng%d,addr=%d,variant=%s%s", FIRST_SLOT,
		 FIRST_SLOT, variant, options);
	vm_start(vm, args);
	if (!vm_wait_loaded(vm))
		return false;
	*dev = (struct dev){ .vm = vm, .slot = FIRST_SLOT };
	dev->mmio = config_read(dev, PCI_BASE_ADDRESS_0, 4);
	pio = config_read(dev, PCI_BASE_ADDRESS_1, 4);
	dev->pio = pio & PCI_BASE_ADDRESS_IO_MASK;
	dev->window = window_of(dev);
	return true;
}

static void test_migration(const char *variant)
{
	/* In and out of step with the 256 words made ahead, the pair of words
	 * of xoshiro256** and the ring of glibc */
	static const int positions[] = { 0, 1, 252, 253, 254, 1000 };
	char path[64], before[1024], after[1024];
	unsigned int gen;
	size_t i;

	scratch_path(path, "state");
	for (gen = 0; gen < ref_generators(variant); gen++) {
		for (i = 0; i < sizeof(positions) / sizeof(*positions); i++) {
			int words = positions[i] + 3, n, wrong = 0;
			const char *name = generator_name[gen];
			struct vm vm;
			struct dev dev;
			struct ref ref;

			check(save(variant, gen, positions[i], path, before,
				   sizeof(before)) &&
				      load(&dev, &vm, variant, gen, path),
			      "device/migration/%s-%s-after-%d-words", variant,
			      name, words);
			snapshot(&dev, after, sizeof(after));
			/* The snapshot itself counts */
			wrong = strcmp(strstr(before, " 810="),
				       strstr(after, " 810="));
			check_eq(wrong, 0,
				 "device/migration/"
				 "%s-%s-registers-after-%d-words",
				 variant, name, words);
			ref_seed(&ref, gen, 4711);
			for (n = 0; n < words; n++)
				ref_next(&ref);
			for (n = wrong = 0; n < 1000; n++)
				wrong += r32(&dev, MY_RNG_REG_RNG) !=
					 ref_next(&ref);
			check_eq(
				wrong, 0,
				"device/migration/%s-%s-goes-on-after-%d-words",
				variant, name, words);
			vm_stop(&vm);
		}
	}
}

/*
 * A generator without a state: no seed repeats it, and of a migration only the
 * words made ahead are left. The source, stopped, still has them too.
 */
static void test_host(const char *variant)
{
	static const char *const options = ",generator=host -m 32M";
	char path[64], args[192];
	struct vm source, target;
	struct dev from, to;
	uint32_t words[256];
	int i, same = 0, wrong = 0;

	scratch_path(path, "state");
	dev_start(&from, &source, variant, options);
	check_eq(r32(&from, MY_RNG_REG_GENERATOR), MY_RNG_GEN_HOST,
		 "device/host/%s-generator-id", variant);
	w32(&from, MY_RNG_REG_SEED, 1);
	for (i = 0; i < 256; i++)
		words[i] = r32(&from, MY_RNG_REG_RNG);
	w32(&from, MY_RNG_REG_SEED, 1);
	for (i = 0; i < 256; i++)
		same += r32(&from, MY_RNG_REG_RNG) == words[i];
	check(same < 8, "device/host/%s-no-seed-repeats-it", variant);
	for (i = 0; i < 10; i++)
		r32(&from, MY_RNG_REG_RNG);
	check(vm_save(&source, path), "device/host/%s-is-saved", variant);
	snprintf(args, sizeof(args),
		 "-device my_rng,id=rng%d,addr=%d,variant=%s%s "
		 "-incoming exec:cat<%s",
		 FIRST_SLOT, FIRST_SLOT, variant, options, path);
	vm_start(&target, args);
	check(vm_wait_loaded(&target), "device/host/%s-is-loaded", variant);
	to = (struct dev){ .vm = &target, .slot = FIRST_SLOT };
	to.mmio = config_read(&to, PCI_BASE_ADDRESS_0, 4);
	for (i = 0; i < 246; i++)
		wrong += r32(&from, MY_RNG_REG_RNG) != r32(&to, MY_RNG_REG_RNG);
	check_eq(wrong, 0, "device/host/%s-words-made-ahead-travel", variant);
	for (i = same = 0; i < 256; i++)
		same += r32(&from, MY_RNG_REG_RNG) == r32(&to, MY_RNG_REG_RNG);
	check(same < 8, "device/host/%s-then-each-has-its-own", variant);
	vm_stop(&target);
	vm_stop(&source);
}

/* A host that has none to give: QEMU says so, and does not die of it later */
static void test_host_denied(const char *variant)
{
	char args[96];
	struct vm vm;
	bool failed;

	snprintf(args, sizeof(args), "-device my_rng,variant=%s,generator=host",
		 variant);
	vm_denies_getrandom = true;
	failed = vm_start_fails(&vm, args);
	vm_denies_getrandom = false;
	check(failed && vm_log_has(&vm, "generator host: Operation not"),
	      "device/host/%s-refused-where-it-is-denied", variant);
}

/* A recording must repeat: what cannot is refused */
static void test_record(const char *variant)
{
	bool has_thread = !strcmp(variant, "ring") || !strcmp(variant, "dma");
	char path[64], args[256];
	struct vm vm;
	bool failed;

	scratch_path(path, "record");
	snprintf(args, sizeof(args),
		 "-machine q35,accel=tcg -icount shift=7,rr=record,rrfile=%s "
		 "-device my_rng,variant=%s%s",
		 path, variant, has_thread ? "" : ",generator=host");
	failed = vm_start_fails(&vm, args);
	check(failed && vm_log_has(&vm, has_thread ? "works in a thread"
						   : "repeats nothing"),
	      "device/record/%s-refused", variant);
}

/* What is in the FIFO travels too */
static void test_fifo_contents(const char *variant)
{
	char path[64], text[1024];
	struct vm vm;
	struct dev dev;
	struct ref ref;
	int n, wrong = 0;

	scratch_path(path, "state");
	save(variant, MY_RNG_GEN_GLIBC, 0, path, text, sizeof(text));
	check(load(&dev, &vm, variant, MY_RNG_GEN_GLIBC, path),
	      "device/migration/fifo-half-empty");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 4711);
	for (n = 0; n < 3; n++)
		ref_next(&ref);
	for (n = 0; n < 97; n++)
		wrong += r32(&dev, MY_RNG_REG_FIFO_DATA) != ref_next(&ref);
	wrong += r32(&dev, MY_RNG_REG_FIFO_DATA) != 0;
	check_eq(wrong, 0, "device/migration/fifo-contents");
	vm_stop(&vm);
}

/* What is in the window travels too, and the stream goes on behind it */
static void test_window_contents(const char *variant)
{
	static uint8_t got[65536], want[65536];
	char path[64];
	struct vm vm;
	struct dev dev;
	struct ref ref;
	bool ok;

	scratch_path(path, "state");
	dev_start(&dev, &vm, variant, " -m 32M");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	w32(&dev, MY_RNG_REG_WIN_REFILL, 65536);
	w32(&dev, MY_RNG_REG_WIN_REFILL, 5001);
	ref_bytes(&ref, want, 65536);
	ref_bytes(&ref, want, 5001);
	ok = vm_save(&vm, path);
	vm_stop(&vm);
	check(ok && load(&dev, &vm, variant, MY_RNG_GEN_GLIBC, path),
	      "device/migration/window-half-refilled");
	vm_peek(&vm, dev.window, got, sizeof(got));
	check(!memcmp(got, want, sizeof(got)),
	      "device/migration/window-contents");
	r32(&dev, MY_RNG_REG_WIN_REFILL);
	vm_peek(&vm, dev.window, got, sizeof(got));
	ref_bytes(&ref, want, sizeof(want));
	check(!memcmp(got, want, sizeof(got)),
	      "device/migration/window-goes-on");
	vm_stop(&vm);
}

/* A destination that must not take the state, and what it says */
static void refuse(const char *variant, const char *name, const char *device,
		   const char *path, const char *says)
{
	char args[256];
	struct vm vm;

	snprintf(args, sizeof(args),
		 "-device my_rng,id=rng%d,addr=%d,%s -m 32M"
		 " -incoming exec:cat<%s",
		 FIRST_SLOT, FIRST_SLOT, device, path);
	check(vm_start_fails(&vm, args) && vm_log_has(&vm, says),
	      "device/migration/%s-refuses-other-%s", variant, name);
}

static void test_refused_migration(const char *variant)
{
	char path[64], text[1024], device[96];

	scratch_path(path, "state");
	save(variant, MY_RNG_GEN_GLIBC, 10, path, text, sizeof(text));
	snprintf(device, sizeof(device),
		 "variant=%s,fifo-depth=100,generator=xoshiro256ss", variant);
	refuse(variant, "generator", device, path, "same generator=");
	snprintf(device, sizeof(device),
		 "variant=%s,fifo-depth=100,instrumented=off", variant);
	refuse(variant, "instrumented", device, path, "same instrumented=");
	/* Of a window, its RAM comes first */
	if (has_variant("32") && has_variant("64"))
		refuse(variant, "variant",
		       strcmp(variant, "32") ? "variant=32,fifo-depth=100"
					     : "variant=64,fifo-depth=100",
		       path,
		       strcmp(variant, "window") ? "same variant="
						 : "my_rng-window");
	if (has_variant("ring") && !strcmp(variant, "dma"))
		refuse(variant, "variant-with-a-thread", "variant=ring", path,
		       "same variant=");
	if (strcmp(variant, "fifo") == 0) {
		snprintf(device, sizeof(device), "variant=fifo,fifo-depth=101");
		refuse(variant, "fifo-depth", device, path, "same fifo-depth=");
	}
	if (strcmp(variant, "window") == 0) {
		snprintf(device, sizeof(device),
			 "variant=window,window-size=128K");
		refuse(variant, "window-size", device, path, "my_rng-window");
	}
}

const struct suite state_suites[] = {
	{ NULL, test_reset },
	{ NULL, test_migration },
	{ NULL, test_host },
	{ NULL, test_host_denied },
	{ NULL, test_record },
	{ "fifo", test_fifo_contents },
	{ "window", test_window_contents },
	{ NULL, test_refused_migration },
	{ NULL, NULL },
};
