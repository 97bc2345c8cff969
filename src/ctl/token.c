/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command that makes a token: no daemon is asked, and nothing kept. What is printed is for two people, who need not be
 * the same: the token is its bearer's, the line is the daemon's, and tells nobody the token.
 */
#include <stdio.h>
#include <string.h>

#include "access/tokens.h"
#include "base/error.h"
#include "ctl/args.h"
#include "ctl/print.h"

static int check(const char *name, const char *level, struct goxel_detail *detail)
{
    enum goxel_access access;

    if (!goxel_token_name_check(name, strlen(name)))
        return goxel_fail_value(detail, GOXEL_ERROR_USAGE, "NAME", name,
                                "1 to %d letters, digits, dots, underscores and hyphens",
                                GOXEL_TOKEN_NAME_MAX);
    if (!goxel_access_parse(level, strlen(level), &access))
        return goxel_fail_value(detail, GOXEL_ERROR_USAGE, "the level", level, "read, edit or admin");
    return 0;
}

static int print(const struct ctl_args *args, const char *token, const char *line)
{
    struct goxel_json_writer w;
    struct goxel_buf json;
    int code;

    if (!args->json) {
        printf("%s\n%s\n", token, line);
        return 0;
    }
    goxel_buf_init(&json, 4096);
    goxel_json_writer_init(&w, &json);
    goxel_json_put_object(&w, NULL);
    goxel_json_put_string(&w, "token", token);
    goxel_json_put_string(&w, "line", line);
    goxel_json_put_end(&w);
    code = ctl_print_written(&json);
    goxel_buf_finish(&json);
    return code;
}

enum ctl_exit ctl_token(struct ctl *ctl)
{
    const char *name = ctl->args->words[0], *level = ctl->args->words[1];
    char token[GOXEL_TOKEN_TEXT], hash[GOXEL_TOKEN_HASH_TEXT];
    char line[GOXEL_TOKEN_NAME_MAX + GOXEL_TOKEN_HASH_TEXT + 16];
    struct goxel_detail detail;
    int code;

    goxel_detail_init(&detail);
    code = check(name, level, &detail);
    if (!code)
        code = goxel_token_make(token, hash, &detail);
    if (code)
        return ctl_say(code, &detail);
    (void)snprintf(line, sizeof(line), "%s %s %s", name, level, hash);
    code = print(ctl->args, token, line);
    return code ? ctl_say(code, NULL) : CTL_DONE;
}
