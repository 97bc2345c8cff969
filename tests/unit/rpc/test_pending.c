/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replies wait until what they promise lasts; what does not last is an error, and nobody has seen it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "rig.h"

static struct rig rig;

/* A keeper that settles nothing before the test says so. */
#define CHANGES_MAX 16

static struct {
    struct goxel_keeper keeper;
    size_t count;
    int code; /* of what comes: it is refused */
    struct {
        struct goxel_slot *slot;
        struct goxel_project *version;
        struct goxel_promise *promise;
    } changes[CHANGES_MAX];
} slow;

static int keep(struct goxel_keeper *keeper, struct goxel_slot *slot, const struct goxel_change *change,
                uint64_t epoch, struct goxel_promise *promise, struct goxel_detail *detail)
{
    size_t at;

    (void)keeper;
    (void)epoch;
    (void)detail;
    if (slow.code)
        return slow.code;
    at = slow.count++;
    slow.changes[at].slot = goxel_slot_ref(slot);
    slow.changes[at].version = goxel_project_ref(change->after);
    slow.changes[at].promise = promise;
    return 0;
}

static int keep_life(struct goxel_keeper *keeper, struct goxel_slot *slot, struct goxel_detail *detail)
{
    (void)keeper;
    (void)slot;
    (void)detail;
    return 0;
}

/* The n-th change is published, or lost with everything after it. */
static void settle(size_t n, int code)
{
    struct goxel_detail detail;

    goxel_fail(&detail, code, "the disk is gone");
    snprintf(detail.outcome, sizeof(detail.outcome), "unknown");
    if (code)
        goxel_head_drop(goxel_slot_head(slow.changes[n].slot));
    else
        goxel_head_publish(goxel_slot_head(slow.changes[n].slot), slow.changes[n].version);
    slow.changes[n].promise->settled(slow.changes[n].promise, code, code ? &detail : NULL);
    goxel_slot_unref(slow.changes[n].slot);
    goxel_project_unref(slow.changes[n].version);
}

/* A call of its own, which this thread runs. */
struct shot {
    struct goxel_rpc_call call;
    bool done;
};

static void on_done(struct goxel_rpc_call *call)
{
    ((struct shot *)call)->done = true;
}

static void shoot(struct shot *shot, const char *message)
{
    memset(shot, 0, sizeof(*shot));
    goxel_rpc_call_init(&shot->call, rig.rpc);
    shot->call.grant = GOXEL_GRANT_EVERYTHING;
    shot->call.body = message;
    shot->call.body_len = strlen(message);
    shot->call.done = on_done;
    goxel_rpc_run(&shot->call);
}

static void begin(void)
{
    rig_start(&rig);
    memset(&slow, 0, sizeof(slow));
    slow.keeper = (struct goxel_keeper){keep, keep_life, keep_life, NULL, NULL};
    goxel_workspace_set_keeper(rig.workspace, &slow.keeper);
    rig_do(&rig, "project.create", NULL);
}

#define ADD(id, x) \
    "{\"jsonrpc\":\"2.0\",\"id\":" #id ",\"method\":\"voxel.add\",\"params\":[" #x ",0,0,[1,2,3]]}"
#define GET(id, x) "{\"jsonrpc\":\"2.0\",\"id\":" #id ",\"method\":\"voxel.get\",\"params\":[" #x ",0,0]}"
#define ADD_NAMED "{\"jsonrpc\":\"2.0\",\"id\":\"seven\",\"method\":\"voxel.add\",\"params\":[1,0,0,[1,2,3]]}"
#define COUNT "{'count':%d,'truncated':false}"

static void check_voxels(int count)
{
    char wanted[64];

    snprintf(wanted, sizeof(wanted), COUNT, count);
    CHECK(rig_call(&rig, "voxel.query", "{'return_format':'count'}"), wanted);
}

static void a_reply_waits_for_its_edit(void)
{
    struct shot shot;

    begin();
    shoot(&shot, ADD(7, 1));
    CU_ASSERT_FALSE(shot.done);
    check_voxels(0); /* nobody sees it yet */
    settle(0, 0);
    CU_ASSERT_TRUE(shot.done);
    CU_ASSERT_PTR_NOT_NULL(strstr(shot.call.reply.data, "\"id\":7,\"result\":"));
    check_voxels(1);
    goxel_rpc_call_finish(&shot.call);
    rig_stop(&rig);
}

static void an_edit_that_does_not_last_is_an_error(void)
{
    struct shot shot;

    begin();
    shoot(&shot, ADD_NAMED);
    settle(0, GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_TRUE(shot.done);
    CU_ASSERT_STRING_EQUAL(
        shot.call.reply.data,
        "{\"jsonrpc\":\"2.0\",\"id\":\"seven\",\"error\":{\"code\":-1005,\"message\":\"file access failed\","
        "\"data\":{\"reason\":\"the disk is gone\",\"outcome\":\"unknown\"}}}");
    check_voxels(0);
    goxel_rpc_call_finish(&shot.call);
    rig_stop(&rig);
}

/* Of two calls of one project, the second builds on the first. */
static void edits_build_on_what_is_on_its_way(void)
{
    struct shot one, two;

    begin();
    shoot(&one, ADD(1, 1));
    shoot(&two, ADD(2, 2));
    CU_ASSERT_EQUAL(slow.count, 2);
    CU_ASSERT_EQUAL(goxel_project_voxels(slow.changes[1].version), 2);
    settle(0, 0);
    CU_ASSERT_TRUE(one.done && !two.done);
    check_voxels(1);
    settle(1, 0);
    CU_ASSERT_TRUE(two.done);
    check_voxels(2);
    goxel_rpc_call_finish(&one.call);
    goxel_rpc_call_finish(&two.call);
    rig_stop(&rig);
}

/* A batch reads what it has written, others do not; its reply waits for all of it. */
static void a_batch_sees_its_own_edits(void)
{
    struct shot batch, other;

    begin();
    shoot(&batch, "[" GET(1, 5) "," ADD(2, 5) "," GET(3, 5) "]");
    CU_ASSERT_FALSE(batch.done);
    shoot(&other, GET(4, 5));
    CU_ASSERT_TRUE(other.done);
    CU_ASSERT_PTR_NOT_NULL(strstr(other.call.reply.data, "\"exists\":false"));
    settle(0, 0);
    CU_ASSERT_TRUE(batch.done);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(batch.call.reply.data, "\"id\":1,\"result\":{\"x\":5,\"y\":0,\"z\":0,\"exists\":false"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(batch.call.reply.data, "\"id\":3,\"result\":{\"x\":5,\"y\":0,\"z\":0,\"exists\":true"));
    goxel_rpc_call_finish(&batch.call);
    goxel_rpc_call_finish(&other.call);
    rig_stop(&rig);
}

/* What failed, and what was read of it, are errors in their places; the rest of the batch stays. */
static void a_batch_fails_in_part(void)
{
    struct shot batch;
    struct goxel_json *reply = NULL;

    begin();
    shoot(&batch, "[" GET(1, 5) "," ADD(2, 5) "," GET(
                      3, 5) ","
                            "{\"jsonrpc\":\"2.0\",\"method\":\"voxel.add\",\"params\":[6,0,0,[1,2,3]]}," ADD(
                                4, 7) "]");
    CU_ASSERT_EQUAL(slow.count, 3);
    settle(0, 0);
    settle(1, GOXEL_ERROR_STORAGE_FULL); /* the notification's */
    CU_ASSERT_FALSE(batch.done);
    settle(2, GOXEL_ERROR_LOCKED);
    CU_ASSERT_TRUE(batch.done);
    CU_ASSERT_EQUAL_FATAL(goxel_json_parse(batch.call.reply.data, batch.call.reply.len,
                                           &goxel_json_limits_default, NULL, &reply),
                          0);
    CU_ASSERT_EQUAL(goxel_json_length(reply), 4);
    for (size_t i = 0; i < 4; i++) {
        const struct goxel_json *one = goxel_json_at(reply, i);

        CU_ASSERT_EQUAL(goxel_json_int(goxel_json_get(one, "id")), (int64_t)i + 1);
        CU_ASSERT_EQUAL(goxel_json_get(one, "error") != NULL, i == 3);
        CU_ASSERT_EQUAL(goxel_json_get(one, "result") != NULL, i != 3);
    }
    check_voxels(1);
    goxel_json_free(reply);
    goxel_rpc_call_finish(&batch.call);
    rig_stop(&rig);
}

static void a_read_of_what_failed_fails(void)
{
    struct shot batch;

    begin();
    shoot(&batch, "[" ADD(1, 5) "," GET(2, 5) "]");
    settle(0, GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_TRUE(batch.done);
    CU_ASSERT_PTR_NULL(strstr(batch.call.reply.data, "\"result\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(batch.call.reply.data, "\"id\":1,\"error\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(batch.call.reply.data, "\"id\":2,\"error\""));
    goxel_rpc_call_finish(&batch.call);
    rig_stop(&rig);
}

/* It says that the voxel is there, which is so only if the other edit lasts. */
static void an_edit_that_changes_nothing_waits_for_what_it_saw(void)
{
    struct shot one, same;

    begin();
    shoot(&one, ADD(1, 5));
    shoot(&same, ADD(2, 5));
    CU_ASSERT_FALSE(same.done);
    CU_ASSERT_EQUAL(slow.count, 2);
    settle(0, GOXEL_ERROR_STORAGE_FULL);
    settle(1, GOXEL_ERROR_LOCKED);
    CU_ASSERT_TRUE(one.done && same.done);
    CU_ASSERT_PTR_NOT_NULL(strstr(same.call.reply.data, "\"error\""));
    goxel_rpc_call_finish(&one.call);
    goxel_rpc_call_finish(&same.call);
    rig_stop(&rig);
}

#define ADD_KEYED(id, x) \
    "{\"jsonrpc\":\"2.0\",\"id\":" #id ",\"method\":\"voxel.add\",\"params\":{\"x\":" #x \
    ",\"y\":0,\"z\":0,\"color\":[1,2,3],\"request_key\":\"k\"}}"

/* The second is the first, and is not answered before it. */
static void a_repeat_waits_for_the_first(void)
{
    struct shot one, two;

    begin();
    shoot(&one, ADD_KEYED(7, 1));
    shoot(&two, ADD_KEYED(8, 1));
    CU_ASSERT_EQUAL_FATAL(slow.count, 2);
    CU_ASSERT_EQUAL(slow.changes[0].version->version, slow.changes[1].version->version);
    settle(0, 0);
    CU_ASSERT_TRUE(one.done && !two.done);
    settle(1, 0);
    CU_ASSERT_TRUE(two.done);
    CU_ASSERT_STRING_EQUAL(strstr(one.call.reply.data, "\"result\""),
                           strstr(two.call.reply.data, "\"result\""));
    check_voxels(1);
    goxel_rpc_call_finish(&one.call);
    goxel_rpc_call_finish(&two.call);
    rig_stop(&rig);
}

static void a_repeat_within_a_batch_is_one(void)
{
    struct shot batch;

    begin();
    shoot(&batch, "[" ADD_KEYED(1, 1) "," ADD_KEYED(2, 1) "," ADD_KEYED(3, 9) "]");
    CU_ASSERT_EQUAL_FATAL(slow.count, 2);
    settle(0, 0);
    settle(1, 0);
    CU_ASSERT_TRUE(batch.done);
    CU_ASSERT_PTR_NOT_NULL(strstr(batch.call.reply.data, "\"id\":2,\"result\":{\"x\":1,"));
    CU_ASSERT_PTR_NOT_NULL(strstr(batch.call.reply.data, "\"id\":3,\"error\":{\"code\":-1018,"));
    check_voxels(1);
    goxel_rpc_call_finish(&batch.call);
    rig_stop(&rig);
}

/* The first, its repeat, and what came between are lost; the next repeat is the first of its kind. */
static void a_key_is_lost_with_its_edit(void)
{
    struct shot one, other, two, three;

    begin();
    shoot(&one, ADD_KEYED(7, 1));
    shoot(&other, ADD(8, 2));
    shoot(&two, ADD_KEYED(9, 1));
    CU_ASSERT_EQUAL_FATAL(slow.count, 3);
    settle(0, GOXEL_ERROR_FILE_ACCESS);
    settle(1, GOXEL_ERROR_LOCKED);
    settle(2, GOXEL_ERROR_LOCKED);
    CU_ASSERT_TRUE(one.done && other.done && two.done);
    CU_ASSERT_PTR_NOT_NULL(strstr(one.call.reply.data, "\"error\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(two.call.reply.data, "\"error\""));
    check_voxels(0);
    shoot(&three, ADD_KEYED(10, 1));
    CU_ASSERT_EQUAL_FATAL(slow.count, 4);
    settle(3, 0);
    CU_ASSERT_TRUE(three.done);
    CU_ASSERT_PTR_NOT_NULL(strstr(three.call.reply.data, "\"result\""));
    check_voxels(1);
    goxel_rpc_call_finish(&one.call);
    goxel_rpc_call_finish(&other.call);
    goxel_rpc_call_finish(&two.call);
    goxel_rpc_call_finish(&three.call);
    rig_stop(&rig);
}

/* A name that did not come to last is as free as it was, and the project keeps the one it had. */
static void a_name_that_does_not_last(void)
{
    begin();
    slow.code = GOXEL_ERROR_STORAGE_FULL;
    CHECK(rig_call(&rig, "project.rename", "['castle']"), "-1020 ");
    CHECK(rig_call(&rig, "voxel.query", "{'return_format':'count','project':'castle'}"), "-1001 project");
    rig_do(&rig, "voxel.query", "{'return_format':'count','project':'Untitled'}");
    rig_do(&rig, "project.create", "['castle']");
    rig_stop(&rig);
}

static const struct unit_test tests[] = {
    {"a reply waits for its edit", a_reply_waits_for_its_edit},
    {"an edit that does not last is an error", an_edit_that_does_not_last_is_an_error},
    {"edits build on what is on its way", edits_build_on_what_is_on_its_way},
    {"a batch sees its own edits", a_batch_sees_its_own_edits},
    {"a batch fails in part", a_batch_fails_in_part},
    {"a read of what failed fails", a_read_of_what_failed_fails},
    {"an edit that changes nothing waits for what it saw",
     an_edit_that_changes_nothing_waits_for_what_it_saw},
    {"a repeat waits for the first", a_repeat_waits_for_the_first},
    {"a repeat within a batch is one", a_repeat_within_a_batch_is_one},
    {"a key is lost with its edit", a_key_is_lost_with_its_edit},
    {"a name that does not last", a_name_that_does_not_last},
    {NULL, NULL},
};

const struct unit_suite pending_suite = {"pending", tests};
