/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suites of src/daemon; what needs the whole daemon is tested in tests/integration. */
#include "unit.h"

extern const struct unit_suite command_suite, events_suite, identity_suite, monitor_suite, pidfile_suite,
    privileges_suite, reload_suite, run_suite, script_suite, startup_suite, supervisor_suite;

const struct unit_suite *const unit_suites[] = {
    &command_suite, &events_suite, &identity_suite, &monitor_suite, &pidfile_suite,    &privileges_suite,
    &reload_suite,  &run_suite,    &script_suite,   &startup_suite, &supervisor_suite, NULL,
};
