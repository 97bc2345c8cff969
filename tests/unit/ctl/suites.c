/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suites of src/ctl; what talks to a daemon is tested in tests/integration/ctl.sh. */
#include "unit.h"

extern const struct unit_suite args_suite, client_suite, commands_suite, completion_suite, endpoint_suite,
    manual_suite, figures_suite, print_suite, sse_suite;

const struct unit_suite *const unit_suites[] = {
    &args_suite,    &client_suite, &commands_suite, &completion_suite, &endpoint_suite,
    &figures_suite, &manual_suite, &print_suite,    &sse_suite,        NULL,
};
