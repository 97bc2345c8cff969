/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of kept projects as text: what is read again, and what a stranger may write there. */
#include "store/list.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "unit.h"

static void files_have_two_numbers(void)
{
    static const char *const bad[] = {"",
                                      "p1.gox",
                                      "p1-.gox",
                                      "p-1.gox",
                                      "p1-1",
                                      "p1-1.gox.bak",
                                      "p01-1.gox",
                                      "p1-01.gox",
                                      "p0-1.gox",
                                      "p1-0.gox",
                                      "q1-1.gox",
                                      "p1-1.GOX",
                                      "./p1-1.gox",
                                      "../p1-1.gox",
                                      "p1-1/.gox",
                                      "p1-1-1.gox",
                                      "p1 -1.gox",
                                      "p1-+1.gox",
                                      "px-1.gox",
                                      "p1--1.gox",
                                      "p99999999999999999999-1.gox",
                                      "p1-99999999999999999999.gox",
                                      "p1-2251799813685249.gox",
                                      "p111111111111111111111111111111111111111111111111111111-1.gox"};
    uint64_t number = 0, generation = 0;
    char name[GOXEL_KEPT_NAME_SIZE];

    goxel_kept_name(7, 3, name);
    CU_ASSERT_STRING_EQUAL(name, "p7-3.gox");
    CU_ASSERT(goxel_kept_name_parse(name, &number, &generation));
    CU_ASSERT_EQUAL(number, 7);
    CU_ASSERT_EQUAL(generation, 3);
    goxel_kept_name(GOXEL_LISTED_MAX, GOXEL_LISTED_MAX, name);
    CU_ASSERT(goxel_kept_name_parse(name, &number, &generation));
    CU_ASSERT_EQUAL(generation, GOXEL_LISTED_MAX);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT_FALSE(goxel_kept_name_parse(bad[i], &number, &generation));
}

/* ---- entries ---- */

static int read_entry(const char *text, struct goxel_detail *detail, struct goxel_json **ret_root,
                      struct goxel_listed *ret_listed)
{
    CU_ASSERT_EQUAL_FATAL(goxel_json_parse(text, strlen(text), &goxel_json_limits_default, NULL, ret_root),
                          0);
    return goxel_listed_read(*ret_root, detail, ret_listed);
}

static void wrong_members_are_named(void)
{
    static const struct {
        const char *member, *text;
    } bad[] = {
        {"projects", "7"},
        {"projects", "[]"},
        {"id", "{}"},
        {"id", "{\"id\":\"p0\",\"file\":\"p1-1.gox\",\"name\":\"a\"}"},
        {"id", "{\"id\":\"p1\\u0000\",\"file\":\"p1-1.gox\",\"name\":\"a\"}"},
        {"id", "{\"id\":\"p2251799813685249\",\"file\":\"p2251799813685249-1.gox\",\"name\":\"a\"}"},
        {"file", "{\"id\":\"p1\",\"name\":\"a\"}"},
        {"file", "{\"id\":\"p1\",\"file\":\"p2-1.gox\",\"name\":\"a\"}"},
        {"file", "{\"id\":\"p1\",\"file\":\"/etc/passwd\",\"name\":\"a\"}"},
        {"name", "{\"id\":\"p1\",\"file\":\"p1-1.gox\"}"},
        {"name", "{\"id\":\"p1\",\"file\":\"p1-1.gox\",\"name\":\"a\\u0000b\"}"},
        {"crc32", "{\"id\":\"p1\",\"file\":\"p1-1.gox\",\"name\":\"a\",\"crc32\":4294967296}"},
        {"changes", "{\"id\":\"p1\",\"file\":\"p1-1.gox\",\"name\":\"a\",\"changes\":-1}"},
        {"changes", "{\"id\":\"p1\",\"file\":\"p1-1.gox\",\"name\":\"a\",\"changes\":1.5}"},
        {"changes", "{\"id\":\"p1\",\"file\":\"p1-1.gox\",\"name\":\"a\",\"changes\":4611686018427387904}"},
        {"saved_changes",
         "{\"id\":\"p1\",\"file\":\"p1-1.gox\",\"name\":\"a\",\"saved_changes\":4611686018427387904}"},
        {"created_ms", "{\"id\":\"p1\",\"file\":\"p1-1.gox\",\"name\":\"a\",\"created_ms\":\"1\"}"},
        {"layer_count", "{\"id\":\"p1\",\"file\":\"p1-1.gox\",\"name\":\"a\",\"layer_count\":4097}"},
        {"next_layer", "{\"id\":\"p1\",\"file\":\"p1-1.gox\",\"name\":\"a\",\"next_layer\":2147483648}"},
        {"read_only", "{\"id\":\"p1\",\"file\":\"p1-1.gox\",\"name\":\"a\",\"read_only\":1}"},
        {"path", "{\"id\":\"p1\",\"file\":\"p1-1.gox\",\"name\":\"a\",\"path\":7}"},
        {"path", "{\"id\":\"p1\",\"file\":\"p1-1.gox\",\"name\":\"a\",\"path\":\"/a\\u0000\"}"},
        {"path_hex", "{\"id\":\"p1\",\"file\":\"p1-1.gox\",\"name\":\"a\",\"path_hex\":\"2\"}"},
        {"path_hex", "{\"id\":\"p1\",\"file\":\"p1-1.gox\",\"name\":\"a\",\"path_hex\":\"2f00\"}"},
        {"path_hex", "{\"id\":\"p1\",\"file\":\"p1-1.gox\",\"name\":\"a\",\"path_hex\":\"2F2g\"}"},
        {"layers", "{\"id\":\"p1\",\"file\":\"p1-1.gox\",\"name\":\"a\",\"layer_count\":1,\"layers\":{}}"},
        {"layers", "{\"id\":\"p1\",\"file\":\"p1-1.gox\",\"name\":\"a\",\"layer_count\":1,\"layers\":[1]}"},
        {"layers", "{\"id\":\"p1\",\"file\":\"p1-1.gox\",\"name\":\"a\",\"layer_count\":1,\"layers\":[0,0]}"},
        {"layers",
         "{\"id\":\"p1\",\"file\":\"p1-1.gox\",\"name\":\"a\",\"layer_count\":1,\"layers\":[1,-1]}"},
        {"layers", "{\"id\":\"p1\",\"file\":\"p1-1.gox\",\"name\":\"a\",\"layer_count\":1,"
                   "\"layers\":[2147483647,0]}"},
        {"layers", "{\"id\":\"p1\",\"file\":\"p1-1.gox\",\"name\":\"a\",\"layer_count\":2,"
                   "\"layers\":[3,0,3,0]}"},
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct goxel_json *root = NULL;
        struct goxel_listed listed;
        struct goxel_detail detail;

        CU_ASSERT_EQUAL(read_entry(bad[i].text, &detail, &root, &listed), GOXEL_ERROR_INVALID_DATA);
        CU_ASSERT_STRING_EQUAL(detail.field, bad[i].member);
        goxel_json_free(root);
    }
}

/* A file that was mended: its own layers hold where the list's cannot. */
static void entries_do_not_break_projects(void)
{
    static const char text[] = "{\"id\":\"p1\",\"file\":\"p1-1.gox\",\"name\":\"a\",\"layer_count\":1,"
                               "\"active_layer\":9,\"next_layer\":2,\"layers\":[1073741825,0],\"more\":{}}";
    struct goxel_project *project = goxel_project_create("x");
    struct goxel_json *root = NULL;
    struct goxel_listed listed;

    for (int i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(goxel_project_add_layer(project, NULL, -1, NULL, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(read_entry(text, NULL, &root, &listed), 0);
    CU_ASSERT_EQUAL(goxel_listed_apply(&listed, project), 0);
    CU_ASSERT_EQUAL(project->layer_count, 3);
    CU_ASSERT_EQUAL(project->layers[0]->id, 1);
    CU_ASSERT_EQUAL(project->scene->active_layer_id, 3); /* there is no 9 */
    CU_ASSERT_EQUAL(project->next_layer_id, 4);          /* 2 is taken */
    CU_ASSERT_STRING_EQUAL(project->name, "a");
    CU_ASSERT_PTR_NULL(project->path);
    goxel_json_free(root);
    goxel_project_unref(project);
}

/* However many there were: what is written can be read, and whether it was saved is not forgotten. */
static void changes_have_a_ceiling(void)
{
    static const struct {
        uint64_t version, saved;
        int64_t listed, listed_saved;
    } cases[] = {
        {9, 4, 9, 4},
        {GOXEL_LISTED_CHANGES_MAX, 0, GOXEL_LISTED_CHANGES_MAX, 0},
        {GOXEL_LISTED_CHANGES_MAX + UINT64_C(1), GOXEL_LISTED_CHANGES_MAX, GOXEL_LISTED_CHANGES_MAX,
         GOXEL_LISTED_CHANGES_MAX - 1},
        {UINT64_C(1) << 63, UINT64_C(1) << 63, GOXEL_LISTED_CHANGES_MAX, GOXEL_LISTED_CHANGES_MAX},
        {UINT64_MAX, 3, GOXEL_LISTED_CHANGES_MAX, 0},
        {3, UINT64_MAX, 0, GOXEL_LISTED_CHANGES_MAX},
    };
    struct goxel_project *project = goxel_project_create("x");

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct goxel_json *root = NULL;
        struct goxel_listed listed = {0};
        struct goxel_buf buf;

        goxel_buf_init(&buf, 4096);
        project->version = project->state = cases[i].version;
        project->saved_state = cases[i].saved;
        goxel_listed_write(&buf, project, 1, 1, 0);
        CU_ASSERT_EQUAL_FATAL(goxel_buf_putc(&buf, '\0'), 0);
        CU_ASSERT_EQUAL(read_entry(buf.data, NULL, &root, &listed), 0);
        CU_ASSERT_EQUAL(listed.version, cases[i].listed);
        CU_ASSERT_EQUAL(listed.saved_version, cases[i].listed_saved);
        goxel_json_free(root);
        goxel_buf_finish(&buf);
    }
    goxel_project_unref(project);
}

static void bases_are_layers_of_the_project(void)
{
    static const char text[] = "{\"id\":\"p1\",\"file\":\"p1-1.gox\",\"name\":\"a\",\"layer_count\":4,"
                               "\"layers\":[2000000000,0,7,2000000000,8,8,9,1234]}";
    struct goxel_project *project = goxel_project_create("x");
    struct goxel_json *root = NULL;
    struct goxel_listed listed;

    for (int i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(goxel_project_add_layer(project, NULL, -1, NULL, NULL), 0);
    goxel_volume_set_at(project->layers[1]->volume, (struct goxel_pos){0},
                        (struct goxel_color){1, 2, 3, 255});
    CU_ASSERT_EQUAL_FATAL(read_entry(text, NULL, &root, &listed), 0);
    CU_ASSERT_EQUAL(goxel_listed_apply(&listed, project), 0);
    CU_ASSERT_EQUAL(project->layers[0]->id, 2000000000);
    CU_ASSERT_EQUAL(project->layers[1]->base_id, 2000000000);
    CU_ASSERT_EQUAL(goxel_volume_count(project->layers[1]->volume), 0); /* a clone has none of its own */
    CU_ASSERT_EQUAL(project->layers[2]->base_id, 0);                    /* not of itself */
    CU_ASSERT_EQUAL(project->layers[3]->base_id, 0);                    /* nor of nobody */
    CU_ASSERT_EQUAL(project->next_layer_id, 2000000001);
    CU_ASSERT_EQUAL(project->scene->active_layer_id, 9); /* none is named: the top, by its new id */
    goxel_json_free(root);
    goxel_project_unref(project);
}

/* ---- the whole ---- */

static void wrong_lists_are_refused(void)
{
    static const struct {
        const char *text;
        int code;
    } bad[] = {
        {"", GOXEL_ERROR_JSON_SYNTAX},
        {"{", GOXEL_ERROR_JSON_SYNTAX},
        {"[]", GOXEL_ERROR_INVALID_DATA},
        {"{}", GOXEL_ERROR_INVALID_DATA},
        {"{\"version\":\"1\",\"projects\":[]}", GOXEL_ERROR_INVALID_DATA},
        {"{\"version\":1}", GOXEL_ERROR_INVALID_DATA},
        {"{\"version\":1,\"projects\":{}}", GOXEL_ERROR_INVALID_DATA},
        {"{\"version\":1,\"projects\":[],\"next_number\":0}", GOXEL_ERROR_INVALID_DATA},
        {"{\"version\":1,\"projects\":[],\"next_number\":2251799813685249}", GOXEL_ERROR_INVALID_DATA},
        {"{\"version\":1,\"projects\":[],\"generation\":-1}", GOXEL_ERROR_INVALID_DATA},
        {"{\"version\":3}", GOXEL_ERROR_FORMAT_NOT_SUPPORTED}, /* whatever else may be in it */
        {"{\"version\":9223372036854775807,\"projects\":7}", GOXEL_ERROR_FORMAT_NOT_SUPPORTED},
    };
    struct goxel_list list;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct goxel_detail detail = {.text = ""};

        CU_ASSERT_EQUAL(goxel_list_parse(bad[i].text, strlen(bad[i].text), &detail, &list), bad[i].code);
        CU_ASSERT(detail.text[0] != '\0');
    }
}

static void entries_have_a_ceiling(void)
{
    struct goxel_json_writer w;
    struct goxel_detail detail;
    struct goxel_list list;
    struct goxel_buf buf;

    goxel_buf_init(&buf, GOXEL_LIST_BYTES_MAX);
    goxel_list_begin(&w, &buf, 1, 0, 1, 0);
    for (int i = 0; i <= GOXEL_LIST_ENTRIES_MAX; i++)
        goxel_json_put_raw(&w, NULL, "{}", 2);
    goxel_list_end(&w);
    CU_ASSERT_EQUAL(goxel_list_parse(buf.data, buf.len, &detail, &list), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT(detail.has_limit);
    CU_ASSERT_EQUAL(goxel_list_check(&buf, GOXEL_LIST_ENTRIES_MAX + 1, &detail), GOXEL_ERROR_QUOTA);
    CU_ASSERT_EQUAL(goxel_list_check(&buf, 1, &detail), 0);
    goxel_buf_finish(&buf);
    goxel_buf_init(&buf, 10);
    goxel_list_begin(&w, &buf, 1, 0, 1, 0);
    goxel_list_end(&w);
    CU_ASSERT_EQUAL(goxel_list_check(&buf, 0, &detail), GOXEL_ERROR_MESSAGE_SIZE);
    goxel_buf_finish(&buf);
}

const struct unit_suite list_suite = {
    "list",
    (const struct unit_test[]){
        {"files have two numbers", files_have_two_numbers},
        {"wrong members are named", wrong_members_are_named},
        {"entries do not break projects", entries_do_not_break_projects},
        {"changes have a ceiling", changes_have_a_ceiling},
        {"bases are layers of the project", bases_are_layers_of_the_project},
        {"wrong lists are refused", wrong_lists_are_refused},
        {"entries have a ceiling", entries_have_a_ceiling},
        {NULL, NULL},
    },
};
