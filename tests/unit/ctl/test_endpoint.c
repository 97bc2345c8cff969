/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the daemon is looked for. */
#include "ctl/endpoint.h"

#include <string.h>

#include "../base/scratch.h"
#include "base/error.h"
#include "unit.h"

static int find(const struct ctl_args *args, struct ctl_endpoints *endpoints)
{
    struct goxel_detail detail;

    return ctl_endpoints_find(args, &detail, endpoints);
}

static void a_url_is_taken_as_it_is(void)
{
    struct ctl_endpoints found;

    CU_ASSERT_EQUAL(find(&(struct ctl_args){.url = "http://[::1]:80//"}, &found), 0);
    CU_ASSERT_EQUAL(found.count, 1);
    CU_ASSERT_STRING_EQUAL(found.rows[0].url, "http://[::1]:80");
    CU_ASSERT_STRING_EQUAL(found.rows[0].socket, "");
    CU_ASSERT_STRING_EQUAL(ctl_endpoint_name(&found.rows[0]), "http://[::1]:80");
}

static void other_urls_are_refused(void)
{
    static const char *const wrong[] = {"localhost:7890", "ftp://a", "file:///etc/passwd", "/run/goxel.sock"};
    char long_url[CTL_URL_MAX + 16];
    struct ctl_endpoints found;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        CU_ASSERT_EQUAL(find(&(struct ctl_args){.url = wrong[i]}, &found), GOXEL_ERROR_USAGE);
    memset(long_url, 'a', sizeof(long_url));
    memcpy(long_url, "http://", 7);
    long_url[sizeof(long_url) - 1] = '\0';
    CU_ASSERT_EQUAL(find(&(struct ctl_args){.url = long_url}, &found), GOXEL_ERROR_USAGE);
}

static void a_socket_has_a_length(void)
{
    char path[GOXEL_SOCKET_PATH_BYTES_MAX + 2];
    struct ctl_endpoints found;

    memset(path, 'a', sizeof(path));
    path[sizeof(path) - 1] = '\0';
    CU_ASSERT_EQUAL(find(&(struct ctl_args){.socket = path}, &found), GOXEL_ERROR_USAGE);
    path[sizeof(path) - 2] = '\0';
    CU_ASSERT_EQUAL(find(&(struct ctl_args){.socket = path}, &found), 0);
    CU_ASSERT_EQUAL(found.count, 1);
    CU_ASSERT_STRING_EQUAL(ctl_endpoint_name(&found.rows[0]), path);
}

static void a_configuration_gives_both(void)
{
    static const struct {
        const char *config, *socket, *url;
    } rows[] = {
        {"sockets { unix { path = \"/a/b\" } tcp { port = 80 } }", "/a/b", "http://127.0.0.1:80"},
        {"sockets { tcp { bind_address = \"0.0.0.0\" } }", "/run/goxel/goxel.sock", "http://127.0.0.1:7890"},
        {"sockets { tcp { bind_address = \"::\" } }", "/run/goxel/goxel.sock", "http://[::1]:7890"},
        {"sockets { tcp { bind_address = \"::1\" } }", "/run/goxel/goxel.sock", "http://[::1]:7890"},
        {"sockets { tcp { listen = {\"[::]:81\", \"127.0.0.1:82\"} } }", "/run/goxel/goxel.sock",
         "http://[::1]:81"},
        {"sockets { unix { enabled = false } }", "", "http://127.0.0.1:7890"},
        {"sockets { unix { protocol = jsonrpc } }", "", "http://127.0.0.1:7890"},
        {"sockets { tcp { port = 0 } }", "/run/goxel/goxel.sock", NULL},
        {"nonsense = 1\nsockets { unix { path = \"/still\" } }", "/still", "http://127.0.0.1:7890"},
    };

    if (!scratch_open())
        return;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ctl_endpoints found = {.count = 0};
        size_t tcp = rows[i].socket[0] ? 1 : 0;

        scratch_write("a.conf", rows[i].config);
        CU_ASSERT_EQUAL(find(&(struct ctl_args){.config = scratch_path("a.conf")}, &found), 0);
        CU_ASSERT_EQUAL(found.count, tcp + (rows[i].url != NULL));
        CU_ASSERT_STRING_EQUAL(found.rows[0].socket, rows[i].socket);
        if (rows[i].url)
            CU_ASSERT_STRING_EQUAL(found.rows[tcp].url, rows[i].url);
    }
    scratch_close();
}

/* At the address another daemon may listen: that one is not to be ended. */
static void what_ends_a_daemon_goes_to_one_place(void)
{
    static const struct ctl_command look = {.name = "status"}, end = {.name = "stop", .takes = CTL_ENDS};
    struct ctl_args args = {.config = NULL};
    struct ctl_endpoints found;

    if (!scratch_open())
        return;
    scratch_write("a.conf", "sockets { unix { path = \"/run/a.sock\" }\ntcp { port = 7891 } }\n");
    args.config = scratch_path("a.conf");
    args.command = &look;
    CU_ASSERT_EQUAL(find(&args, &found), 0);
    CU_ASSERT_EQUAL(found.count, 2);
    args.command = &end;
    CU_ASSERT_EQUAL(find(&args, &found), 0);
    CU_ASSERT_EQUAL_FATAL(found.count, 1);
    CU_ASSERT_STRING_EQUAL(found.rows[0].socket, "/run/a.sock");
    args = (struct ctl_args){.url = "http://a", .command = &end};
    CU_ASSERT_EQUAL(find(&args, &found), 0);
    CU_ASSERT_EQUAL(found.count, 1);
    scratch_close();
}

static void a_configuration_without_a_way_is_refused(void)
{
    struct ctl_endpoints found = {.count = 7};

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(find(&(struct ctl_args){.config = scratch_path("none")}, &found),
                    DAEMON_ERROR_CONFIG_INVALID);
    scratch_write("a.conf", "sockets { unix { enabled = false } tcp { port = 0 } }");
    CU_ASSERT_EQUAL(find(&(struct ctl_args){.config = scratch_path("a.conf")}, &found),
                    DAEMON_ERROR_CONFIG_INVALID);
    CU_ASSERT_EQUAL(found.count, 7);
    scratch_close();
}

static const struct unit_test tests[] = {
    {"a URL is taken as it is", a_url_is_taken_as_it_is},
    {"other URLs are refused", other_urls_are_refused},
    {"a socket has a length", a_socket_has_a_length},
    {"a configuration gives both", a_configuration_gives_both},
    {"what ends a daemon goes to one place", what_ends_a_daemon_goes_to_one_place},
    {"a configuration without a way is refused", a_configuration_without_a_way_is_refused},
    {NULL, NULL},
};

const struct unit_suite endpoint_suite = {"endpoint", tests};
