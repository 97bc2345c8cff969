/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suites of src/http; what needs a running front is tested in tests/integration. */
#include "unit.h"

extern const struct unit_suite listener_suite, route_suite;

const struct unit_suite *const unit_suites[] = {&listener_suite, &route_suite, NULL};
