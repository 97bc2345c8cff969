/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as a step of the history. One that is read is written as bytes that are read again and come to the same, and
 * leads a project back and forth, or is not of that one.
 */
#include <string.h>

#include "base/error.h"
#include "core/step.h"
#include "fuzz/fuzz.h"

static struct goxel_buf write_step(const struct goxel_step *step)
{
    struct goxel_buf buf;

    goxel_buf_init(&buf, (size_t)1 << 30);
    goxel_step_put(&buf, step);
    EXPECT(!buf.failed);
    return buf;
}

static void expect_round_trip(const struct goxel_step *step)
{
    struct goxel_buf first = write_step(step), second;
    struct goxel_reading in = goxel_reading_make(first.data, first.len);
    struct goxel_step *again = NULL;

    EXPECT(goxel_step_take(&in, NULL, &again) == 0 && in.left == 0);
    EXPECT(goxel_step_bytes(again) > 0);
    second = write_step(again);
    EXPECT(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
    goxel_step_unref(again);
    goxel_buf_finish(&first);
    goxel_buf_finish(&second);
}

static struct goxel_project *small_project(void)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_layer *layer = NULL;

    for (int i = 0; i < 2; i++) {
        EXPECT(project && goxel_project_add_layer(project, NULL, -1, &layer, NULL) == 0);
        EXPECT(goxel_volume_set_at(layer->volume, (struct goxel_pos){1, 2, 3},
                                   (struct goxel_color){1, 2, 3, 255}) == 0);
    }
    goxel_project_touch(project);
    return project;
}

/* Of another project it may be, and fail; what it made of this one is a project all the same. */
static void expect_walk(const struct goxel_step *step)
{
    struct goxel_project *project = small_project();

    if (goxel_step_apply(step, project, true) == 0 && goxel_step_apply(step, project, false) == 0)
        EXPECT(goxel_project_voxels(project) >= 0);
    goxel_project_unref(project);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct goxel_reading in = goxel_reading_make(data, size);
    struct goxel_detail detail = {.text = ""};
    struct goxel_step *step = NULL;
    int code = goxel_step_take(&in, &detail, &step);

    EXPECT(code == 0 || (code == GOXEL_ERROR_INVALID_DATA && detail.text[0]));
    if (code)
        return 0;
    expect_round_trip(step);
    expect_walk(step);
    goxel_step_unref(step);
    return 0;
}
