/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row an option; what reads them and the help are made from it. */
#include "daemon/command.h"

#include <string.h>

#include "base/error.h"

/* What an option does, apart from ending the run with an action. */
enum effect { SET_ACTION, SET_CONFIG, OVERRIDE, TEST_MODE };

/* clang-format off */
static const struct row {
    struct goxel_flag flag;
    enum effect effect;
    enum goxel_command_action action;
    enum goxel_option option;
    const char *text; /* the value, for an override without an argument */
} rows[] = {
    {{'h', "--help",            NULL,           "show this help"},                              SET_ACTION, GOXEL_COMMAND_HELP, 0, NULL},
    {{'v', "--version",         NULL,           "show the version"},                            SET_ACTION, GOXEL_COMMAND_VERSION, 0, NULL},
    {{'c', "--config",          "FILE",         "read this configuration (none without it)"},   SET_CONFIG, 0, 0, NULL},
    {{0,   "--check-config",    NULL,           "check the configuration and leave"},           SET_ACTION, GOXEL_COMMAND_CHECK_CONFIG, 0, NULL},
    {{0,   "--print-config",    NULL,           "print the configuration in effect and leave"}, SET_ACTION, GOXEL_COMMAND_PRINT_CONFIG, 0, NULL},
    {{0,   "--status",          NULL,           "tell whether the daemon runs: 0, 1 or 3"},     SET_ACTION, GOXEL_COMMAND_STATUS, 0, NULL},
    {{0,   "--stop",            NULL,           "stop the daemon and wait until it is gone"},   SET_ACTION, GOXEL_COMMAND_STOP, 0, NULL},
    {{0,   "--reload",          NULL,           "reload its configuration, print the report"},  SET_ACTION, GOXEL_COMMAND_RELOAD, 0, NULL},
    {{'f', "--foreground",      NULL,           "stay in the foreground (the default)"},        OVERRIDE,   0, GOXEL_OPT_PROCESS_DAEMONIZE, "false"},
    {{'D', "--daemonize",       NULL,           "detach from the terminal once it serves"},     OVERRIDE,   0, GOXEL_OPT_PROCESS_DAEMONIZE, "true"},
    {{'V', "--verbose",         NULL,           "log at level debug"},                          OVERRIDE,   0, GOXEL_OPT_LOGGING_LEVEL, "debug"},
    {{0,   "--listen",          "ADDRESS:PORT", "listen there (may be repeated)"},              OVERRIDE,   0, GOXEL_OPT_SOCKETS_TCP_LISTEN, NULL},
    {{'s', "--socket",          "PATH",         "the Unix socket"},                             OVERRIDE,   0, GOXEL_OPT_SOCKETS_UNIX_PATH, NULL},
    {{'P', "--protocol",        "PROTOCOL",     "spoken there: auto, http, jsonrpc (or mcp)"},  OVERRIDE,   0, GOXEL_OPT_SOCKETS_UNIX_PROTOCOL, NULL},
    {{'p', "--pid-file",        "PATH",         "the PID file"},                                OVERRIDE,   0, GOXEL_OPT_PROCESS_PID_FILE, NULL},
    {{'l', "--log-file",        "PATH",         "log to this file"},                            OVERRIDE,   0, GOXEL_OPT_LOGGING_FILE, NULL},
    {{'w', "--working-dir",     "DIR",          "the working directory when daemonized"},       OVERRIDE,   0, GOXEL_OPT_PROCESS_WORKING_DIRECTORY, NULL},
    {{'u', "--user",            "USER",         "the user to become"},                          OVERRIDE,   0, GOXEL_OPT_PROCESS_USER, NULL},
    {{'g', "--group",           "GROUP",        "the group to become"},                         OVERRIDE,   0, GOXEL_OPT_PROCESS_GROUP, NULL},
    {{'j', "--workers",         "N",            "worker threads"},                              OVERRIDE,   0, GOXEL_OPT_WORKERS_COUNT, NULL},
    {{'q', "--queue-size",      "N",            "requests that may wait"},                      OVERRIDE,   0, GOXEL_OPT_WORKERS_QUEUE_SIZE, NULL},
    {{'m', "--max-connections", "N",            "connections that may be open"},                OVERRIDE,   0, GOXEL_OPT_PERFORMANCE_MAX_CONNECTIONS, NULL},
    {{0,   "--test-mode",       NULL,           "never daemonize, never change user or root"},  TEST_MODE,  0, 0, NULL},
};
/* clang-format on */
#define ROWS (sizeof(rows) / sizeof(rows[0]))

const struct goxel_flags goxel_command_flags = {rows, ROWS, sizeof(rows[0]), "--help"};

/* What an argument is called otherwise. */
static const struct {
    enum goxel_option option;
    const char *alias, *text;
} aliases[] = {
    {GOXEL_OPT_SOCKETS_UNIX_PROTOCOL, "mcp", "jsonrpc"},
};

static int add_override(struct goxel_command *command, enum goxel_option option, const char *text,
                        const char *source, struct goxel_detail *detail)
{
    if (command->override_count == GOXEL_OVERRIDES_MAX)
        return goxel_fail_limit(detail, GOXEL_ERROR_USAGE, "options on the command line", GOXEL_OVERRIDES_MAX,
                                GOXEL_OVERRIDES_MAX + 1);
    command->overrides[command->override_count++] = (struct goxel_config_override){option, text, source};
    return 0;
}

static const char *argument_of(const struct row *row, const char *argument)
{
    for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
        if (row->option == aliases[i].option && !strcmp(argument, aliases[i].alias))
            return aliases[i].text;
    }
    return argument;
}

static bool only_tells(enum goxel_command_action action)
{
    return action == GOXEL_COMMAND_HELP || action == GOXEL_COMMAND_VERSION;
}

static const char *action_name(enum goxel_command_action action)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].effect == SET_ACTION && rows[i].action == action)
            return rows[i].flag.name;
    }
    return "";
}

static int set_action(struct goxel_command *command, const struct row *row, struct goxel_detail *detail)
{
    if (command->action == GOXEL_COMMAND_RUN || only_tells(row->action))
        command->action = row->action;
    else if (command->action != row->action && !only_tells(command->action))
        return goxel_fail(detail, GOXEL_ERROR_USAGE, "%s: not together with %s", row->flag.name,
                          action_name(command->action));
    return 0;
}

static int take(void *ctx, size_t at, const char *argument, struct goxel_detail *detail)
{
    struct goxel_command *command = ctx;
    const struct row *row = &rows[at];
    int code;

    switch (row->effect) {
    case SET_ACTION:
        return set_action(command, row, detail);
    case SET_CONFIG:
        command->config_path = argument;
        return 0;
    case OVERRIDE:
        code = add_override(command, row->option, row->text ? row->text : argument_of(row, argument),
                            row->flag.name, detail);
        /* A file that is named is a file that is meant. */
        if (!code && row->option == GOXEL_OPT_LOGGING_FILE)
            code = add_override(command, GOXEL_OPT_LOGGING_TARGET, "file", row->flag.name, detail);
        return code;
    case TEST_MODE:
        command->test_mode = true;
        break;
    }
    return 0;
}

int goxel_command_parse(int argc, char **argv, struct goxel_detail *detail, struct goxel_command *ret_command)
{
    int next = 0, code;

    *ret_command = (struct goxel_command){.action = GOXEL_COMMAND_RUN};
    code = goxel_flags_read(&goxel_command_flags, argc, argv, take, ret_command, detail, &next);
    if (!code && next < argc)
        code = goxel_fail(detail, GOXEL_ERROR_USAGE, "%s: no arguments are expected; see --help", argv[next]);
    /* Last of all, so that it beats --daemonize. */
    if (!code && ret_command->test_mode)
        code = add_override(ret_command, GOXEL_OPT_PROCESS_DAEMONIZE, "false", "--test-mode", detail);
    return code;
}

bool goxel_command_overrides(const struct goxel_command *command, enum goxel_option option)
{
    for (size_t i = 0; i < command->override_count; i++) {
        if (command->overrides[i].option == option)
            return true;
    }
    return false;
}

bool goxel_command_option(size_t at, enum goxel_option *ret_option)
{
    if (at >= ROWS || rows[at].effect != OVERRIDE)
        return false;
    *ret_option = rows[at].option;
    return true;
}

/* clang-format off */
const struct goxel_term goxel_command_signals[] = {
    {"TERM, INT", "stop: accept nothing new, answer what was accepted, keep the projects; a second one does not wait"},
    {"HUP", "reload the configuration, open the log anew"},
    {"USR1", "write the statistics to the log"},
    {"USR2", "switch the log between debug and its configured level"},
    {NULL, NULL},
};

const struct goxel_term goxel_command_variables[] = {
    {"LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES", "sockets that are handed over, see sd_listen_fds(3)"},
    {"NOTIFY_SOCKET", "where to tell that it serves, reloads or stops, see sd_notify(3)"},
    {"WATCHDOG_USEC, WATCHDOG_PID", "how often to tell that it is alive, see sd_watchdog_enabled(3)"},
    {"JOURNAL_STREAM", "standard error is the journal: lines of the log then begin with their priority"},
    {"PATH", "where it finds itself again for a restart in place, if it was started without a folder"},
    {NULL, NULL},
};
/* clang-format on */

void goxel_command_help(FILE *out)
{
    fputs("Usage: goxel-daemon [OPTION]...\n"
          "Goxel, the voxel editor, as a network service.\n\n",
          out);
    for (size_t i = 0; i < ROWS; i++)
        goxel_flag_help(&rows[i].flag, out);
    fputs("\nAn option here beats the file.\n\nSignals:\n", out);
    goxel_terms_help(goxel_command_signals, out);
    fputs(
        "\nExit status: 0 after a stop, otherwise that of the error that it tells; goxel-daemon(8) lists them.\n",
        out);
}
