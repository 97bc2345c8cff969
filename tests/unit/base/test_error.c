/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"

#include <limits.h>
#include <string.h>

#include "unit.h"

static void rows_are_complete(void)
{
    for (int code = 0; code > -(int)GOXEL_ERROR_ROWS; code--) {
        int rpc = goxel_error_rpc(code), http = goxel_error_http(code), status = goxel_error_exit(code);

        CU_ASSERT(strlen(goxel_error_text(code)) > 0);
        CU_ASSERT(strncmp(goxel_error_symbol(code), "GOXEL_ERROR_", 12) == 0 ||
                  strncmp(goxel_error_symbol(code), "DAEMON_", 7) == 0);
        if (code == 0)
            continue;
        /* Of the reserved -32768 to -32000, JSON-RPC's own five and the server's hundred. */
        CU_ASSERT((rpc >= -1020 && rpc <= -1000) || (rpc >= -32099 && rpc <= -32000) ||
                  (rpc >= -32603 && rpc <= -32600) || rpc == -32700);
        CU_ASSERT(http >= 400 && http <= 599);
        CU_ASSERT(status >= 1 && status <= 125); /* a shell uses 126 and above for itself */
    }
}

static void symbols_are_unique(void)
{
    for (int a = 0; a > -(int)GOXEL_ERROR_ROWS; a--) {
        for (int b = a - 1; b > -(int)GOXEL_ERROR_ROWS; b--)
            CU_ASSERT_STRING_NOT_EQUAL(goxel_error_symbol(a), goxel_error_symbol(b));
    }
}

static void startup_failures_have_exit_statuses_of_their_own(void)
{
    for (int a = -1; a > -(int)GOXEL_ERROR_ROWS; a--) {
        if (strncmp(goxel_error_symbol(a), "DAEMON_", 7) != 0)
            continue;
        for (int b = -1; b > -(int)GOXEL_ERROR_ROWS; b--)
            CU_ASSERT(a == b || goxel_error_exit(a) != goxel_error_exit(b));
    }
}

static void success_is_zero(void)
{
    CU_ASSERT_EQUAL(DAEMON_SUCCESS, 0);
    CU_ASSERT_STRING_EQUAL(goxel_error_symbol(0), "DAEMON_SUCCESS");
    CU_ASSERT_EQUAL(goxel_error_rpc(0), 0);
    CU_ASSERT_EQUAL(goxel_error_http(0), 200);
    CU_ASSERT_EQUAL(goxel_error_exit(0), 0);
}

static void codes_find_their_rows(void)
{
    CU_ASSERT_STRING_EQUAL(goxel_error_symbol(GOXEL_ERROR_PROJECT_NOT_FOUND),
                           "GOXEL_ERROR_PROJECT_NOT_FOUND");
    CU_ASSERT_STRING_EQUAL(goxel_error_text(GOXEL_ERROR_PROJECT_NOT_FOUND), "project not found");
    CU_ASSERT_EQUAL(goxel_error_rpc(GOXEL_ERROR_PROJECT_NOT_FOUND), -1001);
    CU_ASSERT_EQUAL(goxel_error_http(GOXEL_ERROR_PROJECT_NOT_FOUND), 404);
    CU_ASSERT_EQUAL(goxel_error_exit(DAEMON_ERROR_CONFIG_INVALID), 12);
}

static void a_number_that_is_no_code_is_an_internal_error(void)
{
    static const int numbers[] = {1, 400, INT_MAX, -(int)GOXEL_ERROR_ROWS, -32700, INT_MIN};

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        CU_ASSERT_STRING_EQUAL(goxel_error_symbol(numbers[i]), "GOXEL_ERROR_INTERNAL");
        CU_ASSERT_EQUAL(goxel_error_rpc(numbers[i]), -32603);
    }
}

static const struct unit_test tests[] = {
    {"rows are complete", rows_are_complete},
    {"symbols are unique", symbols_are_unique},
    {"start-up failures have exit statuses of their own", startup_failures_have_exit_statuses_of_their_own},
    {"success is zero", success_is_zero},
    {"codes find their rows", codes_find_their_rows},
    {"a number that is no code is an internal error", a_number_that_is_no_code_is_an_internal_error},
    {NULL, NULL},
};

const struct unit_suite error_suite = {"error", tests};
