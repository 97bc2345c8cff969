/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rules of access that cannot be loaded: no start, but a restart in place goes on with the door closed. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "rig.h"
#include "unit.h"
#include "unit/base/scratch.h"

#define LINE "ci read sha256:8ed3f6ad685b959ead7022518e1af76cd816f8e8ec7ccdda1ed4018e8f2223f8\n"

static struct rig rig;

/* With `tokens` as security.tokens_file, in the rig's folder. False: skipped. */
static bool open_with(const char *tokens)
{
    static char path[256];
    const struct goxel_config_override more[] = {{GOXEL_OPT_SECURITY_TOKENS_FILE, path, "test"},
                                                 {.text = NULL}};

    if (!rig_open(&rig, "", NULL))
        return false;
    scratch_write("tokens", tokens);
    CU_ASSERT_EQUAL(chmod(scratch_path("tokens"), 0600), 0);
    (void)snprintf(path, sizeof(path), "%s", scratch_path("tokens"));
    goxel_config_unref(rig.daemon.config);
    CU_ASSERT_EQUAL_FATAL(goxel_config_load(NULL, more, 1, NULL, NULL, &rig.daemon.config), 0);
    return true;
}

static size_t tokens_of(struct goxel_daemon *daemon)
{
    struct goxel_policy *policy = goxel_daemon_policy(daemon);
    size_t count = goxel_policy_tokens(policy)->count;

    goxel_policy_unref(policy);
    return count;
}

static void what_is_right_is_taken(void)
{
    if (!open_with(LINE))
        return;
    CU_ASSERT_EQUAL_FATAL(goxel_daemon_take_policy(&rig.daemon, NULL), 0);
    CU_ASSERT_EQUAL(tokens_of(&rig.daemon), 1);
    rig_close(&rig);
}

static void a_start_fails(void)
{
    struct goxel_detail detail;

    if (!open_with("ci\n"))
        return;
    CU_ASSERT_EQUAL(goxel_daemon_take_policy(&rig.daemon, &detail), DAEMON_ERROR_CONFIG_INVALID);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "/tokens:1: security.tokens_file: "));
    CU_ASSERT_PTR_NULL(rig.daemon.policy);
    rig_close(&rig);
}

static void a_restart_closes_the_door(void)
{
    const struct goxel_peer somebody = {.uid = 54321, .gid = 54321};
    struct goxel_detail detail;

    if (!open_with("ci\n"))
        return;
    rig.daemon.restart.reexeced = true;
    CU_ASSERT_EQUAL_FATAL(goxel_daemon_take_policy(&rig.daemon, &detail), 0);
    CU_ASSERT_EQUAL(tokens_of(&rig.daemon), 0);
    CU_ASSERT_FALSE(rig.daemon.reload_ok);
    CU_ASSERT_EQUAL(goxel_policy_stranger(rig.daemon.policy).access, GOXEL_ACCESS_ALL);
    CU_ASSERT_EQUAL(goxel_policy_peer(rig.daemon.policy, &somebody).access, GOXEL_ACCESS_ALL);
    rig_close(&rig);
}

static const struct unit_test tests[] = {
    {"what is right is taken", what_is_right_is_taken},
    {"a start fails", a_start_fails},
    {"a restart closes the door", a_restart_closes_the_door},
    {NULL, NULL},
};

const struct unit_suite access_suite = {"access", tests};
