/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the device helps to explain itself: the modes TIMING and CONSTANT, the
 * prices, and time that is wasted on request. All of it is off the hot path, by
 * MyRngState::mode, and gone without the property "instrumented".
 */
#ifndef MY_RNG_INSTRUMENTS_H
#define MY_RNG_INSTRUMENTS_H

#include "my_rng.h"

/** my_rng_set_mode() - the guest's bits of the mode; others keep what they are */
void my_rng_set_mode(MyRngState *s, uint32_t mode);

/* The registers MODE and PRICE; false if @reg is neither, or not there */
bool my_rng_instruments_read(MyRngState *s, hwaddr reg, uint32_t *value);
bool my_rng_instruments_write(MyRngState *s, hwaddr reg, uint32_t value);

/**
 * struct MyRngAccess - an access of the data path under way
 * @begin: first stamp
 * @shared: the variant's lock is held
 */
typedef struct MyRngAccess {
    int64_t begin;
    bool shared;
} MyRngAccess;

/** my_rng_access_begin() - stamp, waste and lock, each if it is asked for */
MyRngAccess my_rng_access_begin(MyRngState *s);

/** my_rng_access_end() - the reverse */
void my_rng_access_end(MyRngState *s, MyRngAccess access);

/* An access of BAR0 while there is a mode, or a trace event that looks at it */
uint64_t my_rng_examined_read(MyRngState *s, hwaddr addr, unsigned size);
void my_rng_examined_write(MyRngState *s, hwaddr addr, uint64_t value,
                           unsigned size);

/** my_rng_instruments_check() - whether the properties go together */
bool my_rng_instruments_check(MyRngState *s, Error **errp);

/** my_rng_instruments_reset() - as the properties say */
void my_rng_instruments_reset(MyRngState *s);

/** my_rng_instruments_properties() - add timing, constant and waste-ns */
void my_rng_instruments_properties(ObjectClass *class);

#endif /* MY_RNG_INSTRUMENTS_H */
