/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as the first columns of an Ace of Spades map, and as a whole one. */
#include <string.h>

#include "base/error.h"
#include "fuzz/fuzz.h"
#include "unit/format/io.h"

#define COLUMNS ((size_t)512 * 512)
#define DATA_MAX 65536

static void read_map(const uint8_t *data, size_t size)
{
    struct goxel_project *project = NULL;
    struct goxel_warnings warnings = {0};
    struct goxel_detail detail;
    int result = read_as("vxl", data, size, NULL, &warnings, &detail, &project);

    EXPECT((result == 0) == (project != NULL));
    EXPECT(result != GOXEL_ERROR_INVALID_DATA || (detail.offset >= 0 && detail.offset <= (int64_t)size));
    EXPECT(!project || project->layer_count == 1);
    goxel_project_unref(project);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t column[8] = {0, 63, 63, 0, 1, 2, 3, 4}; /* one voxel at the bottom */
    static uint8_t map[DATA_MAX + COLUMNS * sizeof(column)];

    read_map(data, size);
    if (size == 0 || size > DATA_MAX ||
        data[size - 1] % 16 != 0) /* a whole map takes its time: some of them will do */
        return 0;
    memcpy(map, data, size);
    for (size_t i = 0; i < COLUMNS; i++)
        memcpy(map + size + i * sizeof(column), column, sizeof(column));
    read_map(map, size + COLUMNS * sizeof(column));
    return 0;
}
