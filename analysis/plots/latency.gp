# SPDX-License-Identifier: GPL-2.0-or-later
# Latency distribution: time of a call over percentile, at two request sizes.
width = 960
height = 600
load dir."/common.gp"

subtitle = sprintf("one thread, %s; x is stretched towards the slowest " \
	."calls", setting)
eval title_at("Latency of one call, by percentile")
set logscale x 10
set xrange [1:2e4]
set xtics ("50 %%" 2, "90 %%" 10, "99 %%" 100, "99.9 %%" 1e3, \
	"99.99 %%" 1e4)
set xlabel "calls at least this fast" offset 0,0.3
set logscale y 10
eval time_tics
set tmargin at screen 0.81
set bmargin at screen 0.11

SIZES = 2
array SIZE[SIZES] = [64, 65536]
array NAME[SIZES] = ["requests of 64 B", "requests of 64 KiB"]
LAST = PATHS
in_panel(i, s) = is_row(i) && column("bytes") == s
# A percentile has at least ten calls beyond it
inverse_tail(x) = column("calls_to_here") + 10 <= column("calls_all") \
	? 1. * column("calls_all") \
	/ (column("calls_all") - column("calls_to_here")) : NaN
plotted(x) = inverse_tail(0) <= 1e4 ? inverse_tail(0) : NaN

measured = " ".system(sprintf("awk -F'\t' -v l=%s '$1 == l && $5 == 1 " \
	."&& $8 + 10 <= $9 && $9 <= 1e4 * ($9 - $8) { n[$2 \"/\" $3 \"/\" $4] = 1 } " \
	."END { for (v in n) printf \"%%s \", v }' '%s'", lane, latency))
has_latency(i, s) = strstrt(measured, \
	sprintf(" %s/%s/%d ", V[i], A[i], s)) > 0

set multiplot
do for [p=1:SIZES] {
	s = SIZE[p]
	shown = ""
	ylo = 1e300
	yhi = 0
	set yrange [*:*] # stats heeds it
	do for [i=1:LAST] {
		LY[i] = 0
		if (has_latency(i, s)) {
			stats latency \
				using (in_panel(i, s) ? plotted(0) : NaN) \
				name "X" nooutput
			stats latency using (in_panel(i, s) \
				&& plotted(0) > 0 ? column("ns") : NaN) \
				name "T" nooutput
			LX[i] = X_max
			LY[i] = T_max
			yhi = 1.4 * T_max > yhi ? 1.4 * T_max : yhi
			ylo = T_min / 1.4 < ylo ? T_min / 1.4 : ylo
			shown = sprintf("%d %s", i, shown)
		}
	}
	left = p == 1 ? 0.075 : 0.535
	set lmargin at screen left
	set rmargin at screen left + 0.36
	set label 4 "{/:Bold*0.95 ".NAME[p]."}" at graph 0, graph 1.04 left \
		textcolor rgb ink
	if (shown eq "") {
		eval empty("not measured")
	} else {
		set yrange [ylo:yhi]
		gap = 0.045
		if (p == SIZES) { load dir."/labels.gp" }
		plot for [k in shown] latency \
			using (in_panel(int(k), s) ? plotted(0) : NaN):"ns" \
			with lines linecolor rgb C[int(k)] \
			linewidth W[int(k)] dashtype D[int(k)]
	}
	unset label 1
	unset label 2
	unset label 3
}
unset multiplot
