/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suites of src/http. */
#include "unit.h"

extern const struct unit_suite coding_suite, events_suite, files_suite, front_suite, guard_suite,
    listener_suite, range_suite, route_suite, stats_suite, stream_suite;

const struct unit_suite *const unit_suites[] = {
    &coding_suite,   &range_suite, &events_suite, &files_suite,  &front_suite, &guard_suite,
    &listener_suite, &route_suite, &stats_suite,  &stream_suite, NULL};
