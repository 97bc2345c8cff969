/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands that only look: status, health, stats, state. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "ctl/args.h"
#include "ctl/print.h"
#include "ctl/reply.h"
#include "ctl/table.h"

/* What did not fit into memory, as an exit status. */
static enum ctl_exit printed(int code)
{
    return code ? ctl_say(code, NULL) : CTL_DONE;
}

/* ---- status ---- */

static void print_load(const struct goxel_json *result)
{
    const struct goxel_json *workers = ctl_member(result, "workers", GOXEL_JSON_OBJECT);
    const struct goxel_json *queue = ctl_member(result, "queue", GOXEL_JSON_OBJECT);

    ctl_print_field("workers", CTL_PLAIN, "%.0f, %.0f of them busy", ctl_member_number(workers, "count"),
                    ctl_member_number(workers, "busy"));
    ctl_print_field("queue", CTL_PLAIN, "%.0f of %.0f, at most %.0f so far", ctl_member_number(queue, "used"),
                    ctl_member_number(queue, "size"), ctl_member_number(queue, "peak"));
    ctl_print_field("calls", CTL_PLAIN, "%.0f, %.0f of them ended in an error",
                    ctl_member_number(result, "calls"), ctl_member_number(result, "errors"));
}

/* Nothing where all are whole. */
static void print_damaged(const struct goxel_json *object)
{
    double count = ctl_member_number(object, "damaged_projects");

    if (count > 0)
        ctl_print_field("damaged", CTL_RED, "%.0f %s; goxelctl project list names them", count,
                        count > 1 ? "projects" : "project");
}

static void print_status(const struct ctl *ctl, const struct goxel_json *result)
{
    char text[CTL_TEXT_SIZE], duration[32];
    const char *state = ctl_member_text(result, "state", text);

    ctl_print_field("state", ctl_color_of_state(state), "%s", state);
    ctl_print_field("version", CTL_PLAIN, "%s", ctl_member_text(result, "version", text));
    ctl_print_field("pid", CTL_PLAIN, "%s", ctl_member_text(result, "pid", text));
    ctl_print_field("uptime", CTL_PLAIN, "%s",
                    ctl_duration(duration, ctl_member_number(result, "uptime_ms") / 1e3));
    ctl_print_field("address", CTL_PLAIN, "%s", ctl_endpoint_name(ctl_client_place(ctl->client)));
    ctl_print_field("projects", CTL_PLAIN, "%.0f, current %s", ctl_member_number(result, "projects"),
                    ctl_member_text(result, "current_project", text));
    print_damaged(result);
    print_load(result);
}

enum ctl_exit ctl_status(struct ctl *ctl)
{
    struct ctl_answer answer = {0};
    enum ctl_exit status = ctl_rpc(ctl, "system.get_status", NULL, 0, &answer);

    if (!status && ctl->args->json)
        status = printed(ctl_print_json(answer.result, false));
    else if (!status)
        print_status(ctl, answer.result);
    ctl_answer_finish(&answer);
    return status;
}

/* ---- health ---- */

static int print_checks(const struct goxel_json *checks)
{
    struct goxel_json_iter it = {0};
    struct ctl_table table;
    char name[CTL_TEXT_SIZE];
    int code;

    ctl_table_init(&table, (const char *const[]){"CHECK", "OK", ">TOOK MS", "REASON", NULL});
    while (checks && goxel_json_next(checks, &it)) {
        ctl_table_put(&table, "%s", ctl_printable(name, sizeof(name), it.key, strlen(it.key)));
        ctl_table_put(&table, "%s", ctl_member_true(it.value, "ok") ? "yes" : "NO");
        ctl_table_put_member(&table, it.value, "took_ms");
        ctl_table_put_member(&table, it.value, "reason");
    }
    putchar('\n');
    code = ctl_table_print(&table);
    ctl_table_finish(&table);
    return code;
}

static void print_pending(const struct goxel_json *pending)
{
    char text[CTL_TEXT_SIZE], level[CTL_TEXT_SIZE];

    for (size_t i = 0; pending && i < goxel_json_length(pending); i++)
        ctl_print_field("pending", CTL_YELLOW, "%s waits for a restart%s",
                        ctl_member_text(goxel_json_at(pending, i), "option", text),
                        strcmp(ctl_member_text(goxel_json_at(pending, i), "level", level), "S") == 0
                            ? " of the service"
                            : "");
}

static int print_health(const struct goxel_json *health, bool healthy)
{
    char text[CTL_TEXT_SIZE], duration[32];
    const char *state = ctl_member_text(health, "state", text);

    ctl_print_field("state", ctl_color_of_state(state), "%s", state);
    if (ctl_member(health, "phase", GOXEL_JSON_STRING))
        ctl_print_field("phase", CTL_PLAIN, "%s", ctl_member_text(health, "phase", text));
    ctl_print_field("healthy", healthy ? CTL_GREEN : CTL_RED, "%s", healthy ? "yes" : "no");
    ctl_print_field("uptime", CTL_PLAIN, "%s", ctl_duration(duration, ctl_member_number(health, "uptime_s")));
    ctl_print_field("recoveries", CTL_PLAIN, "%.0f attempts", ctl_member_number(health, "attempts"));
    print_damaged(health);
    print_pending(ctl_member(health, "pending_restart", GOXEL_JSON_ARRAY));
    return print_checks(ctl_member(health, "checks", GOXEL_JSON_OBJECT));
}

/* As the HTTP status has it, a daemon that stops counts as unhealthy: it is no place to send work to. */
enum ctl_exit ctl_health(struct ctl *ctl)
{
    struct ctl_answer answer = {0};
    enum ctl_exit status = ctl_ask(ctl, "GET", "/health", NULL, 503, &answer);
    bool healthy;

    if (status)
        return status;
    healthy = answer.status == 200 && ctl_member_true(answer.root, "healthy");
    status = printed(ctl->args->json ? ctl_print_json(answer.root, false)
                                     : print_health(answer.root, healthy));
    ctl_answer_finish(&answer);
    return status || healthy ? status : CTL_UNHEALTHY;
}

/* ---- stats ---- */

static enum ctl_exit stats_json(struct ctl *ctl)
{
    struct ctl_answer answer = {0};
    enum ctl_exit status = ctl_ask(ctl, "GET", "/stats", NULL, 0, &answer);

    if (!status)
        status = printed(ctl_print_json(answer.root, false));
    ctl_answer_finish(&answer);
    return status;
}

enum ctl_exit ctl_stats(struct ctl *ctl)
{
    const struct ctl_request request = {.method = "GET", .target = "/stats", .text = true};
    enum ctl_exit status = CTL_DONE;
    struct goxel_detail detail;
    struct ctl_reply reply;
    int code;

    if (ctl->args->json)
        return stats_json(ctl);
    goxel_detail_init(&detail);
    code = ctl_client_ask(ctl->client, &request, &detail, &reply);
    if (code)
        status = ctl_tell(code, &detail);
    else if (reply.status == 200)
        ctl_print_text(reply.body.data ? reply.body.data : "", reply.body.len);
    else
        status = stats_json(ctl); /* tells the problem */
    goxel_buf_finish(&reply.body);
    return status;
}

/* ---- state ---- */

static void put_request(struct ctl_table *table, const struct goxel_json *request)
{
    const struct goxel_json *trigger = ctl_member(request, "trigger", GOXEL_JSON_OBJECT);

    ctl_table_put_member(table, request, "at");
    ctl_table_put_member(table, request, "request");
    ctl_table_put_member(table, request, "outcome");
    ctl_table_put_member(table, request, "took_ms");
    ctl_table_put_member(table, request, "count");
    ctl_table_put_member(table, trigger, "what");
    ctl_table_put_member(table, trigger, "peer");
    ctl_table_put_member(table, trigger, "pid");
    ctl_table_put_member(table, request, "reason");
}

static int print_requests(const struct goxel_json *requests)
{
    struct ctl_table table;
    int code;

    if (!requests || !goxel_json_length(requests))
        return 0;
    ctl_table_init(&table, (const char *const[]){"AT", "REQUEST", "OUTCOME", ">TOOK MS", ">TIMES", "BY",
                                                 "FROM", ">PID", "REASON", NULL});
    for (size_t i = 0; i < goxel_json_length(requests); i++)
        put_request(&table, goxel_json_at(requests, i));
    putchar('\n');
    code = ctl_table_print(&table);
    ctl_table_finish(&table);
    return code;
}

static int print_state(const struct goxel_json *root)
{
    char text[CTL_TEXT_SIZE];
    const char *state = ctl_member_text(root, "state", text);

    ctl_print_field("state", ctl_color_of_state(state), "%s", state);
    if (ctl_member(root, "phase", GOXEL_JSON_STRING))
        ctl_print_field("phase", CTL_PLAIN, "%s", ctl_member_text(root, "phase", text));
    ctl_print_field("since", CTL_PLAIN, "%s", ctl_member_text(root, "since", text));
    ctl_print_field("log level", CTL_PLAIN, "%s", ctl_member_text(root, "log_level", text));
    return print_requests(ctl_member(root, "requests", GOXEL_JSON_ARRAY));
}

enum ctl_exit ctl_state(struct ctl *ctl)
{
    struct ctl_answer answer = {0};
    enum ctl_exit status = ctl_ask(ctl, "GET", "/state", NULL, 0, &answer);

    if (!status)
        status = printed(ctl->args->json ? ctl_print_json(answer.root, false) : print_state(answer.root));
    ctl_answer_finish(&answer);
    return status;
}
