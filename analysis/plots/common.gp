# SPDX-License-Identifier: GPL-2.0-or-later
# Shared by all plots: series, colours, axes, titles, labels beside the curves.
#
# Set by the caller (gnuplot -e): dir, summary, latency, split, lane, generator,
# out (file name), type (svg or png); variant.gp also wants variant.

set encoding utf8
set datafile separator tab
set datafile columnheaders
set datafile missing NaN

# --- series: name, access compared over sizes, colour, dash, point, width ---
# Okabe and Ito's colours, apart for all kinds of colour vision. A pair of
# related paths shares a hue; controls are grey and dashed. What is measured in
# place is called NAME/mmap. Paths that are not named here, but have rows in the
# summary, are put behind those that are, in colours of their own.
known_paths = "32:read:#d55e00:1:7:2 64:read:#e69f00:1:5:2 " \
	."fifo:read:#009e73:1:9:2 fifo-mmio:read:#66c2a4:1:8:2 " \
	."dma:read:#0072b2:1:13:2 dma-msi:read:#56b4e9:1:12:2 " \
	."dma-zc:read:#7b3294:1:11:2 dma-zc-msi:read:#b58bc9:1:10:2 " \
	."dma-q:read:#808000:1:7:2 dma-q-msi:read:#bdb76b:1:6:2 " \
	."window:read:#7f4f24:1:3:2 window-uc:read:#b08968:1:14:2 " \
	."window:mmap:#7f4f24:5:15:2 ring:read:#cc79a7:1:2:2 " \
	."ring:mmap:#cc79a7:5:1:2"
controls = "null:read:#333333:2:6:1.6 virtio-rng:hwrng:#aa4499:2:4:1.6 " \
	."getrandom:syscall:#777777:3:1:1.2 memcpy:memory:#777777:4:2:1.2 " \
	."host-memcpy:memory:#aaaaaa:4:1:1.2 " \
	."host-generator:memory:#aaaaaa:5:2:1.2"
more_paths = system(sprintf("awk -F'\t' -v known=' %s ' -v hues='#1f78b4 " \
	."#33a02c #e31a1c #ff7f00 #6a3d9a #b15928' 'FNR > 2 && $3 == \"read\" && " \
	."$5 == 1 && $16 != \"-\" && $2 !~ /@/ && $0 !~ /^#/ && !n[$2]++ && " \
	."!index(known, \" \" $2 \":read:\") { k = split(hues, hue, \" \"); " \
	."printf \"%%s:read:%%s:1:%%d:2 \", $2, hue[m %% k + 1], m++ %% 15 + 1 }' " \
	."'%s'", known_paths, summary))
paths = known_paths." ".more_paths
series = paths." ".controls
PATHS = words(paths)
NS = words(series)
array V[NS]; array L[NS]; array A[NS]; array C[NS]
array D[NS]; array P[NS]; array W[NS]
head(s) = s[1:strstrt(s, ":")-1]
tail(s) = s[strstrt(s, ":")+1:*]
do for [i=1:NS] {
	w = word(series, i)
	V[i] = head(w); w = tail(w)
	A[i] = head(w); w = tail(w)
	C[i] = head(w); w = tail(w)
	D[i] = int(head(w)); w = tail(w)
	P[i] = int(head(w)); W[i] = real(tail(w))
	L[i] = A[i] eq "mmap" ? V[i]."/mmap" : V[i]
}
ink = "#222222"
faint = "#6a6a6a"

# --- selecting rows ---
is_row(i) = strcol("lane") eq lane && strcol("variant") eq V[i] \
	&& strcol("access") eq A[i] && column("threads") == 1
pick(i, value) = is_row(i) ? value : NaN
with_rate(i) = is_row(i) && column("mbps") > 0 ? column("bytes") : NaN
at(i, bytes, value) = is_row(i) && column("bytes") == bytes ? value : NaN
accesses(x) = column("mmio_reads") + column("mmio_writes") \
	+ column("pio_reads") + column("pio_writes")

# Names that have rows here; `stats` on none of them would stop the script.
list_present(l) = " ".system(sprintf("awk -F'\t' -v l=%s " \
	."'$1 == l && $5 == 1 && $4 > 0 && $7 != \"-\" " \
	."{ n[$2 \"/\" $3] = 1 } " \
	."END { for (v in n) printf \"%%s \", v }' '%s'", l, summary))
find_present = "present = list_present(lane)"
eval find_present
# Whether any size of a series has a value in a column, counted from 1
has_value(i, n) = system(sprintf("awk -F'\t' '$1 == \"%s\" && $2 == \"%s\" " \
	."&& $3 == \"%s\" && $5 == 1 && $%d != \"-\"' '%s' | wc -l", lane, V[i], \
	A[i], n, summary)) > 0
has(i) = strstrt(present, " ".V[i]."/".A[i]." ") > 0
counted = " ".system(sprintf("awk -F'\t' -v l=%s " \
	."'$1 == l && $5 == 1 && $4 > 0 && $16 + $17 + $18 + $19 > 0 " \
	."{ n[$2 \"/\" $3] = 1 } END { for (v in n) printf \"%%s \", v }' " \
	."'%s'", lane, summary))
has_counts(i) = strstrt(counted, " ".V[i]."/".A[i]." ") > 0

# --- words ---
caveat = lane eq "tcg" \
	? "tcg: an emulated CPU, where an MMIO access is a helper call. " \
	."Shapes and ratios, not exit costs." : \
	lane eq "nested" \
	? "nested: KVM inside an emulated machine. Exact counts, but times " \
	."that are not a host's." : \
	sprintf("%s: times of this host.", lane)
setting = generator eq "" ? sprintf("lane %s", lane) \
	: sprintf("lane %s, generator %s", lane, generator)

# --- page ---
if (type eq "svg") {
	eval sprintf("set terminal svg size %d,%d dynamic background '#ffffff' " \
		."font 'DejaVu Sans,Verdana,sans-serif,13'", width, height)
} else {
	eval sprintf("set terminal pngcairo size %d,%d background '#ffffff' " \
		."font 'DejaVu Sans,9.8' fontscale 2 linewidth 2 pointscale 2", \
		2 * width, 2 * height)
}
set output out
title_y(px) = 1.0 - 1.0 * px / height
title_at(what) = sprintf("set label 1 \"{/:Bold*1.3 %s}\" at screen 0.018, " \
	."screen %f left front textcolor rgb '%s'; " \
	."set label 2 \"{/*0.92 %s}\" at screen 0.018, screen %f left front " \
	."textcolor rgb '%s'; set label 3 \"{/*0.92 %s}\" at screen 0.018, " \
	."screen %f left front textcolor rgb '%s'", what, title_y(22), ink, \
	subtitle, title_y(45), faint, caveat, title_y(63), faint)
set border 3 linecolor rgb "#999999"
set grid xtics ytics linecolor rgb "#e4e4e4" linewidth 0.8 linetype 1
set tics nomirror scale 0.5 textcolor rgb ink
set xlabel textcolor rgb faint
set ylabel textcolor rgb faint
set bars 0.4
set pointsize 0.55
unset key

# --- axes ---
set logscale x 2
set xrange [3.4:1.25*1048576]
size_tics = "set xtics (\"4 B\" 4, \"16 B\" 16, \"64 B\" 64, \"256 B\" 256, " \
	."\"1 KiB\" 1024, \"4 KiB\" 4096, \"16 KiB\" 16384, " \
	."\"64 KiB\" 65536, \"256 KiB\" 262144, \"1 MiB\" 1048576)"
few_size_tics = "set xtics (\"4 B\" 4, \"64 B\" 64, \"1 KiB\" 1024, " \
	."\"16 KiB\" 16384, \"256 KiB\" 262144)"
rate_tics = "set ytics (\"1 kB/s\" 1e-3, \"10 kB/s\" 1e-2, \"100 kB/s\" 1e-1, " \
	."\"1 MB/s\" 1, \"10 MB/s\" 10, \"100 MB/s\" 100, \"1 GB/s\" 1e3, " \
	."\"10 GB/s\" 1e4, \"100 GB/s\" 1e5)"
time_tics = "set ytics (\"1 ns\" 1, \"10 ns\" 10, \"100 ns\" 100, " \
	."\"1 µs\" 1e3, \"10 µs\" 1e4, \"100 µs\" 1e5, \"1 ms\" 1e6, " \
	."\"10 ms\" 1e7, \"100 ms\" 1e8, \"1 s\" 1e9, \"10 s\" 1e10)"
set xtics textcolor rgb ink
set ytics textcolor rgb ink

# --- a label at the end of each curve, in its colour ---
# The caller fills LX, LY (end of the curve; LY 0: no label), sets yrange to
# [ylo:yhi] and calls labels.gp with gap, the least distance of two labels as a
# part of the axis. Labels too near each other are pushed apart; a thin line
# leads from the curve to its label. `shown` lists the curves that have rows.
array LX[NS]
array LY[NS]
array O[NS]
array Z[NS]
do for [i=1:NS] { LX[i] = 0; LY[i] = 0 }
empty(text) = sprintf("set label 5 \"%s\" at graph 0.5, graph 0.5 center " \
	."textcolor rgb '%s'; set yrange [1:10]; plot NaN; unset label 5", \
	text, faint)
shown = ""
ylo = 1e300
yhi = 0
