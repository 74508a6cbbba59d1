// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Module parameters that take one of a few words, or a number in a range;
 * anything else is refused.
 */
#include <linux/kstrtox.h>
#include <linux/log2.h>
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

static int my_rng_number_set(const char *val, const struct kernel_param *kp)
{
	struct my_rng_number *number = kp->arg;
	unsigned int value;
	int ret = kstrtouint(val, 0, &value);

	if (ret)
		return ret;
	if (value < number->min || value > number->max ||
	    (number->power && !is_power_of_2(value)))
		return -EINVAL;
	WRITE_ONCE(number->value, value);
	return 0;
}

static int my_rng_number_get(char *buffer, const struct kernel_param *kp)
{
	const struct my_rng_number *number = kp->arg;

	return sysfs_emit(buffer, "%u\n", READ_ONCE(number->value));
}

const struct kernel_param_ops my_rng_number_ops = {
	.set = my_rng_number_set,
	.get = my_rng_number_get,
};
