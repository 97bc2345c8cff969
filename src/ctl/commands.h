/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The commands of goxelctl, and what their handlers get and give.
 *
 * Used by: ctl alone.  Uses: ctl/client.h.
 *
 * A new command is a row in commands.c and a handler, which asks the daemon (ctl/reply) and prints (ctl/print).
 */
#ifndef GOXEL_CTL_COMMANDS_H
#define GOXEL_CTL_COMMANDS_H

#include <stddef.h>

/* Exit statuses, the same for all commands; scripts rely on them. */
enum ctl_exit {
    CTL_DONE = 0,
    CTL_REFUSED = 1,   /* the daemon answered with an error; offline: it runs, or no such project */
    CTL_USAGE = 2,     /* wrong command line */
    CTL_NOBODY = 3,    /* no usable answer: nobody there, too late, or not from a goxel-daemon */
    CTL_UNHEALTHY = 4, /* health: it is not; check, repair: something is damaged */
    CTL_FAILED = 5,    /* something failed on this side: memory, a file, the output */
};

struct ctl_args;
struct ctl_client;

/* What one run of a command has. Life: main's, all of it. */
struct ctl {
    const struct ctl_args *args;
    struct ctl_client *client; /* NULL for a command that is offline */
};

/* Options that only some commands take; that the daemon ends by it; and that there is no daemon to be asked. */
enum ctl_takes {
    CTL_TAKES_NAME = 1,
    CTL_TAKES_INTERVAL = 2,
    CTL_TAKES_NO_WAIT = 4,
    CTL_TAKES_DIRECTORY = 8,
    CTL_TAKES_SAVE = 16,
    CTL_TAKES_EVENTS = 64,
    CTL_TAKES_REPLACE = 128,
    CTL_TAKES_OPTIONS = 256,
    CTL_ENDS = 512, /* the daemon that is meant, and no other */
    CTL_OFFLINE = 32
};

struct ctl_command {
    const char *name;      /* one word or two */
    const char *arguments; /* as the help shows them */
    int least, most;       /* how many */
    unsigned takes;        /* enum ctl_takes */
    const char *help;      /* one line */
    const char *more;      /* what else there is to know, lines; NULL: nothing */
    enum ctl_exit (*run)(struct ctl *ctl);
};

extern const struct ctl_command ctl_commands[]; /* in the order of the help, ended by a row without a name */

typedef enum ctl_exit ctl_run(struct ctl *ctl);
/* clang-format off */
ctl_run ctl_status, ctl_health, ctl_stats, ctl_state;                    /* ctl/look.c */
ctl_run ctl_reload, ctl_stop, ctl_restart, ctl_log_level;                /* ctl/change.c */
ctl_run ctl_call, ctl_methods;                                           /* ctl/call.c */
ctl_run ctl_project_list, ctl_project_info, ctl_project_undo, ctl_project_redo; /* ctl/project.c */
ctl_run ctl_project_import, ctl_project_export;                          /* ctl/transfer.c */
ctl_run ctl_project_backup, ctl_project_restore, ctl_project_close, ctl_project_delete;               /* the same */
ctl_run ctl_check, ctl_repair, ctl_dump;                                 /* ctl/offline.c */
ctl_run ctl_token;                                                       /* ctl/token.c */
ctl_run ctl_watch;                                                       /* ctl/watch.c */
ctl_run ctl_top;                                                         /* ctl/top.c */
/* clang-format on */

#endif
