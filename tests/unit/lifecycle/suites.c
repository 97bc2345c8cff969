/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suites of src/lifecycle. */
#include "unit.h"

extern const struct unit_suite machine_suite, requests_suite, health_suite, feed_suite;

const struct unit_suite *const unit_suites[] = {&machine_suite, &requests_suite, &health_suite, &feed_suite,
                                                NULL};
