/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a shell offers behind a program's name: a script for bash and one for zsh, made of the program's flags.
 *
 * Used by: ctl, convert, daemon.  Uses: base/buf, base/flags.
 *
 * A script is a function that tells words, options and their values apart, and offers options and values. What an argument is called
 * says what it can be: FILE, PATH, DIR, USER, GROUP, or words of the program. What is offered for a word that is no option is the
 * program's own business, in lines of its own. No state: thread-safe.
 */
#ifndef GOXEL_BASE_COMPLETION_H
#define GOXEL_BASE_COMPLETION_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/flags.h"

enum goxel_shell { GOXEL_SHELL_BASH, GOXEL_SHELL_ZSH, GOXEL_SHELLS };

/* Life: the caller's. In the lines of a shell _PROGRAM stands for the name of the script's function. */
struct goxel_completion {
    const char *program; /* "goxel-convert" */
    const char *tables;  /* what it is made from, for people: "options and formats" */
    const struct goxel_flags *flags;
    bool (*some)(size_t at); /* is the flag for some commands alone, and not in `options`? NULL: none is */
    /* Appends the words that the flag's argument may be, each behind a space; nothing: see above. NULL: of no flag. */
    void (*put_words)(const struct goxel_flag *flag, struct goxel_buf *out);
    /* Appends lines of the program's own: variables of the function; functions. NULL: none. */
    void (*put_variables)(const void *ctx, enum goxel_shell shell, struct goxel_buf *out);
    const void *ctx;
    void (*put_functions)(enum goxel_shell shell, struct goxel_buf *out);
    /*
     * Lines for what is left to be said once `plain` has the words before this one that are no options: `before` options are offered,
     * which adds to `own`; and for a word that is none, `cur` in bash. NULL: nothing.
     */
    const char *before[GOXEL_SHELLS];
    const char *plain[GOXEL_SHELLS];
};

void goxel_completion_write(const struct goxel_completion *completion, enum goxel_shell shell,
                            struct goxel_buf *out);

/* A word as a list of that shell has it: in bash alone, in zsh with what is to be said of it. */
void goxel_completion_word(enum goxel_shell shell, const char *word, size_t len, const char *help,
                           struct goxel_buf *out);
/* " -x --name" of a flag, as words. */
void goxel_completion_flag(enum goxel_shell shell, const struct goxel_flag *flag, struct goxel_buf *out);
/* Around the words of a list that is a variable's value. */
const char *goxel_completion_begin(enum goxel_shell shell);
const char *goxel_completion_end(enum goxel_shell shell);

#endif
