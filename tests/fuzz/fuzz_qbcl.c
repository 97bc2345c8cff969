/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a .qbcl file, and as the voxels of one. */
#include "fuzz/packed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first three bytes say the size. */
static void as_voxels(const uint8_t *data, size_t size)
{
    struct goxel_buf file;

    goxel_buf_init(&file, (size_t)64 << 20);
    goxel_buf_append(&file, "QBCL\0\0\0\0\2\0\0\0", 12);
    put_zeros(&file, 2 + 7 + 4);
    put_zeros(&file, 3); /* kind, number, length of the name */
    goxel_buf_append(&file, "\1\1\0", 3);
    put_size(&file, data);
    put_zeros(&file, 6);
    put_packed(&file, data + 3, size - 3);
    read_and_again("qbcl", (const uint8_t *)file.data, file.len);
    goxel_buf_finish(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_and_again("qbcl", data, size);
    if (size > 3)
        as_voxels(data, size);
    return 0;
}
