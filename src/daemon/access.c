/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may do how much: what the configuration says of it, loaded and published with it. */
#include "access/policy.h"

#include "base/error.h"
#include "base/log.h"
#include "daemon/daemon.h"

/* What is in effect may be of two files: an address that waits for a restart, and tokens that are gone already. */
static int check_exposed(const struct goxel_config *config, struct goxel_detail *detail)
{
    enum goxel_option option;
    const char *address = goxel_config_exposed(config, &option);

    if (!address)
        return 0;
    return goxel_fail(detail, DAEMON_ERROR_CONFIG_INVALID,
                      "%s: \"%.80s\" is in effect and not loopback: whoever reaches it could do everything; "
                      "keep %s until the service is started again",
                      goxel_option_name(option), address, goxel_option_name(GOXEL_OPT_SECURITY_TOKENS_FILE));
}

int goxel_daemon_load_policy(const struct goxel_config *config, struct goxel_buf *errors,
                             struct goxel_policy **ret_policy, struct goxel_detail *detail)
{
    struct goxel_policy_options options = {
        .tokens_file = goxel_config_string(config, GOXEL_OPT_SECURITY_TOKENS_FILE),
        .stop_without_token = goxel_config_bool(config, GOXEL_OPT_SECURITY_STOP_WITHOUT_TOKEN),
    };
    int code = check_exposed(config, detail);

    options.peer_count = goxel_config_list(config, GOXEL_OPT_SECURITY_PEERS, &options.peers);
    if (!code)
        code = goxel_policy_load(&options, detail, ret_policy);
    if (code == DAEMON_ERROR_CONFIG_INVALID && errors)
        goxel_buf_printf(errors, "%s\n", detail->text);
    return code;
}

int goxel_daemon_check_policy(const struct goxel_config *config, struct goxel_buf *errors,
                              struct goxel_detail *detail)
{
    struct goxel_policy *policy = NULL;
    int code = goxel_daemon_load_policy(config, errors, &policy, detail);

    goxel_policy_unref(policy);
    return code;
}

/* An image that serves already must not leave its clients because of this: it lets nobody in whom it does not know. */
int goxel_daemon_take_policy(struct goxel_daemon *daemon, struct goxel_detail *detail)
{
    int code = goxel_daemon_load_policy(daemon->config, NULL, &daemon->policy, detail);

    if (!code || !daemon->restart.reexeced)
        return code;
    goxel_log(GOXEL_LOG_ERROR, "access closed reason=%s: no token is good until a reload succeeds",
              GOXEL_QUOTED(detail->text));
    daemon->reload_ok = false;
    daemon->policy = goxel_policy_closed();
    return daemon->policy ? 0 : goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "the rules of access");
}

struct goxel_policy *goxel_daemon_policy(void *ctx)
{
    struct goxel_daemon *daemon = ctx;

    pthread_mutex_lock(&daemon->lock);
    struct goxel_policy *policy = goxel_policy_ref(daemon->policy);
    pthread_mutex_unlock(&daemon->lock);
    return policy;
}
