/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Questions to the daemon and what it says: resources and JSON-RPC methods, errors told on standard error.
 *
 * Used by: ctl alone.  Uses: ctl/client.h, ctl/print.h, base.
 *
 * Replies come from outside: every member is looked at by its type.
 */
#ifndef GOXEL_CTL_REPLY_H
#define GOXEL_CTL_REPLY_H

#include "base/detail.h"
#include "base/json.h"
#include "ctl/client.h"
#include "ctl/client.h"
#include "ctl/commands.h"
#include "ctl/print.h"

/* An answer, parsed. Life: zeroed by the caller; filled by the asking, ended by ctl_answer_finish, which takes a zeroed one. */
struct ctl_answer {
    unsigned status;                 /* of HTTP */
    struct goxel_json *root;         /* the whole reply */
    const struct goxel_json *result; /* of a call: its result; of a resource: the root */
};
void ctl_answer_finish(struct ctl_answer *answer);

/*
 * Asks for an object of JSON, without a word: 0, or a code of ctl_client_ask's; a reply that is none is
 * GOXEL_ERROR_INVALID_DATA. The HTTP status may be any.
 */
int ctl_get(struct ctl *ctl, const char *target, struct goxel_detail *detail, struct ctl_answer *ret_answer);

/* What failed is told on standard error, and the exit status returned; CTL_DONE: there is an answer. */

/* A resource: GET, or POST with that body (NULL: none). A status of 400 or more is an error, but for `also`. */
enum ctl_exit ctl_ask(struct ctl *ctl, const char *method, const char *target, const char *body,
                      unsigned also, struct ctl_answer *ret_answer);
/* A file that is sent or fetched (`from_fd`, `to_fd`): the reply, to be finished by the caller in any case. */
enum ctl_exit ctl_transfer(struct ctl *ctl, const struct ctl_request *request, struct ctl_reply *ret_reply);
/* A method of JSON-RPC with `params`, JSON (NULL: none). `result` is there in any case. */
enum ctl_exit ctl_rpc(struct ctl *ctl, const char *method, const char *params, size_t len,
                      struct ctl_answer *ret_answer);
/* The same without a word: whether it answered with a result. */
bool ctl_rpc_quietly(struct ctl *ctl, const char *method, struct ctl_answer *ret_answer);

/* The member "warnings" of a result or a problem, where there is one: a line on standard error for each. */
void ctl_tell_warnings(const struct goxel_json *object);

/* What became of a failed ctl_get, in words; returns the exit status. */
enum ctl_exit ctl_tell(int code, const struct goxel_detail *detail);

/* ---- members ---- */

/* NULL if `object` is none, or NULL, or has no such member of that type. */
const struct goxel_json *ctl_member(const struct goxel_json *object, const char *key,
                                    enum goxel_json_type type);
/* 0 for what is no number; a count above 2^53 is a string (base/json). */
double ctl_member_number(const struct goxel_json *object, const char *key);
bool ctl_member_true(const struct goxel_json *object, const char *key);
/* As text, printable, in *ret_text, which is returned: a string, a number; true is "yes"; what is empty, null, false or absent is "-". */
const char *ctl_member_text(const struct goxel_json *object, const char *key, char ret_text[CTL_TEXT_SIZE]);

#endif
