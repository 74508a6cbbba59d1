/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trace events of my_rng.ko, in tracefs under events/my_rng.
 *
 * One of each kind per request, chunk or DMA, never one per word; an event
 * that is off is a branch that is patched out (a static key).
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM my_rng

#if !defined(MY_RNG_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define MY_RNG_TRACE_H

#include <linux/tracepoint.h>

#include "compat.h"

/* clang-format off */

/* @dev is the node's name, @bytes a length or a negative errno */
DECLARE_EVENT_CLASS(my_rng_bytes,
	TP_PROTO(const char *dev, ssize_t bytes),
	TP_ARGS(dev, bytes),
	TP_STRUCT__entry(
		__string(dev, dev)
		__field(ssize_t, bytes)
	),
	TP_fast_assign(
		my_rng_assign_str(dev, dev);
		__entry->bytes = bytes;
	),
	TP_printk("dev=%s bytes=%zd", __get_str(dev), __entry->bytes)
);

#define MY_RNG_BYTES_EVENT(name) \
	DEFINE_EVENT(my_rng_bytes, name, \
		TP_PROTO(const char *dev, ssize_t bytes), \
		TP_ARGS(dev, bytes))

MY_RNG_BYTES_EVENT(my_rng_read_begin); /* a read(2) comes in */
MY_RNG_BYTES_EVENT(my_rng_read_end); /* its answer */
MY_RNG_BYTES_EVENT(my_rng_dma_start); /* the doorbell is about to be rung */

DECLARE_EVENT_CLASS(my_rng_fill,
	TP_PROTO(const char *dev, const char *path, ssize_t bytes),
	TP_ARGS(dev, path, bytes),
	TP_STRUCT__entry(
		__string(dev, dev)
		__string(path, path)
		__field(ssize_t, bytes)
	),
	TP_fast_assign(
		my_rng_assign_str(dev, dev);
		my_rng_assign_str(path, path);
		__entry->bytes = bytes;
	),
	TP_printk("dev=%s path=%s bytes=%zd", __get_str(dev), __get_str(path),
		  __entry->bytes)
);

/* A chunk is fetched from the device: @bytes are wanted */
DEFINE_EVENT(my_rng_fill, my_rng_fill_begin,
	TP_PROTO(const char *dev, const char *path, ssize_t bytes),
	TP_ARGS(dev, path, bytes)
);

/* It is in the driver's buffer: @bytes of it, or a negative errno */
DEFINE_EVENT(my_rng_fill, my_rng_fill_end,
	TP_PROTO(const char *dev, const char *path, ssize_t bytes),
	TP_ARGS(dev, path, bytes)
);

/* The device's record has come: its MY_RNG_DMA_ST_* and bytes written */
TRACE_EVENT(my_rng_dma_done,
	TP_PROTO(const char *dev, u32 status, u32 count),
	TP_ARGS(dev, status, count),
	TP_STRUCT__entry(
		__string(dev, dev)
		__field(u32, status)
		__field(u32, count)
	),
	TP_fast_assign(
		my_rng_assign_str(dev, dev);
		__entry->status = status;
		__entry->count = count;
	),
	TP_printk("dev=%s status=%u count=%u", __get_str(dev), __entry->status,
		  __entry->count)
);

/* A completion interrupt; may come after remove, when a name is gone */
TRACE_EVENT(my_rng_irq,
	TP_PROTO(int irq),
	TP_ARGS(irq),
	TP_STRUCT__entry(
		__field(int, irq)
	),
	TP_fast_assign(
		__entry->irq = irq;
	),
	TP_printk("irq=%d", __entry->irq)
);

/* User space wrote MARK: what follows belongs to the cell @mark, 0: to none */
TRACE_EVENT(my_rng_mark,
	TP_PROTO(const char *dev, u32 mark),
	TP_ARGS(dev, mark),
	TP_STRUCT__entry(
		__string(dev, dev)
		__field(u32, mark)
	),
	TP_fast_assign(
		my_rng_assign_str(dev, dev);
		__entry->mark = mark;
	),
	TP_printk("dev=%s mark=%u", __get_str(dev), __entry->mark)
);

/* clang-format on */

#endif /* MY_RNG_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
