/* SPDX-License-Identifier: GPL-3.0-or-later */
/* import.image: a picture, as a file and as bytes, becomes voxels of the project. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "format/png.h"
#include "rig.h"
#include "rpc/base64.h"

static struct rig rig;

/* Two by two: red, green; blue half translucent, white. */
static const struct goxel_color four[] = {
    {255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 128}, {255, 255, 255, 255}};

static void put_picture(const char *name, const struct goxel_color *pixels, unsigned width, unsigned height)
{
    struct goxel_buf file;

    goxel_buf_init(&file, 1 << 20);
    CU_ASSERT_EQUAL_FATAL(goxel_png_write(pixels, width, height, &file), 0);
    rig_put_file(rig.root, name, file.data, file.len);
    goxel_buf_finish(&file);
}

static void begin(void)
{
    rig_start(&rig);
    rig_do(&rig, "project.create", "['castle']");
    rig_do(&rig, "voxel.add", "{'x':0,'y':0,'z':0,'color':'#010203'}");
    put_picture("four.png", four, 2, 2);
}

static void check_voxel(const char *where, const char *color)
{
    char wanted[64];

    snprintf(wanted, sizeof(wanted), "\"color\":%s", color);
    rig_call(&rig, "voxel.get", where);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, wanted));
}

static void a_picture_lies_on_the_ground(void)
{
    begin();
    rig_edit(&rig, "import.image", "{'path':'four.png'}");
    check_voxel("[0,1,0,'Image']", "[255,0,0,255]");
    check_voxel("[1,1,0,'Image']", "[0,255,0,255]");
    check_voxel("[0,0,0,'Image']", "[0,0,255,128]");
    check_voxel("[1,0,0,'Image']", "[255,255,255,255]");
    check_voxel("[0,0,0,1]", "[1,2,3,255]");
    CHECK(rig_call(&rig, "import.image", "{'path':'four.png'}"),
          "{'format':'png','layers':[{'id':3,'name':'Image-2','voxel_count':4}],'voxels':4,'warnings':[]}");
    CHECK(rig_call(
              &rig, "import.image",
              "{'path':'four.png','options':{'target_layer':1,'offset':[10,20,30],'threshold_alpha':129}}"),
          "{'format':'png','layers':[{'id':1,'name':'Layer.1','voxel_count':4}],'voxels':3,'warnings':[]}");
    check_voxel("[11,20,30,1]", "[255,255,255,255]");
    check_voxel("[10,20,30,1]", "null");
    rig_stop(&rig);
}

static void it_is_extruded_or_a_map_of_heights(void)
{
    static const char *const rows[][2] = {
        {"{'mode':'picture'}", "4"},
        {"{'mode':'extrude'}", "64"},
        {"{'mode':'extrude','depth':3}", "12"},
        {"{'mode':'extrude','depth':3,'threshold_alpha':255}", "9"},
        {"{'mode':'heightmap'}", "513"},
        {"{'mode':'heightmap','depth':2}", "6"},
        {"{'mode':'heightmap','depth':1}", "4"},
    };

    begin();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char params[160], wanted[64];

        snprintf(params, sizeof(params), "{'path':'four.png','options':%s}", rows[i][0]);
        snprintf(wanted, sizeof(wanted), "],\"voxels\":%s,\"warnings\":[]}", rows[i][1]);
        rig_call(&rig, "import.image", params);
        CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, wanted));
    }
    check_voxel("[1,0,255,'Image-5']", "[255,255,255,255]");
    check_voxel("[0,1,54,'Image-5']", "[255,0,0,255]");
    check_voxel("[0,1,55,'Image-5']", "null");
    rig_stop(&rig);
}

static void what_it_refuses(void)
{
    static const char *const rows[][2] = {
        {NULL, "-32602 path"},
        {"{'path':'four.png','data':'AA=='}", "-32602 data"},
        {"{'path':'four.jpg'}", "-1006 path"},
        {"{'path':'four'}", "-1006 path"},
        {"{'path':'none.png'}", "-1005 "},
        {"{'path':'../four.png'}", "-1005 "},
        {"{'data':'*'}", "-1010 "},
        {"{'data':''}", "-1010 "},
        {"{'data':'iVBORw0KGgo='}", "-1010 "},
        {"{'path':'cut.png'}", "-1010 "},
        {"{'path':'four.png','format':'png'}", "-32602 format"},
        {"{'path':'four.png','options':{'deep':2}}", "-32602 options.deep"},
        {"{'path':'four.png','options':{'mode':'relief'}}", "-32602 options.mode"},
        {"{'path':'four.png','options':{'mode':1}}", "-32602 options.mode"},
        {"{'path':'four.png','options':{'depth':2}}", "-32602 options.depth"},
        {"{'path':'four.png','options':{'mode':'extrude','depth':-1}}", "-32602 options.depth"},
        {"{'path':'four.png','options':{'axis':'x'}}", "-32602 options.axis"},
        {"{'path':'four.png','options':{'alpha_min':0}}", "-32602 options.alpha_min"},
        {"{'path':'four.png','options':{'mode':'extrude','depth':4097}}", "-32602 options.depth"},
        {"{'path':'four.png','options':{'threshold_alpha':0}}", "-32602 options.threshold_alpha"},
        {"{'path':'four.png','options':{'threshold_alpha':256}}", "-32602 options.threshold_alpha"},
        {"{'path':'four.png','options':{'offset':[1048575,0,0]}}", "-1003 options.offset"},
        {"{'path':'four.png','options':{'target_layer':'none'}}", "-1002 options.target_layer"},
        {"{'path':'four.png','if_version':9}", "-1019 if_version"},
    };
    struct goxel_buf file;

    begin();
    goxel_buf_init(&file, 1 << 20);
    goxel_png_write(four, 2, 2, &file);
    rig_put_file(rig.root, "cut.png", file.data, file.len - 20);
    goxel_buf_finish(&file);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK(rig_call(&rig, "import.image", rows[i][0]), rows[i][1]);
    CHECK(rig_call(&rig, "import.image", "{'path':'four.png','options':{'mode':'relief'}}"),
          "-32602 options.mode");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "one of auto picture extrude heightmap slices"));
    CHECK(rig_call(&rig, "import.image", "{'path':'cut.png'}"), "-1010 ");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "no PNG picture: "));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"offset\":"));
    rig_call(&rig, "project.get_info", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"version\":1,"));
    rig_stop(&rig);
}

/* Before a voxel of it is made. */
static void it_has_a_ceiling(void)
{
    static struct goxel_color wide[64 * 16];

    rig_start_with(&rig, goxel_methods, "limits { max_edit_bricks = 4 }\n");
    rig_do(&rig, "project.create", "['p']");
    for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
        wide[i] = (struct goxel_color){0, 0, 0, 255};
    put_picture("wide.png", wide, 64, 16);
    rig_do(&rig, "import.image", "{'path':'wide.png','options':{'mode':'extrude','depth':16}}");
    CHECK(rig_call(&rig, "import.image", "{'path':'wide.png','options':{'mode':'extrude','depth':17}}"),
          "-1014 limits.max_edit_bricks");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"limit\":4,\"given\":8"));
    rig_do(&rig, "import.image",
           "{'path':'wide.png','options':{'mode':'heightmap','depth':4096}}"); /* it is black */
    rig_stop(&rig);
}

/* Whatever allocation fails, it is all there or nothing is. */
static void no_memory_for_it(void)
{
    static const char params[] = "{'path':'four.png','options':{'mode':'extrude'}}";
    long made;

    begin();
    rig_do(&rig, "import.image", params);
    made = rig.allocations;
    rig_stop(&rig);
    for (long at = 1; at <= made; at++) {
        bool all, failed, unanswered;

        begin();
        rig.fail_at = at;
        failed = rig_call(&rig, "import.image", params)[0] != '{';
        rig.fail_at = 0;
        unanswered = rig.code != 0;
        rig_call(&rig, "project.get_info", NULL);
        all = strstr(rig.reply, "\"total_voxels\":65,\"layers\":2,") != NULL;
        CU_ASSERT(all || strstr(rig.reply, "\"total_voxels\":1,\"layers\":1,"));
        CU_ASSERT(unanswered || all != failed);
        rig_stop(&rig);
    }
}

static const struct unit_test tests[] = {
    {"a picture lies on the ground", a_picture_lies_on_the_ground},
    {"it is extruded or a map of heights", it_is_extruded_or_a_map_of_heights},
    {"what it refuses", what_it_refuses},
    {"it has a ceiling", it_has_a_ceiling},
    {"no memory for it", no_memory_for_it},
    {NULL, NULL},
};

const struct unit_suite image_suite = {"image", tests};
