// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mmap(2): parts of a device in a process, who may have them, and their end.
 *
 * Pages are put in one by one by the fault handler, so that remove can take them
 * out again: it ends the device's state, waits for the faults under way (map_sem),
 * then removes what is mapped; a fault that comes later finds it gone. Locks,
 * outermost first: mmap_lock, the device's lock, map_sem, owner_lock. So user memory
 * that may have to be faulted in is never touched with the device's lock held.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/uaccess.h>

#include "my_rng_drv.h"

static const unsigned long my_rng_offsets[MY_RNG_REGIONS] = {
	[MY_RNG_REGION_REGS] = MY_RNG_MAP_REGS,
	[MY_RNG_REGION_HDR] = MY_RNG_MAP_HDR,
	[MY_RNG_REGION_DATA] = MY_RNG_MAP_DATA,
};

/* The region that holds all of these pages; MY_RNG_REGIONS: none does */
static enum my_rng_region_id my_rng_find_region(const struct my_rng_dev *mr,
						unsigned long first,
						unsigned long pages)
{
	unsigned long have, skip;
	int id;

	for (id = 0; id < MY_RNG_REGIONS; id++) {
		have = mr->region[id].size >> PAGE_SHIFT;
		skip = first - (my_rng_offsets[id] >> PAGE_SHIFT);
		if (first >= my_rng_offsets[id] >> PAGE_SHIFT && skip < have &&
		    pages <= have - skip)
			return id;
	}
	return MY_RNG_REGIONS;
}

static enum my_rng_region_id my_rng_region_of(struct vm_area_struct *vma)
{
	const struct my_rng_file *mf = vma->vm_private_data;

	return my_rng_find_region(mf->mr, vma->vm_pgoff, vma_pages(vma));
}

/* One more mapping of a region that is for its file alone */
static void my_rng_claim(struct my_rng_file *mf)
{
	spin_lock(&mf->mr->owner_lock);
	WRITE_ONCE(mf->mr->owner, mf);
	mf->maps++;
	spin_unlock(&mf->mr->owner_lock);
}

/* Also of a piece, when a mapping is cut; the file is open: its owner is alive */
static void my_rng_vm_open(struct vm_area_struct *vma)
{
	struct my_rng_file *mf = vma->vm_private_data;

	if (mf->mr->region[my_rng_region_of(vma)].alone)
		my_rng_claim(mf);
}

static void my_rng_vm_close(struct vm_area_struct *vma)
{
	struct my_rng_file *mf = vma->vm_private_data;

	if (!mf->mr->region[my_rng_region_of(vma)].alone)
		return;
	spin_lock(&mf->mr->owner_lock);
	if (!--mf->maps)
		WRITE_ONCE(mf->mr->owner, NULL);
	spin_unlock(&mf->mr->owner_lock);
}

static vm_fault_t my_rng_vm_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct my_rng_file *mf = vma->vm_private_data;
	enum my_rng_region_id id = my_rng_region_of(vma);
	struct my_rng_dev *mr = mf->mr;
	vm_fault_t ret = VM_FAULT_SIGBUS;
	unsigned long page;

	page = vmf->pgoff - (my_rng_offsets[id] >> PAGE_SHIFT);
	down_read(&mr->map_sem);
	if (READ_ONCE(mr->state) != MY_RNG_GONE)
		ret = vmf_insert_pfn(vma, vmf->address,
				     mr->region[id].pfn(mr, page));
	up_read(&mr->map_sem);
	return ret;
}

static const struct vm_operations_struct my_rng_vm_ops = {
	.open = my_rng_vm_open,
	.close = my_rng_vm_close,
	.fault = my_rng_vm_fault,
};

/* No reader is under way while the owner changes, as the lock is held */
static int my_rng_map_alone(struct my_rng_file *mf, enum my_rng_region_id id,
			    pgprot_t *prot)
{
	struct my_rng_dev *mr = mf->mr;
	int ret;

	ret = my_rng_lock_words(mr, mf, false);
	if (ret)
		return ret;
	if (mr->path->map)
		ret = mr->path->map(mr, mf->method, id, prot);
	if (!ret)
		my_rng_claim(mf);
	my_rng_unlock(mr);
	return ret;
}

/**
 * my_rng_mmap() - map a part of the device
 * @file: of the device
 * @vma: the mapping to be
 *
 * VM_IO keeps VM_DONTCOPY from being taken back by madvise(2).
 *
 * Return: 0; -EINVAL (no such part, or private), -EACCES (may not be written or
 * executed), -EBUSY (claimed by another file), -ERESTARTSYS (signal), -ENODEV
 * (gone, or no device at all).
 */
int my_rng_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct my_rng_file *mf = file->private_data;
	struct my_rng_dev *mr = mf->mr;
	const struct my_rng_region *region;
	pgprot_t prot = vma->vm_page_prot;
	enum my_rng_region_id id;
	int ret;

	if (!mr->pdev || READ_ONCE(mr->state) == MY_RNG_GONE)
		return -ENODEV;
	id = my_rng_find_region(mr, vma->vm_pgoff, vma_pages(vma));
	if (id == MY_RNG_REGIONS || !(vma->vm_flags & VM_MAYSHARE))
		return -EINVAL;
	region = &mr->region[id];
	if (vma->vm_flags & VM_EXEC ||
	    (vma->vm_flags & VM_WRITE && !region->writable))
		return -EACCES;
	if (region->uncached)
		prot = pgprot_noncached(prot);
	ret = region->alone ? my_rng_map_alone(mf, id, &prot) : 0;
	if (ret)
		return ret;
	my_rng_vm_flags(vma,
			VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP |
				VM_DONTCOPY,
			VM_MAYEXEC | (region->writable ? 0 : VM_MAYWRITE));
	vma->vm_page_prot = prot;
	vma->vm_private_data = mf;
	vma->vm_ops = &my_rng_vm_ops;
	return 0;
}

/** my_rng_ioctl_map() - say what can be mapped */
int my_rng_ioctl_map(struct my_rng_file *mf, struct my_rng_map __user *arg)
{
	const struct my_rng_dev *mr = mf->mr;
	struct my_rng_map map = {
		.reg_offset = MY_RNG_MAP_REGS,
		.reg_size = mr->region[MY_RNG_REGION_REGS].size,
		.hdr_offset = MY_RNG_MAP_HDR,
		.hdr_size = mr->region[MY_RNG_REGION_HDR].size,
		.data_offset = MY_RNG_MAP_DATA,
		.data_size = mr->region[MY_RNG_REGION_DATA].size,
	};

	if (mf->method->cached && !mr->uncached)
		map.flags |= MY_RNG_MAP_CACHED;
	return copy_to_user(arg, &map, sizeof(map)) ? -EFAULT : 0;
}

/**
 * my_rng_revoke() - take all mappings of a device back
 * @mr: the device, gone, its lock not held
 *
 * After this nobody reaches its memory any more. Several files, and files of
 * other devices, may share a mapping's address space (/dev/my_rng_driver): those
 * find their pages again by a fault.
 */
void my_rng_revoke(struct my_rng_dev *mr)
{
	struct my_rng_file *mf;

	/* A fault that did not see it gone yet ends; later ones see it */
	down_write(&mr->map_sem);
	up_write(&mr->map_sem);
	mutex_lock(&mr->files_lock);
	list_for_each_entry (mf, &mr->files, link)
		unmap_mapping_range(mf->file->f_mapping, 0, 0, 1);
	mutex_unlock(&mr->files_lock);
}
