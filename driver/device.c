// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A device: its lock, and its life from off to on to off. Probe (as its last
 * step), remove, shutdown, sleep, reset, SEED and MODE all go through here.
 */
#include <linux/interrupt.h>
#include <linux/slab.h>

#include "my_rng_drv.h"
#include "trace.h"

static void my_rng_dev_release(struct kref *ref)
{
	kfree(container_of(ref, struct my_rng_dev, ref));
}

/** my_rng_dev_alloc() - a new device, off, with one reference; or NULL */
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

/** my_rng_dev_put() - give a reference back */
void my_rng_dev_put(struct my_rng_dev *mr)
{
	kref_put(&mr->ref, my_rng_dev_release);
}

/* --- the lock --- */

/**
 * my_rng_lock() - get the right to touch the device and its buffer
 * @mr: the device
 * @nonblock: wait neither for another user nor for a device that is off
 *
 * Return: 0 with the lock held and the device on; without it -EAGAIN (@nonblock
 * and in use), -ERESTARTSYS (signal), or -ENODEV (gone).
 */
int my_rng_lock(struct my_rng_dev *mr, bool nonblock)
{
	enum my_rng_state state;

	for (;;) {
		if (nonblock && !mutex_trylock(&mr->lock))
			return -EAGAIN;
		if (!nonblock && mutex_lock_interruptible(&mr->lock))
			return -ERESTARTSYS;
		state = mr->state;
		if (likely(state == MY_RNG_ON))
			return 0;
		mutex_unlock(&mr->lock);
		if (state == MY_RNG_GONE)
			return -ENODEV;
		if (nonblock)
			return -EAGAIN;
		if (wait_event_interruptible(mr->wq, READ_ONCE(mr->state) !=
							     MY_RNG_OFF))
			return -ERESTARTSYS;
	}
}

/**
 * my_rng_lock_words() - get the right to take words out of the device
 * @mr: the device
 * @mf: the file that asks, NULL for the kernel
 * @nonblock: as of my_rng_lock()
 *
 * Return: as my_rng_lock(), or -EBUSY while the device is another file's.
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

/** my_rng_unlock() - end of what my_rng_lock() began */
void my_rng_unlock(struct my_rng_dev *mr)
{
	mutex_unlock(&mr->lock);
}

/* --- off, on, off --- */

/* Counts begin anew, so every sleeping reader has to look again */
static void my_rng_wake(struct my_rng_dev *mr)
{
	atomic_inc(&mr->wakeups);
	wake_up_all(&mr->wq);
}

static void my_rng_start(struct my_rng_dev *mr)
{
	if (mr->path->master)
		pci_set_master(mr->pdev);
	if (mr->info.cap & MY_RNG_CAP_MODES)
		writel(mr->modes, mr->regs + MY_RNG_REG_MODE);
	if (mr->path->start)
		mr->path->start(mr);
}

/* Without bus mastering the memory is ours again, whatever the device does */
static void my_rng_stop(struct my_rng_dev *mr)
{
	if (mr->path->stop)
		mr->path->stop(mr);
	pci_clear_master(mr->pdev);
}

/** my_rng_on() - let the device serve: maybe it was reset, so all is set */
void my_rng_on(struct my_rng_dev *mr)
{
	mutex_lock(&mr->lock);
	if (mr->state == MY_RNG_OFF) {
		my_rng_start(mr);
		WRITE_ONCE(mr->state, MY_RNG_ON);
		my_rng_wake(mr);
	}
	mutex_unlock(&mr->lock);
}

/**
 * my_rng_off() - the device leaves memory alone, and is left alone
 * @mr: the device
 * @state: MY_RNG_OFF for a while: readers wait; or MY_RNG_GONE: open files get
 *	-ENODEV from now on, mappings SIGBUS
 */
void my_rng_off(struct my_rng_dev *mr, enum my_rng_state state)
{
	mutex_lock(&mr->lock);
	if (mr->state == MY_RNG_ON)
		my_rng_stop(mr);
	if (mr->state != MY_RNG_GONE) {
		WRITE_ONCE(mr->state, state);
		if (state == MY_RNG_GONE && mr->path->remove)
			mr->path->remove(mr);
		my_rng_wake(mr);
	}
	mutex_unlock(&mr->lock);
	if (state == MY_RNG_GONE)
		my_rng_revoke(mr);
}

/**
 * my_rng_restart() - off and on again
 * @mr: the device, locked
 * @cut_off: take bus mastering from it meanwhile: it does not answer
 */
void my_rng_restart(struct my_rng_dev *mr, bool cut_off)
{
	if (cut_off) {
		my_rng_stop(mr);
		my_rng_start(mr);
	} else {
		mr->path->stop(mr);
		mr->path->start(mr);
	}
	my_rng_wake(mr);
}

/**
 * my_rng_change() - write a register that changes what words come
 * @mr: the device, locked; maybe off: then it is told when it comes on
 * @reg: MY_RNG_REG_SEED or MY_RNG_REG_MODE
 * @value: what to write
 */
void my_rng_change(struct my_rng_dev *mr, unsigned int reg, u32 value)
{
	bool on = mr->state == MY_RNG_ON, holds = mr->path->change;

	if (on && holds)
		mr->path->stop(mr);
	if (holds)
		mr->path->change(mr, reg, value);
	if (on)
		writel(value, mr->regs + reg);
	if (on && holds) {
		mr->path->start(mr);
		my_rng_wake(mr);
	}
}

/**
 * my_rng_set_modes() - what a file wants of the device's MODE
 * @mf: the file; its device is locked
 * @modes: MY_RNG_MODE_*; all that files want add up
 *
 * Return: 0, or -EBUSY if the device gives constants for another file.
 */
int my_rng_set_modes(struct my_rng_file *mf, u32 modes)
{
	struct my_rng_dev *mr = mf->mr;
	u32 all = mr->modes_found;

	if (modes & MY_RNG_MODE_CONSTANT) {
		if (mr->constant && mr->constant != mf)
			return -EBUSY;
		mr->constant = mf;
	} else if (mr->constant == mf) {
		mr->constant = NULL;
	}
	mr->timers += !!(modes & MY_RNG_MODE_TIMING);
	mr->timers -= !!(mf->modes & MY_RNG_MODE_TIMING);
	mf->modes = modes;
	if (mr->timers)
		all |= MY_RNG_MODE_TIMING;
	if (mr->constant)
		all |= MY_RNG_MODE_CONSTANT;
	if (all != mr->modes && mr->state != MY_RNG_GONE)
		my_rng_change(mr, MY_RNG_REG_MODE, all);
	mr->modes = all;
	return 0;
}

/* --- is it alive? --- */

/* A device without a register to know it by: can it be reached at all? */
static bool my_rng_is_decoded(struct pci_dev *pdev)
{
	u16 command;

	for (; pdev; pdev = pci_upstream_bridge(pdev)) {
		pci_read_config_word(pdev, PCI_COMMAND, &command);
		if (PCI_POSSIBLE_ERROR(command) ||
		    !(command & PCI_COMMAND_MEMORY))
			return false;
	}
	return true;
}

/**
 * my_rng_look() - ask the device whether its words are words of the stream
 * @mr: the device, locked
 *
 * Return: 0, -EIO if it does not answer, -EBUSY if it gives a constant that no
 * file asked for.
 */
int my_rng_look(struct my_rng_dev *mr)
{
	bool alive;

	if (!mr->pdev)
		return 0;
	alive = mr->ours ? readl(mr->regs + MY_RNG_REG_MAGIC) == MY_RNG_MAGIC
			 : my_rng_is_decoded(mr->pdev);
	if (!alive) {
		dev_err_ratelimited(&mr->pdev->dev,
				    "the device does not answer\n");
		return -EIO;
	}
	if (mr->info.cap & MY_RNG_CAP_MODES &&
	    readl(mr->regs + MY_RNG_REG_MODE) & ~mr->modes &
		    MY_RNG_MODE_CONSTANT)
		return -EBUSY;
	return 0;
}

/**
 * my_rng_doubt() - look at the device if a word is one that a dead one gives
 * @mr: the device, locked
 * @word: the last one, in whichever byte order
 *
 * Return: 0 or a negative errno, as my_rng_look().
 */
int my_rng_doubt(struct my_rng_dev *mr, u32 word)
{
	if (likely(word && word != U32_MAX && word != MY_RNG_CONSTANT))
		return 0;
	if (word == MY_RNG_CONSTANT && mr->modes & MY_RNG_MODE_CONSTANT)
		return 0;
	return my_rng_look(mr);
}

/** my_rng_error_name() - of DMA_ERROR or RING_ERROR, which agree up to 3 */
const char *my_rng_error_name(u32 error)
{
	static const char *const names[] = {
		[MY_RNG_DMA_ERR_NONE] = "none",
		[MY_RNG_DMA_ERR_LEN] = "bad size",
		[MY_RNG_DMA_ERR_ADDR] = "address is not writable RAM",
		[MY_RNG_DMA_ERR_MASTER] = "bus mastering is off",
	};

	return error < ARRAY_SIZE(names) ? names[error] : "bad table or index";
}

/* --- the interrupt --- */

static irqreturn_t my_rng_irq(int irq, void *data)
{
	trace_my_rng_irq(irq);
	my_rng_wake(data);
	return IRQ_HANDLED;
}

static void my_rng_free_irq(void *data)
{
	pci_free_irq_vectors(data);
}

/**
 * my_rng_setup_irq() - have the device's interrupt wake its readers
 * @mr: the device; its irq says whether there is one
 *
 * Return: 0, also without a vector to be had; or a negative errno.
 */
int my_rng_setup_irq(struct my_rng_dev *mr)
{
	struct device *dev = &mr->pdev->dev;
	int ret;

	if (!(mr->info.cap & MY_RNG_CAP_MSI))
		return 0;
	ret = pci_alloc_irq_vectors(mr->pdev, 1, 1, PCI_IRQ_MSI);
	if (ret < 0) {
		dev_warn(dev, "no MSI vector (%d), it is polled only\n", ret);
		return 0;
	}
	ret = devm_add_action_or_reset(dev, my_rng_free_irq, mr->pdev);
	if (!ret)
		ret = devm_request_irq(dev, pci_irq_vector(mr->pdev, 0),
				       my_rng_irq, 0, MY_RNG_NAME, mr);
	if (ret)
		return dev_err_probe(dev, ret, "cannot get the interrupt\n");
	mr->irq = true;
	return 0;
}
