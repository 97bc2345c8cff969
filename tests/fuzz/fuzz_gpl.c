/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a .gpl file. What can be read can be written, and reads back the same. */
#include <stdlib.h>

#include "base/error.h"
#include "format/gpl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct goxel_palette palette = {.count = 0}, again = {.count = 0};
    struct goxel_detail detail;
    struct goxel_buf file;
    int result;

    goxel_detail_init(&detail);
    result = goxel_gpl_read(data, size, &detail, &palette);
    if (result && (palette.entries || (result != GOXEL_ERROR_QUOTA && detail.line < 1)))
        abort();
    if (result)
        return 0;
    goxel_buf_init(&file, (size_t)64 << 20);
    if (goxel_gpl_write(&palette, &file) ||
        goxel_gpl_read((const uint8_t *)file.data, file.len, NULL, &again) ||
        !goxel_palette_equal(&palette, &again))
        abort();
    goxel_buf_finish(&file);
    goxel_palette_finish(&palette);
    goxel_palette_finish(&again);
    return 0;
}
