// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Registration with the kernel's hw_random core, for /dev/hwrng and rng-tools.
 *
 * The stream is that of a PRNG with a seed anyone may set, so it must never be
 * credited as entropy and never push a real source aside:
 *
 * - The quality is 1 of 1024. 0 would say "unknown", which kernels since 6.2
 *   take for 1024; 1 is the lowest value that means the same in every kernel.
 *   Any other source is thus preferred; ours is the current one only when it is
 *   alone or was chosen in rng_current.
 * - Only user space gets bytes. The core's kernel thread, which would credit
 *   them, gets none; nor does the sample the core takes (without waiting) when
 *   a source becomes the current one. So nothing is ever credited, and the
 *   core takes no words out of a stream that somebody is reading.
 */
#include <linux/string.h>

#include "my_rng_drv.h"
#include "trace.h"

static struct my_rng_dev *my_rng_from_hwrng(struct hwrng *rng)
{
	return container_of(rng, struct my_rng_dev, hwrng);
}

/* Called when the source becomes the current one, before the core's sample */
static int my_rng_hwrng_init(struct hwrng *rng)
{
	WRITE_ONCE(my_rng_from_hwrng(rng)->hwrng_skip, true);
	return 0;
}

/* From a path that waits for words without the lock */
static int my_rng_hwrng_read_held(struct my_rng_dev *mr, void *data, size_t max,
				  bool wait)
{
	const struct my_rng_mode *mode = mr->hwrng_mode;
	ssize_t ret = 0;

	max = min(max, mr->user_chunk);
	trace_my_rng_fill_begin(mr->name, mode->name, max);
	if (!(READ_ONCE(mr->modes) & MY_RNG_MODE_CONSTANT))
		ret = mode->read_kernel(mr, NULL, data, max, !wait);
	trace_my_rng_fill_end(mr->name, mode->name, ret);
	return ret == -EAGAIN ? 0 : ret;
}

static int my_rng_hwrng_read(struct hwrng *rng, void *data, size_t max,
			     bool wait)
{
	struct my_rng_dev *mr = my_rng_from_hwrng(rng);
	ssize_t ret;

	if (current->flags & PF_KTHREAD)
		return 0;
	if (READ_ONCE(mr->hwrng_skip)) {
		WRITE_ONCE(mr->hwrng_skip, false);
		if (!wait)
			return 0;
	}
	if (mr->hwrng_mode->read_kernel)
		return my_rng_hwrng_read_held(mr, data, max, wait);
	ret = my_rng_lock_words(mr, NULL, !wait);
	if (ret)
		return ret == -EAGAIN ? 0 : ret;
	max = min(max, mr->chunk);
	trace_my_rng_fill_begin(mr->name, mr->hwrng_mode->name, max);
	/* A device that is being examined answers with constants: no bytes */
	ret = mr->modes & MY_RNG_MODE_CONSTANT
		      ? 0
		      : mr->hwrng_mode->fill(mr, max, !wait);
	trace_my_rng_fill_end(mr->name, mr->hwrng_mode->name, ret);
	if (ret > 0)
		memcpy(data, my_rng_filled(mr, mr->hwrng_mode), ret);
	my_rng_unlock(mr);
	return ret;
}

/**
 * my_rng_hwrng_add() - offer a device to the hw_random core
 * @mr: the device, ready to be read
 *
 * Return: 0 or a negative errno.
 */
int my_rng_hwrng_add(struct my_rng_dev *mr)
{
	mr->hwrng_mode = mr->path->mode(mr);
	mr->hwrng.name = mr->name;
	mr->hwrng.init = my_rng_hwrng_init;
	mr->hwrng.read = my_rng_hwrng_read;
	mr->hwrng.quality = 1;
	return hwrng_register(&mr->hwrng);
}

/**
 * my_rng_hwrng_del() - take a device back from the hw_random core
 * @mr: the device; its lock must not be held, as this waits for readers
 */
void my_rng_hwrng_del(struct my_rng_dev *mr)
{
	hwrng_unregister(&mr->hwrng);
}
