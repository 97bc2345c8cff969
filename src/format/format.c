/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of formats, and how one is found in it. */
#include "format/format.h"

#include <string.h>
#include <strings.h>

#include "format/gox.h"
#include "format/txt.h"

/* clang-format off */
const struct goxel_format goxel_formats[] = {
    {"gox", "gox", "application/x-goxel",       "Goxel 3D",   goxel_gox_read, goxel_gox_write},
    {"txt", "txt", "text/plain; charset=utf-8", "Goxel text", goxel_txt_read, goxel_txt_write},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};
/* clang-format on */

/* Whether a space-separated list has the word, ASCII case ignored. */
static bool lists(const char *list, const char *word)
{
    size_t len = strlen(word);

    while (*list) {
        size_t next = strcspn(list, " ");

        if (next == len && strncasecmp(list, word, len) == 0)
            return true;
        list += next;
        list += strspn(list, " ");
    }
    return false;
}

const struct goxel_format *goxel_format_named(const char *name)
{
    for (const struct goxel_format *format = goxel_formats; format->name; format++) {
        if (strcasecmp(format->name, name) == 0 || lists(format->extensions, name))
            return format;
    }
    return NULL;
}

const struct goxel_format *goxel_format_of_path(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash : path, '.');

    for (const struct goxel_format *format = goxel_formats; dot && format->name; format++) {
        if (lists(format->extensions, dot + 1))
            return format;
    }
    return NULL;
}

void goxel_warn(struct goxel_warnings *warnings, const char *what, int64_t count)
{
    if (!warnings || count == 0)
        return;
    for (size_t i = 0; i < warnings->count; i++) {
        if (strcmp(warnings->rows[i].what, what) == 0) {
            warnings->rows[i].count += count;
            return;
        }
    }
    if (warnings->count == GOXEL_WARNINGS_MAX)
        return;
    warnings->rows[warnings->count].what = what;
    warnings->rows[warnings->count++].count = count;
}
