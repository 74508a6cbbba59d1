// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Devices that make grade is tested against: the exercise's own, as its text has
 * it and nothing more, and the same with one mistake each.
 */
#include "qemu/osdep.h"
#include "qemu/module.h"
#include "qemu/units.h"

#include "compat.h"

#define TYPE_EXERCISE "exercise"

OBJECT_DECLARE_TYPE(ExerciseState, ExerciseClass, EXERCISE)

/* Mistakes in the registers */
enum {
	OTHER_GENERATOR = 1 << 0,
	IGNORES_SEED = 1 << 1,
	SEEDS_ONCE = 1 << 2,
	ANY_OFFSET = 1 << 3, /* every read gives a number */
	ABORTS_ON_SEED = 1 << 4,
	HANGS_ON_WRITE = 1 << 5,
	ENDS_IN_REALIZE = 1 << 6,
};

/**
 * struct device_kind - one type of device
 * @type: its name
 * @device_id: PCI device id
 * @class_id: PCI class
 * @revision: PCI revision
 * @bar_type: PCI_BASE_ADDRESS_*
 * @bar_size: bytes
 * @min_access: fewest bytes of an access
 * @mistakes: see above
 */
struct device_kind {
	const char *type;
	uint16_t device_id;
	uint16_t class_id;
	uint8_t revision;
	uint8_t bar_type;
	uint32_t bar_size;
	uint8_t min_access;
	unsigned int mistakes;
};

struct ExerciseState {
	PCIDevice pdev;
	MemoryRegion mmio;
	MemoryRegionOps ops;
	uint32_t word;
	bool seeded;
};

struct ExerciseClass {
	PCIDeviceClass parent_class;
	const struct device_kind *kind;
};

#define AS_IN_THE_EXERCISE                                                   \
	.device_id = 0xcafe, .class_id = PCI_CLASS_OTHERS, .revision = 0x10, \
	.bar_type = PCI_BASE_ADDRESS_SPACE_MEMORY, .bar_size = 4 * KiB,      \
	.min_access = 4

#pragma GCC diagnostic ignored "-Woverride-init"

static const struct device_kind kinds[] = {
	{ .type = TYPE_EXERCISE, AS_IN_THE_EXERCISE },
	{ .type = "broken-wrong-id", AS_IN_THE_EXERCISE, .device_id = 0xcaff },
	{ .type = "broken-no-identity",
	  AS_IN_THE_EXERCISE,
	  .class_id = 0,
	  .revision = 0 },
	{ .type = "broken-wrong-bar",
	  AS_IN_THE_EXERCISE,
	  .bar_type = PCI_BASE_ADDRESS_MEM_TYPE_64,
	  .bar_size = 64 * KiB },
	{ .type = "broken-wrong-sequence",
	  AS_IN_THE_EXERCISE,
	  .mistakes = OTHER_GENERATOR },
	{ .type = "broken-ignores-seed",
	  AS_IN_THE_EXERCISE,
	  .mistakes = IGNORES_SEED },
	{ .type = "broken-seeds-once",
	  AS_IN_THE_EXERCISE,
	  .mistakes = SEEDS_ONCE },
	{ .type = "broken-any-offset",
	  AS_IN_THE_EXERCISE,
	  .mistakes = ANY_OFFSET },
	{ .type = "broken-64-bit-only", AS_IN_THE_EXERCISE, .min_access = 8 },
	{ .type = "broken-crashes",
	  AS_IN_THE_EXERCISE,
	  .mistakes = ABORTS_ON_SEED },
	{ .type = "broken-hangs",
	  AS_IN_THE_EXERCISE,
	  .mistakes = HANGS_ON_WRITE },
	{ .type = "broken-ends",
	  AS_IN_THE_EXERCISE,
	  .mistakes = ENDS_IN_REALIZE },
};

/* Of a generator of its own: numbers that follow from the seed, but others */
static uint32_t next_number(ExerciseState *s, unsigned int mistakes)
{
	if (!(mistakes & OTHER_GENERATOR))
		return rand();
	s->word = s->word * 1664525 + 1013904223;
	return s->word;
}

static uint64_t exercise_read(void *opaque, hwaddr addr, unsigned int size)
{
	ExerciseState *s = opaque;
	unsigned int mistakes = EXERCISE_GET_CLASS(s)->kind->mistakes;

	if (addr == 0 || mistakes & ANY_OFFSET)
		return next_number(s, mistakes);
	if (addr == 4 && mistakes & ABORTS_ON_SEED) {
		fprintf(stderr, "SEED is write-only\n");
		abort();
	}
	return 0;
}

static void exercise_write(void *opaque, hwaddr addr, uint64_t value,
			   unsigned int size)
{
	ExerciseState *s = opaque;
	unsigned int mistakes = EXERCISE_GET_CLASS(s)->kind->mistakes;

	while (addr == 0 && mistakes & HANGS_ON_WRITE)
		g_usleep(1000);
	if (addr != 4 || mistakes & IGNORES_SEED)
		return;
	if (!(mistakes & SEEDS_ONCE) || !s->seeded)
		srand(value);
	s->seeded = true;
	s->word = value;
}

static void exercise_realize(PCIDevice *pdev, Error **errp)
{
	ExerciseState *s = EXERCISE(pdev);
	const struct device_kind *kind = EXERCISE_GET_CLASS(s)->kind;

	if (kind->mistakes & ENDS_IN_REALIZE) {
		fprintf(stderr, "my_rng: cannot go on\n");
		exit(3);
	}
	s->ops = (MemoryRegionOps){
		.read = exercise_read,
		.write = exercise_write,
		.endianness = DEVICE_NATIVE_ENDIAN,
		.valid = { .min_access_size = kind->min_access,
			   .max_access_size = 8 },
		.impl = { .min_access_size = 4, .max_access_size = 8 },
	};
	memory_region_init_io(&s->mmio, OBJECT(s), &s->ops, s, "exercise-mmio",
			      kind->bar_size);
	pci_register_bar(pdev, 0, kind->bar_type, &s->mmio);
}

static void exercise_class_init(ObjectClass *class, MyRngClassData *data)
{
	PCIDeviceClass *pc = PCI_DEVICE_CLASS(class);
	const struct device_kind *kind = data;

	EXERCISE_CLASS(class)->kind = kind;
	pc->realize = exercise_realize;
	pc->vendor_id = 0x1234;
	pc->device_id = kind->device_id;
	pc->revision = kind->revision;
	pc->class_id = kind->class_id;
}

/* All others are the exercise's own with another row of the table */
static void register_types(void)
{
	static InterfaceInfo interfaces[] = {
		{ INTERFACE_CONVENTIONAL_PCI_DEVICE },
		{},
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		TypeInfo info = {
			.name = kinds[i].type,
			.parent = i ? TYPE_EXERCISE : TYPE_PCI_DEVICE,
			.instance_size = sizeof(ExerciseState),
			.class_size = sizeof(ExerciseClass),
			.class_init = exercise_class_init,
			.class_data = (void *)&kinds[i],
			.interfaces = i ? NULL : interfaces,
		};

		type_register_static(&info);
	}
}

type_init(register_types)
