/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reload: load, validate, compare, apply, report; and the log, which is opened anew in any case.
 *
 * A configuration is immutable; the effective one is replaced as a whole under the daemon's lock, and
 * whoever still reads the old one holds a reference. Most options are looked up at each use; those
 * that somebody keeps a copy of are applied by the table below.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access/policy.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "daemon/daemon.h"

#define ERRORS_MAX (64u << 10)

struct goxel_config *goxel_daemon_config(void *ctx)
{
    struct goxel_daemon *daemon = ctx;

    pthread_mutex_lock(&daemon->lock);
    struct goxel_config *config = goxel_config_ref(daemon->config);
    pthread_mutex_unlock(&daemon->lock);
    return config;
}

int goxel_daemon_open_log(const struct goxel_daemon *daemon, const struct goxel_config *config,
                          struct goxel_detail *detail)
{
    bool detached = goxel_config_bool(config, GOXEL_OPT_PROCESS_DAEMONIZE) && !daemon->test_mode;
    const struct {
        const char *name;
        enum goxel_log_target target;
    } targets[] = {
        {"auto", detached ? GOXEL_LOG_SYSLOG : GOXEL_LOG_STDERR},
        {"stderr", GOXEL_LOG_STDERR},
        {"syslog", GOXEL_LOG_SYSLOG},
        {"file", GOXEL_LOG_FILE},
    };
    const char *target = goxel_config_string(config, GOXEL_OPT_LOGGING_TARGET);
    const char *colors = goxel_config_string(config, GOXEL_OPT_LOGGING_USE_COLORS);
    struct goxel_log_options options = {
        .path = goxel_config_string(config, GOXEL_OPT_LOGGING_FILE),
        .ident = goxel_config_string(config, GOXEL_OPT_LOGGING_SYSLOG_IDENT),
        .facility = goxel_config_string(config, GOXEL_OPT_LOGGING_SYSLOG_FACILITY),
        .colors = !strcmp(colors, "auto") ? -1 : !strcmp(colors, "true"),
    };

    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        if (!strcmp(target, targets[i].name))
            options.target = targets[i].target;
    }
    goxel_log_level_parse(goxel_config_string(config, GOXEL_OPT_LOGGING_LEVEL), &options.level);
    return goxel_log_configure(&options, detail);
}

int goxel_daemon_load(const struct goxel_daemon *daemon, const struct goxel_settings *settings,
                      struct goxel_buf *errors, struct goxel_buf *warnings, struct goxel_config **ret_config,
                      struct goxel_detail *detail)
{
    struct goxel_config *config = NULL, *inside = NULL;
    struct goxel_config_override *overrides = NULL;
    size_t count;
    int code = goxel_settings_append(daemon->overrides, daemon->override_count, settings, &overrides, &count);

    if (!code)
        code = goxel_config_load(daemon->config_path, overrides, count, errors, warnings, &config);
    free(overrides);
    if (code || !daemon->rooted) {
        *ret_config = config;
        return code ? goxel_fail(detail, code, "nothing was changed") : 0;
    }
    code = goxel_config_rebase(
        config, goxel_config_string(daemon->config, GOXEL_OPT_SECURITY_CHROOT_DIRECTORY), detail, &inside);
    goxel_config_unref(config);
    if (!code)
        *ret_config = inside;
    return code;
}

/* ---- applying ---- */

static int apply_workers(struct goxel_daemon *daemon, const struct goxel_config *config,
                         struct goxel_detail *detail)
{
    const struct goxel_pool_options options = {
        .workers = (unsigned)goxel_config_int(config, GOXEL_OPT_WORKERS_COUNT),
        .queue_size = (unsigned)goxel_config_int(config, GOXEL_OPT_WORKERS_QUEUE_SIZE),
    };

    return goxel_pool_resize(daemon->pool, &options, detail);
}

static int apply_log(struct goxel_daemon *daemon, const struct goxel_config *config,
                     struct goxel_detail *detail)
{
    return goxel_daemon_open_log(daemon, config, detail);
}

static int apply_health(struct goxel_daemon *daemon, const struct goxel_config *config,
                        struct goxel_detail *detail)
{
    (void)detail;
    goxel_health_set_threshold(daemon->health,
                               (unsigned)goxel_config_int(config, GOXEL_OPT_HEALTH_FAILURE_THRESHOLD));
    goxel_monitor_wake(daemon->monitor);
    return 0;
}

struct goxel_store_settings goxel_daemon_store_settings(const struct goxel_config *config)
{
    static const struct {
        const char *name;
        enum goxel_durability durability;
    } rows[] = {{"full", GOXEL_DURABILITY_FULL},
                {"batched", GOXEL_DURABILITY_BATCHED},
                {"none", GOXEL_DURABILITY_NONE}};
    const char *name = goxel_config_string(config, GOXEL_OPT_STORAGE_DURABILITY);
    int64_t cache = goxel_config_int(config, GOXEL_OPT_STORAGE_CACHE_MB) << 20,
            history = goxel_config_int(config, GOXEL_OPT_STORAGE_HISTORY_MB) << 20;
    size_t i = 0;

    while (strcmp(rows[i].name, name) != 0) /* it is one of them: the configuration has been checked */
        i++;
    return (struct goxel_store_settings){
        .durability = rows[i].durability,
        .checkpoint_interval_ms = goxel_config_int(config, GOXEL_OPT_STORAGE_CHECKPOINT_INTERVAL_MS),
        .history_bytes = cache && cache / 4 < history ? cache / 4 : history,
        .cache_bytes = cache,
        .quota_bytes = goxel_config_int(config, GOXEL_OPT_STORAGE_QUOTA_MB) << 20,
        .project_quota_bytes = goxel_config_int(config, GOXEL_OPT_STORAGE_PROJECT_QUOTA_MB) << 20,
        .open_max = (size_t)goxel_config_int(config, GOXEL_OPT_STORAGE_MAX_OPEN_PROJECTS),
    };
}

static int apply_storage(struct goxel_daemon *daemon, const struct goxel_config *config,
                         struct goxel_detail *detail)
{
    struct goxel_store_settings settings = goxel_daemon_store_settings(config);

    (void)detail;
    goxel_store_configure(daemon->store, &settings);
    return 0;
}

/* Options of which somebody keeps a copy, by the start of their names. Each can be applied again. */
static const struct applier {
    const char *prefix;
    int (*apply)(struct goxel_daemon *daemon, const struct goxel_config *config, struct goxel_detail *detail);
} appliers[] = {
    {"workers.", apply_workers},
    {"logging.", apply_log},
    {"health.", apply_health},
    {"storage.", apply_storage},
};
#define APPLIERS (sizeof(appliers) / sizeof(appliers[0]))

/* ---- comparing ---- */

struct changes {
    enum goxel_option *applied, *pending;
    size_t applied_count, pending_count;
};

static void note_change(void *ctx, enum goxel_option option, bool applied)
{
    struct changes *changes = ctx;

    if (applied)
        changes->applied[changes->applied_count++] = option;
    else
        changes->pending[changes->pending_count++] = option;
}

static bool concerns(const struct changes *changes, const struct applier *applier)
{
    for (size_t i = 0; i < changes->applied_count; i++) {
        if (!strncmp(goxel_option_name(changes->applied[i]), applier->prefix, strlen(applier->prefix)))
            return true;
    }
    return false;
}

/* All or nothing: what was applied before one failed is set back to the running values. */
static int apply(struct goxel_daemon *daemon, const struct changes *changes,
                 const struct goxel_config *effective, struct goxel_detail *detail)
{
    int code = 0;
    size_t i;

    for (i = 0; i < APPLIERS && !code; i++) {
        if (concerns(changes, &appliers[i]))
            code = appliers[i].apply(daemon, effective, detail);
    }
    while (code && i-- > 0) {
        if (concerns(changes, &appliers[i]))
            (void)appliers[i].apply(daemon, daemon->config, NULL);
    }
    return code;
}

/* Takes over what is now in effect, and the list of what waits. */
static void publish(struct goxel_daemon *daemon, struct goxel_config *effective, struct goxel_policy *policy,
                    struct changes *changes)
{
    struct goxel_policy *old_policy;
    struct goxel_config *old;
    enum goxel_option *old_pending;

    pthread_mutex_lock(&daemon->lock);
    old = daemon->config;
    old_policy = daemon->policy;
    old_pending = daemon->pending;
    daemon->config = effective;
    daemon->policy = policy;
    daemon->pending = changes->pending;
    daemon->pending_count = changes->pending_count;
    daemon->reload_ok = true;
    daemon->reload_ms = goxel_wall_ms();
    changes->pending = NULL;
    pthread_mutex_unlock(&daemon->lock);
    goxel_config_unref(old);
    goxel_policy_unref(old_policy);
    free(old_pending);
}

/* The file may have other lines under the same name. */
static void note_tokens(const struct goxel_policy *before, const struct goxel_policy *after,
                        struct changes *changes)
{
    if (!before || goxel_tokens_equal(goxel_policy_tokens(before), goxel_policy_tokens(after)))
        return;
    for (size_t i = 0; i < changes->applied_count; i++) {
        if (changes->applied[i] == GOXEL_OPT_SECURITY_TOKENS_FILE)
            return;
    }
    note_change(changes, GOXEL_OPT_SECURITY_TOKENS_FILE, true);
}

static int load_and_apply(struct goxel_daemon *daemon, const struct goxel_settings *settings,
                          struct changes *changes, struct goxel_buf *errors, struct goxel_buf *warnings,
                          struct goxel_detail *detail)
{
    struct goxel_config *wanted = NULL, *effective = NULL;
    struct goxel_policy *policy = NULL;
    int code = goxel_daemon_load(daemon, settings, errors, warnings, &wanted, detail);

    if (code)
        return code;
    code = goxel_config_merge(daemon->config, wanted, GOXEL_LEVEL_RELOAD, note_change, changes, &effective);
    goxel_config_unref(wanted);
    if (code)
        return goxel_fail(detail, code, "the configurations could not be compared");
    code = goxel_daemon_load_policy(effective, errors, &policy, detail);
    if (!code)
        code = apply(daemon, changes, effective, detail);
    if (!code) {
        note_tokens(daemon->policy, policy, changes);
        publish(daemon, effective, policy, changes);
        return 0;
    }
    goxel_policy_unref(policy);
    goxel_config_unref(effective);
    return code;
}

/* ---- reporting ---- */

static void write_pending(const enum goxel_option *pending, size_t count, struct goxel_json_writer *w,
                          const char *key)
{
    goxel_json_put_array(w, key);
    for (size_t i = 0; i < count; i++) {
        goxel_json_put_object(w, NULL);
        goxel_json_put_string(w, "option", goxel_option_name(pending[i]));
        goxel_json_put_string(w, "level", goxel_option_level_name(pending[i]));
        goxel_json_put_end(w);
    }
    goxel_json_put_end(w);
}

void goxel_daemon_write_pending(void *ctx, struct goxel_json_writer *w, const char *key)
{
    struct goxel_daemon *daemon = ctx;

    pthread_mutex_lock(&daemon->lock);
    write_pending(daemon->pending, daemon->pending_count, w, key);
    pthread_mutex_unlock(&daemon->lock);
}

void goxel_daemon_last_reload(void *ctx, bool *ret_ok, int64_t *ret_success_ms, size_t *ret_pending)
{
    struct goxel_daemon *daemon = ctx;

    pthread_mutex_lock(&daemon->lock);
    *ret_ok = daemon->reload_ok;
    *ret_success_ms = daemon->reload_ms;
    *ret_pending = daemon->pending_count;
    pthread_mutex_unlock(&daemon->lock);
}

/* Each line to the log, and as an item of the array. */
static void report_lines(const struct goxel_buf *lines, enum goxel_log_level level,
                         struct goxel_json_writer *w)
{
    const char *line = lines->len ? lines->data : "";

    while (*line) {
        size_t len = strcspn(line, "\n");

        goxel_log(level, "reload %.*s", (int)len, line);
        if (w)
            goxel_json_put_string_len(w, NULL, line, len);
        line += len + (line[len] == '\n');
    }
}

static void write_report(struct goxel_daemon *daemon, const struct changes *changes,
                         const struct goxel_buf *errors, int code, const struct goxel_detail *detail,
                         struct goxel_buf *report)
{
    struct goxel_json_writer w;

    goxel_json_writer_init(&w, report);
    goxel_json_put_object(&w, NULL);
    goxel_json_put_array(&w, "applied");
    for (size_t i = 0; !code && i < changes->applied_count; i++) {
        goxel_log(GOXEL_LOG_INFO, "reload applied option=%s", goxel_option_name(changes->applied[i]));
        goxel_json_put_string(&w, NULL, goxel_option_name(changes->applied[i]));
    }
    goxel_json_put_end(&w);
    for (size_t i = 0; !code && i < daemon->pending_count; i++)
        goxel_log(GOXEL_LOG_WARN, "reload pending option=%s level=%s: the new value waits for a restart",
                  goxel_option_name(daemon->pending[i]), goxel_option_level_name(daemon->pending[i]));
    goxel_daemon_write_pending(daemon, &w, "pending_restart");
    goxel_json_put_array(&w, "errors");
    report_lines(errors, GOXEL_LOG_ERROR, &w);
    if (code && !errors->len)
        goxel_json_put_string(&w, NULL, detail->text);
    goxel_json_put_end(&w);
    goxel_json_put_end(&w);
}

/* ---- the whole ---- */

/* What was just set is to blame: the first of it that the errors speak of. */
static void blame_setting(const struct goxel_settings *more, const struct goxel_buf *errors,
                          struct goxel_detail *detail)
{
    size_t count;
    const struct goxel_config_override *overrides = goxel_settings_overrides(more, &count);

    for (size_t i = 0; errors->len && i < count; i++) {
        const char *name = goxel_option_name(overrides[i].option);
        const char *line = strstr(errors->data, name);

        if (!line)
            continue;
        while (line > errors->data && line[-1] != '\n')
            line--;
        (void)goxel_fail(detail, DAEMON_ERROR_CONFIG_INVALID, "%.*s", (int)strcspn(line, "\n"), line);
        (void)snprintf(detail->field, sizeof(detail->field), "%s", name);
        return;
    }
}

static void log_settings(const struct goxel_settings *settings)
{
    size_t count;
    const struct goxel_config_override *overrides = goxel_settings_overrides(settings, &count);

    for (size_t i = 0; i < count; i++)
        goxel_log(GOXEL_LOG_INFO, "set option=%s value=%s", goxel_option_name(overrides[i].option),
                  GOXEL_QUOTED(overrides[i].text ? overrides[i].text : ""));
}

static int reload(struct goxel_daemon *daemon, const struct goxel_settings *more, struct changes *changes,
                  struct goxel_buf *errors, struct goxel_buf *warnings, struct goxel_detail *detail)
{
    struct goxel_settings *settings = NULL;
    int code = more ? goxel_settings_join(daemon->settings, more, &settings) : 0;

    if (code || !changes->applied || !changes->pending)
        code = goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "nothing was changed");
    else
        code = load_and_apply(daemon, settings, changes, errors, warnings, detail);
    if (code) {
        blame_setting(more, errors, detail);
        goxel_settings_destroy(settings);
        return code;
    }
    log_settings(more);
    goxel_settings_destroy(daemon->settings);
    daemon->settings = settings;
    return 0;
}

int goxel_daemon_reload(struct goxel_daemon *daemon, const struct goxel_settings *more,
                        struct goxel_buf *report, struct goxel_detail *detail)
{
    struct changes changes = {
        .applied = calloc(GOXEL_OPTION_COUNT, sizeof(enum goxel_option)),
        .pending = calloc(GOXEL_OPTION_COUNT, sizeof(enum goxel_option)),
    };
    struct goxel_buf errors, warnings;
    struct goxel_detail log_detail;
    int code;

    goxel_detail_init(&log_detail);
    if (goxel_log_reopen(&log_detail))
        goxel_log(GOXEL_LOG_ERROR, "log not reopened reason=%s", GOXEL_QUOTED(log_detail.text));
    goxel_buf_init(&errors, ERRORS_MAX);
    goxel_buf_init(&warnings, ERRORS_MAX);
    code = reload(daemon, more, &changes, &errors, &warnings, detail);
    report_lines(&warnings, GOXEL_LOG_WARN, NULL);
    if (code && !more) { /* a setting that is refused says nothing about the file */
        pthread_mutex_lock(&daemon->lock);
        daemon->reload_ok = false;
        pthread_mutex_unlock(&daemon->lock);
    }
    write_report(daemon, &changes, &errors, code, detail, report);
    goxel_buf_finish(&errors);
    goxel_buf_finish(&warnings);
    free(changes.applied);
    free(changes.pending);
    return code;
}
