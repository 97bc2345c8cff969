/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#define SUITES(X) \
    X(error) \
    X(utf8) \
    X(detail) X(buf) X(clock) X(cancel) X(log) X(file) X(json_number) X(json_keys) X(json_scan) X(json_tree) \
        X(json_write)

#define X(name) extern const struct unit_suite name##_suite;
SUITES(X)
#undef X

const struct unit_suite *const unit_suites[] = {
#define X(name) &name##_suite,
    SUITES(X)
#undef X
        NULL,
};
