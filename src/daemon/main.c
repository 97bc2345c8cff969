/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * goxel-daemon: the command line, the configuration, and then the lifecycle thread, which is this one.
 *
 * Whatever fails is said on standard error by its reason, and by the exit status of base/error.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "daemon/command.h"
#include "daemon/control.h"
#include "daemon/daemon.h"
#include "daemon/detach.h"
#include "daemon/handover.h"
#include "daemon/program.h"

#define MESSAGES_MAX (64u << 10)

/* To standard error, by way of the process that still has it. */
static int say(const struct goxel_daemon *daemon, int code, const struct goxel_detail *detail)
{
    int status = goxel_error_exit(code);
    struct goxel_buf line;

    goxel_buf_init(&line, MESSAGES_MAX);
    goxel_buf_printf(&line, "goxel-daemon: ");
    goxel_detail_print(&line, code, detail);
    if (daemon->ready_fd >= 0)
        goxel_detach_report(daemon->ready_fd, status, line.data);
    else
        fprintf(stderr, "%s\n", line.data ? line.data : goxel_error_text(code));
    goxel_buf_finish(&line);
    return status;
}

static void print_lines(const char *kind, const struct goxel_buf *lines)
{
    for (const char *line = lines->len ? lines->data : ""; *line;) {
        size_t len = strcspn(line, "\n");

        fprintf(stderr, "goxel-daemon: %s%.*s\n", kind, (int)len, line);
        line += len + (line[len] == '\n');
    }
}

/* The path as it will be found from any directory, for later reloads and restarts. */
static int absolute_path(const char *path, struct goxel_detail *detail, char **ret_path)
{
    char *folder;
    int len;

    if (path[0] == '/') {
        *ret_path = strdup(path);
        return *ret_path ? 0 : goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "%s", path);
    }
    folder = getcwd(NULL, 0);
    if (!folder)
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "getcwd", path);
    len = asprintf(ret_path, "%s/%s", folder, path);
    free(folder);
    return len < 0 ? goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "%s", path) : 0;
}

static int load(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    struct goxel_buf errors, warnings;
    int code;

    goxel_buf_init(&errors, MESSAGES_MAX);
    goxel_buf_init(&warnings, MESSAGES_MAX);
    code = goxel_daemon_load(daemon, daemon->settings, &errors, &warnings, &daemon->config, detail);
    print_lines("warning: ", &warnings);
    print_lines("", &errors);
    if (code)
        goxel_fail(detail, code, "%s", daemon->config_path ? daemon->config_path : "command line");
    goxel_buf_finish(&errors);
    goxel_buf_finish(&warnings);
    return code;
}

/* What the file is checked for beyond itself: that the rules of access can be loaded. */
static int check_config(const struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    const char *name = daemon->config_path ? daemon->config_path : "command line";
    struct goxel_buf errors;
    int code;

    goxel_buf_init(&errors, MESSAGES_MAX);
    code = goxel_daemon_check_policy(daemon->config, &errors, detail);
    print_lines("", &errors);
    if (!code)
        printf("goxel-daemon: %s: the configuration is valid\n", name);
    else if (errors.len)
        goxel_fail(detail, code, "%s", name);
    goxel_buf_finish(&errors);
    return code;
}

static int print_config(const struct goxel_daemon *daemon)
{
    struct goxel_buf out;
    int code;

    goxel_buf_init(&out, GOXEL_CONFIG_FILE_MAX);
    goxel_config_print(daemon->config, &out);
    code = out.failed;
    if (!code && fwrite(out.data, 1, out.len, stdout) != out.len)
        code = GOXEL_ERROR_FILE_ACCESS;
    goxel_buf_finish(&out);
    return code;
}

/* What needs no configuration is answered before it is read. */
static bool answered(const struct goxel_command *command)
{
    if (command->action == GOXEL_COMMAND_HELP)
        goxel_command_help(stdout);
    else if (command->action == GOXEL_COMMAND_VERSION)
        printf("goxel-daemon version %s\n", GOXEL_VERSION);
    else
        return false;
    return true;
}

/* The actions that are about a running daemon, and how each is carried out. */
struct control {
    enum goxel_command_action action;
    int (*carry_out)(struct goxel_daemon *daemon, const struct goxel_command *command,
                     const struct control *control, struct goxel_detail *detail, int *ret_status);
    int (*run)(const struct goxel_config *config, bool ask); /* NULL: carry_out knows */
};

static int by_pid_file(struct goxel_daemon *daemon, const struct goxel_command *command,
                       const struct control *control, struct goxel_detail *detail, int *ret_status);
static int by_report(struct goxel_daemon *daemon, const struct goxel_command *command,
                     const struct control *control, struct goxel_detail *detail, int *ret_status);

static const struct control controls[] = {
    {GOXEL_COMMAND_STATUS, by_pid_file, goxel_control_status},
    {GOXEL_COMMAND_STOP, by_pid_file, goxel_control_stop},
    {GOXEL_COMMAND_RELOAD, by_report, NULL},
};

static const struct control *control_of(enum goxel_command_action action)
{
    for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
        if (controls[i].action == action)
            return &controls[i];
    }
    return NULL;
}

/* A daemon that runs can be found and stopped although its file has become invalid, by its PID file. */
static int by_pid_file(struct goxel_daemon *daemon, const struct goxel_command *command,
                       const struct control *control, struct goxel_detail *detail, int *ret_status)
{
    bool ask = true;
    int code = load(daemon, detail);

    if (code == DAEMON_ERROR_CONFIG_INVALID && daemon->config_path) {
        if (!goxel_command_overrides(command, GOXEL_OPT_PROCESS_PID_FILE))
            return goxel_fail(detail, code, "%s; give --pid-file to do without it", daemon->config_path);
        fprintf(stderr, "goxel-daemon: going on with --pid-file alone\n");
        ask = goxel_command_overrides(command, GOXEL_OPT_SOCKETS_UNIX_PATH);
        free(daemon->config_path);
        daemon->config_path = NULL;
        code = load(daemon, detail);
    }
    if (!code)
        *ret_status = control->run(daemon->config, ask);
    return code;
}

/*
 * The daemon reads the file itself, and reports; it has to be asked also where that will fail: it reopens its log
 * in any case, and is to show that its file is invalid. Whatever it says, an invalid file is no success.
 */
static int by_report(struct goxel_daemon *daemon, const struct goxel_command *command,
                     const struct control *control, struct goxel_detail *detail, int *ret_status)
{
    struct goxel_config *salvaged = NULL;
    int code = goxel_config_salvage(daemon->config_path, daemon->overrides, daemon->override_count, NULL,
                                    &salvaged);
    int status = code ? 0 : goxel_control_reload(salvaged);

    (void)command;
    (void)control;
    goxel_config_unref(salvaged);
    if (status == goxel_error_exit(DAEMON_ERROR_CONFIG_INVALID)) {
        *ret_status = status; /* with every error, as the daemon found it */
        return 0;
    }
    code = load(daemon, detail);
    if (!code)
        *ret_status = status;
    return code;
}

/* *ret_status is what the process ends with, unless there is an error. */
static int act(struct goxel_daemon *daemon, const struct goxel_command *command, struct goxel_detail *detail,
               int *ret_status)
{
    const struct control *about_another = control_of(command->action);
    int code = command->config_path ? absolute_path(command->config_path, detail, &daemon->config_path) : 0;

    if (!code && about_another)
        return about_another->carry_out(daemon, command, about_another, detail, ret_status);
    if (!code && command->action == GOXEL_COMMAND_RUN)
        code = goxel_handover_take(daemon, detail);
    if (!code)
        code = goxel_handover_settle(daemon, load(daemon, detail), detail);
    if (code)
        return code;
    if (command->action == GOXEL_COMMAND_PRINT_CONFIG)
        return print_config(daemon);
    if (command->action == GOXEL_COMMAND_CHECK_CONFIG)
        return check_config(daemon, detail);
    return goxel_daemon_run(daemon, detail);
}

int main(int argc, char **argv)
{
    struct goxel_daemon daemon = GOXEL_DAEMON_NEW;
    struct goxel_command command;
    struct goxel_detail detail;
    int code, status = EXIT_SUCCESS;

    goxel_supervisor_take(&daemon.inherited);
    goxel_detach_tidy((int)daemon.inherited.count);
    goxel_detail_init(&detail);
    code = goxel_command_parse(argc, argv, &detail, &command);
    if (!code && answered(&command))
        return EXIT_SUCCESS;
    daemon.argv = argv;
    daemon.test_mode = command.test_mode;
    daemon.overrides = command.overrides;
    daemon.override_count = command.override_count;
    if (!code)
        code = goxel_program_find(argv[0], &detail, &daemon.program);
    if (!code)
        code = act(&daemon, &command, &detail, &status);
    goxel_config_unref(daemon.config);
    goxel_settings_destroy(daemon.settings);
    free(daemon.config_path);
    free(daemon.program);
    pthread_mutex_destroy(&daemon.lock);
    return code ? say(&daemon, code, &detail) : status;
}
