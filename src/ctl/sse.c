/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines end with CR, LF or both; an empty one ends an event. */
#include "ctl/sse.h"

#include <stdio.h>
#include <string.h>

void ctl_sse_init(struct ctl_sse *sse,
                  bool (*told)(void *ctx, const char *event, const char *data, size_t len), void *ctx)
{
    *sse = (struct ctl_sse){.told = told, .ctx = ctx};
    goxel_buf_init(&sse->line, CTL_SSE_MAX);
    goxel_buf_init(&sse->data, CTL_SSE_MAX);
}

void ctl_sse_finish(struct ctl_sse *sse)
{
    goxel_buf_finish(&sse->line);
    goxel_buf_finish(&sse->data);
}

void ctl_sse_begin(struct ctl_sse *sse)
{
    goxel_buf_clear(&sse->line);
    goxel_buf_clear(&sse->data);
    sse->event[0] = '\0';
    sse->after_cr = false;
}

static void set_name(char to[CTL_SSE_NAME_MAX + 1], const char *value, size_t len)
{
    if (len > CTL_SSE_NAME_MAX || memchr(value, 0, len))
        len = 0;
    memcpy(to, value, len);
    to[len] = '\0';
}

/* A line "NAME: value"; a comment begins with the colon. */
static void take_field(struct ctl_sse *sse, const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len);
    size_t name_len = colon ? (size_t)(colon - line) : len, value_len = colon ? len - name_len - 1 : 0;
    const char *value = colon ? colon + 1 : line + len;

    if (value_len && *value == ' ') {
        value++;
        value_len--;
    }
    if (name_len == 5 && !memcmp(line, "event", 5)) {
        set_name(sse->event, value, value_len);
    } else if (name_len == 2 && !memcmp(line, "id", 2)) {
        set_name(sse->last_id, value, value_len);
    } else if (name_len == 4 && !memcmp(line, "data", 4)) {
        goxel_buf_append(&sse->data, value, value_len);
        goxel_buf_putc(&sse->data, '\n');
    }
}

/* Without data it was none. */
static bool end_event(struct ctl_sse *sse)
{
    bool more = true;

    if (sse->data.len) {
        sse->data.data[--sse->data.len] = '\0';
        more = sse->told(sse->ctx, sse->event[0] ? sse->event : "message", sse->data.data, sse->data.len);
    }
    goxel_buf_clear(&sse->data);
    sse->event[0] = '\0';
    return more;
}

static bool end_line(struct ctl_sse *sse)
{
    bool more = true;

    if (sse->line.len)
        take_field(sse, sse->line.data, sse->line.len);
    else
        more = end_event(sse);
    goxel_buf_clear(&sse->line);
    return more && !sse->data.failed;
}

bool ctl_sse_take(struct ctl_sse *sse, const char *bytes, size_t len)
{
    const char *end = bytes + len;

    if (len && sse->after_cr && *bytes == '\n')
        bytes++;
    if (len)
        sse->after_cr = false;
    while (bytes < end) {
        const char *at = bytes;

        while (at < end && *at != '\r' && *at != '\n')
            at++;
        if (goxel_buf_append(&sse->line, bytes, (size_t)(at - bytes)))
            return false;
        if (at == end)
            return true;
        if (!end_line(sse))
            return false;
        sse->after_cr = *at == '\r' && at + 1 == end;
        bytes = at + (*at == '\r' && at + 1 < end && at[1] == '\n' ? 2 : 1);
    }
    return true;
}
