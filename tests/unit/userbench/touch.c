// SPDX-License-Identifier: GPL-2.0-or-later
/* Looking at delivered bytes: which of them, and none beside. */
#include <stdlib.h>
#include <sys/mman.h>

#include "tap.h"
#include "touch.h"

#define PAGE 4096
#define ROOM 512

/* Lines of [@from, @from + @bytes) that no load of touch_lines() sees */
static int unseen(uint8_t *room, size_t from, size_t bytes)
{
	size_t line, at, last;
	int missed = 0;

	for (line = from / 64 * 64; line < from + bytes; line += 64) {
		/* Where the first load of a line may begin */
		at = line < from ? from : line;
		last = from + bytes - 8 < at ? from + bytes - 1 : at;
		memset(room, 0, ROOM);
		memset(room + at, 1, last - at + 8);
		missed += !touch_lines(room + from, room + from + bytes);
	}
	return missed;
}

static void test_lines(uint8_t *room)
{
	int missed = 0;

	for (size_t from = 0; from < 130; from++)
		for (size_t bytes = 8; bytes < 260; bytes++)
			missed += unseen(room, from, bytes);
	is_int(missed, 0, "unit/touch/line-sees-every-line");
	memset(room, 1, ROOM);
	is_int((long long)touch_lines(room, room), 0,
	       "unit/touch/line-of-nothing-is-nothing");
	is_int((long long)touch_lines(room, room + 3), 1,
	       "unit/touch/line-of-3-bytes-is-one");
}

static void test_sum(uint8_t *room)
{
	memset(room, 0, ROOM);
	room[0] = 1;
	room[8] = 2;
	room[17] = 4;
	is_int((long long)touch_all(room, room + 18), 7,
	       "unit/touch/sum-adds-every-word-and-the-rest");
}

/* A fault here ends the program: loads stay inside at any end */
static void test_bounds(void)
{
	uint8_t *map = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED || mprotect(map + PAGE, PAGE, PROT_NONE))
		exit(1);
	for (size_t bytes = 0; bytes < 200; bytes++)
		for (enum touch t = TOUCH_DEFAULT; t <= TOUCH_SUM; t++)
			touch_bytes(map + PAGE - bytes, bytes, t);
	ok(true, "unit/touch/nothing-beside-is-read");
	munmap(map, 2 * PAGE);
}

int main(void)
{
	static uint8_t room[ROOM] __attribute__((aligned(64)));

	test_lines(room);
	test_sum(room);
	test_bounds();
	done_testing();
	return exit_status();
}
