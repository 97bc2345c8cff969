/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as a record of the journal, for a project that is to come and for one that is there. What it makes of them
 * is a project: it can be told as effects, which make the same of nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "core/effects.h"
#include "store/record.h"
#include "fuzz/fuzz.h"

static void write_all(const struct goxel_project *project, struct goxel_buf *ret_buf)
{
    goxel_buf_init(ret_buf, (size_t)1 << 30);
    EXPECT(goxel_effects_write(ret_buf, NULL, project) == 0);
}

/* From all of it, all of it again. Twice, as names that are too long may be cut once. */
static void expect_round_trip(const struct goxel_project *project)
{
    struct goxel_project *again = goxel_project_create("");
    struct goxel_buf first, second;

    write_all(project, &first);
    EXPECT(again && goxel_effects_apply(first.data, first.len, again, NULL) == 0);
    write_all(again, &second);
    EXPECT(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
    goxel_buf_finish(&first);
    goxel_buf_finish(&second);
    goxel_project_unref(again);
}

static struct goxel_project *small_project(void)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_layer *layer = NULL;

    EXPECT(project && goxel_project_add_layer(project, NULL, -1, &layer, NULL) == 0);
    EXPECT(goxel_volume_set_at(layer->volume, (struct goxel_pos){1, 2, 3},
                               (struct goxel_color){1, 2, 3, 255}) == 0);
    goxel_project_touch(project);
    return project;
}

static void apply(const struct goxel_record *record, struct goxel_project *project)
{
    struct goxel_detail detail;
    int code = goxel_effects_apply(record->effects, record->effects_len, project, &detail);

    EXPECT(code == 0 || code == GOXEL_ERROR_INVALID_DATA || code == GOXEL_ERROR_QUOTA);
    EXPECT(code != GOXEL_ERROR_INVALID_DATA || detail.text[0]);
    if (code == 0)
        expect_round_trip(project);
    goxel_project_unref(project);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct goxel_record record;
    struct goxel_detail detail;
    struct goxel_buf unpacked;

    goxel_buf_init(&unpacked, 0);
    if (goxel_record_read(data, size, &unpacked, &detail, &record) == 0) {
        apply(&record, goxel_project_create(""));
        apply(&record, small_project());
    } else {
        EXPECT(detail.text[0]);
    }
    goxel_buf_finish(&unpacked);
    return 0;
}
