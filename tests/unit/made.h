/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Committed files that are made of tables: whether they still are what the tables say. */
#ifndef GOXEL_TESTS_MADE_H
#define GOXEL_TESTS_MADE_H

#include "base/make.h"

/*
 * Compares what `file` makes of the file `input` (NULL: of none) with the one that is committed as `path`; both are seen from
 * tests/. If they differ, `how` is what is to be typed.
 */
void made_is_up_to_date(const char *path, const char *input, goxel_make_file *file, const char *how);

#endif
