/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of goxel-convert. */
#include "convert/args.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "unit.h"

/* The words outlive the statement: they are what was parsed. */
static int parse(char **argv, struct goxel_detail *detail, struct convert_args *args)
{
    static char *words[160];
    int argc = 0;

    for (; argv[argc]; argc++)
        words[argc] = argv[argc];
    words[argc] = NULL;
    goxel_detail_init(detail);
    return convert_args_parse(argc, words, detail, args);
}

#define PARSE(...) parse((char *[]){"goxel-convert", ##__VA_ARGS__, NULL}, &detail, &args)

static void the_last_file_is_the_output(void)
{
    struct goxel_detail detail;
    struct convert_args args;

    CU_ASSERT_EQUAL(PARSE("a.gox", "b.txt", "c.gox"), 0);
    CU_ASSERT_EQUAL(args.mode, CONVERT_FILES);
    CU_ASSERT_EQUAL_FATAL(args.count, 2);
    CU_ASSERT_STRING_EQUAL(args.inputs[1], "b.txt");
    CU_ASSERT_STRING_EQUAL(args.output, "c.gox");
    CU_ASSERT(args.threads >= 1);
    CU_ASSERT_EQUAL(PARSE("-", "-", "--to", "txt"), 0);
    CU_ASSERT_STRING_EQUAL(args.output, "-");
    CU_ASSERT_EQUAL(PARSE("--info", "a.gox"), 0);
    CU_ASSERT_EQUAL(args.mode, CONVERT_INFO);
    CU_ASSERT_EQUAL(args.count, 1);
    CU_ASSERT_PTR_NULL(args.output);
    CU_ASSERT_EQUAL(PARSE("--list-formats"), 0);
    CU_ASSERT_EQUAL(args.mode, CONVERT_LIST);
    CU_ASSERT_EQUAL(PARSE("--version"), 0);
    CU_ASSERT_EQUAL(args.mode, CONVERT_TELL);
    CU_ASSERT_EQUAL(PARSE("--", "--info", "b.gox"), 0);
    CU_ASSERT_STRING_EQUAL(args.inputs[0], "--info");
}

static void options_have_values(void)
{
    struct goxel_detail detail;
    struct convert_args args;

    CU_ASSERT_EQUAL(PARSE("a", "-o", "scale=0.1", "b", "--option=mesher=greedy", "-i", "frame=2", "--layers",
                          "1,x", "--layers", "y", "--box", "-1,-2,-3,4,5,6", "-f", "gox", "-j", "3",
                          "--strict", "-q"),
                    0);
    CU_ASSERT_EQUAL_FATAL(args.write_options.count, 2);
    CU_ASSERT_STRING_EQUAL(args.write_options.words[0], "scale=0.1");
    CU_ASSERT_STRING_EQUAL(args.write_options.words[1], "mesher=greedy");
    CU_ASSERT_EQUAL(args.read_options.count, 1);
    CU_ASSERT_EQUAL(args.layers.count, 2);
    CU_ASSERT_TRUE(args.has_box);
    CU_ASSERT(args.box.min.x == -1 && args.box.min.z == -3 && args.box.max.z == 6);
    CU_ASSERT_STRING_EQUAL(args.from, "gox");
    CU_ASSERT_EQUAL(args.threads, 3);
    CU_ASSERT(args.strict && args.quiet && !args.verbose);
}

#define REFUSED(text_begins, ...) \
    do { \
        CU_ASSERT_EQUAL(PARSE(__VA_ARGS__), GOXEL_ERROR_USAGE); \
        CU_ASSERT_EQUAL(strncmp(detail.text, text_begins, strlen(text_begins)), 0); \
        if (strncmp(detail.text, text_begins, strlen(text_begins)) != 0) \
            printf("%s\n", detail.text); \
    } while (0)

static void what_is_refused(void)
{
    struct goxel_detail detail;
    struct convert_args args = {.help = false};
    char *many[CONVERT_WORDS_MAX * 2 + 8] = {"goxel-convert", "a", "b"};

    REFUSED("too few arguments: goxel-convert IN... OUT");
    REFUSED("too few arguments: goxel-convert IN... OUT", "a.gox");
    REFUSED("too few arguments: goxel-convert --info", "--info");
    REFUSED("too many arguments", "--list-formats", "a");
    REFUSED("--option: expected NAME=VALUE", "a", "-o", "b.txt");
    REFUSED("--in-option: expected NAME=VALUE", "a", "b", "-i", "=1");
    REFUSED("--box: expected X,Y,Z,X,Y,Z", "a", "b", "--box", "1,2,3,4,5");
    REFUSED("--box: expected X,Y,Z,X,Y,Z", "a", "b", "--box", "1,2,3,4,5,6,7");
    REFUSED("--box: expected X,Y,Z,X,Y,Z", "a", "b", "--box", "1,2,3,0,5,6");
    REFUSED("--box: expected X,Y,Z,X,Y,Z", "a", "b", "--box", "1,2,3,4,5,1048576");
    REFUSED("--threads: expected 1 to", "a", "b", "-j", "0");
    REFUSED("--threads: expected 1 to", "a", "b", "-j", "4x");
    REFUSED("--to: is empty", "a", "b", "--to", "");
    REFUSED("--to: not with --info", "--info", "a", "--to", "txt");
    REFUSED("--json: only with --info", "a", "b", "--json");
    REFUSED("--strict: not with --list-formats", "--list-formats", "--strict");
    REFUSED("give one of --quiet and --verbose", "a", "b", "-q", "-V");
    REFUSED("standard input (-) can be read once", "-", "-", "b.gox");
    REFUSED("standard output (-) has no name", "a.gox", "-");
    REFUSED("a file's name is empty", "", "b.gox");
    REFUSED("--nonsense: no such option", "a", "b", "--nonsense");
    for (int i = 0; i <= CONVERT_WORDS_MAX; i++) {
        many[3 + 2 * i] = "-o";
        many[4 + 2 * i] = "a=1";
    }
    CU_ASSERT_EQUAL(parse(many, &detail, &args), GOXEL_ERROR_USAGE);
    CU_ASSERT_EQUAL(detail.limit, CONVERT_WORDS_MAX);
}

static void the_help_has_every_option(void)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    convert_args_help(out);
    fclose(out);
    for (size_t i = 0; i < convert_flags.count; i++) {
        const struct goxel_flag *flag = goxel_flag_at(&convert_flags, i);

        CU_ASSERT_PTR_NOT_NULL(strstr(text, flag->name));
        CU_ASSERT_PTR_NOT_NULL(strstr(text, flag->help));
    }
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nExit status:\n  0  done\n  1  "));
    free(text);
}

static const struct unit_test tests[] = {
    {"the last file is the output", the_last_file_is_the_output},
    {"options have values", options_have_values},
    {"what is refused", what_is_refused},
    {"the help has every option", the_help_has_every_option},
    {NULL, NULL},
};

const struct unit_suite args_suite = {"args", tests};
