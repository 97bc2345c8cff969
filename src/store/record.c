/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/record.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "core/effects.h"
#include "store/pack.h"

#define COMPRESSED 0x80
#define GROUPED 0x40
#define KEYED 0x20
#define KIND 0x1f

#define WORTH_COMPRESSING 512 /* bytes of effects */

/* ---- writing ---- */

static void put_key(struct goxel_buf *buf, const struct goxel_record *record)
{
    goxel_put_run(buf, record->key, strlen(record->key));
    goxel_put_u64(buf, record->request);
    goxel_put_run(buf, record->result, record->result_len);
}

int goxel_record_write(struct goxel_buf *buf, const struct goxel_record *record,
                       const struct goxel_project *before, const struct goxel_project *after,
                       struct goxel_extent *ret_extent)
{
    size_t start = buf->len, at;
    int code = 0;

    goxel_put_u8(buf,
                 (uint8_t)(record->kind | (record->group[0] ? GROUPED : 0) | (record->key[0] ? KEYED : 0)));
    goxel_put_varint(buf, record->project);
    goxel_put_varint(buf, record->before);
    goxel_put_run(buf, record->name, strlen(record->name));
    if (record->group[0])
        goxel_put_run(buf, record->group, strlen(record->group));
    if (record->key[0])
        put_key(buf, record);
    if (record->kind == GOXEL_RECORD_UNDO || record->kind == GOXEL_RECORD_REDO)
        goxel_put_varint(buf, record->steps);
    at = buf->len;
    if (after)
        code = goxel_effects_write_told(buf, before, after, ret_extent);
    if (code || buf->failed)
        return code ? code : buf->failed;
    if (buf->len - at >= WORTH_COMPRESSING && goxel_pack(buf, at, NULL))
        buf->data[start] = (char)((uint8_t)buf->data[start] | COMPRESSED);
    return buf->failed;
}

/* ---- reading ---- */

static bool take_name(struct goxel_reading *in, char ret_name[GOXEL_NAME_MAX + 1])
{
    size_t len = 0;
    const uint8_t *name = goxel_take_run(in, GOXEL_NAME_MAX, &len);

    if (!name || memchr(name, 0, len))
        return false;
    memcpy(ret_name, name, len);
    ret_name[len] = '\0';
    return true;
}

static bool take_key(struct goxel_reading *in, struct goxel_record *record)
{
    if (!take_name(in, record->key) || !record->key[0])
        return false;
    record->request = goxel_take_u64(in);
    record->result = (const char *)goxel_take_run(in, GOXEL_KEY_RESULT_MAX, &record->result_len);
    if (!record->result)
        return false;
    if (record->result_len == 0)
        record->result = NULL;
    return true;
}

static int fail(struct goxel_detail *detail, const char *what)
{
    return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "a record of the journal: %s", what);
}

static int unpack(struct goxel_record *record, struct goxel_buf *unpacked, struct goxel_detail *detail)
{
    int code = goxel_unpack(record->effects, record->effects_len, unpacked, detail);

    record->effects = (const uint8_t *)unpacked->data;
    record->effects_len = unpacked->len;
    return code;
}

int goxel_record_read(const uint8_t *bytes, size_t len, struct goxel_buf *unpacked,
                      struct goxel_detail *detail, struct goxel_record *ret_record)
{
    struct goxel_reading in = goxel_reading_make(bytes, len);
    uint8_t first = goxel_take_u8(&in);
    struct goxel_record record = {.kind = first & KIND};
    int code = 0;

    record.project = goxel_take_varint(&in);
    record.before = goxel_take_varint(&in);
    if (record.kind == 0 || record.kind >= GOXEL_RECORD_KINDS || record.project == 0 ||
        !take_name(&in, record.name) || (first & GROUPED && !take_name(&in, record.group)) ||
        (first & KEYED && !take_key(&in, &record)))
        return fail(detail, "its head is none");
    if (record.kind == GOXEL_RECORD_UNDO || record.kind == GOXEL_RECORD_REDO)
        record.steps = (size_t)goxel_take_varint(&in);
    if (in.short_of)
        return fail(detail, "it ends early");
    record.effects = in.at;
    record.effects_len = in.left;
    if (first & COMPRESSED)
        code = unpack(&record, unpacked, detail);
    if (!code)
        *ret_record = record;
    return code;
}
