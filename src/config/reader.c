/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The schema knows texts and lists of texts only: what they must look like is ours to say, with the
 * text itself in hand. Each option carries its slot in a field that libconfuse copies along and does
 * not use for texts; what a reading belongs to is a static pointer under a lock, because libconfuse
 * hands none to its callbacks and its lexer is global anyway.
 */
#include "config/reader.h"

#include <confuse.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "config/table.h"

static pthread_mutex_t lexer_lock = PTHREAD_MUTEX_INITIALIZER;

static struct {
    goxel_reader_value *value;
    void *ctx;
    size_t count; /* values handed on */
    int code;
} reading; /* lexer_lock */

static int take_value(cfg_t *cfg, cfg_opt_t *opt, const char *text, void *result)
{
    reading.count++;
    if (reading.code == 0)
        reading.code = reading.value(reading.ctx, (int)opt->def.number, (unsigned)cfg->line, text);
    *(const char **)result = text;
    return reading.code;
}

/* What it has to say was either said by the outline already, or is about memory. */
static void ignore_message(cfg_t *cfg, const char *fmt, va_list args)
{
    (void)cfg;
    (void)fmt;
    (void)args;
}

/* ---- the schema ---- */

static cfg_opt_t *build_section(const char *path);

static void free_section(cfg_opt_t *options)
{
    if (!options)
        return;
    for (size_t i = 0; options[i].name; i++)
        free_section(options[i].subopts);
    free(options);
}

static cfg_opt_t option_of(int slot)
{
    const struct goxel_option_row *row = &goxel_option_rows[slot];
    cfg_opt_t scalar = CFG_STR_CB(row->name, NULL, CFGF_NODEFAULT, take_value);
    cfg_opt_t list = CFG_STR_LIST_CB(row->name, NULL, CFGF_NODEFAULT, take_value);
    cfg_opt_t option = goxel_kind_is_list(row->kind) ? list : scalar;

    option.def.number = slot;
    return option;
}

static int add_children(const char *path, cfg_opt_t *options, size_t *at)
{
    for (size_t i = 0; i < GOXEL_SECTION_COUNT; i++) {
        const char *name = goxel_section_child(path, goxel_section_rows[i].path);
        cfg_opt_t *inner;

        if (!name)
            continue;
        inner = build_section(goxel_section_rows[i].path);
        if (!inner)
            return GOXEL_ERROR_OUT_OF_MEMORY;
        options[(*at)++] = (cfg_opt_t)CFG_SEC(name, inner, CFGF_NONE);
    }
    return 0;
}

/* As deep as the table nests. The array ends with a nameless row, as calloc leaves it. */
static cfg_opt_t *build_section(const char *path)
{
    cfg_opt_t *options = calloc(GOXEL_SLOT_COUNT + GOXEL_SECTION_COUNT + 1, sizeof(*options));
    size_t at = 0;

    if (!options)
        return NULL;
    for (int slot = 0; slot < GOXEL_SLOT_COUNT; slot++) {
        if (strcmp(goxel_option_rows[slot].section, path) == 0)
            options[at++] = option_of(slot);
    }
    if (add_children(path, options, &at) != 0) {
        free_section(options);
        return NULL;
    }
    return options;
}

/*
 * libconfuse falls over a NULL pointer, or exits, when memory runs out. Nothing that it needs for
 * the schema and the text together comes near this much: if it can be had, there is room.
 */
static bool has_room(size_t text_bytes)
{
    void *room = malloc((1u << 20) + 8 * text_bytes);

    free(room);
    return room != NULL;
}

static int parse(const char *text, cfg_opt_t *schema)
{
    cfg_t *cfg = cfg_init(schema, CFGF_NONE); /* copies the schema */
    int status;

    if (!cfg)
        return CFG_PARSE_ERROR;
    cfg_set_error_function(cfg, ignore_message);
    status = cfg_parse_buf(cfg, text);
    cfg_free(cfg);
    return status;
}

int goxel_reader_run(const char *text, size_t count, goxel_reader_value *value, void *ctx)
{
    cfg_opt_t *schema;
    int status, code;

    if (count == 0)
        return 0;
    schema = has_room(strlen(text)) ? build_section("") : NULL;
    if (!schema)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    (void)pthread_mutex_lock(&lexer_lock);
    reading.value = value;
    reading.ctx = ctx;
    reading.count = 0;
    reading.code = 0;
    status = parse(text, schema);
    code = reading.code;
    if (code == 0 && (status != CFG_SUCCESS || reading.count != count))
        code = GOXEL_ERROR_OUT_OF_MEMORY;
    (void)pthread_mutex_unlock(&lexer_lock);
    free_section(schema);
    return code;
}
