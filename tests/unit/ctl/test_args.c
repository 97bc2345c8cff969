/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of goxelctl. */
#include "ctl/args.h"

#include <string.h>

#include "base/error.h"
#include "unit.h"

/* The words outlive the statement: they are what was parsed. */
static int parse(char **argv, struct goxel_detail *detail, struct ctl_args *args)
{
    static char *words[16];
    int argc = 0;

    for (; argv[argc]; argc++)
        words[argc] = argv[argc];
    words[argc] = NULL;
    goxel_detail_init(detail);
    return ctl_args_parse(argc, words, detail, args);
}

#define PARSE(...) parse((char *[]){"goxelctl", ##__VA_ARGS__, NULL}, &detail, &args)

static void commands_have_one_word_or_two(void)
{
    struct goxel_detail detail;
    struct ctl_args args;

    CU_ASSERT_EQUAL(PARSE("status"), 0);
    CU_ASSERT_STRING_EQUAL(args.command->name, "status");
    CU_ASSERT_EQUAL(args.count, 0);
    CU_ASSERT_EQUAL(args.timeout_ms, 30000);
    CU_ASSERT_EQUAL(PARSE("project", "undo", "tower", "3"), 0);
    CU_ASSERT_STRING_EQUAL(args.command->name, "project undo");
    CU_ASSERT_EQUAL(args.count, 2);
    CU_ASSERT_STRING_EQUAL(args.words[1], "3");
}

static void options_stand_anywhere(void)
{
    struct goxel_detail detail;
    struct ctl_args args;

    CU_ASSERT_EQUAL(
        PARSE("-j", "project", "--socket", "/a", "import", "f.gox", "--name=n", "--timeout", "0.5"), 0);
    CU_ASSERT_STRING_EQUAL(args.command->name, "project import");
    CU_ASSERT_TRUE(args.json);
    CU_ASSERT_STRING_EQUAL(args.socket, "/a");
    CU_ASSERT_STRING_EQUAL(args.name, "n");
    CU_ASSERT_STRING_EQUAL(args.words[0], "f.gox");
    CU_ASSERT_EQUAL(args.timeout_ms, 500);
    CU_ASSERT_EQUAL(PARSE("call", "m", "-"), 0);
    CU_ASSERT_STRING_EQUAL(args.words[1], "-");
    CU_ASSERT_EQUAL(PARSE("--", "call", "--json"), 0);
    CU_ASSERT_STRING_EQUAL(args.words[0], "--json");
    CU_ASSERT_FALSE(args.json);
}

static void formats_are_told_more(void)
{
    struct goxel_detail detail;
    struct ctl_args args;

    CU_ASSERT_EQUAL(
        PARSE("project", "export", "n", "f.obj", "-o", "scale=0.1", "--option=layers=1,2", "--strict"), 0);
    CU_ASSERT_EQUAL_FATAL(args.options.count, 2);
    CU_ASSERT_STRING_EQUAL(args.options.words[1], "layers=1,2");
    CU_ASSERT_TRUE(args.strict);
}

static void help_needs_no_arguments(void)
{
    struct goxel_detail detail;
    struct ctl_args args;

    CU_ASSERT_EQUAL(PARSE("--help"), 0);
    CU_ASSERT_TRUE(args.help);
    CU_ASSERT_PTR_NULL(args.command);
    CU_ASSERT_EQUAL(PARSE("help"), 0);
    CU_ASSERT_TRUE(args.help);
    CU_ASSERT_EQUAL(PARSE("help", "project", "export"), 0);
    CU_ASSERT_STRING_EQUAL(args.command->name, "project export");
    CU_ASSERT_EQUAL(PARSE("help", "project"), 0);
    CU_ASSERT_PTR_NULL(args.command);
    CU_ASSERT_STRING_EQUAL(args.family, "project");
    CU_ASSERT_EQUAL(PARSE("project", "--help"), 0);
    CU_ASSERT_STRING_EQUAL(args.family, "project");
    CU_ASSERT_EQUAL(PARSE("call", "--help"), 0);
    CU_ASSERT_STRING_EQUAL(args.command->name, "call");
    CU_ASSERT_EQUAL(PARSE("--version"), 0);
    CU_ASSERT_TRUE(args.version);
}

#define REFUSED(says, ...) \
    do { \
        CU_ASSERT_EQUAL(PARSE(__VA_ARGS__), GOXEL_ERROR_USAGE); \
        CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, says)); \
    } while (0)

static void what_is_wrong_is_told(void)
{
    struct goxel_detail detail;
    struct ctl_args args = {.count = -7};

    REFUSED("a command is missing");
    REFUSED("did you mean health?", "heatlh");
    REFUSED("no such command", "zzzzzzzzzzz");
    REFUSED(
        "one of list, info, import, export, undo, redo, backup, restore, close, delete, check, repair, got nothing",
        "project");
    REFUSED("got frobnicate", "project", "frobnicate");
    REFUSED("no such command", "help", "frobnicate");
    REFUSED("got frobnicate", "help", "project", "frobnicate");
    REFUSED("too few arguments: goxelctl call METHOD [JSON]", "call");
    REFUSED("too many arguments: goxelctl stop", "stop", "now");
    REFUSED("--s: could be any of --socket, --save", "status", "--sock=x", "--s=y");
    REFUSED("--frob: no such option", "status", "--frob");
    REFUSED("-z: no such option", "status", "-z");
    REFUSED("--url: an argument is missing", "status", "--url");
    REFUSED("--json: no argument is expected", "status", "--json=yes");
    REFUSED("--url: is empty", "status", "--url", "");
    REFUSED("--name: not with status", "status", "--name", "x");
    REFUSED("--strict: not with project list", "project", "list", "--strict");
    REFUSED("--option: expected NAME=VALUE", "project", "export", "n", "f.obj", "-o", "scale");
    REFUSED("--option: expected NAME=VALUE", "project", "import", "f.obj", "-o", "=1");
    REFUSED("--no-wait: not with reload", "reload", "--no-wait");
    REFUSED("--interval: not with status", "status", "-n", "1");
    REFUSED("one of --socket, --url and --config", "status", "-s", "a", "-u", "http://b");
    CU_ASSERT_EQUAL(args.count, -7); /* untouched */
}

static void times_have_a_range(void)
{
    static char *const wrong[] = {"0", "-1", "x", "1s", "nan", "inf", "86401", "1e99", "0.0001", ""};
    struct goxel_detail detail;
    struct ctl_args args;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        CU_ASSERT_EQUAL(PARSE("status", "--timeout", wrong[i]), GOXEL_ERROR_USAGE);
    CU_ASSERT_EQUAL(PARSE("watch", "-n", "0.25", "-t", "86400"), 0);
    CU_ASSERT_EQUAL(args.interval_ms, 250);
    CU_ASSERT_EQUAL(args.timeout_ms, 86400000);
}

static const struct unit_test tests[] = {
    {"commands have one word or two", commands_have_one_word_or_two},
    {"options stand anywhere", options_stand_anywhere},
    {"formats are told more", formats_are_told_more},
    {"help needs no arguments", help_needs_no_arguments},
    {"what is wrong is told", what_is_wrong_is_told},
    {"times have a range", times_have_a_range},
    {NULL, NULL},
};

const struct unit_suite args_suite = {"args", tests};
