/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Commands on the folder of a daemon that is stopped: check, repair, dump. A project is a line, what is wrong with it a line each
 * below it; or all of it one document of JSON.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "ctl/args.h"
#include "ctl/endpoint.h"
#include "ctl/print.h"
#include "store/inspect.h"

#define JSON_MAX ((size_t)256 << 20)
#define ID_SIZE 32

struct offline {
    const struct ctl_args *args;
    char *directory; /* owned */
    struct goxel_inspection *inspection;
    bool repairs;
    bool progress; /* a line on standard error, which is taken away again */
    struct goxel_buf json;
    struct goxel_json_writer w;
    struct goxel_buf damages; /* of what is looked at: each with its NUL */
    size_t damaged;           /* what is, of all */
    size_t repairable;        /* projects of a check of which something can be kept */
    enum ctl_exit status;
};

/* What is known of a project once it was read. */
struct found {
    struct goxel_inspected listed;
    int64_t voxels;                 /* that the list had before a repair */
    struct goxel_repaired repaired; /* version, layers and voxels of a check, too */
    size_t damages;
    bool readable; /* something of it is */
    int code;      /* of reading or repairing it */
    struct goxel_detail detail;
};

/* ---- errors ---- */

static const struct {
    int code;
    enum ctl_exit status;
} outcomes[] = {
    {GOXEL_ERROR_USAGE, CTL_USAGE},
    {DAEMON_ERROR_CONFIG_INVALID, CTL_USAGE},
    {GOXEL_ERROR_LOCKED, CTL_REFUSED},
    {GOXEL_ERROR_PROJECT_NOT_FOUND, CTL_REFUSED},
    {GOXEL_ERROR_INVALID_DATA, CTL_UNHEALTHY},
};

static enum ctl_exit status_of(int code)
{
    for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
        if (outcomes[i].code == code)
            return outcomes[i].status;
    }
    return code ? CTL_FAILED : CTL_DONE;
}

static enum ctl_exit say(int code, const struct goxel_detail *detail)
{
    struct goxel_buf line;

    goxel_buf_init(&line, 4096);
    goxel_detail_print(&line, code, detail);
    fprintf(stderr, "goxelctl: %s\n", line.data ? line.data : goxel_error_text(code));
    goxel_buf_finish(&line);
    return status_of(code);
}

/* What is worst counts. */
static void note(struct offline *o, enum ctl_exit status)
{
    if (status > o->status)
        o->status = status;
}

/* ---- the folder ---- */

/*
 * A superuser works as who owns the folder: what is made is the daemon's then, and no link that lies there leads anywhere
 * that the daemon could not go itself.
 */
static int become_owner(const char *directory, struct goxel_detail *detail)
{
    struct stat st;

    if (geteuid() != 0 || stat(directory, &st) != 0 || st.st_uid == 0)
        return 0;
    if (setegid(st.st_gid) != 0 || seteuid(st.st_uid) != 0)
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "work as the owner of", directory);
    return 0;
}

static int begin(struct offline *o, const struct ctl *ctl, struct goxel_detail *detail)
{
    int code;

    *o = (struct offline){.args = ctl->args, .progress = isatty(STDERR_FILENO) && ctl_has_screen()};
    goxel_buf_init(&o->json, JSON_MAX);
    goxel_buf_init(&o->damages, JSON_MAX);
    goxel_json_writer_init(&o->w, &o->json);
    code = ctl_directory_find(ctl->args, detail, &o->directory);
    if (!code)
        code = become_owner(o->directory, detail);
    return code ? code : goxel_inspection_open(o->directory, detail, &o->inspection);
}

static void finish(struct offline *o)
{
    goxel_inspection_close(o->inspection);
    goxel_buf_finish(&o->json);
    goxel_buf_finish(&o->damages);
    free(o->directory);
}

static void id_of(const struct goxel_inspected *listed, char ret_id[ID_SIZE])
{
    (void)snprintf(ret_id, ID_SIZE, "p%" PRIu64, listed->number);
}

static bool is_called(const struct goxel_inspected *listed, const char *word)
{
    char id[ID_SIZE];

    id_of(listed, id);
    return strcmp(word, id) == 0 || strcmp(word, listed->name) == 0;
}

/* Without words, all. */
static bool is_wanted(const struct offline *o, const struct goxel_inspected *listed)
{
    for (int i = 0; i < o->args->count; i++) {
        if (is_called(listed, o->args->words[i]))
            return true;
    }
    return o->args->count == 0;
}

static int check_words(const struct offline *o, struct goxel_detail *detail)
{
    for (int i = 0; i < o->args->count; i++) {
        bool found = false;

        for (size_t k = 0; k < goxel_inspection_count(o->inspection) && !found; k++) {
            struct goxel_inspected listed;

            goxel_inspection_at(o->inspection, k, &listed);
            found = is_called(&listed, o->args->words[i]);
        }
        if (!found)
            return goxel_fail_value(detail, GOXEL_ERROR_PROJECT_NOT_FOUND, "PROJECT", o->args->words[i],
                                    "name or id of a project in %.80s", o->directory);
    }
    return 0;
}

/* ---- damage ---- */

static void take_damage(void *ctx, const char *text)
{
    struct offline *o = ctx;

    (void)goxel_buf_append(&o->damages, text, strlen(text) + 1);
}

static void print_damages(const struct offline *o)
{
    char text[CTL_TEXT_SIZE];

    for (size_t at = 0; at < o->damages.len; at += strlen(o->damages.data + at) + 1)
        printf("  %s\n",
               ctl_printable(text, sizeof(text), o->damages.data + at, strlen(o->damages.data + at)));
}

static void put_damages(struct offline *o)
{
    goxel_json_put_array(&o->w, "damage");
    for (size_t at = 0; at < o->damages.len; at += strlen(o->damages.data + at) + 1)
        goxel_json_put_string(&o->w, NULL, o->damages.data + at);
    goxel_json_put_end(&o->w);
}

/* Of the folder as a whole. A repair leaves it: the daemon sets a damaged journal aside once all it has is in databases. */
static void look_at_store(struct offline *o)
{
    size_t count = goxel_inspection_tell(o->inspection, take_damage, o);

    if (!o->repairs && count > 0)
        note(o, CTL_UNHEALTHY);
    o->damaged += count > 0;
    if (o->args->json)
        put_damages(o);
    else if (count > 0)
        printf("%s%s: damaged%s\n", ctl_color(CTL_RED), o->directory, ctl_color(CTL_PLAIN));
    if (!o->args->json)
        print_damages(o);
    goxel_buf_clear(&o->damages);
}

/* ---- a project ---- */

static void check(struct offline *o, size_t at, struct found *found)
{
    struct goxel_project *project = NULL;

    found->code = goxel_inspection_check(o->inspection, at, take_damage, o, &found->detail, &project);
    if (!project)
        return;
    found->readable = true;
    found->repaired.version = project->version;
    found->repaired.layers = project->layer_count;
    found->repaired.voxels = goxel_project_voxels(project);
    goxel_project_unref(project);
}

static void repair(struct offline *o, size_t at, struct found *found)
{
    found->code = goxel_inspection_repair(o->inspection, at, take_damage, o, &found->detail,
                                          &found->repaired);
    found->readable = found->code == 0;
}

static const char *verdict(const struct found *found)
{
    if (found->code)
        return found->damages ? "not repaired" : "error";
    if (!found->damages)
        return "ok";
    return found->repaired.done ? "repaired" : "damaged";
}

static enum ctl_color color_of(const struct found *found)
{
    if (found->code || (found->damages && !found->repaired.done))
        return CTL_RED;
    return found->damages ? CTL_YELLOW : CTL_GREEN;
}

/* Nothing of it can be kept. */
static bool is_lost(const struct found *found)
{
    return found->damages > 0 && !found->readable &&
           (!found->code || found->code == GOXEL_ERROR_INVALID_DATA);
}

/* Of how many voxels, if there were more at the last checkpoint. */
static int64_t voxels_of(const struct found *found)
{
    return found->damages && found->voxels > found->repaired.voxels ? found->voxels : 0;
}

static void print_project(const struct offline *o, const struct found *found)
{
    char id[ID_SIZE], name[CTL_TEXT_SIZE];

    id_of(&found->listed, id);
    printf("%s  %s", id, ctl_printable(name, sizeof(name), found->listed.name, strlen(found->listed.name)));
    if (found->readable)
        printf("  version %" PRIu64 "  layers %zu  voxels %" PRId64, found->repaired.version,
               found->repaired.layers, found->repaired.voxels);
    if (found->readable && voxels_of(found))
        printf(" of %" PRId64, voxels_of(found));
    printf("  %s%s%s\n", ctl_color(color_of(found)), verdict(found), ctl_color(CTL_PLAIN));
    print_damages(o);
    if (found->code)
        printf("  %s\n", ctl_printable(name, sizeof(name), found->detail.text, strlen(found->detail.text)));
    if (is_lost(found))
        printf(
            "  restore a backup, once the daemon runs: goxelctl project delete %s, then goxelctl project restore FILE\n",
            id);
    if (found->repaired.done && found->repaired.aside[0])
        printf("  the damaged file is %s/%s\n", o->directory, found->repaired.aside);
}

static void put_project(struct offline *o, const struct found *found)
{
    char id[ID_SIZE];

    id_of(&found->listed, id);
    goxel_json_put_object(&o->w, NULL);
    goxel_json_put_string(&o->w, "id", id);
    goxel_json_put_string(&o->w, "name", found->listed.name);
    goxel_json_put_string(&o->w, "state", verdict(found));
    if (found->readable) {
        goxel_json_put_count(&o->w, "version", found->repaired.version);
        goxel_json_put_count(&o->w, "layers", found->repaired.layers);
        goxel_json_put_int(&o->w, "voxels", found->repaired.voxels);
        if (voxels_of(found))
            goxel_json_put_int(&o->w, "of_voxels", voxels_of(found));
    }
    goxel_json_put_count(&o->w, "records", found->listed.records);
    put_damages(o);
    if (found->code)
        goxel_json_put_string(&o->w, "error", found->detail.text);
    if (found->repaired.done)
        goxel_json_put_string(&o->w, "aside", found->repaired.aside[0] ? found->repaired.aside : NULL);
    goxel_json_put_end(&o->w);
}

/* Of one it is not worth it. */
static void show_progress(const struct offline *o, size_t at)
{
    size_t count = goxel_inspection_count(o->inspection);

    if (o->progress && count > 1)
        fprintf(stderr, "\r\033[K%zu of %zu", at + 1, count);
}

static void hide_progress(const struct offline *o)
{
    if (o->progress)
        fputs("\r\033[K", stderr);
}

static size_t count_damages(const struct goxel_buf *damages)
{
    size_t count = 0;

    for (size_t at = 0; at < damages->len; at += strlen(damages->data + at) + 1)
        count++;
    return count;
}

/* What was repaired is whole. */
static enum ctl_exit status_of_found(const struct found *found)
{
    if (found->code)
        return status_of(found->code);
    return found->damages && !found->repaired.done ? CTL_UNHEALTHY : CTL_DONE;
}

static void look_at(struct offline *o, size_t at)
{
    struct found found = {.readable = false};

    goxel_detail_init(&found.detail);
    goxel_inspection_at(o->inspection, at, &found.listed);
    found.voxels = found.listed.voxels;
    if (!is_wanted(o, &found.listed))
        return;
    show_progress(o, at);
    if (o->repairs)
        repair(o, at, &found);
    else
        check(o, at, &found);
    hide_progress(o);
    goxel_inspection_at(o->inspection, at, &found.listed);
    found.damages = count_damages(&o->damages);
    note(o, status_of_found(&found));
    o->damaged += found.damages > 0;
    o->repairable += !o->repairs && found.readable && found.damages > 0;
    if (o->args->json)
        put_project(o, &found);
    else
        print_project(o, &found);
    goxel_buf_clear(&o->damages);
}

static void look_at_all(struct offline *o)
{
    goxel_json_put_object(&o->w, NULL);
    goxel_json_put_string(&o->w, "directory", o->directory);
    look_at_store(o);
    goxel_json_put_array(&o->w, "projects");
    for (size_t i = 0; i < goxel_inspection_count(o->inspection); i++)
        look_at(o, i);
    goxel_json_put_end(&o->w);
    goxel_json_put_bool(&o->w, "whole", o->damaged == 0 && o->status == CTL_DONE);
    goxel_json_put_end(&o->w);
}

static enum ctl_exit look(struct ctl *ctl, bool repairs)
{
    struct goxel_detail detail;
    struct offline o;
    enum ctl_exit status;
    int code;

    goxel_detail_init(&detail);
    code = begin(&o, ctl, &detail);
    o.repairs = repairs;
    if (!code)
        code = check_words(&o, &detail);
    if (!code) {
        look_at_all(&o);
        if (o.damages.failed)
            code = goxel_fail(&detail, o.damages.failed, "what is damaged");
        else if (ctl->args->json)
            code = ctl_print_written(&o.json);
        else if (o.repairable > 0)
            puts("goxelctl repair keeps what is good, while the daemon is stopped");
    }
    status = code ? say(code, &detail) : o.status;
    finish(&o);
    return status;
}

enum ctl_exit ctl_check(struct ctl *ctl)
{
    return look(ctl, false);
}

enum ctl_exit ctl_repair(struct ctl *ctl)
{
    return look(ctl, true);
}

/* ---- dump ---- */

static int print_line(void *ctx, const char *text, size_t len)
{
    (void)ctx;
    (void)fwrite(text, 1, len, stdout); /* whether all of it got out is told at the end */
    putchar('\n');
    return 0;
}

enum ctl_exit ctl_dump(struct ctl *ctl)
{
    struct goxel_detail detail;
    struct offline o;
    enum ctl_exit status;
    int code;

    goxel_detail_init(&detail);
    code = begin(&o, ctl, &detail);
    if (!code)
        code = check_words(&o, &detail);
    for (size_t i = 0; !code && i < goxel_inspection_count(o.inspection); i++) {
        struct goxel_inspected listed;

        goxel_inspection_at(o.inspection, i, &listed);
        if (is_wanted(&o, &listed))
            code = goxel_inspection_dump(o.inspection, i, print_line, NULL, &detail);
    }
    status = code ? say(code, &detail) : CTL_DONE;
    finish(&o);
    return status;
}
