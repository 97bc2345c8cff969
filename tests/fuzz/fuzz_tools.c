/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls of tools in their line form, one after another, with arguments made from the rows of the methods that they stand for
 * (maker.h): each is answered as the callers of tools expect.
 */
#include <string.h>

#include "fuzz/fuzz.h"
#include "fuzz/maker.h"
#include "fuzz/world.h"

#define CALLS_MAX 12

int LLVMFuzzerInitialize(int *argc, char ***argv);

static size_t tool_count;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    world_start();
    maker_start();
    while (goxel_tools[tool_count].name)
        tool_count++;
    return 0;
}

/* The row of a tool's method; some other where this version has none. */
static const struct goxel_method *row_of(const struct goxel_tool *tool)
{
    const struct goxel_method *method = goxel_methods;

    while (method->name && strcmp(method->name, tool->method) != 0)
        method++;
    return method->name ? method : goxel_methods;
}

static void put_call(struct maker *maker)
{
    const struct goxel_tool *tool = &goxel_tools[maker_byte(maker) % tool_count];
    uint8_t form = maker_byte(maker);

    goxel_json_put_object(&maker->w, NULL);
    goxel_json_put_string(&maker->w, "tool", form == 255 ? "no_such_tool" : tool->name);
    if (form % 16 != 15)
        maker_put_params(maker, "arguments", row_of(tool), form % 16 != 14);
    goxel_json_put_end(&maker->w);
}

static void expect_answer(const struct goxel_buf *text)
{
    const struct goxel_json *success;
    struct goxel_json *answer = NULL;

    EXPECT(!goxel_json_parse(text->data, text->len, &goxel_json_limits_default, NULL, &answer));
    success = goxel_json_get(answer, "success");
    if (goxel_json_bool(success))
        EXPECT(goxel_json_get(answer, "content"));
    else
        EXPECT(goxel_json_int(goxel_json_get(answer, "error_code")) < 0 &&
               goxel_json_string(goxel_json_get(answer, "error_message"), NULL)[0]);
    goxel_json_free(answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct goxel_rpc *rpc = world_create();
    struct goxel_buf message;
    struct maker maker;

    goxel_buf_init(&message, 1 << 20);
    maker_init(&maker, data, size, &message);
    for (int i = 0; i == 0 || (i < CALLS_MAX && maker.at < maker.end); i++) {
        goxel_buf_clear(&message);
        goxel_json_writer_init(&maker.w, &message);
        put_call(&maker);
        if (!message.failed)
            expect_answer(world_send(rpc, message.data, message.len));
    }
    goxel_buf_finish(&message);
    world_destroy(rpc);
    return 0;
}
