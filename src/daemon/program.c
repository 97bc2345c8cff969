/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The path that was started, not the file behind it: after an upgrade that is another. See the header. */
#include "daemon/program.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

#define FILE_BYTES_MAX 4096

static int out_of_memory(const char *name, struct goxel_detail *detail)
{
    return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "%s", name);
}

static int make_absolute(const char *path, struct goxel_detail *detail, char **ret_path)
{
    char *folder, *made;
    int len;

    if (path[0] == '/') {
        made = strdup(path);
    } else {
        folder = getcwd(NULL, 0);
        if (!folder)
            return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "getcwd for", path);
        len = asprintf(&made, "%s/%s", folder, path);
        made = len < 0 ? NULL : made;
        free(folder);
    }
    if (!made)
        return out_of_memory(path, detail);
    *ret_path = made;
    return 0;
}

static bool is_program(const char *path)
{
    struct stat info;

    return !stat(path, &info) && S_ISREG(info.st_mode) && !access(path, X_OK);
}

/* Leaves *ret_path as it is if there is none. An empty folder is the working directory. */
static int search(const char *name, struct goxel_detail *detail, char **ret_path)
{
    const char *at = getenv("PATH");
    bool found = false;
    int code = 0;

    while (at && !found && !code) {
        size_t len = strcspn(at, ":");
        char *path;

        if (asprintf(&path, "%.*s%s%s", (int)len, at, len ? "/" : "", name) < 0)
            return out_of_memory(name, detail);
        found = is_program(path);
        if (found)
            code = make_absolute(path, detail, ret_path);
        free(path);
        at = at[len] ? at + len + 1 : NULL;
    }
    return code;
}

static int find_running(struct goxel_detail *detail, char **ret_path)
{
    char file[FILE_BYTES_MAX];
    ssize_t len = readlink("/proc/self/exe", file, sizeof(file) - 1);
    char *path = NULL;

    if (len > 0) {
        file[len] = '\0';
        path = strdup(file);
        if (!path)
            return out_of_memory(file, detail);
    }
    *ret_path = path;
    return 0;
}

int goxel_program_find(const char *name, struct goxel_detail *detail, char **ret_path)
{
    char *path = NULL;
    int code = 0;

    if (name && strchr(name, '/'))
        code = make_absolute(name, detail, &path);
    else if (name && name[0])
        code = search(name, detail, &path);
    if (!code && !path)
        code = find_running(detail, &path);
    if (!code)
        *ret_path = path;
    return code;
}
