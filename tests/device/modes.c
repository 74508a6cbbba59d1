// SPDX-License-Identifier: GPL-2.0-or-later
/* MODE: the constant device, the stopwatch, the prices. */
#include <stdio.h>
#include <string.h>

#include "life.h"

#define RAM    0x1000000ull
#define ACCESS 600 /* more than two refills of the stream's ring */
#define REFILL 256

static uint64_t times(const struct dev *dev, unsigned int index)
{
	return r64(dev, MY_RNG_REG_TIME_LO(index));
}

static uint64_t stamps(const struct dev *dev, unsigned int part)
{
	return times(dev, MY_RNG_TIME_STAMPED(part));
}

static void set_mode(const struct dev *dev, uint32_t mode)
{
	w32(dev, MY_RNG_REG_MODE, mode);
}

/* The constant comes by any part of RNG; what lies beside it is itself */
static void check_constant_parts(const struct dev *dev, const char *variant)
{
	int wrong = 0;

	for (unsigned int at = 0; at < 4; at++)
		wrong += vm_read(dev->vm, dev->mmio + MY_RNG_REG_RNG + at, 1) !=
			 (MY_RNG_CONSTANT & 0xff);
	for (unsigned int at = 0; at < 4; at += 2)
		wrong += vm_read(dev->vm, dev->mmio + MY_RNG_REG_RNG + at, 2) !=
			 (MY_RNG_CONSTANT & 0xffff);
	check_eq(wrong, 0, "device/modes/%s-constant-in-parts", variant);
	check_eq(r64(dev, MY_RNG_REG_RNG), MY_RNG_CONSTANT,
		 "device/modes/%s-constant-beside-seed", variant);
}

/* Constants come, and the stream goes on where it was */
static void test_constant(const char *variant)
{
	struct vm vm;
	struct dev dev;
	struct ref ref;

	dev_start(&dev, &vm, variant, "");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	check_eq(r32(&dev, MY_RNG_REG_RNG), ref_next(&ref),
		 "device/modes/%s-is-off-at-start", variant);
	set_mode(&dev, MY_RNG_MODE_CONSTANT);
	check_eq(r32(&dev, MY_RNG_REG_RNG), MY_RNG_CONSTANT,
		 "device/modes/%s-constant-rng", variant);
	check_constant_parts(&dev, variant);
	check_eq(dev_stat(&dev, MY_RNG_STAT_MMIO_READS), 9,
		 "device/modes/%s-constant-reads-are-counted", variant);
	check_eq(dev_stat(&dev, MY_RNG_STAT_WORDS), 1,
		 "device/modes/%s-constant-takes-no-word", variant);
	set_mode(&dev, 0);
	check_eq(r32(&dev, MY_RNG_REG_RNG), ref_next(&ref),
		 "device/modes/%s-constant-spares-the-stream", variant);
	check_eq(stamps(&dev, MY_RNG_TIME_CALLBACK), 0,
		 "device/modes/%s-no-stamps-unless-asked", variant);
	vm_stop(&vm);
}

static void test_constant_64(const char *variant)
{
	struct vm vm;
	struct dev dev;

	dev_start(&dev, &vm, variant, ",constant=on");
	check_eq(r64(&dev, MY_RNG_REG_RNG64), MY_RNG_CONSTANT * 0x100000001ull,
		 "device/modes/constant-rng64");
	check(r32(&dev, MY_RNG_REG_RNG64) == MY_RNG_CONSTANT &&
		      r32(&dev, MY_RNG_REG_RNG64 + 4) == MY_RNG_CONSTANT &&
		      vm_read(&vm, dev.mmio + MY_RNG_REG_RNG64 + 7, 1) ==
			      (MY_RNG_CONSTANT & 0xff),
	      "device/modes/constant-rng64-in-parts");
	check_eq(dev_stat(&dev, MY_RNG_STAT_WORDS), 0,
		 "device/modes/constant-rng64-takes-no-word");
	vm_stop(&vm);
}

static void test_constant_fifo(const char *variant)
{
	struct vm vm;
	struct dev dev;
	struct ref ref;
	int i, wrong = 0;

	dev_start(&dev, &vm, variant, ",constant=on,fifo-depth=10");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	check_eq(r32(&dev, MY_RNG_REG_FIFO_LEVEL), 10,
		 "device/modes/constant-fifo-is-always-full");
	check_eq(r64(&dev, MY_RNG_REG_FIFO_DATA), 10ull << 32 | MY_RNG_CONSTANT,
		 "device/modes/constant-fifo-and-its-level-at-once");
	check_eq(vm_read(&vm, dev.mmio + MY_RNG_REG_FIFO_DATA + 2, 2),
		 MY_RNG_CONSTANT & 0xffff,
		 "device/modes/constant-fifo-in-parts");
	for (i = 0; i < 20; i++) {
		wrong += r32(&dev, MY_RNG_REG_FIFO_DATA) != MY_RNG_CONSTANT;
		wrong += vm_in(&vm, dev.pio + MY_RNG_PIO_FIFO_DATA, 4) !=
			 MY_RNG_CONSTANT;
	}
	check_eq(wrong, 0, "device/modes/constant-fifo-never-runs-dry");
	check_eq(r32(&dev, MY_RNG_REG_FIFO_UNDERRUN), 0,
		 "device/modes/constant-fifo-has-no-underrun");
	set_mode(&dev, 0);
	r32(&dev, MY_RNG_REG_FIFO_LEVEL);
	check_eq(r32(&dev, MY_RNG_REG_FIFO_DATA), ref_next(&ref),
		 "device/modes/constant-fifo-spares-the-stream");
	vm_stop(&vm);
}

static void test_constant_dma(const char *variant)
{
	uint8_t got[64], untouched[64];
	struct vm vm;
	struct dev dev;

	memset(untouched, 0xee, sizeof(untouched));
	dev_start(&dev, &vm, variant, "");
	vm_fill(&vm, RAM, 0xee, sizeof(got));
	set_mode(&dev, MY_RNG_MODE_CONSTANT);
	w64(&dev, MY_RNG_REG_DMA_DONE_LO, RAM + 0x100);
	check_eq(dev_dma(&dev, RAM, sizeof(got)), MY_RNG_DMA_ERR_NONE,
		 "device/modes/constant-dma-succeeds");
	check_eq(r32(&dev, MY_RNG_REG_DMA_COUNT), sizeof(got),
		 "device/modes/constant-dma-reports-all-bytes");
	check_eq(vm_read(&vm, RAM + 0x100, 4), MY_RNG_DMA_ST_DONE,
		 "device/modes/constant-dma-writes-the-record");
	vm_peek(&vm, RAM, got, sizeof(got));
	check(!memcmp(got, untouched, sizeof(got)),
	      "device/modes/constant-dma-moves-nothing");
	check_eq(dev_stat(&dev, MY_RNG_STAT_DMAS), 0,
		 "device/modes/constant-dma-is-not-counted-as-moved");
	check_eq(dev_dma(&dev, RAM, 0), MY_RNG_DMA_ERR_LEN,
		 "device/modes/constant-dma-still-checks-the-length");
	vm_stop(&vm);
}

static void test_window(const char *variant)
{
	uint8_t zero[64] = {}, got[64];
	struct vm vm;
	struct dev dev;
	struct ref ref;

	dev_start(&dev, &vm, variant, ",constant=on");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	check_eq(r32(&dev, MY_RNG_REG_WIN_REFILL), 65536,
		 "device/modes/constant-refill-reports-all-bytes");
	w32(&dev, MY_RNG_REG_WIN_REFILL, 64);
	vm_peek(&vm, dev.window, got, sizeof(got));
	check(!memcmp(got, zero, sizeof(got)),
	      "device/modes/constant-refill-writes-nothing");
	check_eq(dev_stat(&dev, MY_RNG_STAT_WORDS), 0,
		 "device/modes/constant-refill-takes-no-word");
	w32(&dev, MY_RNG_REG_WIN_REFILL, 65537);
	check_eq(dev_stat(&dev, MY_RNG_STAT_ERRORS), 1,
		 "device/modes/constant-refill-still-checks-the-length");
	set_mode(&dev, MY_RNG_MODE_TIMING);
	w32(&dev, MY_RNG_REG_WIN_REFILL, 4096);
	r32(&dev, MY_RNG_REG_WIN_REFILL);
	check_eq(stamps(&dev, MY_RNG_TIME_GENERATOR), 2,
		 "device/modes/timing-stamps-each-refill-once");
	check_eq(stamps(&dev, MY_RNG_TIME_MEMORY), 2,
		 "device/modes/timing-stamps-the-marking-of-memory");
	check_eq(stamps(&dev, MY_RNG_TIME_CALLBACK), 2,
		 "device/modes/timing-does-not-see-the-window-read");
	vm_stop(&vm);
}

/* As many stamps as there was to stamp */
static void test_timing(const char *variant)
{
	struct vm vm;
	struct dev dev;
	struct ref ref;
	int i, wrong = 0;

	dev_start(&dev, &vm, variant, "");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	set_mode(&dev, MY_RNG_MODE_TIMING);
	for (i = 0; i < ACCESS; i++)
		wrong += r32(&dev, MY_RNG_REG_RNG) != ref_next(&ref);
	w32(&dev, MY_RNG_REG_SEED, 1);
	r32(&dev, MY_RNG_REG_MAGIC);
	check_eq(wrong, 0, "device/modes/%s-timing-changes-no-word", variant);
	check_eq(stamps(&dev, MY_RNG_TIME_CALLBACK), ACCESS + 1,
		 "device/modes/%s-timing-stamps-data-accesses-only", variant);
	check_eq(stamps(&dev, MY_RNG_TIME_GENERATOR),
		 (ACCESS + REFILL - 1) / REFILL,
		 "device/modes/%s-timing-stamps-each-refill", variant);
	check_eq(stamps(&dev, MY_RNG_TIME_MEMORY), 0,
		 "device/modes/%s-timing-has-nothing-mapped", variant);
	check(times(&dev, MY_RNG_TIME_CALLBACK) >
			      times(&dev, MY_RNG_TIME_GENERATOR) &&
		      times(&dev, MY_RNG_TIME_GENERATOR),
	      "device/modes/%s-timing-the-whole-exceeds-its-part", variant);
	set_mode(&dev, 0);
	r32(&dev, MY_RNG_REG_RNG);
	check_eq(stamps(&dev, MY_RNG_TIME_CALLBACK), ACCESS + 1,
		 "device/modes/%s-timing-can-be-switched-off", variant);
	vm_stop(&vm);
}

static void test_timing_dma(const char *variant)
{
	struct vm vm;
	struct dev dev;

	dev_start(&dev, &vm, variant, ",timing=on");
	dev_dma(&dev, RAM, 4096);
	dev_dma(&dev, RAM, 4096);
	check_eq(stamps(&dev, MY_RNG_TIME_GENERATOR), 2,
		 "device/modes/timing-stamps-each-dma-once");
	check_eq(stamps(&dev, MY_RNG_TIME_MEMORY), 4,
		 "device/modes/timing-stamps-map-and-unmap");
	check_eq(stamps(&dev, MY_RNG_TIME_IRQ), 0,
		 "device/modes/timing-polled-dma-sends-nothing");
	vm_stop(&vm);
}

static void test_price(const char *variant)
{
	int i, zero = 0;
	struct vm vm;
	struct dev dev;
	uint64_t ops;

	dev_start(&dev, &vm, variant, "");
	check_eq(times(&dev, MY_RNG_TIME_PRICE_OPS), 0,
		 "device/modes/%s-no-price-unless-asked", variant);
	w32(&dev, MY_RNG_REG_PRICE, 1);
	ops = times(&dev, MY_RNG_TIME_PRICE_OPS);
	for (i = MY_RNG_TIME_PRICE_STAMP; i < MY_RNG_TIME_PRICE_OPS; i++)
		zero += times(&dev, i) < ops;
	check(ops && !zero, "device/modes/%s-every-price-takes-time", variant);
	check(times(&dev, MY_RNG_TIME_HZ), "device/modes/%s-clock-has-a-rate",
	      variant);
	w32(&dev, MY_RNG_REG_PRICE, 1);
	check_eq(times(&dev, MY_RNG_TIME_PRICE_OPS), ops,
		 "device/modes/%s-prices-are-measured-anew", variant);
	check_eq(dev_stat(&dev, MY_RNG_STAT_WORDS), 0,
		 "device/modes/%s-prices-take-no-word", variant);
	vm_stop(&vm);
}

static bool set_property(struct vm *vm, const char *name, const char *value)
{
	char command[160];

	snprintf(command, sizeof(command),
		 "{\"execute\": \"qom-set\", \"arguments\": {\"path\": "
		 "\"/machine/peripheral/rng4\", \"property\": \"%s\", "
		 "\"value\": %s}}",
		 name, value);
	return strstr(vm_qmp(vm, command), "\"return\"");
}

static void test_properties(const char *variant)
{
	struct vm vm;
	struct dev dev;

	dev_start(&dev, &vm, variant, ",timing=on");
	check_eq(r32(&dev, MY_RNG_REG_MODE), MY_RNG_MODE_TIMING,
		 "device/modes/%s-property-sets-mode", variant);
	set_mode(&dev, ~0u);
	check_eq(r32(&dev, MY_RNG_REG_MODE), MY_RNG_MODE_ALL,
		 "device/modes/%s-unknown-bits-are-ignored", variant);
	r32(&dev, MY_RNG_REG_RNG);
	vm_reset(&vm);
	dev_setup(&dev, &vm, FIRST_SLOT);
	check_eq(r32(&dev, MY_RNG_REG_MODE), MY_RNG_MODE_TIMING,
		 "device/modes/%s-reset-restores-the-property", variant);
	check_eq(stamps(&dev, MY_RNG_TIME_CALLBACK), 0,
		 "device/modes/%s-reset-clears-the-stamps", variant);
	check(set_property(&vm, "constant", "true") &&
		      set_property(&vm, "timing", "false"),
	      "device/modes/%s-properties-can-be-set-any-time", variant);
	check_eq(r32(&dev, MY_RNG_REG_MODE), MY_RNG_MODE_CONSTANT,
		 "device/modes/%s-a-set-property-holds-at-once", variant);
	vm_stop(&vm);
}

/* A device without instruments: no guest and no user can make it answer a constant */
static void test_not_instrumented(const char *variant)
{
	const uint64_t stamped =
		MY_RNG_REG_TIME_LO(MY_RNG_TIME_STAMPED(MY_RNG_TIME_CALLBACK));
	struct vm vm;
	struct dev dev;
	struct ref ref;

	dev_start(&dev, &vm, variant, ",instrumented=off -m 32M");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	check_eq(r32(&dev, MY_RNG_REG_CAP) & MY_RNG_CAP_MODES, 0,
		 "device/modes/%s-not-instrumented-says-cap", variant);
	set_mode(&dev, MY_RNG_MODE_ALL);
	w32(&dev, MY_RNG_REG_PRICE, 1);
	check(!r32(&dev, MY_RNG_REG_MODE) && !r32(&dev, MY_RNG_REG_PRICE) &&
		      !r64(&dev, stamped),
	      "device/modes/%s-not-instrumented-has-no-registers", variant);
	check_eq(dev_stat(&dev, MY_RNG_STAT_ERRORS), 6,
		 "device/modes/%s-not-instrumented-reports-errors", variant);
	check_eq(r32(&dev, MY_RNG_REG_RNG), ref_next(&ref),
		 "device/modes/%s-not-instrumented-gives-words", variant);
	check(!set_property(&vm, "constant", "true") &&
		      !set_property(&vm, "timing", "true") &&
		      !set_property(&vm, "waste-ns", "1"),
	      "device/modes/%s-not-instrumented-has-no-properties", variant);
	if (!dev_move(&dev, &vm, variant, ",instrumented=off"))
		return;
	check_eq(r32(&dev, MY_RNG_REG_RNG), ref_next(&ref),
		 "device/modes/%s-not-instrumented-moves", variant);
	vm_stop(&vm);
	dev_refused("-device my_rng,instrumented=off,constant=on",
		    "needs instrumented=on", "constant-without-instruments");
	dev_refused("-device my_rng,waste-ns=1,instrumented=off",
		    "needs instrumented=on", "waste-without-instruments");
}

/* Whether waste-ns is what a property was set to */
static bool waste_is(struct vm *vm, uint64_t ns)
{
	return vm_prop(vm, "rng4", "waste-ns") == ns;
}

/* Fewest ticks that @n accesses take which waste so many nanoseconds each */
static uint64_t ticks_of(const struct dev *dev, uint64_t n, uint64_t ns)
{
	w32(dev, MY_RNG_REG_PRICE, 1);
	return n * ns * (times(dev, MY_RNG_TIME_HZ) / 1000000) / 1000;
}

/* Time goes, nothing else changes */
static void test_waste(const char *variant)
{
	const uint32_t ns = 100000, n = 20;
	int wrong = 0;
	struct vm vm;
	struct dev dev;
	struct ref ref;

	dev_start(&dev, &vm, variant, ",timing=on,waste-ns=100000");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	check(waste_is(&vm, ns), "device/modes/%s-waste-is-kept", variant);
	for (uint32_t i = 0; i < n; i++)
		wrong += r32(&dev, MY_RNG_REG_RNG) != ref_next(&ref);
	check_eq(wrong, 0, "device/modes/%s-waste-changes-no-word", variant);
	check_eq(r32(&dev, MY_RNG_REG_MODE), MY_RNG_MODE_TIMING,
		 "device/modes/%s-waste-is-no-bit-of-mode", variant);
	check_eq(dev_stat(&dev, MY_RNG_STAT_MMIO_READS), n,
		 "device/modes/%s-waste-changes-no-count", variant);
	check_eq(stamps(&dev, MY_RNG_TIME_CALLBACK), n,
		 "device/modes/%s-waste-changes-no-count-of-stamps", variant);
	/* Half: the two clocks need not agree */
	check(times(&dev, MY_RNG_TIME_CALLBACK) >= ticks_of(&dev, n, ns) / 2,
	      "device/modes/%s-waste-is-in-the-callback", variant);
	vm_reset(&vm);
	dev_setup(&dev, &vm, FIRST_SLOT);
	check(waste_is(&vm, ns), "device/modes/%s-waste-outlives-a-reset",
	      variant);
	check(set_property(&vm, "waste-ns", "0") && waste_is(&vm, 0),
	      "device/modes/%s-waste-can-be-switched-off", variant);
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	check_eq(r32(&dev, MY_RNG_REG_RNG), ref_next(&ref),
		 "device/modes/%s-a-word-without-waste", variant);
	vm_stop(&vm);
}

static void test_waste_bounds(const char *variant)
{
	struct vm vm;
	struct dev dev;

	dev_start(&dev, &vm, variant, "");
	check(waste_is(&vm, 0), "device/modes/%s-wastes-nothing-unless-asked",
	      variant);
	check(set_property(&vm, "waste-ns", "1000000") &&
		      waste_is(&vm, 1000000),
	      "device/modes/%s-waste-at-most", variant);
	check(!set_property(&vm, "waste-ns", "1000001") &&
		      !set_property(&vm, "waste-ns", "4294967296") &&
		      !set_property(&vm, "waste-ns", "-1") &&
		      waste_is(&vm, 1000000),
	      "device/modes/%s-waste-beyond-is-refused", variant);
	vm_stop(&vm);
	dev_refused("-device my_rng,waste-ns=1000001",
		    "waste-ns=1000001: must be 0 to 1000000", "waste-beyond");
}

/* The host's matter: not of the machine that comes */
static void test_waste_migration(const char *variant)
{
	struct vm vm;
	struct dev dev;

	dev_start(&dev, &vm, variant, ",waste-ns=1000 -m 32M");
	if (!dev_move(&dev, &vm, variant, ""))
		return;
	check(waste_is(&vm, 0), "device/modes/%s-waste-does-not-migrate",
	      variant);
	check_eq(r32(&dev, MY_RNG_REG_MODE), 0,
		 "device/modes/%s-waste-leaves-no-mode-behind", variant);
	vm_stop(&vm);
}

static void test_waste_doorbell(const char *variant)
{
	const uint32_t ns = 100000, n = 10;
	struct vm vm;
	struct dev dev;

	dev_start(&dev, &vm, variant, ",timing=on");
	set_property(&vm, "waste-ns", "100000");
	for (uint32_t i = 0; i < n; i++)
		w32(&dev, MY_RNG_REG_DMA_DOORBELL, 0);
	check_eq(stamps(&dev, MY_RNG_TIME_CALLBACK), n,
		 "device/modes/waste-of-a-doorbell-is-stamped-once");
	check(times(&dev, MY_RNG_TIME_CALLBACK) >= ticks_of(&dev, n, ns) / 2,
	      "device/modes/waste-of-a-doorbell-is-in-the-callback");
	vm_stop(&vm);
}

static void test_waste_port(const char *variant)
{
	const uint32_t ns = 100000, n = 10;
	struct vm vm;
	struct dev dev;

	dev_start(&dev, &vm, variant, ",timing=on,waste-ns=100000");
	for (uint32_t i = 0; i < n; i++)
		vm_in(&vm, dev.pio + MY_RNG_PIO_FIFO_LEVEL, 4);
	check_eq(dev_stat(&dev, MY_RNG_STAT_PIO_READS), n,
		 "device/modes/waste-of-a-port-changes-no-count");
	check(times(&dev, MY_RNG_TIME_CALLBACK) >= ticks_of(&dev, n, ns) / 2,
	      "device/modes/waste-of-a-port-is-in-the-callback");
	vm_stop(&vm);
}

const struct suite modes_suites[] = {
	{ NULL, test_constant },        { "64", test_constant_64 },
	{ "fifo", test_constant_fifo }, { "dma", test_constant_dma },
	{ "window", test_window },      { NULL, test_timing },
	{ "dma", test_timing_dma },     { NULL, test_price },
	{ NULL, test_properties },      { NULL, test_not_instrumented },
	{ NULL, test_waste },           { NULL, test_waste_bounds },
	{ NULL, test_waste_migration }, { "dma", test_waste_doorbell },
	{ "fifo", test_waste_port },    { NULL, NULL },
};
