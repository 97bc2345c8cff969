/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A batch of calls whose parameters are made from the method table (maker.h), to a small project: each is answered in its
 * turn, nothing is an internal error, and whoever is refused for a parameter is told which.
 */
#include <string.h>

#include "base/error.h"
#include "fuzz/fuzz.h"
#include "fuzz/maker.h"
#include "fuzz/world.h"

#define CALLS_MAX 12

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    world_start();
    maker_start();
    return 0;
}

static void put_call(struct maker *maker, int64_t id)
{
    const struct goxel_method *method = maker_method(maker);

    goxel_json_put_object(&maker->w, NULL);
    goxel_json_put_string(&maker->w, "jsonrpc", "2.0");
    goxel_json_put_int(&maker->w, "id", id);
    goxel_json_put_string(&maker->w, "method", method->name);
    maker_put_params(maker, "params", method, maker_byte(maker) % 4 != 1);
    goxel_json_put_end(&maker->w);
}

static size_t put_calls(struct maker *maker)
{
    size_t count = 0;

    goxel_json_put_array(&maker->w, NULL);
    do
        put_call(maker, (int64_t)count++);
    while (maker->at < maker->end && count < CALLS_MAX);
    goxel_json_put_end(&maker->w);
    return count;
}

static void expect_error(const struct goxel_json *error)
{
    const struct goxel_json *data = goxel_json_get(error, "data");
    int64_t code = goxel_json_int(goxel_json_get(error, "code"));

    EXPECT(code != goxel_error_rpc(GOXEL_ERROR_INTERNAL));
    if (code == goxel_error_rpc(GOXEL_ERROR_INVALID_PARAMS))
        EXPECT(data && goxel_json_string(goxel_json_get(data, "field"), NULL)[0]);
}

static void expect_replies(const struct goxel_buf *text, size_t count)
{
    struct goxel_json *replies = NULL;

    EXPECT(!goxel_json_parse(text->data, text->len, &goxel_json_limits_default, NULL, &replies));
    EXPECT(goxel_json_length(replies) == count);
    for (size_t i = 0; i < count; i++) {
        const struct goxel_json *reply = goxel_json_at(replies, i), *error = goxel_json_get(reply, "error");

        EXPECT(goxel_json_int(goxel_json_get(reply, "id")) == (int64_t)i);
        EXPECT(!error == (goxel_json_get(reply, "result") != NULL));
        if (error)
            expect_error(error);
    }
    goxel_json_free(replies);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct goxel_rpc *rpc = world_create();
    struct maker maker;
    struct goxel_buf message;
    size_t count;

    goxel_buf_init(&message, 1 << 20);
    maker_init(&maker, data, size, &message);
    count = put_calls(&maker);
    if (!message.failed)
        expect_replies(world_send(rpc, message.data, message.len), count);
    goxel_buf_finish(&message);
    world_destroy(rpc);
    return 0;
}
