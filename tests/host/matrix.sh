#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The versions one can choose: that unknown ones are refused, where the known
# ones are fetched from, and how the version matrix tells of a pair that fails.
. "$(dirname "$0")/../tap.sh"
cd "$(dirname "$0")/../.." || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL VARIANT ACCEL QEMU_SRC QEMU_VERSION LINUX MATRIX
unset KERNEL KDIR KMODULES
export MATRIX_DIR=$scratch/matrix EXITCOST_APT=$scratch/apt

run make QEMU_VERSION=7.3
fails_saying "unknown QEMU_VERSION '7.3'; choose one of: 7.2 10.0" \
	host/matrix/unknown-qemu-lists-versions
run make LINUX=6
fails_saying "unknown LINUX '6'; choose one of: 6.1 6.12" \
	host/matrix/unknown-linux-lists-versions
QEMU_VERSION=7.3 run vm/qemu.sh "$scratch/qemu"
fails_saying "unknown QEMU_VERSION '7.3'; choose one of: 7.2 10.0" \
	host/matrix/qemu.sh-lists-versions
LINUX=6 run vm/kernel.sh "$scratch/kernel"
fails_saying "unknown LINUX '6'; choose one of: 6.1 6.12" \
	host/matrix/kernel.sh-lists-versions
[ ! -e "$scratch/qemu" ] && [ ! -e "$scratch/kernel" ]
ok $? host/matrix/unknown-versions-leave-nothing

run env MATRIX=10.0/5.10 tests/matrix.sh
fails_saying "unknown pair '10.0/5.10' in MATRIX; choose from: 7.2/6.1 7.2/6.12 10.0/6.1 10.0/6.12" \
	host/matrix/unknown-pair-lists-pairs
run env MATRIX=src/6.1 tests/matrix.sh
fails_saying "unknown pair 'src/6.1'" host/matrix/src-needs-qemu-src

# Where packages are fetched from, for both formats of the system's entries
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
export EXITCOST_APT_ETC=$scratch/etc
mkdir -p "$EXITCOST_APT_ETC/sources.list.d"
cat > "$EXITCOST_APT_ETC/sources.list.d/debian.sources" << EOF
Types: deb
# a remark
URIs: http://mirror.example/debian
Suites: $codename $codename-updates $codename-backports
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://vendor.example/tool
Suites: stable
Components: main
EOF
cat > "$EXITCOST_APT_ETC/sources.list" << EOF
deb cdrom:[Debian]/ unstable main
# deb http://off.example/debian $codename main
deb [signed-by=/k.gpg] http://security.example/ $codename-security main
EOF

# entries SUITE EXPECTED NAME: what fetch.sh makes of them.
entries()
{
	run vm/fetch.sh --suite "$1" sources
	[ "$status" -eq 0 ] && [ "$(grep . "$scratch/output")" = "$2" ]
	ok $? "host/matrix/$3"
}

entries elsewhere "Types: deb deb-src
URIs: http://mirror.example/debian
Suites: elsewhere elsewhere-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
deb [signed-by=/k.gpg] http://security.example/ elsewhere-security main
deb-src [signed-by=/k.gpg] http://security.example/ elsewhere-security main" \
	other-suite-keeps-mirror-and-keys
entries "$codename-backports" "Types: deb deb-src
URIs: http://mirror.example/debian
Suites: $codename-backports
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg" \
	backports-are-asked-for-alone
entries "$codename" "Types: deb deb-src
URIs: http://mirror.example/debian
Suites: $codename $codename-updates $codename-backports
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
deb [signed-by=/k.gpg] http://security.example/ $codename-security main
deb-src [signed-by=/k.gpg] http://security.example/ $codename-security main" \
	own-suite-is-as-the-system-has-it
rm -r "$EXITCOST_APT_ETC/sources.list" "$EXITCOST_APT_ETC/sources.list.d"
run vm/fetch.sh --suite elsewhere sources
fails_saying "no Debian '$codename' entry in .*/etc; add one, or use QEMU_SRC=" \
	host/matrix/no-entry-is-told
unset EXITCOST_APT_ETC

# A QEMU that cannot be configured: its pairs fail, each is tried, all is told.
tree=$PWD/build/tests/unconfigurable
bld=$(. vm/lib.sh && cache_dir)/user-$(printf '%s' "$tree" | sha256sum | cut -c1-12)
mkdir -p "$tree"
echo 7.2.99 > "$tree/VERSION"
printf '#!/bin/sh\necho "ERROR: this tree wants a newer world"\nexit 1\n' \
	> "$tree/configure"
chmod +x "$tree/configure"
QEMU_SRC=$tree MATRIX="src/6.1 src/6.12" run make matrix
[ "$status" -ne 0 ] && says 'matrix.tsv: 2 pairs, 2 failed'
ok $? host/matrix/failed-pairs-fail-the-matrix
says 'ERROR: this tree wants a newer world'
ok $? host/matrix/failure-is-shown
table=$MATRIX_DIR/matrix.tsv
[ "$(cut -f 1,2,5,12 "$table")" = "# exitcost matrix 1
qemu	linux	build	result
src	6.1	failed	failed: build
src	6.12	failed	failed: build
# end 2" ]
ok $? host/matrix/table-has-every-pair
awk -F '\t' '$1 == "src" { print $14 }' "$table" |
	xargs grep -l 'newer world' > "$scratch/output"
[ "$(wc -l < "$scratch/output")" -eq 2 ]
ok $? host/matrix/table-names-the-logs

# In the copies that the pairs leave, the driver is built for each other kernel.
for v in $(. vm/lib.sh && versions linux | cut -s -d ' ' -f 2-); do
	run make -C "$MATRIX_DIR/src-$v" LINUX="$v" build/all/my_rng.ko
	[ "$status" -eq 0 ] && modinfo -F vermagic \
		"$MATRIX_DIR/src-$v/build/all/my_rng.ko" | grep -q "^$v\."
	ok $? "host/matrix/driver-builds-for-linux-$v"
done

# Ctrl-C: no table, and nobody works on.
rm "$table"
set -m
MATRIX=7.2/6.1 tests/matrix.sh > "$scratch/output" 2>&1 < /dev/null &
pid=$!
set +m
for _ in $(seq 300); do
	[ -s "$MATRIX_DIR/7.2-6.1/build.log" ] && break
	sleep 0.1
done
kill -INT -- -$pid
wait $pid
[ $? -ne 0 ] && [ -s "$MATRIX_DIR/7.2-6.1/build.log" ]
ok $? host/matrix/ctrl-c-is-a-failure
[ -z "$(find "$MATRIX_DIR" -name 'matrix.tsv*')" ]
ok $? host/matrix/ctrl-c-leaves-no-table
workers=$(for p in /proc/[0-9]*; do readlink "$p/cwd"; done | grep -c "^$MATRIX_DIR/")
[ "$workers" -eq 0 ]
ok $? host/matrix/ctrl-c-leaves-no-process
rm -rf "$bld" "$tree"

done_testing
