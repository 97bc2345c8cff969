/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The folder is made below TMPDIR and emptied by name: tests make no folders in it that they leave there.
 */
#include "scratch.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

static char folder[1024];

bool scratch_open(void)
{
    const char *parent = getenv("TMPDIR");

    (void)snprintf(folder, sizeof(folder), "%s/goxel-unit-XXXXXX", parent && parent[0] ? parent : "/tmp");
    if (mkdtemp(folder))
        return true;
    CU_FAIL("no temporary folder");
    return false;
}

const char *scratch_folder(void)
{
    return folder;
}

const char *scratch_path(const char *name)
{
    static char paths[4][2048];
    static unsigned next;
    char *path = paths[next++ % 4];

    (void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

static bool next_file(DIR *dir, const char **ret_name)
{
    struct dirent *entry;

    do
        entry = readdir(dir);
    while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
    if (entry)
        *ret_name = entry->d_name;
    return entry != NULL;
}

size_t scratch_count(void)
{
    DIR *dir = opendir(folder);
    const char *name;
    size_t count = 0;

    while (dir && next_file(dir, &name))
        count++;
    if (dir)
        closedir(dir);
    return count;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

void scratch_close(void)
{
    CU_ASSERT_EQUAL(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

void scratch_write(const char *name, const char *text)
{
    FILE *file = fopen(scratch_path(name), "w");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite(text, 1, strlen(text), file), strlen(text));
    CU_ASSERT_EQUAL(fclose(file), 0);
}

char *scratch_read(const char *name)
{
    FILE *file = fopen(scratch_path(name), "r");
    size_t size = 1 << 20, len;
    char *text;

    if (!file)
        return NULL;
    text = calloc(1, size);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    len = fread(text, 1, size - 1, file);
    text[len] = '\0';
    (void)fclose(file);
    return text;
}
