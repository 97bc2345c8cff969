/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the daemon may be found: what the command line says, else what its configuration says; without --config that is
 * the service's, or the defaults where there is none.
 *
 * Used by: ctl alone.  Uses: config, base.
 */
#ifndef GOXEL_CTL_ENDPOINT_H
#define GOXEL_CTL_ENDPOINT_H

#include "base/detail.h"
#include "config/options.h"
#include "ctl/args.h"

#define CTL_CONFIG "/etc/goxel/daemon.conf" /* of the service */
#define CTL_URL_MAX 512

/* One place: HTTP to `url`, through the socket if it has one. */
struct ctl_endpoint {
    char socket[GOXEL_SOCKET_PATH_BYTES_MAX + 1]; /* "": TCP */
    char url[CTL_URL_MAX];                        /* without a slash at the end */
};

/* In the order in which to try them. Life: the caller's; filled once, then read. */
struct ctl_endpoints {
    struct ctl_endpoint rows[2];
    size_t count;
};

/*
 * GOXEL_ERROR_USAGE for a URL that is none of http or https or a path that is too long; DAEMON_ERROR_CONFIG_INVALID for
 * a configuration that cannot be read, or with neither a Unix socket that speaks HTTP nor a fixed TCP port.
 */
int ctl_endpoints_find(const struct ctl_args *args, struct goxel_detail *detail,
                       struct ctl_endpoints *ret_endpoints);

/*
 * Where the daemon keeps its projects: --directory, or storage.directory of the same configuration. The caller's, freed with free(3).
 * DAEMON_ERROR_CONFIG_INVALID, GOXEL_ERROR_OUT_OF_MEMORY.
 */
int ctl_directory_find(const struct ctl_args *args, struct goxel_detail *detail, char **ret_directory);

/* The socket's path or the URL, for messages. */
const char *ctl_endpoint_name(const struct ctl_endpoint *endpoint);

#endif
