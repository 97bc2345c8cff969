/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writes docs/api.md from the method table to standard output: see `make reference`.
 */
#include <stdio.h>

#include "rpc/reference.h"

int main(void)
{
    struct goxel_buf page;
    int status = 1;

    goxel_buf_init(&page, GOXEL_REFERENCE_MAX);
    goxel_reference_write(goxel_methods, &page);
    if (!page.failed && fwrite(page.data, 1, page.len, stdout) == page.len && fflush(stdout) == 0)
        status = 0;
    goxel_buf_finish(&page);
    return status;
}
