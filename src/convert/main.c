/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * goxel-convert: files of voxels into others, without a daemon.
 *
 * A signal to end raises the cancel, and the work ends as after any failure: the old file is as it was, and no temporary is left. Then the
 * process ends by that signal, as a shell expects it. A second one does not wait.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "convert/convert.h"

static struct convert convert;
static volatile sig_atomic_t caught;

static void on_signal(int number)
{
    caught = number;
    goxel_cancel_raise(&convert.cancel, GOXEL_ERROR_SHUTTING_DOWN);
}

static void take_signals(void)
{
    static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction old;

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++) {
        /* nohup(1) has reasons. */
        if (sigaction(ending[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            (void)sigaction(ending[i], &action, NULL);
    }
    /* A closed pipe and a file too long are errors of write(2). */
    (void)sigaction(SIGPIPE, &ignore, NULL);
    (void)sigaction(SIGXFSZ, &ignore, NULL);
}

/* ---- what it can do ---- */

static enum convert_exit read_all(struct convert_source *sources, size_t count)
{
    enum convert_exit status = CONVERT_DONE;

    for (size_t i = 0; i < count && !status; i++)
        status = convert_read(&convert, convert.args->inputs[i], &sources[i]);
    return status;
}

static enum convert_exit write_all(const struct convert_target *target, struct convert_source *sources,
                                   size_t count)
{
    struct goxel_project *joined = NULL, *chosen = NULL;
    struct goxel_warnings warnings = {.count = 0};
    enum convert_exit status;
    struct goxel_detail detail;
    char name[256];
    int code;

    goxel_detail_init(&detail);
    code = convert_join(sources, count, &convert.cancel, &warnings, &detail, &joined);
    if (!code)
        code = convert_choose(convert.args, joined, &convert.cancel, &warnings, &detail, &chosen);
    goxel_project_unref(joined);
    for (size_t i = 0; i < count; i++)
        convert_source_finish(&sources[i]);
    if (!code)
        status = convert_write(&convert, target, chosen, &warnings);
    else
        status = convert_say(convert_name(target->path, GOXEL_FORMAT_OUT, name), code, &detail);
    goxel_project_unref(chosen);
    return status;
}

static enum convert_exit run_files(void)
{
    size_t count = (size_t)convert.args->count;
    struct convert_source *sources;
    struct convert_target target;
    enum convert_exit status = convert_target_choose(convert.args, &target);

    if (status)
        return status;
    sources = calloc(count, sizeof(*sources));
    if (!sources)
        return convert_say(NULL, GOXEL_ERROR_OUT_OF_MEMORY, NULL);
    status = read_all(sources, count);
    if (!status)
        status = write_all(&target, sources, count);
    for (size_t i = 0; i < count; i++)
        convert_source_finish(&sources[i]);
    free(sources);
    return status;
}

/* All of them; the first failure is the status. */
static enum convert_exit run_info(void)
{
    enum convert_exit status = CONVERT_DONE;

    for (int i = 0; i < convert.args->count && !caught; i++) {
        struct convert_source source = {.project = NULL};
        struct goxel_detail detail;
        enum convert_exit one = convert_read(&convert, convert.args->inputs[i], &source);
        char name[256];
        int code;

        goxel_detail_init(&detail);
        if (!one && (code = convert_info(&convert, &source, &detail)))
            one = convert_say(convert_name(source.path, GOXEL_FORMAT_IN, name), code, &detail);
        convert_source_finish(&source);
        status = status ? status : one;
    }
    return status;
}

static enum convert_exit run_list(void)
{
    enum convert_exit status = CONVERT_DONE;
    struct goxel_buf text;

    goxel_buf_init(&text, 1 << 20);
    (convert.args->json ? convert_list_formats_json : convert_list_formats)(goxel_formats, &text);
    if (text.failed)
        status = convert_say(NULL, text.failed, NULL);
    else
        (void)fwrite(text.data, 1, text.len, stdout);
    goxel_buf_finish(&text);
    return status;
}

static enum convert_exit run_tell(void)
{
    if (convert.args->help)
        convert_args_help(stdout);
    else
        printf("goxel-convert version %s\n", GOXEL_VERSION);
    return CONVERT_DONE;
}

static enum convert_exit run(void)
{
    static enum convert_exit (*const runs[])(void) = {
        [CONVERT_FILES] = run_files,
        [CONVERT_INFO] = run_info,
        [CONVERT_LIST] = run_list,
        [CONVERT_TELL] = run_tell,
    };

    return runs[convert.args->mode]();
}

/* Output that did not get out is no success. */
static enum convert_exit settle_output(enum convert_exit status)
{
    if (!fflush(stdout) && !ferror(stdout))
        return status;
    fprintf(stderr, "goxel-convert: standard output: %s\n", strerror(errno));
    return status ? status : CONVERT_FAILED;
}

int main(int argc, char **argv)
{
    struct convert_args args = {.help = false};
    struct goxel_detail detail;
    enum convert_exit status;
    int code;

    goxel_detail_init(&detail);
    goxel_cancel_init(&convert.cancel, 0);
    code = convert_args_parse(argc, argv, &detail, &args);
    if (code)
        return convert_say(NULL, code, &detail);
    convert.args = &args;
    convert.progress = !args.quiet && isatty(STDERR_FILENO);
    take_signals();
    status = settle_output(run());
    if (caught && status) {
        (void)signal(caught, SIG_DFL);
        (void)raise(caught);
    }
    return status;
}
