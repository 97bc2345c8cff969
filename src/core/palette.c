/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entries in an array, their texts each in one piece: a palette is read far more often than changed. */
#include "core/palette.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "core/brick.h"

/* ---- life ---- */

void goxel_palette_finish(struct goxel_palette *palette)
{
    if (!palette)
        return;
    for (size_t i = 0; i < palette->count; i++)
        free(palette->entries[i].text);
    free(palette->entries);
    *palette = (struct goxel_palette){.count = 0};
}

static int copy_entry(const struct goxel_palette_entry *entry, struct goxel_palette_entry *ret_copy)
{
    struct goxel_palette_entry copy = {.color = entry->color, .text_len = entry->text_len};

    if (entry->text) {
        copy.text = malloc(entry->text_len);
        if (!copy.text)
            return GOXEL_ERROR_OUT_OF_MEMORY;
        memcpy(copy.text, entry->text, entry->text_len);
    }
    *ret_copy = copy;
    return 0;
}

int goxel_palette_copy(const struct goxel_palette *palette, struct goxel_palette *ret_copy)
{
    struct goxel_palette copy = {.columns = palette->columns};
    int code = 0;

    memcpy(copy.name, palette->name, sizeof(copy.name));
    if ((code = goxel_array_reserve(&copy.entries, &copy.room, palette->count, sizeof(*copy.entries))))
        return code;
    for (; copy.count < palette->count && !code; copy.count += !code)
        code = copy_entry(&palette->entries[copy.count], &copy.entries[copy.count]);
    if (code) {
        goxel_palette_finish(&copy);
        return code;
    }
    *ret_copy = copy;
    return 0;
}

/* ---- entries ---- */

int goxel_palette_add(struct goxel_palette *palette, struct goxel_color color, const char *name, size_t len)
{
    struct goxel_palette_entry entry = {.color = color};
    int code;

    if (palette->count >= GOXEL_PALETTE_ENTRIES_MAX || len >= GOXEL_PALETTE_TEXT_MAX)
        return GOXEL_ERROR_QUOTA;
    if (name && len > 0) {
        entry.text = malloc(len + 1);
        if (!entry.text)
            return GOXEL_ERROR_OUT_OF_MEMORY;
        memcpy(entry.text, name, len);
        entry.text[len] = '\0';
        entry.text_len = len + 1;
    }
    code = goxel_array_reserve(&palette->entries, &palette->room, palette->count + 1, sizeof(entry));
    if (code)
        free(entry.text);
    else
        palette->entries[palette->count++] = entry;
    return code;
}

void goxel_palette_remove(struct goxel_palette *palette, size_t index)
{
    struct goxel_palette_entry *entry = &palette->entries[index];

    free(entry->text);
    palette->count--;
    memmove(entry, entry + 1, (palette->count - index) * sizeof(*entry));
}

const char *goxel_palette_entry_name(const struct goxel_palette_entry *entry)
{
    return entry->text ? entry->text : "";
}

/* ---- properties ---- */

/* Where the property at `at` ends, and the next one begins; its value begins at *ret_value. */
static size_t property_end(const struct goxel_palette_entry *entry, size_t at, size_t *ret_value)
{
    size_t value = at + strlen(entry->text + at) + 1;

    *ret_value = value;
    return value + strlen(entry->text + value) + 1;
}

static size_t first_property(const struct goxel_palette_entry *entry)
{
    return entry->text ? strlen(entry->text) + 1 : 0;
}

const char *goxel_palette_entry_get(const struct goxel_palette_entry *entry, const char *key)
{
    size_t value, at = first_property(entry);

    while (at < entry->text_len) {
        size_t end = property_end(entry, at, &value);

        if (strcmp(entry->text + at, key) == 0)
            return entry->text + value;
        at = end;
    }
    return NULL;
}

bool goxel_palette_entry_property(const struct goxel_palette_entry *entry, size_t i, const char **ret_key,
                                  const char **ret_value)
{
    size_t value = 0, at = first_property(entry);

    for (; at < entry->text_len && i > 0; i--)
        at = property_end(entry, at, &value);
    if (at >= entry->text_len)
        return false;
    (void)property_end(entry, at, &value);
    *ret_key = entry->text + at;
    *ret_value = entry->text + value;
    return true;
}

/* What stands from `from` to `to` goes, and key and value come in its place; without a key nothing comes. */
static int splice(struct goxel_palette_entry *entry, size_t from, size_t to, const char *key,
                  const char *value)
{
    size_t key_len = strlen(key) + 1, value_len = strlen(value) + 1, head = from > 0 ? from : 1;
    size_t len = head + key_len + value_len + (entry->text_len - to);
    char *text;

    if (key_len > GOXEL_PALETTE_TEXT_MAX || value_len > GOXEL_PALETTE_TEXT_MAX ||
        len > GOXEL_PALETTE_TEXT_MAX)
        return GOXEL_ERROR_QUOTA;
    text = malloc(len);
    if (!text)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    text[0] = '\0'; /* the name of an entry that had none */
    if (from > 0)
        memcpy(text, entry->text, from);
    memcpy(text + head, key, key_len);
    memcpy(text + head + key_len, value, value_len);
    if (entry->text_len > to)
        memcpy(text + head + key_len + value_len, entry->text + to, entry->text_len - to);
    free(entry->text);
    entry->text = text;
    entry->text_len = len;
    return 0;
}

int goxel_palette_entry_set(struct goxel_palette_entry *entry, const char *key, const char *value)
{
    size_t unused, at = first_property(entry);

    while (at < entry->text_len) {
        size_t end = property_end(entry, at, &unused);

        if (strcmp(entry->text + at, key) == 0)
            return splice(entry, at, end, key, value);
        at = end;
    }
    return splice(entry, at, at, key, value);
}

/* ---- comparing ---- */

static bool same_entries(const struct goxel_palette_entry *a, const struct goxel_palette_entry *b)
{
    return goxel_color_bits(a->color) == goxel_color_bits(b->color) && a->text_len == b->text_len &&
           (a->text_len == 0 || memcmp(a->text, b->text, a->text_len) == 0);
}

bool goxel_palette_equal(const struct goxel_palette *a, const struct goxel_palette *b)
{
    bool same = strcmp(a->name, b->name) == 0 && a->columns == b->columns && a->count == b->count;

    for (size_t i = 0; same && i < a->count; i++)
        same = same_entries(&a->entries[i], &b->entries[i]);
    return same;
}

static int distance(struct goxel_color a, struct goxel_color b)
{
    int r = a.r - b.r, g = a.g - b.g, blue = a.b - b.b, alpha = a.a - b.a;

    return r * r + g * g + blue * blue + alpha * alpha;
}

int goxel_palette_nearest(const struct goxel_palette *palette, struct goxel_color color)
{
    int best = -1, least = INT32_MAX;

    for (size_t i = 0; i < palette->count && least > 0; i++) {
        int far = distance(palette->entries[i].color, color);

        if (far < least) {
            best = (int)i;
            least = far;
        }
    }
    return best;
}

/* ---- fewer colours ---- */

/* Some of the colours, one after another, that one entry is to stand for. */
struct bucket {
    size_t first, count;
    int channel;   /* in which they lie furthest apart */
    int64_t worth; /* how much is gained by splitting it: the spread, weighted; 0: it cannot be split */
};

static uint8_t channel_of(struct goxel_color color, int channel)
{
    return (uint8_t)(goxel_color_bits(color) >> 8 * channel);
}

static int compare_in(int channel, const void *a, const void *b)
{
    struct goxel_color left = ((const struct goxel_color_count *)a)->color,
                       right = ((const struct goxel_color_count *)b)->color;
    int first = channel_of(left, channel), second = channel_of(right, channel);
    uint32_t one = goxel_color_bits(left), other = goxel_color_bits(right);

    return first != second ? first - second : (one > other) - (one < other);
}

/* qsort(3) takes no context: a function for each channel. */
#define COMPARE(channel) \
    static int compare_##channel(const void *a, const void *b) \
    { \
        return compare_in(channel, a, b); \
    }
COMPARE(0)
COMPARE(1)
COMPARE(2)
COMPARE(3)
static int (*const compares[4])(const void *, const void *) = {compare_0, compare_1, compare_2, compare_3};

static void weigh(const struct goxel_color_count *colors, struct bucket *bucket)
{
    int64_t total = 0;
    int widest = 0;

    for (size_t i = 0; i < bucket->count; i++)
        total += colors[bucket->first + i].count;
    for (int channel = 0; channel < 4; channel++) {
        int low = 255, high = 0;

        for (size_t i = 0; i < bucket->count; i++) {
            int value = channel_of(colors[bucket->first + i].color, channel);

            low = value < low ? value : low;
            high = value > high ? value : high;
        }
        if (high - low > widest) {
            widest = high - low;
            bucket->channel = channel;
        }
    }
    /* Divided first: a volume may have so many voxels that the product would not fit. */
    bucket->worth = widest > 0 ? (int64_t)widest * (total / 256 + 1) : 0;
}

/* How many of the bucket's colours, in order, make half of its voxels; never none and never all. */
static size_t half_of(const struct goxel_color_count *colors, const struct bucket *bucket)
{
    int64_t total = 0, below = 0;
    size_t n = 0;

    for (size_t i = 0; i < bucket->count; i++)
        total += colors[bucket->first + i].count;
    while (n < bucket->count - 1 && (n == 0 || below + colors[bucket->first + n].count <= total / 2))
        below += colors[bucket->first + n++].count;
    return n;
}

static void split(struct goxel_color_count *colors, struct bucket *bucket, struct bucket *ret_rest)
{
    size_t half;

    qsort(colors + bucket->first, bucket->count, sizeof(*colors), compares[bucket->channel]);
    half = half_of(colors, bucket);
    *ret_rest = (struct bucket){.first = bucket->first + half, .count = bucket->count - half};
    bucket->count = half;
    weigh(colors, bucket);
    weigh(colors, ret_rest);
}

static struct goxel_color mean_of(const struct goxel_color_count *colors, const struct bucket *bucket)
{
    double sums[4] = {0}, total = 0;
    uint8_t mean[4];

    for (size_t i = 0; i < bucket->count; i++) {
        const struct goxel_color_count *row = &colors[bucket->first + i];

        total += (double)row->count;
        for (int channel = 0; channel < 4; channel++)
            sums[channel] += (double)row->count * channel_of(row->color, channel);
    }
    for (int channel = 0; channel < 4; channel++)
        mean[channel] = (uint8_t)(sums[channel] / total + 0.5);
    return (struct goxel_color){mean[0], mean[1], mean[2], mean[3]};
}

/* Splits until there are `most` buckets, or nothing to split; how many there are. */
static size_t split_all(struct goxel_color_count *colors, struct bucket *buckets, size_t most)
{
    size_t used = 1;

    weigh(colors, &buckets[0]);
    while (used < most) {
        size_t best = 0;

        for (size_t i = 1; i < used; i++)
            best = buckets[i].worth > buckets[best].worth ? i : best;
        if (buckets[best].worth == 0)
            break;
        split(colors, &buckets[best], &buckets[used++]);
    }
    return used;
}

int goxel_palette_reduce(struct goxel_palette *palette, struct goxel_color_count *colors, size_t count,
                         size_t most)
{
    size_t room = count < most ? count : most, used = 0;
    struct bucket *buckets = calloc(room + 1, sizeof(*buckets));
    struct goxel_palette_entry *entries = calloc(room + 1, sizeof(*entries));

    if (!buckets || !entries) {
        free(buckets);
        free(entries);
        return GOXEL_ERROR_OUT_OF_MEMORY;
    }
    if (count > 0) {
        buckets[0] = (struct bucket){.first = 0, .count = count};
        used = split_all(colors, buckets, room);
    }
    for (size_t i = 0; i < used; i++)
        entries[i].color = mean_of(colors, &buckets[i]);
    for (size_t i = 0; i < palette->count; i++)
        free(palette->entries[i].text);
    free(palette->entries);
    free(buckets);
    palette->entries = entries;
    palette->count = used;
    return 0;
}
