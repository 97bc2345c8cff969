/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line. */
#include "daemon/command.h"

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

static void wrong_usage(void)
{
    struct goxel_command command;
    struct goxel_detail detail;

    CU_ASSERT_EQUAL(PARSE("--no-such"), GOXEL_ERROR_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "--no-such"));
    CU_ASSERT_EQUAL(PARSE("-x"), GOXEL_ERROR_USAGE);
    CU_ASSERT_EQUAL(PARSE("--workers"), GOXEL_ERROR_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "argument"));
    CU_ASSERT_EQUAL(PARSE("stray"), GOXEL_ERROR_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "stray"));
}

static void help_names_every_option(void)
{
    static const char *const names[] = {"--help",         "--version", "--config FILE",
                                        "--check-config", "--listen",  "--workers N"};
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
        {"wrong usage", wrong_usage},
        {"help names every option", help_names_every_option},
        {NULL, NULL},
    },
};
