#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Holds anybody's implementation of the exercise against its contract: the device
# in a QEMU, and with --ko the driver in the study's guest on that QEMU. Prints a
# table of points with a reason for each that is lost.
#
# usage: tests/grade/grade.sh --qemu PATH [--device my_rng[,PROPERTY=VALUE...]]
#            [--ko DRIVER.ko] [--only device|driver] [--wait SECONDS] [-o FILE]
#
# --wait: how long QEMU may take over one access (10). -o: the table as TSV too,
# '# exitcost grade 1', columns result points max id wants note.
# environment: KERNELDIR (build/kernel), TOOLS (build/tests), VMRUN
# (build/host/vmrun), LIMIT in seconds for the guest (90)
# exit status: 0 all passed, 1 some did not, 2 nothing could be graded
#
# sample output:
#   PASS  3/3  device/revision       PCI revision 10
#   FAIL  0/6  device/repeat         the same seed gives the same numbers again
#              first 1804289383 846930886 ...: srand() is not called on each ...
#   PART  2/4  driver/node           /dev/my_rng_driver is there
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$(dirname "$here")")
. "$top/vm/lib.sh"
PATH=$PATH:/usr/sbin:/sbin
kernel=${KERNELDIR:-$top/build/kernel}
tools=${TOOLS:-$top/build/tests}
vmrun=${VMRUN:-$top/build/host/vmrun}
limit=${LIMIT:-90}

# Where the exercise has the device, and what must be before it for that: the
# second of the 4-KiB regions after a ROM of 64 KiB.
slot=3

# stop TEXT: nothing could be graded.
stop()
{
	printf 'exitcost: error: %s\n' "$*" >&2
	exit 2
}

usage()
{
	stop "$* usage: grade.sh --qemu PATH [--device TYPE[,PROPERTY=VALUE]]" \
		"[--ko FILE] [--only device|driver] [--wait SECONDS] [-o FILE];" \
		"or: make grade QEMU=PATH [DEVICE=TYPE] [KO=FILE] [OUT=FILE]"
}

# quick CMD...: a QEMU that only has to print something; one may hang even so.
quick() { timeout -k 1 20 "$@" 2>&1 < /dev/null; }

check_qemu()
{
	local machines
	[ -n "$qemu" ] || usage "no QEMU given;"
	[ -f "$qemu" ] && [ -x "$qemu" ] ||
		stop "QEMU=$qemu is no program; name the qemu-system-x86_64 that" \
			"was built with the device"
	qemu=$(realpath "$qemu")
	version=$(quick "$qemu" --version | head -n 1) || :
	case $version in
	"QEMU emulator version"*) ;;
	*) stop "QEMU=$qemu is no QEMU; asked for its version it said:" \
		"${version:-nothing}" ;;
	esac
	machines=$(quick "$qemu" -machine help) || :
	grep -q '^q35 ' <<< "$machines" ||
		stop "QEMU=$qemu has no machine q35; it must be a" \
			"qemu-system-x86_64 built with its default devices"
}

# like NAME: types of $devices whose name resembles it.
like()
{
	local want type
	want=$(tr -d '_-' <<< "${1,,}")
	sed -n 's/^name "\([^"]*\)".*/\1/p' <<< "$devices" | while read -r type; do
		case $(tr -d '_-' <<< "${type,,}") in
		*"$want"* | *rng* | *random*) echo "$type" ;;
		esac
	done | sort -u | tr '\n' ' '
}

check_device()
{
	local type=${device%%,*} names
	case $device, in
	,* | *[[:space:]]*) usage "DEVICE wants a type, without blanks;" ;;
	*,id=* | *,addr=* | *,bus=*)
		stop "DEVICE=$device: id, addr and bus are set by the grader" ;;
	esac
	devices=$(quick "$qemu" -device help) ||
		stop "QEMU=$qemu cannot list its devices:" \
			"$(tail -n 1 <<< "$devices")"
	grep -qE "^name \"$type\"|alias \"$type\"" <<< "$devices" && return
	names=$(like "$type")
	stop "QEMU=$qemu has no device $type; ${names:+similar are: $names-}" \
		"give its name by DEVICE=, or see that the file with the device" \
		"is in hw/misc/meson.build and this is the QEMU built from it"
}

check_ko()
{
	local magic release
	[ -n "$ko" ] || return 0
	[ -f "$ko" ] || stop "KO=$ko does not exist; name the driver's .ko file"
	magic=$(modinfo -F vermagic "$ko" 2> /dev/null) && [ -n "$magic" ] ||
		stop "KO=$ko is no kernel module"
	release=$(sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' \
		"$kernel/headers/include/generated/utsrelease.h") &&
		[ -n "$release" ] ||
		stop "$kernel/headers are no kernel's headers; run make"
	[ "${magic%% *}" = "$release" ] ||
		stop "KO=$ko is built for Linux ${magic%% *}, the guest has" \
			"$release; build it with: make -C build/kernel/headers" \
			"M=\$PWD/DRIVER-FOLDER modules"
}

# follow WHAT CHECKS ROWS CMD...: runs CMD with its rows in ROWS and the rest in
# ROWS.log; a line of progress every 5 s. Sets status.
follow()
{
	local what=$1 checks=$2 rows=$3 start=$SECONDS n=0
	shift 3
	"$@" > "$rows" 2> "$rows.log" < /dev/null &
	pid=$!
	while kill -0 "$pid" 2> /dev/null; do
		sleep 0.1
		n=$((n + 1))
		[ $((n % 50)) -ne 0 ] ||
			say "$what: $((SECONDS - start)) s, $(grep -c / "$rows" ||
				:) of $checks checks made"
	done
	status=0
	wait "$pid" || status=$?
	pid=
}

device_half()
{
	follow "the device" 20 "$scratch/device" "$tools/grade-device" \
		--qemu "$qemu" --device "$device" --wait "$wait"
	[ $status -eq 0 ] || stop "the device could not be graded (status" \
		"$status): $(cat "$scratch/device.log")"
}

# Major 250 is the exercise's. The kernel hands numbers from 254 down to whoever
# asks; without these, which nothing here uses, 250 is free for the driver.
idle=tpm_init,pps_init,ptp_init,bsg_init,dax_core_init

# guest: the exercise's machine, the device at the exercise's address.
guest()
{
	cp "$ko" "$scratch/driver.ko"
	chmod 644 "$scratch/driver.ko"
	"$top/vm/image.sh" "$scratch/initramfs.cpio.gz" "$kernel" - \
		"$tools/grade-guest" "$scratch/driver.ko" ||
		stop "the guest's image could not be made"
	truncate -s 64K "$scratch/rom"
	echo "exec grade-guest /bin/driver.ko 0000:00:0$slot.0" > "$scratch/job"
	follow "the driver in the guest" "$(wc -l < "$scratch/list")" \
		"$scratch/driver" "$vmrun" --job "$scratch/job" \
		--console "$scratch/console" --limit "$limit" -- \
		"$qemu" -M pc -accel tcg,thread=multi -smp 2 -m 256 \
		-L "$kernel/firmware" -nodefaults -display none -no-user-config \
		-kernel "$kernel/vmlinux" -initrd "$scratch/initramfs.cpio.gz" \
		-device "virtio-rng-pci,addr=$((slot - 1)),romfile=$scratch/rom" \
		-device "$device,addr=$slot" \
		-append "console=ttyS0 quiet loglevel=5 tsc=reliable \
no_timer_check panic=-1 random.trust_cpu=on pci=noearly,lastbus=0 \
initcall_blacklist=$idle"
}

# present: whether QEMU started with the device, as far as was looked at.
present() { ! grep -qs $'^device/present\t4\t0\t' "$scratch/device"; }

# ending: why the guest did not make all checks; stops where that is not the
# driver's doing.
ending()
{
	local log=$scratch/driver.log
	case $status in
	0 | 121) echo "the guest ended without a word" ;;
	122)
		if ! grep -q '^driver/' "$scratch/driver" && present &&
			grep -q '^vmrun: QEMU exited with status' "$log"; then
			cat "$log" >&2
			stop "this QEMU cannot run the guest; it needs tcg, the" \
				"machine pc, virtio-rng-pci and virtio-serial-pci"
		fi
		sed -n 's/^vmrun: //p' "$log" | paste -s -d ';' | sed 's/;/; /g'
		;;
	124) echo "the guest hung and was ended after $limit s" ;;
	*)
		cat "$log" >&2
		stop "the driver could not be graded (vmrun's status $status)"
		;;
	esac
}

# driver_half: the rows that came, and for the others why they did not.
driver_half()
{
	local why
	"$tools/grade-guest" --list > "$scratch/list"
	guest
	why=$(ending) || exit 2
	grep '^driver/' "$scratch/driver" > "$scratch/came" || :
	WHY=$why awk -F '\t' -v OFS='\t' '
		FILENAME == ARGV[1] { if (NF == 5) row[$1] = $0; next }
		$1 in row { print row[$1]; next }
		{
			$5 = "not reached: " (n++ ? "see above" : ENVIRON["WHY"])
			print
		}' \
		"$scratch/came" "$scratch/list" > "$scratch/driver.all" ||
		stop "cannot write the driver's results; is the disk full?"
}

# results: the rows with PASS, PART, FAIL or NOTE before them, as TSV.
results()
{
	echo "# exitcost grade 1"
	printf 'result\tpoints\tmax\tid\twants\tnote\n'
	awk -F '\t' -v OFS='\t' '{
		result = $2 == 0 ? "NOTE" : $2 == $3 ? "PASS" : $3 ? "PART" : "FAIL"
		print result, $3, $2, $1, $4, $5
		rows++
	} END { print "# end " rows }' "$@"
}

# table: for a person, from results.
table()
{
	awk -F '\t' '
	function wrap(text,   n, i, word, line) {
		n = split(text, word, " ")
		for (i = 1; i <= n; i++) {
			if (length(line) + length(word[i]) > 68) {
				print "           " line
				line = ""
			}
			line = line " " word[i]
		}
		print "           " line
	}
	/^#/ || $1 == "result" { next }
	{
		printf "%s  %2d/%-2d  %-21s %s\n", $1, $2, $3, $4, $5
		if ($6 != "") wrap($6)
		got += $2; max += $3; bad += $1 == "FAIL" || $1 == "PART"
		n += $3 > 0
	}
	END {
		printf "%d of %d points; %d of %d checks passed\n", got, max,
			n - bad, n
		exit bad > 0
	}' "$1"
}

cleanup()
{
	if [ -n "$pid" ]; then
		kill "$pid" 2> /dev/null || :
		wait "$pid" 2> /dev/null || :
	fi
	rm -rf "$scratch"
}

qemu='' device=my_rng ko='' only='' wait=10 out='' pid='' scratch=''
while [ $# -gt 0 ]; do
	[ $# -ge 2 ] || usage "$1 takes a value;"
	case $1 in
	--qemu) qemu=$2 ;;
	--device) device=$2 ;;
	--ko) ko=$2 ;;
	--only) only=$2 ;;
	--wait) wait=$2 ;;
	-o) out=$2 ;;
	*) usage "unknown option '$1';" ;;
	esac
	shift 2
done
case $only in
'' | device) ;;
driver) [ -n "$ko" ] || usage "--only driver wants --ko;" ;;
*) usage "--only takes device or driver, not '$only';" ;;
esac
[ -z "$out" ] || [ -d "$(dirname "$out")" ] ||
	stop "$(dirname "$out") does not exist, so $out cannot be written"
check_qemu
check_device
check_ko

scratch=$(mktemp -d)
trap cleanup EXIT
trap 'exit 130' INT TERM HUP
say "grading $device of $version${ko:+, and $ko}"
halves=()
if [ "$only" != driver ]; then
	device_half
	halves+=("$scratch/device")
fi
if [ -n "$ko" ] && [ "$only" != device ]; then
	driver_half
	halves+=("$scratch/driver.all")
fi
results "${halves[@]}" > "$scratch/results" ||
	stop "cannot write the results; is the disk full?"
if [ -n "$out" ]; then
	cp "$scratch/results" "$out.tmp" && mv "$out.tmp" "$out" ||
		{ rm -f "$out.tmp"; stop "cannot write $out"; }
fi
table "$scratch/results"
