# SPDX-License-Identifier: GPL-2.0-or-later
# Where a request's time goes: a bar for each path, a panel for each size.
#
# Also set by the caller: split, the file; lane as ever.
width = 1100
height = 470
load dir."/common.gp"

# --- parts: name in the file, in words, colour (Okabe and Ito's, and greys) ---
NP = 10
array PART[NP] = ["syscall", "driver", "crossing", "dispatch", "callback", \
	"generator", "memory", "interrupt", "copy", "pin"]
array WORDS[NP] = ["system call", "driver", "crossing", \
	"QEMU dispatch, lock", "device callback", "generator", "DMA mapping", \
	"interrupt, wake-up", "copy to user", "pinning of pages"]
array PAINT[NP] = ["#999999", "#56b4e9", "#d55e00", "#e69f00", "#f0e442", \
	"#009e73", "#66c2a4", "#cc79a7", "#0072b2", "#7b4fa3"]
sizes = "4 4096 65536"
part_names = ""
do for [p=1:NP] { part_names = part_names." ".PART[p] }
size_name(i) = i == 1 ? "4 B" : i == 2 ? "4 KiB" : "64 KiB"

subtitle = sprintf("share of the untraced time of a read(2), one thread; %s", \
	setting)
eval title_at("Where each nanosecond goes")
unset logscale
set lmargin at screen 0.1
set tmargin at screen 0.71
set bmargin at screen 0.1
set xrange [0:1.3]
set xtics ("0" 0, "25 %%" 0.25, "50 %%" 0.5, "75 %%" 0.75, \
	"100 %%" 1)
set grid noytics
set style fill solid noborder

# A line for each box: size, path's place, part, from, to; and totals in words.
# First some out of sight, for panels and parts that have none.
boxes = system("awk -F'\t' -v parts='".part_names." unexplained' -v sizes='" \
	.sizes."' '" \
	."BEGIN { n = split(parts, p, \" \"); m = split(sizes, s, \" \"); " \
	."for (i = 1; i <= m; i++) { print \"T\", s[i], -9, 0, 0, 0; " \
	."for (k = 1; k <= n; k++) print \"B\", s[i], -9, p[k], 0, 0 } " \
	."n = 0 } " \
	."NR < 3 || /^#/ { next } " \
	."!($2 in at) { at[$2] = ++n } " \
	."$5 == \"total\" { t = $6; u = t < 1e3 ? \"ns\" : t < 1e6 ? \"µs\" : " \
	."t < 1e9 ? \"ms\" : \"s\"; d = t < 1e3 ? 1 : t < 1e6 ? 1e3 : " \
	."t < 1e9 ? 1e6 : 1e9; printf \"T %d %d %.3g %s -\\n\", $3, at[$2], " \
	."t / d, u; x = 0; next } " \
	."$5 == \"unexplained\" { print \"B\", $3, at[$2], $5, (x < 1 ? x : 1), " \
	."(x < 1 ? 1 : x); next } " \
	."{ print \"B\", $3, at[$2], $5, x + 0, x + ($9 > 0 ? $9 : 0); " \
	."x += $9 > 0 ? $9 : 0 }' '".split."'")
unset datafile columnheaders
set datafile separator whitespace
set print $boxes
print boxes
unset print
paths = int(system(sprintf("awk -F'\t' 'NR > 2 && !/^#/ { n[$2] } END " \
	."{ print length(n) }' '%s'", split)))
path_name(i) = system(sprintf("awk -F'\t' 'NR > 2 && !/^#/ && !($2 in n) " \
	."{ n[$2]; if (++k == %d) print $2 }' '%s'", i, split))
set yrange [paths + 0.6:0.4]
unset ytics
unset ylabel

# Legend: rows of coloured squares under the title
do for [p=1:NP + 1] {
	x = 0.02 + ((p - 1) % 6) * 0.163
	y = title_y(p > 6 ? 103 : 86)
	paint = p > NP ? ink : PAINT[p]
	eval sprintf("set object %d rectangle center screen %f, screen %f " \
		."size screen 0.012, screen 0.022 fillcolor rgb '%s' " \
		."fillstyle solid 1.0 noborder", 200 + p, x, y, paint)
	legend = p > NP ? "unexplained" : WORDS[p]
	eval sprintf("set label %d \"%s\" at screen %f, screen %f left " \
		."textcolor rgb '%s'", 200 + p, legend, x + 0.01, y, ink)
}

is_box(s, part) = strcol(1) eq "B" && column(2) == s && strcol(4) eq part
set multiplot
do for [i=1:3] {
	bytes = int(word(sizes, i))
	set lmargin at screen 0.095 + (i - 1) * 0.303
	set rmargin at screen 0.095 + i * 0.303 - 0.012
	set label 4 "{/:Bold*0.95 ".size_name(i)."}" at graph 0, graph 1.045 \
		left textcolor rgb ink
	if (i == 1) {
		do for [k=1:paths] {
			set label 300+k path_name(k) at graph -0.02, \
				first k right textcolor rgb ink
		}
	}
	plot for [p=1:NP] $boxes using \
			(is_box(bytes, PART[p]) ? (column(5) + column(6)) / 2 \
			: NaN):(column(3)):(column(5)):(column(6)) \
			:(column(3) - 0.36):(column(3) + 0.36) \
			with boxxyerror linecolor rgb PAINT[p], \
		$boxes using (is_box(bytes, "unexplained") \
			? (column(5) + column(6)) / 2 : NaN) \
			:(column(3)):(column(5)):(column(6)) \
			:(column(3) - 0.36):(column(3) + 0.36) \
			with boxxyerror linecolor rgb ink, \
		$boxes using (strcol(1) eq "T" && column(2) == bytes ? 1.06 \
			: NaN):(column(3)):(strcol(4)." ".strcol(5)) with labels left \
			font ",9" textcolor rgb faint
	unset for [n=201:200+NP+1] label n
	unset for [n=201:200+NP+1] object n
	unset for [n=1:3] label n
	unset for [n=301:320] label n
}
unset multiplot
