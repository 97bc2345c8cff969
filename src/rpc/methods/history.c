/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Methods that go through the history of a project: undo, redo, and its list. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/error.h"
#include "rpc/methods/methods.h"

static int step(struct goxel_invocation *in, bool forwards)
{
    size_t steps = (size_t)goxel_arg_int(in, "steps", 1), undo = 0, redo = 0;
    struct goxel_head *head = goxel_slot_head(in->slot);
    int code = (forwards ? goxel_head_redo : goxel_head_undo)(head, &in->editing, steps, in->detail);

    if (code)
        return code;
    in->changed = true;
    goxel_head_count_history(head, in->edit, &undo, &redo);
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_count(in->out, "version", in->edit->version);
    goxel_json_put_count(in->out, "steps", steps);
    goxel_json_put_count(in->out, "undo", undo);
    goxel_json_put_count(in->out, "redo", redo);
    goxel_json_put_end(in->out);
    return 0;
}

int goxel_project_undo_run(struct goxel_invocation *in)
{
    return step(in, false);
}

int goxel_project_redo_run(struct goxel_invocation *in)
{
    return step(in, true);
}

/* ---- groups ---- */

/* Nobody else has this name: two clients that group their edits do not come into each other's step. */
int goxel_history_begin(struct goxel_invocation *in)
{
    uint64_t random = 0;
    char group[32];

    if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
        return goxel_fail(in->detail, GOXEL_ERROR_GENERAL, "there are no random numbers for a name");
    (void)snprintf(group, sizeof(group), "group-%016llx", (unsigned long long)random);
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_string(in->out, "group", group);
    goxel_json_put_end(in->out);
    return 0;
}

static int end_group(struct goxel_invocation *in)
{
    const char *wanted = goxel_arg_text(in, "group", NULL), *open = goxel_history_group(in->edit);
    size_t undo = 0, redo = 0;

    in->ends_group = open && strcmp(open, wanted) == 0;
    goxel_head_count_history(goxel_slot_head(in->slot), in->edit, &undo, &redo);
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_bool(in->out, "ended", in->ends_group);
    goxel_json_put_count(in->out, "version", in->edit->version);
    goxel_json_put_count(in->out, "undo", undo);
    goxel_json_put_count(in->out, "redo", redo);
    goxel_json_put_end(in->out);
    return 0;
}

/* It needs no request_key: the second time there is nothing left to end. */
int goxel_history_end(struct goxel_invocation *in)
{
    int code = goxel_invocation_edit(in);

    return code ? code : goxel_invocation_end(in, end_group(in));
}

/* ---- the list ---- */

static void put_row(struct goxel_json_writer *w, const struct goxel_history_row *row)
{
    char time[GOXEL_TIME_TEXT_SIZE];

    goxel_time_text(row->time_ms, time);
    goxel_json_put_object(w, NULL);
    goxel_json_put_count(w, "version", row->version);
    goxel_json_put_string(w, "name", row->name);
    goxel_json_put_string(w, "time", time);
    goxel_json_put_bool(w, "undone", row->undone);
    goxel_json_put_int(w, "bytes", row->bytes);
    goxel_json_put_end(w);
}

int goxel_project_get_history_run(struct goxel_invocation *in)
{
    size_t limit = (size_t)goxel_arg_int(in, "limit", 100), count = 0;
    struct goxel_history_row *rows = NULL;
    int code = goxel_head_list_history(goxel_slot_head(in->slot), in->project, limit, &rows, &count);

    if (code)
        return code;
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_count(in->out, "version", in->project->version);
    goxel_json_put_array(in->out, "steps");
    for (size_t i = 0; i < count; i++)
        put_row(in->out, &rows[i]);
    goxel_json_put_end(in->out);
    goxel_json_put_count(in->out, "count", count);
    goxel_json_put_end(in->out);
    free(rows);
    return 0;
}
