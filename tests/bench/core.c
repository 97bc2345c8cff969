/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Our side of `./dev bench core`: the volume. What is printed, and what the peer shares: bench/core.h. */
#include "bench/core.h"

#include <malloc.h>

#include "base/error.h"
#include "core/accessor.h"
#include "core/cursor.h"
#include "core/paint.h"

static struct goxel_color color_of(uint32_t bits)
{
    struct goxel_color color;

    memcpy(&color, &bits, sizeof(color));
    return color;
}

static void check(int result)
{
    if (!result)
        return;
    fprintf(stderr, "bench-core: error %d\n", result);
    exit(1);
}

static uint64_t mix(struct goxel_pos at, struct goxel_color color)
{
    return (uint64_t)(at.x + at.y * 3 + at.z * 5) + goxel_color_bits(color);
}

/* ---- voxel by voxel ---- */

/* An edit from its first write to its seal; another turn writes other colours. */
BENCH_INLINE void write_cube(enum bench_pattern pattern, struct goxel_volume *volume, int edge, uint32_t turn)
{
    struct goxel_accessor near = goxel_accessor_make(volume);
    int result = 0;
    uint32_t i = 0;

    for (int z = 0; z < edge; z++) {
        for (int y = 0; y < edge; y++) {
            for (int x = 0; x < edge; x++)
                result |= goxel_accessor_set(&near, (struct goxel_pos){x, y, z},
                                             color_of(bench_color(pattern, i++) ^ turn));
        }
    }
    goxel_volume_seal(volume);
    check(result);
}

static void read_cube(const struct goxel_volume *volume, int edge)
{
    struct goxel_reader near = goxel_reader_make(volume);
    uint64_t sum = 0;

    for (int z = 0; z < edge; z++) {
        for (int y = 0; y < edge; y++) {
            for (int x = 0; x < edge; x++)
                sum += goxel_color_bits(goxel_reader_get(&near, (struct goxel_pos){x, y, z}));
        }
    }
    bench_use(sum);
}

static uint64_t iterate_grid(const struct goxel_volume *volume)
{
    struct goxel_cursor cursor;
    uint64_t sum = 0;

    goxel_cursor_begin(&cursor, volume, NULL);
    while (goxel_cursor_next(&cursor))
        sum += mix(cursor.pos, cursor.color);
    return sum;
}

static uint64_t iterate_leaves(const struct goxel_volume *volume)
{
    struct goxel_cursor cursor;
    uint64_t sum = 0;

    goxel_cursor_begin(&cursor, volume, NULL);
    while (goxel_cursor_open_brick(&cursor)) {
        while (goxel_cursor_next_voxel(&cursor))
            sum += mix(cursor.pos, cursor.color);
    }
    return sum;
}

static void time_iteration(const struct goxel_volume *volume, const char *variant, int size, int times)
{
    double voxels = (double)goxel_volume_count(volume), start = bench_seconds();

    for (int i = 0; i < times; i++)
        bench_use(iterate_grid(volume));
    bench_print_rate("iterate.grid", variant, size, voxels * times, bench_seconds() - start);
    start = bench_seconds();
    for (int i = 0; i < times; i++)
        bench_use(iterate_leaves(volume));
    bench_print_rate("iterate.leaf", variant, size, voxels * times, bench_seconds() - start);
}

static void cube(enum bench_pattern pattern, int size)
{
    const char *name = bench_pattern_names[pattern];
    struct goxel_volume *volume = goxel_volume_create();
    int edge = bench_edge(size);
    double voxels = (double)edge * edge * edge, start = bench_seconds();

    BENCH_EACH(pattern, write_cube, volume, edge, 0);
    bench_print_rate("set.first", name, size, voxels, bench_seconds() - start);
    start = bench_seconds();
    BENCH_EACH(pattern, write_cube, volume, edge, 1);
    bench_print_rate("set.overwrite", name, size, voxels, bench_seconds() - start);
    start = bench_seconds();
    read_cube(volume, edge);
    bench_print_rate("get", name, size, voxels, bench_seconds() - start);
    time_iteration(volume, name, size, 1);
    goxel_volume_destroy(volume);
}

static void sparse(enum bench_pattern pattern, int size)
{
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_accessor near = goxel_accessor_make(volume);
    char variant[32];
    uint64_t state = 1;
    uint32_t i = 0;
    int edge = bench_edge(size);

    for (int z = 0; z < edge; z++) {
        for (int y = 0; y < edge; y++) {
            for (int x = 0; x < edge; x++) {
                if (bench_sparse(&state))
                    check(goxel_accessor_set(&near, (struct goxel_pos){x, y, z},
                                             color_of(bench_color(pattern, i++))));
            }
        }
    }
    goxel_volume_seal(volume);
    snprintf(variant, sizeof(variant), "sparse.%s", bench_pattern_names[pattern]);
    time_iteration(volume, variant, size, 10);
    goxel_volume_destroy(volume);
}

/* ---- at random ---- */

static inline struct goxel_pos random_pos(uint64_t *state)
{
    uint64_t r = bench_random(state);

    return (struct goxel_pos){r & 511, r >> 9 & 511, r >> 18 & 511};
}

BENCH_INLINE void write_random(enum bench_pattern pattern, struct goxel_volume *volume, uint32_t count)
{
    struct goxel_accessor near = goxel_accessor_make(volume);
    uint64_t state = 7;
    int result = 0;

    for (uint32_t i = 0; i < count; i++)
        result |= goxel_accessor_set(&near, random_pos(&state), color_of(bench_color(pattern, i)));
    goxel_volume_seal(volume);
    check(result);
}

static void read_random(const struct goxel_volume *volume, uint32_t count)
{
    struct goxel_reader near = goxel_reader_make(volume);
    uint64_t state = 7, sum = 0;

    for (uint32_t i = 0; i < count; i++)
        sum += goxel_color_bits(goxel_reader_get(&near, random_pos(&state)));
    bench_use(sum);
}

#define RANDOM_AT_ONCE 1000

/* As who wants many of them: all of a list. */
static void read_lists(const struct goxel_volume *volume, uint32_t count)
{
    static struct goxel_pos positions[RANDOM_AT_ONCE];
    static struct goxel_color colors[RANDOM_AT_ONCE];
    uint64_t state = 7, sum = 0;

    for (uint32_t done = 0; done < count; done += RANDOM_AT_ONCE) {
        for (uint32_t i = 0; i < RANDOM_AT_ONCE; i++)
            positions[i] = random_pos(&state);
        goxel_volume_get_many(volume, positions, RANDOM_AT_ONCE, colors);
        for (uint32_t i = 0; i < RANDOM_AT_ONCE; i++)
            sum += goxel_color_bits(colors[i]);
    }
    bench_use(sum);
}

static void random_places(enum bench_pattern pattern, int size)
{
    const char *name = bench_pattern_names[pattern];
    struct goxel_volume *volume = goxel_volume_create();
    uint32_t count = bench_random_count(size);
    double start = bench_seconds();

    BENCH_EACH(pattern, write_random, volume, count);
    bench_print_rate("random.set.fresh", name, size, count, bench_seconds() - start);
    start = bench_seconds();
    BENCH_EACH(pattern, write_random, volume, count);
    bench_print_rate("random.set.steady", name, size, count, bench_seconds() - start);
    start = bench_seconds();
    read_lists(volume, count);
    bench_print_rate("random.get", name, size, count, bench_seconds() - start);
    start = bench_seconds();
    read_random(volume, count);
    bench_print_rate("random.get.single", name, size, count, bench_seconds() - start);
    goxel_volume_destroy(volume);
}

/* ---- whole boxes ---- */

static void fill(enum bench_pattern pattern, int size)
{
    struct goxel_box box = {{BENCH_FILL_MIN, BENCH_FILL_MIN, BENCH_FILL_MIN},
                            {BENCH_FILL_MAX, BENCH_FILL_MAX, BENCH_FILL_MAX}};
    double seconds = 0;

    for (int i = 0; i < BENCH_FILL_TIMES; i++) {
        struct goxel_volume *volume = goxel_volume_create();
        double start = bench_seconds();

        check(goxel_volume_fill(volume, &box, color_of(bench_color(pattern, 0)), NULL));
        seconds += bench_seconds() - start;
        goxel_volume_destroy(volume);
    }
    bench_print_rate("fill.box256", bench_pattern_names[pattern], size, 256.0 * 256 * 256 * BENCH_FILL_TIMES,
                     seconds);
}

/* As many bytes as the voxels have, written over and over: what memory allows. */
static void print_memset(const char *name, int size)
{
    size_t bytes = (size_t)BENCH_SPHERE_VOXELS * sizeof(struct goxel_color);
    uint8_t *memory = malloc(bytes);
    double start;

    check(memory ? 0 : GOXEL_ERROR_OUT_OF_MEMORY);
    memset(memory, 1, bytes);
    start = bench_seconds();
    for (int i = 0; i < BENCH_SPHERE_TIMES; i++) {
        memset(memory, i, bytes);
        bench_use(memory[i]);
    }
    bench_print_rate("sphere128.memset", name, size, BENCH_SPHERE_VOXELS * BENCH_SPHERE_TIMES,
                     bench_seconds() - start);
    free(memory);
}

static void sphere(enum bench_pattern pattern, int size)
{
    const double r = BENCH_SPHERE_RADIUS;
    const struct goxel_shape ball = {GOXEL_SHAPE_SPHERE, 2, {r, r, r}, {r, r, r}};
    const struct goxel_brush brush = {.mode = GOXEL_MODE_OVER, .color = color_of(bench_color(pattern, 0))};
    double seconds = 0;

    for (int i = 0; i < BENCH_SPHERE_TIMES; i++) {
        struct goxel_volume *volume = goxel_volume_create();
        double start = bench_seconds();

        check(goxel_paint_shapes(volume, &ball, 1, &brush, NULL));
        seconds += bench_seconds() - start;
        check((double)goxel_volume_count(volume) == BENCH_SPHERE_VOXELS ? 0 : GOXEL_ERROR_INVALID_DATA);
        goxel_volume_destroy(volume);
    }
    bench_print_rate("sphere128", bench_pattern_names[pattern], size,
                     BENCH_SPHERE_VOXELS * BENCH_SPHERE_TIMES, seconds);
    print_memset(bench_pattern_names[pattern], size);
}

/* ---- memory ---- */

/* Bytes that the allocator gave away, with what it needs itself. */
static size_t held(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

/* One colour: filled, and written voxel by voxel. */
static void memory_solid(void)
{
    struct goxel_box box = {{0, 0, 0}, {511, 511, 511}};
    size_t before = held(), filled, written;
    struct goxel_volume *volume = goxel_volume_create();

    check(goxel_volume_fill(volume, &box, color_of(bench_color(BENCH_ONE, 0)), NULL));
    filled = held() - before;
    goxel_volume_destroy(volume);
    before = held();
    volume = goxel_volume_create();
    write_cube(BENCH_ONE, volume, 512, 0);
    written = held() - before;
    goxel_volume_destroy(volume);
    bench_print("memory.solid512", "sealed", 1, (double)(filled > written ? filled : written) / 1024);
}

/* A cube of 128 full of noise: of as many colours as a palette has, empty being one, or of any. */
static void memory_noise(const char *row, uint32_t colors)
{
    size_t before = held();
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_accessor near = goxel_accessor_make(volume);
    uint64_t state = 3;

    for (int i = 0; i < 128 * 128 * 128; i++) {
        uint32_t k = (uint32_t)(bench_random(&state) % colors);
        struct goxel_color color = color_of(k ? UINT32_C(0xff000000) | k : 0);

        check(goxel_accessor_set(&near, (struct goxel_pos){i & 127, i >> 7 & 127, i >> 14}, color));
    }
    goxel_volume_seal(volume);
    bench_print(row, "sealed", 1, (double)(held() - before) / (128 * 128 * 128));
    goxel_volume_destroy(volume);
}

/* The voxels between two spheres, two thick, in bands of 32 colours: shell256 of other programs' benches. */
static void memory_shell(void)
{
    size_t before = held();
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_accessor near = goxel_accessor_make(volume);

    for (int i = 0; i < 256 * 256 * 256; i++) {
        struct goxel_pos at = {i & 255, i >> 8 & 255, i >> 16};
        /* Twice the distance of each axis from the middle: whole numbers. */
        int x = 2 * at.x - 255, y = 2 * at.y - 255, z = 2 * at.z - 255, far = x * x + y * y + z * z;

        if (far <= 256 * 256 && far > 252 * 252)
            check(goxel_accessor_set(&near, at, color_of(UINT32_C(0xff203040) + (uint32_t)(at.z / 8) * 5)));
    }
    goxel_volume_seal(volume);
    bench_print("memory.shell256", "sealed", 1,
                (double)(held() - before) / (double)goxel_volume_count(volume));
    goxel_volume_destroy(volume);
}

/* What an edit of 512³ holds at most before its end, beyond what it comes to: the bricks that are open. */
static void memory_open(void)
{
    size_t before = held(), most = before;
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_accessor near = goxel_accessor_make(volume);

    for (uint32_t i = 0; i < UINT32_C(512) * 512 * 512; i++) {
        struct goxel_pos at = {i & 511, i >> 9 & 511, i >> 18};

        check(goxel_accessor_set(&near, at, color_of(bench_color(BENCH_32, i))));
        if ((i & 0x3ff) == 0 && held() > most)
            most = held();
    }
    goxel_volume_seal(volume);
    bench_print("memory.open", "512", 1, (double)(most - held()) / (1 << 20));
    goxel_volume_destroy(volume);
}

static void memory(enum bench_pattern pattern, int size)
{
    (void)pattern, (void)size;
    memory_solid();
    memory_noise("memory.palette", 256);
    memory_noise("memory.noise", UINT32_C(1) << 24);
    memory_shell();
    memory_open();
}

/* ---- how long one thing takes ---- */

#define SEAL_BRICKS 512

/* One seal of bricks of random voxels, in millionths of a second for each. */
static void seal(enum bench_pattern pattern, int size)
{
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_accessor near = goxel_accessor_make(volume);
    double start;

    for (uint32_t i = 0; i < SEAL_BRICKS * GOXEL_BRICK_VOXELS; i++)
        check(goxel_accessor_set(&near, (struct goxel_pos){i & 127, i >> 7 & 127, i >> 14},
                                 color_of(bench_color(pattern, i))));
    start = bench_seconds();
    goxel_volume_seal(volume);
    bench_print("seal", bench_pattern_names[pattern], size, (bench_seconds() - start) / SEAL_BRICKS * 1e6);
    goxel_volume_destroy(volume);
}

/* A cube of so many bricks on an edge, of sixteen colours and no order, as an edit left it: sealed. */
static struct goxel_volume *bricks(int edge)
{
    static struct goxel_color colors[GOXEL_BRICK_VOXELS];
    struct goxel_volume *volume = goxel_volume_create();
    uint64_t state = 5;

    for (int i = 0; i < edge * edge * edge; i++) {
        struct goxel_pos at = {i % edge * 16, i / edge % edge * 16, i / edge / edge * 16};

        for (int k = 0; k < GOXEL_BRICK_VOXELS; k++)
            colors[k] = color_of(UINT32_C(0xff000000) | (uint32_t)(bench_random(&state) & 15));
        check(goxel_volume_set_brick(volume, at, colors));
    }
    goxel_volume_seal(volume);
    return volume;
}

/* A million of them, in thousand millionths of a second for each. */
static void snapshot(enum bench_pattern pattern, int size)
{
    struct goxel_volume *volume = bricks(32);
    double start = bench_seconds();

    (void)pattern;
    for (int i = 0; i < 1000000; i++) {
        struct goxel_volume *copy = goxel_volume_copy(volume);

        if (!copy)
            exit(1);
        goxel_volume_destroy(copy);
    }
    bench_print("snapshot", "copy", size, (bench_seconds() - start) * 1e9 / 1e6);
    goxel_volume_destroy(volume);
}

/* More than any cache has: what was in them is not after this. */
static void flush_caches(void)
{
    static uint8_t bytes[96 << 20];
    uint64_t sum = 0;

    for (size_t i = 0; i < sizeof(bytes); i += 64)
        sum += bytes[i]++;
    bench_use(sum);
}

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

/* A voxel changed after a snapshot, sealed, and the old version freed: in millionths of a second. */
static double first_edit(struct goxel_volume *volume, struct goxel_pos at, uint32_t color)
{
    struct goxel_volume *old = goxel_volume_copy(volume);
    double start = bench_seconds();

    check(goxel_volume_set_at(volume, at, color_of(UINT32_C(0xff800000) | color)));
    goxel_volume_seal(volume);
    goxel_volume_destroy(old);
    return (bench_seconds() - start) * 1e6;
}

/* As in a daemon that has been at work for a while: the heap has free pages, and no edit is the first to touch one. */
#define SPARE_BLOCKS 4096
static void spare_memory(void)
{
    static void *blocks[SPARE_BLOCKS];

    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    for (int i = 0; i < SPARE_BLOCKS; i++) {
        blocks[i] = malloc(GOXEL_BRICK_BYTES);
        check(blocks[i] ? 0 : GOXEL_ERROR_OUT_OF_MEMORY);
        memset(blocks[i], 1, GOXEL_BRICK_BYTES);
    }
    for (int i = 0; i < SPARE_BLOCKS; i++)
        free(blocks[i]);
}

#define EDITS_WARM 20000
#define EDITS_COLD 400

static void first_edits(int edge, const char *row)
{
    static double took[EDITS_WARM];
    struct goxel_volume *volume = bricks(edge);
    uint64_t state = 9;

    spare_memory();
    for (int cold = 0; cold < 2; cold++) {
        int count = cold ? EDITS_COLD : EDITS_WARM;
        const char *name = cold ? "cold" : "warm";
        char variant[32];

        for (int i = 0; i < count; i++) {
            uint64_t r = bench_random(&state);
            uint32_t side = (uint32_t)edge * 16;

            if (cold)
                flush_caches();
            took[i] = first_edit(volume,
                                 (struct goxel_pos){(int32_t)((r & 0xffff) % side),
                                                    (int32_t)((r >> 16 & 0xffff) % side),
                                                    (int32_t)((r >> 32 & 0xffff) % side)},
                                 (uint32_t)i);
        }
        qsort(took, (size_t)count, sizeof(took[0]), compare_doubles);
        snprintf(variant, sizeof(variant), "%s.median", name);
        bench_print(row, variant, 1, took[count / 2]);
        snprintf(variant, sizeof(variant), "%s.p99", name);
        bench_print(row, variant, 1, took[count * 99 / 100]);
    }
    goxel_volume_destroy(volume);
}

static void edits(enum bench_pattern pattern, int size)
{
    (void)pattern, (void)size;
    first_edits(15, "first.edit.3300");
    first_edits(32, "first.edit.33000");
    first_edits(69, "first.edit.330000");
}

/* ---- which ---- */

static const struct {
    const char *name;
    void (*run)(enum bench_pattern pattern, int size);
} groups[] = {
    {"cube", cube},     {"sparse", sparse}, {"random", random_places}, {"fill", fill},   {"sphere", sphere},
    {"memory", memory}, {"seal", seal},     {"snapshot", snapshot},    {"edits", edits},
};

int main(int argc, char **argv)
{
    enum bench_pattern pattern = argc == 4 ? bench_pattern_find(argv[2]) : BENCH_PATTERNS;

    if (pattern == BENCH_PATTERNS)
        return 2;
    bench_touch_memory();
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        if (strcmp(groups[i].name, argv[1]) == 0) {
            groups[i].run(pattern, bench_size(argv[3]));
            return 0;
        }
    }
    return 2;
}
