# SPDX-License-Identifier: GPL-2.0-or-later
# Throughput over request size, all variants and controls, with intervals.
width = 960
height = 620
load dir."/common.gp"

subtitle = sprintf("one thread, %s; medians with 95 %% intervals; " \
	."controls grey and dashed", setting)
eval title_at("Throughput by request size")
set lmargin at screen 0.095
set rmargin at screen 0.865
set tmargin at screen 0.865
set bmargin at screen 0.105
set xlabel "request size" offset 0,0.3
set logscale y 10
eval size_tics
eval rate_tics

do for [i=1:NS] {
	if (has(i)) {
		stats summary using (with_rate(i)) name "X" nooutput
		stats summary using (at(i, X_max, column("mbps"))) name "Y" \
			nooutput
		stats summary using (pick(i, column("mbps_hi"))) name "H" \
			nooutput
		stats summary using (pick(i, column("mbps_lo"))) name "L" \
			nooutput
		LX[i] = X_max
		LY[i] = Y_max
		yhi = 1.6 * H_max > yhi ? 1.6 * H_max : yhi
		ylo = L_min / 1.6 < ylo ? L_min / 1.6 : ylo
		shown = sprintf("%d %s", i, shown)
	}
}
set yrange [ylo:yhi]
gap = 0.038
load dir."/labels.gp"

plot for [k in shown] summary \
		using (pick(int(k), column("bytes"))):"mbps" with lines \
		linecolor rgb C[int(k)] linewidth W[int(k)] \
		dashtype D[int(k)], \
	for [k in shown] summary using (pick(int(k), column("bytes")))\
		:"mbps":"mbps_lo":"mbps_hi" with yerrorbars \
		linecolor rgb C[int(k)] linewidth 1 pointtype P[int(k)]
