/* SPDX-License-Identifier: GPL-3.0-or-later */
/* zlib, one piece of PIECE bytes after the other. */
#include "base/gzip.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/error.h"

#define PIECE ((size_t)64 << 10)
#define GZIP_WINDOW (15 + 16) /* zlib: a gzip wrapper */
#define AUTO_WINDOW (15 + 32) /* either wrapper, as it begins */
#define MEMORY_LEVEL 8        /* zlib's own default */

struct goxel_gzip {
    z_stream stream;
    goxel_gzip_take *take;
    void *ctx;
    unsigned char piece[PIECE];
};

struct goxel_gzip *goxel_gzip_create(goxel_gzip_take *take, void *ctx)
{
    struct goxel_gzip *gzip = calloc(1, sizeof(*gzip));

    if (!gzip)
        return NULL;
    gzip->take = take;
    gzip->ctx = ctx;
    if (deflateInit2(&gzip->stream, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW, MEMORY_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        free(gzip);
        return NULL;
    }
    return gzip;
}

void goxel_gzip_destroy(struct goxel_gzip *gzip)
{
    if (!gzip)
        return;
    (void)deflateEnd(&gzip->stream);
    free(gzip);
}

/* All of at most UINT_MAX bytes. */
static int put_some(struct goxel_gzip *gzip, const unsigned char *bytes, size_t len, int flush,
                    struct goxel_detail *detail)
{
    z_stream *stream = &gzip->stream;
    int status, code = 0;

    stream->next_in = (unsigned char *)bytes;
    stream->avail_in = (uInt)len;
    do {
        stream->next_out = gzip->piece;
        stream->avail_out = PIECE;
        status = deflate(stream, flush);
        if (status == Z_STREAM_ERROR)
            return GOXEL_ERROR_INTERNAL;
        if (stream->avail_out < PIECE)
            code = gzip->take(gzip->ctx, gzip->piece, PIECE - stream->avail_out, detail);
    } while (!code && stream->avail_out == 0);
    return code;
}

int goxel_gzip_put(struct goxel_gzip *gzip, const void *bytes, size_t len, bool last,
                   struct goxel_detail *detail)
{
    const unsigned char *at = bytes;
    int code = 0;

    for (; !code && len > UINT_MAX; at += UINT_MAX, len -= UINT_MAX)
        code = put_some(gzip, at, UINT_MAX, Z_NO_FLUSH, detail);
    return code ? code : put_some(gzip, at, len, last ? Z_FINISH : Z_NO_FLUSH, detail);
}

static int fail_broken(const z_stream *stream, size_t before, int status, struct goxel_detail *detail)
{
    if (status == Z_MEM_ERROR)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    return goxel_fail_at(detail, GOXEL_ERROR_COMPRESSION, 0, (int64_t)(before + stream->total_in), "%s",
                         status == Z_BUF_ERROR ? "the compressed data is cut short"
                         : stream->msg         ? stream->msg
                                               : "no gzip and no deflate data");
}

/* Bytes of the input that zlib is given next. */
static uInt share(size_t left)
{
    return left < PIECE ? (uInt)left : (uInt)PIECE;
}

/* The rest of the input, and how many bytes are behind it already. */
struct rest {
    size_t done, left;
};

/* One stream of those that follow each other. */
static int inflate_member(z_stream *stream, const struct rest *rest, struct goxel_cancel *cancel,
                          goxel_gzip_take *take, void *ctx, struct goxel_detail *detail)
{
    unsigned char piece[PIECE];
    int status = Z_OK, code = 0;

    while (!code && status != Z_STREAM_END) {
        if ((code = goxel_cancel_check(cancel)))
            break;
        stream->avail_in = share(rest->left - stream->total_in);
        stream->next_out = piece;
        stream->avail_out = PIECE;
        status = inflate(stream, Z_NO_FLUSH);
        if (status != Z_OK && status != Z_STREAM_END)
            return fail_broken(stream, rest->done, status, detail);
        if (stream->avail_out < PIECE)
            code = take(ctx, piece, PIECE - stream->avail_out, detail);
    }
    return code;
}

/* gzip may consist of several members (RFC 1952, 2.2). */
static bool begins_member(const z_stream *stream, size_t left)
{
    return left >= 2 && stream->next_in[0] == 0x1f && stream->next_in[1] == 0x8b;
}

static int inflate_all(z_stream *stream, size_t len, struct goxel_cancel *cancel, goxel_gzip_take *take,
                       void *ctx, struct goxel_detail *detail)
{
    struct rest rest = {0, len};
    int code;

    while (!(code = inflate_member(stream, &rest, cancel, take, ctx, detail))) {
        rest.done += stream->total_in;
        rest.left -= stream->total_in;
        if (rest.left == 0)
            return 0;
        if (!begins_member(stream, rest.left))
            return goxel_fail_at(detail, GOXEL_ERROR_COMPRESSION, 0, (int64_t)rest.done,
                                 "something follows the compressed data");
        if (inflateReset(stream) != Z_OK)
            return GOXEL_ERROR_INTERNAL;
    }
    return code;
}

int goxel_gunzip(const void *bytes, size_t len, struct goxel_cancel *cancel, goxel_gzip_take *take, void *ctx,
                 struct goxel_detail *detail)
{
    z_stream stream = {.next_in = (unsigned char *)bytes};
    int code;

    if (inflateInit2(&stream, AUTO_WINDOW) != Z_OK)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    code = inflate_all(&stream, len, cancel, take, ctx, detail);
    (void)inflateEnd(&stream);
    return code;
}

int goxel_gzip_to_buf(void *ctx, const void *bytes, size_t len, struct goxel_detail *detail)
{
    struct goxel_buf *buf = ctx;
    size_t was = buf->len;

    if (goxel_buf_append(buf, bytes, len) == GOXEL_ERROR_MESSAGE_SIZE)
        return goxel_fail_limit(detail, GOXEL_ERROR_MESSAGE_SIZE, "body (bytes)", (int64_t)buf->ceiling,
                                (int64_t)(was + len));
    return buf->failed;
}

int goxel_gzip_to_spool(void *ctx, const void *bytes, size_t len, struct goxel_detail *detail)
{
    return goxel_spool_append(ctx, bytes, len, detail);
}
