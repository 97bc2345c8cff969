/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules: read once, with all names looked up, then only compared. */
#include "access/policy.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

#define NAMES_MAX ((size_t)1 << 20) /* what an entry of the user database may take */

struct rule {
    bool group;
    unsigned id;
    enum goxel_access access;
};

struct goxel_policy {
    atomic_uint refs;
    struct goxel_tokens *tokens; /* NULL: no list */
    bool stop_without_token;
    bool closed; /* rules or not, nobody but root and our own user */
    size_t rule_count;
    struct rule rules[];
};

/* ---- names ---- */

static bool read_number(const char *text, unsigned *ret_id)
{
    char *end;
    unsigned long id;

    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    id = strtoul(text, &end, 10);
    if (errno || *end || id >= (unsigned)-1) /* the last one stands for nobody */
        return false;
    *ret_id = (unsigned)id;
    return true;
}

/* ERANGE: `size` bytes are too few. */
static int look_up(bool group, const char *name, char *room, size_t size, bool *ret_found, unsigned *ret_id)
{
    struct passwd user, *user_found = NULL;
    struct group team, *team_found = NULL;
    int err = group ? getgrnam_r(name, &team, room, size, &team_found)
                    : getpwnam_r(name, &user, room, size, &user_found);

    *ret_found = team_found || user_found;
    if (team_found)
        *ret_id = team.gr_gid;
    if (user_found)
        *ret_id = user.pw_uid;
    return err;
}

static int resolve(bool group, const char *name, struct goxel_detail *detail, unsigned *ret_id)
{
    bool found = false;
    int err = ERANGE;

    if (read_number(name, ret_id))
        return 0;
    for (size_t size = 4096; err == ERANGE && size <= NAMES_MAX; size *= 4) {
        char *room = malloc(size);

        if (!room)
            return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "%s", name);
        err = look_up(group, name, room, size, &found, ret_id);
        free(room);
    }
    if (found)
        return 0;
    return goxel_fail_value(detail, DAEMON_ERROR_CONFIG_INVALID, group ? "group" : "user", name,
                            "one that the system knows, or a number");
}

/* ---- rules ---- */

static int read_rule(const char *text, struct goxel_detail *detail, struct rule *ret_rule)
{
    const char *equals = strrchr(text, '='), *colon = strchr(text, ':');
    bool user = strncmp(text, "user:", 5) == 0;
    char name[256];
    size_t len;

    ret_rule->group = strncmp(text, "group:", 6) == 0;
    if (!(user || ret_rule->group) || !equals ||
        !goxel_access_parse(equals + 1, strlen(equals + 1), &ret_rule->access))
        return goxel_fail_value(detail, DAEMON_ERROR_CONFIG_INVALID, "", text,
                                "user:NAME=LEVEL or group:NAME=LEVEL");
    len = (size_t)(equals - colon) - 1;
    if (len >= sizeof(name))
        return goxel_fail_limit(detail, DAEMON_ERROR_CONFIG_INVALID, "bytes of a name", sizeof(name) - 1,
                                (int64_t)len);
    memcpy(name, colon + 1, len);
    name[len] = '\0';
    return resolve(ret_rule->group, name, detail, &ret_rule->id);
}

static int fail_whole(struct goxel_detail *detail, const char *place, const char *option)
{
    struct goxel_detail why = *detail;

    return goxel_fail(detail, DAEMON_ERROR_CONFIG_INVALID, "%s%s: %s", place, option, why.text);
}

static int read_rules(struct goxel_policy *policy, const struct goxel_policy_options *options,
                      struct goxel_detail *detail)
{
    int code = 0;

    for (size_t i = 0; i < options->peer_count && !code; i++)
        code = read_rule(options->peers[i], detail, &policy->rules[i]);
    policy->rule_count = options->peer_count;
    return code == DAEMON_ERROR_CONFIG_INVALID ? fail_whole(detail, "", "security.peers") : code;
}

static int read_tokens(struct goxel_policy *policy, const char *path, struct goxel_detail *detail)
{
    char place[192];
    int code = goxel_tokens_read(path, detail, &policy->tokens);

    if (code != DAEMON_ERROR_CONFIG_INVALID)
        return code;
    if (detail->line)
        (void)snprintf(place, sizeof(place), "%.160s:%lld: ", path, (long long)detail->line);
    else
        (void)snprintf(place, sizeof(place), "%.160s: ", path);
    return fail_whole(detail, place, "security.tokens_file");
}

/* ---- life ---- */

static struct goxel_policy *create(size_t rules)
{
    struct goxel_policy *policy = calloc(1, sizeof(*policy) + rules * sizeof(struct rule));

    if (policy)
        atomic_init(&policy->refs, 1);
    return policy;
}

int goxel_policy_load(const struct goxel_policy_options *options, struct goxel_detail *detail,
                      struct goxel_policy **ret_policy)
{
    struct goxel_policy *policy = create(options->peer_count);
    struct goxel_detail why;
    int code;

    if (!policy)
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "the rules of access");
    goxel_detail_init(&why);
    policy->stop_without_token = options->stop_without_token;
    code = read_rules(policy, options, &why);
    if (!code && options->tokens_file[0])
        code = read_tokens(policy, options->tokens_file, &why);
    if (code && detail)
        *detail = why;
    if (code)
        goxel_policy_unref(policy);
    else
        *ret_policy = policy;
    return code;
}

struct goxel_policy *goxel_policy_closed(void)
{
    struct goxel_policy *policy = create(0);

    if (policy && goxel_tokens_parse("", 0, NULL, &policy->tokens)) {
        goxel_policy_unref(policy);
        return NULL;
    }
    if (policy)
        policy->closed = true;
    return policy;
}

struct goxel_policy *goxel_policy_ref(struct goxel_policy *policy)
{
    atomic_fetch_add_explicit(&policy->refs, 1, memory_order_relaxed);
    return policy;
}

void goxel_policy_unref(struct goxel_policy *policy)
{
    if (!policy || atomic_fetch_sub_explicit(&policy->refs, 1, memory_order_acq_rel) != 1)
        return;
    free(policy->tokens);
    free(policy);
}

/* ---- questions ---- */

const struct goxel_tokens *goxel_policy_tokens(const struct goxel_policy *policy)
{
    return policy->tokens;
}

struct goxel_grant goxel_policy_stranger(const struct goxel_policy *policy)
{
    if (policy->tokens)
        return (struct goxel_grant){GOXEL_ACCESS_ALL, false};
    return (struct goxel_grant){policy->stop_without_token ? GOXEL_ACCESS_STOP : GOXEL_ACCESS_ADMIN, false};
}

bool goxel_policy_has_peers(const struct goxel_policy *policy)
{
    return policy->closed || policy->rule_count > 0;
}

static bool fits(const struct rule *rule, const struct goxel_peer *peer)
{
    if (!rule->group)
        return rule->id == peer->uid;
    for (size_t i = 0; i < peer->count; i++) {
        if (rule->id == peer->groups[i])
            return true;
    }
    return rule->id == peer->gid;
}

struct goxel_grant goxel_policy_peer(const struct goxel_policy *policy, const struct goxel_peer *peer)
{
    enum goxel_access access = GOXEL_ACCESS_ALL;

    if (!goxel_policy_has_peers(policy) || peer->uid == 0 || peer->uid == geteuid())
        return goxel_grant_known(GOXEL_ACCESS_ADMIN);
    for (size_t i = 0; i < policy->rule_count; i++) {
        if (policy->rules[i].access > access && fits(&policy->rules[i], peer))
            access = policy->rules[i].access;
    }
    return goxel_grant_known(access);
}
