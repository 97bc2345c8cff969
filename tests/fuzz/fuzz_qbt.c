/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a .qbt file, and as the voxels of one. */
#include "fuzz/packed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says how many colours there are, three more the size. */
static void as_voxels(const uint8_t *data, size_t size)
{
    struct goxel_buf file;
    size_t length_at;

    goxel_buf_init(&file, (size_t)64 << 20);
    goxel_buf_append(&file, "QB 2\1\0", 6);
    put_zeros(&file, 3);
    goxel_buf_puts(&file, "COLORMAP");
    goxel_buf_put_le32(&file, data[0]);
    put_zeros(&file, data[0]);
    goxel_buf_puts(&file, "DATATREE");
    put_zeros(&file, 2);
    length_at = file.len - 4;
    put_zeros(&file, 1 + 9);
    put_size(&file, data + 1);
    put_packed(&file, data + 4, size - 4);
    for (size_t i = 0; i < 4; i++)
        file.data[length_at + i] = (char)((file.len - length_at - 4) >> 8 * i);
    read_and_again("qbt", (const uint8_t *)file.data, file.len);
    goxel_buf_finish(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_and_again("qbt", data, size);
    if (size > 4)
        as_voxels(data, size);
    return 0;
}
