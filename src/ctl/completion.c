/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What goxelctl has beyond what every program's script does (base/completion.h): which commands there are, what they take, and what an
 * argument is called, from which follows what it can be.
 */
#include "ctl/completion.h"

#include <string.h>

#include "base/completion.h"
#include "base/log.h"
#include "ctl/args.h"

/* clang-format off */
static const char bash_before[] =
    "    [[ ${plain[0]-} == help ]] && plain=(\"${plain[@]:1}\")\n"
    "    local kinds kind arguments='' used=1\n"
    "    [[ -n ${plain[0]-} && $families == *\" ${plain[0]} \"* ]] && used=2\n"
    "    _PROGRAM_command \"${plain[*]:0:used}\"\n";

static const char bash_plain[] =
    "    if ((${#plain[@]} < used)); then\n"
    "        _PROGRAM_words \"$(_PROGRAM_seconds \"${plain[0]-}\")\"\n"
    "        return\n"
    "    fi\n"
    "    read -ra kinds <<< \"$arguments\"\n"
    "    kind=${kinds[${#plain[@]} - used]-}\n"
    "    case $kind in\n"
    "    *METHOD*) _PROGRAM_words \"$methods\" ;;\n"
    "    *LEVEL*) _PROGRAM_words \"$levels\" ;;\n"
    "    *FILE*) _PROGRAM_files ;;\n"
    "    esac\n";

static const char zsh_before[] =
    "    local arguments=''\n"
    "    local -i used=1\n"
    "    local -a kinds commands\n"
    "    [[ ${plain[1]-} == help ]] && shift plain\n"
    "    [[ -n ${plain[1]-} && $families == *\" ${plain[1]} \"* ]] && used=2\n"
    "    _PROGRAM_command \"${(j: :)plain[1,used]}\"\n";

static const char zsh_plain[] =
    "    if (($#plain < used)); then\n"
    "        _PROGRAM_seconds \"${plain[1]-}\"\n"
    "        _describe command commands\n"
    "        return\n"
    "    fi\n"
    "    kinds=(${=arguments})\n"
    "    case ${kinds[$#plain - used + 1]-} in\n"
    "    *METHOD*) _PROGRAM_words \"$methods\" ;;\n"
    "    *LEVEL*) _PROGRAM_words \"$levels\" ;;\n"
    "    *FILE*) _PROGRAM_files ;;\n"
    "    esac\n";
/* clang-format on */

static bool is_for_some(size_t at)
{
    unsigned takes = 0;

    (void)ctl_args_option(at, &takes);
    return takes != 0;
}

/* ---- commands ---- */

/* Around what _goxelctl_seconds gives. */
static const char *const words_begin[GOXEL_SHELLS] = {"echo", "commands=("};
static const char *const words_ends[GOXEL_SHELLS] = {"", ")"};

/* Options that a command takes besides those of all. */
static void put_own(enum goxel_shell shell, unsigned wanted, struct goxel_buf *out)
{
    const struct goxel_flag *flag;
    unsigned takes;

    goxel_buf_puts(out, goxel_completion_begin(shell));
    for (size_t i = 0; (flag = ctl_args_option(i, &takes)); i++) {
        if (takes & wanted)
            goxel_completion_flag(shell, flag, out);
    }
    goxel_buf_puts(out, goxel_completion_end(shell));
}

/* Do both rows begin with the same word, `len` long? */
static bool shares_word(const struct ctl_command *a, const struct ctl_command *b, size_t len)
{
    return strncmp(a->name, b->name, len + 1) == 0;
}

/* The first row of those that begin with the same word: how long that is, and whether there are two words. */
static bool begins_word(const struct ctl_command *row, size_t *ret_len, bool *ret_family)
{
    const struct ctl_command *first = ctl_commands;

    *ret_len = strcspn(row->name, " ");
    *ret_family = row->name[*ret_len] == ' ';
    while (!shares_word(first, row, *ret_len))
        first++;
    return first == row;
}

static void put_families(struct goxel_buf *out)
{
    bool family;
    size_t len;

    goxel_buf_puts(out, "    local families='");
    for (const struct ctl_command *row = ctl_commands; row->name; row++) {
        if (begins_word(row, &len, &family) && family)
            goxel_completion_word(GOXEL_SHELL_BASH, row->name, len, "", out);
    }
    goxel_buf_puts(out, " '\n");
}

static void put_second_words(enum goxel_shell shell, const struct ctl_command *row, size_t len,
                             struct goxel_buf *out)
{
    goxel_buf_printf(out, "    %.*s) %s", (int)len, row->name, words_begin[shell]);
    for (const struct ctl_command *of = row; of->name; of++) {
        if (shares_word(of, row, len))
            goxel_completion_word(shell, of->name + len + 1, strlen(of->name + len + 1), of->help, out);
    }
    goxel_buf_printf(out, "%s ;;\n", words_ends[shell]);
}

/* _goxelctl_seconds FIRST: what may stand behind it; with "", the first words. */
static void put_words_function(enum goxel_shell shell, struct goxel_buf *out)
{
    bool family;
    size_t len;

    goxel_buf_puts(out, "_goxelctl_seconds()\n{\n    case $1 in\n");
    for (const struct ctl_command *row = ctl_commands; row->name; row++) {
        if (begins_word(row, &len, &family) && family)
            put_second_words(shell, row, len, out);
    }
    goxel_buf_printf(out, "    *) %s", words_begin[shell]);
    goxel_completion_word(shell, "help", strlen("help"), "tell more of a command", out);
    for (const struct ctl_command *row = ctl_commands; row->name; row++) {
        if (begins_word(row, &len, &family))
            goxel_completion_word(shell, row->name, len, family ? "several commands" : row->help, out);
    }
    goxel_buf_printf(out, "%s ;;\n    esac\n}\n\n", words_ends[shell]);
}

/* _goxelctl_command NAME: its arguments and own options, in variables of the caller. */
static void put_command_function(enum goxel_shell shell, struct goxel_buf *out)
{
    goxel_buf_puts(out, "_goxelctl_command()\n{\n    case $1 in\n");
    for (const struct ctl_command *row = ctl_commands; row->name; row++) {
        if (!row->arguments[0] && !row->takes)
            continue;
        goxel_buf_printf(out, "    '%s') arguments='%s'", row->name, row->arguments);
        if (row->takes) {
            goxel_buf_puts(out, " own=");
            put_own(shell, row->takes, out);
        }
        goxel_buf_puts(out, " ;;\n");
    }
    goxel_buf_puts(out, "    esac\n}\n\n");
}

/* ---- methods and levels ---- */

static void put_methods(const char *page, struct goxel_buf *out)
{
    goxel_buf_puts(out, "    local methods='");
    for (const char *at = page; (at = strstr(at, "\n## ")); at += strlen("\n## "))
        goxel_buf_printf(out, " %.*s", (int)strcspn(at + 4, "\n"), at + 4);
    goxel_buf_puts(out, "'\n");
}

static void put_levels(struct goxel_buf *out)
{
    goxel_buf_puts(out, "    local levels='");
    for (int level = GOXEL_LOG_ERROR; level <= GOXEL_LOG_DEBUG; level++)
        goxel_buf_printf(out, " %s", goxel_log_level_name((enum goxel_log_level)level));
    goxel_buf_puts(out, "'\n");
}

/* ---- the scripts ---- */

static void put_variables(const void *page, enum goxel_shell shell, struct goxel_buf *out)
{
    (void)shell;
    put_families(out);
    put_methods(page, out);
    put_levels(out);
}

static void put_functions(enum goxel_shell shell, struct goxel_buf *out)
{
    put_words_function(shell, out);
    put_command_function(shell, out);
}

static void put_script(const char *page, enum goxel_shell shell, struct goxel_buf *out)
{
    const struct goxel_completion completion = {
        .program = "goxelctl",
        .tables = "commands, options and methods",
        .flags = &ctl_flags,
        .some = is_for_some,
        .put_variables = put_variables,
        .ctx = page,
        .put_functions = put_functions,
        .before = {bash_before, zsh_before},
        .plain = {bash_plain, zsh_plain},
    };

    goxel_completion_write(&completion, shell, out);
}

void ctl_completion_bash(const char *page, struct goxel_buf *out)
{
    put_script(page, GOXEL_SHELL_BASH, out);
}

void ctl_completion_zsh(const char *page, struct goxel_buf *out)
{
    put_script(page, GOXEL_SHELL_ZSH, out);
}
