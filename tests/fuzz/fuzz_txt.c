/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a .txt file. What can be read can be written, and reads back the same. */
#include <stdlib.h>

#include "base/error.h"
#include "format/txt.h"
#include "unit/format/io.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct goxel_project *project = NULL, *again = NULL;
    struct goxel_detail detail;
    struct goxel_buf file;
    int result = read_as("txt", data, size, NULL, NULL, &detail, &project);

    if (result && (project || (result != GOXEL_ERROR_QUOTA && detail.line < 1)))
        abort();
    if (result)
        return 0;
    goxel_buf_init(&file, (size_t)64 << 20);
    if (write_as("txt", project, NULL, NULL, NULL, &file) ||
        read_as("txt", file.data, file.len, NULL, NULL, NULL, &again))
        abort();
    if (!goxel_volume_equal(project->layers[0]->volume, again->layers[0]->volume))
        abort();
    goxel_buf_finish(&file);
    goxel_project_unref(again);
    goxel_project_unref(project);
    return 0;
}
