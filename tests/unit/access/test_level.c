/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "access/level.h"

#include <string.h>

#include "base/error.h"
#include "unit.h"

static void each_level_has_those_before_it(void)
{
    for (int have = GOXEL_ACCESS_UNSET; have < GOXEL_ACCESS_LEVELS; have++) {
        for (int need = GOXEL_ACCESS_ALL; need < GOXEL_ACCESS_LEVELS; need++) {
            struct goxel_grant grant = {(enum goxel_access)have, true};

            CU_ASSERT_EQUAL(goxel_grant_check(grant, (enum goxel_access)need, "it", NULL),
                            have >= need ? 0 : GOXEL_ERROR_FORBIDDEN);
        }
    }
}

static void what_a_row_forgot_nobody_has(void)
{
    CU_ASSERT_EQUAL(goxel_grant_check(GOXEL_GRANT_EVERYTHING, GOXEL_ACCESS_UNSET, "it", NULL),
                    GOXEL_ERROR_FORBIDDEN);
    CU_ASSERT_EQUAL(goxel_grant_check((struct goxel_grant){0}, GOXEL_ACCESS_ALL, "it", NULL),
                    GOXEL_ERROR_UNAUTHORISED);
}

static void a_refusal_says_what_is_needed(void)
{
    struct goxel_detail detail;

    CU_ASSERT_EQUAL(goxel_grant_check((struct goxel_grant){GOXEL_ACCESS_ALL, false}, GOXEL_ACCESS_EDIT,
                                      "voxel.add", &detail),
                    GOXEL_ERROR_UNAUTHORISED);
    CU_ASSERT_STRING_EQUAL(detail.text, "voxel.add needs a bearer token of level edit");
    CU_ASSERT_EQUAL(
        goxel_grant_check(goxel_grant_known(GOXEL_ACCESS_READ), GOXEL_ACCESS_EDIT, "voxel.add", &detail),
        GOXEL_ERROR_FORBIDDEN);
    CU_ASSERT_STRING_EQUAL(detail.text, "voxel.add needs the level edit, this client has read");
}

static void an_admin_who_is_known_may_stop(void)
{
    CU_ASSERT_EQUAL(goxel_grant_known(GOXEL_ACCESS_ADMIN).access, GOXEL_ACCESS_STOP);
    CU_ASSERT_EQUAL(goxel_grant_known(GOXEL_ACCESS_EDIT).access, GOXEL_ACCESS_EDIT);
    CU_ASSERT_STRING_EQUAL(goxel_access_name(GOXEL_ACCESS_STOP), "admin");
}

static void names_of_tokens_and_rules_are_three(void)
{
    static const char *const wrong[] = {"", "all", "none", "stop", "Read", "reads", "rea", "adminx"};
    enum goxel_access access;

    for (int level = GOXEL_ACCESS_READ; level <= GOXEL_ACCESS_ADMIN; level++) {
        const char *name = goxel_access_name((enum goxel_access)level);

        CU_ASSERT_TRUE_FATAL(goxel_access_parse(name, strlen(name), &access));
        CU_ASSERT_EQUAL(access, (enum goxel_access)level);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        CU_ASSERT_FALSE(goxel_access_parse(wrong[i], strlen(wrong[i]), &access));
}

static const struct unit_test tests[] = {
    {"each level has those before it", each_level_has_those_before_it},
    {"what a row forgot nobody has", what_a_row_forgot_nobody_has},
    {"a refusal says what is needed", a_refusal_says_what_is_needed},
    {"an admin who is known may stop", an_admin_who_is_known_may_stop},
    {"names of tokens and rules are three", names_of_tokens_and_rules_are_three},
    {NULL, NULL},
};

const struct unit_suite level_suite = {"level", tests};
