/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints docs/formats.md: `make reference` keeps it up to date. */
#include <stdio.h>

#include "format/reference.h"

int main(void)
{
    struct goxel_buf page;
    int failed;

    goxel_buf_init(&page, GOXEL_FORMATS_PAGE_MAX);
    goxel_formats_write(goxel_formats, &page);
    failed = page.failed || fwrite(page.data, 1, page.len, stdout) != page.len || fflush(stdout);
    goxel_buf_finish(&page);
    return failed ? 1 : 0;
}
