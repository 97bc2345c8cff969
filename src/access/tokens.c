/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tokens and their file: words of a line, each checked, none of them ever repeated in a message. */
#include "access/tokens.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/base16.h>
#include <nettle/memops.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"

_Static_assert(GOXEL_TOKEN_DIGEST == SHA256_DIGEST_SIZE, "a digest is a SHA-256");

#define TOKEN_PREFIX "goxel_" /* so that a token that went astray can be told for one */
#define HASH_PREFIX "sha256:"
#define HEX (2 * GOXEL_TOKEN_DIGEST)

_Static_assert(GOXEL_TOKEN_TEXT >= sizeof(TOKEN_PREFIX) + HEX &&
                   GOXEL_TOKEN_HASH_TEXT >= sizeof(HASH_PREFIX) + HEX,
               "texts have room for their prefix, the digits and a NUL");

/* ---- words ---- */

struct words {
    const char *at, *end;
    int64_t line; /* 1-based */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The next word of the line, which goes to its end or the comment's beginning; its length, 0: there is none. */
static size_t next_word(struct words *words, const char **ret_word)
{
    size_t len;

    while (words->at < words->end && is_blank(*words->at))
        words->at++;
    *ret_word = words->at;
    if (words->at < words->end && *words->at == '#')
        words->at = words->end;
    while (words->at < words->end && !is_blank(*words->at))
        words->at++;
    len = (size_t)(words->at - *ret_word);
    return len && **ret_word == '#' ? 0 : len;
}

bool goxel_token_name_check(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = text[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
              c == '_' || c == '-'))
            return false;
    }
    return len > 0 && len <= GOXEL_TOKEN_NAME_MAX;
}

static bool read_hash(const char *text, size_t len, uint8_t ret_digest[GOXEL_TOKEN_DIGEST])
{
    const size_t prefix = strlen(HASH_PREFIX);
    struct base16_decode_ctx decode;
    size_t size = GOXEL_TOKEN_DIGEST;

    if (len != prefix + HEX || memcmp(text, HASH_PREFIX, prefix) != 0)
        return false;
    for (size_t i = prefix; i < len; i++) {
        if (!((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f')))
            return false;
    }
    base16_decode_init(&decode);
    return base16_decode_update(&decode, &size, ret_digest, HEX, text + prefix) &&
           base16_decode_final(&decode) && size == GOXEL_TOKEN_DIGEST;
}

/* ---- lines ---- */

static int fail_line(const struct words *words, struct goxel_detail *detail, const char *what)
{
    return goxel_fail_at(detail, DAEMON_ERROR_CONFIG_INVALID, words->line, -1, "%s", what);
}

/* *ret_any: false for a line with nothing on it but maybe a comment. */
static int read_line(struct words *words, struct goxel_detail *detail, struct goxel_token *ret_token,
                     bool *ret_any)
{
    const char *name, *level, *hash, *more;
    size_t name_len = next_word(words, &name), level_len, hash_len;

    *ret_any = name_len > 0;
    if (!name_len)
        return 0;
    level_len = next_word(words, &level);
    hash_len = next_word(words, &hash);
    if (!level_len || !hash_len || next_word(words, &more))
        return fail_line(words, detail, "expected NAME LEVEL sha256:DIGEST, as `goxelctl token` gives it");
    if (!goxel_token_name_check(name, name_len))
        return fail_line(words, detail,
                         "the name: expected 1 to 64 letters, digits, dots, underscores and hyphens");
    if (!goxel_access_parse(level, level_len, &ret_token->access))
        return fail_line(words, detail, "the level: expected read, edit or admin");
    if (!read_hash(hash, hash_len, ret_token->digest))
        return fail_line(
            words, detail,
            "the digest: expected sha256: and 64 lower-case hexadecimal digits, never the token itself");
    memcpy(ret_token->name, name, name_len);
    ret_token->name[name_len] = '\0';
    return 0;
}

/* Two rows of one name, or one token with two levels: which of them is meant? */
static int check_new(const struct goxel_tokens *tokens, const struct goxel_token *token,
                     const struct words *words, struct goxel_detail *detail)
{
    for (size_t i = 0; i < tokens->count; i++) {
        if (strcmp(tokens->rows[i].name, token->name) == 0)
            return fail_line(words, detail, "the name stands in an earlier line, too");
        if (memcmp(tokens->rows[i].digest, token->digest, GOXEL_TOKEN_DIGEST) == 0)
            return fail_line(words, detail, "the digest stands in an earlier line, too");
    }
    return 0;
}

static int add(struct goxel_tokens **tokens, const struct goxel_token *token, const struct words *words,
               struct goxel_detail *detail)
{
    struct goxel_tokens *longer;
    int code = check_new(*tokens, token, words, detail);

    if (code)
        return code;
    if ((*tokens)->count == GOXEL_TOKENS_MAX)
        return fail_line(words, detail, "more tokens than one file may have (1024)");
    longer = realloc(*tokens, sizeof(*longer) + ((*tokens)->count + 1) * sizeof(*token));
    if (!longer)
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "the tokens");
    longer->rows[longer->count++] = *token;
    *tokens = longer;
    return 0;
}

static int parse(struct goxel_tokens **tokens, const char *text, size_t len, struct goxel_detail *detail)
{
    struct words words = {.end = text};
    const char *end = text + len;
    struct goxel_token token;
    bool any;
    int code = 0;

    while (!code && text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));

        words = (struct words){text, newline ? newline : end, words.line + 1};
        code = read_line(&words, detail, &token, &any);
        if (!code && any)
            code = add(tokens, &token, &words, detail);
        text = newline ? newline + 1 : end;
    }
    return code;
}

int goxel_tokens_parse(const char *text, size_t len, struct goxel_detail *detail,
                       struct goxel_tokens **ret_tokens)
{
    struct goxel_tokens *tokens = calloc(1, sizeof(*tokens));
    int code;

    if (!tokens)
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "the tokens");
    code = parse(&tokens, text, len, detail);
    if (code)
        free(tokens);
    else
        *ret_tokens = tokens;
    return code;
}

/* ---- the file ---- */

static int check_mode(int fd, struct goxel_detail *detail)
{
    struct stat st;

    if (fstat(fd, &st))
        return goxel_fail_errno(detail, DAEMON_ERROR_CONFIG_INVALID, errno, "fstat", "");
    if (!(st.st_mode & (S_IWGRP | S_IRWXO)))
        return 0;
    return goxel_fail(
        detail, DAEMON_ERROR_CONFIG_INVALID,
        "its mode is %04o: only its owner may write it, and only owner and group read it (chmod 0640)",
        (unsigned)st.st_mode & 07777u);
}

int goxel_tokens_read(const char *path, struct goxel_detail *detail, struct goxel_tokens **ret_tokens)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* a FIFO must not keep us */
    struct goxel_buf text;
    int code;

    if (fd < 0)
        return goxel_fail(detail, DAEMON_ERROR_CONFIG_INVALID, "cannot be read: %s", strerrordesc_np(errno));
    goxel_buf_init(&text, GOXEL_TOKENS_FILE_MAX);
    code = check_mode(fd, detail);
    if (!code && (code = goxel_file_read_fd(fd, path, &text, detail)) && code != GOXEL_ERROR_OUT_OF_MEMORY)
        code = goxel_fail(detail, DAEMON_ERROR_CONFIG_INVALID,
                          "is no file of at most %zu bytes that can be read", GOXEL_TOKENS_FILE_MAX);
    if (!code)
        code = goxel_tokens_parse(text.data ? text.data : "", text.len, detail, ret_tokens);
    goxel_buf_finish(&text);
    close(fd);
    return code;
}

/* ---- looking for one ---- */

void goxel_token_digest(const char *token, size_t len, uint8_t ret_digest[GOXEL_TOKEN_DIGEST])
{
    struct sha256_ctx sha;

    sha256_init(&sha);
    sha256_update(&sha, len, (const uint8_t *)token);
    sha256_digest(&sha, GOXEL_TOKEN_DIGEST, ret_digest);
}

bool goxel_tokens_equal(const struct goxel_tokens *a, const struct goxel_tokens *b)
{
    if (!a || !b || a->count != b->count)
        return a == b;
    for (size_t i = 0; i < a->count; i++) {
        if (strcmp(a->rows[i].name, b->rows[i].name) != 0 || a->rows[i].access != b->rows[i].access ||
            memcmp(a->rows[i].digest, b->rows[i].digest, GOXEL_TOKEN_DIGEST) != 0)
            return false;
    }
    return true;
}

size_t goxel_tokens_find(const struct goxel_tokens *tokens, const uint8_t digest[GOXEL_TOKEN_DIGEST],
                         const struct goxel_token **ret_token)
{
    size_t found = 0, compared = 0; /* one more than the index: there is no branch on what was found */

    for (; compared < tokens->count; compared++)
        found |= (compared + 1) *
                 (size_t)(memeql_sec(tokens->rows[compared].digest, digest, GOXEL_TOKEN_DIGEST) != 0);
    *ret_token = found ? &tokens->rows[found - 1] : NULL;
    return compared;
}

/* ---- making one ---- */

int goxel_token_make(char ret_token[GOXEL_TOKEN_TEXT], char ret_hash[GOXEL_TOKEN_HASH_TEXT],
                     struct goxel_detail *detail)
{
    uint8_t bytes[GOXEL_TOKEN_DIGEST];
    char digits[HEX + 1] = "";

    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        return goxel_fail_errno(detail, GOXEL_ERROR_GENERAL, errno, "getrandom", "");
    base16_encode_update(digits, sizeof(bytes), bytes);
    (void)snprintf(ret_token, GOXEL_TOKEN_TEXT, "%s%s", TOKEN_PREFIX, digits);
    goxel_token_digest(ret_token, strlen(ret_token), bytes);
    base16_encode_update(digits, sizeof(bytes), bytes);
    (void)snprintf(ret_hash, GOXEL_TOKEN_HASH_TEXT, "%s%s", HASH_PREFIX, digits);
    return 0;
}
