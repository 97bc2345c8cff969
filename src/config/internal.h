/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of config/ share: the configuration itself.
 *
 * Used by: config only.
 */
#ifndef GOXEL_CONFIG_INTERNAL_H
#define GOXEL_CONFIG_INTERNAL_H

#include <stdatomic.h>

#include "config/config.h"
#include "config/value.h"

/* Written by its maker alone, before anybody else has a reference; read-only from then on. */
struct goxel_config {
    atomic_uint refs;
    struct goxel_value values[GOXEL_SLOT_COUNT]; /* those past GOXEL_OPTION_COUNT stay at their defaults */
};

/* One reference, every value zeroed. NULL: out of memory. */
struct goxel_config *goxel_config_create(void);

#endif
