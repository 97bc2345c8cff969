/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the rows of the method table say of themselves, held to what the daemon does. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "rig.h"
#include "rpc/reference.h"

static struct rig rig;

static void complain(const struct goxel_method *method, const char *what, const char *text)
{
    char message[1024];

    snprintf(message, sizeof(message), "%s: %s: %.800s", method->name, what, text);
    CU_assertImplementation(CU_FALSE, __LINE__, message, __FILE__, "", CU_FALSE);
}

static bool for_tests_alone(const struct goxel_method *method)
{
    return strncmp(method->name, "test.", 5) == 0;
}

static struct goxel_json *parse(const char *text)
{
    struct goxel_json *root = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_json_parse(text, strlen(text),
                                           &(struct goxel_json_limits){64, GOXEL_JSON_TREE_MAX}, NULL, &root),
                          0);
    return root;
}

/* ---- the examples ---- */

static void write_stats(struct goxel_rpc_call *call, struct goxel_json_writer *w)
{
    (void)call;
    goxel_json_put_object(w, NULL);
    goxel_json_put_end(w);
}

static int authenticate(struct goxel_rpc_call *call, const char *token, size_t len,
                        struct goxel_detail *detail, struct goxel_authenticated *ret_authenticated)
{
    (void)call, (void)token, (void)len, (void)detail;
    *ret_authenticated = (struct goxel_authenticated){
        .name = "builder", .access = GOXEL_ACCESS_EDIT, .lasting = true};
    return 0;
}

/* The project that the examples are about: a step that can be undone, one that can be redone, files of it. */
static void build_world(void)
{
    rig_start(&rig);
    rig.write_stats = write_stats;
    rig.hears = true;
    rig.authenticate = authenticate;
    rig_do(&rig, "project.create", "['castle']");
    rig_do(&rig, "layer.create", "['roof']");
    rig_do(&rig, "voxel.add", "{'x':0,'y':0,'z':0,'color':'#ff0000','layer_id':1}");
    rig_do(&rig, "voxel.add", "{'x':0,'y':0,'z':9,'color':'#0000ff'}");
    rig_do(&rig, "project.undo", NULL);
    rig_do(&rig, "project.save", "['castle.gox']");
}

/* Without a store there are no backups: what these do is tested where there is one. */
static bool needs_a_store(const struct goxel_method *method)
{
    return strcmp(method->name, "project.backup") == 0 || strcmp(method->name, "project.restore") == 0;
}

static bool type_is(const struct goxel_json *node, const struct goxel_field *field)
{
    enum goxel_json_type type = goxel_json_type(node);

    if (type == GOXEL_JSON_NULL)
        return field->nullable;
    switch (field->type) {
    case GOXEL_FIELD_BOOL:
        return type == GOXEL_JSON_BOOL;
    case GOXEL_FIELD_INT:
    case GOXEL_FIELD_COUNT:
        return type == GOXEL_JSON_INT;
    case GOXEL_FIELD_NUMBER:
        return type == GOXEL_JSON_INT || type == GOXEL_JSON_DOUBLE;
    case GOXEL_FIELD_STRING:
        return type == GOXEL_JSON_STRING;
    case GOXEL_FIELD_COLOR:
        return type == GOXEL_JSON_ARRAY && goxel_json_length(node) == 4;
    case GOXEL_FIELD_POSITION:
        return type == GOXEL_JSON_ARRAY && goxel_json_length(node) == 3;
    case GOXEL_FIELD_BOX:
        return type == GOXEL_JSON_OBJECT && goxel_json_get(node, "min") && goxel_json_get(node, "max");
    case GOXEL_FIELD_OBJECT:
        return type == GOXEL_JSON_OBJECT;
    default:
        return type == GOXEL_JSON_ARRAY;
    }
}

static bool conforms(const struct goxel_json *node, const struct goxel_field *members);

static bool member_conforms(const struct goxel_json *node, const struct goxel_field *field)
{
    if (!type_is(node, field))
        return false;
    if (!field->members || goxel_json_type(node) == GOXEL_JSON_NULL)
        return true;
    if (field->type == GOXEL_FIELD_OBJECT)
        return conforms(node, field->members);
    for (size_t i = 0; i < goxel_json_length(node); i++) {
        if (!conforms(goxel_json_at(node, i), field->members))
            return false;
    }
    return true;
}

/* It has the members, of their types, and no others. */
static bool conforms(const struct goxel_json *node, const struct goxel_field *members)
{
    size_t known = 0;

    if (goxel_json_type(node) != GOXEL_JSON_OBJECT)
        return false;
    for (const struct goxel_field *at = members; at->name; at++) {
        const struct goxel_json *member = goxel_json_get(node, at->name);

        if (member ? !member_conforms(member, at) : !at->optional)
            return false;
        known += member != NULL;
    }
    return known == goxel_json_length(node);
}

static void check_result(const struct goxel_method *method, const char *what, const char *text)
{
    struct goxel_json *result = parse(text);

    if (method->fields && !conforms(result, method->fields))
        complain(method, what, text);
    goxel_json_free(result);
}

static void each_example_is_accepted(void)
{
    for (const struct goxel_method *method = goxel_methods; method->name; method++) {
        const char *got;

        if (for_tests_alone(method) || needs_a_store(method))
            continue;
        if (!method->example) {
            complain(method, "has no example", "");
            continue;
        }
        build_world();
        got = rig_call(&rig, method->name, method->example);
        if (got[0] != '{')
            complain(method, "refuses its example", rig.reply);
        else if (strcmp(got, "{\"accepted\":true}") != 0) /* the lifecycle thread's, where the test answers */
            check_result(method, "answers what its row does not say", got);
        rig_stop(&rig);
    }
}

/* As the writer makes it, without the spaces of a row. */
static void compact(const char *json, struct goxel_buf *out)
{
    struct goxel_json *root = parse(json);
    struct goxel_json_writer w;

    goxel_buf_init(out, 65536);
    goxel_json_writer_init(&w, out);
    goxel_json_put_node(&w, NULL, root);
    goxel_json_free(root);
}

/* The daemon's own figures, times and the names of folders differ each time; of those the shape is looked at. */
static bool is_repeatable(const struct goxel_method *method)
{
    static const char changing[] = " rpc system project.create project.open project.save project.backup "
                                   "project.restore project.list project.get_info project.get_history ";
    char word[64];

    snprintf(word, sizeof(word), " %s ", method->name);
    if (strstr(changing, word))
        return false;
    snprintf(word, sizeof(word), " %.*s ", (int)strcspn(method->name, "."), method->name);
    return !strstr(changing, word);
}

static void each_answer_is_true(void)
{
    unsigned repeated = 0;

    for (const struct goxel_method *method = goxel_methods; method->name; method++) {
        struct goxel_buf answer;

        if (!method->answer)
            continue;
        check_result(method, "its answer is not what its row says", method->answer);
        if (!is_repeatable(method))
            continue;
        build_world();
        compact(method->answer, &answer);
        if (strcmp(rig_call(&rig, method->name, method->example), answer.data) != 0)
            complain(method, "answers otherwise than its row says", rig.reply);
        goxel_buf_finish(&answer);
        rig_stop(&rig);
        repeated++;
    }
    CU_ASSERT(repeated > 10);
}

/* ---- defaults ---- */

/* What a schema gives as the default is a value that the parameter takes. */
static void each_default_is_accepted(void)
{
    unsigned checked = 0;

    for (const struct goxel_method *method = goxel_methods; method->name; method++) {
        for (const struct goxel_param *spec = method->params; spec->name; spec++) {
            struct goxel_value args[GOXEL_PARAMS_MAX];
            struct goxel_json *params = NULL;
            struct goxel_detail detail;
            struct goxel_buf text;

            if (!spec->fallback ||
                goxel_json_scan(spec->fallback, strlen(spec->fallback), &goxel_json_limits_default, NULL))
                continue;
            goxel_buf_init(&text, 4096);
            goxel_buf_printf(&text, "{\"%s\":%s}", spec->name, spec->fallback);
            params = parse(text.data);
            goxel_detail_init(&detail);
            if (goxel_params_read(method, params, &detail, args) && strcmp(detail.field, spec->name) == 0)
                complain(method, "refuses its default", text.data);
            goxel_json_free(params);
            goxel_buf_finish(&text);
            checked++;
        }
    }
    CU_ASSERT(checked > 10);
}

/* ---- the document ---- */

static const struct goxel_json *at_path(const struct goxel_json *node, const char *path)
{
    char name[96];

    while (node && *path) {
        size_t len = strcspn(path, "/");

        snprintf(name, sizeof(name), "%.*s", (int)len, path);
        node = goxel_json_get(node, name);
        path += len + (path[len] == '/');
    }
    return node;
}

/* Walks all of it; how many references there are. */
static unsigned check_references(const struct goxel_json *root, const struct goxel_json *node)
{
    struct goxel_json_iter it = {0};
    unsigned count = 0;

    if (goxel_json_type(node) == GOXEL_JSON_ARRAY) {
        for (size_t i = 0; i < goxel_json_length(node); i++)
            count += check_references(root, goxel_json_at(node, i));
    }
    if (goxel_json_type(node) != GOXEL_JSON_OBJECT)
        return count;
    while (goxel_json_next(node, &it)) {
        if (strcmp(it.key, "$ref") != 0) {
            count += check_references(root, it.value);
            continue;
        }
        CU_ASSERT_PTR_NOT_NULL(at_path(root, goxel_json_string(it.value, NULL) + 2));
        count++;
    }
    return count;
}

static void check_method(const struct goxel_method *method, const struct goxel_json *told)
{
    const struct goxel_json *params = goxel_json_get(told, "params");

    CU_ASSERT_STRING_EQUAL(goxel_json_string(goxel_json_get(told, "name"), NULL), method->name);
    CU_ASSERT_EQUAL_FATAL(goxel_json_length(params), goxel_params_count(method));
    for (size_t i = 0; i < goxel_json_length(params); i++) {
        const struct goxel_json *param = goxel_json_at(params, i);

        CU_ASSERT_STRING_EQUAL(goxel_json_string(goxel_json_get(param, "name"), NULL),
                               method->params[i].name);
        CU_ASSERT_EQUAL(goxel_json_bool(goxel_json_get(param, "required")), method->params[i].required);
        CU_ASSERT_PTR_NOT_NULL(goxel_json_get(param, "schema"));
    }
    CU_ASSERT_PTR_NOT_NULL(at_path(told, "result/schema"));
    CU_ASSERT(goxel_json_length(goxel_json_get(told, "errors")) > 0);
}

static void the_document_is_the_table(void)
{
    const struct goxel_json *methods;
    struct goxel_json *root;

    rig_start(&rig);
    root = parse(rig_call(&rig, "rpc.discover", NULL));
    CU_ASSERT_STRING_EQUAL(goxel_json_string(goxel_json_get(root, "openrpc"), NULL), "1.3.2");
    CU_ASSERT_STRING_EQUAL(goxel_json_string(at_path(root, "info/version"), NULL), GOXEL_VERSION);
    methods = goxel_json_get(root, "methods");
    CU_ASSERT_EQUAL_FATAL(goxel_json_length(methods), goxel_rpc_methods(rig.rpc));
    for (size_t i = 0; i < goxel_json_length(methods); i++)
        check_method(&goxel_methods[i], goxel_json_at(methods, i));
    CU_ASSERT(check_references(root, root) > 100);
    CU_ASSERT_EQUAL(goxel_json_int(at_path(root, "components/schemas/Coordinate/minimum")), GOXEL_COORD_MIN);
    CU_ASSERT_EQUAL(goxel_json_int(at_path(root, "components/schemas/Coordinate/maximum")), GOXEL_COORD_MAX);
    CU_ASSERT_EQUAL(goxel_json_int(at_path(root, "components/errors/GOXEL_ERROR_QUOTA/code")), -1014);
    goxel_json_free(root);
    rig_stop(&rig);
}

/* The schema of one parameter, to the letter. */
static void check_schema(const char *name, const char *param, const char *wanted)
{
    const struct goxel_method *method = goxel_methods;
    const struct goxel_param *spec;
    struct goxel_json_writer w;
    struct goxel_buf text;

    while (strcmp(method->name, name) != 0)
        method++;
    spec = method->params;
    while (strcmp(spec->name, param) != 0)
        spec++;
    goxel_buf_init(&text, 65536);
    goxel_json_writer_init(&w, &text);
    goxel_schema_put_param(&w, NULL, spec);
    CHECK(text.data, wanted);
    goxel_buf_finish(&text);
}

static void schemas_say_what_rows_say(void)
{
    check_schema("voxel.add", "x", "{'$ref':'#/components/schemas/Coordinate'}");
    check_schema("voxel.add", "layer_id",
                 "{'allOf':[{'$ref':'#/components/schemas/Layer'}],'default':'current'}");
    check_schema("voxel.clear", "scope", "{'type':'string','enum':['layer','all']}");
    check_schema("voxel.fill", "mode",
                 "{'type':'string','enum':['replace','keep','paint'],'default':'replace'}");
    check_schema("project.undo", "steps", "{'type':'integer','minimum':1,'maximum':2147483648,'default':1}");
    check_schema("layer.create", "opacity", "{'type':'number','minimum':0,'maximum':1,'default':1}");
    check_schema("system.list_methods", "namespace", "{'type':'string','maxLength':64}");
    check_schema("project.open", "read_only", "{'type':'boolean','default':false}");
}

static const struct goxel_method *row_of(const char *name)
{
    const struct goxel_method *method = goxel_methods;

    while (strcmp(method->name, name) != 0)
        method++;
    return method;
}

static void errors_follow_from_rows(void)
{
    CU_ASSERT(goxel_method_gives(row_of("voxel.add"), GOXEL_ERROR_INVALID_COLOR));
    CU_ASSERT(goxel_method_gives(row_of("voxel.add"), GOXEL_ERROR_CONCURRENT));
    CU_ASSERT(goxel_method_gives(row_of("voxel.get"), GOXEL_ERROR_INVALID_COORDINATES));
    CU_ASSERT(goxel_method_gives(row_of("project.open"), GOXEL_ERROR_FORMAT_NOT_SUPPORTED));
    CU_ASSERT_FALSE(goxel_method_gives(row_of("voxel.get"), GOXEL_ERROR_CONCURRENT));
    CU_ASSERT_FALSE(goxel_method_gives(row_of("system.ping"), GOXEL_ERROR_PROJECT_NOT_FOUND));
    CU_ASSERT_FALSE(goxel_method_gives(row_of("system.ping"), GOXEL_ERROR_INVALID_PARAMS));
}

static void no_memory_for_the_document(void)
{
    rig_start(&rig);
    CU_ASSERT_EQUAL(rig_call(&rig, "rpc.discover", NULL)[0], '{');
    for (long at = 1, made = rig.allocations; at <= made; at += 1 + made / 50) {
        rig.fail_at = at;
        rig_call(&rig, "rpc.discover", NULL);
        CU_ASSERT(rig.code != 0 || strstr(rig.reply, "\"code\":-1007") ||
                  strstr(rig.reply, "\"code\":-32700") || strstr(rig.reply, "\"openrpc\""));
    }
    rig_stop(&rig);
}

/* ---- the page ---- */

static void the_page_is_the_table(void)
{
    struct goxel_buf page, file;

    goxel_buf_init(&page, GOXEL_REFERENCE_MAX);
    goxel_buf_init(&file, GOXEL_REFERENCE_MAX);
    goxel_reference_write(goxel_methods, &page);
    CU_ASSERT_EQUAL_FATAL(page.failed, 0);
    CU_ASSERT_EQUAL_FATAL(goxel_file_read(AT_FDCWD, unit_path("../docs/api.md"), &file, NULL), 0);
    if (strcmp(page.data, file.data) != 0)
        printf("\ndocs/api.md is stale: `make reference` writes it anew\n");
    CU_ASSERT_STRING_EQUAL(page.data, file.data);
    goxel_buf_finish(&page);
    goxel_buf_finish(&file);
}

static const struct unit_test tests[] = {
    {"each example is accepted", each_example_is_accepted},
    {"each answer is true", each_answer_is_true},
    {"each default is accepted", each_default_is_accepted},
    {"the document is the table", the_document_is_the_table},
    {"schemas say what rows say", schemas_say_what_rows_say},
    {"errors follow from rows", errors_follow_from_rows},
    {"no memory for the document", no_memory_for_the_document},
    {"docs/api.md is up to date", the_page_is_the_table},
    {NULL, NULL},
};

const struct unit_suite discover_suite = {"discover", tests};
