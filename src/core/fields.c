/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/fields.h"

#include <string.h>

/* ---- one member ---- */

static void put_int(struct goxel_buf *buf, const struct goxel_field *field, const void *member)
{
    int value;

    memcpy(&value, member, sizeof(value));
    goxel_put_varint(buf, (uint64_t)((int64_t)value - field->min));
}

static void put_floats(struct goxel_buf *buf, const struct goxel_field *field, const void *member)
{
    for (size_t at = 0; at < field->size; at += sizeof(uint32_t)) {
        uint32_t bits;

        memcpy(&bits, (const char *)member + at, sizeof(bits));
        goxel_put_u32(buf, bits);
    }
}

static void put_member(struct goxel_buf *buf, const struct goxel_field *field, const void *member)
{
    switch (field->kind) {
    case GOXEL_FIELD_TEXT:
        goxel_put_run(buf, member, strlen(member));
        break;
    case GOXEL_FIELD_BOOL:
        goxel_put_u8(buf, *(const bool *)member);
        break;
    case GOXEL_FIELD_INT:
        put_int(buf, field, member);
        break;
    case GOXEL_FIELD_FLOATS:
        put_floats(buf, field, member);
        break;
    case GOXEL_FIELD_BYTES:
        (void)goxel_buf_append(buf, member, field->size);
        break;
    }
}

static bool take_text(struct goxel_reading *in, const struct goxel_field *field, char *member)
{
    size_t len = 0;
    const uint8_t *text = goxel_take_run(in, field->size - 1, &len);

    if (!text || memchr(text, 0, len))
        return false;
    memset(member, 0, field->size);
    memcpy(member, text, len);
    return true;
}

static bool take_bool(struct goxel_reading *in, bool *member)
{
    uint8_t value = goxel_take_u8(in);

    *member = value == 1;
    return value <= 1;
}

static bool take_int(struct goxel_reading *in, const struct goxel_field *field, void *member)
{
    uint64_t distance = goxel_take_varint(in);
    int value = field->min;

    if (distance > (uint64_t)((int64_t)field->max - field->min))
        return false;
    value = (int)(field->min + (int64_t)distance);
    memcpy(member, &value, sizeof(value));
    return true;
}

static void take_floats(struct goxel_reading *in, const struct goxel_field *field, void *member)
{
    for (size_t at = 0; at < field->size; at += sizeof(uint32_t)) {
        uint32_t bits = goxel_take_u32(in);

        memcpy((char *)member + at, &bits, sizeof(bits));
    }
}

static bool take_bytes(struct goxel_reading *in, const struct goxel_field *field, void *member)
{
    const uint8_t *bytes = goxel_take_bytes(in, field->size);

    if (bytes)
        memcpy(member, bytes, field->size);
    return bytes != NULL;
}

static bool take_member(struct goxel_reading *in, const struct goxel_field *field, void *member)
{
    switch (field->kind) {
    case GOXEL_FIELD_TEXT:
        return take_text(in, field, member);
    case GOXEL_FIELD_BOOL:
        return take_bool(in, member);
    case GOXEL_FIELD_INT:
        return take_int(in, field, member);
    case GOXEL_FIELD_FLOATS:
        take_floats(in, field, member);
        return true;
    case GOXEL_FIELD_BYTES:
        return take_bytes(in, field, member);
    }
    return false;
}

/* ---- all of them ---- */

void goxel_fields_put(struct goxel_buf *buf, const struct goxel_field *fields, const void *from)
{
    for (; fields->size > 0; fields++)
        put_member(buf, fields, (const char *)from + fields->offset);
}

bool goxel_fields_take(struct goxel_reading *in, const struct goxel_field *fields, void *to)
{
    for (; fields->size > 0; fields++) {
        if (!take_member(in, fields, (char *)to + fields->offset))
            return false;
    }
    return !in->short_of;
}
