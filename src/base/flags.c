/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/flags.h"

#include <getopt.h>
#include <stdbool.h>
#include <string.h>

#include "base/error.h"

#define FIRST_LONG 1000 /* val of row i without a letter: FIRST_LONG + i */
#define SHORTS_MAX (2 * GOXEL_FLAGS_MAX + 2)

const struct goxel_flag *goxel_flag_at(const struct goxel_flags *flags, size_t at)
{
    return (const struct goxel_flag *)((const char *)flags->rows + at * flags->size);
}

static int value_of(const struct goxel_flag *flag, size_t at)
{
    return flag->letter ? flag->letter : FIRST_LONG + (int)at;
}

static void make_tables(const struct goxel_flags *flags, struct option ret_long[GOXEL_FLAGS_MAX + 1],
                        char ret_short[SHORTS_MAX])
{
    char *end = ret_short;

    *end++ = ':'; /* a missing argument is told apart */
    for (size_t i = 0; i < flags->count; i++) {
        const struct goxel_flag *flag = goxel_flag_at(flags, i);

        ret_long[i] = (struct option){flag->name + 2, flag->argument ? required_argument : no_argument, NULL,
                                      value_of(flag, i)};
        if (flag->letter)
            *end++ = flag->letter;
        if (flag->letter && flag->argument)
            *end++ = ':';
    }
    *end = '\0';
    ret_long[flags->count] = (struct option){0};
}

/* The number of rows: none has it. */
static size_t find(const struct goxel_flags *flags, int value)
{
    size_t at = 0;

    while (at < flags->count && value_of(goxel_flag_at(flags, at), at) != value)
        at++;
    return at;
}

/* "--st": begins more than one name, or none. */
static int refuse_name(const struct goxel_flags *flags, const char *given, struct goxel_detail *detail)
{
    size_t len = strcspn(given, "="), used = 0;
    char names[128] = "";

    for (size_t i = 0; i < flags->count && used < sizeof(names); i++) {
        const struct goxel_flag *flag = goxel_flag_at(flags, i);

        if (strncmp(flag->name, given, len) == 0)
            used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", used ? ", " : "",
                                     flag->name);
    }
    if (used)
        return goxel_fail(detail, GOXEL_ERROR_USAGE, "%.*s: could be any of %s", (int)len, given, names);
    return goxel_fail(detail, GOXEL_ERROR_USAGE, "%s: no such option; see %s", given, flags->more);
}

/* What getopt_long had to say against an option. */
static int refuse(const struct goxel_flags *flags, int value, const char *given, struct goxel_detail *detail)
{
    size_t at = optopt ? find(flags, optopt) : flags->count;

    if (at < flags->count)
        return goxel_fail(detail, GOXEL_ERROR_USAGE, "%s: %s; see %s", goxel_flag_at(flags, at)->name,
                          value == ':' ? "an argument is missing" : "no argument is expected", flags->more);
    if (optopt)
        return goxel_fail(detail, GOXEL_ERROR_USAGE, "-%c: no such option; see %s", optopt, flags->more);
    return refuse_name(flags, given, detail);
}

int goxel_flags_read(const struct goxel_flags *flags, int argc, char **argv, goxel_flag_take *take, void *ctx,
                     struct goxel_detail *detail, int *ret_next)
{
    struct option longs[GOXEL_FLAGS_MAX + 1];
    char shorts[SHORTS_MAX];
    int value, code = 0;

    make_tables(flags, longs, shorts);
    opterr = 0;
    optind = 0; /* glibc: start anew */
    while (!code && (value = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
        bool bad = value == '?' || value == ':';

        code = bad ? refuse(flags, value, argv[optind - 1], detail)
                   : take(ctx, find(flags, value), optarg, detail);
    }
    *ret_next = optind;
    return code;
}

void goxel_flag_help(const struct goxel_flag *flag, FILE *out)
{
    char name[48];

    (void)snprintf(name, sizeof(name), "%s%s%s", flag->name, flag->argument ? " " : "",
                   flag->argument ? flag->argument : "");
    fprintf(out, "  %c%c %-22s %s\n", flag->letter ? '-' : ' ', flag->letter ? flag->letter : ' ', name,
            flag->help);
}
