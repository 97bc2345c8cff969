/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of meshes: what parsers that are not ours alone read back is what the voxels show. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "io.h"
#include "soup.h"
#include "unit.h"

/* ---- files ---- */

static bool read_obj(const char *bytes, size_t len, struct soup *ret_soup)
{
    (void)len;
    return soup_read_obj(bytes, ret_soup);
}

static const struct row {
    const char *name;
    bool (*read)(const char *bytes, size_t len, struct soup *ret_soup);
    bool y_up, alpha, layers,
        corner;        /* its defaults: Y is up, alpha is kept, an object a layer, moved to the corner */
    const char *quads; /* options for quads that keep colours, as they are in one place */
} rows[] = {
    {"obj", read_obj, true, false, true, false, "mesher=faces"},
    {"ply", soup_read_ply, false, true, false, false, "mesher=faces"},
    {"stl", soup_read_stl, false, false, false, false, "mesher=faces"},
    {"glb", soup_read_gltf, true, true, true, false, "mesher=faces"},
    {"gltf", soup_read_gltf, true, true, true, false, "mesher=faces"},
    {"3mf", soup_read_3mf, false, true, true, true, "mesher=faces origin=project"},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static long failing = -1; /* the allocation of the writer that fails */

/* With options such as "scale=2 axis=y". The bytes end with a NUL. */
static int write_options(const char *name, const char *options, const struct goxel_project *project,
                         struct goxel_warnings *warnings, struct goxel_buf *out)
{
    const struct goxel_format *format = goxel_format_named(name, GOXEL_FORMAT_OUT);
    struct goxel_format_options chosen;
    const struct goxel_export export = {
        .project = project, .name = "a castle", .options = &chosen, .warnings = warnings};
    char *copy = strdup(options), *left = copy, *option;
    int code = 0;

    goxel_format_options_init(&chosen, format);
    while (!code && (option = strsep(&left, " "))) {
        char *value = strchr(option, '=');

        if (!value)
            continue;
        *value++ = '\0';
        code = goxel_format_options_set(&chosen, GOXEL_FORMAT_OUT, option, value, NULL);
    }
    goxel_buf_init(out, GOXEL_FILE_MAX);
    free(copy);
    if (failing >= 0)
        unit_fail_allocation(failing);
    if (!code)
        code = goxel_format_write(format, &export, false, out);
    if (failing >= 0)
        unit_fail_allocation(-1);
    return code;
}

/* Written and read back; the soup is to be finished. */
static bool cook(const struct row *row, const char *options, const struct goxel_project *project,
                 struct soup *ret_soup)
{
    struct goxel_buf out;
    int code = write_options(row->name, options, project, NULL, &out);
    bool ok = code == 0 && row->read(out.data, out.len, ret_soup);

    if (!ok) {
        *ret_soup = (struct soup){0};
        printf("  %s %s: code %d\n", row->name, options, code);
    }
    goxel_buf_finish(&out);
    return ok;
}

/* ---- models ---- */

static const struct goxel_color palette[] = {
    {255, 0, 128, 255}, {1, 2, 3, 255}, {40, 90, 20, 200},
    {40, 90, 20, 90},   {0, 0, 0, 255}, {200, 100, 50, 128},
};

/* Every third place of a box, in colours of all kinds, about a corner of bricks. */
static void fill_at_random(struct goxel_volume *volume, unsigned seed, int first_colors, int size)
{
    for (int i = 0; i < size * size * size; i++) {
        seed = seed * 1103515245 + 12345;
        if (seed >> 16 & 1)
            goxel_volume_set_at(volume,
                                (struct goxel_pos){i % size - 3, i / size % size - 5, i / size / size + 12},
                                palette[(seed >> 20) % (unsigned)first_colors]);
    }
    goxel_volume_seal(volume);
}

static struct goxel_project *make_project(unsigned seed, int colors, int size, struct goxel_layer **ret_layer)
{
    struct goxel_project *project = goxel_project_create("p");

    goxel_project_add_layer(project, "one", -1, ret_layer, NULL);
    fill_at_random((*ret_layer)->volume, seed, colors, size);
    return project;
}

/* ---- what all of them do ---- */

/* A project whose voxels are all kinds of colours, by the meshers that put faces where voxels have theirs. */
static void what_is_seen_is_there(void)
{
    static const char *const meshers[] = {"faces", "greedy"};
    struct goxel_layer *layer;
    struct goxel_project *project = make_project(7, 6, 9, &layer);

    for (size_t i = 0; i < ROWS * 2; i++) {
        const struct row *row = &rows[i / 2];
        struct soup_check check = {
            .y_up = row->y_up, .alpha_min = row->alpha ? 0 : 127, .colors = true, .alpha = row->alpha};
        char options[100];
        struct soup soup;

        snprintf(options, sizeof(options), "%s mesher=%s", row->quads, meshers[i % 2]);
        check.colors = strcmp(row->name, "stl") != 0;
        CU_ASSERT_FATAL(cook(row, options, project, &soup));
        CU_ASSERT(soup_matches(&soup, layer->volume, &check));
        CU_ASSERT_EQUAL(soup.has_colors, check.colors);
        CU_ASSERT_EQUAL(soup.objects, row->layers ? 1 : 0);
        soup_finish(&soup);
    }
    goxel_project_unref(project);
}

/* Closed, around as much as there are voxels, and in the colours of the voxels where triangles have one. */
static void closed_surfaces_are_closed(void)
{
    struct goxel_layer *layer;
    struct goxel_project *project = make_project(11, 2, 9, &layer);

    for (size_t i = 0; i < ROWS; i++) {
        bool by_triangle = strcmp(rows[i].name, "3mf") == 0 || strcmp(rows[i].name, "obj") == 0;
        struct soup_check check = {.y_up = rows[i].y_up, .colors = by_triangle};
        char options[100];
        struct soup soup;

        snprintf(options, sizeof(options), "mesher=manifold origin=project%s",
                 strcmp(rows[i].name, "obj") == 0 ? " colors=material" : "");
        CU_ASSERT_FATAL(cook(&rows[i], options, project, &soup));
        CU_ASSERT(soup_closed(&soup));
        CU_ASSERT_DOUBLE_EQUAL(soup_volume(&soup), (double)goxel_volume_count(layer->volume), 1e-6);
        CU_ASSERT(soup_matches(&soup, layer->volume, &check));
        soup_finish(&soup);

        snprintf(options, sizeof(options), "mesher=smooth origin=project");
        CU_ASSERT_FATAL(cook(&rows[i], options, project, &soup));
        CU_ASSERT(soup_closed(&soup));
        CU_ASSERT(soup_volume(&soup) > 0);
        soup_finish(&soup);
    }
    goxel_project_unref(project);
}

static void defaults_are_the_format_s(void)
{
    struct goxel_layer *layer;
    struct goxel_project *project = make_project(3, 2, 9, &layer);
    struct goxel_box box;

    goxel_volume_bounds(layer->volume, &box);
    for (size_t i = 0; i < ROWS; i++) {
        double min[3], max[3];
        struct soup soup;

        CU_ASSERT_FATAL(cook(&rows[i], "", project, &soup));
        soup_bounds(&soup, min, max);
        CU_ASSERT_EQUAL(min[0], rows[i].corner ? 0 : box.min.x);
        CU_ASSERT_EQUAL(min[rows[i].y_up ? 1 : 2], rows[i].corner ? 0 : box.min.z);
        CU_ASSERT_EQUAL(max[0] - min[0], box.max.x + 1 - box.min.x);
        if (rows[i].y_up)
            CU_ASSERT_EQUAL(min[2], -(box.max.y + 1));
        CU_ASSERT_FALSE(soup.has_normals && strcmp(rows[i].name, "stl") != 0);
        if (strcmp(rows[i].name, "stl") == 0 || strcmp(rows[i].name, "3mf") == 0)
            CU_ASSERT(soup_closed(&soup));
        soup_finish(&soup);
    }
    goxel_project_unref(project);
}

static void places_are_as_asked_for(void)
{
    static const struct {
        const char *options;
        double min[3], max[3]; /* z up; of the box 2 × 3 × 4 from (-7, 5, 16) */
    } cases[] = {
        {"origin=project", {-7, 5, 16}, {-5, 8, 20}},
        {"origin=corner", {0, 0, 0}, {2, 3, 4}},
        {"origin=center", {-1, -1.5, -2}, {1, 1.5, 2}},
        {"origin=corner scale=0.1", {0, 0, 0}, {0.2, 0.3, 0.4}},
        {"origin=project scale=2.5", {-17.5, 12.5, 40}, {-12.5, 20, 50}},
        {"origin=center scale=1e-06", {-1e-6, -1.5e-6, -2e-6}, {1e-6, 1.5e-6, 2e-6}},
    };
    struct goxel_project *project = goxel_project_create("p");
    const struct goxel_box box = {{-7, 5, 16}, {-6, 7, 19}};
    struct goxel_layer *layer;

    goxel_project_add_layer(project, NULL, -1, &layer, NULL);
    goxel_volume_fill(layer->volume, &box, palette[0], NULL);
    for (size_t i = 0; i < ROWS * sizeof(cases) / sizeof(cases[0]) * 2; i++) {
        const struct row *row = &rows[i / 2 % ROWS];
        size_t c = i / 2 / ROWS;
        double min[3], max[3];
        char options[100];
        struct soup soup;

        snprintf(options, sizeof(options), "%s axis=%c", cases[c].options, i % 2 ? 'y' : 'z');
        CU_ASSERT_FATAL(cook(row, options, project, &soup));
        soup_bounds(&soup, min, max);
        for (int k = 0; k < 3; k++) {
            int from = i % 2 && k ? 3 - k : k; /* y up: x, z, -y */
            double least = i % 2 && k == 2 ? -cases[c].max[1] : cases[c].min[from],
                   most = i % 2 && k == 2 ? -cases[c].min[1] : cases[c].max[from];

            CU_ASSERT_EQUAL((float)min[k], (float)least);
            CU_ASSERT_EQUAL((float)max[k], (float)most);
        }
        CU_ASSERT(soup_closed(&soup) && soup_volume(&soup) > 0);
        soup_finish(&soup);
    }
    goxel_project_unref(project);
}

static void alpha_is_kept_or_cut(void)
{
    struct goxel_layer *layer;
    struct goxel_project *project = make_project(5, 6, 8, &layer);

    for (size_t i = 0; i < ROWS * 3; i++) {
        const struct row *row = &rows[i / 3];
        int alpha_min = (const int[]){0, 100, 255}[i % 3];
        struct soup_check check = {
            .y_up = row->y_up, .alpha_min = alpha_min, .colors = row->alpha, .alpha = row->alpha};
        struct goxel_warnings warnings = {0};
        struct goxel_buf out;
        char options[100];
        struct soup soup;

        snprintf(options, sizeof(options), "%s alpha_min=%d", row->quads, alpha_min);
        CU_ASSERT_FATAL(cook(row, options, project, &soup));
        if (alpha_min) /* what is left is opaque */
            check.alpha = false;
        CU_ASSERT(soup_matches(&soup, layer->volume, &check));
        soup_finish(&soup);
        CU_ASSERT_EQUAL(write_options(row->name, options, project, &warnings, &out), 0);
        CU_ASSERT_EQUAL(warnings.count > 0 &&
                            strcmp(warnings.rows[0].what, "translucent voxels dropped") == 0,
                        alpha_min != 0);
        goxel_buf_finish(&out);
    }
    goxel_project_unref(project);
}

static void normals_are_the_faces(void)
{
    static const struct row *const with[] = {&rows[0], &rows[1], &rows[3], &rows[4]};
    struct goxel_layer *layer;
    struct goxel_project *project = make_project(9, 2, 8, &layer);

    for (size_t i = 0; i < 8; i++) {
        const struct row *row = with[i / 2];
        const char *options = i % 2 ? "mesher=smooth normals=true" : "mesher=greedy normals=true";
        const struct soup_check check = {.y_up = row->y_up, .colors = true};
        struct soup soup;

        CU_ASSERT_FATAL(cook(row, options, project, &soup));
        CU_ASSERT(soup.has_normals);
        CU_ASSERT(i % 2 || soup_matches(&soup, layer->volume, &check));
        for (size_t k = 0; k < soup.count * 3; k++) {
            const double *n = soup.triangles[k / 3].normals[k % 3];

            CU_ASSERT_DOUBLE_EQUAL(n[0] * n[0] + n[1] * n[1] + n[2] * n[2], 1, 1e-5);
        }
        soup_finish(&soup);
    }
    goxel_project_unref(project);
}

static void colors_may_be_left_out(void)
{
    static const struct {
        const struct row *row;
        const char *options;
        bool colors;
    } cases[] = {
        {&rows[0], "colors=none", false},
        {&rows[0], "colors=material", true},
        {&rows[1], "colors=false", false},
        {&rows[1], "encoding=ascii", true},
        {&rows[2], "colors=true", true},
        {&rows[3], "colors=false", false},
        {&rows[4], "colors=false", false},
        {&rows[5], "colors=false", false},
        {&rows[1], "encoding=ascii normals=true colors=false", false},
    };
    struct goxel_layer *layer;
    struct goxel_project *project = make_project(13, 2, 8, &layer);

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct soup_check check = {.y_up = cases[i].row->y_up, .colors = cases[i].colors};
        char options[100];
        struct soup soup;

        snprintf(options, sizeof(options), "%s %s", cases[i].row->quads, cases[i].options);
        CU_ASSERT_FATAL(cook(cases[i].row, options, project, &soup));
        CU_ASSERT_EQUAL(soup.has_colors, cases[i].colors);
        if (cases[i].row == &rows[2]) { /* 5 bits a channel: 255 0 128 and 1 2 3 */
            for (size_t k = 0; k < soup.count; k++) {
                struct goxel_color color = soup.triangles[k].color[0];

                CU_ASSERT((color.r == 248 && color.g == 0 && color.b == 128) ||
                          (color.r | color.g | color.b) == 0);
            }
            check.colors = false;
        }
        CU_ASSERT(soup_matches(&soup, layer->volume, &check));
        soup_finish(&soup);
    }
    goxel_project_unref(project);
}

/* ---- layers ---- */

/* An object a layer that shows something; or all that is shown, as one. */
/* Warnings that a row has of any project of several coloured layers. */
static size_t always_lost(size_t row)
{
    return (size_t)!rows[row].layers + (strcmp(rows[row].name, "stl") == 0);
}

static void layers_are_objects(void)
{
    static const char *const names[] = {"<walls> & \"gates\"", "Mauern – стены – 壁 🏰", "back\\slash #1",
                                        "hidden", "empty"};
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_layer *layers[5];

    for (int i = 0; i < 5; i++) {
        const struct goxel_box box = {{20 * i, 0, 0}, {20 * i + i, 1, 2}};

        goxel_project_add_layer(project, names[i], -1, &layers[i], NULL);
        if (i < 4)
            goxel_volume_fill(layers[i]->volume, &box, palette[i % 2], NULL);
    }
    layers[3]->visible = false;
    for (size_t i = 0; i < ROWS; i++) {
        struct goxel_warnings warnings = {0};
        struct goxel_buf out;
        struct soup soup;

        CU_ASSERT_FATAL(cook(&rows[i], rows[i].quads, project, &soup));
        CU_ASSERT_EQUAL(soup.objects, rows[i].layers ? 3 : 0);
        for (size_t k = 0; k < soup.objects; k++) {
            const struct soup_check check = {.y_up = rows[i].y_up, .colors = true, .object = k};
            const char *wanted = k == 2 && i == 0 ? "back_slash #1" : names[k];

            CU_ASSERT_STRING_EQUAL(soup.names[k], wanted);
            CU_ASSERT(soup_matches(&soup, layers[k]->volume, &check));
        }
        soup_finish(&soup);
        CU_ASSERT_EQUAL(write_options(rows[i].name, "", project, &warnings, &out), 0);
        CU_ASSERT_EQUAL(warnings.count, 1 + always_lost(i));
        CU_ASSERT_STRING_EQUAL(warnings.rows[0].what, "hidden layers left out");
        goxel_buf_finish(&out);

        if (!rows[i].layers)
            continue;
        CU_ASSERT_FATAL(cook(&rows[i], "by_layer=false", project, &soup));
        CU_ASSERT_EQUAL(soup.objects, 1);
        CU_ASSERT_STRING_EQUAL(soup.names[0], "a castle");
        soup_finish(&soup);
    }
    goxel_project_unref(project);
}

static void a_layer_that_cuts_is_drawn(void)
{
    struct goxel_project *project = goxel_project_create("p");
    const struct goxel_box whole = {{0, 0, 0}, {3, 3, 3}}, hole = {{1, 1, 1}, {2, 2, 3}};
    struct goxel_layer *below, *above;
    struct goxel_volume *picture;

    goxel_project_add_layer(project, "below", -1, &below, NULL);
    goxel_project_add_layer(project, "above", -1, &above, NULL);
    goxel_volume_fill(below->volume, &whole, palette[0], NULL);
    goxel_volume_fill(above->volume, &hole, palette[4], NULL);
    above->mode = GOXEL_MODE_SUB;
    CU_ASSERT_EQUAL_FATAL(goxel_project_flatten(project, NULL, &picture), 0);
    CU_ASSERT_EQUAL(goxel_volume_count(picture), 64 - 12);
    for (size_t i = 0; i < ROWS; i++) {
        const struct soup_check check = {.y_up = rows[i].y_up};
        struct goxel_warnings warnings = {0};
        struct goxel_buf out;
        struct soup soup;

        CU_ASSERT_FATAL(cook(&rows[i], rows[i].quads, project, &soup));
        CU_ASSERT(soup_matches(&soup, picture, &check));
        soup_finish(&soup);
        CU_ASSERT_EQUAL(write_options(rows[i].name, "", project, &warnings, &out), 0);
        CU_ASSERT_EQUAL(warnings.count, rows[i].layers ? 1 : always_lost(i));
        goxel_buf_finish(&out);
    }
    goxel_volume_destroy(picture);
    goxel_project_unref(project);
}

static void clones_and_shapes_are_drawn(void)
{
    struct goxel_project *project = goxel_project_create("p");
    const struct goxel_box box = {{0, 0, 0}, {1, 2, 3}};
    struct goxel_layer *base, *clone, *shape, *strange;

    goxel_project_add_layer(project, "base", -1, &base, NULL);
    goxel_project_add_layer(project, "clone", -1, &clone, NULL);
    goxel_project_add_layer(project, "shape", -1, &shape, NULL);
    goxel_project_add_layer(project, "strange", -1, &strange, NULL);
    goxel_volume_fill(base->volume, &box, palette[0], NULL);
    clone->base_id = base->id;
    clone->mat[12] = 20;
    memcpy(shape->shape, "cube", 5);
    shape->color = palette[4];
    shape->mat[0] = shape->mat[5] = shape->mat[10] = 2;
    shape->mat[13] = 30;
    memcpy(strange->shape, "torus", 6);
    for (size_t i = 0; i < ROWS; i++) {
        struct goxel_warnings warnings = {0};
        struct goxel_buf out;
        struct soup soup;
        double min[3], max[3];

        CU_ASSERT_FATAL(cook(&rows[i], rows[i].quads, project, &soup));
        CU_ASSERT_EQUAL(soup.objects, rows[i].layers ? 3 : 0);
        CU_ASSERT_DOUBLE_EQUAL(soup_volume(&soup), 24 + 24 + 64, 1e-6);
        soup_bounds(&soup, min, max);
        CU_ASSERT_EQUAL(max[0], 22);
        CU_ASSERT_EQUAL(rows[i].y_up ? -min[2] : max[1], 32);
        soup_finish(&soup);
        CU_ASSERT_EQUAL(write_options(rows[i].name, "", project, &warnings, &out), 0);
        CU_ASSERT_EQUAL_FATAL(warnings.count, 1 + always_lost(i));
        CU_ASSERT_STRING_EQUAL(warnings.rows[0].what, "clone and shape layers not drawn");
        CU_ASSERT_EQUAL(warnings.rows[0].count, 1);
        goxel_buf_finish(&out);
    }
    goxel_project_unref(project);
}

static void a_thousand_layers_are_objects(void)
{
    struct goxel_project *project = goxel_project_create("p");

    for (int i = 0; i < 1000; i++) {
        struct goxel_layer *layer;

        CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, NULL, -1, &layer, NULL), 0);
        goxel_volume_set_at(layer->volume, (struct goxel_pos){2 * i - 1000, 0, 0}, palette[i % 2]);
    }
    for (size_t i = 0; i < ROWS; i++) {
        double min[3], max[3];
        struct soup soup;

        CU_ASSERT_FATAL(cook(&rows[i], "origin=project", project, &soup));
        CU_ASSERT_EQUAL(soup.objects, rows[i].layers ? 1000 : 0);
        CU_ASSERT_DOUBLE_EQUAL(soup_volume(&soup), 1000, 1e-6);
        soup_bounds(&soup, min, max);
        CU_ASSERT_EQUAL(min[0], -1000);
        CU_ASSERT_EQUAL(max[0], 999);
        soup_finish(&soup);
    }
    goxel_project_unref(project);
}

static void nothing_is_a_file_too(void)
{
    struct goxel_project *project = goxel_project_create("p");

    for (int layers = 0; layers < 2; layers++) {
        for (size_t i = 0; i < ROWS; i++) {
            struct soup soup;

            CU_ASSERT_FATAL(cook(&rows[i], "origin=center", project, &soup));
            CU_ASSERT_EQUAL(soup.count, 0);
            CU_ASSERT_EQUAL(soup.vertices, 0);
            soup_finish(&soup);
        }
        goxel_project_add_layer(project, NULL, -1, &(struct goxel_layer *){NULL}, NULL);
    }
    goxel_project_unref(project);
}

static void the_ends_of_the_range_are_places(void)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_layer *layer;

    goxel_project_add_layer(project, NULL, -1, &layer, NULL);
    goxel_volume_set_at(layer->volume, (struct goxel_pos){GOXEL_COORD_MIN, GOXEL_COORD_MIN, GOXEL_COORD_MIN},
                        palette[0]);
    goxel_volume_set_at(layer->volume, (struct goxel_pos){GOXEL_COORD_MAX, GOXEL_COORD_MAX, GOXEL_COORD_MAX},
                        palette[1]);
    for (size_t i = 0; i < ROWS; i++) {
        double min[3], max[3];
        struct soup soup;

        CU_ASSERT_FATAL(cook(&rows[i], "origin=project axis=z", project, &soup));
        soup_bounds(&soup, min, max);
        for (int k = 0; k < 3; k++) {
            CU_ASSERT_EQUAL(min[k], GOXEL_COORD_MIN);
            CU_ASSERT_EQUAL(max[k], GOXEL_COORD_MAX + 1);
        }
        soup_finish(&soup);
    }
    goxel_project_unref(project);
}

/* ---- the same bytes ---- */

static int keep(void *ctx, const void *bytes, size_t len)
{
    return goxel_buf_append(ctx, bytes, len);
}

/* Twice the same, and through a drain, which gets it before it is large. */
static void bytes_are_the_same_and_stream(void)
{
    struct goxel_layer *layer;
    struct goxel_project *project = make_project(17, 6, 40, &layer);

    for (size_t i = 0; i < ROWS; i++) {
        const struct goxel_format *format = goxel_format_named(rows[i].name, GOXEL_FORMAT_OUT);
        struct goxel_export export = {.project = project, .name = "a castle"};
        struct goxel_buf once, out, kept;

        CU_ASSERT_EQUAL_FATAL(write_options(rows[i].name, "", project, NULL, &once), 0);
        goxel_buf_init(&out, GOXEL_FILE_MAX);
        goxel_buf_init(&kept, GOXEL_FILE_MAX);
        goxel_buf_set_drain(&out, keep, &kept);
        CU_ASSERT_EQUAL_FATAL(goxel_format_write(format, &export, false, &out), 0);
        CU_ASSERT(out.drained > 0 || once.len < GOXEL_BUF_DRAIN);
        CU_ASSERT(out.capacity <= (size_t)8 << 20);
        CU_ASSERT_EQUAL(goxel_buf_drain(&out), 0);
        CU_ASSERT_EQUAL_FATAL(kept.len, once.len);
        CU_ASSERT(memcmp(kept.data, once.data, once.len) == 0);
        goxel_buf_finish(&out);
        goxel_buf_finish(&kept);
        goxel_buf_finish(&once);
    }
    goxel_project_unref(project);
}

static void the_ceiling_holds_everywhere(void)
{
    struct goxel_layer *layer;
    struct goxel_project *project = make_project(19, 6, 4, &layer);

    for (size_t i = 0; i < ROWS; i++) {
        struct goxel_buf once, out;

        CU_ASSERT_EQUAL_FATAL(write_options(rows[i].name, "", project, NULL, &once), 0);
        for (size_t ceiling = 0; ceiling < once.len; ceiling += 1 + once.len / 97) {
            goxel_buf_init(&out, ceiling);
            CU_ASSERT_EQUAL(write_as(rows[i].name, project, NULL, NULL, NULL, &out),
                            GOXEL_ERROR_MESSAGE_SIZE);
            goxel_buf_finish(&out);
        }
        goxel_buf_finish(&once);
    }
    goxel_project_unref(project);
}

/* Of what has layers, translucent voxels and all options: each allocation fails in turn. */
static void failed_allocations_leave_nothing(void)
{
    static const char *const options[] = {"mesher=greedy", "mesher=smooth"};
    struct goxel_layer *layer;
    struct goxel_project *project = make_project(23, 6, 4, &layer);

    goxel_project_add_layer(project, NULL, -1, &layer, NULL);
    fill_at_random(layer->volume, 29, 6, 4);
    if (unit_fail_allocation(-1) < 0) {
        goxel_project_unref(project);
        unit_skip("allocations cannot be made to fail");
        return;
    }
    for (size_t i = 0; i < ROWS * 2; i++) {
        int code = GOXEL_ERROR_OUT_OF_MEMORY;
        struct goxel_buf out;
        char all[100];

        for (failing = 0; code && failing < 10000; failing++) {
            snprintf(all, sizeof(all), "%s%s", options[i % 2], i < 2 ? " colors=material" : "");
            code = write_options(rows[i / 2].name, all, project, NULL, &out);
            CU_ASSERT(code == 0 || code == GOXEL_ERROR_OUT_OF_MEMORY);
            goxel_buf_finish(&out);
        }
        CU_ASSERT_EQUAL(code, 0);
        CU_ASSERT(failing > 5);
        failing = -1;
    }
    goxel_project_unref(project);
}

/* ---- what is one format's ---- */

static void materials_are_listed(void)
{
    struct goxel_layer *layer;
    struct goxel_project *project = make_project(31, 6, 8, &layer);
    struct goxel_buf obj, mtl;
    size_t runs = 0;

    CU_ASSERT_EQUAL_FATAL(write_options("obj", "colors=material alpha_min=0", project, NULL, &obj), 0);
    CU_ASSERT_EQUAL_FATAL(write_options("mtl", "alpha_min=0", project, NULL, &mtl), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(obj.data, "mtllib a castle.mtl\n"));
    for (const char *at = obj.data; (at = strstr(at, "usemtl ")); at++)
        runs++;
    CU_ASSERT_EQUAL(runs, sizeof(palette) / sizeof(palette[0])); /* one of each: they are sorted */
    CU_ASSERT_PTR_NOT_NULL(strstr(mtl.data, "newmtl ff0080ff\nKd 1 0 0.502\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(mtl.data, "newmtl 285a14c8\nKd 0.157 0.353 0.079\nd 0.785\n"));
    for (size_t i = 0; i < sizeof(palette) / sizeof(palette[0]); i++) {
        struct goxel_color c = palette[i];
        char line[32];

        snprintf(line, sizeof(line), "usemtl %02x%02x%02x%02x\n", c.r, c.g, c.b, c.a);
        CU_ASSERT_PTR_NOT_NULL(strstr(obj.data, line));
        memcpy(line, "newmtl", 6);
        CU_ASSERT_PTR_NOT_NULL(strstr(mtl.data, line));
    }
    goxel_buf_finish(&mtl);
    goxel_buf_finish(&obj);
    goxel_project_unref(project);
}

/* A file's name may have an end of a line in it; a line of the file may not. */
static void a_reference_is_one_line(void)
{
    struct goxel_layer *layer;
    struct goxel_project *project = make_project(31, 6, 8, &layer);
    struct goxel_warnings warnings = {.count = 0};
    struct goxel_format_options options;
    const struct goxel_format *format = goxel_format_named("obj", GOXEL_FORMAT_OUT);
    const struct goxel_export export = {
        .project = project, .name = "a\nv 1 2 3", .options = &options, .warnings = &warnings};
    struct goxel_buf obj;

    goxel_format_options_init(&options, format);
    CU_ASSERT_EQUAL(goxel_format_options_set(&options, GOXEL_FORMAT_OUT, "colors", "material", NULL), 0);
    goxel_buf_init(&obj, GOXEL_FILE_MAX);
    CU_ASSERT_EQUAL_FATAL(goxel_format_write(format, &export, false, &obj), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(obj.data, "mtllib a_v 1 2 3.mtl\n"));
    CU_ASSERT_STRING_EQUAL(warnings.rows[warnings.count - 1].what,
                           "control characters in the name of the .mtl not written");
    goxel_buf_finish(&obj);
    goxel_project_unref(project);
}

/* Where voxels keep their alpha and their colours do not, that is told. */
static void what_is_lost_of_a_surface_is_told(void)
{
    static const struct {
        const char *format, *options, *what;
        int64_t told;
    } cases[] = {
        {"stl", "colors=true mesher=faces", "colours of faces reduced to 5 bits a channel", 6},
        {"stl", "colors=false mesher=faces", "colours of faces reduced to 5 bits a channel", 0},
        {"3mf", "mesher=faces", "objects that are not closed: printers want mesher=manifold", 1},
        {"3mf", "mesher=greedy", "objects that are not closed: printers want mesher=manifold", 1},
        {"3mf", "mesher=smooth", "objects that are not closed: printers want mesher=manifold", 0},
        {"3mf", "mesher=manifold", "objects that are not closed: printers want mesher=manifold", 0},
    };
    struct goxel_project *project = goxel_project_create("");
    struct goxel_layer *layer = NULL;

    /* The first has a colour that five bits stand for, the second none. */
    CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, NULL, -1, &layer, NULL), 0);
    goxel_volume_set_at(layer->volume, (struct goxel_pos){0, 0, 0}, (struct goxel_color){255, 0, 132, 255});
    goxel_volume_set_at(layer->volume, (struct goxel_pos){4, 0, 0}, (struct goxel_color){255, 0, 133, 255});
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct goxel_warnings warnings = {.count = 0};
        struct goxel_buf out;
        int64_t told = 0;

        CU_ASSERT_EQUAL_FATAL(write_options(cases[i].format, cases[i].options, project, &warnings, &out), 0);
        for (size_t k = 0; k < warnings.count; k++)
            told += strcmp(warnings.rows[k].what, cases[i].what) == 0 ? warnings.rows[k].count : 0;
        CU_ASSERT_EQUAL(told, cases[i].told);
        goxel_buf_finish(&out);
    }
    goxel_project_unref(project);
}

static void lost_alpha_is_told(void)
{
    static const struct {
        const char *format, *options;
        int64_t told; /* voxels */
    } cases[] = {
        {"obj", "alpha_min=0", 1},
        {"obj", "alpha_min=0 colors=material", 0},
        {"stl", "alpha_min=0 colors=true", 1},
        {"ply", "alpha_min=0", 0},
        {"obj", "alpha_min=127", 1},
    };
    struct goxel_project *project = goxel_project_create("");
    struct goxel_layer *layer = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, NULL, -1, &layer, NULL), 0);
    for (int x = 0; x < 3; x++)
        CU_ASSERT_EQUAL(goxel_volume_set_at(layer->volume, (struct goxel_pos){2 * x, 0, 0},
                                            (struct goxel_color){255, 0, 0, x ? 255 : 200}),
                        0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct goxel_warnings warnings = {.count = 0};
        struct goxel_buf out;

        CU_ASSERT_EQUAL_FATAL(write_options(cases[i].format, cases[i].options, project, &warnings, &out), 0);
        CU_ASSERT_EQUAL(warnings.count, cases[i].told ? 1 : 0);
        if (cases[i].told && warnings.count)
            CU_ASSERT_EQUAL(warnings.rows[0].count, cases[i].told);
        goxel_buf_finish(&out);
    }
    goxel_project_unref(project);
}

static void translucent_triangles_are_blended(void)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_material glass = {.name = "glass",
                                   .color = {1, 0.5f, 0, 0.25f},
                                   .metallic = 2,
                                   .roughness = 0.5f,
                                   .emission = {NAN, 1, -1}};
    struct goxel_layer *layer;
    struct goxel_buf out;
    struct soup soup;
    size_t blended = 0;

    goxel_project_add_layer(project, "one", -1, &layer, NULL);
    goxel_volume_set_at(layer->volume, (struct goxel_pos){0, 0, 0}, palette[0]);
    goxel_volume_set_at(layer->volume, (struct goxel_pos){1, 0, 0}, palette[2]);
    CU_ASSERT_FATAL(cook(&rows[3], "", project, &soup));
    for (size_t i = 0; i < soup.count; i++) {
        CU_ASSERT_EQUAL(soup.triangles[i].blend, soup.triangles[i].color[0].a < 255);
        blended += soup.triangles[i].blend;
    }
    CU_ASSERT_EQUAL(soup.count, 6 * 2 + 5 * 2);
    CU_ASSERT_EQUAL(blended, 5 * 2);
    soup_finish(&soup);

    goxel_project_add_material(project, &glass);
    layer->material = 0;
    CU_ASSERT_EQUAL_FATAL(write_options("gltf", "", project, NULL, &out), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(
        out.data,
        "\"name\":\"glass\",\"pbrMetallicRoughness\":{\"baseColorFactor\":[1,0.21404114048223255,0,0.25],"
        "\"metallicFactor\":1,\"roughnessFactor\":0.5},\"emissiveFactor\":[0,1,0],\"alphaMode\":\"BLEND\""));
    goxel_buf_finish(&out);
    goxel_project_unref(project);
}

/* Above 65,535 vertices there are two primitives, or indices of 32 bits where vertices are shared all over; below, neither. */
static void indices_are_as_short_as_can_be(void)
{
    static const struct {
        const char *options;
        bool one_less, longer;
        int primitives;
    } cases[] = {
        {"mesher=faces", false, false, 2},
        {"mesher=faces", true, false, 1},
        {"mesher=manifold", false, true, 1},
        {"mesher=manifold", true, false, 1},
    };
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_layer *layer;

    goxel_project_add_layer(project, NULL, -1, &layer, NULL);
    for (int i = 0; i < 65536 / 8; i++)
        goxel_volume_set_at(layer->volume, (struct goxel_pos){i % 128 * 2, i / 128 * 2, 0}, palette[0]);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct soup_check check = {.y_up = true, .colors = true};
        int primitives = 0;
        struct goxel_buf out;
        struct soup soup;

        goxel_volume_set_at(layer->volume, (struct goxel_pos){0, 0, 0},
                            cases[i].one_less ? (struct goxel_color){0} : palette[0]);
        CU_ASSERT_EQUAL_FATAL(write_options("gltf", cases[i].options, project, NULL, &out), 0);
        CU_ASSERT_EQUAL(strstr(out.data, "\"componentType\":5125") != NULL, cases[i].longer);
        for (const char *at = out.data; (at = strstr(at, "\"indices\":")); at++)
            primitives++;
        CU_ASSERT_EQUAL(primitives, cases[i].primitives);
        CU_ASSERT_FATAL(soup_read_gltf(out.data, out.len, &soup));
        CU_ASSERT_EQUAL(soup.count, (cases[i].one_less ? 8191 : 8192) * 12);
        CU_ASSERT_EQUAL(soup.vertices, (cases[i].one_less ? 8191 : 8192) * 8);
        CU_ASSERT(soup_matches(&soup, layer->volume, &check));
        soup_finish(&soup);
        goxel_buf_finish(&out);
    }
    goxel_project_unref(project);
}

/* Chunks of opaque and translucent faces, mixed. */
static void many_vertices_are_cut(void)
{
    const struct soup_check check = {.y_up = true, .colors = true, .alpha = true};
    struct goxel_layer *layer;
    struct goxel_project *project = make_project(41, 6, 45, &layer);
    struct soup soup;

    CU_ASSERT_FATAL(cook(&rows[3], "normals=true", project, &soup));
    CU_ASSERT(soup.vertices > 3 * 65535);
    CU_ASSERT(soup_matches(&soup, layer->volume, &check));
    soup_finish(&soup);
    goxel_project_unref(project);
}

/* Every byte of a channel, as text and as 16 bits. */
static void every_channel_comes_back(void)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_layer *layer;

    goxel_project_add_layer(project, NULL, -1, &layer, NULL);
    for (int i = 0; i < 256; i++)
        goxel_volume_set_at(layer->volume, (struct goxel_pos){i, 0, 0},
                            (struct goxel_color){(uint8_t)i, (uint8_t)(255 - i), (uint8_t)(i * 7), 255});
    for (size_t i = 0; i < ROWS; i++) {
        const struct soup_check check = {
            .y_up = rows[i].y_up, .colors = true, .alpha_min = rows[i].alpha ? 0 : 127};
        struct soup soup;

        if (strcmp(rows[i].name, "stl") == 0)
            continue;
        CU_ASSERT_FATAL(cook(&rows[i], rows[i].quads, project, &soup));
        CU_ASSERT(soup_matches(&soup, layer->volume, &check));
        soup_finish(&soup);
    }
    goxel_project_unref(project);
}

static void the_package_of_3mf_is_whole(void)
{
    struct goxel_layer *layer;
    struct goxel_project *project = make_project(37, 6, 8, &layer);
    struct goxel_buf out, large;
    char *text;

    goxel_project_add_layer(project, "two", -1, &layer, NULL);
    goxel_volume_set_at(layer->volume, (struct goxel_pos){50, 0, 0}, palette[0]);
    CU_ASSERT_EQUAL_FATAL(write_options("3mf", "unit=inch level=9", project, NULL, &out), 0);
    text = soup_unzip(out.data, out.len, "[Content_Types].xml");
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "Extension=\"model\""));
    free(text);
    text = soup_unzip(out.data, out.len, "_rels/.rels");
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "Target=\"/3D/3dmodel.model\""));
    free(text);
    text = soup_unzip(out.data, out.len, "3D/3dmodel.model");
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "<model unit=\"inch\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "<component objectid=\"3\"/>\n   </components>"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "<build>\n  <item objectid=\"4\"/>\n </build>"));
    free(text);
    CU_ASSERT_EQUAL_FATAL(write_options("3mf", "unit=inch level=0", project, NULL, &large), 0);
    CU_ASSERT(large.len > 2 * out.len);
    goxel_buf_finish(&large);
    goxel_buf_finish(&out);
    goxel_project_unref(project);
}

static const struct unit_test tests[] = {
    {"what is seen is there, and nothing else", what_is_seen_is_there},
    {"closed surfaces are closed, around all voxels", closed_surfaces_are_closed},
    {"defaults are the format's", defaults_are_the_format_s},
    {"places are as asked for", places_are_as_asked_for},
    {"alpha is kept or cut", alpha_is_kept_or_cut},
    {"normals are the faces'", normals_are_the_faces},
    {"colours may be left out, or be materials", colors_may_be_left_out},
    {"layers are objects with names in any script", layers_are_objects},
    {"a layer that cuts is drawn", a_layer_that_cuts_is_drawn},
    {"clones and shapes are drawn", clones_and_shapes_are_drawn},
    {"a thousand layers are objects", a_thousand_layers_are_objects},
    {"nothing is a file too", nothing_is_a_file_too},
    {"the ends of the range are places", the_ends_of_the_range_are_places},
    {"bytes are the same each time, and stream", bytes_are_the_same_and_stream},
    {"the ceiling holds everywhere", the_ceiling_holds_everywhere},
    {"failed allocations leave nothing", failed_allocations_leave_nothing},
    {"materials are listed", materials_are_listed},
    {"a reference is one line", a_reference_is_one_line},
    {"what is lost of a surface is told", what_is_lost_of_a_surface_is_told},
    {"lost alpha is told", lost_alpha_is_told},
    {"translucent triangles are blended", translucent_triangles_are_blended},
    {"indices are as short as can be", indices_are_as_short_as_can_be},
    {"many vertices are cut", many_vertices_are_cut},
    {"every channel comes back", every_channel_comes_back},
    {"the package of 3mf is whole", the_package_of_3mf_is_whole},
    {NULL, NULL},
};

const struct unit_suite suite_mesh_files = {"mesh files", tests};
