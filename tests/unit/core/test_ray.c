/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rays against a walk from cell to cell, and against what is known beforehand. */
#include "core/ray.h"

#include <math.h>

#include "region.h"

/* One crossing at a time, the earliest of the three; false: nothing within the distance. */
static bool naive_ray(struct naive *naive, const struct goxel_ray *ray, struct goxel_hit *hit)
{
    const double *o = ray->origin, *d = ray->direction;
    double length = sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]), now = 0;
    int cell[3] = {(int)floor(o[0]), (int)floor(o[1]), (int)floor(o[2])}, axis = 0, sign = 0;

    while (now <= ray->distance) {
        struct goxel_pos pos = at(cell[0], cell[1], cell[2]);
        struct goxel_color color = naive_get(naive, pos);
        double best = INFINITY;

        if (color.a) {
            *hit = (struct goxel_hit){pos, color, axis, sign, now};
            return true;
        }
        for (int i = 0; i < 3; i++) {
            double when = d[i] == 0 ? INFINITY
                                    : ((d[i] > 0 ? cell[i] + 1 : cell[i]) - o[i]) / (d[i] / length);

            if (when < best) {
                best = when;
                axis = i;
            }
        }
        sign = d[axis] > 0 ? -1 : 1;
        cell[axis] -= sign;
        now = best;
    }
    return false;
}

static double random_between(uint64_t *state, double min, double max)
{
    return min + (max - min) * random_next(state) / 4294967296.0;
}

static struct goxel_ray random_ray(uint64_t *state)
{
    struct goxel_ray ray = {.distance = random_between(state, 0, 200)};

    for (int i = 0; i < 3; i++) {
        ray.origin[i] = random_between(state, NAIVE_MIN - 15, NAIVE_END + 15);
        ray.direction[i] = random_between(state, -3, 3);
        if (random_below(state, 8) == 0)
            ray.direction[i] = 0;
        if (random_below(state, 4) == 0)
            ray.origin[i] = floor(ray.origin[i]); /* on a plane */
        if (random_below(state, 16) == 0)
            ray.direction[i] = random_below(state, 2) ? 1 : -1; /* through edges */
    }
    if (ray.direction[0] == 0 && ray.direction[1] == 0 && ray.direction[2] == 0)
        ray.direction[2] = -1e-9;
    return ray;
}

static void rays_match_the_array(void)
{
    int hits = 0, inside = 0, misses = 0;

    for (uint64_t seed = 0x4a1; seed < 0x4a9; seed++) {
        struct twin twin = twin_random(seed, 6, 300);
        int wrong = 0;

        for (int i = 0; i < 2000; i++) {
            struct goxel_ray ray = random_ray(&twin.state);
            struct goxel_hit expected, got;
            bool found = false, known = naive_ray(twin.naive, &ray, &expected);

            wrong += goxel_volume_ray(twin.volume, &ray, NULL, &found, &got) != 0 || found != known;
            if (known && found) {
                wrong += memcmp(&got.pos, &expected.pos, sizeof(got.pos)) != 0 ||
                         !same_color(got.color, expected.color) || got.sign != expected.sign ||
                         (got.sign && got.axis != expected.axis) ||
                         fabs(got.distance - expected.distance) > 1e-9;
                inside += got.sign == 0;
            }
            hits += known;
            misses += !known;
        }
        CU_ASSERT_EQUAL(wrong, 0);
        twin_end(&twin);
    }
    CU_ASSERT(hits > 1000);
    CU_ASSERT(misses > 1000);
    CU_ASSERT(inside > 100);
}

/* Across all of the range, from outside of it, and from its far corners. */
static void rays_reach_far(void)
{
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_ray down = {{0.5, 0.5, 3e6}, {0, 0, -1e-300}, INFINITY};
    struct goxel_ray across = {{GOXEL_COORD_MIN - 100.5, 0.25, 0.25}, {1e300, 0, 0}, INFINITY};
    struct goxel_ray diagonal = {{-4e9, -4e9, -4e9}, {1, 1, 1}, INFINITY};
    struct goxel_ray away = {{0, 0, 4e6}, {0, 0, 1}, INFINITY};
    struct goxel_hit hit = {.sign = 7};
    bool found = false;

    goxel_volume_set_at(volume, at(0, 0, GOXEL_COORD_MIN), rgba(1, 1, 1, 255));
    goxel_volume_set_at(volume, at(GOXEL_COORD_MAX, 0, 0), rgba(2, 2, 2, 255));
    goxel_volume_set_at(volume, at(GOXEL_COORD_MAX, GOXEL_COORD_MAX, GOXEL_COORD_MAX), rgba(3, 3, 3, 255));
    CU_ASSERT_EQUAL(goxel_volume_ray(volume, &away, NULL, &found, &hit), 0);
    CU_ASSERT(!found);
    CU_ASSERT_EQUAL(hit.sign, 7);
    CU_ASSERT_EQUAL(goxel_volume_ray(volume, &down, NULL, &found, &hit), 0);
    CU_ASSERT(found);
    CU_ASSERT_EQUAL(hit.pos.z, GOXEL_COORD_MIN);
    CU_ASSERT_EQUAL(hit.axis, 2);
    CU_ASSERT_EQUAL(hit.sign, 1);
    CU_ASSERT_EQUAL(hit.distance, 3e6 - GOXEL_COORD_MIN - 1);
    CU_ASSERT_EQUAL(goxel_volume_ray(volume, &across, NULL, &found, &hit), 0);
    CU_ASSERT(found);
    CU_ASSERT_EQUAL(hit.color.r, 2);
    CU_ASSERT_EQUAL(hit.sign, -1);
    CU_ASSERT_EQUAL(goxel_volume_ray(volume, &diagonal, NULL, &found, &hit), 0);
    CU_ASSERT(found);
    CU_ASSERT_EQUAL(hit.color.r, 3);
    down.distance = 3e6 - GOXEL_COORD_MIN - 2;
    CU_ASSERT_EQUAL(goxel_volume_ray(volume, &down, NULL, &found, &hit), 0);
    CU_ASSERT(!found);
    goxel_volume_destroy(volume);
}

static void wrong_rays_are_refused(void)
{
    static const struct goxel_ray wrong[] = {
        {{0, 0, 0}, {0, 0, 0}, 1},     {{NAN, 0, 0}, {0, 0, 1}, 1},      {{0, 0, 0}, {0, NAN, 1}, 1},
        {{0, 0, 0}, {0, 0, 1}, NAN},   {{INFINITY, 0, 0}, {0, 0, 1}, 1}, {{0, 0, 0}, {0, INFINITY, 1}, 1},
        {{0, 1e300, 0}, {0, 0, 1}, 1}, {{0, 0, 0}, {0, 0, 1}, -1},
    };
    const struct goxel_ray right = {{0, 0, 0}, {0, 0, 1}, 0};
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_cancel cancel;
    struct goxel_hit hit;
    bool found = true;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        CU_ASSERT_EQUAL(goxel_volume_ray(volume, &wrong[i], NULL, &found, &hit), GOXEL_ERROR_VALIDATION);
    goxel_cancel_init(&cancel, 0);
    goxel_cancel_raise(&cancel, GOXEL_ERROR_SHUTTING_DOWN);
    CU_ASSERT_EQUAL(goxel_volume_ray(volume, &right, &cancel, &found, &hit), GOXEL_ERROR_SHUTTING_DOWN);
    CU_ASSERT(found);
    CU_ASSERT_EQUAL(goxel_volume_ray(volume, &right, NULL, &found, &hit), 0);
    CU_ASSERT(!found);
    goxel_volume_destroy(volume);
}

static const struct unit_test tests[] = {
    {"rays match the array", rays_match_the_array},
    {"rays reach far", rays_reach_far},
    {"wrong rays are refused", wrong_rays_are_refused},
    {NULL, NULL},
};

const struct unit_suite suite_ray = {"ray", tests};
