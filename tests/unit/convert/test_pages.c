/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is made of the tables is what they say; what shells do with it is tested in tests/integration/completion.sh. */
#include "convert/pages.h"

#include <stdlib.h>

#include "convert/convert.h"
#include "made.h"
#include "unit.h"

static void manual_is_up_to_date(void)
{
    made_is_up_to_date("../docs/man/goxel-convert.1", "../docs/man/goxel-convert.1.in", convert_manual,
                       "make man");
}

static void completion_is_up_to_date(void)
{
    made_is_up_to_date("../etc/completion/bash/goxel-convert", NULL, convert_completion_bash,
                       "make completion");
    made_is_up_to_date("../etc/completion/zsh/_goxel-convert", NULL, convert_completion_zsh,
                       "make completion");
}

static void every_status_is_told(void)
{
    int status = CONVERT_DONE;

    for (; convert_statuses[status].name; status++)
        CU_ASSERT_EQUAL(strtol(convert_statuses[status].name, NULL, 10), status);
    CU_ASSERT_EQUAL(status, CONVERT_DAMAGED + 1);
}

static const struct unit_test tests[] = {
    {"goxel-convert(1) is up to date", manual_is_up_to_date},
    {"etc/completion is up to date", completion_is_up_to_date},
    {"every status is told", every_status_is_told},
    {NULL, NULL},
};

const struct unit_suite pages_suite = {"pages", tests};
