/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row an option; what reads them and the help are made from it. Commands have a table of their own (commands.c). */
#include "ctl/args.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/flags.h"
#include "base/nearest.h"
#include "ctl/endpoint.h"

#define TIMEOUT_MS 30000
#define INTERVAL_MS 1000
#define SECONDS_MAX 86400

/* What an option's argument becomes. */
enum kind { FLAG, TEXT, SECONDS, PAIRS };

/* clang-format off */
#define AT(member) offsetof(struct ctl_args, member)
static const struct row {
    struct goxel_flag flag;
    enum kind kind;
    size_t offset;  /* in struct ctl_args */
    unsigned takes; /* only for commands that take it; 0: all do */
} rows[] = {
    {{'h', "--help",       NULL,      "show this help, or that of the command"},    FLAG,    AT(help), 0},
    {{'v', "--version",    NULL,      "show the version"},                          FLAG,    AT(version), 0},
    {{'s', "--socket",     "PATH",    "the daemon's Unix socket"},                  TEXT,    AT(socket), 0},
    {{'u', "--url",        "URL",     "its address, http://HOST:PORT"},             TEXT,    AT(url), 0},
    {{'c', "--config",     "FILE",    "its configuration, to find it by"},          TEXT,    AT(config), 0},
    {{0,   "--token-file", "FILE",    "send the bearer token in this file"},        TEXT,    AT(token_file), 0},
    {{'t', "--timeout",    "SECONDS", "wait so long for an answer (30)"},           SECONDS, AT(timeout_ms), 0},
    {{'j', "--json",       NULL,      "print JSON, as the daemon gave it"},         FLAG,    AT(json), 0},
    {{'n', "--interval",   "SECONDS", "between two looks (1)"},                     SECONDS, AT(interval_ms), CTL_TAKES_INTERVAL},
    {{'e', "--events",     "KINDS",   "project,state,health: some of them"},        TEXT,    AT(events), CTL_TAKES_EVENTS},
    {{0,   "--name",       "NAME",    "of the new project"},                        TEXT,    AT(name), CTL_TAKES_NAME},
    {{'d', "--directory",  "DIR",     "the folder, in place of storage.directory"}, TEXT,    AT(directory), CTL_TAKES_DIRECTORY},
    {{0,   "--save",       NULL,      "save its changes first"},                    FLAG,    AT(save), CTL_TAKES_SAVE},
    {{0,   "--discard",    NULL,      "undo what was not saved"},                   FLAG,    AT(discard), CTL_TAKES_SAVE},
    {{0,   "--replace",    NULL,      "also where there is one of that name"},      FLAG,    AT(replace), CTL_TAKES_REPLACE},
    {{'o', "--option",     "NAME=VALUE", "an option of the file's format"},         PAIRS,   AT(options), CTL_TAKES_OPTIONS},
    {{0,   "--strict",     NULL,      "fail where something would be lost"},        FLAG,    AT(strict), CTL_TAKES_OPTIONS},
    {{0,   "--no-wait",    NULL,      "do not wait for the outcome"},               FLAG,    AT(no_wait), CTL_TAKES_NO_WAIT},
};
#undef AT
/* clang-format on */
#define ROWS (sizeof(rows) / sizeof(rows[0]))

const struct goxel_flags ctl_flags = {rows, ROWS, sizeof(rows[0]), "goxelctl --help"};

/* ---- options ---- */

const struct goxel_flag *ctl_args_option(size_t at, unsigned *ret_takes)
{
    if (at >= ROWS)
        return NULL;
    *ret_takes = rows[at].takes;
    return &rows[at].flag;
}

static int take_seconds(const char *name, const char *argument, int64_t *ret_ms, struct goxel_detail *detail)
{
    char *end;
    double seconds = strtod(argument, &end);

    if (end == argument || *end || !(seconds >= 0.001 && seconds <= SECONDS_MAX))
        return goxel_fail_value(detail, GOXEL_ERROR_USAGE, name, argument, "seconds, 0.001 to %d",
                                SECONDS_MAX);
    *ret_ms = llround(seconds * 1e3);
    return 0;
}

static int take_pair(const char *name, const char *argument, struct ctl_words *words,
                     struct goxel_detail *detail)
{
    const char *equals = strchr(argument, '=');

    if (!equals || equals == argument)
        return goxel_fail_value(detail, GOXEL_ERROR_USAGE, name, argument, "NAME=VALUE");
    if (words->count == CTL_OPTIONS_MAX)
        return goxel_fail_limit(detail, GOXEL_ERROR_USAGE, name, CTL_OPTIONS_MAX, CTL_OPTIONS_MAX + 1);
    words->words[words->count++] = argument;
    return 0;
}

struct reading {
    struct ctl_args *args;
    bool given[ROWS];
};

static int take(void *ctx, size_t at, const char *argument, struct goxel_detail *detail)
{
    struct reading *reading = ctx;
    const struct row *row = &rows[at];
    char *member = (char *)reading->args + row->offset;

    reading->given[at] = true;
    switch (row->kind) {
    case FLAG:
        *(bool *)member = true;
        return 0;
    case TEXT:
        *(const char **)member = argument;
        return argument[0] ? 0 : goxel_fail(detail, GOXEL_ERROR_USAGE, "%s: is empty", row->flag.name);
    case PAIRS:
        return take_pair(row->flag.name, argument, (struct ctl_words *)member, detail);
    case SECONDS:
        break;
    }
    return take_seconds(row->flag.name, argument, (int64_t *)member, detail);
}

/* ---- the command ---- */

/* The words "project" and "list" are "project list". */
static const struct ctl_command *command_of(char **words, int count, int *ret_used)
{
    for (const struct ctl_command *row = ctl_commands; row->name; row++) {
        const char *space = strchr(row->name, ' ');
        size_t first = space ? (size_t)(space - row->name) : strlen(row->name);

        if (strlen(words[0]) != first || strncmp(words[0], row->name, first))
            continue;
        if (!space || (count > 1 && !strcmp(words[1], space + 1))) {
            *ret_used = space ? 2 : 1;
            return row;
        }
    }
    return NULL;
}

/* "project list" does to "project". */
static bool belongs_to(const struct ctl_command *row, const char *family)
{
    size_t len = strlen(family);

    return !strncmp(row->name, family, len) && row->name[len] == ' ';
}

static bool is_family(const char *word)
{
    for (const struct ctl_command *row = ctl_commands; row->name; row++) {
        if (belongs_to(row, word))
            return true;
    }
    return false;
}

/* "project" alone, or with a word that makes no command of it: which there are; else the one that was meant. */
static int refuse_command(char **words, int count, struct goxel_detail *detail)
{
    size_t used = 0;
    struct goxel_nearest nearest = {.written = words[0]};
    char seconds[160] = "";

    for (const struct ctl_command *row = ctl_commands; row->name; row++) {
        goxel_nearest_try(&nearest, row->name);
        if (belongs_to(row, words[0]) && used < sizeof(seconds))
            used += (size_t)snprintf(seconds + used, sizeof(seconds) - used, "%s%s", used ? ", " : "",
                                     strchr(row->name, ' ') + 1);
    }
    if (used)
        return goxel_fail_value(detail, GOXEL_ERROR_USAGE, words[0], count > 1 ? words[1] : "nothing",
                                "one of %s", seconds);
    return goxel_fail(detail, GOXEL_ERROR_USAGE, "%.60s: no such command; %s%s%ssee goxelctl --help",
                      words[0], nearest.found ? "did you mean " : "", nearest.found ? nearest.found : "",
                      nearest.found ? "? " : "");
}

static int check_count(const struct ctl_args *args, struct goxel_detail *detail)
{
    const struct ctl_command *command = args->command;

    if (args->count >= command->least && args->count <= command->most)
        return 0;
    return goxel_fail(detail, GOXEL_ERROR_USAGE, "too %s arguments: goxelctl %s%s%s",
                      args->count < command->least ? "few" : "many", command->name,
                      command->arguments[0] ? " " : "", command->arguments);
}

/* One way to the daemon. */
static int check_together(const struct ctl_args *args, struct goxel_detail *detail)
{
    if (!!args->url + !!args->socket + !!args->config > 1)
        return goxel_fail(detail, GOXEL_ERROR_USAGE, "give one of --socket, --url and --config");
    if (args->save && args->discard)
        return goxel_fail(detail, GOXEL_ERROR_USAGE, "give one of --save and --discard");
    return 0;
}

/* One folder, and no daemon. */
static int check_offline(const struct ctl_args *args, struct goxel_detail *detail)
{
    if (args->url || args->socket)
        return goxel_fail(detail, GOXEL_ERROR_USAGE, "%s: not with %s, which asks no daemon",
                          args->url ? "--url" : "--socket", args->command->name);
    if (args->directory && args->config)
        return goxel_fail(detail, GOXEL_ERROR_USAGE, "give one of --directory and --config");
    return 0;
}

static int check(const struct ctl_args *args, const bool given[ROWS], struct goxel_detail *detail)
{
    int code = check_together(args, detail);

    for (size_t i = 0; i < ROWS && !code; i++) {
        if (given[i] && rows[i].takes && !(args->command->takes & rows[i].takes))
            code = goxel_fail(detail, GOXEL_ERROR_USAGE, "%s: not with %s", rows[i].flag.name,
                              args->command->name);
    }
    if (!code && (args->command->takes & CTL_OFFLINE))
        code = check_offline(args, detail);
    return code ? code : check_count(args, detail);
}

int ctl_args_parse(int argc, char **argv, struct goxel_detail *detail, struct ctl_args *ret_args)
{
    struct ctl_args args = {.timeout_ms = TIMEOUT_MS, .interval_ms = INTERVAL_MS};
    struct reading reading = {.args = &args};
    int used = 0, next = 0, code = goxel_flags_read(&ctl_flags, argc, argv, take, &reading, detail, &next);

    if (code)
        return code;
    args.words = argv + next;
    args.count = argc - next;
    if (args.count && !strcmp(args.words[0], "help")) {
        args.help = true;
        args.words++;
        args.count--;
    }
    if (args.help && args.count == 1 && is_family(args.words[0])) {
        args.family = args.words[0];
    } else if (args.count) {
        args.command = command_of(args.words, args.count, &used);
        if (!args.command)
            return refuse_command(args.words, args.count, detail);
        args.words += used;
        args.count -= used;
    }
    if (!args.help && !args.version) {
        code = args.command
                   ? check(&args, reading.given, detail)
                   : goxel_fail(detail, GOXEL_ERROR_USAGE, "a command is missing; see goxelctl --help");
        if (code)
            return code;
    }
    *ret_args = args;
    return 0;
}

/* ---- help ---- */

/* clang-format off */
const struct goxel_term ctl_statuses[] = {
    {"0", "done"},
    {"1", "the daemon answered with an error; offline: a daemon runs on the folder, or there is no such project"},
    {"2", "wrong command line, parameters that are not JSON, or a configuration that cannot be read"},
    {"3", "no usable answer: nobody is there, it came too late or was too large, or is not from a goxel-daemon"},
    {"4", "health: not healthy; check and repair: something is damaged"},
    {"5", "something failed on this side: memory, a file, the output"},
    {NULL, NULL},
};

const struct goxel_term ctl_variables[] = {
    {"GOXEL_TOKEN", "the bearer token, without --token-file"},
    {"NO_COLOR", "no colours, if it is set and not empty"},
    {"TERM", "no colours, no progress and no screen of `top`, if it is dumb"},
    {NULL, NULL},
};
/* clang-format on */

/* Those of every command, or those that this one takes besides. */
static void help_options(FILE *out, unsigned takes)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (takes ? (rows[i].takes & takes) != 0 : !rows[i].takes)
            goxel_flag_help(&rows[i].flag, out);
    }
}

static void help_command(FILE *out, const struct ctl_command *command)
{
    fprintf(out, "Usage: goxelctl [OPTION]... %s%s%s\n%s\n", command->name, command->arguments[0] ? " " : "",
            command->arguments, command->help);
    if (command->more)
        fprintf(out, "\n%s\n", command->more);
    if (command->takes & ~(unsigned)CTL_OFFLINE) {
        fputs("\nOptions of its own; goxelctl --help lists the others:\n", out);
        help_options(out, command->takes);
    }
}

static void help_row(FILE *out, const struct ctl_command *row)
{
    char name[48];

    snprintf(name, sizeof(name), "%s%s%s", row->name, row->arguments[0] ? " " : "", row->arguments);
    fprintf(out, "  %-26s %s\n", name, row->help);
}

static void help_family(FILE *out, const char *family)
{
    fprintf(out, "Usage: goxelctl [OPTION]... %s COMMAND [ARGUMENT]...\n\n", family);
    for (const struct ctl_command *row = ctl_commands; row->name; row++) {
        if (belongs_to(row, family))
            help_row(out, row);
    }
    fprintf(out, "\n`goxelctl help %s COMMAND` tells more of one; goxelctl --help lists the options.\n",
            family);
}

static void help_all(FILE *out)
{
    fputs("Usage: goxelctl [OPTION]... COMMAND [ARGUMENT]...\n"
          "Looks at a running goxel-daemon and steers it.\n\n"
          "Commands; `goxelctl help COMMAND` tells more of one:\n",
          out);
    for (const struct ctl_command *row = ctl_commands; row->name; row++)
        help_row(out, row);
    fputs("\nOptions:\n", out);
    help_options(out, 0);
    fputs(
        "\nWithout --socket, --url and --config the daemon is looked for where " CTL_CONFIG "\n"
        "says, or its defaults if there is no such file: at its Unix socket, and where that is not there at\n"
        "its TCP address; but stop and restart go to the first of the two that it has.\n\n"
        "Environment:\n",
        out);
    goxel_terms_help(ctl_variables, out);
    fputs("\nExit status:\n", out);
    goxel_terms_help(ctl_statuses, out);
}

void ctl_args_help(FILE *out, const struct ctl_args *args)
{
    if (args->command)
        help_command(out, args->command);
    else if (args->family)
        help_family(out, args->family);
    else
        help_all(out);
}
