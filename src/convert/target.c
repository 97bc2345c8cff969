/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The file that is written: beside the old one, synced, and then in its place; a pipe or a device as it goes. A link is followed,
 * and one to nowhere refused, as cp(1) does. The file that belongs to it comes first, once it is known that all of it could be written.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "convert/convert.h"
#include "work/pool.h"

#define NOWHERE (-1)

/* One file on its way out. */
struct writing {
    struct convert *convert;
    const struct convert_target *target;
    struct goxel_export export;
    char stem[GOXEL_NAME_MAX + 1];
    const char *path; /* with links followed */
    char whole[PATH_MAX];
    int fd;
    size_t bytes;
};

enum convert_exit convert_target_choose(const struct convert_args *args, struct convert_target *ret_target)
{
    struct goxel_detail detail;
    char name[256];
    int code;

    goxel_detail_init(&detail);
    ret_target->path = args->output;
    code = goxel_format_choose(args->output, args->to, GOXEL_FORMAT_OUT, &detail, &ret_target->format);
    if (!code) {
        goxel_format_options_init(&ret_target->options, ret_target->format);
        code = convert_set_options(&args->write_options, GOXEL_FORMAT_OUT, &detail, &ret_target->options);
    }
    return code ? convert_say(convert_name(args->output, GOXEL_FORMAT_OUT, name), code, &detail)
                : CONVERT_DONE;
}

/* ---- bytes ---- */

static int fail_write(const struct writing *writing, int errnum)
{
    bool full = errnum == ENOSPC || errnum == EDQUOT;

    return goxel_fail_errno(writing->export.detail, full ? GOXEL_ERROR_STORAGE_FULL : GOXEL_ERROR_FILE_ACCESS,
                            errnum, "write", writing->target->path);
}

/* Not as goxel_file_write: who waits for the other end of a pipe is ended by a signal, too. */
static int drain(void *ctx, const void *bytes, size_t len)
{
    struct writing *writing = ctx;
    const char *at = bytes;

    while (len > 0) {
        int code = goxel_cancel_check(&writing->convert->cancel);
        ssize_t n = code ? 0 : writing->fd == NOWHERE ? (ssize_t)len : write(writing->fd, at, len);

        if (code)
            return code;
        if (n < 0 && errno != EINTR)
            return fail_write(writing, errno);
        at += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
        writing->bytes += n > 0 ? (size_t)n : 0;
        convert_progress(writing->convert, GOXEL_FORMAT_OUT, writing->target->path, writing->bytes);
    }
    return 0;
}

static int encode(struct writing *writing, const struct goxel_format *format, int fd,
                  struct goxel_detail *detail)
{
    struct goxel_buf bytes;
    int code;

    writing->fd = fd;
    writing->export.detail = detail;
    goxel_buf_init(&bytes, GOXEL_FILE_MAX);
    goxel_buf_set_drain(&bytes, drain, writing);
    code = goxel_format_write(format, &writing->export, writing->convert->args->strict, &bytes);
    if (!code)
        code = goxel_buf_drain(&bytes);
    if (code == GOXEL_ERROR_MESSAGE_SIZE)
        code = goxel_fail(detail, GOXEL_ERROR_QUOTA, "the file would be longer than %zu bytes",
                          GOXEL_FILE_MAX);
    goxel_buf_finish(&bytes);
    return code;
}

/* ---- the file beside it ---- */

/* What is lost the file itself tells. */
static int fill_companion(void *ctx, int fd, struct goxel_detail *detail)
{
    struct writing *writing = ctx;
    const struct goxel_format *format = goxel_format_companion(&writing->target->options);
    struct writing beside = *writing;
    struct goxel_format_options options;
    struct goxel_warnings unheard = {.count = 0};

    goxel_format_options_init(&options, format);
    goxel_format_options_share(&options, &writing->target->options);
    beside.export.options = &options;
    beside.export.warnings = &unheard;
    return encode(&beside, format, fd, detail);
}

static int write_companion(struct writing *writing, struct goxel_detail *detail)
{
    const struct goxel_format *format = goxel_format_companion(&writing->target->options);
    const char *slash = strrchr(writing->path, '/');
    struct goxel_buf path;
    int code;

    if (!format)
        return 0;
    goxel_buf_init(&path, PATH_MAX);
    goxel_buf_append(&path, writing->path, slash ? (size_t)(slash - writing->path) + 1 : 0);
    goxel_buf_printf(&path, "%s.%.*s", writing->stem, (int)strcspn(format->extensions, " "),
                     format->extensions);
    code = path.failed;
    if (!code && strcmp(path.data, writing->path) == 0)
        code = goxel_fail(detail, GOXEL_ERROR_USAGE, "the file that goes with it has the same name");
    if (!code)
        code = goxel_file_replace_by(AT_FDCWD, path.data, fill_companion, writing, 0666, NULL, detail);
    goxel_buf_finish(&path);
    return code;
}

static int fill(void *ctx, int fd, struct goxel_detail *detail)
{
    struct writing *writing = ctx;
    int code = encode(writing, writing->target->format, fd, detail);

    return code ? code : write_companion(writing, detail);
}

/* ---- where to ---- */

/* For nobody: what is lost is known at the end, and no byte must be gone by then. */
static int rehearse(struct writing *writing, struct goxel_detail *detail)
{
    int code = encode(writing, writing->target->format, NOWHERE, detail);

    writing->bytes = 0;
    return code;
}

/* Its bytes go there as they come: there is nothing to be replaced. */
static int write_stream(struct writing *writing, int fd, struct goxel_detail *detail)
{
    int code;

    if (goxel_format_companion(&writing->target->options))
        goxel_warn(writing->export.warnings, "the file beside it is not written: the output has no folder",
                   1);
    if (writing->convert->args->strict && (code = rehearse(writing, detail)))
        return code;
    return encode(writing, writing->target->format, fd, detail);
}

static int write_device(struct writing *writing, struct goxel_detail *detail)
{
    int fd = open(writing->path, O_WRONLY | O_CLOEXEC | O_NOCTTY), code;

    if (fd < 0)
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "open", writing->path);
    code = write_stream(writing, fd, detail);
    if (close(fd) != 0 && !code)
        code = goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "close", writing->path);
    return code;
}

/* What lies beside a file has its name. */
static void choose_stem(struct writing *writing)
{
    convert_stem(writing->path, writing->stem);
    if (!writing->stem[0])
        memcpy(writing->stem, GOXEL_EXPORT_NAME, sizeof(GOXEL_EXPORT_NAME));
}

static int write_path(struct writing *writing, struct goxel_detail *detail)
{
    struct stat st;
    int code;

    if (strcmp(writing->path, "-") == 0)
        return write_stream(writing, STDOUT_FILENO, detail);
    if (stat(writing->path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
        return write_device(writing, detail);
    if ((code = goxel_file_follow(writing->path, writing->whole, &writing->path, detail)))
        return code;
    choose_stem(writing);
    return goxel_file_replace_by(AT_FDCWD, writing->path, fill, writing, 0666, NULL, detail);
}

/* ---- helpers ---- */

/* Without them it takes longer, that is all. */
static struct goxel_pool *make_pool(unsigned threads)
{
    const struct goxel_pool_options options = {.workers = threads - 1, .queue_size = threads};
    struct goxel_pool *pool = NULL;

    if (threads > 1)
        (void)goxel_pool_create(&options, NULL, &pool);
    return pool;
}

enum convert_exit convert_write(struct convert *convert, const struct convert_target *target,
                                const struct goxel_project *project, struct goxel_warnings *warnings)
{
    struct writing writing = {.convert = convert, .target = target, .path = target->path};
    struct goxel_detail detail;
    char name[256];
    int code;

    goxel_detail_init(&detail);
    choose_stem(&writing);
    writing.export = (struct goxel_export){
        .project = project,
        .name = writing.stem,
        .options = &target->options,
        .pool = make_pool(convert->args->threads),
        .cancel = &convert->cancel,
        .warnings = warnings,
    };
    convert_progress(convert, GOXEL_FORMAT_OUT, target->path, 0);
    code = write_path(&writing, &detail);
    goxel_pool_destroy(writing.export.pool);
    convert_end_progress(convert);
    convert_name(target->path, GOXEL_FORMAT_OUT, name);
    convert_warn(convert->args, name, warnings);
    if (code)
        return goxel_cancel_check(&convert->cancel) ? CONVERT_FAILED : convert_say(name, code, &detail);
    convert_tell(convert->args, name, "%s, bytes %zu", target->format->title, writing.bytes);
    return CONVERT_DONE;
}
