/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Few bytes and many, and what goes wrong in between. */
#include "base/spool.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "scratch.h"
#include "unit.h"

/* `total` bytes in pieces of `piece`, each its index; they come back, and the folder shows no file. */
static void fill_and_compare(size_t total, size_t piece)
{
    struct goxel_spool spool;
    const uint8_t *bytes = NULL;
    uint8_t *wanted = malloc(total + 1);

    CU_ASSERT_PTR_NOT_NULL_FATAL(wanted);
    for (size_t i = 0; i < total; i++)
        wanted[i] = (uint8_t)(i * 31 >> 3);
    goxel_spool_init(&spool, scratch_folder(), total);
    for (size_t at = 0; at < total; at += piece)
        CU_ASSERT_EQUAL(
            goxel_spool_append(&spool, wanted + at, total - at < piece ? total - at : piece, NULL), 0);
    CU_ASSERT_EQUAL(spool.len, total);
    CU_ASSERT_EQUAL(goxel_spool_held(&spool), total <= GOXEL_SPOOL_MEMORY ? total : 0);
    CU_ASSERT_EQUAL_FATAL(goxel_spool_bytes(&spool, NULL, &bytes), 0);
    CU_ASSERT_EQUAL(memcmp(bytes, wanted, total), 0);
    CU_ASSERT_EQUAL(goxel_spool_append(&spool, "x", 1, NULL), GOXEL_ERROR_MESSAGE_SIZE);
    CU_ASSERT_EQUAL_FATAL(goxel_spool_bytes(&spool, NULL, &bytes), 0);
    CU_ASSERT_EQUAL(memcmp(bytes, wanted, total), 0);
    CU_ASSERT_EQUAL(scratch_count(), 0);
    goxel_spool_finish(&spool);
    goxel_spool_finish(&spool);
    free(wanted);
}

static void what_goes_in_comes_back(void)
{
    if (!scratch_open())
        return;
    fill_and_compare(0, 1);
    fill_and_compare(1000, 7);
    fill_and_compare(GOXEL_SPOOL_MEMORY, 65536);
    fill_and_compare(GOXEL_SPOOL_MEMORY + 1, 65536);
    fill_and_compare(3 * GOXEL_SPOOL_MEMORY, GOXEL_SPOOL_MEMORY * 2);
    scratch_close();
}

static void the_descriptor_is_given_away(void)
{
    struct goxel_spool spool;
    char *bytes = calloc(1, GOXEL_SPOOL_MEMORY + 1);
    int fd;

    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    if (!scratch_open())
        return;
    goxel_spool_init(&spool, scratch_folder(), SIZE_MAX);
    CU_ASSERT_EQUAL(goxel_spool_append(&spool, "abc", 3, NULL), 0);
    CU_ASSERT_EQUAL(goxel_spool_take_fd(&spool), -1);
    CU_ASSERT_EQUAL(goxel_spool_append(&spool, bytes, GOXEL_SPOOL_MEMORY, NULL), 0);
    fd = goxel_spool_take_fd(&spool);
    CU_ASSERT_FATAL(fd >= 0);
    goxel_spool_finish(&spool);
    CU_ASSERT_EQUAL(lseek(fd, 0, SEEK_END), (off_t)GOXEL_SPOOL_MEMORY + 3);
    CU_ASSERT_EQUAL(pread(fd, bytes, 4, 0), 4);
    CU_ASSERT_EQUAL(memcmp(bytes, "abc", 4), 0);
    close(fd);
    free(bytes);
    scratch_close();
}

static void a_folder_that_takes_none(void)
{
    char *bytes = calloc(1, GOXEL_SPOOL_MEMORY + 1);
    struct goxel_detail detail;
    struct goxel_spool spool;

    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    goxel_spool_init(&spool, "/nowhere/at/all", SIZE_MAX);
    CU_ASSERT_EQUAL(goxel_spool_append(&spool, "abc", 3, NULL), 0);
    CU_ASSERT_EQUAL(goxel_spool_append(&spool, bytes, GOXEL_SPOOL_MEMORY, &detail), GOXEL_ERROR_GENERAL);
    CU_ASSERT_STRING_EQUAL(detail.path, "/nowhere/at/all");
    CU_ASSERT_EQUAL(spool.len, 3);
    goxel_spool_finish(&spool);
    free(bytes);
}

static const struct unit_test tests[] = {
    {"what goes in comes back", what_goes_in_comes_back},
    {"the descriptor is given away", the_descriptor_is_given_away},
    {"a folder that takes none", a_folder_that_takes_none},
    {NULL, NULL},
};

const struct unit_suite spool_suite = {"spool", tests};
