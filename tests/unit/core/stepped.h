/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An edit that is steps of the history alone, from its beginning to its end. */
#ifndef GOXEL_TESTS_CORE_STEPPED_H
#define GOXEL_TESTS_CORE_STEPPED_H

#include "core/head.h"

static inline int stepped(struct goxel_head *head, bool forwards, size_t steps, struct goxel_detail *detail)
{
    struct goxel_edit edit;
    int code = goxel_head_begin(head, &edit);

    if (code)
        return code;
    code = (forwards ? goxel_head_redo : goxel_head_undo)(head, &edit, steps, detail);
    if (!code)
        return goxel_head_commit(head, &edit, NULL, NULL);
    goxel_head_abort(head, &edit);
    return code;
}

#endif
