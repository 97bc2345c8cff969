/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Feeds files to a fuzz target that was not built with libFuzzer: what `make check` replays the seeds
 * and the former crashers with, under any compiler.
 *
 * Arguments: files and folders (their files, not deeper). A target that finds a fault crashes, so
 * whatever is left to count has passed.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Targets that need a set-up define it; the others get this one. */
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

static unsigned passed, failed;

static void fail(const char *path)
{
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    failed++;
}

static void replay_file(const char *path, size_t size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = NULL;

    if (!file) {
        fail(path);
        return;
    }
    printf("%s ", path);
    fflush(stdout);                  /* a crash leaves the name as the last thing said */
    bytes = malloc(size ? size : 1); /* exactly as long as the input: a byte too far is then seen */
    if (!bytes || fread(bytes, 1, size, file) != size) {
        fail(path);
    } else {
        LLVMFuzzerTestOneInput(bytes, size);
        passed++;
        printf("ok\n");
    }
    free(bytes);
    fclose(file);
}

static void replay(const char *path, int depth)
{
    struct stat status;
    struct dirent **names = NULL;
    int count;

    if (stat(path, &status) != 0) {
        fail(path);
        return;
    }
    if (S_ISREG(status.st_mode)) {
        replay_file(path, (size_t)status.st_size);
        return;
    }
    if (!S_ISDIR(status.st_mode) || depth > 0)
        return;
    count = scandir(path, &names, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char below[4096];

        if (names[i]->d_name[0] != '.' &&
            snprintf(below, sizeof(below), "%s/%s", path, names[i]->d_name) < (int)sizeof(below))
            replay(below, depth + 1);
        free(names[i]);
    }
    free(names);
}

int main(int argc, char **argv)
{
    LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 1; i < argc; i++)
        replay(argv[i], 0);
    printf("%u passed, %u failed, 0 skipped\n", passed, failed);
    return failed ? 1 : 0;
}
