/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tokens; what goes over a socket is tested against real and false servers, tests/integration/ctl.sh. */
#include "ctl/client.h"

#include <stdio.h>
#include <stdlib.h>

#include "../base/scratch.h"
#include "base/error.h"
#include "unit.h"

static int make(const struct ctl_args *args)
{
    struct ctl_client *client = NULL;
    struct goxel_detail detail;
    int code = ctl_client_create(args, &detail, &client);

    CU_ASSERT_EQUAL(code != 0, client == NULL);
    ctl_client_destroy(client);
    return code;
}

static void a_token_cannot_add_a_header(void)
{
    static const char *const wrong[] = {"a b", "a\r\nX: y", "a\n", "\xc3\xa9", "a\"", "a:b"};

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        (void)setenv("GOXEL_TOKEN", wrong[i], 1);
        CU_ASSERT_EQUAL(make(&(struct ctl_args){.url = "http://a"}), GOXEL_ERROR_USAGE);
    }
    (void)setenv("GOXEL_TOKEN", "aZ09-._~+/=", 1);
    CU_ASSERT_EQUAL(make(&(struct ctl_args){.url = "http://a"}), 0);
    (void)unsetenv("GOXEL_TOKEN");
    CU_ASSERT_EQUAL(make(&(struct ctl_args){.url = "http://a"}), 0);
}

static void a_file_has_one_token(void)
{
    static const struct {
        const char *text;
        int code;
    } rows[] = {
        {"abc", 0}, {"abc\n", 0}, {"abc \r\n", 0}, {"", GOXEL_ERROR_USAGE}, {"a\nb\n", GOXEL_ERROR_USAGE}};

    if (!scratch_open())
        return;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        scratch_write("token", rows[i].text);
        CU_ASSERT_EQUAL(make(&(struct ctl_args){.url = "http://a", .token_file = scratch_path("token")}),
                        rows[i].code);
    }
    CU_ASSERT_EQUAL(make(&(struct ctl_args){.url = "http://a", .token_file = scratch_path("none")}),
                    GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(make(&(struct ctl_args){.url = "http://a", .token_file = "/dev/zero"}),
                    GOXEL_ERROR_FILE_ACCESS);
    scratch_close();
}

static const struct unit_test tests[] = {
    {"a token cannot add a header", a_token_cannot_add_a_header},
    {"a file has one token", a_file_has_one_token},
    {NULL, NULL},
};

const struct unit_suite client_suite = {"client", tests};
