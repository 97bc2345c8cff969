/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rectangles out of rows: runs of one colour in each row, and what goes on from row to row.
 *
 * Used by: mesh/sweep.c, mesh/boxes.c.  Uses: base.
 *
 * A row is a list of runs in ascending order. An open rectangle goes on with a row if one run of its colour has all of it,
 * and ends otherwise; what is left of the runs begins new ones. Rectangles of the same rows are the same, and no larger set is in
 * memory than those that are open.
 */
#ifndef GOXEL_MESH_RUNS_H
#define GOXEL_MESH_RUNS_H

#include <stddef.h>
#include <stdint.h>

/* A run, or an open rectangle: of the places from u0 to before u1, of a rectangle from row v0 on. */
struct goxel_run {
    int32_t u0, u1, v0;
    uint32_t color; /* any number */
};

/* Life: all zero is empty, ended by goxel_runs_finish. */
struct goxel_runs {
    struct goxel_run *list;
    size_t count, room;
};

/* A rectangle ends before row v. What it returns, unless 0, ends the operation and is returned. */
typedef int goxel_run_close(void *ctx, const struct goxel_run *open, int32_t v);

/* A run behind the others; one with the last one if it touches that, and has its colour. GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_runs_add(struct goxel_runs *runs, int32_t u0, int32_t u1, uint32_t color);

/* The open rectangles as row v leaves them. `spare` is room for the change. GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_runs_merge(struct goxel_runs *open, const struct goxel_runs *row, int32_t v,
                     struct goxel_runs *spare, goxel_run_close *close, void *ctx);

/* All end before row v. */
int goxel_runs_close(struct goxel_runs *open, int32_t v, goxel_run_close *close, void *ctx);

int goxel_runs_copy(struct goxel_runs *to, const struct goxel_runs *from); /* GOXEL_ERROR_OUT_OF_MEMORY */
void goxel_runs_finish(struct goxel_runs *runs);

#endif
