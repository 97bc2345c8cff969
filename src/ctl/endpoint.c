/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An invalid configuration is read as far as it is valid: the daemon that runs was started with another one. */
#include "ctl/endpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "config/config.h"

/* An address in place of a name: no security.allowed_hosts refuses it. */
#define SOCKET_URL "http://127.0.0.1"

static int add_socket(struct ctl_endpoints *endpoints, const char *path, struct goxel_detail *detail)
{
    struct ctl_endpoint *row = &endpoints->rows[endpoints->count];
    size_t len = strlen(path);

    if (len > GOXEL_SOCKET_PATH_BYTES_MAX)
        return goxel_fail_limit(detail, GOXEL_ERROR_USAGE, "--socket (bytes)", GOXEL_SOCKET_PATH_BYTES_MAX,
                                (int64_t)len);
    memcpy(row->socket, path, len + 1);
    snprintf(row->url, sizeof(row->url), "%s", SOCKET_URL);
    endpoints->count++;
    return 0;
}

static int add_url(struct ctl_endpoints *endpoints, const char *url, struct goxel_detail *detail)
{
    struct ctl_endpoint *row = &endpoints->rows[endpoints->count];
    size_t len = strlen(url);

    if (strncmp(url, "http://", 7) && strncmp(url, "https://", 8))
        return goxel_fail_value(detail, GOXEL_ERROR_USAGE, "--url", url, "http://HOST:PORT");
    if (len >= sizeof(row->url))
        return goxel_fail_limit(detail, GOXEL_ERROR_USAGE, "--url (bytes)", (int64_t)sizeof(row->url) - 1,
                                (int64_t)len);
    while (len && url[len - 1] == '/')
        len--;
    memcpy(row->url, url, len);
    row->url[len] = '\0';
    endpoints->count++;
    return 0;
}

/* A daemon that listens everywhere listens on loopback too. */
static const char *reachable(const char *address)
{
    if (!strcmp(address, "0.0.0.0"))
        return "127.0.0.1";
    return !strcmp(address, "::") || !strcmp(address, "[::]") ? "[::1]" : address;
}

/* "ADDRESS:PORT", the address in brackets if it has colons; a port that the system chose is not known. */
static int add_tcp(struct ctl_endpoints *endpoints, const struct goxel_config *config,
                   struct goxel_detail *detail)
{
    char address[96], port[16], url[CTL_URL_MAX];
    const char *const *items, *host, *colon;

    if (goxel_config_list(config, GOXEL_OPT_SOCKETS_TCP_LISTEN, &items)) {
        colon = strrchr(items[0], ':');
        snprintf(address, sizeof(address), "%.*s", colon ? (int)(colon - items[0]) : 0, items[0]);
        snprintf(port, sizeof(port), "%s", colon ? colon + 1 : "0");
    } else {
        snprintf(address, sizeof(address), "%s",
                 goxel_config_string(config, GOXEL_OPT_SOCKETS_TCP_BIND_ADDRESS));
        snprintf(port, sizeof(port), "%d", (int)goxel_config_int(config, GOXEL_OPT_SOCKETS_TCP_PORT));
    }
    if (!strcmp(port, "0"))
        return 0;
    host = reachable(address);
    snprintf(url, sizeof(url), host[0] != '[' && strchr(host, ':') ? "http://[%s]:%s" : "http://%s:%s", host,
             port);
    return add_url(endpoints, url, detail);
}

static int read_config(const char *path, struct goxel_detail *detail, struct goxel_config **ret_config)
{
    int code = goxel_config_salvage(path, NULL, 0, NULL, ret_config);

    return code ? goxel_fail(detail, code, "%s: cannot be read", path ? path : "the defaults") : 0;
}

/* NULL: the defaults. */
static const char *config_of(const struct ctl_args *args)
{
    return !args->config && !access(CTL_CONFIG, R_OK) ? CTL_CONFIG : args->config;
}

static int add_configured(struct ctl_endpoints *endpoints, const char *path, struct goxel_detail *detail)
{
    struct goxel_config *config = NULL;
    int code = read_config(path, detail, &config);

    if (code)
        return code;
    if (goxel_config_unix_http(config))
        code = add_socket(endpoints, goxel_config_string(config, GOXEL_OPT_SOCKETS_UNIX_PATH), detail);
    if (!code && goxel_config_bool(config, GOXEL_OPT_SOCKETS_TCP_ENABLED))
        code = add_tcp(endpoints, config, detail);
    if (!code && !endpoints->count)
        code = goxel_fail(
            detail, DAEMON_ERROR_CONFIG_INVALID,
            "%s: neither a Unix socket that speaks HTTP nor a TCP port that is known before; give --url",
            path);
    goxel_config_unref(config);
    return code;
}

int ctl_endpoints_find(const struct ctl_args *args, struct goxel_detail *detail,
                       struct ctl_endpoints *ret_endpoints)
{
    struct ctl_endpoints found = {.count = 0};
    int code;

    if (args->url)
        code = add_url(&found, args->url, detail);
    else if (args->socket)
        code = add_socket(&found, args->socket, detail);
    else
        code = add_configured(&found, config_of(args), detail);
    if (code)
        return code;
    /* Where nobody listens at the socket, another daemon may at the address: that is not the one to be ended. */
    if (args->command && (args->command->takes & CTL_ENDS))
        found.count = 1;
    *ret_endpoints = found;
    return code;
}

int ctl_directory_find(const struct ctl_args *args, struct goxel_detail *detail, char **ret_directory)
{
    struct goxel_config *config = NULL;
    int code = args->directory ? 0 : read_config(config_of(args), detail, &config);
    char *directory;

    if (code)
        return code;
    directory = strdup(args->directory ? args->directory
                                       : goxel_config_string(config, GOXEL_OPT_STORAGE_DIRECTORY));
    goxel_config_unref(config);
    if (!directory)
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "the name of the folder");
    *ret_directory = directory;
    return 0;
}

const char *ctl_endpoint_name(const struct ctl_endpoint *endpoint)
{
    return endpoint->socket[0] ? endpoint->socket : endpoint->url;
}
