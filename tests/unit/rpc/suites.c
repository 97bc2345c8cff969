/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suites of the rpc folder. */
#include "unit.h"

extern const struct unit_suite base64_suite, batch_suite, compat_suite, discover_suite, model_suite,
    tools_suite, files_suite, history_suite, invoke_suite, keyset_suite, layer_suite, layer_change_suite,
    memory_suite, packed_suite, params_suite, pending_suite, project_suite, repeat_suite, rpc_suite,
    system_suite, values_suite, voxel_suite, voxel_edits_suite, voxel_looks_suite, voxel_view_suite,
    project_diff_suite, selection_suite, events_suite, image_suite, access_suite, cursors_suite,
    transfer_suite;

const struct unit_suite *const unit_suites[] = {
    &base64_suite,      &keyset_suite,       &values_suite,
    &packed_suite,      &files_suite,        &rpc_suite,
    &params_suite,      &invoke_suite,       &system_suite,
    &project_suite,     &layer_suite,        &voxel_suite,
    &memory_suite,      &history_suite,      &pending_suite,
    &repeat_suite,      &layer_change_suite, &voxel_edits_suite,
    &voxel_looks_suite, &voxel_view_suite,   &project_diff_suite,
    &selection_suite,   &discover_suite,     &batch_suite,
    &model_suite,       &compat_suite,       &tools_suite,
    &events_suite,      &image_suite,        &access_suite,
    &cursors_suite,     &transfer_suite,     NULL,
};
