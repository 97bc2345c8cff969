/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folders of the configuration: made, and tried before and after privileges are given up. See the header. */
#include "daemon/folders.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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

/* Links that lead to links. */
#define LINKS_MAX 8

#define OF_YOUR_OWN "a configuration of your own with --config"

static int fail_folder(const struct wanted *wanted, const char *call, const char *folder, int err,
                       struct goxel_detail *detail)
{
    const char *advice = "choose another folder";

    if (err == EACCES || err == EPERM)
        advice = "start as root, or choose a folder that is yours";
    else if (err == ELOOP)
        advice = "root follows no link of another user: name the folder that it leads to";
    (void)goxel_fail(detail, DAEMON_ERROR_PERMISSION_DENIED, "%s: %s %.80s: %s; %s (%s)",
                     goxel_option_name(wanted->path), call, folder, strerrordesc_np(err), advice,
                     wanted->how);
    if (detail)
        detail->errnum = err;
    return DAEMON_ERROR_PERMISSION_DENIED;
}

/* ---- making, as root, below folders that may be the service user's ---- */

static int enter(int *dir, const char *name, int depth);

static int enter_root(int *dir)
{
    int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return errno;
    close(*dir);
    *dir = fd;
    return 0;
}

/* Where a link leads, name by name. Another user's could lead root anywhere. */
static int follow(int *dir, int link, const struct stat *st, int depth)
{
    char text[PATH_MAX];
    ssize_t len;
    int err = 0;

    if (depth >= LINKS_MAX || (geteuid() == 0 && st->st_uid != 0))
        return ELOOP;
    len = readlinkat(link, "", text, sizeof(text));
    if (len < 0)
        return errno;
    if (len >= (ssize_t)sizeof(text))
        return ENAMETOOLONG;
    text[len] = '\0';
    if (text[0] == '/')
        err = enter_root(dir);
    for (char *name = text + strspn(text, "/"), *end; !err && *name; name = end) {
        end = name + strcspn(name, "/");
        while (*end == '/')
            *end++ = '\0';
        err = enter(dir, name, depth + 1);
    }
    return err;
}

/*
 * Goes on from *dir to a folder in it, in a descriptor that stands for it whatever comes in its place. 0 or
 * an errno.
 */
static int enter(int *dir, const char *name, int depth)
{
    int fd = openat(*dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), err = 0;
    struct stat st;

    if (fd < 0)
        return errno;
    if (fstat(fd, &st)) {
        err = errno;
    } else if (S_ISDIR(st.st_mode)) {
        int before = *dir;

        *dir = fd;
        fd = before;
    } else {
        err = S_ISLNK(st.st_mode) ? follow(dir, fd, &st, depth) : ENOTDIR;
    }
    close(fd);
    return err;
}

/* A new folder, which is the owner's unless that is NULL; *dir is it then. */
static int make_and_enter(int *dir, const char *name, mode_t mode, const struct goxel_identity *owner,
                          const char **ret_call)
{
    int err, made;

    *ret_call = "mkdir";
    made = mkdirat(*dir, name, mode) ? -1 : 0;
    if (made && errno != EEXIST)
        return errno;
    err = enter(dir, name, LINKS_MAX);
    if (err || made || !owner || !owner->changes)
        return err;
    *ret_call = "chown";
    return fchownat(*dir, "", owner->uid, owner->gid, AT_EMPTY_PATH) ? errno : 0;
}

/*
 * Makes a folder, and with `above` what is missing above it. 0 or an errno, which call it was, and of the
 * path what leads to where it failed.
 */
static int make_folder(char *path, bool above, mode_t mode, const struct goxel_identity *owner,
                       const char **ret_call)
{
    int dir = open(path[0] == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int err = dir < 0 ? errno : 0;

    *ret_call = "open";
    for (char *name = path + strspn(path, "/"), *end; !err && *name; name = end + strspn(end, "/")) {
        bool last, cut;

        end = name + strcspn(name, "/");
        last = !end[strspn(end, "/")];
        cut = *end == '/';
        *end = '\0';
        *ret_call = "open";
        err = enter(&dir, name, 0);
        if (err == ENOENT && (last || above))
            err = make_and_enter(&dir, name, last ? mode : 0755, last ? owner : NULL, ret_call);
        if (!err && cut)
            *end = '/';
    }
    if (dir >= 0)
        close(dir);
    return err;
}

/* As `mkdir -p` does; the last is the service user's, with the mode that is wanted. */
static int make_folders(const struct wanted *wanted, const char *path, const struct goxel_identity *owner,
                        struct goxel_detail *detail)
{
    char folder[GOXEL_PATH_BYTES_MAX + 2];
    const char *call;
    char *last;
    int err;

    if (snprintf(folder, sizeof(folder), "%s%s", path, wanted->end) >= (int)sizeof(folder))
        return goxel_fail_limit(detail, DAEMON_ERROR_CONFIG_INVALID, "path (bytes)",
                                (int64_t)sizeof(folder) - 1, (int64_t)strlen(path));
    last = strrchr(folder, '/');
    if (!last)
        return 0;
    *last = '\0';
    err = make_folder(folder, true, wanted->mode, owner, &call);
    return err ? fail_folder(wanted, call, folder, err, detail) : 0;
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
    char folder[GOXEL_PATH_BYTES_MAX + 1];
    const char *call;

    for (size_t i = 0; i < count; i++) {
        if (snprintf(folder, sizeof(folder), "%s", roots[i]) < (int)sizeof(folder))
            (void)make_folder(folder, false, 0755, &daemon->identity, &call);
    }
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
