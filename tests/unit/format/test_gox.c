/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Goxel's own format: what is kept, what equal bricks cost, and what strangers may put into a file. */
#include "format/gox.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "core/layers.h"
#include "format/png.h"
#include "io.h"
#include "same.h"
#include "unit.h"

static const float identity[16] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
static const struct goxel_color red = {255, 0, 0, 255}, blue = {0, 0, 255, 255};

static struct goxel_pos at(int x, int y, int z)
{
    return (struct goxel_pos){x, y, z};
}

static bool has(const struct goxel_layer *layer, int x, int y, int z, struct goxel_color color)
{
    struct goxel_color got = goxel_volume_get_at(layer->volume, at(x, y, z));

    return memcmp(&got, &color, sizeof(got)) == 0;
}

/* ---- writing and reading back ---- */

static void write_project(const struct goxel_project *project, struct goxel_warnings *warnings,
                          struct goxel_buf *out)
{
    goxel_buf_init(out, GOXEL_FILE_MAX);
    CU_ASSERT_EQUAL_FATAL(write_as("gox", project, NULL, warnings, NULL, out), 0);
}

static int read_buf(const struct goxel_buf *file, struct goxel_warnings *warnings,
                    struct goxel_detail *detail, struct goxel_project **ret_project)
{
    return read_as("gox", file->data, file->len, NULL, warnings, detail, ret_project);
}

static struct goxel_project *written_and_read(const struct goxel_project *project)
{
    struct goxel_project *again = NULL;
    struct goxel_warnings warnings = {0};
    struct goxel_buf file;

    write_project(project, NULL, &file);
    CU_ASSERT_EQUAL_FATAL(read_buf(&file, &warnings, NULL, &again), 0);
    CU_ASSERT_EQUAL(warnings.count, 0);
    goxel_buf_finish(&file);
    return again;
}

static struct goxel_layer *new_layer(struct goxel_project *project, const char *name)
{
    struct goxel_layer *layer = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, name, -1, &layer, NULL), 0);
    return layer;
}

static uint32_t random_next(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

static void add_random_voxels(struct goxel_volume *volume, uint64_t *state)
{
    for (unsigned i = random_next(state) % 3000; i > 0; i--) {
        struct goxel_pos pos = at((int)(random_next(state) % 150) - 75, (int)(random_next(state) % 150) - 75,
                                  (int)(random_next(state) % 150) - 75);
        unsigned bits = random_next(state);

        goxel_volume_set_at(volume, pos,
                            (struct goxel_color){(uint8_t)bits, (uint8_t)(bits >> 8), (uint8_t)(bits >> 16),
                                                 bits >> 24 & 1 ? 255 : (uint8_t)(bits >> 20)});
    }
}

static void random_projects_survive(void)
{
    for (uint64_t seed = 1; seed <= 8; seed++) {
        struct goxel_project *project = goxel_project_create("p"), *again;
        uint64_t state = seed;

        for (unsigned i = 1 + random_next(&state) % 5; i > 0; i--) {
            struct goxel_layer *layer = new_layer(project, NULL);
            struct goxel_box box = {at(-30, (int)(random_next(&state) % 40) - 40, -5), at(20, 20, 20)};

            layer->visible = random_next(&state) % 2;
            if (random_next(&state) % 2)
                goxel_volume_fill(layer->volume, &box, red, NULL);
            add_random_voxels(layer->volume, &state);
        }
        if (seed % 2)
            goxel_project_remove_layer(project, 1); /* ids are kept, not counted anew */
        again = written_and_read(project);
        if (!same_projects(project, again)) {
            printf("seed %u\n", (unsigned)seed);
            CU_FAIL("a random project came back different");
        }
        CU_ASSERT_EQUAL(again->next_layer_id,
                        again->layer_count ? again->layers[again->layer_count - 1]->id + 1 : 1);
        goxel_project_unref(again);
        goxel_project_unref(project);
    }
}

static void everything_but_voxels_is_kept(void)
{
    struct goxel_project *project = goxel_project_create("p"), *again;
    struct goxel_material material = {"Gold – matt", {1, 0.5f, 0.25f, 0.75f}, 0.1f, 0.9f, {0.1f, 0.2f, 0.3f}};
    struct goxel_camera camera = {.name = "Kamera", .dist = 12.5f, .ortho = true};
    struct goxel_layer *layer = new_layer(project, NULL), *clone = new_layer(project, "clone"),
                       *shape = new_layer(project, "shape"), *image = new_layer(project, "image");

    goxel_volume_set_at(layer->volume, at(-1, -2, -3), red);
    memcpy(camera.mat, identity, sizeof(identity));
    camera.mat[12] = -7;
    goxel_project_add_material(project, &material);
    memset(material.name, 'm', GOXEL_NAME_MAX);
    goxel_project_add_material(project, &material);
    goxel_project_add_camera(project, &camera);
    camera.ortho = false;
    goxel_project_add_camera(project, &camera);
    project->scene->active_camera = 1;
    project->scene->has_light = true;
    project->scene->light = (struct goxel_light){0.5f, -1, 2, true, 0.25f, 0.75f};
    project->preview = goxel_preview_create((const uint8_t *)"not looked into", 15);
    goxel_project_set_size(project, 10, 20, 30);
    layer->material = 1;
    clone->base_id = layer->id;
    clone->mat[12] = 3;
    memcpy(layer->box, project->scene->box, sizeof(layer->box));
    snprintf(shape->shape, sizeof(shape->shape), "cylinder");
    shape->color = blue;
    shape->mat[0] = 5;
    image->image_path = strdup("/somewhere/picture.png");
    again = written_and_read(project);
    CU_ASSERT(same_projects(project, again));
    goxel_project_unref(again);
    goxel_project_unref(project);
}

/* Modes, the layer at work and the palette are in a chunk of ours, which other files do not have. */
static void what_goxel_has_no_word_for_is_kept(void)
{
    struct goxel_project *project = goxel_project_create("p"), *again;
    struct goxel_palette *palette = &project->scene->palette;
    struct goxel_layer *first = new_layer(project, "first");
    struct goxel_buf file;

    new_layer(project, "second")->mode = GOXEL_MODE_SUB;
    new_layer(project, "third")->mode = GOXEL_MODE_REPLACE;
    goxel_volume_set_at(first->volume, at(1, 2, 3), red);
    project->scene->active_layer_id = first->id;
    snprintf(palette->name, sizeof(palette->name), "Wüste");
    palette->columns = 3;
    CU_ASSERT_EQUAL(goxel_palette_add(palette, red, "sand", 4), 0);
    CU_ASSERT_EQUAL(goxel_palette_entry_set(&palette->entries[0], "_type", "_glass"), 0);
    CU_ASSERT_EQUAL(goxel_palette_add(palette, blue, NULL, 0), 0);
    again = written_and_read(project);
    CU_ASSERT(same_projects(project, again));
    for (size_t i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(again->layers[i]->mode, project->layers[i]->mode);
    CU_ASSERT_EQUAL(again->scene->active_layer_id, first->id);
    CU_ASSERT(goxel_palette_equal(&again->scene->palette, palette));
    goxel_project_unref(again);

    goxel_palette_finish(palette);
    project->scene->active_layer_id = project->layers[2]->id;
    project->layers[1]->mode = project->layers[2]->mode = GOXEL_MODE_OVER;
    write_project(project, NULL, &file);
    CU_ASSERT_PTR_NULL(memmem(file.data, file.len, "GXDM", 4));
    goxel_buf_finish(&file);
    goxel_project_unref(project);
}

static int count_of(const struct goxel_buf *file, const char *what)
{
    const char *at = file->data;
    int count = 0;

    while ((at = memmem(at, file->len - (size_t)(at - file->data), what, 4))) {
        count++;
        at++;
    }
    return count;
}

/* 2½ times what Goxel takes of a layer. */
static void long_layers_are_split_and_joined(void)
{
    struct goxel_project *project = goxel_project_create("p"), *again = NULL;
    struct goxel_layer *layer = new_layer(project, "long"), *clone = new_layer(project, "above");
    struct goxel_warnings warnings = {0};
    struct goxel_buf file;
    int blocks = GOXEL_GOX_LAYER_BLOCKS_MAX * 5 / 2;

    layer->mode = GOXEL_MODE_MAX;
    clone->base_id = layer->id;
    goxel_volume_set_at(layer->volume, at(0, 0, 0), red);
    for (int i = 1; i < blocks; i++)
        goxel_volume_share_brick(layer->volume, at(i % 500 * 16, i / 500 * 16, 0), layer->volume,
                                 at(0, 0, 0));
    write_project(project, &warnings, &file);
    CU_ASSERT_STRING_EQUAL(warnings.rows[0].what, "layers of more than 50,000 blocks split");
    CU_ASSERT_EQUAL(count_of(&file, "LAYR"), 4);
    CU_ASSERT_EQUAL_FATAL(read_buf(&file, NULL, NULL, &again), 0);
    CU_ASSERT(same_projects(project, again));
    CU_ASSERT_EQUAL(again->layers[0]->mode, GOXEL_MODE_MAX);
    goxel_project_unref(again);
    goxel_project_unref(project);
    goxel_buf_finish(&file);
}

static void longest_names_survive(void)
{
    static const char last[] = "\xf0\x9f\x8f\xb0"; /* ends with the 255th byte */
    struct goxel_project *project = goxel_project_create("p"), *again;
    char name[GOXEL_NAME_MAX + 1];

    memset(name, 'n', sizeof(name) - 1);
    memcpy(name + GOXEL_NAME_MAX - 4, last, sizeof(last));
    new_layer(project, name);
    again = written_and_read(project);
    CU_ASSERT_STRING_EQUAL(again->layers[0]->name, name);
    goxel_project_unref(again);
    goxel_project_unref(project);
}

static void empty_project_gets_a_layer(void)
{
    struct goxel_project *project = goxel_project_create("p"), *again = written_and_read(project);

    CU_ASSERT_EQUAL_FATAL(again->layer_count, 1);
    CU_ASSERT_STRING_EQUAL(again->layers[0]->name, "Layer.1");
    CU_ASSERT(again->layers[0]->visible);
    CU_ASSERT_EQUAL(goxel_project_voxels(again), 0);
    CU_ASSERT_EQUAL(again->scene->active_layer_id, 1);
    goxel_project_unref(again);
    goxel_project_unref(project);
}

static void edges_of_the_range_survive(void)
{
    struct goxel_project *project = goxel_project_create("p"), *again;
    struct goxel_layer *layer = new_layer(project, NULL);

    goxel_volume_set_at(layer->volume, at(GOXEL_COORD_MIN, GOXEL_COORD_MAX, GOXEL_COORD_MIN), red);
    goxel_volume_set_at(layer->volume, at(GOXEL_COORD_MAX, GOXEL_COORD_MIN, GOXEL_COORD_MAX), blue);
    again = written_and_read(project);
    CU_ASSERT(same_projects(project, again));
    goxel_project_unref(again);
    goxel_project_unref(project);
}

static int count_chunks(const struct goxel_buf *file, const char *type)
{
    size_t pos = 8;
    int count = 0;

    while (pos + 12 <= file->len) {
        const uint8_t *chunk = (const uint8_t *)file->data + pos;

        count += memcmp(chunk, type, 4) == 0;
        pos += 12 + (size_t)(chunk[4] | chunk[5] << 8 | chunk[6] << 16 | chunk[7] << 24);
    }
    CU_ASSERT_EQUAL(pos, file->len);
    return count;
}

static void equal_bricks_are_written_once(void)
{
    struct goxel_project *project = goxel_project_create("p"), *again;
    struct goxel_layer *one = new_layer(project, NULL), *two = new_layer(project, NULL);
    struct goxel_box box = {at(0, 0, 0), at(159, 159, 31)};
    struct goxel_buf file;

    goxel_volume_fill(one->volume, &box, red, NULL); /* one brick in memory */
    goxel_volume_set_at(two->volume, at(3, 3, 3), blue);
    goxel_volume_set_at(two->volume, at(-13, 3, 3), blue); /* two that are equal */
    goxel_volume_set_at(two->volume, at(35, 3, 4), blue);  /* and another */
    write_project(project, NULL, &file);
    CU_ASSERT_EQUAL(count_chunks(&file, "BL16"), 3);
    CU_ASSERT_EQUAL(count_chunks(&file, "LAYR"), 2);
    CU_ASSERT_EQUAL(count_chunks(&file, "PREV"), 0);
    CU_ASSERT_EQUAL(read_buf(&file, NULL, NULL, &again), 0);
    CU_ASSERT(same_projects(project, again));
    goxel_project_unref(again);
    goxel_buf_finish(&file);
    goxel_project_unref(project);
}

static void losses_are_told(void)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_layer *base = new_layer(project, NULL), *clone = new_layer(project, NULL);
    struct goxel_warnings warnings = {0};
    struct goxel_buf file;

    clone->base_id = base->id;
    goxel_volume_set_at(clone->volume, at(0, 0, 0), red);
    for (int i = 0; i <= GOXEL_GOX_BLOCKS_GOOD; i++)
        goxel_volume_set_at(base->volume, at(i * 16, 0, 0), red);
    write_project(project, &warnings, &file);
    CU_ASSERT_EQUAL_FATAL(warnings.count, 2);
    CU_ASSERT_STRING_EQUAL(warnings.rows[0].what, "voxels of clone and shape layers dropped");
    CU_ASSERT_EQUAL(warnings.rows[0].count, 1);
    CU_ASSERT_STRING_EQUAL(warnings.rows[1].what, "so many blocks that Goxel is slow to open them");
    CU_ASSERT_EQUAL(warnings.rows[1].count, GOXEL_GOX_BLOCKS_GOOD + 1);
    goxel_buf_finish(&file);
    goxel_project_unref(project);
}

/* Every float of the one value becomes the other. */
static void replace_floats(struct goxel_buf *file, float from, float to)
{
    for (size_t at = 0; at + sizeof(from) <= file->len; at++) {
        if (memcmp(file->data + at, &from, sizeof(from)) == 0)
            memcpy(file->data + at, &to, sizeof(to));
    }
}

/* Whoever asks what is there has them drawn. */
static void shapes_have_a_ceiling(void)
{
    static const struct {
        int shapes, expected;
    } rows[] = {{8, 0}, {9, GOXEL_ERROR_QUOTA}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct goxel_project *project = goxel_project_create("p"), *again = NULL;
        struct goxel_detail detail;
        struct goxel_buf file;

        for (int k = 0; k < rows[i].shapes; k++) {
            struct goxel_layer *layer = new_layer(project, NULL);

            snprintf(layer->shape, sizeof(layer->shape), "sphere");
            layer->mat[0] = layer->mat[5] = layer->mat[10] = 4.25f;
        }
        goxel_detail_init(&detail);
        write_project(project, NULL, &file);
        replace_floats(&file, 4.25f, 400); /* 50 bricks across: 6 times 2,500 on the sides */
        CU_ASSERT_EQUAL(read_buf(&file, NULL, &detail, &again), rows[i].expected);
        if (rows[i].expected) {
            CU_ASSERT_EQUAL(detail.limit, (int64_t)GOXEL_COMPUTED_BRICKS_MAX);
            CU_ASSERT_EQUAL(detail.given, (int64_t)rows[i].shapes * 15000);
        } else {
            CU_ASSERT_EQUAL(goxel_project_duplicate_layer(again, 1, NULL, NULL), GOXEL_ERROR_QUOTA);
            goxel_buf_clear(&file);
            CU_ASSERT_EQUAL(write_as("gox", again, NULL, NULL, NULL, &file), GOXEL_ERROR_QUOTA);
        }
        goxel_project_unref(again);
        goxel_buf_finish(&file);
        goxel_project_unref(project);
    }
}

/* ---- files made by hand ---- */

static void put_int(struct goxel_buf *out, int value)
{
    goxel_buf_put_le32(out, (uint32_t)value);
}

static void put_chunk(struct goxel_buf *out, const char *type, const struct goxel_buf *data)
{
    goxel_buf_append(out, type, 4);
    put_int(out, (int)data->len);
    goxel_buf_append(out, data->data ? data->data : "", data->len);
    goxel_buf_append(out, "CRC!", 4); /* read by nobody */
}

static void put_pair(struct goxel_buf *out, const char *key, const void *value, size_t len)
{
    put_int(out, (int)strlen(key));
    goxel_buf_puts(out, key);
    put_int(out, (int)len);
    goxel_buf_append(out, value, len);
}

static void begin_file(struct goxel_buf *out, int version)
{
    goxel_buf_init(out, 64 << 20);
    goxel_buf_append(out, "GOX ", 4);
    put_int(out, version);
}

/* A brick with one voxel in its corner. */
static void put_brick(struct goxel_buf *out, struct goxel_color color)
{
    struct goxel_color voxels[GOXEL_BRICK_VOXELS] = {color};
    struct goxel_buf data;

    goxel_buf_init(&data, 1 << 20);
    goxel_png_write(voxels, 64, 64, &data);
    put_chunk(out, "BL16", &data);
    goxel_buf_finish(&data);
}

struct place {
    int index, x, y, z;
};

/* A layer without a dictionary, or with an id and a base. */
static void put_layer(struct goxel_buf *out, const struct place *places, int count, int id, int base)
{
    struct goxel_buf data;

    goxel_buf_init(&data, 1 << 24);
    put_int(&data, count);
    for (int i = 0; i < count; i++) {
        put_int(&data, places[i].index);
        put_int(&data, places[i].x);
        put_int(&data, places[i].y);
        put_int(&data, places[i].z);
        put_int(&data, 0);
    }
    if (id) {
        uint8_t words[8] = {(uint8_t)id,           (uint8_t)(id >> 8),   (uint8_t)(id >> 16),
                            (uint8_t)(id >> 24),   (uint8_t)base,        (uint8_t)(base >> 8),
                            (uint8_t)(base >> 16), (uint8_t)(base >> 24)};

        put_pair(&data, "id", words, 4);
        put_pair(&data, "base_id", words + 4, 4);
    }
    put_chunk(out, "LAYR", &data);
    goxel_buf_finish(&data);
}

static struct goxel_project *read_good(struct goxel_buf *file, struct goxel_warnings *warnings)
{
    struct goxel_project *project = NULL;

    CU_ASSERT_EQUAL_FATAL(read_buf(file, warnings, NULL, &project), 0);
    goxel_buf_finish(file);
    return project;
}

static void expect_refused(struct goxel_buf *file, int code, const char *field)
{
    struct goxel_project *project = NULL;
    struct goxel_detail detail;

    CU_ASSERT_EQUAL(read_buf(file, NULL, &detail, &project), code);
    CU_ASSERT_PTR_NULL(project);
    CU_ASSERT(strlen(detail.text) > 0 || detail.has_limit);
    if (field)
        CU_ASSERT_STRING_EQUAL(detail.field, field);
    goxel_buf_finish(file);
}

static void bare_layer_gets_defaults(void)
{
    static const struct place here = {0, 0, 0, 0};
    struct goxel_project *project;
    struct goxel_buf file;

    begin_file(&file, 2);
    put_brick(&file, red);
    put_layer(&file, &here, 1, 0, 0);
    project = read_good(&file, NULL);
    CU_ASSERT_EQUAL_FATAL(project->layer_count, 1);
    CU_ASSERT_STRING_EQUAL(project->layers[0]->name, "Layer.1");
    CU_ASSERT_EQUAL(project->layers[0]->id, 1);
    CU_ASSERT_EQUAL(project->layers[0]->material, -1);
    CU_ASSERT(project->layers[0]->visible);
    CU_ASSERT(has(project->layers[0], 0, 0, 0, red));
    goxel_project_unref(project);
}

static void version_1_gives_centres(void)
{
    static const struct place here = {0, 8, -8, 24};
    struct goxel_project *project;
    struct goxel_buf file;

    begin_file(&file, 1);
    put_brick(&file, red);
    put_layer(&file, &here, 1, 0, 0);
    project = read_good(&file, NULL);
    CU_ASSERT(has(project->layers[0], 0, -16, 16, red));
    goxel_project_unref(project);
}

/* As Goxel does: a block replaces all it covers, and lies where it lies. */
/* More different bricks than a row of the reader's has. They are empty, to cost nothing; the last is not. */
static void many_bricks_are_read(void)
{
    static const struct goxel_color nothing[GOXEL_BRICK_VOXELS];
    static struct goxel_color full[GOXEL_BRICK_VOXELS];
    const int count = (1 << 16) + 2;
    struct goxel_project *project = NULL;
    struct goxel_buf file, chunk, last, layer;

    for (size_t i = 0; i < GOXEL_BRICK_VOXELS; i++)
        full[i] = red;
    goxel_buf_init(&file, GOXEL_FILE_MAX);
    goxel_buf_init(&chunk, 65536);
    goxel_buf_init(&last, 65536);
    goxel_buf_init(&layer, 65536);
    goxel_png_write(nothing, 64, 64, &chunk);
    goxel_png_write(full, 64, 64, &last);
    goxel_buf_append(&file, "GOX ", 4);
    put_int(&file, 2);
    for (int i = 0; i < count; i++)
        put_chunk(&file, "BL16", i < count - 1 ? &chunk : &last);
    put_int(&layer, 1);
    put_int(&layer, count - 1);
    for (int i = 0; i < 4; i++)
        put_int(&layer, 0);
    put_chunk(&file, "LAYR", &layer);
    CU_ASSERT_EQUAL_FATAL(read_buf(&file, NULL, NULL, &project), 0);
    CU_ASSERT_EQUAL(goxel_project_voxels(project), GOXEL_BRICK_VOXELS);
    CU_ASSERT(has(project->layers[0], 15, 15, 15, red));
    goxel_project_unref(project);
    goxel_buf_finish(&file);
    goxel_buf_finish(&chunk);
    goxel_buf_finish(&last);
    goxel_buf_finish(&layer);
}

static void blocks_askew_replace_what_they_cover(void)
{
    static const struct place places[] = {{1, 1, 0, 0}, {0, 0, 0, 0}, {1, 2, 0, 0}, {0, -21, -5, 7}};
    struct goxel_color voxels[GOXEL_BRICK_VOXELS] = {red};
    struct goxel_project *project;
    struct goxel_buf file, data;

    begin_file(&file, 2);
    voxels[3] = voxels[4095] = red;
    goxel_buf_init(&data, 1 << 20);
    goxel_png_write(voxels, 64, 64, &data);
    put_chunk(&file, "BL16", &data);
    goxel_buf_finish(&data);
    put_brick(&file, blue);
    put_layer(&file, places, 4, 0, 0);
    project = read_good(&file, NULL);
    CU_ASSERT_EQUAL(goxel_project_voxels(project), 2 + 3);
    CU_ASSERT(has(project->layers[0], 0, 0, 0, red));
    CU_ASSERT(has(project->layers[0], 2, 0, 0, blue)); /* … over (2, 0, 0) to (17, 15, 15) */
    CU_ASSERT(has(project->layers[0], -21, -5, 7, red));
    CU_ASSERT(has(project->layers[0], -18, -5, 7, red));
    CU_ASSERT(has(project->layers[0], -6, 10, 22, red));
    goxel_project_unref(project);
}

static void block_placed_often_costs_one(void)
{
    enum { PLACES = 200000 };
    struct place *places = calloc(PLACES, sizeof(*places));
    struct goxel_brick_view *views = NULL;
    struct goxel_project *project;
    struct goxel_buf file;
    size_t count = 0, shared = 0;

    for (int i = 0; i < PLACES; i++)
        places[i] = (struct place){0, i % 1000 * 16, i / 1000 * 16, 0};
    begin_file(&file, 2);
    put_brick(&file, red);
    put_layer(&file, places, PLACES, 0, 0);
    put_layer(&file, places, PLACES, 0, 0);
    project = read_good(&file, NULL);
    for (int layer = 0; layer < 2; layer++) {
        CU_ASSERT_EQUAL(goxel_volume_views(project->layers[layer]->volume, &views, &count), 0);
        for (size_t i = 0; i < count; i++)
            shared += views[i].id == views[0].id;
        free(views);
    }
    CU_ASSERT_EQUAL(shared, 2 * PLACES);
    goxel_project_unref(project);
    free(places);
}

static void ids_are_made_unique(void)
{
    static const struct place here = {0, 0, 0, 0};
    static const struct {
        int id, base, want_id, want_base;
    } rows[] = {
        {7, 0, 7, 0},           {7, 0, 8, 0}, {0, 0, 9, 0}, {-3, 0, 10, 0},
        {2147483647, 0, 11, 0}, {3, 7, 3, 7}, {4, 9, 4, 0}, /* the base 9 was nobody's id in the file */
        {5, 5, 5, 0},
    };
    struct goxel_warnings warnings = {0};
    struct goxel_project *project;
    struct goxel_buf file;

    begin_file(&file, 2);
    put_brick(&file, red);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        put_layer(&file, &here, 1, rows[i].id, rows[i].base);
    project = read_good(&file, &warnings);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CU_ASSERT_EQUAL(project->layers[i]->id, rows[i].want_id);
        CU_ASSERT_EQUAL(project->layers[i]->base_id, rows[i].want_base);
    }
    CU_ASSERT_EQUAL(project->next_layer_id, 12);
    CU_ASSERT_EQUAL(project->scene->active_layer_id, 5);
    CU_ASSERT_EQUAL(goxel_volume_count(project->layers[5]->volume), 0); /* a clone has none of its own */
    CU_ASSERT_EQUAL(warnings.count, 3);
    goxel_project_unref(project);
}

static void strange_texts_become_printable(void)
{
    struct goxel_warnings warnings = {0};
    struct goxel_project *project;
    struct goxel_buf file, data;
    char longest[400];

    begin_file(&file, 2);
    for (int i = 0; i < 4; i++) {
        goxel_buf_init(&data, 4096);
        put_int(&data, 0);
        memset(longest, 'x', sizeof(longest));
        if (i == 0)
            put_pair(&data, "name", "padded\0\0\0", 9);
        else if (i == 1)
            put_pair(&data, "name", "line\nfeed\xff", 10);
        else if (i == 2)
            put_pair(&data, "name", "", 0);
        else
            put_pair(&data, "name", longest, sizeof(longest));
        put_chunk(&file, "LAYR", &data);
        goxel_buf_finish(&data);
    }
    project = read_good(&file, &warnings);
    CU_ASSERT_STRING_EQUAL(project->layers[0]->name, "padded");
    CU_ASSERT_STRING_EQUAL(project->layers[1]->name, "line\\x0afeed\\xff");
    CU_ASSERT_STRING_EQUAL(project->layers[2]->name, "Layer.3");
    CU_ASSERT_EQUAL(strlen(project->layers[3]->name), GOXEL_NAME_MAX);
    CU_ASSERT_EQUAL_FATAL(warnings.count, 1);
    CU_ASSERT_STRING_EQUAL(warnings.rows[0].what, "names changed");
    CU_ASSERT_EQUAL(warnings.rows[0].count, 2);
    goxel_project_unref(project);
}

static void unknown_things_are_skipped_and_told(void)
{
    static const float wrong[2] = {1, 2};
    struct goxel_warnings warnings = {0};
    struct goxel_project *project;
    struct goxel_buf file, data;

    begin_file(&file, 2);
    goxel_buf_init(&data, 4096);
    goxel_buf_puts(&data, "whatever");
    put_chunk(&file, "NEW!", &data);
    goxel_buf_clear(&data);
    put_pair(&data, "rot", identity, 16);
    put_pair(&data, "flag", "", 0); /* nothing is lost with it */
    put_pair(&data, "dist", wrong, 8);
    put_int(&data, 0);
    put_chunk(&file, "CAMR", &data);
    goxel_buf_finish(&data);
    project = read_good(&file, &warnings);
    CU_ASSERT_EQUAL(project->scene->camera_count, 1);
    CU_ASSERT_STRING_EQUAL(project->scene->cameras[0].name, "Camera.1");
    CU_ASSERT_EQUAL(project->scene->cameras[0].dist, 128);
    CU_ASSERT_EQUAL(project->layer_count, 0);
    CU_ASSERT_EQUAL_FATAL(warnings.count, 3);
    CU_ASSERT_STRING_EQUAL(warnings.rows[0].what, "unknown chunks dropped");
    CU_ASSERT_STRING_EQUAL(warnings.rows[1].what, "unknown values dropped");
    CU_ASSERT_EQUAL(warnings.rows[1].count, 1);
    CU_ASSERT_STRING_EQUAL(warnings.rows[2].what, "values of a wrong size ignored");
    goxel_project_unref(project);
}

static void false_claims_are_refused(void)
{
    static const struct place cases[] = {
        {1, 0, 0, 0},
        {-1, 0, 0, 0},
        {0, GOXEL_COORD_MIN - 1, 0, 0},
        {0, 0, GOXEL_COORD_MAX - 14, 0},
        {0, 0, 0, INT32_MAX},
        {0, INT32_MIN, 0, 0},
    };
    struct goxel_buf file, data;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin_file(&file, 2);
        put_brick(&file, red);
        put_layer(&file, &cases[i], 1, 0, 0);
        expect_refused(&file, i < 2 ? GOXEL_ERROR_INVALID_DATA : GOXEL_ERROR_INVALID_COORDINATES, "LAYR");
    }
    for (int i = 0; i < 2; i++) { /* blocks that are not there */
        begin_file(&file, 2);
        goxel_buf_init(&data, 100);
        put_int(&data, i ? -1 : 0x0fffffff);
        put_chunk(&file, "LAYR", &data);
        goxel_buf_finish(&data);
        expect_refused(&file, GOXEL_ERROR_INVALID_DATA, "LAYR");
    }
    for (int i = 0; i < 3; i++) { /* a chunk, a key and a value that are not there */
        begin_file(&file, 2);
        goxel_buf_append(&file, "IMG ", 4);
        put_int(&file, i == 0 ? INT32_MAX : 8 + 3 * (i == 2));
        put_int(&file, i == 1 ? 100 : 3);
        if (i == 2)
            goxel_buf_puts(&file, "box");
        put_int(&file, i == 2 ? -64 : 0);
        put_int(&file, 0);
        expect_refused(&file, GOXEL_ERROR_INVALID_DATA, "IMG");
    }
    begin_file(&file, 2);
    goxel_buf_init(&data, 100);
    goxel_buf_puts(&data, "no image");
    put_chunk(&file, "BL16", &data);
    goxel_buf_finish(&data);
    expect_refused(&file, GOXEL_ERROR_INVALID_DATA, "BL16");
}

static void other_files_are_refused(void)
{
    static const char *const heads[] = {"", "GOX", "GOX \2", "GOX \3\0\0\0", "GOX \0\0\0\0", "VOX \2\0\0\0"};
    static const size_t lens[] = {0, 3, 5, 8, 8, 8};

    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        struct goxel_buf file;

        goxel_buf_init(&file, 100);
        goxel_buf_append(&file, heads[i], lens[i]);
        expect_refused(&file, GOXEL_ERROR_INVALID_DATA, NULL);
    }
}

static void numbers_that_are_none_are_refused(void)
{
    static const float bad[] = {NAN, INFINITY, -INFINITY};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        float box[16];
        struct goxel_buf file, data;

        memcpy(box, identity, sizeof(box));
        box[i * 5] = bad[i];
        begin_file(&file, 2);
        goxel_buf_init(&data, 1000);
        put_pair(&data, "box", box, sizeof(box));
        put_chunk(&file, "IMG ", &data);
        goxel_buf_finish(&data);
        expect_refused(&file, GOXEL_ERROR_INVALID_DATA, "IMG");
    }
}

static void blocks_askew_have_a_ceiling(void)
{
    enum { PLACES = 8193 };
    struct place *places = calloc(PLACES, sizeof(*places));
    struct goxel_buf file;

    for (int i = 0; i < PLACES; i++)
        places[i] = (struct place){0, 1 + i % 8 * 32, 0, 0};
    begin_file(&file, 2);
    put_brick(&file, red);
    put_layer(&file, places, PLACES, 0, 0);
    expect_refused(&file, GOXEL_ERROR_QUOTA, NULL);
    free(places);
}

static void layers_have_a_ceiling(void)
{
    struct goxel_buf file;

    begin_file(&file, 2);
    for (int i = 0; i <= GOXEL_LAYERS_MAX; i++)
        put_layer(&file, NULL, 0, 0, 0);
    expect_refused(&file, GOXEL_ERROR_QUOTA, NULL);
}

/* ---- damage ---- */

static struct goxel_buf small_file(void)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_material material = {.name = "m", .color = {1, 1, 1, 1}};
    struct goxel_camera camera = {.name = "c", .dist = 1};
    struct goxel_layer *layer = new_layer(project, "a"), *clone = new_layer(project, "b");
    struct goxel_buf file;

    goxel_volume_set_at(layer->volume, at(1, 2, 3), red);
    clone->base_id = layer->id;
    clone->mat[12] = 20;
    layer->material = 0;
    goxel_project_set_size(project, 4, 4, 4);
    goxel_project_add_material(project, &material);
    goxel_project_add_camera(project, &camera);
    project->scene->active_camera = 0;
    project->scene->has_light = true;
    write_project(project, NULL, &file);
    goxel_project_unref(project);
    return file;
}

/* Either an error with a place in the file, or a project. Returns whether it was read. */
static bool survives(const uint8_t *bytes, size_t len)
{
    uint8_t *copy = malloc(len ? len : 1); /* to its very end, for the sanitizers */
    struct goxel_project *project = NULL;
    struct goxel_detail detail;
    int result;

    memcpy(copy, bytes, len);
    result = read_as("gox", copy, len, NULL, NULL, &detail, &project);
    free(copy);
    CU_ASSERT_EQUAL(result == 0, project != NULL);
    if (result) {
        CU_ASSERT(result == GOXEL_ERROR_INVALID_DATA || result == GOXEL_ERROR_INVALID_COORDINATES);
        CU_ASSERT(detail.offset >= 0 && detail.offset <= (int64_t)len);
        return false;
    }
    goxel_project_unref(project);
    return true;
}

static void every_truncation_is_survived(void)
{
    struct goxel_buf file = small_file();
    int read = 0;

    CU_ASSERT(survives((const uint8_t *)file.data, file.len));
    for (size_t len = 0; len < file.len; len++)
        read += survives((const uint8_t *)file.data, len);
    /* Only between chunks: behind header, IMG, BL16, MATE, two LAYR, CAMR. */
    CU_ASSERT_EQUAL(read, 7);
    goxel_buf_finish(&file);
}

static void every_flipped_bit_is_survived(void)
{
    struct goxel_buf file = small_file();
    int read = 0;

    for (size_t bit = 0; bit < file.len * 8; bit++) {
        file.data[bit / 8] ^= (char)(1 << bit % 8);
        read += survives((const uint8_t *)file.data, file.len);
        file.data[bit / 8] ^= (char)(1 << bit % 8);
    }
    CU_ASSERT(read > 1000 && read < (int)file.len * 8); /* colours and names may change; lengths may not */
    goxel_buf_finish(&file);
}

static void put_own(struct goxel_buf *out, const char *key, const void *value, size_t len)
{
    struct goxel_buf data;

    goxel_buf_init(&data, 1 << 16);
    put_pair(&data, key, value, len);
    put_chunk(out, "GXDM", &data);
    goxel_buf_finish(&data);
}

static void strange_chunks_of_ours_are_refused_or_told(void)
{
    static const struct {
        const char *key, *value;
        size_t len;
        int code;
    } cases[] = {
        {"palette", "", 0, GOXEL_ERROR_INVALID_DATA},
        {"palette", "\0\0\0\0\1\0\0\0\1\0\0\0", 12, GOXEL_ERROR_INVALID_DATA},              /* no colour */
        {"palette", "\0\0\0\0\1\0\0\0\1\0\0\0rgba\1\0\0\0n", 21, GOXEL_ERROR_INVALID_DATA}, /* no end */
        {"palette", "\0\0\0\0\1\0\0\0\1\0\0\0rgba\2\0\0\0\xff\0", 22,
         GOXEL_ERROR_INVALID_DATA}, /* no UTF-8 */
        {"palette", "\0\0\0\0\1\0\0\0\1\0\0\0rgba\4\0\0\0n\0k\0", 24,
         GOXEL_ERROR_INVALID_DATA}, /* a key alone */
        {"palette", "\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", 12, 0},
        {"active", "\1\0", 2, GOXEL_ERROR_INVALID_DATA},
        {"active", "\7\0\0\0", 4, 0},
        {"layers", "\1\0\1\1\1\0", 6, 0},
        {"layers", "\377\1", 2, 0},
        {"unknown", "whatever", 8, 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        static const struct place nowhere = {0};
        struct goxel_project *project = NULL;
        struct goxel_buf file;

        begin_file(&file, 2);
        put_layer(&file, &nowhere, 0, 5, 0);
        put_own(&file, cases[i].key, cases[i].value, cases[i].len);
        CU_ASSERT_EQUAL(read_buf(&file, NULL, NULL, &project), cases[i].code);
        if (project) {
            CU_ASSERT_EQUAL(project->layer_count, 1);
            CU_ASSERT_EQUAL(project->layers[0]->mode, GOXEL_MODE_OVER);
            CU_ASSERT_EQUAL(project->scene->active_layer_id, 5);
        }
        goxel_project_unref(project);
        goxel_buf_finish(&file);
    }
}

/* ---- other programs' files ---- */

static void other_programs_files_load(void)
{
    static const struct {
        const char *name;
        int64_t voxels;
        size_t layers;
    } models[] = {{"rgb.gox", 99, 1}, {"chr_knight.gox", 1316, 0}};
    const char *folder = unit_models();

    if (!folder) {
        unit_skip("GOXEL_TEST_MODELS is not set");
        return;
    }
    for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
        struct goxel_project *project = NULL, *again;
        struct goxel_volume *picture = NULL;
        struct goxel_buf file;
        char path[4096];

        snprintf(path, sizeof(path), "%s/%s", folder, models[i].name);
        goxel_buf_init(&file, 1 << 24);
        CU_ASSERT_EQUAL_FATAL(goxel_file_read(AT_FDCWD, path, &file, NULL), 0);
        CU_ASSERT_EQUAL_FATAL(read_buf(&file, NULL, NULL, &project), 0);
        CU_ASSERT_EQUAL(goxel_project_flatten(project, NULL, &picture), 0);
        CU_ASSERT_EQUAL(goxel_volume_count(picture), models[i].voxels);
        CU_ASSERT_PTR_NOT_NULL(project->preview);
        again = written_and_read(project);
        CU_ASSERT(same_projects(project, again));
        goxel_volume_destroy(picture);
        goxel_project_unref(again);
        goxel_project_unref(project);
        goxel_buf_finish(&file);
    }
}

static const struct unit_test tests[] = {
    {"what Goxel has no word for is kept", what_goxel_has_no_word_for_is_kept},
    {"long layers are split and joined", long_layers_are_split_and_joined},
    {"strange chunks of ours are refused or told", strange_chunks_of_ours_are_refused_or_told},
    {"random projects survive", random_projects_survive},
    {"everything but voxels is kept too", everything_but_voxels_is_kept},
    {"the longest names survive", longest_names_survive},
    {"an empty project gets a layer", empty_project_gets_a_layer},
    {"the edges of the range survive", edges_of_the_range_survive},
    {"equal bricks are written once", equal_bricks_are_written_once},
    {"losses are told", losses_are_told},
    {"shapes have a ceiling", shapes_have_a_ceiling},
    {"a bare layer gets defaults", bare_layer_gets_defaults},
    {"version 1 gives centres", version_1_gives_centres},
    {"blocks askew replace what they cover", blocks_askew_replace_what_they_cover},
    {"a block placed often costs one", block_placed_often_costs_one},
    {"ids are made unique", ids_are_made_unique},
    {"strange texts become printable", strange_texts_become_printable},
    {"unknown things are skipped and told", unknown_things_are_skipped_and_told},
    {"false claims are refused", false_claims_are_refused},
    {"other files are refused", other_files_are_refused},
    {"numbers that are none are refused", numbers_that_are_none_are_refused},
    {"many bricks are read", many_bricks_are_read},
    {"blocks askew have a ceiling", blocks_askew_have_a_ceiling},
    {"layers have a ceiling", layers_have_a_ceiling},
    {"every truncation is survived", every_truncation_is_survived},
    {"every flipped bit is survived", every_flipped_bit_is_survived},
    {"other programs' files load", other_programs_files_load},
    {NULL, NULL},
};

const struct unit_suite suite_gox = {"gox", tests};
