/* SPDX-License-Identifier: GPL-3.0-or-later */
#define FUZZ_FORMAT "kvx"
#include "fuzz/fuzz_import.h"
