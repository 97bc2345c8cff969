/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the shell is told is what the tables say; what it does with it is tested in tests/integration/completion.sh. */
#include "ctl/completion.h"
#include "made.h"
#include "unit.h"

static void scripts_are_up_to_date(void)
{
    made_is_up_to_date("../etc/completion/bash/goxelctl", "../docs/api.md", ctl_completion_bash,
                       "make completion");
    made_is_up_to_date("../etc/completion/zsh/_goxelctl", "../docs/api.md", ctl_completion_zsh,
                       "make completion");
}

static const struct unit_test tests[] = {
    {"etc/completion is up to date", scripts_are_up_to_date},
    {NULL, NULL},
};

const struct unit_suite completion_suite = {"completion", tests};
