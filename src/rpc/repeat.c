/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Edits with a `request_key`: the first time its result is remembered with what it changed, and every other time that
 * result is the answer, without an edit.
 *
 * Whoever sends another request with a key that is in use has made a mistake that would lose an edit. So the key
 * goes with a hash of what was asked for: the method, and the parameters in the order of its row, as JSON. What the key
 * is looked for in, `project`, is none of it, as it has more names than one.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "rpc/method.h"

static int hash_argument(const char *name, const struct goxel_value *arg, struct goxel_buf *text,
                         uint64_t *hash)
{
    struct goxel_json_writer w;

    goxel_buf_clear(text);
    goxel_json_writer_init(&w, text);
    goxel_json_put_node(&w, NULL, arg->node);
    if (text->failed)
        return text->failed;
    *hash = goxel_hash(*hash, name, strlen(name) + 1);
    *hash = goxel_hash(*hash, text->data, text->len);
    return 0;
}

static bool is_of_the_request(const struct goxel_param *param)
{
    return param->type != GOXEL_PARAM_PROJECT && strcmp(param->name, GOXEL_REQUEST_KEY) != 0;
}

static int hash_request(const struct goxel_invocation *in, uint64_t *ret_hash)
{
    const struct goxel_param *params = in->method->params;
    uint64_t hash = goxel_hash(0, in->method->name, strlen(in->method->name));
    struct goxel_buf text;
    int code = 0;

    goxel_buf_init(&text, GOXEL_JSON_TREE_MAX);
    for (size_t i = 0; params[i].name && !code; i++) {
        if (in->args[i].given && is_of_the_request(&params[i]))
            code = hash_argument(params[i].name, &in->args[i], &text, &hash);
    }
    goxel_buf_finish(&text);
    if (!code)
        *ret_hash = hash;
    return code;
}

int goxel_repeat_begin(struct goxel_invocation *in)
{
    const struct goxel_value *key = goxel_arg_if_given(in, GOXEL_REQUEST_KEY);

    in->request_key = key ? key->text.bytes : NULL;
    return key ? hash_request(in, &in->request) : 0;
}

struct goxel_key *goxel_repeat_find(const struct goxel_invocation *in, bool *ret_settled)
{
    return in->request_key ? goxel_head_find_key(goxel_slot_head(in->slot), in->request_key, ret_settled)
                           : NULL;
}

int goxel_repeat_answer(struct goxel_invocation *in, const struct goxel_key *key)
{
    if (key->request != in->request)
        return goxel_fail_value(in->detail, GOXEL_ERROR_VALIDATION, GOXEL_REQUEST_KEY, key->text,
                                "a key of its own for each request: another one had it");
    if (key->result) {
        goxel_json_put_raw(in->out, NULL, key->result, key->result_len);
        return 0;
    }
    (void)goxel_fail_value(
        in->detail, GOXEL_ERROR_CONCURRENT, GOXEL_REQUEST_KEY, key->text,
        "nothing more: the request was carried out, and its result was too long to be kept");
    if (in->detail)
        (void)snprintf(in->detail->outcome, sizeof(in->detail->outcome), "applied");
    return GOXEL_ERROR_CONCURRENT;
}

/* All that the handler has written is the result. */
int goxel_repeat_remember(struct goxel_invocation *in)
{
    const struct goxel_buf *result = in->out->buf;

    if (!in->request_key)
        return 0;
    in->editing.key = goxel_key_create(in->request_key, in->request, result->failed ? NULL : result->data,
                                       result->len);
    return in->editing.key ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;
}
