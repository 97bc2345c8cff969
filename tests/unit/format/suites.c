/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suites of src/format. */
#include "unit.h"

extern const struct unit_suite suite_binvox;
extern const struct unit_suite suite_blocks;
extern const struct unit_suite suite_csv;
extern const struct unit_suite suite_digits;
extern const struct unit_suite suite_format;
extern const struct unit_suite suite_gox;
extern const struct unit_suite suite_gpl;
extern const struct unit_suite suite_mesh_files;
extern const struct unit_suite suite_png;
extern const struct unit_suite suite_png_row;
extern const struct unit_suite suite_qb;
extern const struct unit_suite suite_qubicle;
extern const struct unit_suite suite_relief;
extern const struct unit_suite suite_round_trips;
extern const struct unit_suite suite_schem;
extern const struct unit_suite suite_slab6;
extern const struct unit_suite suite_txt;
extern const struct unit_suite suite_vox;
extern const struct unit_suite suite_vxl;

const struct unit_suite *const unit_suites[] = {
    &suite_binvox, &suite_blocks,  &suite_csv,        &suite_digits,      &suite_format,
    &suite_gox,    &suite_gpl,     &suite_mesh_files, &suite_png,         &suite_png_row,
    &suite_qb,     &suite_qubicle, &suite_relief,     &suite_round_trips, &suite_schem,
    &suite_slab6,  &suite_txt,     &suite_vox,        &suite_vxl,         NULL,
};
