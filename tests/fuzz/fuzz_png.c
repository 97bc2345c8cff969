/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a picture. What can be loaded can be written and loads back the same, and becomes the columns that were counted. */
#include <string.h>

#include "base/error.h"
#include "format/relief.h"
#include "fuzz.h"
#include "png_mend.h"

#define BRICKS_MAX 4096 /* more of them show nothing new */

static void write_and_load(const struct goxel_picture *picture)
{
    struct goxel_picture again = {.pixels = NULL};
    struct goxel_buf file;

    goxel_buf_init(&file, (size_t)128 << 20);
    EXPECT(!goxel_png_write(picture->pixels, picture->width, picture->height, &file));
    EXPECT(!goxel_png_load((const uint8_t *)file.data, file.len, NULL, &again));
    EXPECT(again.width == picture->width && again.height == picture->height && !again.reduced);
    EXPECT(
        !memcmp(again.pixels, picture->pixels, sizeof(*again.pixels) * (size_t)again.width * again.height));
    goxel_picture_finish(&again);
    goxel_buf_finish(&file);
}

static void raise_columns(const struct goxel_picture *picture, const struct goxel_relief_mode *mode)
{
    struct goxel_relief relief = {mode, mode->depth, 1 + (int)(picture->width % 255)};
    struct goxel_project *project = NULL;
    int64_t bricks = goxel_relief_bricks(&relief, picture);

    EXPECT(bricks >= 0);
    if (bricks > BRICKS_MAX)
        return;
    EXPECT(!goxel_relief_make(&relief, picture, NULL, &project));
    EXPECT(goxel_volume_bricks(project->layers[0]->volume) == bricks);
    goxel_project_unref(project);
}

static void load(const uint8_t *data, size_t size)
{
    struct goxel_picture picture = {.pixels = NULL};
    struct goxel_detail detail;
    int code = goxel_png_load(data, size, &detail, &picture);

    EXPECT(!code || code == GOXEL_ERROR_INVALID_DATA || code == GOXEL_ERROR_QUOTA);
    EXPECT((code == 0) == (picture.pixels != NULL));
    EXPECT(code != GOXEL_ERROR_INVALID_DATA || (detail.offset >= 0 && detail.offset <= (int64_t)size));
    if (code)
        return;
    write_and_load(&picture);
    for (const struct goxel_relief_mode *mode = goxel_relief_modes; mode->name; mode++)
        raise_columns(&picture, mode);
    goxel_picture_finish(&picture);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *mended = malloc(size + 1);

    EXPECT(mended);
    load(data, size);
    if (size > 0)
        memcpy(mended, data, size);
    mend(mended, size);
    load(mended, size);
    free(mended);
    return 0;
}
