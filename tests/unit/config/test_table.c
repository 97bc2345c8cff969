/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/table.h"

#include <string.h>

#include "unit.h"

static void test_every_row_is_whole(void)
{
    for (int slot = 0; slot < GOXEL_SLOT_COUNT; slot++) {
        const struct goxel_option_row *row = &goxel_option_rows[slot];

        CU_ASSERT_TRUE_FATAL(goxel_section_known(row->section));
        CU_ASSERT_TRUE(strspn(row->name, "abcdefghijklmnopqrstuvwxyz_") == strlen(row->name) && row->name[0]);
        CU_ASSERT_TRUE(row->min <= row->max);
        CU_ASSERT_EQUAL(goxel_slot_find(row->section, row->name), slot); /* so nobody else has the name */
        CU_ASSERT_FALSE(goxel_option_inert(row->name));
        if (row->kind != GOXEL_KIND_TEXTS)
            CU_ASSERT_EQUAL(row->kind == GOXEL_KIND_CHOICE, row->choices[0] != '\0');
        if (slot < GOXEL_OPTION_COUNT)
            CU_ASSERT_TRUE(row->doc[0] && row->doc[strlen(row->doc) - 1] == '.');
    }
}

static void test_what_is_to_come(void)
{
    CU_ASSERT_TRUE(goxel_slot_to_come(goxel_slot_find("storage", "render_ttl_s")));
    CU_ASSERT_FALSE(goxel_slot_to_come(goxel_slot_find("storage", "directory")));
}

static void test_every_inner_section_has_its_outer(void)
{
    for (size_t i = 0; i < GOXEL_SECTION_COUNT; i++) {
        char outer[64];
        const char *path = goxel_section_rows[i].path;
        const char *dot = strrchr(path, '.');

        CU_ASSERT_TRUE(goxel_section_rows[i].doc[0]);
        if (!dot)
            continue;
        CU_ASSERT_TRUE_FATAL((size_t)(dot - path) < sizeof(outer));
        memcpy(outer, path, (size_t)(dot - path));
        outer[dot - path] = '\0';
        CU_ASSERT_TRUE(goxel_section_known(outer));
        CU_ASSERT_PTR_EQUAL(goxel_section_child(outer, path), dot + 1);
        CU_ASSERT_PTR_NULL(goxel_section_child("", path));
    }
}

static void test_names_and_levels(void)
{
    CU_ASSERT_STRING_EQUAL(goxel_option_name(GOXEL_OPT_SOCKETS_TCP_PORT), "sockets.tcp.port");
    CU_ASSERT_STRING_EQUAL(goxel_option_level_name(GOXEL_OPT_WORKERS_COUNT), "R");
    CU_ASSERT_STRING_EQUAL(goxel_option_level_name(GOXEL_OPT_PERFORMANCE_MAX_CONNECTIONS), "X");
    CU_ASSERT_STRING_EQUAL(goxel_option_level_name(GOXEL_OPT_SOCKETS_TCP_PORT), "S");
    for (int i = 0; i < GOXEL_OPTION_COUNT; i++) {
        for (int j = 0; j < i; j++)
            CU_ASSERT_STRING_NOT_EQUAL(goxel_option_name((enum goxel_option)i),
                                       goxel_option_name((enum goxel_option)j));
    }
}

static void test_nearest(void)
{
    static const struct {
        const char *written, *meant; /* NULL: nothing is near */
    } options[] =
        {
            {"sockets.tcp.prot", "sockets.tcp.port"},
            {"sockets.port", "sockets.tcp.port"},
            {"port", "sockets.tcp.port"},
            {"workers.cuont", "workers.count"},
            {"sockets.unix.backlogs", "sockets.unix.backlog"}, /* not tcp's */
            {"sockets.tcp.backlogs", "sockets.tcp.backlog"},
            {"logging.levle", "logging.level"},
            {"storage.durabilty", "storage.durability"},
            {"workers.xyzzy", NULL},
            {"workers.q", NULL},
            {"workers.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
             NULL},
            {"workers.", NULL},
        },
      sections[] = {{"socket", "sockets"}, {"tcp", "sockets.tcp"}, {"loging", "logging"}, {"kitchen", NULL}};

    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        const char *nearest = goxel_option_nearest(options[i].written);

        CU_ASSERT_EQUAL(nearest == NULL, options[i].meant == NULL);
        if (nearest && options[i].meant)
            CU_ASSERT_STRING_EQUAL(nearest, options[i].meant);
    }
    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        const char *nearest = goxel_section_nearest(sections[i].written);

        CU_ASSERT_EQUAL(nearest == NULL, sections[i].meant == NULL);
        if (nearest && sections[i].meant)
            CU_ASSERT_STRING_EQUAL(nearest, sections[i].meant);
    }
}

static const struct unit_test tests[] = {
    {"every row is whole and alone", test_every_row_is_whole},
    {"what is to come is known", test_what_is_to_come},
    {"every inner section has its outer one", test_every_inner_section_has_its_outer},
    {"names and levels", test_names_and_levels},
    {"the nearest name", test_nearest},
    {NULL, NULL},
};

const struct unit_suite suite_table = {"table", tests};
