/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is wrong with a project, and what is good of it. */
#include "store/inspect_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "store/database.h"
#include "store/replay.h"
int goxel_inspect_path(const struct goxel_inspection *inspection, const struct goxel_kept *kept,
                       char ret_path[PATH_MAX], struct goxel_detail *detail)
{
    if (snprintf(ret_path, PATH_MAX, "%s/p%" PRIu64 "/" GOXEL_DATABASE_NAME, inspection->folder.path,
                 kept->listed.number) < PATH_MAX)
        return 0;
    return goxel_fail(detail, GOXEL_ERROR_FILE_ACCESS, "the path of a project's database is too long");
}

static void tell(void *ctx, const struct goxel_detail *detail)
{
    struct goxel_telling *telling = ctx;

    telling->count++;
    telling->damage(telling->ctx, detail->text);
}

static void tell_text(struct goxel_telling *telling, const char *text)
{
    telling->count++;
    telling->damage(telling->ctx, text);
}

/* It has come to no checkpoint yet: what there is of it is in the journal. */
static bool is_unwritten(const struct goxel_kept *kept)
{
    return kept->listed.summary.version == 0 && kept->records > 0;
}

/* *ret_database is NULL if there is none, or one that cannot be opened; that is told, if it is damage. */
static int open_base(const char *path, const struct goxel_kept *kept, struct goxel_telling *telling,
                     struct goxel_detail *detail, struct goxel_database **ret_database)
{
    int code;

    if (access(path, F_OK) != 0 && errno == ENOENT) {
        if (!is_unwritten(kept))
            tell_text(telling, "its database is missing");
        return 0;
    }
    code = goxel_database_open(path, is_unwritten(kept), detail, ret_database);
    if (code != GOXEL_ERROR_INVALID_DATA)
        return code;
    tell(telling, detail);
    return 0;
}

/* What is good in the database. What is no damage is an error: nobody is to take a disk that fails for an empty file. */
static int load_base(struct goxel_inspection *inspection, const struct goxel_kept *kept,
                     struct goxel_telling *telling, struct goxel_key_list *keys, struct goxel_detail *detail,
                     struct goxel_project **ret_base)
{
    struct goxel_database_load how = {.bytes_max = UINT64_MAX, .damage = tell, .ctx = telling, .keys = keys};
    struct goxel_database *database = NULL;
    struct goxel_detail own;
    char path[PATH_MAX];
    int code = goxel_inspect_path(inspection, kept, path, detail);

    *ret_base = NULL;
    if (code)
        return code;
    goxel_detail_init(&own);
    code = open_base(path, kept, telling, &own, &database);
    if (!code && database)
        code = goxel_database_load(database, &how, &own, ret_base);
    goxel_database_close(database);
    if (code == GOXEL_ERROR_INVALID_DATA) { /* not even the first row of it */
        tell(telling, &own);
        return 0;
    }
    if (code && detail)
        *detail = own;
    return code;
}

/* The records that fit, one after the other. */
static int replay(const struct goxel_kept *kept, struct goxel_telling *telling, struct goxel_key_list *keys,
                  struct goxel_project **project)
{
    struct goxel_reading in = goxel_reading_make(kept->tail.data, kept->tail.len);
    struct goxel_detail detail;
    int code = 0;

    goxel_detail_init(&detail);
    while (in.left > 0 && !code) {
        size_t len = (size_t)goxel_take_u64(&in);
        struct goxel_project *next = NULL;
        struct goxel_buf one;

        goxel_buf_init(&one, SIZE_MAX);
        code = goxel_tail_add(&one, goxel_take_bytes(&in, len), len);
        if (!code)
            code = goxel_replay_tail(*project, &one, GOXEL_HEAD_HISTORY_BYTES, keys, &detail, &next);
        goxel_buf_finish(&one);
        if (!code) {
            goxel_project_unref(*project);
            *project = next;
        }
    }
    if (code && code != GOXEL_ERROR_OUT_OF_MEMORY) /* a quota, too: it does not fit */
        tell(telling, &detail);
    return code == GOXEL_ERROR_OUT_OF_MEMORY ? code : 0;
}

/* Not of what could not be read at all: that is told. */
static void check_age(const struct goxel_kept *kept, const struct goxel_project *base,
                      struct goxel_telling *telling)
{
    struct goxel_detail detail;
    uint64_t version = base ? base->version : 0;

    if (version >= kept->listed.summary.version || (!base && telling->count > 0))
        return;
    (void)goxel_fail(&detail, GOXEL_ERROR_INVALID_DATA,
                     "its database is at version %" PRIu64 ", and was at %" PRIu64, version,
                     kept->listed.summary.version);
    tell(telling, &detail);
}

static void tell_listed(const struct goxel_kept *kept, struct goxel_telling *telling)
{
    char text[320];

    if (!kept->listed.damage[0])
        return;
    (void)snprintf(text, sizeof(text), "marked as damaged: %s", kept->listed.damage);
    tell_text(telling, text);
}

static int read_all(struct goxel_inspection *inspection, const struct goxel_kept *kept,
                    struct goxel_telling *telling, struct goxel_key_list *keys, struct goxel_detail *detail,
                    struct goxel_project **ret_project)
{
    int code = load_base(inspection, kept, telling, keys, detail, ret_project);

    if (code)
        return code;
    check_age(kept, *ret_project, telling);
    code = replay(kept, telling, keys, ret_project);
    if (code) {
        goxel_project_unref(*ret_project);
        *ret_project = NULL;
        return goxel_fail(detail, code, "the project");
    }
    if (!*ret_project && telling->count == 0)
        tell_text(telling, "neither a checkpoint nor the journal has it");
    return 0;
}

/* What the list knows is mostly what was found just now: it is told where nothing was. */
int goxel_inspect(struct goxel_inspection *inspection, const struct goxel_kept *kept,
                  struct goxel_telling *telling, struct goxel_key_list *keys, struct goxel_detail *detail,
                  struct goxel_project **ret_project)
{
    int code = read_all(inspection, kept, telling, keys, detail, ret_project);

    if (!code && kept->remains[0])
        tell_text(telling, kept->remains);
    if (!code && telling->count == 0)
        tell_listed(kept, telling);
    return code;
}

int goxel_inspection_check(struct goxel_inspection *inspection, size_t at, goxel_inspection_damage *damage,
                           void *ctx, struct goxel_detail *detail, struct goxel_project **ret_project)
{
    struct goxel_telling telling = {damage, ctx, 0};
    struct goxel_key_list keys = {NULL, 0, 0};
    struct goxel_project *project = NULL;
    int code = goxel_inspect(inspection, &inspection->kept[at], &telling, &keys, detail, &project);

    goxel_key_list_finish(&keys);
    if (ret_project && !code)
        *ret_project = project;
    else
        goxel_project_unref(project);
    return code;
}
