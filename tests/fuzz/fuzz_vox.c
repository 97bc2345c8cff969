/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a .vox file of MagicaVoxel's. What can be read can be written, if it is not too much, and shows the same then. */
#include "base/error.h"
#include "format/vox.h"
#include "fuzz/fuzz.h"
#include "unit/format/io.h"

#define BRICKS_MAX 4096 /* to be compared */

static struct goxel_project *read_or_null(const uint8_t *data, size_t size)
{
    struct goxel_project *project = NULL;
    struct goxel_warnings warnings = {0};
    struct goxel_detail detail;
    int result = read_as("vox", data, size, NULL, &warnings, &detail, &project);

    EXPECT((result == 0) == (project != NULL));
    EXPECT(result != GOXEL_ERROR_INVALID_DATA || (detail.offset >= 0 && detail.offset <= (int64_t)size));
    return project;
}

/* Few enough to be looked at. */
static bool is_small(const struct goxel_project *project)
{
    int64_t bricks = 0;

    for (size_t i = 0; i < project->layer_count; i++)
        bricks += goxel_layer_shown_bricks(project, project->layers[i]);
    return bricks <= BRICKS_MAX && project->layer_count <= 64;
}

/* A layer shows the same, and is called the same. */
static void compare_layers(const struct goxel_project *a, const struct goxel_project *b, size_t i)
{
    struct goxel_volume *left = NULL, *right = NULL;

    EXPECT(strcmp(a->layers[i]->name, b->layers[i]->name) == 0);
    EXPECT(a->layers[i]->visible == b->layers[i]->visible);
    EXPECT(goxel_layer_shown(a, a->layers[i], NULL, &left) == 0);
    EXPECT(goxel_layer_shown(b, b->layers[i], NULL, &right) == 0);
    EXPECT(goxel_volume_equal(left, right));
    goxel_volume_destroy(left);
    goxel_volume_destroy(right);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct goxel_project *project = read_or_null(data, size), *again;
    struct goxel_buf file;
    int result;

    if (!project)
        return 0;
    goxel_buf_init(&file, (size_t)64 << 20);
    result = is_small(project) ? write_as("vox", project, NULL, NULL, NULL, &file) : GOXEL_ERROR_QUOTA;
    EXPECT(result == 0 || result == GOXEL_ERROR_QUOTA || result == GOXEL_ERROR_MESSAGE_SIZE);
    again = result ? NULL : read_or_null((const uint8_t *)file.data, file.len);
    EXPECT(result || (again && again->layer_count == project->layer_count));
    for (size_t i = 0; again && i < project->layer_count; i++)
        compare_layers(project, again, i);
    goxel_buf_finish(&file);
    goxel_project_unref(again);
    goxel_project_unref(project);
    return 0;
}
