/* SPDX-License-Identifier: GPL-3.0-or-later */
/* export.model and import.model: files and bytes, out of a project and into one. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "rig.h"

static struct rig rig;

/* "1 2 3 ff8000\n" as base64 */
#define ONE_VOXEL "MSAyIDMgZmY4MDAwCg=="

static void begin(void)
{
    rig_start(&rig);
    rig_do(&rig, "project.create", "['castle']");
    rig_do(&rig, "layer.create", "{'name':'roof','opacity':0.5}");
    rig_do(&rig, "voxel.fill", "{'region':{'min':[0,0,0],'max':[9,9,0]},'color':'#ff0000','layer_id':1}");
    rig_do(&rig, "voxel.add", "{'x':4,'y':4,'z':9,'color':'#0000ff'}");
}

static void check_count(const char *layer, const char *wanted)
{
    char params[128], result[64];

    snprintf(params, sizeof(params), "{'return_format':'count','layer_id':%s}", layer);
    snprintf(result, sizeof(result), "{'count':%s,'truncated':false}", wanted);
    CHECK(rig_call(&rig, "voxel.query", params), result);
}

static void formats_are_listed(void)
{
    rig_start(&rig);
    rig_call(&rig, "export.formats", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "{\"name\":\"gox\",\"title\":\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"extensions\":[\"txt\"]"));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"can_import\":true,\"can_export\":true,\"is_native\":true}"));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "],\"count\":"));
    rig_stop(&rig);
}

/* Unlike project.save: the project keeps its path, and what was not saved is not. */
static void an_export_leaves_the_project_as_it_is(void)
{
    begin();
    rig_do(&rig, "project.save", "['castle.gox']");
    rig_do(&rig, "voxel.add", "[0,0,5,[1,2,3]]");
    rig_call(&rig, "export.model", "{'path':'copy.gox'}");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "/copy.gox\",\"format\":\"gox\",\"bytes\":"));
    rig_do(&rig, "export.model", "{'path':'copy.txt','format':'txt'}");
    CU_ASSERT(rig_has_file(rig.root, "copy.gox") && rig_has_file(rig.root, "copy.txt"));
    rig_call(&rig, "project.get_info", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "/castle.gox\",\"created\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"is_modified\":true"));
    rig_call(&rig, "project.open", "['copy.gox']");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"layers\":2,\"total_voxels\":102,"));
    rig_stop(&rig);
}

static void what_an_export_refuses(void)
{
    static const char *const rows[][2] = {
        {NULL, "-32602 path"},
        {"{'inline':true}", "-32602 format"},
        {"{'inline':true,'format':'txt','path':'a.txt'}", "-32602 path"},
        {"{'inline':true,'format':'obj'}", "-1006 format"},
        {"{'path':'a.obj'}", "-1006 path"},
        {"{'path':'a.txt','format':'gox'}", "-1006 format"},
        {"{'path':'a.txt','options':{'x':1}}", "-32602 options.x"},
        {"{'path':'/etc/a.txt'}", "-1005 "},
        {"{'path':'../a.txt'}", "-1005 "},
    };

    begin();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK(rig_call(&rig, "export.model", rows[i][0]), rows[i][1]);
    CU_ASSERT_FALSE(rig_has_file(rig.root, "a.txt"));
    rig_stop(&rig);
}

/* The result's `data`; freed by the caller's buffer. */
static void take_data(struct goxel_buf *params)
{
    char *data = strstr(rig.reply, "\"data\":\""), *end;

    CU_ASSERT_PTR_NOT_NULL_FATAL(data);
    data += strlen("\"data\":\"");
    end = strchr(data, '"');
    goxel_buf_append(params, data, (size_t)(end - data));
}

static void there_and_back_as_bytes(void)
{
    struct goxel_buf params;

    begin();
    rig_call(&rig, "export.model", "{'inline':true,'format':'gox'}");
    goxel_buf_init(&params, 1 << 20);
    goxel_buf_puts(&params, "{'format':'gox','data':'");
    take_data(&params);
    goxel_buf_puts(&params, "','options':{'offset':[100,0,-3]}}");
    rig_call(&rig, "import.model", params.data);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(rig.reply, "\"layers\":[{\"id\":3,\"name\":\"Layer.1-2\",\"voxel_count\":100},{\"id\":4,"
                          "\"name\":\"roof-2\",\"voxel_count\":1}],\"voxels\":101,\"warnings\":[]}"));
    CHECK(rig_call(&rig, "voxel.get", "[104,4,6,'roof-2']"),
          "{'x':104,'y':4,'z':6,'exists':true,'color':[0,0,255,255],'layer_id':4}");
    CHECK(rig_call(&rig, "voxel.get", "[109,9,-3,'Layer.1-2']"),
          "{'x':109,'y':9,'z':-3,'exists':true,'color':[255,0,0,255],'layer_id':3}");
    check_count("1", "100"); /* what was there is as it was */
    rig_call(&rig, "layer.get_list", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"name\":\"roof-2\",\"visible\":true,\"opacity\":0.5,"));
    CHECK(rig_call(&rig, "project.undo", NULL), "{'version':5,'steps':1,'undo':3,'redo':1}");
    rig_call(&rig, "layer.get_list", NULL);
    CU_ASSERT_PTR_NULL(strstr(rig.reply, "roof-2"));
    goxel_buf_finish(&params);
    rig_stop(&rig);
}

static void a_target_is_drawn_over(void)
{
    begin();
    rig_put_file(rig.root, "m.txt", "4 4 9 00ff00\n5 4 9 00ff00\n", 26);
    CHECK(rig_call(&rig, "import.model", "{'path':'m.txt','options':{'target_layer':'roof'}}"),
          "{'format':'txt','layers':[{'id':2,'name':'roof','voxel_count':2}],'voxels':2,'warnings':[]}");
    CHECK(rig_call(&rig, "voxel.get", "[4,4,9,2]"),
          "{'x':4,'y':4,'z':9,'exists':true,'color':[0,255,0,255],'layer_id':2}");
    CHECK(rig_call(&rig, "import.model",
                   "{'path':'m.txt','options':{'target_layer':'current','offset':[0,0,-9]}}"),
          "{'format':'txt','layers':[{'id':2,'name':'roof','voxel_count':4}],'voxels':2,'warnings':[]}");
    check_count("1", "100");
    rig_stop(&rig);
}

static void what_an_import_refuses(void)
{
    static const char *const rows[][2] = {
        {NULL, "-32602 path"},
        {"{'path':'m.txt','data':'" ONE_VOXEL "'}", "-32602 data"},
        {"{'data':'" ONE_VOXEL "'}", "-32602 format"},
        {"{'data':'" ONE_VOXEL "','format':'obj'}", "-1006 format"},
        {"{'path':'m.obj'}", "-1006 path"},
        {"{'data':'*','format':'txt'}", "-1010 "},
        {"{'data':'" ONE_VOXEL "','format':'gox'}", "-1010 "},
        {"{'path':'none.txt'}", "-1005 "},
        {"{'path':'/etc/hostname.txt'}", "-1005 "},
        {"{'data':'" ONE_VOXEL "','format':'txt','options':{'ofset':[0,0,0]}}", "-32602 options.ofset"},
        {"{'data':'" ONE_VOXEL "','format':'txt','options':{'offset':[0,0]}}", "-32602 options.offset"},
        {"{'data':'" ONE_VOXEL "','format':'txt','options':{'offset':[0,0,1048576]}}",
         "-1003 options.offset[2]"},
        {"{'data':'" ONE_VOXEL "','format':'txt','options':{'offset':[0,0,1048575]}}",
         "-1003 options.offset"},
        {"{'data':'" ONE_VOXEL "','format':'txt','options':{'target_layer':'none'}}",
         "-1002 options.target_layer"},
        {"{'data':'" ONE_VOXEL "','format':'txt','options':{'target_layer':'all'}}",
         "-32602 options.target_layer"},
        {"{'data':'" ONE_VOXEL "','format':'txt','if_version':9}", "-1019 if_version"},
    };

    begin();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK(rig_call(&rig, "import.model", rows[i][0]), rows[i][1]);
    rig_call(&rig, "project.get_info", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"version\":3,"));
    rig_stop(&rig);
}

static void an_import_has_a_ceiling(void)
{
    rig_start_with(&rig, goxel_methods, "limits { max_edit_bricks = 2 }\n");
    rig_do(&rig, "project.create", "['p']");
    rig_put_file(rig.root, "m.txt", "0 0 0 00ff00\n40 0 0 00ff00\n80 0 0 00ff00\n", 41);
    CHECK(rig_call(&rig, "import.model", "{'path':'m.txt'}"), "-1014 limits.max_edit_bricks");
    rig_stop(&rig);
}

/* Whatever allocation fails, it is all there or nothing is. */
static void no_memory_for_an_import(void)
{
    static const char params[] = "{'data':'" ONE_VOXEL "','format':'txt'}";
    long made;

    begin();
    rig_do(&rig, "import.model", params);
    made = rig.allocations;
    rig_stop(&rig);
    for (long at = 1; at <= made; at++) {
        bool all, failed, unanswered;

        begin();
        rig.fail_at = at;
        failed = rig_call(&rig, "import.model", params)[0] != '{';
        rig.fail_at = 0;
        unanswered = rig.code != 0; /* it may have been the reply that there was no memory for */
        rig_call(&rig, "project.get_info", NULL);
        all = strstr(rig.reply, "\"total_voxels\":102,\"layers\":3,") != NULL;
        CU_ASSERT(all || strstr(rig.reply, "\"total_voxels\":101,\"layers\":2,"));
        CU_ASSERT(unanswered || all != failed);
        rig_stop(&rig);
    }
}

static void no_memory_for_an_export(void)
{
    begin();
    rig_do(&rig, "export.model", "{'inline':true,'format':'txt'}");
    for (long at = 1, made = rig.allocations; at <= made; at++) {
        rig.fail_at = at;
        rig_call(&rig, "export.model", "{'inline':true,'format':'txt'}");
        CU_ASSERT(rig.code != 0 || strstr(rig.reply, "\"code\":-1007") || strstr(rig.reply, "\"data\":\""));
    }
    rig_stop(&rig);
}

static const struct unit_test tests[] = {
    {"formats are listed", formats_are_listed},
    {"an export leaves the project as it is", an_export_leaves_the_project_as_it_is},
    {"what an export refuses", what_an_export_refuses},
    {"there and back as bytes", there_and_back_as_bytes},
    {"a target is drawn over", a_target_is_drawn_over},
    {"what an import refuses", what_an_import_refuses},
    {"an import has a ceiling", an_import_has_a_ceiling},
    {"no memory for an import", no_memory_for_an_import},
    {"no memory for an export", no_memory_for_an_export},
    {NULL, NULL},
};

const struct unit_suite model_suite = {"model", tests};
