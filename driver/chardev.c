// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The character devices: /dev/my_rngN, /dev/my_rng_driver, /dev/my_rng_null.
 */
#include <linux/capability.h>
#include <linux/compat.h>
#include <linux/fs.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/xarray.h>

#include "my_rng_drv.h"
#include "trace.h"

/* Devices by number, from the end of probe to the start of remove */
static DEFINE_XARRAY_ALLOC(my_rng_devices);

/* The device behind /dev/my_rng_null, as long as the module is loaded */
static struct my_rng_dev *my_rng_null;

static void my_rng_dev_release(struct kref *ref)
{
	kfree(container_of(ref, struct my_rng_dev, ref));
}

/**
 * my_rng_dev_alloc() - a new device, with one reference
 *
 * Return: the device, or NULL if there is no memory.
 */
struct my_rng_dev *my_rng_dev_alloc(void)
{
	struct my_rng_dev *mr = kzalloc(sizeof(*mr), GFP_KERNEL);

	if (!mr)
		return NULL;
	kref_init(&mr->ref);
	mutex_init(&mr->lock);
	init_waitqueue_head(&mr->wq);
	init_rwsem(&mr->map_sem);
	INIT_LIST_HEAD(&mr->files);
	mutex_init(&mr->files_lock);
	spin_lock_init(&mr->owner_lock);
	mr->chunk = MY_RNG_CHUNK_MAX;
	return mr;
}

/**
 * my_rng_dev_put() - give a reference back
 * @mr: the device; freed with its last reference
 */
void my_rng_dev_put(struct my_rng_dev *mr)
{
	kref_put(&mr->ref, my_rng_dev_release);
}

/**
 * my_rng_lock() - get the right to touch the device and its buffer
 * @mr: the device
 * @nonblock: do not wait for another user
 *
 * Return: 0 with the lock held; without it -EAGAIN (@nonblock and in use),
 * -ERESTARTSYS (signal), or -ENODEV (removed).
 */
int my_rng_lock(struct my_rng_dev *mr, bool nonblock)
{
	if (nonblock) {
		if (!mutex_trylock(&mr->lock))
			return -EAGAIN;
	} else if (mutex_lock_interruptible(&mr->lock)) {
		return -ERESTARTSYS;
	}
	if (mr->gone) {
		mutex_unlock(&mr->lock);
		return -ENODEV;
	}
	return 0;
}

/**
 * my_rng_lock_words() - get the right to take words out of the device
 * @mr: the device
 * @mf: the file that asks, NULL for the kernel
 * @nonblock: do not wait for another user
 *
 * Return: as my_rng_lock(), or -EBUSY while another file has the device mapped.
 */
int my_rng_lock_words(struct my_rng_dev *mr, const struct my_rng_file *mf,
		      bool nonblock)
{
	int ret = my_rng_lock(mr, nonblock);

	if (!ret && my_rng_taken(mr, mf)) {
		my_rng_unlock(mr);
		ret = -EBUSY;
	}
	return ret;
}

/**
 * my_rng_unlock() - end of what my_rng_lock() began
 * @mr: the device
 */
void my_rng_unlock(struct my_rng_dev *mr)
{
	mutex_unlock(&mr->lock);
}

/*
 * Fetch a chunk, with the lock. A copy to user memory that is not present must
 * not be made with the lock: what is left of the chunk then goes into *@bounce.
 * Return: the bytes at @to and in *@bounce, or a negative errno.
 */
static ssize_t my_rng_fetch_chunk(struct my_rng_file *mf, char __user *to,
				  size_t len, bool nonblock, void **bounce,
				  size_t *left)
{
	struct my_rng_dev *mr = mf->mr;
	const void *from;
	ssize_t ret;

	trace_my_rng_fill_begin(mr->name, mf->mode->name, len);
	ret = mf->mode->fill(mr, len, nonblock);
	trace_my_rng_fill_end(mr->name, mf->mode->name, ret);
	if (ret <= 0)
		return ret;
	from = my_rng_filled(mr, mf->mode);
	pagefault_disable();
	*left = copy_to_user(to, from, ret);
	pagefault_enable();
	if (likely(!*left))
		return ret;
	*bounce = kvmalloc(*left, GFP_KERNEL);
	if (!*bounce)
		return ret == *left ? -ENOMEM : ret - *left;
	memcpy(*bounce, from + ret - *left, *left);
	return ret;
}

/**
 * my_rng_read_chunk() - fetch and hand out up to one chunk
 * @mf: the file that is read
 * @to: where to
 * @len: bytes, 1 to the device's chunk
 * @nonblock: do not sleep for the device
 *
 * Words that user memory did not take are lost.
 *
 * Return: the bytes that are there, or a negative errno.
 */
ssize_t my_rng_read_chunk(struct my_rng_file *mf, char __user *to, size_t len,
			  bool nonblock)
{
	void *bounce = NULL;
	size_t left = 0;
	ssize_t ret;

	ret = my_rng_lock_words(mf->mr, mf, nonblock);
	if (ret)
		return ret;
	ret = my_rng_fetch_chunk(mf, to, len, nonblock, &bounce, &left);
	my_rng_unlock(mf->mr);
	if (likely(!bounce))
		return ret;
	len = left;
	left = copy_to_user(to + ret - len, bounce, len);
	kvfree_sensitive(bounce, len);
	return left == ret ? -EFAULT : ret - left;
}

/**
 * my_rng_read_kernel() - fetch up to one chunk into kernel memory
 * @mr: the device
 * @mode: how
 * @mf: the file that is read, NULL for the kernel
 * @to: where to
 * @len: bytes
 * @nonblock: do not sleep for the device
 *
 * Return: the bytes that are there, or a negative errno.
 */
ssize_t my_rng_read_kernel(struct my_rng_dev *mr,
			   const struct my_rng_mode *mode,
			   struct my_rng_file *mf, void *to, size_t len,
			   bool nonblock)
{
	ssize_t ret;

	if (mode->read_kernel) {
		len = min(len, mr->user_chunk);
		trace_my_rng_fill_begin(mr->name, mode->name, len);
		ret = mode->read_kernel(mr, mf, to, len, nonblock);
		trace_my_rng_fill_end(mr->name, mode->name, ret);
		return ret;
	}
	ret = my_rng_lock_words(mr, mf, nonblock);
	if (ret)
		return ret;
	len = min(len, mr->chunk);
	trace_my_rng_fill_begin(mr->name, mode->name, len);
	ret = mode->fill(mr, len, nonblock);
	trace_my_rng_fill_end(mr->name, mode->name, ret);
	if (ret > 0)
		memcpy(to, my_rng_filled(mr, mode), ret);
	my_rng_unlock(mr);
	return ret;
}

static ssize_t my_rng_read_user(struct my_rng_file *mf, char __user *to,
				size_t count, bool nonblock)
{
	const struct my_rng_mode *mode = mf->mode;
	size_t chunk = mode->read_user ? mf->mr->user_chunk : mf->mr->chunk;
	size_t done = 0;
	ssize_t ret = 0;

	trace_my_rng_read_begin(mf->mr->name, count);
	while (done < count) {
		size_t len =
			mode->whole ? count - done : min(count - done, chunk);

		ret = mode->read_user
			      ? mode->read_user(mf, to + done, len, nonblock)
			      : my_rng_read_chunk(mf, to + done, len, nonblock);
		if (ret < 0)
			break;
		done += ret;
		if (ret < len || (done < count && my_rng_pause()))
			break;
	}
	if (done)
		ret = done;
	trace_my_rng_read_end(mf->mr->name, ret);
	return ret;
}

static ssize_t my_rng_read(struct file *file, char __user *to, size_t count,
			   loff_t *pos)
{
	return my_rng_read_user(file->private_data, to, count,
				file->f_flags & O_NONBLOCK);
}

/* The next piece of user memory that lies in one */
static void __user *my_rng_iter_next(const struct iov_iter *i, size_t *len)
{
	const struct iovec *iov;

	if (iter_is_ubuf(i)) {
		*len = iov_iter_count(i);
		return i->ubuf + i->iov_offset;
	}
	iov = my_rng_iter_iov(i);
	*len = min(iov_iter_count(i), iov->iov_len - i->iov_offset);
	return iov->iov_base + i->iov_offset;
}

static ssize_t my_rng_read_iter_user(struct my_rng_file *mf,
				     struct iov_iter *to, bool nonblock)
{
	size_t len, done = 0;
	ssize_t ret = 0;

	while (iov_iter_count(to)) {
		void __user *addr = my_rng_iter_next(to, &len);

		ret = my_rng_read_user(mf, addr, len, nonblock);
		if (ret < 0)
			break;
		iov_iter_advance(to, ret);
		done += ret;
		if (ret < len)
			break;
	}
	return done ?: ret;
}

/* Pages of the kernel's: of a pipe, or registered with io_uring */
static ssize_t my_rng_read_iter_kernel(struct my_rng_file *mf,
				       struct iov_iter *to, bool nonblock)
{
	size_t size = min_t(size_t, iov_iter_count(to), MY_RNG_CHUNK_MAX);
	void *buf = kvmalloc(size, GFP_KERNEL);
	size_t len, done = 0;
	ssize_t ret = 0;

	if (!buf)
		return -ENOMEM;
	while ((len = min(iov_iter_count(to), size))) {
		ret = my_rng_read_kernel(mf->mr, mf->mode, mf, buf, len,
					 nonblock);
		if (ret <= 0)
			break;
		len = copy_to_iter(buf, ret, to);
		done += len;
		if (len < ret || my_rng_pause())
			break;
	}
	kvfree_sensitive(buf, size);
	return done ?: ret;
}

/* All but read(2), which needs no iterator and so is cheaper without one */
static ssize_t my_rng_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct file *file = iocb->ki_filp;
	bool nonblock =
		iocb->ki_flags & IOCB_NOWAIT || file->f_flags & O_NONBLOCK;

	if (user_backed_iter(to))
		return my_rng_read_iter_user(file->private_data, to, nonblock);
	return my_rng_read_iter_kernel(file->private_data, to, nonblock);
}

/* A path that holds words itself gives the next of those */
static int my_rng_ioctl_get_held(struct my_rng_file *mf, bool nonblock,
				 u32 __user *arg)
{
	__le32 word;
	ssize_t ret = my_rng_read_kernel(mf->mr, mf->mode, mf, &word,
					 sizeof(word), nonblock);

	return ret < 0 ? ret : put_user(le32_to_cpu(word), arg);
}

/* The null device has no numbers: it answers 0 */
static int my_rng_ioctl_get(struct my_rng_file *mf, bool nonblock,
			    u32 __user *arg)
{
	struct my_rng_dev *mr = mf->mr;
	u32 word = 0;
	int ret;

	if (mf->mode->read_kernel)
		return my_rng_ioctl_get_held(mf, nonblock, arg);
	ret = my_rng_lock_words(mr, mf, nonblock);
	if (ret)
		return ret;
	trace_my_rng_fill_begin(mr->name, "ioctl", sizeof(word));
	if (mr->pdev)
		word = readl(mr->regs + MY_RNG_REG_RNG);
	trace_my_rng_fill_end(mr->name, "ioctl", sizeof(word));
	my_rng_unlock(mr);
	return put_user(word, arg);
}

static int my_rng_ioctl_seed(struct my_rng_file *mf, bool nonblock,
			     u32 __user *arg)
{
	struct my_rng_dev *mr = mf->mr;
	u32 seed;
	int ret;

	if (get_user(seed, arg))
		return -EFAULT;
	ret = my_rng_lock_words(mr, mf, nonblock);
	if (ret)
		return ret;
	if (mr->path->seed)
		mr->path->seed(mr, seed);
	else if (mr->pdev)
		writel(seed, mr->regs + MY_RNG_REG_SEED);
	my_rng_unlock(mr);
	return 0;
}

static int my_rng_ioctl_mark(struct my_rng_dev *mr, bool nonblock,
			     u32 __user *arg)
{
	u32 mark;
	int ret;

	if (!mr->ours)
		return -ENOTTY;
	if (get_user(mark, arg))
		return -EFAULT;
	ret = my_rng_lock(mr, nonblock);
	if (ret)
		return ret;
	writel(mark, mr->regs + MY_RNG_REG_MARK);
	trace_my_rng_mark(mr->name, mark);
	my_rng_unlock(mr);
	return 0;
}

static int my_rng_ioctl_info(struct my_rng_file *mf,
			     struct my_rng_info __user *arg)
{
	struct my_rng_info info = mf->mr->info;

	strscpy(info.path, mf->mode->name, sizeof(info.path));
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

static int my_rng_ioctl_stats(struct my_rng_dev *mr, bool nonblock,
			      struct my_rng_stats __user *arg)
{
	struct my_rng_stats stats;
	unsigned int n;
	int ret;

	ret = my_rng_lock(mr, nonblock);
	if (ret)
		return ret;
	for (n = 0; n < MY_RNG_STAT_COUNT; n++)
		stats.count[n] = my_rng_read_counter(mr, MY_RNG_REG_STAT_LO(n));
	my_rng_unlock(mr);
	return copy_to_user(arg, &stats, sizeof(stats)) ? -EFAULT : 0;
}

static bool my_rng_has_modes(const struct my_rng_dev *mr)
{
	return mr->ours && mr->info.cap & MY_RNG_CAP_MODES;
}

/* With the lock */
static void my_rng_set_modes(struct my_rng_dev *mr, u32 modes)
{
	if (mr->path->set_modes)
		mr->path->set_modes(mr, modes);
	else
		writel(modes, mr->regs + MY_RNG_REG_MODE);
	mr->modes = modes;
}

static int my_rng_ioctl_mode(struct my_rng_file *mf, bool nonblock,
			     u32 __user *arg)
{
	struct my_rng_dev *mr = mf->mr;
	u32 modes;
	int ret;

	if (!my_rng_has_modes(mr))
		return -ENOTTY;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (get_user(modes, arg))
		return -EFAULT;
	if (modes & ~MY_RNG_MODE_ALL)
		return -EINVAL;
	ret = my_rng_lock(mr, nonblock);
	if (ret)
		return ret;
	if (!mf->modes_set)
		mf->modes_before = mr->modes;
	mf->modes_set = true;
	my_rng_set_modes(mr, modes);
	my_rng_unlock(mr);
	return 0;
}

/* Whoever changed the device's mode takes it back, however the program ends */
static void my_rng_restore_modes(struct my_rng_file *mf)
{
	struct my_rng_dev *mr = mf->mr;

	if (!mf->modes_set)
		return;
	mutex_lock(&mr->lock);
	if (!mr->gone)
		my_rng_set_modes(mr, mf->modes_before);
	mutex_unlock(&mr->lock);
}

static int my_rng_ioctl_times(struct my_rng_dev *mr, bool nonblock,
			      struct my_rng_times __user *arg)
{
	struct my_rng_times times;
	unsigned int n;
	int ret;

	if (!my_rng_has_modes(mr))
		return -ENOTTY;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	ret = my_rng_lock(mr, nonblock);
	if (ret)
		return ret;
	writel(1, mr->regs + MY_RNG_REG_PRICE);
	for (n = 0; n < MY_RNG_TIME_COUNT; n++)
		times.count[n] = my_rng_read_counter(mr, MY_RNG_REG_TIME_LO(n));
	my_rng_unlock(mr);
	return copy_to_user(arg, &times, sizeof(times)) ? -EFAULT : 0;
}

static int my_rng_ioctl_register(struct my_rng_file *mf,
				 struct my_rng_buf __user *arg)
{
	struct my_rng_buf buf;

	if (!mf->mode->buf_register)
		return -ENOTTY;
	if (copy_from_user(&buf, arg, sizeof(buf)))
		return -EFAULT;
	return mf->mode->buf_register(mf, buf.addr, buf.len);
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

static long my_rng_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct my_rng_file *mf = file->private_data;
	bool nonblock = file->f_flags & O_NONBLOCK;
	struct my_rng_dev *mr = mf->mr;
	void __user *user = (void __user *)arg;

	if (READ_ONCE(mr->gone))
		return -ENODEV;
	switch (cmd) {
	case MY_RNG_IOC_GET:
		return my_rng_ioctl_get(mf, nonblock, user);
	case MY_RNG_IOC_SEED:
		return my_rng_ioctl_seed(mf, nonblock, user);
	case MY_RNG_IOC_NOP:
		return 0;
	case MY_RNG_IOC_MARK:
		return my_rng_ioctl_mark(mr, nonblock, user);
	case MY_RNG_IOC_INFO:
		return my_rng_ioctl_info(mf, user);
	case MY_RNG_IOC_STATS:
		if (!mr->ours)
			return -ENOTTY;
		return my_rng_ioctl_stats(mr, nonblock, user);
	case MY_RNG_IOC_MODE:
		return my_rng_ioctl_mode(mf, nonblock, user);
	case MY_RNG_IOC_TIMES:
		return my_rng_ioctl_times(mr, nonblock, user);
	case MY_RNG_IOC_MAP:
		return my_rng_ioctl_map(mf, user);
	case MY_RNG_IOC_BUF_REGISTER:
		return my_rng_ioctl_register(mf, user);
	case MY_RNG_IOC_BUF_UNREGISTER:
		return mf->mode->buf_unregister ? mf->mode->buf_unregister(mf)
						: -ENOTTY;
	case MY_RNG_IOC_RING_KICK:
		return my_rng_ioctl_kick(mf, nonblock);
	default:
		return -ENOTTY;
	}
}

static __poll_t my_rng_poll(struct file *file, poll_table *wait)
{
	struct my_rng_file *mf = file->private_data;
	__poll_t mask = EPOLLIN | EPOLLRDNORM;

	if (mf->mode->poll) {
		poll_wait(file, &mf->mr->wq, wait);
		mask = mf->mode->poll(mf, wait);
	}
	if (READ_ONCE(mf->mr->gone))
		mask = EPOLLIN | EPOLLRDNORM | EPOLLERR | EPOLLHUP;
	return mask;
}

/* Takes over the caller's reference of @mr, also on failure */
static int my_rng_open_dev(struct file *file, struct my_rng_dev *mr)
{
	struct my_rng_file *mf = kzalloc(sizeof(*mf), GFP_KERNEL);

	if (!mf) {
		my_rng_dev_put(mr);
		return -ENOMEM;
	}
	mf->mr = mr;
	mf->mode = mr->path->mode(mr);
	mf->file = file;
	file->private_data = mf;
	/* io_uring then tries at once, in the system call that submits */
	file->f_mode |= FMODE_NOWAIT;
	mutex_lock(&mr->files_lock);
	list_add(&mf->link, &mr->files);
	mutex_unlock(&mr->files_lock);
	return 0;
}

/* misc_deregister() waits for a running open: the device is still there */
static int my_rng_open(struct inode *inode, struct file *file)
{
	struct my_rng_dev *mr =
		container_of(file->private_data, struct my_rng_dev, misc);

	kref_get(&mr->ref);
	return my_rng_open_dev(file, mr);
}

static int my_rng_open_first(struct inode *inode, struct file *file)
{
	struct my_rng_dev *mr;
	unsigned long id = 0;

	xa_lock(&my_rng_devices);
	mr = xa_find(&my_rng_devices, &id, ULONG_MAX, XA_PRESENT);
	if (mr)
		kref_get(&mr->ref);
	xa_unlock(&my_rng_devices);
	return mr ? my_rng_open_dev(file, mr) : -ENODEV;
}

static int my_rng_release(struct inode *inode, struct file *file)
{
	struct my_rng_file *mf = file->private_data;

	my_rng_restore_modes(mf);
	if (mf->mode->buf_unregister)
		mf->mode->buf_unregister(mf);
	if (mf->mode->close)
		mf->mode->close(mf);
	mutex_lock(&mf->mr->files_lock);
	list_del(&mf->link);
	mutex_unlock(&mf->mr->files_lock);
	my_rng_dev_put(mf->mr);
	kfree(mf);
	return 0;
}

#define MY_RNG_FOPS(open_fn)                                              \
	{                                                                 \
		.owner = THIS_MODULE, .open = open_fn,                    \
		.release = my_rng_release, .read = my_rng_read,           \
		.read_iter = my_rng_read_iter,                            \
		.splice_read = my_rng_splice_read, .llseek = noop_llseek, \
		.poll = my_rng_poll, .unlocked_ioctl = my_rng_ioctl,      \
		.compat_ioctl = compat_ptr_ioctl, .mmap = my_rng_mmap,    \
	}

static const struct file_operations my_rng_fops = MY_RNG_FOPS(my_rng_open);
static const struct file_operations my_rng_first_fops =
	MY_RNG_FOPS(my_rng_open_first);

static struct miscdevice my_rng_first_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "my_rng_driver",
	.fops = &my_rng_first_fops,
};

static int my_rng_misc_add(struct my_rng_dev *mr)
{
	mr->misc.minor = MISC_DYNAMIC_MINOR;
	mr->misc.name = mr->name;
	mr->misc.fops = &my_rng_fops;
	mr->misc.parent = mr->pdev ? &mr->pdev->dev : NULL;
	return misc_register(&mr->misc);
}

/**
 * my_rng_chardev_add() - number a device and make its node
 * @mr: the device, ready to be read
 *
 * The lowest free number is taken. Sets the device's id and name.
 *
 * Return: 0 or a negative errno.
 */
int my_rng_chardev_add(struct my_rng_dev *mr)
{
	int ret;

	/* Reserved first: /dev/my_rng_driver must not find it half done */
	ret = xa_alloc(&my_rng_devices, &mr->id, NULL, xa_limit_31b,
		       GFP_KERNEL);
	if (ret)
		return ret;
	snprintf(mr->name, sizeof(mr->name), MY_RNG_NAME "%u", mr->id);
	ret = my_rng_misc_add(mr);
	if (ret) {
		xa_erase(&my_rng_devices, mr->id);
		return ret;
	}
	/* Into the reserved slot: cannot fail */
	xa_store(&my_rng_devices, mr->id, mr, GFP_KERNEL);
	return 0;
}

/**
 * my_rng_chardev_del() - remove the node of a device, free its number
 * @mr: the device; open files stay, its lock must not be held
 */
void my_rng_chardev_del(struct my_rng_dev *mr)
{
	misc_deregister(&mr->misc);
	xa_erase(&my_rng_devices, mr->id);
}

static void my_rng_null_free(struct my_rng_dev *mr)
{
	kfree((__force void *)mr->regs);
	kfree(mr->buf);
	my_rng_dev_put(mr);
}

/* Zeroed: the buffer is handed out as it is by one of the null device's modes */
static int my_rng_null_add(void)
{
	struct my_rng_dev *mr = my_rng_dev_alloc();
	int ret = -ENOMEM;

	if (!mr)
		return ret;
	mr->path = &my_rng_path_null;
	strscpy(mr->name, MY_RNG_NAME "_null", sizeof(mr->name));
	mr->user_chunk = SZ_1M;
	mr->user_segment = SZ_1M;
	mr->buf = kzalloc(MY_RNG_CHUNK_MAX, GFP_KERNEL);
	mr->regs = (__force void __iomem *)kzalloc(MY_RNG_BAR_MMIO_SIZE,
						   GFP_KERNEL);
	if (mr->buf && mr->regs)
		ret = my_rng_misc_add(mr);
	if (ret) {
		my_rng_null_free(mr);
		return ret;
	}
	my_rng_null = mr;
	return 0;
}

static void my_rng_null_del(void)
{
	misc_deregister(&my_rng_null->misc);
	my_rng_null_free(my_rng_null);
}

/**
 * my_rng_chardev_init() - make the nodes that are there without a device
 *
 * Return: 0 or a negative errno.
 */
int my_rng_chardev_init(void)
{
	int ret;

	ret = my_rng_null_add();
	if (ret)
		return ret;
	ret = misc_register(&my_rng_first_misc);
	if (ret)
		my_rng_null_del();
	return ret;
}

/**
 * my_rng_chardev_exit() - undo my_rng_chardev_init()
 */
void my_rng_chardev_exit(void)
{
	misc_deregister(&my_rng_first_misc);
	my_rng_null_del();
}
