#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The DKMS package: added, built and installed by dkms itself for the guest's
# kernel, in trees of its own, and its module loaded in a guest.
#
# usage: tests/host/dkms.sh BUILD
. "$(dirname "$0")/../tap.sh"
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top" || exit 1
build=$1
unset MAKEFLAGS MFLAGS MAKELEVEL
own=$build/my_rng.ko
kernel=$(modinfo -F vermagic "$own" | cut -d ' ' -f 1)
mkdir -p "$scratch"/{source,tree} "$scratch/modules/$kernel"
# A signing program that is there would leave keys on this host.
export sign_file=/nonexistent

# dkms_own ACTION ARGUMENT...: touches nothing outside of the scratch folder.
dkms_own()
{
	dkms "$@" --dkmstree "$scratch/tree" --sourcetree "$scratch/source" \
		--installtree "$scratch/modules"
}

# for_kernel ACTION PACKAGE
for_kernel()
{
	dkms_own "$@" -k "$kernel" -a x86_64 \
		--kernelsourcedir "$(realpath build/kernel/headers)"
}

run make driver-dkms VARIANT="$(basename "$build")"
package=$(sed -n 's/^now: dkms add .* && dkms install //p' "$scratch/output")
[ "$status" -eq 0 ] && [ -n "$package" ]
ok $? host/dkms/folder-is-made-and-the-commands-are-printed
[ "$package" = "my_rng/$(modinfo -F version "$own")" ]
ok $? host/dkms/package-has-the-version-of-the-module
[ -z "$(find "$build/dkms" -type l)" ] && [ ! -e "$build/dkms.tmp" ]
ok $? host/dkms/folder-stands-alone

run dkms_own add "$build/dkms"
ok "$status" host/dkms/is-added
run for_kernel build "$package"
ok "$status" host/dkms/is-built
log=$(find "$scratch/tree" -name make.log)
[ -s "$log" ] && ! grep -iE 'warning|error|BTF' "$log" > "$scratch/output"
ok $? host/dkms/is-built-without-a-warning
run for_kernel install "$package" --no-depmod
ok "$status" host/dkms/is-installed
run dkms_own status "$package"
says "^$package, $kernel, x86_64: installed"
ok $? host/dkms/status-says-installed

module=$(find "$scratch/modules/$kernel/updates" -name 'my_rng.ko*')
facts()
{
	modinfo "$1" | grep -E '^(version|vermagic|alias|license|parm|depends)'
	nm "$1" | awk '$3 ~ /^my_rng_path_/ { print $3 }' | sort
}
diff <(facts "$own") <(facts "$module") > "$scratch/output" 2>&1 &&
	facts "$module" | grep -q my_rng_path_null
ok $? host/dkms/module-is-the-same-as-ours

cat > "$scratch/job" << 'EOF'
cat /sys/module/my_rng/version /proc/modules > /out/loaded
my-app > /out/app
userbench --list > /out/list
EOF
vm/image.sh "$scratch/initramfs.cpio.gz" build/kernel "$module" \
	"$build/my-app" "$build/userbench" > "$scratch/output" 2>&1 &&
	INITRAMFS=$scratch/initramfs.cpio.gz VMRUN=build/host/vmrun \
		run vm/guest.sh run "$build" --job "$scratch/job" \
		--out "$scratch/out" --console "$scratch/console" --limit 120 --
[ "${status:-1}" -eq 0 ] &&
	grep -qx "${package#*/}" "$scratch/out/loaded" &&
	grep -qx 'Round 1 number 4: 1335014133' "$scratch/out/app" &&
	[ "$(awk '$2 ~ /^.dev.my_rng[0-9]/ { print $2 }' "$scratch/out/list" |
		sort -u | wc -l)" -eq "$(vm/guest.sh print "$build" | grep -o 'my_rng,variant' | wc -l)" ]
ok $? host/dkms/module-drives-every-device-in-a-guest

run dkms_own remove "$package" --all --no-depmod
[ "$status" -eq 0 ] && [ -z "$(find "$scratch/modules" -name 'my_rng.ko*')" ]
ok $? host/dkms/is-removed
done_testing
