#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make grade: full points for our own build and for the exercise's own text, and
# of each broken device and driver just the points that its mistake costs.
#
# usage: tests/host/grade.sh BUILD
. "$(dirname "$0")/../tap.sh"
cd "$(dirname "$0")/../.." || exit 1
build=$1
grade=tests/grade/grade.sh
broken=build/tests/grade/qemu-broken
drivers=build/tests/grade/drivers
own=$build/qemu-system-x86_64
export grade scratch

# What is lost without numbers, and without a driver that was loaded
no_numbers="device/read device/sequence device/repeat device/seeds device/size-1
	device/size-2 device/size-8 device/read-seed device/write-rng device/beyond
	device/unaligned device/two device/alive"
all_device="device/present device/id device/class device/revision device/bar
	device/one-bar $no_numbers"
after_get="driver/seed driver/sequence driver/repeat driver/unknown-ioctl
	driver/two-opens driver/unload driver/reload driver/bad-pointer
	driver/discovery"

# name | arguments of the grader | points | checks that lose some | what it says
cases()
{
	cat << EOF
own|--qemu $own --ko $build/my_rng.ko|100 of 100||
exercise-device|--qemu $broken --device exercise --only device|60 of 60||they share one sequence
wrong-id|--qemu $broken --device broken-wrong-id|54 of 60|device/id|it is 1234:caff
no-identity|--qemu $broken --device broken-no-identity|54 of 60|device/class device/revision|the class is 0000
wrong-bar|--qemu $broken --device broken-wrong-bar|54 of 60|device/bar|BAR0 is a 64-bit one
wrong-sequence|--qemu $broken --device broken-wrong-sequence|50 of 60|device/sequence device/seeds|the exercise prints 286129175
ignores-seed|--qemu $broken --device broken-ignores-seed|42 of 60|device/sequence device/repeat device/seeds|SEED is ignored
seeds-once|--qemu $broken --device broken-seeds-once|50 of 60|device/repeat device/seeds|srand\(\) is not called on each write
any-offset|--qemu $broken --device broken-any-offset|58 of 60|device/read-seed device/beyond|a number was taken
64-bit-only|--qemu $broken --device broken-64-bit-only|24 of 60|$(echo $no_numbers)|min_access_size .* must be 4 at most
crashes|--qemu $broken --device broken-crashes|54 of 60|device/size-8 device/read-seed device/unaligned device/alive|signal 6 \(Aborted\) on the 4-byte read of \+0x4: it said: SEED is write-only
hangs|--qemu $broken --device broken-hangs --wait 3|55 of 60|device/size-8 device/write-rng device/alive|QEMU hangs on the 4-byte write to \+0x0
ends|--qemu $broken --device broken-ends --ko $drivers/exercise_driver.ko|0 of 100|$(echo $all_device) driver/load driver/node driver/get $(echo $after_get) driver/log|gave up \(status 3\): it said: my_rng: cannot go on
exercise-driver|--qemu $broken --device exercise --only driver --ko $drivers/exercise_driver.ko|38 of 40|driver/node|mknod /dev/my_rng_driver c 250 0
fixed-address|--qemu $broken --device exercise --only driver --ko $drivers/fixed_address.ko|37 of 40|driver/discovery|BAR0 moved from 0xfebf1000
direct-pointer|--qemu $broken --device exercise --only driver --ko $drivers/direct_pointer.ko|35 of 40|driver/bad-pointer driver/log|BUG: unable to handle page fault
sloppy|--qemu $broken --device exercise --only driver --ko $drivers/sloppy.ko|35 of 40|driver/unknown-ioctl driver/bad-pointer|no error at all, not Bad address
other-ioctls|--qemu $broken --device exercise --only driver --ko $drivers/other_ioctls.ko|16 of 40|driver/get driver/seed driver/sequence driver/repeat driver/two-opens driver/reload driver/bad-pointer driver/discovery|Inappropriate ioctl
oopses-at-load|--qemu $broken --device exercise --only driver --ko $drivers/oopses_at_load.ko|0 of 40|driver/load driver/node driver/get $(echo $after_get) driver/log|NULL pointer dereference
panics-on-seed|--qemu $broken --device exercise --only driver --ko $drivers/panics_on_seed.ko|13 of 40|$(echo $after_get) driver/log|Kernel panic - not syncing: my_rng_driver: no seed
hangs-on-seed|--qemu $broken --device exercise --only driver --ko $drivers/hangs_on_seed.ko|15 of 40|$(echo $after_get)|did not come back within 5 s
EOF
}

# Two at a time: a guest has one busy CPU most of the time.
cases | while IFS='|' read -r name args _; do
	printf '%s\0' "$name $args"
done | xargs -0 -P 2 -I CASE bash -c '
	set -- CASE
	name=$1
	shift
	"$grade" "$@" -o "$scratch/$name.tsv" > "$scratch/$name" 2>&1
	echo $? > "$scratch/$name.status"'

while IFS='|' read -r name args points lost text; do
	cp "$scratch/$name" "$scratch/output"
	got=$(awk -F '\t' '$1 == "FAIL" || $1 == "PART" { print $4 }' \
		"$scratch/$name.tsv" | paste -s -d ' ')
	says "^$points points" && [ "$got" = "$lost" ] &&
		[ "$(cat "$scratch/$name.status")" -eq "$([ -z "$lost" ]; echo $?)" ]
	ok $? "host/grade/$name-loses-just-that"
	if [ -n "$text" ]; then
		tr -s ' \n' ' ' < "$scratch/$name" > "$scratch/output"
		says "$text"
		ok $? "host/grade/$name-says-why"
	fi
done < <(cases)

[ "$(head -n 1 "$scratch/own.tsv")" = "# exitcost grade 1" ] &&
	[ "$(tail -n 1 "$scratch/own.tsv")" = "# end 33" ] &&
	[ "$(awk -F '\t' 'NF == 6 && $1 == "PASS"' "$scratch/own.tsv" | wc -l)" -eq 32 ]
ok $? host/grade/tsv-is-complete

# refused PATTERN NAME ARGUMENTS: nothing is graded, exit status 2.
refused()
{
	local pattern=$1 name=$2
	shift 2
	run "$grade" "$@" -o "$scratch/none.tsv"
	[ "$status" -eq 2 ] && says "$pattern" && ! says 'points' &&
		[ ! -e "$scratch/none.tsv" ]
	ok $? "host/grade/$name"
}

sed 's/vermagic=[0-9]/vermagic=9/' "$build/my_rng.ko" > "$scratch/other.ko"
echo text > "$scratch/text.ko"
printf '#!/bin/sh\nsleep 30\n' > "$scratch/sleeper"
chmod +x "$scratch/sleeper"
refused "no QEMU given" no-qemu-is-told
refused "QEMU=/nonexistent is no program" missing-qemu-is-named --qemu /nonexistent
refused "is no QEMU; asked for its version it said: .*coreutils" other-program-is-refused --qemu /bin/ls
refused "has no device broken-wrong; similar are: .*broken-wrong-id" \
	unknown-device-lists-similar --qemu $broken --device broken-wrong
refused "id, addr and bus are set by the grader" device-with-addr-is-refused \
	--qemu "$own" --device my_rng,addr=5
refused "KO=/nonexistent does not exist" missing-ko-is-named \
	--qemu "$own" --ko /nonexistent
refused "is no kernel module" other-file-is-no-module \
	--qemu "$own" --ko "$scratch/text.ko"
refused "is built for Linux 9[^ ]*, the guest has .*make -C build/kernel/headers" \
	other-kernel-is-named --qemu "$own" --ko "$scratch/other.ko"
refused "only driver wants --ko" only-driver-wants-ko --qemu "$own" --only driver
refused "--wait takes 1 to 600 seconds" wrong-wait-is-refused \
	--qemu "$own" --wait never
run "$grade" --qemu "$own" -o "$scratch/missing/table.tsv"
[ "$status" -eq 2 ] && says "missing does not exist, so"
ok $? host/grade/missing-folder-is-named
run make grade
fails_saying "make grade QEMU=PATH" host/grade/make-says-how

# Interrupted while QEMU hangs: no other check keeps one for 2 s.
"$grade" --qemu $broken --device broken-hangs --wait 60 -o "$scratch/none.tsv" \
	> "$scratch/output" 2>&1 &
pid=$!
hanging()
{
	emulator=$(pgrep -P "$(pgrep -P $pid -f grade-device)" 2> /dev/null) &&
		[ "$(ps -o etimes= -p "$emulator")" -ge 2 ] 2> /dev/null
}
for _ in $(seq 300); do
	! hanging || break
	sleep 0.1
done
hanging
running=$?
kill -TERM $pid
wait $pid
status=$?
for _ in $(seq 50); do
	kill -0 "$emulator" 2> /dev/null || break
	sleep 0.1
done
[ $running -eq 0 ] && [ $status -eq 130 ] && [ ! -e "$scratch/none.tsv" ] &&
	! kill -0 "$emulator" 2> /dev/null
ok $? host/grade/interrupted-leaves-nothing

done_testing
