/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may call what: every row of the table, at every level. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "rig.h"
#include "rpc/method.h"
#include "unit.h"

static struct rig rig;

static const struct goxel_grant strangers = {GOXEL_ACCESS_ALL, false};

static void start(void)
{
    rig_start(&rig);
    rig_do(&rig, "project.create", "['castle']");
    rig_do(&rig, "layer.create", "['roof']");
    rig_do(&rig, "voxel.add", "{'x':0,'y':0,'z':0,'color':'#ff0000','layer_id':1}");
    rig.limited = true;
}

static const char *call(const struct goxel_method *method, struct goxel_grant grant)
{
    rig.grant = grant;
    return rig_call(&rig, method->name, method->example);
}

/* What can be seen of the project, and how often it was changed; to be freed. */
static char *look(void)
{
    char *text = NULL;

    rig.grant = GOXEL_GRANT_EVERYTHING;
    rig_do(&rig, "project.list", NULL);
    text = strdup(rig.reply);
    rig_do(&rig, "project.get_history", NULL);
    text = realloc(text, strlen(text) + strlen(rig.reply) + 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    (void)memcpy(text + strlen(text), rig.reply, strlen(rig.reply) + 1);
    return text;
}

static void every_row_says_who_may_call_it(void)
{
    for (const struct goxel_method *method = goxel_methods; method->name; method++) {
        enum goxel_access access = goxel_method_access(method);

        CU_ASSERT_NOT_EQUAL(access, GOXEL_ACCESS_UNSET);
        /* An operation of a batch is not asked again. */
        CU_ASSERT(!(method->states & GOXEL_METHOD_IN_BATCH) || access <= GOXEL_ACCESS_EDIT);
        /* To edit takes more than to read. */
        CU_ASSERT(method->lock != GOXEL_LOCK_EDIT || access >= GOXEL_ACCESS_EDIT);
        CU_ASSERT(!(method->states & GOXEL_METHOD_GROWS) || access >= GOXEL_ACCESS_EDIT);
        for (const struct goxel_param *spec = method->params; spec->name; spec++)
            CU_ASSERT(!spec->access || (spec->access > access && !(method->states & GOXEL_METHOD_LOOSE)));
    }
}

/* The lower levels are refused, and nothing has changed. */
static void below_its_level_nothing_is_done(void)
{
    char *before, *after;

    start();
    before = look();
    for (const struct goxel_method *method = goxel_methods; method->name; method++) {
        for (int level = GOXEL_ACCESS_ALL; level < (int)goxel_method_access(method); level++) {
            CHECK(call(method, (struct goxel_grant){(enum goxel_access)level, true}), "-1013 ");
            CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, goxel_access_name(goxel_method_access(method))));
            CHECK(call(method, (struct goxel_grant){(enum goxel_access)level, false}), "-32004 ");
        }
    }
    after = look();
    CU_ASSERT_STRING_EQUAL(before, after);
    free(before);
    free(after);
    rig_stop(&rig);
}

/* At its level, and no higher one, a method gets to its parameters. */
static void at_its_level_it_is_called(void)
{
    start();
    for (const struct goxel_method *method = goxel_methods; method->name; method++) {
        if (method->states & GOXEL_METHOD_LOOSE || !method->params[0].name)
            continue;
        rig.grant = (struct goxel_grant){goxel_method_access(method), true};
        CHECK(rig_call(&rig, method->name, "{'no such parameter':1}"), "-32602 no such parameter");
    }
    rig_stop(&rig);
}

static void a_parameter_may_need_more(void)
{
    const struct goxel_grant reader = {GOXEL_ACCESS_READ, true};

    start();
    rig.grant = reader;
    rig_do(&rig, "export.model", "{'format':'txt','inline':true}");
    CHECK(rig_call(&rig, "export.model", "{'path':'a.txt'}"), "-1013 ");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "path needs the level edit"));
    CU_ASSERT_FALSE(rig_has_file(rig.root, "a.txt"));
    rig.grant.access = GOXEL_ACCESS_EDIT;
    rig_do(&rig, "export.model", "{'path':'a.txt'}");
    CU_ASSERT_TRUE(rig_has_file(rig.root, "a.txt"));
    rig_stop(&rig);
}

static void a_notification_is_refused_in_silence(void)
{
    char *before, *after;

    start();
    before = look();
    rig.grant = strangers;
    rig_send(&rig, "{\"jsonrpc\":\"2.0\",\"method\":\"voxel.add\",\"params\":[9,9,9,\"#ffffff\"]}");
    CU_ASSERT_STRING_EQUAL(rig.reply, "");
    after = look();
    CU_ASSERT_STRING_EQUAL(before, after);
    free(before);
    free(after);
    rig_stop(&rig);
}

static void refusals_are_counted(void)
{
    uint64_t unauthorised, forbidden;

    start();
    rig.grant = strangers;
    rig_call(&rig, "project.list", NULL);
    rig_call(&rig, "no.such", NULL);
    rig_call(&rig, "system.ping", NULL);
    rig.grant = (struct goxel_grant){GOXEL_ACCESS_READ, true};
    rig_call(&rig, "voxel.add", NULL);
    rig_call(&rig, "system.reload", NULL);
    goxel_rpc_refusals(rig.rpc, &unauthorised, &forbidden);
    CU_ASSERT_EQUAL(unauthorised, 1);
    CU_ASSERT_EQUAL(forbidden, 2);
    rig_stop(&rig);
}

/* ---- system.authenticate ---- */

static int authenticate(struct goxel_rpc_call *call, const char *token, size_t len,
                        struct goxel_detail *detail, struct goxel_authenticated *ret_authenticated)
{
    if (len != 2 || memcmp(token, "ok", 2) != 0)
        return goxel_fail(detail, GOXEL_ERROR_AUTHENTICATION, "no");
    call->grant = goxel_grant_known(GOXEL_ACCESS_EDIT);
    *ret_authenticated = (struct goxel_authenticated){
        .name = "ci", .access = GOXEL_ACCESS_EDIT, .lasting = true};
    return 0;
}

static void a_token_counts_for_the_rest_of_its_batch(void)
{
    start();
    rig.grant = strangers;
    rig.authenticate = authenticate;
    CHECK(rig_call(&rig, "system.authenticate", "['no']"), "-1012 ");
    CHECK(rig_call(&rig, "system.authenticate", "['ok']"),
          "{'authenticated':true,'name':'ci','level':'edit','lasting':true}");
    rig_send(
        &rig,
        rig_json("[{'jsonrpc':'2.0','id':1,'method':'layer.rename','params':{'layer_id':1,'name':'a'}},"
                 "{'jsonrpc':'2.0','method':'system.authenticate','params':['ok']},"
                 "{'jsonrpc':'2.0','id':2,'method':'layer.rename','params':{'layer_id':1,'name':'b'}}]"));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"id\":1,\"error\":{\"code\":-32004"));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"id\":2,\"result\":"));
    rig_stop(&rig);
}

static const struct unit_test tests[] = {
    {"every row says who may call it", every_row_says_who_may_call_it},
    {"below its level nothing is done", below_its_level_nothing_is_done},
    {"at its level it is called", at_its_level_it_is_called},
    {"a parameter may need more", a_parameter_may_need_more},
    {"a notification is refused in silence", a_notification_is_refused_in_silence},
    {"refusals are counted", refusals_are_counted},
    {"a token counts for the rest of its batch", a_token_counts_for_the_rest_of_its_batch},
    {NULL, NULL},
};

const struct unit_suite access_suite = {"access", tests};
