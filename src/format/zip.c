/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/zip.h"

#include <assert.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/error.h"

#define PIECE ((size_t)64 << 10)

#define VERSION_NEEDED 20 /* 2.0: deflate */
#define SIZES_FOLLOW 0x0008
#define DEFLATED 8
#define FIRST_DAY 0x0021 /* 1980-01-01 */

enum { LOCAL = 0x04034b50, SIZES = 0x08074b50, CENTRAL = 0x02014b50, END = 0x06054b50 };

struct entry {
    const char *name;
    uint64_t at; /* of its local header */
    uint32_t crc;
    uint64_t packed, unpacked; /* bytes */
};

struct goxel_zip {
    struct goxel_buf *out;
    uint64_t start; /* bytes that were in the buffer before */
    struct entry entries[GOXEL_ZIP_ENTRIES_MAX];
    size_t count;
    bool open; /* the last entry */
    z_stream stream;
    unsigned char piece[PIECE];
};

int goxel_zip_create(struct goxel_buf *out, int level, struct goxel_zip **ret_zip)
{
    struct goxel_zip *zip = calloc(1, sizeof(*zip));

    if (!zip)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    zip->out = out;
    zip->start = out->drained + out->len;
    /* A negative window: no wrapper of zlib's own around the data. */
    if (deflateInit2(&zip->stream, level, Z_DEFLATED, -MAX_WBITS, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY) !=
        Z_OK) {
        free(zip);
        return GOXEL_ERROR_OUT_OF_MEMORY;
    }
    *ret_zip = zip;
    return 0;
}

void goxel_zip_destroy(struct goxel_zip *zip)
{
    if (!zip)
        return;
    (void)deflateEnd(&zip->stream);
    free(zip);
}

static uint64_t position(const struct goxel_zip *zip)
{
    return zip->out->drained + zip->out->len - zip->start;
}

static void put_u16(struct goxel_zip *zip, unsigned value)
{
    const uint8_t bytes[2] = {(uint8_t)value, (uint8_t)(value >> 8)};

    (void)goxel_buf_append(zip->out, bytes, sizeof(bytes));
}

static void put_u32(struct goxel_zip *zip, uint64_t value)
{
    (void)goxel_buf_put_le32(zip->out, (uint32_t)value);
}

static void put_sizes(struct goxel_zip *zip, const struct entry *entry)
{
    put_u32(zip, entry->crc);
    put_u32(zip, entry->packed);
    put_u32(zip, entry->unpacked);
}

/* What the header before an entry and the directory have in common, up to the sizes. */
static void put_method(struct goxel_zip *zip)
{
    put_u16(zip, VERSION_NEEDED);
    put_u16(zip, SIZES_FOLLOW);
    put_u16(zip, DEFLATED);
    put_u16(zip, 0);
    put_u16(zip, FIRST_DAY);
}

void goxel_zip_begin(struct goxel_zip *zip, const char *name)
{
    struct entry *entry = &zip->entries[zip->count];

    assert(!zip->open && zip->count < GOXEL_ZIP_ENTRIES_MAX);
    *entry = (struct entry){.name = name, .at = position(zip)};
    put_u32(zip, LOCAL);
    put_method(zip);
    put_sizes(zip, entry); /* zero: they follow */
    put_u16(zip, (unsigned)strlen(name));
    put_u16(zip, 0);
    (void)goxel_buf_puts(zip->out, name);
    entry->crc = (uint32_t)crc32(0, NULL, 0);
    (void)deflateReset(&zip->stream);
    zip->count++;
    zip->open = true;
}

/* At most UINT_MAX bytes. */
static int deflate_some(struct goxel_zip *zip, const unsigned char *bytes, size_t len, int flush)
{
    struct entry *entry = &zip->entries[zip->count - 1];
    z_stream *stream = &zip->stream;

    stream->next_in = (unsigned char *)bytes;
    stream->avail_in = (uInt)len;
    do {
        size_t made;

        stream->next_out = zip->piece;
        stream->avail_out = PIECE;
        if (deflate(stream, flush) == Z_STREAM_ERROR)
            return GOXEL_ERROR_INTERNAL;
        made = PIECE - stream->avail_out;
        entry->packed += made;
        (void)goxel_buf_append(zip->out, zip->piece, made);
        if (goxel_buf_offer(zip->out))
            return zip->out->failed;
    } while (stream->avail_out == 0);
    return 0;
}

int goxel_zip_put(struct goxel_zip *zip, const void *bytes, size_t len)
{
    struct entry *entry = &zip->entries[zip->count - 1];
    const unsigned char *at = bytes;
    int code = zip->out->failed;

    assert(zip->open);
    if (!code && len > UINT32_MAX - entry->unpacked)
        code = GOXEL_ERROR_MESSAGE_SIZE;
    if (code)
        return code;
    entry->unpacked += len;
    entry->crc = (uint32_t)crc32_z(entry->crc, at, len);
    return deflate_some(zip, at, len, Z_NO_FLUSH); /* UINT32_MAX is within UINT_MAX */
}

int goxel_zip_drain(void *ctx, const void *bytes, size_t len)
{
    return goxel_zip_put(ctx, bytes, len);
}

int goxel_zip_end(struct goxel_zip *zip)
{
    struct entry *entry = &zip->entries[zip->count - 1];
    int code = zip->out->failed;

    assert(zip->open);
    if (!code)
        code = deflate_some(zip, NULL, 0, Z_FINISH);
    if (code)
        return code;
    put_u32(zip, SIZES);
    put_sizes(zip, entry);
    zip->open = false;
    return position(zip) > UINT32_MAX ? GOXEL_ERROR_MESSAGE_SIZE : goxel_buf_offer(zip->out);
}

static void put_central(struct goxel_zip *zip, const struct entry *entry)
{
    put_u32(zip, CENTRAL);
    put_u16(zip, VERSION_NEEDED); /* made by: that, and no system in particular */
    put_method(zip);
    put_sizes(zip, entry);
    put_u16(zip, (unsigned)strlen(entry->name));
    put_u16(zip, 0); /* no extra field, no comment, the first disk */
    put_u16(zip, 0);
    put_u16(zip, 0);
    put_u16(zip, 0); /* no attributes of any system */
    put_u32(zip, 0);
    put_u32(zip, entry->at);
    (void)goxel_buf_puts(zip->out, entry->name);
}

int goxel_zip_finish(struct goxel_zip *zip)
{
    uint64_t at = position(zip), len;

    assert(!zip->open);
    for (size_t i = 0; i < zip->count; i++)
        put_central(zip, &zip->entries[i]);
    len = position(zip) - at;
    put_u32(zip, END);
    put_u32(zip, 0); /* the first disk, twice */
    put_u16(zip, (unsigned)zip->count);
    put_u16(zip, (unsigned)zip->count);
    put_u32(zip, len);
    put_u32(zip, at);
    put_u16(zip, 0);
    return zip->out->failed;
}
