/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/bytes.h"
#include "base/error.h"

#define SEGMENT_MAGIC UINT64_C(0x314c4e4a4c585847) /* "GXXLJNL1" */
#define GROUP_MAGIC UINT32_C(0x31475847)           /* "GXG1" */
#define CHUNK ((size_t)256 << 10)
#define SEQUENCE_END (UINT64_C(1) << 62) /* so that there are more to come */

static int fail(struct goxel_detail *detail, int errnum, const char *what, uint64_t number)
{
    char name[GOXEL_SEGMENT_NAME_SIZE];

    goxel_segment_name(number, name);
    return goxel_fail_errno(detail, errnum == EFBIG ? GOXEL_ERROR_STORAGE_FULL : GOXEL_ERROR_FILE_ACCESS,
                            errnum, what, name);
}

/* ---- names ---- */

#define NAME_BEGIN "journal-"
#define NAME_END ".log"
#define NUMBER_END (UINT64_C(1) << 62) /* so that there are more to come */

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
    return strcmp(name, again) == 0 && number < NUMBER_END ? number : 0;
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

static int put_head(const struct goxel_segment *segment)
{
    struct goxel_buf head;
    int errnum;

    goxel_buf_init(&head, GOXEL_SEGMENT_HEAD);
    goxel_put_u64(&head, SEGMENT_MAGIC);
    goxel_put_u64(&head, segment->number);
    goxel_put_u64(&head, segment->first);
    goxel_put_u32(&head, GOXEL_SEGMENT_FORMAT);
    goxel_put_u32(&head, segment->salt);
    goxel_put_u32(&head, 0);
    goxel_put_u32(&head, (uint32_t)crc32_z(0, (const Bytef *)head.data, head.len));
    errnum = head.failed ? ENOMEM : write_all(segment->fd, head.data, head.len, 0);
    goxel_buf_finish(&head);
    return errnum;
}

/* From here on it counts, if a crash comes. */
static int name_it(const struct goxel_segment *segment)
{
    int errnum = put_head(segment);

    return errnum ? errnum : fsync(segment->fd) || fsync(segment->dirfd) ? errno : 0;
}

int goxel_segment_create(int dirfd, uint64_t number, uint64_t first, size_t size, struct goxel_detail *detail,
                         struct goxel_segment *ret_segment)
{
    struct goxel_segment segment = {
        .dirfd = dirfd, .number = number, .first = first, .size = size, .used = GOXEL_SEGMENT_HEAD};
    char name[GOXEL_SEGMENT_NAME_SIZE];
    bool counts = false;
    int errnum, code;

    goxel_segment_name(number, name);
    segment.fd = openat(dirfd, name, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
    if (segment.fd < 0)
        return fail(detail, errno, "make", number);
    errnum = getrandom(&segment.salt, sizeof(segment.salt), 0) == sizeof(segment.salt) ? 0 : errno;
    if (!errnum)
        errnum = fill(segment.fd, size);
    if (!errnum && fsync(segment.fd) != 0)
        errnum = errno;
    counts = !errnum;
    if (!errnum)
        errnum = name_it(&segment);
    if (!errnum) {
        *ret_segment = segment;
        return 0;
    }
    (void)close(segment.fd);
    (void)unlinkat(dirfd, name, 0);
    code = fail(detail, errnum, "preallocate", number);
    return counts ? GOXEL_ERROR_FILE_ACCESS : code;
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

#define HEAD_BYTES 20 /* of a group's head, that its own CRC is of */
#define LOOSE (UINT32_C(1) << 31)

static uint32_t crc_of(uint32_t salt, const uint8_t *bytes, size_t len)
{
    return (uint32_t)crc32_z(salt, bytes, len);
}

static void put_le(uint8_t *at, uint64_t value, size_t width)
{
    for (size_t i = 0; i < width; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

void goxel_group_seal(const struct goxel_segment *segment, const struct goxel_sealing *sealing,
                      uint8_t *group, size_t payload)
{
    put_le(group, GROUP_MAGIC, 4);
    put_le(group + 4, payload, 4);
    put_le(group + 8, sealing->sequence, 8);
    put_le(group + 16, sealing->count | (sealing->loose ? LOOSE : 0), 4);
    put_le(group + HEAD_BYTES, crc_of(segment->salt, group, HEAD_BYTES), 4);
    put_le(group + HEAD_BYTES + 4, crc_of(segment->salt, group + GOXEL_GROUP_HEAD, payload), 4);
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

bool goxel_segment_parse(const struct goxel_buf *bytes, uint64_t number, struct goxel_segment_head *ret_head)
{
    struct goxel_reading in = goxel_reading_make(bytes->data, bytes->len);
    uint64_t magic = goxel_take_u64(&in), own = goxel_take_u64(&in), first = goxel_take_u64(&in);
    uint32_t format = goxel_take_u32(&in), salt = goxel_take_u32(&in), zero = goxel_take_u32(&in),
             crc = goxel_take_u32(&in);

    *ret_head = (struct goxel_segment_head){.first = first, .salt = salt};
    if (in.short_of || magic != SEGMENT_MAGIC || own != number || first == 0 ||
        crc != (uint32_t)crc32_z(0, (const Bytef *)bytes->data, GOXEL_SEGMENT_HEAD - 4))
        return false;
    if (format > GOXEL_SEGMENT_FORMAT)
        ret_head->newer = format;
    return format == GOXEL_SEGMENT_FORMAT && zero == 0;
}

bool goxel_group_at(const struct goxel_buf *bytes, size_t at, uint32_t salt, struct goxel_group *ret_group)
{
    const uint8_t *group = (const uint8_t *)bytes->data + at;
    struct goxel_reading in = goxel_reading_make(group, at < bytes->len ? bytes->len - at : 0);
    uint32_t magic = goxel_take_u32(&in), len = goxel_take_u32(&in);
    uint64_t sequence = goxel_take_u64(&in);
    uint32_t count = goxel_take_u32(&in), head_crc = goxel_take_u32(&in), crc = goxel_take_u32(&in);
    const uint8_t *payload;

    if (in.short_of || magic != GROUP_MAGIC || head_crc != crc_of(salt, group, HEAD_BYTES))
        return false;
    payload = goxel_take_bytes(&in, len);
    if (!payload || (count & ~LOOSE) == 0 || sequence >= SEQUENCE_END || crc != crc_of(salt, payload, len))
        return false;
    *ret_group = (struct goxel_group){.sequence = sequence,
                                      .count = count & ~LOOSE,
                                      .loose = count & LOOSE,
                                      .payload = payload,
                                      .len = len,
                                      .whole = (GOXEL_GROUP_HEAD + (size_t)len + 7) & ~(size_t)7};
    return true;
}
