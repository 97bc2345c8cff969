/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Framing: the scanner's states (base/json_scan.c) once more, but such that the text may end after any byte and go on
 * later.
 *
 *   STRING ◄──► ESCAPE     between quotes, and behind a backslash there
 *   WORD                   a number, true, false or null: ends before the first byte that is none of its own
 *   COLON                  behind a key
 *
 * What it accepts is a superset of JSON, without a look at UTF-8, numbers and duplicate keys: just as much as it takes
 * to know the end, and to see at the first byte that an end will not come.
 */
#include <string.h>

#include "base/json.h"

enum state { VALUE, FIRST_VALUE, KEY, FIRST_KEY, COLON, AFTER, STRING, ESCAPE, WORD };

enum verdict {
    GO_ON,
    ANEW,   /* the byte is to be looked at in the new state */
    WHOLE,  /* the byte is the value's last */
    BEFORE, /* the value has ended before the byte */
    BROKEN,
};

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static bool is_of_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' ||
           c == '-' || c == '.';
}

static bool in_object(const struct goxel_json_frame *frame)
{
    return frame->depth > 0 && (frame->objects >> (frame->depth - 1) & 1);
}

static enum verdict move_to(struct goxel_json_frame *frame, enum state state)
{
    frame->state = state;
    return GO_ON;
}

static enum verdict open_level(struct goxel_json_frame *frame, bool is_object)
{
    uint64_t bit;

    if (frame->depth >= frame->most)
        return BROKEN;
    bit = (uint64_t)1 << frame->depth;
    frame->objects = is_object ? frame->objects | bit : frame->objects & ~bit;
    frame->depth++;
    return move_to(frame, is_object ? FIRST_KEY : FIRST_VALUE);
}

/* A value has ended with the byte in hand. */
static enum verdict end_value(struct goxel_json_frame *frame)
{
    frame->state = AFTER;
    return frame->depth ? GO_ON : WHOLE;
}

static enum verdict close_level(struct goxel_json_frame *frame)
{
    frame->depth--;
    return end_value(frame);
}

static enum verdict open_string(struct goxel_json_frame *frame, bool key)
{
    frame->key = key;
    return move_to(frame, STRING);
}

static enum verdict step_value(struct goxel_json_frame *frame, char c)
{
    if (c == ']' && frame->state == FIRST_VALUE)
        return close_level(frame);
    if (is_space(c))
        return GO_ON;
    if (c == '{' || c == '[')
        return open_level(frame, c == '{');
    if (c == '"')
        return open_string(frame, false);
    return c != '\0' && strchr("tfn-0123456789", c) ? move_to(frame, WORD) : BROKEN;
}

static enum verdict step_key(struct goxel_json_frame *frame, char c)
{
    if (c == '}' && frame->state == FIRST_KEY)
        return close_level(frame);
    if (c == '"')
        return open_string(frame, true);
    return is_space(c) ? GO_ON : BROKEN;
}

static enum verdict step_colon(struct goxel_json_frame *frame, char c)
{
    if (c == ':')
        return move_to(frame, VALUE);
    return is_space(c) ? GO_ON : BROKEN;
}

static enum verdict step_after(struct goxel_json_frame *frame, char c)
{
    bool object = in_object(frame);

    if (c == (object ? '}' : ']'))
        return close_level(frame);
    if (c == ',')
        return move_to(frame, object ? KEY : VALUE);
    return is_space(c) ? GO_ON : BROKEN;
}

static enum verdict step_string(struct goxel_json_frame *frame, char c)
{
    if (c == '\\')
        return move_to(frame, ESCAPE);
    if (c == '"')
        return frame->key ? move_to(frame, COLON) : end_value(frame);
    return (unsigned char)c < 0x20 ? BROKEN : GO_ON;
}

/* Most of a long message is inside of strings: how many bytes there change nothing. */
static size_t plain_bytes(const char *bytes, size_t len)
{
    size_t count = 0;

    while (count < len && bytes[count] != '"' && bytes[count] != '\\' && (unsigned char)bytes[count] >= 0x20)
        count++;
    return count;
}

static enum verdict step_escape(struct goxel_json_frame *frame, char c)
{
    return c != '\0' && strchr("\"\\/bfnrtu", c) ? move_to(frame, STRING) : BROKEN;
}

static enum verdict step_word(struct goxel_json_frame *frame, char c)
{
    if (is_of_word(c))
        return GO_ON;
    return end_value(frame) == WHOLE ? BEFORE : ANEW;
}

void goxel_json_frame_init(struct goxel_json_frame *frame, size_t depth)
{
    *frame = (struct goxel_json_frame){
        .most = depth < GOXEL_JSON_LEVELS ? depth : GOXEL_JSON_LEVELS,
        .state = VALUE,
    };
}

enum goxel_json_framed goxel_json_frame_take(struct goxel_json_frame *frame, const char *bytes, size_t len,
                                             size_t *ret_used)
{
    static enum verdict (*const steps[])(struct goxel_json_frame *, char) = {
        [VALUE] = step_value,   [FIRST_VALUE] = step_value, [KEY] = step_key,
        [FIRST_KEY] = step_key, [COLON] = step_colon,       [AFTER] = step_after,
        [STRING] = step_string, [ESCAPE] = step_escape,     [WORD] = step_word,
    };

    for (size_t at = 0; at < len;) {
        enum verdict verdict;

        at += frame->state == STRING ? plain_bytes(bytes + at, len - at) : 0;
        if (at == len)
            break;
        verdict = steps[frame->state](frame, bytes[at]);
        at += verdict != ANEW && verdict != BEFORE;
        if (verdict == GO_ON || verdict == ANEW)
            continue;
        *ret_used = at;
        return verdict == BROKEN ? GOXEL_JSON_FRAME_BROKEN : GOXEL_JSON_FRAME_WHOLE;
    }
    *ret_used = len;
    return GOXEL_JSON_FRAME_MORE;
}

size_t goxel_json_space(const char *text, size_t len)
{
    size_t count = 0;

    while (count < len && is_space(text[count]))
        count++;
    return count;
}
