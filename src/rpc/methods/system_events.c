/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Methods of the family `system` about events: the transport sends them, what is wanted is made out here. */
#include <string.h>

#include "base/error.h"
#include "rpc/methods/methods.h"

static int check_feed(const struct goxel_invocation *in)
{
    if (in->call->events.feed)
        return 0;
    return goxel_fail(
        in->detail, GOXEL_ERROR_UNSUPPORTED_OPERATION,
        "a reply over HTTP is the end of it, and no events can follow: GET /events streams them, or "
        "subscribe on the Unix socket without HTTP");
}

static int fail_event(const struct goxel_invocation *in, const char *field, const struct goxel_json *node)
{
    return goxel_fail_node(in->detail, GOXEL_ERROR_INVALID_PARAMS, field, node,
                           "a list of \"project\", \"state\" and \"health\"");
}

/* Bits of the kinds that are named; each twice does no harm. */
static int read_kinds(const struct goxel_invocation *in, unsigned *ret_kinds)
{
    const struct goxel_value *events = goxel_arg(in, "events");
    size_t count = events->given ? goxel_json_length(events->node) : 0, len;
    char field[GOXEL_FIELD_SIZE];
    unsigned kinds = 0, bit;

    if (events->given && (count == 0 || count > GOXEL_FEED_KINDS))
        return fail_event(in, "events", events->node);
    for (size_t i = 0; i < count; i++) {
        const struct goxel_json *node = goxel_json_at(events->node, i);
        const char *name = goxel_json_type(node) == GOXEL_JSON_STRING ? goxel_json_string(node, &len) : NULL;

        bit = name ? goxel_feed_kind_bit(name, len) : 0;
        goxel_field_index(field, "events", i);
        if (!bit)
            return fail_event(in, field, node);
        kinds |= bit;
    }
    *ret_kinds = events->given ? kinds : GOXEL_FEED_ALL;
    return 0;
}

static void put_subscription(struct goxel_invocation *in, const struct goxel_feed_filter *filter)
{
    char id[GOXEL_FEED_ID_SIZE];

    goxel_feed_position(in->call->events.subscriber, id);
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_array(in->out, "events");
    for (int kind = 0; kind < GOXEL_FEED_KINDS; kind++) {
        if (filter->kinds & 1u << kind)
            goxel_json_put_string(in->out, NULL, goxel_feed_kind_name(kind));
    }
    goxel_json_put_end(in->out);
    goxel_json_put_string(in->out, "project", filter->project[0] ? filter->project : NULL);
    goxel_json_put_string(in->out, "last_event_id", id);
    goxel_json_put_end(in->out);
}

static void change(struct goxel_invocation *in, struct goxel_subscriber *subscriber)
{
    goxel_feed_unsubscribe(in->call->events.subscriber);
    in->call->events.subscriber = subscriber;
    in->call->events.subscribed = subscriber != NULL;
    in->call->events.changed = true;
}

int goxel_system_subscribe(struct goxel_invocation *in)
{
    const char *project = goxel_arg_text(in, "project", "");
    struct goxel_feed_filter filter = {.project = ""};
    struct goxel_subscriber *subscriber = NULL;
    int code = read_kinds(in, &filter.kinds);

    if (!code)
        code = check_feed(in);
    if (code)
        return code;
    goxel_name_copy(filter.project, project, strlen(project));
    code = goxel_feed_subscribe(in->call->events.feed, &filter, goxel_arg_text(in, "last_event_id", NULL),
                                in->detail, &subscriber);
    if (code)
        return code;
    change(in, subscriber);
    put_subscription(in, &filter);
    return 0;
}

int goxel_system_unsubscribe(struct goxel_invocation *in)
{
    bool subscribed = in->call->events.subscribed;
    int code = check_feed(in);

    if (code)
        return code;
    if (subscribed)
        change(in, NULL);
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_bool(in->out, "unsubscribed", subscribed);
    goxel_json_put_end(in->out);
    return 0;
}
