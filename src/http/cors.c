/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pages of other origins that the operator has listed (security.allowed_origins), as the Fetch standard has it: a browser
 * asks beforehand with OPTIONS, without the token that the request itself will have, and lets the page see a reply only if
 * that names its origin. There are no cookies here, so none are allowed.
 */
#include "base/error.h"
#include "http/internal.h"
#include "http/route.h"

static const struct reply_header answer[] = {
    {"Access-Control-Allow-Headers",
     "Accept, Authorization, Content-Encoding, Content-Type, Goxel-Checksum, Goxel-Count, Goxel-Origin, If-Match, "
     "If-None-Match, If-Range, Last-Event-ID, Range"},
    {"Access-Control-Max-Age", "600"},
    {NULL, NULL},
};

/* Of replies; what Fetch lets every page see is not among them. */
static const char exposed[] =
    "Accept-Ranges, Content-Disposition, Content-Range, ETag, Goxel-Checksum, Goxel-Companion, Goxel-Count, Goxel-Cursor, Goxel-Origin, "
    "Goxel-Project, Goxel-Total, Goxel-Version, Goxel-Warnings, Location, Retry-After, WWW-Authenticate";

void cors_answer(struct exchange *exchange)
{
    exchange_reply(exchange, MHD_HTTP_NO_CONTENT, NULL);
    exchange->headers = answer;
}

void cors_add_headers(const struct exchange *exchange, struct MHD_Response *response)
{
    const char *const *origins;

    if (!goxel_config_list(exchange->config, GOXEL_OPT_SECURITY_ALLOWED_ORIGINS, &origins))
        return;
    MHD_add_response_header(response, MHD_HTTP_HEADER_VARY,
                            "Origin"); /* to others the reply is another one */
    if (!exchange->origin)
        return;
    MHD_add_response_header(response, "Access-Control-Allow-Origin", exchange->origin);
    if (exchange->preflight)
        MHD_add_response_header(response, "Access-Control-Allow-Methods", exchange->route->methods);
    else
        MHD_add_response_header(response, "Access-Control-Expose-Headers", exposed);
}
