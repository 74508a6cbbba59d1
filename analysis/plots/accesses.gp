# SPDX-License-Identifier: GPL-2.0-or-later
# Guest-to-device accesses per byte over request size, of each data path.
width = 960
height = 560
load dir."/common.gp"

subtitle = sprintf("register and port accesses that the device saw, " \
	."per byte of a request; %s", setting)
caveat = "From the device's own counters; of ring and dma-q estimates. " \
	."Under KVM one exit can carry many port accesses."
eval title_at("Device accesses per byte")
set lmargin at screen 0.115
set rmargin at screen 0.865
set tmargin at screen 0.85
set bmargin at screen 0.115
set xlabel "request size" offset 0,0.3
set logscale y 4
eval size_tics
set ytics ("1 per byte" 1, "1 per 4 B" 1./4, "1 per 16 B" 1./16, \
	"1 per 64 B" 1./64, "1 per 256 B" 1./256, "1 per KiB" 1./1024, \
	"1 per 4 KiB" 1./4096, "1 per 16 KiB" 1./16384, \
	"1 per 64 KiB" 1./65536, "1 per 256 KiB" 1./262144, \
	"1 per MiB" 1./1048576)

per_byte(i) = accesses(0) > 0 ? accesses(0) / column("bytes") : NaN
ylo = 1
do for [i=1:PATHS] {
	if (has_counts(i)) {
		stats summary using (pick(i, column("bytes"))) name "X" nooutput
		stats summary using (at(i, X_max, accesses(0) > 0 ? 1 : 0)) \
			name "N" nooutput
		# A ring may have none at all, and this scale no place for it
		if (N_max == 0) { continue }
		stats summary using (at(i, X_max, per_byte(i))) name "Y" \
			nooutput
		stats summary using (pick(i, per_byte(i))) name "R" nooutput
		LX[i] = X_max
		LY[i] = Y_max
		yhi = 2 * R_max > yhi ? 2 * R_max : yhi
		ylo = R_min / 2 < ylo ? R_min / 2 : ylo
		shown = sprintf("%d %s", i, shown)
	}
}
gap = 0.042
# Paths that coincide stay visible: wide lines first, thin ones on top.
if (shown eq "") {
	eval empty("no accesses were counted")
} else {
	set yrange [ylo:yhi]
	load dir."/labels.gp"
	plot for [k in shown] summary \
			using (pick(int(k), column("bytes"))):(per_byte(0)) \
			with linespoints linecolor rgb C[int(k)] \
			linewidth (int(k) % 2 ? 2 : 4) pointtype P[int(k)]
}
