#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Fetches distribution packages through the package client, in a client state
# of our own: the system's configuration, lists and package database stay as
# they are, and no root is needed.
#
# usage: vm/fetch.sh [--suite SUITE] deb DIR PACKAGE...   binary packages (.deb)
#        vm/fetch.sh [--suite SUITE] source DIR PACKAGE   source package files
#        vm/fetch.sh [--suite SUITE] depends PACKAGE      what PACKAGE depends on
#        vm/fetch.sh [--suite SUITE] sources              the entries that are used
#
# What DIR has already is not fetched again. SUITE is another of Debian's than
# the system's own (trixie, bookworm-backports): it is looked for where the
# system gets its own from, verified by the same keys, in a client state apart.
#
# environment: EXITCOST_APT (the client states, build/apt), EXITCOST_APT_ETC
# (/etc/apt, from where the entries are taken)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

etc=${EXITCOST_APT_ETC:-/etc/apt}
codename=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
suite=$codename
if [ "${1:-}" = --suite ]; then
	suite=${2:?"--suite takes a name"}
	shift 2
fi
state=${EXITCOST_APT:-$here/../build/apt}
[ "$suite" = "$codename" ] || state=$state-$suite

# For awk: the entry's suites that are the system's own, as those of SUITE. One
# of the kind CODENAME-backports is asked for alone.
rename='function renamed(words,    n, i, w, rest, out) {
	n = split(words, w, /[ \t]+/)
	for (i = 1; i <= n; i++) {
		if (w[i] != code && index(w[i], code "-") != 1)
			continue
		rest = substr(w[i], length(code) + 1)
		if (suite == code || rest == "" ||
		    (suite !~ /-/ && rest ~ /^-(updates|security)$/))
			out = out " " suite rest
	}
	return out
}'

# sources: the system's own Debian entries, with sources switched on. Suites
# of other vendors are left out: they have no source packages to offer.
sources()
{
	local file
	for file in "$etc"/sources.list.d/*.sources; do
		[ -e "$file" ] || continue
		awk -v RS= -v code="$codename" -v suite="$suite" "$rename"'
		{
			gsub(/(^|\n)#[^\n]*/, "")
			if (!match("\n" $0, /\nSuites:[^\n]*/))
				next
			names = renamed(substr($0, RSTART + 7, RLENGTH - 8))
			if (names == "")
				next
			sub(/Suites:[^\n]*/, "Suites:" names)
			sub(/Types:[^\n]*/, "Types: deb deb-src")
			print $0 "\n"
		}' "$file"
	done > "$state/exitcost.sources"
	for file in "$etc"/sources.list "$etc"/sources.list.d/*.list; do
		[ -e "$file" ] || continue
		awk -v code="$codename" -v suite="$suite" "$rename"'
		$1 == "deb" {
			for (i = 3; i <= NF; i++) {
				name = renamed($i)
				if (name != "") {
					$i = substr(name, 2)
					print
					sub(/^deb/, "deb-src")
					print
					break
				}
			}
		}' "$file"
	done > "$state/exitcost.list"
	cat "$state/exitcost.sources" "$state/exitcost.list" | grep -q . ||
		die "no Debian '$codename' entry in $etc; add one, or use" \
			"QEMU_SRC=, KERNEL= and KDIR= instead"
}

# client CMD...: apt-get or apt-cache with the private state. What is installed
# here, and what its owner prefers, has no say in what is fetched for the guest.
client()
{
	local tool=$1
	shift
	"$tool" -q -o Dir::Etc::sourcelist=/dev/null \
		-o Dir::Etc::sourceparts="$state/parts" \
		-o Dir::Etc::preferences=/dev/null \
		-o Dir::Etc::preferencesparts=/dev/null \
		-o Dir::State::Lists="$state/lists" \
		-o Dir::State::status="$state/status" \
		-o Dir::Cache="$state/cache" \
		-o APT::Sandbox::User="$(id -un)" "$@"
}

# no_lists: says why there are none, and stops. What cannot be verified is not
# used.
no_lists()
{
	! grep -q NO_PUBKEY "$state/update.log" ||
		die "the system's keys cannot verify Debian's suite $suite;" \
			"bring the package debian-archive-keyring up to date"
	die "cannot read the package lists of Debian's suite $suite; check" \
		"the network, and that the system's mirror has it"
}

# update: once a day is enough for one client state.
update()
{
	if [ -n "$(find "$state/updated" -mmin -1440 2> /dev/null)" ]; then
		return
	fi
	mkdir -p "$state/lists/partial" "$state/cache/archives/partial" \
		"$state/parts"
	: > "$state/status"
	sources
	cp "$state/exitcost.sources" "$state/exitcost.list" "$state/parts/"
	with_progress "package lists of $suite" "$state/update.log" \
		client apt-get -o APT::Update::Error-Mode=any update ||
		no_lists
	touch "$state/updated"
}

cmd=${1:-}
[ $# -ge 2 ] || [ "$cmd" = sources ] || die "usage: vm/fetch.sh" \
	"[--suite SUITE] deb DIR PACKAGE... | source DIR PACKAGE |" \
	"depends PACKAGE | sources"
mkdir -p "$state"
# One at a time: the client's locks would make the second one fail
exec 8> "$state/lock"
flock -n 8 || { say "waiting for another fetch"; flock 8; }
if [ "$cmd" = sources ]; then
	sources
	cat "$state/exitcost.sources" "$state/exitcost.list"
	exit 0
fi
update
case $cmd in
depends)
	client apt-cache depends --important "$2" |
		awk '$1 == "Depends:" { print $2 }'
	;;
deb)
	mkdir -p "$2"
	cd "$2"
	shift 2
	with_progress "fetching $*" "$state/fetch.log" \
		client apt-get download "$@" || die "cannot download $*"
	;;
source)
	mkdir -p "$2"
	cd "$2"
	with_progress "fetching the source of $3" "$state/fetch.log" \
		client apt-get source --download-only "$3" ||
		die "cannot download the source package $3"
	;;
*)
	die "fetch.sh: unknown command '$cmd'"
	;;
esac
