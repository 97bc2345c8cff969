/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A file that is read. It may be a pipe: what is read has a ceiling, and no size is believed. It is in memory whole until its project is
 * made, and not longer.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "convert/convert.h"

#define READ_STEP ((size_t)1 << 20)

/* ---- bytes ---- */

static int open_source(const char *path, struct goxel_detail *detail, int *ret_fd)
{
    bool standard = strcmp(path, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat st;

    if (fd < 0)
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "open", path);
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        if (!standard)
            (void)close(fd);
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, EISDIR, "open", path);
    }
    *ret_fd = fd;
    return 0;
}

/* Room for the next piece, or for the byte that shows that there is too much. */
static int make_room(struct goxel_buf *bytes, struct goxel_detail *detail)
{
    size_t room = bytes->ceiling - bytes->len;

    if (room == 0)
        return goxel_fail_limit(detail, GOXEL_ERROR_MESSAGE_SIZE, "bytes of a file", (int64_t)GOXEL_FILE_MAX,
                                (int64_t)bytes->len);
    return goxel_buf_reserve(bytes, room < READ_STEP ? room : READ_STEP);
}

static int read_bytes(struct convert *convert, int fd, const char *path, struct goxel_detail *detail,
                      struct goxel_buf *bytes)
{
    int code;

    convert_progress(convert, GOXEL_FORMAT_IN, path, 0);
    for (;;) {
        size_t room;
        ssize_t n;

        if ((code = goxel_cancel_check(&convert->cancel)) || (code = make_room(bytes, detail)))
            return code;
        room = bytes->ceiling - bytes->len;
        n = read(fd, bytes->data + bytes->len, room < READ_STEP ? room : READ_STEP);
        if (n == 0)
            return 0;
        if (n < 0 && errno != EINTR)
            return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "read", path);
        bytes->len += n > 0 ? (size_t)n : 0;
        convert_progress(convert, GOXEL_FORMAT_IN, path, bytes->len);
    }
}

/* ---- format ---- */

static int choose_format(const struct convert_args *args, const char *path, const struct goxel_buf *bytes,
                         struct goxel_detail *detail, const struct goxel_format **ret_format)
{
    const uint8_t *at = (const uint8_t *)bytes->data;
    const struct goxel_format *format = args->from ? NULL : goxel_format_of_path(path, GOXEL_FORMAT_IN);
    int code;

    if (!format && !args->from)
        format = goxel_format_recognise(at, bytes->len);
    if (!format && !args->from && strcmp(path, "-") == 0)
        return goxel_fail(detail, GOXEL_ERROR_FORMAT_NOT_SUPPORTED,
                          "nothing tells the format: --from does (goxel-convert --list-formats)");
    if (!format && (code = goxel_format_choose(path, args->from, GOXEL_FORMAT_IN, detail, &format)))
        return code;
    *ret_format = goxel_format_of_bytes(format, at, bytes->len);
    return 0;
}

/* The first "=" ends the name, and stands somewhere. */
static int set_option(const char *pair, enum goxel_format_use use, struct goxel_detail *detail,
                      struct goxel_format_options *options)
{
    size_t len = strcspn(pair, "=");
    char name[64];

    (void)snprintf(name, sizeof(name), "%.*s", (int)(len < sizeof(name) ? len : sizeof(name) - 1), pair);
    return goxel_format_options_set(options, use, name, pair + len + 1, detail);
}

int convert_set_options(const struct convert_words *words, enum goxel_format_use use,
                        struct goxel_detail *detail, struct goxel_format_options *options)
{
    int code = 0;

    for (size_t i = 0; i < words->count && !code; i++)
        code = set_option(words->words[i], use, detail, options);
    return code;
}

/* ---- the project ---- */

static int parse(struct convert *convert, const struct goxel_buf *bytes, struct goxel_detail *detail,
                 struct convert_source *source)
{
    struct goxel_format_options options;
    const struct goxel_import import = {
        .bytes = (const uint8_t *)bytes->data,
        .len = bytes->len,
        .options = &options,
        .cancel = &convert->cancel,
        .warnings = &source->warnings,
        .detail = detail,
    };
    int code = choose_format(convert->args, source->path, bytes, detail, &source->format);

    if (code)
        return code;
    goxel_format_options_init(&options, source->format);
    code = convert_set_options(&convert->args->read_options, GOXEL_FORMAT_IN, detail, &options);
    return code ? code : goxel_format_read(source->format, &import, convert->args->strict, &source->project);
}

static int settle(struct convert_source *source, struct goxel_detail *detail)
{
    struct goxel_layer *layer = NULL;

    convert_stem(source->path, source->project->name);
    return source->project->layer_count ? 0
                                        : goxel_project_add_layer(source->project, NULL, -1, &layer, detail);
}

static int read_source(struct convert *convert, struct goxel_detail *detail, struct convert_source *source)
{
    struct goxel_buf bytes;
    int fd = -1, code = open_source(source->path, detail, &fd);

    if (code)
        return code;
    goxel_buf_init(&bytes, GOXEL_FILE_MAX + 1); /* one more: it shows that there are too many */
    code = read_bytes(convert, fd, source->path, detail, &bytes);
    if (fd != STDIN_FILENO)
        (void)close(fd);
    source->bytes = bytes.len;
    if (!code)
        code = parse(convert, &bytes, detail, source);
    goxel_buf_finish(&bytes);
    return code ? code : settle(source, detail);
}

enum convert_exit convert_read(struct convert *convert, const char *path, struct convert_source *ret_source)
{
    struct convert_source source = {.path = path};
    struct goxel_detail detail;
    char name[256];
    int code;

    goxel_detail_init(&detail);
    code = read_source(convert, &detail, &source);
    convert_end_progress(convert);
    convert_name(path, GOXEL_FORMAT_IN, name);
    convert_warn(convert->args, name, &source.warnings);
    if (code) {
        convert_source_finish(&source);
        return goxel_cancel_check(&convert->cancel) ? CONVERT_FAILED : convert_say(name, code, &detail);
    }
    if (convert->args->verbose) /* counting takes its time where shapes have to be drawn for it */
        convert_tell(convert->args, name, "%s, bytes %zu, layers %zu, voxels %lld", source.format->title,
                     source.bytes, source.project->layer_count,
                     (long long)goxel_project_voxels(source.project));
    *ret_source = source;
    return CONVERT_DONE;
}

void convert_source_finish(struct convert_source *source)
{
    goxel_project_unref(source->project);
    source->project = NULL;
}
