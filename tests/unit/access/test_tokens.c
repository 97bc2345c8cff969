/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "access/tokens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/error.h"
#include "unit.h"
#include "unit/base/scratch.h"

/* sha256sum of "alpha", "beta" and "gamma". */
#define ALPHA "sha256:8ed3f6ad685b959ead7022518e1af76cd816f8e8ec7ccdda1ed4018e8f2223f8"
#define BETA "sha256:f44e64e75f3948e9f73f8dfa94721c4ce8cbb4f265c4790c702b2d41cfbf2753"
#define GAMMA "sha256:be9d587defa1f0c09ef49eb17e206983a5f8f8289e4281860bd0ee5a19592c67"

static const char three[] = "# who\n\nci read " ALPHA "\n\tbuilder\tedit " BETA
                            " # nightly\r\nroot admin " GAMMA;

static struct goxel_tokens *parse(const char *text)
{
    struct goxel_tokens *tokens = NULL;
    struct goxel_detail detail;

    goxel_detail_init(&detail);
    CU_ASSERT_EQUAL_FATAL(goxel_tokens_parse(text, strlen(text), &detail, &tokens), 0);
    return tokens;
}

static const struct goxel_token *find(const struct goxel_tokens *tokens, const char *token,
                                      size_t *ret_compared)
{
    const struct goxel_token *found;
    uint8_t digest[GOXEL_TOKEN_DIGEST];

    goxel_token_digest(token, strlen(token), digest);
    *ret_compared = goxel_tokens_find(tokens, digest, &found);
    return found;
}

static void lines_become_rows(void)
{
    struct goxel_tokens *tokens = parse(three);

    CU_ASSERT_EQUAL_FATAL(tokens->count, 3);
    CU_ASSERT_STRING_EQUAL(tokens->rows[0].name, "ci");
    CU_ASSERT_EQUAL(tokens->rows[0].access, GOXEL_ACCESS_READ);
    CU_ASSERT_STRING_EQUAL(tokens->rows[1].name, "builder");
    CU_ASSERT_EQUAL(tokens->rows[1].access, GOXEL_ACCESS_EDIT);
    CU_ASSERT_STRING_EQUAL(tokens->rows[2].name, "root");
    CU_ASSERT_EQUAL(tokens->rows[2].access, GOXEL_ACCESS_ADMIN);
    free(tokens);
    tokens = parse("");
    CU_ASSERT_EQUAL(tokens->count, 0);
    free(tokens);
    tokens = parse("# nobody\n \n");
    CU_ASSERT_EQUAL(tokens->count, 0);
    free(tokens);
}

/* Timing is not measured: what would make a difference is how many rows are looked at, and each is, whatever is shown. */
static void every_row_is_compared_whatever_is_shown(void)
{
    static const struct {
        const char *token, *name;
    } rows[] = {{"alpha", "ci"}, {"beta", "builder"}, {"gamma", "root"}, {"delta", NULL}, {"", NULL},
                {"alph", NULL},  {"alphaa", NULL},    {"ALPHA", NULL},   {ALPHA, NULL}};
    struct goxel_tokens *tokens = parse(three);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t compared = 0;
        const struct goxel_token *found = find(tokens, rows[i].token, &compared);

        CU_ASSERT_EQUAL(compared, 3);
        CU_ASSERT_EQUAL(found != NULL, rows[i].name != NULL);
        if (found && rows[i].name)
            CU_ASSERT_STRING_EQUAL(found->name, rows[i].name);
    }
    free(tokens);
}

static void a_wrong_line_is_named_and_not_told(void)
{
    static const struct {
        const char *text;
        int line;
        const char *what;
    } rows[] = {
        {"goxel_5ec4e7", 1, "NAME LEVEL sha256"},
        {"\n\nci read", 3, "NAME LEVEL sha256"},
        {"ci read " ALPHA " more", 1, "NAME LEVEL sha256"},
        {"c/i read " ALPHA, 1, "the name"},
        {"goxel_5ec4e7goxel_5ec4e7goxel_5ec4e7goxel_5ec4e7goxel_5ec4e7goxel read " ALPHA, 1, "the name"},
        {"ci stop " ALPHA, 1, "the level"},
        {"ci READ " ALPHA, 1, "the level"},
        {"ci read goxel_5ec4e7", 1, "the digest"},
        {"ci read sha256:", 1, "the digest"},
        {"ci read " ALPHA "0", 1, "the digest"},
        {"ci read sha256:8ED3F6AD685B959EAD7022518E1AF76CD816F8E8EC7CCDDA1ED4018E8F2223F8", 1, "the digest"},
        {"ci read sha256:8ed3f6ad685b959e d7022518e1af76cd816f8e8ec7ccdda1ed4018e8f2223f8", 1, "NAME LEVEL"},
        {"ci read sha256:8ed3f6ad685b959ead7022518e1af76cd816f8e8ec7ccdda1ed4018e8f2223fg", 1, "the digest"},
        {"ci read " ALPHA "\nci edit " BETA, 2, "the name stands in an earlier line"},
        {"ci read " ALPHA "\nbuilder edit " ALPHA, 2, "the digest stands in an earlier line"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct goxel_tokens *tokens = NULL;
        struct goxel_detail detail;

        CU_ASSERT_EQUAL(goxel_tokens_parse(rows[i].text, strlen(rows[i].text), &detail, &tokens),
                        DAEMON_ERROR_CONFIG_INVALID);
        CU_ASSERT_PTR_NULL(tokens);
        CU_ASSERT_EQUAL(detail.line, rows[i].line);
        CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, rows[i].what));
        CU_ASSERT_PTR_NULL(strstr(detail.text, "5ec4e7"));
    }
    CU_ASSERT_EQUAL(goxel_tokens_parse("ci\0read " ALPHA, sizeof("ci\0read " ALPHA) - 1, NULL,
                                       &(struct goxel_tokens *){NULL}),
                    DAEMON_ERROR_CONFIG_INVALID);
}

static void a_file_has_a_ceiling(void)
{
    struct goxel_tokens *tokens = NULL;
    struct goxel_detail detail;
    struct goxel_buf text;

    goxel_buf_init(&text, 1 << 20);
    for (int i = 0; i < GOXEL_TOKENS_MAX; i++)
        goxel_buf_printf(&text, "n%d read sha256:%064x\n", i, i);
    CU_ASSERT_EQUAL_FATAL(goxel_tokens_parse(text.data, text.len, NULL, &tokens), 0);
    CU_ASSERT_EQUAL(tokens->count, GOXEL_TOKENS_MAX);
    free(tokens);
    goxel_buf_printf(&text, "last read " ALPHA);
    CU_ASSERT_EQUAL(goxel_tokens_parse(text.data, text.len, &detail, &tokens), DAEMON_ERROR_CONFIG_INVALID);
    CU_ASSERT_EQUAL(detail.line, GOXEL_TOKENS_MAX + 1);
    goxel_buf_finish(&text);
}

static void a_file_is_nobody_elses(void)
{
    static const struct {
        mode_t mode;
        int code;
    } rows[] = {{0600, 0},
                {0640, 0},
                {0440, 0},
                {0644, DAEMON_ERROR_CONFIG_INVALID},
                {0660, DAEMON_ERROR_CONFIG_INVALID},
                {0602, DAEMON_ERROR_CONFIG_INVALID},
                {0604, DAEMON_ERROR_CONFIG_INVALID}};

    if (!scratch_open())
        return;
    scratch_write("tokens", three);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct goxel_tokens *tokens = NULL;
        struct goxel_detail detail;

        CU_ASSERT_EQUAL(chmod(scratch_path("tokens"), rows[i].mode), 0);
        CU_ASSERT_EQUAL(goxel_tokens_read(scratch_path("tokens"), &detail, &tokens), rows[i].code);
        if (rows[i].code)
            CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "chmod 0640"));
        free(tokens);
    }
    scratch_close();
}

static void what_is_no_file_is_refused(void)
{
    struct goxel_tokens *tokens = NULL;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(mkfifo(scratch_path("fifo"), 0600), 0);
    CU_ASSERT_EQUAL(mkdir(scratch_path("folder"), 0700), 0);
    CU_ASSERT_EQUAL(goxel_tokens_read(scratch_path("fifo"), NULL, &tokens), DAEMON_ERROR_CONFIG_INVALID);
    CU_ASSERT_EQUAL(goxel_tokens_read(scratch_path("folder"), NULL, &tokens), DAEMON_ERROR_CONFIG_INVALID);
    CU_ASSERT_EQUAL(goxel_tokens_read(scratch_path("none"), NULL, &tokens), DAEMON_ERROR_CONFIG_INVALID);
    scratch_close();
}

static void what_is_made_is_found(void)
{
    char token[GOXEL_TOKEN_TEXT], other[GOXEL_TOKEN_TEXT], hash[GOXEL_TOKEN_HASH_TEXT], line[200];
    struct goxel_tokens *tokens;
    size_t compared;

    CU_ASSERT_EQUAL_FATAL(goxel_token_make(other, hash, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(goxel_token_make(token, hash, NULL), 0);
    CU_ASSERT_STRING_NOT_EQUAL(token, other);
    CU_ASSERT_EQUAL(strlen(token), strlen("goxel_") + 64);
    CU_ASSERT_PTR_NULL(strstr(hash, token + strlen("goxel_")));
    (void)snprintf(line, sizeof(line), "ci edit %s", hash);
    tokens = parse(line);
    CU_ASSERT_PTR_NOT_NULL(find(tokens, token, &compared));
    CU_ASSERT_PTR_NULL(find(tokens, other, &compared));
    free(tokens);
}

static void no_memory_is_an_error(void)
{
    struct goxel_tokens *tokens = NULL;
    long made;

    if (unit_fail_allocation(-1) < 0) {
        unit_skip("allocations cannot be made to fail in this build");
        return;
    }
    free(parse(three));
    made = unit_fail_allocation(-1);
    for (long n = 0; n < made; n++) {
        (void)unit_fail_allocation(n);
        CU_ASSERT_EQUAL(goxel_tokens_parse(three, strlen(three), NULL, &tokens), GOXEL_ERROR_OUT_OF_MEMORY);
    }
    (void)unit_fail_allocation(-1);
}

static const struct unit_test tests[] = {
    {"lines become rows", lines_become_rows},
    {"every row is compared, whatever is shown", every_row_is_compared_whatever_is_shown},
    {"a wrong line is named, and not told", a_wrong_line_is_named_and_not_told},
    {"a file has a ceiling", a_file_has_a_ceiling},
    {"a file is nobody else's", a_file_is_nobody_elses},
    {"what is no file is refused", what_is_no_file_is_refused},
    {"what is made is found", what_is_made_is_found},
    {"no memory is an error", no_memory_is_an_error},
    {NULL, NULL},
};

const struct unit_suite tokens_suite = {"tokens", tests};
