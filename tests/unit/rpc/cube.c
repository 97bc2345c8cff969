/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See cube.h. */
#include "cube.h"

#include <stdlib.h>
#include <string.h>

struct goxel_pos cube_pos(int index)
{
    return (struct goxel_pos){index % CUBE_N - CUBE_R, index / CUBE_N % CUBE_N - CUBE_R,
                              index / CUBE_N / CUBE_N - CUBE_R};
}

bool cube_has(struct goxel_pos pos)
{
    return abs(pos.x) <= CUBE_R && abs(pos.y) <= CUBE_R && abs(pos.z) <= CUBE_R;
}

int cube_index(struct goxel_pos pos)
{
    return (pos.x + CUBE_R) + CUBE_N * ((pos.y + CUBE_R) + CUBE_N * (pos.z + CUBE_R));
}

struct goxel_color cube_get(const struct cube *cube, struct goxel_pos pos)
{
    static const struct goxel_color none = {0, 0, 0, 0};

    return cube_has(pos) ? cube->at[cube_index(pos)] : none;
}

static struct goxel_project *snapshot(struct rig *rig)
{
    struct goxel_slot *slot = NULL;
    struct goxel_project *project;

    CU_ASSERT_EQUAL_FATAL(goxel_workspace_find(rig->workspace, NULL, &slot, NULL), 0);
    project = goxel_slot_snapshot(slot);
    goxel_slot_unref(slot);
    return project;
}

static void read_volume(const struct goxel_volume *volume, struct cube *cube)
{
    int64_t count = 0;

    memset(cube, 0, sizeof(*cube));
    for (int i = 0; volume && i < CUBE_VOXELS; i++) {
        cube->at[i] = goxel_volume_get_at(volume, cube_pos(i));
        count += cube->at[i].a > 0;
    }
    if (volume)
        CU_ASSERT_EQUAL(count, goxel_volume_count(volume));
}

void cube_read(struct rig *rig, int layer_id, struct cube *ret_cube)
{
    struct goxel_project *project = snapshot(rig);

    read_volume(goxel_project_layer(project, layer_id)->volume, ret_cube);
    goxel_project_unref(project);
}

void cube_read_selection(struct rig *rig, struct cube *ret_cube)
{
    struct goxel_project *project = snapshot(rig);

    read_volume(project->selection, ret_cube);
    goxel_project_unref(project);
}

void cube_scatter(struct rig *rig, int radius, unsigned seed)
{
    struct goxel_buf params;
    int width = 2 * radius + 1;

    goxel_buf_init(&params, 1 << 20);
    goxel_buf_puts(&params, "[[");
    for (int i = 0; i < 400; i++) {
        int v[4];

        for (int j = 0; j < 4; j++) {
            seed = seed * 1103515245 + 12345;
            v[j] = (int)(seed >> 16) % (j < 3 ? width : 4);
        }
        goxel_buf_printf(&params, "%s[%d,%d,%d,%d,%d,0,%d]", i ? "," : "", v[0] - radius, v[1] - radius,
                         v[2] - radius, 50 + 10 * v[3], 200 - v[3], v[3] == 3 ? 128 : 255);
    }
    goxel_buf_puts(&params, "]]");
    rig_do(rig, "voxel.add_batch", params.data);
    goxel_buf_finish(&params);
}

void cube_start(struct rig *rig, int radius, struct cube *ret_cube)
{
    rig_start_with(rig, goxel_methods, "limits { max_result_voxels = 5000 }\n");
    rig_do(rig, "project.create", "['house']");
    if (radius > 0)
        cube_scatter(rig, radius, 3);
    cube_read(rig, 1, ret_cube);
}

static bool near(struct goxel_color a, struct goxel_color b, int tolerance)
{
    if (!a.a || !b.a)
        return !a.a && !b.a;
    return abs(a.r - b.r) <= tolerance && abs(a.g - b.g) <= tolerance && abs(a.b - b.b) <= tolerance &&
           abs(a.a - b.a) <= tolerance;
}

void cube_flood(const struct cube *cube, struct goxel_pos seed, int tolerance, int neighbours,
                bool ret_reached[CUBE_VOXELS])
{
    int most = neighbours == 6 ? 1 : neighbours == 18 ? 2 : 3, *queue = malloc(CUBE_VOXELS * sizeof(int));
    int head = 0, tail = 0;

    memset(ret_reached, 0, CUBE_VOXELS * sizeof(bool));
    queue[tail++] = cube_index(seed);
    ret_reached[cube_index(seed)] = true;
    while (head < tail) {
        struct goxel_pos pos = cube_pos(queue[head++]);

        for (int i = 0; i < 27; i++) {
            int dx = i % 3 - 1, dy = i / 3 % 3 - 1, dz = i / 9 - 1;
            struct goxel_pos next = {pos.x + dx, pos.y + dy, pos.z + dz};

            if (abs(dx) + abs(dy) + abs(dz) > most || !cube_has(next) || ret_reached[cube_index(next)] ||
                !near(cube_get(cube, seed), cube_get(cube, next), tolerance))
                continue;
            ret_reached[cube_index(next)] = true;
            queue[tail++] = cube_index(next);
        }
    }
    free(queue);
}
