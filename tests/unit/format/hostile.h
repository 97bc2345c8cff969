/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are not what they say: each is read or refused, and refused files leave nothing. For the tests of readers. */
#ifndef GOXEL_TESTS_FORMAT_HOSTILE_H
#define GOXEL_TESTS_FORMAT_HOSTILE_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "io.h"
#include "unit.h"

/* In memory of its own, so that a sanitizer sees any read past the end. True: it was read. */
static inline bool survives(const char *format, const void *bytes, size_t len)
{
    struct goxel_project *project = NULL;
    struct goxel_detail detail;
    void *copy = malloc(len ? len : 1);
    int code;

    memcpy(copy, bytes, len);
    code = read_as(format, copy, len, NULL, NULL, &detail, &project);
    free(copy);
    CU_ASSERT_EQUAL(code == 0, project != NULL);
    CU_ASSERT(code == 0 || code == GOXEL_ERROR_INVALID_DATA || code == GOXEL_ERROR_INVALID_COORDINATES ||
              code == GOXEL_ERROR_QUOTA);
    CU_ASSERT(code == 0 || strlen(detail.text) > 0);
    goxel_project_unref(project);
    return code == 0;
}

/* The file is read as it is; returns how many of its beginnings are read too. */
static inline int survives_cuts(const char *format, const void *bytes, size_t len)
{
    int read = 0;

    CU_ASSERT(survives(format, bytes, len));
    for (size_t i = 0; i < len; i++)
        read += survives(format, bytes, i);
    return read;
}

static inline void survives_flips(const char *format, const void *bytes, size_t len)
{
    uint8_t *copy = malloc(len);

    memcpy(copy, bytes, len);
    for (size_t bit = 0; bit < len * 8; bit++) {
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        (void)survives(format, copy, len);
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    free(copy);
}

static inline void refused(const char *format, const void *bytes, size_t len, int code)
{
    struct goxel_project *project = NULL;
    struct goxel_detail detail;

    CU_ASSERT_EQUAL(read_as(format, bytes, len, NULL, NULL, &detail, &project), code);
    CU_ASSERT_PTR_NULL(project);
    CU_ASSERT(strlen(detail.text) > 0);
}

/* A model of another program, in *ret_file, which the caller finishes. NULL, and the test is skipped: there are none. */
static inline struct goxel_project *other_program_s(const char *name)
{
    const char *folder = unit_models();
    struct goxel_project *project = NULL;
    struct goxel_buf file;
    char path[4096];

    if (!folder) {
        unit_skip("GOXEL_TEST_MODELS is not set");
        return NULL;
    }
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    goxel_buf_init(&file, 1 << 24);
    CU_ASSERT_EQUAL_FATAL(goxel_file_read(AT_FDCWD, path, &file, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(read_as(goxel_format_of_path(name, GOXEL_FORMAT_IN)->name, file.data, file.len,
                                  NULL, NULL, NULL, &project),
                          0);
    goxel_buf_finish(&file);
    return project;
}

/* Count and bounds of a layer, which were found by other means. */
static inline void holds(const struct goxel_layer *layer, const char *name, int64_t voxels,
                         const struct goxel_box *box)
{
    struct goxel_box bounds = {{0, 0, 0}, {0, 0, 0}};

    CU_ASSERT_STRING_EQUAL(layer->name, name);
    CU_ASSERT_EQUAL(goxel_volume_count(layer->volume), voxels);
    CU_ASSERT(goxel_volume_bounds(layer->volume, &bounds));
    CU_ASSERT(memcmp(&bounds, box, sizeof(bounds)) == 0);
}

static inline bool has_color(const struct goxel_layer *layer, int x, int y, int z, unsigned rgba)
{
    struct goxel_color got = goxel_volume_get_at(layer->volume, (struct goxel_pos){x, y, z});

    return ((unsigned)got.r << 24 | (unsigned)got.g << 16 | (unsigned)got.b << 8 | got.a) == rgba;
}

#endif
