/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See the header. */
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "unit.h"
#include "unit/base/scratch.h"

static void set_overrides(struct rig *rig, const struct goxel_config_override *more)
{
    static const struct {
        enum goxel_option option;
        const char *file;
    } files[RIG_PATHS] = {
        {GOXEL_OPT_PROCESS_PID_FILE, "pid"},    {GOXEL_OPT_PROCESS_WORKING_DIRECTORY, "."},
        {GOXEL_OPT_SOCKETS_UNIX_PATH, "sock"},  {GOXEL_OPT_LOGGING_FILE, "log"},
        {GOXEL_OPT_STORAGE_ALLOWED_ROOTS, "."}, {GOXEL_OPT_STORAGE_DIRECTORY, "."},
    };
    size_t count = 0;

    for (size_t i = 0; i < RIG_PATHS; i++) {
        (void)snprintf(rig->paths[i], sizeof(rig->paths[i]), "%s", scratch_path(files[i].file));
        rig->overrides[count++] = (struct goxel_config_override){files[i].option, rig->paths[i], "rig"};
    }
    rig->overrides[count++] = (struct goxel_config_override){GOXEL_OPT_LOGGING_TARGET, "file", "rig"};
    rig->overrides[count++] = (struct goxel_config_override){GOXEL_OPT_SOCKETS_TCP_PORT, "0", "rig"};
    rig->overrides[count++] = (struct goxel_config_override){GOXEL_OPT_PROCESS_USER, "", "rig"};
    rig->overrides[count++] = (struct goxel_config_override){GOXEL_OPT_PROCESS_GROUP, "", "rig"};
    /* They cannot be taken back, and this process has more to test. */
    rig->overrides[count++] = (struct goxel_config_override){GOXEL_OPT_SECURITY_DROP_CAPABILITIES, "false",
                                                             "rig"};
    rig->overrides[count++] = (struct goxel_config_override){GOXEL_OPT_SECURITY_NO_NEW_PRIVILEGES, "false",
                                                             "rig"};
    for (; more && more->text; more++) {
        CU_ASSERT_FATAL(count < RIG_OVERRIDES_MAX);
        rig->overrides[count++] = *more;
    }
    rig->daemon.overrides = rig->overrides;
    rig->daemon.override_count = count;
}

bool rig_open(struct rig *rig, const char *conf, const struct goxel_config_override *more)
{
    struct goxel_daemon *daemon = &rig->daemon;
    struct goxel_buf errors;
    int code;

    *rig = (struct rig){.daemon = GOXEL_DAEMON_NEW};
    if (!scratch_open())
        return false;
    rig->umask = umask(0077);
    (void)umask(rig->umask);
    (void)getrlimit(RLIMIT_NOFILE, &rig->descriptors);
    (void)getrlimit(RLIMIT_CORE, &rig->core);
    rig->sigpipe = signal(SIGPIPE, SIG_IGN);
    rig->sigxfsz = signal(SIGXFSZ, SIG_IGN);
    (void)pthread_sigmask(SIG_SETMASK, NULL, &rig->blocked);
    scratch_write("conf", conf);
    daemon->config_path = strdup(scratch_path("conf"));
    set_overrides(rig, more);
    goxel_buf_init(&errors, 1 << 16);
    code = goxel_config_load(daemon->config_path, daemon->overrides, daemon->override_count, &errors, NULL,
                             &daemon->config);
    if (code)
        printf("\n%s", errors.data ? errors.data : "");
    CU_ASSERT_EQUAL_FATAL(code, 0);
    goxel_buf_finish(&errors);
    return true;
}

void rig_make_parts(struct rig *rig)
{
    static const struct goxel_machine_ops machine;
    static const struct goxel_requests_ops requests;

    rig->daemon.machine = goxel_machine_create(&machine, NULL);
    rig->daemon.requests = goxel_requests_create(&requests, NULL);
    rig->daemon.health = goxel_health_create(1);
    rig->daemon.feed = goxel_feed_create(4);
    CU_ASSERT_FATAL(rig->daemon.machine && rig->daemon.requests && rig->daemon.health && rig->daemon.feed);
    CU_ASSERT_EQUAL(goxel_machine_move(rig->daemon.machine, DAEMON_STATE_STARTING, NULL), 0);
}

void rig_log_to(struct rig *rig, const char *file)
{
    for (size_t i = 0; i < RIG_PATHS; i++)
        if (rig->overrides[i].option == GOXEL_OPT_LOGGING_FILE)
            (void)snprintf(rig->paths[i], sizeof(rig->paths[i]), "%s", scratch_path(file));
}

void rig_free(struct rig *rig)
{
    struct goxel_daemon *daemon = &rig->daemon;

    goxel_policy_unref(daemon->policy);
    goxel_config_unref(daemon->config);
    goxel_settings_destroy(daemon->settings);
    free(daemon->config_path);
    (void)pthread_mutex_destroy(&daemon->lock);
}

void rig_close(struct rig *rig)
{
    if (rig->daemon.machine) {
        goxel_requests_destroy(rig->daemon.requests);
        goxel_feed_destroy(rig->daemon.feed);
        goxel_health_destroy(rig->daemon.health);
        goxel_machine_destroy(rig->daemon.machine);
    }
    goxel_log_close();
    goxel_log_set_level(GOXEL_LOG_INFO);
    rig_free(rig);
    (void)umask(rig->umask);
    (void)setrlimit(RLIMIT_NOFILE, &rig->descriptors);
    (void)setrlimit(RLIMIT_CORE, &rig->core);
    (void)signal(SIGPIPE, rig->sigpipe);
    (void)signal(SIGXFSZ, rig->sigxfsz);
    (void)pthread_sigmask(SIG_SETMASK, &rig->blocked, NULL);
    scratch_close();
}
