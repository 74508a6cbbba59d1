# SPDX-License-Identifier: GPL-2.0-or-later
# Throughput over request size in several lanes, one panel each, one scale.
#
# Also set by the caller: lanes, their names; lane is the first of them.
width = 1100
height = 560
load dir."/common.gp"

subtitle = "one thread; the same requests, paths and scale in each panel; " \
	."medians with 95 % intervals"
caveat = "Times of different lanes are those of different machines: " \
	."compare the shapes, not the heights."
eval title_at("Throughput by request size, lane by lane")
PANELS = words(lanes)
LAST = PATHS + 1 # and of the controls the driver alone
set tmargin at screen 0.80
set bmargin at screen 0.115
set xlabel "request size" offset 0,0.3
set logscale y 10
eval few_size_tics
eval rate_tics

# One scale for all panels.
do for [p=1:PANELS] {
	lane = word(lanes, p)
	eval find_present
	do for [i=1:LAST] {
		if (has(i)) {
			stats summary using (pick(i, column("mbps_hi"))) \
				name "H" nooutput
			stats summary using (pick(i, column("mbps_lo"))) \
				name "L" nooutput
			yhi = 1.6 * H_max > yhi ? 1.6 * H_max : yhi
			ylo = L_min / 1.6 < ylo ? L_min / 1.6 : ylo
		}
	}
}

set multiplot
do for [p=1:PANELS] {
	lane = word(lanes, p)
	eval find_present
	shown = ""
	set yrange [*:*] # stats heeds it
	do for [i=1:NS] { LY[i] = 0 }
	do for [i=1:LAST] {
		if (has(i)) {
			stats summary using (with_rate(i)) name "X" nooutput
			stats summary using (at(i, X_max, column("mbps"))) \
				name "Y" nooutput
			LX[i] = X_max
			LY[i] = Y_max
			shown = sprintf("%d %s", i, shown)
		}
	}
	set lmargin at screen 0.085 + (p - 1) * 0.915 / PANELS
	set rmargin at screen 0.085 + p * 0.915 / PANELS - 0.165
	set label 4 "{/:Bold*0.95 lane ".lane."}" at graph 0, graph 1.04 left \
		textcolor rgb ink
	set yrange [ylo:yhi]
	gap = 0.045
	unset for [n=101:199] arrow n
	unset for [n=101:199] label n
	load dir."/labels.gp"
	plot for [k in shown] summary \
			using (pick(int(k), column("bytes"))):"mbps" \
			with lines linecolor rgb C[int(k)] \
			linewidth W[int(k)] dashtype D[int(k)], \
		for [k in shown] summary \
			using (pick(int(k), column("bytes")))\
			:"mbps":"mbps_lo":"mbps_hi" with yerrorbars \
			linecolor rgb C[int(k)] linewidth 1 pointtype P[int(k)]
	unset for [n=1:3] label n
}
unset multiplot
