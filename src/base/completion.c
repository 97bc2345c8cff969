/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines that every script has are texts here, one for each shell; between them stands what the tables say. */
#include "base/completion.h"

#include <string.h>

#define FUNCTION_MAX 64

/* clang-format off */
static const char *const heads[GOXEL_SHELLS] = {
    [GOXEL_SHELL_BASH] = "# SPDX-License-Identifier: GPL-3.0-or-later\n# shellcheck shell=bash disable=SC2119,SC2120\n",
    [GOXEL_SHELL_ZSH] = "# SPDX-License-Identifier: GPL-3.0-or-later\n",
};

/* In a loop over the words of a line, in both shells: those that are no options, and the option whose value comes next. */
#define SORT_WORD \
    "        if [[ -n $value ]]; then\n" \
    "            value=''\n" \
    "        elif [[ $word == -?* ]]; then\n" \
    "            [[ $valued == *\" $word \"* ]] && value=$word\n" \
    "        else\n" \
    "            plain+=(\"$word\")\n" \
    "        fi\n"

/*
 * bash has = as a word of its own: words are put together as they were typed, and of what is offered only what follows the last = goes into
 * the line.
 */
static const char *const scans[GOXEL_SHELLS] = {
    [GOXEL_SHELL_BASH] =
    "    local cur='' raw=${COMP_WORDS[COMP_CWORD]} word value='' own='' typed=() plain=() i\n"
    "\n"
    "    # Words as they were typed: here = is one of its own.\n"
    "    for ((i = 1; i <= COMP_CWORD; i++)); do\n"
    "        word=${COMP_WORDS[i]}\n"
    "        if ((${#typed[@]})) && [[ $word == '=' || ${COMP_WORDS[i - 1]} == '=' ]]; then\n"
    "            typed[-1]+=$word\n"
    "        else\n"
    "            typed+=(\"$word\")\n"
    "        fi\n"
    "    done\n"
    "    # Those that are no options, and the option whose value is being typed.\n"
    "    for ((i = 0; i < ${#typed[@]} - 1; i++)); do\n"
    "        word=${typed[i]}\n"
    SORT_WORD
    "    done\n"
    "    cur=${typed[-1]}\n"
    "    if [[ -z $value && $cur == --*=* ]]; then\n"
    "        value=${cur%%=*}\n"
    "        cur=${cur#*=}\n"
    "    fi\n"
    "    COMPREPLY=()\n"
    "    if [[ -n $value ]]; then\n"
    "        _PROGRAM_value \"$value\"\n"
    "        return\n"
    "    fi\n",
    [GOXEL_SHELL_ZSH] =
    "    local word value=''\n"
    "    local -i i\n"
    "    local -a plain own\n"
    "\n"
    "    # Words that are no options, and the option whose value is being typed.\n"
    "    for ((i = 2; i < CURRENT; i++)); do\n"
    "        word=${words[i]}\n"
    SORT_WORD
    "    done\n"
    "    if [[ -z $value && ${words[CURRENT]} == --*=* ]]; then\n"
    "        value=${words[CURRENT]%%=*}\n"
    "        compset -P 1 '*='\n"
    "    fi\n"
    "    if [[ -n $value ]]; then\n"
    "        _PROGRAM_value \"$value\"\n"
    "        return\n"
    "    fi\n",
};

static const char *const options[GOXEL_SHELLS] = {
    [GOXEL_SHELL_BASH] =
    "    if [[ $cur == -* ]]; then\n"
    "        _PROGRAM_words \"$options $own\"\n"
    "        return\n"
    "    fi\n",
    [GOXEL_SHELL_ZSH] =
    "    if [[ ${words[CURRENT]} == -* ]]; then\n"
    "        options+=($own)\n"
    "        _describe -o option options\n"
    "        return\n"
    "    fi\n",
};

/* What is offered, for words, files (of some extensions, or any if there are none of them), folders, users and groups. */
static const char *const helpers[GOXEL_SHELLS] = {
    [GOXEL_SHELL_BASH] =
    "# Of what begins like the word only what is not yet in the line goes there; bash may have cut it at =.\n"
    "_PROGRAM_settle()\n"
    "{\n"
    "    if [[ ${raw#=} == *\"$cur\" ]]; then\n"
    "        local begun=${raw#=}\n"
    "        COMPREPLY=(\"${COMPREPLY[@]/#/${begun%\"$cur\"}}\")\n"
    "    else\n"
    "        COMPREPLY=(\"${COMPREPLY[@]#\"${cur%\"${raw#=}\"}\"}\")\n"
    "    fi\n"
    "    if [[ ${COMPREPLY[*]-} == *= ]]; then compopt -o nospace 2> /dev/null; fi\n"
    "}\n"
    "# WORDS, or options of compgen\n"
    "_PROGRAM_words()\n"
    "{\n"
    "    mapfile -t COMPREPLY < <(compgen \"${@:2}\" -W \"$1\" -- \"$cur\")\n"
    "    _PROGRAM_settle\n"
    "}\n"
    "# [EXTENSIONS]: folders, and files with one of them; any file where there is nothing like that\n"
    "_PROGRAM_files()\n"
    "{\n"
    "    local file all=() extension\n"
    "    mapfile -t all < <(compgen -f -- \"$cur\")\n"
    "    [[ -z ${1-} ]] || mapfile -t COMPREPLY < <(compgen -d -- \"$cur\")\n"
    "    for file in \"${all[@]}\"; do\n"
    "        extension=${file##*.}\n"
    "        [[ \" ${1-} \" == *\" ${extension,,} \"* ]] && COMPREPLY+=(\"$file\")\n"
    "    done\n"
    "    ((${#COMPREPLY[@]})) || COMPREPLY=(\"${all[@]}\")\n"
    "    compopt -o filenames 2> /dev/null\n"
    "    _PROGRAM_settle\n"
    "}\n"
    "_PROGRAM_folders()\n"
    "{\n"
    "    compopt -o filenames 2> /dev/null\n"
    "    _PROGRAM_words '' -d\n"
    "}\n\n",
    [GOXEL_SHELL_ZSH] =
    "# Those that end in = go on.\n"
    "_PROGRAM_words()\n"
    "{\n"
    "    local -a offered=(${=1})\n"
    "    local -i failed=1\n"
    "    compadd -- ${offered:#*=} && failed=0\n"
    "    compadd -S '' -- ${(M)offered:#*=} && failed=0\n"
    "    return failed\n"
    "}\n"
    "_PROGRAM_files()\n"
    "{\n"
    "    if [[ -n ${1-} ]]; then _files -g \"(#i)*.(${1// /|})\"; else _files; fi\n"
    "}\n\n",
};

/* What an argument can be by its name. */
static const struct offer {
    const char *argument;
    const char *offers[GOXEL_SHELLS];
} offers[] = {
    {"FILE",  {"_PROGRAM_files", "_files"}},
    {"PATH",  {"_PROGRAM_files", "_files"}},
    {"DIR",   {"_PROGRAM_folders", "_files -/"}},
    {"USER",  {"_PROGRAM_words '' -u", "_users"}},
    {"GROUP", {"_PROGRAM_words '' -g", "_groups"}},
};
/* clang-format on */

/* ---- words ---- */

const char *goxel_completion_begin(enum goxel_shell shell)
{
    return shell == GOXEL_SHELL_BASH ? "'" : "(";
}

const char *goxel_completion_end(enum goxel_shell shell)
{
    return shell == GOXEL_SHELL_BASH ? "'" : ")";
}

void goxel_completion_word(enum goxel_shell shell, const char *word, size_t len, const char *help,
                           struct goxel_buf *out)
{
    if (shell == GOXEL_SHELL_BASH) {
        goxel_buf_printf(out, " %.*s", (int)len, word);
        return;
    }
    goxel_buf_printf(out, " '%.*s:", (int)len, word);
    for (; *help; help++) {
        if (*help == '\'')
            goxel_buf_puts(out, "'\\'");
        goxel_buf_putc(out, *help);
    }
    goxel_buf_putc(out, '\'');
}

void goxel_completion_flag(enum goxel_shell shell, const struct goxel_flag *flag, struct goxel_buf *out)
{
    char letter[3] = {'-', flag->letter, '\0'};

    if (flag->letter)
        goxel_completion_word(shell, letter, 2, flag->help, out);
    goxel_completion_word(shell, flag->name, strlen(flag->name), flag->help, out);
}

/* ---- the script ---- */

/* "_goxel_convert" */
static void function_of(const char *program, char ret_name[FUNCTION_MAX])
{
    snprintf(ret_name, FUNCTION_MAX, "_%s", program);
    for (char *at = ret_name; *at; at++)
        *at = *at == '-' ? '_' : *at;
}

static void put_lines(const char *lines, const char *function, struct goxel_buf *out)
{
    static const char placeholder[] = "_PROGRAM";
    const char *found;

    for (; lines && (found = strstr(lines, placeholder)); lines = found + strlen(placeholder)) {
        goxel_buf_append(out, lines, (size_t)(found - lines));
        goxel_buf_puts(out, function);
    }
    if (lines)
        goxel_buf_puts(out, lines);
}

static void put_options(const struct goxel_completion *completion, enum goxel_shell shell,
                        struct goxel_buf *out)
{
    goxel_buf_printf(out, "    local %soptions=%s", shell == GOXEL_SHELL_BASH ? "" : "-a ",
                     goxel_completion_begin(shell));
    for (size_t i = 0; i < completion->flags->count; i++) {
        if (!completion->some || !completion->some(i))
            goxel_completion_flag(shell, goxel_flag_at(completion->flags, i), out);
    }
    goxel_buf_printf(out, "%s\n", goxel_completion_end(shell));
}

static void put_valued(const struct goxel_completion *completion, struct goxel_buf *out)
{
    goxel_buf_puts(out, "    local valued='");
    for (size_t i = 0; i < completion->flags->count; i++) {
        const struct goxel_flag *flag = goxel_flag_at(completion->flags, i);

        if (flag->argument)
            goxel_completion_flag(GOXEL_SHELL_BASH, flag, out);
    }
    goxel_buf_puts(out, " '\n");
}

/* Appends what offers the flag's values; nothing if there is nothing to offer. */
static void put_offer(const struct goxel_completion *completion, enum goxel_shell shell,
                      const struct goxel_flag *flag, const char *function, struct goxel_buf *out)
{
    struct goxel_buf words;

    goxel_buf_init(&words, out->ceiling);
    if (completion->put_words)
        completion->put_words(flag, &words);
    if (words.len)
        goxel_buf_printf(out, "%s_words '%s'", function, words.data + 1);
    for (size_t i = 0; i < sizeof(offers) / sizeof(offers[0]) && !words.len; i++) {
        if (!strcmp(offers[i].argument, flag->argument))
            put_lines(offers[i].offers[shell], function, out);
    }
    out->failed = out->failed ? out->failed : words.failed;
    goxel_buf_finish(&words);
}

/* FUNCTION_value OPTION: offers what it can be. */
static void put_values(const struct goxel_completion *completion, enum goxel_shell shell,
                       const char *function, struct goxel_buf *out)
{
    goxel_buf_printf(out, "%s_value()\n{\n    case $1 in\n", function);
    for (size_t i = 0; i < completion->flags->count; i++) {
        const struct goxel_flag *flag = goxel_flag_at(completion->flags, i);
        size_t before;

        if (!flag->argument)
            continue;
        goxel_buf_puts(out, "    ");
        if (flag->letter)
            goxel_buf_printf(out, "-%c | ", flag->letter);
        goxel_buf_printf(out, "%s) ", flag->name);
        before = out->len;
        put_offer(completion, shell, flag, function, out);
        goxel_buf_puts(out, out->len > before ? " ;;\n" : ";;\n");
    }
    goxel_buf_puts(out, "    esac\n}\n\n");
}

void goxel_completion_write(const struct goxel_completion *completion, enum goxel_shell shell,
                            struct goxel_buf *out)
{
    char function[FUNCTION_MAX];

    function_of(completion->program, function);
    if (shell == GOXEL_SHELL_ZSH)
        goxel_buf_printf(out, "#compdef %s\n", completion->program);
    goxel_buf_puts(out, heads[shell]);
    goxel_buf_printf(out, "# Completion of %s for %s, made by `make completion` from the tables of %s.\n",
                     completion->program, shell == GOXEL_SHELL_BASH ? "bash" : "zsh", completion->tables);
    goxel_buf_printf(out, "%s()\n{\n", function);
    put_options(completion, shell, out);
    put_valued(completion, out);
    if (completion->put_variables)
        completion->put_variables(completion->ctx, shell, out);
    put_lines(scans[shell], function, out);
    put_lines(completion->before[shell], function, out);
    put_lines(options[shell], function, out);
    put_lines(completion->plain[shell], function, out);
    goxel_buf_puts(out, "}\n\n");
    put_lines(helpers[shell], function, out);
    put_values(completion, shell, function, out);
    if (completion->put_functions)
        completion->put_functions(shell, out);
    if (shell == GOXEL_SHELL_BASH)
        goxel_buf_printf(out, "complete -F %s %s\n", function, completion->program);
    else
        goxel_buf_printf(out, "%s \"$@\"\n", function);
}
