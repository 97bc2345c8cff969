/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * project import and export: files of this machine, sent to /projects and fetched from there, in pieces, so that they may be
 * of any size, and that the daemon may run elsewhere.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "ctl/args.h"
#include "ctl/print.h"
#include "ctl/reply.h"

#define TARGET_MAX ((size_t)16 << 10)

/* "/projects/NAME.ENDING", with the ending of the file; NULL `name`: that of the file. */
static int put_target(struct goxel_buf *target, const char *name, const char *file,
                      struct goxel_detail *detail)
{
    const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file, *dot = strrchr(base, '.');
    char stem[TARGET_MAX / 8];

    if (!dot || dot == base || !dot[1])
        return goxel_fail_value(detail, GOXEL_ERROR_USAGE, "FILE", file,
                                "one with an ending, which tells the format (goxelctl call export.formats)");
    if (!name && (size_t)(dot - base) >= sizeof(stem))
        return goxel_fail_limit(detail, GOXEL_ERROR_USAGE, "FILE (bytes)", (int64_t)sizeof(stem) - 1,
                                (int64_t)(dot - base));
    if (!name)
        (void)snprintf(stem, sizeof(stem), "%.*s", (int)(dot - base), base);
    (void)goxel_buf_puts(target, "/projects/");
    ctl_put_segment(target, name ? name : stem);
    ctl_put_segment(target, dot);
    return target->failed;
}

/* "?NAME=VALUE&strict=true": what the format is told. */
static int put_query(struct goxel_buf *target, const struct ctl_args *args)
{
    char mark = '?';

    for (size_t i = 0; i < args->options.count; i++) {
        const char *word = args->options.words[i], *equals = strchr(word, '=');
        char name[128];

        (void)snprintf(name, sizeof(name), "%.*s", (int)(equals - word), word);
        goxel_buf_putc(target, mark);
        ctl_put_segment(target, name);
        goxel_buf_putc(target, '=');
        ctl_put_segment(target, equals + 1);
        mark = '&';
    }
    if (args->strict)
        goxel_buf_printf(target, "%cstrict=true", mark);
    return target->failed;
}

/* ---- import ---- */

static int open_file(const char *path, struct goxel_detail *detail, int *ret_fd)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;

    if (fd < 0)
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "open", path);
    if (!fstat(fd, &st) && S_ISDIR(st.st_mode)) {
        (void)close(fd);
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, EISDIR, "open", path);
    }
    *ret_fd = fd;
    return 0;
}

static int print_import(const struct ctl *ctl, const struct ctl_reply *reply)
{
    static const struct goxel_json_limits limits = {.depth = GOXEL_JSON_LEVELS, .tree_bytes = 1 << 20};
    char name[CTL_TEXT_SIZE], id[CTL_TEXT_SIZE], path[CTL_TEXT_SIZE];
    const char *file = ctl->args->words[0];
    struct goxel_json *result = NULL;
    int code = goxel_json_parse(reply->body.data ? reply->body.data : "", reply->body.len, &limits, NULL,
                                &result);

    if (code)
        return GOXEL_ERROR_INVALID_DATA;
    if (ctl->args->json) {
        code = ctl_print_json(result, false);
    } else {
        printf("%s (%s) from %s: layers %.0f, voxels %.0f%s\n", ctl_member_text(result, "name", name),
               ctl_member_text(result, "project_id", id),
               ctl_printable(path, sizeof(path), file, strlen(file)), ctl_member_number(result, "layers"),
               ctl_member_number(result, "total_voxels"),
               ctl_member_true(result, "created") ? "" : ", in place of what it had");
        ctl_tell_warnings(result);
    }
    goxel_json_free(result);
    return code;
}

static enum ctl_exit send_file(struct ctl *ctl, const char *target, int fd)
{
    const struct ctl_request request = {
        .method = "PUT",
        .target = target,
        .header = ctl->args->replace ? NULL : "If-None-Match: *",
        .from_fd = fd + 1,
        .progress = ctl_print_progress,
    };
    struct ctl_reply reply;
    enum ctl_exit status = ctl_transfer(ctl, &request, &reply);
    int code = 0;

    ctl_end_progress();
    if (!status)
        code = print_import(ctl, &reply);
    else if (reply.status == 412)
        fputs("goxelctl: there is a project of that name: --name gives another, --replace replaces it\n",
              stderr);
    goxel_buf_finish(&reply.body);
    return code ? ctl_say(code, NULL) : status;
}

enum ctl_exit ctl_project_import(struct ctl *ctl)
{
    const char *file = ctl->args->words[0];
    enum ctl_exit status = CTL_DONE;
    struct goxel_detail detail;
    struct goxel_buf target;
    int fd = -1, code;

    goxel_detail_init(&detail);
    goxel_buf_init(&target, TARGET_MAX);
    code = put_target(&target, ctl->args->name, file, &detail);
    if (!code)
        code = put_query(&target, ctl->args);
    if (!code)
        code = open_file(file, &detail, &fd);
    if (!code)
        status = send_file(ctl, target.data, fd);
    if (fd >= 0)
        (void)close(fd);
    goxel_buf_finish(&target);
    return code ? ctl_say(code, &detail) : status;
}

/* ---- export ---- */

struct fetching {
    struct ctl *ctl;
    const char *target;
    enum ctl_exit status; /* what was told */
    int64_t bytes;
    struct goxel_json *told; /* {warnings}; NULL: nothing was */
    char companion[sizeof(((struct ctl_reply *)NULL)->companion)];
};

/* The header is JSON, to be put where it is in other replies. */
static int read_warnings(const struct ctl_reply *reply, struct goxel_detail *detail,
                         struct goxel_json **ret_told)
{
    static const struct goxel_json_limits limits = {.depth = GOXEL_JSON_LEVELS, .tree_bytes = 1 << 20};
    struct goxel_buf text;
    int code;

    if (!reply->warnings[0])
        return 0;
    goxel_buf_init(&text, sizeof(reply->warnings) + 64);
    code = goxel_buf_printf(&text, "{\"warnings\":%s}", reply->warnings);
    if (!code)
        code = goxel_json_parse(text.data, text.len, &limits, NULL, ret_told);
    goxel_buf_finish(&text);
    return code ? goxel_fail(detail, GOXEL_ERROR_INVALID_DATA,
                             "no reply of a goxel-daemon: the header Goxel-Warnings is no JSON")
                : 0;
}

/* Into the temporary file that takes the place of the other once all is there. */
static int fetch(void *ctx, int fd, struct goxel_detail *detail)
{
    struct fetching *fetching = ctx;
    const struct ctl_request request = {.method = "GET",
                                        .target = fetching->target,
                                        .text = true,
                                        .to_fd = fd + 1,
                                        .progress = ctl_print_progress};
    struct ctl_reply reply;
    int code;

    fetching->status = ctl_transfer(fetching->ctl, &request, &reply);
    ctl_end_progress();
    fetching->bytes = lseek(fd, 0, SEEK_CUR);
    code = fetching->status ? goxel_fail(detail, GOXEL_ERROR_GENERAL, "nothing was fetched")
                            : read_warnings(&reply, detail, &fetching->told);
    memcpy(fetching->companion, reply.companion, sizeof(fetching->companion));
    goxel_buf_finish(&reply.body);
    return code;
}

/* What goes to a file, by its ending. */
static int export_to(struct fetching *fetching, const char *file, struct goxel_detail *detail)
{
    const struct ctl_args *args = fetching->ctl->args;
    struct goxel_buf target;
    int code;

    goxel_buf_init(&target, TARGET_MAX);
    code = put_target(&target, args->words[0], file, detail);
    if (!code)
        code = put_query(&target, args);
    fetching->target = target.data;
    if (!code)
        code = goxel_file_replace_by(AT_FDCWD, file, fetch, fetching, 0666, NULL, detail);
    goxel_buf_finish(&target);
    return code;
}

/*
 * The file that it refers to by the project's name: into the same folder, so that it is found. A name that is no name of a file is
 * for the user to deal with. *path: where it is; empty: nowhere.
 */
static int export_companion(struct fetching *fetching, struct goxel_buf *path, struct goxel_detail *detail)
{
    const char *project = fetching->ctl->args->words[0], *file = fetching->ctl->args->words[1];
    const char *slash = strrchr(file, '/');
    struct fetching beside = {.ctl = fetching->ctl, .status = CTL_DONE};
    int code;

    if (!fetching->companion[0])
        return 0;
    if (strchr(project, '/') || strchr(fetching->companion, '/'))
        return goxel_fail_value(
            detail, GOXEL_ERROR_VALIDATION, "PROJECT", project,
            "one without a /, as the file refers to another one of that name; rename the project");
    if ((code = goxel_buf_printf(path, "%.*s%s.%s", slash ? (int)(slash - file) + 1 : 0, file, project,
                                 fetching->companion)))
        return code;
    code = export_to(&beside, path->data, detail);
    fetching->status = beside.status;
    goxel_json_free(beside.told);
    return code;
}

static int print_export(const struct fetching *fetching, const struct goxel_buf *beside)
{
    const struct ctl_args *args = fetching->ctl->args;
    const char *file = args->words[1], *ending = strrchr(file, '.') + 1;
    char path[CTL_TEXT_SIZE], size[32];
    struct goxel_json_writer w;
    struct goxel_buf json;
    int code;

    if (!args->json) {
        printf("%s: %s, %s\n", ctl_printable(path, sizeof(path), file, strlen(file)), ending,
               ctl_bytes(size, (double)fetching->bytes));
        if (beside->len > 0)
            printf("%s: %s\n", ctl_printable(path, sizeof(path), beside->data, beside->len),
                   fetching->companion);
        ctl_tell_warnings(fetching->told);
        return 0;
    }
    goxel_buf_init(&json, TARGET_MAX);
    goxel_json_writer_init(&w, &json);
    goxel_json_put_object(&w, NULL);
    goxel_json_put_string(&w, "path", file);
    goxel_json_put_string(&w, "format", ending);
    goxel_json_put_int(&w, "bytes", fetching->bytes);
    if (beside->len > 0) {
        goxel_json_put_array(&w, "companions");
        goxel_json_put_string(&w, NULL, beside->data);
        goxel_json_put_end(&w);
    }
    if (fetching->told)
        goxel_json_put_node(&w, "warnings", ctl_member(fetching->told, "warnings", GOXEL_JSON_ARRAY));
    else
        goxel_warnings_put(&w, &(struct goxel_warnings){.count = 0});
    goxel_json_put_end(&w);
    code = ctl_print_written(&json);
    goxel_buf_finish(&json);
    return code;
}

enum ctl_exit ctl_project_export(struct ctl *ctl)
{
    struct fetching fetching = {.ctl = ctl, .status = CTL_DONE};
    struct goxel_detail detail;
    struct goxel_buf beside;
    int code;

    goxel_detail_init(&detail);
    goxel_buf_init(&beside, PATH_MAX);
    code = export_to(&fetching, ctl->args->words[1], &detail);
    if (!code)
        code = export_companion(&fetching, &beside, &detail);
    if (!code)
        code = print_export(&fetching, &beside);
    goxel_json_free(fetching.told);
    goxel_buf_finish(&beside);
    return fetching.status ? fetching.status : code ? ctl_say(code, &detail) : CTL_DONE;
}
