/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suites of src/work. */
#include "unit.h"

extern const struct unit_suite pool_suite, team_suite;

const struct unit_suite *const unit_suites[] = {&pool_suite, &team_suite, NULL};
