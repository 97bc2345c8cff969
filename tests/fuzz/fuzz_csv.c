/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a .csv file. */
#include "fuzz/again.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_and_again("csv", data, size);
    return 0;
}
