/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "access/policy.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "unit.h"
#include "unit/base/scratch.h"

#define STRANGER ((uid_t)54321) /* nobody who runs the tests */

static struct goxel_policy *load(const char *const *peers, size_t count, const char *tokens_file, bool stop)
{
    const struct goxel_policy_options options = {
        .tokens_file = tokens_file, .peers = peers, .peer_count = count, .stop_without_token = stop};
    struct goxel_policy *policy = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_policy_load(&options, NULL, &policy), 0);
    return policy;
}

static enum goxel_access level(const struct goxel_policy *policy, uid_t uid, gid_t gid, const gid_t *groups,
                               size_t count)
{
    const struct goxel_peer peer = {uid, gid, groups, count};
    struct goxel_grant grant = goxel_policy_peer(policy, &peer);

    CU_ASSERT_TRUE(grant.known);
    return grant.access;
}

static void without_rules_and_tokens_all_is_open(void)
{
    struct goxel_policy *policy = load(NULL, 0, "", true);

    CU_ASSERT_EQUAL(goxel_policy_stranger(policy).access, GOXEL_ACCESS_STOP);
    CU_ASSERT_FALSE(goxel_policy_stranger(policy).known);
    CU_ASSERT_EQUAL(level(policy, STRANGER, STRANGER, NULL, 0), GOXEL_ACCESS_STOP);
    CU_ASSERT_PTR_NULL(goxel_policy_tokens(policy));
    goxel_policy_unref(policy);
    policy = load(NULL, 0, "", false);
    CU_ASSERT_EQUAL(goxel_policy_stranger(policy).access, GOXEL_ACCESS_ADMIN);
    CU_ASSERT_EQUAL(level(policy, STRANGER, STRANGER, NULL, 0), GOXEL_ACCESS_STOP);
    goxel_policy_unref(policy);
}

static void with_tokens_a_stranger_is_nobody(void)
{
    struct goxel_policy *policy;

    if (!scratch_open())
        return;
    scratch_write("tokens", "# none yet\n");
    CU_ASSERT_EQUAL(chmod(scratch_path("tokens"), 0600), 0);
    policy = load(NULL, 0, scratch_path("tokens"), true);
    CU_ASSERT_EQUAL(goxel_policy_stranger(policy).access, GOXEL_ACCESS_ALL);
    CU_ASSERT_PTR_NOT_NULL(goxel_policy_tokens(policy));
    goxel_policy_unref(policy);
    scratch_close();
}

static void the_highest_rule_that_fits_counts(void)
{
    static const char *const rules[] = {"group:700=read", "user:54321=edit", "group:701=admin",
                                        "user:54322=read"};
    static const gid_t groups[] = {5, 700}, admins[] = {700, 701};
    struct goxel_policy *policy = load(rules, 4, "", true);

    CU_ASSERT_TRUE(goxel_policy_has_peers(policy));
    CU_ASSERT_EQUAL(level(policy, STRANGER, 1, NULL, 0), GOXEL_ACCESS_EDIT);
    CU_ASSERT_EQUAL(level(policy, STRANGER + 1, 1, NULL, 0), GOXEL_ACCESS_READ);
    CU_ASSERT_EQUAL(level(policy, STRANGER + 2, 1, NULL, 0), GOXEL_ACCESS_ALL);
    CU_ASSERT_EQUAL(level(policy, STRANGER + 2, 700, NULL, 0), GOXEL_ACCESS_READ);
    CU_ASSERT_EQUAL(level(policy, STRANGER + 2, 1, groups, 2), GOXEL_ACCESS_READ);
    CU_ASSERT_EQUAL(level(policy, STRANGER, 1, admins, 2), GOXEL_ACCESS_STOP);
    CU_ASSERT_EQUAL(level(policy, 0, 0, NULL, 0), GOXEL_ACCESS_STOP);
    CU_ASSERT_EQUAL(level(policy, geteuid(), 1, NULL, 0), GOXEL_ACCESS_STOP);
    goxel_policy_unref(policy);
}

static void names_are_looked_up(void)
{
    static const char *const rules[] = {"user:daemon=read", "group:daemon=edit"};
    struct goxel_policy *policy = load(rules, 2, "", true);

    CU_ASSERT_EQUAL(level(policy, 1, STRANGER, NULL, 0), GOXEL_ACCESS_READ);
    CU_ASSERT_EQUAL(level(policy, STRANGER, 1, NULL, 0), GOXEL_ACCESS_EDIT);
    goxel_policy_unref(policy);
}

static void what_is_no_rule_is_refused(void)
{
    static const char *const wrong[] = {"user:nobody-of-this-name=read",
                                        "group:nobody-of-this-name=read",
                                        "user:1=stop",
                                        "user:1",
                                        "uid:1=read",
                                        "user:4294967295=read",
                                        "user:99999999999999999999=read",
                                        "user:=read",
                                        "",
                                        "="};

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const struct goxel_policy_options options = {.tokens_file = "", .peers = &wrong[i], .peer_count = 1};
        struct goxel_policy *policy = NULL;
        struct goxel_detail detail;

        CU_ASSERT_EQUAL(goxel_policy_load(&options, &detail, &policy), DAEMON_ERROR_CONFIG_INVALID);
        CU_ASSERT_EQUAL(strncmp(detail.text, "security.peers: ", strlen("security.peers: ")), 0);
        CU_ASSERT_PTR_NULL(policy);
    }
}

static void a_file_is_named_with_its_line(void)
{
    struct goxel_policy_options options = {.tokens_file = ""};
    struct goxel_policy *policy = NULL;
    struct goxel_detail detail;
    char wanted[512];

    if (!scratch_open())
        return;
    scratch_write("tokens", "\nx\n");
    CU_ASSERT_EQUAL(chmod(scratch_path("tokens"), 0600), 0);
    options.tokens_file = scratch_path("tokens");
    CU_ASSERT_EQUAL(goxel_policy_load(&options, &detail, &policy), DAEMON_ERROR_CONFIG_INVALID);
    (void)snprintf(wanted, sizeof(wanted), "%s:2: security.tokens_file: expected NAME",
                   scratch_path("tokens"));
    CU_ASSERT_EQUAL(strncmp(detail.text, wanted, strlen(wanted)), 0);
    options.tokens_file = scratch_path("none");
    CU_ASSERT_EQUAL(goxel_policy_load(&options, &detail, &policy), DAEMON_ERROR_CONFIG_INVALID);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "cannot be read: No such file"));
    scratch_close();
}

static void closed_it_knows_root_and_us(void)
{
    struct goxel_policy *policy = goxel_policy_closed();

    CU_ASSERT_PTR_NOT_NULL_FATAL(policy);
    CU_ASSERT_EQUAL(goxel_policy_stranger(policy).access, GOXEL_ACCESS_ALL);
    CU_ASSERT_EQUAL(level(policy, STRANGER, STRANGER, NULL, 0), GOXEL_ACCESS_ALL);
    CU_ASSERT_EQUAL(level(policy, 0, 0, NULL, 0), GOXEL_ACCESS_STOP);
    CU_ASSERT_EQUAL(level(policy, geteuid(), 1, NULL, 0), GOXEL_ACCESS_STOP);
    goxel_policy_unref(policy);
}

static const struct unit_test tests[] = {
    {"without rules and tokens all is open", without_rules_and_tokens_all_is_open},
    {"with tokens a stranger is nobody", with_tokens_a_stranger_is_nobody},
    {"the highest rule that fits counts", the_highest_rule_that_fits_counts},
    {"names are looked up", names_are_looked_up},
    {"what is no rule is refused", what_is_no_rule_is_refused},
    {"a file is named with its line", a_file_is_named_with_its_line},
    {"closed, it knows root and us", closed_it_knows_root_and_us},
    {NULL, NULL},
};

const struct unit_suite policy_suite = {"policy", tests};
