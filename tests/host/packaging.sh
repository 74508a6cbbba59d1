#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What 'make install' leaves, that it works there, and that the manual page says
# what the program does.
#
# usage: tests/host/packaging.sh BUILD
. "$(dirname "$0")/../tap.sh"
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top" || exit 1
build=$1
unset MAKEFLAGS MFLAGS MAKELEVEL DESTDIR
dest=$scratch/dest
lib=$dest/usr/libexec/exitcost
exitcost=$dest/usr/bin/exitcost
qemu=

# cleanup: the machine goes first.
cleanup()
{
	[ -z "$qemu" ] || kill "$qemu" 2> /dev/null
	umount "$scratch/small" 2> /dev/null
	rm -rf "$scratch"
}
trap cleanup EXIT

# installed: what is there, MODE PATH; wanted: what should be.
installed() { (cd "$dest" && find . ! -type d -printf '%m %P\n' | LC_ALL=C sort); }
wanted()
{
	local lib=usr/libexec/exitcost
	echo 777 usr/bin/exitcost # a symbolic link
	printf '755 %s\n' usr/bin/userbench $lib/exitcost \
		$lib/bin/{bpffold,ftracefold,hostbench,invariants,kvmcount} \
		$lib/bin/{lookcost,model,my-app,perffold,perfstat,perfsys,predict,qmp} \
		$lib/bin/{qtracefold,report,split,stracefold,summarize,vmrun} \
		$lib/analysis/plots.sh \
		$lib/tracing/{bpf,perf,qemu,strace}.sh
	printf '644 %s\n' usr/share/man/man1/userbench.1 $lib/vm/lib.sh \
		$lib/analysis/plots/{accesses,common,labels,lanes}.gp \
		$lib/analysis/plots/{latency,space,split,throughput,variant}.gp \
		$lib/analysis/plots/space.awk \
		$lib/tracing/session.sh \
		$lib/tracing/bpf/{bql,device,kvm_run,kvm_user}.bt
}

test_install()
{
	local old
	old=$(umask)
	umask 077 # which must not matter
	run make install DESTDIR="$dest" prefix=/usr
	umask "$old"
	ok "$status" host/packaging/install-succeeds
	diff <(wanted | LC_ALL=C sort) <(installed) > "$scratch/output"
	ok $? host/packaging/install-leaves-these-files-with-these-modes
	[ -z "$(find "$dest/usr" -type d ! -perm 755)" ]
	ok $? host/packaging/install-makes-folders-that-all-can-read

	touch "$scratch/before"
	run make install DESTDIR="$dest" prefix=/usr
	[ "$status" -eq 0 ] && [ -z "$(find build/host build/guest build/install \
		-type f -newer "$scratch/before")" ]
	ok $? host/packaging/second-install-builds-nothing
}

# The one command in bindir
test_front()
{
	local f missing=
	run "$exitcost" --help
	for f in "$lib"/bin/* "$lib"/tracing/{bpf,perf,qemu,strace}.sh plots; do
		says "\\b$(basename "$f" .sh)\\b" || missing="$missing ${f##*/}"
	done
	[ "$status" -eq 0 ] && [ -z "$missing" ]
	ok $? "host/packaging/help-names-every-tool$missing"
	run "$exitcost" nonsense
	fails_saying "no command 'nonsense'; 'exitcost --help' lists them" \
		host/packaging/unknown-command-is-named
	run "$exitcost"
	fails_saying "name a command" host/packaging/no-command-is-a-failure
	run "$exitcost" --version
	says "^exitcost $(build/guest/userbench --version | cut -d ' ' -f 2)\$"
	ok $? host/packaging/version-is-that-of-the-programs
	run "$exitcost" my-app
	fails_saying "load the driver" host/packaging/programs-run
	! grep -rnE 'tracing/(perf|strace|bpf|qemu|\$tool)\.sh|build/host' \
		"$lib" --include '*.sh' --include '*.bt' > "$scratch/output"
	ok $? host/packaging/scripts-name-no-path-of-a-checkout
}

# analyse TO PREFIX PLOTS: what the tools, called by PREFIX and their name, and
# PLOTS make of the published run. Few rows: a plot takes long.
analyse()
{
	local to=$scratch/$1 few=$scratch/few
	rm -rf "$few"
	mkdir "$to" "$few"
	awk -F '\t' 'FNR <= 2 || /^# end/ || $2 == "32"' \
		results/published/summary.tsv > "$few/summary.tsv"
	# shellcheck disable=SC2086
	${2}report results/published --with results/published/nested \
		-o "$to/report.md" &&
		${2}predict --prices results/published/exitbench-tcg.tsv \
			--counts results/published -o "$to/predict.tsv" &&
		$3 "$few" && mv "$few/plots" "$to/"
}

test_analysis()
{
	run analyse built build/host/ analysis/plots.sh
	[ "$status" -eq 0 ] && run analyse installed "$exitcost " "$exitcost plots"
	ok "$status" host/packaging/installed-analysis-runs
	[ -s "$scratch/built/report.md" ] && [ -s "$scratch/built/predict.tsv" ] &&
		[ "$(find "$scratch/built/plots" -type f -size +1k | wc -l)" -eq 8 ] &&
		diff -r "$scratch/built" "$scratch/installed" > "$scratch/output"
	ok $? host/packaging/installed-analysis-gives-the-same-bytes
	run tests/host/fold.sh "$lib/bin"
	ok "$status" host/packaging/installed-folds-give-the-same-bytes
}

# The tracing tools, on a machine that runs its firmware
test_tracing()
{
	local tool
	for tool in bpf perf qemu strace; do
		run "$exitcost" $tool --help
		[ "$status" -eq 0 ] && says "usage: exitcost $tool --pid N"
		ok $? "host/packaging/installed-$tool-tells-its-usage"
	done
	"$build/qemu-system-x86_64" -M q35 -accel tcg -nodefaults -display none \
		-L build/kernel/firmware -device my_rng > "$scratch/qemu.log" 2>&1 &
	qemu=$!
	cd "$scratch" || exit 1
	for tool in perf strace; do
		run "$exitcost" $tool --pid "$qemu" --seconds 1 --out "$tool"
		[ "$status" -eq 0 ] && grep -q '^# end' "$tool/$tool.tsv"
		ok $? "host/packaging/installed-$tool-traces"
	done
	cd "$top" || exit 1
	kill "$qemu"
	wait "$qemu" 2> /dev/null
	qemu=
}

test_uninstall()
{
	touch "$lib/tracing/mine" "$dest/usr/bin/mine"
	run make uninstall DESTDIR="$dest" prefix=/usr
	[ "$status" -eq 0 ] && [ "$(installed | cut -d ' ' -f 2 | xargs)" = \
		"usr/bin/mine usr/libexec/exitcost/tracing/mine" ]
	ok $? host/packaging/uninstall-takes-only-what-is-ours
	rm "$lib/tracing/mine" "$dest/usr/bin/mine"
	run make uninstall DESTDIR="$dest" prefix=/usr
	[ "$status" -eq 0 ] && [ -z "$(find "$dest" ! -type d)" ] && [ ! -e "$lib" ]
	ok $? host/packaging/uninstall-leaves-nothing
}

test_failures()
{
	touch "$scratch/file"
	run make install prefix="$scratch/file"
	fails_saying "cannot install $scratch/file/.*choose another place" \
		host/packaging/place-that-cannot-be-is-named
	mkdir "$scratch/small"
	if mount -t tmpfs -o size=1500k tmpfs "$scratch/small" 2> /dev/null; then
		run make install prefix="$scratch/small"
		fails_saying "cannot install $scratch/small/.*make room" \
			host/packaging/full-disk-is-a-failure
		[ -z "$(find "$scratch/small" -name '*.new')" ] &&
			cmp "$scratch/small/bin/userbench" build/guest/userbench
		ok $? host/packaging/full-disk-leaves-no-half-file
	else
		skip "cannot mount a tmpfs" host/packaging/full-disk-is-a-failure
		skip "cannot mount a tmpfs" host/packaging/full-disk-leaves-no-half-file
	fi
}

# Options of userbench: in its help, which is made of them, and in the page
test_page()
{
	local page=userbench/userbench.1
	groff -man -Tutf8 -K utf8 -ww -z $page > "$scratch/output" 2>&1
	[ $? -eq 0 ] && [ ! -s "$scratch/output" ]
	ok $? host/packaging/page-has-no-warning
	build/guest/userbench --help | grep -oE -- '--[a-z][a-z-]*' | sort -u \
		> "$scratch/helped"
	sed -n '/^\.TP/ { n; s/\\-/-/g; s/^\.BI\{0,1\} \(--[a-z-]*\).*/\1/p }' $page |
		sort > "$scratch/paged"
	[ "$(wc -l < "$scratch/helped")" -gt 20 ] &&
		diff "$scratch/helped" "$scratch/paged" > "$scratch/output"
	ok $? host/packaging/page-has-every-option-of-the-help
	groff -man -Tascii -P-cbou $page 2> /dev/null > "$scratch/page"
	sed -n '/^EXIT STATUS/,/^[A-Z][A-Z]*$/s/^ *\([0-9]\)  .*/\1/p' "$scratch/page" \
		> "$scratch/statuses"
	for args in --version '--device /nonexistent' --bogus; do
		# shellcheck disable=SC2086
		run build/guest/userbench $args
		echo "$status"
	done | diff - "$scratch/statuses" > "$scratch/output"
	ok $? host/packaging/page-has-every-exit-status
}

test_install
test_front
test_analysis
test_tracing
test_uninstall
test_failures
test_page
done_testing
