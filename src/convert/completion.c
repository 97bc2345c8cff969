/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Formats by their names, their options with the values that these can have, and files by what can be read or written. */
#include "base/completion.h"

#include <string.h>

#include "convert/args.h"
#include "convert/pages.h"
#include "format/format.h"

/* clang-format off */
/* The first file is read; one behind it may be read, or be the output. */
static const char bash_plain[] =
    "    local extensions=$reads\n"
    "    ((${#plain[@]})) && [[ \" ${typed[*]} \" != *' --info '* ]] && extensions+=$writes\n"
    "    _PROGRAM_files \"$extensions\"\n";

static const char zsh_plain[] =
    "    local extensions=$reads\n"
    "    (($#plain)) && [[ \" $words \" != *' --info '* ]] && extensions+=$writes\n"
    "    _PROGRAM_files \"${extensions# }\"\n";
/* clang-format on */

/* ---- options of formats ---- */

static bool has_word(const struct goxel_buf *list, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = list->len ? list->data : ""; (at = strstr(at, word)); at += len) {
        if (at > list->data && at[-1] == ' ' && (at[len] == ' ' || !at[len]))
            return true;
    }
    return false;
}

/* Several formats have options of the same name. */
static void put_once(const char *name, const char *value, size_t len, struct goxel_buf *out)
{
    char word[128];

    snprintf(word, sizeof(word), "%s=%.*s", name, (int)len, value);
    if (!has_word(out, word))
        goxel_buf_printf(out, " %s", word);
}

/* "rle=true rle=false", "scale=" */
static void put_option(const struct goxel_format_option *option, struct goxel_buf *out)
{
    const char *values = option->kind == GOXEL_FORMAT_CHOICE ? option->choices
                         : option->kind == GOXEL_FORMAT_FLAG ? "true false"
                                                             : "";

    if (!*values)
        put_once(option->name, "", 0, out);
    for (const char *at = values; *at; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");

        put_once(option->name, at, len, out);
        at += len;
    }
}

static void put_options(enum goxel_format_use use, struct goxel_buf *out)
{
    for (const struct goxel_format *format = goxel_formats; format->name; format++) {
        for (const struct goxel_format_option *at = format->options; at && at->name; at++) {
            if (at->use & use)
                put_option(at, out);
        }
    }
}

/* ---- the script ---- */

static void put_words(const struct goxel_flag *flag, struct goxel_buf *out)
{
    bool writes = !strcmp(flag->name, "--to") || !strcmp(flag->name, "--option");
    enum goxel_format_use use = writes ? GOXEL_FORMAT_OUT : GOXEL_FORMAT_IN;

    if (!strcmp(flag->argument, "FORMAT"))
        goxel_format_list(use, true, out);
    else if (!strcmp(flag->argument, "NAME=VALUE"))
        put_options(use, out);
}

static void put_extensions(const char *variable, enum goxel_format_use use, struct goxel_buf *out)
{
    goxel_buf_printf(out, "    local %s='", variable);
    goxel_format_list(use, false, out);
    goxel_buf_puts(out, "'\n");
}

static void put_variables(const void *ctx, enum goxel_shell shell, struct goxel_buf *out)
{
    (void)ctx;
    (void)shell;
    put_extensions("reads", GOXEL_FORMAT_IN, out);
    put_extensions("writes", GOXEL_FORMAT_OUT, out);
}

static const struct goxel_completion completion = {
    .program = "goxel-convert",
    .tables = "options and formats",
    .flags = &convert_flags,
    .put_words = put_words,
    .put_variables = put_variables,
    .plain = {bash_plain, zsh_plain},
};

void convert_completion_bash(const char *input, struct goxel_buf *out)
{
    (void)input;
    goxel_completion_write(&completion, GOXEL_SHELL_BASH, out);
}

void convert_completion_zsh(const char *input, struct goxel_buf *out)
{
    (void)input;
    goxel_completion_write(&completion, GOXEL_SHELL_ZSH, out);
}
