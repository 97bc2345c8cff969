/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Goxel has no word for: how layers are laid over each other, which one is at work, the palette. The chunk is described in gox.h. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"
#include "format/gox.h"

/* ---- reading: the palette ---- */

/* A name, or a name and pairs of a key and a value, each with its end. */
static bool is_text(const struct goxel_gox_piece *text)
{
    size_t ends = 0;

    for (size_t i = 0, len; i < text->len; i += len) {
        len = goxel_utf8_length((const char *)text->bytes + i, text->len - i);
        if (len == 0)
            return false;
        ends += text->bytes[i] == '\0';
    }
    return text->len == 0 ||
           (text->len <= GOXEL_PALETTE_TEXT_MAX && text->bytes[text->len - 1] == '\0' && ends % 2 == 1);
}

static int read_entry(struct goxel_gox_input *in, struct goxel_palette *palette)
{
    struct goxel_palette_entry *entry;
    struct goxel_gox_piece text;
    size_t start = in->at;
    int32_t rgba;
    int result = goxel_gox_int(in, "colour", &rgba);

    if (!result)
        result = goxel_gox_piece(in, "text of a colour", &text);
    if (result)
        return result;
    if (!is_text(&text))
        return goxel_gox_fail(in, GOXEL_ERROR_INVALID_DATA, text.offset,
                              "the text of a colour: expected UTF-8 with its ends, of at most %d bytes",
                              GOXEL_PALETTE_TEXT_MAX);
    result = goxel_palette_add(palette,
                               (struct goxel_color){in->bytes[start], in->bytes[start + 1],
                                                    in->bytes[start + 2], in->bytes[start + 3]},
                               NULL, 0);
    if (result == GOXEL_ERROR_QUOTA)
        return goxel_fail_limit(in->detail, result, "colours of a palette", GOXEL_PALETTE_ENTRIES_MAX,
                                GOXEL_PALETTE_ENTRIES_MAX + 1);
    if (result || text.len == 0)
        return result;
    entry = &palette->entries[palette->count - 1];
    entry->text = malloc(text.len);
    if (!entry->text)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    memcpy(entry->text, text.bytes, text.len);
    entry->text_len = text.len;
    return 0;
}

static int read_palette(struct goxel_gox_input *in, struct goxel_palette *palette)
{
    struct goxel_gox_piece name = {0};
    int32_t columns = 0, count = 0;
    int result = goxel_gox_piece(in, "name of the palette", &name);

    goxel_palette_finish(palette); /* there was one before */
    if (!result)
        result = goxel_gox_int(in, "columns of the palette", &columns);
    if (!result)
        result = goxel_gox_int(in, "colours of the palette", &count);
    if (result)
        return result;
    goxel_utf8_printable(palette->name, sizeof(palette->name), (const char *)name.bytes, name.len);
    palette->columns = columns >= 0 && columns <= GOXEL_PALETTE_ENTRIES_MAX ? columns : 0;
    for (; count > 0 && !result; count--)
        result = read_entry(in, palette);
    return result;
}

/* ---- reading: the chunk ---- */

static bool is_key(const struct goxel_gox_piece *piece, const char *key)
{
    return piece->len == strlen(key) && memcmp(piece->bytes, key, piece->len) == 0;
}

static int read_value(struct goxel_gox_input *in, const struct goxel_gox_piece *key,
                      const struct goxel_gox_piece *value, struct goxel_project *project,
                      struct goxel_gox_own *own)
{
    struct goxel_gox_input inner = *in;
    int result = 0;

    inner.at = value->offset;
    inner.end = value->offset + value->len;
    if (is_key(key, "layers"))
        own->layers = *value;
    else if (is_key(key, "active"))
        result = goxel_gox_int(&inner, "active layer", &own->active);
    else if (is_key(key, "palette"))
        result = read_palette(&inner, &project->scene->palette);
    else
        goxel_warn(in->warnings, "unknown values dropped", 1);
    return result;
}

int goxel_gox_own_read(struct goxel_gox_input *in, struct goxel_project *project, struct goxel_gox_own *own)
{
    int result = 0;

    while (in->at < in->end && !result) {
        struct goxel_gox_piece key, value;

        result = goxel_gox_piece(in, "length of a key", &key);
        if (!result)
            result = goxel_gox_piece(in, "length of a value", &value);
        if (!result)
            result = read_value(in, &key, &value, project, own);
    }
    return result;
}

/* ---- reading: layers ---- */

/* Bricks of a part, and then the part is no layer any more. */
static int join(struct goxel_project *project, size_t i)
{
    struct goxel_volume *whole = project->layers[i - 1]->volume;
    const struct goxel_volume *part = project->layers[i]->volume;
    struct goxel_brick_view *views;
    size_t count;
    int result = goxel_volume_views(part, &views, &count);

    for (size_t j = 0; !result && j < count; j++)
        result = goxel_volume_share_brick(whole, views[j].pos, part, views[j].pos);
    free(views);
    if (result)
        return result;
    goxel_layer_unref(project->layers[i]);
    project->layer_count--;
    memmove(&project->layers[i], &project->layers[i + 1],
            (project->layer_count - i) * sizeof(struct goxel_layer *));
    return 0;
}

int goxel_gox_own_join(const struct goxel_gox_own *own, struct goxel_project *project,
                       struct goxel_warnings *warnings)
{
    size_t count = own->layers.len / GOXEL_GOX_OWN_LAYER;
    int result = 0;

    if (!own->layers.bytes)
        return 0;
    if (count != project->layer_count) { /* another program has been at it */
        goxel_warn(warnings, "modes of layers dropped", 1);
        return 0;
    }
    for (size_t i = count; i-- > 0 && !result;) {
        const uint8_t *row = own->layers.bytes + i * GOXEL_GOX_OWN_LAYER;
        struct goxel_layer *layer = project->layers[i];

        if (goxel_mode_traits(row[0]))
            layer->mode = row[0];
        else
            goxel_warn(warnings, "modes of layers dropped", 1);
        if (row[1] == 1 && i > 0 && goxel_layer_is_plain(layer) &&
            goxel_layer_is_plain(project->layers[i - 1]))
            result = join(project, i);
    }
    return result;
}

void goxel_gox_own_activate(const struct goxel_gox_own *own, struct goxel_project *project)
{
    if (goxel_project_layer(project, own->active))
        project->scene->active_layer_id = own->active;
}

/* ---- writing ---- */

static int32_t active_of(const struct goxel_project *project)
{
    size_t count = project->layer_count;

    return count > 0 && project->scene->active_layer_id != project->layers[count - 1]->id
               ? project->scene->active_layer_id
               : 0;
}

static bool has_palette(const struct goxel_project *project)
{
    return project->scene->palette.count > 0 || project->scene->palette.name[0];
}

static bool are_special(const struct goxel_buf *layers)
{
    for (size_t i = 0; i + 1 < layers->len; i += GOXEL_GOX_OWN_LAYER) {
        if (layers->data[i] != GOXEL_MODE_OVER || layers->data[i + 1])
            return true;
    }
    return false;
}

bool goxel_gox_own_needed(const struct goxel_project *project, const struct goxel_buf *layers)
{
    return active_of(project) || has_palette(project) || are_special(layers);
}

static size_t palette_bytes(const struct goxel_palette *palette)
{
    size_t bytes = 4 + strlen(palette->name) + 8;

    for (size_t i = 0; i < palette->count; i++)
        bytes += 8 + palette->entries[i].text_len;
    return bytes;
}

static void put_palette(const struct goxel_palette *palette, struct goxel_buf *out)
{
    goxel_gox_put_piece(out, "palette", 7);
    goxel_buf_put_le32(out, (uint32_t)palette_bytes(palette));
    goxel_gox_put_piece(out, palette->name, strlen(palette->name));
    goxel_buf_put_le32(out, (uint32_t)palette->columns);
    goxel_buf_put_le32(out, (uint32_t)palette->count);
    for (size_t i = 0; i < palette->count; i++) {
        goxel_buf_append(out, &palette->entries[i].color, 4);
        goxel_gox_put_piece(out, palette->entries[i].text, palette->entries[i].text_len);
    }
}

void goxel_gox_own_write(const struct goxel_project *project, const struct goxel_buf *layers,
                         struct goxel_buf *out)
{
    if (are_special(layers)) {
        goxel_gox_put_piece(out, "layers", 6);
        goxel_gox_put_piece(out, layers->data, layers->len);
    }
    if (active_of(project)) {
        goxel_gox_put_piece(out, "active", 6);
        goxel_buf_put_le32(out, 4);
        goxel_buf_put_le32(out, (uint32_t)active_of(project));
    }
    if (has_palette(project))
        put_palette(&project->scene->palette, out);
}
