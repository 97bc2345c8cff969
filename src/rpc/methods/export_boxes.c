/* SPDX-License-Identifier: GPL-3.0-or-later */
/* export.collision_boxes: what is seen of the project, or of a part of it, as few boxes. */
#include <stdlib.h>

#include "base/error.h"
#include "core/box.h"
#include "mesh/boxes.h"
#include "rpc/methods/methods.h"

#define BOXES 10000 /* without max_boxes */

static void put_boxes(struct goxel_json_writer *w, const struct goxel_box *boxes, size_t count,
                      const struct goxel_warnings *warnings)
{
    int64_t voxels = 0;

    goxel_json_put_object(w, NULL);
    goxel_json_put_array(w, "boxes");
    for (size_t i = 0; i < count; i++) {
        goxel_put_box(w, NULL, &boxes[i]);
        voxels += goxel_box_voxels(&boxes[i]);
    }
    goxel_json_put_end(w);
    goxel_json_put_count(w, "count", count);
    goxel_json_put_count(w, "voxels", (uint64_t)voxels);
    goxel_warnings_put(w, warnings);
    goxel_json_put_end(w);
}

static int find_boxes(struct goxel_invocation *in, const struct goxel_volume *picture,
                      struct goxel_warnings *warnings)
{
    int64_t most = goxel_arg_int(in, "max_boxes", BOXES);
    struct goxel_box *boxes = NULL;
    size_t count = 0;
    int code = goxel_mesh_boxes(picture, (uint8_t)goxel_arg_int(in, "alpha_min", 1), (size_t)most,
                                &in->call->cancel, in->detail, &boxes, &count);

    if (code == GOXEL_ERROR_QUOTA)
        return goxel_fail_limit(in->detail, code, "max_boxes", most, most + 1);
    if (!code)
        put_boxes(in->out, boxes, count, warnings);
    free(boxes);
    return code;
}

int goxel_export_collision_boxes_run(struct goxel_invocation *in)
{
    const struct goxel_choice choice = goxel_choice_of(in);
    struct goxel_warnings warnings = {.count = 0};
    struct goxel_project *part = NULL;
    struct goxel_volume *picture = NULL;
    int code = goxel_choice_part(in, &choice, &warnings, &part);

    if (code)
        return code;
    goxel_warn(&warnings, "layers that cannot be made voxels: left out",
               (int64_t)goxel_project_undrawn(part));
    code = goxel_project_flatten(part, &in->call->cancel, &picture);
    if (!code)
        code = find_boxes(in, picture, &warnings);
    goxel_volume_destroy(picture);
    goxel_project_unref(part);
    return code;
}
