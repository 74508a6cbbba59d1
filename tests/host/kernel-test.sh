#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The boot-time test of the device in the study's own kernel, and what the build
# of that kernel says to sources and settings that do not fit.
#
# usage: tests/host/kernel-test.sh BUILD OWN    OWN: build/own/<variant>
. "$(dirname "$0")/../tap.sh"
cd "$(dirname "$0")/../.." || exit 1
build=$1 own=$2
variant=$(basename "$build")
[ "$variant" != all ] || variant=32
unset MAKEFLAGS MFLAGS MAKELEVEL KERNEL KDIR KMODULES GENERATOR
rule=------------------------------------------------------------------

# boot ENVIRONMENT...: the two boots, in lane tcg; sets status.
boot()
{
	run env "$@" ACCEL="$ACCEL" KERNELDIR="$own" \
		INITRAMFS="$own/initramfs.cpio.gz" vm/kernel-test.sh "$build" "$variant"
}

# said: of the output, the tests and nothing else.
said() { grep -vE '^(exitcost: |a program runs)' "$scratch/output"; }

boot
ok "$status" host/kernel-test/passes
cat > "$scratch/with" << EOF
$rule
BEGIN MY-RNG TEST
$rule
Round 0 number 0: 286129175
Round 0 number 1: 1594929109
Round 0 number 2: 971802288
Round 0 number 3: 222134722
Round 0 number 4: 1335014133
Round 1 number 0: 286129175
Round 1 number 1: 1594929109
Round 1 number 2: 971802288
Round 1 number 3: 222134722
Round 1 number 4: 1335014133
$rule
END MY-RNG TEST
$rule
EOF
cat > "$scratch/without" << EOF
$rule
BEGIN MY-RNG TEST
$rule
ERROR: cannot map device registers
$rule
END MY-RNG TEST
$rule
EOF
said | head -n 16 |
	cmp -s - "$scratch/with"
ok $? host/kernel-test/prints-the-ten-numbers-of-the-exercise
said | tail -n +17 |
	cmp -s - "$scratch/without"
ok $? host/kernel-test/says-when-there-is-no-device
[ "$(grep -c '^a program runs in the guest, Linux .*-exitcost$' \
	"$scratch/output")" = 2 ]
ok $? host/kernel-test/both-guests-boot-on

boot GENERATOR=xoshiro256ss
fails_saying "exercise: Round 0 number 0: 286129175" \
	host/kernel-test/other-numbers-are-shown
fails_saying "the device's numbers are not those of the exercise" \
	host/kernel-test/other-numbers-fail

# The kernel of the study's guest
run env KERNEL=own vm/kernel.sh "$scratch/kernel"
[ "$status" -eq 0 ] && [ -f "$scratch/kernel/vmlinuz" ] &&
	[ -f "$scratch/kernel/headers/Module.symvers" ] &&
	[ ! -e "$scratch/kernel/modules" ]
ok $? host/kernel-test/kernel-own-is-accepted
run env KERNEL=own KDIR="$own/headers" vm/kernel.sh "$scratch/kernel"
fails_saying "KERNEL=own brings its own headers" \
	host/kernel-test/kernel-own-refuses-kdir

# Sources that do not fit: a small tree that looks like Linux to the script.
tree=$scratch/linux
mkdir -p "$tree/init" "$tree/arch/x86"
cat > "$tree/Makefile" << 'EOF'
VERSION = 6
PATCHLEVEL = 77
SUBLEVEL = 3
mrproper:
allnoconfig:
	cp $(KCONFIG_ALLCONFIG) .config
bzImage modules:
	@echo "a long build"
	@sleep 600
EOF
echo 'config RETPOLINE' > "$tree/arch/x86/Kconfig"
touch "$tree/Kconfig" "$tree/init/Makefile"
printf '%s\n' 'static int __ref kernel_init(void *unused)' '{' \
	$'\tdo_sysctl_args();' '}' > "$scratch/main.c"

# own TREE: its kernel, in a cache of this test; sets status.
own()
{
	run env KSRC="$1" EXITCOST_CACHE="$scratch/cache" \
		vm/own-kernel.sh "$scratch/own"
}

sed 's/do_sysctl_args/do_something/' "$scratch/main.c" > "$tree/init/main.c"
own "$tree"
fails_saying "does not fit Linux 6.77.3: $tree/init/main.c should have exactly one line 'do_sysctl_args\(\);'; name a tree" \
	host/kernel-test/source-without-the-place-is-named
[ ! -e "$scratch/cache" ] && [ ! -e "$scratch/own" ]
ok $? host/kernel-test/source-that-does-not-fit-leaves-nothing
sed 's/^.do_sysctl_args.*/&\n&/' "$scratch/main.c" > "$tree/init/main.c"
own "$tree"
fails_saying "exactly one line 'do_sysctl_args" \
	host/kernel-test/source-with-two-places-is-named
sed 's/kernel_init/first_init/' "$scratch/main.c" > "$tree/init/main.c"
own "$tree"
fails_saying "exactly one line 'static int __ref kernel_init" \
	host/kernel-test/source-without-the-function-is-named
own "$tree/init"
fails_saying "KSRC=$tree/init is no Linux source tree" \
	host/kernel-test/folder-that-is-no-source-is-named

cp "$scratch/main.c" "$tree/init/main.c"
sed -i 's/cp .*/grep -v FUTEX $(KCONFIG_ALLCONFIG) > .config/' "$tree/Makefile"
own "$tree"
fails_saying "Linux 6.77.3 takes no CONFIG_FUTEX=y:" \
	host/kernel-test/option-that-is-lost-is-named

# Ctrl-C in a build: nothing runs on, nothing looks complete, the tree is as it was.
sed -i 's/grep .*/cp $(KCONFIG_ALLCONFIG) .config/' "$tree/Makefile"
rm -rf "$scratch/cache"
cp -r "$tree" "$scratch/before"
env KSRC="$tree" EXITCOST_CACHE="$scratch/cache" vm/own-kernel.sh "$scratch/own" \
	> "$scratch/output" 2>&1 &
pid=$!
for _ in $(seq 300); do
	grep -qs 'a long build' "$scratch"/cache/own-kernel/*.work/build.log && break
	sleep 0.1
done
kill -TERM $pid
wait $pid
[ $? -eq 130 ]
ok $? host/kernel-test/an-interrupted-build-stops
! pgrep -f "$scratch/cache" > /dev/null
ok $? host/kernel-test/an-interrupted-build-leaves-no-process
[ ! -e "$scratch/own/vmlinuz" ] && [ -z "$(find "$scratch/cache/own-kernel" \
	-maxdepth 1 -type d -name 'user-*' ! -name '*.work')" ]
ok $? host/kernel-test/an-interrupted-build-is-not-taken-for-complete
diff -r "$tree" "$scratch/before" > "$scratch/output"
ok $? host/kernel-test/the-source-is-not-written-to
tree=$(echo "$scratch"/cache/own-kernel/*.work/tree)
[ "$(grep -B1 '^.my_rng_test();$' "$tree/init/main.c" | head -n 1)" = \
	$'\tdo_sysctl_args();' ] &&
	grep -qx 'obj-y += my_rng_test.o' "$tree/init/Makefile"
ok $? host/kernel-test/the-copy-has-the-test-after-the-call
grep -qx CONFIG_RETPOLINE=y "$tree/.config" &&
	! grep -q MITIGATION_RETPOLINE "$tree/.config"
ok $? host/kernel-test/mitigations-are-those-the-source-knows

done_testing
