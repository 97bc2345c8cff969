/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of users and groups: found, unknown, not ours to become. */
#include "daemon/identity.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "child.h"
#include "unit.h"
#include "unit/base/scratch.h"

/* In a child, as another than root where `first` is child_leave_root. */
static bool resolve(const char *conf, bool stay, void (*first)(struct child_report *report),
                    struct child_report *report)
{
    const struct child_plan plan = {.conf = conf, .stay = stay, .first = first, .resolve_only = true};

    return child_run(&plan, report);
}

/* Refused with this code and text, whoever we are. */
static void refuses(const char *conf, int code, const char *text)
{
    struct child_report report;

    if (!child_can_be_other() || !resolve(conf, false, child_leave_root, &report))
        return;
    CU_ASSERT_EQUAL(report.resolved, code);
    CU_ASSERT_STRING_EQUAL(report.detail.text, text);
}

static void nothing_given_stays(void)
{
    const char *conf = "process { user = \"\" group = \"\" }";
    struct child_report report;

    if (!resolve(conf, false, NULL, &report))
        return;
    CU_ASSERT_EQUAL(report.resolved, 0);
    CU_ASSERT_FALSE(report.identity.changes);
    CU_ASSERT_EQUAL(report.identity.uid, geteuid());
    CU_ASSERT_EQUAL(report.identity.gid, getegid());
    CU_ASSERT_STRING_EQUAL(report.identity.user, "");
    CU_ASSERT_EQUAL(report.identity.socket_group, (gid_t)-1);
}

static void staying_asks_nothing(void)
{
    struct child_report report;

    if (!resolve("process { user = \"no-such-user\" group = \"no-such-group\" }", true, NULL, &report))
        return;
    CU_ASSERT_EQUAL(report.resolved, 0);
    CU_ASSERT_FALSE(report.identity.changes);
    CU_ASSERT_EQUAL(report.identity.uid, geteuid());
}

static void names_that_are_unknown(void)
{
    refuses(
        "process { user = \"no-such-user\" }", DAEMON_ERROR_INVALID_USER_GROUP,
        "process.user: there is no user \"no-such-user\"; make it, or set process.user to \"\" to stay who "
        "you are");
    refuses(
        "process { user = \"\" group = \"no-such-group\" }", DAEMON_ERROR_INVALID_USER_GROUP,
        "process.group: there is no group \"no-such-group\"; make it, or set process.group to \"\" for the "
        "one you have");
    refuses(
        "process { user = \"0\" group = \"no-such-group\" }", DAEMON_ERROR_INVALID_USER_GROUP,
        "process.group: there is no group \"no-such-group\"; make it, or set process.group to \"\" for the "
        "user's own");
    refuses("process { user = \"\" group = \"\" } sockets { unix { group = \"no-such-group\" } }",
            DAEMON_ERROR_INVALID_USER_GROUP,
            "sockets.unix.group: there is no group \"no-such-group\"; make it, or set sockets.unix.group to "
            "\"\" for the daemon's own");
}

static void numbers_that_cannot_be(void)
{
    refuses("process { user = \"4000000001\" group = \"\" }", DAEMON_ERROR_INVALID_USER_GROUP,
            "process.user: 4000000001 is a number without an entry, so that its group is unknown; set "
            "process.group");
    refuses("process { user = \"4294967295\" group = \"1\" }", DAEMON_ERROR_INVALID_USER_GROUP,
            "process.user: expected a name, or a number up to 4294967294, got 4294967295");
    refuses("process { user = \"\" group = \"99999999999999999999999\" }", DAEMON_ERROR_INVALID_USER_GROUP,
            "process.group: expected a name, or a number up to 4294967294, got 99999999999999999999999");
}

static void becoming_another_needs_root(void)
{
    refuses("process { user = \"4000000001\" group = \"4000000001\" }", DAEMON_ERROR_PERMISSION_DENIED,
            "process.user: becoming \"4000000001\" needs root; start as root or set it to \"\"");
    refuses("process { user = \"\" group = \"4000000001\" }", DAEMON_ERROR_PERMISSION_DENIED,
            "process.group: becoming \"4000000001\" needs root; start as root or set it to \"\"");
}

static void who_we_are_needs_no_root(void)
{
    unsigned uid = geteuid() ? geteuid() : CHILD_UID, gid = geteuid() ? getegid() : CHILD_GID;
    struct child_report report;
    char conf[128];

    (void)snprintf(conf, sizeof(conf), "process { user = \"%u\" group = \"%u\" }", uid, gid);
    if (!child_can_be_other() || !resolve(conf, false, child_leave_root, &report))
        return;
    CU_ASSERT_EQUAL(report.resolved, 0);
    CU_ASSERT_FALSE(report.identity.changes);
    CU_ASSERT_EQUAL(report.identity.uid, uid);
    CU_ASSERT_EQUAL(report.identity.gid, gid);
}

static void root_may_become_anybody(void)
{
    struct child_report report;

    if (!child_can_be_root())
        return;
    if (!resolve("process { user = \"4000000001\" group = \"4000000002\" }", false, NULL, &report))
        return;
    CU_ASSERT_EQUAL(report.resolved, 0);
    CU_ASSERT(report.identity.changes);
    CU_ASSERT_EQUAL(report.identity.uid, 4000000001);
    CU_ASSERT_EQUAL(report.identity.gid, 4000000002);
    CU_ASSERT_STRING_EQUAL(report.identity.user, "");
    if (!resolve("process { user = \"\" group = \"4000000002\" }", false, NULL, &report))
        return;
    CU_ASSERT_EQUAL(report.resolved, 0);
    CU_ASSERT(report.identity.changes);
    CU_ASSERT_EQUAL(report.identity.uid, 0);
    CU_ASSERT_EQUAL(report.identity.gid, 4000000002);
}

static void the_group_of_the_socket(void)
{
    struct child_report report;

    if (resolve("process { user = \"\" group = \"\" } sockets { unix { group = \"4242\" } }", false, NULL,
                &report)) {
        CU_ASSERT_EQUAL(report.resolved, 0);
        CU_ASSERT_EQUAL(report.identity.socket_group, 4242);
        CU_ASSERT_FALSE(report.identity.changes);
    }
    if (resolve("process { user = \"\" group = \"\" } "
                "sockets { unix { enabled = false group = \"no-such-group\" } }",
                false, NULL, &report)) {
        CU_ASSERT_EQUAL(report.resolved, 0);
        CU_ASSERT_EQUAL(report.identity.socket_group, (gid_t)-1);
    }
}

/* ---- with users of our own ---- */

static void note_groups(struct child_report *report)
{
    gid_t *groups = NULL;
    size_t count = 0;

    if (goxel_identity_groups(&report->identity, NULL, &groups, &count))
        return;
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(report->note);

        (void)snprintf(report->note + len, sizeof(report->note) - len, "%u ", groups[i]);
    }
    free(groups);
}

static void check_own_users(const struct child_report *report, gid_t gid)
{
    char expected[16];

    CU_ASSERT_EQUAL(report->resolved, 0);
    CU_ASSERT(report->identity.changes);
    CU_ASSERT_EQUAL(report->identity.uid, 4711);
    CU_ASSERT_EQUAL(report->identity.gid, gid);
    CU_ASSERT_STRING_EQUAL(report->identity.user, "voxel");
    (void)snprintf(expected, sizeof(expected), "%u ", gid);
    CU_ASSERT_PTR_EQUAL(strstr(report->note, expected), report->note);
    CU_ASSERT_PTR_NOT_NULL(strstr(report->note, " 5001 "));
    CU_ASSERT_PTR_NOT_NULL(strstr(report->note, " 5099 "));
}

static void users_with_many_groups(void)
{
    static const struct {
        const char *conf;
        gid_t gid;
    } rows[] = {
        {"process { user = \"voxel\" group = \"\" }", 4711},
        {"process { user = \"4711\" group = \"\" }", 4711},
        {"process { user = \"voxel\" group = \"crowd\" }", 5000},
    };
    struct child_report report;

    if (!child_can_be_root())
        return;
    if (!scratch_open())
        return;
    child_write_users();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct child_plan plan = {
            .conf = rows[i].conf, .first = child_enter_users, .last = note_groups, .resolve_only = true};

        if (!child_run(&plan, &report))
            break;
        if (report.noted) {
            unit_skip("no mount namespaces here");
            break;
        }
        check_own_users(&report, rows[i].gid);
    }
    scratch_close();
}

static void described(void)
{
    const struct passwd *root = getpwuid(0);
    char text[300], expected[300];

    goxel_identity_describe(4000000001, text, sizeof(text));
    CU_ASSERT_STRING_EQUAL(text, "user 4000000001");
    goxel_identity_describe(0, text, sizeof(text));
    (void)snprintf(expected, sizeof(expected), root ? "user \"%s\"" : "user 0", root ? root->pw_name : "");
    CU_ASSERT_STRING_EQUAL(text, expected);
}

const struct unit_suite identity_suite = {
    "identity",
    (const struct unit_test[]){
        {"nothing given stays", nothing_given_stays},
        {"staying asks nothing", staying_asks_nothing},
        {"names that are unknown", names_that_are_unknown},
        {"numbers that cannot be", numbers_that_cannot_be},
        {"becoming another needs root", becoming_another_needs_root},
        {"who we are needs no root", who_we_are_needs_no_root},
        {"root may become anybody", root_may_become_anybody},
        {"the group of the socket", the_group_of_the_socket},
        {"users with many groups", users_with_many_groups},
        {"described", described},
        {NULL, NULL},
    },
};
