/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a person runs at a prompt: one measurement, or a look around. */
#ifndef USERBENCH_HAND_H
#define USERBENCH_HAND_H

#include "options.h"

/** hand_run() - measure what @o names, print a table; 0, or -1 and a message */
int hand_run(const struct options *o);

/** hand_list() - print devices, paths and controls; 0, or -1 and a message */
int hand_list(void);

#endif /* USERBENCH_HAND_H */
