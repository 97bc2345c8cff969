/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suites of src/format. */
#include "unit.h"

extern const struct unit_suite suite_format, suite_png, suite_txt, suite_gox, suite_gpl, suite_relief;
extern const struct unit_suite suite_vox, suite_slab6, suite_vxl;

const struct unit_suite *const unit_suites[] = {&suite_format, &suite_png,    &suite_txt, &suite_gox,
                                                &suite_gpl,    &suite_relief, &suite_vox, &suite_slab6,
                                                &suite_vxl,    NULL};
