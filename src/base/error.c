/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The error list as a table: a code is the negative of its row's number.
 */
#include "base/error.h"

struct row {
    const char *symbol;
    const char *text;
    int rpc;
    int http;
    int exit;
};

/* clang-format off */
static const struct row rows[GOXEL_ERROR_ROWS] = {
    [GOXEL_ERROR_ROW_SUCCESS] = {"DAEMON_SUCCESS", "success", 0, 200, 0},
#define X(symbol, text, rpc, http, exit) [symbol##_ROW] = {#symbol, text, rpc, http, exit},
    GOXEL_ERRORS(X)
#undef X
};
/* clang-format on */

static const struct row *row_of(int code)
{
    if (code > 0 || code <= -(int)GOXEL_ERROR_ROWS)
        code = GOXEL_ERROR_INTERNAL;
    return &rows[-code];
}

const char *goxel_error_text(int code)
{
    return row_of(code)->text;
}

const char *goxel_error_symbol(int code)
{
    return row_of(code)->symbol;
}

int goxel_error_rpc(int code)
{
    return row_of(code)->rpc;
}

int goxel_error_http(int code)
{
    return row_of(code)->http;
}

int goxel_error_exit(int code)
{
    return row_of(code)->exit;
}
