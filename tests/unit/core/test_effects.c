/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What effects lead to is what they were made of, and nothing else passes for effects. */
#include "core/effects.h"

#include "base/error.h"
#include "core/box.h"
#include "core/diff.h"
#include "edits.h"

#define EFFECTS_MAX ((size_t)1 << 30)

/* A version more: some changes to a copy of what was. */
static struct goxel_project *next_version(const struct goxel_project *before, uint64_t *state)
{
    struct goxel_project *after = goxel_project_copy(before);

    for (int i = 1 + random_below(state, 3); i > 0; i--)
        edit_at_random(after, state);
    if (random_below(state, 4) == 0) {
        free(after->path);
        after->path = strdup("/somewhere/else.gox");
        after->saved_state = after->state;
    }
    goxel_project_touch(after);
    return after;
}

static void write_effects(struct goxel_buf *buf, const struct goxel_project *before,
                          const struct goxel_project *after)
{
    goxel_buf_init(buf, EFFECTS_MAX);
    CU_ASSERT_EQUAL_FATAL(goxel_effects_write(buf, before, after), 0);
}

/* What the effects make of it; NULL, and the error in *ret_code. */
static struct goxel_project *apply(const struct goxel_project *before, const void *bytes, size_t len,
                                   int *ret_code)
{
    struct goxel_project *project = before ? goxel_project_copy(before) : goxel_project_create("");
    struct goxel_detail detail;

    *ret_code = project ? goxel_effects_apply(bytes, len, project, &detail) : GOXEL_ERROR_OUT_OF_MEMORY;
    if (*ret_code == 0)
        return project;
    goxel_project_unref(project);
    return NULL;
}

static bool leads_to(const struct goxel_project *before, const struct goxel_project *after)
{
    struct goxel_project *project;
    struct goxel_buf buf;
    bool same;
    int code;

    write_effects(&buf, before, after);
    project = apply(before, buf.data, buf.len, &code);
    same = project && same_version(project, after);
    goxel_project_unref(project);
    goxel_buf_finish(&buf);
    return same;
}

static void effects_lead_from_version_to_version(void)
{
    static const uint64_t seeds[] = {3, 17, 99};
    int wrong = 0;

    for (size_t s = 0; s < sizeof(seeds) / sizeof(seeds[0]); s++) {
        struct goxel_project *before = new_project();
        uint64_t state = seeds[s];

        wrong += !leads_to(NULL, before);
        for (int i = 0; i < 150; i++) {
            struct goxel_project *after = next_version(before, &state);

            wrong += !leads_to(before, after);
            if (i % 10 == 0)
                wrong += !leads_to(NULL, after);
            goxel_project_unref(before);
            before = after;
        }
        goxel_project_unref(before);
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

/* Of a voxel: head, place, index, colour, digest. */
static void one_voxel_costs_few_bytes(void)
{
    struct goxel_project *before = new_project(), *after;
    struct goxel_buf buf;
    uint64_t version = 0;

    CU_ASSERT_EQUAL(set(before, 0, at(5, 5, 5), rgba(1, 2, 3, 255)), 0);
    goxel_project_touch(before);
    after = goxel_project_copy(before);
    CU_ASSERT_EQUAL(set(after, 0, at(6, 5, 5), rgba(9, 2, 3, 255)), 0);
    goxel_project_touch(after);
    write_effects(&buf, before, after);
    CU_ASSERT_TRUE(buf.len <= 40);
    CU_ASSERT_TRUE(goxel_effects_version(buf.data, buf.len, &version));
    CU_ASSERT_EQUAL(version, after->version);
    CU_ASSERT_FALSE(goxel_effects_version(buf.data, 0, &version));
    goxel_buf_finish(&buf);
    goxel_project_unref(before);
    goxel_project_unref(after);
}

/* A colour all over is a place, however large. */
static void space_of_one_colour_costs_nothing(void)
{
    struct goxel_project *before = new_project(), *after = goxel_project_copy(before);
    const struct goxel_box box = {{-512, -512, -512}, {511, 511, 511}};
    struct goxel_buf buf;

    CU_ASSERT_EQUAL(goxel_volume_fill(goxel_project_own_layer(after, after->layers[0])->volume, &box,
                                      rgba(7, 7, 7, 255), NULL),
                    0);
    goxel_project_touch(after);
    write_effects(&buf, before, after);
    CU_ASSERT_TRUE(buf.len < 8192);
    CU_ASSERT_TRUE(leads_to(before, after));
    goxel_buf_finish(&buf);
    goxel_project_unref(before);
    goxel_project_unref(after);
}

/* The version that they are applied to is not the one that they were made to: the digest tells. */
static void another_version_is_told(void)
{
    struct goxel_project *before = new_project(), *other, *after, *got;
    struct goxel_buf buf;
    int code = 0;

    CU_ASSERT_EQUAL(set(before, 0, at(5, 5, 5), rgba(1, 2, 3, 255)), 0);
    goxel_project_touch(before);
    after = goxel_project_copy(before);
    CU_ASSERT_EQUAL(set(after, 0, at(6, 5, 5), rgba(9, 2, 3, 255)), 0);
    goxel_project_touch(after);
    other = goxel_project_copy(before);
    CU_ASSERT_EQUAL(set(other, 0, at(7, 5, 5), rgba(9, 2, 3, 255)), 0);
    goxel_project_touch(other);
    write_effects(&buf, before, after);
    got = apply(other, buf.data, buf.len, &code);
    CU_ASSERT_PTR_NULL(got);
    CU_ASSERT_EQUAL(code, GOXEL_ERROR_INVALID_DATA);
    goxel_buf_finish(&buf);
    goxel_project_unref(before);
    goxel_project_unref(other);
    goxel_project_unref(after);
}

/* Every kind of change, as few voxels as may be. */
static struct goxel_project *rich_version(const struct goxel_project *before)
{
    struct goxel_project *after = goxel_project_copy(before);
    uint64_t state = 5;

    set(after, 0, at(3, 3, 3), rgba(1, 1, 1, 255));
    edit_scene(after, &state);
    edit_selection(after, &state);
    edit_attributes(after, &state);
    goxel_project_add_layer(after, "three", -1, NULL, NULL);
    after->path = strdup("/a/b.gox");
    after->preview = goxel_preview_create((const uint8_t *)"png", 3);
    goxel_project_touch(after);
    return after;
}

static void cut_and_damaged_effects_do_no_harm(void)
{
    struct goxel_project *before = new_project(), *after = rich_version(before), *got;
    struct goxel_buf buf;
    int code = 0, cut = 0;

    write_effects(&buf, before, after);
    for (size_t len = 0; len < buf.len; len++) {
        got = apply(before, buf.data, len, &code);
        cut += got == NULL && code == GOXEL_ERROR_INVALID_DATA;
        goxel_project_unref(got);
    }
    CU_ASSERT_EQUAL(cut, (int)buf.len);
    for (size_t bit = 0; bit < 8 * buf.len; bit++) {
        buf.data[bit / 8] = (char)(buf.data[bit / 8] ^ 1 << bit % 8);
        got = apply(before, buf.data, buf.len, &code);
        CU_ASSERT_TRUE(got || code == GOXEL_ERROR_INVALID_DATA || code == GOXEL_ERROR_QUOTA);
        goxel_project_unref(got);
        buf.data[bit / 8] = (char)(buf.data[bit / 8] ^ 1 << bit % 8);
    }
    goxel_buf_finish(&buf);
    goxel_project_unref(before);
    goxel_project_unref(after);
}

static void failed_allocations_leave_nothing(void)
{
    struct goxel_project *before = new_project(), *after = rich_version(before), *got = NULL;
    struct goxel_buf buf;
    int code = GOXEL_ERROR_OUT_OF_MEMORY, failures = 0;

    for (int n = 0; code && n < 1000; n++) {
        goxel_buf_init(&buf, EFFECTS_MAX);
        unit_fail_allocation(n);
        code = goxel_effects_write(&buf, before, after);
        unit_fail_allocation(-1);
        CU_ASSERT_TRUE(code == 0 || code == GOXEL_ERROR_OUT_OF_MEMORY);
        failures += code != 0;
        if (code)
            goxel_buf_finish(&buf);
    }
    CU_ASSERT_EQUAL_FATAL(code, 0);
    for (int n = 0; !got && n < 1000; n++) {
        unit_fail_allocation(n);
        got = apply(before, buf.data, buf.len, &code);
        unit_fail_allocation(-1);
        CU_ASSERT_TRUE(code == 0 || code == GOXEL_ERROR_OUT_OF_MEMORY);
        failures += code != 0;
    }
    CU_ASSERT_TRUE(got && same_version(got, after));
    CU_ASSERT_TRUE(failures > 10);
    goxel_buf_finish(&buf);
    goxel_project_unref(got);
    goxel_project_unref(before);
    goxel_project_unref(after);
}

/* The smallest box and the layers, found by looking at every voxel that either version has. */
static void find_extent(const struct goxel_project *before, const struct goxel_project *after,
                        struct goxel_extent *ret_extent)
{
    const struct goxel_project *const both[] = {before, after};
    struct goxel_volume *empty = goxel_volume_create();

    *ret_extent = (struct goxel_extent){.box = goxel_box_nowhere};
    for (int side = 0; side < 2; side++) {
        for (size_t i = 0; both[side] && i < both[side]->layer_count; i++) {
            const struct goxel_layer *layer = both[side]->layers[i];
            const struct goxel_layer *other = both[!side] ? goxel_project_layer(both[!side], layer->id)
                                                          : NULL;
            struct goxel_changes changes;

            if (other && side == 0)
                continue; /* found from the other side */
            (void)goxel_volume_changes(layer->volume, other ? other->volume : empty, NULL, &changes);
            if (changes.added + changes.removed + changes.recoloured == 0)
                continue;
            goxel_box_widen(&ret_extent->box, &changes.box);
            ret_extent->layer_count++;
        }
    }
    goxel_volume_destroy(empty);
}

static void the_extent_is_where_voxels_differ(void)
{
    uint64_t state = 4711;
    struct goxel_project *before = NULL, *after = new_project();
    struct goxel_extent extent, expected;
    struct goxel_buf buf;
    int with_voxels = 0;

    for (int i = 0; i < 400; i++) {
        goxel_project_unref(before);
        before = after;
        after = next_version(before, &state);
        goxel_buf_init(&buf, EFFECTS_MAX);
        CU_ASSERT_EQUAL_FATAL(goxel_effects_write_told(&buf, before, after, &extent), 0);
        goxel_buf_finish(&buf);
        find_extent(before, after, &expected);
        CU_ASSERT_EQUAL(memcmp(&extent.box, &expected.box, sizeof(extent.box)), 0);
        CU_ASSERT_EQUAL(extent.layer_count, expected.layer_count);
        for (size_t k = 0; k < extent.layer_count && k < GOXEL_EXTENT_LAYERS_MAX; k++)
            CU_ASSERT_TRUE(goxel_project_layer(before, extent.layers[k]) ||
                           goxel_project_layer(after, extent.layers[k]));
        with_voxels += extent.layer_count > 0;
    }
    CU_ASSERT_TRUE(with_voxels > 100);
    goxel_project_unref(before);
    goxel_project_unref(after);
}

static void the_extent_tells_what_else_differs(void)
{
    struct goxel_project *before = new_project(), *after = goxel_project_copy(before);
    struct goxel_extent extent;
    struct goxel_buf buf;

    goxel_name_copy(after->name, "another", 7);
    goxel_project_touch(after);
    goxel_buf_init(&buf, EFFECTS_MAX);
    CU_ASSERT_EQUAL_FATAL(goxel_effects_write_told(&buf, before, after, &extent), 0);
    CU_ASSERT_EQUAL(extent.parts, GOXEL_PART_ABOUT);
    CU_ASSERT_EQUAL(extent.layer_count, 0);
    CU_ASSERT_EQUAL(memcmp(&extent.box, &goxel_box_nowhere, sizeof(extent.box)), 0);
    goxel_buf_finish(&buf);
    goxel_project_unref(before);
    goxel_project_unref(after);
}

static const struct unit_test tests[] = {
    {"effects lead from version to version", effects_lead_from_version_to_version},
    {"one voxel costs few bytes", one_voxel_costs_few_bytes},
    {"space of one colour costs nothing", space_of_one_colour_costs_nothing},
    {"another version is told", another_version_is_told},
    {"cut and damaged effects do no harm", cut_and_damaged_effects_do_no_harm},
    {"the extent is where voxels differ", the_extent_is_where_voxels_differ},
    {"the extent tells what else differs", the_extent_tells_what_else_differs},
    {"failed allocations leave nothing", failed_allocations_leave_nothing},
    {NULL, NULL},
};

const struct unit_suite suite_effects = {"effects", tests};
