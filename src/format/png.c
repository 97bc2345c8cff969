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

#define SIDE_MAX ((unsigned)(GOXEL_COORD_MAX + 1)) /* it begins at 0 */

struct job {
    png_structp png;
    png_infop info;
    bool out_of_memory;
    char *reason; /* NULL when nobody asks */
    /* reading */
    const uint8_t *bytes;
    size_t left;
    bool whole; /* a picture of any size, to its end */
    bool too_large;
    unsigned width, height;
    int depth; /* bits of a channel, as they come */
    struct goxel_color *pixels;
    struct goxel_color *own; /* the same where nobody brought any */
    png_bytep *rows;
    /* writing */
    const struct goxel_png_source *source;
    struct goxel_color *row;
    struct goxel_buf *out;
    bool streams; /* nothing of what was written will be changed */
    int code;     /* of the source's failure */
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

    if (goxel_buf_append(job->out, bytes, len) || (job->streams && goxel_buf_offer(job->out)))
        png_error(png, "no room");
}

static void flush(png_structp png)
{
    (void)png;
}

/* ---- reading ---- */

static void set_limits(struct job *job)
{
    /* Of a picture the size is looked at before anything is allocated by it: see check_size. */
    png_set_user_limits(job->png, job->whole ? PNG_UINT_31_MAX : job->width,
                        job->whole ? PNG_UINT_31_MAX : job->height);
    png_set_chunk_cache_max(job->png, 16);
    png_set_chunk_malloc_max(job->png, 1 << 16);
    /* Profiles and texts may unpack to megabytes, and say nothing about voxels. */
    png_set_keep_unknown_chunks(job->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
}

static void check_size(struct job *job)
{
    unsigned width = png_get_image_width(job->png, job->info),
             height = png_get_image_height(job->png, job->info);

    if (!job->whole && (width != job->width || height != job->height))
        png_error(job->png, "the image has the wrong size");
    job->width = width;
    job->height = height;
    job->too_large = job->whole && ((int64_t)width * height > GOXEL_PICTURE_PIXELS_MAX || width > SIDE_MAX ||
                                    height > SIDE_MAX);
    if (job->too_large)
        png_error(job->png, "the picture is too large");
}

static void convert_to_rgba(struct job *job)
{
    png_set_expand(job->png);
    png_set_strip_16(job->png);
    png_set_gray_to_rgb(job->png);
    png_set_add_alpha(job->png, 0xff, PNG_FILLER_AFTER);
    png_set_interlace_handling(job->png);
    png_read_update_info(job->png, job->info);
    if (png_get_rowbytes(job->png, job->info) != job->width * sizeof(struct goxel_color))
        png_error(job->png, "the image has a strange pixel format");
}

/* Pixels, unless the caller has them, and a pointer to each row of them. */
static void make_room(struct job *job)
{
    if (!job->pixels)
        job->pixels = job->own = calloc((size_t)job->width * job->height, sizeof(*job->pixels));
    job->rows = calloc(job->height, sizeof(*job->rows));
    job->out_of_memory = !job->pixels || !job->rows;
    if (job->out_of_memory)
        png_error(job->png, "no memory");
    for (unsigned i = 0; i < job->height; i++)
        job->rows[i] = (png_bytep)(job->pixels + (size_t)i * job->width);
}

static bool decode(struct job *job)
{
    if (setjmp(png_jmpbuf(job->png)))
        return false;
    set_limits(job);
    png_set_read_fn(job->png, job, feed);
    png_read_info(job->png, job->info);
    check_size(job);
    job->depth = png_get_bit_depth(job->png, job->info);
    convert_to_rgba(job);
    make_room(job);
    png_read_image(job->png, job->rows);
    if (job->whole)
        png_read_end(job->png, NULL);
    return true;
}

/* The job has its input and says what it expects. 0, GOXEL_ERROR_INVALID_DATA or GOXEL_ERROR_OUT_OF_MEMORY. */
static int read_image(struct job *job)
{
    bool ok = false;

    snprintf(job->reason, GOXEL_PNG_REASON_SIZE, "no PNG image");
    job->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, job, on_error, on_warning, job, allocate,
                                        release);
    job->info = job->png ? png_create_info_struct(job->png) : NULL;
    if (job->info)
        ok = decode(job);
    else
        job->out_of_memory = true;
    png_destroy_read_struct(&job->png, &job->info, NULL);
    free(job->rows);
    if (ok)
        return 0;
    free(job->own);
    return job->out_of_memory ? GOXEL_ERROR_OUT_OF_MEMORY : GOXEL_ERROR_INVALID_DATA;
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

    return read_image(&job);
}

int goxel_png_load(const uint8_t *bytes, size_t len, struct goxel_detail *detail,
                   struct goxel_picture *ret_picture)
{
    char reason[GOXEL_PNG_REASON_SIZE];
    struct job job = {.reason = reason, .bytes = bytes, .left = len, .whole = true};
    int code = read_image(&job);

    if (job.too_large)
        return goxel_fail_limit(detail, GOXEL_ERROR_QUOTA, "pixels of a picture", GOXEL_PICTURE_PIXELS_MAX,
                                (int64_t)job.width * job.height);
    if (code == GOXEL_ERROR_INVALID_DATA)
        return goxel_fail_at(detail, code, 0, (int64_t)(len - job.left), "no PNG picture: %s", reason);
    if (code)
        return goxel_fail(detail, code, "a picture of %u x %u pixels", job.width, job.height);
    *ret_picture = (struct goxel_picture){
        .width = job.width, .height = job.height, .reduced = job.depth == 16, .pixels = job.own};
    return 0;
}

void goxel_picture_finish(struct goxel_picture *picture)
{
    free(picture->pixels);
    *picture = (struct goxel_picture){.pixels = NULL};
}

/* ---- writing ---- */

static void put_text(struct job *job)
{
    png_text text = {.compression = PNG_TEXT_COMPRESSION_NONE,
                     .key = (png_charp)job->source->keyword,
                     .text = (png_charp)job->source->text};

    png_set_text(job->png, job->info, &text, 1);
}

static void put_row(struct job *job, unsigned y)
{
    job->code = job->source->row(job->source->ctx, y, job->row);
    if (job->code)
        png_error(job->png, "no row");
    png_write_row(job->png, (png_const_bytep)job->row);
}

static bool encode(struct job *job)
{
    if (setjmp(png_jmpbuf(job->png)))
        return false;
    png_set_write_fn(job->png, job, collect, flush);
    png_set_user_limits(job->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_compression_level(job->png, job->source->level);
    png_set_filter(job->png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE); /* voxels repeat, they do not slope */
    png_set_IHDR(job->png, job->info, job->source->width, job->source->height, 8, PNG_COLOR_TYPE_RGB_ALPHA,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (job->source->keyword)
        put_text(job);
    png_write_info(job->png, job->info);
    for (unsigned y = 0; y < job->source->height; y++)
        put_row(job, y);
    png_write_end(job->png, NULL);
    return true;
}

static int write_image(struct job *job)
{
    bool ok = false;

    if (job->out->failed)
        return job->out->failed;
    job->row = calloc(job->source->width, sizeof(*job->row));
    if (job->row)
        job->png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, job, on_error, on_warning, job, allocate,
                                             release);
    job->info = job->png ? png_create_info_struct(job->png) : NULL;
    if (job->info)
        ok = encode(job);
    png_destroy_write_struct(&job->png, &job->info);
    free(job->row);
    if (ok)
        return 0;
    if (job->code)
        return job->code;
    return job->out->failed ? job->out->failed : GOXEL_ERROR_OUT_OF_MEMORY;
}

int goxel_png_write_rows(const struct goxel_png_source *source, struct goxel_buf *out)
{
    struct job job = {.source = source, .out = out, .streams = true};

    return write_image(&job);
}

struct pixels {
    const struct goxel_color *pixels;
    unsigned width;
};

static int copy_row(void *ctx, unsigned y, struct goxel_color *ret_pixels)
{
    const struct pixels *pixels = ctx;

    memcpy(ret_pixels, pixels->pixels + (size_t)y * pixels->width, pixels->width * sizeof(*ret_pixels));
    return 0;
}

int goxel_png_write(const struct goxel_color *pixels, unsigned width, unsigned height, struct goxel_buf *out)
{
    struct pixels ctx = {pixels, width};
    const struct goxel_png_source source = {
        .width = width, .height = height, .level = 1, .row = copy_row, .ctx = &ctx};
    struct job job = {.source = &source, .out = out};

    return write_image(&job);
}
