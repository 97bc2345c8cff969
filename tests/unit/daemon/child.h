/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What cannot be undone is tried in a child process, which reports through shared memory.
 *
 * Used by: test_identity.c, test_privileges.c.
 */
#ifndef GOXEL_TESTS_DAEMON_CHILD_H
#define GOXEL_TESTS_DAEMON_CHILD_H

#include <stdbool.h>

#include "daemon/identity.h"

/* Numbers that need no entry. */
#define CHILD_UID 65534
#define CHILD_GID 65534

struct child_report {
    bool complete; /* the child came to its end */
    int resolved;  /* what goxel_identity_resolve returned */
    int dropped;   /* and goxel_privileges_drop, if that was 0 */
    struct goxel_identity identity;
    struct goxel_detail detail;
    char before[4096]; /* /proc/self/status before the drop, and at the end */
    char after[4096];
    char note[4096]; /* of `last` */
    int noted;
};

struct child_plan {
    const char *conf;
    bool stay;
    bool resolve_only;
    void (*first)(struct child_report *report); /* before anything; NULL: nothing */
    void (*last)(struct child_report *report);  /* after all went well, before `after` is read */
};

/* Forks, carries out, waits. False, and a failed assertion, if the child did not come to its end. */
bool child_run(const struct child_plan *plan, struct child_report *ret_report);

/* The rest of the line `name` of a status, with tabs as spaces; the buffer is reused at the next call but three. */
const char *child_line(const char *status, const char *name);

/*
 * Whether tests that need root can run here, and those that need somebody else: as an ordinary user they do, as
 * the root of a user namespace, who can become nobody else, they do not. If false the test is skipped: return.
 */
bool child_can_be_root(void);
bool child_can_be_other(void);

/* For `first`: becomes CHILD_UID and CHILD_GID without groups; nothing unless it is root. */
void child_leave_root(struct child_report *report);

/*
 * Users of our own, in the child alone: child_write_users puts "passwd" and "group" into the scratch folder,
 * child_enter_users, for `first`, mounts them over /etc; `noted` is 1 if that cannot be done. There are
 * voxel (4711), whose group is voxel (4711), in crowd (5000), which has so many members that its entry fits
 * no small buffer, and in extra1 to extra99 (5001 to 5099).
 */
void child_write_users(void);
void child_enter_users(struct child_report *report);

#endif
