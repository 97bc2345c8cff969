/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/gzip.h, with its errors told as those of a place in a file. */
#include "format/inflate.h"

#include "base/error.h"
#include "base/gzip.h"

int goxel_input_inflate(struct goxel_input *in, uint64_t count, size_t ceiling, const char *part,
                        struct goxel_buf *out)
{
    size_t start = in->at;
    const uint8_t *bytes = goxel_input_bytes(in, count, part);
    struct goxel_detail reason;
    int code;

    goxel_buf_finish(out);
    goxel_buf_init(out, ceiling);
    if (!bytes)
        return in->failed;
    goxel_detail_init(&reason);
    code = goxel_gunzip(bytes, (size_t)count, in->import->cancel, goxel_gzip_to_buf, out, &reason);
    if (code == GOXEL_ERROR_COMPRESSION)
        return goxel_input_fail(in, GOXEL_ERROR_INVALID_DATA, start + (size_t)reason.offset, part,
                                "compressed data (%s)", reason.text);
    if (code == GOXEL_ERROR_MESSAGE_SIZE)
        code = goxel_fail_limit(in->import->detail, GOXEL_ERROR_QUOTA, "bytes once inflated",
                                (int64_t)ceiling, reason.given);
    if (code)
        in->failed = code;
    return in->failed;
}

struct goxel_input goxel_input_of_inflated(const struct goxel_input *in, const struct goxel_buf *out,
                                           const char *part)
{
    return (struct goxel_input){
        .import = in->import,
        .bytes = (const uint8_t *)(out->data ? out->data : ""),
        .end = out->len,
        .part = part,
        .failed = in->failed,
    };
}
