/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as JSON: the scanner and the tree agree, a refusal names a place inside the text, and
 * what was accepted survives being written and read again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct goxel_json_limits limits = {.depth = 16, .tree_bytes = 1 << 20};

static void require(int holds)
{
    if (!holds)
        abort();
}

static void write_tree(struct goxel_buf *buf, const struct goxel_json *root)
{
    struct goxel_json_writer w;

    goxel_json_writer_init(&w, buf);
    goxel_json_put_node(&w, NULL, root);
    require(!buf->failed);
}

/* Writing changes white space, escapes and the spelling of numbers, but the second time nothing. */
static void check_round_trip(const struct goxel_json *root)
{
    /* A double of a few bytes may be written with 24. */
    static const struct goxel_json_limits wider = {.depth = 16, .tree_bytes = 64 << 20};
    struct goxel_json *again = NULL;
    struct goxel_buf first, second;

    goxel_buf_init(&first, 64 << 20);
    goxel_buf_init(&second, 64 << 20);
    write_tree(&first, root);
    require(goxel_json_parse(first.data, first.len, &wider, NULL, &again) == 0);
    write_tree(&second, again);
    require(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
    goxel_json_free(again);
    goxel_buf_finish(&second);
    goxel_buf_finish(&first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct goxel_detail detail;
    struct goxel_json *root = NULL;
    int scanned, parsed;

    goxel_detail_init(&detail);
    scanned = goxel_json_scan((const char *)data, size, &limits, &detail);
    if (scanned)
        require(detail.offset >= 0 && (size_t)detail.offset <= size && detail.line >= 1 && detail.text[0]);
    parsed = goxel_json_parse((const char *)data, size, &limits, NULL, &root);
    require(parsed == scanned && (parsed == 0) == (root != NULL));
    if (root)
        check_round_trip(root);
    goxel_json_free(root);
    return 0;
}
