/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a program lies that was started by a name; in children, which have a search path and a folder of their own. */
#include "daemon/program.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "forked.h"
#include "unit.h"
#include "unit/base/scratch.h"

struct row {
    const char *name, *path; /* $PATH, with @ for the scratch folder; NULL: there is none */
    const char *found;       /* below the scratch folder; NULL: this program */
};

static void expand(char *to, size_t size, const char *text)
{
    size_t len = 0;

    for (; *text && len < size; text++)
        len += (size_t)snprintf(to + len, size - len, *text == '@' ? "%s" : "%.1s",
                                *text == '@' ? scratch_folder() : text);
}

/* Prints what is found, as seen from the folder "current". */
static int find(void *ctx)
{
    const struct row *row = ctx;
    char name[1024] = "", path[1024] = "", *found = NULL;
    struct goxel_detail detail;
    int code;

    if (row->name)
        expand(name, sizeof(name), row->name);
    if (row->path)
        expand(path, sizeof(path), row->path);
    if (chdir(scratch_path("current")) || (row->path ? setenv("PATH", path, 1) : unsetenv("PATH")))
        return 1;
    code = goxel_program_find(row->name ? name : NULL, &detail, &found);
    if (code)
        return 2;
    printf("%s", found ? found : "none");
    free(found);
    return 0;
}

static void make(const char *name, mode_t mode)
{
    scratch_write(name, "#!/bin/sh\n");
    CU_ASSERT_EQUAL(chmod(scratch_path(name), mode), 0);
}

static bool open_folders(void)
{
    static const char *const folders[] = {"a", "b", "current", "current/deep", "a/folder"};

    if (!scratch_open())
        return false;
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
        CU_ASSERT_EQUAL(mkdir(scratch_path(folders[i]), 0755), 0);
    make("a/plain", 0644);
    make("b/plain", 0755);
    make("b/folder", 0755);
    make("a/both", 0755);
    make("b/both", 0755);
    make("current/here", 0755);
    make("current/deep/below", 0755);
    CU_ASSERT_EQUAL(symlink("both", scratch_path("a/link")), 0);
    CU_ASSERT_EQUAL(symlink("missing", scratch_path("a/dangling")), 0);
    return true;
}

static void close_folders(void)
{
    static const char *const names[] = {"a/plain",    "b/plain",      "b/folder",           "a/both",
                                        "b/both",     "current/here", "current/deep/below", "a/link",
                                        "a/dangling", "a/folder",     "current/deep"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        (void)remove(scratch_path(names[i]));
    scratch_close();
}

static void where_it_is_found(void)
{
    static struct row rows[] = {
        /* with a slash: whatever is there */
        {"@/a/both", "@/b", "a/both"},
        {"@/a/link", NULL, "a/link"},
        {"@/missing", "@/b", "missing"},
        {"./here", "@/b", "current/./here"},
        {"deep/below", "@/b", "current/deep/below"},
        {"../a/both", NULL, "current/../a/both"},
        /* along the search path: the first that can be executed */
        {"both", "@/a:@/b", "a/both"},
        {"both", "@/b:@/a", "b/both"},
        {"both", "/nonexistent:@/b/:@/a", "b//both"},
        {"plain", "@/a:@/b", "b/plain"},
        {"folder", "@/a:@/b", "b/folder"},
        {"link", "@/b:@/a", "a/link"},
        {"below", "deep:@/a", "current/deep/below"},
        {"both", "../b", "current/../b/both"},
        {"here", "", "current/here"},
        {"here", "@/a:", "current/here"},
        {"here", ":@/a", "current/here"},
        {"here", "@/a::@/b", "current/here"},
        /* nowhere */
        {"here", "@/a:@/b", NULL},
        {"dangling", "@/a", NULL},
        {"both", NULL, NULL},
        {"", "@/a:", NULL},
        {NULL, "@/a", NULL},
    };
    char self[PATH_MAX] = "", wanted[PATH_MAX + 64];

    CU_ASSERT_FATAL(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
    if (!open_folders())
        return;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int status = forked_run(find, &rows[i]);
        char *found = scratch_read("out");

        CU_ASSERT(WIFEXITED(status));
        CU_ASSERT_EQUAL(WEXITSTATUS(status), 0);
        CU_ASSERT_PTR_NOT_NULL_FATAL(found);
        (void)snprintf(wanted, sizeof(wanted), "%s/%s", scratch_folder(), rows[i].found ? rows[i].found : "");
        CU_ASSERT_STRING_EQUAL(found, rows[i].found ? wanted : self);
        free(found);
    }
    close_folders();
}

/* The folder it was started from is gone by now. */
static int find_from_nowhere(void *ctx)
{
    struct goxel_detail detail;
    char *found = NULL;

    (void)ctx;
    if (mkdir(scratch_path("gone"), 0755) || chdir(scratch_path("gone")) || rmdir(scratch_path("gone")))
        return 1;
    if (goxel_program_find("./program", &detail, &found) != GOXEL_ERROR_FILE_ACCESS || found ||
        detail.errnum != ENOENT)
        return 2;
    if (goxel_program_find("/bin/sh", &detail, &found) || strcmp(found, "/bin/sh") != 0)
        return 3;
    free(found);
    return 0;
}

static void a_working_directory_that_is_gone(void)
{
    int status;

    if (!scratch_open())
        return;
    status = forked_run(find_from_nowhere, NULL);
    CU_ASSERT(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), 0);
    scratch_close();
}

const struct unit_suite program_suite = {
    "program",
    (const struct unit_test[]){
        {"where it is found", where_it_is_found},
        {"a working directory that is gone", a_working_directory_that_is_gone},
        {NULL, NULL},
    },
};
