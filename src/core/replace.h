/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The content of one project in place of another's.
 *
 * Used by: rpc.  Uses: base, core/project.
 */
#ifndef GOXEL_CORE_REPLACE_H
#define GOXEL_CORE_REPLACE_H

#include "core/project.h"

/*
 * The project, whose copy the caller edits, gets layers, scene and preview of `model`, which nobody else has, and which
 * is to be ended afterwards; nothing is selected then. Name, path and history stay. Layers get ids that were never used.
 * GOXEL_ERROR_QUOTA (no ids left), GOXEL_ERROR_OUT_OF_MEMORY: nothing has changed.
 */
int goxel_project_replace(struct goxel_project *project, struct goxel_project *model);

#endif
