/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading Command & Conquer's .vxl: see the header. */
#include "format/vxl_cc.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "core/accessor.h"
#include "format/input.h"

#define MAGIC "Voxel Animation"
#define NAME_BYTES 16
#define HEAD_BYTES 28 /* of a limb */
#define TAIL_BYTES 92
#define TURN_TOLERANCE 1e-3

struct reader {
    const struct goxel_import *import;
    struct goxel_project *project;
    struct goxel_color colors[256];
    struct goxel_input heads, body, tails;
    int64_t bricks; /* of the limbs before the one at hand */
    int64_t voxels; /* of all runs so far, the one at hand too */
};

struct limb {
    uint32_t beginnings, data; /* offsets in the body */
    int32_t size[3];
    int32_t corner[3];
    bool turned;
};

bool goxel_vxl_cc_is_of(const uint8_t *bytes, size_t len)
{
    return len >= sizeof(MAGIC) && memcmp(bytes, MAGIC, sizeof(MAGIC)) == 0;
}

/* ---- the palette ---- */

static void read_palette(struct reader *reader, struct goxel_input *in)
{
    const uint8_t *bytes = goxel_input_bytes(in, 256 * 3, "palette");
    unsigned any = 0;

    for (size_t i = 0; bytes && i < 256; i++) {
        const uint8_t *color = bytes + 3 * i;

        any |= (unsigned)(color[0] | color[1] | color[2]);
        reader->colors[i] = (struct goxel_color){color[0], color[1], color[2], 255};
    }
    for (size_t i = 0; any == 0 && i < 256; i++)
        reader->colors[i] = (struct goxel_color){(uint8_t)i, (uint8_t)i, (uint8_t)i, 255};
    if (bytes && any == 0)
        goxel_warn(reader->import->warnings, "a palette without colours replaced by greys", 1);
}

/* ---- limbs ---- */

static void read_floats(struct goxel_input *in, const char *what, float *ret_values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ret_values[i] = goxel_input_f32(in, what);
}

/* Out of the matrix and the corners: voxels, rounded. Where nothing can be valid it is far away. */
static int32_t place(float low, float high, float move, int32_t size)
{
    double voxel = size > 0 && high > low ? ((double)high - (double)low) / size : 1;

    return (int32_t)fmax(-1e9, fmin(1e9, floor(((double)low + (double)move) / voxel + 0.5)));
}

static bool is_turned(const float mat[12])
{
    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < 3; j++) {
            if (fabs((double)mat[4 * i + j] - (i == j)) > TURN_TOLERANCE)
                return true;
        }
    }
    return false;
}

static struct limb read_tail(struct goxel_input *tails)
{
    struct goxel_input in = goxel_input_sub(tails, TAIL_BYTES, "limb");
    float scale, mat[12], low[3], high[3];
    struct limb limb;

    limb.beginnings = goxel_input_u32(&in, "offset");
    (void)goxel_input_u32(&in, "offset");
    limb.data = goxel_input_u32(&in, "offset");
    scale = goxel_input_f32(&in, "scale");
    read_floats(&in, "matrix", mat, 12);
    read_floats(&in, "corner", low, 3);
    read_floats(&in, "corner", high, 3);
    limb.turned = is_turned(mat);
    for (int i = 0; i < 3; i++) {
        limb.size[i] = goxel_input_u8(&in, "size");
        limb.corner[i] = place(low[i], high[i], mat[4 * i + 3] * scale, limb.size[i]);
    }
    if (!tails->failed)
        tails->failed = in.failed;
    return limb;
}

/* One run of a column from z on. Returns where it ends. */
static int32_t read_run(struct reader *reader, struct goxel_accessor *near, struct goxel_input *in,
                        const struct limb *limb, struct goxel_pos pos, int32_t z)
{
    size_t at = in->at;
    int32_t skipped = goxel_input_u8(in, "run"), count = goxel_input_u8(in, "count of a run");
    const uint8_t *voxels = goxel_input_bytes(in, 2 * (uint64_t)count, "voxels of a run");

    (void)goxel_input_u8(in, "end of a run");
    if (!goxel_input_check(in, at, "height of a run", skipped + count, 1, (int64_t)limb->size[2] - z))
        return limb->size[2];
    reader->voxels += count;
    if (!in->failed)
        in->failed = goxel_import_check_voxels(reader->import, reader->voxels);
    pos.z += z + skipped;
    for (int32_t i = 0; i < count && !in->failed; i++, pos.z++) {
        int code = goxel_accessor_set(near, pos, reader->colors[voxels[2 * i]]);

        if (code == GOXEL_ERROR_INVALID_COORDINATES)
            goxel_input_fail(in, code, at, "position", "one from -1048576 to 1048575");
        else if (code)
            in->failed = code;
    }
    return z + skipped + count;
}

static void read_column(struct reader *reader, struct goxel_accessor *near, const struct limb *limb,
                        int32_t x, int32_t y, int32_t beginning)
{
    const struct goxel_pos pos = {limb->corner[0] + x, limb->corner[1] + y, limb->corner[2]};
    struct goxel_input in = reader->body;

    in.part = "column";
    (void)goxel_input_bytes(&in, (uint64_t)limb->data + (uint32_t)beginning, "column");
    for (int32_t z = 0; z < limb->size[2] && !in.failed;)
        z = read_run(reader, near, &in, limb, pos, z);
    reader->body.failed = in.failed;
}

/* What is there so far, and whether it may go on. Columns of a file may share their bytes. */
static void check(struct reader *reader, const struct goxel_volume *volume)
{
    if (!goxel_input_go_on(&reader->body))
        reader->body.failed = goxel_import_check_bricks(reader->import,
                                                        reader->bricks + goxel_volume_bricks(volume));
}

static void read_columns(struct reader *reader, struct goxel_volume *volume, const struct limb *limb)
{
    struct goxel_accessor near = goxel_accessor_make(volume);
    struct goxel_input in = reader->body;

    (void)goxel_input_bytes(&in, limb->beginnings, "beginnings of columns");
    for (int32_t y = 0; y < limb->size[1] && !in.failed && !reader->body.failed; y++) {
        for (int32_t x = 0; x < limb->size[0] && !in.failed && !reader->body.failed; x++) {
            int32_t beginning = goxel_input_i32(&in, "beginning of a column");

            if (beginning >= 0 && !in.failed)
                read_column(reader, &near, limb, x, y, beginning);
        }
        check(reader, volume);
    }
    if (!reader->body.failed)
        reader->body.failed = in.failed;
}

static int read_limb(struct reader *reader)
{
    const uint8_t *name = goxel_input_bytes(&reader->heads, HEAD_BYTES, "limb");
    struct limb limb = read_tail(&reader->tails);
    struct goxel_layer *layer;
    int result = reader->heads.failed ? reader->heads.failed : reader->tails.failed;

    if (!result)
        result = goxel_project_add_layer(reader->project, NULL, -1, &layer, reader->import->detail);
    if (result)
        return result;
    goxel_import_name(reader->import, layer->name, name, strnlen((const char *)name, NAME_BYTES));
    goxel_warn(reader->import->warnings, "turns of limbs left out", limb.turned);
    read_columns(reader, layer->volume, &limb);
    goxel_volume_seal(layer->volume);
    reader->bricks += goxel_volume_bricks(layer->volume);
    return reader->body.failed;
}

/* ---- the file ---- */

static int read_all(struct reader *reader)
{
    struct goxel_input in = goxel_input_of(reader->import);
    uint32_t limbs, tails, body;
    size_t at;
    int result;

    goxel_input_expect(&in, MAGIC, sizeof(MAGIC), "beginning");
    (void)goxel_input_u32(&in, "count of palettes");
    limbs = goxel_input_u32(&in, "count of limbs");
    at = in.at;
    tails = goxel_input_u32(&in, "count of limbs");
    goxel_input_check(&in, at, "count of limbs", tails, limbs, limbs);
    body = goxel_input_u32(&in, "size of the body");
    (void)goxel_input_u16(&in, "colours of players");
    read_palette(reader, &in);
    reader->heads = goxel_input_sub(&in, (uint64_t)limbs * HEAD_BYTES, "limbs");
    reader->body = goxel_input_sub(&in, body, "body");
    reader->tails = goxel_input_sub(&in, (uint64_t)tails * TAIL_BYTES, "limbs");
    result = in.failed;
    for (uint32_t i = 0; i < limbs && !result; i++)
        result = read_limb(reader);
    if (!result && limbs == 0)
        result = goxel_project_add_layer(reader->project, NULL, -1, NULL, reader->import->detail);
    if (!result) {
        goxel_warn(reader->import->warnings, "normals of voxels left out", reader->voxels);
        goxel_warn(reader->import->warnings, "bytes after the end left out", (int64_t)goxel_input_left(&in));
    }
    return result;
}

int goxel_vxl_cc_read(const struct goxel_import *import, struct goxel_project **ret_project)
{
    struct reader reader = {.import = import, .project = goxel_project_create("")};
    int result = reader.project ? read_all(&reader) : GOXEL_ERROR_OUT_OF_MEMORY;

    if (result) {
        goxel_project_unref(reader.project);
        return result;
    }
    *ret_project = reader.project;
    return 0;
}
