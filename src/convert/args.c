/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row an option; what reads them, the help and the completion are made from it. */
#include "convert/args.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

#define ALL (CONVERT_FILES | CONVERT_INFO | CONVERT_LIST)
#define THREADS_MOST 16 /* without -j: more do not help */

/* What an option's argument becomes. */
enum kind { FLAG, TEXT, WORDS, PAIRS, BOX, COUNT };

/* clang-format off */
#define AT(member) offsetof(struct convert_args, member)
static const struct row {
    struct goxel_flag flag;
    enum kind kind;
    size_t offset;  /* in struct convert_args */
    unsigned modes; /* that take it */
} rows[] = {
    {{'h', "--help",         NULL,         "show this help"},                                  FLAG,  AT(help), ALL},
    {{'v', "--version",      NULL,         "show the version"},                                FLAG,  AT(version), ALL},
    {{'l', "--list-formats", NULL,         "list the formats and their options"},              FLAG,  AT(list), ALL},
    {{0,   "--info",         NULL,         "describe files, and write none"},                  FLAG,  AT(info), CONVERT_INFO},
    {{0,   "--json",         NULL,         "with --info or --list-formats: as JSON"},           FLAG,  AT(json), CONVERT_INFO | CONVERT_LIST},
    {{'f', "--from",         "FORMAT",     "of what is read, whatever the names say"},         TEXT,  AT(from), CONVERT_FILES | CONVERT_INFO},
    {{'t', "--to",           "FORMAT",     "of what is written"},                              TEXT,  AT(to), CONVERT_FILES},
    {{'i', "--in-option",    "NAME=VALUE", "an option of the formats that are read"},          PAIRS, AT(read_options), CONVERT_FILES | CONVERT_INFO},
    {{'o', "--option",       "NAME=VALUE", "an option of the format that is written"},         PAIRS, AT(write_options), CONVERT_FILES},
    {{0,   "--layers",       "LAYER,...",  "only these: ids or names"},                        WORDS, AT(layers), CONVERT_FILES},
    {{0,   "--box",          "X,Y,Z,X,Y,Z", "only what lies in it, both corners too"},         BOX,   AT(box), CONVERT_FILES},
    {{0,   "--strict",       NULL,         "fail where something would be lost or changed"},   FLAG,  AT(strict), CONVERT_FILES | CONVERT_INFO},
    {{'j', "--threads",      "N",          "work on so many at once (all processors)"},        COUNT, AT(threads), CONVERT_FILES | CONVERT_INFO},
    {{'q', "--quiet",        NULL,         "no warnings and no progress"},                     FLAG,  AT(quiet), CONVERT_FILES | CONVERT_INFO},
    {{'V', "--verbose",      NULL,         "tell what was read and written"},                  FLAG,  AT(verbose), CONVERT_FILES | CONVERT_INFO},
};
#undef AT
/* clang-format on */
#define ROWS (sizeof(rows) / sizeof(rows[0]))

const struct goxel_flags convert_flags = {rows, ROWS, sizeof(rows[0]), "goxel-convert --help"};

/* ---- values ---- */

static int take_word(const char *name, const char *argument, struct convert_words *words,
                     struct goxel_detail *detail)
{
    if (words->count == CONVERT_WORDS_MAX)
        return goxel_fail_limit(detail, GOXEL_ERROR_USAGE, name, CONVERT_WORDS_MAX, CONVERT_WORDS_MAX + 1);
    words->words[words->count++] = argument;
    return 0;
}

/* Many programs have their output behind -o. */
static int take_pair(const char *name, const char *argument, struct convert_words *words,
                     struct goxel_detail *detail)
{
    const char *equals = strchr(argument, '=');

    if (!equals || equals == argument)
        return goxel_fail_value(detail, GOXEL_ERROR_USAGE, name, argument,
                                "NAME=VALUE, an option of the format (the output is the last argument)");
    return take_word(name, argument, words, detail);
}

static bool parse_coords(const char *argument, int32_t coords[6])
{
    for (int i = 0; i < 6; i++) {
        char *end;
        long value = strtol(argument, &end, 10);

        if (end == argument || *end != (i < 5 ? ',' : '\0') || value < GOXEL_COORD_MIN ||
            value > GOXEL_COORD_MAX)
            return false;
        coords[i] = (int32_t)value;
        argument = end + 1;
    }
    return true;
}

static int take_box(const char *name, const char *argument, struct convert_args *args,
                    struct goxel_detail *detail)
{
    int32_t c[6] = {0};
    struct goxel_box box;
    bool good = parse_coords(argument, c);

    box = (struct goxel_box){{c[0], c[1], c[2]}, {c[3], c[4], c[5]}};
    if (!good || !goxel_box_valid(&box))
        return goxel_fail_value(detail, GOXEL_ERROR_USAGE, name, argument,
                                "X,Y,Z,X,Y,Z: the smallest and the largest corner, from %d to %d",
                                GOXEL_COORD_MIN, GOXEL_COORD_MAX);
    args->box = box;
    args->has_box = true;
    return 0;
}

static int take_count(const char *name, const char *argument, unsigned *ret_count,
                      struct goxel_detail *detail)
{
    char *end;
    long count = strtol(argument, &end, 10);

    if (end == argument || *end || count < 1 || count > CONVERT_THREADS_MAX)
        return goxel_fail_value(detail, GOXEL_ERROR_USAGE, name, argument, "1 to %d", CONVERT_THREADS_MAX);
    *ret_count = (unsigned)count;
    return 0;
}

struct reading {
    struct convert_args *args;
    bool given[ROWS];
};

static int take(void *ctx, size_t at, const char *argument, struct goxel_detail *detail)
{
    struct reading *reading = ctx;
    const struct row *row = &rows[at];
    const char *name = row->flag.name;
    void *member = (char *)reading->args + row->offset;

    reading->given[at] = true;
    if (argument && !argument[0])
        return goxel_fail(detail, GOXEL_ERROR_USAGE, "%s: is empty", name);
    switch (row->kind) {
    case FLAG:
        *(bool *)member = true;
        break;
    case TEXT:
        *(const char **)member = argument;
        break;
    case WORDS:
        return take_word(name, argument, member, detail);
    case PAIRS:
        return take_pair(name, argument, member, detail);
    case BOX:
        return take_box(name, argument, reading->args, detail);
    case COUNT:
        return take_count(name, argument, member, detail);
    }
    return 0;
}

/* ---- all of it ---- */

static enum convert_mode mode_of(const struct convert_args *args)
{
    if (args->help || args->version)
        return CONVERT_TELL;
    if (args->list)
        return CONVERT_LIST;
    return args->info ? CONVERT_INFO : CONVERT_FILES;
}

static int check_modes(const struct convert_args *args, const bool given[ROWS], struct goxel_detail *detail)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (given[i] && !(rows[i].modes & args->mode))
            return goxel_fail(detail, GOXEL_ERROR_USAGE, "%s: %s; see %s", rows[i].flag.name,
                              args->mode == CONVERT_LIST   ? "not with --list-formats"
                              : args->mode == CONVERT_INFO ? "not with --info"
                                                           : "only with --info or --list-formats",
                              convert_flags.more);
    }
    if (args->quiet && args->verbose)
        return goxel_fail(detail, GOXEL_ERROR_USAGE, "give one of --quiet and --verbose");
    return 0;
}

static int check_files(const struct convert_args *args, struct goxel_detail *detail)
{
    int least = args->mode == CONVERT_LIST ? 0 : 1, standard = 0;

    if (args->count < least || (args->mode == CONVERT_FILES && !args->output))
        return goxel_fail(detail, GOXEL_ERROR_USAGE, "too few arguments: goxel-convert %s; see %s",
                          args->mode == CONVERT_INFO ? "--info IN..." : "IN... OUT", convert_flags.more);
    if (args->mode == CONVERT_LIST && args->count)
        return goxel_fail(detail, GOXEL_ERROR_USAGE, "too many arguments: goxel-convert --list-formats");
    for (int i = 0; i < args->count; i++) {
        standard += strcmp(args->inputs[i], "-") == 0;
        if (!args->inputs[i][0])
            return goxel_fail(detail, GOXEL_ERROR_USAGE, "a file's name is empty");
    }
    if (standard > 1)
        return goxel_fail(detail, GOXEL_ERROR_USAGE, "standard input (-) can be read once only");
    if (args->mode == CONVERT_FILES && strcmp(args->output, "-") == 0 && !args->to)
        return goxel_fail(detail, GOXEL_ERROR_USAGE,
                          "standard output (-) has no name to tell the format: --to");
    return 0;
}

static unsigned processors(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);

    return count < 1 ? 1 : count > THREADS_MOST ? THREADS_MOST : (unsigned)count;
}

int convert_args_parse(int argc, char **argv, struct goxel_detail *detail, struct convert_args *ret_args)
{
    struct convert_args args = {.threads = processors()};
    struct reading reading = {.args = &args};
    int next = 0, code = goxel_flags_read(&convert_flags, argc, argv, take, &reading, detail, &next);

    if (code)
        return code;
    args.mode = mode_of(&args);
    args.inputs = argv + next;
    args.count = argc - next;
    if (args.mode == CONVERT_FILES && args.count > 0) {
        args.count--;
        args.output = args.inputs[args.count];
    }
    if (args.mode != CONVERT_TELL &&
        ((code = check_modes(&args, reading.given, detail)) || (code = check_files(&args, detail))))
        return code;
    *ret_args = args;
    return 0;
}

/* ---- help ---- */

/* clang-format off */
const struct goxel_term convert_statuses[] = {
    {"0", "done"},
    {"1", "a file cannot be read or written, or memory is short"},
    {"2", "wrong command line, also a format, an option of one or a layer that is not known"},
    {"3", "something would be lost or changed (--strict)"},
    {"4", "a file is damaged, is of another format, or too large"},
    {NULL, NULL},
};
/* clang-format on */

void convert_args_help(FILE *out)
{
    fputs(
        "Usage: goxel-convert [OPTION]... IN... OUT\n"
        "       goxel-convert --info [OPTION]... IN...\n"
        "Converts files of voxels. Formats go by the names of the files; several inputs become the layers of one\n"
        "output, which have the files' names. - is standard input or output.\n\n"
        "Options:\n",
        out);
    for (size_t i = 0; i < ROWS; i++)
        goxel_flag_help(&rows[i].flag, out);
    fputs(
        "\nOUT is written whole or left as it was, and may be one of the inputs. A file that belongs to it, such as\n"
        "the .mtl of an .obj, is written beside it. What a format cannot hold is told on standard error.\n\n"
        "Exit status:\n",
        out);
    goxel_terms_help(convert_statuses, out);
}
