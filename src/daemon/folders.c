/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folders of the configuration: made, and tried before and after privileges are given up. See the header. */
#include "daemon/folders.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "daemon/privileges.h"

/* A path of the configuration whose folders are made. */
struct wanted {
    bool wanted;
    enum goxel_option path;
    const char *end; /* "/": the path is a folder itself */
    mode_t mode;     /* of the folder */
    const char *how; /* to choose another */
};

#define OF_YOUR_OWN "a configuration of your own with --config"

static int fail_folder(const struct wanted *wanted, const char *call, const char *folder, int err,
                       struct goxel_detail *detail)
{
    bool refused = err == EACCES || err == EPERM;

    (void)goxel_fail(detail, DAEMON_ERROR_PERMISSION_DENIED, "%s: %s %.80s: %s; %s (%s)",
                     goxel_option_name(wanted->path), call, folder, strerrordesc_np(err),
                     refused ? "start as root, or choose a folder that is yours" : "choose another folder",
                     wanted->how);
    if (detail)
        detail->errnum = err;
    return DAEMON_ERROR_PERMISSION_DENIED;
}

/* One folder; a new one is the service user's. 0 or an errno, and which call it was. */
static int make_folder(const char *folder, mode_t mode, const struct goxel_identity *owner,
                       const char **ret_call)
{
    *ret_call = "mkdir";
    if (mkdir(folder, mode))
        return errno == EEXIST ? 0 : errno;
    *ret_call = "chown";
    return owner && owner->changes && lchown(folder, owner->uid, owner->gid) ? errno : 0;
}

/* As `mkdir -p` does; the last is the service user's, with the mode that is wanted. */
static int make_folders(const struct wanted *wanted, const char *path, const struct goxel_identity *owner,
                        struct goxel_detail *detail)
{
    char folder[GOXEL_PATH_BYTES_MAX + 2];
    const char *last, *call;

    if (snprintf(folder, sizeof(folder), "%s%s", path, wanted->end) >= (int)sizeof(folder))
        return goxel_fail_limit(detail, DAEMON_ERROR_CONFIG_INVALID, "path (bytes)",
                                (int64_t)sizeof(folder) - 1, (int64_t)strlen(path));
    last = strrchr(folder, '/');
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        int err;

        *slash = '\0';
        err = slash == last ? make_folder(folder, wanted->mode, owner, &call)
                            : make_folder(folder, 0755, NULL, &call);
        if (err)
            return fail_folder(wanted, call, folder, err, detail);
        *slash = '/';
    }
    return 0;
}

static bool logs_to_file(const struct goxel_config *config)
{
    return !strcmp(goxel_config_string(config, GOXEL_OPT_LOGGING_TARGET), "file");
}

/* Nobody can save where there is no folder; it may come later, so that it is no error. */
static void make_roots(const struct goxel_daemon *daemon)
{
    const char *const *roots;
    size_t count = goxel_config_list(daemon->config, GOXEL_OPT_STORAGE_ALLOWED_ROOTS, &roots);
    const char *call;

    for (size_t i = 0; i < count; i++)
        (void)make_folder(roots[i], 0755, &daemon->identity, &call);
}

int goxel_folders_make(const struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    const struct goxel_config *config = daemon->config;
    bool detaches = goxel_config_bool(config, GOXEL_OPT_PROCESS_DAEMONIZE) && !daemon->test_mode;
    const struct wanted rows[] = {
        {goxel_config_bool(config, GOXEL_OPT_PROCESS_CREATE_PID_FILE), GOXEL_OPT_PROCESS_PID_FILE, "", 0755,
         "--pid-file, or " OF_YOUR_OWN},
        {goxel_config_bool(config, GOXEL_OPT_SOCKETS_UNIX_ENABLED), GOXEL_OPT_SOCKETS_UNIX_PATH, "", 0755,
         "--socket, or " OF_YOUR_OWN},
        {logs_to_file(config), GOXEL_OPT_LOGGING_FILE, "", 0755, "--log-file, or " OF_YOUR_OWN},
        {detaches, GOXEL_OPT_PROCESS_WORKING_DIRECTORY, "/", 0755, "--working-dir, or " OF_YOUR_OWN},
        /* As store/store.h makes it. */
        {true, GOXEL_OPT_STORAGE_DIRECTORY, "/", 0750, OF_YOUR_OWN},
    };
    int code = 0;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && !code; i++) {
        if (rows[i].wanted)
            code = make_folders(&rows[i], goxel_config_string(config, rows[i].path), &daemon->identity,
                                detail);
    }
    if (!code)
        make_roots(daemon);
    return code;
}

void goxel_folders_warn(const struct goxel_config *config)
{
    const char *const *roots;
    size_t count = goxel_config_list(config, GOXEL_OPT_STORAGE_ALLOWED_ROOTS, &roots);

    for (size_t i = 0; i < count; i++) {
        if (access(roots[i], R_OK | W_OK | X_OK))
            goxel_log(GOXEL_LOG_WARN, "storage.allowed_roots: %s: %s", roots[i], strerrordesc_np(errno));
    }
}

/* Where files come and go as long as the daemon runs. */
struct place {
    bool wanted;
    enum goxel_option path;
};
#define PLACES 3

static void places_of(const struct goxel_daemon *daemon, struct place ret_places[PLACES])
{
    const struct goxel_config *config = daemon->config;
    /* A socket that was handed to us may lie in somebody else's folder. */
    bool our_socket = goxel_config_bool(config, GOXEL_OPT_SOCKETS_UNIX_ENABLED) && !daemon->inherited.count;
    const struct place places[PLACES] = {
        {goxel_config_bool(config, GOXEL_OPT_PROCESS_CREATE_PID_FILE), GOXEL_OPT_PROCESS_PID_FILE},
        {our_socket, GOXEL_OPT_SOCKETS_UNIX_PATH},
        {logs_to_file(config), GOXEL_OPT_LOGGING_FILE},
    };

    memcpy(ret_places, places, sizeof(places));
}

/* A folder that refuses us after the drop would keep what was made there before it. */
int goxel_folders_foresee(const struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    struct place places[PLACES];
    int code = 0;

    places_of(daemon, places);
    for (size_t i = 0; i < PLACES && !code; i++) {
        if (places[i].wanted)
            code = goxel_privileges_foresee_folder(&daemon->identity,
                                                   goxel_config_string(daemon->config, places[i].path),
                                                   goxel_option_name(places[i].path), detail);
    }
    return code;
}

/* A reload, and the end, will need these; better to be told now. */
int goxel_folders_prove(const struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    struct place places[PLACES];
    int code = 0;

    if (daemon->config_path && access(daemon->config_path, R_OK))
        return goxel_fail(
            detail, DAEMON_ERROR_PERMISSION_DENIED,
            "%s: the daemon's user cannot read it (%s), so that no reload could; chgrp or chmod it",
            daemon->config_path, strerrordesc_np(errno));
    places_of(daemon, places);
    for (size_t i = 0; i < PLACES && !code; i++) {
        if (places[i].wanted)
            code = goxel_privileges_check_folder(goxel_config_string(daemon->config, places[i].path),
                                                 goxel_option_name(places[i].path), detail);
    }
    return code;
}
