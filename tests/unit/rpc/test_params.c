/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks every row of the method table: what each must refuse follows from the row. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "rig.h"

static struct rig rig;

/* Those that are read as their rows say. */
static const struct goxel_method *next_strict(const struct goxel_method *method)
{
    while (method->name && (method->states & GOXEL_METHOD_LOOSE))
        method++;
    return method->name ? method : NULL;
}
#define FOR_EACH_STRICT(method) \
    for (const struct goxel_method *method = next_strict(goxel_methods); method; \
         method = next_strict(method + 1))

#define WRONG_MAX 10

/* By type: one value that is right, and values that are wrong. Single quotes as in rig.h. */
static const struct {
    const char *right;
    int code;                     /* of the wrong ones; 0: GOXEL_ERROR_INVALID_PARAMS */
    const char *wrong[WRONG_MAX]; /* ends with NULL */
} samples[GOXEL_PARAM_TYPES] = {
    [GOXEL_PARAM_BOOL] = {"true", 0, {"1", "'true'", "null", "[]", "{}"}},
    [GOXEL_PARAM_INT] = {"1", 0, {"1.0", "1e0", "0.5", "'1'", "true", "null", "[1]", "{}"}},
    [GOXEL_PARAM_NUMBER] = {"1", 0, {"'1'", "true", "null", "[1]", "{}"}},
    [GOXEL_PARAM_STRING] = {"'gox'", 0, {"1", "true", "null", "['a']", "{}", "'a\\u0000b'"}},
    [GOXEL_PARAM_CHOICE] = {NULL, 0, {"'nonsense'", "''", "1", "true", "null", "[]", "{}"}},
    [GOXEL_PARAM_NAME] = {"'some name'", 0, {"1", "true", "null", "['a']", "{}"}},
    [GOXEL_PARAM_COORD] = {"1", 0, {"1.0", "1e0", "'1'", "true", "null", "[1]", "{}"}},
    [GOXEL_PARAM_COLOR] = {"[1,2,3]",
                           -1004,
                           {"'red'", "'#12345'", "[1,2]", "[1,2,3,4,5]", "[1,2,256]", "[1,2,-1]", "[1,2,3.0]",
                            "{'r':1,'g':2}", "7"}},
    [GOXEL_PARAM_POSITION] = {"[1,2,3]",
                              0,
                              {"[1,2]", "[1,2,3,4]", "[1,2,0.5]", "{'x':1,'y':2}", "1", "null", "'1,2,3'",
                               "{'x':1,'y':2,'z':3,'w':4}"}},
    [GOXEL_PARAM_POINT] = {"[1,2.5,3]",
                           0,
                           {"[1,2]", "[1,2,3,4]", "[1,2,'3']", "[1,null,3]", "{'x':1,'y':2}", "1", "null",
                            "'1,2,3'", "{'x':1,'y':2,'z':3,'w':4}"}},
    [GOXEL_PARAM_BOX] = {"{'min':[0,0,0],'max':[1,1,1]}",
                         0,
                         {"[[0,0,0],[1,1,1]]", "{'min':[0,0,0]}", "{'max':[0,0,0]}", "1", "null",
                          "{'min':[0,0,0],'max':[1,1,1],'mid':0}", "{'min':[0,0,0],'max':[1,1]}"}},
    [GOXEL_PARAM_REGION] = {"{'center':[0,0,0],'radius':2.5}",
                            0,
                            {"[[0,0,0],[1,1,1]]", "{'min':[0,0,0]}", "{'center':[0,0,0]}", "{'radius':1}",
                             "{}", "{'center':[0,0,0],'radius':-1}",
                             "{'center':[0,0,0],'radius':1,'max':[1,1,1]}", "null"}},
    [GOXEL_PARAM_LAYER] = {"1", 0, {"1.0", "true", "null", "[1]", "{}", "'all'"}},
    [GOXEL_PARAM_LAYERS] = {"'all'", 0, {"1.0", "true", "null", "[1]", "{}"}},
    [GOXEL_PARAM_PROJECT] = {"'p1'", 0, {"1", "true", "null", "['p1']", "{}"}},
    [GOXEL_PARAM_CHECKSUM] = {"'0011aAfF'",
                              0,
                              {"'0011aaf'", "'0x11aaff'", "-1", "4294967296", "1.0", "null", "[]"}},
    [GOXEL_PARAM_OBJECT] = {"{}", 0, {"[]", "1", "'{}'", "true", "null"}},
    [GOXEL_PARAM_ARRAY] = {"[]", 0, {"{}", "1", "'[]'", "true", "null"}},
};

static void put_right(struct goxel_buf *out, const struct goxel_param *spec)
{
    if (spec->type == GOXEL_PARAM_CHOICE)
        goxel_buf_printf(out, "'%.*s'", (int)strcspn(spec->choices, " "), spec->choices);
    else
        goxel_buf_puts(out, samples[spec->type].right);
}

/*
 * A message for the method with every required parameter right, except `odd`, which gets `value`
 * (NULL: leave it out); further members of the parameters from `more`.
 */
static const char *call_with(const struct goxel_method *method, const struct goxel_param *odd,
                             const char *value, const char *more)
{
    const char *text;
    struct goxel_buf params;
    const char *comma = "";

    goxel_buf_init(&params, 65536);
    goxel_buf_putc(&params, '{');
    for (const struct goxel_param *spec = method->params; spec->name; spec++) {
        if (spec == odd ? !value : !spec->required)
            continue;
        goxel_buf_printf(&params, "%s'%s':", comma, spec->name);
        if (spec == odd)
            goxel_buf_puts(&params, value);
        else
            put_right(&params, spec);
        comma = ",";
    }
    if (more)
        goxel_buf_printf(&params, "%s%s", comma, more);
    goxel_buf_putc(&params, '}');
    text = rig_call(&rig, method->name, params.data);
    goxel_buf_finish(&params);
    return text;
}

/* The error's code, and that its field is the parameter or a part of it. */
static void expect_refusal(const char *got, int code, const struct goxel_method *method,
                           const struct goxel_param *spec, const char *value)
{
    char message[512], head[16];
    size_t len = strlen(spec->name);
    bool ok;

    snprintf(head, sizeof(head), "%d ", code);
    CU_ASSERT(code == -32602 || rig_is_declared(method, code));
    ok = strncmp(got, head, strlen(head)) == 0 && strncmp(got + strlen(head), spec->name, len) == 0 &&
         strchr(".[", got[strlen(head) + len]);
    snprintf(message, sizeof(message), "%s %s=%s: got %.200s, wanted %d", method->name, spec->name,
             value ? value : "(missing)", got, code);
    CU_assertImplementation(ok, __LINE__, message, __FILE__, "", CU_FALSE);
}

static void each_required_parameter_missing(void)
{
    unsigned checked = 0;

    rig_start(&rig);
    FOR_EACH_STRICT(method)
    {
        for (const struct goxel_param *spec = method->params; spec->name; spec++) {
            if (!spec->required)
                continue;
            expect_refusal(call_with(method, spec, NULL, NULL), -32602, method, spec, NULL);
            checked++;
        }
    }
    CU_ASSERT(checked > 10);
    rig_stop(&rig);
}

static void each_wrong_type(void)
{
    rig_start(&rig);
    FOR_EACH_STRICT(method)
    {
        for (const struct goxel_param *spec = method->params; spec->name; spec++) {
            int code = samples[spec->type].code ? samples[spec->type].code : -32602;

            for (const char *const *wrong = samples[spec->type].wrong; *wrong; wrong++)
                expect_refusal(call_with(method, spec, *wrong, NULL), code, method, spec, *wrong);
        }
    }
    rig_stop(&rig);
}

static void each_range(void)
{
    char value[32];

    rig_start(&rig);
    FOR_EACH_STRICT(method)
    {
        for (const struct goxel_param *spec = method->params; spec->name; spec++) {
            bool coord = spec->type == GOXEL_PARAM_COORD;
            bool ranged = spec->type == GOXEL_PARAM_INT || spec->type == GOXEL_PARAM_NUMBER ||
                          spec->type == GOXEL_PARAM_POINT;
            int64_t min = coord ? GOXEL_COORD_MIN : spec->min, max = coord ? GOXEL_COORD_MAX : spec->max;

            bool point = spec->type == GOXEL_PARAM_POINT;
            const char *before = point ? "[1,1," : "", *behind = point ? "]" : "";

            if (!coord && (!ranged || (!min && !max)))
                continue;
            snprintf(value, sizeof(value), "%s%lld%s", before, (long long)min - 1, behind);
            expect_refusal(call_with(method, spec, value, NULL), coord ? -1003 : -32602, method, spec, value);
            snprintf(value, sizeof(value), "%s%lld%s", before, (long long)max + 1, behind);
            expect_refusal(call_with(method, spec, value, NULL), coord ? -1003 : -32602, method, spec, value);
        }
    }
    rig_stop(&rig);
}

static void unknown_parameters(void)
{
    static const struct goxel_param bogus = {.name = "bogus"};

    rig_start(&rig);
    FOR_EACH_STRICT(method)
    expect_refusal(call_with(method, NULL, NULL, "'bogus':1"), -32602, method, &bogus, "1");
    rig_stop(&rig);
}

static void too_many_positional(void)
{
    struct goxel_buf params;
    char wanted[128];

    rig_start(&rig);
    FOR_EACH_STRICT(method)
    {
        size_t count = goxel_params_count(method);

        goxel_buf_init(&params, 65536);
        for (size_t i = 0; i < count; i++) {
            goxel_buf_putc(&params, i ? ',' : '[');
            put_right(&params, &method->params[i]);
        }
        goxel_buf_puts(&params, count ? ",1]" : "[1]");
        CHECK(rig_call(&rig, method->name, params.data), "-32602 params");
        snprintf(wanted, sizeof(wanted), "\"value\":\"%zu of them\",\"expected\":\"at most %zu positional",
                 count + 1, count);
        CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, wanted));
        goxel_buf_finish(&params);
    }
    rig_stop(&rig);
}

static void forbidden_states(void)
{
    /* One walk through the states in which nothing runs, and those on the way. */
    static const enum goxel_state way[] = {DAEMON_STATE_STOPPING, DAEMON_STATE_STOPPED, DAEMON_STATE_STARTING,
                                           DAEMON_STATE_ERROR};
    unsigned refused = 0;

    rig_start(&rig);
    for (size_t i = 0; i < sizeof(way) / sizeof(way[0]); i++) {
        CU_ASSERT_EQUAL_FATAL(goxel_machine_move(rig.machine, way[i], NULL), 0);
        for (const struct goxel_method *method = goxel_methods; method->name; method++) {
            if (method->states & GOXEL_STATE_BIT(way[i]))
                continue;
            CHECK(call_with(method, NULL, NULL, NULL), "-32003 state");
            refused++;
        }
    }
    CU_ASSERT(refused >= 3);
    rig_stop(&rig);
}

static void the_table_is_complete(void)
{
    for (const struct goxel_method *method = goxel_methods; method->name; method++) {
        size_t count = goxel_params_count(method);
        size_t family = strcspn(method->name, ".");
        bool projected = !goxel_word_in("rpc system test", method->name, family) &&
                         !(method->states & GOXEL_METHOD_LOOSE) &&
                         strcmp(method->name, "export.formats") != 0;

        CU_ASSERT(count <= GOXEL_PARAMS_MAX);
        CU_ASSERT(method->summary[0] && method->states && method->run);
        CU_ASSERT(method->fields || (method->result && method->result[0]));
        for (const struct goxel_param *spec = method->params; spec->name; spec++) {
            CU_ASSERT(spec->meaning && spec->meaning[0]);
            CU_ASSERT((spec->fallback != NULL) != spec->required);
            CU_ASSERT(spec->type != GOXEL_PARAM_POINT || spec->min < spec->max);
            CU_ASSERT((spec->choices != NULL) == (spec->type == GOXEL_PARAM_CHOICE));
            CU_ASSERT((spec->shape != NULL) ==
                      (spec->type == GOXEL_PARAM_OBJECT || spec->type == GOXEL_PARAM_ARRAY));
            /* Required ones first, or positional calls could not leave the others out. */
            CU_ASSERT(!spec->required || spec == method->params || spec[-1].required);
        }
        if (projected) {
            CU_ASSERT_FATAL(count > 0);
            CU_ASSERT_STRING_EQUAL(method->params[count - 1].name, "project");
        }
        for (const struct goxel_method *other = goxel_methods; other != method; other++)
            CU_ASSERT_STRING_NOT_EQUAL(other->name, method->name);
    }
}

static void an_error_tells_what_would_be_right(void)
{
    rig_start(&rig);
    CHECK(rig_call(&rig, "voxel.clear", "['al']"), "-32602 scope");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "one of: layer, all"));
    CHECK(rig_call(&rig, "voxel.ad", NULL), "-32601 method");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "did you mean \\\"voxel.add\\\"?"));
    CHECK(rig_call(&rig, "render.image", "{'width':64}"), "-1017 ");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "no renderer yet"));
    CHECK(rig_call(&rig, "goxel.execute_script", "['x']"), "-1017 ");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "no script engine yet"));
    CHECK(rig_call(&rig, "voxel.clear", "{'scop':'all'}"), "-32602 scop");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "did you mean \\\"scope\\\"?"));
    CHECK(rig_call(&rig, "voxel.get", "[1,2]"), "-32602 z");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "z is missing: expected a coordinate in voxels"));
    CHECK(rig_call(&rig, "system.list_methods", "['voxel.clear',true]")[0] == '{' ? "ok" : rig.reply, "ok");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"choices\":[\"layer\",\"all\"]"));
    rig_send(&rig, rig_json("{'jsonrpc':'2.0','id':1,'method':'voxel.get','params':[1,2,1048576]}"));
    CHECK(rig.reply, "{'jsonrpc':'2.0','id':1,'error':{'code':-1003,'message':'invalid coordinates','data':{"
                     "'reason':'z: expected an integer from -1048576 to 1048575, got 1048576','field':'z',"
                     "'value':'1048576','expected':'an integer from -1048576 to 1048575'}}}");
    rig_send(
        &rig,
        rig_json("{'jsonrpc':'2.0','id':1,'method':'voxel.add','params':{'x':1,'y':2,'z':3,'color':'red'}}"));
    CU_ASSERT_PTR_NOT_NULL(strstr(
        rig.reply, "\"field\":\"color\",\"value\":\"\\\"red\\\"\",\"expected\":\"[r,g,b], [r,g,b,a],"));
    rig_stop(&rig);
}

static const struct unit_test tests[] = {
    {"the table is complete", the_table_is_complete},
    {"each required parameter missing", each_required_parameter_missing},
    {"each wrong type of each parameter", each_wrong_type},
    {"each value out of range", each_range},
    {"unknown parameters", unknown_parameters},
    {"too many positional parameters", too_many_positional},
    {"forbidden states", forbidden_states},
    {"an error tells what would be right", an_error_tells_what_would_be_right},
    {NULL, NULL},
};

const struct unit_suite params_suite = {"params", tests};
