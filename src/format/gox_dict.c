/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dictionaries of a .gox file: tables of what they hold, and one reader and one writer for all of them. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"
#include "format/gox.h"

/* ---- tables ---- */

static bool is_box(const float box[16])
{
    for (int i = 0; i < 16; i++) {
        if (box[i] != 0)
            return true;
    }
    return false;
}

static bool image_has_box(const void *scene)
{
    return is_box(((const struct goxel_scene *)scene)->box);
}

static bool layer_has_box(const void *layer)
{
    return is_box(((const struct goxel_layer *)layer)->box);
}

static bool layer_has_material(const void *layer)
{
    return ((const struct goxel_layer *)layer)->material >= 0;
}

static bool layer_has_image(const void *layer)
{
    return ((const struct goxel_layer *)layer)->image_path != NULL;
}

static bool layer_has_shape(const void *layer)
{
    return ((const struct goxel_layer *)layer)->shape[0] != '\0';
}

static bool camera_is_active(const void *camera)
{
    return ((const struct goxel_gox_camera *)camera)->active;
}

#define END \
    { \
        NULL, GOXEL_GOX_FLAG, 0, 0, NULL \
    }

/* clang-format off */
#define AT(member) offsetof(struct goxel_scene, member)
const struct goxel_gox_field goxel_gox_image[] = {
    {"box",       GOXEL_GOX_FLOATS, AT(box),        16,             image_has_box},
    END
};
#undef AT

#define AT(member) offsetof(struct goxel_material, member)
const struct goxel_gox_field goxel_gox_material[] = {
    {"name",      GOXEL_GOX_TEXT,   AT(name),       GOXEL_NAME_MAX, NULL},
    {"color",     GOXEL_GOX_FLOATS, AT(color),      4,              NULL},
    {"metallic",  GOXEL_GOX_FLOATS, AT(metallic),   1,              NULL},
    {"roughness", GOXEL_GOX_FLOATS, AT(roughness),  1,              NULL},
    {"emission",  GOXEL_GOX_FLOATS, AT(emission),   3,              NULL},
    END
};
#undef AT

#define AT(member) offsetof(struct goxel_layer, member)
const struct goxel_gox_field goxel_gox_layer[] = {
    {"name",      GOXEL_GOX_TEXT,   AT(name),       GOXEL_NAME_MAX, NULL},
    {"mat",       GOXEL_GOX_FLOATS, AT(mat),        16,             NULL},
    {"id",        GOXEL_GOX_INT,    AT(id),         1,              NULL},
    {"base_id",   GOXEL_GOX_INT,    AT(base_id),    1,              NULL},
    {"material",  GOXEL_GOX_INT,    AT(material),   1,              layer_has_material},
    {"img-path",  GOXEL_GOX_PATH,   AT(image_path), 1,              layer_has_image},
    {"box",       GOXEL_GOX_FLOATS, AT(box),        16,             layer_has_box},
    {"shape",     GOXEL_GOX_TEXT,   AT(shape),      31,             layer_has_shape},
    {"color",     GOXEL_GOX_BYTES,  AT(color),      4,              layer_has_shape},
    {"visible",   GOXEL_GOX_BOOL,   AT(visible),    1,              NULL},
    END
};
#undef AT

#define AT(member) offsetof(struct goxel_gox_camera, member)
const struct goxel_gox_field goxel_gox_camera[] = {
    {"name",      GOXEL_GOX_TEXT,   AT(camera.name),  GOXEL_NAME_MAX, NULL},
    {"dist",      GOXEL_GOX_FLOATS, AT(camera.dist),  1,              NULL},
    {"ortho",     GOXEL_GOX_BOOL,   AT(camera.ortho), 1,              NULL},
    {"mat",       GOXEL_GOX_FLOATS, AT(camera.mat),   16,             NULL},
    {"active",    GOXEL_GOX_FLAG,   AT(active),       1,              camera_is_active},
    END
};
#undef AT

#define AT(member) offsetof(struct goxel_light, member)
const struct goxel_gox_field goxel_gox_light[] = {
    {"pitch",     GOXEL_GOX_FLOATS, AT(pitch),      1,              NULL},
    {"yaw",       GOXEL_GOX_FLOATS, AT(yaw),        1,              NULL},
    {"intensity", GOXEL_GOX_FLOATS, AT(intensity),  1,              NULL},
    {"fixed",     GOXEL_GOX_BOOL,   AT(fixed),      1,              NULL},
    {"ambient",   GOXEL_GOX_FLOATS, AT(ambient),    1,              NULL},
    {"shadow",    GOXEL_GOX_FLOATS, AT(shadow),     1,              NULL},
    END
};
#undef AT
/* clang-format on */

/* ---- reading: numbers ---- */

int goxel_gox_fail(struct goxel_gox_input *in, int code, size_t offset, const char *fmt, ...)
{
    char text[200];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    goxel_fail_at(in->detail, code, 0, (int64_t)offset, "%s", text);
    if (in->detail)
        snprintf(in->detail->field, sizeof(in->detail->field), "%.*s", (int)strcspn(in->chunk, " "),
                 in->chunk);
    return code;
}

static uint32_t le32(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

int goxel_gox_int(struct goxel_gox_input *in, const char *what, int32_t *ret_value)
{
    if (in->end - in->at < 4)
        return goxel_gox_fail(in, GOXEL_ERROR_INVALID_DATA, in->at, "the %s is cut short: expected 4 bytes",
                              what);
    *ret_value = (int32_t)le32(in->bytes + in->at);
    in->at += 4;
    return 0;
}

/* ---- reading: values ---- */

/* Goxel's own texts end with the value, some programs' with a NUL before that. */
static void read_text(struct goxel_gox_input *in, const struct goxel_gox_piece *value, char *text,
                      size_t size)
{
    size_t len = value->len ? strnlen((const char *)value->bytes, value->len) : 0;

    goxel_utf8_printable(text, size, (const char *)value->bytes, len);
    if (strlen(text) != len || memcmp(text, value->bytes, len) != 0)
        goxel_warn(in->warnings, "names changed", 1);
}

static int read_path(struct goxel_gox_input *in, const struct goxel_gox_piece *value, char **path)
{
    char text[GOXEL_GOX_VALUE_MAX + 1];
    char *copy;

    read_text(in, value, text, sizeof(text));
    copy = strdup(text);
    if (!copy)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    free(*path); /* the key came before */
    *path = copy;
    return 0;
}

static int read_floats(struct goxel_gox_input *in, const struct goxel_gox_piece *value,
                       const struct goxel_gox_field *field, float *floats)
{
    float read[16];

    for (size_t i = 0; i < field->count; i++) {
        uint32_t bits = le32(value->bytes + 4 * i);

        memcpy(&read[i], &bits, sizeof(bits));
        if (!isfinite(read[i]))
            return goxel_gox_fail(in, GOXEL_ERROR_INVALID_DATA, value->offset + 4 * i,
                                  "`%s` is not finite: expected %zu finite numbers", field->key,
                                  field->count);
    }
    memcpy(floats, read, field->count * sizeof(float));
    return 0;
}

/* Bytes a value of the kind must have; SIZE_MAX: any number. */
static size_t exact_size(const struct goxel_gox_field *field)
{
    switch (field->kind) {
    case GOXEL_GOX_INT:
        return 4;
    case GOXEL_GOX_FLOATS:
        return 4 * field->count;
    case GOXEL_GOX_BYTES:
    case GOXEL_GOX_BOOL:
        return field->count;
    case GOXEL_GOX_TEXT:
    case GOXEL_GOX_PATH:
    case GOXEL_GOX_FLAG:
        break;
    }
    return SIZE_MAX;
}

static int read_value(struct goxel_gox_input *in, const struct goxel_gox_field *field,
                      const struct goxel_gox_piece *value, void *object)
{
    void *member = (char *)object + field->offset;
    int32_t number;

    if (exact_size(field) != SIZE_MAX && exact_size(field) != value->len) {
        goxel_warn(in->warnings, "values of a wrong size ignored", 1); /* so does Goxel */
        return 0;
    }
    switch (field->kind) {
    case GOXEL_GOX_TEXT:
        read_text(in, value, member, field->count + 1);
        return 0;
    case GOXEL_GOX_PATH:
        return read_path(in, value, member);
    case GOXEL_GOX_INT:
        number = (int32_t)le32(value->bytes);
        memcpy(member, &number, sizeof(number));
        return 0;
    case GOXEL_GOX_FLOATS:
        return read_floats(in, value, field, member);
    case GOXEL_GOX_BYTES:
        memcpy(member, value->bytes, field->count);
        return 0;
    case GOXEL_GOX_BOOL:
        *(bool *)member = value->bytes[0] != 0;
        return 0;
    case GOXEL_GOX_FLAG:
        *(bool *)member = true;
        return 0;
    }
    return 0;
}

/* ---- reading: dictionaries ---- */

int goxel_gox_piece(struct goxel_gox_input *in, const char *what, struct goxel_gox_piece *ret_piece)
{
    int32_t len = 0;
    int result = goxel_gox_int(in, what, &len);

    if (result)
        return result;
    if (len < 0 || (size_t)len > in->end - in->at)
        return goxel_gox_fail(in, GOXEL_ERROR_INVALID_DATA, in->at - 4,
                              "the %s claims %d bytes: expected at most the %zu left in the chunk", what,
                              (int)len, in->end - in->at);
    *ret_piece = (struct goxel_gox_piece){in->bytes + in->at, (size_t)len, in->at};
    in->at += (size_t)len;
    return 0;
}

static const struct goxel_gox_field *find_field(const struct goxel_gox_field *fields,
                                                const struct goxel_gox_piece *key)
{
    for (; fields->key; fields++) {
        if (strlen(fields->key) == key->len && memcmp(fields->key, key->bytes, key->len) == 0)
            return fields;
    }
    return NULL;
}

int goxel_gox_dict_read(struct goxel_gox_input *in, const struct goxel_gox_field *fields, void *object)
{
    while (in->at < in->end) {
        const struct goxel_gox_field *field;
        struct goxel_gox_piece key, value;
        int result = goxel_gox_piece(in, "length of a key", &key);

        if (result || key.len == 0)
            return result;
        result = goxel_gox_piece(in, "length of a value", &value);
        if (result)
            return result;
        field = find_field(fields, &key);
        if (!field && value.len > 0)
            goxel_warn(in->warnings, "unknown values dropped", 1);
        result = field ? read_value(in, field, &value, object) : 0;
        if (result)
            return result;
    }
    return 0;
}

/* ---- writing ---- */

void goxel_gox_put_piece(struct goxel_buf *out, const void *bytes, size_t len)
{
    goxel_buf_put_le32(out, (uint32_t)len);
    goxel_buf_append(out, bytes, len);
}

static void put_text(struct goxel_buf *out, const char *text)
{
    char cut[GOXEL_NAME_MAX + 1];

    _Static_assert(GOXEL_NAME_MAX <= GOXEL_GOX_VALUE_MAX, "a name must fit Goxel's buffer");
    goxel_name_copy(cut, text, strlen(text));
    goxel_gox_put_piece(out, cut, strlen(cut));
}

static void put_words(struct goxel_buf *out, const void *member, size_t count)
{
    goxel_buf_put_le32(out, (uint32_t)(4 * count));
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;

        memcpy(&bits, (const char *)member + 4 * i, sizeof(bits));
        goxel_buf_put_le32(out, bits);
    }
}

static void put_value(struct goxel_buf *out, const struct goxel_gox_field *field, const void *member)
{
    switch (field->kind) {
    case GOXEL_GOX_TEXT:
        put_text(out, member);
        break;
    case GOXEL_GOX_PATH:
        put_text(out, *(char *const *)member);
        break;
    case GOXEL_GOX_INT:
    case GOXEL_GOX_FLOATS:
        put_words(out, member, field->count);
        break;
    case GOXEL_GOX_BYTES:
        goxel_gox_put_piece(out, member, field->count);
        break;
    case GOXEL_GOX_BOOL:
        goxel_gox_put_piece(out, *(const bool *)member ? "\1" : "\0", 1);
        break;
    case GOXEL_GOX_FLAG:
        goxel_gox_put_piece(out, "", 0);
        break;
    }
}

void goxel_gox_dict_write(struct goxel_buf *out, const struct goxel_gox_field *fields, const void *object)
{
    for (; fields->key; fields++) {
        if (fields->present && !fields->present(object))
            continue;
        goxel_gox_put_piece(out, fields->key, strlen(fields->key));
        put_value(out, fields, (const char *)object + fields->offset);
    }
}
