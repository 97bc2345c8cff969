/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Qubicle's trees, .qbt and .qbcl: nodes in each other, and what strangers may pack into them. */
#include "format/qubicle.h"

#include <zlib.h>

#include "hostile.h"

static void put_text(struct goxel_buf *out, const char *text)
{
    goxel_buf_put_le32(out, (uint32_t)strlen(text));
    goxel_buf_puts(out, text);
}

static void put_words(struct goxel_buf *out, const uint32_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        goxel_buf_put_le32(out, words[i]);
}

static void pack(struct goxel_buf *out, const void *bytes, size_t len)
{
    uLongf packed_len = compressBound(len);
    Bytef *packed = malloc(packed_len);

    CU_ASSERT_EQUAL_FATAL(compress2(packed, &packed_len, bytes, len, 1), Z_OK);
    goxel_buf_init(out, packed_len);
    goxel_buf_append(out, packed, packed_len);
    free(packed);
}

static void put_buf(struct goxel_buf *out, const struct goxel_buf *data)
{
    goxel_buf_put_le32(out, (uint32_t)data->len);
    goxel_buf_append(out, data->data, data->len);
}

static void put_packed(struct goxel_buf *out, const void *bytes, size_t len)
{
    struct goxel_buf packed;

    pack(&packed, bytes, len);
    put_buf(out, &packed);
    goxel_buf_finish(&packed);
}

/* ---- .qbt ---- */

static void begin_qbt(struct goxel_buf *out, uint32_t colors)
{
    static const uint32_t ones[] = {0x3f800000, 0x3f800000, 0x3f800000};

    goxel_buf_init(out, (size_t)1 << 26);
    goxel_buf_append(out, "QB 2\1\0", 6);
    put_words(out, ones, 3);
    goxel_buf_puts(out, "COLORMAP");
    goxel_buf_put_le32(out, colors);
    for (uint32_t i = 0; i < colors; i++)
        goxel_buf_put_le32(out, 0xff000000 | (i + 1) * 0x010203);
    goxel_buf_puts(out, "DATATREE");
}

static size_t begin_node(struct goxel_buf *out, uint32_t kind)
{
    goxel_buf_put_le32(out, kind);
    goxel_buf_put_le32(out, 0);
    return out->len;
}

static void end_node(struct goxel_buf *out, size_t start)
{
    for (int i = 0; i < 4; i++)
        out->data[start - 4 + (size_t)i] = (char)((out->len - start) >> 8 * i);
}

/* A node of 1 × 2 × 1 voxels, its first one a colour, with the head of a compound or matrix. */
static void put_qbt_head(struct goxel_buf *out, const char *name, uint32_t x, uint32_t y, uint32_t z)
{
    const uint32_t words[] = {x, y, z, 1, 1, 1, 0, 0, 0, 1, 2, 1};
    static const uint8_t voxels[] = {1, 2, 3, 255, 9, 9, 9, 0};

    put_text(out, name);
    put_words(out, words, 12);
    put_packed(out, voxels, sizeof(voxels));
}

static void put_qbt_matrix(struct goxel_buf *out, const char *name, uint32_t x, uint32_t y, uint32_t z)
{
    size_t node = begin_node(out, GOXEL_QUBICLE_MATRIX);

    put_qbt_head(out, name, x, y, z);
    end_node(out, node);
}

/* A model of a matrix, a node nobody knows, a compound at (10, 20, 30) with a matrix in it, and one without. */
static void qbt_sample(struct goxel_buf *out, uint32_t colors)
{
    size_t model, compound, other;

    begin_qbt(out, colors);
    model = begin_node(out, GOXEL_QUBICLE_MODEL);
    goxel_buf_put_le32(out, 4);
    put_qbt_matrix(out, "first", 0, 0, 0);
    other = begin_node(out, 77);
    goxel_buf_puts(out, "whatever");
    end_node(out, other);
    compound = begin_node(out, GOXEL_QUBICLE_COMPOUND);
    put_qbt_head(out, "compound", 10, 20, 30);
    goxel_buf_put_le32(out, 1);
    put_qbt_matrix(out, "inner", 1, 2, 3);
    end_node(out, compound);
    compound = begin_node(out, GOXEL_QUBICLE_COMPOUND);
    put_qbt_head(out, "alone", 5, 5, 5);
    goxel_buf_put_le32(out, 0);
    end_node(out, compound);
    end_node(out, model);
}

static void nodes_of_qbt_become_layers(void)
{
    struct goxel_project *project = NULL;
    struct goxel_warnings warnings = {0};
    struct goxel_buf file;

    qbt_sample(&file, 0);
    CU_ASSERT_EQUAL_FATAL(read_as("qbt", file.data, file.len, NULL, &warnings, NULL, &project), 0);
    CU_ASSERT_EQUAL_FATAL(project->layer_count, 3);
    CU_ASSERT_STRING_EQUAL(project->layers[0]->name, "first");
    CU_ASSERT_STRING_EQUAL(project->layers[1]->name, "inner");
    CU_ASSERT_STRING_EQUAL(project->layers[2]->name, "alone");
    CU_ASSERT_EQUAL(goxel_project_voxels(project), 3);
    CU_ASSERT(has_color(project->layers[0], 0, 0, 0, 0x010203ff));
    CU_ASSERT(has_color(project->layers[1], 11, -33, 22, 0x010203ff));
    CU_ASSERT(has_color(project->layers[2], 5, -5, 5, 0x010203ff));
    CU_ASSERT_EQUAL_FATAL(warnings.count, 1);
    CU_ASSERT_STRING_EQUAL(warnings.rows[0].what, "nodes of unknown kinds left out");
    goxel_project_unref(project);
    goxel_buf_finish(&file);
}

static void color_maps_are_looked_up(void)
{
    struct goxel_project *project = NULL;
    struct goxel_buf file;

    qbt_sample(&file, 2);
    CU_ASSERT_EQUAL_FATAL(read_as("qbt", file.data, file.len, NULL, NULL, NULL, &project), 0);
    CU_ASSERT(has_color(project->layers[0], 0, 0, 0, 0x060402ff)); /* number 1 */
    goxel_project_unref(project);
    goxel_buf_finish(&file);
    qbt_sample(&file, 1);
    refused("qbt", file.data, file.len, GOXEL_ERROR_INVALID_DATA);
    goxel_buf_finish(&file);
}

static void depth_has_a_ceiling(void)
{
    for (int depth = GOXEL_QUBICLE_DEPTH_MAX; depth <= 1000; depth += 1000 - GOXEL_QUBICLE_DEPTH_MAX) {
        size_t nodes[1000];
        struct goxel_buf file;

        begin_qbt(&file, 0);
        for (int i = 0; i < depth; i++) {
            nodes[i] = begin_node(&file, GOXEL_QUBICLE_MODEL);
            goxel_buf_put_le32(&file, 1);
        }
        put_qbt_matrix(&file, "deep", 0, 0, 0);
        for (int i = depth; i-- > 0;)
            end_node(&file, nodes[i]);
        if (depth == GOXEL_QUBICLE_DEPTH_MAX) {
            CU_ASSERT(survives("qbt", file.data, file.len));
        } else {
            refused("qbt", file.data, file.len, GOXEL_ERROR_QUOTA);
        }
        goxel_buf_finish(&file);
    }
}

/* ---- .qbcl ---- */

static void begin_qbcl(struct goxel_buf *out)
{
    static const uint32_t head[] = {0x4c434251, 0x00020103, 2, 2, 1, 0, 0}, nothing[4] = {0};

    goxel_buf_init(out, (size_t)1 << 26);
    put_words(out, head, 7); /* with two pixels */
    put_text(out, "Title");
    for (int i = 0; i < 6; i++)
        put_text(out, "");
    put_words(out, nothing, 4);
}

static void put_qbcl_head(struct goxel_buf *out, uint32_t kind, const char *name, bool visible)
{
    goxel_buf_put_le32(out, kind);
    goxel_buf_put_le32(out, 1);
    put_text(out, name);
    goxel_buf_putc(out, visible);
    goxel_buf_append(out, "\1\0", 2);
}

static void put_qbcl_model(struct goxel_buf *out, const char *name, uint32_t children)
{
    static const uint32_t nothing[9] = {0};

    put_qbcl_head(out, GOXEL_QUBICLE_MODEL, name, true);
    put_words(out, nothing, 9);
    goxel_buf_put_le32(out, children);
}

/* 1 × 4 × 2 voxels: a run of three and one more, and a single one. */
static void put_qbcl_voxels(struct goxel_buf *out, uint32_t x, uint32_t y, uint32_t z)
{
    static const uint8_t voxels[] = {3, 0, 3, 0, 0, 2, 1, 2, 3, 255, 4, 5, 6, 1, 1, 0, 7, 8, 9, 64};
    const uint32_t words[] = {1, 4, 2, x, y, z, 0, 0, 0};

    put_words(out, words, 9);
    put_packed(out, voxels, sizeof(voxels));
}

static void qbcl_sample(struct goxel_buf *out)
{
    begin_qbcl(out);
    put_qbcl_model(out, "Model", 3);
    put_qbcl_head(out, GOXEL_QUBICLE_MATRIX, "shown", true);
    put_qbcl_voxels(out, 0, 0, 0);
    put_qbcl_head(out, GOXEL_QUBICLE_COMPOUND, "compound", true);
    put_qbcl_voxels(out, 10, 20, 30);
    goxel_buf_put_le32(out, 1);
    put_qbcl_head(out, GOXEL_QUBICLE_MATRIX, "inner", true);
    put_qbcl_voxels(out, 1, 2, 3);
    put_qbcl_head(out, GOXEL_QUBICLE_COMPOUND, "hidden", false);
    put_qbcl_voxels(out, 5, 5, 5);
    goxel_buf_put_le32(out, 0);
}

static void nodes_of_qbcl_become_layers(void)
{
    struct goxel_project *project = NULL;
    struct goxel_buf file;

    qbcl_sample(&file);
    CU_ASSERT_EQUAL_FATAL(read_as("qbcl", file.data, file.len, NULL, NULL, NULL, &project), 0);
    CU_ASSERT_EQUAL_FATAL(project->layer_count, 3);
    CU_ASSERT_STRING_EQUAL(project->layers[1]->name, "inner");
    CU_ASSERT(project->layers[1]->visible);
    CU_ASSERT_FALSE(project->layers[2]->visible);
    CU_ASSERT_EQUAL(goxel_project_voxels(project), 15);
    CU_ASSERT(has_color(project->layers[0], 0, 0, 2, 0x010203ff));
    CU_ASSERT(has_color(project->layers[0], 0, 0, 3, 0x040506ff));
    CU_ASSERT(has_color(project->layers[0], 0, -1, 0, 0x070809ff));
    CU_ASSERT(has_color(project->layers[1], 11, -34, 22, 0x070809ff));
    goxel_project_unref(project);
    goxel_buf_finish(&file);
}

static void columns_do_not_overflow(void)
{
    static const uint8_t voxels[] = {2, 0, 5, 0, 0, 2, 1, 2, 3, 255};
    static const uint32_t words[] = {1, 4, 1, 0, 0, 0, 0, 0, 0};
    struct goxel_buf file;

    begin_qbcl(&file);
    put_qbcl_head(&file, GOXEL_QUBICLE_MATRIX, "too long", true);
    put_words(&file, words, 9);
    put_packed(&file, voxels, sizeof(voxels));
    refused("qbcl", file.data, file.len, GOXEL_ERROR_INVALID_DATA);
    goxel_buf_finish(&file);
}

/* ---- both ---- */

static void put_bomb(struct goxel_buf *out, const struct goxel_buf *bomb, uint32_t size)
{
    const uint32_t words[] = {0, 0, 0, 1, 1, 1, 0, 0, 0, size, size, size};
    size_t node;

    begin_qbt(out, 0);
    node = begin_node(out, GOXEL_QUBICLE_MATRIX);
    put_text(out, "bomb");
    put_words(out, words, 12);
    put_buf(out, bomb);
    end_node(out, node);
}

/* A few bytes that become 600 MiB, whatever the size says, and 10^9 voxels that are not there. */
static void bombs_stop_at_the_ceiling(void)
{
    static const uint32_t words[] = {1000, 1000, 1000, 0, 0, 0, 0, 0, 0}, sizes[] = {1, 500, 1000};
    size_t len = (size_t)600 << 20;
    uint8_t *zeros = calloc(len, 1);
    struct goxel_buf bomb, file;

    pack(&bomb, zeros, len);
    free(zeros);
    for (size_t i = 0; i < 3; i++) {
        put_bomb(&file, &bomb, sizes[i]);
        refused("qbt", file.data, file.len, GOXEL_ERROR_QUOTA);
        goxel_buf_finish(&file);
    }
    begin_qbcl(&file);
    put_qbcl_head(&file, GOXEL_QUBICLE_MATRIX, "bomb", true);
    put_words(&file, words, 9);
    put_buf(&file, &bomb);
    refused("qbcl", file.data, file.len, GOXEL_ERROR_QUOTA);
    goxel_buf_finish(&file);
    goxel_buf_finish(&bomb);
}

static void cuts_and_flips_are_survived(void)
{
    struct goxel_buf file;

    qbt_sample(&file, 0);
    CU_ASSERT_EQUAL(survives_cuts("qbt", file.data, file.len), 0);
    survives_flips("qbt", file.data, file.len);
    goxel_buf_finish(&file);
    qbcl_sample(&file);
    CU_ASSERT_EQUAL(survives_cuts("qbcl", file.data, file.len), 0);
    survives_flips("qbcl", file.data, file.len);
    goxel_buf_finish(&file);
}

/* Counts and bounds found by a program of its own. */
static void other_programs_files_load(void)
{
    static const struct goxel_box head = {{-4, -6, 29}, {2, 6, 42}}, cube = {{0, -31, 0}, {31, 0, 31}};
    struct goxel_project *project = other_program_s("qubicle.qbt"), *other;

    if (!project)
        return;
    CU_ASSERT_EQUAL_FATAL(project->layer_count, 17);
    CU_ASSERT_EQUAL(goxel_project_voxels(project), 2721);
    holds(project->layers[10], "K_Head", 781, &head);
    other = other_program_s("chr_knight.qbcl");
    CU_ASSERT_EQUAL_FATAL(other->layer_count, 29);
    CU_ASSERT_EQUAL(goxel_project_voxels(other), 5212);
    holds(other->layers[10], "K_Head", 781, &head);
    for (size_t i = 0; i < 12; i++) /* the same model once more */
        CU_ASSERT(goxel_volume_equal(project->layers[i]->volume, other->layers[i]->volume));
    goxel_project_unref(other);
    goxel_project_unref(project);
    project = other_program_s("rgb.qbcl");
    holds(project->layers[0], "0", 99, &cube);
    goxel_project_unref(project);
}

static const struct unit_test tests[] = {
    {"nodes of qbt become layers", nodes_of_qbt_become_layers},
    {"colour maps are looked up", color_maps_are_looked_up},
    {"depth has a ceiling", depth_has_a_ceiling},
    {"bombs stop at the ceiling", bombs_stop_at_the_ceiling},
    {"nodes of qbcl become layers", nodes_of_qbcl_become_layers},
    {"columns do not overflow", columns_do_not_overflow},
    {"cuts and flips are survived", cuts_and_flips_are_survived},
    {"other programs' files load", other_programs_files_load},
    {NULL, NULL},
};

const struct unit_suite suite_qubicle = {"qubicle", tests};
