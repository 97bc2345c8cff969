/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/bytes.h"
#include "base/error.h"

#define SEGMENT_MAGIC UINT64_C(0x314c4e4a4c585847) /* "GXXLJNL1" */
#define SEGMENT_FORMAT 1
#define GROUP_MAGIC UINT32_C(0x31475847) /* "GXG1" */
#define CHUNK ((size_t)256 << 10)

static int fail(struct goxel_detail *detail, int errnum, const char *what, uint64_t number)
{
    bool full = errnum == ENOSPC || errnum == EDQUOT || errnum == EFBIG;
    char name[GOXEL_SEGMENT_NAME_SIZE];

    goxel_segment_name(number, name);
    return goxel_fail_errno(detail, full ? GOXEL_ERROR_STORAGE_FULL : GOXEL_ERROR_FILE_ACCESS, errnum, what,
                            name);
}

/* ---- names ---- */

#define NAME_BEGIN "journal-"
#define NAME_END ".log"

void goxel_segment_name(uint64_t number, char ret_name[GOXEL_SEGMENT_NAME_SIZE])
{
    (void)snprintf(ret_name, GOXEL_SEGMENT_NAME_SIZE, NAME_BEGIN "%llu" NAME_END, (unsigned long long)number);
}

uint64_t goxel_segment_number(const char *name)
{
    char again[GOXEL_SEGMENT_NAME_SIZE];
    uint64_t number;

    if (strncmp(name, NAME_BEGIN, strlen(NAME_BEGIN)) != 0)
        return 0;
    number = strtoull(name + strlen(NAME_BEGIN), NULL, 10);
    goxel_segment_name(number, again);
    return strcmp(name, again) == 0 ? number : 0;
}

/* ---- writing ---- */

static int write_all(int fd, const void *bytes, size_t len, size_t at)
{
    while (len > 0) {
        ssize_t done = pwrite(fd, bytes, len, (off_t)at);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return done < 0 ? errno : EIO;
        bytes = (const uint8_t *)bytes + done;
        at += (size_t)done;
        len -= (size_t)done;
    }
    return 0;
}

/* Zeros that are written, not promised: a group then changes no more than its own bytes, and its sync is quick. */
static int fill(int fd, size_t size)
{
    static const uint8_t zeros[CHUNK];
    int errnum = 0;

    for (size_t at = 0; at < size && !errnum; at += CHUNK)
        errnum = write_all(fd, zeros, size - at < CHUNK ? size - at : CHUNK, at);
    return errnum;
}

static int put_head(int fd, uint64_t number, uint64_t first)
{
    struct goxel_buf head;
    int errnum;

    goxel_buf_init(&head, GOXEL_SEGMENT_HEAD);
    goxel_put_u64(&head, SEGMENT_MAGIC);
    goxel_put_u64(&head, number);
    goxel_put_u64(&head, first);
    goxel_put_u32(&head, SEGMENT_FORMAT);
    goxel_put_u32(&head, (uint32_t)crc32_z(0, (const Bytef *)head.data, head.len));
    errnum = head.failed ? ENOMEM : write_all(fd, head.data, head.len, 0);
    goxel_buf_finish(&head);
    return errnum;
}

int goxel_segment_create(int dirfd, uint64_t number, uint64_t first, size_t size, struct goxel_detail *detail,
                         struct goxel_segment *ret_segment)
{
    char name[GOXEL_SEGMENT_NAME_SIZE];
    int fd, errnum;

    goxel_segment_name(number, name);
    fd = openat(dirfd, name, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
    if (fd < 0)
        return fail(detail, errno, "make", number);
    errnum = fill(fd, size);
    if (!errnum)
        errnum = put_head(fd, number, first);
    if (!errnum && (fsync(fd) != 0 || fsync(dirfd) != 0))
        errnum = errno;
    if (errnum) {
        (void)close(fd);
        (void)unlinkat(dirfd, name, 0);
        return fail(detail, errnum, "preallocate", number);
    }
    *ret_segment = (struct goxel_segment){fd, dirfd, number, first, size, GOXEL_SEGMENT_HEAD};
    return 0;
}

void goxel_segment_close(struct goxel_segment *segment)
{
    char name[GOXEL_SEGMENT_NAME_SIZE];

    if (segment->fd < 0)
        return;
    goxel_segment_name(segment->number, name);
    if (segment->used == GOXEL_SEGMENT_HEAD)
        (void)unlinkat(segment->dirfd, name, 0);
    else
        (void)!ftruncate(segment->fd, (off_t)segment->used);
    (void)close(segment->fd);
    segment->fd = -1;
}

static uint32_t group_crc(const uint8_t *group, size_t payload)
{
    uLong crc = crc32_z(0, group, GOXEL_GROUP_HEAD - 4);

    return (uint32_t)crc32_z(crc, group + GOXEL_GROUP_HEAD, payload);
}

static void put_le(uint8_t *at, uint64_t value, size_t width)
{
    for (size_t i = 0; i < width; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

void goxel_group_seal(uint8_t *group, size_t payload, uint64_t sequence, uint32_t count)
{
    put_le(group, GROUP_MAGIC, 4);
    put_le(group + 4, payload, 4);
    put_le(group + 8, sequence, 8);
    put_le(group + 16, count, 4);
    put_le(group + 20, group_crc(group, payload), 4);
}

int goxel_segment_write(struct goxel_segment *segment, const void *group, size_t len,
                        struct goxel_detail *detail)
{
    int errnum = write_all(segment->fd, group, len, segment->used);

    if (errnum)
        return fail(detail, errnum, "write", segment->number);
    segment->used += len;
    return 0;
}

int goxel_segment_sync(struct goxel_segment *segment, struct goxel_detail *detail)
{
    return fdatasync(segment->fd) == 0 ? 0 : fail(detail, errno, "sync", segment->number);
}

/* ---- reading ---- */

bool goxel_segment_parse(const struct goxel_buf *bytes, uint64_t number, uint64_t *ret_first,
                         uint32_t *ret_format)
{
    struct goxel_reading in = goxel_reading_make(bytes->data, bytes->len);
    uint64_t magic = goxel_take_u64(&in), own = goxel_take_u64(&in), first = goxel_take_u64(&in);
    uint32_t format = goxel_take_u32(&in), crc = goxel_take_u32(&in);

    *ret_format = 0;
    if (in.short_of || magic != SEGMENT_MAGIC || own != number ||
        crc != (uint32_t)crc32_z(0, (const Bytef *)bytes->data, GOXEL_SEGMENT_HEAD - 4))
        return false;
    *ret_format = format > SEGMENT_FORMAT ? format : 0;
    *ret_first = first;
    return format == SEGMENT_FORMAT;
}

bool goxel_group_at(const struct goxel_buf *bytes, size_t at, struct goxel_group *ret_group)
{
    const uint8_t *group = (const uint8_t *)bytes->data + at;
    struct goxel_reading in = goxel_reading_make(group, at < bytes->len ? bytes->len - at : 0);
    uint32_t magic = goxel_take_u32(&in), len = goxel_take_u32(&in);
    uint64_t sequence = goxel_take_u64(&in);
    uint32_t count = goxel_take_u32(&in), crc = goxel_take_u32(&in);
    const uint8_t *payload = goxel_take_bytes(&in, len);

    if (!payload || magic != GROUP_MAGIC || count == 0 || crc != group_crc(group, len))
        return false;
    *ret_group = (struct goxel_group){sequence, count, payload, len,
                                      (GOXEL_GROUP_HEAD + (size_t)len + 7) & ~(size_t)7};
    return true;
}
