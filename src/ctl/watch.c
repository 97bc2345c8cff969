/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command watch: what happens, as GET /events tells it, and how the daemon is, said again when it has changed. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "ctl/args.h"
#include "ctl/print.h"
#include "ctl/reply.h"
#include "ctl/screen.h"
#include "ctl/sse.h"
#include "goxel/limits.h"

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

static void look_init(struct look *look)
{
    *look = (struct look){.code = 0};
    goxel_buf_init(&look->line, LINE_MAX_BYTES);
    goxel_detail_init(&look->detail);
}

static void take_look(struct ctl *ctl, struct look *ret_look)
{
    look_init(ret_look);
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

/* ---- events ---- */

/* What the command is at. */
struct watching {
    const struct ctl *ctl;
    struct ctl looker; /* asks while the stream is open: a client of its own */
    char target[1024];
    bool looks; /* state and health are wanted, too */
    bool heard; /* the stream has begun */
    struct ctl_sse sse;
    struct look shown;
    bool over;            /* it ends, */
    enum ctl_exit status; /* with that */
};

static void end(struct watching *watching, enum ctl_exit status)
{
    watching->over = true;
    watching->status = status;
}

/* What was printed, or not: `code`. */
static void settle(struct watching *watching, int code)
{
    if (code)
        end(watching, ctl_say(code, NULL));
    else if (ferror(stdout))
        end(watching, CTL_FAILED);
}

/* Says it if it is another than the last; it is the watching's from here on. */
static void show(struct watching *watching, struct look *now)
{
    if (ctl_screen_stop || !differs(&watching->shown, now)) {
        look_finish(now);
        return;
    }
    settle(watching, print_change(watching->ctl, now));
    look_finish(&watching->shown);
    watching->shown = *now;
}

static void look_again(struct watching *watching)
{
    struct look now;

    take_look(&watching->looker, &now);
    show(watching, &now);
}

static void put_box(struct goxel_buf *line, const struct goxel_json *box)
{
    const char *sign = ", ";

    for (int i = 0; i < 2; i++) {
        const struct goxel_json *pos = ctl_member(box, i ? "max" : "min", GOXEL_JSON_ARRAY);
        const char *comma = "[";

        if (!pos)
            return;
        goxel_buf_puts(line, sign);
        for (size_t axis = 0; axis < goxel_json_length(pos); axis++) {
            const struct goxel_json *coord = goxel_json_at(pos, axis);

            if (goxel_json_type(coord) == GOXEL_JSON_INT)
                goxel_buf_printf(line, "%s%lld", comma, (long long)goxel_json_int(coord));
            comma = ",";
        }
        goxel_buf_puts(line, "]");
        sign = " to ";
    }
}

static void put_layers(struct goxel_buf *line, const struct goxel_json *layers)
{
    const char *sign = layers && goxel_json_length(layers) == 1 ? ", layer " : ", layers ";

    for (size_t i = 0; layers && i < goxel_json_length(layers); i++) {
        if (goxel_json_type(goxel_json_at(layers, i)) != GOXEL_JSON_INT)
            return;
        goxel_buf_printf(line, "%s%lld", sign, (long long)goxel_json_int(goxel_json_at(layers, i)));
        sign = ", ";
    }
}

/* "project castle (p1): edited by voxel.add, version 3, [1,2,3] to [1,2,3], layer 1" */
static void put_project(struct goxel_buf *line, const struct goxel_json *data)
{
    char text[CTL_TEXT_SIZE];

    goxel_buf_printf(line, "project %s", ctl_member_text(data, "name", text));
    goxel_buf_printf(line, " (%s)", ctl_member_text(data, "project_id", text));
    goxel_buf_printf(line, ": %s", ctl_member_text(data, "what", text));
    if (ctl_member(data, "former_name", GOXEL_JSON_STRING))
        goxel_buf_printf(line, " from %s", ctl_member_text(data, "former_name", text));
    if (ctl_member(data, "method", GOXEL_JSON_STRING))
        goxel_buf_printf(line, " by %s", ctl_member_text(data, "method", text));
    if (goxel_json_get(data, "version"))
        goxel_buf_printf(line, ", version %s", ctl_member_text(data, "version", text));
    put_box(line, ctl_member(data, "box", GOXEL_JSON_OBJECT));
    put_layers(line, ctl_member(data, "layers", GOXEL_JSON_ARRAY));
}

static int print_event_json(const char *time, const char *event, const char *id,
                            const struct goxel_json *data)
{
    struct goxel_json_writer w;
    struct goxel_buf json;
    int code;

    goxel_buf_init(&json, CTL_BODY_MAX);
    goxel_json_writer_init(&w, &json);
    goxel_json_put_object(&w, NULL);
    goxel_json_put_string(&w, "time", time);
    goxel_json_put_string(&w, "event", event);
    goxel_json_put_string(&w, "id", id);
    goxel_json_put_node(&w, "data", data);
    goxel_json_put_end(&w);
    code = ctl_print_written(&json);
    goxel_buf_finish(&json);
    return code;
}

static int print_event(const struct watching *watching, const char *event, const struct goxel_json *data)
{
    char time[GOXEL_TIME_TEXT_SIZE], text[CTL_TEXT_SIZE];
    bool missed = !strcmp(event, "reset");
    struct goxel_buf line;
    int code;

    goxel_time_text(goxel_wall_ms(), time);
    if (watching->ctl->args->json)
        return print_event_json(time, event, watching->sse.last_id, data);
    goxel_buf_init(&line, LINE_MAX_BYTES);
    if (missed)
        goxel_buf_printf(&line, "events were missed: %s", ctl_member_text(data, "reason", text));
    else
        put_project(&line, data);
    code = line.failed;
    if (!code)
        printf("%s  %s%s%s\n", ctl_member_text(data, "at", text), ctl_color(missed ? CTL_YELLOW : CTL_PLAIN),
               line.data, ctl_color(CTL_PLAIN));
    goxel_buf_finish(&line);
    return code;
}

/* Of state and health it is told what is, not what was. */
static bool on_event(void *ctx, const char *event, const char *text, size_t len)
{
    struct watching *watching = ctx;
    bool says = !strcmp(event, "project") || !strcmp(event, "reset");
    struct goxel_json *data = NULL;

    if (goxel_json_parse(text, len, &goxel_json_limits_default, NULL, &data) ||
        goxel_json_type(data) != GOXEL_JSON_OBJECT) {
        goxel_json_free(data);
        return false; /* no daemon of ours; the stream ends, and is tried again */
    }
    if (says)
        settle(watching, print_event(watching, event, data));
    (void)fflush(stdout);
    goxel_json_free(data);
    if (watching->looks && strcmp(event, "project") != 0)
        look_again(watching);
    return !watching->over && !ctl_screen_stop;
}

/* Once the stream has begun nothing is missed that comes after this look. */
static bool take(void *ctx, const char *bytes, size_t len)
{
    struct watching *watching = ctx;

    if (!watching->heard && watching->looks)
        look_again(watching);
    watching->heard = true;
    return ctl_sse_take(&watching->sse, bytes, len);
}

/* Too many may listen already: that is tried again. Anything else is not answered otherwise the next time. */
static void show_refusal(struct watching *watching, const struct ctl_reply *reply)
{
    struct goxel_json *problem = NULL;
    char text[CTL_TEXT_SIZE];
    struct look now;

    look_init(&now);
    if (reply->body.len &&
        !goxel_json_parse(reply->body.data, reply->body.len, &goxel_json_limits_default, NULL, &problem))
        (void)ctl_member_text(problem, "detail", text);
    else
        (void)snprintf(text, sizeof(text), "HTTP status %u", reply->status);
    goxel_json_free(problem);
    if (reply->status == 503) {
        now.code = goxel_fail(&now.detail, GOXEL_ERROR_OVERLOADED, "GET /events: %s", text);
        goxel_buf_puts(&now.line, now.detail.text);
        show(watching, &now);
        return;
    }
    fprintf(stderr, "goxelctl: GET /events: %s\n", text);
    end(watching, CTL_REFUSED);
    look_finish(&now);
}

/* Until the stream ends, for whatever reason. */
static void follow(struct watching *watching)
{
    const struct ctl_request request = {.method = "GET",
                                        .target = watching->target,
                                        .take = take,
                                        .take_ctx = watching,
                                        .last_id = watching->sse.last_id};
    struct ctl_reply reply = {.status = 0};
    struct look now;
    int code;

    look_init(&now);
    watching->heard = false;
    ctl_sse_begin(&watching->sse);
    code = ctl_client_ask(watching->ctl->client, &request, &now.detail, &reply);
    if (!code && reply.status != 200)
        show_refusal(watching, &reply);
    goxel_buf_finish(&reply.body);
    if (code != GOXEL_ERROR_FILE_ACCESS || watching->looks) {
        look_finish(&now); /* the next look will tell */
        return;
    }
    now.code = code;
    goxel_buf_puts(&now.line, now.detail.text);
    show(watching, &now);
}

/* ---- the command ---- */

static void put_escaped(struct goxel_buf *out, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~,";

    for (; *text; text++) {
        if (strchr(plain, *text))
            goxel_buf_putc(out, *text);
        else
            goxel_buf_printf(out, "%%%02X", (unsigned char)*text);
    }
}

/* What is asked for, and whether that is more than projects. */
static int set_target(struct watching *watching, struct goxel_detail *detail)
{
    const struct ctl_args *args = watching->ctl->args;
    const char *project = args->count ? args->words[0] : NULL;
    const char *events = args->events ? args->events : project ? "project" : "project,state,health";
    struct goxel_buf target;
    int code;

    goxel_buf_init(&target, sizeof(watching->target) - 1);
    goxel_buf_puts(&target, "/events?events=");
    put_escaped(&target, events);
    if (project)
        goxel_buf_puts(&target, "&project=");
    if (project)
        put_escaped(&target, project);
    code = target.failed;
    if (code)
        goxel_fail(detail, GOXEL_ERROR_USAGE, "the name of a project has %d bytes at most", GOXEL_NAME_MAX);
    else
        memcpy(watching->target, target.data, target.len + 1);
    goxel_buf_finish(&target);
    watching->looks = strstr(events, "state") || strstr(events, "health");
    return code ? GOXEL_ERROR_USAGE : 0;
}

static void watch(struct watching *watching)
{
    int64_t interval_ms = watching->ctl->args->interval_ms;

    do {
        follow(watching);
        if (watching->looks && !watching->over && !ctl_screen_stop)
            look_again(watching);
    } while (!watching->over && ctl_screen_wait(goxel_clock_ms() + interval_ms));
}

enum ctl_exit ctl_watch(struct ctl *ctl)
{
    struct watching watching = {.ctl = ctl, .looker = {.args = ctl->args}, .status = CTL_DONE};
    struct goxel_detail detail;
    int code;

    goxel_detail_init(&detail);
    code = set_target(&watching, &detail);
    if (!code)
        code = ctl_client_create(ctl->args, &detail, &watching.looker.client);
    if (code)
        return ctl_say(code, &detail);
    ctl_sse_init(&watching.sse, on_event, &watching);
    ctl_screen_begin(false);
    ctl_client_heed(ctl->client, &ctl_screen_stop);
    ctl_client_heed(watching.looker.client, &ctl_screen_stop);
    watch(&watching);
    look_finish(&watching.shown);
    ctl_screen_end();
    ctl_sse_finish(&watching.sse);
    ctl_client_destroy(watching.looker.client);
    return watching.status;
}
