/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Named binary tags: see the header. */
#include "format/nbt.h"

#include <string.h>

#include "base/error.h"
#include "format/inflate.h"

/* Payloads that say their length at once: bytes of an element, and of the count before them; lists and compounds have neither. */
static const struct {
    uint8_t element, prefix;
} sizes[GOXEL_NBT_TYPES] = {
    [GOXEL_NBT_BYTE] = {1, 0},  [GOXEL_NBT_SHORT] = {2, 0},  [GOXEL_NBT_INT] = {4, 0},
    [GOXEL_NBT_LONG] = {8, 0},  [GOXEL_NBT_FLOAT] = {4, 0},  [GOXEL_NBT_DOUBLE] = {8, 0},
    [GOXEL_NBT_BYTES] = {1, 4}, [GOXEL_NBT_STRING] = {1, 2}, [GOXEL_NBT_INTS] = {4, 4},
    [GOXEL_NBT_LONGS] = {8, 4},
};

bool goxel_nbt_next(struct goxel_input *in, struct goxel_nbt_tag *tag)
{
    size_t start = in->at;

    tag->type = goxel_input_u8(in, "type of a tag");
    if (in->failed || tag->type == GOXEL_NBT_END)
        return false;
    if (!goxel_input_check(in, start, "type of a tag", tag->type, GOXEL_NBT_END, GOXEL_NBT_TYPES - 1))
        return false;
    tag->name_len = goxel_input_u16_be(in, "length of a name");
    tag->name = goxel_input_bytes(in, tag->name_len, "name");
    return !in->failed;
}

/* A count is signed; what is below 0 is nothing, as to Minecraft. */
static uint32_t read_count(struct goxel_input *in)
{
    uint32_t count = goxel_input_u32_be(in, "count");

    return count > INT32_MAX ? 0 : count;
}

static uint32_t elements(struct goxel_input *in, uint8_t type)
{
    if (sizes[type].prefix == 0)
        return 1;
    return sizes[type].prefix == 2 ? goxel_input_u16_be(in, "length") : read_count(in);
}

/* A list or compound that has not ended yet. */
struct frame {
    uint8_t element; /* of a list; GOXEL_NBT_END: a compound */
    uint32_t left;   /* of a list */
};

struct walk {
    struct goxel_input *in;
    int depth;
    struct frame frames[GOXEL_NBT_DEPTH_MAX];
};

static void push(struct walk *walk, uint8_t element, uint32_t count)
{
    struct goxel_input *in = walk->in;

    if (in->failed)
        return;
    if (walk->depth == GOXEL_NBT_DEPTH_MAX) {
        in->failed = goxel_fail_limit(in->import->detail, GOXEL_ERROR_QUOTA, "tags in each other",
                                      GOXEL_NBT_DEPTH_MAX, GOXEL_NBT_DEPTH_MAX + 1);
        return;
    }
    walk->frames[walk->depth++] = (struct frame){element, count};
}

static void skip_list(struct walk *walk)
{
    struct goxel_input *in = walk->in;
    size_t start = in->at;
    uint8_t element = goxel_input_u8(in, "type of a list");
    uint32_t count = read_count(in);

    if (!goxel_input_check(in, start, "type of a list", element, GOXEL_NBT_END, GOXEL_NBT_TYPES - 1) ||
        element == GOXEL_NBT_END)
        return;
    if (sizes[element].element > 0 && sizes[element].prefix == 0)
        (void)goxel_input_bytes(in, (uint64_t)count * sizes[element].element, "list");
    else
        push(walk, element, count);
}

static void skip_one(struct walk *walk, uint8_t type)
{
    if (type == GOXEL_NBT_LIST)
        skip_list(walk);
    else if (type == GOXEL_NBT_COMPOUND)
        push(walk, GOXEL_NBT_END, 0);
    else
        (void)goxel_input_bytes(walk->in, (uint64_t)elements(walk->in, type) * sizes[type].element,
                                "payload");
}

void goxel_nbt_skip(struct goxel_input *in, uint8_t type)
{
    struct walk walk;
    struct goxel_nbt_tag tag;

    walk.in = in;
    walk.depth = 0;
    skip_one(&walk, type);
    for (uint32_t i = 1; walk.depth > 0 && !in->failed; i++) {
        struct frame *top = &walk.frames[walk.depth - 1];

        if (i % 4096 == 0)
            goxel_input_go_on(in);
        if (top->element == GOXEL_NBT_END ? !goxel_nbt_next(in, &tag) : top->left == 0)
            walk.depth--;
        else if (top->element == GOXEL_NBT_END)
            skip_one(&walk, tag.type);
        else {
            top->left--;
            skip_one(&walk, top->element);
        }
    }
}

static bool is_wanted(const struct goxel_nbt_want *want, const struct goxel_nbt_tag *tag)
{
    bool of_type = want->type == GOXEL_NBT_NUMBER ? tag->type >= GOXEL_NBT_BYTE && tag->type <= GOXEL_NBT_LONG
                                                  : want->type == tag->type;

    return of_type && !want->found && strlen(want->name) == tag->name_len &&
           memcmp(want->name, tag->name, tag->name_len) == 0;
}

void goxel_nbt_find(struct goxel_input *in, struct goxel_nbt_want *wants, size_t count)
{
    struct goxel_nbt_tag tag;

    while (goxel_nbt_next(in, &tag)) {
        for (size_t i = 0; i < count; i++) {
            if (is_wanted(&wants[i], &tag)) {
                wants[i].found = true;
                wants[i].found_type = tag.type;
                wants[i].at = in->at;
            }
        }
        goxel_nbt_skip(in, tag.type);
        if (goxel_input_go_on(in))
            return;
    }
}

/* Afterwards the failure of the copy has to be that of the input. */
struct goxel_input goxel_nbt_at(struct goxel_input *in, const struct goxel_nbt_want *want)
{
    struct goxel_input there;

    if (!want->found)
        goxel_input_fail(in, GOXEL_ERROR_INVALID_DATA, in->at, "compound", "a tag %s of type %d in it",
                         want->name, want->type == GOXEL_NBT_NUMBER ? GOXEL_NBT_INT : want->type);
    there = *in;
    there.at = want->at;
    return there;
}

int64_t goxel_nbt_number(struct goxel_input *in, const struct goxel_nbt_want *want)
{
    struct goxel_input there = goxel_nbt_at(in, want);
    unsigned bits = want->found ? 8u * sizes[want->found_type].element : 8;
    uint64_t value = 0, sign = (uint64_t)1 << (bits - 1);
    const uint8_t *bytes = goxel_input_bytes(&there, bits / 8, want->name);

    if (!bytes)
        return 0;
    for (unsigned i = 0; i < bits / 8; i++)
        value = value << 8 | bytes[i];
    return (int64_t)((value ^ sign) - sign);
}

const uint8_t *goxel_nbt_array(struct goxel_input *in, const struct goxel_nbt_want *want, uint32_t *ret_count)
{
    struct goxel_input there = goxel_nbt_at(in, want);
    uint32_t count = 0;
    const uint8_t *bytes = NULL;

    if (!in->failed) {
        count = elements(&there, want->type);
        bytes = goxel_input_bytes(&there, (uint64_t)count * sizes[want->type].element, want->name);
        in->failed = there.failed;
    }
    *ret_count = bytes ? count : 0;
    return bytes;
}

uint32_t goxel_nbt_list(struct goxel_input *in, uint8_t type, const char *what)
{
    size_t start = in->at;
    uint8_t element = goxel_input_u8(in, what);
    uint32_t count = read_count(in);

    if (in->failed || count == 0)
        return 0;
    return goxel_input_check(in, start, what, element, type, type) ? count : 0;
}

struct goxel_input goxel_nbt_open(struct goxel_input *in, struct goxel_buf *out)
{
    struct goxel_input tags = *in;
    struct goxel_nbt_tag root;

    if (goxel_input_left(in) > 0 && in->bytes[in->at] != GOXEL_NBT_COMPOUND) {
        goxel_input_inflate(in, goxel_input_left(in), GOXEL_INFLATED_MAX, "file", out);
        tags = goxel_input_of_inflated(in, out, NULL);
    }
    tags.part = "tags";
    if (goxel_nbt_next(&tags, &root) && root.type == GOXEL_NBT_COMPOUND)
        return tags;
    goxel_input_fail(&tags, GOXEL_ERROR_INVALID_DATA, 0, "first tag", "a compound");
    return tags;
}
