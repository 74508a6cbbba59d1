#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Static checks over the whole tree: clang-format, cppcheck, sparse (driver), kernel-doc,
# the shell scripts (shellcheck), the bpftrace scripts, and a licence line in each source
# file. A tool that is missing is reported as SKIP, never as a pass.
set -u
cd "$(dirname "$0")/.." || exit 1
failed=0

# check NAME TOOL CMD...: runs CMD if TOOL is there; output only on failure.
check()
{
	local name=$1 tool=$2 out
	shift 2
	if ! command -v "$tool" > /dev/null; then
		echo "SKIP $name: $tool is not installed"
	elif out=$("$@" 2>&1); then
		case $out in
		"1..0 # SKIP "*) echo "SKIP $name: ${out#1..0 # SKIP }" ;;
		*) echo "PASS $name" ;;
		esac
	else
		echo "FAIL $name"
		printf '%s\n' "$out" | head -n 40
		failed=1
	fi
}

mapfile -t c_files < <(git ls-files -co --exclude-standard '*.[ch]')
mapfile -t user_c < <(git ls-files -co --exclude-standard 'userbench/*.c' \
	'analysis/*.c' 'vm/*.c' 'tests/*.c' 'tracing/*.c' ':!vm/own/*.c')
mapfile -t scripts < <(git ls-files -co --exclude-standard '*.sh' .ci/run)

licences()
{
	local bad=0 f
	while read -r f; do
		case $f in
		*.[ch] | *.sh | *.mk | *.bt | *.pl | *.gp | */Kbuild | Makefile | */Makefile | vm/init)
			head -n 3 "$f" | grep -q 'SPDX-License-Identifier: GPL-2.0-or-later' ||
				{ echo "$f: no SPDX line"; bad=1; } ;;
		esac
	done < <(git ls-files -co --exclude-standard)
	return $bad
}

# sparse on the driver, through the kernel's own build, in a folder of its own.
sparse_driver()
{
	local dir out
	dir=$(mktemp -d)
	cp -rL build/all/driver/. "$dir/" && find "$dir" -name '*.o' -delete
	out=$(make -C build/kernel/headers M="$dir" W=1 C=2 \
		CF="-D__CHECK_ENDIAN__" modules 2>&1) || { echo "$out"; rm -rf "$dir"; return 1; }
	rm -rf "$dir"
	printf '%s\n' "$out" | grep -E "^$dir.*(warning|error)" && return 1
	return 0
}

kernel_doc()
{
	local out
	out=$(build/kernel/headers/scripts/kernel-doc -none "${c_files[@]}" 2>&1 |
		grep -E 'warning|error')
	[ -z "$out" ] || { printf '%s\n' "$out"; return 1; }
}

check clang-format clang-format clang-format --dry-run -Werror "${c_files[@]}"
check cppcheck cppcheck cppcheck --quiet --error-exitcode=1 --std=c11 \
	--enable=warning,portability --inline-suppr -Iinclude "${user_c[@]}"
check shellcheck shellcheck shellcheck -x -S warning -P SCRIPTDIR "${scripts[@]}"
check bpftrace bpftrace tests/host/trace-bpf.sh --parse build/all/qemu-system-x86_64
check licences git licences
check sparse sparse sparse_driver
if [ -x build/kernel/headers/scripts/kernel-doc ]; then
	check kernel-doc perl kernel_doc
else
	echo "SKIP kernel-doc: not in the kernel headers package"
fi
exit $failed
