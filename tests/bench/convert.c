/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Our side of `./dev bench convert`, in this process:
 *
 *   bench-convert make MODEL SIZE FILE       writes a file, by its extension
 *   bench-convert write MODEL SIZE FORMAT [OPTION=VALUE…]
 *   bench-convert read MODEL SIZE FORMAT     reads what was written so
 *
 * The last two print the least of several times in seconds, the bytes of the file, the quads of a greedy mesh (0 where the format has no
 * mesh), and by how many KiB the memory grew at most beyond the project.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "bench/models.h"
#include "format/format.h"
#include "mesh/mesh.h"

#define ROUNDS_MIN 3
#define ROUNDS_NS 500000000

static void check(int code, const char *what)
{
    if (!code)
        return;
    fprintf(stderr, "bench-convert: %s: %s\n", what, goxel_error_text(code));
    exit(1);
}

/* KiB that this process has in memory, or had at most ("VmHWM"). */
static long memory(const char *key)
{
    FILE *status = fopen("/proc/self/status", "re");
    char line[256];
    long kib = 0;

    while (status && fgets(line, sizeof(line), status)) {
        if (strncmp(line, key, strlen(key)) == 0)
            kib = strtol(line + strlen(key) + 1, NULL, 10);
    }
    if (status)
        fclose(status);
    return kib;
}

static void forget_peak(void)
{
    FILE *refs = fopen("/proc/self/clear_refs", "we");

    if (refs) {
        fputs("5", refs);
        fclose(refs);
    }
}

static int swallow(void *ctx, const void *bytes, size_t len)
{
    (void)ctx, (void)bytes, (void)len;
    return 0;
}

static int keep(void *ctx, const void *bytes, size_t len)
{
    return fwrite(bytes, 1, len, ctx) == len ? 0 : GOXEL_ERROR_FILE_ACCESS;
}

static size_t write_to(const struct goxel_export *export,
                       int (*drain)(void *ctx, const void *bytes, size_t len), void *ctx)
{
    struct goxel_buf out;
    size_t bytes;

    goxel_buf_init(&out, GOXEL_FILE_MAX);
    goxel_buf_set_drain(&out, drain, ctx);
    check(goxel_format_write(export->options->format, export, false, &out), "write");
    check(goxel_buf_drain(&out), "drain");
    bytes = out.drained;
    goxel_buf_finish(&out);
    return bytes;
}

static uint64_t quads_of(const struct goxel_project *project)
{
    const struct goxel_mesh_options options = {.mesher = GOXEL_MESHER_GREEDY, .colors = true};
    struct goxel_mesh_size size;
    struct goxel_mesh *mesh;

    check(goxel_mesh_plan(project->layers[0]->volume, &options, NULL, NULL, &mesh), "mesh");
    goxel_mesh_size(mesh, &size);
    goxel_mesh_destroy(mesh);
    return size.faces;
}

static void report(double seconds, size_t bytes, uint64_t quads, long grown)
{
    printf("%.6f %zu %llu %ld\n", seconds, bytes, (unsigned long long)quads, grown);
}

static void measure_write(const struct goxel_export *export)
{
    int64_t begin = goxel_clock_ns(), best = INT64_MAX;
    long before = memory("VmRSS:");
    size_t bytes = 0;

    forget_peak();
    for (int i = 0; i < ROUNDS_MIN || goxel_clock_ns() - begin < ROUNDS_NS; i++) {
        int64_t start = goxel_clock_ns();

        bytes = write_to(export, swallow, NULL);
        best = goxel_clock_ns() - start < best ? goxel_clock_ns() - start : best;
    }
    long grown = memory("VmHWM:") - before;

    report((double)best / 1e9, bytes, quads_of(export->project), grown);
}

static void measure_read(const struct goxel_export *export)
{
    char *bytes = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&bytes, &len);
    int64_t begin, best = INT64_MAX;

    write_to(export, keep, file);
    fclose(file);
    begin = goxel_clock_ns();
    for (int i = 0; i < ROUNDS_MIN || goxel_clock_ns() - begin < ROUNDS_NS; i++) {
        const struct goxel_import import = {.bytes = (const uint8_t *)bytes, .len = len};
        struct goxel_project *project = NULL;
        int64_t start = goxel_clock_ns();

        check(goxel_format_read(export->options->format, &import, false, &project), "read");
        best = goxel_clock_ns() - start < best ? goxel_clock_ns() - start : best;
        goxel_project_unref(project);
    }
    report((double)best / 1e9, len, 0, 0);
    free(bytes);
}

static void make(const struct goxel_export *export, const char *path)
{
    FILE *file = fopen(path, "we");

    if (!file) {
        perror(path);
        exit(1);
    }
    write_to(export, keep, file);
    fclose(file);
}

int main(int argc, char **argv)
{
    struct goxel_format_options options;
    struct goxel_export export = {.name = "model", .options = &options};
    struct goxel_project *project = argc >= 5 ? model_make(argv[2], (int)strtol(argv[3], NULL, 10)) : NULL;
    bool makes = argc >= 5 && strcmp(argv[1], "make") == 0;
    const struct goxel_format *format = NULL;

    if (project)
        format = makes ? goxel_format_of_path(argv[4], GOXEL_FORMAT_OUT)
                       : goxel_format_named(argv[4], GOXEL_FORMAT_OUT);
    if (!format) {
        fprintf(stderr, "bench-convert: expected make, write or read, a model, a size, and a format\n");
        return 2;
    }
    export.project = project;
    goxel_format_options_init(&options, format);
    for (int i = 5; i < argc; i++) {
        char *value = strchr(argv[i], '=');

        if (!value)
            return 2;
        *value++ = '\0';
        check(goxel_format_options_set(&options, GOXEL_FORMAT_OUT, argv[i], value, NULL), argv[i]);
    }
    if (makes)
        make(&export, argv[4]);
    else if (strcmp(argv[1], "write") == 0)
        measure_write(&export);
    else
        measure_read(&export);
    goxel_project_unref(project);
    return 0;
}
