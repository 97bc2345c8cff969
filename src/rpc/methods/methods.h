/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The handlers behind the method table; what each does stands in its row (methods/table.c).
 *
 * Used by: rpc/methods alone.  Uses: rpc/method.h.
 */
#ifndef GOXEL_RPC_METHODS_H
#define GOXEL_RPC_METHODS_H

#include <limits.h>

#include "core/connect.h"
#include "core/diff.h"
#include "core/modes.h"
#include "format/format.h"
#include "rpc/method.h"

typedef int goxel_method_run(struct goxel_invocation *in);

goxel_method_run goxel_rpc_discover;
goxel_method_run goxel_system_authenticate, goxel_system_connect, goxel_system_get_config,
    goxel_system_get_metrics, goxel_system_get_state, goxel_system_get_stats, goxel_system_get_status,
    goxel_system_get_version, goxel_system_list_methods, goxel_system_ping, goxel_system_reload,
    goxel_system_restart, goxel_system_set_config, goxel_system_set_log_level, goxel_system_shutdown,
    goxel_system_subscribe, goxel_system_unsubscribe;
goxel_method_run goxel_project_create_run, goxel_project_open_run, goxel_project_save_run,
    goxel_project_close_run, goxel_project_delete_run, goxel_project_backup_run, goxel_project_restore_run,
    goxel_project_get_info_run, goxel_project_list_run, goxel_project_undo_run, goxel_project_redo_run,
    goxel_project_get_history_run, goxel_project_diff_run, goxel_project_rename_run;
goxel_method_run goxel_history_begin, goxel_history_end;
goxel_method_run goxel_voxel_add, goxel_voxel_remove, goxel_voxel_get, goxel_voxel_add_batch,
    goxel_voxel_fill, goxel_voxel_clear, goxel_voxel_query, goxel_voxel_paint, goxel_voxel_get_batch,
    goxel_voxel_shape, goxel_voxel_line, goxel_voxel_stroke, goxel_voxel_flood_fill,
    goxel_voxel_replace_color, goxel_voxel_hollow, goxel_voxel_transform, goxel_voxel_copy,
    goxel_voxel_extrude, goxel_voxel_bounding_box, goxel_voxel_connected, goxel_voxel_histogram,
    goxel_voxel_unique_colors, goxel_voxel_connected, goxel_voxel_histogram, goxel_voxel_unique_colors,
    goxel_voxel_find_by_color, goxel_voxel_raycast, goxel_voxel_slice;

goxel_method_run goxel_layer_create_run, goxel_layer_delete_run, goxel_layer_get_list_run,
    goxel_layer_set_active_run, goxel_layer_set_visibility_run, goxel_layer_rename_run,
    goxel_layer_reorder_run, goxel_layer_duplicate_run, goxel_layer_clear_run, goxel_layer_merge_run;
goxel_method_run goxel_selection_set, goxel_selection_add, goxel_selection_sub, goxel_selection_intersect,
    goxel_selection_clear, goxel_selection_get;
goxel_method_run goxel_export_formats_run, goxel_export_model_run, goxel_export_collision_boxes_run,
    goxel_import_model_run, goxel_import_image_run;
goxel_method_run goxel_batch_execute_run, goxel_batch_validate_run;
goxel_method_run goxel_compat_create_project, goxel_compat_load_project, goxel_compat_save_project,
    goxel_compat_export_model, goxel_compat_get_status, goxel_compat_list_layers, goxel_compat_create_layer,
    goxel_compat_delete_layer, goxel_compat_merge_layers, goxel_compat_set_layer_visibility,
    goxel_compat_echo, goxel_compat_ping, goxel_compat_version, goxel_compat_status,
    goxel_compat_list_methods, goxel_compat_operation, goxel_compat_get_voxel, goxel_compat_batch_operations,
    goxel_compat_get_voxels_region, goxel_compat_get_layer_voxels, goxel_compat_get_bounding_box,
    goxel_compat_get_color_histogram, goxel_compat_get_unique_colors, goxel_compat_find_voxels_by_color;
goxel_method_run goxel_resource_get, goxel_resource_put, goxel_resource_get_voxels,
    goxel_resource_add_voxels;                      /* of transfers alone: resources.c */
goxel_method_run goxel_test_crash, goxel_test_hang; /* with --enable-test-hooks only */

/* The catalogue of methods that this interface follows. */
#define GOXEL_API_VERSION "14.6"

/* "voxel" takes in "voxel.add", and no "voxels.add"; a whole name takes in itself, "" all. */
bool goxel_method_in_namespace(const struct goxel_method *method, const char *name);
/* Is the row the first of its family, which is what stands before the dot? (The table is in their order.) */
bool goxel_method_begins_family(const struct goxel_rpc *rpc, size_t index, size_t *ret_len);

/*
 * The layer of `layer_id`, fit to have its voxels edited: a clone or a shape is not
 * (GOXEL_ERROR_BAD_PROJECT_STATE), Goxel would make it anew from its source.
 */
int goxel_edited_layer(const struct goxel_invocation *in, struct goxel_layer **ret_layer);
/* The same of a layer of in->edit, which becomes the edit's own. */
int goxel_edit_layer(const struct goxel_invocation *in, struct goxel_layer **layer);

/* A clone or a shape (GOXEL_ERROR_BAD_PROJECT_STATE): Goxel would make its voxels anew from its source. */
int goxel_check_plain_layer(const struct goxel_invocation *in, const struct goxel_layer *layer);
/* *layer as one that this edit may change. GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_own_layer(const struct goxel_invocation *in, struct goxel_layer **layer);
/*
 * A name for the layer (NULL: one that is to come): GOXEL_ERROR_BAD_PROJECT_STATE if another has it,
 * GOXEL_ERROR_VALIDATION if it means another.
 */
int goxel_check_layer_name(const struct goxel_invocation *in, const struct goxel_layer *layer,
                           const char *name);
/* The name, or the first of "NAME2", "NAME3" … (with the separator between) that no layer has; cut to make room for it. */
void goxel_free_layer_name(const struct goxel_project *project, const char *name, const char *separator,
                           char ret_name[GOXEL_NAME_MAX + 1]);
/*
 * Lays what the source shows over the target, which becomes the edit's own, and tells what that made of it.
 * GOXEL_ERROR_BAD_PROJECT_STATE where one cannot be drawn, the other not be edited; GOXEL_ERROR_QUOTA
 * (limits.max_edit_bricks), and those of goxel_volume_merge.
 */
int goxel_merge_layer(struct goxel_invocation *in, const struct goxel_layer *source,
                      struct goxel_layer *target, enum goxel_mode mode, struct goxel_changes *ret_changes);
/* The parameter `position`, 0 to `most`: GOXEL_ERROR_INVALID_PARAMS. */
int goxel_check_layer_position(const struct goxel_invocation *in, size_t most);
/* Its index from the bottom; the number of layers if it is not one of them. */
size_t goxel_layer_order(const struct goxel_project *project, const struct goxel_layer *layer);
/* One row of layer.get_list; `listed`: with its voxels counted. */
void goxel_put_layer(struct goxel_json_writer *w, const struct goxel_project *project,
                     const struct goxel_layer *layer, bool listed);
/*
 * Deletes a layer that is not the last one, and the material that came with it; clones of it show what they showed.
 * `merge`: into the layer below first, whose id *ret_below gets. GOXEL_ERROR_BAD_PROJECT_STATE where one of them
 * cannot be drawn or edited, GOXEL_ERROR_QUOTA (limits.max_edit_bricks), and those of core/layers.h.
 */
int goxel_drop_layer(struct goxel_invocation *in, const struct goxel_layer *layer, bool merge,
                     int *ret_below);

/*
 * One edit of voxels: finds the layer of `layer_id`, lets `change` do it to that layer's volume, gives back what lies
 * outside of the selection if `within` says so, sets in->changed, and writes the result, {added, removed, recolored,
 * layer_id}. The codes of goxel_edited_layer, of `change`, and of the two below.
 */
typedef int goxel_voxel_change(struct goxel_invocation *in, struct goxel_layer *layer, void *ctx);
int goxel_edit_voxels(struct goxel_invocation *in, goxel_voxel_change *change, void *ctx);

/* For those that count by themselves: where `within` lets an edit change something. As long as the edit. */
struct goxel_reach {
    bool everywhere;
    const struct goxel_volume *selection; /* NULL: nothing is selected */
};
struct goxel_reach goxel_edit_reach(const struct goxel_invocation *in);
bool goxel_reach_has(const struct goxel_reach *reach, struct goxel_pos pos);
/* Gives back what `before` has outside of it. GOXEL_ERROR_QUOTA, GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code. */
int goxel_edit_confine(struct goxel_invocation *in, struct goxel_volume *volume,
                       const struct goxel_volume *before);

/* "added", "removed", "recolored": voxels; and whether there are any. */
void goxel_put_changes(struct goxel_json_writer *w, const struct goxel_changes *changes);
bool goxel_changes_any(const struct goxel_changes *changes);

/* Puts a new volume into a layer, which owns it from here on, and destroys the old one. */
void goxel_layer_replace_volume(struct goxel_layer *layer, struct goxel_volume *volume);

/* The parameters x, y, z; an axis by its name, as 0, 1, 2 (z if it was not given). */
struct goxel_pos goxel_arg_xyz(const struct goxel_invocation *in);
int goxel_arg_axis(const struct goxel_invocation *in, const char *name);
/*
 * A list of positions, as many as it has elements, for free(3). GOXEL_ERROR_OUT_OF_MEMORY, and those of
 * goxel_value_pos.
 */
int goxel_arg_positions(const struct goxel_invocation *in, const char *name,
                        struct goxel_pos **ret_positions);
/* `connectivity`; and a flood by `region`, `tolerance` and `connectivity`, with the seed in the region (-1003). */
int goxel_arg_connectivity(const struct goxel_invocation *in, int *ret_neighbours);
int goxel_arg_flood(const struct goxel_invocation *in, struct goxel_pos seed, struct goxel_flood *ret_flood);
/* What goxel_volume_flood failed with, with what to do about it. */
int goxel_fail_flood(const struct goxel_invocation *in, int code);

/*
 * What `layer_id` means to who looks: what a layer shows; with "all", the picture of the visible layers. The caller
 * destroys *ret_volume. The codes of goxel_drawn_layer, and those of goxel_project_flatten.
 */
int goxel_looked_at(struct goxel_invocation *in, struct goxel_volume **ret_volume);
/* "bounds": a box, or null where nothing is, or the volume is NULL. */
void goxel_put_bounds(struct goxel_json_writer *w, const struct goxel_volume *volume);
/* The layer of a parameter, which can be drawn (GOXEL_ERROR_BAD_PROJECT_STATE): what it shows can be looked at. */
int goxel_drawn_layer(const struct goxel_invocation *in, const char *param, struct goxel_layer **ret_layer);

/* What is at a position: of which layer (NULL: of none), and its colour. */
struct goxel_found {
    const struct goxel_layer *layer;
    struct goxel_color color;
};
/*
 * Looks, for all positions at which nothing was found yet, at what a layer shows: from the topmost layer down that finds
 * what is on top. The codes of goxel_layer_see.
 */
int goxel_find_voxels(struct goxel_invocation *in, const struct goxel_layer *layer,
                      const struct goxel_pos *positions, size_t count, struct goxel_found *found);
/* One position as voxel.get tells it. */
void goxel_put_voxel(struct goxel_json_writer *w, struct goxel_pos pos, const struct goxel_found *found);

/* The opacity a layer is shown with, 0 to 1. */
double goxel_layer_opacity(const struct goxel_project *project, const struct goxel_layer *layer);

/*
 * The project of in->slot, which goes to the trash of the store; nobody finds it from here on. `path`: only if it is closed,
 * and as it was when it was saved there or opened from there, otherwise nothing happens; NULL: however it is.
 */
int goxel_delete_project(struct goxel_invocation *in, const char *path);

/* A project with one layer, the caller's. GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_new_project(const char *name, struct goxel_detail *detail, struct goxel_project **ret_project);

/*
 * Adds the project to the workspace under the name wanted, or (NULL) a free one made from
 * `fallback`. On success the workspace owns it.
 */
int goxel_add_project(const struct goxel_invocation *in, struct goxel_project *project, const char *name,
                      const char *fallback, struct goxel_slot **ret_slot);

/*
 * What the parameters options, strict, layers and box of a method say of a file, as far as its row has them: choice.c. As long as the
 * invocation.
 */
struct goxel_choice {
    const struct goxel_json *options; /* {NAME: value} of the format; NULL: none */
    const char *others; /* members of `options` that are the method's own, space-separated; NULL: none */
    bool strict;        /* what would lose or change something fails */
    const struct goxel_json *layers; /* an array of ids and names; NULL: all layers */
    const struct goxel_box *box;     /* NULL: everywhere */
};
struct goxel_choice goxel_choice_of(const struct goxel_invocation *in);
/* The format's options with what was given: GOXEL_ERROR_INVALID_PARAMS, with field "options.NAME". */
int goxel_choice_options(const struct goxel_choice *choice, const struct goxel_format *format,
                         enum goxel_format_use use, struct goxel_detail *detail,
                         struct goxel_format_options *ret_options);
/*
 * in->project, or the part of it that was chosen: a reference. GOXEL_ERROR_INVALID_PARAMS, GOXEL_ERROR_LAYER_NOT_FOUND, and those of
 * goxel_project_excerpt.
 */
int goxel_choice_part(const struct goxel_invocation *in, const struct goxel_choice *choice,
                      struct goxel_warnings *warnings, struct goxel_project **ret_project);

/* What is written, and how. */
struct goxel_encoding {
    const struct goxel_format *format;
    struct goxel_format_options options;
    const struct goxel_project *project;
    const char *name; /* of the file without its extension: by it a companion is found */
    bool strict;
};
/* The file beside it, where there is one (goxel_format_companion). */
struct goxel_encoding goxel_encoding_companion(const struct goxel_encoding *encoding);

/*
 * goxel_format_read and _write, within the invocation. Of the formats that share an extension with *format the content chooses one.
 */
int goxel_read_model(const struct goxel_invocation *in, const struct goxel_choice *choice,
                     const struct goxel_format **format, const void *bytes, size_t len,
                     struct goxel_warnings *warnings, struct goxel_project **ret_project);
int goxel_write_model(const struct goxel_invocation *in, const struct goxel_encoding *encoding,
                      struct goxel_warnings *warnings, struct goxel_detail *detail, struct goxel_buf *out);

/*
 * A file below storage.allowed_roots as a project that nobody has yet, the caller's; `path` gets the whole path. A project's own
 * format is known by what is in the file, others go by the extension.
 */
int goxel_read_project(const struct goxel_invocation *in, const struct goxel_choice *choice,
                       const char *wanted, char path[PATH_MAX], struct goxel_warnings *warnings,
                       struct goxel_project **ret_project);

/* GOXEL_ERROR_BAD_PROJECT_STATE: an open project, in->slot's or another, has that path, which is in the detail. */
int goxel_check_path_owner(const struct goxel_invocation *in, const char *path);

/*
 * What a format's reader made becomes fit to be a project: it has a layer, and is as modified as the format keeps a
 * project; what it warns of is added. GOXEL_ERROR_OUT_OF_MEMORY; where it is `strict`, and there is something to warn of,
 * GOXEL_ERROR_VALIDATION.
 */
int goxel_settle_model(struct goxel_project *model, const struct goxel_format *format, bool strict,
                       struct goxel_warnings *warnings, struct goxel_detail *detail);

/*
 * What goes out as the body of a transfer: `fill` appends it, and offers it to the drain. Compressed where the client
 * takes that. GOXEL_ERROR_QUOTA above limits.max_file_mb, and those of `fill` and base/spool.h.
 */
typedef int goxel_send_fill(void *ctx, struct goxel_buf *bytes);
int goxel_send_out(const struct goxel_invocation *in, bool compressible, goxel_send_fill *fill, void *ctx);

/* Two saves of one project must not overtake each other, nor its closing: whoever does either holds this. */
pthread_mutex_t *goxel_save_lock(const struct goxel_invocation *in);

/* Saves the project to `path` (NULL: its own), with the save lock held, the slot's not. */
struct goxel_save {
    const char *path;
    const struct goxel_format *format; /* NULL: by the extension, which it must agree with */
    bool backup;
    bool
        copy; /* another path than its own stays another's: the project keeps its own, and is as modified as it was */
    bool has_compress, compress;
    struct goxel_choice choice; /* all zero: all of it, as the format wants it */
};
struct goxel_saved {
    char path[PATH_MAX];
    char companion[PATH_MAX]; /* the file beside it; "": none */
    const struct goxel_format *format;
    size_t bytes;
    struct goxel_warnings warnings;
};
int goxel_save_project(struct goxel_invocation *in, const struct goxel_save *save,
                       struct goxel_saved *ret_saved);
/* The same; takes the save lock and gives it back. */
int goxel_save_in_turn(struct goxel_invocation *in, const struct goxel_save *save,
                       struct goxel_saved *ret_saved);
void goxel_put_saved(struct goxel_json_writer *w, const struct goxel_saved *saved); /* the result of a save */

/* {"width", "height", "depth"}: of the image's box, else of what there is; null without either. */
void goxel_put_dimensions(struct goxel_json_writer *w, const char *key, const struct goxel_project *project);

#endif
