/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/manual.h"

#include <stdlib.h>

#include "ctl/args.h"
#include "made.h"
#include "unit.h"

static void page_is_up_to_date(void)
{
    made_is_up_to_date("../docs/man/goxelctl.1", "../docs/man/goxelctl.1.in", ctl_manual, "make man");
}

static void every_status_is_told(void)
{
    int status = CTL_DONE;

    for (; ctl_statuses[status].name; status++)
        CU_ASSERT_EQUAL(strtol(ctl_statuses[status].name, NULL, 10), status);
    CU_ASSERT_EQUAL(status, CTL_FAILED + 1);
}

static const struct unit_test tests[] = {
    {"goxelctl(1) is up to date", page_is_up_to_date},
    {"every status is told", every_status_is_told},
    {NULL, NULL},
};

const struct unit_suite manual_suite = {"manual", tests};
