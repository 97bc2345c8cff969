/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The suites of src/config.
 */
#include "unit.h"

extern const struct unit_suite suite_check, suite_table, suite_scan, suite_outline, suite_report,
    suite_reader, suite_value, suite_load, suite_config, suite_rebase, suite_print, suite_settings,
    suite_manual;

const struct unit_suite *const unit_suites[] = {
    &suite_check, &suite_table,  &suite_scan,   &suite_outline, &suite_report,   &suite_reader, &suite_value,
    &suite_load,  &suite_config, &suite_rebase, &suite_print,   &suite_settings, &suite_manual, NULL,
};
