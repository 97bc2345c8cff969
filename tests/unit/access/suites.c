/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suites of src/access. */
#include "unit.h"

extern const struct unit_suite clients_suite, level_suite, policy_suite, tokens_suite;

const struct unit_suite *const unit_suites[] = {&level_suite, &tokens_suite, &policy_suite, &clients_suite,
                                                NULL};
