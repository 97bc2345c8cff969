/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entries are read by a table of their numbers; what is left are the names, the path and strange ids. */
#include "store/list.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"

/* A .gox file's reader takes no higher layer ids than this: these are listed. */
#define FILE_LAYER_ID_MAX (1 << 30)

static const struct goxel_json_limits limits = {.depth = 16, .tree_bytes = (size_t)512 << 20};

/* ---- names of files ---- */

void goxel_kept_name(uint64_t number, uint64_t generation, char ret_name[GOXEL_KEPT_NAME_SIZE])
{
    (void)snprintf(ret_name, GOXEL_KEPT_NAME_SIZE, "p%llu-%llu.gox", (unsigned long long)number,
                   (unsigned long long)generation);
}

bool goxel_kept_name_parse(const char *name, uint64_t *ret_number, uint64_t *ret_generation)
{
    char id[GOXEL_KEPT_NAME_SIZE], again[GOXEL_KEPT_NAME_SIZE];
    size_t dash = strcspn(name, "-"), end;
    uint64_t number, generation;

    if (name[dash] == '\0' || strlen(name) >= sizeof(id))
        return false;
    memcpy(id, name, dash);
    id[dash] = '\0';
    number = goxel_project_number(id);
    end = dash + 1 + strspn(name + dash + 1, "0123456789");
    memcpy(id + 1, name + dash + 1, end - dash - 1); /* "p3": a generation is written like an id's number */
    id[0] = 'p';
    id[end - dash] = '\0';
    generation = goxel_project_number(id);
    if (number == 0 || generation == 0 || generation > GOXEL_LISTED_MAX)
        return false;
    goxel_kept_name(number, generation, again);
    if (strcmp(name, again) != 0)
        return false;
    *ret_number = number;
    *ret_generation = generation;
    return true;
}

/* ---- members ---- */

static int fail_member(struct goxel_detail *detail, const char *key, const char *expected)
{
    return goxel_fail_value(detail, GOXEL_ERROR_INVALID_DATA, key, NULL, "%s", expected);
}

/* Absent: *ret_value stays. */
static int read_number(const struct goxel_json *object, const char *key, int64_t min, int64_t max,
                       struct goxel_detail *detail, int64_t *ret_value)
{
    const struct goxel_json *node = goxel_json_get(object, key);

    if (!node)
        return 0;
    if (goxel_json_type(node) != GOXEL_JSON_INT || goxel_json_int(node) < min || goxel_json_int(node) > max)
        return goxel_fail_value(detail, GOXEL_ERROR_INVALID_DATA, key, NULL, "an integer from %lld to %lld",
                                (long long)min, (long long)max);
    *ret_value = goxel_json_int(node);
    return 0;
}

/* NULL: absent, null, no string, or one with a NUL in it. */
static const char *text_of(const struct goxel_json *object, const char *key)
{
    const struct goxel_json *node = goxel_json_get(object, key);
    const char *text;
    size_t len;

    if (!node || goxel_json_type(node) != GOXEL_JSON_STRING)
        return NULL;
    text = goxel_json_string(node, &len);
    return strlen(text) == len ? text : NULL;
}

static bool is_null(const struct goxel_json *node)
{
    return !node || goxel_json_type(node) == GOXEL_JSON_NULL;
}

/* ---- paths ---- */

static bool is_utf8(const char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        size_t bytes = goxel_utf8_length(text, left);

        if (bytes == 0)
            return false;
        text += bytes;
        left -= bytes;
    }
    return true;
}

static void put_path(struct goxel_json_writer *w, const char *path)
{
    char hex[2 * PATH_MAX + 1];
    size_t len = path ? strlen(path) : 0;

    if (len >= PATH_MAX || !path || is_utf8(path)) {
        goxel_json_put_string(w, "path", len < PATH_MAX ? path : NULL);
        return;
    }
    for (size_t i = 0; i < len; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", (unsigned char)path[i]);
    goxel_json_put_string(w, "path_hex", hex);
}

static int hex_digit(char c)
{
    const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* False: no pairs of digits, or a NUL among the bytes. `to` has room for half of the text and a NUL. */
static bool from_hex(const char *text, char *to)
{
    for (; *text; text += 2) {
        int high = hex_digit(text[0]), low = hex_digit(text[1]);

        if (high < 0 || low < 0 || (high == 0 && low == 0))
            return false;
        *to++ = (char)(high << 4 | low);
    }
    *to = '\0';
    return true;
}

static int read_path(const struct goxel_json *entry, struct goxel_detail *detail, struct goxel_listed *listed)
{
    const struct goxel_json *plain = goxel_json_get(entry, "path"), *hex = goxel_json_get(entry, "path_hex");
    const char *text = text_of(entry, "path"), *digits = text_of(entry, "path_hex");
    char bytes[PATH_MAX];

    if (!is_null(plain) && (!text || strlen(text) >= PATH_MAX))
        return fail_member(detail, "path", "null or a path");
    if (!is_null(hex) && (!digits || strlen(digits) >= 2 * sizeof(bytes) || !from_hex(digits, bytes)))
        return fail_member(detail, "path_hex", "a path in pairs of hexadecimal digits");
    listed->path = text ? plain : digits ? hex : NULL;
    listed->path_is_hex = !text && digits;
    return 0;
}

static int apply_path(const struct goxel_listed *listed, struct goxel_project *project)
{
    const char *text = goxel_json_string(listed->path, NULL);
    char *path = strdup(text);

    if (!path)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    if (listed->path_is_hex)
        (void)from_hex(text, path); /* tried before */
    project->path = path;
    return 0;
}

/* ---- layers ---- */

static bool needs_layers(const struct goxel_project *project)
{
    for (size_t i = 0; i < project->layer_count; i++) {
        if (project->layers[i]->id > FILE_LAYER_ID_MAX)
            return true;
    }
    return false;
}

static void put_layers(struct goxel_json_writer *w, const struct goxel_project *project)
{
    goxel_json_put_array(w, "layers");
    for (size_t i = 0; i < project->layer_count; i++) {
        goxel_json_put_int(w, NULL, project->layers[i]->id);
        goxel_json_put_int(w, NULL, project->layers[i]->base_id);
    }
    goxel_json_put_end(w);
}

static bool is_layer_number(const struct goxel_json *node, int64_t min)
{
    return goxel_json_type(node) == GOXEL_JSON_INT && goxel_json_int(node) >= min &&
           goxel_json_int(node) < INT_MAX;
}

static int compare_ids(const void *a, const void *b)
{
    int left = *(const int *)a, right = *(const int *)b;

    return (left > right) - (left < right);
}

/* Ids of the pairs: in order, and none twice. */
static bool ids_differ(const struct goxel_json *layers, size_t count)
{
    int ids[GOXEL_LAYERS_MAX];

    for (size_t i = 0; i < count; i++)
        ids[i] = (int)goxel_json_int(goxel_json_at(layers, 2 * i));
    qsort(ids, count, sizeof(ids[0]), compare_ids);
    for (size_t i = 1; i < count; i++) {
        if (ids[i] == ids[i - 1])
            return false;
    }
    return true;
}

static int read_layers(const struct goxel_json *entry, struct goxel_detail *detail,
                       struct goxel_listed *listed)
{
    const struct goxel_json *layers = goxel_json_get(entry, "layers");
    bool good;

    if (!layers)
        return 0;
    good = goxel_json_type(layers) == GOXEL_JSON_ARRAY &&
           goxel_json_length(layers) == 2 * (size_t)listed->layer_count;
    for (size_t i = 0; good && i < 2 * (size_t)listed->layer_count; i++)
        good = is_layer_number(goxel_json_at(layers, i), i % 2 == 0);
    if (!good || !ids_differ(layers, (size_t)listed->layer_count))
        return fail_member(detail, "layers", "an id of its own and a base's id or 0 for each layer");
    listed->layers = layers;
    return 0;
}

/* A file that was mended may have other layers: then its own ids hold. */
static void apply_layers(const struct goxel_listed *listed, struct goxel_project *project)
{
    if (!listed->layers || project->layer_count != (size_t)listed->layer_count)
        return;
    for (size_t i = 0; i < project->layer_count; i++)
        project->layers[i]->id = (int)goxel_json_int(goxel_json_at(listed->layers, 2 * i));
    for (size_t i = 0; i < project->layer_count; i++) {
        int base_id = (int)goxel_json_int(goxel_json_at(listed->layers, 2 * i + 1));
        struct goxel_layer *layer = project->layers[i];

        /* The file's reader took a base with such an id for none. */
        layer->base_id = base_id != layer->id && goxel_project_layer(project, base_id) ? base_id : 0;
        if (!goxel_layer_is_plain(layer))
            goxel_volume_clear(layer->volume);
    }
}

/* Goxel wants a layer in every file: the one of an empty project is not the project's. */
static void drop_layer_of_empty(const struct goxel_listed *listed, struct goxel_project *project)
{
    if (listed->layer_count == 0 && project->layer_count == 1 && goxel_project_voxels(project) == 0)
        (void)goxel_project_remove_layer(project, project->layers[0]->id);
}

static void apply_layer_ids(const struct goxel_listed *listed, struct goxel_project *project)
{
    int next = 1;

    drop_layer_of_empty(listed, project);
    apply_layers(listed, project);
    for (size_t i = 0; i < project->layer_count; i++) {
        if (project->layers[i]->id >= next)
            next = project->layers[i]->id + 1;
    }
    project->scene->active_layer_id = project->layer_count ? project->layers[project->layer_count - 1]->id
                                                           : 0;
    project->next_layer_id = next > (int)listed->next_layer_id ? next : (int)listed->next_layer_id;
    if (goxel_project_layer(project, (int)listed->active_layer_id))
        project->scene->active_layer_id = (int)listed->active_layer_id;
}

/* ---- entries ---- */

static const struct {
    const char *key;
    size_t offset;
    int64_t min, max;
} numbers[] = {
#define AT(member) offsetof(struct goxel_listed, member)
    {"crc32", AT(crc32), 0, UINT32_MAX},
    {"created_ms", AT(created_ms), INT64_MIN, INT64_MAX},
    {"modified_ms", AT(modified_ms), INT64_MIN, INT64_MAX},
    {"changes", AT(version), 0, GOXEL_LISTED_CHANGES_MAX},
    {"saved_changes", AT(saved_version), 0, GOXEL_LISTED_CHANGES_MAX},
    {"layer_count", AT(layer_count), 0, GOXEL_LAYERS_MAX},
    {"active_layer", AT(active_layer_id), 0, INT_MAX},
    {"next_layer", AT(next_layer_id), 0, INT_MAX},
#undef AT
};

bool goxel_listed_file(const struct goxel_json *entry, uint64_t *ret_number, uint64_t *ret_generation)
{
    const char *file = goxel_json_type(entry) == GOXEL_JSON_OBJECT ? text_of(entry, "file") : NULL;

    return file && goxel_kept_name_parse(file, ret_number, ret_generation);
}

static int read_names(const struct goxel_json *entry, struct goxel_detail *detail,
                      struct goxel_listed *listed)
{
    const char *id = text_of(entry, "id"), *name = text_of(entry, "name");
    uint64_t number = 0;

    listed->number = id ? goxel_project_number(id) : 0;
    if (listed->number == 0 || listed->number > GOXEL_LISTED_MAX)
        return fail_member(detail, "id", "a project's id (p and a number)");
    if (!goxel_listed_file(entry, &number, &listed->generation) || number != listed->number)
        return fail_member(detail, "file", "the id, \"-\", a number and \".gox\"");
    if (!name)
        return fail_member(detail, "name", "a name");
    goxel_name_copy(listed->name, name, strlen(name));
    return 0;
}

int goxel_listed_read(const struct goxel_json *entry, struct goxel_detail *detail,
                      struct goxel_listed *ret_listed)
{
    struct goxel_listed listed = {.crc32 = -1};
    const struct goxel_json *read_only;
    int code;

    if (goxel_json_type(entry) != GOXEL_JSON_OBJECT)
        return fail_member(detail, "projects", "an object for each project");
    if ((code = read_names(entry, detail, &listed)))
        return code;
    if (!is_null(goxel_json_get(entry, "damaged")))
        return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA,
                          "set aside: %.100s; take \"damaged\" out of its entry to have it as of its file",
                          text_of(entry, "damaged") ? text_of(entry, "damaged") : "damaged");
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        int64_t *value = (int64_t *)((char *)&listed + numbers[i].offset);

        if ((code = read_number(entry, numbers[i].key, numbers[i].min, numbers[i].max, detail, value)))
            return code;
    }
    read_only = goxel_json_get(entry, "read_only");
    if (read_only && goxel_json_type(read_only) != GOXEL_JSON_BOOL)
        return fail_member(detail, "read_only", "true or false");
    listed.read_only = read_only && goxel_json_bool(read_only);
    if ((code = read_path(entry, detail, &listed)) || (code = read_layers(entry, detail, &listed)))
        return code;
    *ret_listed = listed;
    return 0;
}

int goxel_listed_apply(const struct goxel_listed *listed, struct goxel_project *project)
{
    int code = listed->path ? apply_path(listed, project) : 0;

    if (code)
        return code;
    memcpy(project->name, listed->name, sizeof(project->name));
    project->created_ms = listed->created_ms;
    project->modified_ms = listed->modified_ms;
    project->version = (uint64_t)listed->version;
    project->state = project->version; /* the past before it is not kept */
    project->saved_state = (uint64_t)listed->saved_version;
    project->read_only = listed->read_only;
    apply_layer_ids(listed, project);
    return 0;
}

/* Both are lowered by as much: what is unsaved stays so. */
static void put_changes(struct goxel_json_writer *w, uint64_t version, uint64_t saved_version)
{
    uint64_t most = version > saved_version ? version : saved_version;
    uint64_t excess = most > GOXEL_LISTED_CHANGES_MAX ? most - GOXEL_LISTED_CHANGES_MAX : 0;

    goxel_json_put_int(w, "changes", version > excess ? (int64_t)(version - excess) : 0);
    goxel_json_put_int(w, "saved_changes", saved_version > excess ? (int64_t)(saved_version - excess) : 0);
}

void goxel_listed_write(struct goxel_buf *buf, const struct goxel_project *project, uint64_t number,
                        uint64_t generation, uint32_t crc32)
{
    struct goxel_json_writer w;
    char id[GOXEL_KEPT_NAME_SIZE], file[GOXEL_KEPT_NAME_SIZE];

    (void)snprintf(id, sizeof(id), "p%llu", (unsigned long long)number);
    goxel_kept_name(number, generation, file);
    goxel_json_writer_init(&w, buf);
    goxel_json_put_object(&w, NULL);
    goxel_json_put_string(&w, "id", id);
    goxel_json_put_string(&w, "file", file);
    goxel_json_put_int(&w, "crc32", crc32);
    goxel_json_put_string(&w, "name", project->name);
    put_path(&w, project->path);
    goxel_json_put_int(&w, "created_ms", project->created_ms);
    goxel_json_put_int(&w, "modified_ms", project->modified_ms);
    put_changes(&w, project->version,
                project->state == project->saved_state ? project->version : project->saved_state);
    goxel_json_put_bool(&w, "read_only", project->read_only);
    goxel_json_put_int(&w, "layer_count", (int64_t)project->layer_count);
    goxel_json_put_int(&w, "active_layer", project->scene->active_layer_id);
    goxel_json_put_int(&w, "next_layer", project->next_layer_id);
    if (needs_layers(project))
        put_layers(&w, project);
    goxel_json_put_end(&w);
}

/* ---- the whole ---- */

static int check_version(const struct goxel_json *root, struct goxel_detail *detail)
{
    int64_t version = 0;
    int code;

    if (goxel_json_type(root) != GOXEL_JSON_OBJECT)
        return fail_member(detail, "", "an object");
    code = read_number(root, "version", 1, INT64_MAX, detail, &version);
    if (code)
        return code;
    if (version > GOXEL_LIST_VERSION)
        return goxel_fail_value(detail, GOXEL_ERROR_FORMAT_NOT_SUPPORTED, "version", NULL,
                                "%d at most, got %lld: a newer daemon wrote it; start that one, or use "
                                "another storage.directory",
                                GOXEL_LIST_VERSION, (long long)version);
    return version ? 0 : fail_member(detail, "version", "a number");
}

static int read_root(const struct goxel_json *root, struct goxel_detail *detail, struct goxel_list *list)
{
    int64_t generation = 0, journal = 0, next = 1;
    const char *current;
    int code = check_version(root, detail);

    if (!code)
        code = read_number(root, "generation", 0, (int64_t)GOXEL_LISTED_MAX, detail, &generation);
    if (!code)
        code = read_number(root, "next_number", 1, (int64_t)GOXEL_LISTED_MAX, detail, &next);
    if (!code)
        code = read_number(root, "journal", 0, INT64_MAX, detail, &journal);
    if (code)
        return code;
    list->projects = goxel_json_get(root, "projects");
    if (!list->projects || goxel_json_type(list->projects) != GOXEL_JSON_ARRAY)
        return fail_member(detail, "projects", "an array");
    if (goxel_json_length(list->projects) > GOXEL_LIST_ENTRIES_MAX)
        return goxel_fail_limit(detail, GOXEL_ERROR_INVALID_DATA, "projects", GOXEL_LIST_ENTRIES_MAX,
                                (int64_t)goxel_json_length(list->projects));
    current = text_of(root, "current");
    list->current = current ? goxel_project_number(current) : 0;
    list->generation = (uint64_t)generation;
    list->journal = (uint64_t)journal;
    list->next_number = (uint64_t)next;
    return 0;
}

int goxel_list_parse(const char *text, size_t len, struct goxel_detail *detail, struct goxel_list *ret_list)
{
    struct goxel_list list = {0};
    int code = goxel_json_parse(text, len, &limits, detail, &list.root);

    if (code)
        return code;
    code = read_root(list.root, detail, &list);
    if (code) {
        goxel_json_free(list.root);
        return code;
    }
    *ret_list = list;
    return 0;
}

void goxel_list_begin(struct goxel_json_writer *w, struct goxel_buf *buf, uint64_t generation,
                      uint64_t journal, uint64_t next_number, uint64_t current)
{
    char id[GOXEL_KEPT_NAME_SIZE];

    (void)snprintf(id, sizeof(id), "p%llu", (unsigned long long)current);
    goxel_json_writer_init(w, buf);
    goxel_json_put_object(w, NULL);
    goxel_json_put_int(w, "version", GOXEL_LIST_VERSION);
    goxel_json_put_int(w, "generation", (int64_t)generation);
    goxel_json_put_int(w, "journal", (int64_t)journal);
    goxel_json_put_int(w, "next_number", (int64_t)next_number);
    goxel_json_put_string(w, "current", current ? id : NULL);
    goxel_json_put_array(w, "projects");
}

void goxel_list_end(struct goxel_json_writer *w)
{
    goxel_json_put_end(w);
    goxel_json_put_end(w);
    (void)goxel_buf_putc(w->buf, '\n');
}

int goxel_list_check(const struct goxel_buf *buf, size_t entries, struct goxel_detail *detail)
{
    if (buf->failed)
        return goxel_fail(detail, buf->failed, "the list of the open projects");
    if (entries > GOXEL_LIST_ENTRIES_MAX)
        return goxel_fail_limit(detail, GOXEL_ERROR_QUOTA, "projects", GOXEL_LIST_ENTRIES_MAX,
                                (int64_t)entries);
    return goxel_json_scan(buf->data, buf->len, &limits, detail);
}
