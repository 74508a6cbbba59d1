// SPDX-License-Identifier: GPL-2.0-or-later
/* How the sections of the report ask for verdicts and print them. */
#include <math.h>

#include "names.h"
#include "report.h"

struct side side_of(const char *variant)
{
	const struct variant_name *v = variant_find(variant);

	return (struct side){ variant, v ? v->access : "read", 1 };
}

struct comparison compared(const GPtrArray *verdicts, const char *lane,
			   uint64_t bytes, struct side over, struct side under)
{
	struct comparison c;

	if (verdicts && verdicts_find(verdicts, lane, over.variant, over.access,
				      bytes, over.threads, under.variant,
				      under.access, under.threads, &c))
		return c;
	return (struct comparison){
		.estimate = { NAN, NAN, NAN },
		.p = NAN,
		.verdict = VERDICT_UNDECIDED,
	};
}

struct stats_interval ratio_of(const GPtrArray *verdicts, const char *lane,
			       uint64_t bytes, struct side over,
			       struct side under)
{
	const struct side null = side_of("null");
	struct estimate direct =
		compared(verdicts, lane, bytes, over, under).estimate;
	struct estimate above, below;

	if (!isnan(direct.log))
		return verdict_interval(direct);
	above = compared(verdicts, lane, bytes, over, null).estimate;
	below = compared(verdicts, lane, bytes, under, null).estimate;
	return verdict_interval(verdict_quotient(above, below));
}

const char *verdict_words(const struct comparison *c)
{
	if (isnan(c->estimate.log))
		return "not compared";
	return c->verdict == VERDICT_EQUAL ? "equal within 5 %"
					   : verdict_names[c->verdict];
}

const char *goal_words(enum goal_verdict goal)
{
	static const char *const words[] = {
		[GOAL_NOT_MEASURED] = "not measured",
		[GOAL_REACHED] = "**reached**",
		[GOAL_MISSED] = "**missed**",
		[GOAL_UNDECIDED] = "undecided",
	};

	return words[goal];
}
