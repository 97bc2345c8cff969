/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list that is short: equal texts are found by a search. */
#include "base/warnings.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"

void goxel_warn(struct goxel_warnings *warnings, const char *what, int64_t count)
{
    if (!warnings || count == 0)
        return;
    for (size_t i = 0; i < warnings->count; i++) {
        if (strcmp(warnings->rows[i].what, what) == 0) {
            warnings->rows[i].count += count;
            return;
        }
    }
    if (warnings->count == GOXEL_WARNINGS_MAX)
        return;
    warnings->rows[warnings->count].what = what;
    warnings->rows[warnings->count++].count = count;
}

void goxel_warning_print(struct goxel_buf *text, const char *what, int64_t count)
{
    (void)goxel_buf_printf(text, "%s (%lld)", what, (long long)count);
}

void goxel_warnings_put_array(struct goxel_json_writer *w, const char *key,
                              const struct goxel_warnings *warnings)
{
    goxel_json_put_array(w, key);
    for (size_t i = 0; i < warnings->count; i++) {
        goxel_json_put_object(w, NULL);
        goxel_json_put_string(w, "what", warnings->rows[i].what);
        goxel_json_put_int(w, "count", warnings->rows[i].count);
        goxel_json_put_end(w);
    }
    goxel_json_put_end(w);
}

void goxel_warnings_put(struct goxel_json_writer *w, const struct goxel_warnings *warnings)
{
    goxel_warnings_put_array(w, "warnings", warnings);
}
