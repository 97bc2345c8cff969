/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transfers without HTTP around them: what goes in comes out, and the conditions under which it does. */
#include "rpc/transfer.h"

#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/error.h"
#include "base/gzip.h"
#include "format/format.h"
#include "rig.h"

static struct rig rig;

/* One transfer, filled by the test, carried out by `run`, ended by `end`. */
struct trip {
    struct goxel_transfer it;
    struct goxel_rpc_call call;
    sem_t done;
};

static void on_done(struct goxel_rpc_call *call)
{
    sem_post(&((struct trip *)((char *)call - offsetof(struct trip, call)))->done);
}

static void begin(struct trip *trip, const char *verb, enum goxel_resource resource, const char *name)
{
    memset(trip, 0, sizeof(*trip));
    goxel_spool_init(&trip->it.body, rig.root, 1 << 24);
    goxel_spool_init(&trip->it.out, rig.root, 1 << 24);
    goxel_rpc_call_init(&trip->call, rig.rpc);
    trip->call.grant = GOXEL_GRANT_EVERYTHING;
    trip->it.verb = verb;
    trip->it.resource = resource;
    trip->it.name = name;
    trip->call.transfer = &trip->it;
    trip->call.done = on_done;
    sem_init(&trip->done, 0, 0);
}

static int run(struct trip *trip)
{
    if (trip->it.params)
        trip->it.params_len = strlen(trip->it.params);
    goxel_rpc_run(&trip->call);
    sem_wait(&trip->done);
    return trip->it.code;
}

static void end(struct trip *trip)
{
    goxel_spool_finish(&trip->it.body);
    goxel_spool_finish(&trip->it.out);
    goxel_rpc_call_finish(&trip->call);
    sem_destroy(&trip->done);
}

/* PUT with that body and those conditions (NULL: none): its code; *ret_created if it is 0. */
static int put(const char *name, const char *body, const char *if_match, const char *if_none_match,
               bool *ret_created)
{
    struct trip trip;
    int code;

    begin(&trip, "PUT", GOXEL_RESOURCE_PROJECT, name);
    goxel_spool_append(&trip.it.body, body, strlen(body), NULL);
    trip.it.if_match = if_match;
    trip.it.if_none_match = if_none_match;
    code = run(&trip);
    if (ret_created)
        *ret_created = trip.it.created;
    end(&trip);
    return code;
}

/* GET: its code; what came, for free(3), and its ETag. */
static int get(const char *name, const char *if_none_match, char **ret_text, char ret_etag[96])
{
    struct trip trip;
    const uint8_t *bytes = NULL;
    int code;

    begin(&trip, "GET", GOXEL_RESOURCE_PROJECT, name);
    trip.it.if_none_match = if_none_match;
    code = run(&trip);
    if (!code && !trip.it.unchanged && ret_text && !goxel_spool_bytes(&trip.it.out, NULL, &bytes))
        *ret_text = strndup((const char *)bytes, trip.it.out.len);
    else if (ret_text)
        *ret_text = NULL;
    if (ret_etag)
        memcpy(ret_etag, trip.it.etag, 96);
    end(&trip);
    return code;
}

#define RED "0 0 0 ff0000\n"
#define GREEN "0 0 0 00ff00\n1 0 0 00ff00\n"

static void a_file_goes_round(void)
{
    char *text = NULL, etag[96], other[96];
    bool created = false;

    rig_start(&rig);
    CU_ASSERT_EQUAL(put("castle.txt", RED, NULL, NULL, &created), 0);
    CU_ASSERT_TRUE(created);
    CU_ASSERT_EQUAL(get("castle.txt", NULL, &text, etag), 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, RED));
    free(text);
    CU_ASSERT_EQUAL(get("castle.txt", etag, &text, other), 0);
    CU_ASSERT_PTR_NULL(text);
    CU_ASSERT_STRING_EQUAL(etag, other);
    CU_ASSERT_EQUAL(get("castle.gox", NULL, NULL, other), 0);
    CU_ASSERT_STRING_NOT_EQUAL(etag, other);
    CU_ASSERT_EQUAL(put("castle.txt", GREEN, NULL, NULL, &created), 0);
    CU_ASSERT_FALSE(created);
    CU_ASSERT_EQUAL(get("castle.txt", etag, &text, other), 0);
    CU_ASSERT_STRING_NOT_EQUAL(etag, other);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, GREEN));
    free(text);
    rig_stop(&rig);
}

/* It is one step, and layers of the old content and of the new are never taken for each other. */
static void a_replacement_is_an_edit(void)
{
    rig_start(&rig);
    CU_ASSERT_EQUAL(put("castle.txt", RED, NULL, NULL, NULL), 0);
    rig_do(&rig, "selection.set", "{'region':{'min':[0,0,0],'max':[1,0,0]}}");
    CU_ASSERT_EQUAL(put("castle.txt", GREEN, NULL, NULL, NULL), 0);
    CHECK(rig_call(&rig, "voxel.get", "[1,0,0]"),
          "{'x':1,'y':0,'z':0,'exists':true,'color':[0,255,0,255],'layer_id':2}");
    rig_do(&rig, "project.undo", NULL);
    CHECK(rig_call(&rig, "voxel.get", "[0,0,0]"),
          "{'x':0,'y':0,'z':0,'exists':true,'color':[255,0,0,255],'layer_id':1}");
    rig_do(&rig, "project.redo", NULL);
    CHECK(rig_call(&rig, "voxel.get", "[0,0,0]"),
          "{'x':0,'y':0,'z':0,'exists':true,'color':[0,255,0,255],'layer_id':2}");
    rig_do(&rig, "layer.create", "{'name':'third'}");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"id\":3"));
    rig_stop(&rig);
}

static void what_is_refused(void)
{
    static const struct {
        const char *name, *body;
        int code;
    } rows[] = {
        {"castle", RED, GOXEL_ERROR_FORMAT_NOT_SUPPORTED},
        {"castle.obj", RED, GOXEL_ERROR_FORMAT_NOT_SUPPORTED},
        {"castle.gox", RED, GOXEL_ERROR_INVALID_DATA},
        {"castle.txt", "nonsense", GOXEL_ERROR_INVALID_DATA},
        {".txt", RED, GOXEL_ERROR_VALIDATION},
        {"p7.txt", RED, GOXEL_ERROR_VALIDATION},
        {"cas\ntle.txt", RED, GOXEL_ERROR_VALIDATION},
        {"\xff.txt", RED, GOXEL_ERROR_VALIDATION},
    };
    char longest[GOXEL_RESOURCE_NAME_MAX + 1], *text = NULL;

    rig_start(&rig);
    CU_ASSERT_EQUAL(put("there.txt", RED, NULL, NULL, NULL), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CU_ASSERT_EQUAL(put(rows[i].name, rows[i].body, NULL, NULL, NULL), rows[i].code);
    CU_ASSERT_EQUAL(put("there.txt", "nonsense", NULL, NULL, NULL), GOXEL_ERROR_INVALID_DATA);
    memset(longest, 'x', GOXEL_RESOURCE_NAME_MAX);
    longest[GOXEL_RESOURCE_NAME_MAX] = '\0';
    CU_ASSERT_EQUAL(get(longest, NULL, NULL, NULL), GOXEL_ERROR_VALIDATION);
    memcpy(longest + GOXEL_NAME_MAX - 3, ".txt", 5);
    CU_ASSERT_EQUAL(get(longest, NULL, NULL, NULL), GOXEL_ERROR_PROJECT_NOT_FOUND);
    CHECK(rig_call(&rig, "project.list", "{'project':'castle'}"), "-1001 project");
    CU_ASSERT_EQUAL(get("there.txt", NULL, &text, NULL), 0);
    CU_ASSERT(text && strstr(text, RED));
    free(text);
    rig_do(&rig, "project.create", "{'name':'of two.parts'}");
    CU_ASSERT_EQUAL(get("of two.parts", NULL, NULL, NULL), 0);
    rig_stop(&rig);
}

/* GET with a query: its code; the ETag, what came (for free(3)), and the detail's field. */
static int ask(const char *name, const char *params, char ret_etag[96], char **ret_text, char ret_field[64])
{
    const uint8_t *bytes = NULL;
    struct trip trip;
    int code;

    begin(&trip, "GET", GOXEL_RESOURCE_PROJECT, name);
    trip.it.params = params;
    code = run(&trip);
    memcpy(ret_etag, trip.it.etag, 96);
    memcpy(ret_field, trip.it.detail.field, 64);
    *ret_text = NULL;
    if (!code && !goxel_spool_bytes(&trip.it.out, NULL, &bytes))
        *ret_text = strndup((const char *)bytes, trip.it.out.len);
    end(&trip);
    return code;
}

static void a_query_chooses(void)
{
    static const struct {
        const char *params;
        int code;
        const char *lines, *field; /* NULL: not looked at */
    } rows[] = {
        {"{\"layers\":\"roof\"}", 0, "5 0 0 0000ff\n", NULL},
        {"{\"layers\":\"1\"}", 0, "0 0 0 00ff00\n1 0 0 00ff00\n", NULL},
        {"{\"layers\":\"roof,1\"}", 0, "0 0 0 00ff00\n1 0 0 00ff00\n5 0 0 0000ff\n", NULL},
        {"{\"box\":\"1,0,0,5,9,9\"}", 0, "1 0 0 00ff00\n5 0 0 0000ff\n", NULL},
        {"{\"box\":\"1,0,0,5,9,9\",\"layers\":\"1\",\"strict\":\"true\"}", 0, "1 0 0 00ff00\n", NULL},
        {"{\"strict\":\"false\"}", 0, "0 0 0 00ff00\n1 0 0 00ff00\n5 0 0 0000ff\n", NULL},
        {"{\"strict\":\"1\"}", GOXEL_ERROR_INVALID_PARAMS, NULL, "strict"},
        {"{\"layers\":\"1,\"}", GOXEL_ERROR_LAYER_NOT_FOUND, NULL, "layers[1]"},
        {"{\"layers\":\"7\"}", GOXEL_ERROR_LAYER_NOT_FOUND, NULL, "layers[0]"},
        {"{\"box\":\"1,0,0\"}", GOXEL_ERROR_INVALID_PARAMS, NULL, "box"},
        {"{\"colour\":\"red\"}", GOXEL_ERROR_INVALID_PARAMS, NULL, "options.colour"},
        {"{\"options\":\"red\"}", GOXEL_ERROR_INVALID_PARAMS, NULL, "options.options"},
    };
    char etags[sizeof(rows) / sizeof(rows[0])][96], field[64], *text;

    rig_start(&rig);
    CU_ASSERT_EQUAL(put("castle.txt", GREEN, NULL, NULL, NULL), 0);
    rig_do(&rig, "layer.create", "{'name':'roof'}");
    rig_do(&rig, "voxel.add", "[5,0,0,'#0000ff']");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CU_ASSERT_EQUAL(ask("castle.txt", rows[i].params, etags[i], &text, field), rows[i].code);
        if (rows[i].lines) {
            CU_ASSERT_PTR_NOT_NULL_FATAL(text);
            CU_ASSERT_STRING_EQUAL(strstr(text, "RRGGBB\n") + 7, rows[i].lines);
        }
        if (rows[i].field)
            CU_ASSERT_STRING_EQUAL(field, rows[i].field);
        for (size_t k = 0; k < i && !rows[i].code; k++)
            CU_ASSERT_STRING_NOT_EQUAL(etags[i], etags[k]);
        free(text);
    }
    rig_stop(&rig);
}

/* The names of a format's options are none of the query's own, nor of the members that import.model has. */
static void options_have_names_of_their_own(void)
{
    static const char taken[] = " layers box strict project if_version options target_layer offset file ";

    for (const struct goxel_format *format = goxel_formats; format->name; format++) {
        for (const struct goxel_format_option *at = format->options; at && at->name; at++) {
            char word[64];

            snprintf(word, sizeof(word), " %s ", at->name);
            CU_ASSERT_PTR_NULL(strstr(taken, word));
        }
    }
}

static int erase(const char *name, const char *if_match)
{
    struct trip trip;
    int code;

    begin(&trip, "DELETE", GOXEL_RESOURCE_PROJECT, name);
    trip.it.if_match = if_match;
    code = run(&trip);
    end(&trip);
    return code;
}

static void conditions(void)
{
    char etag[96], other[96];
    bool created = false;

    rig_start(&rig);
    CU_ASSERT_EQUAL(put("castle.txt", RED, "*", NULL, NULL), GOXEL_ERROR_PRECONDITION);
    CU_ASSERT_EQUAL(put("castle.txt", RED, NULL, "*", &created), 0);
    CU_ASSERT_TRUE(created);
    CU_ASSERT_EQUAL(put("castle.txt", GREEN, NULL, "*", NULL), GOXEL_ERROR_PRECONDITION);
    CU_ASSERT_EQUAL(get("castle.txt", NULL, NULL, etag), 0);
    CU_ASSERT_EQUAL(put("castle.gox", "", etag, NULL, NULL), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT_EQUAL(put("castle.txt", GREEN, etag, NULL, NULL), 0);
    CU_ASSERT_EQUAL(put("castle.txt", RED, etag, NULL, NULL), GOXEL_ERROR_PRECONDITION);
    CU_ASSERT_EQUAL(put("castle.txt", RED, "*", NULL, NULL), 0);
    CU_ASSERT_EQUAL(get("castle.txt", NULL, NULL, other), 0);
    CU_ASSERT_EQUAL(erase("castle", etag), GOXEL_ERROR_PRECONDITION);
    CU_ASSERT_EQUAL(erase("castle.txt", etag), GOXEL_ERROR_PRECONDITION);
    CU_ASSERT_EQUAL(erase("castle", other), 0);
    CU_ASSERT_EQUAL(erase("castle", NULL), GOXEL_ERROR_PROJECT_NOT_FOUND);
    /* Another project of that name is another resource, whatever its version. */
    CU_ASSERT_EQUAL(put("castle.txt", RED, NULL, NULL, NULL), 0);
    CU_ASSERT_EQUAL(put("castle.txt", RED, etag, NULL, NULL), GOXEL_ERROR_PRECONDITION);
    rig_stop(&rig);
}

static void lists_of_tags(void)
{
    static const struct {
        const char *list;
        bool strong, weak;
    } rows[] = {
        {"\"p1-0-4\"", true, true},
        {"\"p1-0-4-abc\"", true, true},
        {"W/\"p1-0-4\"", false, true},
        {"\"x\", \"p1-0-4\"", true, true},
        {"\"a,b\" ,, W/\"y\",\"p1-0-4-gzip\"", true, true},
        {"*", true, true},
        {"\"p1-0-42\"", false, false},
        {"\"p1-0-\"", false, false},
        {"\"p11-0-4\"", false, false},
        {"p1-0-4", false, false},
        {"\"p1-0-4", false, false},
        {"\"x,\"p1-0-4\"", false, false},
        {"", false, false},
        {"W/", false, false},
        {"\"", false, false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CU_ASSERT_EQUAL(goxel_etag_listed(rows[i].list, "\"p1-0-4\"", false), rows[i].strong);
        CU_ASSERT_EQUAL(goxel_etag_listed(rows[i].list, "\"p1-0-4\"", true), rows[i].weak);
    }
}

/* ---- voxels ---- */

static const unsigned char packed[] = {0, 0, 0,    0,    0, 0, 255, 0, 0, 255, /* 0 0 0 red */
                                       1, 0, 0xff, 0xff, 2, 0, 1,   2, 3, 4};  /* 1 -1 2 */

static int post(const char *params, const void *bytes, size_t len)
{
    struct trip trip;
    int code;

    begin(&trip, "POST", GOXEL_RESOURCE_VOXELS, "castle");
    goxel_spool_append(&trip.it.body, bytes, len, NULL);
    trip.it.params = params;
    code = run(&trip);
    end(&trip);
    return code;
}

static const char *header(const struct trip *trip, const char *name)
{
    for (size_t i = 0; i < trip->it.header_count; i++) {
        if (!strcmp(trip->it.headers[i].name, name))
            return trip->it.headers[i].value;
    }
    return "";
}

static void packed_voxels_go_round(void)
{
    char params[128], checksum[16];
    const uint8_t *bytes = NULL;
    struct trip trip;

    rig_start(&rig);
    rig_do(&rig, "project.create", "{'name':'castle'}");
    snprintf(checksum, sizeof(checksum), "%08lx", crc32(0, packed, sizeof(packed)));
    snprintf(params, sizeof(params), "{\"origin\":\"10,20,-30\",\"checksum\":\"%s\"}", checksum);
    CU_ASSERT_EQUAL(post(params, packed, sizeof(packed)), 0);
    CHECK(rig_call(&rig, "voxel.get", "[11,19,-28]"),
          "{'x':11,'y':19,'z':-28,'exists':true,'color':[1,2,3,4],'layer_id':1}");
    CU_ASSERT_EQUAL(post("{\"checksum\":\"00000000\"}", packed, sizeof(packed)), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT_EQUAL(post(NULL, packed, 9), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT_EQUAL(post(NULL, packed, 0), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT_EQUAL(post("{\"origin\":\"1,2\"}", packed, 10), GOXEL_ERROR_INVALID_PARAMS);
    CU_ASSERT_EQUAL(post("{\"colour\":\"1\"}", packed, 10), GOXEL_ERROR_INVALID_PARAMS);
    CU_ASSERT_EQUAL(post("{\"project\":\"x\"}", packed, 10), GOXEL_ERROR_INVALID_PARAMS);
    CU_ASSERT_EQUAL(post("{\"layer_id\":\"7\"}", packed, 10), GOXEL_ERROR_LAYER_NOT_FOUND);
    CU_ASSERT_EQUAL(post("{\"if_version\":\"7\"}", packed, 10), GOXEL_ERROR_CONCURRENT);
    begin(&trip, "GET", GOXEL_RESOURCE_VOXELS, "castle");
    trip.it.params = "{\"region\":\"10,19,-30,11,20,-28\",\"limit\":\"2\",\"layer_id\":\"1\"}";
    CU_ASSERT_EQUAL(run(&trip), 0);
    CU_ASSERT_STRING_EQUAL(header(&trip, "Goxel-Count"), "2");
    CU_ASSERT_STRING_EQUAL(header(&trip, "Goxel-Cursor"), "");
    CU_ASSERT_EQUAL_FATAL(trip.it.out.len, 20);
    CU_ASSERT_EQUAL_FATAL(goxel_spool_bytes(&trip.it.out, NULL, &bytes), 0);
    snprintf(checksum, sizeof(checksum), "%08lx", crc32(0, bytes, 20));
    CU_ASSERT_STRING_EQUAL(header(&trip, "Goxel-Checksum"), checksum);
    end(&trip);
    begin(&trip, "GET", GOXEL_RESOURCE_VOXELS, "castle");
    trip.it.params = "{\"limit\":\"1\"}";
    CU_ASSERT_EQUAL(run(&trip), 0);
    CU_ASSERT_STRING_EQUAL(header(&trip, "Goxel-Total"), "2");
    CU_ASSERT_STRING_NOT_EQUAL(header(&trip, "Goxel-Cursor"), "");
    end(&trip);
    rig_stop(&rig);
}

/* The body is part of what a key stands for. */
static void a_key_is_used_once(void)
{
    rig_start(&rig);
    rig_do(&rig, "project.create", "{'name':'castle'}");
    CU_ASSERT_EQUAL(post("{\"request_key\":\"k\"}", packed, 10), 0);
    CU_ASSERT_EQUAL(post("{\"request_key\":\"k\"}", packed, 10), 0);
    CU_ASSERT_EQUAL(post("{\"request_key\":\"k\"}", packed, 20), GOXEL_ERROR_VALIDATION);
    CHECK(rig_call(&rig, "voxel.query", "{'return_format':'count'}"), "{'count':1,'truncated':false}");
    rig_stop(&rig);
}

static void large_texts_are_compressed(void)
{
    struct goxel_buf plain;
    const uint8_t *bytes = NULL;
    struct trip trip;
    char *text = NULL;

    rig_start(&rig);
    rig_do(&rig, "project.create", "{'name':'castle'}");
    rig_do(&rig, "voxel.fill", "[{'min':[0,0,0],'max':[40,40,40]},[4,4,4]]");
    CU_ASSERT_EQUAL(get("castle.txt", NULL, &text, NULL), 0);
    begin(&trip, "GET", GOXEL_RESOURCE_PROJECT, "castle.txt");
    trip.it.gzip = true;
    CU_ASSERT_EQUAL(run(&trip), 0);
    CU_ASSERT_TRUE(trip.it.encoded);
    CU_ASSERT_EQUAL_FATAL(goxel_spool_bytes(&trip.it.out, NULL, &bytes), 0);
    goxel_buf_init(&plain, 1 << 24);
    CU_ASSERT_EQUAL(goxel_gunzip(bytes, trip.it.out.len, NULL, goxel_gzip_to_buf, &plain, NULL), 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_STRING_EQUAL(plain.data, text);
    goxel_buf_finish(&plain);
    end(&trip);
    free(text);
    begin(&trip, "GET", GOXEL_RESOURCE_PROJECT, "castle.gox");
    trip.it.gzip = true;
    CU_ASSERT_EQUAL(run(&trip), 0);
    CU_ASSERT_FALSE(trip.it.encoded);
    end(&trip);
    rig_stop(&rig);
}

static const struct unit_test tests[] = {
    {"a file goes round", a_file_goes_round},
    {"a replacement is an edit", a_replacement_is_an_edit},
    {"what is refused", what_is_refused},
    {"a query chooses", a_query_chooses},
    {"options have names of their own", options_have_names_of_their_own},
    {"conditions", conditions},
    {"lists of tags", lists_of_tags},
    {"packed voxels go round", packed_voxels_go_round},
    {"a key is used once", a_key_is_used_once},
    {"large texts are compressed", large_texts_are_compressed},
    {NULL, NULL},
};

const struct unit_suite transfer_suite = {"transfer", tests};
