// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The exercise's contract, check by check: what the device must be on PCI, and
 * what its two registers must do. Only what the exercise says is demanded: 4-byte
 * accesses to RNG and SEED. Of others QEMU must survive them, and the device
 * still work; what they gave is noted.
 */
#include <stdio.h>
#include <string.h>
#include <linux/pci_regs.h>

#include "device.h"

/* The exercise's seed, and how many numbers it reads */
#define SEED  0x42
#define ROUND 5

#define CLASS_OTHERS 0x00ff

/* In the PCI hole of q35; apart enough for a BAR that is far too large */
#define BAR_BASE 0xe0000000u
#define BAR_STEP 0x01000000u

#define TEXT_SIZE 80

char last_access[64];

/* Accesses to BAR0, remembered */
static uint64_t get(const struct dev *dev, unsigned int reg, unsigned int size)
{
	snprintf(last_access, sizeof(last_access), "%u-byte read of +0x%x",
		 size, reg);
	return vm_read(dev->vm, dev->mmio + reg, size);
}

static void put(const struct dev *dev, unsigned int reg, uint64_t value,
		unsigned int size)
{
	snprintf(last_access, sizeof(last_access), "%u-byte write to +0x%x",
		 size, reg);
	vm_write(dev->vm, dev->mmio + reg, value, size);
}

/* All ones written to a BAR, and what stays of them; 0: no BAR */
static uint32_t bar_mask(const struct dev *dev, unsigned int bar)
{
	unsigned int reg = PCI_BASE_ADDRESS_0 + 4 * bar;
	uint32_t old = config_read(dev, reg, 4), mask;

	config_write(dev, reg, ~0u, 4);
	mask = config_read(dev, reg, 4);
	config_write(dev, reg, old, 4);
	return mask;
}

static bool is_64_bit(uint32_t bar)
{
	return !(bar & PCI_BASE_ADDRESS_SPACE) &&
	       bar & PCI_BASE_ADDRESS_MEM_TYPE_64;
}

void place_bar(struct dev *dev, struct vm *vm, unsigned int slot)
{
	*dev = (struct dev){
		.vm = vm,
		.slot = slot,
		.mmio = BAR_BASE + slot * BAR_STEP,
	};
	if (is_64_bit(bar_mask(dev, MY_RNG_BAR_MMIO)))
		config_write(dev, PCI_BASE_ADDRESS_1, 0, 4);
	config_write(dev, PCI_BASE_ADDRESS_0, dev->mmio, 4);
	config_write(dev, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER,
		     2);
}

static enum mark check_present(struct dev *dev, char *note)
{
	if (config_read(dev, PCI_VENDOR_ID, 2) != 0xffff)
		return MARK_FULL;
	say_note(note, "nothing answers in its slot, though QEMU started: is "
		       "the type's parent TYPE_PCI_DEVICE, with the interface "
		       "INTERFACE_CONVENTIONAL_PCI_DEVICE?");
	return MARK_NONE;
}

static enum mark check_id(struct dev *dev, char *note)
{
	uint32_t vendor = config_read(dev, PCI_VENDOR_ID, 2);
	uint32_t device = config_read(dev, PCI_DEVICE_ID, 2);

	if (vendor == MY_RNG_PCI_VENDOR_ID && device == MY_RNG_PCI_DEVICE_ID)
		return MARK_FULL;
	say_note(note,
		 "it is %04x:%04x; set vendor_id and device_id of "
		 "PCIDeviceClass in class_init",
		 vendor, device);
	return MARK_NONE;
}

static enum mark check_class(struct dev *dev, char *note)
{
	uint32_t class = config_read(dev, PCI_CLASS_DEVICE, 2);

	if (class == CLASS_OTHERS)
		return MARK_FULL;
	say_note(note,
		 "the class is %04x; set class_id = PCI_CLASS_OTHERS in "
		 "class_init",
		 class);
	return MARK_NONE;
}

static enum mark check_revision(struct dev *dev, char *note)
{
	uint32_t revision = config_read(dev, PCI_REVISION_ID, 1);

	if (revision == MY_RNG_PCI_REVISION)
		return MARK_FULL;
	say_note(note,
		 "the revision is %02x; set revision = 0x10 in "
		 "class_init",
		 revision);
	return MARK_NONE;
}

static enum mark check_bar(struct dev *dev, char *note)
{
	uint32_t bar = bar_mask(dev, MY_RNG_BAR_MMIO);
	uint32_t size = -(bar & PCI_BASE_ADDRESS_MEM_MASK);
	static const char *const hint =
		"pci_register_bar(pdev, 0, PCI_BASE_ADDRESS_SPACE_MEMORY, "
		"&mmio), its region of 4 * KiB";

	if (!bar)
		say_note(note, "there is no BAR0; %s", hint);
	else if (bar & PCI_BASE_ADDRESS_SPACE)
		say_note(note, "BAR0 is one of ports; %s", hint);
	else if (is_64_bit(bar))
		say_note(note, "BAR0 is a 64-bit one; %s", hint);
	else if (bar & PCI_BASE_ADDRESS_MEM_PREFETCH)
		say_note(note,
			 "BAR0 is prefetchable, yet each read takes a "
			 "number; %s",
			 hint);
	else if (size != MY_RNG_BAR_MMIO_SIZE)
		say_note(note, "BAR0 has %u bytes; %s", size, hint);
	else
		return MARK_FULL;
	return MARK_NONE;
}

static enum mark check_one_bar(struct dev *dev, char *note)
{
	unsigned int bar = is_64_bit(bar_mask(dev, 0)) ? 2 : 1;

	for (; bar < 6; bar++) {
		if (bar_mask(dev, bar)) {
			say_note(note,
				 "there is a BAR%u as well; lspci -v of "
				 "the exercise shows one region",
				 bar);
			return MARK_NONE;
		}
	}
	return MARK_FULL;
}

static void read_round(const struct dev *dev, uint32_t *numbers)
{
	int i;

	for (i = 0; i < ROUND; i++)
		numbers[i] = get(dev, MY_RNG_REG_RNG, 4);
}

static void seeded_round(const struct dev *dev, uint32_t seed,
			 uint32_t *numbers)
{
	put(dev, MY_RNG_REG_SEED, seed, 4);
	read_round(dev, numbers);
}

static bool same(const uint32_t *a, const uint32_t *b)
{
	return !memcmp(a, b, ROUND * sizeof(*a));
}

static bool all_equal(const uint32_t *numbers)
{
	return !memcmp(numbers, numbers + 1, (ROUND - 1) * sizeof(*numbers));
}

static const char *as_text(char *text, const uint32_t *numbers)
{
	snprintf(text, TEXT_SIZE, "%u %u %u %u %u", numbers[0], numbers[1],
		 numbers[2], numbers[3], numbers[4]);
	return text;
}

/* A register that does not answer: whether so, and why perhaps */
static bool is_silent(const struct dev *dev, const uint32_t *numbers,
		      char *note)
{
	uint64_t wide;

	if (!all_equal(numbers))
		return false;
	wide = get(dev, MY_RNG_REG_RNG, 8);
	if (numbers[0] == 0xffffffff)
		say_note(note, "4-byte reads of RNG all give 0xffffffff: "
			       "nothing answers at BAR0");
	else if (numbers[0] == 0 && wide)
		say_note(note,
			 "4-byte reads of RNG all give 0, one of 8 bytes "
			 "0x%llx: .valid.min_access_size of the region's "
			 "MemoryRegionOps must be 4 at most",
			 (unsigned long long)wide);
	else
		say_note(note,
			 "4-byte reads of RNG all give %u: is .read of "
			 "MemoryRegionOps called, and does it call "
			 "rand()?",
			 numbers[0]);
	return true;
}

static enum mark check_read(struct dev *dev, char *note)
{
	uint32_t numbers[ROUND];

	read_round(dev, numbers);
	return is_silent(dev, numbers, note) ? MARK_NONE : MARK_FULL;
}

/**
 * struct mistake - how wrong numbers may have come about
 * @seed_1: made from rand()'s own first seed
 * @swap_seed: made from the seed with its bytes turned round
 * @swap: each with its bytes turned round
 * @mask: what is left of each
 * @skip: the first so many are missing
 * @step: one in so many is given
 * @hint: what that means
 */
struct mistake {
	bool seed_1;
	bool swap_seed;
	bool swap;
	uint32_t mask;
	int skip;
	int step;
	const char *hint;
};

static const struct mistake mistakes[] = {
	{ .seed_1 = true,
	  .hint = "SEED is ignored: these are rand()'s numbers without "
		  "srand(); call it on the write to +4" },
	{ .swap_seed = true,
	  .hint = "the seed's bytes came turned round: .endianness must be "
		  "DEVICE_LITTLE_ENDIAN or DEVICE_NATIVE_ENDIAN" },
	{ .swap = true,
	  .hint = "the bytes of each number are turned round: .endianness must "
		  "be DEVICE_LITTLE_ENDIAN or DEVICE_NATIVE_ENDIAN" },
	{ .swap_seed = true,
	  .swap = true,
	  .hint = "the bytes of all words are turned round: .endianness must "
		  "be DEVICE_LITTLE_ENDIAN or DEVICE_NATIVE_ENDIAN" },
	{ .mask = 0xffff, .hint = "the upper half of each number is lost" },
	{ .mask = 0xff, .hint = "only one byte of each number is left" },
	{ .mask = 0x7fff, .hint = "only 15 bits of each number are left" },
	{ .skip = 1, .hint = "the write of the seed took the first number" },
	{ .step = 2, .hint = "each read calls rand() twice" },
	{ .skip = 1, .step = 2, .hint = "each read calls rand() twice" },
};

static bool explains(const struct mistake *m, uint32_t seed,
		     const uint32_t *got)
{
	struct ref ref;
	int i, n;

	if (m->seed_1)
		seed = 1;
	if (m->swap_seed)
		seed = __builtin_bswap32(seed);
	ref_seed(&ref, MY_RNG_GEN_GLIBC, seed);
	for (n = 0; n < m->skip; n++)
		ref_next(&ref);
	for (i = 0; i < ROUND; i++) {
		uint32_t word = ref_next(&ref);

		for (n = 1; n < m->step; n++)
			ref_next(&ref);
		if (m->swap)
			word = __builtin_bswap32(word);
		if (m->mask)
			word &= m->mask;
		if (word != got[i])
			return false;
	}
	return true;
}

static const char *guess(uint32_t seed, const uint32_t *got)
{
	size_t i;

	for (i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++)
		if (explains(&mistakes[i], seed, got))
			return mistakes[i].hint;
	return "the exercise's device calls glibc's srand() on a write to +4 "
	       "and rand() once on a read of +0";
}

static void reference(uint32_t seed, uint32_t *numbers)
{
	struct ref ref;
	int i;

	ref_seed(&ref, MY_RNG_GEN_GLIBC, seed);
	for (i = 0; i < ROUND; i++)
		numbers[i] = ref_next(&ref);
}

static enum mark check_sequence(struct dev *dev, char *note)
{
	uint32_t got[ROUND], want[ROUND];
	char got_text[TEXT_SIZE], want_text[TEXT_SIZE];

	reference(SEED, want);
	seeded_round(dev, SEED, got);
	if (same(got, want))
		return MARK_FULL;
	if (!is_silent(dev, got, note))
		say_note(note, "read %s, the exercise prints %s: %s",
			 as_text(got_text, got), as_text(want_text, want),
			 guess(SEED, got));
	return MARK_NONE;
}

static enum mark check_repeat(struct dev *dev, char *note)
{
	uint32_t first[ROUND], again[ROUND];
	char first_text[TEXT_SIZE], again_text[TEXT_SIZE];

	seeded_round(dev, SEED, first);
	seeded_round(dev, SEED, again);
	if (is_silent(dev, first, note))
		return MARK_NONE;
	if (!same(first, again)) {
		say_note(note,
			 "first %s, after the same seed again %s: srand() "
			 "is not called on each write to +4",
			 as_text(first_text, first),
			 as_text(again_text, again));
		return MARK_NONE;
	}
	get(dev, MY_RNG_REG_RNG, 4);
	get(dev, MY_RNG_REG_RNG, 4);
	seeded_round(dev, SEED, again);
	if (same(first, again))
		return MARK_FULL;
	say_note(note, "seeding in the middle gave %s in place of %s",
		 as_text(again_text, again), as_text(first_text, first));
	return MARK_NONE;
}

/* What other seeds give: glibc's numbers, others, or always the same */
static enum mark check_seeds(struct dev *dev, char *note)
{
	static const uint32_t seeds[] = { 0x43,       1,          0,
					  0x7fffffff, 0x80000000, 0xffffffff };
	uint32_t base[ROUND], again[ROUND], got[ROUND], want[ROUND];
	char got_text[TEXT_SIZE], want_text[TEXT_SIZE];
	enum mark mark = MARK_FULL;
	size_t i;

	seeded_round(dev, SEED, base);
	if (is_silent(dev, base, note))
		return MARK_NONE;
	for (i = 0; i < sizeof(seeds) / sizeof(*seeds); i++) {
		reference(seeds[i], want);
		seeded_round(dev, seeds[i], got);
		seeded_round(dev, seeds[i], again);
		if (same(got, want))
			continue;
		say_note(note,
			 "seed 0x%x: read %s, srand() and rand() give %s%s",
			 seeds[i], as_text(got_text, got),
			 as_text(want_text, want),
			 same(got, base) ? ": the seed does not matter" : "");
		if (same(got, base) || !same(got, again))
			return MARK_NONE;
		mark = MARK_HALF;
	}
	return mark;
}

static void stray_size(const struct dev *dev, unsigned int size, char *note)
{
	uint64_t rng = get(dev, MY_RNG_REG_RNG, size);
	uint64_t seed = get(dev, MY_RNG_REG_SEED, size);

	put(dev, MY_RNG_REG_RNG, 0, size);
	put(dev, MY_RNG_REG_SEED, SEED, size);
	say_note(note, "noted: reads of RNG and SEED gave 0x%llx and 0x%llx",
		 (unsigned long long)rng, (unsigned long long)seed);
}

static void stray_size_1(const struct dev *dev, char *note)
{
	stray_size(dev, 1, note);
}

static void stray_size_2(const struct dev *dev, char *note)
{
	stray_size(dev, 2, note);
}

static void stray_size_8(const struct dev *dev, char *note)
{
	stray_size(dev, 8, note);
}

static void stray_read_seed(const struct dev *dev, char *note)
{
	say_note(note, "noted: it reads as 0x%x",
		 (uint32_t)get(dev, MY_RNG_REG_SEED, 4));
}

static void stray_write_rng(const struct dev *dev, char *note)
{
	(void)note;
	put(dev, MY_RNG_REG_RNG, SEED, 4);
}

/* 0 is written: the least that a register we know nothing of can be given */
static void stray_beyond(const struct dev *dev, char *note)
{
	unsigned int reg, nonzero = 0;

	for (reg = 8; reg < MY_RNG_BAR_MMIO_SIZE; reg += 4) {
		nonzero += get(dev, reg, 4) != 0;
		put(dev, reg, 0, 4);
	}
	if (nonzero)
		say_note(note, "noted: %u of 1022 words there are not 0",
			 nonzero);
}

static void stray_unaligned(const struct dev *dev, char *note)
{
	unsigned int at;

	(void)note;
	for (at = 1; at < 4; at++) {
		get(dev, MY_RNG_REG_RNG + at, 4);
		put(dev, MY_RNG_REG_SEED + at, 0, 4);
	}
	get(dev, MY_RNG_REG_RNG + 1, 2);
	get(dev, MY_RNG_REG_RNG + 4, 8);
	get(dev, MY_RNG_BAR_MMIO_SIZE - 2, 4);
}

/* The numbers stray accesses must not change; whether they can be told */
static enum mark baseline(const struct dev *dev, uint32_t *numbers, char *note)
{
	uint32_t again[ROUND];

	seeded_round(dev, SEED, numbers);
	if (is_silent(dev, numbers, note)) {
		say_note(note, "nothing can be told without numbers, see "
			       "device/read");
		return MARK_NONE;
	}
	seeded_round(dev, SEED, again);
	if (same(numbers, again))
		return MARK_FULL;
	return MARK_HALF;
}

/* The device works after @stray: a seed gives the numbers it gave before */
static enum mark works_after(const struct dev *dev,
			     void (*stray)(const struct dev *dev, char *note),
			     char *note)
{
	uint32_t before[ROUND], after[ROUND];
	char before_text[TEXT_SIZE], after_text[TEXT_SIZE];
	enum mark known = baseline(dev, before, note);

	if (known == MARK_NONE)
		return MARK_NONE;
	stray(dev, note);
	seeded_round(dev, SEED, after);
	if (known == MARK_HALF || same(before, after))
		return MARK_FULL;
	say_note(note,
		 "the device works no more: after a seed it gives %s in "
		 "place of %s",
		 as_text(after_text, after), as_text(before_text, before));
	return MARK_HALF;
}

/* Moreover @stray takes no number */
static enum mark undisturbed(const struct dev *dev,
			     void (*stray)(const struct dev *dev, char *note),
			     char *note)
{
	uint32_t before[ROUND], number;
	enum mark known = baseline(dev, before, note);
	int i;

	if (known != MARK_FULL)
		return known ? works_after(dev, stray, note) : MARK_NONE;
	put(dev, MY_RNG_REG_SEED, SEED, 4);
	get(dev, MY_RNG_REG_RNG, 4);
	stray(dev, note);
	for (i = 1; i < ROUND; i++) {
		number = get(dev, MY_RNG_REG_RNG, 4);
		if (number == before[i])
			continue;
		say_note(note,
			 "it is not without effect: the sequence then "
			 "goes on with %u, not %u (%s)",
			 number, before[i],
			 number == before[0] ? "it was seeded"
			 : i < ROUND - 1 && number == before[i + 1]
				 ? "a number was taken"
				 : "look at addr in .read and "
				   ".write");
		return MARK_HALF;
	}
	return MARK_FULL;
}

static enum mark check_size_1(struct dev *dev, char *note)
{
	return works_after(dev, stray_size_1, note);
}

static enum mark check_size_2(struct dev *dev, char *note)
{
	return works_after(dev, stray_size_2, note);
}

static enum mark check_size_8(struct dev *dev, char *note)
{
	return works_after(dev, stray_size_8, note);
}

static enum mark check_unaligned(struct dev *dev, char *note)
{
	return works_after(dev, stray_unaligned, note);
}

static enum mark check_read_seed(struct dev *dev, char *note)
{
	return undisturbed(dev, stray_read_seed, note);
}

static enum mark check_write_rng(struct dev *dev, char *note)
{
	return undisturbed(dev, stray_write_rng, note);
}

static enum mark check_beyond(struct dev *dev, char *note)
{
	return undisturbed(dev, stray_beyond, note);
}

/* rand() has one state for all of QEMU, so sharing it is only noted */
static enum mark check_two(struct dev *dev, char *note)
{
	uint32_t a[ROUND], b[ROUND], again[ROUND], number;
	enum mark known = baseline(&dev[0], a, note);

	seeded_round(&dev[1], SEED, b);
	if (!known)
		return MARK_NONE;
	if (all_equal(b)) {
		say_note(note,
			 "the second gives no numbers: %u again and again",
			 b[0]);
		return MARK_NONE;
	}
	if (known == MARK_HALF)
		return MARK_FULL;
	seeded_round(&dev[0], SEED, again);
	if (!same(a, b) || !same(a, again)) {
		say_note(note, "the same seed gives other numbers in the "
			       "second device, or in the first after it");
		return MARK_NONE;
	}
	put(&dev[0], MY_RNG_REG_SEED, SEED, 4);
	put(&dev[1], MY_RNG_REG_SEED, SEED + 1, 4);
	number = get(&dev[0], MY_RNG_REG_RNG, 4);
	say_note(note, "noted: %s",
		 number == a[0] ? "each has a sequence of its own"
				: "they share one sequence, as rand() has one "
				  "state for all of QEMU");
	return MARK_FULL;
}

static enum mark check_reset(struct dev *dev, char *note)
{
	uint32_t first = get(dev, MY_RNG_REG_RNG, 4), number;

	put(dev, MY_RNG_REG_SEED, SEED, 4);
	snprintf(last_access, sizeof(last_access), "system reset");
	vm_reset(dev->vm);
	place_bar(dev, dev->vm, dev->slot);
	number = get(dev, MY_RNG_REG_RNG, 4);
	say_note(note, "noted: the first number is %u, %s", number,
		 number == first ? "as at the start"
				 : "the sequence is not begun again");
	return MARK_FULL;
}

static enum mark check_alive(struct dev *dev, char *note)
{
	static void (*const strays[])(const struct dev *dev, char *note) = {
		stray_size_1,    stray_size_2, stray_size_8,    stray_read_seed,
		stray_write_rng, stray_beyond, stray_unaligned,
	};
	char ignored[NOTE_SIZE];
	size_t i;

	for (i = 0; i < sizeof(strays) / sizeof(strays[0]); i++)
		strays[i](dev, ignored);
	check_reset(dev, ignored);
	return works_after(dev, stray_beyond, note);
}

const struct device_check device_checks[] = {
	{ { "device/present", 4, "QEMU starts, a device is in its slot" },
	  1,
	  check_present },
	{ { "device/id", 6, "PCI ids 1234:cafe" }, 1, check_id },
	{ { "device/class", 3, "PCI class 00ff" }, 1, check_class },
	{ { "device/revision", 3, "PCI revision 10" }, 1, check_revision },
	{ { "device/bar", 6, "BAR0: 4 KiB of 32-bit non-prefetchable memory" },
	  1,
	  check_bar },
	{ { "device/one-bar", 2, "no other BAR" }, 1, check_one_bar },
	{ { "device/read", 4, "4-byte reads of RNG (+0) give numbers" },
	  1,
	  check_read },
	{ { "device/sequence", 8,
	    "seed 0x42 (+4) gives 286129175 1594929109 "
	    "971802288 222134722 1335014133" },
	  1,
	  check_sequence },
	{ { "device/repeat", 6, "the same seed gives the same numbers again" },
	  1,
	  check_repeat },
	{ { "device/seeds", 4,
	    "other seeds give srand()'s and rand()'s "
	    "numbers" },
	  1,
	  check_seeds },
	{ { "device/size-1", 1, "1-byte accesses do no harm" },
	  1,
	  check_size_1 },
	{ { "device/size-2", 1, "2-byte accesses do no harm" },
	  1,
	  check_size_2 },
	{ { "device/size-8", 2, "8-byte accesses do no harm" },
	  1,
	  check_size_8 },
	{ { "device/read-seed", 2,
	    "a read of SEED does not touch the sequence" },
	  1,
	  check_read_seed },
	{ { "device/write-rng", 2,
	    "a write to RNG does not touch the sequence" },
	  1,
	  check_write_rng },
	{ { "device/beyond", 2,
	    "accesses beyond SEED do not touch the "
	    "sequence" },
	  1,
	  check_beyond },
	{ { "device/unaligned", 1, "unaligned accesses do no harm" },
	  1,
	  check_unaligned },
	{ { "device/two", 2, "two such devices in a machine both work" },
	  2,
	  check_two },
	{ { "device/reset", 0, "a reset of the machine" }, 1, check_reset },
	{ { "device/alive", 1, "QEMU lives through all of this in a row" },
	  1,
	  check_alive },
	{ { NULL, 0, NULL }, 0, NULL },
};
