/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a call waits for. The list is the worker's that runs the call; whoever settles a promise touches that one alone,
 * and the last to do so has all of them.
 */
#include <stdlib.h>

#include "base/error.h"
#include "base/log.h"
#include "rpc/method.h"

static struct goxel_pending *pending_create(const struct goxel_invocation *in, struct goxel_project *version)
{
    struct goxel_pending *pending = calloc(1, sizeof(*pending));

    if (!pending)
        return NULL;
    pending->call = in->call;
    pending->method = in->method;
    pending->slot = goxel_slot_ref(in->slot);
    pending->version = goxel_project_ref(version);
    return pending;
}

static void pending_destroy(struct goxel_pending *pending)
{
    goxel_project_unref(pending->version);
    goxel_slot_unref(pending->slot);
    free(pending->detail);
    free(pending);
}

static void append(struct goxel_rpc_call *call, struct goxel_pending *pending)
{
    *call->last_pending = pending;
    call->last_pending = &pending->next;
}

/* ---- edits ---- */

static void settled(struct goxel_promise *promise, int code, const struct goxel_detail *detail)
{
    struct goxel_pending *pending = (struct goxel_pending *)promise;

    pending->code = code;
    if (code && detail && (pending->detail = malloc(sizeof(*detail))))
        *pending->detail = *detail;
    goxel_rpc_call_release(pending->call);
}

int goxel_pending_edit(struct goxel_invocation *in, struct goxel_pending **ret_pending)
{
    struct goxel_pending *pending = pending_create(in, in->edit);

    if (!pending)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    pending->promise.settled = settled;
    pending->of = pending;
    atomic_fetch_add_explicit(&in->call->unsettled, 1, memory_order_relaxed);
    append(in->call, pending);
    *ret_pending = pending;
    return 0;
}

/* It is the last of the list, and the call itself still runs. */
void goxel_pending_take_back(struct goxel_pending *pending)
{
    struct goxel_rpc_call *call = pending->call;
    struct goxel_pending **at = &call->pending;

    while (*at != pending)
        at = &(*at)->next;
    *at = NULL;
    call->last_pending = at;
    pending_destroy(pending);
    atomic_fetch_sub_explicit(&call->unsettled, 1, memory_order_relaxed);
}

/* ---- reads ---- */

static const struct goxel_pending *find_newest(const struct goxel_invocation *in)
{
    const struct goxel_pending *newest = NULL;

    for (const struct goxel_pending *at = in->call->pending; at; at = at->next)
        newest = at->slot == in->slot && at->of == at ? at : newest;
    return newest;
}

/* A note that says nothing comes to last after what came before it. */
int goxel_pending_wait(struct goxel_invocation *in)
{
    const struct goxel_pending *newest = find_newest(in);
    struct goxel_edit edit;
    int code;

    if (!newest)
        return 0;
    code = goxel_head_begin(goxel_slot_head(in->slot), &edit);
    if (!code)
        code = goxel_head_commit(goxel_slot_head(in->slot), &edit, NULL, NULL);
    return newest->code ? newest->code : code;
}

int goxel_pending_read(struct goxel_invocation *in, struct goxel_project **ret_version)
{
    const struct goxel_pending *newest = find_newest(in);
    struct goxel_pending *pending;

    *ret_version = NULL;
    if (!newest)
        return 0;
    pending = pending_create(in, newest->version);
    if (!pending)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    pending->of = newest;
    append(in->call, pending);
    *ret_version = goxel_project_ref(newest->version);
    return 0;
}

/* ---- replies ---- */

void goxel_pending_place(struct goxel_pending *first, size_t start, size_t head, size_t end)
{
    for (; first; first = first->next) {
        first->start = start;
        first->head = head;
        first->end = end;
    }
}

/* {"jsonrpc":"2.0","id":…, as it stands there, and in place of the result the error. */
static void put_error(struct goxel_buf *reply, const char *text, const struct goxel_pending *pending)
{
    struct goxel_json_writer w;

    (void)goxel_buf_append(reply, text + pending->start, pending->head - pending->start);
    (void)goxel_buf_puts(reply, ",\"error\":");
    goxel_json_writer_init(&w, reply);
    goxel_rpc_put_error(&w, NULL, pending->of->code, pending->of->detail, NULL, 0);
    (void)goxel_buf_putc(reply, '}');
}

/* The reply anew, with errors in place of what failed. */
static void rewrite(struct goxel_rpc_call *call)
{
    struct goxel_buf reply, old = call->reply;
    size_t done = 0;

    goxel_buf_init(&reply, old.ceiling);
    for (const struct goxel_pending *at = call->pending; at; at = at->next) {
        if (!at->of->code || at->end <= done)
            continue;
        (void)goxel_buf_append(&reply, old.data + done, at->start - done);
        put_error(&reply, old.data, at);
        done = at->end;
    }
    (void)goxel_buf_append(&reply, old.data ? old.data + done : NULL, old.len - done);
    goxel_buf_finish(&old);
    call->reply = reply;
}

size_t goxel_pending_settle(struct goxel_rpc_call *call)
{
    size_t failed = 0;

    for (const struct goxel_pending *at = call->pending; at; at = at->next) {
        if (!at->of->code)
            continue;
        failed++;
        goxel_log(GOXEL_LOG_ERROR, "rpc request=%llu method=%s error=%s reason=%s",
                  (unsigned long long)call->request_id, at->method->name, goxel_error_symbol(at->of->code),
                  GOXEL_QUOTED(at->of->detail ? at->of->detail->text : ""));
    }
    if (failed > 0 && !call->reply.failed)
        rewrite(call);
    return failed;
}

void goxel_pending_destroy_all(struct goxel_rpc_call *call)
{
    while (call->pending) {
        struct goxel_pending *pending = call->pending;

        call->pending = pending->next;
        pending_destroy(pending);
    }
    call->last_pending = &call->pending;
}
