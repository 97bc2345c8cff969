/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suites of src/convert; the program itself is tested in tests/integration/convert.sh. */
#include "unit.h"

extern const struct unit_suite args_suite, join_suite, list_suite, pages_suite;

const struct unit_suite *const unit_suites[] = {&args_suite, &join_suite, &list_suite, &pages_suite, NULL};
