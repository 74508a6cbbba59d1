// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files of the nodes /dev/my_rngN, /dev/my_rng_driver and /dev/my_rng_null.
 */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/xarray.h>

#include "my_rng_drv.h"
#include "trace.h"

/* Devices by number, from the end of probe to the start of remove */
static DEFINE_XARRAY_ALLOC(my_rng_devices);

/*
 * Have the device's buffer filled, with the lock. The word that came last tells
 * whether the device was there to the end.
 */
static ssize_t my_rng_fill(struct my_rng_dev *mr,
			   const struct my_rng_method *method, size_t len,
			   bool nonblock)
{
	ssize_t ret;

	trace_my_rng_fill_begin(mr->name, method->name, len);
	ret = method->fill(mr, len, nonblock);
	if (likely(ret > 0)) {
		const void *last = my_rng_filled(mr, method) +
				   max_t(ssize_t, ret - sizeof(u32), 0);

		ret = my_rng_doubt(mr, get_unaligned((const u32 *)last)) ?: ret;
	}
	trace_my_rng_fill_end(mr->name, method->name, ret);
	return ret;
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
	ssize_t ret = my_rng_fill(mf->mr, mf->method, len, nonblock);
	const void *from;

	if (ret <= 0)
		return ret;
	from = my_rng_filled(mf->mr, mf->method);
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
 * @method: how
 * @mf: the file that is read, NULL for the kernel
 * @to: where to
 * @len: bytes
 * @nonblock: do not sleep for the device
 *
 * Return: the bytes that are there, or a negative errno.
 */
ssize_t my_rng_read_kernel(struct my_rng_dev *mr,
			   const struct my_rng_method *method,
			   struct my_rng_file *mf, void *to, size_t len,
			   bool nonblock)
{
	ssize_t ret;

	if (method->read_kernel) {
		len = min(len, mr->user_chunk);
		trace_my_rng_fill_begin(mr->name, method->name, len);
		ret = method->read_kernel(mr, mf, to, len, nonblock);
		trace_my_rng_fill_end(mr->name, method->name, ret);
		return ret;
	}
	ret = my_rng_lock_words(mr, mf, nonblock);
	if (ret)
		return ret;
	ret = my_rng_fill(mr, method, min(len, mr->chunk), nonblock);
	if (ret > 0)
		memcpy(to, my_rng_filled(mr, method), ret);
	my_rng_unlock(mr);
	return ret;
}

static ssize_t my_rng_read_user(struct my_rng_file *mf, char __user *to,
				size_t count, bool nonblock)
{
	const struct my_rng_method *method = mf->method;
	size_t chunk = method->read_user ? mf->mr->user_chunk : mf->mr->chunk;
	size_t done = 0;
	ssize_t ret = 0;

	trace_my_rng_read_begin(mf->mr->name, count);
	while (done < count) {
		size_t len =
			method->whole ? count - done : min(count - done, chunk);

		ret = method->read_user
			      ? method->read_user(mf, to + done, len, nonblock)
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
		ret = my_rng_read_kernel(mf->mr, mf->method, mf, buf, len,
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

static __poll_t my_rng_poll(struct file *file, poll_table *wait)
{
	struct my_rng_file *mf = file->private_data;
	__poll_t mask = EPOLLIN | EPOLLRDNORM;

	if (mf->method->poll) {
		poll_wait(file, &mf->mr->wq, wait);
		mask = mf->method->poll(mf);
	}
	if (READ_ONCE(mf->mr->state) == MY_RNG_GONE)
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
	mf->method = my_rng_method_now(mr);
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
	struct my_rng_dev *mr = mf->mr;

	/* What a file asked for ends with it, however the program does */
	mutex_lock(&mr->lock);
	my_rng_set_modes(mf, 0);
	mutex_unlock(&mr->lock);
	if (mf->method->buf_unregister)
		mf->method->buf_unregister(mf);
	if (mf->method->close)
		mf->method->close(mf);
	mutex_lock(&mr->files_lock);
	list_del(&mf->link);
	mutex_unlock(&mr->files_lock);
	my_rng_dev_put(mr);
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

/** my_rng_misc_add() - make the node of a device that has its name */
int my_rng_misc_add(struct my_rng_dev *mr)
{
	mr->misc.minor = MISC_DYNAMIC_MINOR;
	mr->misc.name = mr->name;
	mr->misc.fops = &my_rng_fops;
	mr->misc.parent = mr->pdev ? &mr->pdev->dev : NULL;
	return misc_register(&mr->misc);
}

/**
 * my_rng_chardev_add() - number a device and make its node
 * @mr: the device, off
 *
 * The lowest free number is taken. Sets the device's id and name.
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

/** my_rng_chardev_del() - remove the node, free the number; files stay open */
void my_rng_chardev_del(struct my_rng_dev *mr)
{
	misc_deregister(&mr->misc);
	xa_erase(&my_rng_devices, mr->id);
}

/** my_rng_chardev_init() - make the nodes that are there without a device */
int my_rng_chardev_init(void)
{
	int ret;

	ret = my_rng_null_init();
	if (ret)
		return ret;
	ret = misc_register(&my_rng_first_misc);
	if (ret)
		my_rng_null_exit();
	return ret;
}

/** my_rng_chardev_exit() - undo my_rng_chardev_init() */
void my_rng_chardev_exit(void)
{
	misc_deregister(&my_rng_first_misc);
	my_rng_null_exit();
}
