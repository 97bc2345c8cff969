/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For targets of formats: any bytes as a file of one; what can be read can be written, and reads back as far as the row's limits say. */
#ifndef GOXEL_FUZZ_AGAIN_H
#define GOXEL_FUZZ_AGAIN_H

#include <stdlib.h>

#include "base/error.h"
#include "unit/format/io.h"
#include "unit/format/within.h"

/* Bricks of a project that is still written: the ceilings let a few bytes fill 1 GiB. */
#define AGAIN_BRICKS_MAX 2048

static inline struct goxel_project *read_or_null(const char *name, const uint8_t *data, size_t size)
{
    struct goxel_project *project = NULL;
    struct goxel_warnings warnings = {0};
    struct goxel_detail detail;
    int result = read_as(name, data, size, NULL, &warnings, &detail, &project);

    if ((result == 0) != (project != NULL) || (project && project->layer_count == 0) ||
        (result && result != GOXEL_ERROR_OUT_OF_MEMORY && detail.text[0] == '\0'))
        abort();
    return project;
}

static inline int64_t bricks_of(const struct goxel_project *project)
{
    int64_t bricks = 0;

    for (size_t i = 0; i < project->layer_count; i++)
        bricks += goxel_volume_bricks(project->layers[i]->volume);
    return bricks;
}

static inline void write_and_read(const char *name, const struct goxel_project *project)
{
    const struct goxel_format *format = goxel_format_named(name, GOXEL_FORMAT_OUT);
    struct goxel_project *again = NULL;
    struct goxel_buf file;
    int result;

    goxel_buf_init(&file, (size_t)64 << 20);
    result = write_as(name, project, NULL, NULL, NULL, &file);
    if (result && result != GOXEL_ERROR_MESSAGE_SIZE && result != GOXEL_ERROR_QUOTA)
        abort();
    if (!result) {
        again = read_or_null(name, (const uint8_t *)file.data, file.len);
        if (!again || again->layer_count < project->layer_count)
            abort();
        for (size_t i = 0; again->layer_count == project->layer_count && i < project->layer_count; i++) {
            if (!within_limits(&format->limits, project->layers[i]->volume, again->layers[i]->volume))
                abort();
        }
    }
    goxel_buf_finish(&file);
    goxel_project_unref(again);
}

static inline void read_and_again(const char *name, const uint8_t *data, size_t size)
{
    struct goxel_project *project = read_or_null(name, data, size);

    if (project && goxel_format_named(name, GOXEL_FORMAT_OUT) && bricks_of(project) <= AGAIN_BRICKS_MAX)
        write_and_read(name, project);
    goxel_project_unref(project);
}

#endif
