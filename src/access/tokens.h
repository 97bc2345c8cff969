/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bearer tokens: the file that lists them, and whether one that was shown is among them.
 *
 * Used by: access/policy, http, ctl (makes them).  Uses: base; nettle behind this header only.
 *
 * A line of the file is `NAME LEVEL sha256:DIGEST`; `#` begins a comment. What is kept of a token is its SHA-256, once
 * and without salt: a token has 256 bits of chance, made here and never chosen by a person, so that there is nothing to
 * guess and nothing that a slow hash or a salt would protect. Whoever reads the file cannot make a token of it.
 *
 * To look for one costs the same whether it is there or not, and wherever: each row is compared, in constant time.
 *
 * Life: a list is made once and read by any thread from then on.
 */
#ifndef GOXEL_ACCESS_TOKENS_H
#define GOXEL_ACCESS_TOKENS_H

#include <stddef.h>
#include <stdint.h>

#include "access/level.h"

#define GOXEL_TOKENS_MAX 1024                     /* in one file */
#define GOXEL_TOKENS_FILE_MAX ((size_t)256 << 10) /* bytes of it */
#define GOXEL_TOKEN_NAME_MAX 64
#define GOXEL_TOKEN_DIGEST 32

struct goxel_token {
    char name[GOXEL_TOKEN_NAME_MAX + 1];
    enum goxel_access access;
    uint8_t digest[GOXEL_TOKEN_DIGEST];
};

struct goxel_tokens {
    size_t count;
    struct goxel_token rows[];
};

/*
 * The text of a file. DAEMON_ERROR_CONFIG_INVALID with the line and what is expected there; nothing of the line is told,
 * as somebody may have put a token into it. GOXEL_ERROR_OUT_OF_MEMORY. Freed with free(3).
 */
int goxel_tokens_parse(const char *text, size_t len, struct goxel_detail *detail,
                       struct goxel_tokens **ret_tokens);

/*
 * The file. DAEMON_ERROR_CONFIG_INVALID also if it cannot be read, or others than its owner may write it, or others than
 * its owner and group read it: then anybody could make himself an admin, or learn who is one.
 */
int goxel_tokens_read(const char *path, struct goxel_detail *detail, struct goxel_tokens **ret_tokens);

/* The same rows in the same order? NULL: there is no list. */
bool goxel_tokens_equal(const struct goxel_tokens *a, const struct goxel_tokens *b);

/* Lower-case letters, digits, upper-case ones and "._-", 1 to GOXEL_TOKEN_NAME_MAX. */
bool goxel_token_name_check(const char *text, size_t len);

void goxel_token_digest(const char *token, size_t len, uint8_t ret_digest[GOXEL_TOKEN_DIGEST]);

/* *ret_token: the row, or NULL. Returns how many rows were compared, which is all of them whatever is looked for. */
size_t goxel_tokens_find(const struct goxel_tokens *tokens, const uint8_t digest[GOXEL_TOKEN_DIGEST],
                         const struct goxel_token **ret_token);

/* A new token, and what the file has of it ("sha256:…"). GOXEL_ERROR_GENERAL: the system has no randomness to give. */
#define GOXEL_TOKEN_TEXT 72
#define GOXEL_TOKEN_HASH_TEXT 72
int goxel_token_make(char ret_token[GOXEL_TOKEN_TEXT], char ret_hash[GOXEL_TOKEN_HASH_TEXT],
                     struct goxel_detail *detail);

#endif
