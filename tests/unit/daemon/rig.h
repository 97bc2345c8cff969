/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A daemon in this process, not started, whose files are all in a scratch folder: "conf", "pid",
 * "sock", "log".
 *
 * Paths, a free TCP port and the log's target are set as the command line would set them, so that the
 * configuration's text may be about anything else.
 */
#ifndef GOXEL_TESTS_DAEMON_RIG_H
#define GOXEL_TESTS_DAEMON_RIG_H

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "daemon/daemon.h"

#define RIG_OVERRIDES_MAX 24
#define RIG_PATHS 6

struct rig {
    struct goxel_daemon daemon;
    struct goxel_config_override overrides[RIG_OVERRIDES_MAX];
    char paths[RIG_PATHS][256];
    /* what a daemon changes of its process, set back by rig_close */
    mode_t umask;
    struct rlimit descriptors, core;
    void (*sigpipe)(int);
    void (*sigxfsz)(int);
    sigset_t blocked;
};

/* Writes "conf" and loads it. `more` overrides further options, or these again; it ends with a NULL text. */
bool rig_open(struct rig *rig, const char *conf, const struct goxel_config_override *more);
/* Machine, requests and health, as goxel_daemon_run would make them. */
void rig_make_parts(struct rig *rig);
void rig_log_to(struct rig *rig, const char *file); /* from the next load on, in place of "log" */
void rig_free(struct rig *rig);                     /* the memory alone: in a forked child */
void rig_close(struct rig *rig);                    /* with the scratch folder */

#endif
