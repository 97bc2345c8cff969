/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files of meshes read back as loose triangles, by parsers that share nothing with the writers, and compared with the voxels they were
 * made of.
 *
 * Used by: the tests of mesh formats.
 */
#ifndef GOXEL_TESTS_FORMAT_SOUP_H
#define GOXEL_TESTS_FORMAT_SOUP_H

#include <stdbool.h>

#include "format/format.h"

struct soup_triangle {
    double at[3][3];      /* in the file's axes */
    double normals[3][3]; /* of the corners; all zero: the file has none */
    struct goxel_color
        color[3];  /* of the corners; alpha 255 where the file has none, white without colours */
    size_t object; /* which of the file's */
    bool blend;    /* its material says so */
};

#define SOUP_NAME_MAX 256

struct soup {
    struct soup_triangle *triangles;
    size_t count, room;
    size_t vertices, faces;       /* as the file counts them */
    char (*names)[SOUP_NAME_MAX]; /* of objects */
    size_t objects;
    bool has_colors, has_normals;
};

void soup_finish(struct soup *soup);

/* False: it is no such file, with the reason on standard output. The text ends with a NUL. */
bool soup_read_obj(const char *text, struct soup *ret_soup);
bool soup_read_ply(const char *bytes, size_t len, struct soup *ret_soup);
bool soup_read_stl(const char *bytes, size_t len, struct soup *ret_soup);
bool soup_read_gltf(const char *bytes, size_t len, struct soup *ret_soup); /* glb, too */
bool soup_read_3mf(const char *bytes, size_t len, struct soup *ret_soup);

/* An entry of a ZIP archive, NUL-terminated, to be freed; NULL: none, or a wrong one. */
char *soup_unzip(const char *bytes, size_t len, const char *name);

struct soup_check {
    bool y_up;
    int alpha_min; /* as the option */
    bool colors;   /* are compared */
    bool alpha;    /* too */
    size_t object; /* of this alone */
};

/*
 * What can be seen of the voxels, and nothing else, is there: for each direction and colour the same area, in the same place on average;
 * the same bounds; no triangle without area; normals, if there are any, as the faces.
 */
bool soup_matches(const struct soup *soup, const struct goxel_volume *volume, const struct soup_check *check);

/* Every edge goes as often one way as the other. */
bool soup_closed(const struct soup *soup);
double soup_volume(const struct soup *soup); /* that the triangles enclose */
void soup_bounds(const struct soup *soup, double ret_min[3], double ret_max[3]);

#endif
