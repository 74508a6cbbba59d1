// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ioctls of a file.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "my_rng_drv.h"
#include "trace.h"

/*
 * A path that holds words itself gives the next of those. The null device has no
 * numbers: 0.
 */
static int my_rng_ioctl_get(struct my_rng_file *mf, bool nonblock,
			    u32 __user *arg)
{
	struct my_rng_dev *mr = mf->mr;
	__le32 held;
	u32 word = 0;
	int ret;

	if (mf->method->read_kernel) {
		ret = my_rng_read_kernel(mr, mf->method, mf, &held,
					 sizeof(held), nonblock);
		return ret < 0 ? ret : put_user(le32_to_cpu(held), arg);
	}
	ret = my_rng_lock_words(mr, mf, nonblock);
	if (ret)
		return ret;
	trace_my_rng_fill_begin(mr->name, "ioctl", sizeof(word));
	if (mr->pdev) {
		word = readl(mr->regs + MY_RNG_REG_RNG);
		ret = my_rng_doubt(mr, word);
	}
	trace_my_rng_fill_end(mr->name, "ioctl", ret ?: sizeof(word));
	my_rng_unlock(mr);
	return ret ?: put_user(word, arg);
}

/* SEED, MARK or MODE: a word for the device */
static int my_rng_ioctl_write(struct my_rng_file *mf, bool nonblock,
			      unsigned int cmd, u32 __user *arg)
{
	struct my_rng_dev *mr = mf->mr;
	u32 value;
	int ret;

	if (get_user(value, arg))
		return -EFAULT;
	if (cmd == MY_RNG_IOC_MODE && value & ~MY_RNG_MODE_ALL)
		return -EINVAL;
	ret = cmd == MY_RNG_IOC_SEED ? my_rng_lock_words(mr, mf, nonblock)
				     : my_rng_lock(mr, nonblock);
	if (ret)
		return ret;
	if (cmd == MY_RNG_IOC_SEED) {
		my_rng_change(mr, MY_RNG_REG_SEED, value);
	} else if (cmd == MY_RNG_IOC_MODE) {
		ret = my_rng_set_modes(mf, value);
	} else {
		writel(value, mr->regs + MY_RNG_REG_MARK);
		trace_my_rng_mark(mr->name, value);
	}
	my_rng_unlock(mr);
	return ret;
}

static int my_rng_ioctl_info(struct my_rng_file *mf,
			     struct my_rng_info __user *arg)
{
	struct my_rng_info info = mf->mr->info;

	strscpy(info.path, mf->method->name, sizeof(info.path));
	return copy_to_user(arg, &info, sizeof(info)) ? -EFAULT : 0;
}

/* A counter may carry between the reads of its halves: high, low, high again */
static u64 my_rng_read_counter(struct my_rng_dev *mr, unsigned int reg)
{
	u32 lo, hi, again = readl(mr->regs + reg + 4);

	do {
		hi = again;
		lo = readl(mr->regs + reg);
		again = readl(mr->regs + reg + 4);
	} while (hi != again);
	return (u64)hi << 32 | lo;
}

/* @n counters from @reg on, as they lie in the structures of STATS and TIMES */
static int my_rng_ioctl_counters(struct my_rng_dev *mr, bool nonblock,
				 unsigned int reg, unsigned int n,
				 void __user *arg)
{
	u64 count[MY_RNG_STAT_COUNT + MY_RNG_TIME_COUNT];
	unsigned int i;
	int ret;

	ret = my_rng_lock(mr, nonblock);
	if (ret)
		return ret;
	if (reg == MY_RNG_REG_TIME)
		writel(1, mr->regs + MY_RNG_REG_PRICE);
	for (i = 0; i < n; i++)
		count[i] = my_rng_read_counter(mr, reg + i * sizeof(u64));
	my_rng_unlock(mr);
	return copy_to_user(arg, count, n * sizeof(u64)) ? -EFAULT : 0;
}

/* Whether the device has MODE and TIME, and the caller may use them */
static int my_rng_may_look_inside(const struct my_rng_dev *mr)
{
	if (!(mr->info.cap & MY_RNG_CAP_MODES))
		return -ENOTTY;
	return capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
}

static int my_rng_ioctl_register(struct my_rng_file *mf,
				 struct my_rng_buf __user *arg)
{
	struct my_rng_buf buf;

	if (copy_from_user(&buf, arg, sizeof(buf)))
		return -EFAULT;
	return mf->method->buf_register(mf, buf.addr, buf.len);
}

/* For a process that has the path's indices mapped, but no doorbell */
static int my_rng_ioctl_kick(struct my_rng_file *mf, bool nonblock)
{
	struct my_rng_dev *mr = mf->mr;
	int ret;

	if (!mr->path->kick)
		return -ENOTTY;
	ret = my_rng_lock_words(mr, mf, nonblock);
	if (ret)
		return ret;
	mr->path->kick(mr);
	my_rng_unlock(mr);
	return 0;
}

/** my_rng_ioctl() - the ioctls of my_rng_uapi.h */
long my_rng_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct my_rng_file *mf = file->private_data;
	bool nonblock = file->f_flags & O_NONBLOCK;
	struct my_rng_dev *mr = mf->mr;
	void __user *user = (void __user *)arg;

	if (READ_ONCE(mr->state) == MY_RNG_GONE)
		return -ENODEV;
	switch (cmd) {
	case MY_RNG_IOC_GET:
		return my_rng_ioctl_get(mf, nonblock, user);
	case MY_RNG_IOC_SEED:
		return my_rng_ioctl_write(mf, nonblock, cmd, user);
	case MY_RNG_IOC_NOP:
		return 0;
	case MY_RNG_IOC_MARK:
		return mr->ours ? my_rng_ioctl_write(mf, nonblock, cmd, user)
				: -ENOTTY;
	case MY_RNG_IOC_INFO:
		return my_rng_ioctl_info(mf, user);
	case MY_RNG_IOC_STATS:
		return mr->ours ? my_rng_ioctl_counters(mr, nonblock,
							MY_RNG_REG_STAT,
							MY_RNG_STAT_COUNT, user)
				: -ENOTTY;
	case MY_RNG_IOC_MODE:
		return my_rng_may_look_inside(mr)
			       ?: my_rng_ioctl_write(mf, nonblock, cmd, user);
	case MY_RNG_IOC_TIMES:
		return my_rng_may_look_inside(mr)
			       ?: my_rng_ioctl_counters(mr, nonblock,
							MY_RNG_REG_TIME,
							MY_RNG_TIME_COUNT,
							user);
	case MY_RNG_IOC_MAP:
		return my_rng_ioctl_map(mf, user);
	case MY_RNG_IOC_BUF_REGISTER:
		return mf->method->buf_register
			       ? my_rng_ioctl_register(mf, user)
			       : -ENOTTY;
	case MY_RNG_IOC_BUF_UNREGISTER:
		return mf->method->buf_unregister
			       ? mf->method->buf_unregister(mf)
			       : -ENOTTY;
	case MY_RNG_IOC_RING_KICK:
		return my_rng_ioctl_kick(mf, nonblock);
	default:
		return -ENOTTY;
	}
}
