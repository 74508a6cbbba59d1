# SPDX-License-Identifier: GPL-2.0-or-later
# From summary.tsv to the points of the design-space plot (space.gp).
#
# usage: awk -F '\t' -v lane=LANE -v bytes=BYTES -f space.awk summary.tsv
#
# Prints, tab-separated: name, exits (or accesses) per MiB, MB/s, its interval,
# the height of the label, and what the point is: path, or roof for a control
# that is a line across. Labels that would lie on one another are pushed apart.
# A second device's rows, NAME@GENERATOR, are left out: the plot is of one.

# Left of the axis' first decade: none at all
BEGIN {
	OFS = "\t"
	NONE = 0.01
	MIB = 1048576
	GAP = 0.036 # of the axis
	low = 99
	high = -99
}

FNR == 2 { for (i = 1; i <= NF; i++) at[$i] = i; next }
/^#/ || $at["lane"] != lane || $at["bytes"] != bytes ||
	$at["threads"] != 1 || $at["mbps"] == "-" || $at["variant"] ~ /@/ { next }

{
	name = $at["variant"] ($at["access"] == "read" ? "" : " " $at["access"])
	mbps = $at["mbps"]
	y = log(mbps) / log(10)
	low = y < low ? y : low
	high = y > high ? y : high
	span = mbps "\t" $at["mbps_lo"] "\t" $at["mbps_hi"]
}

$at["variant"] ~ /^(memcpy|getrandom|virtio-rng|host-generator|host-memcpy)$/ {
	print $at["variant"], 0, span, mbps, "roof"
	next
}
$at["mmio_reads"] == "-" { next }
{
	count = $at["exits"]
	if (count == "-")
		count = $at["mmio_reads"] + $at["mmio_writes"] + \
			$at["pio_reads"] + $at["pio_writes"]
	x = count * MIB / bytes
	n++
	label[n] = name
	place[n] = x < NONE ? NONE : x
	rest[n] = span
	height[n] = y
}

# Lowest first, and each at least GAP of the axis above its neighbour
function push(    i, j, round, move, t) {
	for (i = 1; i <= n; i++)
		order[i] = i
	for (i = 1; i < n; i++)
		for (j = 1; j <= n - i; j++)
			if (height[order[j]] > height[order[j + 1]]) {
				t = order[j]; order[j] = order[j + 1]
				order[j + 1] = t
			}
	for (round = 0; round < 500; round++) {
		for (i = 1; i < n; i++)
			for (j = i + 1; j <= n; j++)
				apart(order[i], order[j])
		for (i = 1; i <= n; i++)
			keep_inside(i)
	}
}

# The plot ends a factor of 2 above the highest and below the lowest point
function keep_inside(i) {
	if (height[i] > high + 0.2)
		height[i] = high + 0.2
	if (height[i] < low - 0.2)
		height[i] = low - 0.2
}

# Only those about as far right can touch
function apart(under, over,    move) {
	move = log(place[over] / place[under]) / log(10)
	if (move > 1.2 || move < -1.2)
		return
	move = GAP * decades - (height[over] - height[under])
	if (move > 0) {
		height[under] -= move / 2
		height[over] += move / 2
	}
}

END {
	decades = high - low + 0.6
	push()
	for (i = 1; i <= n; i++)
		print label[i], place[i], rest[i], 10 ^ height[i], "path"
}
