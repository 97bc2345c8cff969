/* SPDX-License-Identifier: GPL-3.0-or-later */
/* News come under locks and while others wait, so that they are only packed here; what they say is written when it is read. */
#include "rpc/news.h"

#include <stddef.h>
#include <string.h>

#include "core/box.h"
#include "rpc/values.h"

static const char *const kinds[GOXEL_NEWS_KINDS] = {
    "created", "edited", "undone", "redone", "saved", "renamed", "deleted",
};

enum text { TEXT_ID, TEXT_NAME, TEXT_FORMER, TEXT_METHOD, TEXTS };

#define TEXTS_MAX (TEXTS * (GOXEL_NAME_MAX + 1))

/* A news; of `texts` there is as much as is needed: one behind the other, each with its NUL. */
struct packed {
    enum goxel_news_kind kind;
    bool has_version, has_extent;
    uint64_t version, epoch;
    struct goxel_extent extent;
    char texts[TEXTS_MAX];
};

static const char *text_of(const struct packed *packed, enum text which)
{
    const char *at = packed->texts;

    while (which-- > 0)
        at += strlen(at) + 1;
    return at;
}

/* ---- reading ---- */

static void put_text(struct goxel_json_writer *w, const char *key, const struct packed *packed,
                     enum text which)
{
    const char *text = text_of(packed, which);

    if (text[0])
        goxel_json_put_string(w, key, text);
}

static void put_parts(struct goxel_json_writer *w, unsigned parts)
{
    static const struct {
        enum goxel_part part;
        const char *name;
    } rows[] = {{GOXEL_PART_ABOUT, "about"},
                {GOXEL_PART_PREVIEW, "preview"},
                {GOXEL_PART_SCENE, "scene"},
                {GOXEL_PART_LAYERS, "layers"},
                {GOXEL_PART_VOXELS, "voxels"}};

    goxel_json_put_array(w, "parts");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (parts & rows[i].part)
            goxel_json_put_string(w, NULL, rows[i].name);
    }
    goxel_json_put_end(w);
}

static void put_extent(struct goxel_json_writer *w, const struct goxel_extent *extent)
{
    put_parts(w, extent->parts);
    if (!extent->layer_count)
        return;
    goxel_put_box(w, "box", &extent->box);
    if (extent->layer_count > GOXEL_EXTENT_LAYERS_MAX)
        return;
    goxel_json_put_array(w, "layers");
    for (size_t i = 0; i < extent->layer_count; i++)
        goxel_json_put_int(w, NULL, extent->layers[i]);
    goxel_json_put_end(w);
}

static void write(struct goxel_json_writer *w, const void *payload)
{
    const struct packed *packed = payload;

    goxel_json_put_string(w, "what", kinds[packed->kind]);
    put_text(w, "project_id", packed, TEXT_ID);
    put_text(w, "name", packed, TEXT_NAME);
    put_text(w, "former_name", packed, TEXT_FORMER);
    put_text(w, "method", packed, TEXT_METHOD);
    if (packed->has_version) {
        goxel_json_put_count(w, "version", packed->version);
        goxel_json_put_count(w, "epoch", packed->epoch);
    }
    if (packed->has_extent)
        put_extent(w, &packed->extent);
}

static bool concerns(const void *payload, const char *project)
{
    const struct packed *packed = payload;

    return !strcmp(text_of(packed, TEXT_ID), project) || !strcmp(text_of(packed, TEXT_NAME), project) ||
           !strcmp(text_of(packed, TEXT_FORMER), project);
}

/* ---- packing ---- */

static size_t pack_texts(char ret_texts[TEXTS_MAX], const struct goxel_news *news)
{
    const char *const texts[TEXTS] = {news->id, news->name, news->former, news->method};
    size_t len = 0;

    for (int i = 0; i < TEXTS; i++) {
        goxel_name_copy(ret_texts + len, texts[i] ? texts[i] : "", texts[i] ? strlen(texts[i]) : 0);
        len += strlen(ret_texts + len) + 1;
    }
    return len;
}

static void tell(struct goxel_watcher *watcher, const struct goxel_news *news)
{
    const struct goxel_news_desk *desk = (const struct goxel_news_desk *)watcher;
    struct packed packed;
    size_t len = pack_texts(packed.texts, news);
    const struct goxel_feed_item item = {.kind = GOXEL_FEED_PROJECT,
                                         .payload = &packed,
                                         .size = offsetof(struct packed, texts) + len,
                                         .write = write,
                                         .concerns = concerns};

    packed.kind = news->kind;
    packed.has_version = news->has_version;
    packed.version = news->version;
    packed.epoch = news->epoch;
    packed.has_extent = news->extent != NULL;
    if (news->extent)
        packed.extent = *news->extent;
    goxel_feed_publish(desk->feed, &item);
}

void goxel_news_desk_init(struct goxel_news_desk *desk, struct goxel_feed *feed)
{
    *desk = (struct goxel_news_desk){.watcher = {tell}, .feed = feed};
}
