/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options, and any bytes as a .png file of voxels. What can be read can be written as slices, and reads back the same. */
#include <string.h>

#include "base/error.h"
#include "format/png_row.h"
#include "fuzz.h"
#include "png_mend.h"

#define OPTIONS 8         /* bytes of an input before the file */
#define PIXELS_MAX 100000 /* more of them show nothing new */

/* What the file claims; libpng has the last word on it. */
static uint64_t pixels(const uint8_t *file, size_t size)
{
    uint64_t sides[2] = {0, 0};

    for (size_t i = 0; i < 8 && size > 16 + i; i++)
        sides[i / 4] = sides[i / 4] << 8 | file[16 + i];
    return sides[0] * sides[1];
}

/* Each within what its row allows: a byte for each, two for the depth. */
static void choose(const uint8_t *bytes, struct goxel_format_options *options)
{
    const struct goxel_format_option *rows = options->format->options;

    for (size_t i = 0; rows[i].name; i++) {
        if (strcmp(rows[i].name, "mode") == 0)
            options->values[i] = bytes[0] % 5;
        else if (strcmp(rows[i].name, "axis") == 0)
            options->values[i] = bytes[1] % 3;
        else if (strcmp(rows[i].name, "alpha_min") == 0)
            options->values[i] = 1 + bytes[2] % 255;
        else if (strcmp(rows[i].name, "depth") == 0)
            options->values[i] = bytes[3] < 128 ? bytes[4] : bytes[3] % 16 * 256 + bytes[4];
    }
}

static void write_and_read(const struct goxel_format *format, struct goxel_project *project)
{
    const struct goxel_export export = {.project = project};
    struct goxel_project *again = NULL;
    struct goxel_import import = {0};
    struct goxel_buf file;
    int code;

    goxel_buf_init(&file, (size_t)128 << 20);
    code = goxel_format_write(format, &export, false, &file);
    EXPECT(!code || code == GOXEL_ERROR_QUOTA);
    if (!code) {
        import.bytes = (const uint8_t *)file.data;
        import.len = file.len;
        EXPECT(!goxel_format_read(format, &import, true, &again));
        EXPECT(goxel_volume_equal(project->layers[0]->volume, again->layers[0]->volume));
    }
    goxel_project_unref(again);
    goxel_buf_finish(&file);
}

static void read_file(const uint8_t *choice, const uint8_t *file, size_t size)
{
    const struct goxel_format *format = goxel_format_named("png", GOXEL_FORMAT_IN);
    struct goxel_format_options options;
    struct goxel_project *project = NULL;
    struct goxel_detail detail;
    const struct goxel_import import = {.bytes = file, .len = size, .options = &options, .detail = &detail};
    int code;

    goxel_format_options_init(&options, format);
    choose(choice, &options);
    code = goxel_format_read(format, &import, false, &project);
    EXPECT((code == 0) == (project != NULL));
    EXPECT(!code || code == GOXEL_ERROR_INVALID_DATA || code == GOXEL_ERROR_QUOTA ||
           code == GOXEL_ERROR_INVALID_PARAMS);
    if (project)
        write_and_read(format, project);
    goxel_project_unref(project);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *mended;

    if (size < OPTIONS || pixels(data + OPTIONS, size - OPTIONS) > PIXELS_MAX)
        return 0;
    mended = malloc(size);
    EXPECT(mended);
    memcpy(mended, data, size);
    read_file(data, data + OPTIONS, size - OPTIONS);
    mend(mended + OPTIONS, size - OPTIONS);
    read_file(data, mended + OPTIONS, size - OPTIONS);
    free(mended);
    return 0;
}
