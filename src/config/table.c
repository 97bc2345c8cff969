/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rows of config/options.h laid out as arrays, and names looked up in them. There are about a
 * hundred: a walk is quick enough, and needs nothing built first.
 */
#include "config/table.h"

#include <assert.h>
#include <string.h>

#include "base/nearest.h"

/* clang-format off */
const struct goxel_section_row goxel_section_rows[GOXEL_SECTION_COUNT] = {
#define FILE_ALONE false
#define ANYBODY true
#define X(section, from, section_doc) { .path = section, .settable = from, .doc = section_doc },
    GOXEL_SECTIONS(X)
#undef X
#undef ANYBODY
#undef FILE_ALONE
};

const struct goxel_option_row goxel_option_rows[GOXEL_SLOT_COUNT] = {
#define X(symbol, in, called, of_kind, by_default, least, most, one_of, counted_in, applied, says) { \
        .full = in "." called, .section = in, .name = called, \
        .kind = GOXEL_KIND_##of_kind, .text = by_default, .min = least, .max = most, .choices = one_of, \
        .unit = counted_in, .level = GOXEL_LEVEL_##applied, .doc = says },
    GOXEL_OPTIONS(X)
#undef X
#define X(in, called, of_kind, by_default) { \
        .full = in "." called, .section = in, .name = called, \
        .kind = GOXEL_KIND_##of_kind, .text = by_default, .min = 0, .max = INT64_MAX, .choices = "", \
        .unit = "", .level = GOXEL_LEVEL_SERVICE, .doc = "" },
    GOXEL_OPTIONS_LATER(X)
#undef X
};

static const char *const inert[] = {
#define X(name) name,
    GOXEL_OPTIONS_INERT(X)
#undef X
};
/* clang-format on */

int goxel_slot_find(const char *section, const char *name)
{
    for (int slot = 0; slot < GOXEL_SLOT_COUNT; slot++) {
        const struct goxel_option_row *row = &goxel_option_rows[slot];

        if (strcmp(row->section, section) == 0 && strcmp(row->name, name) == 0)
            return slot;
    }
    return -1;
}

bool goxel_section_known(const char *path)
{
    for (size_t i = 0; i < GOXEL_SECTION_COUNT; i++) {
        if (strcmp(goxel_section_rows[i].path, path) == 0)
            return true;
    }
    return false;
}

const char *goxel_section_child(const char *path, const char *inner)
{
    size_t length = strlen(path);

    if (length > 0 && (strncmp(inner, path, length) != 0 || inner[length] != '.'))
        return NULL;
    inner += length + (length > 0);
    return strchr(inner, '.') ? NULL : inner;
}

bool goxel_option_inert(const char *name)
{
    for (size_t i = 0; i < sizeof(inert) / sizeof(inert[0]); i++) {
        if (strcmp(inert[i], name) == 0)
            return true;
    }
    return false;
}

/* ---- what was meant ---- */

const char *goxel_option_nearest(const char *path)
{
    struct goxel_nearest nearest = {.written = path};

    for (size_t i = 0; i < GOXEL_SLOT_COUNT; i++)
        goxel_nearest_try(&nearest, goxel_option_rows[i].full);
    return nearest.found;
}

const char *goxel_section_nearest(const char *path)
{
    struct goxel_nearest nearest = {.written = path};

    for (size_t i = 0; i < GOXEL_SECTION_COUNT; i++)
        goxel_nearest_try(&nearest, goxel_section_rows[i].path);
    return nearest.found;
}

/* ---- the public face ---- */

const char *goxel_option_name(enum goxel_option option)
{
    assert((unsigned)option < GOXEL_OPTION_COUNT);
    return goxel_option_rows[option].full;
}

bool goxel_option_find(const char *name, enum goxel_option *ret_option)
{
    for (int i = 0; i < GOXEL_OPTION_COUNT; i++) {
        if (strcmp(goxel_option_rows[i].full, name) == 0) {
            *ret_option = (enum goxel_option)i;
            return true;
        }
    }
    return false;
}

static bool is_path(enum goxel_kind kind)
{
    return kind == GOXEL_KIND_PATH || kind == GOXEL_KIND_ROOT || kind == GOXEL_KIND_PATHS;
}

bool goxel_option_settable(enum goxel_option option)
{
    const struct goxel_section_row *section = goxel_section_rows;

    assert((unsigned)option < GOXEL_OPTION_COUNT);
    while (strcmp(section->path, goxel_option_rows[option].section) != 0)
        section++;
    return section->settable && !is_path(goxel_option_rows[option].kind);
}

enum goxel_option_level goxel_option_level(enum goxel_option option)
{
    assert((unsigned)option < GOXEL_OPTION_COUNT);
    return goxel_option_rows[option].level;
}

const char *goxel_option_level_name(enum goxel_option option)
{
    static const char *const names[] = {
        [GOXEL_LEVEL_RELOAD] = "R",
        [GOXEL_LEVEL_REEXEC] = "X",
        [GOXEL_LEVEL_SERVICE] = "S",
    };

    return names[goxel_option_level(option)];
}

enum goxel_option_type goxel_option_type(enum goxel_option option)
{
    static const enum goxel_option_type types[] = {
        [GOXEL_KIND_BOOL] = GOXEL_OPTION_BOOL,   [GOXEL_KIND_INT] = GOXEL_OPTION_INT,
        [GOXEL_KIND_OCTAL] = GOXEL_OPTION_INT,   [GOXEL_KIND_CHOICE] = GOXEL_OPTION_CHOICE,
        [GOXEL_KIND_TEXT] = GOXEL_OPTION_STRING, [GOXEL_KIND_PATH] = GOXEL_OPTION_STRING,
        [GOXEL_KIND_ROOT] = GOXEL_OPTION_STRING, [GOXEL_KIND_ADDRESS] = GOXEL_OPTION_STRING,
        [GOXEL_KIND_TEXTS] = GOXEL_OPTION_LIST,  [GOXEL_KIND_CAPABILITIES] = GOXEL_OPTION_LIST,
        [GOXEL_KIND_PATHS] = GOXEL_OPTION_LIST,  [GOXEL_KIND_ENDPOINTS] = GOXEL_OPTION_LIST,
        [GOXEL_KIND_HOSTS] = GOXEL_OPTION_LIST,  [GOXEL_KIND_ORIGINS] = GOXEL_OPTION_LIST,
        [GOXEL_KIND_PEERS] = GOXEL_OPTION_LIST,
    };

    assert((unsigned)option < GOXEL_OPTION_COUNT);
    return types[goxel_option_rows[option].kind];
}
