/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suites of src/core. */
#include "unit.h"

/* clang-format off */
#define SUITES(X) \
    X(accessor) \
    X(away) \
    X(colors) \
    X(connect) \
    X(cursor) \
    X(diff) \
    X(effects) \
    X(excerpt) \
    X(extrude) \
    X(fill) \
    X(flatten) \
    X(head) \
    X(history) \
    X(hollow) \
    X(keys) \
    X(lattice) \
    X(mask) \
    X(merge) \
    X(modes) \
    X(palette) \
    X(patch) \
    X(places) \
    X(project) \
    X(ray) \
    X(recolor) \
    X(reduce) \
    X(paint) \
    X(layers) \
    X(replace) \
    X(rewrite) \
    X(scale) \
    X(seal) \
    X(select) \
    X(slice) \
    X(step) \
    X(versions) \
    X(volume) \
    X(workspace)
/* clang-format on */

#define X(name) extern const struct unit_suite suite_##name;
SUITES(X)
#undef X

const struct unit_suite *const unit_suites[] = {
#define X(name) &suite_##name,
    SUITES(X)
#undef X
        NULL,
};
