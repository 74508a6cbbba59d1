#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs one of the tools that 'make install' installed beside it.
#
# usage: exitcost COMMAND [ARGUMENT...]      exitcost COMMAND --help says more
#        exitcost --help | --version
#
# The files of a study:
#   summarize   makes summary.tsv of raw.tsv
#   model       fits unit prices to a run: model.tsv
#   split       takes requests apart: split.tsv
#   predict     the table of a host from its prices and a run's counts
#   report      writes a run's report.md
#   plots       draws a run's plots (exitcost plots RESULTS_DIR)
#   invariants  tells what of a report and its tables cannot be true
#
# A QEMU that runs already (--pid N):
#   perf        where its time goes, by thread and layer
#   strace      its system calls by thread, and why KVM_RUN returned
#   bpf         accesses, exits and locks, counted by bpftrace scripts
#   qemu        the device's trace events, counted per cell
#
# Captures, from standard input to a table:
#   perffold perfstat perfsys stracefold bpffold qtracefold ftracefold
#   kvmcount lookcost
#
# Machines:
#   vmrun       runs QEMU with a job for the guest
#   qmp         a command to the monitor of a QEMU
#   hostbench   what no device can exceed on this host
#   my-app      in a guest: the exercise's application (and see userbench(1))
set -eu
lib=$(dirname "$(realpath "$0")")
. "$lib/vm/lib.sh"

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
--help | -h | help)
	sed -n '/^# usage:/,/^set/ { /^set/!s/^# \{0,1\}//p }' "$0"
	;;
--version) echo "exitcost @VERSION@" ;;
'') die "name a command; 'exitcost --help' lists them" ;;
plots) REPORT=$lib/bin/report exec "$lib/analysis/plots.sh" "$@" ;;
perf | strace | bpf | qemu) exec "$lib/tracing/$command.sh" "$@" ;;
*)
	[[ $command != */* && -x $lib/bin/$command ]] ||
		die "no command '$command'; 'exitcost --help' lists them"
	exec "$lib/bin/$command" "$@"
	;;
esac
