# SPDX-License-Identifier: GPL-2.0-or-later
# The design space: what a path costs in exits against what it delivers.
#
# Beside common.gp's: points, what space.awk printed.
width = 960
height = 620
load dir."/common.gp"

exits = lane eq "tcg" ? "device accesses" : "exits"
subtitle = sprintf("requests of 64 KiB by one thread, %s; lines: controls " \
	."that reach no device of ours", setting)
eval title_at(sprintf("What is delivered against %s", exits))
set lmargin at screen 0.095
set rmargin at screen 0.965
set tmargin at screen 0.865
set bmargin at screen 0.105
unset datafile
set datafile separator tab
set datafile missing NaN
set xlabel exits." per MiB delivered" offset 0,0.3
set logscale x 10
set logscale y 10
set xrange [0.006:3e6]
set xtics ("none" 0.01, "0.1" 0.1, "1" 1, "10" 10, "100" 100, "1000" 1e3, \
	"10 000" 1e4, "100 000" 1e5, "1 000 000" 1e6) textcolor rgb ink
eval rate_tics

is(kind) = strcol(7) eq kind
point(kind, value) = is(kind) ? value : NaN
stats points using 3 name "Y" nooutput
set yrange [Y_min / 2:Y_max * 2]
plot points using (point("roof", 0.006)):3:(3e6):(0) with vectors nohead \
		linecolor rgb "#aaaaaa" dashtype 2 linewidth 1.2, \
	points using (point("roof", 5000)):($3 * 1.27):1 with labels left \
		textcolor rgb faint, \
	points using (point("path", $2)):3:4:5 with yerrorbars \
		linecolor rgb "#0072b2" pointtype 7, \
	points using (point("path", $2)):3:($2 * 0.28):($6 - $3) with vectors \
		nohead linecolor rgb "#0072b2" linewidth 0.7 dashtype 3, \
	points using (point("path", $2 * 1.32)):6:1 with labels left \
		textcolor rgb "#0072b2"
