/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * project import and export: files of this machine, sent to /projects and fetched from there, in pieces, so that they may be
 * of any size, and that the daemon may run elsewhere.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "ctl/args.h"
#include "ctl/print.h"
#include "ctl/reply.h"

#define STEM_SIZE ((size_t)2 << 10)

/* What stands before the file's last dot and behind its folder; GOXEL_ERROR_USAGE: there is no ending that tells a format. */
static int split_file(const char *file, struct goxel_detail *detail, char ret_stem[STEM_SIZE],
                      const char **ret_dot)
{
    const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file, *dot = strrchr(base, '.');

    if (!dot || dot == base || !dot[1])
        return goxel_fail_value(detail, GOXEL_ERROR_USAGE, "FILE", file,
                                "one with an ending, which tells the format (goxelctl call export.formats)");
    if ((size_t)(dot - base) >= STEM_SIZE)
        return goxel_fail_limit(detail, GOXEL_ERROR_USAGE, "FILE (bytes)", (int64_t)STEM_SIZE - 1,
                                (int64_t)(dot - base));
    (void)snprintf(ret_stem, STEM_SIZE, "%.*s", (int)(dot - base), base);
    *ret_dot = dot;
    return 0;
}

/* "/projects/NAME.ENDING" */
static int put_target(struct goxel_buf *target, const char *name, const char *ending)
{
    (void)goxel_buf_puts(target, "/projects/");
    ctl_put_segment(target, name);
    ctl_put_segment(target, ending);
    return target->failed;
}

/* "?strict=true&NAME=VALUE": what the format is told. `file`: what we call it; NULL: nobody has to know. */
static int put_query(struct goxel_buf *target, const struct ctl_args *args, const char *file)
{
    (void)goxel_buf_printf(target, "?strict=%s", args->strict ? "true" : "false");
    if (file) {
        (void)goxel_buf_puts(target, "&file=");
        ctl_put_segment(target, file);
    }
    for (size_t i = 0; i < args->options.count; i++) {
        const char *word = args->options.words[i], *equals = strchr(word, '=');
        char name[128];

        (void)snprintf(name, sizeof(name), "%.*s", (int)(equals - word), word);
        goxel_buf_putc(target, '&');
        ctl_put_segment(target, name);
        goxel_buf_putc(target, '=');
        ctl_put_segment(target, equals + 1);
    }
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
    const char *dot = NULL;
    struct goxel_detail detail;
    struct goxel_buf target;
    char stem[STEM_SIZE];
    int fd = -1, code;

    goxel_detail_init(&detail);
    goxel_buf_init(&target, CTL_TARGET_MAX);
    code = split_file(file, &detail, stem, &dot);
    if (!code)
        code = put_target(&target, ctl->args->name ? ctl->args->name : stem, dot);
    if (!code)
        code = put_query(&target, ctl->args, NULL);
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

/* A file that is fetched, and the one beside it. */
struct fetching {
    struct ctl *ctl;
    const char *file;
    char stem[STEM_SIZE];
    const char *ending;
    enum ctl_exit status; /* what was told */
    int64_t bytes;
    struct goxel_json *told; /* {warnings}; NULL: nothing was */
    char version[24];        /* of the project */
    struct goxel_buf beside; /* its path; empty: there is none */
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

/* The same project, by its ending, into the file of that descriptor. The reply is finished by the caller. */
static int fetch(struct fetching *fetching, const char *ending, int fd, struct goxel_detail *detail,
                 struct ctl_reply *ret_reply)
{
    struct goxel_buf target;
    int code;

    goxel_buf_init(&target, CTL_TARGET_MAX);
    goxel_buf_init(&ret_reply->body, 0);
    code = put_target(&target, fetching->ctl->args->words[0], ending);
    if (!code)
        code = put_query(&target, fetching->ctl->args, fetching->stem);
    if (!code) {
        const struct ctl_request request = {.method = "GET",
                                            .target = target.data,
                                            .text = true,
                                            .to_fd = fd + 1,
                                            .progress = ctl_print_progress};

        fetching->status = ctl_transfer(fetching->ctl, &request, ret_reply);
        ctl_end_progress();
        code = fetching->status ? goxel_fail(detail, GOXEL_ERROR_GENERAL, "nothing was fetched") : 0;
    }
    goxel_buf_finish(&target);
    return code;
}

static int fetch_beside(void *ctx, int fd, struct goxel_detail *detail)
{
    struct fetching *fetching = ctx;
    struct ctl_reply reply = {0};
    int code = fetch(fetching, strrchr(fetching->beside.data, '.'), fd, detail, &reply);

    if (!code && strcmp(reply.version, fetching->version) != 0)
        code = goxel_fail(detail, GOXEL_ERROR_CONCURRENT,
                          "the project was edited between two files that go together: export it again");
    goxel_buf_finish(&reply.body);
    return code;
}

/* The folder and the name are ours, whatever the reply says. */
static int name_beside(struct fetching *fetching, const char *ending, struct goxel_detail *detail)
{
    const char *dot = strrchr(fetching->file, '.');
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789";

    if (!ending[0])
        return 0;
    if (ending[strspn(ending, plain)] || strcmp(ending, fetching->ending + 1) == 0)
        return goxel_fail(
            detail, GOXEL_ERROR_INVALID_DATA,
            "no reply of a goxel-daemon: the header Goxel-Companion is no ending of another file");
    return goxel_buf_printf(&fetching->beside, "%.*s.%s", (int)(dot - fetching->file), fetching->file,
                            ending);
}

/* Into the temporary file that takes the place of the other once all is there, and the one beside it in its own. */
static int fill(void *ctx, int fd, struct goxel_detail *detail)
{
    struct fetching *fetching = ctx;
    struct ctl_reply reply = {0};
    int code = fetch(fetching, fetching->ending, fd, detail, &reply);

    if (!code) {
        fetching->bytes = lseek(fd, 0, SEEK_CUR);
        memcpy(fetching->version, reply.version, sizeof(fetching->version));
        code = read_warnings(&reply, detail, &fetching->told);
    }
    if (!code)
        code = name_beside(fetching, reply.companion, detail);
    goxel_buf_finish(&reply.body);
    if (!code && fetching->beside.len)
        code = goxel_file_replace_by(AT_FDCWD, fetching->beside.data, fetch_beside, fetching, 0666, NULL,
                                     detail);
    return code;
}

static int print_export(const struct fetching *fetching)
{
    const struct ctl_args *args = fetching->ctl->args;
    const char *file = fetching->file, *ending = fetching->ending + 1;
    const struct goxel_buf *beside = &fetching->beside;
    char path[CTL_TEXT_SIZE], size[32];
    struct goxel_json_writer w;
    struct goxel_buf json;
    int code;

    if (!args->json) {
        printf("%s: %s, %s\n", ctl_printable(path, sizeof(path), file, strlen(file)), ending,
               ctl_bytes(size, (double)fetching->bytes));
        if (beside->len)
            printf("%s: goes with it\n", ctl_printable(path, sizeof(path), beside->data, beside->len));
        ctl_tell_warnings(fetching->told);
        return 0;
    }
    goxel_buf_init(&json, CTL_TARGET_MAX);
    goxel_json_writer_init(&w, &json);
    goxel_json_put_object(&w, NULL);
    goxel_json_put_string(&w, "path", file);
    goxel_json_put_string(&w, "format", ending);
    goxel_json_put_int(&w, "bytes", fetching->bytes);
    if (beside->len) {
        goxel_json_put_array(&w, "companions");
        goxel_json_put_string_len(&w, NULL, beside->data, beside->len);
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
    struct fetching fetching = {.ctl = ctl, .file = ctl->args->words[1], .status = CTL_DONE};
    struct goxel_detail detail;
    char whole[PATH_MAX];
    const char *dot;
    int code;

    goxel_detail_init(&detail);
    goxel_buf_init(&fetching.beside, CTL_TARGET_MAX);
    code = split_file(fetching.file, &detail, fetching.stem, &fetching.ending);
    if (!code)
        code = goxel_file_follow(fetching.file, whole, &fetching.file, &detail);
    if (!code && fetching.file == whole) /* what lies beside it lies there, and has its name */
        code = split_file(whole, &detail, fetching.stem, &dot);
    if (!code)
        code = goxel_file_replace_by(AT_FDCWD, fetching.file, fill, &fetching, 0666, NULL, &detail);
    if (!code)
        code = print_export(&fetching);
    goxel_json_free(fetching.told);
    goxel_buf_finish(&fetching.beside);
    return fetching.status ? fetching.status : code ? ctl_say(code, &detail) : CTL_DONE;
}
