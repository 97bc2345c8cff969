// SPDX-License-Identifier: GPL-3.0-or-later
// The peer of `./dev bench core`: OpenVDB's Int32Grid through its accessor. bench/core.sh builds it.
#include "core.h"

#include <openvdb/openvdb.h>

using openvdb::Coord;
using openvdb::Int32Grid;

static uint64_t mix(const Coord &at, int value)
{
    return (uint64_t)(at.x() + at.y() * 3 + at.z() * 5) + (uint32_t)value;
}

BENCH_INLINE void write_cube(bench_pattern pattern, Int32Grid &grid, int edge, uint32_t turn)
{
    Int32Grid::Accessor near = grid.getAccessor();
    uint32_t i = 0;

    for (int z = 0; z < edge; z++) {
        for (int y = 0; y < edge; y++) {
            for (int x = 0; x < edge; x++)
                near.setValue(Coord(x, y, z), (int)(bench_color(pattern, i++) ^ turn));
        }
    }
}

static void read_cube(const Int32Grid &grid, int edge)
{
    Int32Grid::ConstAccessor near = grid.getConstAccessor();
    uint64_t sum = 0;

    for (int z = 0; z < edge; z++) {
        for (int y = 0; y < edge; y++) {
            for (int x = 0; x < edge; x++)
                sum += (uint32_t)near.getValue(Coord(x, y, z));
        }
    }
    bench_use(sum);
}

static uint64_t iterate_grid(const Int32Grid &grid)
{
    uint64_t sum = 0;

    for (auto voxel = grid.cbeginValueOn(); voxel; ++voxel)
        sum += mix(voxel.getCoord(), voxel.getValue());
    return sum;
}

static uint64_t iterate_leaves(const Int32Grid &grid)
{
    uint64_t sum = 0;

    for (auto leaf = grid.tree().cbeginLeaf(); leaf; ++leaf) {
        for (auto voxel = leaf->cbeginValueOn(); voxel; ++voxel)
            sum += mix(voxel.getCoord(), voxel.getValue());
    }
    return sum;
}

static void time_iteration(const Int32Grid &grid, const char *variant, int size, int times)
{
    double voxels = (double)grid.activeVoxelCount(), start = bench_seconds();

    for (int i = 0; i < times; i++)
        bench_use(iterate_grid(grid));
    bench_print_rate("iterate.grid", variant, size, voxels * times, bench_seconds() - start);
    start = bench_seconds();
    for (int i = 0; i < times; i++)
        bench_use(iterate_leaves(grid));
    bench_print_rate("iterate.leaf", variant, size, voxels * times, bench_seconds() - start);
}

static void cube(bench_pattern pattern, int size)
{
    const char *name = bench_pattern_names[pattern];
    Int32Grid::Ptr grid = Int32Grid::create(0);
    int edge = bench_edge(size);
    double voxels = (double)edge * edge * edge, start = bench_seconds();

    BENCH_EACH(pattern, write_cube, *grid, edge, 0);
    bench_print_rate("set.first", name, size, voxels, bench_seconds() - start);
    start = bench_seconds();
    BENCH_EACH(pattern, write_cube, *grid, edge, 1);
    bench_print_rate("set.overwrite", name, size, voxels, bench_seconds() - start);
    start = bench_seconds();
    read_cube(*grid, edge);
    bench_print_rate("get", name, size, voxels, bench_seconds() - start);
    time_iteration(*grid, name, size, 1);
}

static void sparse(bench_pattern pattern, int size)
{
    Int32Grid::Ptr grid = Int32Grid::create(0);
    Int32Grid::Accessor near = grid->getAccessor();
    char variant[32];
    uint64_t state = 1;
    uint32_t i = 0;
    int edge = bench_edge(size);

    for (int z = 0; z < edge; z++) {
        for (int y = 0; y < edge; y++) {
            for (int x = 0; x < edge; x++) {
                if (bench_sparse(&state))
                    near.setValue(Coord(x, y, z), (int)bench_color(pattern, i++));
            }
        }
    }
    snprintf(variant, sizeof(variant), "sparse.%s", bench_pattern_names[pattern]);
    time_iteration(*grid, variant, size, 10);
}

BENCH_INLINE void write_random(bench_pattern pattern, Int32Grid &grid, uint32_t count)
{
    Int32Grid::Accessor near = grid.getAccessor();
    uint64_t state = 7;

    for (uint32_t i = 0; i < count; i++) {
        uint64_t r = bench_random(&state);

        near.setValue(Coord(r & 511, r >> 9 & 511, r >> 18 & 511), (int)bench_color(pattern, i));
    }
}

static void read_random(const Int32Grid &grid, uint32_t count)
{
    Int32Grid::ConstAccessor near = grid.getConstAccessor();
    uint64_t state = 7, sum = 0;

    for (uint32_t i = 0; i < count; i++) {
        uint64_t r = bench_random(&state);

        sum += (uint32_t)near.getValue(Coord(r & 511, r >> 9 & 511, r >> 18 & 511));
    }
    bench_use(sum);
}

static void random_places(bench_pattern pattern, int size)
{
    const char *name = bench_pattern_names[pattern];
    Int32Grid::Ptr grid = Int32Grid::create(0);
    uint32_t count = bench_random_count(size);
    double start = bench_seconds();

    BENCH_EACH(pattern, write_random, *grid, count);
    bench_print_rate("random.set.fresh", name, size, count, bench_seconds() - start);
    start = bench_seconds();
    BENCH_EACH(pattern, write_random, *grid, count);
    bench_print_rate("random.set.steady", name, size, count, bench_seconds() - start);
    start = bench_seconds();
    read_random(*grid, count);
    bench_print_rate("random.get", name, size, count, bench_seconds() - start);
    start = bench_seconds();
    read_random(*grid, count);
    bench_print_rate("random.get.single", name, size, count, bench_seconds() - start);
}

static void fill(bench_pattern pattern, int size)
{
    double seconds = 0;

    for (int i = 0; i < BENCH_FILL_TIMES; i++) {
        Int32Grid::Ptr grid = Int32Grid::create(0);
        double start = bench_seconds();

        grid->sparseFill(openvdb::CoordBBox(Coord(BENCH_FILL_MIN), Coord(BENCH_FILL_MAX)),
                         (int)bench_color(pattern, 0));
        seconds += bench_seconds() - start;
    }
    bench_print_rate("fill.box256", bench_pattern_names[pattern], size, 256.0 * 256 * 256 * BENCH_FILL_TIMES,
                     seconds);
}

// Row by row, each filled from end to end.
static void sphere(bench_pattern pattern, int size)
{
    const int r = BENCH_SPHERE_RADIUS;
    double seconds = 0;

    for (int i = 0; i < BENCH_SPHERE_TIMES; i++) {
        Int32Grid::Ptr grid = Int32Grid::create(0);
        double start = bench_seconds();

        for (int z = 0; z < 2 * r; z++) {
            for (int y = 0; y < 2 * r; y++) {
                double dy = y + 0.5 - r, dz = z + 0.5 - r, left = (double)r * r - dy * dy - dz * dz;
                int half = left < 0.25 ? 0 : (int)std::floor(std::sqrt(left) + 0.5);

                if (half > 0)
                    grid->sparseFill(openvdb::CoordBBox(Coord(r - half, y, z), Coord(r + half - 1, y, z)),
                                     (int)bench_color(pattern, 0));
            }
        }
        seconds += bench_seconds() - start;
        if ((double)grid->activeVoxelCount() != BENCH_SPHERE_VOXELS)
            exit(1);
    }
    bench_print_rate("sphere128", bench_pattern_names[pattern], size, BENCH_SPHERE_VOXELS * BENCH_SPHERE_TIMES,
                     seconds);
}

static const struct {
    const char *name;
    void (*run)(bench_pattern pattern, int size);
} groups[] = {{"cube", cube}, {"sparse", sparse}, {"random", random_places}, {"fill", fill},
              {"sphere", sphere}};

int main(int argc, char **argv)
{
    bench_pattern pattern = argc == 4 ? bench_pattern_find(argv[2]) : BENCH_PATTERNS;

    if (pattern == BENCH_PATTERNS)
        return 2;
    bench_touch_memory();
    openvdb::initialize();
    for (const auto &group : groups) {
        if (strcmp(group.name, argv[1]) == 0) {
            group.run(pattern, bench_size(argv[3]));
            return 0;
        }
    }
    return 2;
}
