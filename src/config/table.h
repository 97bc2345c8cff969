/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The option table at run time: its rows, and names looked up in it.
 *
 * Used by: config, and its tests.  Uses: config/options.h.  Constant, so thread-safe.
 *
 * A *slot* is the index of a row: first those of enum goxel_option, then the options that are to come,
 * which differ in nothing but that only their default is accepted.
 */
#ifndef GOXEL_CONFIG_TABLE_H
#define GOXEL_CONFIG_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"

enum goxel_kind {
    GOXEL_KIND_BOOL,
    GOXEL_KIND_INT,
    GOXEL_KIND_OCTAL,
    GOXEL_KIND_CHOICE,
    GOXEL_KIND_TEXT,
    GOXEL_KIND_PATH,
    GOXEL_KIND_ROOT,
    GOXEL_KIND_ADDRESS,
    GOXEL_KIND_TEXTS, /* from here on lists */
    GOXEL_KIND_CAPABILITIES,
    GOXEL_KIND_PATHS,
    GOXEL_KIND_ENDPOINTS,
    GOXEL_KIND_HOSTS,
    GOXEL_KIND_ORIGINS,
    GOXEL_KIND_PEERS,
};

struct goxel_option_row {
    const char *full; /* "sockets.tcp.port" */
    const char *section;
    const char *name;
    enum goxel_kind kind;
    const char *text; /* the default */
    int64_t min, max;
    const char *choices;
    const char *unit;
    enum goxel_option_level level;
    const char *doc; /* "" if still to come */
};

#define GOXEL_LATER_ONE(section, name, kind, text) +1
#define GOXEL_SLOT_COUNT (GOXEL_OPTION_COUNT GOXEL_OPTIONS_LATER(GOXEL_LATER_ONE))

extern const struct goxel_option_row goxel_option_rows[GOXEL_SLOT_COUNT];

struct goxel_section_row {
    const char *path; /* "sockets.tcp" */
    bool settable;    /* its options may be set at run time, but for paths */
    const char *doc;
};

#define GOXEL_SECTION_ONE(path, from, doc) +1
#define GOXEL_SECTION_COUNT (0 GOXEL_SECTIONS(GOXEL_SECTION_ONE))

extern const struct goxel_section_row goxel_section_rows[GOXEL_SECTION_COUNT];

static inline bool goxel_kind_is_list(enum goxel_kind kind)
{
    return kind >= GOXEL_KIND_TEXTS;
}

/* Whether nothing but its default is carried out so far. */
static inline bool goxel_slot_to_come(int slot)
{
    return slot >= GOXEL_OPTION_COUNT;
}

/* The slot of an option, -1 if there is none; `section` is "" outside of any. */
int goxel_slot_find(const char *section, const char *name);
bool goxel_section_known(const char *path);
/* "unix" for "sockets.unix" in "sockets"; NULL if it does not stand right inside. "" is outside of any. */
const char *goxel_section_child(const char *path, const char *inner);
bool goxel_option_inert(const char *name); /* without its section */

/* The full name nearest to `path`, a mistyped one; NULL if none is near. */
const char *goxel_option_nearest(const char *path);
const char *goxel_section_nearest(const char *path);

#endif
