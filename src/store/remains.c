/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/remains.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "store/folder.h"

#define FILE_MODE 0640

static const char mark[] = "GOXLEFT1";
#define MARK_LEN (sizeof(mark) - 1)
#define HEAD_LEN (MARK_LEN + 8)

#define PATH_SIZE 96
static void path_of(uint64_t number, const char *end, char ret_path[PATH_SIZE])
{
    (void)snprintf(ret_path, PATH_SIZE, "p%" PRIu64 "/" GOXEL_REMAINS_NAME "%s", number, end);
}

/* ---- reading ---- */

/* Each record is as long as it says, and the last one ends with the file. */
static bool is_tail(const uint8_t *bytes, size_t len)
{
    struct goxel_reading in = goxel_reading_make(bytes, len);

    while (in.left > 0 && !in.short_of)
        (void)goxel_take_bytes(&in, (size_t)goxel_take_u64(&in));
    return !in.short_of;
}

static bool is_whole(const struct goxel_buf *file)
{
    struct goxel_reading in = goxel_reading_make(file->data, file->len);
    const uint8_t *begin = goxel_take_bytes(&in, MARK_LEN);
    uint64_t checksum = goxel_take_u64(&in);

    return begin && !in.short_of && memcmp(begin, mark, MARK_LEN) == 0 &&
           checksum == goxel_hash(0, in.at, in.left) && is_tail(in.at, in.left);
}

int goxel_remains_read(int dirfd, uint64_t number, struct goxel_buf *tail, struct goxel_detail *detail)
{
    struct goxel_detail own;
    struct goxel_buf file;
    char path[PATH_SIZE];
    bool missing;
    int code;

    path_of(number, "", path);
    goxel_detail_init(&own);
    goxel_buf_init(&file, SIZE_MAX);
    code = goxel_file_read(dirfd, path, &file, &own);
    missing = code == GOXEL_ERROR_FILE_ACCESS && own.errnum == ENOENT;
    if (!code && !is_whole(&file))
        code = goxel_fail(&own, GOXEL_ERROR_INVALID_DATA, "%s is not as it was written", path);
    if (!code && goxel_buf_append(tail, file.data + HEAD_LEN, file.len - HEAD_LEN))
        code = goxel_fail(&own, GOXEL_ERROR_OUT_OF_MEMORY, "the records of a project");
    goxel_buf_finish(&file);
    if (code && !missing && detail)
        *detail = own;
    return missing ? 0 : code;
}

/* ---- writing ---- */

static int rename_to(int dirfd, uint64_t number, const char *end, struct goxel_detail *detail)
{
    char from[PATH_SIZE], to[PATH_SIZE], with_time[48];

    (void)snprintf(with_time, sizeof(with_time), "%s-%lld", end, (long long)goxel_wall_ms());
    path_of(number, "", from);
    path_of(number, with_time, to);
    if (renameat(dirfd, from, dirfd, to) == 0 || errno == ENOENT)
        return 0;
    return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "rename", from);
}

static int write_file(int dirfd, uint64_t number, const struct goxel_buf *tail, struct goxel_detail *detail)
{
    char folder[32], path[PATH_SIZE];
    struct goxel_buf file;
    int code;

    (void)snprintf(folder, sizeof(folder), "p%" PRIu64, number);
    path_of(number, "", path);
    goxel_buf_init(&file, SIZE_MAX);
    (void)goxel_buf_append(&file, mark, MARK_LEN);
    goxel_put_u64(&file, goxel_hash(0, tail->data, tail->len));
    (void)goxel_buf_append(&file, tail->data, tail->len);
    code = file.failed ? goxel_fail(detail, file.failed, "the records of a project")
                       : goxel_folder_make(dirfd, folder, detail);
    if (!code)
        code = goxel_file_replace(dirfd, path, file.data, file.len, FILE_MODE, NULL, detail);
    goxel_buf_finish(&file);
    return code;
}

int goxel_remains_add(int dirfd, uint64_t number, const struct goxel_buf *tail, struct goxel_detail *detail)
{
    struct goxel_buf all;
    int code;

    goxel_buf_init(&all, SIZE_MAX);
    code = goxel_remains_read(dirfd, number, &all, detail);
    if (code == GOXEL_ERROR_INVALID_DATA)
        code = rename_to(dirfd, number, ".damaged", detail);
    if (!code && goxel_buf_append(&all, tail->data, tail->len))
        code = goxel_fail(detail, all.failed, "the records of a project");
    if (!code)
        code = write_file(dirfd, number, &all, detail);
    goxel_buf_finish(&all);
    return code;
}

int goxel_remains_set_aside(int dirfd, uint64_t number, struct goxel_detail *detail)
{
    return rename_to(dirfd, number, ".done", detail);
}

void goxel_remains_remove(int dirfd, uint64_t number)
{
    char path[PATH_SIZE];

    path_of(number, "", path);
    (void)unlinkat(dirfd, path, 0);
}
