/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --status, --stop and --reload against a process that holds a PID file and answers on a socket what it is
 * told to; tests/integration/control.sh has the real daemon.
 */
#include "daemon/control.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/error.h"
#include "forked.h"
#include "daemon/pidfile.h"
#include "unit.h"
#include "unit/base/scratch.h"

/* ---- the other side ---- */

struct fake {
    pid_t pid;
    bool by_file;
    const char *number; /* in the PID file; NULL: its own */
};

static void answer(int client)
{
    char request[1024] = "", *reply;
    ssize_t len = recv(client, request, sizeof(request) - 1, 0);

    reply = scratch_read("reply");
    if (len > 0 && reply)
        (void)send(client, reply, strlen(reply), MSG_NOSIGNAL);
    free(reply);
    close(client);
    if (!strncmp(request, "POST /shutdown ", 15))
        _exit(0);
}

static int serve(void *ctx)
{
    const struct fake *fake = ctx;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd, pid_fd = -1;

    if (fake->by_file && goxel_pidfile_take(scratch_path("pid"), NULL, &pid_fd))
        return 97;
    if (fake->number)
        scratch_write("pid", fake->number);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", scratch_path("sock"));
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 8))
        return 96;
    for (;;)
        answer(accept(fd, NULL, NULL));
}

static void fake_begin(struct fake *fake)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    unlink(scratch_path("sock"));
    fake->pid = forked_start(serve, fake);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); /* after the fork, or it has this end too */
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", scratch_path("sock"));
    while (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
        CU_ASSERT_FATAL(errno == ENOENT || errno == ECONNREFUSED);
        CU_ASSERT_EQUAL_FATAL(waitpid(fake->pid, NULL, WNOHANG), 0);
    }
    close(fd);
}

static void fake_end(struct fake *fake)
{
    (void)kill(fake->pid, SIGKILL);
    (void)forked_wait(fake->pid);
}

static void reply_with(unsigned status, const char *body)
{
    char text[2048];

    snprintf(text, sizeof(text), "HTTP/1.1 %u x\r\nContent-Length: %zu\r\n\r\n%s", status, strlen(body),
             body);
    scratch_write("reply", text);
}

/* ---- this side ---- */

struct call {
    int (*control)(const struct goxel_config *config, bool ask);
    bool by_file, ask;
    char *out, *err; /* what was said */
};

/* As the others look. */
static int reload_it(const struct goxel_config *config, bool ask)
{
    (void)ask;
    return goxel_control_reload(config);
}

/* Standard output of the next calls is a terminal; "out" gets what it was sent. */
static bool on_terminal;

static int open_terminal(void)
{
    int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), line;
    struct termios raw;

    if (terminal < 0 || grantpt(terminal) || unlockpt(terminal))
        return -1;
    line = open(ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (line < 0 || tcgetattr(line, &raw))
        return -1;
    cfmakeraw(&raw);
    if (tcsetattr(line, TCSANOW, &raw) || dup2(line, STDOUT_FILENO) < 0)
        return -1;
    return terminal;
}

static void close_terminal(int terminal)
{
    char text[4096] = "";

    (void)fflush(stdout);
    if (read(terminal, text, sizeof(text) - 1) < 0)
        _exit(94);
    scratch_write("out", text);
}

static int carry_out(void *ctx)
{
    const struct call *call = ctx;
    struct goxel_config *config = NULL;
    int terminal = on_terminal ? open_terminal() : -1;
    char text[1024];
    int status;

    if (on_terminal && terminal < 0)
        return 93;

    snprintf(text, sizeof(text),
             "process { pid_file = \"%s\" create_pid_file = %s } sockets { unix { path = \"%s\" } }",
             scratch_path("pid"), call->by_file ? "true" : "false", scratch_path("sock"));
    if (goxel_config_parse(text, strlen(text), "test", NULL, 0, NULL, NULL, &config))
        return 95;
    status = call->control(config, call->ask);
    if (on_terminal)
        close_terminal(terminal);
    goxel_config_unref(config);
    return status;
}

static int run(struct call *call)
{
    int status = forked_run(carry_out, call);

    free(call->out);
    free(call->err);
    call->out = scratch_read("out");
    call->err = scratch_read("err");
    CU_ASSERT_FATAL(WIFEXITED(status) && call->out && call->err);
    return WEXITSTATUS(status);
}

static void call_finish(struct call *call)
{
    free(call->out);
    free(call->err);
}

static bool holds(const char *text, const char *part)
{
    bool found = strstr(text, part);

    if (!found)
        printf("\n%s", text);
    return found;
}

/* ---- nobody runs ---- */

static void nobody_runs(void)
{
    struct call status = {goxel_control_status, true, true, NULL, NULL};
    struct call stop = {goxel_control_stop, true, true, NULL, NULL};
    struct call reload = {reload_it, true, true, NULL, NULL};

    if (!scratch_open())
        return;
    for (int by_file = 0; by_file <= 1; by_file++) {
        const char *said = by_file ? "goxel-daemon: not running: nobody holds /"
                                   : "goxel-daemon: not running\n";

        status.by_file = stop.by_file = reload.by_file = by_file;
        CU_ASSERT_EQUAL(run(&status), 3);
        CU_ASSERT(holds(status.out, said));
        CU_ASSERT_EQUAL(run(&stop), 0);
        CU_ASSERT(holds(stop.out, said));
        CU_ASSERT_EQUAL(run(&reload), 3);
        CU_ASSERT_STRING_EQUAL(reload.out, "");
        CU_ASSERT(holds(reload.err, said));
    }
    scratch_write("pid", "1\n");
    CU_ASSERT_EQUAL(run(&status), 1);
    CU_ASSERT(holds(status.out, "left behind"));
    CU_ASSERT(holds(status.out, scratch_path("pid")));
    CU_ASSERT_EQUAL(run(&stop), 0);
    CU_ASSERT_EQUAL(run(&reload), 3);
    call_finish(&status);
    call_finish(&stop);
    call_finish(&reload);
    scratch_close();
}

static void what_cannot_be_told(void)
{
    struct call call = {goxel_control_status, true, true, NULL, NULL};

    if (!scratch_open())
        return;
    /* A link is not followed: who could make one could have another file looked at. */
    CU_ASSERT_EQUAL(symlink("/etc/passwd", scratch_path("pid")), 0);
    CU_ASSERT_EQUAL(run(&call), 4);
    CU_ASSERT(holds(call.err, scratch_path("pid")));
    call_finish(&call);
    scratch_close();
}

/* ---- status ---- */

static void status_says_how_it_is(void)
{
    static const struct {
        const char *body, *line;
    } rows[] = {
        {"{\"state\":\"RUNNING\",\"healthy\":true,\"checks\":{\"queue\":{\"ok\":false,\"reason\":\"x\"}}}",
         "RUNNING, healthy"},
        {"{\"state\":\"RUNNING\",\"healthy\":false,\"checks\":{\"responsive\":{\"ok\":true},"
         "\"queue\":{\"ok\":false,\"reason\":\"\"},\"script\":{\"ok\":false,\"reason\":\"disk\"}}}",
         "RUNNING, unhealthy: queue, script (disk)"},
        {"{\"state\":\"STOPPING\",\"healthy\":true,\"phase\":\"DRAIN_REQUESTS\"}",
         "STOPPING (DRAIN_REQUESTS), healthy"},
        {"{\"state\":\"\\u001b[2J\",\"healthy\":true}", "\\x1b[2J, healthy"},
        {"{\"state\":\"RUNNING\",\"healthy\":\"yes\"}",
         "does not answer: HTTP status 503, and no health that can be read"},
        {"[]", "does not answer: HTTP status 503, and no health that can be read"},
        {"{", "does not answer: HTTP status 503, and no health that can be read"},
    };
    struct call call = {goxel_control_status, true, true, NULL, NULL};
    struct fake fake = {.by_file = true};
    char line[256];

    if (!scratch_open())
        return;
    fake_begin(&fake);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        reply_with(503, rows[i].body);
        CU_ASSERT_EQUAL(run(&call), 0);
        snprintf(line, sizeof(line), "goxel-daemon: running, PID %ld, %s\n", (long)fake.pid, rows[i].line);
        CU_ASSERT_STRING_EQUAL(call.out, line);
    }
    unlink(scratch_path("reply")); /* it closes the connection */
    CU_ASSERT_EQUAL(run(&call), 0);
    CU_ASSERT(holds(call.out, ", does not answer: "));
    call.ask = false;
    CU_ASSERT_EQUAL(run(&call), 0);
    snprintf(line, sizeof(line), "goxel-daemon: running, PID %ld\n", (long)fake.pid);
    CU_ASSERT_STRING_EQUAL(call.out, line);

    call = (struct call){goxel_control_status, false, true, call.out, call.err};
    reply_with(200, rows[0].body);
    CU_ASSERT_EQUAL(run(&call), 0);
    CU_ASSERT_STRING_EQUAL(call.out, "goxel-daemon: running, RUNNING, healthy\n");
    call_finish(&call);
    fake_end(&fake);
    scratch_close();
}

/* ---- stop ---- */

static void stop_waits_for_the_end(void)
{
    struct call call = {goxel_control_stop, true, true, NULL, NULL};
    struct fake fake = {.by_file = true};
    int status;

    if (!scratch_open())
        return;
    fake_begin(&fake);
    CU_ASSERT_EQUAL(run(&call), 0);
    CU_ASSERT_STRING_EQUAL(call.out, "goxel-daemon: stopped\n"); /* no terminal, no progress */
    CU_ASSERT_EQUAL(waitpid(fake.pid, &status, WNOHANG), fake.pid);
    CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    call_finish(&call);
    scratch_close();
}

static int wait_for_signal(void *ctx)
{
    (void)ctx;
    return pause();
}

/* Who can write into the PID file cannot have others' processes ended. */
static void a_stranger_is_not_stopped(void)
{
    struct call stop = {goxel_control_stop, true, true, NULL, NULL};
    struct call status = {goxel_control_status, true, false, NULL, NULL};
    struct fake fake = {.by_file = true};
    char number[32];
    pid_t stranger;

    if (!scratch_open())
        return;
    stranger = forked_start(wait_for_signal, NULL);
    snprintf(number, sizeof(number), "%ld\n", (long)stranger);
    fake.number = number;
    fake_begin(&fake);
    CU_ASSERT_EQUAL(run(&stop), goxel_error_exit(GOXEL_ERROR_FILE_ACCESS));
    CU_ASSERT(holds(stop.err, "by hand"));
    CU_ASSERT_EQUAL(run(&status), 0);
    CU_ASSERT_STRING_EQUAL(status.out, "goxel-daemon: running, PID unknown\n");
    CU_ASSERT_EQUAL(waitpid(stranger, NULL, WNOHANG), 0);
    CU_ASSERT_EQUAL(waitpid(fake.pid, NULL, WNOHANG), 0);
    fake_end(&fake);
    (void)kill(stranger, SIGKILL);
    (void)forked_wait(stranger);
    call_finish(&stop);
    call_finish(&status);
    scratch_close();
}

static void stop_without_a_pid_file(void)
{
    struct call call = {goxel_control_stop, false, true, NULL, NULL};
    struct fake fake = {.by_file = false};

    if (!scratch_open())
        return;
    reply_with(202, "{}");
    fake_begin(&fake);
    CU_ASSERT_EQUAL(run(&call), 0);
    CU_ASSERT(holds(call.out, "no longer listens"));
    (void)forked_wait(fake.pid);

    reply_with(403, "{}");
    fake_begin(&fake);
    CU_ASSERT_EQUAL(run(&call), goxel_error_exit(DAEMON_ERROR_PERMISSION_DENIED));
    CU_ASSERT(holds(call.err, "403"));
    (void)forked_wait(fake.pid);
    call_finish(&call);
    scratch_close();
}

/* ---- reload ---- */

static void reload_tells_the_report(void)
{
    static const struct {
        unsigned http;
        const char *body;
        int code;
        bool is_report;
        const char *err[3];
    } rows[] = {
        {200, "{\"applied\":[\"workers.count\"],\"pending_restart\":[],\"errors\":[]}\n", 0, true, {""}},
        {200,
         "{\"applied\":[],\"pending_restart\":[{\"option\":\"www.enabled\",\"level\":\"S\"}],\"errors\":[]}",
         0,
         true,
         {"goxel-daemon: waits for a restart: www.enabled (S)\n"}},
        {422,
         "{\"applied\":[],\"pending_restart\":[],\"errors\":[\"a:1: b: c\",\"a:2: d\\u0007\"]}",
         DAEMON_ERROR_CONFIG_INVALID,
         true,
         {"goxel-daemon: a:1: b: c\n", "goxel-daemon: a:2: d\\x07\n", "the configuration is invalid"}},
        {409,
         "{\"title\":\"x\",\"detail\":\"it is STOPPING\"}",
         DAEMON_ERROR_INVALID_STATE_TRANSITION,
         false,
         {"it is STOPPING"}},
        {403, "{}", DAEMON_ERROR_PERMISSION_DENIED, false, {"HTTP status 403"}},
        {503, "busy", GOXEL_ERROR_OVERLOADED, false, {"HTTP status 503"}},
        {200, "<html>", GOXEL_ERROR_INVALID_DATA, false, {"HTTP status 200"}},
        {404, "", GOXEL_ERROR_GENERAL, false, {"HTTP status 404"}},
    };
    struct call call = {reload_it, true, true, NULL, NULL};
    struct fake fake = {.by_file = true};
    char line[512];

    if (!scratch_open())
        return;
    fake_begin(&fake);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        reply_with(rows[i].http, rows[i].body);
        CU_ASSERT_EQUAL(run(&call), goxel_error_exit(rows[i].code));
        snprintf(line, sizeof(line), "%.*s\n", (int)strcspn(rows[i].body, "\n"), rows[i].body);
        CU_ASSERT_STRING_EQUAL(call.out, rows[i].is_report ? line : "");
        for (size_t k = 0; k < 3 && rows[i].err[k]; k++)
            CU_ASSERT(holds(call.err, rows[i].err[k]));
        if (!rows[i].err[0][0])
            CU_ASSERT_STRING_EQUAL(call.err, "");
    }
    call_finish(&call);
    fake_end(&fake);
    scratch_close();
}

/* What is no JSON of ours never goes out, and a person's terminal gets nothing to obey. */
static void reports_are_written_anew(void)
{
    static const char came[] =
        " {\"errors\" : [],\r\n \"applied\": [\"\xc2\x9b"
        "2J\", \"\x7f\", \"\xe2\x80\xae"
        "x\", \"\xd8\x9c\",\n\"\xe2\x81\xa6\", \"\\u001b[2J\", \"\xc3\xa4 \xe2\x82\xac "
        "\xf0\x9f\x98\x80\"], \"\xc2\x85\": 1.5} ";
    static const char plain[] = "{\"errors\":[],\"applied\":[\"\xc2\x9b"
                                "2J\",\"\x7f\",\"\xe2\x80\xae"
                                "x\",\"\xd8\x9c\",\"\xe2\x81\xa6\",\"\\u001b[2J\",\"\xc3\xa4 \xe2\x82\xac "
                                "\xf0\x9f\x98\x80\"],\"\xc2\x85\":1.5}\n";
    static const char shown[] =
        "{\"errors\":[],\"applied\":[\"\\u009b2J\",\"\\u007f\",\"\\u202ex\",\"\\u061c\","
        "\"\\u2066\",\"\\u001b[2J\",\"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80\"],"
        "\"\\u0085\":1.5}\n";
    struct call call = {reload_it, true, true, NULL, NULL};
    struct fake fake = {.by_file = true};

    if (!scratch_open())
        return;
    fake_begin(&fake);
    reply_with(200, came);
    CU_ASSERT_EQUAL(run(&call), 0);
    CU_ASSERT_STRING_EQUAL(call.out, plain);
    on_terminal = true;
    CU_ASSERT_EQUAL(run(&call), 0);
    on_terminal = false;
    CU_ASSERT_STRING_EQUAL(call.out, shown);
    call_finish(&call);
    fake_end(&fake);
    scratch_close();
}

const struct unit_suite control_suite = {
    "control",
    (const struct unit_test[]){
        {"nobody runs", nobody_runs},
        {"what cannot be told", what_cannot_be_told},
        {"status says how it is", status_says_how_it_is},
        {"stop waits for the end", stop_waits_for_the_end},
        {"a stranger is not stopped", a_stranger_is_not_stopped},
        {"stop without a PID file", stop_without_a_pid_file},
        {"reload tells the report", reload_tells_the_report},
        {"reports are written anew", reports_are_written_anew},
        {NULL, NULL},
    },
};
