#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Puts files where they belong on this host, or takes them away again.
#
# usage: analysis/install.sh install|uninstall MODE:FILE:PLACE...
#
# PLACE starts with bin/, man/ or lib/, for bindir, mandir/man1 and
# libexecdir/exitcost, which are in the environment, with DESTDIR in front of
# them. MODE link makes a symbolic link to FILE, another place. A file appears
# whole or not at all; what is not listed is never touched.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../vm/lib.sh"
: "${bindir:?}" "${libexecdir:?}" "${mandir:?}"
root=${DESTDIR:-}

# target PLACE: where that is, without DESTDIR.
target()
{
	case $1 in
	bin/*) echo "$bindir/${1#*/}" ;;
	man/*) echo "$mandir/man1/${1#*/}" ;;
	lib/*) echo "$libexecdir/exitcost/${1#*/}" ;;
	*) die "install.sh: unknown place '$1'" ;;
	esac
}

# make_dir DIR: a new folder gets mode 755, whatever the umask; those that are
# there keep theirs.
make_dir() { [ -d "$1" ] || ${INSTALL:-install} -d "$1"; }

# copy MODE FILE PLACE TEMPORARY: a link is seen from its own folder, so that all
# of it can be moved.
copy()
{
	local to
	case $1 in
	link)
		to=$(target "$3")
		ln -sfn "$(realpath -ms --relative-to="${to%/*}" "$(target "$2")")" "$4"
		;;
	*) ${INSTALL:-install} -m "$1" "$2" "$4" ;;
	esac
}

# put MODE FILE PLACE
put()
{
	local to
	to=$root$(target "$3")
	make_dir "${to%/*}" && copy "$@" "$to.new" && mv -fT "$to.new" "$to" || {
		rm -f "$to.new"
		die "cannot install $to (see above): be root, make room, or choose" \
			"another place, as in: make install prefix=\$HOME/.local"
	}
}

command=$1
shift
for entry; do
	IFS=: read -r mode file place <<< "$entry"
	case $command in
	install) put "$mode" "$file" "$place" ;;
	uninstall)
		rm -f "$root$(target "$place")" ||
			die "cannot remove $root$(target "$place"); be root"
		;;
	*) die "install.sh: unknown command '$command'" ;;
	esac
done
case $command in
install) say "installed in $root$bindir: exitcost (--help lists the tools), userbench" ;;
uninstall)
	if [ -d "$root$libexecdir/exitcost" ]; then
		find "$root$libexecdir/exitcost" -depth -type d -empty -delete
	fi
	;;
esac
