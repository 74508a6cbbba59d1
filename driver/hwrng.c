// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Registration with the kernel's hw_random core, for /dev/hwrng and rng-tools.
 *
 * Of generator "host" the words are the host's getrandom(2), so it is a source as
 * virtio-rng is. Every other generator is a PRNG with a seed anyone may set: its
 * words must never be credited as entropy, by the kernel or by rngd. Such a device
 * is offered on request only (hwrng=1); then with a quality of 1 of 1024, as 0
 * means 1024 to kernels since 6.2, and the core's thread, which would credit what
 * it gets, gets nothing.
 */
#include <linux/module.h>

#include "my_rng_drv.h"

/* As virtio-rng's: of 1024 */
#define QUALITY_HOST 1000

static bool my_rng_hwrng_any;
module_param_named(hwrng, my_rng_hwrng_any, bool, 0644);
MODULE_PARM_DESC(hwrng, "offer devices bound from now on to hw_random even if "
			"their words follow from a seed (default: no)");

/* Words go out only if the device still is what it was when it made them */
static int my_rng_hwrng_check(struct my_rng_dev *mr, bool nonblock)
{
	int ret = my_rng_lock(mr, nonblock);

	if (!ret) {
		ret = my_rng_look(mr);
		my_rng_unlock(mr);
	}
	return ret;
}

static int my_rng_hwrng_read(struct hwrng *rng, void *data, size_t max,
			     bool wait)
{
	struct my_rng_dev *mr = container_of(rng, struct my_rng_dev, hwrng);
	ssize_t ret;

	if (current->flags & PF_KTHREAD &&
	    mr->info.generator != MY_RNG_GEN_HOST)
		return 0;
	ret = my_rng_read_kernel(mr, mr->hwrng_method, NULL, data, max, !wait);
	if (ret > 0)
		ret = my_rng_hwrng_check(mr, !wait) ?: ret;
	return ret == -EAGAIN ? 0 : ret;
}

/** my_rng_hwrng_add() - offer a device to the core, if it is fit for that */
int my_rng_hwrng_add(struct my_rng_dev *mr)
{
	bool host = mr->info.generator == MY_RNG_GEN_HOST;
	int ret;

	if (!host && !READ_ONCE(my_rng_hwrng_any))
		return 0;
	mr->hwrng_method = my_rng_method_now(mr);
	mr->hwrng.name = mr->name;
	mr->hwrng.read = my_rng_hwrng_read;
	mr->hwrng.quality = host ? QUALITY_HOST : 1;
	ret = hwrng_register(&mr->hwrng);
	if (ret)
		mr->hwrng_method = NULL;
	return ret;
}

/** my_rng_hwrng_del() - take the device, not locked, back from the core */
void my_rng_hwrng_del(struct my_rng_dev *mr)
{
	if (mr->hwrng_method)
		hwrng_unregister(&mr->hwrng);
}
