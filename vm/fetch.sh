#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Fetches distribution packages through the package client, in a client state
# of our own: the system's configuration, lists and package database stay as
# they are, and no root is needed.
#
# usage: vm/fetch.sh deb DIR PACKAGE...     binary packages (.deb) into DIR
#        vm/fetch.sh source DIR PACKAGE     source package files into DIR
#        vm/fetch.sh depends PACKAGE        names PACKAGE depends on
#
# What DIR has already is not fetched again.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

state=${EXITCOST_APT:-$here/../build/apt}

# sources: the system's own Debian entries, with sources switched on. Suites
# of other vendors are left out: they have no source packages to offer.
sources()
{
	local codename file
	codename=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
	for file in /etc/apt/sources.list.d/*.sources; do
		[ -e "$file" ] || continue
		awk -v RS= -v code="$codename" '
		$0 ~ "\nSuites:[^\n]*[ \t]" code "([ \t\n-]|$)" {
			sub(/Types:[^\n]*/, "Types: deb deb-src")
			gsub(/(^|\n)#[^\n]*/, "")
			print $0 "\n"
		}' "$file"
	done > "$state/exitcost.sources"
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ -e "$file" ] || continue
		awk -v code="$codename" '$1 == "deb" {
			for (i = 3; i <= NF; i++)
				if ($i == code || index($i, code "-") == 1 ||
				    index($i, code "/") == 1) {
					print
					sub(/^deb/, "deb-src")
					print
					break
				}
		}' "$file"
	done > "$state/exitcost.list"
	cat "$state/exitcost.sources" "$state/exitcost.list" | grep -q . ||
		die "no Debian '$codename' entry in /etc/apt; add one, or use" \
			"QEMU_SRC=, KERNEL= and KDIR= instead"
}

# client CMD...: apt-get or apt-cache with the private state.
client()
{
	local tool=$1
	shift
	"$tool" -q -o Dir::Etc::sourcelist=/dev/null \
		-o Dir::Etc::sourceparts="$state/parts" \
		-o Dir::State::Lists="$state/lists" \
		-o Dir::Cache="$state/cache" \
		-o APT::Sandbox::User="$(id -un)" "$@"
}

# update: once a day is enough for one client state.
update()
{
	if [ -n "$(find "$state/updated" -mmin -1440 2> /dev/null)" ]; then
		return
	fi
	mkdir -p "$state/lists/partial" "$state/cache/archives/partial" \
		"$state/parts"
	sources
	cp "$state/exitcost.sources" "$state/exitcost.list" "$state/parts/"
	with_progress "package lists" "$state/update.log" \
		client apt-get -o APT::Update::Error-Mode=any update ||
		die "cannot read the distribution's package lists; check the network"
	touch "$state/updated"
}

cmd=${1:-}
[ $# -ge 2 ] || die "usage: vm/fetch.sh deb|source DIR PACKAGE..."
mkdir -p "$state"
# One at a time: the client's locks would make the second one fail
exec 8> "$state/lock"
flock -n 8 || { say "waiting for another fetch"; flock 8; }
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
