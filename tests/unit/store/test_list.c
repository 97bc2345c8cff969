/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of kept projects as text: what is read again, and what a stranger may write there. */
#include "store/list.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "unit.h"

/* ---- entries ---- */

static int read_entry(const char *text, struct goxel_detail *detail, struct goxel_json **ret_root,
                      struct goxel_listed *ret_listed)
{
    CU_ASSERT_EQUAL_FATAL(goxel_json_parse(text, strlen(text), &goxel_json_limits_default, NULL, ret_root),
                          0);
    return goxel_listed_read(*ret_root, detail, ret_listed);
}

/* What is written of it, as it is read; to be finished. */
static struct goxel_listed written(uint64_t number, const struct goxel_summary *summary, const char *damage)
{
    struct goxel_listed listed = {0};
    struct goxel_json *root = NULL;
    struct goxel_buf buf;

    goxel_buf_init(&buf, 1 << 20);
    goxel_listed_write(&buf, number, summary, damage);
    CU_ASSERT_EQUAL_FATAL(goxel_buf_putc(&buf, '\0'), 0);
    CU_ASSERT_EQUAL(read_entry(buf.data, NULL, &root, &listed), 0);
    goxel_json_free(root);
    goxel_buf_finish(&buf);
    return listed;
}

static bool same_summary(const struct goxel_summary *a, const struct goxel_summary *b)
{
    return strcmp(a->name, b->name) == 0 && !a->path == !b->path &&
           (!a->path || strcmp(a->path, b->path) == 0) && a->layers == b->layers && a->voxels == b->voxels &&
           a->version == b->version && a->created_ms == b->created_ms && a->modified_ms == b->modified_ms &&
           a->modified == b->modified && a->read_only == b->read_only && a->closed == b->closed;
}

static void entries_are_read_again(void)
{
    static char utf8[] = "/models/Schlo\xc3\x9f \"1\".gox", bytes[] = "/models/\xff\xfe\x01\n.gox";
    const struct {
        uint64_t number;
        struct goxel_summary summary;
        const char *damage;
    } cases[] = {
        {1, {.name = "a"}, NULL},
        {7, {.name = "Schlo\xc3\x9f \"\\", .path = utf8, .layers = 2, .voxels = 175842, .version = 9}, NULL},
        {8,
         {.name = "b", .path = bytes, .modified = true, .read_only = true, .closed = true},
         "layer 1, \"brick\""},
        {GOXEL_LISTED_MAX,
         {.name = "c",
          .layers = GOXEL_LAYERS_MAX,
          .voxels = INT64_MAX,
          .version = INT64_MAX,
          .created_ms = INT64_MIN,
          .modified_ms = INT64_MAX,
          .closed = true},
         "why"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct goxel_listed listed = written(cases[i].number, &cases[i].summary, cases[i].damage);

        CU_ASSERT_EQUAL(listed.number, cases[i].number);
        CU_ASSERT(same_summary(&listed.summary, &cases[i].summary));
        CU_ASSERT_STRING_EQUAL(listed.damage, cases[i].damage ? cases[i].damage : "");
        goxel_summary_finish(&listed.summary);
    }
}

/* One that says that it is damaged is so, whatever it says. */
static void damage_is_not_overlooked(void)
{
    static const struct {
        const char *text, *damage;
    } cases[] = {
        {"{\"id\":\"p1\",\"name\":\"a\"}", ""},
        {"{\"id\":\"p1\",\"name\":\"a\",\"damaged\":null}", ""},
        {"{\"id\":\"p1\",\"name\":\"a\",\"damaged\":\"why\"}", "why"},
        {"{\"id\":\"p1\",\"name\":\"a\",\"damaged\":true}", "damaged"},
        {"{\"id\":\"p1\",\"name\":\"a\",\"damaged\":\"a\\u0000b\"}", "damaged"},
        {"{\"id\":\"p1\",\"name\":\"a\",\"damaged\":\"\"}", "damaged"},
    };
    char *longest = NULL;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct goxel_json *root = NULL;
        struct goxel_listed listed;

        CU_ASSERT_EQUAL(read_entry(cases[i].text, NULL, &root, &listed), 0);
        CU_ASSERT_STRING_EQUAL(listed.damage, cases[i].damage);
        goxel_summary_finish(&listed.summary);
        goxel_json_free(root);
    }
    CU_ASSERT_FATAL(asprintf(&longest, "%1000s", "x") > 0);
    CU_ASSERT_EQUAL(strlen(written(1, &(struct goxel_summary){.name = "a"}, longest).damage), 255);
    free(longest);
}

/* A path is one of two members, and each is enough. */
static void paths_that_are_too_long_are_none(void)
{
    struct goxel_summary summary = {.name = "a", .path = malloc(PATH_MAX + 1)};
    struct goxel_listed listed;

    CU_ASSERT_PTR_NOT_NULL_FATAL(summary.path);
    for (size_t len = PATH_MAX - 1; len <= PATH_MAX; len++) {
        for (int high = 0; high < 2; high++) {
            memset(summary.path, high ? 0xff : 'x', len);
            summary.path[len] = '\0';
            listed = written(1, &summary, NULL);
            CU_ASSERT_EQUAL(!listed.summary.path, len == PATH_MAX);
            CU_ASSERT(!listed.summary.path || strcmp(listed.summary.path, summary.path) == 0);
            goxel_summary_finish(&listed.summary);
        }
    }
    free(summary.path);
}

static void wrong_members_are_named(void)
{
#define ENTRY(rest) "{\"id\":\"p1\",\"name\":\"a\"," rest "}"
    static const struct {
        const char *member, *text;
    } bad[] = {
        {"projects", "7"},
        {"projects", "[]"},
        {"id", "{}"},
        {"id", "{\"id\":\"p0\",\"name\":\"a\"}"},
        {"id", "{\"id\":\"p01\",\"name\":\"a\"}"},
        {"id", "{\"id\":7,\"name\":\"a\"}"},
        {"id", "{\"id\":\"../p1\",\"name\":\"a\"}"},
        {"id", "{\"id\":\"p1\\u0000\",\"name\":\"a\"}"},
        {"id", "{\"id\":\"p2251799813685249\",\"name\":\"a\"}"},
        {"name", "{\"id\":\"p1\"}"},
        {"name", "{\"id\":\"p1\",\"name\":null}"},
        {"name", "{\"id\":\"p1\",\"name\":\"a\\u0000b\"}"},
        {"at", ENTRY("\"at\":-1")},
        {"at", ENTRY("\"at\":1.5")},
        {"at", ENTRY("\"at\":\"7\"")},
        {"created_ms", ENTRY("\"created_ms\":\"1\"")},
        {"modified_ms", ENTRY("\"modified_ms\":null")},
        {"layers", ENTRY("\"layers\":4097")},
        {"layers", ENTRY("\"layers\":[]")},
        {"voxels", ENTRY("\"voxels\":-1")},
        {"modified", ENTRY("\"modified\":1")},
        {"read_only", ENTRY("\"read_only\":\"true\"")},
        {"closed", ENTRY("\"closed\":null")},
        {"path", ENTRY("\"path\":7")},
        {"path", ENTRY("\"path\":\"/a\\u0000\"")},
        {"path_hex", ENTRY("\"path_hex\":\"2\"")},
        {"path_hex", ENTRY("\"path_hex\":\"2f00\"")},
        {"path_hex", ENTRY("\"path_hex\":\"2F2g\"")},
    };
#undef ENTRY

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct goxel_json *root = NULL;
        struct goxel_listed listed;
        struct goxel_detail detail;

        CU_ASSERT_EQUAL(read_entry(bad[i].text, &detail, &root, &listed), GOXEL_ERROR_INVALID_DATA);
        CU_ASSERT_STRING_EQUAL(detail.field, bad[i].member);
        CU_ASSERT(listed.number == (i < 9 ? 0 : 1)); /* as far as it is known, it is told */
        goxel_summary_finish(&listed.summary);
        goxel_json_free(root);
    }
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
        {"{\"version\":\"3\",\"projects\":[]}", GOXEL_ERROR_INVALID_DATA},
        {"{\"version\":0,\"projects\":[]}", GOXEL_ERROR_INVALID_DATA},
        {"{\"version\":3}", GOXEL_ERROR_INVALID_DATA},
        {"{\"version\":3,\"projects\":{}}", GOXEL_ERROR_INVALID_DATA},
        {"{\"version\":3,\"projects\":[],\"next_number\":0}", GOXEL_ERROR_INVALID_DATA},
        {"{\"version\":3,\"projects\":[],\"next_number\":2251799813685249}", GOXEL_ERROR_INVALID_DATA},
        {"{\"version\":3,\"projects\":[],\"journal\":-1}", GOXEL_ERROR_INVALID_DATA},
        {"{\"version\":1,\"projects\":[]}", GOXEL_ERROR_FORMAT_NOT_SUPPORTED}, /* never released */
        {"{\"version\":2}", GOXEL_ERROR_FORMAT_NOT_SUPPORTED},
        {"{\"version\":4}", GOXEL_ERROR_FORMAT_NOT_SUPPORTED}, /* whatever else may be in it */
        {"{\"version\":9223372036854775807,\"projects\":7}", GOXEL_ERROR_FORMAT_NOT_SUPPORTED},
    };
    struct goxel_list list;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct goxel_detail detail = {.text = ""};

        CU_ASSERT_EQUAL(goxel_list_parse(bad[i].text, strlen(bad[i].text), &detail, &list), bad[i].code);
        CU_ASSERT(detail.text[0] != '\0');
    }
}

static void lists_are_read_again(void)
{
    static const struct {
        uint64_t journal, next, current;
    } cases[] = {{0, 1, 0}, {120, 8, 7}, {INT64_MAX, GOXEL_LISTED_MAX, GOXEL_LISTED_MAX}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct goxel_json_writer w;
        struct goxel_list list;
        struct goxel_buf buf;

        goxel_buf_init(&buf, GOXEL_LIST_BYTES_MAX);
        goxel_list_begin(&w, &buf, cases[i].journal, cases[i].next, cases[i].current);
        goxel_json_put_raw(&w, NULL, "{}", 2);
        goxel_list_end(&w);
        CU_ASSERT_EQUAL_FATAL(goxel_list_parse(buf.data, buf.len, NULL, &list), 0);
        CU_ASSERT_EQUAL(list.journal, cases[i].journal);
        CU_ASSERT_EQUAL(list.next_number, cases[i].next);
        CU_ASSERT_EQUAL(list.current, cases[i].current);
        CU_ASSERT_EQUAL(goxel_json_length(list.projects), 1);
        goxel_json_free(list.root);
        goxel_buf_finish(&buf);
    }
}

static void entries_have_a_ceiling(void)
{
    struct goxel_json_writer w;
    struct goxel_detail detail;
    struct goxel_list list;
    struct goxel_buf buf;

    goxel_buf_init(&buf, GOXEL_LIST_BYTES_MAX);
    goxel_list_begin(&w, &buf, 0, 1, 0);
    for (int i = 0; i <= GOXEL_LIST_ENTRIES_MAX; i++)
        goxel_json_put_raw(&w, NULL, "{}", 2);
    goxel_list_end(&w);
    CU_ASSERT_EQUAL(goxel_list_parse(buf.data, buf.len, &detail, &list), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT(detail.has_limit);
    CU_ASSERT_EQUAL(goxel_list_check(&buf, GOXEL_LIST_ENTRIES_MAX + 1, &detail), GOXEL_ERROR_QUOTA);
    CU_ASSERT_EQUAL(goxel_list_check(&buf, 1, &detail), 0);
    goxel_buf_finish(&buf);
    goxel_buf_init(&buf, 10);
    goxel_list_begin(&w, &buf, 0, 1, 0);
    goxel_list_end(&w);
    CU_ASSERT_EQUAL(goxel_list_check(&buf, 0, &detail), GOXEL_ERROR_MESSAGE_SIZE);
    goxel_buf_finish(&buf);
}

const struct unit_suite list_suite = {
    "list",
    (const struct unit_test[]){
        {"entries are read again", entries_are_read_again},
        {"damage is not overlooked", damage_is_not_overlooked},
        {"paths that are too long are none", paths_that_are_too_long_are_none},
        {"wrong members are named", wrong_members_are_named},
        {"lists are read again", lists_are_read_again},
        {"wrong lists are refused", wrong_lists_are_refused},
        {"entries have a ceiling", entries_have_a_ceiling},
        {NULL, NULL},
    },
};
