// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Module parameters that take one of a few words; anything else is refused.
 */
#include <linux/string.h>
#include <linux/sysfs.h>

#include "my_rng_drv.h"

static int my_rng_choice_set(const char *val, const struct kernel_param *kp)
{
	struct my_rng_choice *choice = kp->arg;
	unsigned int i;

	for (i = 0; i < choice->count; i++) {
		if (sysfs_streq(val, choice->words[i])) {
			WRITE_ONCE(choice->value, i);
			return 0;
		}
	}
	return -EINVAL;
}

static int my_rng_choice_get(char *buffer, const struct kernel_param *kp)
{
	const struct my_rng_choice *choice = kp->arg;

	return sysfs_emit(buffer, "%s\n",
			  choice->words[READ_ONCE(choice->value)]);
}

const struct kernel_param_ops my_rng_choice_ops = {
	.set = my_rng_choice_set,
	.get = my_rng_choice_get,
};
