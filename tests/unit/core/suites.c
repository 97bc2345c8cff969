/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suites of src/core. */
#include "unit.h"

extern const struct unit_suite suite_volume, suite_accessor, suite_seal, suite_versions, suite_fill,
    suite_head, suite_merge, suite_palette, suite_project, suite_flatten, suite_workspace, suite_colors,
    suite_ray, suite_slice, suite_connect;

const struct unit_suite *const unit_suites[] = {
    &suite_volume,  &suite_accessor, &suite_seal,      &suite_versions,
    &suite_fill,    &suite_head,     &suite_merge,     &suite_palette,
    &suite_project, &suite_flatten,  &suite_workspace, &suite_colors,
    &suite_ray,     &suite_slice,    &suite_connect,   NULL,
};
