/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of users and groups, looked up; see the header. */
#include "daemon/identity.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

/* One entry of passwd or group; a group with very many members needs a lot. */
#define ENTRY_BYTES 1024
#define ENTRY_BYTES_MAX (1u << 22)

/* As much of a name as a message shows. */
#define SHOWN "%.64s"

struct user {
    uid_t uid;
    gid_t gid;
    char name[256];
};

/* ---- looking up ---- */

/* What the lookups return for "there is none" differs by the service behind them; see getpwnam(3). */
static bool means_none(int error)
{
    return error == ENOENT || error == ESRCH || error == EBADF || error == EPERM;
}

/* By name, or by number if that is NULL. 0, ENOENT if there is no such user, or what went wrong. */
static int find_user(const char *name, uid_t uid, struct user *ret_user)
{
    struct passwd entry, *found = NULL;
    char *buf = NULL;
    int error = ERANGE;

    for (size_t size = ENTRY_BYTES; error == ERANGE && size <= ENTRY_BYTES_MAX; size *= 4) {
        free(buf);
        buf = malloc(size);
        if (!buf)
            return ENOMEM;
        error = name ? getpwnam_r(name, &entry, buf, size, &found)
                     : getpwuid_r(uid, &entry, buf, size, &found);
    }
    if (means_none(error) || (!error && !found))
        error = ENOENT;
    else if (!error && strlen(found->pw_name) >= sizeof(ret_user->name))
        error = ENAMETOOLONG;
    if (!error) {
        ret_user->uid = found->pw_uid;
        ret_user->gid = found->pw_gid;
        (void)snprintf(ret_user->name, sizeof(ret_user->name), "%s", found->pw_name);
    }
    free(buf);
    return error;
}

static int find_group(const char *name, gid_t *ret_gid)
{
    struct group entry, *found = NULL;
    char *buf = NULL;
    int error = ERANGE;

    for (size_t size = ENTRY_BYTES; error == ERANGE && size <= ENTRY_BYTES_MAX; size *= 4) {
        free(buf);
        buf = malloc(size);
        if (!buf)
            return ENOMEM;
        error = getgrnam_r(name, &entry, buf, size, &found);
    }
    if (means_none(error) || (!error && !found))
        error = ENOENT;
    if (!error)
        *ret_gid = found->gr_gid;
    free(buf);
    return error;
}

static bool is_number(const char *text)
{
    return text[0] && strspn(text, "0123456789") == strlen(text);
}

/* The highest number means "none" to the system. */
static int parse_number(const char *option, const char *text, struct goxel_detail *detail, id_t *ret_id)
{
    unsigned long long number;

    errno = 0;
    number = strtoull(text, NULL, 10);
    if (errno || number >= UINT_MAX)
        return goxel_fail_value(detail, DAEMON_ERROR_INVALID_USER_GROUP, option, text,
                                "a name, or a number up to %u", UINT_MAX - 1);
    *ret_id = (id_t)number;
    return 0;
}

static int fail_lookup(const char *option, const char *text, int error, struct goxel_detail *detail)
{
    return goxel_fail(detail, DAEMON_ERROR_INVALID_USER_GROUP,
                      "%s: looking up \"" SHOWN "\" failed: %s; try again, or give a number", option, text,
                      strerrordesc_np(error));
}

/* An unknown number is a user without a name. */
static int resolve_user(const char *text, struct goxel_detail *detail, struct user *ret_user)
{
    const char *option = goxel_option_name(GOXEL_OPT_PROCESS_USER);
    struct user user = {.gid = (gid_t)-1};
    int code = 0, error;

    if (is_number(text))
        code = parse_number(option, text, detail, &user.uid);
    if (code)
        return code;
    error = find_user(is_number(text) ? NULL : text, user.uid, &user);
    if (error == ENOENT && !is_number(text))
        return goxel_fail(detail, DAEMON_ERROR_INVALID_USER_GROUP,
                          "%s: there is no user \"" SHOWN
                          "\"; make it, or set %s to \"\" to stay who you are",
                          option, text, option);
    if (error && error != ENOENT)
        return fail_lookup(option, text, error, detail);
    *ret_user = user;
    return 0;
}

static int resolve_group(enum goxel_option option, const char *text, const char *otherwise,
                         struct goxel_detail *detail, gid_t *ret_gid)
{
    const char *name = goxel_option_name(option);
    int error;

    if (is_number(text))
        return parse_number(name, text, detail, ret_gid);
    error = find_group(text, ret_gid);
    if (error == ENOENT)
        return goxel_fail(detail, DAEMON_ERROR_INVALID_USER_GROUP,
                          "%s: there is no group \"" SHOWN "\"; make it, or set %s to \"\" for %s", name,
                          text, name, otherwise);
    return error ? fail_lookup(name, text, error, detail) : 0;
}

/* ---- the identity ---- */

static int resolve_process(const struct goxel_config *config, struct goxel_detail *detail,
                           struct goxel_identity *identity)
{
    const char *user_text = goxel_config_string(config, GOXEL_OPT_PROCESS_USER);
    const char *group_text = goxel_config_string(config, GOXEL_OPT_PROCESS_GROUP);
    struct user user = {.uid = identity->uid, .gid = identity->gid};
    int code = 0;

    if (user_text[0])
        code = resolve_user(user_text, detail, &user);
    if (!code && group_text[0])
        code = resolve_group(GOXEL_OPT_PROCESS_GROUP, group_text,
                             user_text[0] ? "the user's own" : "the one you have", detail, &user.gid);
    if (code)
        return code;
    if (user.gid == (gid_t)-1)
        return goxel_fail(detail, DAEMON_ERROR_INVALID_USER_GROUP,
                          "process.user: %s is a number without an entry, so that its group is unknown; "
                          "set process.group",
                          user_text);
    identity->uid = user.uid;
    identity->gid = user.gid;
    memcpy(identity->user, user.name, sizeof(identity->user));
    return 0;
}

static int refuse_change(const struct goxel_config *config, struct goxel_detail *detail, bool of_user)
{
    enum goxel_option option = GOXEL_OPT_PROCESS_GROUP;

    /* Where no group is given it is the user that brings one. */
    if (of_user || !goxel_config_string(config, option)[0])
        option = GOXEL_OPT_PROCESS_USER;
    return goxel_fail(detail, DAEMON_ERROR_PERMISSION_DENIED,
                      "%s: becoming \"" SHOWN "\" needs root; start as root or set it to \"\"",
                      goxel_option_name(option), goxel_config_string(config, option));
}

int goxel_identity_resolve(const struct goxel_config *config, bool stay, struct goxel_detail *detail,
                           struct goxel_identity *ret_identity)
{
    struct goxel_identity identity = {.uid = geteuid(), .gid = getegid(), .socket_group = (gid_t)-1};
    const char *socket_group = goxel_config_string(config, GOXEL_OPT_SOCKETS_UNIX_GROUP);
    int code = stay ? 0 : resolve_process(config, detail, &identity);

    if (!code && socket_group[0] && goxel_config_bool(config, GOXEL_OPT_SOCKETS_UNIX_ENABLED))
        code = resolve_group(GOXEL_OPT_SOCKETS_UNIX_GROUP, socket_group, "the daemon's own", detail,
                             &identity.socket_group);
    if (code)
        return code;
    identity.changes = identity.uid != geteuid() || identity.gid != getegid();
    if (identity.changes && geteuid())
        return refuse_change(config, detail, identity.uid != geteuid());
    *ret_identity = identity;
    return 0;
}

void goxel_identity_describe(uid_t uid, char text[], size_t size)
{
    struct user user;

    if (find_user(NULL, uid, &user))
        (void)snprintf(text, size, "user %u", (unsigned)uid);
    else
        (void)snprintf(text, size, "user \"%s\"", user.name);
}

int goxel_identity_groups(const struct goxel_identity *identity, struct goxel_detail *detail,
                          gid_t **ret_groups, size_t *ret_count)
{
    gid_t *groups = NULL;
    int count = 1, room = 0, found = -1;

    /* Each round that is too short says how many there are. */
    for (int round = 0; round < 8 && found < 0 && count > room && count <= NGROUPS_MAX; round++) {
        free(groups);
        room = count;
        groups = malloc((size_t)room * sizeof(*groups));
        if (!groups)
            return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "out of memory");
        groups[0] = identity->gid;
        found = identity->user[0] ? getgrouplist(identity->user, identity->gid, groups, &count) : 1;
    }
    if (found < 0) {
        free(groups);
        return goxel_fail(detail, DAEMON_ERROR_INVALID_USER_GROUP,
                          "process.user: the groups of \"" SHOWN "\" cannot be listed", identity->user);
    }
    *ret_groups = groups;
    *ret_count = (size_t)found;
    return 0;
}
