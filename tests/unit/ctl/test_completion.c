/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the shell is told is what the tables say; what it does with it is tested in tests/integration/completion.sh. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "ctl/completion.h"
#include "unit.h"

static void check(const char *path, void (*write)(const char *page, struct goxel_buf *out))
{
    struct goxel_buf page, script, committed;

    goxel_buf_init(&page, CTL_COMPLETION_MAX);
    goxel_buf_init(&script, CTL_COMPLETION_MAX);
    goxel_buf_init(&committed, CTL_COMPLETION_MAX);
    CU_ASSERT_EQUAL_FATAL(goxel_file_read(AT_FDCWD, unit_path("../docs/api.md"), &page, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(goxel_file_read(AT_FDCWD, unit_path(path), &committed, NULL), 0);
    write(page.data ? page.data : "", &script);
    CU_ASSERT_EQUAL_FATAL(script.failed, 0);
    if (strcmp(script.data, committed.data ? committed.data : "") != 0)
        printf("\n%s is stale: `make completion` writes it anew\n", path);
    CU_ASSERT_STRING_EQUAL(script.data, committed.data ? committed.data : "");
    goxel_buf_finish(&page);
    goxel_buf_finish(&script);
    goxel_buf_finish(&committed);
}

static void scripts_are_up_to_date(void)
{
    check("../etc/completion/bash/goxelctl", ctl_completion_bash);
    check("../etc/completion/zsh/_goxelctl", ctl_completion_zsh);
}

static const struct unit_test tests[] = {
    {"etc/completion is up to date", scripts_are_up_to_date},
    {NULL, NULL},
};

const struct unit_suite completion_suite = {"completion", tests};
