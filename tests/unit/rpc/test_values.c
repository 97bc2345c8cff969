/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every form of a value, and what it means. */
#include "rpc/values.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "rig.h"

static struct goxel_json *parse(const char *text)
{
    struct goxel_json *root = NULL;
    const char *json = rig_json(text);

    CU_ASSERT_EQUAL_FATAL(goxel_json_parse(json, strlen(json), &goxel_json_limits_default, NULL, &root), 0);
    return root;
}

static void colors(void)
{
    static const struct {
        const char *text;
        struct goxel_color color;
    } rows[] = {
        {"[1,2,3]", {1, 2, 3, 255}},
        {"[1,2,3,4]", {1, 2, 3, 4}},
        {"{'r':1,'g':2,'b':3}", {1, 2, 3, 255}},
        {"{'a':0,'b':3,'g':2,'r':1}", {1, 2, 3, 0}},
        {"'#0aFf10'", {10, 255, 16, 255}},
        {"'#0aFf1080'", {10, 255, 16, 128}},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct goxel_json *root = parse(rows[i].text);
        struct goxel_color color = {9, 9, 9, 9};

        CU_ASSERT_EQUAL(goxel_value_color(root, "color", NULL, &color), 0);
        CU_ASSERT_EQUAL(memcmp(&color, &rows[i].color, sizeof(color)), 0);
        goxel_json_free(root);
    }
}

static void no_colors(void)
{
    static const char *const rows[] = {
        "'#0aff1'",
        "'0aff10'",
        "'#0aff1g'",
        "'#0aff1080ff'",
        "''",
        "[1,2,'3']",
        "{'r':1,'g':2,'b':3,'x':4}",
        "{'r':1,'g':2,'a':3}",
        "[256,0,0]",
        "[-1,0,0]",
        "[1.0,0,0]",
        "{'r':0,'g':0,'b':300}",
        "null",
        "true",
        "[]",
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct goxel_json *root = parse(rows[i]);
        struct goxel_color color = {9, 9, 9, 9};
        struct goxel_detail detail;

        CU_ASSERT_EQUAL(goxel_value_color(root, "color", &detail, &color), GOXEL_ERROR_INVALID_COLOR);
        CU_ASSERT_STRING_EQUAL(detail.field, "color");
        CU_ASSERT_PTR_NOT_NULL(strstr(detail.expected, "#RRGGBBAA"));
        CU_ASSERT_EQUAL(color.r, 9);
        goxel_json_free(root);
    }
}

static void positions(void)
{
    struct goxel_json *array = parse("[-1048576,0,1048575]"), *object = parse("{'z':3,'x':1,'y':2}"),
                      *out = parse("{'z':3,'x':1,'y':-1048577}");
    struct goxel_detail detail;
    struct goxel_pos pos;

    CU_ASSERT_EQUAL(goxel_value_pos(array, "at", NULL, &pos), 0);
    CU_ASSERT(pos.x == GOXEL_COORD_MIN && pos.y == 0 && pos.z == GOXEL_COORD_MAX);
    CU_ASSERT_EQUAL(goxel_value_pos(object, "at", NULL, &pos), 0);
    CU_ASSERT(pos.x == 1 && pos.y == 2 && pos.z == 3);
    CU_ASSERT_EQUAL(goxel_value_pos(out, "at", &detail, &pos), GOXEL_ERROR_INVALID_COORDINATES);
    CU_ASSERT_STRING_EQUAL(detail.field, "at.y");
    CU_ASSERT_STRING_EQUAL(detail.value, "-1048577");
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.expected, "-1048576 to 1048575"));
    CU_ASSERT_EQUAL(pos.x, 1);
    goxel_json_free(array);
    goxel_json_free(object);
    goxel_json_free(out);
}

static void boxes(void)
{
    struct goxel_json *good = parse("{'min':[0,1,2],'max':{'x':0,'y':5,'z':9}}"),
                      *turned = parse("{'min':[0,0,1],'max':[0,0,0]}");
    struct goxel_box box;

    CU_ASSERT_EQUAL(goxel_value_box(good, "box", NULL, &box), 0);
    CU_ASSERT(box.min.y == 1 && box.max.z == 9);
    CU_ASSERT_EQUAL(goxel_value_box(turned, "box", NULL, &box), GOXEL_ERROR_INVALID_COORDINATES);
    goxel_json_free(good);
    goxel_json_free(turned);
}

static void balls(void)
{
    struct goxel_json *ball = parse("{'center':[0,0,0],'radius':1.5}"),
                      *edge = parse("{'center':[1048575,0,0],'radius':3}");
    struct goxel_region region;

    CU_ASSERT_EQUAL(goxel_value_region(ball, "region", NULL, &region), 0);
    CU_ASSERT(region.ball);
    CU_ASSERT(goxel_region_contains(&region, (struct goxel_pos){1, 1, 0}));
    CU_ASSERT_FALSE(goxel_region_contains(&region, (struct goxel_pos){1, 1, 1}));
    CU_ASSERT_FALSE(goxel_region_contains(&region, (struct goxel_pos){2, 0, 0}));
    CU_ASSERT_EQUAL(goxel_value_region(edge, "region", NULL, &region), 0);
    CU_ASSERT(goxel_box_valid(&region.box));
    CU_ASSERT_EQUAL(region.box.max.x, GOXEL_COORD_MAX);
    CU_ASSERT_EQUAL(region.box.min.x, GOXEL_COORD_MAX - 3);
    goxel_json_free(ball);
    goxel_json_free(edge);
}

static void layers(void)
{
    struct goxel_json *id = parse("7"), *current = parse("'current'"), *all = parse("'all'"),
                      *name = parse("'roof'");
    struct goxel_layer_name layer;

    CU_ASSERT_EQUAL(goxel_value_layer(id, "l", false, NULL, &layer), 0);
    CU_ASSERT(layer.kind == GOXEL_LAYER_ID && layer.id == 7);
    CU_ASSERT_EQUAL(goxel_value_layer(current, "l", false, NULL, &layer), 0);
    CU_ASSERT_EQUAL(layer.kind, GOXEL_LAYER_CURRENT);
    CU_ASSERT_EQUAL(goxel_value_layer(all, "l", true, NULL, &layer), 0);
    CU_ASSERT_EQUAL(layer.kind, GOXEL_LAYER_ALL);
    CU_ASSERT_EQUAL(goxel_value_layer(all, "l", false, NULL, &layer), GOXEL_ERROR_INVALID_PARAMS);
    CU_ASSERT_EQUAL(goxel_value_layer(name, "l", false, NULL, &layer), 0);
    CU_ASSERT_EQUAL_FATAL(layer.kind, GOXEL_LAYER_NAME);
    CU_ASSERT_STRING_EQUAL(layer.name, "roof");
    goxel_json_free(id);
    goxel_json_free(current);
    goxel_json_free(all);
    goxel_json_free(name);
}

/* A message shows what was sent, but never all of something big. */
static void shown_values_are_short(void)
{
    char text[4096] = "'";
    struct goxel_json *node;
    struct goxel_detail detail;

    memset(text + 1, 'x', 4000);
    memcpy(text + 4001, "'", 2);
    node = parse(text);
    goxel_fail_node(&detail, GOXEL_ERROR_INVALID_PARAMS, "f", node, "less");
    CU_ASSERT(strlen(detail.value) < sizeof(detail.value));
    CU_ASSERT_EQUAL(strncmp(detail.value, "\"xxxx", 5), 0);
    goxel_json_free(node);
    node = parse("[1,2,3,4,5,6]");
    goxel_fail_node(&detail, GOXEL_ERROR_INVALID_PARAMS, "f", node, "less");
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.value, "of 6"));
    goxel_json_free(node);
    node = parse("3.0");
    goxel_fail_node(&detail, GOXEL_ERROR_INVALID_PARAMS, "f", node, "an integer");
    CU_ASSERT_STRING_EQUAL(detail.value, "3.0");
    goxel_json_free(node);
    node = parse("{'a':[1]}");
    goxel_fail_node(&detail, GOXEL_ERROR_INVALID_PARAMS, "f", node, "less");
    CU_ASSERT_STRING_EQUAL(detail.value, "{\"a\":[1]}");
    goxel_json_free(node);
}

static const struct unit_test tests[] = {
    {"colours in every form", colors},
    {"what is no colour", no_colors},
    {"positions", positions},
    {"boxes", boxes},
    {"balls", balls},
    {"layers", layers},
    {"shown values are short", shown_values_are_short},
    {NULL, NULL},
};

const struct unit_suite values_suite = {"values", tests};
