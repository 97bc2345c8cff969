/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row a command; parsing, help and docs/goxelctl.md go by it. */
#include "ctl/commands.h"

#include <limits.h>
#include <stddef.h>

#define OFFLINE (CTL_OFFLINE | CTL_TAKES_DIRECTORY)

/* clang-format off */
const struct ctl_command ctl_commands[] = {
    {"status", "", 0, 0, 0, "what runs there, and how busy it is", NULL, ctl_status},
    {"health", "", 0, 0, 0, "the health checks; status 4 unless all is well", NULL, ctl_health},
    {"stats", "", 0, 0, 0, "the statistics, as Prometheus reads them", NULL, ctl_stats},
    {"state", "", 0, 0, 0, "the state of the lifecycle, and the last requests to change it", NULL, ctl_state},
    {"reload", "", 0, 0, 0, "load the configuration anew and tell what came of it",
     "Status 1 if the file is invalid; the daemon goes on as it was then.", ctl_reload},
    {"stop", "", 0, 0, CTL_TAKES_NO_WAIT | CTL_ENDS, "stop the daemon and wait for its end",
     "Its end is waited for over the Unix socket, up to --timeout; over --url the stop is asked for, no more.", ctl_stop},
    {"restart", "", 0, 0, CTL_TAKES_NO_WAIT | CTL_ENDS, "start the daemon anew in place and wait until it serves again",
     "Up to --timeout.", ctl_restart},
    {"log-level", "[LEVEL]", 0, 1, 0, "show how much is logged, or set it until the next reload",
     "LEVEL is error, warn, info or debug.", ctl_log_level},
    {"call", "METHOD [JSON]", 1, 2, 0, "call a method of JSON-RPC and print its result",
     "JSON is the parameters, an object or an array; with - they are read from standard input.\n"
     "`goxelctl methods` lists the methods.", ctl_call},
    {"methods", "[FAMILY|METHOD]", 0, 1, 0, "list the methods, or describe one", NULL, ctl_methods},
    {"project list", "", 0, 0, 0, "the projects: open, closed or damaged", NULL, ctl_project_list},
    {"project info", "NAME", 1, 1, 0, "describe a project", "NAME is a project's name or id.", ctl_project_info},
    {"project import", "FILE", 1, 1, CTL_TAKES_NAME | CTL_TAKES_REPLACE | CTL_TAKES_OPTIONS, "send a file to be a new project, and make it the current one",
     "Its ending tells the format. The name is that of --name, or the file's; a project that has it already is left\n"
     "alone, or with --replace gets the content of the file, which undo takes back. Options of formats are in goxel-convert(1).", ctl_project_import},
    {"project export", "NAME FILE", 2, 2, CTL_TAKES_OPTIONS, "fetch a project into a file, in the format of its ending",
     "FILE is complete, or as it was before. Options of formats are in goxel-convert(1); --option layers=1,roof and\n"
     "--option box=X,Y,Z,X,Y,Z choose a part of the project.", ctl_project_export},
    {"project undo", "NAME [STEPS]", 1, 2, 0, "take back the last steps of a project's history", NULL, ctl_project_undo},
    {"project redo", "NAME [STEPS]", 1, 2, 0, "do what was undone last again", NULL, ctl_project_redo},
    {"project backup", "NAME FILE", 2, 2, 0, "write a project, its history too, into one file",
     "The daemon writes it: FILE must lie below its storage.allowed_roots. Edits go on meanwhile.", ctl_project_backup},
    {"project restore", "FILE", 1, 1, CTL_TAKES_NAME, "add the project of a backup",
     "The daemon reads it: FILE must lie below its storage.allowed_roots. Without --name it has the name that it\n"
     "had, with a number if that is taken.", ctl_project_restore},
    {"project close", "NAME", 1, 1, CTL_TAKES_SAVE, "put a project in the background; naming it opens it again",
     "One with unsaved changes is refused without --save, which writes it to its file, or --discard, which undoes\n"
     "what was done since the last save.", ctl_project_close},
    {"project delete", "NAME", 1, 1, 0, "delete a project",
     "What its last checkpoint had is in the trash of storage.directory for seven days; docs/backup.md tells how\n"
     "to get it back.", ctl_project_delete},
    {"check", "[PROJECT]...", 0, INT_MAX, OFFLINE, "read all that a stopped daemon has kept, and tell what is damaged",
     "PROJECT is a name or an id; without one all are read. Nothing is changed. Status 4 if something is damaged,\n"
     "1 while a daemon runs on the folder.", ctl_check},
    {"repair", "[PROJECT]...", 0, INT_MAX, OFFLINE, "the same, and keep of what is damaged all that is good",
     "The damaged file stays beside the new one. What is whole is not changed. Status 4 if of a project nothing can\n"
     "be kept, 1 while a daemon runs on the folder.", ctl_repair},
    {"project check", "[NAME]...", 0, INT_MAX, OFFLINE, "the same as check", NULL, ctl_check},
    {"project repair", "[NAME]...", 0, INT_MAX, OFFLINE, "the same as repair", NULL, ctl_repair},
    {"dump", "PROJECT", 1, 1, OFFLINE, "a line of JSON for each row and each record of a project, whole or not",
     "{table, ...}; {table, error} where a table cannot be read.", ctl_dump},
    {"token", "NAME read|edit|admin", 2, 2, CTL_OFFLINE, "make a bearer token, and the line for security.tokens_file",
     "The first line is the token, for its bearer alone: it is printed this once, and kept nowhere. The second line goes into\n"
     "the file; `goxelctl reload` makes it count. NAME says whose it is.", ctl_token},
    {"watch", "[PROJECT]", 0, 1, CTL_TAKES_INTERVAL | CTL_TAKES_EVENTS, "print a line for each thing that happens, until interrupted",
     "PROJECT is a name or an id: of all that happens what becomes of it alone, unless --events says otherwise.\n"
     "While nobody answers it tries again every --interval seconds; what happened meanwhile comes then.", ctl_watch},
    {"top", "", 0, 0, CTL_TAKES_INTERVAL, "a screen of what it is doing; q leaves it",
     "Without a terminal one picture is printed, of one interval.", ctl_top},
    {.name = NULL},
};
/* clang-format on */
