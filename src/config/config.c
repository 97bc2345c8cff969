/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A loaded configuration: shared, read, compared, and merged with the one in effect.
 */
#include "config/internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "config/check.h"

/* ---- life ---- */

struct goxel_config *goxel_config_create(void)
{
    struct goxel_config *config = calloc(1, sizeof(*config));

    if (config)
        atomic_init(&config->refs, 1);
    return config;
}

struct goxel_config *goxel_config_ref(struct goxel_config *config)
{
    if (config)
        atomic_fetch_add_explicit(&config->refs, 1, memory_order_relaxed);
    return config;
}

void goxel_config_unref(struct goxel_config *config)
{
    /* Release and acquire: whatever the other holders read was read before the memory goes. */
    if (!config || atomic_fetch_sub_explicit(&config->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < GOXEL_SLOT_COUNT; i++)
        goxel_value_finish(&config->values[i]);
    free(config);
}

/* ---- values ---- */

bool goxel_config_bool(const struct goxel_config *config, enum goxel_option option)
{
    assert(goxel_option_type(option) == GOXEL_OPTION_BOOL);
    return config->values[option].number != 0;
}

int64_t goxel_config_int(const struct goxel_config *config, enum goxel_option option)
{
    assert(goxel_option_type(option) == GOXEL_OPTION_INT);
    return config->values[option].number;
}

const char *goxel_config_string(const struct goxel_config *config, enum goxel_option option)
{
    assert(goxel_option_type(option) == GOXEL_OPTION_STRING ||
           goxel_option_type(option) == GOXEL_OPTION_CHOICE);
    return config->values[option].text;
}

size_t goxel_config_list(const struct goxel_config *config, enum goxel_option option,
                         const char *const **ret_items)
{
    assert(goxel_option_type(option) == GOXEL_OPTION_LIST);
    *ret_items = (const char *const *)config->values[option].items;
    return config->values[option].count;
}

bool goxel_config_same(const struct goxel_config *a, const struct goxel_config *b, enum goxel_option option)
{
    assert((unsigned)option < GOXEL_OPTION_COUNT);
    return goxel_value_same(&a->values[option], &b->values[option]);
}

bool goxel_config_unix_http(const struct goxel_config *config)
{
    return goxel_config_bool(config, GOXEL_OPT_SOCKETS_UNIX_ENABLED) &&
           strcmp(goxel_config_string(config, GOXEL_OPT_SOCKETS_UNIX_PROTOCOL), "jsonrpc") != 0;
}

/* ---- reload ---- */

int goxel_config_merge(struct goxel_config *running, struct goxel_config *wanted,
                       enum goxel_option_level most, goxel_config_change *change, void *ctx,
                       struct goxel_config **ret_effective)
{
    struct goxel_config *effective = goxel_config_create();

    if (!effective)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    for (int i = 0; i < GOXEL_SLOT_COUNT; i++) {
        bool from_wanted = goxel_option_rows[i].level <= most;
        int code = goxel_value_copy(&effective->values[i], &(from_wanted ? wanted : running)->values[i]);

        if (code != 0) {
            goxel_config_unref(effective);
            return code;
        }
    }
    /* Only now, when nothing can fail any more. */
    for (int i = 0; change && i < GOXEL_OPTION_COUNT; i++) {
        enum goxel_option option = (enum goxel_option)i;

        if (!goxel_config_same(running, wanted, option))
            change(ctx, option, goxel_option_level(option) <= most);
    }
    *ret_effective = effective;
    return 0;
}

const char *goxel_config_exposed(const struct goxel_config *config, enum goxel_option *ret_option)
{
    const char *single = goxel_config_string(config, GOXEL_OPT_SOCKETS_TCP_BIND_ADDRESS);
    const char *const *items;
    size_t count = goxel_config_list(config, GOXEL_OPT_SOCKETS_TCP_LISTEN, &items);
    bool loopback;

    if (!goxel_config_bool(config, GOXEL_OPT_SOCKETS_TCP_ENABLED) ||
        goxel_config_bool(config, GOXEL_OPT_SECURITY_ALLOW_REMOTE_WITHOUT_TOKEN) ||
        goxel_config_string(config, GOXEL_OPT_SECURITY_TOKENS_FILE)[0])
        return NULL;
    *ret_option = count ? GOXEL_OPT_SOCKETS_TCP_LISTEN : GOXEL_OPT_SOCKETS_TCP_BIND_ADDRESS;
    for (size_t i = 0; i < count; i++) {
        if (goxel_check_endpoint(items[i], &loopback) && !loopback)
            return items[i];
    }
    return count || goxel_check_loopback(single) ? NULL : single;
}
