/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command watch: what there is to say of the daemon, said again when it has changed. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "ctl/args.h"
#include "ctl/print.h"
#include "ctl/reply.h"
#include "ctl/screen.h"

#define LINE_MAX_BYTES (64u << 10)

/* One look. Life: `look` fills it, `look_finish` ends it. */
struct look {
    struct ctl_answer health, state;
    int code; /* why there is nothing, or 0 */
    struct goxel_detail detail;
    struct goxel_buf line; /* what is said of it: another one is a change */
};

static void look_finish(struct look *look)
{
    ctl_answer_finish(&look->health);
    ctl_answer_finish(&look->state);
    goxel_buf_finish(&look->line);
}

static void put_failed_checks(struct look *look)
{
    const struct goxel_json *checks = ctl_member(look->health.root, "checks", GOXEL_JSON_OBJECT);
    struct goxel_json_iter it = {0};
    const char *sign = ": ";
    char text[CTL_TEXT_SIZE];

    while (checks && goxel_json_next(checks, &it)) {
        if (ctl_member_true(it.value, "ok"))
            continue;
        goxel_buf_printf(&look->line, "%s%s", sign,
                         ctl_printable(text, sizeof(text), it.key, strlen(it.key)));
        goxel_buf_printf(&look->line, " (%s)", ctl_member_text(it.value, "reason", text));
        sign = ", ";
    }
}

/* The last one but for those that only wanted to see the statistics; NULL: none. */
static const struct goxel_json *last_request(const struct look *look)
{
    const struct goxel_json *requests = ctl_member(look->state.root, "requests", GOXEL_JSON_ARRAY);
    char name[CTL_TEXT_SIZE];

    for (size_t i = requests ? goxel_json_length(requests) : 0; i-- > 0;) {
        const struct goxel_json *request = goxel_json_at(requests, i);

        if (strcmp(ctl_member_text(request, "request", name), "dump"))
            return request;
    }
    return NULL;
}

static void put_request(struct look *look)
{
    const struct goxel_json *request = last_request(look);
    const struct goxel_json *trigger = ctl_member(request, "trigger", GOXEL_JSON_OBJECT);
    char text[CTL_TEXT_SIZE];

    if (!request)
        return;
    goxel_buf_printf(&look->line, ", last request: %s", ctl_member_text(request, "request", text));
    goxel_buf_printf(&look->line, " at %s", ctl_member_text(request, "at", text));
    goxel_buf_printf(&look->line, " by %s", ctl_member_text(trigger, "what", text));
    goxel_buf_printf(&look->line, ": %s", ctl_member_text(request, "outcome", text));
}

static void put_line(struct look *look)
{
    const struct goxel_json *health = look->health.root;
    bool healthy = ctl_member_true(health, "healthy");
    const struct goxel_json *pending = ctl_member(health, "pending_restart", GOXEL_JSON_ARRAY);
    char text[CTL_TEXT_SIZE];

    goxel_buf_puts(&look->line, ctl_member_text(health, "state", text));
    if (ctl_member(health, "phase", GOXEL_JSON_STRING))
        goxel_buf_printf(&look->line, " (%s)", ctl_member_text(health, "phase", text));
    goxel_buf_printf(&look->line, ", %s", healthy ? "healthy" : "unhealthy");
    if (!healthy)
        put_failed_checks(look);
    goxel_buf_printf(&look->line, ", log %s", ctl_member_text(look->state.root, "log_level", text));
    if (pending && goxel_json_length(pending))
        goxel_buf_printf(&look->line, ", options that wait for a restart: %zu", goxel_json_length(pending));
    put_request(look);
}

static void take_look(struct ctl *ctl, struct look *ret_look)
{
    *ret_look = (struct look){.code = 0};
    goxel_buf_init(&ret_look->line, LINE_MAX_BYTES);
    goxel_detail_init(&ret_look->detail);
    ret_look->code = ctl_get(ctl, "/health", &ret_look->detail, &ret_look->health);
    if (!ret_look->code)
        ret_look->code = ctl_get(ctl, "/state", &ret_look->detail, &ret_look->state);
    if (!ret_look->code && ret_look->health.status != 200 && ret_look->health.status != 503)
        ret_look->code = goxel_fail(&ret_look->detail, GOXEL_ERROR_INVALID_DATA,
                                    "GET /health: HTTP status %u", ret_look->health.status);
    if (ret_look->code)
        goxel_buf_puts(&ret_look->line, ret_look->detail.text);
    else
        put_line(ret_look);
}

/* {"time", "health", "state"}: the daemon's own, but for the table of moves, which never changes; null without an answer. */
static int print_json(const struct look *look, const char *time)
{
    const struct goxel_json *request = last_request(look);
    struct goxel_json_writer w;
    struct goxel_buf json;
    int code;

    goxel_buf_init(&json, CTL_BODY_MAX);
    goxel_json_writer_init(&w, &json);
    goxel_json_put_object(&w, NULL);
    goxel_json_put_string(&w, "time", time);
    if (look->code) {
        goxel_json_put_null(&w, "health");
        goxel_json_put_string(&w, "error", look->line.data);
    } else {
        goxel_json_put_node(&w, "health", look->health.root);
        if (goxel_json_get(look->state.root, "log_level"))
            goxel_json_put_node(&w, "log_level", goxel_json_get(look->state.root, "log_level"));
        if (request)
            goxel_json_put_node(&w, "last_request", request);
    }
    goxel_json_put_end(&w);
    code = ctl_print_written(&json);
    goxel_buf_finish(&json);
    return code;
}

static int print_change(const struct ctl *ctl, const struct look *look)
{
    char time[GOXEL_TIME_TEXT_SIZE], state[CTL_TEXT_SIZE];
    enum ctl_color color = CTL_RED;
    int code = look->line.failed;

    goxel_time_text(goxel_wall_ms(), time);
    if (!code && ctl->args->json) {
        code = print_json(look, time);
    } else if (!code) {
        if (!look->code && ctl_member_true(look->health.root, "healthy"))
            color = ctl_color_of_state(ctl_member_text(look->health.root, "state", state));
        printf("%s  %s%s%s\n", time, ctl_color(color), look->line.data, ctl_color(CTL_PLAIN));
    }
    (void)fflush(stdout);
    return code;
}

static bool differs(const struct look *a, const struct look *b)
{
    return a->line.len != b->line.len || (a->line.len && memcmp(a->line.data, b->line.data, a->line.len));
}

enum ctl_exit ctl_watch(struct ctl *ctl)
{
    struct look shown = {.code = 0}, now;
    int64_t at_ms = goxel_clock_ms();
    int code = 0;

    ctl_screen_begin(false);
    ctl_client_heed(ctl->client, &ctl_screen_stop);
    do {
        take_look(ctl, &now);
        if (ctl_screen_stop || !differs(&shown, &now)) {
            look_finish(&now);
        } else {
            code = print_change(ctl, &now);
            look_finish(&shown);
            shown = now;
        }
        at_ms += ctl->args->interval_ms;
        if (at_ms < goxel_clock_ms())
            at_ms = goxel_clock_ms() + ctl->args->interval_ms;
    } while (!code && !ferror(stdout) && ctl_screen_wait(at_ms));
    look_finish(&shown);
    ctl_screen_end();
    return code ? ctl_say(code, NULL) : CTL_DONE;
}
