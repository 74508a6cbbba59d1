// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Variant "window": RAM behind a BAR, into which one doorbell puts the next part
 * of the stream. The guest then reads memory, with no access to the device.
 */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "qemu/units.h"
#include "qapi/error.h"

#include "my_rng.h"
#include "trace/trace-my_rng.h"

#define WINDOW_SIZE_MIN (64 * KiB)
#define WINDOW_SIZE_MAX (1 * MiB)

/* Its contents migrate as RAM does, and there is nothing else */
typedef struct WindowState {
    MemoryRegion ram;
    uint32_t size;
} WindowState;

/* Bytes beyond @len stay as they are */
static void window_refill(MyRngState *s, uint32_t len)
{
    WindowState *window = s->priv;
    MyRngTail tail = {};
    int64_t begin;

    trace_my_rng_win_refill(s->id, len);
    if (my_rng_is_constant(s)) {
        return;
    }
    my_rng_stream_bytes(&s->stream, memory_region_get_ram_ptr(&window->ram),
                        len, &tail);
    begin = my_rng_times_begin(&s->times);
    memory_region_set_dirty(&window->ram, 0, len);
    my_rng_times_end(&s->times, MY_RNG_TIME_MEMORY, begin);
    s->stats[MY_RNG_STAT_WORDS] += DIV_ROUND_UP(len, sizeof(uint32_t));
}

static const MyRngCell window_cells[MY_RNG_CELLS] = {
    MY_RNG_CELL(WIN_SIZE, R, WindowState, size),
};

static bool window_read(MyRngState *s, hwaddr reg, uint32_t *value)
{
    WindowState *window = s->priv;

    if (reg != MY_RNG_REG_WIN_REFILL) {
        return false;
    }
    window_refill(s, window->size);
    *value = window->size;
    return true;
}

static bool window_write(MyRngState *s, hwaddr reg, uint32_t value)
{
    WindowState *window = s->priv;

    if (reg != MY_RNG_REG_WIN_REFILL) {
        return false;
    }
    if (value < 1 || value > window->size) {
        my_rng_guest_error(s, "refill of %u bytes: the window takes 1 to %u",
                           value, window->size);
        return true;
    }
    window_refill(s, value);
    return true;
}

static bool window_realize(MyRngState *s, Error **errp)
{
    WindowState *window = s->priv;
    Error *err = NULL;

    window->size = s->prop.window_size;
    if (window->size < WINDOW_SIZE_MIN || window->size > WINDOW_SIZE_MAX ||
        !is_power_of_2(window->size)) {
        error_setg(
            errp, "window-size=%u: must be a power of two from %u to %u bytes",
            window->size, (unsigned)WINDOW_SIZE_MIN, (unsigned)WINDOW_SIZE_MAX);
        return false;
    }
    memory_region_init_ram(&window->ram, OBJECT(s), "my_rng-window",
                           window->size, &err);
    if (err) {
        error_propagate(errp, err);
        return false;
    }
    pci_register_bar(PCI_DEVICE(s), MY_RNG_BAR_WINDOW,
                     PCI_BASE_ADDRESS_SPACE_MEMORY |
                         PCI_BASE_ADDRESS_MEM_TYPE_64 |
                         PCI_BASE_ADDRESS_MEM_PREFETCH,
                     &window->ram);
    return true;
}

static void window_reset(MyRngState *s)
{
    WindowState *window = s->priv;

    memset(memory_region_get_ram_ptr(&window->ram), 0, window->size);
    memory_region_set_dirty(&window->ram, 0, window->size);
}

const MyRngVariant my_rng_variant_window = {
    .name = "window",
    .cap = MY_RNG_CAP_RNG32 | MY_RNG_CAP_WINDOW,
    .state_size = sizeof(WindowState),
    .cells = window_cells,
    .realize = window_realize,
    .reset = window_reset,
    .read = window_read,
    .write = window_write,
};
