/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a file of a format that is only read: FUZZ_FORMAT says which. */
#include "base/error.h"
#include "fuzz/fuzz.h"
#include "unit/format/io.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct goxel_project *project = NULL;
    struct goxel_warnings warnings = {0};
    struct goxel_detail detail;
    int result = read_as(FUZZ_FORMAT, data, size, NULL, &warnings, &detail, &project);

    EXPECT((result == 0) == (project != NULL));
    EXPECT(result != GOXEL_ERROR_INVALID_DATA || (detail.offset >= 0 && detail.offset <= (int64_t)size));
    EXPECT(!project || project->layer_count > 0);
    /* Whatever the name, what the content tells is read. */
    EXPECT(goxel_format_of_bytes(goxel_format_named(FUZZ_FORMAT, GOXEL_FORMAT_IN), data, size) != NULL);
    goxel_project_unref(project);
    return 0;
}
