/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A configuration as seen from inside a root directory.
 *
 * Paths are compared by their components, as they are written: a symbolic link is the kernel's to
 * follow, and from inside it leads elsewhere. ".." is nowhere inside, since it stops at the new root.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "config/check.h"
#include "config/internal.h"

/* Paths that matter only while something is switched on: by a BOOL, or by a CHOICE that is `word`. */
static const struct {
    enum goxel_option path, by;
    const char *word;
} switched[] = {
    {GOXEL_OPT_PROCESS_PID_FILE, GOXEL_OPT_PROCESS_CREATE_PID_FILE, NULL},
    {GOXEL_OPT_SOCKETS_UNIX_PATH, GOXEL_OPT_SOCKETS_UNIX_ENABLED, NULL},
    {GOXEL_OPT_LOGGING_FILE, GOXEL_OPT_LOGGING_TARGET, "file"},
    {GOXEL_OPT_WWW_DIRECTORY, GOXEL_OPT_WWW_ENABLED, NULL},
};

static bool is_used(const struct goxel_config *config, enum goxel_option path)
{
    for (size_t i = 0; i < sizeof(switched) / sizeof(switched[0]); i++) {
        if (switched[i].path != path)
            continue;
        if (switched[i].word)
            return strcmp(goxel_config_string(config, switched[i].by), switched[i].word) == 0;
        return goxel_config_bool(config, switched[i].by);
    }
    return true;
}

/* The component that begins at *at or after it, which is moved behind; its length, 0: there is none. */
static size_t next_component(const char **at, const char **ret_start)
{
    size_t length;

    do {
        *ret_start = *at + strspn(*at, "/");
        length = strcspn(*ret_start, "/");
        *at = *ret_start + length;
    } while (length == 1 && **ret_start == '.');
    return length;
}

/* What follows `root` in `path`, without a slash at its front; NULL: it does not lie inside. */
static const char *inside(const char *path, const char *root)
{
    const char *wanted, *given;
    size_t length;

    if (goxel_check_component(path, ".."))
        return NULL;
    while ((length = next_component(&root, &wanted)) > 0) {
        if (next_component(&path, &given) != length || memcmp(given, wanted, length) != 0)
            return NULL;
    }
    (void)next_component(&path, &given);
    return given;
}

/* *path, an owned text, as it is called from inside `root`; one outside stays unless it is used. */
static int rebase_path(char **path, bool used, const char *root, const struct goxel_option_row *row,
                       struct goxel_detail *detail)
{
    const char *rest = inside(*path, root);

    if (!rest && !used)
        return 0;
    if (!rest)
        return goxel_fail_value(detail, DAEMON_ERROR_CONFIG_INVALID, row->full, *path,
                                "a path inside %s, which the daemon is confined to", root);
    /* A slash stands before `rest` but at the very end: there is room for "/REST" in any case. */
    memmove(*path + 1, rest, strlen(rest) + 1);
    **path = '/';
    return 0;
}

static int rebase_value(struct goxel_value *value, bool used, const char *root,
                        const struct goxel_option_row *row, struct goxel_detail *detail)
{
    int code = 0;

    if (value->text && value->text[0])
        code = rebase_path(&value->text, used, root, row, detail);
    for (size_t i = 0; code == 0 && i < value->count; i++)
        code = rebase_path(&value->items[i], used, root, row, detail);
    return code;
}

static int rebase(struct goxel_config *to, const struct goxel_config *from, const char *root,
                  struct goxel_detail *detail)
{
    int code = 0;

    for (int slot = 0; code == 0 && slot < GOXEL_SLOT_COUNT; slot++) {
        const struct goxel_option_row *row = &goxel_option_rows[slot];

        code = goxel_value_copy(&to->values[slot], &from->values[slot]);
        if (code != 0)
            return goxel_fail(detail, code, "no memory for the configuration");
        if (row->kind == GOXEL_KIND_PATH || row->kind == GOXEL_KIND_PATHS)
            code = rebase_value(&to->values[slot], is_used(from, (enum goxel_option)slot), root, row, detail);
    }
    return code;
}

int goxel_config_rebase(const struct goxel_config *config, const char *root, struct goxel_detail *detail,
                        struct goxel_config **ret_config)
{
    struct goxel_config *rebased = goxel_config_create();
    int code;

    if (!rebased)
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "no memory for the configuration");
    code = rebase(rebased, config, root, detail);
    if (code == 0)
        *ret_config = rebased;
    else
        goxel_config_unref(rebased);
    return code;
}
