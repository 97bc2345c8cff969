/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who asks, whether he may, and whether he asks too much.
 *
 * Used by: http only.  Uses: access, config, rpc (dispatch), base.
 */
#ifndef GOXEL_HTTP_ACCESS_H
#define GOXEL_HTTP_ACCESS_H

#include "http/internal.h"

/*
 * Sets the exchange's grant and counts the request as its client's until access_leave; on the thread of its connection.
 * `authorization`: that header, or NULL. GOXEL_ERROR_UNAUTHORISED for a token that is none of ours, GOXEL_ERROR_CLIENT_RATE,
 * GOXEL_ERROR_CLIENT_BUSY, GOXEL_ERROR_OVERLOADED.
 */
int access_admit(struct exchange *exchange, const char *authorization);
/* After that: whether the route may be asked by this client. GOXEL_ERROR_UNAUTHORISED, GOXEL_ERROR_FORBIDDEN. */
int access_check_route(struct exchange *exchange);
void access_leave(struct exchange *exchange); /* once or more often */

/*
 * Whoever listens to events is asked for again before each of them: rights may be gone meanwhile. `token`: the digest of the one
 * that was shown, NULL: none.
 */
bool access_may_listen(const struct conn *conn, const uint8_t *token);

/* The same as access_admit for a message of a stream, whose connection may have shown a token before. */
int access_admit_message(struct exchange *exchange);
/* The message is answered: a token that it showed holds for those after it. On the streams' thread. */
void access_settle_message(struct exchange *exchange);

/* For goxel_rpc_call.authenticate. */
int access_authenticate(struct goxel_rpc_call *call, const char *text, size_t len,
                        struct goxel_detail *detail, struct goxel_authenticated *ret_authenticated);

#endif
