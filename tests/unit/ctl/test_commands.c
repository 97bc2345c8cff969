/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of commands is whole. */
#include "ctl/commands.h"

#include <string.h>

#include "unit.h"

static void each_row_is_whole(void)
{
    for (const struct ctl_command *row = ctl_commands; row->name; row++) {
        const char *space = strchr(row->name, ' ');

        CU_ASSERT_TRUE(row->help && row->help[0]);
        CU_ASSERT_PTR_NOT_NULL(row->run);
        CU_ASSERT_PTR_NOT_NULL(row->arguments);
        CU_ASSERT_TRUE(row->least >= 0 && row->least <= row->most);
        CU_ASSERT_EQUAL(row->most > 0, row->arguments[0] != '\0');
        CU_ASSERT_TRUE(!space || !strchr(space + 1, ' '));
        CU_ASSERT_TRUE(strlen(row->name) + strlen(row->arguments) < 26); /* the column of the help */
    }
}

static void names_are_unique(void)
{
    for (const struct ctl_command *a = ctl_commands; a->name; a++) {
        for (const struct ctl_command *b = a + 1; b->name; b++)
            CU_ASSERT_STRING_NOT_EQUAL(a->name, b->name);
    }
}

static const struct unit_test tests[] = {
    {"each row is whole", each_row_is_whole},
    {"names are unique", names_are_unique},
    {NULL, NULL},
};

const struct unit_suite commands_suite = {"commands", tests};
