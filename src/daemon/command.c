/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row an option; getopt_long's tables and the help are made from it. */
#include "daemon/command.h"

#include <getopt.h>
#include <string.h>

#include "base/error.h"

/* What an option does, apart from ending the run with an action. */
enum effect { SET_ACTION, SET_CONFIG, OVERRIDE, TEST_MODE };

/* clang-format off */
static const struct row {
    char letter; /* 0: none */
    const char *name;
    const char *argument; /* NULL: none */
    const char *help;
    enum effect effect;
    enum goxel_command_action action;
    enum goxel_option option;
    const char *text; /* the value, for an override without an argument */
} rows[] = {
    {'h', "--help",            NULL,           "show this help",                              SET_ACTION, GOXEL_COMMAND_HELP, 0, NULL},
    {'v', "--version",         NULL,           "show the version",                            SET_ACTION, GOXEL_COMMAND_VERSION, 0, NULL},
    {'c', "--config",          "FILE",         "read this configuration (none without it)",   SET_CONFIG, 0, 0, NULL},
    {0,   "--check-config",    NULL,           "check the configuration and leave",           SET_ACTION, GOXEL_COMMAND_CHECK_CONFIG, 0, NULL},
    {0,   "--print-config",    NULL,           "print the configuration in effect and leave", SET_ACTION, GOXEL_COMMAND_PRINT_CONFIG, 0, NULL},
    {0,   "--status",          NULL,           "tell whether the daemon runs: 0, 1 or 3",     SET_ACTION, GOXEL_COMMAND_STATUS, 0, NULL},
    {0,   "--stop",            NULL,           "stop the daemon and wait until it is gone",   SET_ACTION, GOXEL_COMMAND_STOP, 0, NULL},
    {0,   "--reload",          NULL,           "reload its configuration, print the report",  SET_ACTION, GOXEL_COMMAND_RELOAD, 0, NULL},
    {'f', "--foreground",      NULL,           "stay in the foreground (the default)",        OVERRIDE,   0, GOXEL_OPT_PROCESS_DAEMONIZE, "false"},
    {'D', "--daemonize",       NULL,           "detach from the terminal once it serves",     OVERRIDE,   0, GOXEL_OPT_PROCESS_DAEMONIZE, "true"},
    {'V', "--verbose",         NULL,           "log at level debug",                          OVERRIDE,   0, GOXEL_OPT_LOGGING_LEVEL, "debug"},
    {0,   "--listen",          "ADDRESS:PORT", "listen there (may be repeated)",              OVERRIDE,   0, GOXEL_OPT_SOCKETS_TCP_LISTEN, NULL},
    {'s', "--socket",          "PATH",         "the Unix socket",                             OVERRIDE,   0, GOXEL_OPT_SOCKETS_UNIX_PATH, NULL},
    {'P', "--protocol",        "NAME",         "spoken there: auto, http, jsonrpc (or mcp)",  OVERRIDE,   0, GOXEL_OPT_SOCKETS_UNIX_PROTOCOL, NULL},
    {'p', "--pid-file",        "PATH",         "the PID file",                                OVERRIDE,   0, GOXEL_OPT_PROCESS_PID_FILE, NULL},
    {'l', "--log-file",        "PATH",         "log to this file",                            OVERRIDE,   0, GOXEL_OPT_LOGGING_FILE, NULL},
    {'w', "--working-dir",     "PATH",         "the working directory when daemonized",       OVERRIDE,   0, GOXEL_OPT_PROCESS_WORKING_DIRECTORY, NULL},
    {'u', "--user",            "NAME",         "the user to become",                          OVERRIDE,   0, GOXEL_OPT_PROCESS_USER, NULL},
    {'g', "--group",           "NAME",         "the group to become",                         OVERRIDE,   0, GOXEL_OPT_PROCESS_GROUP, NULL},
    {'j', "--workers",         "N",            "worker threads",                              OVERRIDE,   0, GOXEL_OPT_WORKERS_COUNT, NULL},
    {'q', "--queue-size",      "N",            "requests that may wait",                      OVERRIDE,   0, GOXEL_OPT_WORKERS_QUEUE_SIZE, NULL},
    {'m', "--max-connections", "N",            "connections that may be open",                OVERRIDE,   0, GOXEL_OPT_PERFORMANCE_MAX_CONNECTIONS, NULL},
    {0,   "--test-mode",       NULL,           "never daemonize, never change user or root",  TEST_MODE,  0, 0, NULL},
};
/* clang-format on */
#define ROWS (sizeof(rows) / sizeof(rows[0]))
#define FIRST_LONG 1000 /* val of row i without a letter: FIRST_LONG + i */

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

static const char *argument_of(const struct row *row)
{
    for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
        if (row->option == aliases[i].option && !strcmp(optarg, aliases[i].alias))
            return aliases[i].text;
    }
    return optarg;
}

static bool only_tells(enum goxel_command_action action)
{
    return action == GOXEL_COMMAND_HELP || action == GOXEL_COMMAND_VERSION;
}

static const char *action_name(enum goxel_command_action action)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].effect == SET_ACTION && rows[i].action == action)
            return rows[i].name;
    }
    return "";
}

static int set_action(struct goxel_command *command, const struct row *row, struct goxel_detail *detail)
{
    if (command->action == GOXEL_COMMAND_RUN || only_tells(row->action))
        command->action = row->action;
    else if (command->action != row->action && !only_tells(command->action))
        return goxel_fail(detail, GOXEL_ERROR_USAGE, "%s: not together with %s", row->name,
                          action_name(command->action));
    return 0;
}

static int take(struct goxel_command *command, const struct row *row, struct goxel_detail *detail)
{
    int code;

    switch (row->effect) {
    case SET_ACTION:
        return set_action(command, row, detail);
    case SET_CONFIG:
        command->config_path = optarg;
        return 0;
    case OVERRIDE:
        code = add_override(command, row->option, row->text ? row->text : argument_of(row), row->name,
                            detail);
        /* A file that is named is a file that is meant. */
        if (!code && row->option == GOXEL_OPT_LOGGING_FILE)
            code = add_override(command, GOXEL_OPT_LOGGING_TARGET, "file", row->name, detail);
        return code;
    case TEST_MODE:
        command->test_mode = true;
        break;
    }
    return 0;
}

static void make_tables(struct option ret_long[ROWS + 1], char ret_short[2 * ROWS + 2])
{
    char *at = ret_short;

    *at++ = ':'; /* a missing argument is told apart */
    for (size_t i = 0; i < ROWS; i++) {
        ret_long[i] = (struct option){rows[i].name + 2, rows[i].argument ? required_argument : no_argument,
                                      NULL, rows[i].letter ? rows[i].letter : FIRST_LONG + (int)i};
        if (rows[i].letter)
            *at++ = rows[i].letter;
        if (rows[i].letter && rows[i].argument)
            *at++ = ':';
    }
    *at = '\0';
    ret_long[ROWS] = (struct option){0};
}

static const struct row *row_of(int value)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (value == (rows[i].letter ? rows[i].letter : FIRST_LONG + (int)i))
            return &rows[i];
    }
    return NULL;
}

/* "--st": begins more than one name, or none. */
static int refuse_name(const char *given, struct goxel_detail *detail)
{
    size_t len = strcspn(given, "="), count = 0;
    char names[128] = "";

    for (size_t i = 0; i < ROWS; i++) {
        size_t used = strlen(names);

        if (strncmp(rows[i].name, given, len))
            continue;
        snprintf(names + used, sizeof(names) - used, "%s%s", count++ ? ", " : "", rows[i].name);
    }
    if (count)
        return goxel_fail(detail, GOXEL_ERROR_USAGE, "%.*s: could be any of %s", (int)len, given, names);
    return goxel_fail(detail, GOXEL_ERROR_USAGE, "%s: no such option; see --help", given);
}

/* What getopt_long had to say against an option. */
static int refuse(int value, const char *given, struct goxel_detail *detail)
{
    const struct row *row = optopt ? row_of(optopt) : NULL;

    if (row)
        return goxel_fail(detail, GOXEL_ERROR_USAGE, "%s: %s; see --help", row->name,
                          value == ':' ? "an argument is missing" : "no argument is expected");
    if (optopt)
        return goxel_fail(detail, GOXEL_ERROR_USAGE, "-%c: no such option; see --help", optopt);
    return refuse_name(given, detail);
}

int goxel_command_parse(int argc, char **argv, struct goxel_detail *detail, struct goxel_command *ret_command)
{
    struct option longs[ROWS + 1];
    char shorts[2 * ROWS + 2];
    int value, code = 0;

    make_tables(longs, shorts);
    *ret_command = (struct goxel_command){.action = GOXEL_COMMAND_RUN};
    opterr = 0;
    optind = 0; /* glibc: start anew */
    while (!code && (value = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
        const struct row *row = value == '?' || value == ':' ? NULL : row_of(value);

        code = row ? take(ret_command, row, detail) : refuse(value, argv[optind - 1], detail);
    }
    if (!code && optind < argc)
        code = goxel_fail(detail, GOXEL_ERROR_USAGE, "%s: no arguments are expected; see --help",
                          argv[optind]);
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

void goxel_command_help(FILE *out)
{
    fputs("Usage: goxel-daemon [OPTION]...\n"
          "Goxel, the voxel editor, as a network service.\n\n",
          out);
    for (size_t i = 0; i < ROWS; i++) {
        const struct row *row = &rows[i];
        char name[48];

        snprintf(name, sizeof(name), "%s%s%s", row->name, row->argument ? " " : "",
                 row->argument ? row->argument : "");
        fprintf(out, "  %c%c %-22s %s\n", row->letter ? '-' : ' ', row->letter ? row->letter : ' ', name,
                row->help);
    }
    fputs(
        "\nAn option here beats the file. Signals: TERM and INT stop, HUP reloads, USR1 logs the statistics,\n"
        "USR2 turns debug logging on and off.\n",
        out);
}
