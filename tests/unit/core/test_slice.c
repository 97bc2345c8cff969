/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Planes of a volume, pixel by pixel. */
#include "core/slice.h"

#include "region.h"

static struct goxel_pos pixel_pos(const struct goxel_slice *slice, int64_t column, int64_t row)
{
    const struct goxel_pos *min = &slice->box.min;
    int c = (int)column, r = (int)row;

    if (slice->axis == 0)
        return at(slice->at, min->y + c, min->z + r);
    if (slice->axis == 1)
        return at(min->x + c, slice->at, min->z + r);
    return at(min->x + c, min->y + r, slice->at);
}

static void slices_match_the_array(void)
{
    struct goxel_color *pixels = malloc((size_t)NAIVE_SIZE * NAIVE_SIZE * sizeof(*pixels));

    for (uint64_t seed = 0x51ce1; seed < 0x51ced; seed++) {
        struct twin twin = twin_random(seed, 12, 4000);
        struct goxel_slice slice = {(int)(seed % 3), NAIVE_MIN + random_below(&twin.state, NAIVE_SIZE),
                                    random_box(&twin.state)};
        int64_t width = 0, height = 0, wrong = 0;

        memset(pixels, 0xaa, (size_t)NAIVE_SIZE * NAIVE_SIZE * sizeof(*pixels));
        CU_ASSERT_EQUAL(goxel_slice_size(&slice, &width, &height), 0);
        CU_ASSERT_EQUAL(goxel_volume_slice(twin.volume, &slice, NULL, pixels), 0);
        for (int64_t row = 0; row < height; row++) {
            for (int64_t column = 0; column < width; column++)
                wrong += !same_color(pixels[row * width + column],
                                     naive_get(twin.naive, pixel_pos(&slice, column, row)));
        }
        CU_ASSERT_EQUAL(wrong, 0);
        twin_end(&twin);
    }
    free(pixels);
}

static void wrong_slices_are_refused(void)
{
    const struct goxel_box box = {{0, 0, 0}, {7, 8, 9}};
    const struct goxel_slice good = {1, GOXEL_COORD_MIN, box};
    struct goxel_slice axis = {3, 0, box}, below = {-1, 0, box}, far = {2, GOXEL_COORD_MAX + 1, box};
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_color pixels[80];
    struct goxel_cancel cancel;
    int64_t width = -1, height = -1;

    CU_ASSERT_EQUAL(goxel_slice_size(&axis, &width, &height), GOXEL_ERROR_VALIDATION);
    CU_ASSERT_EQUAL(goxel_slice_size(&below, &width, &height), GOXEL_ERROR_VALIDATION);
    CU_ASSERT_EQUAL(goxel_volume_slice(volume, &far, NULL, pixels), GOXEL_ERROR_INVALID_COORDINATES);
    CU_ASSERT_EQUAL(width, -1);
    CU_ASSERT_EQUAL(goxel_slice_size(&good, &width, &height), 0);
    CU_ASSERT_EQUAL(width, 8);
    CU_ASSERT_EQUAL(height, 10);
    goxel_volume_set_at(volume, at(7, GOXEL_COORD_MIN, 9), rgba(1, 2, 3, 4));
    CU_ASSERT_EQUAL(goxel_volume_slice(volume, &good, NULL, pixels), 0);
    CU_ASSERT(same_color(pixels[79], rgba(1, 2, 3, 4)));
    CU_ASSERT(same_color(pixels[78], rgba(0, 0, 0, 0)));
    goxel_cancel_init(&cancel, 0);
    goxel_cancel_raise(&cancel, GOXEL_ERROR_SHUTTING_DOWN);
    CU_ASSERT_EQUAL(goxel_volume_slice(volume, &good, &cancel, pixels), GOXEL_ERROR_SHUTTING_DOWN);
    goxel_volume_destroy(volume);
}

static const struct unit_test tests[] = {
    {"slices match the array", slices_match_the_array},
    {"wrong slices are refused", wrong_slices_are_refused},
    {NULL, NULL},
};

const struct unit_suite suite_slice = {"slice", tests};
