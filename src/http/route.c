/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The route table and the finding of a row: by path first, then by method. */
#include "http/route.h"

#include <string.h>

#include "base/error.h"

/* What an admin call may carry: it is parsed on a thread that others wait for. */
#define ADMIN_BODY_MAX 1024

#define NONE GOXEL_ACCESS_UNSET
#define ALL GOXEL_ACCESS_ALL
#define READ GOXEL_ACCESS_READ
#define EDIT GOXEL_ACCESS_EDIT
#define ADMIN GOXEL_ACCESS_ADMIN
#define STOP GOXEL_ACCESS_STOP

/* clang-format off */
static const struct route routes[] = {
    {"/health",      "GET, HEAD", ALL,  NONE,  false, ADMIN_BODY_MAX, admin_health,  NULL},
    {"/health/live", "GET, HEAD", ALL,  NONE,  false, ADMIN_BODY_MAX, admin_live,    NULL},
    {"/stats",       "GET, HEAD", ALL,  NONE,  false, ADMIN_BODY_MAX, admin_stats,   NULL},
    {"/metrics",     "GET, HEAD", ALL,  NONE,  false, ADMIN_BODY_MAX, admin_stats,   NULL},
    {"/state",       "GET, HEAD", ALL,  NONE,  false, ADMIN_BODY_MAX, admin_state,   NULL},
    {"/version",     "GET, HEAD", ALL,  NONE,  false, ADMIN_BODY_MAX, admin_version, NULL},
    {"/events",      "GET, HEAD", READ, NONE,  false, ADMIN_BODY_MAX, events_get,    NULL},
    {"/reload",      "POST",      NONE, ADMIN, false, ADMIN_BODY_MAX, NULL, admin_reload},
    {"/restart",     "POST",      NONE, STOP,  false, ADMIN_BODY_MAX, NULL, admin_restart},
    {"/shutdown",    "POST",      NONE, STOP,  false, ADMIN_BODY_MAX, NULL, admin_shutdown},
    {"/log-level",   "POST",      NONE, ADMIN, false, ADMIN_BODY_MAX, NULL, admin_log_level},
    {"/rpc",         "POST",      NONE, ALL,   true,  0,              NULL, rpc_post}, /* a method needs what its row says */
    {"/rpc/*",       "POST",      NONE, ALL,   true,  0,              NULL, rpc_post},
    {"/projects",    "GET, HEAD", READ, NONE,  false, 0,              resource_run, NULL, NULL, true, GOXEL_RESOURCE_PROJECTS},
    {"/projects/*",  "GET, HEAD, PUT, DELETE", READ, EDIT, false, 0,  resource_run, resource_run, "", true, GOXEL_RESOURCE_PROJECT},
    {"/projects/*/voxels", "GET, HEAD, POST", READ, EDIT, false, 0,   resource_run, resource_run, GOXEL_MEDIA_PACKED, true, GOXEL_RESOURCE_VOXELS},
};
/* clang-format on */

/* What stands in no row, but in the console's folder. */
static const struct route files_route = {"/", "GET, HEAD", ALL, NONE, false, ADMIN_BODY_MAX, files_get, NULL};

/* *ret_segment: what stands for the "*", of *ret_len bytes; empty ones and further slashes do not match. */
static bool matches(const struct route *route, const char *path, const char **ret_segment, size_t *ret_len)
{
    size_t before = strcspn(route->path, "*");

    *ret_segment = NULL;
    if (!route->path[before])
        return !strcmp(path, route->path);
    if (strncmp(path, route->path, before))
        return false;
    *ret_segment = path + before;
    *ret_len = strcspn(path + before, "/");
    return *ret_len > 0 && !strcmp(path + before + *ret_len, route->path + before + 1);
}

static int hex_value(char c)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;

    if (!at)
        return -1;
    return (int)(at - digits) - (at - digits > 15 ? 6 : 0);
}

/* Percent-decoding of `text_len` bytes; false for a broken escape, a NUL, or too long a result. */
static bool decode(const char *text, size_t text_len, char *ret_text, size_t size)
{
    const char *end = text + text_len;
    size_t len = 0;

    while (text < end && len + 1 < size) {
        int value = (unsigned char)*text++;

        if (value == '%') {
            int high = hex_value(text[0]), low = high < 0 ? -1 : hex_value(text[1]);

            value = low < 0 ? 0 : high * 16 + low;
            text += 2;
        }
        if (!value)
            return false;
        ret_text[len++] = (char)value;
    }
    ret_text[len] = '\0';
    return text == end;
}

/* Is it in "GET, HEAD", say? */
static bool has_method(const struct route *route, const char *method)
{
    size_t len = strlen(method), next;

    for (const char *at = route->methods; *at; at += next + strspn(at + next, ", ")) {
        next = strcspn(at, ",");
        if (next == len && !strncmp(at, method, len))
            return true;
    }
    return false;
}

static int check_method(struct exchange *exchange, const struct route *route, const char *method)
{
    if (has_method(route, method))
        return 0;
    return goxel_fail_value(&exchange->detail, GOXEL_ERROR_HTTP_METHOD, "method", method, "%s",
                            route->methods);
}

int route_find(struct exchange *exchange, const char *method, const char *path)
{
    const char *segment;
    size_t len = 0;

    if (!path[0])
        return goxel_fail_limit(&exchange->detail, GOXEL_ERROR_URI_LENGTH, "path (bytes)",
                                GOXEL_TARGET_MAX - 1, GOXEL_TARGET_MAX);
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        if (!matches(&routes[i], path, &segment, &len))
            continue;
        exchange->route = &routes[i];
        if (segment && !decode(segment, len, exchange->project, sizeof(exchange->project)))
            return goxel_fail_value(&exchange->detail, GOXEL_ERROR_BAD_HTTP, "project", segment,
                                    "a percent-encoded name");
        return check_method(exchange, &routes[i], method);
    }
    if (goxel_www_find(exchange->front->www, path)) {
        exchange->route = &files_route;
        return check_method(exchange, &files_route, method);
    }
    if (!strcmp(path, "/"))
        return goxel_fail(&exchange->detail, GOXEL_ERROR_NOT_FOUND,
                          "the web console is not here: set www.enabled, let www.directory name the folder "
                          "where its files are installed, and start the daemon again");
    return goxel_fail_value(&exchange->detail, GOXEL_ERROR_NOT_FOUND, "path", path,
                            "/health, /stats, /state, /version, /projects or /rpc, for example");
}
