/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What fuzz targets share: an expectation whose failure is a finding, and a folder for those that read files. */
#ifndef GOXEL_TESTS_FUZZ_H
#define GOXEL_TESTS_FUZZ_H

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define EXPECT(condition) \
    do { \
        if (!(condition)) \
            abort(); \
    } while (0)

/* A new folder, its path in `path` and open; whoever asks removes it. */
static inline int fuzz_folder(char *path, size_t size)
{
    const char *parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"; /* fsync costs nothing there */
    int fd;

    EXPECT((size_t)snprintf(path, size, "%s/goxel-fuzz-XXXXXX", parent) < size);
    EXPECT(mkdtemp(path));
    fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    EXPECT(fd >= 0);
    return fd;
}

#endif
