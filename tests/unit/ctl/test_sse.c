/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Server-sent events: the same whatever pieces they come in, and no more memory than there is to be. */
#include "ctl/sse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "unit.h"

struct heard {
    struct goxel_buf text; /* "kind@id=data;" for each */
    struct ctl_sse *sse;
    int enough; /* false after so many; 0: never */
};

static bool on_event(void *ctx, const char *event, const char *data, size_t len)
{
    struct heard *heard = ctx;

    CU_ASSERT_EQUAL(data[len], '\0');
    goxel_buf_printf(&heard->text, "%s@%s=%s;", event, heard->sse->last_id, data);
    return --heard->enough != 0;
}

/* What is heard of it in pieces of so many bytes; the text is reused by the next call. */
static const char *heard_in(const char *stream, size_t len, size_t piece, int enough, bool *ret_more)
{
    static char text[4096];
    struct ctl_sse sse;
    struct heard heard = {.sse = &sse, .enough = enough};
    bool more = true;

    goxel_buf_init(&heard.text, sizeof(text) - 1);
    ctl_sse_init(&sse, on_event, &heard);
    ctl_sse_begin(&sse);
    for (size_t at = 0; at < len && more; at += piece) {
        size_t size = len - at < piece ? len - at : piece;
        char *bytes = malloc(size); /* of its own, so that a byte behind it is noticed */

        memcpy(bytes, stream + at, size);
        more = ctl_sse_take(&sse, bytes, size);
        free(bytes);
    }
    (void)snprintf(text, sizeof(text), "%s", heard.text.len ? heard.text.data : "");
    goxel_buf_finish(&heard.text);
    ctl_sse_finish(&sse);
    *ret_more = more;
    return text;
}

static void check(const char *stream, const char *expected)
{
    bool more;

    for (size_t piece = 1; piece <= strlen(stream); piece++) {
        CU_ASSERT_STRING_EQUAL(heard_in(stream, strlen(stream), piece, 0, &more), expected);
        CU_ASSERT_TRUE(more);
    }
}

static void events_come_whole_in_any_pieces(void)
{
    check("retry: 2000\nid: e-1\n\nevent: project\nid: e-2\ndata: {\"a\":1}\n\n", "project@e-2={\"a\":1};");
    check("data: x\n\ndata: y\n\n", "message@=x;message@=y;");
    check("id: 7\ndata: x\n\ndata: y\n\n", "message@7=x;message@7=y;");
    check("event: a\n\ndata: x\n\n", "message@=x;"); /* a kind without data was none */
    check("data: one\ndata: two\ndata\n\n", "message@=one\ntwo\n;");
    check("data:x\n\ndata:  y\n\n", "message@=x;message@= y;");
    check("data: not whole", "");
    check("data: nor this\n", "");
}

static void lines_end_in_any_way(void)
{
    check("event: a\r\ndata: x\r\n\r\ndata: y\r\n\r\n", "a@=x;message@=y;");
    check("event: a\rdata: x\r\rdata: y\r\r", "a@=x;message@=y;");
    check("event: a\r\ndata: x\n\r\ndata: y\r\n\n", "a@=x;message@=y;");
}

static void what_is_not_known_is_passed_over(void)
{
    check(": a comment\ncolour: red\ndatum: 1\ndata: x\n: another\n\n", "message@=x;");
    check("\n\n\n: \n:\n\ndata: x\n\n", "message@=x;");
    check("id\ndata: x\n\n", "message@=x;");
}

static void names_have_a_ceiling(void)
{
    char stream[512], long_name[CTL_SSE_NAME_MAX + 2];

    memset(long_name, 'n', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';
    (void)snprintf(stream, sizeof(stream), "event: %s\nid: %s\ndata: x\n\n", long_name, long_name);
    check(stream, "message@=x;");
    (void)snprintf(stream, sizeof(stream), "id: %s\ndata: x\n\n", long_name + 1);
    (void)snprintf(stream + 300, 200, "message@%s=x;", long_name + 1);
    check(stream, stream + 300);
}

static void endless_lines_and_events_end_it(void)
{
    static char stream[2 * CTL_SSE_MAX];
    bool more;

    memset(stream, 'x', sizeof(stream));
    (void)heard_in(stream, sizeof(stream), 4096, 0, &more);
    CU_ASSERT_FALSE(more);
    for (size_t at = 0; at + 8 <= sizeof(stream); at += 8)
        memcpy(stream + at, "data: x\n", 8);
    (void)heard_in(stream, sizeof(stream), 4096, 0, &more);
    CU_ASSERT_TRUE(more); /* two bytes of each eight are data */
    for (size_t at = 0; at + 64 <= sizeof(stream); at += 64) {
        memset(stream + at, 'y', 64);
        memcpy(stream + at, "data: ", 6);
        stream[at + 63] = '\n';
    }
    (void)heard_in(stream, sizeof(stream), 4096, 0, &more);
    CU_ASSERT_FALSE(more);
}

static void enough_is_enough(void)
{
    static const char stream[] = "data: x\n\ndata: y\n\n";
    bool more;

    CU_ASSERT_STRING_EQUAL(heard_in(stream, strlen(stream), 5, 1, &more), "message@=x;");
    CU_ASSERT_FALSE(more);
}

static const struct unit_test tests[] = {
    {"events come whole in any pieces", events_come_whole_in_any_pieces},
    {"lines end in any way", lines_end_in_any_way},
    {"what is not known is passed over", what_is_not_known_is_passed_over},
    {"names have a ceiling", names_have_a_ceiling},
    {"endless lines and events end it", endless_lines_and_events_end_it},
    {"enough is enough", enough_is_enough},
    {NULL, NULL},
};

const struct unit_suite sse_suite = {"sse", tests};
