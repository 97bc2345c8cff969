/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suites of src/mesh. */
#include "unit.h"

extern const struct unit_suite boxes_suite, corners_suite, manifold_suite, mesh_suite, quads_suite,
    smooth_suite;

const struct unit_suite *const unit_suites[] = {
    &mesh_suite, &quads_suite, &manifold_suite, &smooth_suite, &corners_suite, &boxes_suite, NULL};
