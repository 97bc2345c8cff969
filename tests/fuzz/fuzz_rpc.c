/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a JSON-RPC message, or as the call of a tool, to a small project: the reply is one valid JSON text, or empty. */
#include "fuzz/fuzz.h"
#include "fuzz/world.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    world_start();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct goxel_rpc *rpc = world_create();

    world_send(rpc, (const char *)data, size);
    world_destroy(rpc);
    return 0;
}
