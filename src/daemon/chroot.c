/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chroot(2) and what has to hold before it; see the header. */
#include "daemon/chroot.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

/* The number of a descriptor that is a directory, other than the one that lists them; -1: none; -2: errno. */
static int find_directory(void)
{
    DIR *dir = opendir("/proc/self/fd");
    struct dirent *entry;
    struct stat info;
    int found = -1;

    if (!dir)
        return -2;
    for (errno = 0; found == -1 && (entry = readdir(dir)); errno = 0) {
        int fd = entry->d_name[0] == '.' ? -1 : (int)strtol(entry->d_name, NULL, 10);

        if (fd >= 0 && fd != dirfd(dir) && (fstat(fd, &info) || S_ISDIR(info.st_mode)))
            found = fd;
    }
    if (found == -1 && errno)
        found = -2;
    (void)closedir(dir);
    return found;
}

static int check_descriptors(struct goxel_detail *detail)
{
    int fd = find_directory();

    if (fd == -2)
        return goxel_fail(detail, DAEMON_ERROR_CHROOT_FAILED,
                          "security.enable_chroot: the open descriptors cannot be listed: /proc/self/fd: %s",
                          strerrordesc_np(errno));
    if (fd >= 0)
        return goxel_fail(
            detail, DAEMON_ERROR_CHROOT_FAILED,
            "security.enable_chroot: descriptor %d is an open directory, a way out; start without it", fd);
    return 0;
}

static int fail_folder(const char *folder, int error, struct goxel_detail *detail)
{
    return goxel_fail(detail, DAEMON_ERROR_CHROOT_FAILED,
                      "security.chroot_directory: %.100s cannot be entered: %s; make it, or choose another",
                      folder, strerrordesc_np(error));
}

int goxel_chroot_check(const char *folder, struct goxel_detail *detail)
{
    const char *notify = getenv("NOTIFY_SOCKET");
    struct stat info;

    if (notify && notify[0])
        return goxel_fail(
            detail, DAEMON_ERROR_CHROOT_FAILED,
            "security.enable_chroot: under systemd (NOTIFY_SOCKET is set) its socket would be out "
            "of reach; use RootDirectory= in the unit instead");
    if (folder[0] != '/')
        return goxel_fail_value(detail, DAEMON_ERROR_CHROOT_FAILED, "security.chroot_directory", folder,
                                "an absolute path");
    if (stat(folder, &info))
        return fail_folder(folder, errno, detail);
    return S_ISDIR(info.st_mode) ? 0 : fail_folder(folder, ENOTDIR, detail);
}

int goxel_chroot_enter(const char *folder, struct goxel_detail *detail)
{
    int code = goxel_chroot_check(folder, detail);

    if (!code)
        code = check_descriptors(detail);
    if (code)
        return code;
    if (chdir(folder))
        return fail_folder(folder, errno, detail);
    if (chroot("."))
        return goxel_fail(detail, DAEMON_ERROR_CHROOT_FAILED,
                          "security.enable_chroot: chroot to %.100s: %s; it needs root, or set it to false",
                          folder, strerrordesc_np(errno));
    if (chdir("/"))
        return goxel_fail(detail, DAEMON_ERROR_CHDIR_FAILED,
                          "security.chroot_directory: chdir to its root: %s", strerrordesc_np(errno));
    return 0;
}
