/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libpng reports errors by longjmp: everything that must survive one lives in a struct of the
 * caller, and the functions that call setjmp have no locals of their own.
 */
#include "format/png.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

struct job {
    png_structp png;
    png_infop info;
    bool out_of_memory;
    char *reason; /* NULL when nobody asks */
    /* reading */
    const uint8_t *bytes;
    size_t left;
    unsigned width, height;
    struct goxel_color *pixels;
    png_bytep *rows;
    /* writing */
    const struct goxel_color *source;
    struct goxel_buf *out;
};

/* ---- what libpng calls ---- */

static void on_error(png_structp png, png_const_charp message)
{
    struct job *job = png_get_error_ptr(png);

    if (job->reason)
        snprintf(job->reason, GOXEL_PNG_REASON_SIZE, "%s", message);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static png_voidp allocate(png_structp png, png_alloc_size_t size)
{
    struct job *job = png_get_mem_ptr(png);
    void *memory = malloc(size);

    if (!memory)
        job->out_of_memory = true;
    return memory;
}

static void release(png_structp png, png_voidp memory)
{
    (void)png;
    free(memory);
}

static void feed(png_structp png, png_bytep to, size_t len)
{
    struct job *job = png_get_io_ptr(png);

    if (len > job->left)
        png_error(png, "the image is cut short");
    memcpy(to, job->bytes, len);
    job->bytes += len;
    job->left -= len;
}

static void collect(png_structp png, png_bytep bytes, size_t len)
{
    struct job *job = png_get_io_ptr(png);

    if (goxel_buf_append(job->out, bytes, len))
        png_error(png, "no room");
}

static void flush(png_structp png)
{
    (void)png;
}

/* ---- reading ---- */

static void set_limits(struct job *job)
{
    png_set_user_limits(job->png, job->width, job->height);
    png_set_chunk_cache_max(job->png, 16);
    png_set_chunk_malloc_max(job->png, 1 << 16);
    /* Profiles and texts may unpack to megabytes, and say nothing about voxels. */
    png_set_keep_unknown_chunks(job->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
}

static void convert_to_rgba(struct job *job)
{
    png_set_expand(job->png);
    png_set_strip_16(job->png);
    png_set_gray_to_rgb(job->png);
    png_set_add_alpha(job->png, 0xff, PNG_FILLER_AFTER);
    png_set_interlace_handling(job->png);
    png_read_update_info(job->png, job->info);
}

static bool decode(struct job *job)
{
    if (setjmp(png_jmpbuf(job->png)))
        return false;
    set_limits(job);
    png_set_read_fn(job->png, job, feed);
    png_read_info(job->png, job->info);
    if (png_get_image_width(job->png, job->info) != job->width ||
        png_get_image_height(job->png, job->info) != job->height)
        png_error(job->png, "the image has the wrong size");
    convert_to_rgba(job);
    if (png_get_rowbytes(job->png, job->info) != job->width * sizeof(struct goxel_color))
        png_error(job->png, "the image has a strange pixel format");
    png_read_image(job->png, job->rows);
    return true;
}

/* A pointer to each row of the pixels. */
static png_bytep *rows_of(struct goxel_color *pixels, unsigned width, unsigned height)
{
    png_bytep *rows = calloc(height, sizeof(*rows));

    for (unsigned i = 0; rows && i < height; i++)
        rows[i] = (png_bytep)(pixels + (size_t)i * width);
    return rows;
}

int goxel_png_read(const uint8_t *bytes, size_t len, unsigned width, unsigned height,
                   struct goxel_color *ret_pixels, char ret_reason[GOXEL_PNG_REASON_SIZE])
{
    struct job job = {.reason = ret_reason,
                      .bytes = bytes,
                      .left = len,
                      .width = width,
                      .height = height,
                      .pixels = ret_pixels};
    bool ok = false;

    snprintf(ret_reason, GOXEL_PNG_REASON_SIZE, "no PNG image");
    job.rows = rows_of(ret_pixels, width, height);
    job.png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, &job, on_error, on_warning, &job, allocate,
                                       release);
    job.info = job.png ? png_create_info_struct(job.png) : NULL;
    if (job.rows && job.info)
        ok = decode(&job);
    else
        job.out_of_memory = true;
    png_destroy_read_struct(&job.png, &job.info, NULL);
    free(job.rows);
    if (ok)
        return 0;
    return job.out_of_memory ? GOXEL_ERROR_OUT_OF_MEMORY : GOXEL_ERROR_INVALID_DATA;
}

/* ---- writing ---- */

static bool encode(struct job *job)
{
    if (setjmp(png_jmpbuf(job->png)))
        return false;
    png_set_write_fn(job->png, job, collect, flush);
    png_set_compression_level(job->png, 1);
    png_set_filter(job->png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE); /* voxels repeat, they do not slope */
    png_set_IHDR(job->png, job->info, job->width, job->height, 8, PNG_COLOR_TYPE_RGB_ALPHA,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(job->png, job->info);
    for (unsigned y = 0; y < job->height; y++)
        png_write_row(job->png, (png_const_bytep)(job->source + (size_t)y * job->width));
    png_write_end(job->png, NULL);
    return true;
}

int goxel_png_write(const struct goxel_color *pixels, unsigned width, unsigned height, struct goxel_buf *out)
{
    struct job job = {.source = pixels, .width = width, .height = height, .out = out};
    bool ok = false;

    if (out->failed)
        return out->failed;
    job.png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, &job, on_error, on_warning, &job, allocate,
                                        release);
    job.info = job.png ? png_create_info_struct(job.png) : NULL;
    if (job.info)
        ok = encode(&job);
    png_destroy_write_struct(&job.png, &job.info);
    if (ok)
        return 0;
    return out->failed ? out->failed : GOXEL_ERROR_OUT_OF_MEMORY;
}
