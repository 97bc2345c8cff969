/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Qubicle Binary: layers as matrices and back, files written down byte by byte, and what strangers may put into one. */
#include "format/qb.h"

#include "hostile.h"
#include "within.h"

static struct goxel_layer *new_layer(struct goxel_project *project, const char *name)
{
    struct goxel_layer *layer = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, name, -1, &layer, NULL), 0);
    return layer;
}

static void set(struct goxel_layer *layer, int x, int y, int z, unsigned rgba)
{
    struct goxel_color color = {(uint8_t)(rgba >> 24), (uint8_t)(rgba >> 16), (uint8_t)(rgba >> 8),
                                (uint8_t)rgba};

    CU_ASSERT_EQUAL(goxel_volume_set_at(layer->volume, (struct goxel_pos){x, y, z}, color), 0);
}

/* ---- writing and reading back ---- */

static int write_qb(const struct goxel_project *project, bool rle, struct goxel_warnings *warnings,
                    struct goxel_detail *detail, struct goxel_buf *out)
{
    const struct goxel_format *format = goxel_format_named("qb", GOXEL_FORMAT_OUT);
    struct goxel_format_options options;
    const struct goxel_export export = {
        .project = project, .options = &options, .warnings = warnings, .detail = detail};

    goxel_format_options_init(&options, format);
    CU_ASSERT_EQUAL(goxel_format_options_set(&options, GOXEL_FORMAT_OUT, "rle", rle ? "true" : "false", NULL),
                    0);
    goxel_buf_init(out, GOXEL_FILE_MAX);
    return goxel_format_write(format, &export, false, out);
}

static struct goxel_project *read_back(const struct goxel_buf *file)
{
    struct goxel_project *again = NULL;
    struct goxel_warnings warnings = {0};

    CU_ASSERT_EQUAL_FATAL(read_as("qb", file->data, file->len, NULL, &warnings, NULL, &again), 0);
    CU_ASSERT_EQUAL(warnings.count, 0);
    return again;
}

/* Plain and with runs; returns the bytes of the plain file. */
static size_t round_trip(const struct goxel_project *project)
{
    const struct goxel_format_limits *limits = &goxel_format_named("qb", GOXEL_FORMAT_IN)->limits;
    size_t plain = 0;

    for (int rle = 0; rle <= 1; rle++) {
        struct goxel_project *again;
        struct goxel_buf file;

        CU_ASSERT_EQUAL_FATAL(write_qb(project, rle, NULL, NULL, &file), 0);
        again = read_back(&file);
        CU_ASSERT_EQUAL_FATAL(again->layer_count, project->layer_count);
        for (size_t i = 0; i < project->layer_count; i++) {
            CU_ASSERT_STRING_EQUAL(again->layers[i]->name, project->layers[i]->name);
            CU_ASSERT(within_limits(limits, project->layers[i]->volume, again->layers[i]->volume));
        }
        plain = rle ? plain : file.len;
        goxel_project_unref(again);
        goxel_buf_finish(&file);
    }
    return plain;
}

static void layers_survive(void)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_layer *layer = new_layer(project, "Wände und Türme 塔 🗼");

    set(layer, -5, -6, -7, 0x010203ff);
    set(layer, 3, -6, 2, 0x000000ff);
    set(layer, GOXEL_COORD_MIN + 1048570, 0, 0, 0x06000000 | 255);
    set(layer, 0, 0, 0, 0xffffff7f); /* just there */
    set(layer, 0, 0, 1, 0xffffff7e); /* just not */
    layer = new_layer(project, "corner");
    set(layer, GOXEL_COORD_MIN, GOXEL_COORD_MAX, GOXEL_COORD_MIN, 0x112233ff);
    layer = new_layer(project, "other corner");
    set(layer, GOXEL_COORD_MAX, GOXEL_COORD_MIN, GOXEL_COORD_MAX, 0x020000ff);
    layer = new_layer(project, "empty");
    layer = new_layer(project, "last");
    set(layer, 0, 0, 0, 0x0a0b0cff);
    CU_ASSERT(round_trip(project) > 0);
    goxel_project_unref(project);
}

static void names_are_kept_whole(void)
{
    struct goxel_project *project = goxel_project_create("p");
    char name[GOXEL_NAME_MAX + 1];

    memset(name, 'n', GOXEL_NAME_MAX);
    name[GOXEL_NAME_MAX] = '\0';
    set(new_layer(project, name), 0, 0, 0, 0xffffffff);
    CU_ASSERT_EQUAL(round_trip(project), 24 + 1 + 255 + 24 + 4);
    goxel_project_unref(project);
}

static void wide_ones_stay_whole(void)
{
    for (int width = 256; width <= 257; width++) {
        struct goxel_project *project = goxel_project_create("p");
        struct goxel_layer *layer = new_layer(project, "wide");

        for (int i = 0; i < width; i++)
            set(layer, i - 100, width - i, i % 7, 0xff | (unsigned)i << 8);
        CU_ASSERT_EQUAL(round_trip(project), 24u + 5 + 24 + 4u * (unsigned)width * (unsigned)width * 7);
        goxel_project_unref(project);
    }
}

static void many_layers_survive(void)
{
    struct goxel_project *project = goxel_project_create("p");

    for (int i = 0; i < 1000; i++) {
        char name[32];

        snprintf(name, sizeof(name), "Layer %d", i);
        set(new_layer(project, name), i, -i, i / 2, 0xff | (unsigned)i << 12);
    }
    CU_ASSERT(round_trip(project) > 1000 * 28);
    goxel_project_unref(project);
}

static void random_layers_survive(void)
{
    uint64_t state = 7;

    for (int round = 0; round < 10; round++) {
        struct goxel_project *project = goxel_project_create("p");
        struct goxel_layer *layer = new_layer(project, "random");

        for (int i = 0; i < 2000; i++) {
            state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
            set(layer, (int)(state >> 60) - 8, (int)(state >> 55 & 31) - 16, (int)(state >> 50 & 31) - 16,
                (unsigned)(state >> 20) | (round % 2 ? 255 : 0));
        }
        CU_ASSERT(round_trip(project) > 0);
        goxel_project_unref(project);
    }
}

static void clones_are_drawn_and_losses_told(void)
{
    struct goxel_project *project = goxel_project_create("p"), *again;
    struct goxel_layer *layer = new_layer(project, "base"), *clone, *shape, *hidden;
    struct goxel_warnings warnings = {0};
    struct goxel_buf file;

    set(layer, 1, 2, 3, 0x010203ff);
    set(layer, 1, 2, 4, 0x01020364);
    set(layer, 1, 2, 5, 0x010203c8);
    clone = new_layer(project, "clone");
    clone->base_id = layer->id;
    clone->mat[12] = 10;
    shape = new_layer(project, "shape");
    snprintf(shape->shape, sizeof(shape->shape), "torus");
    hidden = new_layer(project, "hidden");
    hidden->visible = false;
    set(hidden, 0, 0, 0, 0xffffffff);
    CU_ASSERT_EQUAL_FATAL(write_qb(project, false, &warnings, NULL, &file), 0);
    again = read_back(&file);
    CU_ASSERT_EQUAL_FATAL(again->layer_count, 3);
    CU_ASSERT(has_color(again->layers[1], 11, 2, 3, 0x010203ff));
    CU_ASSERT_STRING_EQUAL(again->layers[2]->name, "hidden");
    CU_ASSERT_EQUAL_FATAL(warnings.count, 4);
    CU_ASSERT_STRING_EQUAL(warnings.rows[0].what, "clone and shape layers not drawn");
    CU_ASSERT_STRING_EQUAL(warnings.rows[1].what, "hidden layers that will be shown");
    CU_ASSERT_STRING_EQUAL(warnings.rows[2].what, "translucent voxels dropped");
    CU_ASSERT_EQUAL(warnings.rows[2].count, 2); /* of the clone, too */
    CU_ASSERT_STRING_EQUAL(warnings.rows[3].what, "alpha dropped");
    goxel_project_unref(again);
    goxel_project_unref(project);
    goxel_buf_finish(&file);
}

/* Two voxels a million apart are two matrices of one voxel each. */
static void sparse_layers_are_split(void)
{
    struct goxel_project *project = goxel_project_create("p"), *again;
    struct goxel_layer *layer = new_layer(project, "far");
    struct goxel_warnings warnings = {0};
    struct goxel_buf file;

    set(layer, GOXEL_COORD_MIN, 0, 0, 0x010203ff);
    set(layer, GOXEL_COORD_MAX, 500, 600, 0x040506ff);
    set(layer, GOXEL_COORD_MAX - 1, 500, 601, 0x070809ff);
    CU_ASSERT_EQUAL_FATAL(write_qb(project, false, &warnings, NULL, &file), 0);
    CU_ASSERT_EQUAL_FATAL(warnings.count, 1);
    CU_ASSERT_STRING_EQUAL(warnings.rows[0].what, "large layers of few voxels split");
    CU_ASSERT_EQUAL(file.len, 24 + 2 * 28 + 4 + 16);
    again = read_back(&file);
    CU_ASSERT_EQUAL_FATAL(again->layer_count, 2);
    CU_ASSERT_STRING_EQUAL(again->layers[0]->name, "far");
    CU_ASSERT_STRING_EQUAL(again->layers[1]->name, "far");
    CU_ASSERT_EQUAL(goxel_project_voxels(again), 3);
    goxel_project_unref(again);
    goxel_project_unref(project);
    goxel_buf_finish(&file);
}

/* More matrices than there may be layers, each with a voxel of its own. */
static void scattered_layers_are_refused(void)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_layer *layer = new_layer(project, "scattered");
    struct goxel_detail detail;
    struct goxel_buf file;

    for (int i = 0; i <= GOXEL_LAYERS_MAX; i++)
        set(layer, i % 64 * 256, i / 64 * 256, i, 0xffffffff);
    CU_ASSERT_EQUAL(write_qb(project, false, NULL, &detail, &file), GOXEL_ERROR_QUOTA);
    CU_ASSERT_EQUAL(detail.limit, GOXEL_LAYERS_MAX);
    goxel_project_unref(project);
    goxel_buf_finish(&file);
}

/* ---- files written down ---- */

static void put_words(struct goxel_buf *out, const uint32_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        goxel_buf_put_le32(out, words[i]);
}

static void begin(struct goxel_buf *out, uint32_t bgra, uint32_t right, uint32_t rle, uint32_t mask,
                  uint32_t count)
{
    const uint32_t words[] = {0x101, bgra, right, rle, mask, count};

    goxel_buf_init(out, 1 << 16);
    put_words(out, words, 6);
}

static void put_matrix(struct goxel_buf *out, const char *name, uint32_t width, uint32_t height,
                       uint32_t depth)
{
    const uint32_t words[] = {width, height, depth, 10, 20, (uint32_t)-30};

    goxel_buf_putc(out, (char)strlen(name));
    goxel_buf_puts(out, name);
    put_words(out, words, 6);
}

static struct goxel_project *read_and_finish(struct goxel_buf *file)
{
    struct goxel_project *project = NULL;

    CU_ASSERT_EQUAL_FATAL(read_as("qb", file->data, file->len, NULL, NULL, NULL, &project), 0);
    goxel_buf_finish(file);
    return project;
}

static void axes_and_colors_are_as_the_header_says(void)
{
    static const uint32_t voxels[] = {0xff030201, 0, 0x01060504, 0xff090807}; /* 1 wide, 2 high, 2 deep */

    for (uint32_t flags = 0; flags < 8; flags++) {
        bool bgra = flags & 1, right = flags & 2;
        struct goxel_project *project;
        struct goxel_buf file;

        begin(&file, bgra, right, 0, flags >> 2, 1);
        put_matrix(&file, "m", 1, 2, 2);
        put_words(&file, voxels, 4);
        project = read_and_finish(&file);
        CU_ASSERT_EQUAL(goxel_project_voxels(project), 3);
        CU_ASSERT(has_color(project->layers[0], 10, right ? -30 : 30, 20, bgra ? 0x030201ff : 0x010203ff));
        CU_ASSERT(has_color(project->layers[0], 10, right ? -29 : 29, 20, bgra ? 0x060504ff : 0x040506ff));
        CU_ASSERT(has_color(project->layers[0], 10, right ? -29 : 29, 21, bgra ? 0x090807ff : 0x070809ff));
        goxel_project_unref(project);
    }
}

static void runs_are_unrolled(void)
{
    static const uint32_t voxels[] = {2, 5, 0xff000001, 0xff000002, 6, 6, 2, 3, 0, 0xff000003, 6};
    struct goxel_project *project;
    struct goxel_buf file;

    begin(&file, 0, 1, 1, 0, 1);
    put_matrix(&file, "runs", 3, 2, 3);
    put_words(&file, voxels, sizeof(voxels) / 4);
    project = read_and_finish(&file);
    CU_ASSERT_EQUAL(goxel_project_voxels(project), 7);
    CU_ASSERT(has_color(project->layers[0], 11, -30, 21, 0x010000ff));
    CU_ASSERT(has_color(project->layers[0], 12, -30, 21, 0x020000ff));
    CU_ASSERT(has_color(project->layers[0], 10, -28, 21, 0x030000ff));
    goxel_project_unref(project);
}

static void sample(struct goxel_buf *file, uint32_t rle)
{
    static const uint32_t plain[] = {0xff030201, 0, 0x01060504, 0xff090807};
    static const uint32_t runs[] = {2, 2, 0xff030201, 6, 0xff030201, 6};

    begin(file, 0, 1, rle, 0, 2);
    for (int i = 0; i < 2; i++) {
        put_matrix(file, "m\xc3\xa4", 2, 1, 2);
        if (rle)
            put_words(file, runs, 6);
        else
            put_words(file, plain, 4);
    }
}

static void cuts_and_flips_are_survived(void)
{
    for (uint32_t rle = 0; rle < 2; rle++) {
        struct goxel_buf file;

        sample(&file, rle);
        CU_ASSERT_EQUAL(survives_cuts("qb", file.data, file.len),
                        1); /* behind the first matrix: with a warning */
        survives_flips("qb", file.data, file.len);
        goxel_buf_finish(&file);
    }
}

/* As Goxel writes layers that are empty: counted and not there. */
static void missing_matrices_are_told(void)
{
    struct goxel_project *project = NULL;
    struct goxel_warnings warnings = {0};
    struct goxel_buf file;

    begin(&file, 0, 1, 0, 0, 3);
    put_matrix(&file, "m", 1, 1, 1);
    goxel_buf_put_le32(&file, 0xffffffff);
    CU_ASSERT_EQUAL_FATAL(read_as("qb", file.data, file.len, NULL, &warnings, NULL, &project), 0);
    CU_ASSERT_EQUAL(project->layer_count, 1);
    CU_ASSERT_EQUAL_FATAL(warnings.count, 1);
    CU_ASSERT_EQUAL(warnings.rows[0].count, 2);
    goxel_project_unref(project);
    goxel_buf_finish(&file);
}

/* 10^9 voxels in few bytes. */
static void claims_are_refused(void)
{
    static const uint32_t run[] = {2, 1000000000, 0xffffffff, 6}, thin[] = {2, 100000000, 0xffffffff, 6};
    struct goxel_buf file;

    for (uint32_t rle = 0; rle < 2; rle++) {
        begin(&file, 0, 1, rle, 0, 1);
        put_matrix(&file, "", 1000, 1000, 1000);
        refused("qb", file.data, file.len, GOXEL_ERROR_INVALID_DATA);
        goxel_buf_finish(&file);
    }
    begin(&file, 0, 1, 1, 0, 1);
    put_matrix(&file, "", 1000000, 1000, 1);
    put_words(&file, run, 4);
    refused("qb", file.data, file.len, GOXEL_ERROR_QUOTA);
    goxel_buf_finish(&file);
    begin(&file, 0, 1, 1, 0, 1);
    put_matrix(&file, "", 100, 1000000, 1); /* few voxels, and many bricks */
    put_words(&file, thin, 4);
    refused("qb", file.data, file.len, GOXEL_ERROR_QUOTA);
    goxel_buf_finish(&file);
    begin(&file, 0, 1, 0, 0, 1);
    put_matrix(&file, "", UINT32_MAX, UINT32_MAX, UINT32_MAX);
    refused("qb", file.data, file.len, GOXEL_ERROR_INVALID_COORDINATES);
    goxel_buf_finish(&file);
    begin(&file, 0, 1, 0, 0, UINT32_MAX);
    refused("qb", file.data, file.len, GOXEL_ERROR_INVALID_DATA);
    goxel_buf_finish(&file);
    refused("qb", "GOX \2\0\0\0", 8, GOXEL_ERROR_INVALID_DATA);
}

/* Planes of many bricks of which few are there, at both ends: those are found, and no others. */
static void wide_planes_may_be_empty(void)
{
    static const uint32_t first[] = {0xff0000ff, 6}, last[] = {2, 1999999, 0, 0xff00ff00, 6}, none[] = {6};
    struct goxel_project *project;
    struct goxel_volume *volume;
    struct goxel_buf file;

    begin(&file, 0, 1, 1, 0, 1);
    put_matrix(&file, "", 1000000, 2, 16 * 100);
    for (int slab = 0; slab < 100; slab++) {
        put_words(&file, first, 2);
        put_words(&file, last, 5);
        for (int plane = 2; plane < 16; plane++)
            put_words(&file, none, 1);
    }
    project = read_and_finish(&file);
    volume = project->layers[0]->volume;
    CU_ASSERT_EQUAL(goxel_volume_count(volume), 200);
    CU_ASSERT_EQUAL(goxel_volume_bricks(volume), 200);
    for (int slab = 0; slab < 100; slab++) {
        struct goxel_pos at = {10, -30 + 16 * slab, 20}, end = {10 + 999999, -30 + 16 * slab + 1, 21};

        CU_ASSERT_EQUAL(goxel_color_bits(goxel_volume_get_at(volume, at)), 0xff0000ff);
        CU_ASSERT_EQUAL(goxel_color_bits(goxel_volume_get_at(volume, end)), 0xff00ff00);
    }
    goxel_project_unref(project);
}

/* Found by a program of its own: count, bounds, the colour of a voxel. */
static void other_programs_files_load(void)
{
    static const struct goxel_box tree = {{-21, -22, -2}, {22, 23, 45}}, dome = {{0, 0, 0}, {31, 31, 31}};
    struct goxel_project *project = other_program_s("deciduous3.qb");

    if (!project)
        return;
    CU_ASSERT_EQUAL(project->layer_count, 1);
    holds(project->layers[0], "0", 30016, &tree);
    CU_ASSERT(has_color(project->layers[0], 6, -22, 29, 0x096148ff));
    goxel_project_unref(project);
    project = other_program_s("dome.qb");
    holds(project->layers[0], "0", 17474, &dome);
    CU_ASSERT(has_color(project->layers[0], 10, 0, 0, 0xdc9fb4ff));
    goxel_project_unref(project);
}

static const struct unit_test tests[] = {
    {"layers survive", layers_survive},
    {"names are kept whole", names_are_kept_whole},
    {"256 and 257 wide stay whole", wide_ones_stay_whole},
    {"1,000 layers survive", many_layers_survive},
    {"random layers survive", random_layers_survive},
    {"clones are drawn, and losses are told", clones_are_drawn_and_losses_told},
    {"sparse layers are split", sparse_layers_are_split},
    {"scattered layers are refused", scattered_layers_are_refused},
    {"axes and colours are as the header says", axes_and_colors_are_as_the_header_says},
    {"runs are unrolled", runs_are_unrolled},
    {"cuts and flips are survived", cuts_and_flips_are_survived},
    {"missing matrices are told", missing_matrices_are_told},
    {"claims are refused", claims_are_refused},
    {"wide planes may be empty", wide_planes_may_be_empty},
    {"other programs' files load", other_programs_files_load},
    {NULL, NULL},
};

const struct unit_suite suite_qb = {"qb", tests};
