/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cursors as texts, and pages that stay on their version. */
#include "rpc/cursors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "rig.h"

static struct rig rig;

static void texts(void)
{
    static const char *const broken[] = {
        "",
        "p1",
        "p1.",
        "p1.1.2.3.4.5.6.7",
        "p1.1.2.3.4.5.6.7.8.9",
        "p1.1.2.3.4.5.6.7.8 ",
        "p1.1.2.3.4.5.6.7.-8",
        "p1.1.2.3.4.5.6.7.G",
        "p1.1.2.3.4.5.6.7.200000", /* one above the highest coordinate */
        "p1.1.2.3.4.5.ffffffff.7.8",
        "p1.1.2.3.ffffffffffffffff.5.6.7.8",
        "p1.1.2.3.4.80000000.6.7.8",
        "p1.11111111111111111.2.3.4.5.6.7.8",
        "p11111111111111111111111111.1.2.3.4.5.6.7.8",
    };
    struct goxel_cursor_at at = {"p7",
                                 UINT64_MAX,
                                 3,
                                 UINT64_C(0x123456789abcdef),
                                 INT64_MAX,
                                 0x7fffffff,
                                 {-5, GOXEL_COORD_MIN, GOXEL_COORD_MAX}},
                           back;
    char text[GOXEL_CURSOR_TEXT];

    goxel_cursor_write(&at, text);
    memset(&back, 0, sizeof(back));
    CU_ASSERT_TRUE_FATAL(goxel_cursor_read(text, &back));
    CU_ASSERT_STRING_EQUAL(back.project, "p7");
    CU_ASSERT(back.epoch == at.epoch && back.version == 3 && back.question == at.question);
    CU_ASSERT(back.count == INT64_MAX && back.layer_id == 0x7fffffff);
    CU_ASSERT_EQUAL(memcmp(&back.pos, &at.pos, sizeof(at.pos)), 0);
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
        CU_ASSERT_FALSE(goxel_cursor_read(broken[i], &back));
}

/* The cursor of the last reply; false: there is none. */
static bool take_cursor(char *ret_cursor, size_t size)
{
    const char *at = strstr(rig.reply, "\"cursor\":\"");

    if (!at)
        return false;
    at += strlen("\"cursor\":\"");
    snprintf(ret_cursor, size, "%.*s", (int)strcspn(at, "\""), at);
    return true;
}

/* How many times "x": stands in the last reply. */
static int count_voxels(void)
{
    int count = 0;

    for (const char *at = rig.reply; (at = strstr(at, "{\"x\":")); at++)
        count++;
    return count;
}

/* All pages of a query, with an edit after each; their voxels as one text, for free(3). */
static char *read_pages(const char *question, int limit, bool edit)
{
    char params[512], cursor[GOXEL_CURSOR_TEXT] = "";
    struct goxel_buf all;
    bool more = true;
    size_t len;

    goxel_buf_init(&all, 1 << 20);
    for (int i = 0; more; i++) {
        const char *first, *end;

        snprintf(params, sizeof(params), "{%s'limit':%d%s%s%s}", question, limit,
                 cursor[0] ? ",'cursor':'" : "", cursor, cursor[0] ? "'" : "");
        rig_do(&rig, "voxel.query", params);
        CU_ASSERT(count_voxels() <= limit);
        CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"count\":5000,"));
        first = strchr(rig.reply, '[');
        end = strstr(rig.reply, "],\"count\"");
        CU_ASSERT_FATAL(first && end);
        more = take_cursor(cursor, sizeof(cursor));
        CU_ASSERT_EQUAL(more, strstr(rig.reply, "\"truncated\":true") != NULL);
        (void)goxel_buf_append(&all, first + 1, (size_t)(end - first - 1));
        (void)goxel_buf_puts(&all, more ? "," : "");
        if (edit) {
            snprintf(params, sizeof(params), "[%d,0,0,'#%06x']", i % 50, i + 1);
            rig_do(&rig, "voxel.add", params);
            rig_do(&rig, "voxel.remove", "[49,9,9]");
        }
        CU_ASSERT_FATAL(i < 1000);
    }
    CU_ASSERT_EQUAL_FATAL(all.failed, 0);
    return goxel_buf_take(&all, &len);
}

static void start(void)
{
    rig_start(&rig);
    rig_do(&rig, "project.create", "{'name':'a'}");
    rig_do(&rig, "voxel.fill", "[{'min':[0,0,0],'max':[49,9,9]},[4,4,4]]");
}

static void pages_make_the_whole(void)
{
    char *whole, *pages;

    start();
    whole = read_pages("", 10000, false);
    for (int limit = 4999; limit > 10; limit = limit * 3 / 7) {
        pages = read_pages("", limit, false);
        CU_ASSERT_STRING_EQUAL(pages, whole);
        free(pages);
    }
    pages = read_pages("", 333, true);
    CU_ASSERT_STRING_EQUAL(pages, whole);
    free(pages);
    free(whole);
    rig_stop(&rig);
}

static void several_layers(void)
{
    char *whole, *pages;

    rig_start(&rig);
    rig_do(&rig, "project.create", "{'name':'a'}");
    rig_do(&rig, "voxel.fill", "[{'min':[0,0,0],'max':[49,9,4]},[4,4,4]]");
    rig_do(&rig, "layer.create", "{'name':'second'}");
    rig_do(&rig, "voxel.fill",
           "{'region':{'min':[0,0,0],'max':[49,9,4]},'color':[5,5,5],'layer_id':'second'}");
    whole = read_pages("'layer_id':'all',", 10000, false);
    pages = read_pages("'layer_id':'all',", 999, true);
    CU_ASSERT_STRING_EQUAL(pages, whole);
    free(pages);
    free(whole);
    rig_stop(&rig);
}

static void what_is_refused(void)
{
    char cursor[GOXEL_CURSOR_TEXT], params[512];

    start();
    rig_do(&rig, "voxel.query", "{'limit':10}");
    CU_ASSERT_TRUE_FATAL(take_cursor(cursor, sizeof(cursor)));
    CHECK(rig_call(&rig, "voxel.query", "{'cursor':'nonsense'}"), "-32602 cursor");
    snprintf(params, sizeof(params), "{'cursor':'%s','layer_id':'all'}", cursor);
    CHECK(rig_call(&rig, "voxel.query", params), "-32602 cursor");
    snprintf(params, sizeof(params), "{'operations':[{'method':'voxel.query','params':{'cursor':'%s'}}]}",
             cursor);
    CHECK(rig_call(&rig, "batch.execute", params), "-32602 operations[0].params.cursor");
    rig_do(&rig, "project.create", "{'name':'b'}");
    snprintf(params, sizeof(params), "{'cursor':'%s'}", cursor);
    CHECK(rig_call(&rig, "voxel.query", params), "-32602 cursor");
    snprintf(params, sizeof(params), "{'cursor':'%s','project':'a','limit':4990}", cursor);
    rig_do(&rig, "voxel.query", params);
    CU_ASSERT_EQUAL(count_voxels(), 4990);
    rig_do(&rig, "voxel.query", "{'limit':0,'project':'a'}");
    CU_ASSERT_FALSE(take_cursor(cursor, sizeof(cursor)));
    rig_stop(&rig);
}

/* The version of a cursor that is not used goes, also where no more is asked for; one that is there still needs none. */
static void versions_go(void)
{
    char cursor[GOXEL_CURSOR_TEXT], params[512];

    start();
    rig_do(&rig, "voxel.query", "{'limit':10}");
    CU_ASSERT_TRUE_FATAL(take_cursor(cursor, sizeof(cursor)));
    snprintf(params, sizeof(params), "{'cursor':'%s','limit':1}", cursor);
    goxel_cursors_tend(&rig.rpc->cursors, goxel_clock_ms() + GOXEL_CURSOR_MS + 1000);
    CU_ASSERT_PTR_NULL(rig.rpc->cursors.rows[0].slot);
    rig_do(&rig, "voxel.query", params);
    rig_do(&rig, "voxel.add", "[0,0,0,'#ffffff']");
    rig_do(&rig, "voxel.query", params);
    goxel_cursors_tend(&rig.rpc->cursors, goxel_clock_ms() + GOXEL_CURSOR_MS + 1000);
    CHECK(rig_call(&rig, "voxel.query", params), "-1019 cursor");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "begin again without a cursor"));
    rig_stop(&rig);
}

static void the_oldest_goes(void)
{
    char first[GOXEL_CURSOR_TEXT], last[GOXEL_CURSOR_TEXT], params[512];

    start();
    for (int i = 0; i <= GOXEL_CURSORS_MAX; i++) {
        rig_do(&rig, "voxel.query", "{'limit':10}");
        CU_ASSERT_TRUE_FATAL(take_cursor(i ? last : first, GOXEL_CURSOR_TEXT));
        rig.rpc->cursors.rows[i % GOXEL_CURSORS_MAX].used_ms -=
            1000 - i; /* as if each came a while after the other */
        snprintf(params, sizeof(params), "[0,0,0,'#%06x']", i + 1);
        rig_do(&rig, "voxel.add", params);
    }
    snprintf(params, sizeof(params), "{'cursor':'%s'}", first);
    CHECK(rig_call(&rig, "voxel.query", params), "-1019 cursor");
    snprintf(params, sizeof(params), "{'cursor':'%s'}", last);
    rig_do(&rig, "voxel.query", params);
    rig_stop(&rig);
}

static const struct unit_test tests[] = {
    {"texts", texts},
    {"pages make the whole", pages_make_the_whole},
    {"several layers", several_layers},
    {"what is refused", what_is_refused},
    {"versions go", versions_go},
    {"the oldest goes", the_oldest_goes},
    {NULL, NULL},
};

const struct unit_suite cursors_suite = {"cursors", tests};
