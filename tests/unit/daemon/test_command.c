/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line. */
#include "daemon/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "unit.h"

static int parse(char **argv, struct goxel_detail *detail, struct goxel_command *command)
{
    int argc = 0;

    while (argv[argc])
        argc++;
    goxel_detail_init(detail);
    return goxel_command_parse(argc, argv, detail, command);
}

#define PARSE(...) parse((char *[]){"goxel-daemon", ##__VA_ARGS__, NULL}, &detail, &command)

static void actions(void)
{
    struct goxel_command command;
    struct goxel_detail detail;

    CU_ASSERT_EQUAL(PARSE(), 0);
    CU_ASSERT_EQUAL(command.action, GOXEL_COMMAND_RUN);
    CU_ASSERT_PTR_NULL(command.config_path);
    CU_ASSERT_EQUAL(PARSE("-h"), 0);
    CU_ASSERT_EQUAL(command.action, GOXEL_COMMAND_HELP);
    CU_ASSERT_EQUAL(PARSE("--version"), 0);
    CU_ASSERT_EQUAL(command.action, GOXEL_COMMAND_VERSION);
    CU_ASSERT_EQUAL(PARSE("--check-config", "-c", "a.conf"), 0);
    CU_ASSERT_EQUAL(command.action, GOXEL_COMMAND_CHECK_CONFIG);
    CU_ASSERT_STRING_EQUAL(command.config_path, "a.conf");
    CU_ASSERT_EQUAL(PARSE("--print", "--config=b.conf"), 0); /* unambiguous abbreviations */
    CU_ASSERT_EQUAL(command.action, GOXEL_COMMAND_PRINT_CONFIG);
    CU_ASSERT_STRING_EQUAL(command.config_path, "b.conf");
}

static void overrides(void)
{
    struct goxel_command command;
    struct goxel_detail detail;

    CU_ASSERT_EQUAL(PARSE("-j", "8", "--listen", "127.0.0.1:1", "--listen", "[::1]:2", "-l", "/x/log", "-V"),
                    0);
    const struct goxel_config_override expected[] = {
        {GOXEL_OPT_WORKERS_COUNT, "8", ""},
        {GOXEL_OPT_SOCKETS_TCP_LISTEN, "127.0.0.1:1", ""},
        {GOXEL_OPT_SOCKETS_TCP_LISTEN, "[::1]:2", ""},
        {GOXEL_OPT_LOGGING_FILE, "/x/log", ""},
        {GOXEL_OPT_LOGGING_TARGET, "file", ""},
        {GOXEL_OPT_LOGGING_LEVEL, "debug", ""},
    };
    CU_ASSERT_EQUAL_FATAL(command.override_count, 6);
    for (size_t i = 0; i < 6; i++) {
        CU_ASSERT_EQUAL(command.overrides[i].option, expected[i].option);
        CU_ASSERT_STRING_EQUAL(command.overrides[i].text, expected[i].text);
    }
}

/* Returns the last override of an option, or NULL: the one that counts. */
static const char *override_of(const struct goxel_command *command, enum goxel_option option)
{
    const char *text = NULL;

    for (size_t i = 0; i < command->override_count; i++) {
        if (command->overrides[i].option == option)
            text = command->overrides[i].text;
    }
    return text;
}

#define CHECK_OVERRIDE(option, expected) CU_ASSERT_STRING_EQUAL(override_of(&command, option), expected)

static void process_options(void)
{
    struct goxel_command command;
    struct goxel_detail detail;

    CU_ASSERT_EQUAL(PARSE("-D", "-u", "someone", "--group=12"), 0);
    CHECK_OVERRIDE(GOXEL_OPT_PROCESS_DAEMONIZE, "true");
    CHECK_OVERRIDE(GOXEL_OPT_PROCESS_USER, "someone");
    CHECK_OVERRIDE(GOXEL_OPT_PROCESS_GROUP, "12");
    CU_ASSERT_STRING_EQUAL(command.overrides[1].source, "--user");
    CU_ASSERT(goxel_command_overrides(&command, GOXEL_OPT_PROCESS_USER));
    CU_ASSERT_FALSE(goxel_command_overrides(&command, GOXEL_OPT_PROCESS_PID_FILE));
    CU_ASSERT_FALSE(command.test_mode);
    CU_ASSERT_EQUAL(PARSE("--daemon", "--log", "/x"), 0); /* abbreviations */
    CHECK_OVERRIDE(GOXEL_OPT_PROCESS_DAEMONIZE, "true");
    CHECK_OVERRIDE(GOXEL_OPT_LOGGING_FILE, "/x");
    CU_ASSERT_EQUAL(PARSE("-D", "-f"), 0); /* the last one counts */
    CHECK_OVERRIDE(GOXEL_OPT_PROCESS_DAEMONIZE, "false");
    CU_ASSERT_EQUAL(PARSE("--test-mode", "--daemonize"), 0); /* but for this */
    CHECK_OVERRIDE(GOXEL_OPT_PROCESS_DAEMONIZE, "false");
    CU_ASSERT(command.test_mode);
}

static void protocols(void)
{
    static const char *const rows[][2] = {
        {"auto", "auto"}, {"http", "http"}, {"jsonrpc", "jsonrpc"}, {"mcp", "jsonrpc"}};
    struct goxel_command command;
    struct goxel_detail detail;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char name[16];

        (void)snprintf(name, sizeof(name), "%s", rows[i][0]);
        CU_ASSERT_EQUAL(PARSE("-P", name), 0);
        CHECK_OVERRIDE(GOXEL_OPT_SOCKETS_UNIX_PROTOCOL, rows[i][1]);
    }
    CU_ASSERT_EQUAL(PARSE("-u", "mcp"), 0); /* an alias of that option alone */
    CHECK_OVERRIDE(GOXEL_OPT_PROCESS_USER, "mcp");
}

static void one_action_at_a_time(void)
{
    struct goxel_command command;
    struct goxel_detail detail;

    CU_ASSERT_EQUAL(PARSE("--status"), 0);
    CU_ASSERT_EQUAL(command.action, GOXEL_COMMAND_STATUS);
    CU_ASSERT_EQUAL(PARSE("--stop", "--stop"), 0);
    CU_ASSERT_EQUAL(command.action, GOXEL_COMMAND_STOP);
    CU_ASSERT_EQUAL(PARSE("--rel"), 0);
    CU_ASSERT_EQUAL(command.action, GOXEL_COMMAND_RELOAD);
    CU_ASSERT_EQUAL(PARSE("--stop", "--reload"), GOXEL_ERROR_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "--stop"));
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "--reload"));
    CU_ASSERT_EQUAL(PARSE("--status", "--stop"), GOXEL_ERROR_USAGE);
    CU_ASSERT_EQUAL(PARSE("--status", "--reload"), GOXEL_ERROR_USAGE);
    CU_ASSERT_EQUAL(PARSE("--check-config", "--stop"), GOXEL_ERROR_USAGE);
    /* Whoever asks for help gets it, and nothing is stopped. */
    CU_ASSERT_EQUAL(PARSE("--stop", "--help"), 0);
    CU_ASSERT_EQUAL(command.action, GOXEL_COMMAND_HELP);
    CU_ASSERT_EQUAL(PARSE("--version", "--stop"), 0);
    CU_ASSERT_EQUAL(command.action, GOXEL_COMMAND_VERSION);
}

static void wrong_usage(void)
{
    struct goxel_command command;
    struct goxel_detail detail;

    CU_ASSERT_EQUAL(PARSE("--no-such"), GOXEL_ERROR_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "--no-such"));
    CU_ASSERT_EQUAL(PARSE("-x"), GOXEL_ERROR_USAGE);
    CU_ASSERT_EQUAL(PARSE("--workers"), GOXEL_ERROR_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "argument"));
    CU_ASSERT_EQUAL(PARSE("-Vx", "-V"), GOXEL_ERROR_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "-x: no such option"));
    CU_ASSERT_EQUAL(PARSE("--st"), GOXEL_ERROR_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "--st: could be any of --status, --stop"));
    CU_ASSERT_EQUAL(PARSE("--stop=now"), GOXEL_ERROR_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "--stop: no argument"));
    CU_ASSERT_EQUAL(PARSE("stray"), GOXEL_ERROR_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "stray"));
}

static void help_names_every_option(void)
{
    static const char *const names[] = {
        "-h --help",
        "-v --version",
        "-c --config FILE",
        "--check-config",
        "--print-config",
        "--status",
        "--stop",
        "--reload",
        "-f --foreground",
        "-D --daemonize",
        "-V --verbose",
        "--listen",
        "-s --socket PATH",
        "-P --protocol",
        "-p --pid-file PATH",
        "-l --log-file",
        "-w --working-dir",
        "-u --user",
        "-g --group",
        "-j --workers N",
        "-q --queue",
        "-m --max-connections",
        "--test-mode",
    };
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    goxel_command_help(out);
    fclose(out);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        CU_ASSERT_PTR_NOT_NULL(strstr(text, names[i]));
    free(text);
}

const struct unit_suite command_suite = {
    "command",
    (const struct unit_test[]){
        {"actions", actions},
        {"overrides", overrides},
        {"process options", process_options},
        {"protocols", protocols},
        {"one action at a time", one_action_at_a_time},
        {"wrong usage", wrong_usage},
        {"help names every option", help_names_every_option},
        {NULL, NULL},
    },
};
