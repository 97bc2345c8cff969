/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a file of tokens. What is taken can be found, each by its own digest; what is not has a line. */
#include <stdlib.h>
#include <string.h>

#include "access/tokens.h"
#include "base/error.h"
#include "fuzz.h"

static void check_row(const struct goxel_tokens *tokens, size_t row)
{
    const struct goxel_token *token = &tokens->rows[row], *found;
    size_t compared = goxel_tokens_find(tokens, token->digest, &found);

    EXPECT(compared == tokens->count && found == token);
    EXPECT(goxel_token_name_check(token->name, strlen(token->name)));
    EXPECT(token->access >= GOXEL_ACCESS_READ && token->access <= GOXEL_ACCESS_ADMIN);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct goxel_tokens *tokens = NULL;
    struct goxel_detail detail;
    int code;

    goxel_detail_init(&detail);
    code = goxel_tokens_parse((const char *)data, size, &detail, &tokens);
    EXPECT(!code == (tokens != NULL));
    EXPECT(!code || (code == DAEMON_ERROR_CONFIG_INVALID && detail.line >= 1 && detail.text[0]));
    for (size_t i = 0; tokens && i < tokens->count; i++)
        check_row(tokens, i);
    free(tokens);
    return 0;
}
