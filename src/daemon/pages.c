/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/pages.h"

#include <string.h>

#include "base/completion.h"
#include "base/error.h"
#include "base/manual.h"
#include "config/table.h"
#include "daemon/command.h"

/* ---- the manual page ---- */

static void put_options(struct goxel_buf *out)
{
    for (size_t i = 0; i < goxel_command_flags.count; i++) {
        enum goxel_option option;

        goxel_manual_flag(goxel_flag_at(&goxel_command_flags, i), out);
        if (goxel_command_option(i, &option))
            goxel_buf_printf(out, "Sets\n.Va %s .\n", goxel_option_name(option));
    }
}

static void put_signals(struct goxel_buf *out)
{
    goxel_manual_terms("Dv", goxel_command_signals, out);
}

static void put_variables(struct goxel_buf *out)
{
    goxel_manual_terms("Ev", goxel_command_variables, out);
}

/* Those below EX__BASE of sysexits.h: they belong to one error each. */
#define STATUSES 64

static void put_statuses(struct goxel_buf *out)
{
    for (int status = 0; status < STATUSES; status++) {
        for (int code = 0; code > -GOXEL_ERROR_ROWS; code--) {
            if (goxel_error_exit(code) != status)
                continue;
            goxel_buf_printf(out, ".It %d\n", status);
            goxel_manual_sentence(goxel_error_text(code), out);
        }
    }
}

void goxel_daemon_manual(const char *prose, struct goxel_buf *out)
{
    static const struct goxel_manual_part parts[] = {
        {"options", put_options},
        {"signals", put_signals},
        {"variables", put_variables},
        {"statuses", put_statuses},
        {NULL, NULL},
    };

    goxel_manual_write(prose, parts, out);
}

/* ---- completion ---- */

/* An option that is one of several has them for words. */
static void put_words(const struct goxel_flag *flag, struct goxel_buf *out)
{
    for (size_t i = 0; i < goxel_command_flags.count; i++) {
        enum goxel_option option;

        if (goxel_flag_at(&goxel_command_flags, i) != flag || !goxel_command_option(i, &option) ||
            goxel_option_rows[option].kind != GOXEL_KIND_CHOICE)
            continue;
        goxel_buf_putc(out, ' ');
        for (const char *at = goxel_option_rows[option].choices; *at; at++)
            goxel_buf_putc(out, *at == '|' ? ' ' : *at);
    }
}

static const struct goxel_completion completion = {
    .program = "goxel-daemon",
    .tables = "options",
    .flags = &goxel_command_flags,
    .put_words = put_words,
};

void goxel_daemon_completion_bash(const char *input, struct goxel_buf *out)
{
    (void)input;
    goxel_completion_write(&completion, GOXEL_SHELL_BASH, out);
}

void goxel_daemon_completion_zsh(const char *input, struct goxel_buf *out)
{
    (void)input;
    goxel_completion_write(&completion, GOXEL_SHELL_ZSH, out);
}
