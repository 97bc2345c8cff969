/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A script is a function that knows how words and options are told apart, and in front of it what the tables say: which
 * commands there are, what they take, and what an argument is called, from which follows what it can be.
 */
#include "ctl/completion.h"

#include <string.h>

#include "base/log.h"
#include "ctl/args.h"

/* clang-format off */
static const char bash_head[] =
    "# SPDX-License-Identifier: GPL-3.0-or-later\n"
    "# shellcheck shell=bash\n"
    "# Completion of goxelctl for bash, made by `make completion` from the tables of commands, options and methods.\n"
    "_goxelctl()\n"
    "{\n";

static const char bash_body[] =
    "    local cur=${COMP_WORDS[COMP_CWORD]} word value='' plain=() kinds kind arguments='' own='' used=1 i\n"
    "\n"
    "    # Words that are no options, and the option whose value is being typed. = is a word of its own.\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        word=${COMP_WORDS[i]}\n"
    "        if [[ -n $value && $word == '=' ]]; then\n"
    "            continue\n"
    "        elif [[ -n $value ]]; then\n"
    "            value=''\n"
    "        elif [[ $word == -* ]]; then\n"
    "            [[ $valued == *\" $word \"* ]] && value=$word\n"
    "        else\n"
    "            plain+=(\"$word\")\n"
    "        fi\n"
    "    done\n"
    "    COMPREPLY=()\n"
    "    [[ -n $value && $cur == '=' ]] && cur=''\n"
    "    if [[ $files == *\" $value \"* ]]; then\n"
    "        compopt -o filenames 2> /dev/null\n"
    "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
    "    fi\n"
    "    [[ -n $value ]] && return\n"
    "\n"
    "    [[ ${plain[0]-} == help ]] && plain=(\"${plain[@]:1}\")\n"
    "    [[ -n ${plain[0]-} && $families == *\" ${plain[0]} \"* ]] && used=2\n"
    "    _goxelctl_command \"${plain[*]:0:used}\"\n"
    "    if [[ $cur == -* ]]; then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$options $own\" -- \"$cur\")\n"
    "        return\n"
    "    fi\n"
    "    if ((${#plain[@]} < used)); then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$(_goxelctl_words \"${plain[0]-}\")\" -- \"$cur\")\n"
    "        return\n"
    "    fi\n"
    "    read -ra kinds <<< \"$arguments\"\n"
    "    kind=${kinds[${#plain[@]} - used]-}\n"
    "    case $kind in\n"
    "    *METHOD*) mapfile -t COMPREPLY < <(compgen -W \"$methods\" -- \"$cur\") ;;\n"
    "    *LEVEL*) mapfile -t COMPREPLY < <(compgen -W \"$levels\" -- \"$cur\") ;;\n"
    "    *FILE*)\n"
    "        compopt -o filenames 2> /dev/null\n"
    "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
    "        ;;\n"
    "    esac\n"
    "}\n";

static const char zsh_head[] =
    "#compdef goxelctl\n"
    "# SPDX-License-Identifier: GPL-3.0-or-later\n"
    "# Completion of goxelctl for zsh, made by `make completion` from the tables of commands, options and methods.\n"
    "_goxelctl()\n"
    "{\n"
    "    local word value='' arguments=''\n"
    "    local -i i used=1\n"
    "    local -a plain kinds commands options own\n";

/* Here = is no word of its own. */
static const char zsh_body[] =
    "\n"
    "    # Words that are no options, and the option whose value is being typed.\n"
    "    for ((i = 2; i < CURRENT; i++)); do\n"
    "        word=${words[i]}\n"
    "        if [[ -n $value ]]; then\n"
    "            value=''\n"
    "        elif [[ $word == -* ]]; then\n"
    "            [[ $valued == *\" $word \"* ]] && value=$word\n"
    "        else\n"
    "            plain+=(\"$word\")\n"
    "        fi\n"
    "    done\n"
    "    if [[ -z $value && ${words[CURRENT]} == --*=* ]]; then\n"
    "        value=${words[CURRENT]%%=*}\n"
    "        compset -P '*='\n"
    "    fi\n"
    "    if [[ -n $value ]]; then\n"
    "        [[ $files == *\" $value \"* ]] && _files\n"
    "        return\n"
    "    fi\n"
    "\n"
    "    [[ ${plain[1]-} == help ]] && shift plain\n"
    "    [[ -n ${plain[1]-} && $families == *\" ${plain[1]} \"* ]] && used=2\n"
    "    _goxelctl_command \"${(j: :)plain[1,used]}\"\n"
    "    if [[ ${words[CURRENT]} == -* ]]; then\n"
    "        options+=($own)\n"
    "        _describe -o option options\n"
    "        return\n"
    "    fi\n"
    "    if (($#plain < used)); then\n"
    "        _goxelctl_words \"${plain[1]-}\"\n"
    "        _describe command commands\n"
    "        return\n"
    "    fi\n"
    "    kinds=(${=arguments})\n"
    "    case ${kinds[$#plain - used + 1]-} in\n"
    "    *METHOD*) compadd -- ${=methods} ;;\n"
    "    *LEVEL*) compadd -- ${=levels} ;;\n"
    "    *FILE*) _files ;;\n"
    "    esac\n"
    "}\n";
/* clang-format on */

/* ---- options ---- */

static bool is_file(const struct goxel_flag *flag)
{
    return flag->argument && (!strcmp(flag->argument, "FILE") || !strcmp(flag->argument, "PATH") ||
                              !strcmp(flag->argument, "DIR"));
}

static void put_flag(const struct goxel_flag *flag, struct goxel_buf *out)
{
    if (flag->letter)
        goxel_buf_printf(out, " -%c", flag->letter);
    goxel_buf_printf(out, " %s", flag->name);
}

static bool is_valued(const struct goxel_flag *flag)
{
    return flag->argument != NULL;
}

static void put_flags(const char *variable, bool (*wanted)(const struct goxel_flag *flag),
                      struct goxel_buf *out)
{
    const struct goxel_flag *flag;
    unsigned takes;

    goxel_buf_printf(out, "    local %s='", variable);
    for (size_t i = 0; (flag = ctl_args_option(i, &takes)); i++) {
        if (wanted(flag))
            put_flag(flag, out);
    }
    goxel_buf_puts(out, " '\n");
}

/* Those of every command (0), or those that a command takes besides. */
static void put_options(unsigned wanted, struct goxel_buf *out)
{
    const struct goxel_flag *flag;
    unsigned takes;

    for (size_t i = 0; (flag = ctl_args_option(i, &takes)); i++) {
        if (wanted ? (takes & wanted) != 0 : !takes)
            put_flag(flag, out);
    }
}

/* ---- commands ---- */

/* The first row of those that begin with the same word: how long that is, and whether there are two words. */
static bool begins_word(const struct ctl_command *row, size_t *ret_len, bool *ret_family)
{
    *ret_len = strcspn(row->name, " ");
    *ret_family = row->name[*ret_len] == ' ';
    return row == ctl_commands || strncmp(row[-1].name, row->name, *ret_len + 1) != 0;
}

static void put_first_words(bool families, struct goxel_buf *out)
{
    bool family;
    size_t len;

    for (const struct ctl_command *row = ctl_commands; row->name; row++) {
        if (begins_word(row, &len, &family) && (family || !families))
            goxel_buf_printf(out, " %.*s", (int)len, row->name);
    }
}

/* _goxelctl_words FIRST: what may stand behind it; with "", the first words. */
static void put_words_function(struct goxel_buf *out)
{
    goxel_buf_puts(out, "_goxelctl_words()\n{\n    case $1 in\n");
    for (const struct ctl_command *row = ctl_commands; row->name; row++) {
        bool family;
        size_t len;

        if (!begins_word(row, &len, &family) || !family)
            continue;
        goxel_buf_printf(out, "    %.*s) echo", (int)len, row->name);
        for (const struct ctl_command *of = row; of->name && !strncmp(of->name, row->name, len + 1); of++)
            goxel_buf_printf(out, " %s", of->name + len + 1);
        goxel_buf_puts(out, " ;;\n");
    }
    goxel_buf_puts(out, "    *) echo help");
    put_first_words(false, out);
    goxel_buf_puts(out, " ;;\n    esac\n}\n\n");
}

/* _goxelctl_command NAME: its arguments and own options, in variables of the caller. */
static void put_command_function(struct goxel_buf *out)
{
    goxel_buf_puts(out, "_goxelctl_command()\n{\n    case $1 in\n");
    for (const struct ctl_command *row = ctl_commands; row->name; row++) {
        if (!row->arguments[0] && !row->takes)
            continue;
        goxel_buf_printf(out, "    '%s') arguments='%s' own='", row->name, row->arguments);
        if (row->takes)
            put_options(row->takes, out);
        goxel_buf_puts(out, "' ;;\n");
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

/* ---- zsh: every word with what the help says of it ---- */

static void put_described(const char *word, size_t len, const char *help, struct goxel_buf *out)
{
    goxel_buf_printf(out, " '%.*s:", (int)len, word);
    for (; *help; help++) {
        if (*help == '\'')
            goxel_buf_puts(out, "'\\'");
        goxel_buf_putc(out, *help);
    }
    goxel_buf_putc(out, '\'');
}

static void put_described_options(unsigned wanted, struct goxel_buf *out)
{
    const struct goxel_flag *flag;
    unsigned takes;

    for (size_t i = 0; (flag = ctl_args_option(i, &takes)); i++) {
        char letter[3] = {'-', flag->letter, '\0'};

        if (wanted ? !(takes & wanted) : takes != 0)
            continue;
        if (flag->letter)
            put_described(letter, 2, flag->help, out);
        put_described(flag->name, strlen(flag->name), flag->help, out);
    }
}

/* _goxelctl_words FIRST: what may stand behind it, in the caller's `commands`; with "", the first words. */
static void put_zsh_words_function(struct goxel_buf *out)
{
    bool family;
    size_t len;

    goxel_buf_puts(out, "_goxelctl_words()\n{\n    case $1 in\n");
    for (const struct ctl_command *row = ctl_commands; row->name; row++) {
        if (!begins_word(row, &len, &family) || !family)
            continue;
        goxel_buf_printf(out, "    %.*s) commands=(", (int)len, row->name);
        for (const struct ctl_command *of = row; of->name && !strncmp(of->name, row->name, len + 1); of++)
            put_described(of->name + len + 1, strlen(of->name + len + 1), of->help, out);
        goxel_buf_puts(out, ") ;;\n");
    }
    goxel_buf_puts(out, "    *) commands=('help:tell more of a command'");
    for (const struct ctl_command *row = ctl_commands; row->name; row++) {
        if (begins_word(row, &len, &family))
            put_described(row->name, len, family ? "several commands" : row->help, out);
    }
    goxel_buf_puts(out, ") ;;\n    esac\n}\n\n");
}

static void put_zsh_command_function(struct goxel_buf *out)
{
    goxel_buf_puts(out, "_goxelctl_command()\n{\n    case $1 in\n");
    for (const struct ctl_command *row = ctl_commands; row->name; row++) {
        if (!row->arguments[0] && !row->takes)
            continue;
        goxel_buf_printf(out, "    '%s') arguments='%s' own=(", row->name, row->arguments);
        if (row->takes)
            put_described_options(row->takes, out);
        goxel_buf_puts(out, ") ;;\n");
    }
    goxel_buf_puts(out, "    esac\n}\n\n");
}

/* ---- the scripts ---- */

/* What both shells have as texts of words. */
static void put_lists(const char *page, struct goxel_buf *out)
{
    put_flags("valued", is_valued, out);
    put_flags("files", is_file, out);
    goxel_buf_puts(out, "    local families='");
    put_first_words(true, out);
    goxel_buf_puts(out, " '\n");
    put_methods(page, out);
    put_levels(out);
}

void ctl_completion_bash(const char *page, struct goxel_buf *out)
{
    goxel_buf_puts(out, bash_head);
    goxel_buf_puts(out, "    local options='");
    put_options(0, out);
    goxel_buf_puts(out, "'\n");
    put_lists(page, out);
    goxel_buf_puts(out, bash_body);
    goxel_buf_putc(out, '\n');
    put_words_function(out);
    put_command_function(out);
    goxel_buf_puts(out, "complete -F _goxelctl goxelctl\n");
}

void ctl_completion_zsh(const char *page, struct goxel_buf *out)
{
    goxel_buf_puts(out, zsh_head);
    put_lists(page, out);
    goxel_buf_puts(out, "    options=(");
    put_described_options(0, out);
    goxel_buf_puts(out, ")\n");
    goxel_buf_puts(out, zsh_body);
    goxel_buf_putc(out, '\n');
    put_zsh_words_function(out);
    put_zsh_command_function(out);
    goxel_buf_puts(out, "_goxelctl \"$@\"\n");
}
