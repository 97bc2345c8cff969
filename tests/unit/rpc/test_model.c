/* SPDX-License-Identifier: GPL-3.0-or-later */
/* export.model and import.model: files and bytes, out of a project and into one. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "format/format.h"
#include "rig.h"
#include "rpc/base64.h"

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
    char name[64];
    int count = 0;

    rig_start(&rig);
    rig_call(&rig, "export.formats", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "{\"name\":\"gox\",\"title\":\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"extensions\":[\"txt\"]"));
    CU_ASSERT_PTR_NOT_NULL(strstr(
        rig.reply,
        "\"can_import\":true,\"can_export\":true,\"is_native\":true,\"companion\":null,"
        "\"limits\":{\"colors\":0,\"alpha\":true,\"layers\":true,\"positions\":true,"
        "\"surface\":false,\"materials\":true,\"palette\":true,\"size\":0,\"plane\":0},\"options\":["));
    for (const struct goxel_format *format = goxel_formats; format->name; format++) {
        snprintf(name, sizeof(name), "{\"name\":\"%s\",\"title\":", format->name);
        CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, name));
        count++;
    }
    snprintf(name, sizeof(name), "],\"count\":%d}", count);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, name));
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
        {"{'inline':true,'format':'blend'}", "-1006 format"},
        {"{'path':'a.blend'}", "-1006 path"},
        {"{'path':'a.txt','format':'blend'}", "-1006 format"},
        {"{'path':'a'}", "-1006 path"},
        {"{'path':'a.txt','options':{'x':1}}", "-32602 options.x"},
        {"{'inline':true,'format':'txt','options':{'x':'1'}}", "-32602 options.x"},
        {"{'path':'a.txt','options':{'x':null}}", "-32602 options.x"},
        {"{'path':'a.txt','options':{'x':[1]}}", "-32602 options.x"},
        {"{'path':'a.txt','options':{'x':'a\\u0000b'}}", "-32602 options.x"},
        {"{'path':'a.txt','layers':[]}", "-32602 layers"},
        {"{'path':'a.txt','layers':[1,7]}", "-1002 layers[1]"},
        {"{'path':'a.txt','layers':['roof','none']}", "-1002 layers[1]"},
        {"{'path':'a.txt','layers':['all']}", "-32602 layers[0]"},
        {"{'inline':true,'format':'txt','layers':[null]}", "-32602 layers[0]"},
        {"{'path':'a.txt','box':{'min':[1,0,0],'max':[0,0,0]}}", "-1003 box"},
        {"{'path':'/etc/a.txt'}", "-1005 "},
        {"{'path':'../a.txt'}", "-1005 "},
    };

    begin();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK(rig_call(&rig, "export.model", rows[i][0]), rows[i][1]);
    CU_ASSERT_FALSE(rig_has_file(rig.root, "a.txt"));
    rig_stop(&rig);
}

static void check_export(const char *params, const char *wanted)
{
    char *data;
    struct goxel_buf text;

    rig_call(&rig, "export.model", params);
    data = strstr(rig.reply, "\"data\":\"");
    CU_ASSERT_PTR_NOT_NULL_FATAL(data);
    data += strlen("\"data\":\"");
    goxel_buf_init(&text, 1 << 20);
    CU_ASSERT_EQUAL(goxel_base64_decode(data, (size_t)(strchr(data, '"') - data), &text, NULL), 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text.data);
    CU_ASSERT_STRING_EQUAL(strstr(text.data, "RRGGBB\n") + 7, wanted);
    goxel_buf_finish(&text);
}

/* A format that is named wins over the extension, which may be another one or none. */
static void a_named_format_wins(void)
{
    static const struct {
        const char *method, *params, *file, *begins;
    } rows[] = {
        {"export.model", "{'path':'a.txt','format':'gox'}", "a.txt", "GOX "},
        {"export.model", "{'path':'plain','format':'ply'}", "plain", "ply\n"},
        {"export.model", "{'path':'.hidden','format':'vox'}", ".hidden", "VOX "},
        {"goxel.export_model", "['b.gox','ply']", "b.gox", "ply\n"},
        {"project.save", "{'path':'own','format':'gox'}", "own", "GOX "},
        {"project.save", NULL, "own", "GOX "},
    };

    begin();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct goxel_buf file;
        char path[256];

        rig_do(&rig, rows[i].method, rows[i].params);
        snprintf(path, sizeof(path), "%s/%s", rig.root, rows[i].file);
        goxel_buf_init(&file, 1 << 20);
        CU_ASSERT_EQUAL_FATAL(goxel_file_read(AT_FDCWD, path, &file, NULL), 0);
        CU_ASSERT(file.len > 4 && memcmp(file.data, rows[i].begins, strlen(rows[i].begins)) == 0);
        goxel_buf_finish(&file);
    }
    rig_stop(&rig);
}

static void a_part_is_exported(void)
{
    begin();
    check_export("{'inline':true,'format':'txt','layers':['roof']}", "4 4 9 0000ff\n");
    check_export("{'inline':true,'format':'txt','layers':['current'],'box':{'min':[0,0,0],'max':[9,9,8]}}",
                 "");
    check_export("{'inline':true,'format':'txt','layers':[1],'box':{'min':[3,4,-5],'max':[4,4,50]}}",
                 "3 4 0 ff0000\n4 4 0 ff0000\n");
    check_export("{'inline':true,'format':'txt','box':{'min':[4,4,-5],'max':[4,4,50]}}",
                 "4 4 0 ff0000\n4 4 9 0000ff\n");
    rig_do(&rig, "export.model", "{'inline':true,'format':'obj','options':{'colors':'material'}}");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"companions\":[\"castle.mtl\"]"));
    rig_do(&rig, "export.model", "{'inline':true,'format':'obj'}");
    CU_ASSERT_PTR_NULL(strstr(rig.reply, "companions"));
    rig_do(&rig, "layer.set_visibility", "{'layer_id':'roof','visible':false}");
    check_export("{'inline':true,'format':'txt','layers':[2]}", "4 4 9 0000ff\n");
    rig_do(&rig, "export.model", "{'path':'roof.gox','layers':['roof']}");
    rig_call(&rig, "project.open", "['roof.gox']");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"layers\":1,\"total_voxels\":1,"));
    rig_stop(&rig);
}

/* What would be lost is an error, all of it is told, and the old file is as it was. */
static void strict_loses_nothing(void)
{
    begin();
    rig_do(&rig, "voxel.add", "[0,0,20,[1,2,3,20]]");
    rig_do(&rig, "layer.set_visibility", "{'layer_id':1,'visible':false}");
    rig_put_file(rig.root, "old.txt", "0 0 0 ffffff\n", 13);
    rig_call(&rig, "export.model", "{'path':'new.txt'}");
    CU_ASSERT_PTR_NOT_NULL(
        strstr(rig.reply, "\"warnings\":[{\"what\":\"hidden layers left out\",\"count\":1},{"));
    CHECK(rig_call(&rig, "export.model", "{'path':'old.txt','strict':true}"), "-1018 ");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply,
                                  "\"warnings\":[{\"what\":\"hidden layers left out\",\"count\":1},"
                                  "{\"what\":\"translucent voxels dropped\",\"count\":1},"
                                  "{\"what\":\"materials of layers left out\",\"count\":1}]"));
    CHECK(rig_call(&rig, "export.model", "{'inline':true,'format':'txt','strict':true}"), "-1018 ");
    CHECK(rig_call(&rig, "project.save", "{'path':'old.txt','strict':true}"), "-1018 ");
    rig_do(&rig, "export.model", "{'inline':true,'format':'gox','strict':true}");
    rig_call(&rig, "project.open", "{'path':'old.txt','strict':true}");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"path\":null,")); /* as the project has none */
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"total_voxels\":1,"));
    rig_stop(&rig);
}

/* A clone comes with a file, and is said to have no voxels: who is strict does not want to hear that. */
static void strict_reads_nothing_else(void)
{
    begin();
    rig_do(&rig, "export.model", "{'path':'part.gox','strict':true}");
    rig_put_file(rig.root, "bad.gox", "GOX \2\0\0\0NONE\4\0\0\0abcd\0\0\0\0", 24);
    rig_do(&rig, "project.open", "{'path':'bad.gox'}");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "unknown chunks dropped"));
    CHECK(rig_call(&rig, "project.open", "{'path':'bad.gox','strict':true}"), "-1018 ");
    CHECK(rig_call(&rig, "import.model", "{'path':'bad.gox','strict':true,'project':'castle'}"), "-1018 ");
    CHECK(rig_call(&rig, "project.open", "{'path':'bad.gox','options':{'deep':true}}"),
          "-32602 options.deep");
    rig_do(&rig, "import.model", "{'path':'part.gox','strict':true,'project':'castle'}");
    rig_stop(&rig);
}

/* The file that an .obj refers to lies beside it, and is there only if it is referred to. */
static void companions_are_written(void)
{
    begin();
    rig_call(&rig, "export.model", "{'path':'m.obj','options':{'colors':'material'}}");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "/m.obj\",\"format\":\"obj\",\"bytes\":"));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"companions\":[\"/"));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "/m.mtl\"],"));
    CU_ASSERT(rig_has_file(rig.root, "m.obj") && rig_has_file(rig.root, "m.mtl"));
    rig_call(&rig, "export.model", "{'path':'n.obj'}");
    CU_ASSERT_PTR_NULL(strstr(rig.reply, "companions"));
    CU_ASSERT(rig_has_file(rig.root, "n.obj") && !rig_has_file(rig.root, "n.mtl"));
    rig_call(&rig, "project.save", "{'path':'s.obj','options':{'colors':'material','scale':0.5}}");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "/s.mtl\"],"));
    CHECK(rig_call(&rig, "export.model", "{'path':'x.obj','options':{'scale':0}}"), "-32602 options.scale");
    CHECK(rig_call(&rig, "export.model", "{'path':'x.obj','options':{'mesher':'fast'}}"),
          "-32602 options.mesher");
    CHECK(rig_call(&rig, "export.model", "{'path':'x.obj','options':{'mesher':7}}"), "-32602 options.mesher");
    /* What may not be written beside keeps the file from being written. */
    rig_do(&rig, "voxel.add", "[0,0,20,[1,2,3,20]]");
    CHECK(rig_call(&rig, "export.model", "{'path':'x.obj','strict':true,'options':{'colors':'material'}}"),
          "-1018 ");
    CU_ASSERT(!rig_has_file(rig.root, "x.obj") && !rig_has_file(rig.root, "x.mtl"));
    rig_stop(&rig);
}

static void collisions_are_boxes(void)
{
    begin();
    CHECK(
        rig_call(&rig, "export.collision_boxes", NULL),
        "{'boxes':[{'min':[0,0,0],'max':[9,9,0]},{'min':[4,4,9],'max':[4,4,9]}],'count':2,'voxels':101,'warnings':[]}");
    CHECK(rig_call(&rig, "export.collision_boxes", "{'layers':['roof']}"),
          "{'boxes':[{'min':[4,4,9],'max':[4,4,9]}],'count':1,'voxels':1,'warnings':[]}");
    CHECK(rig_call(&rig, "export.collision_boxes", "{'box':{'min':[2,2,-9],'max':[3,30,3]}}"),
          "{'boxes':[{'min':[2,2,0],'max':[3,9,0]}],'count':1,'voxels':16,'warnings':[]}");
    CHECK(rig_call(&rig, "export.collision_boxes", "{'max_boxes':1}"), "-1014 max_boxes");
    CHECK(rig_call(&rig, "export.collision_boxes", "{'layers':['none']}"), "-1002 layers[0]");
    rig_do(&rig, "voxel.add", "[4,4,9,[1,2,3,20]]");
    CHECK(rig_call(&rig, "export.collision_boxes", "{'alpha_min':200,'layers':['roof']}"),
          "{'boxes':[],'count':0,'voxels':0,'warnings':[]}");
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
    goxel_buf_puts(&params, "{'data':'"); /* which says itself what it is */
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
        {"{'data':'" ONE_VOXEL "','format':'blend'}", "-1006 format"},
        {"{'path':'m.blend'}", "-1006 path"},
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

/* A voxel, and five clones of its layer. */
static void put_clones(const char *name)
{
    struct goxel_project *project = goxel_project_create("");
    const struct goxel_export export = {.project = project};
    struct goxel_layer *layer = NULL;
    struct goxel_buf out;

    for (int i = 0; i < 6; i++) {
        CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, NULL, -1, &layer, NULL), 0);
        layer->base_id = i ? project->layers[0]->id : 0;
    }
    CU_ASSERT_EQUAL(goxel_volume_set_at(project->layers[0]->volume, (struct goxel_pos){1, 2, 3},
                                        (struct goxel_color){1, 2, 3, 255}),
                    0);
    goxel_buf_init(&out, 1 << 20);
    CU_ASSERT_EQUAL(goxel_format_write(goxel_format_named("vox", GOXEL_FORMAT_OUT), &export, false, &out), 0);
    rig_put_file(rig.root, name, out.data, out.len);
    goxel_buf_finish(&out);
    goxel_project_unref(project);
}

/* Clones are small in a file: the first one that is too much is the last that is looked at. */
static void clones_have_a_ceiling(void)
{
    rig_start_with(&rig, goxel_methods, "limits { max_edit_bricks = 2 }\n");
    rig_do(&rig, "project.create", "['p']");
    put_clones("clones.vox");
    CHECK(rig_call(&rig, "import.model", "{'path':'clones.vox'}"), "-1014 limits.max_edit_bricks");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"given\":3"));
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
    {"a named format wins", a_named_format_wins},
    {"a part is exported", a_part_is_exported},
    {"strict loses nothing", strict_loses_nothing},
    {"strict reads nothing else", strict_reads_nothing_else},
    {"companions are written", companions_are_written},
    {"collisions are boxes", collisions_are_boxes},
    {"there and back as bytes", there_and_back_as_bytes},
    {"a target is drawn over", a_target_is_drawn_over},
    {"what an import refuses", what_an_import_refuses},
    {"an import has a ceiling", an_import_has_a_ceiling},
    {"clones have a ceiling", clones_have_a_ceiling},
    {"no memory for an import", no_memory_for_an_import},
    {"no memory for an export", no_memory_for_an_export},
    {NULL, NULL},
};

const struct unit_suite model_suite = {"model", tests};
