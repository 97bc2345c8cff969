/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The route table: paths, methods, project names. */
#include "http/route.h"

#include <string.h>

#include "base/error.h"
#include "unit.h"

static int find(struct exchange *exchange, const char *method, const char *path)
{
    static struct goxel_front front; /* without a console */

    memset(exchange, 0, sizeof(*exchange));
    exchange->front = &front;
    goxel_detail_init(&exchange->detail);
    return route_find(exchange, method, path);
}

static void paths_and_methods(void)
{
    static const struct {
        const char *method, *path;
        int code;
        const char *allow;
    } rows[] = {
        {"GET", "/health", 0, NULL},
        {"HEAD", "/health", 0, NULL},
        {"GET", "/health/live", 0, NULL},
        {"GET", "/stats", 0, NULL},
        {"GET", "/metrics", 0, NULL},
        {"GET", "/state", 0, NULL},
        {"HEAD", "/version", 0, NULL},
        {"POST", "/reload", 0, NULL},
        {"POST", "/restart", 0, NULL},
        {"POST", "/shutdown", 0, NULL},
        {"POST", "/log-level", 0, NULL},
        {"POST", "/rpc", 0, NULL},
        {"POST", "/rpc/castle", 0, NULL},
        {"GET", "/projects", 0, NULL},
        {"PUT", "/projects", GOXEL_ERROR_HTTP_METHOD, "GET, HEAD"},
        {"PUT", "/projects/castle.gox", 0, NULL},
        {"DELETE", "/projects/castle", 0, NULL},
        {"POST", "/projects/castle", GOXEL_ERROR_HTTP_METHOD, "GET, HEAD, PUT, DELETE"},
        {"PU", "/projects/castle", GOXEL_ERROR_HTTP_METHOD, "GET, HEAD, PUT, DELETE"},
        {"", "/projects/castle", GOXEL_ERROR_HTTP_METHOD, "GET, HEAD, PUT, DELETE"},
        {"POST", "/projects/castle/voxels", 0, NULL},
        {"PUT", "/projects/castle/voxels", GOXEL_ERROR_HTTP_METHOD, "GET, HEAD, POST"},
        {"GET", "/projects/", GOXEL_ERROR_NOT_FOUND, NULL},
        {"GET", "/projects//voxels", GOXEL_ERROR_NOT_FOUND, NULL},
        {"GET", "/projects/castle/voxels/", GOXEL_ERROR_NOT_FOUND, NULL},
        {"GET", "/projects/castle/render.png", GOXEL_ERROR_NOT_FOUND, NULL},
        {"POST", "/health", GOXEL_ERROR_HTTP_METHOD, "GET, HEAD"},
        {"OPTIONS", "/stats", GOXEL_ERROR_HTTP_METHOD, "GET, HEAD"},
        {"GET", "/reload", GOXEL_ERROR_HTTP_METHOD, "POST"},
        {"GET", "/restart", GOXEL_ERROR_HTTP_METHOD, "POST"},
        {"HEAD", "/shutdown", GOXEL_ERROR_HTTP_METHOD, "POST"},
        {"PUT", "/rpc", GOXEL_ERROR_HTTP_METHOD, "POST"},
        {"GET", "/rpc/castle", GOXEL_ERROR_HTTP_METHOD, "POST"},
        {"GET", "/", GOXEL_ERROR_NOT_FOUND, NULL},
        {"GET", "", GOXEL_ERROR_URI_LENGTH, NULL}, /* what was too long is handed over as "" */
        {"GET", "/health/", GOXEL_ERROR_NOT_FOUND, NULL},
        {"GET", "/Health", GOXEL_ERROR_NOT_FOUND, NULL},
        {"GET", "/healthy", GOXEL_ERROR_NOT_FOUND, NULL},
        {"POST", "/rpc/", GOXEL_ERROR_NOT_FOUND, NULL},
        {"POST", "/rpc/a/b", GOXEL_ERROR_NOT_FOUND, NULL},
        {"GET", "//health", GOXEL_ERROR_NOT_FOUND, NULL},
    };
    struct exchange exchange;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CU_ASSERT_EQUAL(find(&exchange, rows[i].method, rows[i].path), rows[i].code);
        CU_ASSERT_EQUAL(exchange.route == NULL, rows[i].code == GOXEL_ERROR_NOT_FOUND || !rows[i].path[0]);
        if (rows[i].allow)
            CU_ASSERT_STRING_EQUAL(exchange.route->methods, rows[i].allow);
    }
}

static void project_names_are_decoded(void)
{
    static const struct {
        const char *path;
        int code;
        const char *project;
    } rows[] = {
        {"/rpc/castle", 0, "castle"},
        {"/rpc/my%20castle", 0, "my castle"},
        {"/rpc/a%2Fb", 0, "a/b"},
        {"/rpc/%C3%A9", 0, "\xc3\xa9"},
        {"/projects/my%20castle.gox", GOXEL_ERROR_HTTP_METHOD, "my castle.gox"},
        {"/projects/a%2Fb/voxels", 0, "a/b"},
        {"/projects/a%/voxels", GOXEL_ERROR_BAD_HTTP, NULL},
        {"/projects/a%2/voxels", GOXEL_ERROR_BAD_HTTP, NULL},
        {"/rpc/a%00b", GOXEL_ERROR_BAD_HTTP, NULL},
        {"/rpc/a%2", GOXEL_ERROR_BAD_HTTP, NULL},
        {"/rpc/a%", GOXEL_ERROR_BAD_HTTP, NULL},
        {"/rpc/%zz", GOXEL_ERROR_BAD_HTTP, NULL},
        {"/rpc/%\x16\x11", GOXEL_ERROR_BAD_HTTP, NULL},
    };
    struct exchange exchange;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CU_ASSERT_EQUAL(find(&exchange, "POST", rows[i].path), rows[i].code);
        if (rows[i].project)
            CU_ASSERT_STRING_EQUAL(exchange.project, rows[i].project);
    }
}

const struct unit_suite route_suite = {
    "route",
    (const struct unit_test[]){
        {"paths and methods", paths_and_methods},
        {"project names are decoded", project_names_are_decoded},
        {NULL, NULL},
    },
};
