/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the shell is told is what the tables say; what it does with it is tested in tests/integration/completion.sh. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "ctl/completion.h"
#include "unit.h"

static void the_script_is_up_to_date(void)
{
    struct goxel_buf page, script, committed;

    goxel_buf_init(&page, CTL_COMPLETION_MAX);
    goxel_buf_init(&script, CTL_COMPLETION_MAX);
    goxel_buf_init(&committed, CTL_COMPLETION_MAX);
    CU_ASSERT_EQUAL_FATAL(goxel_file_read(AT_FDCWD, unit_path("../docs/api.md"), &page, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(
        goxel_file_read(AT_FDCWD, unit_path("../etc/completion/bash/goxelctl"), &committed, NULL), 0);
    ctl_completion_bash(page.data ? page.data : "", &script);
    CU_ASSERT_EQUAL_FATAL(script.failed, 0);
    if (strcmp(script.data, committed.data ? committed.data : "") != 0)
        printf("\netc/completion is stale: `make completion` writes it anew\n");
    CU_ASSERT_STRING_EQUAL(script.data, committed.data ? committed.data : "");
    goxel_buf_finish(&page);
    goxel_buf_finish(&script);
    goxel_buf_finish(&committed);
}

static const struct unit_test tests[] = {
    {"etc/completion is up to date", the_script_is_up_to_date},
    {NULL, NULL},
};

const struct unit_suite completion_suite = {"completion", tests};
