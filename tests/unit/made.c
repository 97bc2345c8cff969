/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "made.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "unit.h"

static const char *read_file(const char *path, struct goxel_buf *buf)
{
    CU_ASSERT_EQUAL_FATAL(goxel_file_read(AT_FDCWD, unit_path(path), buf, NULL), 0);
    return buf->data ? buf->data : "";
}

void made_is_up_to_date(const char *path, const char *input, goxel_make_file *file, const char *how)
{
    struct goxel_buf from, made, committed;
    const char *want;

    goxel_buf_init(&from, GOXEL_MADE_MAX);
    goxel_buf_init(&made, GOXEL_MADE_MAX);
    goxel_buf_init(&committed, GOXEL_MADE_MAX);
    want = read_file(path, &committed);
    file(input ? read_file(input, &from) : "", &made);
    CU_ASSERT_EQUAL_FATAL(made.failed, 0);
    if (strcmp(made.data, want) != 0)
        printf("\n%s is stale: `%s` writes it anew\n", path, how);
    CU_ASSERT_STRING_EQUAL(made.data, want);
    goxel_buf_finish(&from);
    goxel_buf_finish(&made);
    goxel_buf_finish(&committed);
}
