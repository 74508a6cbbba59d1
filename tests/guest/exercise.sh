#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a learner sees in the guest: the device in lspci, and the exercise's
# application. One boot; what the guest printed is compared here.
#
# usage: tests/guest/exercise.sh BUILD
. "$(dirname "$0")/../tap.sh"
top=$(cd "$(dirname "$0")/../.." && pwd)
build=$1
out=$scratch/out

# Output and status of each command in files of their own, for the host
cat > "$scratch/job" << 'EOF'
keep()
{
	name=$1
	shift
	"$@" > "/out/$name" 2>&1
	echo "status $?" >> "/out/$name"
}
first=$(lspci -D -d 1234:cafe | head -n 1)
slot=${first%% *}
echo "$slot" > /out/slot
keep lspci lspci -v -s "$slot"
keep lspci-numbers lspci -nn -s "$slot"
keep lspci-regions lspci -vv -s "$slot"
head -n 1 "/sys/bus/pci/devices/$slot/resource" > /out/resource
keep app my-app
keep app-0x42 my-app 0x42
keep app-1 my-app 1
for bad in x 1x -1 '' 0x100000000 99999999999999999999; do
	keep "app-bad-$bad" my-app "$bad"
done
keep app-bad-two my-app 1 2
keep app-full sh -c 'my-app > /dev/full'
cd /sys/bus/pci/drivers/my_rng
for device in 0000:*; do echo "$device" > unbind; done
keep app-unbound my-app
cd /
rmmod my_rng
keep app-no-driver my-app
EOF

# is FILE NAME: FILE of the guest equals standard input.
is()
{
	diff -u - "$out/$1" > "$scratch/output" 2>&1
	ok $? "guest/$2"
}

# says_in FILE TEXT NAME: a command of the guest failed with this message.
says_in()
{
	cp "$out/$1" "$scratch/output"
	grep -qF -- "$2" "$out/$1" && tail -n 1 "$out/$1" | grep -qx 'status [12]'
	ok $? "guest/$3"
}

# numbers FIVE: what my-app prints of them.
numbers()
{
	local round i
	for round in 0 1; do
		i=0
		for n; do
			echo "Round $round number $i: $n"
			i=$((i + 1))
		done
	done
	echo "status 0"
}

# lspci: the device of variant 32, which is the exercise's
test_lspci()
{
	local slot address
	slot=$(cut -d : -f 2- "$out/slot")
	address=$(cut -d ' ' -f 1 "$out/resource")
	address=$(printf '%08x' "$address")
	is lspci lspci/shows-the-device-as-the-exercise-does << EOF
$slot Unclassified device [00ff]: Device 1234:cafe (rev 10)
	Subsystem: Red Hat, Inc. Device 1100
	Flags: fast devsel
	Memory at $address (32-bit, non-prefetchable) [size=4K]
	Kernel driver in use: my_rng

status 0
EOF
	is lspci-numbers lspci/shows-the-ids << EOF
$slot Unclassified device [00ff]: Device [1234:cafe] (rev 10)
status 0
EOF
	grep 'Region [0-9]' "$out/lspci-regions" > "$out/regions"
	is regions lspci/shows-one-region << EOF
	Region 0: Memory at $address (32-bit, non-prefetchable) [size=4K]
EOF
}

run env VMRUN="$top/build/host/vmrun" "$top/vm/guest.sh" run "$build" \
	--job "$scratch/job" --console "$scratch/console" --out "$out" \
	--limit 120 --
ok "$status" guest/exercise/boots

case $(basename "$build") in
all | 32) test_lspci ;;
*) skip "no device of variant 32 in this build" guest/lspci/shows-the-device ;;
esac

numbers 286129175 1594929109 971802288 222134722 1335014133 \
	> "$scratch/seed-0x42"
is app my-app/prints-the-numbers-of-the-exercise < "$scratch/seed-0x42"
is app-0x42 my-app/takes-a-seed < "$scratch/seed-0x42"
is app-1 my-app/another-seed-gives-others < <(
	numbers 1804289383 846930886 1681692777 1714636915 1957747793)
for bad in x 1x -1 '' 0x100000000 99999999999999999999 two; do
	says_in "app-bad-$bad" "usage: my-app [SEED]" "my-app/refuses-${bad:-nothing}"
done
says_in app-full "No space left on device" my-app/full-output-is-a-failure
says_in app-unbound "No such device; load the driver" my-app/no-device-is-named
says_in app-no-driver "No such file or directory; load the driver" \
	my-app/no-driver-is-named
done_testing
