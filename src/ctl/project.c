/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Commands about projects. Each is one method; its parameters are written here, its result is printed in a way of its own.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "ctl/args.h"
#include "ctl/print.h"
#include "ctl/reply.h"
#include "ctl/table.h"

/* ---- one method ---- */

struct params {
    struct goxel_buf text;
    struct goxel_json_writer w;
};

static void begin_params(struct params *params)
{
    goxel_buf_init(&params->text, 64u << 10);
    goxel_json_writer_init(&params->w, &params->text);
    goxel_json_put_object(&params->w, NULL);
}

/* Calls, prints, and ends the parameters. `print` returns a code of base/error. */
static enum ctl_exit run(struct ctl *ctl, const char *method, struct params *params,
                         int (*print)(const struct goxel_json *result))
{
    struct ctl_answer answer = {0};
    enum ctl_exit status = CTL_DONE;
    int code;

    goxel_json_put_end(&params->w);
    code = params->text.failed;
    if (!code)
        status = ctl_rpc(ctl, method, params->text.data, params->text.len, &answer);
    if (!code && !status)
        code = ctl->args->json ? ctl_print_json(answer.result, false) : print(answer.result);
    goxel_buf_finish(&params->text);
    ctl_answer_finish(&answer);
    return code ? ctl_say(code, NULL) : status;
}

/* A file of this machine, as it is found from any folder: the daemon has another one. */
static int put_file(struct params *params, const char *file, struct goxel_detail *detail)
{
    char folder[PATH_MAX], path[2 * PATH_MAX];

    if (file[0] == '/') {
        goxel_json_put_string(&params->w, "path", file);
        return 0;
    }
    if (!getcwd(folder, sizeof(folder)))
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "getcwd", "");
    if ((size_t)snprintf(path, sizeof(path), "%s/%s", strcmp(folder, "/") ? folder : "", file) >=
        sizeof(path))
        return goxel_fail_limit(detail, GOXEL_ERROR_USAGE, "FILE (bytes)", PATH_MAX, (int64_t)strlen(file));
    goxel_json_put_string(&params->w, "path", path);
    return 0;
}

/* From a file or to it; `project` NULL: the method has a name for it, or there is one. */
static enum ctl_exit run_with_file(struct ctl *ctl, const char *method, const char *project, const char *file,
                                   int (*print)(const struct goxel_json *result))
{
    struct goxel_detail detail;
    struct params params;
    int code;

    begin_params(&params);
    code = put_file(&params, file, &detail);
    if (code) {
        goxel_buf_finish(&params.text);
        return ctl_say(code, &detail);
    }
    if (project)
        goxel_json_put_string(&params.w, "project", project);
    return run(ctl, method, &params, print);
}

/* ---- list ---- */

static const char *state_of(const struct goxel_json *project)
{
    if (ctl_member(project, "damaged", GOXEL_JSON_STRING))
        return "DAMAGED";
    return ctl_member_true(project, "is_open") ? "open" : "closed";
}

static int print_list(const struct goxel_json *result)
{
    static const char *const members[] = {"project_id",  "name",      "layers",    "total_voxels",
                                          "is_modified", "read_only", "is_current"};
    const struct goxel_json *projects = ctl_member(result, "projects", GOXEL_JSON_ARRAY);
    struct ctl_table table;
    int code;

    ctl_table_init(&table, (const char *const[]){"ID", "NAME", ">LAYERS", ">VOXELS", "MODIFIED", "READ-ONLY",
                                                 "CURRENT", "STATE", "PATH", NULL});
    for (size_t i = 0; projects && i < goxel_json_length(projects); i++) {
        const struct goxel_json *project = goxel_json_at(projects, i);

        for (size_t j = 0; j < sizeof(members) / sizeof(members[0]); j++)
            ctl_table_put_member(&table, project, members[j]);
        ctl_table_put(&table, "%s", state_of(project));
        ctl_table_put_member(&table, project, "path");
    }
    code = ctl_table_print(&table);
    ctl_table_finish(&table);
    return code;
}

enum ctl_exit ctl_project_list(struct ctl *ctl)
{
    struct params params;

    begin_params(&params);
    return run(ctl, "project.list", &params, print_list);
}

/* ---- info ---- */

static void print_box(const struct goxel_json *bounds)
{
    static const char *const ends[] = {"min", "max"};
    int64_t at[2][3] = {0};

    for (size_t i = 0; i < 2; i++) {
        const struct goxel_json *position = ctl_member(bounds, ends[i], GOXEL_JSON_ARRAY);

        for (size_t j = 0; position && j < 3 && j < goxel_json_length(position); j++) {
            const struct goxel_json *item = goxel_json_at(position, j);

            at[i][j] = goxel_json_type(item) == GOXEL_JSON_INT ? goxel_json_int(item) : 0;
        }
    }
    ctl_print_field("bounds", CTL_PLAIN, "%lld %lld %lld to %lld %lld %lld", (long long)at[0][0],
                    (long long)at[0][1], (long long)at[0][2], (long long)at[1][0], (long long)at[1][1],
                    (long long)at[1][2]);
}

static void print_extent(const struct goxel_json *result)
{
    const struct goxel_json *size = ctl_member(result, "dimensions", GOXEL_JSON_OBJECT);
    const struct goxel_json *bounds = ctl_member(result, "bounds", GOXEL_JSON_OBJECT);
    char text[32];

    if (size)
        ctl_print_field("dimensions", CTL_PLAIN, "%.0f x %.0f x %.0f", ctl_member_number(size, "width"),
                        ctl_member_number(size, "height"), ctl_member_number(size, "depth"));
    if (bounds)
        print_box(bounds);
    ctl_print_field("memory", CTL_PLAIN, "%s", ctl_bytes(text, ctl_member_number(result, "size")));
}

static int print_info(const struct goxel_json *result)
{
    static const struct {
        const char *name, *member;
    } fields[] = {
        {"id", "project_id"},       {"name", "name"},
        {"path", "path"},           {"created", "created"},
        {"modified", "modified"},   {"version", "version"},
        {"unsaved", "is_modified"}, {"read-only", "read_only"},
        {"current", "is_current"},  {"active layer", "active_layer_id"},
    };
    const struct goxel_json *statistics = ctl_member(result, "statistics", GOXEL_JSON_OBJECT);
    char text[CTL_TEXT_SIZE];

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        ctl_print_field(fields[i].name, CTL_PLAIN, "%s", ctl_member_text(result, fields[i].member, text));
    ctl_print_field("layers", CTL_PLAIN, "%s", ctl_member_text(statistics, "layers", text));
    ctl_print_field("voxels", CTL_PLAIN, "%s", ctl_member_text(statistics, "total_voxels", text));
    ctl_print_field("colours", CTL_PLAIN, "%s%s",
                    ctl_member_true(statistics, "colors_used_is_exact") ? "" : "over ",
                    ctl_member_text(statistics, "colors_used", text));
    print_extent(result);
    return 0;
}

enum ctl_exit ctl_project_info(struct ctl *ctl)
{
    struct params params;

    begin_params(&params);
    goxel_json_put_string(&params.w, "project", ctl->args->words[0]);
    return run(ctl, "project.get_info", &params, print_info);
}

/* ---- undo, redo ---- */

static int print_undo(const struct goxel_json *result)
{
    printf("%.0f taken back, version %.0f; %.0f more can be undone, %.0f done again\n",
           ctl_member_number(result, "steps"), ctl_member_number(result, "version"),
           ctl_member_number(result, "undo"), ctl_member_number(result, "redo"));
    return 0;
}

static int print_redo(const struct goxel_json *result)
{
    printf("%.0f done again, version %.0f; %.0f more can be done again, %.0f undone\n",
           ctl_member_number(result, "steps"), ctl_member_number(result, "version"),
           ctl_member_number(result, "redo"), ctl_member_number(result, "undo"));
    return 0;
}

static enum ctl_exit run_steps(struct ctl *ctl, const char *method,
                               int (*print)(const struct goxel_json *result))
{
    const char *steps = ctl->args->count > 1 ? ctl->args->words[1] : "1";
    struct goxel_detail detail;
    struct params params;
    char *end;
    long count;

    errno = 0;
    count = strtol(steps, &end, 10);
    if (errno || end == steps || *end || count < 1) {
        goxel_fail_value(&detail, GOXEL_ERROR_USAGE, "STEPS", steps, "a number from 1");
        return ctl_say(GOXEL_ERROR_USAGE, &detail);
    }
    begin_params(&params);
    goxel_json_put_string(&params.w, "project", ctl->args->words[0]);
    goxel_json_put_int(&params.w, "steps", count);
    return run(ctl, method, &params, print);
}

enum ctl_exit ctl_project_undo(struct ctl *ctl)
{
    return run_steps(ctl, "project.undo", print_undo);
}

enum ctl_exit ctl_project_redo(struct ctl *ctl)
{
    return run_steps(ctl, "project.redo", print_redo);
}

/* ---- backup, restore ---- */

static int print_backup(const struct goxel_json *result)
{
    char path[CTL_TEXT_SIZE], size[32];

    printf("%s: version %.0f, %s\n", ctl_member_text(result, "path", path),
           ctl_member_number(result, "version"), ctl_bytes(size, ctl_member_number(result, "bytes")));
    return 0;
}

enum ctl_exit ctl_project_backup(struct ctl *ctl)
{
    return run_with_file(ctl, "project.backup", ctl->args->words[0], ctl->args->words[1], print_backup);
}

static int print_restore(const struct goxel_json *result)
{
    char name[CTL_TEXT_SIZE], id[CTL_TEXT_SIZE];

    printf("%s (%s): version %.0f, layers %.0f, voxels %.0f\n", ctl_member_text(result, "name", name),
           ctl_member_text(result, "project_id", id), ctl_member_number(result, "version"),
           ctl_member_number(result, "layers"), ctl_member_number(result, "total_voxels"));
    return 0;
}

enum ctl_exit ctl_project_restore(struct ctl *ctl)
{
    return run_with_file(ctl, "project.restore", ctl->args->name, ctl->args->words[0], print_restore);
}

/* ---- close, delete ---- */

static void print_ended(const struct goxel_json *result, const char *what)
{
    char name[CTL_TEXT_SIZE], id[CTL_TEXT_SIZE];

    printf("%s (%s): %s\n", ctl_member_text(result, "name", name), ctl_member_text(result, "project_id", id),
           what);
}

static int print_close(const struct goxel_json *result)
{
    print_ended(result, ctl_member_true(result, "saved") ? "saved and closed" : "closed");
    return 0;
}

enum ctl_exit ctl_project_close(struct ctl *ctl)
{
    struct params params;

    begin_params(&params);
    goxel_json_put_string(&params.w, "project", ctl->args->words[0]);
    if (ctl->args->save || ctl->args->discard)
        goxel_json_put_bool(&params.w, "save_changes", ctl->args->save);
    return run(ctl, "project.close", &params, print_close);
}

static int print_delete(const struct goxel_json *result)
{
    print_ended(result, "deleted");
    return 0;
}

enum ctl_exit ctl_project_delete(struct ctl *ctl)
{
    struct params params;

    begin_params(&params);
    goxel_json_put_string(&params.w, "project", ctl->args->words[0]);
    return run(ctl, "project.delete", &params, print_delete);
}
