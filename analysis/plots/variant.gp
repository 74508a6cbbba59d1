# SPDX-License-Identifier: GPL-2.0-or-later
# One variant: its throughput among the others, and how its latency spreads.
width = 960
height = 480
load dir."/common.gp"

me = 0
base = 0
do for [i=1:NS] {
	me = L[i] eq variant ? i : me
	base = V[i] eq "null" && has_value(i, 10) ? i : base
}
subtitle = sprintf("one thread, %s; medians with 95 %% intervals", setting)
eval title_at("Variant ".variant)
set tmargin at screen 0.735
set bmargin at screen 0.13
set xlabel "request size" offset 0,0.3
set logscale y 10
eval few_size_tics

# Left: this variant in its colour, its neighbours pale.
is_neighbour(i) = i <= PATHS || V[i] eq "null" || V[i] eq "virtio-rng" \
	|| V[i] eq "memcpy"
paint = C[me]
do for [i=1:NS] {
	if (has(i) && is_neighbour(i)) {
		stats summary using (with_rate(i)) name "X" nooutput
		stats summary using (at(i, X_max, column("mbps"))) name "Y" \
			nooutput
		stats summary using (pick(i, column("mbps"))) name "R" nooutput
		LX[i] = X_max
		LY[i] = Y_max
		yhi = 1.6 * R_max > yhi ? 1.6 * R_max : yhi
		ylo = R_min / 1.6 < ylo ? R_min / 1.6 : ylo
		if (i != me) {
			C[i] = "#9a9a9a"
			shown = sprintf("%d %s", i, shown)
		}
	}
}
# Where there is no other curve, its own lies under itself.
shown = shown eq "" ? sprintf("%d", me) : shown
set multiplot
set lmargin at screen 0.09
set rmargin at screen 0.44
set yrange [ylo:yhi]
gap = 0.058
load dir."/labels.gp"
eval rate_tics
set label 4 "{/:Bold*0.95 throughput}" at graph 0, graph 1.13 left \
	textcolor rgb ink
set label 5 "{/*0.85 grey: the other paths; dashed: controls}" \
	at graph 0, graph 1.055 left textcolor rgb faint
plot for [k in shown] summary \
		using (pick(int(k), column("bytes"))):"mbps" with lines \
		linecolor rgb C[int(k)] linewidth 1.1 dashtype D[int(k)], \
	summary using (pick(me, column("bytes"))):"mbps" with lines \
		linecolor rgb paint linewidth 2.6 dashtype 1, \
	summary using (pick(me, column("bytes")))\
		:"mbps":"mbps_lo":"mbps_hi" with yerrorbars \
		linecolor rgb paint linewidth 1.2 pointtype P[me]

# Right: bands between its percentiles; dashed, the driver without a device. A
# percentile that too few calls tell is none: there the band has no width.
p90(x) = strcol("ns_p90") eq "-" ? column("ns_p50") : column("ns_p90")
p99(x) = strcol("ns_p99") eq "-" ? p90(x) : column("ns_p99")
p999(x) = strcol("ns_p999") eq "-" ? p99(x) : column("ns_p999")
unset for [n=1:3] label n
unset for [n=101:199] arrow n
unset for [n=101:199] label n
set lmargin at screen 0.635
set rmargin at screen 0.955
eval time_tics
set yrange [*:*] # stats heeds it
# Column 10 is p50, 13 p99.9: percentiles of too few calls are not there.
array EDGE[4] = ["ns_p50", "ns_p90", "ns_p99", "ns_p999"]
array SHADE[3] = [110, 165, 215]
within(n, most) = n < 1 ? 1 : n > most ? most : n # also where no band is drawn
bands = has_value(me, 13) ? 3 : has_value(me, 12) ? 2 : has_value(me, 11)
set label 4 "{/:Bold*0.95 latency of one call}" at graph 0, graph 1.13 left \
	textcolor rgb ink
set label 5 "{/*0.85 line p50, bands to p90, p99, p99.9; dashed: null}" \
	at graph 0, graph 1.055 left textcolor rgb faint
shade(transparency) = sprintf("#%02x%s", transparency, paint[2:7])
if (has_value(me, 10)) {
	stats summary using (pick(me, column("ns_p50"))) name "L" nooutput
	stats summary using (pick(me, column(EDGE[bands+1]))) name "H" nooutput
	ylo = L_min / 1.6
	dashed = sprintf("%d", me) # under its own curve
	if (base && has(base)) {
		stats summary using (pick(base, column("ns_p50"))) name "B" \
			nooutput
		ylo = B_min / 1.6 < ylo ? B_min / 1.6 : ylo
		dashed = sprintf("%d", base)
	}
	set yrange [ylo:1.6*H_max]
	plot for [b=1:bands] summary using (pick(me, column("bytes")))\
			:(column(EDGE[within(bands+1-b, 4)])):(column(EDGE[within(bands+2-b, 4)])) \
			with filledcurves fillcolor rgb shade(SHADE[within(bands+1-b, 3)]) \
			linewidth 0, \
		for [k in dashed] summary \
			using (pick(int(k), column("bytes"))):"ns_p50" \
			with lines linecolor rgb "#777777" linewidth 1.4 \
			dashtype 2, \
		summary using (pick(me, column("bytes"))):"ns_p50" \
			with linespoints linecolor rgb paint linewidth 2.6 \
			pointtype P[me]
} else {
	eval empty("not timed, or by too few calls")
}
unset multiplot
