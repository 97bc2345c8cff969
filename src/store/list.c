/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entries are read by tables of their numbers and flags; what is left are the names and the path. */
#include "store/list.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"

#define ID_SIZE 24

const char goxel_lost_reason[] = "its beginning is missing: neither " GOXEL_LIST_NAME
                                 " nor the journal tells of it";

/* The numbers of an entry, as JSON has them. */
struct listed_numbers {
    int64_t version, created_ms, modified_ms, layers, voxels;
};

static const struct goxel_json_limits limits = {.depth = 16, .tree_bytes = (size_t)512 << 20};

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

static int read_path(const struct goxel_json *entry, struct goxel_detail *detail, char **ret_path)
{
    const struct goxel_json *plain = goxel_json_get(entry, "path"), *hex = goxel_json_get(entry, "path_hex");
    const char *text = text_of(entry, "path"), *digits = text_of(entry, "path_hex");
    char bytes[PATH_MAX];

    if (!is_null(plain) && (!text || strlen(text) >= PATH_MAX))
        return fail_member(detail, "path", "null or a path");
    if (!is_null(hex) && (!digits || strlen(digits) >= 2 * sizeof(bytes) || !from_hex(digits, bytes)))
        return fail_member(detail, "path_hex", "a path in pairs of hexadecimal digits");
    if (!text && !digits)
        return 0;
    *ret_path = strdup(text ? text : bytes);
    return *ret_path ? 0 : goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "a project's path");
}

/* ---- entries ---- */

static const struct {
    const char *key;
    size_t offset;
    int64_t min, max;
} numbers[] = {
#define AT(member) offsetof(struct listed_numbers, member)
    {"at", AT(version), 0, INT64_MAX},
    {"created_ms", AT(created_ms), INT64_MIN, INT64_MAX},
    {"modified_ms", AT(modified_ms), INT64_MIN, INT64_MAX},
    {"layers", AT(layers), 0, GOXEL_LAYERS_MAX},
    {"voxels", AT(voxels), 0, INT64_MAX},
#undef AT
};

static const struct {
    const char *key;
    size_t offset;
} flags[] = {
    {"modified", offsetof(struct goxel_summary, modified)},
    {"read_only", offsetof(struct goxel_summary, read_only)},
    {"closed", offsetof(struct goxel_summary, closed)},
};

static int read_names(const struct goxel_json *entry, struct goxel_detail *detail,
                      struct goxel_listed *listed)
{
    const char *id = text_of(entry, "id"), *name = text_of(entry, "name"),
               *damage = text_of(entry, "damaged");

    listed->number = id ? goxel_project_number(id) : 0;
    if (listed->number > GOXEL_LISTED_MAX)
        listed->number = 0;
    if (listed->number == 0)
        return fail_member(detail, "id", "a project's id (p and a number)");
    if (!name)
        return fail_member(detail, "name", "a name");
    goxel_name_copy(listed->summary.name, name, strlen(name));
    if (!is_null(goxel_json_get(entry, "damaged")))
        (void)snprintf(listed->damage, sizeof(listed->damage), "%s",
                       damage && damage[0] ? damage : "damaged");
    return 0;
}

static int read_numbers(const struct goxel_json *entry, struct goxel_detail *detail,
                        struct goxel_summary *summary)
{
    struct listed_numbers read = {0};

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        int64_t *value = (int64_t *)((char *)&read + numbers[i].offset);
        int code = read_number(entry, numbers[i].key, numbers[i].min, numbers[i].max, detail, value);

        if (code)
            return code;
    }
    summary->version = (uint64_t)read.version;
    summary->created_ms = read.created_ms;
    summary->modified_ms = read.modified_ms;
    summary->layers = (size_t)read.layers;
    summary->voxels = read.voxels;
    return 0;
}

static int read_flags(const struct goxel_json *entry, struct goxel_detail *detail,
                      struct goxel_summary *summary)
{
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        const struct goxel_json *flag = goxel_json_get(entry, flags[i].key);

        if (flag && goxel_json_type(flag) != GOXEL_JSON_BOOL)
            return fail_member(detail, flags[i].key, "true or false");
        *(bool *)((char *)summary + flags[i].offset) = flag && goxel_json_bool(flag);
    }
    return 0;
}

int goxel_listed_read(const struct goxel_json *entry, struct goxel_detail *detail,
                      struct goxel_listed *ret_listed)
{
    int code;

    *ret_listed = (struct goxel_listed){0};
    if (goxel_json_type(entry) != GOXEL_JSON_OBJECT)
        return fail_member(detail, "projects", "an object for each project");
    if ((code = read_names(entry, detail, ret_listed)) ||
        (code = read_numbers(entry, detail, &ret_listed->summary)) ||
        (code = read_flags(entry, detail, &ret_listed->summary)))
        return code;
    return read_path(entry, detail, &ret_listed->summary.path);
}

void goxel_listed_write(struct goxel_buf *buf, uint64_t number, const struct goxel_summary *summary,
                        const char *damage)
{
    struct goxel_json_writer w;
    char id[ID_SIZE];

    (void)snprintf(id, sizeof(id), "p%llu", (unsigned long long)number);
    goxel_json_writer_init(&w, buf);
    goxel_json_put_object(&w, NULL);
    goxel_json_put_string(&w, "id", id);
    goxel_json_put_string(&w, "name", summary->name);
    if (damage)
        goxel_json_put_string(&w, "damaged", damage);
    put_path(&w, summary->path);
    goxel_json_put_int(&w, "at", (int64_t)summary->version);
    goxel_json_put_int(&w, "created_ms", summary->created_ms);
    goxel_json_put_int(&w, "modified_ms", summary->modified_ms);
    goxel_json_put_int(&w, "layers", (int64_t)summary->layers);
    goxel_json_put_int(&w, "voxels", summary->voxels);
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        goxel_json_put_bool(&w, flags[i].key, *(const bool *)((const char *)summary + flags[i].offset));
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
    if (version > 0 && version < GOXEL_LIST_OLDEST)
        return goxel_fail_value(detail, GOXEL_ERROR_FORMAT_NOT_SUPPORTED, "version", NULL,
                                "%d at least, got %lld: a daemon from before the first release wrote it",
                                GOXEL_LIST_OLDEST, (long long)version);
    if (version > GOXEL_LIST_VERSION)
        return goxel_fail_value(detail, GOXEL_ERROR_FORMAT_NOT_SUPPORTED, "version", NULL,
                                "%d at most, got %lld: a newer daemon wrote it; start that one, or use "
                                "another storage.directory",
                                GOXEL_LIST_VERSION, (long long)version);
    return version ? 0 : fail_member(detail, "version", "a number");
}

static int read_root(const struct goxel_json *root, struct goxel_detail *detail, struct goxel_list *list)
{
    int64_t journal = 0, next = 1;
    const char *current;
    int code = check_version(root, detail);

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

void goxel_list_begin(struct goxel_json_writer *w, struct goxel_buf *buf, uint64_t journal,
                      uint64_t next_number, uint64_t current)
{
    char id[ID_SIZE];

    (void)snprintf(id, sizeof(id), "p%llu", (unsigned long long)current);
    goxel_json_writer_init(w, buf);
    goxel_json_put_object(w, NULL);
    goxel_json_put_int(w, "version", GOXEL_LIST_VERSION);
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
