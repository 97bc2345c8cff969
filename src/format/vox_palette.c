/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The colours of a .vox file, and what is said of them: out of the chunks, and into them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"
#include "core/colors.h"
#include "format/vox.h"

/* ---- the default palette ---- */

/*
 * A cube of six steps a channel without its black, from white down, blue first and red last; then ten steps of red, green,
 * blue and grey, those that the cube has not.
 */
static struct goxel_color default_color(int index)
{
    static const uint8_t steps[10] = {0xee, 0xdd, 0xbb, 0xaa, 0x88, 0x77, 0x55, 0x44, 0x22, 0x11};
    struct goxel_color color = {0, 0, 0, 255};
    int i = index - 1;

    if (index == 0)
        return (struct goxel_color){0, 0, 0, 0};
    if (i < 215)
        return (struct goxel_color){(uint8_t)(255 - 51 * (i / 36)), (uint8_t)(255 - 51 * (i / 6 % 6)),
                                    (uint8_t)(255 - 51 * (i % 6)), 255};
    i -= 215;
    if (i / 10 == 0 || i / 10 == 3)
        color.r = steps[i % 10];
    if (i / 10 == 1 || i / 10 == 3)
        color.g = steps[i % 10];
    if (i / 10 == 2 || i / 10 == 3)
        color.b = steps[i % 10];
    return color;
}

/* ---- glass ---- */

/* What of a material tells how much is seen through it; "" for what it does not say. */
struct glass {
    char type[16], trans[16], alpha[16], weight[16];
};

static void keep_value(char to[16], struct goxel_vox_text value)
{
    size_t len = value.len < 15 ? value.len : 15;

    memcpy(to, value.bytes, len);
    to[len] = '\0';
}

static void look_at(struct glass *glass, struct goxel_vox_text key, struct goxel_vox_text value)
{
    if (goxel_vox_is(key, "_type"))
        keep_value(glass->type, value);
    else if (goxel_vox_is(key, "_trans"))
        keep_value(glass->trans, value);
    else if (goxel_vox_is(key, "_alpha"))
        keep_value(glass->alpha, value);
    else if (goxel_vox_is(key, "_weight"))
        keep_value(glass->weight, value);
}

/* The alpha that a colour has with such a material; `plain` without. */
static uint8_t alpha_of(const struct glass *glass, uint8_t plain)
{
    const char *text = glass->trans[0] ? glass->trans : glass->alpha[0] ? glass->alpha : glass->weight;
    char *end;
    double through;

    if (strcmp(glass->type, "_glass") != 0 && strcmp(glass->type, "_blend") != 0)
        return plain;
    through = strtod(text, &end);
    if (end == text || *end || !(through >= 0 && through <= 1))
        return plain;
    through = 255 * (1 - through);
    return through < 1 ? 1 : (uint8_t)(through + 0.5);
}

/* ---- reading ---- */

static struct goxel_color rgba_color(const uint8_t *rgba, int index)
{
    const uint8_t *at = rgba + (size_t)(index - 1) * 4;

    return (struct goxel_color){at[0], at[1], at[2], at[3] ? at[3] : 255};
}

/* Text that can be kept as it is: whole, UTF-8, and not too long. */
static bool keep_text(struct goxel_vox_text text, char *to, size_t size)
{
    for (size_t i = 0, step; i < text.len; i += step) {
        step = goxel_utf8_length(text.bytes + i, text.len - i);
        if (step == 0 || text.bytes[i] == '\0')
            return false;
    }
    if (text.len >= size)
        return false;
    memcpy(to, text.bytes, text.len);
    to[text.len] = '\0';
    return true;
}

static int keep_property(struct goxel_palette_entry *entry, struct goxel_vox_text key,
                         struct goxel_vox_text value, int64_t *left_out)
{
    char key_text[128], value_text[512];
    int result = GOXEL_ERROR_QUOTA;

    if (keep_text(key, key_text, sizeof(key_text)) && keep_text(value, value_text, sizeof(value_text)))
        result = goxel_palette_entry_set(entry, key_text, value_text);
    if (result == GOXEL_ERROR_QUOTA) {
        (*left_out)++;
        return 0;
    }
    return result;
}

/* The colour of an index, and its material as properties of the entry. */
static int read_material(struct goxel_vox_file *file, int index, struct goxel_palette_entry *entry)
{
    const struct goxel_vox_place *place = &file->materials[index];
    struct goxel_input in = goxel_input_of(file->import);
    struct glass glass = {.type = ""};
    struct goxel_vox_text key, value;
    int64_t left_out = 0;
    uint32_t left;
    int result = 0;

    in.at = place->at;
    in.end = place->end;
    left = place->end ? goxel_input_u32(&in, "count of properties") : 0;
    while (!result && goxel_vox_pair(&in, &left, &key, &value)) {
        look_at(&glass, key, value);
        result = keep_property(entry, key, value, &left_out);
    }
    file->colors[index].a = alpha_of(&glass, file->colors[index].a);
    entry->color = file->colors[index];
    goxel_warn(file->import->warnings, "properties of materials left out", left_out);
    return result ? result : in.failed;
}

/* The index in a place of the palette; 0: that of empty space, which no place shows. */
static int index_at(const struct goxel_vox_file *file, int place)
{
    return file->imap ? file->imap[place] : (place + 1) & 255;
}

/* Every index is in one place. */
static bool is_order(const uint8_t *imap)
{
    bool seen[256] = {false};

    for (int i = 0; i < 256; i++) {
        if (seen[imap[i]])
            return false;
        seen[imap[i]] = true;
    }
    return true;
}

/* The names of rows, with which their first colours begin. */
static int next_note(struct goxel_input *in, uint32_t *left, struct goxel_vox_text *ret_name)
{
    uint32_t len;
    const uint8_t *bytes;

    *ret_name = (struct goxel_vox_text){NULL, 0};
    if (*left == 0)
        return 0;
    (*left)--;
    len = goxel_input_u32(in, "name");
    bytes = goxel_input_bytes(in, len, "name");
    if (bytes)
        *ret_name = (struct goxel_vox_text){(const char *)bytes, len};
    return in->failed;
}

static int add_entry(struct goxel_vox_file *file, int index, struct goxel_vox_text name)
{
    struct goxel_palette *palette = &file->project->scene->palette;
    char text[GOXEL_NAME_MAX + 1] = "";
    int result;

    if (name.len > 0 && !keep_text(name, text, sizeof(text)))
        goxel_warn(file->import->warnings, "names of colours left out", 1);
    result = goxel_palette_add(palette, file->colors[index], text, strlen(text));
    return result ? result : read_material(file, index, &palette->entries[palette->count - 1]);
}

int goxel_vox_read_palette(struct goxel_vox_file *file)
{
    struct goxel_input notes = goxel_input_of(file->import);
    uint32_t left;
    int result = 0;

    for (int i = 1; i < 256; i++)
        file->colors[i] = file->rgba ? rgba_color(file->rgba, i) : default_color(i);
    if (file->imap && !is_order(file->imap)) {
        goxel_warn(file->import->warnings, "places of colours left out", 1);
        file->imap = NULL;
    }
    notes.at = file->notes.at;
    notes.end = file->notes.end;
    left = notes.end ? goxel_input_u32(&notes, "count of names") : 0;
    for (int place = 0; place < 256 && !result; place++) {
        struct goxel_vox_text name = {NULL, 0};

        if (place % GOXEL_VOX_ROW == 0)
            result = next_note(&notes, &left, &name);
        if (!result && index_at(file, place) != 0)
            result = add_entry(file, index_at(file, place), name);
    }
    file->project->scene->palette.columns = GOXEL_VOX_ROW;
    return result;
}

static bool same_text(const struct goxel_palette_entry *a, const struct goxel_palette_entry *b)
{
    const char *key, *value;

    for (size_t i = 0; goxel_palette_entry_property(a, i, &key, &value); i++) {
        const char *other = goxel_palette_entry_get(b, key);

        if (!other || strcmp(value, other) != 0)
            return false;
    }
    return true;
}

/* A voxel has a colour and no index: of equal colours the first one's material is found again. */
void goxel_vox_warn_materials(const struct goxel_vox_file *file)
{
    const struct goxel_palette *palette = &file->project->scene->palette;
    int64_t alike = 0;

    for (size_t i = 0, place = 0; i < palette->count; place++) {
        const struct goxel_palette_entry *entry = &palette->entries[i];
        int index = index_at(file, (int)place);
        int first;

        if (index == 0)
            continue;
        i++;
        first = file->used[index] ? goxel_palette_nearest(palette, entry->color) : -1;
        alike += first >= 0 && !same_text(entry, &palette->entries[first]);
    }
    goxel_warn(file->import->warnings, "materials of colours that another one equals", alike);
}

/* ---- which index a colour has ---- */

/* 32^4: with a coarser look there are never more. */
#define COLORS_MAX ((size_t)1 << 20)
#define COARSE 8

static int compare_counts(const void *a, const void *b)
{
    const struct goxel_color_count *left = a, *right = b;
    uint32_t one = goxel_color_bits(left->color), other = goxel_color_bits(right->color);

    if (left->count != right->count)
        return left->count < right->count ? 1 : -1;
    return (one > other) - (one < other);
}

/* Counts the colours of one volume. GOXEL_ERROR_QUOTA: too many. */
static int count_colors(struct goxel_vox_colors *colors, const struct goxel_volume *volume, int bin,
                        struct goxel_cancel *cancel)
{
    const struct goxel_colors_options options = {.bin_size = bin, .merge = 0, .colors = COLORS_MAX};
    struct goxel_color_count *list;
    size_t count;
    int result = goxel_volume_colors(volume, NULL, &options, cancel, &list, &count);

    if (result)
        return result;
    for (size_t i = 0; i < count && !result; i++) {
        int64_t *place = goxel_table_place(&colors->table, goxel_color_bits(list[i].color));

        if (place)
            *place += list[i].count;
        else
            result = GOXEL_ERROR_OUT_OF_MEMORY;
    }
    free(list);
    return !result && colors->table.used > COLORS_MAX ? GOXEL_ERROR_QUOTA : result;
}

static int count_all(struct goxel_vox_colors *colors, struct goxel_volume *const *volumes, size_t count,
                     int bin, struct goxel_cancel *cancel)
{
    int result = 0;

    goxel_table_end(&colors->table);
    colors->table = (struct goxel_table){0};
    colors->mask = UINT32_MAX - UINT32_C(0x01010101) * (uint32_t)(bin - 1);
    for (size_t i = 0; i < count && !result; i++) {
        if (volumes[i])
            result = count_colors(colors, volumes[i], bin, cancel);
    }
    return result;
}

/* From a bin's lowest value to one that spreads bins over all of the channel: what is opaque stays so. */
static struct goxel_color of_bin(uint32_t bits, uint32_t mask)
{
    struct goxel_color color;

    if (mask != UINT32_MAX)
        bits |= bits >> 5 & ~mask;
    memcpy(&color, &bits, sizeof(bits));
    color.a = color.a > 0 ? color.a : 1;
    return color;
}

/* All that were counted, the most frequent first. */
static struct goxel_color_count *list_colors(const struct goxel_table *table, uint32_t mask)
{
    struct goxel_color_count *list = calloc(table->used + 1, sizeof(*list));
    size_t count = 0;

    for (size_t i = 0; list && i < table->size; i++) {
        if (table->slots[i].value == 0)
            continue;
        list[count].color = of_bin((uint32_t)table->slots[i].key, mask);
        list[count++].count = table->slots[i].value;
    }
    if (list)
        qsort(list, count, sizeof(*list), compare_counts);
    return list;
}

static const struct goxel_palette_entry *entry_of(const struct goxel_palette *palette,
                                                  struct goxel_color color)
{
    for (size_t i = 0; i < palette->count; i++) {
        if (goxel_color_bits(palette->entries[i].color) == goxel_color_bits(color))
            return &palette->entries[i];
    }
    return NULL;
}

static void give_index(struct goxel_vox_colors *colors, struct goxel_color color,
                       const struct goxel_palette_entry *entry)
{
    colors->colors[colors->count] = color;
    colors->entries[colors->count++] = entry;
}

/* The project's palette as it is, and behind it what is missing there; false: that is too much, and nothing is given. */
static bool keep_palette(struct goxel_vox_colors *colors, const struct goxel_palette *palette,
                         const struct goxel_color_count *list, size_t count)
{
    size_t needed = palette->count;

    for (size_t i = 0; i < count && needed <= GOXEL_VOX_COLORS; i++)
        needed += !entry_of(palette, list[i].color);
    if (needed > GOXEL_VOX_COLORS)
        return false;
    for (size_t i = 0; i < palette->count; i++)
        give_index(colors, palette->entries[i].color, &palette->entries[i]);
    for (size_t i = 0; i < count; i++) {
        if (!entry_of(palette, list[i].color))
            give_index(colors, list[i].color, NULL);
    }
    return true;
}

/* Fewer colours for all of them; the list is reordered. */
static int reduce(struct goxel_vox_colors *colors, struct goxel_color_count *list, size_t count)
{
    struct goxel_palette palette = {.count = 0};
    int result = goxel_palette_reduce(&palette, list, count, GOXEL_VOX_COLORS);

    for (size_t i = 0; i < palette.count; i++)
        give_index(colors, palette.entries[i].color, NULL);
    goxel_palette_finish(&palette);
    return result;
}

/* The index of the nearest colour, for each that there is. *ret_changed: how many have become another one. */
static int find_indices(struct goxel_vox_colors *colors, const struct goxel_color_count *list, size_t count,
                        struct goxel_cancel *cancel, int64_t *ret_changed)
{
    struct goxel_palette_entry entries[GOXEL_VOX_COLORS] = {{.text = NULL}};
    const struct goxel_palette palette = {.entries = entries, .count = colors->count};

    for (size_t i = 0; i < colors->count; i++)
        entries[i].color = colors->colors[i];
    for (size_t i = 0; i < count; i++) {
        int nearest = goxel_palette_nearest(&palette, list[i].color);
        int64_t *place = goxel_table_place(&colors->table, goxel_color_bits(list[i].color) & colors->mask);
        int result = i % 1024 == 0 ? goxel_cancel_check(cancel) : 0;

        if (result || !place)
            return result ? result : GOXEL_ERROR_OUT_OF_MEMORY;
        *place = nearest + 1;
        *ret_changed += goxel_color_bits(entries[nearest].color) != goxel_color_bits(list[i].color);
    }
    return 0;
}

/* What the project's palette says that comes into no chunk. */
static void warn_palette(const struct goxel_vox_colors *colors, const struct goxel_export *export)
{
    const struct goxel_palette *palette = &export->project->scene->palette;
    int64_t names = 0, kept = 0, entries = 0;

    for (size_t i = 0; i < palette->count; i++)
        names += goxel_palette_entry_name(&palette->entries[i])[0] != '\0';
    for (size_t i = 0; i < colors->count; i++) {
        entries += colors->entries[i] != NULL;
        kept += i % GOXEL_VOX_ROW == 0 && colors->entries[i] &&
                goxel_palette_entry_name(colors->entries[i])[0] != '\0';
    }
    goxel_warn(export->warnings, "names of colours left out", names - kept);
    goxel_warn(export->warnings, "unused colours of the palette left out", (int64_t)palette->count - entries);
}

static int choose(struct goxel_vox_colors *colors, const struct goxel_export *export,
                  struct goxel_color_count *list, size_t count)
{
    const struct goxel_palette *palette = &export->project->scene->palette;
    int64_t changed = 0;
    int result = 0;

    if (count > GOXEL_VOX_COLORS)
        result = reduce(colors, list, count);
    else if (!keep_palette(colors, palette, list, count)) {
        for (size_t i = 0; i < count; i++)
            give_index(colors, list[i].color, entry_of(palette, list[i].color));
    }
    if (!result)
        result = find_indices(colors, list, count, export->cancel, &changed);
    if (!result) {
        goxel_warn(export->warnings, "colours changed to one of 255", changed);
        warn_palette(colors, export);
    }
    return result;
}

int goxel_vox_colors_make(struct goxel_vox_colors *colors, const struct goxel_export *export,
                          struct goxel_volume *const *volumes, size_t count)
{
    int result = count_all(colors, volumes, count, 1, export->cancel);
    struct goxel_color_count *list;

    if (result == GOXEL_ERROR_QUOTA)
        result = count_all(colors, volumes, count, COARSE, export->cancel);
    if (result)
        return result;
    list = list_colors(&colors->table, colors->mask);
    result = list ? choose(colors, export, list, colors->table.used) : GOXEL_ERROR_OUT_OF_MEMORY;
    free(list);
    return result;
}

void goxel_vox_colors_end(struct goxel_vox_colors *colors)
{
    goxel_table_end(&colors->table);
}

uint8_t goxel_vox_color_find(struct goxel_vox_colors *colors, uint32_t bits)
{
    unsigned at = bits * UINT32_C(0x9e3779b1) >> 24;

    colors->recent[at].bits = bits;
    colors->recent[at].index = (uint8_t)goxel_table_find(&colors->table, bits & colors->mask);
    return colors->recent[at].index;
}

/* ---- writing ---- */

static void put_color(struct goxel_buf *out, struct goxel_color color)
{
    const uint8_t bytes[4] = {color.r, color.g, color.b, color.a};

    goxel_buf_append(out, bytes, sizeof(bytes));
}

static void put_colors(const struct goxel_vox_colors *colors, struct goxel_buf *out)
{
    size_t chunk = goxel_vox_begin(out, "RGBA");

    for (size_t i = 0; i < 256; i++)
        put_color(out, i < colors->count ? colors->colors[i] : (struct goxel_color){0, 0, 0, 0});
    goxel_vox_end(out, chunk);
}

static bool is_of_glass(const char *key)
{
    return strcmp(key, "_type") == 0 || strcmp(key, "_trans") == 0 || strcmp(key, "_alpha") == 0 ||
           strcmp(key, "_weight") == 0;
}

static struct goxel_vox_text text_of(const char *text)
{
    return (struct goxel_vox_text){text, strlen(text)};
}

/* Whether what the entry says of the material comes to the colour's alpha. */
static bool tells_alpha(const struct goxel_palette_entry *entry, struct goxel_color color)
{
    struct glass glass = {.type = ""};
    const char *key, *value;

    for (size_t i = 0; entry && goxel_palette_entry_property(entry, i, &key, &value); i++)
        look_at(&glass, text_of(key), text_of(value));
    return alpha_of(&glass, 255) == color.a;
}

/* A dictionary's pair, and one more counted. */
static void put_pair(struct goxel_buf *out, const char *key, const char *value, uint32_t *count)
{
    goxel_vox_put_text(out, key);
    goxel_vox_put_text(out, value);
    (*count)++;
}

/* Exact to a 255th, and as MagicaVoxel's own programs say it, both ways. */
static void put_glass(struct goxel_buf *out, uint8_t alpha, uint32_t *count)
{
    char through[16];
    int tenths; /* of thousandths */

    if (alpha == 255) {
        put_pair(out, "_type", "_diffuse", count);
        return;
    }
    tenths = (255 - (alpha > 0 ? alpha : 1)) * 10000 / 255;
    (void)snprintf(through, sizeof(through), "0.%04d", tenths);
    put_pair(out, "_type", "_glass", count);
    put_pair(out, "_alpha", through, count);
    put_pair(out, "_trans", through, count);
}

static void put_material(struct goxel_buf *out, size_t index, struct goxel_color color,
                         const struct goxel_palette_entry *entry)
{
    bool as_it_is = tells_alpha(entry, color);
    const char *key, *value;
    uint32_t count = 0;
    struct goxel_buf pairs;
    size_t chunk;

    if (as_it_is && (!entry || !goxel_palette_entry_property(entry, 0, &key, &value)))
        return;
    goxel_buf_init(&pairs, 2 * GOXEL_PALETTE_TEXT_MAX + 4096);
    if (!as_it_is)
        put_glass(&pairs, color.a, &count);
    for (size_t i = 0; entry && goxel_palette_entry_property(entry, i, &key, &value); i++) {
        if (as_it_is || !is_of_glass(key))
            put_pair(&pairs, key, value, &count);
    }
    chunk = goxel_vox_begin(out, "MATL");
    goxel_buf_put_le32(out, (uint32_t)index);
    goxel_buf_put_le32(out, count);
    goxel_buf_append(out, pairs.data, pairs.len);
    goxel_vox_end(out, chunk);
    if (pairs.failed && !out->failed)
        out->failed = pairs.failed;
    goxel_buf_finish(&pairs);
}

static const char *row_name(const struct goxel_vox_colors *colors, size_t row)
{
    size_t i = row * GOXEL_VOX_ROW;

    return i < colors->count && colors->entries[i] ? goxel_palette_entry_name(colors->entries[i]) : "";
}

static void put_notes(const struct goxel_vox_colors *colors, struct goxel_buf *out)
{
    size_t rows = 256 / GOXEL_VOX_ROW, named = 0, chunk;

    for (size_t row = 0; row < rows; row++)
        named += row_name(colors, row)[0] != '\0';
    if (named == 0)
        return;
    chunk = goxel_vox_begin(out, "NOTE");
    goxel_buf_put_le32(out, (uint32_t)rows);
    for (size_t row = 0; row < rows; row++)
        goxel_vox_put_text(out, row_name(colors, row));
    goxel_vox_end(out, chunk);
}

void goxel_vox_put_palette(const struct goxel_vox_colors *colors, struct goxel_buf *out)
{
    put_colors(colors, out);
    for (size_t i = 0; i < colors->count; i++)
        put_material(out, i + 1, colors->colors[i], colors->entries[i]);
    put_notes(colors, out);
}
