// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The driver half of make grade, run in the guest: loads anybody's driver and
 * holds it against the exercise's contract. It leaves the module and the device
 * as they come: run once per boot.
 *
 * usage: grade-guest MODULE.ko PCI-SLOT      PCI-SLOT: "0000:00:03.0"
 *        grade-guest --list                  the checks, none of them made
 *
 * Prints a line for each check (row.h) as it is made, so that a panic leaves
 * those before it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest.h"

/* The exercise's numbers, as programs in the wild have them */
#define IOC_GET     0x80047101
#define IOC_SEED    0x40047101
#define IOC_UNKNOWN _IO('q', 99)

#define SEED  0x42
#define ROUND 5

#define TEXT_SIZE 80

/* What children leave behind: the call that failed and why, or numbers */
struct result {
	int error;
	const char *call;
	uint32_t numbers[ROUND];
	uint32_t again[ROUND];
	uint32_t pointer; /* low half of the seed's address */
};

static struct result *result;
static const char *module_path, *pci_slot;

/* The module was loaded; the driver worked, and gave these */
static bool loaded_once, worked;
static uint32_t worked_numbers[ROUND];

/* The driver did not come back: nothing is tried after that */
static bool hung;

static void failed(const char *call)
{
	result->call = call;
	result->error = errno;
}

static int open_node(void)
{
	int fd = open(NODE, O_RDWR);

	if (fd < 0)
		failed("open");
	return fd;
}

static bool get(int fd, uint32_t *number)
{
	if (ioctl(fd, IOC_GET, number) >= 0)
		return true;
	failed("ioctl 0x80047101");
	return false;
}

static bool seed(int fd, uint32_t value)
{
	static uint32_t word;

	word = value;
	result->pointer = (uintptr_t)&word;
	if (ioctl(fd, IOC_SEED, &word) >= 0)
		return true;
	failed("ioctl 0x40047101");
	return false;
}

static bool get_round(int fd, uint32_t *numbers)
{
	int i;

	for (i = 0; i < ROUND; i++)
		if (!get(fd, &numbers[i]))
			return false;
	return true;
}

/*
 * Runs @what in a child. Whether it came back and no call of it failed; the note
 * says what happened.
 */
static bool tried(void (*what)(void), char *note)
{
	const char *complaint;

	memset(result, 0, sizeof(*result));
	switch (apart(what)) {
	case END_RETURNED:
		if (result->call)
			say_note(note, "%s: %s", result->call,
				 strerror(result->error));
		return !result->call;
	case END_KILLED:
		complaint = log_complaint();
		say_note(note, "the kernel ended the program: %s",
			 complaint ? complaint : "without a word in its log");
		return false;
	default:
		hung = true;
		say_note(note, "the driver did not come back within 5 s");
		return false;
	}
}

static void do_load(void)
{
	errno = module_load(module_path);
	if (errno)
		failed("insmod");
}

static void do_unload(void)
{
	errno = module_unload();
	if (errno)
		failed("rmmod");
}

static enum mark check_load(char *note)
{
	if (tried(do_load, note)) {
		loaded_once = true;
		return MARK_FULL;
	}
	if (result->call && result->error == EBUSY)
		say_note(note,
			 "insmod: %s: is the driver's major number taken in "
			 "this guest? register_chrdev(0, ...) takes a free one",
			 strerror(EBUSY));
	return MARK_NONE;
}

static enum mark check_node(char *note)
{
	return node_find(note);
}

static void do_get(void)
{
	int fd = open_node();

	if (fd >= 0)
		get_round(fd, result->numbers);
}

static bool all_equal(const uint32_t *numbers)
{
	return !memcmp(numbers, numbers + 1, (ROUND - 1) * sizeof(*numbers));
}

static enum mark check_get(char *note)
{
	if (!tried(do_get, note))
		return MARK_NONE;
	if (!all_equal(result->numbers))
		return MARK_FULL;
	say_note(note, "five numbers, all of them 0x%x%s", result->numbers[0],
		 result->numbers[0] == 0xffffffff || !result->numbers[0]
			 ? ": does the device answer where the driver reads, "
			   "and is the number copied to the program?"
			 : "");
	return MARK_NONE;
}

static void do_seed(void)
{
	int fd = open_node();

	if (fd >= 0)
		seed(fd, SEED);
}

static enum mark check_seed(char *note)
{
	return tried(do_seed, note) ? MARK_FULL : MARK_NONE;
}

static void do_rounds(void)
{
	int fd = open_node();

	if (fd >= 0 && seed(fd, SEED) && get_round(fd, result->numbers) &&
	    seed(fd, SEED))
		get_round(fd, result->again);
}

static bool same(const uint32_t *a, const uint32_t *b)
{
	return !memcmp(a, b, ROUND * sizeof(*a));
}

static void reference(uint32_t seed, uint32_t *numbers)
{
	int i;

	srand(seed);
	for (i = 0; i < ROUND; i++)
		numbers[i] = rand();
}

static const char *as_text(char *text, const uint32_t *numbers)
{
	snprintf(text, TEXT_SIZE, "%u %u %u %u %u", numbers[0], numbers[1],
		 numbers[2], numbers[3], numbers[4]);
	return text;
}

static const char *guess(const uint32_t *numbers)
{
	uint32_t other[ROUND];

	reference(result->pointer, other);
	if (same(numbers, other))
		return "these follow from the pointer itself as the seed: "
		       "fetch "
		       "what it points to with copy_from_user()";
	if (all_equal(numbers))
		return "the driver gives no numbers, see driver/get";
	return "does iowrite32() put the seed at +4? The device half says "
	       "whether the device gives the right numbers";
}

static enum mark check_sequence(char *note)
{
	uint32_t want[ROUND];
	char got_text[TEXT_SIZE], want_text[TEXT_SIZE];

	if (!tried(do_rounds, note))
		return MARK_NONE;
	worked = !all_equal(result->numbers);
	memcpy(worked_numbers, result->numbers, sizeof(worked_numbers));
	reference(SEED, want);
	if (same(result->numbers, want))
		return MARK_FULL;
	say_note(note, "read %s, expected %s: %s",
		 as_text(got_text, result->numbers), as_text(want_text, want),
		 guess(result->numbers));
	return MARK_NONE;
}

static enum mark check_repeat(char *note)
{
	char first_text[TEXT_SIZE], again_text[TEXT_SIZE];

	if (!tried(do_rounds, note))
		return MARK_NONE;
	if (all_equal(result->numbers)) {
		say_note(note, "the driver gives no numbers, see driver/get");
		return MARK_NONE;
	}
	if (same(result->numbers, result->again))
		return MARK_FULL;
	say_note(note, "first %s, then %s",
		 as_text(first_text, result->numbers),
		 as_text(again_text, result->again));
	return MARK_NONE;
}

static void do_unknown(void)
{
	int fd = open_node();

	if (fd >= 0 && ioctl(fd, IOC_UNKNOWN, 0) < 0)
		failed("ioctl 0x7163");
}

static enum mark check_unknown(char *note)
{
	if (tried(do_unknown, note)) {
		say_note(note,
			 "the driver takes ioctl 0x%x, which there is not: "
			 "return -ENOTTY in default:",
			 (unsigned int)IOC_UNKNOWN);
		return MARK_NONE;
	}
	if (!result->call || !strcmp(result->call, "open"))
		return MARK_NONE;
	if (result->error == ENOTTY) {
		*note = 0;
		return MARK_FULL;
	}
	say_note(note, "it gives %s; -ENOTTY is what Linux gives",
		 strerror(result->error));
	return MARK_HALF;
}

static void do_two_opens(void)
{
	int first = open_node(), second = first < 0 ? -1 : open_node();
	uint32_t number;

	if (second < 0 || !get(first, &number) || !get(second, &number))
		return;
	close(first);
	get_round(second, result->numbers);
}

static enum mark check_two_opens(char *note)
{
	if (!tried(do_two_opens, note))
		return MARK_NONE;
	if (!all_equal(result->numbers))
		return MARK_FULL;
	say_note(note, "the second gives 0x%x only once the first is closed",
		 result->numbers[0]);
	return MARK_NONE;
}

static enum mark check_unload(char *note)
{
	const char *left;

	if (!tried(do_unload, note))
		return MARK_NONE;
	left = node_forget();
	if (!left)
		return MARK_FULL;
	say_note(note, "%s", left);
	return MARK_HALF;
}

/* Loads the module unless it is, and does what worked before */
static bool works_again(char *note)
{
	char got_text[TEXT_SIZE], want_text[TEXT_SIZE];

	if (!module_loaded() && !tried(do_load, note))
		return false;
	if (node_find(note) == MARK_NONE || !tried(do_rounds, note))
		return false;
	*note = 0;
	if (same(result->numbers, worked_numbers))
		return true;
	say_note(note, "read %s, before it was %s",
		 as_text(got_text, result->numbers),
		 as_text(want_text, worked_numbers));
	return false;
}

static enum mark check_reload(char *note)
{
	if (module_loaded()) {
		say_note(note, "it could not be unloaded, see driver/unload");
		return MARK_NONE;
	}
	if (worked)
		return works_again(note) ? MARK_FULL : MARK_NONE;
	if (!tried(do_load, note) || node_find(note) == MARK_NONE)
		return MARK_NONE;
	say_note(note, "it loads, but it gave no numbers in the first place");
	return MARK_HALF;
}

/* One call with a pointer that must not be taken */
static bool takes(int fd, unsigned long call, void *pointer, const char *name)
{
	if (ioctl(fd, call, pointer) >= 0)
		errno = 0;
	if (errno == EFAULT)
		return false;
	failed(name);
	return true;
}

static void do_bad_pointer(void)
{
	void *hole =
		mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = open_node();

	munmap(hole, 4096);
	if (fd < 0 || takes(fd, IOC_GET, hole, "a number to nowhere") ||
	    takes(fd, IOC_SEED, hole, "a seed from nowhere") ||
	    takes(fd, IOC_GET, NULL, "a number to NULL"))
		return;
	takes(fd, IOC_SEED, NULL, "a seed from NULL");
}

static enum mark check_bad_pointer(char *note)
{
	if (tried(do_bad_pointer, note))
		return MARK_FULL;
	if (result->call && strcmp(result->call, "open"))
		say_note(note,
			 "%s: %s, not Bad address: return -EFAULT when "
			 "copy_to_user() or copy_from_user() do not give 0",
			 result->call,
			 result->error ? strerror(result->error)
				       : "no error at all");
	return MARK_NONE;
}

static enum mark check_discovery(char *note)
{
	uint64_t before = bar_address(pci_slot), after;
	char why[NOTE_SIZE] = "";

	if (module_loaded() && !tried(do_unload, why)) {
		say_note(note, "it cannot be unloaded: %.200s", why);
		return MARK_NONE;
	}
	node_forget();
	bar_move(pci_slot);
	after = bar_address(pci_slot);
	if (!before || !after || before == after) {
		say_note(note,
			 "the device has no BAR0 that Linux can move (0x%llx, "
			 "0x%llx)",
			 (unsigned long long)before, (unsigned long long)after);
		return MARK_NONE;
	}
	if (works_again(why))
		return MARK_FULL;
	say_note(note,
		 "with BAR0 moved from 0x%llx to 0x%llx: %.300s; take the "
		 "address from pci_resource_start() or pcim_iomap()",
		 (unsigned long long)before, (unsigned long long)after, why);
	return MARK_NONE;
}

static enum mark check_log(char *note)
{
	const char *complaint = log_complaint();

	if (!complaint)
		return MARK_FULL;
	say_note(note, "the first: %s", complaint);
	return MARK_NONE;
}

/* What a check cannot do without */
enum need {
	NEED_NOTHING,
	NEED_INSMOD, /* it loaded once */
	NEED_MODULE,
	NEED_NODE,
	NEED_NUMBERS
};

static const struct guest_check {
	struct row row;
	enum need need;
	enum mark (*run)(char *note);
} checks[] = {
	{ { "driver/load", 5, "insmod loads it" }, NEED_NOTHING, check_load },
	{ { "driver/node", 4, NODE " is there" }, NEED_MODULE, check_node },
	{ { "driver/get", 4, "ioctl 0x80047101 gives numbers" },
	  NEED_NODE,
	  check_get },
	{ { "driver/seed", 3, "ioctl 0x40047101 takes a seed by pointer" },
	  NEED_NODE,
	  check_seed },
	{ { "driver/sequence", 6, "seed 0x42 gives the exercise's numbers" },
	  NEED_NODE,
	  check_sequence },
	{ { "driver/repeat", 2, "the same seed gives the same numbers again" },
	  NEED_NODE,
	  check_repeat },
	{ { "driver/unknown-ioctl", 2, "an unknown ioctl gives -ENOTTY" },
	  NEED_NODE,
	  check_unknown },
	{ { "driver/two-opens", 2, "two programs at a time" },
	  NEED_NODE,
	  check_two_opens },
	{ { "driver/unload", 2, "rmmod unloads it, nothing stays behind" },
	  NEED_MODULE,
	  check_unload },
	{ { "driver/reload", 2, "insmod loads it again, and it works" },
	  NEED_INSMOD,
	  check_reload },
	{ { "driver/bad-pointer", 3, "a bad pointer gives -EFAULT" },
	  NEED_NODE,
	  check_bad_pointer },
	{ { "driver/discovery", 3, "finds the device at another address too" },
	  NEED_NUMBERS,
	  check_discovery },
	{ { "driver/log", 2, "no complaint in the kernel's log" },
	  NEED_NOTHING,
	  check_log },
};

#define CHECKS (sizeof(checks) / sizeof(checks[0]))

static bool can_run(const struct guest_check *check, char *note)
{
	if (hung && check->run != check_log)
		say_note(note, "not tried after that");
	else if (check->need == NEED_NUMBERS && !worked)
		say_note(note,
			 "not tried: it gave no numbers in the first place");
	else if (check->need == NEED_INSMOD && !loaded_once)
		say_note(note, "not tried: it did not load in the first place");
	else if ((check->need == NEED_MODULE || check->need == NEED_NODE) &&
		 !module_loaded())
		say_note(note, "not tried: the module is not loaded");
	else if (check->need == NEED_NODE && access(NODE, F_OK))
		say_note(note, "not tried: there is no " NODE);
	else
		return true;
	return false;
}

static void make_checks(void)
{
	char note[NOTE_SIZE];
	size_t i;

	for (i = 0; i < CHECKS; i++) {
		enum mark mark = MARK_NONE;

		*note = 0;
		if (can_run(&checks[i], note))
			mark = checks[i].run(note);
		print_row(&checks[i].row, mark, note);
	}
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc == 2 && !strcmp(argv[1], "--list")) {
		for (i = 0; i < CHECKS; i++)
			print_row(&checks[i].row, MARK_NONE, "");
		return 0;
	}
	if (argc != 3) {
		fprintf(stderr, "usage: grade-guest MODULE.ko PCI-SLOT\n"
				"       grade-guest --list\n");
		return 2;
	}
	module_path = argv[1];
	pci_slot = argv[2];
	result = shared(sizeof(*result));
	modules_note();
	log_begin();
	make_checks();
	return 0;
}
