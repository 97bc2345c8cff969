/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What was lost or changed on the way into a file or out of it: shown as `warnings: [{what, count}]`.
 *
 * Used by: format, rpc, http, ctl, convert.  Uses: base/json, base/buf.
 *
 * Life: the caller's, on the stack, zeroed; it owns no memory and may be copied. One thread.
 */
#ifndef GOXEL_BASE_WARNINGS_H
#define GOXEL_BASE_WARNINGS_H

#include <stddef.h>
#include <stdint.h>

#define GOXEL_WARNINGS_MAX 16
struct goxel_warnings {
    struct {
        const char *what; /* a constant */
        int64_t count;
    } rows[GOXEL_WARNINGS_MAX];
    size_t count;
};

/* Adds up equal ones; a count of 0 is none, and NULL is fine. */
void goxel_warn(struct goxel_warnings *warnings, const char *what, int64_t count);

struct goxel_buf;
/* One as people are told it: "WHAT (COUNT)". */
void goxel_warning_print(struct goxel_buf *text, const char *what, int64_t count);

struct goxel_json_writer;
/* The array of them alone; of none it is empty. `key`: of the member of an object, or NULL. */
void goxel_warnings_put_array(struct goxel_json_writer *w, const char *key,
                              const struct goxel_warnings *warnings);
/* The member "warnings" of an object. */
void goxel_warnings_put(struct goxel_json_writer *w, const struct goxel_warnings *warnings);

#endif
