/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of my_rng.ko share: the device, its read paths and the
 * functions one file calls in another.
 */
#ifndef MY_RNG_DRV_H
#define MY_RNG_DRV_H

#include <linux/bits.h>
#include <linux/hw_random.h>
#include <linux/io.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/mm_types.h>
#include <linux/pci.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "compat.h"
#include "my_rng_uapi.h"

#define MY_RNG_NAME "my_rng"

/* Of the module and of its DKMS package, which takes it from here */
#define MY_RNG_DRV_VERSION "1.0"

/* Piece of a read(2) fetched at once, in bytes, unless a path sets another */
#define MY_RNG_CHUNK_MAX SZ_64K

/* CAP bits that stand for a data path; the others qualify one */
#define MY_RNG_CAP_PATHS 0xffu

struct my_rng_dev;
struct my_rng_file;

/**
 * struct my_rng_method - one way to fetch words
 * @name: as user space sees it in struct my_rng_info, below 16 characters
 * @fill: put @len bytes (1..chunk) of the stream at the start of the device's
 *	buffer; called with the device's lock held, once per chunk and never
 *	per word. @nonblock forbids to sleep for the device. Returns the bytes
 *	that are there: @len, or fewer (a multiple of 4, above 0) when a signal
 *	is pending; or a negative errno. Takes ceil(bytes / 4) words.
 * @read_user: optional, used by read(2) in place of @fill and a copy: put @len
 *	bytes (1..user_chunk) of the stream at @to; called without the lock.
 *	Returns the bytes that are there, fewer than @len if the memory ends,
 *	or a negative errno. Takes ceil(bytes / 4) words.
 * @read_kernel: in place of @fill where there is none, the same to kernel memory
 *	(@mf is NULL for hw_random)
 * @whole: @read_user takes reads of any length, and looks for signals itself
 * @irq: @read_user sleeps for the device's interrupt
 * @cached: a process may map what @fill fills write-back
 * @poll: optional; what poll(2) answers, called without the lock
 * @data: optional; where @fill left the bytes, if not in the device's buffer;
 *	called with the lock, after @fill
 * @buf_register: optional; MY_RNG_IOC_BUF_REGISTER, called without the lock
 * @buf_unregister: with @buf_register; 0, or -ENXIO where there is none. Also
 *	called for a file that is closed, then maybe after remove
 * @close: optional; the file is closed, maybe after remove. Without the lock
 */
struct my_rng_method {
	const char *name;
	ssize_t (*fill)(struct my_rng_dev *mr, size_t len, bool nonblock);
	ssize_t (*read_user)(struct my_rng_file *mf, char __user *to,
			     size_t len, bool nonblock);
	ssize_t (*read_kernel)(struct my_rng_dev *mr, struct my_rng_file *mf,
			       void *to, size_t len, bool nonblock);
	bool whole;
	bool irq;
	bool cached;
	__poll_t (*poll)(struct my_rng_file *mf);
	const void *(*data)(struct my_rng_dev *mr);
	int (*buf_register)(struct my_rng_file *mf, u64 addr, u64 len);
	int (*buf_unregister)(struct my_rng_file *mf);
	void (*close)(struct my_rng_file *mf);
};

/* The parts of a device that a process may map, as in my_rng_uapi.h */
enum my_rng_region_id {
	MY_RNG_REGION_REGS,
	MY_RNG_REGION_HDR,
	MY_RNG_REGION_DATA,
	MY_RNG_REGIONS
};

/**
 * struct my_rng_region - one of them; set in probe, fixed afterwards
 * @size: bytes, whole pages; 0: there is none
 * @writable: a process may write, too
 * @alone: to map it is to claim the device, see my_rng_taken()
 * @uncached: mapped uncached
 * @pfn: the frame of page @page < @size / PAGE_SIZE. Called from page faults,
 *	without the lock, never once the device is gone. What it names, RAM or
 *	device memory, must stay until remove: mappings are revoked before
 *	managed resources go.
 */
struct my_rng_region {
	size_t size;
	bool writable;
	bool alone;
	bool uncached;
	unsigned long (*pfn)(struct my_rng_dev *mr, unsigned long page);
};

/**
 * struct my_rng_path - a read path: one per variant, one file each
 * @name: the variant
 * @cap: the CAP bit (one of MY_RNG_CAP_PATHS) of a device it drives
 * @master: the device writes memory
 * @probe: optional; check what the device claims, allocate (managed) what the
 *	path needs, may set the device's buf and chunk. Logs its own errors.
 * @start: optional; with the lock: program the device, which is off
 * @stop: optional; with the lock: the device is to leave memory alone
 * @change: for a path that holds words; with the lock, while stopped: SEED or
 *	MODE is about to change
 * @remove: optional; with the lock, stopped for good: unmap what the path mapped
 * @kick: optional; with the lock: MY_RNG_IOC_RING_KICK
 * @method: how it is read, where there is but one method
 * @choose: else the method that the module parameters select now; never NULL.
 *	Called without the lock, so it must not look at what remove takes away.
 * @map: optional; a file that uses @method is about to map a region that is for
 *	it alone: make it ready, change *@prot if it has to be. With the lock, and
 *	with that process' mmap_lock: copy nothing from or to user memory.
 * @ram: optional; the path's loop over a register in memory, for the null
 *	device: registers that are ordinary memory, so what is left of the path
 *	is the driver's own work; or another part of that
 */
struct my_rng_path {
	const char *name;
	u32 cap;
	bool master;
	int (*probe)(struct my_rng_dev *mr);
	void (*start)(struct my_rng_dev *mr);
	void (*stop)(struct my_rng_dev *mr);
	void (*change)(struct my_rng_dev *mr, unsigned int reg, u32 value);
	void (*remove)(struct my_rng_dev *mr);
	void (*kick)(struct my_rng_dev *mr);
	const struct my_rng_method *method;
	const struct my_rng_method *(*choose)(struct my_rng_dev *mr);
	int (*map)(struct my_rng_dev *mr, const struct my_rng_method *method,
		   enum my_rng_region_id id, pgprot_t *prot);
	const struct my_rng_method *ram;
};

/* Compiled in, in ascending order of CAP bit, NULL at the end (generated) */
extern const struct my_rng_path *const my_rng_paths[];

extern const struct my_rng_path my_rng_path_32;
extern const struct my_rng_path my_rng_path_64;
extern const struct my_rng_path my_rng_path_fifo;
extern const struct my_rng_path my_rng_path_dma;
extern const struct my_rng_path my_rng_path_window;
extern const struct my_rng_path my_rng_path_ring;

/**
 * enum my_rng_state - where a device is in its life; all ways lead through
 * my_rng_on() and my_rng_off()
 * @MY_RNG_OFF: it leaves memory alone, and the driver leaves it alone: not yet probed to
 *	the end, asleep, or about to be reset. Readers wait.
 * @MY_RNG_ON: it serves
 * @MY_RNG_GONE: removed or shut down; readers get -ENODEV. regs, buf, priv and
 *	pdev must not be touched any more
 */
enum my_rng_state {
	MY_RNG_OFF,
	MY_RNG_ON,
	MY_RNG_GONE
};

/**
 * struct my_rng_dev - a device, or the one without hardware behind
 * @ref: one for the bound driver, one per open file: outlives remove
 * @lock: protects @state, @buf, @modes and every access to the device. Never held
 *	while user memory is faulted in
 * @state: see there
 * @regs: BAR0; ordinary memory without hardware
 * @buf: @chunk bytes, what @path fills; for dma the DMA buffer itself
 * @chunk: most bytes to fetch at once, a multiple of 8; MY_RNG_CHUNK_MAX unless
 *	@path says otherwise
 * @user_chunk: the same for read_user, of any size; 0 without such a method
 * @user_segment: most bytes of user memory that may be one run for the device
 * @path: the read path
 * @priv: owned by @path
 * @pdev: the PCI device; NULL without hardware
 * @info: what INFO answers, but for the path's name; fixed after probe
 * @ours: the device has the registers of MY_RNG_REG_ADMIN (MARK, STAT)
 * @modes: what the device's MODE register is to hold; 0 where there is none
 * @modes_found: what it held before the driver came, and gets back
 * @timers: open files that asked for MY_RNG_MODE_TIMING
 * @constant: the file that asked for MY_RNG_MODE_CONSTANT, or NULL: all others
 *	get -EBUSY
 * @irq: completion by interrupt works; set by @path
 * @queue: requests can be kept in flight; set by @path
 * @wq: readers that wait for the device; its interrupt and its changes wake them
 * @wakeups: how often @wq was woken
 * @region: what a process may map, by enum my_rng_region_id
 * @uncached: the system maps the data uncached whatever the method wants
 * @map_sem: faults take it to read; taken to write, none is under way
 * @files: open files, by their link
 * @files_lock: protects @files
 * @owner: the file that claimed the device by mapping it, or NULL. Set with
 *	@lock and @owner_lock, cleared with @owner_lock alone
 * @owner_lock: protects @owner and every file's maps; taken last
 * @id: number in the name
 * @name: of the node and of the hw_random source
 * @misc: the character device
 * @hwrng: the hw_random source
 * @hwrng_method: the method the hw_random source uses; NULL: not offered
 */
struct my_rng_dev {
	struct kref ref;
	struct mutex lock;
	enum my_rng_state state;
	void __iomem *regs;
	void *buf;
	size_t chunk;
	size_t user_chunk;
	unsigned int user_segment;
	const struct my_rng_path *path;
	void *priv;
	struct pci_dev *pdev;
	struct my_rng_info info;
	bool ours;
	u32 modes;
	u32 modes_found;
	unsigned int timers;
	const struct my_rng_file *constant;
	bool irq;
	bool queue;
	wait_queue_head_t wq;
	atomic_t wakeups;
	struct my_rng_region region[MY_RNG_REGIONS];
	bool uncached;
	struct rw_semaphore map_sem;
	struct list_head files;
	struct mutex files_lock;
	struct my_rng_file *owner;
	spinlock_t owner_lock;
	u32 id;
	char name[16];
	struct miscdevice misc;
	struct hwrng hwrng;
	const struct my_rng_method *hwrng_method;
};

struct my_rng_pages;

/**
 * struct my_rng_file - an open file; holds a reference of the device
 * @mr: the device
 * @method: how it is read, latched by open
 * @file: the VFS' side of it
 * @link: in the device's files
 * @maps: its mappings that are for it alone; it is the owner while there are any
 * @modes: MY_RNG_MODE_* that it asked for; protected by the device's lock
 * @in_queue: it is one of the queue's users; protected by the device's lock
 * @buf: the registered buffer or NULL; protected by the device's lock
 */
struct my_rng_file {
	struct my_rng_dev *mr;
	const struct my_rng_method *method;
	struct file *file;
	struct list_head link;
	unsigned int maps;
	u32 modes;
	bool in_queue;
	struct my_rng_pages *buf;
};

/**
 * struct my_rng_choice - a module parameter that takes one of a few words
 * @words: the words
 * @count: how many
 * @value: index of the one in force; read it with READ_ONCE()
 */
struct my_rng_choice {
	const char *const *words;
	unsigned int count;
	unsigned int value;
};

extern const struct kernel_param_ops my_rng_choice_ops;

/* Such a parameter, in my_rng_NAME_choice; the first word is the default */
#define MY_RNG_CHOICE(name, list, desc)                                    \
	static struct my_rng_choice my_rng_##name##_choice = {             \
		.words = list,                                             \
		.count = ARRAY_SIZE(list),                                 \
	};                                                                 \
	module_param_cb(name, &my_rng_choice_ops, &my_rng_##name##_choice, \
			0644);                                             \
	MODULE_PARM_DESC(name, desc)

/**
 * struct my_rng_number - a module parameter that takes a number in a range
 * @value: the one in force; read it with READ_ONCE()
 * @min: the least that is taken
 * @max: and the most
 * @power: it has to be a power of two
 */
struct my_rng_number {
	unsigned int value;
	unsigned int min;
	unsigned int max;
	bool power;
};

extern const struct kernel_param_ops my_rng_number_ops;

/* Such a parameter, in my_rng_NAME */
#define MY_RNG_NUMBER(name, default_, min_, max_, power_, desc)          \
	static struct my_rng_number my_rng_##name = {                    \
		.value = default_,                                       \
		.min = min_,                                             \
		.max = max_,                                             \
		.power = power_,                                         \
	};                                                               \
	module_param_cb(name, &my_rng_number_ops, &my_rng_##name, 0644); \
	MODULE_PARM_DESC(name, desc)

/**
 * my_rng_pause() - end of a burst: let others run
 *
 * To be called at least every few KiB of a register loop, so that the work
 * that cannot be preempted stays bounded.
 *
 * Return: true if the caller should stop, as a signal is pending. Work that
 * io_uring has waiting for this task is none: it would cut each read short.
 */
static inline bool my_rng_pause(void)
{
	cond_resched();
	return task_sigpending(current);
}

/**
 * my_rng_taken() - whether the device is another file's for now
 * @mr: the device; its lock is held, so that no file begins to take it
 * @mf: the file that asks, NULL for the kernel
 *
 * A caller that wants words of a device that is taken must return -EBUSY.
 */
static inline bool my_rng_taken(const struct my_rng_dev *mr,
				const struct my_rng_file *mf)
{
	const struct my_rng_file *owner = READ_ONCE(mr->owner);

	return (owner && owner != mf) || (mr->constant && mr->constant != mf);
}

/** my_rng_method_now() - how a file that is opened now is read */
static inline const struct my_rng_method *
my_rng_method_now(struct my_rng_dev *mr)
{
	return mr->path->method ?: mr->path->choose(mr);
}

/** my_rng_filled() - where the last fill of @method left its bytes */
static inline const void *my_rng_filled(struct my_rng_dev *mr,
					const struct my_rng_method *method)
{
	return method->data ? method->data(mr) : mr->buf;
}

/** my_rng_point() - set a pair of registers to a bus address */
static inline void my_rng_point(struct my_rng_dev *mr, unsigned int reg,
				dma_addr_t bus)
{
	writel(lower_32_bits(bus), mr->regs + reg);
	writel(upper_32_bits(bus), mr->regs + reg + 4);
}

/* device.c */
struct my_rng_dev *my_rng_dev_alloc(void);
void my_rng_dev_put(struct my_rng_dev *mr);
int my_rng_lock(struct my_rng_dev *mr, bool nonblock);
int my_rng_lock_words(struct my_rng_dev *mr, const struct my_rng_file *mf,
		      bool nonblock);
void my_rng_unlock(struct my_rng_dev *mr);
void my_rng_on(struct my_rng_dev *mr);
void my_rng_off(struct my_rng_dev *mr, enum my_rng_state state);
void my_rng_restart(struct my_rng_dev *mr, bool cut_off);
void my_rng_change(struct my_rng_dev *mr, unsigned int reg, u32 value);
int my_rng_set_modes(struct my_rng_file *mf, u32 modes);
int my_rng_look(struct my_rng_dev *mr);
int my_rng_doubt(struct my_rng_dev *mr, u32 word);
const char *my_rng_error_name(u32 error);
int my_rng_setup_irq(struct my_rng_dev *mr);

/* file.c */
ssize_t my_rng_read_chunk(struct my_rng_file *mf, char __user *to, size_t len,
			  bool nonblock);
ssize_t my_rng_read_kernel(struct my_rng_dev *mr,
			   const struct my_rng_method *method,
			   struct my_rng_file *mf, void *to, size_t len,
			   bool nonblock);
int my_rng_misc_add(struct my_rng_dev *mr);
int my_rng_chardev_add(struct my_rng_dev *mr);
void my_rng_chardev_del(struct my_rng_dev *mr);
int my_rng_chardev_init(void);
void my_rng_chardev_exit(void);

/* ioctl.c */
long my_rng_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

/* mmap.c */
int my_rng_mmap(struct file *file, struct vm_area_struct *vma);
int my_rng_ioctl_map(struct my_rng_file *mf, struct my_rng_map __user *arg);
void my_rng_revoke(struct my_rng_dev *mr);

/* path_null.c */
int my_rng_null_init(void);
void my_rng_null_exit(void);

/* hwrng.c */
int my_rng_hwrng_add(struct my_rng_dev *mr);
void my_rng_hwrng_del(struct my_rng_dev *mr);

#endif /* MY_RNG_DRV_H */
