/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/manual.h"

#include <ctype.h>
#include <string.h>

#include "base/manual.h"
#include "ctl/args.h"

/* ---- options ---- */

static void put_options_of(unsigned wanted, struct goxel_buf *out)
{
    const struct goxel_flag *flag;
    unsigned takes;

    for (size_t i = 0; (flag = ctl_args_option(i, &takes)); i++) {
        if (wanted ? (takes & wanted) != 0 : !takes)
            goxel_manual_flag(flag, out);
    }
}

static void put_options(struct goxel_buf *out)
{
    put_options_of(0, out);
}

/* ---- commands ---- */

/* "METHOD", "[JSON]", "[NAME]...", "read|edit|admin" */
static void put_argument(const char *word, size_t len, struct goxel_buf *out)
{
    bool optional = *word == '[';
    const char *begin = word + optional, *end = optional ? memchr(begin, ']', len - 1) : word + len;

    goxel_buf_printf(out, " %s%s %.*s", optional ? "Op " : "", islower((unsigned char)*begin) ? "Cm" : "Ar",
                     (int)(end - begin), begin);
    if (optional && end[1] == '.')
        goxel_buf_puts(out, " ...");
}

static void put_command(const struct ctl_command *row, struct goxel_buf *out)
{
    goxel_buf_puts(out, ".It Ic ");
    for (const char *at = row->name; *at; at++)
        goxel_buf_puts(out, *at == '-' ? "\\-" : (char[]){*at, '\0'});
    for (const char *at = row->arguments; *at; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");

        put_argument(at, len, out);
        at += len;
    }
    goxel_buf_putc(out, '\n');
    goxel_manual_sentence(row->help, out);
    if (row->more)
        goxel_manual_sentence(row->more, out);
    if (row->takes & ~(unsigned)CTL_OFFLINE) {
        goxel_buf_puts(out, ".Bl -tag -width Ds\n");
        put_options_of(row->takes, out);
        goxel_buf_puts(out, ".El\n");
    }
}

static void put_commands(struct goxel_buf *out)
{
    for (const struct ctl_command *row = ctl_commands; row->name; row++)
        put_command(row, out);
}

/* ---- the page ---- */

static void put_variables(struct goxel_buf *out)
{
    goxel_manual_terms("Ev", ctl_variables, out);
}

static void put_statuses(struct goxel_buf *out)
{
    goxel_manual_terms("", ctl_statuses, out);
}

void ctl_manual(const char *prose, struct goxel_buf *out)
{
    static const struct goxel_manual_part parts[] = {
        {"options", put_options},
        {"commands", put_commands},
        {"variables", put_variables},
        {"statuses", put_statuses},
        {NULL, NULL},
    };

    goxel_manual_write(prose, parts, out);
}
