#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How random is what comes out of the guest? Reads every generator through every
# data path in the guest, brings the bytes to the host, and has rng-tools' rngtest
# and a part of dieharder look at them. Prints a table; fails if a generator does
# that should not, and if one passes that cannot (then the tests see nothing).
#
# usage: tests/quality.sh BUILD VARIANT...
#
# environment: GENERATOR (names; default: all that the build has), MIB (64: of each
# generator by each path), TESTS ("rngtest dieharder"), ACCEL (tcg, kvm, auto),
# SMP, MEM, EXITCOST_CACHE. Leaves BUILD/quality.tsv.
#
# rngtest: of 10,000 blocks of 20,000 bits that are random some 8 fail FIPS 140-2
# (monobit and poker 1 each, runs and long runs 3 each). So many failures that this
# does not happen by chance, 6 standard deviations and 3 more, are a failure.
# dieharder: FAILED is p below 10^-6 or above 1 - 10^-6; WEAK, p below or above 0.5 %,
# is what one p-value in a hundred has to be, and is only shown.
# glibc's rand() gives 31 bits: bit 31 of each word is 0, and all of this shows it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../vm/lib.sh"
top=$(dirname "$here")
[ $# -ge 2 ] || die "usage: tests/quality.sh BUILD VARIANT..."
build=$1
shift
variants=("$@")
mib=${MIB:-64}
tests=${TESTS:-rngtest dieharder}
cache=$(cache_dir)
unpacked=$cache/quality
cannot_pass=" glibc "

# What dieharder runs, each as NUMBER:MIB; MIB is what its usual 100 samples take.
# Fewer are taken where there is less, and a test is left out below 10.
dieharder_tests="0:20 1:390 2:490 3:260 4:128 8:40 9:520 10:20 11:30 12:30 13:900
	15:50 16:720 100:40 101:40 102:40"

# --- what was asked for ---

[[ $mib =~ ^[0-9]+$ ]] && [ "$mib" -ge 1 ] && [ "$mib" -le 4096 ] ||
	die "MIB=$mib: give a number of MiB from 1 to 4096"
for t in $tests; do
	case $t in
	rngtest | dieharder) ;;
	*) die "TESTS=$tests: '$t' is not one of: rngtest dieharder" ;;
	esac
done
[ -x "$build/qemu-system-x86_64" ] ||
	die "$build/qemu-system-x86_64 is missing; build it with make"
known=$("$build/qemu-system-x86_64" -device my_rng,help |
	sed -n 's/^ *generator=.*default: *//p' | tr -d ',')
[ -n "$known" ] || die "cannot ask $build/qemu-system-x86_64 for its generators;" \
	"build it with make"
for g in ${GENERATOR:-}; do
	[[ " $known " = *" $g "* ]] ||
		die "GENERATOR=$GENERATOR: no generator '$g'; there are: $known"
done
read -r -a generators <<< "${GENERATOR:-$known}"
unset GENERATOR
choose_linux_lane "$build"

# --- the programs, unpacked in the cache: rng-tools would start a service ---

fetch_programs()
{
	local debs=$cache/debs/quality gsl
	mkdir -p "$cache"
	exec 9> "$cache/quality.lock"
	flock -n 9 || { say "waiting for another fetch"; flock 9; }
	[ ! -d "$unpacked" ] || return 0
	need_space "$cache" 50 "the programs that test randomness"
	gsl=$("$top/vm/fetch.sh" depends libdieharder3 | grep '^libgsl' | head -n 1)
	rm -rf "$debs" "$unpacked.tmp"
	# shellcheck disable=SC2046
	"$top/vm/fetch.sh" deb "$debs" rng-tools5 dieharder libdieharder3 "$gsl" \
		$("$top/vm/fetch.sh" depends "$gsl" | grep '^libgslcblas')
	mkdir -p "$unpacked.tmp"
	for deb in "$debs"/*.deb; do
		dpkg -x "$deb" "$unpacked.tmp" || die "cannot unpack $deb"
	done
	mv "$unpacked.tmp" "$unpacked"
	rm -rf "$debs"
}
fetch_programs
exec 9>&-
bin=$unpacked/usr/bin
libs=$unpacked/usr/lib:$(dirname "$(find "$unpacked" -name 'libgsl.so.*' | head -n 1)")

scratch=$(mktemp -d "$build/quality.XXXXXX") || die "cannot write into $build"
trap 'rm -rf "$scratch"' EXIT
catch() { trap 'exit 130' INT TERM HUP; }
catch
need_space "$scratch" $((mib * ${#generators[@]} + 50)) "what the guest sends"

# job VARIANT: one read of each generator's device, each to a port of its own.
# These devices come after the machine's own, one of each variant.
job()
{
	cat << EOF
port()
{
	for p in /sys/class/virtio-ports/*; do
		[ "\$(cat "\$p/name")" = "\$1" ] && echo "/dev/\${p##*/}"
	done
}
n=$(ls_own)
for g in ${generators[*]}; do
	node=/dev/my_rng\$n
	userbench --device \$node --seconds 0.01 > /tmp/node 2>&1
	grep -q "path $1, generator \$g\$" /tmp/node || {
		echo "\$node is not path $1 with generator \$g:"
		cat /tmp/node
		exit 1
	}
	dd if=\$node of="\$(port "exitcost.\$g")" bs=65536 count=$((mib * 16)) \\
		iflag=fullblock 2> /tmp/dd || { cat /tmp/dd; exit 1; }
	n=\$((n + 1))
done
EOF
}

# ls_own: how many my_rng the machine has without ours.
ls_own()
{
	"$top/vm/guest.sh" print "$build" | tr ' ' '\n' | grep -c '^my_rng,'
}

# stream VARIANT: leaves $scratch/GENERATOR, MIB of each.
stream()
{
	local g args=(-device "virtio-serial-pci,id=quality")
	job "$1" > "$scratch/job"
	for g in "${generators[@]}"; do
		rm -f "$scratch/$g"
		args+=(-device "my_rng,variant=$1,generator=$g,id=quality-$g"
			-chardev "file,id=quality-port-$g,path=$scratch/$g"
			-device "virtserialport,bus=quality.0,chardev=quality-port-$g,name=exitcost.$g")
	done
	with_progress "reading $mib MiB of each generator by $1" "$scratch/log" \
		"$top/vm/guest.sh" run "$build" --job "$scratch/job" \
		--console "$scratch/console" \
		--limit $((120 + mib * ${#generators[@]})) -- "${args[@]}" ||
		die "the guest gave no stream by $1 (see above)"
	catch
	for g in "${generators[@]}"; do
		[ "$(stat -c %s "$scratch/$g")" -eq $((mib << 20)) ] ||
			die "$g by $1: $(stat -c %s "$scratch/$g") bytes came, not $mib MiB"
	done
}

# fips FILE LABEL: sets blocks, failures and bound, the most that chance explains.
fips()
{
	blocks=- failures=- bound=-
	[[ $tests = *rngtest* ]] || return 0
	with_progress "rngtest, $2" "$scratch/rngtest" sh -c \
		'"$1" < "$2"; test $? -le 1' sh "$bin/rngtest" "$1" ||
		die "rngtest failed on $2 (see above)"
	catch
	failures=$(sed -n 's/.*FIPS 140-2 failures: //p' "$scratch/rngtest")
	blocks=$(sed -n 's/.*FIPS 140-2 successes: //p' "$scratch/rngtest")
	[ -n "$failures" ] && [ -n "$blocks" ] || die "cannot read what rngtest says"
	blocks=$((blocks + failures))
	bound=$(awk -v n="$blocks" 'BEGIN { e = n * 0.0008; print int(e + 6 * sqrt(e) + 3) }')
}

# diehard FILE LABEL: sets passed, weak and failed, numbers of p-values.
diehard()
{
	local t samples
	passed=- weak=- failed=-
	[[ $tests = *dieharder* ]] || return 0
	: > "$scratch/dieharder"
	for t in $dieharder_tests; do
		samples=$((100 * mib / ${t#*:}))
		[ $samples -ge 10 ] || continue
		[ $samples -le 100 ] || samples=100
		with_progress "dieharder ${t%:*}, $2" "$scratch/one" env \
			LD_LIBRARY_PATH="$libs" "$bin/dieharder" -d "${t%:*}" \
			-p $samples -g 201 -f "$1" -D test_name -D ntuple \
			-D psamples -D pvalues -D assessment ||
			die "dieharder failed on $2 (see above)"
		catch
		# The same bytes twice are not random, and no fault of theirs.
		if grep -q rewound "$scratch/one"; then
			say "dieharder ${t%:*}, $2: left out, it took more than $mib MiB"
		else
			cat "$scratch/one" >> "$scratch/dieharder"
		fi
	done
	passed=$(grep -c 'PASSED *$' "$scratch/dieharder") || :
	weak=$(grep -c 'WEAK *$' "$scratch/dieharder") || :
	failed=$(grep -c 'FAILED *$' "$scratch/dieharder") || :
	[ $((passed + weak + failed)) -gt 0 ] ||
		die "$mib MiB are too few for dieharder: give MIB=64, or TESTS=rngtest"
}

# judge GENERATOR: sets verdict; the status is that of the whole run.
judge()
{
	local fails=
	[ "$failures" = - ] || [ "$failures" -le "$bound" ] || fails=1
	[ "$failed" = - ] || [ "$failed" -eq 0 ] || fails=1
	case $fails,$cannot_pass in
	1,*" $1 "*) verdict="fails, as it must" ;;
	,*" $1 "*) verdict="PASSES, and cannot"; status=1 ;;
	1,*) verdict="FAILS"; status=1 ;;
	*) verdict="passes" ;;
	esac
}

status=0
table=$scratch/quality.tsv
printf 'generator\tpath\tMiB\tblocks\tfips_failures\tby_chance_at_most\tpassed\tweak\tfailed\tverdict\n' \
	> "$table"
for variant in "${variants[@]}"; do
	stream "$variant"
	for g in "${generators[@]}"; do
		fips "$scratch/$g" "$g by $variant"
		diehard "$scratch/$g" "$g by $variant"
		judge "$g"
		printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$g" "$variant" \
			"$mib" "$blocks" "$failures" "$bound" "$passed" "$weak" \
			"$failed" "$verdict" >> "$table" ||
			die "cannot write $table; is the disk full?"
		rm "$scratch/$g"
	done
done
mv "$table" "$build/quality.tsv"
column -t -s $'\t' "$build/quality.tsv"
echo "fips_failures: blocks that rngtest refuses; passed, weak, failed: p-values of dieharder"
exit $status
