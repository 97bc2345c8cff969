/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of formats for programs: what export.formats answers, and goxel-convert --list-formats --json prints.
 *
 * Used by: rpc, convert.  Uses: format/format.h, base/json.
 */
#ifndef GOXEL_FORMAT_DESCRIBE_H
#define GOXEL_FORMAT_DESCRIBE_H

#include "base/json.h"
#include "format/format.h"

/* {formats: [{name, …, limits, options}], count}. */
void goxel_formats_put(const struct goxel_format *formats, struct goxel_json_writer *w);

#endif
