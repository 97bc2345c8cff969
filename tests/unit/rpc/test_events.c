/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Subscribing to events, and what becomes of projects as events. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "rig.h"
#include "rpc/news.h"

static struct rig rig;

static size_t subscribers(void)
{
    struct goxel_feed_figures figures;

    goxel_feed_figures(rig.feed, &figures);
    return figures.subscribers;
}

static void where_no_events_can_follow_nobody_subscribes(void)
{
    rig_start(&rig);
    CHECK(rig_call(&rig, "system.subscribe", NULL), "-1017 ");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "GET /events"));
    CHECK(rig_call(&rig, "system.unsubscribe", NULL), "-1017 ");
    rig_stop(&rig);
}

static void what_is_wanted_is_answered(void)
{
    rig_start(&rig);
    rig.hears = true;
    rig_call(&rig, "system.subscribe", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(
        rig.reply, "{\"events\":[\"project\",\"state\",\"health\"],\"project\":null,\"last_event_id\":\""));
    CU_ASSERT_EQUAL(subscribers(), 0); /* the call had it, and nobody took it over */
    rig_call(&rig, "system.subscribe", "{'events':['health','project','health'],'project':'p7'}");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "{\"events\":[\"project\",\"health\"],\"project\":\"p7\","));
    CHECK(rig_call(&rig, "system.unsubscribe", NULL), "{'unsubscribed':false}");
    rig_stop(&rig);
}

static void what_is_wrong_is_named(void)
{
    rig_start(&rig);
    rig.hears = true;
    CHECK(rig_call(&rig, "system.subscribe", "{'events':[]}"), "-32602 events");
    CHECK(rig_call(&rig, "system.subscribe", "{'events':['project','weather']}"), "-32602 events[1]");
    CHECK(rig_call(&rig, "system.subscribe", "{'events':[1]}"), "-32602 events[0]");
    CHECK(rig_call(&rig, "system.subscribe", "{'events':['state','state','state','state']}"),
          "-32602 events");
    CHECK(rig_call(&rig, "system.subscribe", "{'events':'state'}"), "-32602 events");
    CHECK(rig_call(&rig, "system.subscribe", "{'last_event_id':7}"), "-32602 last_event_id");
    CU_ASSERT_EQUAL(subscribers(), 0);
    rig_stop(&rig);
}

static void in_a_batch_the_last_word_counts(void)
{
    rig_start(&rig);
    rig.hears = true;
    rig_send(&rig, rig_json("[{'jsonrpc':'2.0','id':1,'method':'system.subscribe'},"
                            "{'jsonrpc':'2.0','id':2,'method':'system.unsubscribe'},"
                            "{'jsonrpc':'2.0','id':3,'method':'system.unsubscribe'}]"));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"id\":2,\"result\":{\"unsubscribed\":true}"));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"id\":3,\"result\":{\"unsubscribed\":false}"));
    CU_ASSERT_EQUAL(subscribers(), 0);
    rig_stop(&rig);
}

static void there_are_no_more_than_may_be(void)
{
    const struct goxel_feed_filter filter = {.kinds = GOXEL_FEED_ALL};
    struct goxel_subscriber *only = NULL;

    rig_start(&rig);
    rig.hears = true;
    CU_ASSERT_EQUAL_FATAL(goxel_feed_subscribe(rig.feed, &filter, NULL, NULL, &only), 0);
    CHECK(rig_call(&rig, "system.subscribe", NULL), "-32000 subscribers");
    goxel_feed_unsubscribe(only);
    rig_stop(&rig);
}

/* ---- news ---- */

static void put_data(struct goxel_buf *out, const struct goxel_told *told)
{
    const char *data = strstr(told->data, "\"what\"");

    goxel_buf_printf(out, "%s\n", data ? data : told->event);
}

static void check_news(const struct goxel_news *news, const char *project, const char *expected)
{
    struct goxel_feed *feed = goxel_feed_create(1);
    struct goxel_feed_filter filter = {.kinds = GOXEL_FEED_ALL};
    struct goxel_subscriber *subscriber = NULL;
    struct goxel_news_desk desk;
    struct goxel_buf out;

    goxel_news_desk_init(&desk, feed);
    (void)snprintf(filter.project, sizeof(filter.project), "%s", project);
    CU_ASSERT_EQUAL_FATAL(goxel_feed_subscribe(feed, &filter, NULL, NULL, &subscriber), 0);
    desk.watcher.tell(&desk.watcher, news);
    goxel_buf_init(&out, 1 << 16);
    goxel_feed_take(subscriber, SIZE_MAX, put_data, &out);
    CU_ASSERT_STRING_EQUAL(out.len ? out.data : "", expected);
    goxel_buf_finish(&out);
    goxel_feed_unsubscribe(subscriber);
    goxel_feed_destroy(feed);
}

static void news_say_what_they_are_about(void)
{
    struct goxel_extent extent = {.parts = GOXEL_PART_SCENE | GOXEL_PART_VOXELS,
                                  .box = {{-1, 0, 1}, {2, 3, 4}},
                                  .layer_count = 2,
                                  .layers = {3, 7}};
    struct goxel_news news = {.kind = GOXEL_NEWS_EDITED,
                              .id = "p1",
                              .name = "a \"castle\"",
                              .method = "voxel.add",
                              .has_version = true,
                              .version = 5,
                              .epoch = 9,
                              .extent = &extent};
    static const char edited[] =
        "\"what\":\"edited\",\"project_id\":\"p1\",\"name\":\"a \\\"castle\\\"\",\"method\":\"voxel.add\",\"version\":5,"
        "\"epoch\":9,\"parts\":[\"scene\",\"voxels\"],\"box\":{\"min\":[-1,0,1],\"max\":[2,3,4]},\"layers\":[3,7]}\n";
    static const char renamed[] =
        "\"what\":\"renamed\",\"project_id\":\"p1\",\"name\":\"new\",\"former_name\":\"old\"}\n";

    check_news(&news, "", edited);
    check_news(&news, "p1", edited);
    check_news(&news, "a \"castle\"", edited);
    check_news(&news, "p", "");
    check_news(&news, "voxel.add", "");
    extent.layer_count = GOXEL_EXTENT_LAYERS_MAX + 1; /* more than are named */
    check_news(
        &news, "",
        "\"what\":\"edited\",\"project_id\":\"p1\",\"name\":\"a \\\"castle\\\"\",\"method\":\"voxel.add\","
        "\"version\":5,\"epoch\":9,\"parts\":[\"scene\",\"voxels\"],\"box\":{\"min\":[-1,0,1],\"max\":[2,3,4]}}\n");
    news = (struct goxel_news){.kind = GOXEL_NEWS_RENAMED, .id = "p1", .name = "new", .former = "old"};
    check_news(&news, "old", renamed);
    check_news(&news, "new", renamed);
    news = (struct goxel_news){.kind = GOXEL_NEWS_DELETED, .id = "p1", .name = "new"};
    check_news(&news, "", "\"what\":\"deleted\",\"project_id\":\"p1\",\"name\":\"new\"}\n");
}

static void put_escapes(struct goxel_buf *out)
{
    for (int i = 0; i < GOXEL_NAME_MAX; i++)
        goxel_buf_puts(out, "\\u0001");
}

/* Names as long as they may be, of bytes that JSON writes as six. */
static void the_longest_names_have_room(void)
{
    char name[GOXEL_NAME_MAX + 1];
    struct goxel_news news = {.kind = GOXEL_NEWS_RENAMED, .id = "p1", .name = name, .former = name};
    struct goxel_buf expected;

    memset(name, '\x01', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    goxel_buf_init(&expected, 1 << 16);
    goxel_buf_puts(&expected, "\"what\":\"renamed\",\"project_id\":\"p1\",\"name\":\"");
    put_escapes(&expected);
    goxel_buf_puts(&expected, "\",\"former_name\":\"");
    put_escapes(&expected);
    goxel_buf_puts(&expected, "\"}\n");
    check_news(&news, "", expected.data);
    goxel_buf_finish(&expected);
}

/* What the workspace itself tells. */
static void comings_and_goings_are_told(void)
{
    const struct goxel_feed_filter filter = {.kinds = GOXEL_FEED_ALL};
    struct goxel_subscriber *subscriber = NULL;
    struct goxel_news_desk desk;
    struct goxel_buf out;

    rig_start(&rig);
    goxel_news_desk_init(&desk, rig.feed);
    goxel_workspace_set_watcher(rig.workspace, &desk.watcher);
    CU_ASSERT_EQUAL_FATAL(goxel_feed_subscribe(rig.feed, &filter, NULL, NULL, &subscriber), 0);
    rig_do(&rig, "project.create", "{'name':'castle'}");
    rig_call(&rig, "project.create", "{'name':'castle'}"); /* refused: nothing is told */
    rig_do(&rig, "project.rename", "{'name':'fort'}");
    rig_call(&rig, "project.rename", "{'name':'fort'}"); /* nothing changes */
    rig_do(&rig, "project.delete", "{'project':'fort'}");
    goxel_buf_init(&out, 1 << 16);
    goxel_feed_take(subscriber, SIZE_MAX, put_data, &out);
    CU_ASSERT_STRING_EQUAL(
        out.data,
        "\"what\":\"created\",\"project_id\":\"p1\",\"name\":\"castle\",\"version\":0,\"epoch\":0}\n"
        "\"what\":\"renamed\",\"project_id\":\"p1\",\"name\":\"fort\",\"former_name\":\"castle\"}\n"
        "\"what\":\"deleted\",\"project_id\":\"p1\",\"name\":\"fort\"}\n");
    goxel_buf_finish(&out);
    goxel_feed_unsubscribe(subscriber);
    rig_stop(&rig);
}

const struct unit_suite events_suite = {
    "events",
    (const struct unit_test[]){
        {"where no events can follow, nobody subscribes", where_no_events_can_follow_nobody_subscribes},
        {"what is wanted is answered", what_is_wanted_is_answered},
        {"what is wrong is named", what_is_wrong_is_named},
        {"in a batch the last word counts", in_a_batch_the_last_word_counts},
        {"there are no more than may be", there_are_no_more_than_may_be},
        {"news say what they are about", news_say_what_they_are_about},
        {"the longest names have room", the_longest_names_have_room},
        {"comings and goings are told", comings_and_goings_are_told},
        {NULL, NULL},
    },
};
