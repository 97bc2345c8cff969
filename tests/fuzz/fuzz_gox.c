/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a .gox file. What can be read can be written, and reads back the same. */
#include <stdlib.h>

#include "base/error.h"
#include "format/gox.h"
#include "format/txt.h"
#include "unit/format/same.h"
#include "unit/format/io.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct goxel_project *read_or_null(const uint8_t *data, size_t size)
{
    struct goxel_project *project = NULL;
    struct goxel_warnings warnings = {0};
    struct goxel_detail detail;
    int result = read_as("gox", data, size, NULL, &warnings, &detail, &project);

    if ((result == 0) != (project != NULL))
        abort();
    return project;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct goxel_project *project = read_or_null(data, size), *again;
    struct goxel_buf file, text;

    if (!project)
        return 0;
    goxel_buf_init(&file, (size_t)256 << 20);
    if (write_as("gox", project, NULL, NULL, NULL, &file))
        abort();
    again = read_or_null((const uint8_t *)file.data, file.len);
    if (!again)
        abort();
    /* An empty project is given a layer, because Goxel wants one. */
    if (project->layer_count > 0 && !same_projects(project, again))
        abort();
    goxel_buf_init(&text, 1 << 20); /* the ceiling may be hit: the way to it is what counts */
    write_as("txt", again, NULL, NULL, NULL, &text);
    goxel_buf_finish(&text);
    goxel_buf_finish(&file);
    goxel_project_unref(again);
    goxel_project_unref(project);
    return 0;
}
