/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

extern const struct unit_suite error_suite, utf8_suite, detail_suite, buf_suite, clock_suite, cancel_suite;
extern const struct unit_suite log_suite, file_suite, memory_suite, repeat_suite, sink_suite, beneath_suite;
extern const struct unit_suite json_number_suite, json_keys_suite, json_scan_suite, json_tree_suite;
extern const struct unit_suite json_write_suite, json_frame_suite, digest_suite, gzip_suite, spool_suite;
extern const struct unit_suite manual_suite, array_suite;

const struct unit_suite *const unit_suites[] = {
    &error_suite,       &utf8_suite,      &detail_suite,     &buf_suite,
    &clock_suite,       &cancel_suite,    &log_suite,        &file_suite,
    &digest_suite,      &memory_suite,    &json_scan_suite,  &json_tree_suite,
    &json_number_suite, &json_keys_suite, &json_frame_suite, &repeat_suite,
    &json_write_suite,  &sink_suite,      &beneath_suite,    &gzip_suite,
    &spool_suite,       &manual_suite,    &array_suite,      NULL,
};
