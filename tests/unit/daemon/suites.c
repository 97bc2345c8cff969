/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suites of src/daemon; what needs the whole daemon is tested in tests/integration. */
#include "unit.h"

extern const struct unit_suite access_suite, command_suite, control_suite, detach_suite, emergency_suite,
    events_suite, folders_suite, identity_suite, limits_suite, monitor_suite, pages_suite, pidfile_suite,
    privileges_suite, program_suite, reload_suite, run_suite, script_suite, startup_suite, supervisor_suite,
    talk_suite;

/* access is the last: it logs, and the log goes on where its first line went. */
const struct unit_suite *const unit_suites[] = {
    &command_suite,  &control_suite, &detach_suite,  &emergency_suite, &events_suite,  &folders_suite,
    &identity_suite, &limits_suite,  &monitor_suite, &pages_suite,     &pidfile_suite, &privileges_suite,
    &program_suite,  &reload_suite,  &run_suite,     &script_suite,    &startup_suite, &supervisor_suite,
    &talk_suite,     &access_suite,  NULL,
};
