/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Dropping privileges, each step verified.
 *
 *   plan           what is kept, which groups: while /etc and /proc are in sight
 *   chroot
 *   bounding set   while CAP_SETPCAP is there
 *   groups, gid, uid; the kernel empties the effective set, and the permitted one too unless
 *                  PR_SET_KEEPCAPS holds it for the next step
 *   capabilities   permitted and effective to what is kept, the rest to nothing
 *   way back       has to be closed
 *   no new privileges, core dumps
 */
#include "daemon/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "daemon/chroot.h"

#define BIT(capability) (UINT64_C(1) << (capability))

struct plan {
    bool becomes; /* another user or group, or the groups of a named user */
    bool reduces; /* security.drop_capabilities */
    uint64_t kept;
    gid_t *groups; /* sorted, when it becomes */
    size_t group_count;
};

static int fail_step(struct goxel_detail *detail, const char *step, const char *next)
{
    int error = errno;

    return goxel_fail(detail, DAEMON_ERROR_PERMISSION_DENIED, "%s: %s; %s", step, strerrordesc_np(error),
                      next);
}

static int fail_verify(struct goxel_detail *detail, const char *what)
{
    return goxel_fail(detail, DAEMON_ERROR_PERMISSION_DENIED, "dropping privileges: %s", what);
}

/* ---- sets of capabilities ---- */

/* libcap-ng does not always leave an errno. */
static int fail_capabilities(struct goxel_detail *detail, const char *step)
{
    const char *reason = errno ? strerrordesc_np(errno) : "refused";

    return goxel_fail(detail, DAEMON_ERROR_PERMISSION_DENIED,
                      "security.drop_capabilities: %s: %s; set it to false only if the system forbids it",
                      step, reason);
}

/* How many the kernel knows; 0 and errno if it does not say. */
static unsigned count_capabilities(void)
{
    unsigned count = 0;

    while (count < 64 && prctl(PR_CAPBSET_READ, count, 0, 0, 0) >= 0)
        count++;
    return count;
}

static uint64_t bounding_set(void)
{
    uint64_t set = 0;

    for (unsigned i = 0; i < 64; i++)
        set |= prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1 ? BIT(i) : 0;
    return set;
}

static uint64_t ambient_set(void)
{
    uint64_t set = 0;

    for (unsigned i = 0; i < 64; i++)
        set |= prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, i, 0, 0) == 1 ? BIT(i) : 0;
    return set;
}

/* One of the process's sets, out of what libcap-ng read last. */
static uint64_t last_read(capng_type_t type)
{
    uint64_t set = 0;

    for (unsigned i = 0; i < 64; i++)
        set |= capng_have_capability(type, i) ? BIT(i) : 0;
    return set;
}

/* Puts `set` into those of libcap-ng's sets that `types` names; they are clear. */
static void add_all(uint64_t set, capng_type_t types)
{
    for (unsigned i = 0; i < 64; i++) {
        if (set & BIT(i))
            (void)capng_update(CAPNG_ADD, types, i);
    }
}

static int read_process(struct goxel_detail *detail)
{
    errno = 0;
    if (!count_capabilities() || capng_get_caps_process())
        return fail_capabilities(detail, "reading the capabilities of the process");
    return 0;
}

/* ---- planning ---- */

static int read_allowed(const struct goxel_config *config, bool reduces, uint64_t permitted,
                        struct goxel_detail *detail, uint64_t *ret_allowed)
{
    const char *option = goxel_option_name(GOXEL_OPT_SECURITY_ALLOWED_CAPABILITIES);
    const char *const *names;
    size_t count = goxel_config_list(config, GOXEL_OPT_SECURITY_ALLOWED_CAPABILITIES, &names);
    uint64_t allowed = 0;

    for (size_t i = 0; i < count; i++) {
        bool prefixed = !strncasecmp(names[i], "cap_", 4);
        int number = prefixed ? capng_name_to_capability(names[i] + 4) : -1;

        if (number < 0 || number > 63)
            return goxel_fail_value(detail, DAEMON_ERROR_CONFIG_INVALID, option, names[i],
                                    "names of capabilities, such as CAP_NET_BIND_SERVICE");
        if (reduces && !(permitted & BIT(number)))
            return goxel_fail(detail, DAEMON_ERROR_PERMISSION_DENIED,
                              "%s: the process does not have %s; start it with it, or take it off the list",
                              option, names[i]);
        allowed |= BIT(number);
    }
    *ret_allowed = allowed;
    return 0;
}

static int compare_gids(const void *a, const void *b)
{
    gid_t left = *(const gid_t *)a, right = *(const gid_t *)b;

    return (left > right) - (left < right);
}

static int make_plan(const struct goxel_config *config, const struct goxel_identity *identity, bool stay,
                     struct goxel_detail *detail, struct plan *plan)
{
    uint64_t permitted, allowed = 0;
    int code = read_process(detail);

    if (code)
        return code;
    permitted = last_read(CAPNG_PERMITTED);
    plan->becomes = !stay && !geteuid() && (identity->changes || identity->user[0]);
    plan->reduces = goxel_config_bool(config, GOXEL_OPT_SECURITY_DROP_CAPABILITIES);
    code = read_allowed(config, plan->reduces, permitted, detail, &allowed);
    if (plan->reduces)
        plan->kept = allowed;
    else if (!plan->becomes || !identity->uid)
        plan->kept = permitted;
    if (!code && plan->becomes)
        code = goxel_identity_groups(identity, detail, &plan->groups, &plan->group_count);
    if (!code && plan->groups)
        qsort(plan->groups, plan->group_count, sizeof(*plan->groups), compare_gids);
    return code;
}

/* ---- groups, gid, uid ---- */

static bool has_groups(const gid_t *expected, size_t count)
{
    int found = getgroups(0, NULL);
    gid_t *groups;
    bool same;

    if (found < 0 || (size_t)found != count)
        return false;
    groups = calloc(count + 1, sizeof(*groups));
    same = groups && getgroups(found, groups) == found;
    if (same) {
        qsort(groups, count, sizeof(*groups), compare_gids);
        same = !memcmp(groups, expected, count * sizeof(*groups));
    }
    free(groups);
    return same;
}

static int verify_ids(const struct goxel_identity *identity, const struct plan *plan,
                      struct goxel_detail *detail)
{
    uid_t real_uid, uid, saved_uid;
    gid_t real_gid, gid, saved_gid;

    if (getresuid(&real_uid, &uid, &saved_uid) || real_uid != identity->uid || uid != identity->uid ||
        saved_uid != identity->uid)
        return fail_verify(detail, "the user is not the one that was set");
    if (getresgid(&real_gid, &gid, &saved_gid) || real_gid != identity->gid || gid != identity->gid ||
        saved_gid != identity->gid)
        return fail_verify(detail, "the group is not the one that was set");
    if (!has_groups(plan->groups, plan->group_count))
        return fail_verify(detail, "the supplementary groups are not those that were set");
    return 0;
}

static int keep_capabilities(bool keep, struct goxel_detail *detail)
{
    if (prctl(PR_SET_KEEPCAPS, keep ? 1 : 0, 0, 0, 0) || prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0) != (int)keep)
        return fail_step(detail, "security.allowed_capabilities: PR_SET_KEEPCAPS",
                         "empty the list, or start without locked securebits");
    return 0;
}

static int become(const struct goxel_identity *identity, const struct plan *plan, struct goxel_detail *detail)
{
    bool keeps = plan->reduces && plan->kept && identity->uid;
    int code = keeps ? keep_capabilities(true, detail) : 0;

    if (code)
        return code;
    if (setgroups(plan->group_count, plan->groups))
        return fail_step(detail, "process.user: setgroups", "start with CAP_SETGID");
    if (setresgid(identity->gid, identity->gid, identity->gid))
        return fail_step(detail, "process.group: setresgid", "start with CAP_SETGID, or set it to \"\"");
    if (setresuid(identity->uid, identity->uid, identity->uid))
        return fail_step(detail, "process.user: setresuid", "start with CAP_SETUID, or set it to \"\"");
    if (keeps)
        code = keep_capabilities(false, detail);
    return code ? code : verify_ids(identity, plan, detail);
}

/*
 * A kept CAP_SETUID or CAP_SETGID is a way back that was asked for. The calls go past the C library, which
 * aborts where another thread is allowed what this one is not.
 */
static int check_way_back(uint64_t kept, struct goxel_detail *detail)
{
    if (geteuid() && !(kept & BIT(CAP_SETUID)) &&
        (!syscall(SYS_setuid, 0) || !syscall(SYS_setresuid, -1, 0, -1)))
        return fail_verify(detail, "root could be regained");
    if (getegid() && !(kept & BIT(CAP_SETGID)) &&
        (!syscall(SYS_setgid, 0) || !syscall(SYS_setresgid, -1, 0, -1)))
        return fail_verify(detail, "the group of root could be regained");
    return 0;
}

/* ---- capabilities ---- */

static int reduce_bounding(uint64_t kept, struct goxel_detail *detail)
{
    int code = read_process(detail);

    if (code || !capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP))
        return code;
    capng_clear(CAPNG_SELECT_BOUNDS);
    add_all(kept, CAPNG_BOUNDING_SET);
    errno = 0;
    if (capng_apply(CAPNG_SELECT_BOUNDS))
        return fail_capabilities(detail, "reducing the bounding set");
    return bounding_set() & ~kept ? fail_verify(detail, "the bounding set is not reduced") : 0;
}

static int reduce_capabilities(uint64_t kept, struct goxel_detail *detail)
{
    int code = read_process(detail);

    if (code)
        return code;
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
        return fail_capabilities(detail, "PR_CAP_AMBIENT_CLEAR_ALL");
    /* A supervisor that left us nothing may have taken away capset(2) as well. */
    if (last_read(CAPNG_PERMITTED) == kept && last_read(CAPNG_EFFECTIVE) == kept &&
        !last_read(CAPNG_INHERITABLE) && !ambient_set())
        return 0;
    capng_clear(CAPNG_SELECT_CAPS);
    add_all(kept, CAPNG_EFFECTIVE | CAPNG_PERMITTED);
    errno = 0;
    if (capng_apply(CAPNG_SELECT_CAPS))
        return fail_capabilities(detail, "capset");
    code = read_process(detail);
    if (!code && (last_read(CAPNG_PERMITTED) != kept || last_read(CAPNG_EFFECTIVE) != kept ||
                  last_read(CAPNG_INHERITABLE) || ambient_set()))
        code = fail_verify(detail, "the capabilities are not those that were set");
    return code;
}

/* ---- the whole ---- */

/* What setresuid(2) and capset(2) leave is final after these. */
static int seal(const struct goxel_config *config, struct goxel_detail *detail)
{
    if (goxel_config_bool(config, GOXEL_OPT_SECURITY_NO_NEW_PRIVILEGES) &&
        (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1))
        return fail_step(detail, "security.no_new_privileges: PR_SET_NO_NEW_PRIVS", "or set it to false");
    if (goxel_config_int(config, GOXEL_OPT_LIMITS_MAX_CORE_SIZE_MB) > 0 &&
        (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) || prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 1))
        return fail_step(detail, "limits.max_core_size_mb: PR_SET_DUMPABLE", "or set it to 0");
    return 0;
}

int goxel_privileges_drop(const struct goxel_config *config, const struct goxel_identity *identity, bool stay,
                          struct goxel_detail *detail)
{
    struct plan plan = {.groups = NULL};
    int code = make_plan(config, identity, stay, detail, &plan);

    if (!code && !stay && goxel_config_bool(config, GOXEL_OPT_SECURITY_ENABLE_CHROOT))
        code = goxel_chroot_enter(goxel_config_string(config, GOXEL_OPT_SECURITY_CHROOT_DIRECTORY), detail);
    if (!code && plan.reduces)
        code = reduce_bounding(plan.kept, detail);
    if (!code && plan.becomes)
        code = become(identity, &plan, detail);
    if (!code && plan.reduces)
        code = reduce_capabilities(plan.kept, detail);
    if (!code)
        code = check_way_back(plan.kept, detail);
    if (!code)
        code = seal(config, detail);
    free(plan.groups);
    return code;
}

/* ---- for a while ---- */

static int become_for_a_while(const struct goxel_identity *identity, struct goxel_detail *detail)
{
    if (setgroups(1, &identity->gid))
        return fail_step(detail, "process.user: setgroups", "start with CAP_SETGID");
    if (setegid(identity->gid))
        return fail_step(detail, "process.group: setegid", "start with CAP_SETGID, or set it to \"\"");
    if (seteuid(identity->uid))
        return fail_step(detail, "process.user: seteuid", "start with CAP_SETUID, or set it to \"\"");
    return 0;
}

static int come_back(gid_t gid, const gid_t *groups, int count, struct goxel_detail *detail)
{
    if (seteuid(0) || setegid(gid) || setgroups((size_t)count, groups))
        return fail_step(detail, "coming back from process.user", "start with CAP_SETUID and CAP_SETGID");
    return 0;
}

int goxel_privileges_act_as(const struct goxel_identity *identity,
                            int (*act)(void *ctx, struct goxel_detail *detail), void *ctx,
                            struct goxel_detail *detail)
{
    int count = identity->changes ? getgroups(0, NULL) : 0;
    gid_t *groups, gid = getegid();
    int code, back;

    if (!identity->changes)
        return act(ctx, detail);
    groups = calloc((size_t)(count > 0 ? count : 0) + 1, sizeof(*groups));
    if (!groups)
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "supplementary groups");
    count = getgroups(count, groups);
    if (count < 0) {
        free(groups);
        return fail_step(detail, "getgroups", "start with fewer groups");
    }
    code = become_for_a_while(identity, detail);
    if (!code)
        code = act(ctx, detail);
    back = come_back(gid, groups, count, code ? NULL : detail);
    free(groups);
    return code ? code : back;
}

/* ---- around a re-exec ---- */

int goxel_privileges_carry(struct goxel_detail *detail)
{
    uint64_t kept;
    int code = geteuid() ? read_process(detail) : 0;

    kept = geteuid() && !code ? last_read(CAPNG_PERMITTED) : 0;
    if (!kept)
        return code;
    add_all(kept, CAPNG_INHERITABLE);
    errno = 0;
    if (capng_apply(CAPNG_SELECT_CAPS))
        code = fail_step(detail, "carrying capabilities over: capset", "restart the service instead");
    for (unsigned i = 0; i < 64 && !code; i++) {
        if (kept & BIT(i) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0))
            code = fail_step(detail, "carrying capabilities over: PR_CAP_AMBIENT_RAISE",
                             "restart the service instead");
    }
    if (code)
        goxel_privileges_settle();
    return code;
}

void goxel_privileges_settle(void)
{
    if (!geteuid())
        return;
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (capng_get_caps_process() || !last_read(CAPNG_INHERITABLE))
        return;
    for (unsigned i = 0; i < 64; i++) {
        if (capng_have_capability(CAPNG_INHERITABLE, i))
            (void)capng_update(CAPNG_DROP, CAPNG_INHERITABLE, i);
    }
    (void)capng_apply(CAPNG_SELECT_CAPS);
}

/* ---- folders ---- */

static int folder_of(const char *path, const char *option, struct goxel_detail *detail,
                     char ret_folder[GOXEL_PATH_BYTES_MAX + 1])
{
    const char *slash = strrchr(path, '/');
    size_t len = slash == path ? 1 : slash ? (size_t)(slash - path) : 0;

    if (len > GOXEL_PATH_BYTES_MAX)
        return goxel_fail_limit(detail, DAEMON_ERROR_CONFIG_INVALID, option, GOXEL_PATH_BYTES_MAX,
                                (int64_t)len);
    (void)snprintf(ret_folder, GOXEL_PATH_BYTES_MAX + 1, "%.*s", len ? (int)len : 1, len ? path : ".");
    return 0;
}

/* 0 or an errno. */
static int try_folder(const char *folder)
{
    return faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) ? errno : 0;
}

static int fail_folder(const char *folder, const char *option, uid_t uid, int error,
                       struct goxel_detail *detail)
{
    char user[300];

    goxel_identity_describe(uid, user, sizeof(user));
    return goxel_fail(detail, DAEMON_ERROR_PERMISSION_DENIED,
                      "%s: %.64s cannot write into %.80s: %s; %s it, or choose another path", option, user,
                      folder, strerrordesc_np(error), error == ENOENT ? "make" : "chown");
}

int goxel_privileges_check_folder(const char *path, const char *option, struct goxel_detail *detail)
{
    char folder[GOXEL_PATH_BYTES_MAX + 1];
    int code = folder_of(path, option, detail, folder);
    int error = code ? 0 : try_folder(folder);

    return error ? fail_folder(folder, option, geteuid(), error, detail) : code;
}

/* In a child: becomes, tries, and leaves with the errno. One that cannot become leaves it to the drop to say why. */
static int try_folder_as(const struct goxel_identity *identity, const struct plan *plan, const char *folder,
                         int *ret_error)
{
    int status = 0;
    pid_t pid = fork();

    if (!pid)
        _exit(become(identity, plan, NULL) ? 0 : try_folder(folder));
    while (pid > 0 && waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return -1;
    }
    *ret_error = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
    return pid < 0 ? -1 : 0;
}

int goxel_privileges_foresee_folder(const struct goxel_identity *identity, const char *path,
                                    const char *option, struct goxel_detail *detail)
{
    char folder[GOXEL_PATH_BYTES_MAX + 1];
    struct plan plan = {.becomes = true};
    int code, error = 0;

    if (!identity->changes)
        return goxel_privileges_check_folder(path, option, detail);
    code = folder_of(path, option, detail, folder);
    if (!code)
        code = goxel_identity_groups(identity, detail, &plan.groups, &plan.group_count);
    if (code)
        return code;
    qsort(plan.groups, plan.group_count, sizeof(*plan.groups), compare_gids);
    if (try_folder_as(identity, &plan, folder, &error))
        code = goxel_fail(detail, DAEMON_ERROR_FORK_FAILED, "%s: asking for %.80s: %s", option, folder,
                          strerrordesc_np(errno));
    else if (error)
        code = fail_folder(folder, option, identity->uid, error, detail);
    free(plan.groups);
    return code;
}
