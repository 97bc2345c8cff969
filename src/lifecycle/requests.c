/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The inbox of the lifecycle thread and the history of what it was asked.
 *
 * Posts live in a fixed array: a free list, and a list for each kind in the order of arrival. What
 * does not fit is a count beside the kind, so that a stop is remembered however full the list is.
 */
#include "lifecycle/requests.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"

/* clang-format off */
static const struct goxel_request_row rows[GOXEL_REQUEST_COUNT] = {
    [GOXEL_REQUEST_STOP]      = {"stop",      {SIGTERM, SIGINT}, "POST /shutdown",  "system.shutdown",      true,  DAEMON_STATE_STOPPING, false},
    [GOXEL_REQUEST_RELOAD]    = {"reload",    {SIGHUP, 0},       "POST /reload",    "system.reload",        true,  DAEMON_STATE_RELOADING, false},
    [GOXEL_REQUEST_SETTINGS]  = {"settings",  {0, 0},            "",                "system.set_config",    true,  DAEMON_STATE_RELOADING, true},
    [GOXEL_REQUEST_RESTART]   = {"restart",   {0, 0},            "POST /restart",   "system.restart",       true,  DAEMON_STATE_STOPPING, false},
    [GOXEL_REQUEST_RECOVER]   = {"recover",   {0, 0},            "",                "",                     true,  DAEMON_STATE_ERROR, false},
    [GOXEL_REQUEST_DUMP]      = {"dump",      {SIGUSR1, 0},      "GET /stats",      "system.get_stats",     false, DAEMON_STATE_STOPPED, false},
    [GOXEL_REQUEST_VERBOSITY] = {"verbosity", {SIGUSR2, 0},      "POST /log-level", "system.set_log_level", false, DAEMON_STATE_STOPPED, false},
};
/* clang-format on */

static const char *const trigger_names[] = {"signal", "http", "rpc", "monitor"};

struct goxel_request_post {
    struct goxel_request_post *next;
    struct goxel_trigger trigger;
    char argument[32];
    struct goxel_waiter *waiter;
    int64_t posted_ms, posted_ns;
    uint64_t count; /* equal posts folded into this one */
};

struct inbox {
    struct goxel_request_post *first, *last;
    struct goxel_trigger latest; /* of all posts, listed or not */
    int triggers;
    uint64_t dropped;
};

struct goxel_requests {
    struct goxel_requests_ops ops;
    void *ctx;
    pthread_mutex_t lock; /* everything below */
    struct goxel_request_post posts[GOXEL_REQUEST_POSTS_MAX];
    struct goxel_request_post *unused;
    struct inbox inboxes[GOXEL_REQUEST_COUNT];
    struct goxel_request_record history[GOXEL_REQUEST_HISTORY]; /* a ring */
    uint64_t recorded;                                          /* lines ever begun */
};

const struct goxel_request_row *goxel_request_row(enum goxel_request_kind kind)
{
    return &rows[kind];
}

struct goxel_requests *goxel_requests_create(const struct goxel_requests_ops *ops, void *ctx)
{
    struct goxel_requests *requests = calloc(1, sizeof(*requests));

    if (!requests)
        return NULL;
    requests->ops = *ops;
    requests->ctx = ctx;
    pthread_mutex_init(&requests->lock, NULL);
    for (size_t i = 0; i < GOXEL_REQUEST_POSTS_MAX; i++) {
        requests->posts[i].next = requests->unused;
        requests->unused = &requests->posts[i];
    }
    return requests;
}

void goxel_requests_destroy(struct goxel_requests *requests)
{
    const struct goxel_request_result result = {.code = GOXEL_ERROR_SHUTTING_DOWN};
    struct goxel_request_run run;

    if (!requests)
        return;
    for (int kind = 0; kind < GOXEL_REQUEST_COUNT; kind++) {
        while (goxel_requests_take(requests, kind, &run))
            goxel_requests_finish(requests, &run, "", &result);
    }
    pthread_mutex_destroy(&requests->lock);
    free(requests);
}

static bool same_trigger(const struct goxel_trigger *a, const struct goxel_trigger *b)
{
    return a->kind == b->kind && a->pid == b->pid && !strcmp(a->what, b->what);
}

/* One like it for which nobody waits either. */
static struct goxel_request_post *find_equal(const struct inbox *inbox, const struct goxel_trigger *trigger)
{
    struct goxel_request_post *post = inbox->first;

    while (post && (post->waiter || post->argument[0] || !same_trigger(&post->trigger, trigger)))
        post = post->next;
    return post;
}

/* A post at the end of its inbox, unless it is folded into an equal one, or only counted. The lock is held. */
static int enqueue(struct goxel_requests *requests, enum goxel_request_kind kind,
                   const struct goxel_trigger *trigger, const char *argument, struct goxel_waiter *waiter)
{
    struct inbox *inbox = &requests->inboxes[kind];
    struct goxel_request_post *equal = waiter || (argument && argument[0]) ? NULL
                                                                           : find_equal(inbox, trigger);
    struct goxel_request_post *post = requests->unused;

    if (waiter && !post)
        return GOXEL_ERROR_OVERLOADED;
    inbox->latest = *trigger;
    inbox->triggers |= 1 << trigger->kind;
    if (equal)
        equal->count++;
    else if (!post)
        inbox->dropped++;
    if (equal || !post)
        return 0;
    requests->unused = post->next;
    *post = (struct goxel_request_post){
        .trigger = *trigger,
        .waiter = waiter,
        .posted_ms = goxel_wall_ms(),
        .posted_ns = goxel_clock_ns(),
        .count = 1,
    };
    snprintf(post->argument, sizeof(post->argument), "%s", argument ? argument : "");
    if (inbox->last)
        inbox->last->next = post;
    else
        inbox->first = post;
    inbox->last = post;
    return 0;
}

int goxel_requests_post(struct goxel_requests *requests, enum goxel_request_kind kind,
                        const struct goxel_trigger *trigger, const char *argument,
                        struct goxel_waiter *waiter)
{
    pthread_mutex_lock(&requests->lock);
    int code = enqueue(requests, kind, trigger, argument, waiter);
    pthread_mutex_unlock(&requests->lock);
    if (!code && requests->ops.wake)
        requests->ops.wake(requests->ctx);
    return code;
}

static bool inbox_pending(const struct inbox *inbox)
{
    return inbox->first || inbox->dropped;
}

bool goxel_requests_pending(struct goxel_requests *requests, enum goxel_request_kind kind)
{
    pthread_mutex_lock(&requests->lock);
    bool pending = inbox_pending(&requests->inboxes[kind]);
    pthread_mutex_unlock(&requests->lock);
    return pending;
}

static struct inbox take_all(struct inbox *inbox)
{
    struct inbox taken = *inbox;

    *inbox = (struct inbox){0};
    return taken;
}

/* There is one. What was only counted goes with the last. */
static struct inbox take_oldest(struct inbox *inbox)
{
    struct goxel_request_post *post = inbox->first;
    struct inbox taken = {
        .first = post, .last = post, .latest = post->trigger, .triggers = 1 << post->trigger.kind};

    if (!post->next)
        return take_all(inbox);
    inbox->first = post->next;
    post->next = NULL;
    return taken;
}

bool goxel_requests_take(struct goxel_requests *requests, enum goxel_request_kind kind,
                         struct goxel_request_run *ret_run)
{
    struct inbox *inbox = &requests->inboxes[kind];
    struct inbox taken;

    pthread_mutex_lock(&requests->lock);
    bool pending = inbox_pending(inbox);
    taken = rows[kind].each && inbox->first ? take_oldest(inbox) : take_all(inbox);
    bool more = inbox_pending(inbox);
    pthread_mutex_unlock(&requests->lock);
    if (!pending)
        return false;
    if (more && requests->ops.wake)
        requests->ops.wake(requests->ctx);
    *ret_run = (struct goxel_request_run){
        .kind = kind,
        .posts = taken.first,
        .dropped = taken.dropped,
        .trigger = taken.latest,
        .triggers = taken.triggers,
    };
    for (struct goxel_request_post *post = ret_run->posts; post; post = post->next) {
        if (post->argument[0])
            memcpy(ret_run->argument, post->argument, sizeof(ret_run->argument));
        if (post->waiter && post->waiter->subject)
            ret_run->subject = post->waiter->subject;
    }
    return true;
}

static struct goxel_request_record *line_at(struct goxel_requests *requests, uint64_t number)
{
    return &requests->history[number % GOXEL_REQUEST_HISTORY];
}

/*
 * The line a post goes to: the one of its like again for reads by clients (scrapes of /stats must not
 * push everything else out), or a new one. The lock is held.
 */
static struct goxel_request_record *history_line(struct goxel_requests *requests,
                                                 enum goxel_request_kind kind,
                                                 const struct goxel_trigger *trigger)
{
    uint64_t end = requests->recorded;
    uint64_t begin = end > GOXEL_REQUEST_HISTORY ? end - GOXEL_REQUEST_HISTORY : 0;
    struct goxel_request_record *line;

    for (uint64_t i = begin; i < end && kind == GOXEL_REQUEST_DUMP && trigger->kind != GOXEL_TRIGGER_SIGNAL;
         i++) {
        line = line_at(requests, i);
        if (line->kind == kind && line->trigger.kind == trigger->kind &&
            !strcmp(line->trigger.what, trigger->what))
            return line;
    }
    line = line_at(requests, requests->recorded++);
    *line = (struct goxel_request_record){.kind = kind};
    return line;
}

/* Writes one post into the history; *ret_record is a copy for the owner. */
static void record(struct goxel_requests *requests, const struct goxel_request_run *run,
                   const struct goxel_request_post *post, uint64_t count, const char *moves,
                   const struct goxel_request_result *result, struct goxel_request_record *ret_record)
{
    pthread_mutex_lock(&requests->lock);
    struct goxel_request_record *line = history_line(requests, run->kind, &post->trigger);
    line->trigger = post->trigger;
    line->posted_ms = post->posted_ms;
    line->took_ms = (goxel_clock_ns() - post->posted_ns) / 1000000;
    line->code = result->code;
    line->count += count;
    snprintf(line->moves, sizeof(line->moves), "%s", moves);
    snprintf(line->reason, sizeof(line->reason), "%s",
             result->code && result->detail ? result->detail->text : "");
    *ret_record = *line;
    pthread_mutex_unlock(&requests->lock);
}

static void give_back(struct goxel_requests *requests, struct goxel_request_post *post)
{
    pthread_mutex_lock(&requests->lock);
    post->next = requests->unused;
    requests->unused = post;
    pthread_mutex_unlock(&requests->lock);
}

void goxel_requests_finish(struct goxel_requests *requests, struct goxel_request_run *run, const char *moves,
                           const struct goxel_request_result *result)
{
    struct goxel_request_post unlisted = {
        .trigger = run->trigger, .posted_ms = goxel_wall_ms(), .posted_ns = goxel_clock_ns()};
    struct goxel_request_record ended;
    uint64_t dropped = run->dropped;

    if (!run->posts)
        run->posts = &unlisted;
    for (struct goxel_request_post *post = run->posts, *next; post; post = next) {
        struct goxel_waiter *waiter = post->waiter;

        next = post->next;
        /* Those beyond the list go with the last line. */
        record(requests, run, post, post->count + (next ? 0 : dropped), moves, result, &ended);
        if (post != &unlisted)
            give_back(requests, post);
        if (requests->ops.ended)
            requests->ops.ended(requests->ctx, &ended);
        if (waiter)
            waiter->done(waiter, result);
    }
    run->posts = NULL;
}

static void write_record(const struct goxel_request_record *record, struct goxel_json_writer *w)
{
    const struct goxel_trigger *trigger = &record->trigger;
    char at[GOXEL_TIME_TEXT_SIZE];

    goxel_time_text(record->posted_ms, at);
    goxel_json_put_object(w, NULL);
    goxel_json_put_string(w, "request", rows[record->kind].name);
    goxel_json_put_object(w, "trigger");
    goxel_json_put_string(w, "type", trigger_names[trigger->kind]);
    goxel_json_put_string(w, "what", trigger->what);
    if (trigger->peer[0])
        goxel_json_put_string(w, "peer", trigger->peer);
    if (trigger->pid) {
        goxel_json_put_int(w, "pid", trigger->pid);
        goxel_json_put_int(w, "uid", trigger->uid);
    }
    goxel_json_put_end(w);
    goxel_json_put_string(w, "at", at);
    goxel_json_put_int(w, "took_ms", record->took_ms);
    goxel_json_put_string(w, "moves", record->moves);
    goxel_json_put_string(w, "outcome", record->code ? goxel_error_symbol(record->code) : "ok");
    if (record->reason[0])
        goxel_json_put_string(w, "reason", record->reason);
    goxel_json_put_count(w, "count", record->count);
    goxel_json_put_end(w);
}

void goxel_requests_write(struct goxel_requests *requests, struct goxel_json_writer *w, const char *key)
{
    pthread_mutex_lock(&requests->lock);
    uint64_t end = requests->recorded;
    uint64_t begin = end > GOXEL_REQUEST_HISTORY ? end - GOXEL_REQUEST_HISTORY : 0;

    goxel_json_put_array(w, key);
    for (uint64_t i = begin; i < end; i++)
        write_record(line_at(requests, i), w);
    goxel_json_put_end(w);
    pthread_mutex_unlock(&requests->lock);
}

/* ---- from one image of the daemon to the next ---- */

/* The numbers of a line, by name; texts and the names of enums are apart. */
struct number {
    const char *key;
    int64_t value;
};
enum { POSTED, TOOK, COUNT, SIGNAL, PID, UID, NUMBERS };

static void numbers_of(const struct goxel_request_record *record, struct number ret_numbers[NUMBERS])
{
    const struct number numbers[NUMBERS] = {
        [POSTED] = {"posted_ms", record->posted_ms}, [TOOK] = {"took_ms", record->took_ms},
        [COUNT] = {"count", (int64_t)record->count}, [SIGNAL] = {"signal", record->trigger.signal},
        [PID] = {"pid", record->trigger.pid},        [UID] = {"uid", record->trigger.uid},
    };

    memcpy(ret_numbers, numbers, sizeof(numbers));
}

void goxel_requests_save(struct goxel_requests *requests, struct goxel_json_writer *w, const char *key)
{
    pthread_mutex_lock(&requests->lock);
    uint64_t end = requests->recorded;
    uint64_t begin = end > GOXEL_REQUEST_HISTORY ? end - GOXEL_REQUEST_HISTORY : 0;

    goxel_json_put_array(w, key);
    for (uint64_t i = begin; i < end; i++) {
        const struct goxel_request_record *record = line_at(requests, i);
        struct number numbers[NUMBERS];

        numbers_of(record, numbers);
        goxel_json_put_object(w, NULL);
        goxel_json_put_string(w, "request", rows[record->kind].name);
        goxel_json_put_string(w, "trigger", trigger_names[record->trigger.kind]);
        goxel_json_put_string(w, "what", record->trigger.what);
        goxel_json_put_string(w, "peer", record->trigger.peer);
        goxel_json_put_string(w, "moves", record->moves);
        goxel_json_put_string(w, "outcome", goxel_error_symbol(record->code));
        goxel_json_put_string(w, "reason", record->reason);
        for (size_t n = 0; n < NUMBERS; n++)
            goxel_json_put_int(w, numbers[n].key, numbers[n].value);
        goxel_json_put_end(w);
    }
    goxel_json_put_end(w);
    pthread_mutex_unlock(&requests->lock);
}

static bool read_text(const struct goxel_json *line, const char *key, char *ret_text, size_t size)
{
    const struct goxel_json *node = goxel_json_get(line, key);

    if (!node || goxel_json_type(node) != GOXEL_JSON_STRING)
        return false;
    snprintf(ret_text, size, "%s", goxel_json_string(node, NULL));
    return true;
}

static bool read_number(const struct goxel_json *line, const char *key, int64_t *ret_number)
{
    const struct goxel_json *node = goxel_json_get(line, key);

    if (!node || goxel_json_type(node) != GOXEL_JSON_INT)
        return false;
    *ret_number = goxel_json_int(node);
    return true;
}

/* The index of a name, or `count`. */
static size_t name_index(const char *name, const char *(*name_at)(size_t index), size_t count)
{
    size_t i = 0;

    while (i < count && strcmp(name, name_at(i)))
        i++;
    return i;
}

static const char *request_at(size_t index)
{
    return rows[index].name;
}

static const char *trigger_at(size_t index)
{
    return trigger_names[index];
}

static const char *error_at(size_t index)
{
    return goxel_error_symbol(-(int)index);
}

static bool read_record(const struct goxel_json *line, struct goxel_request_record *ret_record)
{
    struct goxel_request_record record = {0};
    struct number numbers[NUMBERS];
    char request[32], trigger[32], outcome[64];
    size_t kind, trigger_kind, row;

    if (goxel_json_type(line) != GOXEL_JSON_OBJECT || !read_text(line, "request", request, sizeof(request)) ||
        !read_text(line, "trigger", trigger, sizeof(trigger)) ||
        !read_text(line, "outcome", outcome, sizeof(outcome)) ||
        !read_text(line, "what", record.trigger.what, sizeof(record.trigger.what)) ||
        !read_text(line, "peer", record.trigger.peer, sizeof(record.trigger.peer)) ||
        !read_text(line, "moves", record.moves, sizeof(record.moves)) ||
        !read_text(line, "reason", record.reason, sizeof(record.reason)))
        return false;
    numbers_of(&record, numbers);
    for (size_t n = 0; n < NUMBERS; n++) {
        if (!read_number(line, numbers[n].key, &numbers[n].value))
            return false;
    }
    kind = name_index(request, request_at, GOXEL_REQUEST_COUNT);
    trigger_kind = name_index(trigger, trigger_at, sizeof(trigger_names) / sizeof(trigger_names[0]));
    row = name_index(outcome, error_at, GOXEL_ERROR_ROWS);
    if (kind == GOXEL_REQUEST_COUNT || trigger_kind == sizeof(trigger_names) / sizeof(trigger_names[0]) ||
        row == GOXEL_ERROR_ROWS)
        return false;
    record.kind = (enum goxel_request_kind)kind;
    record.trigger.kind = (enum goxel_trigger_kind)trigger_kind;
    record.code = -(int)row;
    record.posted_ms = numbers[POSTED].value;
    record.took_ms = numbers[TOOK].value;
    record.count = (uint64_t)numbers[COUNT].value;
    record.trigger.signal = (int)numbers[SIGNAL].value;
    record.trigger.pid = (pid_t)numbers[PID].value;
    record.trigger.uid = (uid_t)numbers[UID].value;
    *ret_record = record;
    return true;
}

void goxel_requests_restore(struct goxel_requests *requests, const struct goxel_json *saved)
{
    struct goxel_request_record record;

    if (!saved || goxel_json_type(saved) != GOXEL_JSON_ARRAY)
        return;
    pthread_mutex_lock(&requests->lock);
    for (size_t i = 0; i < goxel_json_length(saved); i++) {
        if (read_record(goxel_json_at(saved, i), &record))
            *line_at(requests, requests->recorded++) = record;
    }
    pthread_mutex_unlock(&requests->lock);
}

const char *goxel_trigger_kind_name(enum goxel_trigger_kind kind)
{
    return trigger_names[kind];
}

void goxel_lifecycle_write(struct goxel_requests *requests, const struct goxel_machine *machine,
                           struct goxel_json_writer *w, const char *key)
{
    enum goxel_state state = goxel_machine_state(machine);
    struct goxel_machine_row row;
    char since[GOXEL_TIME_TEXT_SIZE];

    goxel_time_text(goxel_machine_since_ms(machine), since);
    goxel_json_put_object(w, key);
    goxel_json_put_string(w, "state", goxel_state_name(state));
    goxel_json_put_string(w, "since", since);
    if (state == DAEMON_STATE_STOPPING)
        goxel_json_put_string(w, "phase", goxel_shutdown_phase_name(goxel_machine_phase(machine)));
    goxel_json_put_string(w, "log_level", goxel_log_level_name(goxel_log_get_level()));
    goxel_requests_write(requests, w, "requests");
    goxel_json_put_array(w, "transitions");
    for (size_t i = 0; goxel_machine_row(i, &row); i++) {
        goxel_json_put_object(w, NULL);
        goxel_json_put_string(w, "from", goxel_state_name(row.from));
        goxel_json_put_string(w, "to", goxel_state_name(row.to));
        if (row.validated_by[0])
            goxel_json_put_string(w, "validated_by", row.validated_by);
        goxel_json_put_end(w);
    }
    goxel_json_put_end(w);
    goxel_json_put_end(w);
}
