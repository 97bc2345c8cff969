/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MagicaVoxel's format: scenes as it means them, what is kept, and what strangers may put into a file. */
#include "format/vox.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "io.h"
#include "unit.h"

static const struct goxel_color red = {255, 0, 0, 255}, blue = {0, 0, 255, 255}, mist = {200, 210, 220, 77};

static struct goxel_pos at(int x, int y, int z)
{
    return (struct goxel_pos){x, y, z};
}

static bool same_color(struct goxel_color a, struct goxel_color b)
{
    return memcmp(&a, &b, sizeof(a)) == 0;
}

/* ---- files made by hand ---- */

/* The file so far, from VOX on; closed by `close_file`. */
static void open_file(struct goxel_buf *file)
{
    goxel_buf_init(file, 1 << 26);
    goxel_buf_append(file, "VOX ", 4);
    goxel_buf_put_le32(file, 150);
    goxel_buf_append(file, "MAIN", 4);
    goxel_buf_put_le32(file, 0);
    goxel_buf_put_le32(file, 0);
}

static void set_le32(struct goxel_buf *file, size_t where, size_t value)
{
    for (int i = 0; i < 4; i++)
        file->data[where + (size_t)i] = (char)(value >> 8 * i);
}

static void close_file(struct goxel_buf *file)
{
    set_le32(file, 16, file->len - 20);
}

static void put_text(struct goxel_buf *file, const char *text)
{
    goxel_buf_put_le32(file, (uint32_t)strlen(text));
    goxel_buf_puts(file, text);
}

/* A dictionary of keys and values in turn, until NULL. */
static void put_dict(struct goxel_buf *file, const char *const *texts)
{
    uint32_t count = 0;

    while (texts && texts[count])
        count++;
    goxel_buf_put_le32(file, count / 2);
    for (uint32_t i = 0; i < count; i++)
        put_text(file, texts[i]);
}
#define DICT(...) ((const char *const[]){__VA_ARGS__, NULL})

static size_t begin(struct goxel_buf *file, const char *type)
{
    goxel_buf_append(file, type, 4);
    goxel_buf_put_le32(file, 0);
    goxel_buf_put_le32(file, 0);
    return file->len;
}

static void end(struct goxel_buf *file, size_t from)
{
    set_le32(file, from - 8, file->len - from);
}

static void put_model(struct goxel_buf *file, int x, int y, int z, const uint8_t (*voxels)[4], size_t count)
{
    size_t chunk = begin(file, "SIZE");

    goxel_buf_put_le32(file, (uint32_t)x);
    goxel_buf_put_le32(file, (uint32_t)y);
    goxel_buf_put_le32(file, (uint32_t)z);
    end(file, chunk);
    chunk = begin(file, "XYZI");
    goxel_buf_put_le32(file, (uint32_t)count);
    goxel_buf_append(file, voxels, count * 4);
    end(file, chunk);
}

static void put_transform(struct goxel_buf *file, int id, const char *const *attributes, int child, int layer,
                          const char *const *frame)
{
    size_t chunk = begin(file, "nTRN");

    goxel_buf_put_le32(file, (uint32_t)id);
    put_dict(file, attributes);
    goxel_buf_put_le32(file, (uint32_t)child);
    goxel_buf_put_le32(file, UINT32_MAX);
    goxel_buf_put_le32(file, (uint32_t)layer);
    goxel_buf_put_le32(file, 1);
    put_dict(file, frame);
    end(file, chunk);
}

static void put_group(struct goxel_buf *file, int id, const int *children, size_t count)
{
    size_t chunk = begin(file, "nGRP");

    goxel_buf_put_le32(file, (uint32_t)id);
    put_dict(file, NULL);
    goxel_buf_put_le32(file, (uint32_t)count);
    for (size_t i = 0; i < count; i++)
        goxel_buf_put_le32(file, (uint32_t)children[i]);
    end(file, chunk);
}

static void put_shape(struct goxel_buf *file, int id, int model)
{
    size_t chunk = begin(file, "nSHP");

    goxel_buf_put_le32(file, (uint32_t)id);
    put_dict(file, NULL);
    goxel_buf_put_le32(file, 1);
    goxel_buf_put_le32(file, (uint32_t)model);
    put_dict(file, NULL);
    end(file, chunk);
}

/* A transform at the id, and a shape at the next one. */
static void put_object(struct goxel_buf *file, int id, int model, const char *const *attributes,
                       const char *const *frame)
{
    put_transform(file, id, attributes, id + 1, 0, frame);
    put_shape(file, id + 1, model);
}

static const uint8_t one_voxel[1][4] = {{0, 0, 0, 1}};

/* ---- reading ---- */

static int read_file(const struct goxel_buf *file, struct goxel_warnings *warnings,
                     struct goxel_detail *detail, struct goxel_project **ret_project)
{
    return read_as("vox", file->data, file->len, NULL, warnings, detail, ret_project);
}

/* Closes, reads and ends it. */
static struct goxel_project *read_made(struct goxel_buf *file, struct goxel_warnings *warnings)
{
    struct goxel_project *project = NULL;
    struct goxel_detail detail;

    close_file(file);
    CU_ASSERT_EQUAL(read_file(file, warnings, &detail, &project), 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(project);
    goxel_buf_finish(file);
    return project;
}

static void is_refused(struct goxel_buf *file, int code, const char *field)
{
    struct goxel_project *project = NULL;
    struct goxel_detail detail;

    close_file(file);
    CU_ASSERT_EQUAL(read_file(file, NULL, &detail, &project), code);
    CU_ASSERT_PTR_NULL(project);
    if (field)
        CU_ASSERT_STRING_EQUAL(detail.field, field);
    goxel_buf_finish(file);
}

static int64_t warned(const struct goxel_warnings *warnings, const char *what)
{
    for (size_t i = 0; i < warnings->count; i++) {
        if (strcmp(warnings->rows[i].what, what) == 0)
            return warnings->rows[i].count;
    }
    return 0;
}

static struct goxel_volume *shown(const struct goxel_project *project, size_t layer)
{
    struct goxel_volume *volume = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_layer_shown(project, project->layers[layer], NULL, &volume), 0);
    return volume;
}

/* The voxel of a layer that shows one. */
static struct goxel_pos only_voxel(const struct goxel_project *project, size_t layer)
{
    struct goxel_volume *volume = shown(project, layer);
    struct goxel_box box = {{0, 0, 0}, {0, 0, 0}};

    CU_ASSERT_EQUAL(goxel_volume_count(volume), 1);
    CU_ASSERT(goxel_volume_bounds(volume, &box));
    goxel_volume_destroy(volume);
    return box.min;
}

static bool is_pos(struct goxel_pos pos, int x, int y, int z)
{
    return pos.x == x && pos.y == y && pos.z == z;
}

/* ---- turns ---- */

/* A matrix from the number, as the format's text has it: rows, from top to bottom. False: it is none. */
static bool matrix_of(int bits, double mat[3][3])
{
    int first = bits & 3, second = bits >> 2 & 3;

    if (first == 3 || second == 3 || first == second)
        return false;
    memset(mat, 0, 9 * sizeof(double));
    mat[0][first] = bits & 16 ? -1 : 1;
    mat[1][second] = bits & 32 ? -1 : 1;
    mat[2][3 - first - second] = bits & 64 ? -1 : 1;
    return true;
}

/* Where the middle of a voxel goes, and which voxel that is. */
static struct goxel_pos turned(double mat[3][3], const int size[3], const uint8_t *voxel, const int move[3])
{
    int to[3];

    for (int i = 0; i < 3; i++) {
        double sum = move[i];

        for (int j = 0; j < 3; j++)
            sum += mat[i][j] * (voxel[j] + 0.5 - (double)(size[j] / 2));
        to[i] = (int)floor(sum);
    }
    return at(to[0], to[1], to[2]);
}

/* Odd and even sizes, and voxels in three corners and inside. */
static void every_turn_is_understood(void)
{
    static const uint8_t voxels[4][4] = {{0, 0, 0, 1}, {2, 0, 0, 2}, {0, 3, 4, 3}, {1, 2, 1, 4}};
    const int size[3] = {3, 4, 5}, move[3] = {-7, 5, 21};
    int understood = 0;

    for (int bits = 0; bits < 128; bits++) {
        struct goxel_project *project;
        struct goxel_buf file;
        double mat[3][3];
        char number[12];

        snprintf(number, sizeof(number), "%d", bits);
        open_file(&file);
        put_model(&file, size[0], size[1], size[2], voxels, 4);
        put_transform(&file, 0, NULL, 1, -1, DICT("_t", "-3 0 20"));
        put_group(&file, 1, (const int[]){2}, 1);
        put_object(&file, 2, 0, NULL, DICT("_r", number, "_t", "-4 5 1"));
        if (!matrix_of(bits, mat)) {
            is_refused(&file, GOXEL_ERROR_INVALID_DATA, "nTRN chunk");
            continue;
        }
        project = read_made(&file, NULL);
        for (int i = 0; i < 4; i++) {
            struct goxel_color color = goxel_volume_get_at(project->layers[0]->volume,
                                                           turned(mat, size, voxels[i], move));

            CU_ASSERT(same_color(color, (struct goxel_color){255, 255, (uint8_t)(255 - 51 * i), 255}));
        }
        CU_ASSERT_EQUAL(goxel_volume_count(project->layers[0]->volume), 4);
        goxel_project_unref(project);
        understood++;
    }
    CU_ASSERT_EQUAL(understood, 48);
}

/* A turn turns all that is below it: moves, and turns. By hand: y, -x, z, and then z, y, -x. */
static void turns_are_nested(void)
{
    struct goxel_project *project;
    struct goxel_buf file;

    open_file(&file);
    put_model(&file, 1, 1, 1, one_voxel, 1);
    put_transform(&file, 0, NULL, 1, -1, DICT("_r", "33", "_t", "100 0 0"));
    put_group(&file, 1, (const int[]){2}, 1);
    put_object(&file, 2, 0, NULL, DICT("_r", "70", "_t", "1 2 3"));
    project = read_made(&file, NULL);
    /* The cube from 0 to 1 becomes (0…1, 0…1, -1…0), then with the move (1…2, 2…3, 2…3), then (2…3, -2…-1, 2…3). */
    CU_ASSERT(is_pos(only_voxel(project, 0), 102, -2, 2));
    goxel_project_unref(project);
}

/* ---- scenes ---- */

static void a_model_shown_again_is_a_clone(void)
{
    static const uint8_t voxels[2][4] = {{0, 0, 0, 9}, {2, 1, 0, 10}};
    struct goxel_project *project, *again = NULL;
    struct goxel_buf file;

    open_file(&file);
    put_model(&file, 3, 2, 1, voxels, 2);
    put_transform(&file, 0, NULL, 1, -1, NULL);
    put_group(&file, 1, (const int[]){2, 4, 6}, 3);
    put_object(&file, 2, 0, DICT("_name", "first"), DICT("_t", "5 6 7", "_r", "40"));
    put_object(&file, 4, 0, DICT("_name", "second"), DICT("_t", "-50 6 7", "_r", "17"));
    put_object(&file, 6, 0, DICT("_name", "third", "_hidden", "1"), NULL);
    project = read_made(&file, NULL);
    CU_ASSERT_EQUAL_FATAL(project->layer_count, 3);
    CU_ASSERT_EQUAL(project->layers[0]->base_id, 0);
    CU_ASSERT_EQUAL(project->layers[1]->base_id, project->layers[0]->id);
    CU_ASSERT_EQUAL(project->layers[2]->base_id, project->layers[0]->id);
    CU_ASSERT_EQUAL(goxel_volume_count(project->layers[1]->volume), 0);
    CU_ASSERT_FALSE(project->layers[2]->visible);

    /* And written it is one model, which is the same three again. */
    goxel_buf_init(&file, GOXEL_FILE_MAX);
    CU_ASSERT_EQUAL_FATAL(write_as("vox", project, NULL, NULL, NULL, &file), 0);
    CU_ASSERT_EQUAL_FATAL(read_file(&file, NULL, NULL, &again), 0);
    CU_ASSERT_EQUAL_FATAL(again->layer_count, 3);
    for (size_t i = 0; i < 3; i++) {
        struct goxel_volume *before = shown(project, i), *after = shown(again, i);

        CU_ASSERT_EQUAL(goxel_volume_count(before), 2);
        CU_ASSERT(goxel_volume_equal(before, after));
        CU_ASSERT_STRING_EQUAL(project->layers[i]->name, again->layers[i]->name);
        CU_ASSERT_EQUAL(project->layers[i]->visible, again->layers[i]->visible);
        CU_ASSERT_EQUAL(again->layers[i]->base_id, i ? again->layers[0]->id : 0);
        goxel_volume_destroy(before);
        goxel_volume_destroy(after);
    }
    goxel_buf_finish(&file);
    goxel_project_unref(again);
    goxel_project_unref(project);
}

static void put_layr(struct goxel_buf *file, int id, const char *const *attributes)
{
    size_t chunk = begin(file, "LAYR");

    goxel_buf_put_le32(file, (uint32_t)id);
    put_dict(file, attributes);
    goxel_buf_put_le32(file, UINT32_MAX);
    end(file, chunk);
}

static void names_and_hiding_come_from_above(void)
{
    struct goxel_project *project;
    struct goxel_buf file;

    open_file(&file);
    put_model(&file, 1, 1, 1, one_voxel, 1);
    put_transform(&file, 0, NULL, 1, -1, NULL);
    put_group(&file, 1, (const int[]){2, 4, 6, 10}, 4);
    put_object(&file, 2, 0, DICT("_name", "own"), NULL);
    put_object(&file, 4, 0, NULL, NULL); /* LAYR 0 */
    put_transform(&file, 6, DICT("_name", "group", "_hidden", "1"), 7, -1, NULL);
    put_group(&file, 7, (const int[]){8}, 1);
    put_object(&file, 8, 0, NULL, NULL);
    put_transform(&file, 10, NULL, 11, 3, NULL);
    put_shape(&file, 11, 0);
    put_layr(&file, 0, DICT("_name", "schön", "_color", "1 2 3"));
    put_layr(&file, 3, DICT("_hidden", "1"));
    put_layr(&file, 70000, DICT("_hidden", "1"));
    project = read_made(&file, NULL);
    CU_ASSERT_EQUAL_FATAL(project->layer_count, 4);
    CU_ASSERT_STRING_EQUAL(project->layers[0]->name, "own");
    CU_ASSERT_STRING_EQUAL(project->layers[1]->name, "schön");
    CU_ASSERT_STRING_EQUAL(project->layers[2]->name, "group");
    CU_ASSERT_STRING_EQUAL(project->layers[3]->name, "Layer.4");
    CU_ASSERT(project->layers[0]->visible && project->layers[1]->visible);
    CU_ASSERT(!project->layers[2]->visible && !project->layers[3]->visible);
    goxel_project_unref(project);
}

static void strange_names_become_printable(void)
{
    struct goxel_warnings warnings = {0};
    struct goxel_project *project;
    struct goxel_buf file;
    char longest[300];

    memset(longest, 'n', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    open_file(&file);
    put_model(&file, 1, 1, 1, one_voxel, 1);
    put_transform(&file, 0, NULL, 1, -1, NULL);
    put_group(&file, 1, (const int[]){2, 4}, 2);
    put_object(&file, 2, 0, DICT("_name", "a\nb\xff"), NULL);
    put_object(&file, 4, 0, DICT("_name", longest), NULL);
    project = read_made(&file, &warnings);
    CU_ASSERT_STRING_EQUAL(project->layers[0]->name, "a\\x0ab\\xff");
    CU_ASSERT_EQUAL(strlen(project->layers[1]->name), GOXEL_NAME_MAX);
    CU_ASSERT_EQUAL(warned(&warnings, "names changed"), 2);
    goxel_project_unref(project);
}

/* ---- frames ---- */

static int try_frame(const struct goxel_buf *file, const char *frame, struct goxel_warnings *warnings,
                     struct goxel_detail *detail, struct goxel_project **ret_project)
{
    const struct goxel_format *format = goxel_format_named("vox", GOXEL_FORMAT_IN);
    struct goxel_format_options options;
    const struct goxel_import import = {.bytes = (const uint8_t *)file->data,
                                        .len = file->len,
                                        .options = &options,
                                        .warnings = warnings,
                                        .detail = detail};

    goxel_format_options_init(&options, format);
    CU_ASSERT_EQUAL(goxel_format_options_set(&options, GOXEL_FORMAT_IN, "frame", frame, NULL), 0);
    return goxel_format_read(format, &import, false, ret_project);
}

static struct goxel_project *read_frame(const struct goxel_buf *file, const char *frame,
                                        struct goxel_warnings *warnings)
{
    struct goxel_project *project = NULL;

    CU_ASSERT_EQUAL(try_frame(file, frame, warnings, NULL, &project), 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(project);
    return project;
}

/* Two models in turn, the second from frame 4 on, moved at 0, 3 and 10. */
static void put_moving(struct goxel_buf *file)
{
    size_t chunk = begin(file, "nTRN");

    goxel_buf_put_le32(file, 0);
    put_dict(file, NULL);
    goxel_buf_put_le32(file, 1);
    goxel_buf_put_le32(file, UINT32_MAX);
    goxel_buf_put_le32(file, UINT32_MAX);
    goxel_buf_put_le32(file, 3);
    put_dict(file, DICT("_t", "1 0 0", "_f", "0"));
    put_dict(file, DICT("_t", "2 0 0", "_f", "3"));
    put_dict(file, DICT("_t", "3 0 0", "_f", "10"));
    end(file, chunk);
    chunk = begin(file, "nSHP");
    goxel_buf_put_le32(file, 1);
    put_dict(file, NULL);
    goxel_buf_put_le32(file, 2);
    goxel_buf_put_le32(file, 0);
    put_dict(file, DICT("_f", "0"));
    goxel_buf_put_le32(file, 1);
    put_dict(file, DICT("_f", "4"));
    end(file, chunk);
}

static void the_frame_that_is_asked_for_is_read(void)
{
    static const struct {
        const char *frame;
        int x, y; /* y tells the model */
    } cases[] = {{"0", 1, 0}, {"2", 1, 0}, {"3", 2, 0}, {"4", 2, 1}, {"9", 2, 1}, {"10", 3, 1}};
    static const uint8_t other[1][4] = {{0, 1, 0, 1}};
    struct goxel_project *none = NULL;
    struct goxel_detail detail;
    struct goxel_buf file;

    open_file(&file);
    put_model(&file, 1, 1, 1, one_voxel, 1);
    put_model(&file, 1, 1, 1, other, 1);
    put_moving(&file);
    close_file(&file);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct goxel_warnings warnings = {0};
        struct goxel_project *project = read_frame(&file, cases[i].frame, &warnings);

        CU_ASSERT(is_pos(only_voxel(project, 0), cases[i].x, cases[i].y, 0));
        CU_ASSERT_EQUAL(warned(&warnings, "frames left out"), 3);
        goxel_project_unref(project);
    }
    CU_ASSERT_EQUAL(try_frame(&file, "11", NULL, &detail, &none), GOXEL_ERROR_INVALID_PARAMS);
    CU_ASSERT_STRING_EQUAL(detail.field, "options.frame");
    CU_ASSERT_STRING_EQUAL(detail.expected, "0 to 10");
    CU_ASSERT_PTR_NULL(none);
    goxel_buf_finish(&file);
}

/* Before there were scenes, models were frames; without the chunk that says so, they are simply there. */
static void models_without_a_scene(void)
{
    for (int animated = 0; animated < 2; animated++) {
        struct goxel_project *project;
        struct goxel_buf file;

        open_file(&file);
        if (animated) {
            size_t chunk = begin(&file, "PACK");

            goxel_buf_put_le32(&file, 3);
            end(&file, chunk);
        }
        for (int i = 0; i < 3; i++)
            put_model(&file, 9, 9, 9, one_voxel, 1);
        close_file(&file);
        CU_ASSERT_EQUAL(try_frame(&file, animated ? "3" : "1", NULL, NULL, &project),
                        GOXEL_ERROR_INVALID_PARAMS);
        project = read_frame(&file, animated ? "1" : "0", NULL);
        CU_ASSERT_EQUAL_FATAL(project->layer_count, 3);
        for (size_t i = 0; i < 3; i++) {
            CU_ASSERT_EQUAL(project->layers[i]->visible, !animated || i == 1);
            CU_ASSERT(is_pos(only_voxel(project, i), 0, 0, 0));
        }
        goxel_project_unref(project);
        goxel_buf_finish(&file);
    }
}

/* ---- colours ---- */

static void the_default_palette(void)
{
    static const struct {
        uint8_t index;
        struct goxel_color color;
    } cases[] = {{1, {255, 255, 255, 255}},   {2, {255, 255, 204, 255}}, {7, {255, 204, 255, 255}},
                 {37, {204, 255, 255, 255}},  {215, {0, 0, 51, 255}},    {216, {238, 0, 0, 255}},
                 {225, {17, 0, 0, 255}},      {226, {0, 238, 0, 255}},   {245, {0, 0, 17, 255}},
                 {246, {238, 238, 238, 255}}, {255, {17, 17, 17, 255}}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const uint8_t voxels[1][4] = {{3, 4, 5, cases[i].index}};
        struct goxel_project *project;
        struct goxel_buf file;

        open_file(&file);
        put_model(&file, 6, 6, 6, voxels, 1);
        project = read_made(&file, NULL);
        CU_ASSERT(same_color(goxel_volume_get_at(project->layers[0]->volume, at(3, 4, 5)), cases[i].color));
        goxel_project_unref(project);
    }
}

/* Colour i is (i, 0, 0); colour 3 may be translucent without a material, and 2 of an alpha that older programs forgot. */
static void put_rgba(struct goxel_buf *file, uint8_t third)
{
    size_t chunk = begin(file, "RGBA");

    for (int i = 1; i <= 256; i++) {
        const uint8_t color[4] = {(uint8_t)i, 0, 0, i == 2 ? 0 : i == 3 ? third : 255};

        goxel_buf_append(file, color, 4);
    }
    end(file, chunk);
}

static void put_matl(struct goxel_buf *file, int index, const char *const *properties)
{
    size_t chunk = begin(file, "MATL");

    goxel_buf_put_le32(file, (uint32_t)index);
    put_dict(file, properties);
    end(file, chunk);
}

static void glass_is_translucent(void)
{
    static const struct {
        uint8_t index, alpha;
    } cases[] = {{1, 255}, {2, 255}, {3, 99}, {4, 191}, {5, 128}, {6, 1}, {7, 255}, {8, 255}, {9, 51}};
    static const uint8_t voxels[10][4] = {{0, 0, 0, 1}, {1, 0, 0, 2}, {2, 0, 0, 3}, {3, 0, 0, 4},
                                          {4, 0, 0, 5}, {5, 0, 0, 6}, {6, 0, 0, 7}, {7, 0, 0, 8},
                                          {8, 0, 0, 9}, {9, 0, 0, 0}};
    struct goxel_warnings warnings = {0};
    struct goxel_project *project;
    struct goxel_buf file;

    open_file(&file);
    put_model(&file, 10, 1, 1, voxels, 10);
    put_rgba(&file, 99);
    put_matl(&file, 4, DICT("_type", "_glass", "_alpha", "0.9", "_trans", "0.25", "_ior", "0.3"));
    put_matl(&file, 5, DICT("_type", "_blend", "_alpha", "0.5"));
    put_matl(&file, 6, DICT("_type", "_glass", "_weight", "1"));
    put_matl(&file, 7, DICT("_type", "_metal", "_weight", "0.5"));
    put_matl(&file, 8, DICT("_type", "_glass", "_trans", "much"));
    put_matl(&file, 9, DICT("_type", "_glass", "_trans", "0.8"));
    put_matl(&file, 256, DICT("_type", "_glass", "_trans", "0.8"));
    project = read_made(&file, &warnings);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct goxel_color color = goxel_volume_get_at(project->layers[0]->volume, at((int)i, 0, 0));

        CU_ASSERT(same_color(color, (struct goxel_color){cases[i].index, 0, 0, cases[i].alpha}));
    }
    CU_ASSERT_EQUAL(goxel_volume_count(project->layers[0]->volume), 9);
    CU_ASSERT_EQUAL(warned(&warnings, "voxels of colour 0, which is empty, left out"), 1);
    goxel_project_unref(project);
}

/* IMAP says where colours are shown; voxels go by what they were before. */
static void put_imap(struct goxel_buf *file, bool right)
{
    size_t chunk = begin(file, "IMAP");

    for (int i = 0; i < 256; i++)
        goxel_buf_putc(file, right ? (char)(255 - i) : (char)7);
    end(file, chunk);
}

static void put_note(struct goxel_buf *file, const char *first, const char *second)
{
    size_t chunk = begin(file, "NOTE");

    goxel_buf_put_le32(file, 2);
    put_text(file, first);
    put_text(file, second);
    end(file, chunk);
}

static void the_palette_is_kept_in_its_order(void)
{
    static const uint8_t voxels[1][4] = {{0, 0, 0, 9}};
    struct goxel_warnings warnings = {0};
    const struct goxel_palette *palette;
    struct goxel_project *project, *again = NULL;
    struct goxel_buf file;

    open_file(&file);
    put_model(&file, 1, 1, 1, voxels, 1);
    put_rgba(&file, 255);
    put_imap(&file, true);
    put_matl(&file, 247, DICT("_type", "_metal", "_rough", "0.25", "_schön", "ja"));
    put_note(&file, "Haut", "Haar");
    project = read_made(&file, &warnings);
    CU_ASSERT_EQUAL(warnings.count, 0);
    palette = &project->scene->palette;
    CU_ASSERT_EQUAL_FATAL(palette->count, 255);
    CU_ASSERT_EQUAL(palette->columns, 8);
    CU_ASSERT_EQUAL(palette->entries[0].color.r, 255);
    CU_ASSERT_EQUAL(palette->entries[254].color.r, 1);
    CU_ASSERT_STRING_EQUAL(goxel_palette_entry_name(&palette->entries[0]), "Haut");
    CU_ASSERT_STRING_EQUAL(goxel_palette_entry_name(&palette->entries[8]), "Haar");
    CU_ASSERT_STRING_EQUAL(goxel_palette_entry_get(&palette->entries[8], "_rough"), "0.25");
    CU_ASSERT_STRING_EQUAL(goxel_palette_entry_get(&palette->entries[8], "_schön"), "ja");
    CU_ASSERT_EQUAL(goxel_volume_get_at(project->layers[0]->volume, at(0, 0, 0)).r, 9);

    goxel_buf_init(&file, GOXEL_FILE_MAX);
    CU_ASSERT_EQUAL_FATAL(write_as("vox", project, NULL, &warnings, NULL, &file), 0);
    CU_ASSERT_EQUAL_FATAL(read_file(&file, &warnings, NULL, &again), 0);
    CU_ASSERT_EQUAL(warnings.count, 0);
    CU_ASSERT(goxel_palette_equal(palette, &again->scene->palette));
    goxel_buf_finish(&file);
    goxel_project_unref(again);
    goxel_project_unref(project);
}

static void what_of_colours_is_lost_is_told(void)
{
    static const uint8_t voxels[2][4] = {{0, 0, 0, 9}, {1, 0, 0, 10}};
    struct goxel_warnings warnings = {0};
    struct goxel_project *project;
    struct goxel_buf file;
    size_t chunk;
    char longest[700];

    memset(longest, 'n', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    open_file(&file);
    put_model(&file, 2, 1, 1, voxels, 2);
    chunk = begin(&file, "RGBA");
    for (int i = 0; i < 1024; i++)
        goxel_buf_putc(&file, (char)255);
    end(&file, chunk);
    put_imap(&file, false);
    put_matl(&file, 9, DICT("_type", "_metal", longest, "1", "bad\xff", "2"));
    put_matl(&file, 10, DICT("_type", "_emit"));
    put_matl(&file, 11, DICT("_type", "_emit")); /* unused: no difference that anybody sees */
    put_note(&file, longest, "");
    chunk = begin(&file, "MATT");
    end(&file, chunk);
    chunk = begin(&file, "rOBJ");
    end(&file, chunk);
    chunk = begin(&file, "what");
    end(&file, chunk);
    project = read_made(&file, &warnings);
    CU_ASSERT_EQUAL(warned(&warnings, "properties of materials left out"), 2);
    CU_ASSERT_EQUAL(warned(&warnings, "places of colours left out"), 1);
    CU_ASSERT_EQUAL(warned(&warnings, "names of colours left out"), 1);
    CU_ASSERT_EQUAL(warned(&warnings, "materials of colours that another one equals"), 2);
    CU_ASSERT_EQUAL(warned(&warnings, "materials of the old kind left out"), 1);
    CU_ASSERT_EQUAL(warned(&warnings, "render settings and cameras left out"), 1);
    CU_ASSERT_EQUAL(warned(&warnings, "unknown chunks dropped"), 1);
    goxel_project_unref(project);
}

/* ---- round trips ---- */

static struct goxel_layer *new_layer(struct goxel_project *project, const char *name)
{
    struct goxel_layer *layer = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, name, -1, &layer, NULL), 0);
    return layer;
}

static struct goxel_project *written_and_read(const struct goxel_project *project,
                                              struct goxel_warnings *warnings)
{
    struct goxel_project *again = NULL;
    struct goxel_warnings none = {0};
    struct goxel_buf file;

    goxel_buf_init(&file, GOXEL_FILE_MAX);
    CU_ASSERT_EQUAL_FATAL(write_as("vox", project, NULL, warnings, NULL, &file), 0);
    CU_ASSERT_EQUAL_FATAL(read_file(&file, &none, NULL, &again), 0);
    CU_ASSERT_EQUAL(none.count, 0);
    goxel_buf_finish(&file);
    return again;
}

static bool same_layers(const struct goxel_project *a, const struct goxel_project *b)
{
    bool same = a->layer_count == b->layer_count;

    for (size_t i = 0; same && i < a->layer_count; i++)
        same = strcmp(a->layers[i]->name, b->layers[i]->name) == 0 &&
               a->layers[i]->visible == b->layers[i]->visible && b->layers[i]->base_id == 0 &&
               goxel_volume_equal(a->layers[i]->volume, b->layers[i]->volume);
    return same;
}

/* Comes back as it was, and nothing is said, but that there is nothing. */
static void survives(const struct goxel_project *project)
{
    struct goxel_warnings warnings = {0};
    struct goxel_project *again = written_and_read(project, &warnings);

    CU_ASSERT_EQUAL(warnings.count, goxel_project_voxels(project) ? 0 : 1);
    CU_ASSERT(same_layers(project, again));
    goxel_project_unref(again);
}

static uint32_t random_next(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

static struct goxel_color color_number(unsigned i)
{
    return (struct goxel_color){(uint8_t)(i * 7), (uint8_t)i, (uint8_t)(i >> 2),
                                i % 3 ? 255 : (uint8_t)(i + 1)};
}

static void random_projects_survive(void)
{
    static const char *const names[] = {"Layer", "Größe", "レイヤー", "слой", "طبقة", "a", "🧊"};

    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct goxel_project *project = goxel_project_create("p");
        unsigned spread = seed % 3 ? 120 : 700;
        uint64_t state = seed;

        for (unsigned i = 1 + random_next(&state) % 6; i > 0; i--) {
            struct goxel_layer *layer = new_layer(project, names[random_next(&state) % 7]);
            struct goxel_pos corner = at((int)(random_next(&state) % 2000) - 1000,
                                         (int)(random_next(&state) % 2000) - 1000,
                                         (int)(random_next(&state) % 2000) - 1000);

            layer->visible = random_next(&state) % 2;
            for (unsigned n = random_next(&state) % 600; n > 0; n--)
                goxel_volume_set_at(layer->volume,
                                    at(corner.x + (int)(random_next(&state) % spread),
                                       corner.y + (int)(random_next(&state) % spread),
                                       corner.z + (int)(random_next(&state) % spread)),
                                    color_number(random_next(&state) % 200));
        }
        survives(project);
        goxel_project_unref(project);
    }
}

/* Around the sizes that a model can have, wherever it begins, and at the ends of the range. */
static void every_width_survives(void)
{
    static const int widths[] = {1, 2, 15, 16, 17, 255, 256, 257, 272, 512, 513, 1000};
    static const int starts[] = {0, -1, 5, -128, -300, GOXEL_COORD_MIN, GOXEL_COORD_MAX - 999};

    for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
        for (size_t j = 0; j < sizeof(starts) / sizeof(starts[0]); j++) {
            struct goxel_project *project = goxel_project_create("p");
            struct goxel_layer *layer = new_layer(project, "wide");
            int low = starts[j], high = starts[j] + widths[i] - 1;

            goxel_volume_set_at(layer->volume, at(low, high, low), red);
            goxel_volume_set_at(layer->volume, at(high, low, low), blue);
            goxel_volume_set_at(layer->volume, at(low + widths[i] / 2, low, high), mist);
            survives(project);
            goxel_project_unref(project);
        }
    }
}

/* A wide layer is several models in the file, and one up to 256. */
static void a_model_is_256_wide_at_most(void)
{
    for (int width = 256; width <= 257; width++) {
        struct goxel_project *project = goxel_project_create("p");
        struct goxel_layer *layer = new_layer(project, "wide");
        struct goxel_box box = {at(3, 4, 5), at(3 + width - 1, 4, 5)};
        struct goxel_buf file;
        int models = 0;

        goxel_volume_fill(layer->volume, &box, red, NULL);
        goxel_buf_init(&file, GOXEL_FILE_MAX);
        CU_ASSERT_EQUAL_FATAL(write_as("vox", project, NULL, NULL, NULL, &file), 0);
        for (size_t i = 0; i + 4 < file.len; i++)
            models += memcmp(file.data + i, "SIZE", 4) == 0;
        CU_ASSERT_EQUAL(models, width == 256 ? 1 : 2);
        goxel_buf_finish(&file);
        survives(project);
        goxel_project_unref(project);
    }
}

static void empty_and_many_layers_survive(void)
{
    struct goxel_project *project = goxel_project_create("p"), *again;

    again = written_and_read(project, NULL);
    CU_ASSERT_EQUAL(again->layer_count, 1);
    CU_ASSERT_EQUAL(goxel_project_voxels(again), 0);
    goxel_project_unref(again);
    new_layer(project, "nothing");
    survives(project);
    for (int i = 0; i < 999; i++) {
        char name[16];
        struct goxel_layer *layer;

        snprintf(name, sizeof(name), "Nr. %d", i);
        layer = new_layer(project, name);
        layer->visible = i % 3 != 0;
        if (i % 4)
            goxel_volume_set_at(layer->volume, at(i, -i, 2 * i), color_number((unsigned)i % 100));
    }
    survives(project);
    goxel_project_unref(project);
}

/* So many colours, all different, in a row. */
static struct goxel_project *of_colors(int count)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_layer *layer = new_layer(project, NULL);

    for (int i = 0; i < count; i++)
        goxel_volume_set_at(layer->volume, at(i % 100, i / 100 % 100, i / 10000),
                            (struct goxel_color){(uint8_t)i, (uint8_t)(i >> 8), (uint8_t)(i >> 16), 255});
    return project;
}

static void as_many_colours_as_there_is_room_for(void)
{
    struct goxel_project *project = of_colors(255);

    survives(project);
    goxel_project_unref(project);
}

/* Every voxel stays, in a colour that is near. */
static void too_many_colours_are_reduced(void)
{
    static const struct {
        int count, off;
    } cases[] = {{256, 1}, {5000, 60}, {1200000, 60}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct goxel_project *project = of_colors(cases[i].count), *again;
        struct goxel_warnings warnings = {0};
        int count = cases[i].count, far = 0;

        again = written_and_read(project, &warnings);
        CU_ASSERT(warned(&warnings, "colours changed to one of 255") > 0);
        CU_ASSERT_EQUAL(goxel_volume_count(again->layers[0]->volume), count);
        for (int n = 0; n < count; n += 1 + count / 1000) {
            struct goxel_color color = goxel_volume_get_at(again->layers[0]->volume,
                                                           at(n % 100, n / 100 % 100, n / 10000));

            far += abs(color.r - (n & 255)) > cases[i].off || abs(color.g - (n >> 8 & 255)) > cases[i].off ||
                   color.a != 255;
        }
        CU_ASSERT_EQUAL(far, 0);
        goxel_project_unref(again);
        goxel_project_unref(project);
    }
}

/* An alpha of every value, which RGBA and MATL say alike. */
static void every_alpha_survives(void)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_layer *layer = new_layer(project, "glass");

    for (int i = 1; i < 256; i++)
        goxel_volume_set_at(layer->volume, at(i, 0, 0), (struct goxel_color){9, 9, 9, (uint8_t)i});
    survives(project);
    goxel_project_unref(project);
}

/* A palette with names and materials of its own; one that is too large to stay whole. */
static void materials_follow_their_colours(void)
{
    struct goxel_project *project = goxel_project_create("p"), *again;
    struct goxel_layer *layer = new_layer(project, NULL);
    struct goxel_palette *palette = &project->scene->palette;
    struct goxel_warnings warnings = {0};
    int entry;

    goxel_volume_set_at(layer->volume, at(0, 0, 0), red);
    goxel_volume_set_at(layer->volume, at(1, 0, 0), mist);
    CU_ASSERT_EQUAL(goxel_palette_add(palette, blue, "sky", 3), 0);
    CU_ASSERT_EQUAL(goxel_palette_add(palette, mist, "fog", 3), 0);
    CU_ASSERT_EQUAL(goxel_palette_entry_set(&palette->entries[1], "_type", "_metal"), 0);
    CU_ASSERT_EQUAL(goxel_palette_entry_set(&palette->entries[1], "_rough", "0.5"), 0);
    again = written_and_read(project, &warnings);
    CU_ASSERT(same_layers(project, again));
    CU_ASSERT_EQUAL(warnings.count, 1);
    CU_ASSERT_EQUAL(warned(&warnings, "names of colours left out"), 1); /* fog begins no row */
    CU_ASSERT_STRING_EQUAL(goxel_palette_entry_name(&again->scene->palette.entries[0]), "sky");
    entry = goxel_palette_nearest(&again->scene->palette, mist);
    CU_ASSERT_STRING_EQUAL(goxel_palette_entry_get(&again->scene->palette.entries[entry], "_rough"), "0.5");
    CU_ASSERT_STRING_EQUAL(goxel_palette_entry_get(&again->scene->palette.entries[entry], "_type"), "_glass");
    goxel_project_unref(again);

    for (unsigned i = 0; i < 300; i++)
        CU_ASSERT_EQUAL(goxel_palette_add(palette, (struct goxel_color){1, 1, 1, 255}, NULL, 0), 0);
    warnings.count = 0;
    again = written_and_read(project, &warnings);
    CU_ASSERT(same_layers(project, again));
    CU_ASSERT_EQUAL(warned(&warnings, "unused colours of the palette left out"), 301);
    goxel_project_unref(again);
    goxel_project_unref(project);
}

/* Clones that no instance can say, and what is no layer of MagicaVoxel's. */
static void what_of_layers_is_lost_is_told(void)
{
    struct goxel_project *project = goxel_project_create("p"), *again;
    struct goxel_layer *wide = new_layer(project, "wide"), *clone = new_layer(project, "clone"),
                       *shape = new_layer(project, "shape"), *askew = new_layer(project, "askew");
    struct goxel_material material = goxel_material_default;
    struct goxel_warnings warnings = {0};

    goxel_volume_set_at(wide->volume, at(0, 0, 0), red);
    goxel_volume_set_at(wide->volume, at(1000, 0, 0), blue);
    wide->mode = GOXEL_MODE_SUB;
    material.metallic = 1;
    goxel_project_add_material(project, &goxel_material_default);
    goxel_project_add_material(project, &material);
    wide->material = 1;
    shape->material = 0; /* nothing that anybody chose */
    clone->base_id = wide->id;
    clone->mat[13] = -7;
    snprintf(shape->shape, sizeof(shape->shape), "cube");
    shape->color = blue;
    shape->mat[0] = shape->mat[5] = shape->mat[10] = 2;
    askew->base_id = wide->id;
    askew->mat[0] = 0.5f;
    again = written_and_read(project, &warnings);
    CU_ASSERT_EQUAL(warned(&warnings, "modes of layers left out"), 1);
    CU_ASSERT_EQUAL(warned(&warnings, "materials of layers left out"), 1);
    CU_ASSERT_EQUAL(warned(&warnings, "clone and shape layers written as voxels"), 2);
    CU_ASSERT_EQUAL(warned(&warnings, "clone and shape layers not drawn"), 1);
    CU_ASSERT_EQUAL_FATAL(again->layer_count, 4);
    for (size_t i = 0; i < 3; i++) {
        struct goxel_volume *before = shown(project, i);

        CU_ASSERT(goxel_volume_equal(before, again->layers[i]->volume));
        goxel_volume_destroy(before);
    }
    CU_ASSERT_EQUAL(goxel_volume_count(again->layers[2]->volume), 64);
    CU_ASSERT_EQUAL(goxel_volume_count(again->layers[3]->volume), 0);
    goxel_project_unref(again);
    goxel_project_unref(project);
}

/* What would be too much to read is not written: a voxel of four bytes in each of many bricks. */
static void what_cannot_be_read_is_not_written(void)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_layer *layer = new_layer(project, NULL);
    struct goxel_detail detail;
    struct goxel_buf file;

    goxel_volume_set_at(layer->volume, at(0, 0, 0), red);
    goxel_volume_seal(layer->volume);
    for (int i = 1; i < 70000; i++)
        goxel_volume_share_brick(layer->volume, at(i % 70 * 16, i / 70 % 100 * 16, i / 7000 * 16),
                                 layer->volume, at(0, 0, 0));
    goxel_buf_init(&file, GOXEL_FILE_MAX);
    CU_ASSERT_EQUAL(write_as("vox", project, NULL, NULL, &detail, &file), GOXEL_ERROR_QUOTA);
    CU_ASSERT_EQUAL(detail.given, 70000);
    goxel_buf_finish(&file);
    goxel_project_unref(project);
}

/* ---- hostile files ---- */

static void scenes_that_are_none_are_refused(void)
{
    static const struct {
        int children[2];
        int shape, model;
    } cases[] = {
        {{2, 2}, 3, 0},  /* a node twice */
        {{2, 0}, 3, 0},  /* the root below itself */
        {{2, 1}, 3, 0},  /* a group in itself */
        {{2, 9}, 3, 0},  /* no such node */
        {{2, -1}, 3, 0}, /* nor such */
        {{2, 4}, 3, 1},  /* no such model */
        {{2, 4}, 3, -1}, /* nor such */
        {{2, 4}, 4, 0},  /* an id twice */
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct goxel_buf file;

        open_file(&file);
        put_model(&file, 1, 1, 1, one_voxel, 1);
        put_transform(&file, 0, NULL, 1, -1, NULL);
        put_group(&file, 1, cases[i].children, 2);
        put_transform(&file, 2, NULL, cases[i].shape, 0, NULL);
        put_shape(&file, cases[i].shape, cases[i].model);
        put_object(&file, 4, 0, NULL, NULL);
        is_refused(&file, GOXEL_ERROR_INVALID_DATA, NULL);
    }
}

static void numbers_that_are_none_are_refused(void)
{
    static const char *const moves[] = {"",        "1 2",     "1 2 3 4",         "1 2 x",   "1,2,3",
                                        "- 1 2 3", "1 2 --3", "1 2 99999999999", "0x1 2 3", "1.5 2 3"};

    for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
        struct goxel_buf file;

        open_file(&file);
        put_model(&file, 1, 1, 1, one_voxel, 1);
        put_object(&file, 0, 0, NULL, DICT("_t", moves[i]));
        is_refused(&file, GOXEL_ERROR_INVALID_DATA, "nTRN chunk");
    }
}

/* Far out and back is nowhere; far out is refused, without voxels it is not. */
static void moves_add_up(void)
{
    static const struct {
        const char *outer, *inner;
        int code;
    } cases[] = {{"999999999 0 0", "-999999998 0 0", 0},
                 {"1048575 0 0", "0 -1048576 0", 0},
                 {"1048575 0 0", "1 0 0", GOXEL_ERROR_INVALID_COORDINATES},
                 {"0 0 -1048576", "0 0 -1", GOXEL_ERROR_INVALID_COORDINATES},
                 {"999999999 0 0", "999999999 0 0", GOXEL_ERROR_INVALID_COORDINATES}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t voxels = 0; voxels < 2; voxels++) {
            struct goxel_project *project = NULL;
            struct goxel_buf file;

            open_file(&file);
            put_model(&file, 1, 1, 1, one_voxel, voxels);
            put_transform(&file, 0, NULL, 1, -1, DICT("_t", cases[i].outer));
            put_object(&file, 1, 0, NULL, DICT("_t", cases[i].inner));
            close_file(&file);
            CU_ASSERT_EQUAL(read_file(&file, NULL, NULL, &project), voxels ? cases[i].code : 0);
            goxel_project_unref(project);
            goxel_buf_finish(&file);
        }
    }
}

/* So deep that no stack would bear it. */
static void deep_scenes_are_gone_through(void)
{
    const int depth = 200000;
    struct goxel_project *project;
    struct goxel_buf file;

    open_file(&file);
    put_model(&file, 1, 1, 1, one_voxel, 1);
    for (int i = 0; i < depth; i++)
        put_transform(&file, i, NULL, i + 1, -1, DICT("_t", "1 0 -1"));
    put_shape(&file, depth, 0);
    project = read_made(&file, NULL);
    CU_ASSERT(is_pos(only_voxel(project, 0), depth, 0, -depth));
    goxel_project_unref(project);
}

static void put_objects(struct goxel_buf *file, int count, const char *const *attributes)
{
    int *children = calloc((size_t)count, sizeof(*children));

    CU_ASSERT_PTR_NOT_NULL_FATAL(children);
    for (int i = 0; i < count; i++)
        children[i] = 2 + 2 * i;
    put_transform(file, 0, attributes, 1, -1, NULL);
    put_group(file, 1, children, (size_t)count);
    for (int i = 0; i < count; i++)
        put_object(file, children[i], 0, NULL, NULL);
    free(children);
}

/* A model is read once, however often it is shown; and where it would have to be read again, that has an end. */
static void showing_a_model_often_has_a_ceiling(void)
{
    static uint8_t voxels[1 << 16][4];
    struct goxel_buf file;

    for (int i = 0; i < 1 << 16; i++)
        memcpy(voxels[i], (const uint8_t[4]){(uint8_t)i, (uint8_t)(i >> 8), 0, 1}, 4);
    open_file(&file);
    put_model(&file, 256, 256, 1, voxels, 1 << 16);
    put_objects(&file, GOXEL_LAYERS_MAX + 1, NULL);
    is_refused(&file, GOXEL_ERROR_QUOTA, NULL);
    open_file(&file);
    put_model(&file, 256, 256, 1, voxels, 1 << 16);
    put_objects(&file, 2000, DICT("_goxel_parts", "1"));
    is_refused(&file, GOXEL_ERROR_QUOTA, NULL);
}

/* Models of a voxel in each of 16³ bricks: the file's size decides how many may be asked for. */
static void bricks_have_a_ceiling(void)
{
    static uint8_t voxels[4096][4];
    struct goxel_buf file;

    for (int i = 0; i < 4096; i++)
        memcpy(voxels[i],
               (const uint8_t[4]){(uint8_t)(i % 16 * 16), (uint8_t)(i / 16 % 16 * 16),
                                  (uint8_t)(i / 256 * 16), 1},
               4);
    open_file(&file);
    for (int i = 0; i < 17; i++)
        put_model(&file, 256, 256, 256, voxels, 4096);
    is_refused(&file, GOXEL_ERROR_QUOTA, "bricks in so small a file");
}

static void false_claims_are_refused(void)
{
    struct goxel_buf file;
    size_t chunk;

    open_file(&file);
    chunk = begin(&file, "XYZI"); /* without a size */
    goxel_buf_put_le32(&file, 0);
    end(&file, chunk);
    is_refused(&file, GOXEL_ERROR_INVALID_DATA, "XYZI chunk");

    open_file(&file);
    put_model(&file, 1, 1, 1, one_voxel, 1);
    set_le32(&file, file.len - 8, 1000000000); /* voxels, in 68 bytes */
    is_refused(&file, GOXEL_ERROR_INVALID_DATA, "XYZI chunk");

    open_file(&file);
    put_model(&file, -1, 1, 1, one_voxel, 1);
    is_refused(&file, GOXEL_ERROR_INVALID_DATA, "SIZE chunk");

    open_file(&file);
    chunk = begin(&file, "nTRN");
    goxel_buf_put_le32(&file, 0);
    goxel_buf_put_le32(&file, UINT32_MAX); /* attributes */
    end(&file, chunk);
    is_refused(&file, GOXEL_ERROR_INVALID_DATA, "nTRN chunk");

    open_file(&file);
    chunk = begin(&file, "nGRP");
    goxel_buf_put_le32(&file, 0);
    goxel_buf_put_le32(&file, 0);
    goxel_buf_put_le32(&file, UINT32_MAX); /* children */
    end(&file, chunk);
    is_refused(&file, GOXEL_ERROR_INVALID_DATA, "nGRP chunk");

    open_file(&file);
    chunk = begin(&file, "NOTE");
    goxel_buf_put_le32(&file, UINT32_MAX); /* names */
    end(&file, chunk);
    is_refused(&file, GOXEL_ERROR_INVALID_DATA, "NOTE chunk");

    open_file(&file);
    chunk = begin(&file, "what");
    set_le32(&file, chunk - 4, 5); /* bytes of chunks in it */
    is_refused(&file, GOXEL_ERROR_INVALID_DATA, "chunks");
}

static void other_files_are_refused(void)
{
    static const char *const texts[] = {"",
                                        "V",
                                        "VOX",
                                        "VOX ",
                                        "RIFF\0\0\0\0MAIN",
                                        "VOX \x95\0\0\0MAIN",
                                        "VOX \xc9\0\0\0MAIN",
                                        "VOX \x96\0\0\0MOIN"};
    static const size_t lens[] = {0, 1, 3, 4, 20, 20, 20, 20};

    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        struct goxel_project *project = NULL;
        struct goxel_detail detail;
        char bytes[20] = "";

        memcpy(bytes, texts[i], lens[i] < 12 ? lens[i] : 12);
        CU_ASSERT_EQUAL(read_as("vox", bytes, lens[i], NULL, NULL, &detail, &project),
                        GOXEL_ERROR_INVALID_DATA);
        CU_ASSERT(detail.offset >= 0 && detail.text[0] != '\0' && detail.expected[0] != '\0');
    }
}

/* Everything that a file may have. */
static void make_sample(struct goxel_buf *file)
{
    static const uint8_t voxels[3][4] = {{0, 0, 0, 9}, {1, 2, 0, 10}, {3, 1, 1, 77}};
    size_t chunk;

    open_file(file);
    chunk = begin(file, "PACK");
    goxel_buf_put_le32(file, 2);
    end(file, chunk);
    put_model(file, 4, 3, 2, voxels, 3);
    put_model(file, 1, 1, 1, one_voxel, 1);
    put_transform(file, 0, NULL, 1, -1, NULL);
    put_group(file, 1, (const int[]){2, 4, 6, 8}, 4);
    put_object(file, 2, 0, DICT("_name", "first"), DICT("_r", "40", "_t", "1 2 3"));
    put_object(file, 4, 0, DICT("_hidden", "1"), DICT("_t", "-10 2 3"));
    put_object(file, 6, 1, NULL, DICT("_t", "7 7 7", "_f", "0"));
    put_transform(file, 8, DICT("_goxel_parts", "1", "_name", "parts"), 9, 1, NULL);
    put_group(file, 9, (const int[]){10, 12}, 2);
    put_object(file, 10, 0, NULL, DICT("_t", "300 0 0"));
    put_object(file, 12, 1, NULL, DICT("_t", "-300 0 0"));
    put_layr(file, 1, DICT("_name", "one", "_hidden", "0"));
    put_rgba(file, 99);
    put_imap(file, true);
    put_matl(file, 9, DICT("_type", "_glass", "_trans", "0.5", "_ior", "0.3"));
    put_note(file, "a", "b");
    close_file(file);
}

static void every_truncation_is_refused(void)
{
    struct goxel_buf file;
    int refused = 0;

    make_sample(&file);
    for (size_t len = 0; len < file.len; len++) {
        struct goxel_project *project = NULL;
        struct goxel_detail detail;
        uint8_t *cut = malloc(len + 1); /* on its own, so that a sanitizer sees who reads on */

        memcpy(cut, file.data, len);
        refused += read_as("vox", cut, len, NULL, NULL, &detail, &project) == GOXEL_ERROR_INVALID_DATA &&
                   !project && detail.offset >= 0;
        free(cut);
    }
    CU_ASSERT_EQUAL(refused, (int)file.len);
    goxel_buf_finish(&file);
}

/* Every third one of them comes to each place of a byte, too. */
static void every_flipped_bit_is_survived(void)
{
    const size_t step = (size_t)unit_counts(3, 1);
    struct goxel_buf file;
    int read = 0, refused = 0;

    make_sample(&file);
    for (size_t i = 0; i < 8 * file.len; i += step) {
        struct goxel_project *project = NULL;

        file.data[i / 8] ^= (char)(1 << i % 8);
        if (read_file(&file, NULL, NULL, &project)) {
            refused++;
            CU_ASSERT_PTR_NULL(project);
        } else {
            read++;
            goxel_project_unref(project);
        }
        file.data[i / 8] ^= (char)(1 << i % 8);
    }
    CU_ASSERT(read > 0 && refused > 0);
    goxel_buf_finish(&file);
}

static void bytes_after_the_end_are_told(void)
{
    struct goxel_warnings warnings = {0};
    struct goxel_project *project = NULL;
    struct goxel_buf file;

    make_sample(&file);
    goxel_buf_puts(&file, "more");
    CU_ASSERT_EQUAL(read_file(&file, &warnings, NULL, &project), 0);
    CU_ASSERT_EQUAL(warned(&warnings, "bytes after the end left out"), 4);
    goxel_project_unref(project);
    goxel_buf_finish(&file);
}

/* Those that the table's own test does not come to. */
static void failed_allocations_are_ordinary_errors(void)
{
    struct goxel_project *project = NULL;
    struct goxel_buf file, out = {NULL};
    int result = GOXEL_ERROR_OUT_OF_MEMORY, n;

    if (unit_fail_allocation(-1) < 0) {
        unit_skip("allocations cannot be made to fail here");
        return;
    }
    make_sample(&file);
    for (n = 0; result && n < 10000; n++) {
        unit_fail_allocation(n);
        result = read_file(&file, NULL, NULL, &project);
        unit_fail_allocation(-1);
        CU_ASSERT(result == 0 || result == GOXEL_ERROR_OUT_OF_MEMORY);
    }
    CU_ASSERT(n > 20);
    CU_ASSERT_EQUAL_FATAL(result, 0);
    result = GOXEL_ERROR_OUT_OF_MEMORY;
    for (n = 0; result && n < 10000; n++) {
        goxel_buf_init(&out, GOXEL_FILE_MAX);
        unit_fail_allocation(n);
        result = write_as("vox", project, NULL, NULL, NULL, &out);
        unit_fail_allocation(-1);
        CU_ASSERT(result == 0 || result == GOXEL_ERROR_OUT_OF_MEMORY);
        goxel_buf_finish(&out);
    }
    CU_ASSERT(n > 20);
    CU_ASSERT_EQUAL(result, 0);
    goxel_project_unref(project);
    goxel_buf_finish(&file);
}

/* ---- other programs' files ---- */

/* Counts, bounds and colours are those of a reader that was written apart, and Debian's Goxel sees the same. */
static void other_programs_files_load(void)
{
    static const struct {
        const char *name;
        size_t layers;
        int64_t voxels;
        struct goxel_box box;
        struct goxel_pos pos;
        struct goxel_color color;
    } models[] = {
        {"magicavoxel.vox", 1, 398, {{0, 7, 0}, {17, 14, 14}}, {0, 10, 10}, {220, 220, 220, 255}},
        {"robo.vox", 3, 1291, {{-26, 5, 0}, {-5, 25, 29}}, {-10, 10, 0}, {11, 16, 19, 255}},
        {"vox_character.vox", 16, 4260, {{-9, -5, 0}, {8, 5, 57}}, {-1, -1, 23}, {165, 171, 203, 255}},
        {"8ontop.vox", 72, 8946, {{-213, -247, 7}, {238, 243, 86}}, {0, 0, 0}, {0, 0, 0, 0}},
    };
    const char *folder = unit_models();

    if (!folder) {
        unit_skip("GOXEL_TEST_MODELS is not set");
        return;
    }
    for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
        struct goxel_project *project = NULL, *again;
        struct goxel_volume *picture = NULL, *picture_again = NULL;
        struct goxel_box box;
        struct goxel_buf file;
        char path[4096];

        snprintf(path, sizeof(path), "%s/%s", folder, models[i].name);
        goxel_buf_init(&file, 1 << 24);
        CU_ASSERT_EQUAL_FATAL(goxel_file_read(AT_FDCWD, path, &file, NULL), 0);
        CU_ASSERT_EQUAL_FATAL(read_file(&file, NULL, NULL, &project), 0);
        CU_ASSERT_EQUAL(project->layer_count, models[i].layers);
        CU_ASSERT_EQUAL(goxel_project_flatten(project, NULL, &picture), 0);
        CU_ASSERT_EQUAL(goxel_volume_count(picture), models[i].voxels);
        CU_ASSERT(goxel_volume_bounds(picture, &box));
        CU_ASSERT(memcmp(&box, &models[i].box, sizeof(box)) == 0);
        CU_ASSERT(same_color(goxel_volume_get_at(picture, models[i].pos), models[i].color));
        again = written_and_read(project, NULL);
        CU_ASSERT_EQUAL(goxel_project_flatten(again, NULL, &picture_again), 0);
        CU_ASSERT(goxel_volume_equal(picture, picture_again));
        CU_ASSERT(goxel_palette_equal(&project->scene->palette, &again->scene->palette));
        goxel_volume_destroy(picture);
        goxel_volume_destroy(picture_again);
        goxel_project_unref(again);
        goxel_project_unref(project);
        goxel_buf_finish(&file);
    }
}

static const struct unit_test tests[] = {
    {"every turn is understood", every_turn_is_understood},
    {"turns are nested", turns_are_nested},
    {"a model shown again is a clone", a_model_shown_again_is_a_clone},
    {"names and hiding come from above", names_and_hiding_come_from_above},
    {"strange names become printable", strange_names_become_printable},
    {"the frame that is asked for is read", the_frame_that_is_asked_for_is_read},
    {"models without a scene", models_without_a_scene},
    {"the default palette", the_default_palette},
    {"glass is translucent", glass_is_translucent},
    {"the palette is kept in its order", the_palette_is_kept_in_its_order},
    {"what of colours is lost is told", what_of_colours_is_lost_is_told},
    {"random projects survive", random_projects_survive},
    {"every width survives", every_width_survives},
    {"a model is 256 wide at most", a_model_is_256_wide_at_most},
    {"empty and many layers survive", empty_and_many_layers_survive},
    {"as many colours as there is room for", as_many_colours_as_there_is_room_for},
    {"too many colours are reduced", too_many_colours_are_reduced},
    {"every alpha survives", every_alpha_survives},
    {"materials follow their colours", materials_follow_their_colours},
    {"what of layers is lost is told", what_of_layers_is_lost_is_told},
    {"what cannot be read is not written", what_cannot_be_read_is_not_written},
    {"scenes that are none are refused", scenes_that_are_none_are_refused},
    {"numbers that are none are refused", numbers_that_are_none_are_refused},
    {"moves add up", moves_add_up},
    {"deep scenes are gone through", deep_scenes_are_gone_through},
    {"showing a model often has a ceiling", showing_a_model_often_has_a_ceiling},
    {"bricks have a ceiling", bricks_have_a_ceiling},
    {"false claims are refused", false_claims_are_refused},
    {"other files are refused", other_files_are_refused},
    {"every truncation is refused", every_truncation_is_refused},
    {"every flipped bit is survived", every_flipped_bit_is_survived},
    {"bytes after the end are told", bytes_after_the_end_are_told},
    {"failed allocations are ordinary errors", failed_allocations_are_ordinary_errors},
    {"other programs' files load", other_programs_files_load},
    {NULL, NULL},
};

const struct unit_suite suite_vox = {"vox", tests};
