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
    "{\n"
    "    local options\n";

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

/* ---- words, as a shell has them ---- */

static void put_plain(const char *word, size_t len, const char *help, struct goxel_buf *out)
{
    (void)help;
    goxel_buf_printf(out, " %.*s", (int)len, word);
}

/* With what the help says of it, in quotes. */
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

struct shell {
    void (*put_word)(const char *word, size_t len, const char *help, struct goxel_buf *out);
    const char *words, *words_end; /* around what _goxelctl_words gives */
    const char *list, *list_end;   /* around the value of `options` and `own` */
};
static const struct shell bash = {put_plain, "echo", "", "'", "'"};
static const struct shell zsh = {put_described, "commands=(", ")", "(", ")"};

/* ---- options ---- */

static bool is_file(const struct goxel_flag *flag)
{
    return flag->argument && (!strcmp(flag->argument, "FILE") || !strcmp(flag->argument, "PATH") ||
                              !strcmp(flag->argument, "DIR"));
}

static bool is_valued(const struct goxel_flag *flag)
{
    return flag->argument != NULL;
}

static void put_flag(const struct shell *shell, const struct goxel_flag *flag, struct goxel_buf *out)
{
    char letter[3] = {'-', flag->letter, '\0'};

    if (flag->letter)
        shell->put_word(letter, 2, flag->help, out);
    shell->put_word(flag->name, strlen(flag->name), flag->help, out);
}

static void put_flags(const char *variable, bool (*wanted)(const struct goxel_flag *flag),
                      struct goxel_buf *out)
{
    const struct goxel_flag *flag;
    unsigned takes;

    goxel_buf_printf(out, "    local %s='", variable);
    for (size_t i = 0; (flag = ctl_args_option(i, &takes)); i++) {
        if (wanted(flag))
            put_flag(&bash, flag, out);
    }
    goxel_buf_puts(out, " '\n");
}

/* Those of every command (0), or those that a command takes besides. */
static void put_options(const struct shell *shell, unsigned wanted, struct goxel_buf *out)
{
    const struct goxel_flag *flag;
    unsigned takes;

    goxel_buf_puts(out, shell->list);
    for (size_t i = 0; (flag = ctl_args_option(i, &takes)); i++) {
        if (wanted == 0 ? takes == 0 : (takes & wanted) != 0)
            put_flag(shell, flag, out);
    }
    goxel_buf_puts(out, shell->list_end);
}

/* ---- commands ---- */

/* The first row of those that begin with the same word: how long that is, and whether there are two words. */
static bool begins_word(const struct ctl_command *row, size_t *ret_len, bool *ret_family)
{
    *ret_len = strcspn(row->name, " ");
    *ret_family = row->name[*ret_len] == ' ';
    return row == ctl_commands || strncmp(row[-1].name, row->name, *ret_len + 1) != 0;
}

static void put_families(struct goxel_buf *out)
{
    bool family;
    size_t len;

    goxel_buf_puts(out, "    local families='");
    for (const struct ctl_command *row = ctl_commands; row->name; row++) {
        if (begins_word(row, &len, &family) && family)
            put_plain(row->name, len, "", out);
    }
    goxel_buf_puts(out, " '\n");
}

static void put_second_words(const struct shell *shell, const struct ctl_command *row, size_t len,
                             struct goxel_buf *out)
{
    goxel_buf_printf(out, "    %.*s) %s", (int)len, row->name, shell->words);
    for (const struct ctl_command *of = row; of->name && !strncmp(of->name, row->name, len + 1); of++)
        shell->put_word(of->name + len + 1, strlen(of->name + len + 1), of->help, out);
    goxel_buf_printf(out, "%s ;;\n", shell->words_end);
}

/* _goxelctl_words FIRST: what may stand behind it; with "", the first words. */
static void put_words_function(const struct shell *shell, struct goxel_buf *out)
{
    bool family;
    size_t len;

    goxel_buf_puts(out, "_goxelctl_words()\n{\n    case $1 in\n");
    for (const struct ctl_command *row = ctl_commands; row->name; row++) {
        if (begins_word(row, &len, &family) && family)
            put_second_words(shell, row, len, out);
    }
    goxel_buf_printf(out, "    *) %s", shell->words);
    shell->put_word("help", strlen("help"), "tell more of a command", out);
    for (const struct ctl_command *row = ctl_commands; row->name; row++) {
        if (begins_word(row, &len, &family))
            shell->put_word(row->name, len, family ? "several commands" : row->help, out);
    }
    goxel_buf_printf(out, "%s ;;\n    esac\n}\n\n", shell->words_end);
}

/* _goxelctl_command NAME: its arguments and own options, in variables of the caller. */
static void put_command_function(const struct shell *shell, struct goxel_buf *out)
{
    goxel_buf_puts(out, "_goxelctl_command()\n{\n    case $1 in\n");
    for (const struct ctl_command *row = ctl_commands; row->name; row++) {
        if (!row->arguments[0] && !row->takes)
            continue;
        goxel_buf_printf(out, "    '%s') arguments='%s'", row->name, row->arguments);
        if (row->takes) {
            goxel_buf_puts(out, " own=");
            put_options(shell, row->takes, out);
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

/* What the function of a shell says first, and the functions that it calls. */
static void put_script(const struct shell *shell, const char *page, const char *head, const char *body,
                       struct goxel_buf *out)
{
    goxel_buf_puts(out, head);
    goxel_buf_puts(out, "    options=");
    put_options(shell, 0, out);
    goxel_buf_putc(out, '\n');
    put_flags("valued", is_valued, out);
    put_flags("files", is_file, out);
    put_families(out);
    put_methods(page, out);
    put_levels(out);
    goxel_buf_puts(out, body);
    goxel_buf_putc(out, '\n');
    put_words_function(shell, out);
    put_command_function(shell, out);
}

void ctl_completion_bash(const char *page, struct goxel_buf *out)
{
    put_script(&bash, page, bash_head, bash_body, out);
    goxel_buf_puts(out, "complete -F _goxelctl goxelctl\n");
}

void ctl_completion_zsh(const char *page, struct goxel_buf *out)
{
    put_script(&zsh, page, zsh_head, zsh_body, out);
    goxel_buf_puts(out, "_goxelctl \"$@\"\n");
}
