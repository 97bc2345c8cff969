/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/manual.h"

#include "made.h"
#include "unit.h"

static void page_is_up_to_date(void)
{
    made_is_up_to_date("../docs/man/goxel-daemon.conf.5", "../docs/man/goxel-daemon.conf.5.in",
                       goxel_config_manual, "make man");
}

static const struct unit_test tests[] = {
    {"goxel-daemon.conf(5) is up to date", page_is_up_to_date},
    {NULL, NULL},
};

const struct unit_suite suite_manual = {"manual", tests};
