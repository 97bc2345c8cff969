/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as Minecraft's tags, in the two ways of looking at them. (They need not be gzipped.) */
#include "fuzz/again.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_and_again("schem", data, size);
    read_and_again("litematic", data, size);
    return 0;
}
