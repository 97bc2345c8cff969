/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A project: layers of voxels, and what goes with them (materials, cameras, light, preview).
 *
 * Used by: format, store, rpc.  Uses: base, core/volume.
 *
 * Life: created by whoever makes or imports one, with one reference, and changed by that one thread until
 * it is handed to a workspace. From then on it is a *version*: it never changes, any number of threads may
 * read it, and it dies with its last reference (`goxel_project_unref`). An edit works on a copy
 * (`goxel_project_copy`), which shares layers and scene with the version that it comes from: what is to be
 * changed is made the copy's own first, by `goxel_project_own_layer` and `goxel_project_own_scene`.
 *
 * The matrices are 4×4 floats in column-major order (OpenGL), in Goxel's conventions: a box is the
 * matrix that maps the cube [-1, 1]³ onto it, all zero for none.
 */
#ifndef GOXEL_CORE_PROJECT_H
#define GOXEL_CORE_PROJECT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/detail.h"
#include "core/history.h"
#include "core/palette.h"
#include "core/volume.h"

struct goxel_shown_set;

/* Of one project, each. */
#define GOXEL_MATERIALS_MAX 4096
#define GOXEL_CAMERAS_MAX 4096

struct goxel_material {
    char name[GOXEL_NAME_MAX + 1];
    float color[4];    /* base colour, 0–1; alpha is the opacity */
    float metallic;    /* 0–1 */
    float roughness;   /* 0–1 */
    float emission[3]; /* 0–1 */
};

/* What Goxel gives a new one; without a name. */
extern const struct goxel_material goxel_material_default;

struct goxel_camera {
    char name[GOXEL_NAME_MAX + 1];
    float dist; /* voxels */
    bool ortho;
    float mat[16];
};

struct goxel_light {
    float pitch, yaw; /* radians */
    float intensity;
    bool fixed;
    float ambient, shadow; /* 0–1 */
};

/* Shared by versions; changed only by who got it from goxel_project_own_layer or _add_layer. */
struct goxel_layer {
    atomic_size_t refs;
    int id; /* from 1, unique in the project, never used again while it is open */
    char name[GOXEL_NAME_MAX + 1];
    bool visible;
    enum goxel_mode mode;        /* how it is laid over those below; GOXEL_MODE_OVER at first */
    struct goxel_volume *volume; /* owned, never NULL */
    float mat[16];               /* identity unless a clone, shape or image layer came from a file */
    int base_id;                 /* layer this one is a clone of, 0 for none */
    int material;                /* index in the project's materials, -1 for none */
    float box[16];               /* all zero: none */
    char shape[32];              /* "sphere", "cube", "cylinder", … or "" for voxels */
    struct goxel_color color;    /* of the shape */
    char *image_path;            /* owned; NULL unless an image layer; kept, never opened */
};

/* What is in a project besides layers. Shared and owned as layers are. */
struct goxel_scene {
    atomic_size_t refs;
    float box[16];                    /* the image's box; all zero: none */
    int active_layer_id;              /* 0 only when there is no layer */
    struct goxel_material *materials; /* owned array */
    size_t material_count;
    struct goxel_camera *cameras; /* owned array */
    size_t camera_count;
    int active_camera; /* index, -1 for none */
    bool has_light;
    struct goxel_light light;
    struct goxel_palette palette; /* of this project alone; empty: none */
};

/* A picture as it stood in the file, shared by versions. */
struct goxel_preview {
    atomic_size_t refs;
    size_t len;
    uint8_t bytes[];
};

struct goxel_project {
    atomic_size_t refs;
    char name[GOXEL_NAME_MAX + 1];
    char *path;                      /* owned; where it was last opened from or saved to, NULL if nowhere */
    int64_t created_ms, modified_ms; /* wall clock, milliseconds since 1970 */
    uint64_t version;                /* grows by one with every change, undo included */
    uint64_t state;                  /* the version that first had this content: undo goes back to it */
    uint64_t saved_state;            /* `state` at the last save or open */
    bool read_only;
    uint64_t key_count;                     /* of requests that have led here: core/keys.h */
    int next_layer_id;                      /* of layers to come; never lower in a later version */
    struct goxel_preview *preview;          /* a reference, NULL for none */
    bool is_version;                        /* it does not change any more: set by the head that has it */
    _Atomic(struct goxel_volume *) picture; /* of a version: what flatten made of it; NULL: not known yet */
    _Atomic(struct goxel_shown_set *)
        shown; /* of a version: what its clones and shapes show (core/shown.h); NULL: not known */

    /* The content, which undo and redo put back. */
    struct goxel_layer **layers; /* bottom to top; a reference each */
    size_t layer_count;
    struct goxel_scene *scene;      /* a reference, never NULL */
    struct goxel_volume *selection; /* owned mask, what is not empty is selected; NULL: nothing is */

    struct goxel_history history; /* of the content, up to this version */
};

/* 0 if it is UTF-8 of 1 to GOXEL_NAME_MAX bytes without control characters, or GOXEL_ERROR_VALIDATION. */
int goxel_name_check(const char *name, size_t len, const char *field, struct goxel_detail *detail);
/* Copies at most GOXEL_NAME_MAX bytes, cut on a character border. */
void goxel_name_copy(char ret_name[GOXEL_NAME_MAX + 1], const char *name, size_t len);

struct goxel_project *goxel_project_create(const char *name); /* no layer yet; NULL: out of memory */
struct goxel_project *goxel_project_ref(const struct goxel_project *project); /* one more reference */
void goxel_project_unref(struct goxel_project *project); /* NULL and half-built are fine */

/* A version of its own, to be changed by the caller, O(layers). NULL: out of memory. */
struct goxel_project *goxel_project_copy(const struct goxel_project *project);

/*
 * The layer (one of the project's) and the scene, nobody else's from here on. What the layer pointer was before
 * is not the project's any more. NULL: out of memory, and nothing changed.
 */
struct goxel_layer *goxel_project_own_layer(struct goxel_project *project, const struct goxel_layer *layer);
struct goxel_scene *goxel_project_own_scene(struct goxel_project *project);

/* Counted: what a version shares with others, and what history keeps. */
struct goxel_layer *goxel_layer_ref(struct goxel_layer *layer);
void goxel_layer_unref(struct goxel_layer *layer); /* NULL is fine */
/* A reference to each of so many, in an array from malloc(3): given back; or the project's from here on, in place of those it has. */
void goxel_layers_end(struct goxel_layer **layers, size_t count);
void goxel_project_replace_layers(struct goxel_project *project, struct goxel_layer **layers, size_t count);
struct goxel_scene *goxel_scene_ref(struct goxel_scene *scene);
void goxel_scene_unref(struct goxel_scene *scene); /* NULL is fine */

/* What a layer is besides its voxels: a layer with `volume` NULL, in no project. NULL: out of memory. */
struct goxel_layer *goxel_layer_copy_without_voxels(const struct goxel_layer *layer);
/* The same in all besides voxels; now and then false of layers that are. */
bool goxel_layer_is_like(const struct goxel_layer *a, const struct goxel_layer *b);

size_t goxel_scene_bytes(const struct goxel_scene *scene); /* memory, about */

/* A copy of the bytes; NULL: out of memory. */
struct goxel_preview *goxel_preview_create(const uint8_t *bytes, size_t len);
void goxel_preview_unref(struct goxel_preview *preview);

/* Seals the volumes that are the project's own: what makes or edits a project ends with it. */
void goxel_project_seal(struct goxel_project *project);

/* One more version, of new content, modified now, and sealed. Called once by every edit, after it. */
void goxel_project_touch(struct goxel_project *project);
bool goxel_project_is_modified(const struct goxel_project *project); /* never if it is read-only */

/*
 * A box of width × depth × height voxels with its smallest corner at the origin, as the image's box. The scene
 * is the project's own.
 */
void goxel_project_set_size(struct goxel_project *project, int width, int height, int depth);
/* False if the project has no box. x, y, z extents in voxels. */
bool goxel_project_size(const struct goxel_project *project, int *ret_width, int *ret_height, int *ret_depth);

/*
 * A new, empty, visible layer at index `position` (0 bottom; -1 or past the end: top), made active.
 * `name` NULL or "": "Layer.N" as Goxel does. GOXEL_ERROR_QUOTA (more than GOXEL_LAYERS_MAX),
 * GOXEL_ERROR_OUT_OF_MEMORY.
 */
int goxel_project_add_layer(struct goxel_project *project, const char *name, int position,
                            struct goxel_layer **ret_layer, struct goxel_detail *detail);
/*
 * GOXEL_ERROR_LAYER_NOT_FOUND, GOXEL_ERROR_OUT_OF_MEMORY. The active layer moves to the one below, or above when
 * there is none below.
 */
int goxel_project_remove_layer(struct goxel_project *project, int id);
struct goxel_layer *goxel_project_layer(const struct goxel_project *project, int id); /* NULL: none */
struct goxel_layer *goxel_project_layer_named(const struct goxel_project *project,
                                              const char *name); /* first; NULL */

/* The layer shows its own volume: it is no clone and no shape. (An image layer's picture is no voxels.) */
bool goxel_layer_is_plain(const struct goxel_layer *layer);
/* It is, and has no voxels: nobody misses it. */
bool goxel_layer_is_empty(const struct goxel_layer *layer);

const struct goxel_material *goxel_layer_material(const struct goxel_project *project,
                                                  const struct goxel_layer *layer); /* NULL: it has none */
/* All but their names. */
bool goxel_material_looks_like(const struct goxel_material *a, const struct goxel_material *b);

/* Adds a copy. GOXEL_ERROR_QUOTA (GOXEL_MATERIALS_MAX, GOXEL_CAMERAS_MAX), GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_project_add_material(struct goxel_project *project, const struct goxel_material *material);
int goxel_project_add_camera(struct goxel_project *project, const struct goxel_camera *camera);

/* Voxels that all layers show together, hidden ones too: goxel_layer_voxels of each. */
int64_t goxel_project_voxels(const struct goxel_project *project);

/*
 * The picture people see: the visible layers' voxels, bottom to top, one over the other as Goxel
 * merges them. The caller destroys *ret_volume. A version keeps its picture, if not more than
 * GOXEL_PICTURE_BRICKS_MAX bricks of it had to be computed: the second time costs nothing. GOXEL_ERROR_QUOTA,
 * GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code.
 *
 * A clone shows the volume of its base where its matrix puts it, through a chain of up to
 * GOXEL_CLONE_DEPTH_MAX clones. A shape layer shows the voxels whose centres its shape covers, in its
 * colour: its matrix takes a cube, sphere or cylinder from -1 to 1 on each axis to its place. Left out, and
 * counted by `goxel_project_undrawn`: shapes of another name, whose matrix does more than move, scale and turn by
 * right angles, or of more than GOXEL_COMPUTED_BRICKS_MAX bricks; clones of themselves, and clones whose
 * matrix does more than move by whole voxels, turn by right angles and mirror, or leads out of the
 * coordinate range; and clones of what is left out.
 */
#define GOXEL_CLONE_DEPTH_MAX 8
#define GOXEL_PICTURE_BRICKS_MAX 8192 /* 128 MiB */
int goxel_project_flatten(const struct goxel_project *project, struct goxel_cancel *cancel,
                          struct goxel_volume **ret_volume);
size_t goxel_project_undrawn(
    const struct goxel_project *project); /* visible layers that flatten leaves out */

/*
 * What a layer shows, visible or not, is what flatten would draw of it. Of a plain layer that is its own volume, at once; of
 * a clone or a shape it is computed when somebody asks. A version keeps it (core/shown.h): up to
 * GOXEL_PICTURE_BRICKS_MAX bricks of all its layers the second time costs nothing. Any number of threads may ask.
 */
bool goxel_layer_is_drawn(const struct goxel_project *project,
                          const struct goxel_layer *layer);        /* or flatten leaves it out */
size_t goxel_project_unshown(const struct goxel_project *project); /* layers that are not, hidden ones too */

/*
 * To look at it: a volume that nobody may change, as long as the project, until goxel_sight_finish; of what is not
 * drawn an empty one. GOXEL_ERROR_QUOTA, GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code.
 */
struct goxel_sight {
    const struct goxel_volume *volume;
    struct goxel_volume *own; /* to be destroyed after; NULL: it is the project's */
};
int goxel_layer_see(const struct goxel_project *project, const struct goxel_layer *layer,
                    struct goxel_cancel *cancel, struct goxel_sight *ret_sight);
void goxel_sight_finish(struct goxel_sight *sight);

/*
 * How many voxels it shows, and the smallest box around them (false: none). Nothing is computed for clones, which
 * show as many as their base; a shape that memory was too short for shows none.
 */
int64_t goxel_layer_voxels(const struct goxel_project *project, const struct goxel_layer *layer);
bool goxel_layer_bounds(const struct goxel_project *project, const struct goxel_layer *layer,
                        struct goxel_box *ret_box);

/* The same as a volume that the caller destroys. GOXEL_ERROR_BAD_PROJECT_STATE for what is not drawn, and as above. */
int goxel_layer_shown(const struct goxel_project *project, const struct goxel_layer *layer,
                      struct goxel_cancel *cancel, struct goxel_volume **ret_volume);

/*
 * Whoever asks what is there has shapes drawn: GOXEL_ERROR_QUOTA if their surfaces take more bricks than GOXEL_COMPUTED_BRICKS_MAX together.
 * Clones of them cost nothing more.
 */
int goxel_project_check_shapes(const struct goxel_project *project, struct goxel_detail *detail);

/* Bricks of what a layer shows, before it is moved; 0 for what is not drawn: what it will cost to have it. */
int64_t goxel_layer_shown_bricks(const struct goxel_project *project, const struct goxel_layer *layer);

#endif
