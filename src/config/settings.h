/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Options that are set while the daemon runs, on top of the file and the command line.
 *
 * Used by: rpc (makes them), daemon (keeps them, loads with them).  Uses: config/config.h, base.
 *
 * Life: one thread at a time; owned by whoever made it. Nothing is in effect by being in here: it is when a
 * configuration is loaded with it.
 */
#ifndef GOXEL_CONFIG_SETTINGS_H
#define GOXEL_CONFIG_SETTINGS_H

#include "config/config.h"

/* Who is named for what is wrong with one of them. */
#define GOXEL_SETTINGS_SOURCE "system.set_config"

struct goxel_settings;

struct goxel_settings *goxel_settings_create(void);           /* NULL: out of memory */
void goxel_settings_destroy(struct goxel_settings *settings); /* NULL is fine */

/*
 * Sets the option of that full name, one for each name: a boolean, an integer, a text as on the command line, or an
 * array of such texts for a list. GOXEL_ERROR_INVALID_PARAMS with the name as field, for a name that there is not, an
 * option that comes from the file alone, or a value that its row does not take; GOXEL_ERROR_OUT_OF_MEMORY.
 */
int goxel_settings_set(struct goxel_settings *settings, const char *name, const struct goxel_json *value,
                       struct goxel_detail *detail);

/* All that `more` sets, and what else `settings` (NULL: none) does. GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_settings_join(const struct goxel_settings *settings, const struct goxel_settings *more,
                        struct goxel_settings **ret_joined);

/* Each as an override, a list as one for each item; valid until the settings change. `settings` NULL: none. */
const struct goxel_config_override *goxel_settings_overrides(const struct goxel_settings *settings,
                                                             size_t *ret_count);

/*
 * `overrides` and, behind them, those of the settings: what to load with. Freed with free(3); valid as long as both.
 * GOXEL_ERROR_OUT_OF_MEMORY.
 */
int goxel_settings_append(const struct goxel_config_override *overrides, size_t count,
                          const struct goxel_settings *settings, struct goxel_config_override **ret_all,
                          size_t *ret_count);

/* {NAME: value}, to be set again in the next image of the daemon; `settings` NULL: {}. */
void goxel_settings_write(const struct goxel_settings *settings, struct goxel_json_writer *w,
                          const char *key);

#endif
