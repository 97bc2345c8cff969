/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

extern const struct unit_suite database_suite, inspect_suite, journal_suite, list_suite, replay_suite,
    store_suite;

const struct unit_suite *const unit_suites[] = {
    &database_suite, &inspect_suite, &journal_suite, &list_suite, &replay_suite, &store_suite, NULL};
