/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounded reading: see the header. */
#include "format/input.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"

struct goxel_input goxel_input_of(const struct goxel_import *import)
{
    return (struct goxel_input){.import = import, .bytes = import->bytes, .end = import->len};
}

int goxel_input_fail(struct goxel_input *in, int code, size_t at, const char *what, const char *expected, ...)
{
    struct goxel_detail *detail = in->import->detail;
    char text[160];
    va_list args;

    if (in->failed)
        return in->failed;
    in->failed = code;
    va_start(args, expected);
    (void)vsnprintf(text, sizeof(text), expected, args);
    va_end(args);
    goxel_fail_at(detail, code, 0, (int64_t)at, "%s%s%s: expected %s", in->part ? in->part : "",
                  in->part ? ", " : "", what, text);
    if (detail) {
        char *got = strstr(text, ", got ");

        if (got) {
            (void)snprintf(detail->value, sizeof(detail->value), "%s", got + strlen(", got "));
            *got = '\0';
        }
        (void)snprintf(detail->field, sizeof(detail->field), "%s", in->part ? in->part : what);
        (void)snprintf(detail->expected, sizeof(detail->expected), "%s", text);
    }
    return code;
}

const uint8_t *goxel_input_bytes(struct goxel_input *in, uint64_t count, const char *what)
{
    const uint8_t *bytes = in->bytes + in->at;

    if (in->failed)
        return NULL;
    if (count > in->end - in->at) {
        goxel_input_fail(in, GOXEL_ERROR_INVALID_DATA, in->at, what,
                         "%" PRIu64 " more bytes, and there are %zu", count, in->end - in->at);
        return NULL;
    }
    in->at += (size_t)count;
    return bytes;
}

static uint64_t number(struct goxel_input *in, size_t size, bool big, const char *what)
{
    const uint8_t *bytes = goxel_input_bytes(in, size, what);
    uint64_t value = 0;

    for (size_t i = 0; bytes && i < size; i++)
        value |= (uint64_t)bytes[i] << 8 * (big ? size - 1 - i : i);
    return value;
}

uint8_t goxel_input_u8(struct goxel_input *in, const char *what)
{
    return (uint8_t)number(in, 1, false, what);
}

uint16_t goxel_input_u16(struct goxel_input *in, const char *what)
{
    return (uint16_t)number(in, 2, false, what);
}

uint32_t goxel_input_u32(struct goxel_input *in, const char *what)
{
    return (uint32_t)number(in, 4, false, what);
}

int32_t goxel_input_i32(struct goxel_input *in, const char *what)
{
    return (int32_t)(uint32_t)number(in, 4, false, what);
}

uint64_t goxel_input_u64(struct goxel_input *in, const char *what)
{
    return number(in, 8, false, what);
}

float goxel_input_f32(struct goxel_input *in, const char *what)
{
    size_t at = in->at;
    uint32_t bits = (uint32_t)number(in, 4, false, what);
    float value;

    memcpy(&value, &bits, sizeof(value));
    if (isfinite(value))
        return value;
    goxel_input_fail(in, GOXEL_ERROR_INVALID_DATA, at, what, "a finite number");
    return 0;
}

uint16_t goxel_input_u16_be(struct goxel_input *in, const char *what)
{
    return (uint16_t)number(in, 2, true, what);
}

uint32_t goxel_input_u32_be(struct goxel_input *in, const char *what)
{
    return (uint32_t)number(in, 4, true, what);
}

uint64_t goxel_input_u64_be(struct goxel_input *in, const char *what)
{
    return number(in, 8, true, what);
}

void goxel_input_expect(struct goxel_input *in, const void *bytes, size_t count, const char *what)
{
    size_t at = in->at;
    const uint8_t *there = goxel_input_bytes(in, count, what);

    if (there && memcmp(there, bytes, count) != 0)
        goxel_input_fail(in, GOXEL_ERROR_INVALID_DATA, at, what, "the bytes that such a file has there");
}

struct goxel_input goxel_input_sub(struct goxel_input *in, uint64_t count, const char *part)
{
    struct goxel_input sub = *in;

    sub.part = part;
    if (!goxel_input_bytes(in, count, part))
        sub.failed = in->failed;
    else
        sub.end = in->at;
    return sub;
}

bool goxel_input_check(struct goxel_input *in, size_t at, const char *what, int64_t value, int64_t min,
                       int64_t max)
{
    if (in->failed)
        return false;
    if (value >= min && value <= max)
        return true;
    goxel_input_fail(in, GOXEL_ERROR_INVALID_DATA, at, what, "%" PRId64 " to %" PRId64 ", got %" PRId64, min,
                     max, value);
    return false;
}

int goxel_input_go_on(struct goxel_input *in)
{
    if (!in->failed)
        in->failed = goxel_cancel_check(in->import->cancel);
    return in->failed;
}

#define BRICKS_FREE ((size_t)1 << 12)

int64_t goxel_import_bricks_max(size_t file_bytes)
{
    size_t by_bytes = file_bytes < GOXEL_IMPORT_BRICKS_BY_BYTES ? BRICKS_FREE + file_bytes
                                                                : GOXEL_IMPORT_BRICKS_BY_BYTES;
    size_t by_size = file_bytes / GOXEL_IMPORT_BRICK_BYTES;

    return (int64_t)(by_size > by_bytes ? by_size : by_bytes);
}

int goxel_import_check_voxels(const struct goxel_import *import, int64_t voxels)
{
    int64_t by_size = (int64_t)import->len * GOXEL_BRICK_VOXELS;
    int64_t max = by_size > GOXEL_IMPORT_VOXELS_FREE ? by_size : GOXEL_IMPORT_VOXELS_FREE;

    return voxels > max
               ? goxel_fail_limit(import->detail, GOXEL_ERROR_QUOTA, "voxels in so small a file", max, voxels)
               : 0;
}

int goxel_import_check_bricks(const struct goxel_import *import, int64_t bricks)
{
    int64_t max = goxel_import_bricks_max(import->len);

    if (import->bricks_max && bricks > import->bricks_max)
        return goxel_fail_limit(import->detail, GOXEL_ERROR_QUOTA, "bricks", import->bricks_max, bricks);
    return bricks > max
               ? goxel_fail_limit(import->detail, GOXEL_ERROR_QUOTA, "bricks in so small a file", max, bricks)
               : 0;
}

void goxel_import_name(const struct goxel_import *import, char ret_name[GOXEL_NAME_MAX + 1], const void *text,
                       size_t len)
{
    if (len == 0)
        return;
    (void)goxel_utf8_printable(ret_name, GOXEL_NAME_MAX + 1, text, len);
    if (strlen(ret_name) != len || memcmp(ret_name, text, len) != 0)
        goxel_warn(import->warnings, "names changed", 1);
}
