# SPDX-License-Identifier: GPL-2.0-or-later
# Writes each curve's name beside its end: see common.gp, LX, LY and gap.
nl = 0
do for [i=1:NS] {
	if (LY[i] > 0) {
		nl = nl + 1
		O[nl] = i
		Z[nl] = log10(LY[i])
	}
}
do for [a=1:nl-1] {
	do for [b=1:nl-a] {
		if (Z[b] > Z[b+1]) {
			z = Z[b]; Z[b] = Z[b+1]; Z[b+1] = z
			o = O[b]; O[b] = O[b+1]; O[b+1] = o
		}
	}
}
step = gap * log10(yhi / ylo)
do for [round=1:300] {
	do for [b=1:nl-1] {
		if (Z[b+1] - Z[b] < step) {
			push = (step - (Z[b+1] - Z[b])) / 2 + 1e-6
			Z[b] = Z[b] - push
			Z[b+1] = Z[b+1] + push
		}
	}
	if (nl > 0) {
		Z[1] = Z[1] < log10(ylo) ? log10(ylo) : Z[1]
		Z[nl] = Z[nl] > log10(yhi) ? log10(yhi) : Z[nl]
	}
}
do for [b=1:nl] {
	i = O[b]
	set arrow 100+b from first LX[i], first LY[i] \
		to graph 1.018, first 10**Z[b] nohead \
		linecolor rgb C[i] linewidth 0.7 dashtype 3
	set label 100+b L[i] at graph 1.025, first 10**Z[b] left \
		textcolor rgb C[i]
}
