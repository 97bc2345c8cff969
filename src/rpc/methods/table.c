/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The method table. Rows are in the order of the reference: by family, then by what one does first.
 *
 * Parameters stand in their positional order, `project` last. Their order is part of the interface:
 * a new one goes at the end, before `project` only as long as no release has the method.
 */
#include "rpc/methods/methods.h"

/* clang-format off */
#define PARAMS(...) (const struct goxel_param[]){__VA_ARGS__ __VA_OPT__(,) {.name = NULL}}

/*
 * A running daemon, one that is being reloaded or still answers what it had accepted, and one that waits to
 * recover.
 */
#define SERVING (GOXEL_STATE_BIT(DAEMON_STATE_RUNNING) | GOXEL_STATE_BIT(DAEMON_STATE_RELOADING) | \
                 GOXEL_STATE_BIT(DAEMON_STATE_STOPPING) | GOXEL_STATE_BIT(DAEMON_STATE_ERROR))

#ifdef GOXEL_TEST_HOOKS
#define ALWAYS (GOXEL_STATE_BIT(DAEMON_STATE_COUNT) - 1)
#endif

#define GROWS GOXEL_METHOD_GROWS

#define PROJECT {"project", GOXEL_PARAM_PROJECT, .fallback = "that of the URL, else the current project", \
                 .meaning = "id or name of the project"}
#define COORD(axis) {axis, GOXEL_PARAM_COORD, .required = true, .meaning = "a coordinate in voxels"}
#define LAYER {"layer_id", GOXEL_PARAM_LAYER, .fallback = "\"current\"", .meaning = "id, \"current\" or name"}
#define ONE_LAYER {"layer_id", GOXEL_PARAM_LAYER, .required = true, .meaning = "id, \"current\" or name"}
#define LAYERS(what) {"layer_id", GOXEL_PARAM_LAYERS, .fallback = "\"current\"", .meaning = what}
#define IF_VERSION {"if_version", GOXEL_PARAM_INT, .min = 0, .max = INT64_C(1) << 53, .fallback = "any", \
                    .meaning = "the project's version (project.get_info): another one is refused (-1019)"}
#define KEY {GOXEL_REQUEST_KEY, GOXEL_PARAM_NAME, .fallback = "none", \
             .meaning = "a text that the client makes up, another one for each edit: sent again with its key, one of the project's last " \
                        "10000, an edit is not carried out again, and answered as the first time"}
#define EDIT {"group", GOXEL_PARAM_NAME, .fallback = "none", \
              .meaning = "edits with the same group, one after another, are one step of the history"}, IF_VERSION, KEY
#define WITHIN {"within", GOXEL_PARAM_CHOICE, .choices = "selection", .fallback = "none: everywhere", \
                .meaning = "selection: only voxels that are selected are changed (selection.set)"}
#define EDIT_VOXELS EDIT, WITHIN
#define COLOR {"color", GOXEL_PARAM_COLOR, .required = true, .meaning = "[r,g,b], [r,g,b,a], {r,g,b,a}, \"#RRGGBB[AA]\""}

/* How colours are laid on colours: core/modes.h. */
#define MODES "over add sub sub_clamp paint max intersect intersect_fill mult_alpha replace"

#define AXES "x y z"
/* A point in space may lie a little outside of the range of voxels. */
#define POINT(name, what, default) {name, GOXEL_PARAM_POINT, .min = GOXEL_COORD_MIN, .max = GOXEL_COORD_MAX + 1, .fallback = default, .meaning = what}
#define BRUSH {"mode", GOXEL_PARAM_CHOICE, .choices = MODES, .fallback = "\"over\"", \
               .meaning = "how the color is laid on; add is over; intersect and intersect_fill empty what lies outside"}, \
              {"smoothness", GOXEL_PARAM_NUMBER, .min = 0, .max = 1024, .fallback = "0", .meaning = "how wide the edge is, in voxels"}, \
              {"symmetry", GOXEL_PARAM_CHOICE, .choices = "none x y z xy xz yz xyz", .fallback = "\"none\"", .meaning = "axes along which it is mirrored as well"}, \
              POINT("symmetry_origin", "where the mirrors are; the voxel 0 lies between 0 and 1", "[0,0,0]")
#define STAMP {"shape", GOXEL_PARAM_CHOICE, .choices = "cube sphere cylinder", .fallback = "\"cube\"", .meaning = "what it is drawn with"}, \
              {"size", GOXEL_PARAM_INT, .min = 1, .max = GOXEL_COORD_MAX, .fallback = "1", .meaning = "of that, in voxels"}, \
              {"axis", GOXEL_PARAM_CHOICE, .choices = AXES, .fallback = "\"z\"", .meaning = "of a cylinder"}
#define CONNECTIVITY {"connectivity", GOXEL_PARAM_INT, .min = 6, .max = 26, .fallback = "6", \
                      .meaning = "6: voxels touch by faces, 18: by edges too, 26: by corners as well"}
#define TOLERANCE(default) {"tolerance", GOXEL_PARAM_INT, .min = 0, .max = 255, .fallback = default, \
                            .meaning = "how far each of the four channels may be from the color"}
#define WHERE {"region", GOXEL_PARAM_BOX, .fallback = "everywhere", .meaning = "only inside {min, max}, both inclusive"}
#define LOOKED_AT LAYERS("id, \"current\", name, or \"all\": what is seen, the visible layers one over the other")
#define LIMIT(default, what) {"limit", GOXEL_PARAM_INT, .min = 0, .max = 100000, .fallback = default, .meaning = what}
#define SELECTED "{count, bounds: {min, max} or null}: what is selected now"
#define SELECT {"region", GOXEL_PARAM_BOX, .fallback = "with color or seed: everywhere", .meaning = "{min, max}, both inclusive: what lies in it, or with color or seed only that of it"}, \
               {"color", GOXEL_PARAM_COLOR, .fallback = "none", .meaning = "the voxels of that color"}, \
               {"seed", GOXEL_PARAM_POSITION, .fallback = "none", .meaning = "what is connected with that place, over its color, or empty space"}, \
               TOLERANCE("0"), CONNECTIVITY, LOOKED_AT
#define CHANGES "{added, removed, recolored, layer_id}: voxels that came, went, and are of another color"

const struct goxel_method goxel_methods[] = {
    {"system.ping", "Answers.",
     "{pong: true, timestamp, latency}: the timestamp given, or now; milliseconds between it and now, null without one",
     PARAMS({"timestamp", GOXEL_PARAM_NUMBER, .fallback = "none", .meaning = "the client's clock, milliseconds since 1970"}),
     GOXEL_LOCK_NONE, SERVING, goxel_system_ping},
    {"system.get_version", "Tells what runs here.", "{name, version, revision, api}",
     PARAMS(), GOXEL_LOCK_NONE, SERVING, goxel_system_get_version},
    {"system.get_status", "Tells how busy it is.",
     "{status, state, version, pid, uptime_ms, projects, damaged_projects, current_project, workers: {count, busy}, queue: {size, used, peak}, calls, errors}",
     PARAMS(), GOXEL_LOCK_NONE, SERVING, goxel_system_get_status},
    {"system.get_state", "The lifecycle: state, level of the log, the last requests, the table of moves.",
     "{state, since, phase?, log_level, requests, transitions}",
     PARAMS(), GOXEL_LOCK_NONE, SERVING, goxel_system_get_state},
    {"system.get_stats", "The statistics, as GET /stats gives them.",
     "{NAME: {type, samples: [{suffix?, labels?, value}]}}: the metrics by their names in Prometheus",
     PARAMS(), GOXEL_LOCK_NONE, SERVING, goxel_system_get_stats},
    {"system.list_methods", "Lists the methods, in the order of the reference.",
     "{count, methods}: names, or with descriptions {name, description, result, params: [{name, type, required, choices?, min?, max?, default?, description}]}",
     PARAMS({"namespace", GOXEL_PARAM_STRING, .max = 64, .fallback = "all", .meaning = "a family, \"voxel\", or one method; another is refused (-32602)"},
            {"include_descriptions", GOXEL_PARAM_BOOL, .fallback = "false", .meaning = "parameters and results too"}),
     GOXEL_LOCK_NONE, SERVING, goxel_system_list_methods},
    {"system.reload", "Reads the configuration anew and waits for the outcome.",
     "{applied, pending_restart, errors}",
     PARAMS(), GOXEL_LOCK_NONE, SERVING, goxel_system_reload},
    {"system.shutdown", "Stops the daemon; answers as soon as the stop is accepted. What was accepted before is still answered, "
     "within the time limit.",
     "{state: \"STOPPING\"}",
     PARAMS({"force", GOXEL_PARAM_BOOL, .fallback = "false", .meaning = "do not wait for requests that were accepted"},
            {"timeout", GOXEL_PARAM_INT, .min = 0, .max = 3600000, .fallback = "performance.shutdown_timeout_ms",
             .meaning = "how long to wait for them, in milliseconds; without effect with force"}),
     GOXEL_LOCK_NONE, SERVING, goxel_system_shutdown},
    {"system.restart", "Starts the daemon anew in place, under the same PID and without refusing a client; projects are "
     "there again. Answers as soon as the restart is accepted.",
     "{state: \"STOPPING\"}",
     PARAMS(), GOXEL_LOCK_NONE, SERVING, goxel_system_restart},
    {"system.set_log_level", "Sets how much is logged, until the next reload.", "{accepted: true}, or {level}",
     PARAMS({"level", GOXEL_PARAM_CHOICE, .required = true, .choices = "error warn info debug", .meaning = "the new level"}),
     GOXEL_LOCK_NONE, SERVING, goxel_system_set_log_level},

    {"project.create", "Makes a project with one empty layer and makes it the current one.",
     "{project_id, name, created_at, active_layer_id}",
     PARAMS({"name", GOXEL_PARAM_NAME, .fallback = "\"Untitled\", made unique", .meaning = "one that is taken is refused (-1016), so is one like an id, \"p7\" (-1018)"},
            {"path", GOXEL_PARAM_STRING, .fallback = "none", .meaning = "where project.save will write it; nothing is written now"},
            {"dimensions", GOXEL_PARAM_OBJECT, .fallback = "none", .meaning = "{width, height, depth} of the image's box, in voxels"},
            {"options", GOXEL_PARAM_OBJECT, .fallback = "{}", .meaning = "none are known: any member is refused"},
            {"project", GOXEL_PARAM_NAME, .fallback = "name", .meaning = "the same as name; the two must not differ"}),
     GOXEL_LOCK_NONE, SERVING | GROWS, goxel_project_create_run},
    {"project.open", "Opens a file as a new project and makes it the current one. Another format than gox is an import: "
     "the project counts as modified, unless it is read-only, and has no path.",
     "{project_id, name, path, layers: count, total_voxels, warnings: [{what, count}]}: path is the file's own, without links",
     PARAMS({"path", GOXEL_PARAM_STRING, .required = true, .meaning = "a file below storage.allowed_roots; the format goes by its extension"},
            {"read_only", GOXEL_PARAM_BOOL, .fallback = "false", .meaning = "refuse edits (-1016)"},
            {"project", GOXEL_PARAM_NAME, .fallback = "the file's name, made unique (p7.gox: \"p7-2\")", .meaning = "the new project's name"}),
     GOXEL_LOCK_NONE, SERVING | GROWS, goxel_project_open_run},
    {"project.save", "Writes the project, complete or not at all. Another format than gox is an export: it leaves path "
     "and is_modified as they are.",
     "{path, format, bytes, warnings: [{what, count}]}",
     PARAMS({"path", GOXEL_PARAM_STRING, .fallback = "the project's own", .meaning = "a file below storage.allowed_roots"},
            {"create_backup", GOXEL_PARAM_BOOL, .fallback = "false", .meaning = "keep the old file as NAME~"},
            {"compress", GOXEL_PARAM_BOOL, .fallback = "what the format does",
             .meaning = "gox is always compressed, txt never: anything else is refused (-1017)"},
            {"format", GOXEL_PARAM_STRING, .max = 32, .fallback = "by the path's extension", .meaning = "\"gox\" or \"txt\": another than the extension's is refused (-1006)"},
            PROJECT),
     GOXEL_LOCK_OWN, SERVING, goxel_project_save_run},
    {"project.close", "Puts the project in the background: it is kept, but neither current nor in memory; naming it opens it again.", "{project_id, name, saved}",
     PARAMS({"save_changes", GOXEL_PARAM_BOOL, .fallback = "none: a modified project is refused (-1016)",
             .meaning = "true saves to its path first, false undoes what was done since the last save"},
            PROJECT),
     GOXEL_LOCK_OWN, SERVING, goxel_project_close_run},
    {"project.delete", "Deletes the project; what its last checkpoint had is in the trash of storage.directory for seven days.", "{project_id, name}",
     PARAMS({"project", GOXEL_PARAM_PROJECT, .fallback = "none", .meaning = "id or name; there is no default"}),
     GOXEL_LOCK_NONE, SERVING, goxel_project_delete_run},
    {"project.backup", "Writes the project, its history too, into one file; edits go on meanwhile.", "{path, bytes, version}",
     PARAMS({"path", GOXEL_PARAM_STRING, .required = true, .meaning = "the file, below storage.allowed_roots"},
            {"create_backup", GOXEL_PARAM_BOOL, .fallback = "false", .meaning = "an existing file is kept as PATH~"},
            PROJECT),
     GOXEL_LOCK_OWN, SERVING, goxel_project_backup_run},
    {"project.restore", "Adds the project of a backup, verified; undo and redo go on where they were, after a crash only from its first checkpoint on.",
     "{project_id, name, layers, total_voxels, version}",
     PARAMS({"path", GOXEL_PARAM_STRING, .required = true, .meaning = "a file that project.backup wrote, below storage.allowed_roots"},
            {"project", GOXEL_PARAM_NAME, .fallback = "the name that it had, with a number if that is taken", .meaning = "the new project's name"}),
     GOXEL_LOCK_NONE, SERVING | GROWS, goxel_project_restore_run},
    {"project.get_info", "Describes the project.",
     "{project_id, name, path, created, modified, size: bytes of voxels in memory, dimensions, bounds, statistics: "
     "{total_voxels, layers, colors_used, colors_used_is_exact: false above 1048576}, is_modified, read_only, is_current, version, "
     "active_layer_id}",
     PARAMS(PROJECT), GOXEL_LOCK_READ, SERVING, goxel_project_get_info_run},
    {"project.undo", "Takes back the last steps of the history, all of them or none.",
     "{version, steps, undo, redo}: the project's new version, and how many steps could be taken back or done again now",
     PARAMS({"steps", GOXEL_PARAM_INT, .min = 1, .max = INT64_C(1) << 31, .fallback = "1", .meaning = "how many; more than there are is refused (-1016)"},
            IF_VERSION, KEY, PROJECT),
     GOXEL_LOCK_EDIT, SERVING, goxel_project_undo_run},
    {"project.redo", "Does what was undone again, all of so many steps or none.", "{version, steps, undo, redo}: as project.undo",
     PARAMS({"steps", GOXEL_PARAM_INT, .min = 1, .max = INT64_C(1) << 31, .fallback = "1", .meaning = "how many; more than there are is refused (-1016)"},
            IF_VERSION, KEY, PROJECT),
     GOXEL_LOCK_EDIT, SERVING, goxel_project_redo_run},
    {"project.get_history", "Lists the steps that can be undone, the last first, and then those that can be redone, the next first.",
     "{version, steps: [{version, name, time, undone, bytes}], count}: the version that a step leads to; its method, and the "
     "memory that goes with it",
     PARAMS({"limit", GOXEL_PARAM_INT, .min = 1, .max = 100000, .fallback = "100", .meaning = "steps to list in each direction"}, PROJECT),
     GOXEL_LOCK_READ, SERVING, goxel_project_get_history_run},
    {"project.list", "Lists the projects, oldest first; those in the background, and damaged ones, too.",
     "{projects: [{project_id, name, path, layers, total_voxels, is_modified, read_only, is_current, is_open: false in the background, "
     "in_memory, damaged?: why it is refused}], count, current_project}",
     PARAMS({"project", GOXEL_PARAM_PROJECT, .fallback = "all", .meaning = "only this one"}),
     GOXEL_LOCK_NONE, SERVING, goxel_project_list_run},
    {"project.diff", "Tells in what two versions differ, layer by layer; one that the history does not lead to any more is refused (-1016).",
     "{from, to, layers: [{id, name, change: \"added\", \"removed\" or \"edited\", added, removed, recolored, bounds}], selection: {added, removed, recolored, bounds}}: "
     "layers that differ in voxels, name or visibility; counts of voxels, and the smallest box with all of them",
     PARAMS({"from", GOXEL_PARAM_INT, .required = true, .min = 0, .max = INT64_C(1) << 53, .meaning = "a version that a step of project.get_history leads to, or 0"},
            {"to", GOXEL_PARAM_INT, .min = 0, .max = INT64_C(1) << 53, .fallback = "the present version", .meaning = "another one"},
            PROJECT),
     GOXEL_LOCK_READ, SERVING, goxel_project_diff_run},
    {"project.rename", "Gives the project another name, which it keeps: undo does not go behind it. Its file is not renamed.", "{project_id, name}",
     PARAMS({"name", GOXEL_PARAM_NAME, .required = true, .meaning = "one that another project has is refused (-1016), so is one like an id, \"p7\" (-1018)"},
            IF_VERSION, KEY, PROJECT),
     GOXEL_LOCK_OWN, SERVING, goxel_project_rename_run},

    {"voxel.add", "Sets one voxel.", "{x, y, z, color, layer_id, kept?: true where within keeps it as it is}",
     PARAMS(COORD("x"), COORD("y"), COORD("z"), COLOR, LAYER, EDIT_VOXELS, PROJECT),
     GOXEL_LOCK_EDIT, SERVING | GROWS, goxel_voxel_add},
    {"voxel.remove", "Takes one voxel away; an empty place is fine.", "{x, y, z, layer_id, removed}",
     PARAMS(COORD("x"), COORD("y"), COORD("z"), LAYER, EDIT_VOXELS, PROJECT),
     GOXEL_LOCK_EDIT, SERVING, goxel_voxel_remove},
    {"voxel.get", "Reads one voxel.", "{x, y, z, exists, color, layer_id}: color null when there is none",
     PARAMS(COORD("x"), COORD("y"), COORD("z"),
            LAYERS("id, \"current\", name, or \"all\": the topmost layer that has a voxel there"), PROJECT),
     GOXEL_LOCK_READ, SERVING, goxel_voxel_get},
    {"voxel.add_batch", "Sets many voxels, all or none; of equal positions the last counts.",
     "{count, added, replaced, kept, layer_id}: formerly empty, overwritten, left alone by merge_mode or within",
     PARAMS({"voxels", GOXEL_PARAM_ARRAY, .fallback = "with format \"list\": required",
             .meaning = "[{x, y, z, color} or [x, y, z, r, g, b, a = 255]]"},
            {"format", GOXEL_PARAM_CHOICE, .choices = "list packed", .fallback = "\"list\"",
             .meaning = "packed: int16 x, y, z and uint8 r, g, b, a, little-endian, 10 bytes each"},
            {"compression", GOXEL_PARAM_CHOICE, .choices = "none zlib", .fallback = "\"none\"", .meaning = "of packed data, before base64"},
            {"count", GOXEL_PARAM_INT, .min = 1, .max = INT64_C(1) << 53, .fallback = "with format \"packed\": required",
             .meaning = "voxels in data"},
            {"data", GOXEL_PARAM_STRING, .fallback = "with format \"packed\": required", .meaning = "base64 (RFC 4648, padded)"},
            {"checksum", GOXEL_PARAM_CHECKSUM, .fallback = "not checked",
             .meaning = "CRC-32 (zlib) of the unpacked bytes: an integer, or 8 hexadecimal digits as a string"},
            {"origin", GOXEL_PARAM_POSITION, .fallback = "[0,0,0]", .meaning = "added to every packed position"},
            {"merge_mode", GOXEL_PARAM_CHOICE, .choices = "replace keep", .fallback = "\"replace\"",
             .meaning = "keep leaves voxels that are there as they are"},
            LAYER, EDIT_VOXELS, PROJECT),
     GOXEL_LOCK_OWN, SERVING | GROWS, goxel_voxel_add_batch},
    {"voxel.fill", "Fills a box with one colour.",
     "{region, color, filled, added, layer_id}: voxels set, those of them that were empty",
     PARAMS({"region", GOXEL_PARAM_BOX, .required = true, .meaning = "{min, max}, both inclusive"},
            COLOR,
            {"mode", GOXEL_PARAM_CHOICE, .choices = "replace keep paint", .fallback = "\"replace\"",
             .meaning = "replace sets all, keep only empty ones, paint only those that are there"},
            LAYER, EDIT_VOXELS, PROJECT),
     GOXEL_LOCK_EDIT, SERVING | GROWS, goxel_voxel_fill},
    {"voxel.clear", "Takes voxels away.", "{removed, layers}: voxels, and the layers they were taken from",
     PARAMS({"scope", GOXEL_PARAM_CHOICE, .choices = "layer all", .fallback = "\"layer\" with region, else required", .meaning = "one layer or all of them"},
            {"layer_id", GOXEL_PARAM_LAYER, .fallback = "\"current\"", .meaning = "id, \"current\" or name; not with scope \"all\""},
            {"region", GOXEL_PARAM_BOX, .fallback = "everywhere, with scope alone", .meaning = "only inside {min, max}, both inclusive; at most limits.max_edit_bricks of those there"},
            EDIT_VOXELS, PROJECT),
     GOXEL_LOCK_EDIT, SERVING, goxel_voxel_clear},
    {"voxel.query", "Lists voxels, in the order of bricks and places inside them.",
     "{voxels: [{x, y, z, color, layer_id with \"all\"}], count, truncated}: count is of all that match; "
     "\"count\" gives no voxels; \"packed\" gives packed: {count, compression, data, checksum, origin}, fit for voxel.add_batch",
     PARAMS({"region", GOXEL_PARAM_REGION, .fallback = "everywhere", .meaning = "{min, max}, both inclusive, or {center, radius}"},
            {"filter", GOXEL_PARAM_OBJECT, .fallback = "{}", .meaning = "{color}: only voxels of exactly this colour"},
            LAYERS("id, \"current\", name, or \"all\": every layer, bottom to top"),
            {"offset", GOXEL_PARAM_INT, .min = 0, .max = INT64_C(1) << 53, .fallback = "0", .meaning = "matches to skip"},
            {"limit", GOXEL_PARAM_INT, .min = 0, .max = INT64_C(1) << 53, .fallback = "10000",
             .meaning = "voxels to give, at most limits.max_result_voxels"},
            {"return_format", GOXEL_PARAM_CHOICE, .choices = "list count packed", .fallback = "\"list\"", .meaning = "see the result"},
            PROJECT),
     GOXEL_LOCK_READ, SERVING, goxel_voxel_query},
    {"voxel.paint", "Gives one voxel another color; an empty place is fine.", "{x, y, z, color, layer_id, painted}",
     PARAMS(COORD("x"), COORD("y"), COORD("z"), COLOR, LAYER, EDIT_VOXELS, PROJECT),
     GOXEL_LOCK_EDIT, SERVING, goxel_voxel_paint},
    {"voxel.get_batch", "Reads many positions.",
     "{voxels: [{x, y, z, exists, color, layer_id}], count, found}: in the order asked for, as voxel.get; how many, and how many of them exist",
     PARAMS({"positions", GOXEL_PARAM_ARRAY, .required = true, .meaning = "a list of [x, y, z] or {x, y, z}, at most limits.max_result_voxels"},
            LAYERS("id, \"current\", name, or \"all\": the topmost layer that has a voxel there"), PROJECT),
     GOXEL_LOCK_READ, SERVING, goxel_voxel_get_batch},
    {"voxel.shape", "Draws a shape: the voxels whose centers it covers.", CHANGES,
     PARAMS({"shape", GOXEL_PARAM_CHOICE, .required = true, .choices = "cube sphere cylinder", .meaning = "cube, sphere or cylinder"},
            COLOR,
            {"box", GOXEL_PARAM_BOX, .fallback = "center and size", .meaning = "the shape is the largest in {min, max}, both inclusive"},
            POINT("center", "the middle of the shape; the voxel 0 lies between 0 and 1", "box"),
            {"size", GOXEL_PARAM_POINT, .min = 0, .max = 1 << 21, .fallback = "box", .meaning = "extents along x, y, z in voxels, above 0"},
            {"axis", GOXEL_PARAM_CHOICE, .choices = AXES, .fallback = "\"z\"", .meaning = "of a cylinder"},
            BRUSH, LAYER, EDIT_VOXELS, PROJECT),
     GOXEL_LOCK_EDIT, SERVING | GROWS, goxel_voxel_shape},
    {"voxel.line", "Draws a straight line, both ends included.", CHANGES,
     PARAMS({"from", GOXEL_PARAM_POSITION, .required = true, .meaning = "where it begins"},
            {"to", GOXEL_PARAM_POSITION, .required = true, .meaning = "where it ends"},
            COLOR, STAMP, BRUSH, LAYER, EDIT_VOXELS, PROJECT),
     GOXEL_LOCK_EDIT, SERVING | GROWS, goxel_voxel_line},
    {"voxel.stroke", "Draws along straight lines from point to point; where it crosses itself nothing is laid on twice.", CHANGES,
     PARAMS({"points", GOXEL_PARAM_ARRAY, .required = true, .meaning = "a list of [x, y, z] or {x, y, z}, at least one"},
            COLOR, STAMP, BRUSH, LAYER, EDIT_VOXELS, PROJECT),
     GOXEL_LOCK_EDIT, SERVING | GROWS, goxel_voxel_stroke},
    {"voxel.flood_fill", "Gives a voxel, and all of nearly its color that are connected with it, a color; from an empty place it fills empty space.", CHANGES,
     PARAMS(COORD("x"), COORD("y"), COORD("z"), COLOR, TOLERANCE("0"), CONNECTIVITY,
            {"region", GOXEL_PARAM_BOX, .fallback = "everywhere", .meaning = "only inside {min, max}, both inclusive, with the position in it"},
            LAYER, EDIT_VOXELS, PROJECT),
     GOXEL_LOCK_EDIT, SERVING | GROWS, goxel_voxel_flood_fill},
    {"voxel.replace_color", "Gives all voxels of a color another.", CHANGES,
     PARAMS({"from", GOXEL_PARAM_COLOR, .required = true, .meaning = "the color to replace"},
            {"to", GOXEL_PARAM_COLOR, .required = true, .meaning = "the color that they get"},
            TOLERANCE("0"), WHERE, LAYER, EDIT_VOXELS, PROJECT),
     GOXEL_LOCK_EDIT, SERVING, goxel_voxel_replace_color},
    {"voxel.transform", "Scales, mirrors, turns and moves the voxels of a layer, in this order; at least one of them is to be given.", CHANGES,
     PARAMS({"translate", GOXEL_PARAM_POSITION, .fallback = "not moved", .meaning = "by how many voxels along x, y, z"},
            {"rotate", GOXEL_PARAM_CHOICE, .choices = AXES, .fallback = "not turned", .meaning = "the axis to turn about"},
            {"turns", GOXEL_PARAM_INT, .min = -3, .max = 3, .fallback = "1", .meaning = "quarter turns: x to y, y to z or z to x; negative ones back"},
            {"mirror", GOXEL_PARAM_CHOICE, .choices = AXES, .fallback = "not mirrored", .meaning = "the axis along which sides change places"},
            POINT("center", "where the axis and the mirror are, whole numbers or halves: 0.5 is the middle of the voxel 0", "[0,0,0]"),
            {"scale", GOXEL_PARAM_CHOICE, .choices = "double half", .fallback = "not scaled",
             .meaning = "about the origin: each voxel becomes eight, or eight one, of the color that most have, if half of them are there"},
            LAYER, EDIT_VOXELS, PROJECT),
     GOXEL_LOCK_EDIT, SERVING | GROWS, goxel_voxel_transform},
    {"voxel.copy", "Copies a box of voxels to another place, or layer.", CHANGES,
     PARAMS({"region", GOXEL_PARAM_BOX, .required = true, .meaning = "{min, max}, both inclusive"},
            {"to", GOXEL_PARAM_POSITION, .required = true, .meaning = "where the box's min comes"},
            {"source_id", GOXEL_PARAM_LAYER, .fallback = "\"current\"", .meaning = "id, \"current\" or name of the layer to copy from"},
            {"mode", GOXEL_PARAM_CHOICE, .choices = "over add sub sub_clamp paint max replace", .fallback = "\"over\"",
             .meaning = "how it is laid on; replace makes the box there what it is here, empty places too"},
            LAYER, EDIT_VOXELS, PROJECT),
     GOXEL_LOCK_EDIT, SERVING | GROWS, goxel_voxel_copy},
    {"voxel.extrude", "Pulls a face out, or pushes it in: the voxels whose side in that direction is free, connected with the one given in its plane. "
     "Where it is none of them it is refused (-1018).", CHANGES,
     PARAMS(COORD("x"), COORD("y"), COORD("z"),
            {"direction", GOXEL_PARAM_CHOICE, .required = true, .choices = "+x -x +y -y +z -z", .meaning = "where the face looks to"},
            {"distance", GOXEL_PARAM_INT, .min = -(1 << 21), .max = 1 << 21, .fallback = "1", .meaning = "voxels; below 0: inwards"},
            TOLERANCE("255, any color"), LAYER, EDIT_VOXELS, PROJECT),
     GOXEL_LOCK_EDIT, SERVING | GROWS, goxel_voxel_extrude},
    {"voxel.hollow", "Takes away what is inside of solid things.", CHANGES,
     PARAMS({"thickness", GOXEL_PARAM_INT, .min = 1, .max = 256, .fallback = "1", .meaning = "voxels that are left along each axis"},
            LAYER, EDIT_VOXELS, PROJECT),
     GOXEL_LOCK_EDIT, SERVING, goxel_voxel_hollow},
    {"voxel.bounding_box", "The smallest box with all voxels in it.",
     "{empty, bounds: {min, max}, dimensions: [x, y, z], voxel_count}: bounds and dimensions null when it is empty",
     PARAMS(LOOKED_AT, PROJECT), GOXEL_LOCK_READ, SERVING, goxel_voxel_bounding_box},
    {"voxel.histogram", "Counts voxels by color, the most frequent first; more than 1048576 colors are refused (-1014).",
     "{histogram: [{color, count, percentage}], total_voxels, unique_colors, truncated}",
     PARAMS(WHERE, LOOKED_AT,
            {"bin_size", GOXEL_PARAM_INT, .min = 1, .max = 256, .fallback = "1", .meaning = "channels are rounded down to multiples of it"},
            LIMIT("1000", "colors to list"), PROJECT),
     GOXEL_LOCK_READ, SERVING, goxel_voxel_histogram},
    {"voxel.unique_colors", "Lists the colors, the most frequent first; more than 1048576 are refused (-1014).", "{colors, count, truncated}",
     PARAMS(WHERE, LOOKED_AT,
            {"tolerance", GOXEL_PARAM_INT, .min = 0, .max = 255, .fallback = "0", .meaning = "a color counts as the most frequent one that is so near in each channel"},
            LIMIT("1000", "colors to list"), PROJECT),
     GOXEL_LOCK_READ, SERVING, goxel_voxel_unique_colors},
    {"voxel.find_by_color", "Lists the voxels of a color, in the order of voxel.query.",
     "{voxels: [{x, y, z, color, layer_id with \"all\"}], count, truncated}: count is of all that match",
     PARAMS(COLOR, TOLERANCE("0"),
            {"region", GOXEL_PARAM_REGION, .fallback = "everywhere", .meaning = "{min, max}, both inclusive, or {center, radius}"},
            LAYERS("id, \"current\", name, or \"all\": every layer, bottom to top"),
            {"offset", GOXEL_PARAM_INT, .min = 0, .max = INT64_C(1) << 53, .fallback = "0", .meaning = "matches to skip"},
            {"limit", GOXEL_PARAM_INT, .min = 0, .max = INT64_C(1) << 53, .fallback = "10000",
             .meaning = "voxels to give, at most limits.max_result_voxels"}, PROJECT),
     GOXEL_LOCK_READ, SERVING, goxel_voxel_find_by_color},
    {"voxel.connected", "Tells the parts that do not touch each other, the largest first; more than 1048576 are refused (-1014).",
     "{components: [{voxel_count, bounds, seed}], count, truncated}: the seed is one of its voxels",
     PARAMS(WHERE, LOOKED_AT, CONNECTIVITY, LIMIT("1000", "parts to list"), PROJECT),
     GOXEL_LOCK_READ, SERVING, goxel_voxel_connected},
    {"voxel.raycast", "Finds the first voxel on a ray. A voxel at p fills the cube from p to p + 1.",
     "{hit, position, color, face, distance}: the face by which the ray comes in, as where it looks to (\"+z\": the top), null inside of the voxel; all null without a hit",
     PARAMS({"origin", GOXEL_PARAM_POINT, .required = true, .min = -(INT64_C(1) << 32), .max = INT64_C(1) << 32, .meaning = "where it begins, in voxels"},
            {"direction", GOXEL_PARAM_POINT, .required = true, .min = -(INT64_C(1) << 32), .max = INT64_C(1) << 32, .meaning = "where it goes, of any length but 0"},
            {"distance", GOXEL_PARAM_NUMBER, .min = 0, .max = INT64_C(1) << 34, .fallback = "as far as there are voxels", .meaning = "how far to look, in voxels"},
            LOOKED_AT, PROJECT),
     GOXEL_LOCK_READ, SERVING, goxel_voxel_raycast},
    {"voxel.slice", "Shows a plane of voxels as a picture: y is right and z is up across x, x and z across y, x and y across z.",
     "{width, height, right, up, left, bottom, rows, legend, or data}: the axes, and the coordinates of the first column and the last row, null where nothing is; "
     "rows from the top, a character each, \".\" where it is empty, and {character: color}; of more than 62 colors they are refused (-1014); data is base64, null without pixels",
     PARAMS({"axis", GOXEL_PARAM_CHOICE, .required = true, .choices = AXES, .meaning = "the axis that the plane lies across"},
            {"at", GOXEL_PARAM_COORD, .required = true, .meaning = "where on that axis it lies"},
            {"region", GOXEL_PARAM_BOX, .fallback = "the bounding box of all there is", .meaning = "only inside {min, max}, both inclusive; at most limits.max_result_voxels pixels"},
            {"format", GOXEL_PARAM_CHOICE, .choices = "text png", .fallback = "\"text\"", .meaning = "rows of characters, or a PNG image"},
            LOOKED_AT, PROJECT),
     GOXEL_LOCK_READ, SERVING, goxel_voxel_slice},

    {"layer.create", "Makes an empty layer and makes it the active one.", "{id, name, visible, opacity, order, is_active}",
     PARAMS({"name", GOXEL_PARAM_NAME, .fallback = "\"Layer.N\"", .meaning = "a name that is taken is refused (-1016)"},
            {"visible", GOXEL_PARAM_BOOL, .fallback = "true", .meaning = "true if it is shown, false if it is hidden"},
            {"opacity", GOXEL_PARAM_NUMBER, .min = 0, .max = 1, .fallback = "1",
             .meaning = "0 to 1: below 1 the layer gets a material of its own, as Goxel has no other place for it"},
            {"position", GOXEL_PARAM_INT, .min = 0, .max = GOXEL_LAYERS_MAX, .fallback = "top",
             .meaning = "index from 0, the bottom, to the number of layers"},
            EDIT, PROJECT),
     GOXEL_LOCK_EDIT, SERVING | GROWS, goxel_layer_create_run},
    {"layer.delete", "Deletes a layer; the last one is refused (-1016). Its clones become layers of their own that show what "
     "they showed; where that cannot be drawn it is refused (-1016).", "{deleted, merged_into, active_layer_id}",
     PARAMS(ONE_LAYER,
            {"merge_down", GOXEL_PARAM_BOOL, .fallback = "false", .meaning = "first draw its voxels over the layer below, hidden or not and without its opacity, which keeps its own settings; refused (-1016) if they cannot be drawn"},
            EDIT, PROJECT),
     GOXEL_LOCK_EDIT, SERVING, goxel_layer_delete_run},
    {"layer.get_list", "Lists the layers, bottom to top.",
     "{layers: [{id, name, visible, opacity, voxel_count, order, is_active}], active_layer_id}",
     PARAMS(PROJECT), GOXEL_LOCK_READ, SERVING, goxel_layer_get_list_run},
    {"layer.set_active", "Makes a layer the one that edits go to.", "{active_layer_id}",
     PARAMS(ONE_LAYER, EDIT, PROJECT), GOXEL_LOCK_EDIT, SERVING, goxel_layer_set_active_run},
    {"layer.set_visibility", "Shows or hides a layer.", "{id, visible}",
     PARAMS(ONE_LAYER, {"visible", GOXEL_PARAM_BOOL, .required = true, .meaning = "true if it is shown, false if it is hidden"}, EDIT, PROJECT),
     GOXEL_LOCK_EDIT, SERVING, goxel_layer_set_visibility_run},
    {"layer.rename", "Gives a layer another name.", "{id, name}",
     PARAMS(ONE_LAYER, {"name", GOXEL_PARAM_NAME, .required = true, .meaning = "a name that another layer has is refused (-1016)"}, EDIT, PROJECT),
     GOXEL_LOCK_EDIT, SERVING, goxel_layer_rename_run},
    {"layer.merge", "Lays what one layer shows over the voxels of another, without its opacity; a target that is a clone or a shape is refused (-1016).",
     "{source_id, target_id, mode, added, removed, recolored, source_deleted, active_layer_id}: voxels of the target that came, went, and are of another colour",
     PARAMS({"source_id", GOXEL_PARAM_LAYER, .required = true, .meaning = "id, \"current\" or name of the layer to lay over the target, hidden or not"},
            {"target_id", GOXEL_PARAM_LAYER, .required = true, .meaning = "id, \"current\" or name of the layer that is edited"},
            {"mode", GOXEL_PARAM_CHOICE, .choices = MODES, .fallback = "the source's own, \"over\" unless its file says otherwise", .meaning = "how its voxels are laid on; add is over"},
            {"delete_source", GOXEL_PARAM_BOOL, .fallback = "false", .meaning = "delete the source afterwards, as layer.delete does"},
            EDIT, PROJECT),
     GOXEL_LOCK_EDIT, SERVING | GROWS, goxel_layer_merge_run},
    {"layer.duplicate", "Makes a layer like another, right above it, and makes it the active one.",
     "{id, name, visible, opacity, voxel_count, order, is_active}",
     PARAMS(ONE_LAYER, {"name", GOXEL_PARAM_NAME, .fallback = "\"NAME copy\", made unique", .meaning = "a name that is taken is refused (-1016)"}, EDIT, PROJECT),
     GOXEL_LOCK_EDIT, SERVING | GROWS, goxel_layer_duplicate_run},
    {"layer.reorder", "Puts a layer at another place among the layers.", "{id, order}",
     PARAMS(ONE_LAYER, {"position", GOXEL_PARAM_INT, .required = true, .min = 0, .max = GOXEL_LAYERS_MAX - 1,
                        .meaning = "its new index, from 0, the bottom, to the number of layers less one"}, EDIT, PROJECT),
     GOXEL_LOCK_EDIT, SERVING, goxel_layer_reorder_run},
    {"layer.clear", "Takes all voxels of a layer away; a clone or a shape is refused (-1016).", "{id, removed}",
     PARAMS(ONE_LAYER, EDIT, PROJECT), GOXEL_LOCK_EDIT, SERVING, goxel_layer_clear_run},

    {"selection.set", "Selects places, and nothing else: a box, the voxels of a color, or what is connected with a place.", SELECTED,
     PARAMS(SELECT, EDIT, PROJECT), GOXEL_LOCK_EDIT, SERVING | GROWS, goxel_selection_set},
    {"selection.add", "Selects more.", SELECTED, PARAMS(SELECT, EDIT, PROJECT), GOXEL_LOCK_EDIT, SERVING | GROWS, goxel_selection_add},
    {"selection.sub", "Selects less.", SELECTED, PARAMS(SELECT, EDIT, PROJECT), GOXEL_LOCK_EDIT, SERVING, goxel_selection_sub},
    {"selection.intersect", "Keeps what is selected and meant as well.", SELECTED,
     PARAMS(SELECT, EDIT, PROJECT), GOXEL_LOCK_EDIT, SERVING, goxel_selection_intersect},
    {"selection.clear", "Selects nothing.", SELECTED, PARAMS(EDIT, PROJECT), GOXEL_LOCK_EDIT, SERVING, goxel_selection_clear},
    {"selection.get", "Lists what is selected, in the order of voxel.query.", "{count, bounds: {min, max} or null, positions: [[x, y, z]], truncated}: count is of all",
     PARAMS({"offset", GOXEL_PARAM_INT, .min = 0, .max = INT64_C(1) << 53, .fallback = "0", .meaning = "positions to skip"},
            {"limit", GOXEL_PARAM_INT, .min = 0, .max = INT64_C(1) << 53, .fallback = "10000",
             .meaning = "positions to give, at most limits.max_result_voxels"}, PROJECT),
     GOXEL_LOCK_READ, SERVING, goxel_selection_get},

    {"history.begin", "Makes up a name for a group that nobody else has: edits with it as their group, one after another, are one step of the history.",
     "{group}", PARAMS(PROJECT), GOXEL_LOCK_READ, SERVING, goxel_history_begin},
    {"history.end", "Ends a group, if it is the one that goes on: what comes with the same name is another step.",
     "{ended, version, undo, redo}: how many steps could be taken back or done again now",
     PARAMS({"group", GOXEL_PARAM_NAME, .required = true, .meaning = "its name"}, PROJECT),
     GOXEL_LOCK_OWN, SERVING, goxel_history_end},

#ifdef GOXEL_TEST_HOOKS
    {"test.hang", "Keeps its worker, whatever the time limit.", "{}",
     PARAMS({"ms", GOXEL_PARAM_INT, .min = 1, .max = 86400000, .fallback = "for ever", .meaning = "how long, in milliseconds"}),
     GOXEL_LOCK_NONE, ALWAYS, goxel_test_hang},
    {"test.crash", "Ends the process by a fault.", "none",
     PARAMS({"signal", GOXEL_PARAM_CHOICE, .required = true, .choices = "SEGV ABRT", .meaning = "which"}),
     GOXEL_LOCK_NONE, ALWAYS, goxel_test_crash},
#endif
    {.name = NULL},
};
