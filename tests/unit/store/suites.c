/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suites of src/store. */
#include "unit.h"

extern const struct unit_suite list_suite, store_suite;

const struct unit_suite *const unit_suites[] = {&list_suite, &store_suite, NULL};
