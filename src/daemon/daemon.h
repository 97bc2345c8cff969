/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The daemon: everything that lives as long as the process, and the lifecycle thread that moves it.
 *
 * Used by: main.  Uses: every folder.
 *
 * Threads: all of this belongs to the lifecycle thread (the main thread), except `config`, `pending`, the
 * reload's outcome and the figures of restarts, which others read under `lock`, and the parts that say
 * themselves that they are thread-safe.
 */
#ifndef GOXEL_DAEMON_DAEMON_H
#define GOXEL_DAEMON_DAEMON_H

#include <pthread.h>
#include <stdbool.h>

#include "access/policy.h"
#include "config/config.h"
#include "config/settings.h"
#include "core/workspace.h"
#include "daemon/events.h"
#include "daemon/monitor.h"
#include "daemon/privileges.h"
#include "daemon/script.h"
#include "daemon/supervisor.h"
#include "http/front.h"
#include "lifecycle/health.h"
#include "lifecycle/machine.h"
#include "lifecycle/requests.h"
#include "rpc/news.h"
#include "rpc/rpc.h"
#include "store/store.h"
#include "work/pool.h"

/* What the seven phases lead to. */
enum goxel_goal {
    GOXEL_GOAL_STOP,
    GOXEL_GOAL_RESTART, /* the next image, by exec */
    GOXEL_GOAL_RECOVER, /* the same in a hurry: something hangs */
};

/* The course of a stop, or of what precedes a re-exec; see shutdown.c. */
struct goxel_shutdown {
    enum goxel_goal goal;
    bool under_way;
    enum goxel_shutdown_phase phase;
    int64_t phase_began_ms; /* monotonic */
    int64_t drain_until_ms;
    int64_t timeout_ms; /* for this stop, or -1: performance.shutdown_timeout_ms */
    bool by_signal;     /* a signal asked for it, first or later */
    bool skip_drain;    /* and then a second one, or it was forced */
    bool cut;           /* CLOSE_CONNECTIONS: the rest was disconnected */
    bool stuck;         /* a thread hangs, or may: exec, or the end of the process, takes it along */
    bool stop_came;     /* a stop that came too late to end this: the next image carries it out */
    bool diverted;      /* it was to be a re-exec: clients wait already, so there is no grace */
    int code;           /* what the process ends with: 0 or an error, and why */
    struct goxel_detail detail;
};

/* Restarts in place; see restart.c. */
enum goxel_restart_stage {
    GOXEL_RESTART_NONE,
    GOXEL_RESTART_CHECKING, /* RUNNING: would the next image take the configuration? */
    GOXEL_RESTART_LEAVING,  /* STOPPING, or ERROR for a recovery: the phases of shutdown.c */
};

struct goxel_restart {
    bool reexeced; /* this image was made by exec from an earlier one */
    enum goxel_restart_stage stage;
    enum goxel_goal goal;
    struct goxel_script check;
    bool asked; /* `run` is to be answered */
    struct goxel_request_run run;
    int64_t last_recovery_ms;             /* monotonic; 0: none */
    int64_t not_before_ms;                /* monotonic: a recovery was refused until then */
    struct goxel_json *handed;            /* what an earlier image left, until it is taken over; owned */
    struct goxel_restart_figures figures; /* under daemon->lock */
};

/* Start-up phases: how many of the table are done when each is. */
enum goxel_phase {
    GOXEL_PHASE_NONE,
    GOXEL_PHASE_ENVIRONMENT,
    GOXEL_PHASE_PROCESS,
    GOXEL_PHASE_DETACH,
    GOXEL_PHASE_PRIVILEGES,
    GOXEL_PHASE_CORE
};

struct goxel_daemon {
    /* from the command line */
    char *config_path; /* absolute; NULL: none */
    const struct goxel_config_override *overrides;
    size_t override_count;
    bool test_mode;    /* never detach, never change user or root */
    char *program;     /* absolute path of what was started; NULL: no re-exec */
    char *const *argv; /* what it was started with */
    /* parts, in the order in which they come and the reverse of that in which they go */
    struct goxel_inherited inherited;
    struct goxel_identity identity;
    struct goxel_events events;
    int pid_fd;
    int ready_fd; /* whoever typed the command waits at its other end; -1: nobody */
    bool rooted;  /* confined to security.chroot_directory */
    struct goxel_listener
        listeners[GOXEL_LISTENERS_MAX]; /* until the front has them, and after it gave them back */
    size_t listener_count;
    struct goxel_machine *machine;
    struct goxel_requests *requests;
    struct goxel_health *health;
    struct goxel_feed *feed;
    struct goxel_news_desk news;
    struct goxel_workspace *workspace;
    struct goxel_store *store;
    struct goxel_pool *pool;
    struct goxel_rpc *rpc;
    struct goxel_front *front;
    struct goxel_monitor *monitor;
    struct goxel_shutdown shutdown;
    struct goxel_restart restart;
    struct goxel_settings *settings; /* set since the last reload, or NULL; owned */
    size_t phases_done;
    /* shared */
    pthread_mutex_t lock;
    struct goxel_config *config; /* effective */
    struct goxel_policy *policy; /* what it says of access; NULL before the phase of privileges */
    enum goxel_option *pending;  /* options whose new value waits */
    size_t pending_count;
    bool reload_ok;
    int64_t reload_ms; /* wall clock of the last accepted configuration */
};

/* What a daemon is before anything: the rest is zero. */
#define GOXEL_DAEMON_NEW \
    { \
        .events = GOXEL_EVENTS_CLOSED, .pid_fd = -1, .ready_fd = -1, .reload_ok = true, \
        .lock = PTHREAD_MUTEX_INITIALIZER \
    }

/* What the current run moved through: "RUNNING>RELOADING>RUNNING". */
struct goxel_trail {
    char text[64];
};

/* The effective configuration as a counted reference; any thread. `ctx` is the daemon. */
struct goxel_config *goxel_daemon_config(void *ctx);

/* The same of who may do how much. */
struct goxel_policy *goxel_daemon_policy(void *ctx);

/* Makes the lifecycle thread look; any thread. `ctx` is the daemon. */
void goxel_daemon_wake(void *ctx);

/* startup.c: walks the phases; undoes on failure. */
int goxel_daemon_start(struct goxel_daemon *daemon, struct goxel_detail *detail);
void goxel_daemon_undo(struct goxel_daemon *daemon, enum goxel_phase down_to); /* `down_to` stays done */
bool goxel_daemon_started(void *ctx, struct goxel_detail *detail); /* validates STARTING → RUNNING */

/* sockets.c: opens what the configuration names, or takes it from whoever handed it to us; all or none. */
int goxel_daemon_open_sockets(struct goxel_daemon *daemon, struct goxel_detail *detail);
void goxel_daemon_close_sockets(struct goxel_daemon *daemon);
/* Its name for the descriptor store, and for the next image. */
#define GOXEL_HAND_ON_MAX 144
void goxel_listener_hand_on(const struct goxel_listener *listener, char ret_name[GOXEL_HAND_ON_MAX]);

/*
 * access.c: who may do how much by that configuration. DAEMON_ERROR_CONFIG_INVALID, which is a line in `errors` (NULL: not), too;
 * whether it could be loaded; and that of daemon->config becomes daemon->policy.
 */
int goxel_daemon_load_policy(const struct goxel_config *config, struct goxel_buf *errors,
                             struct goxel_policy **ret_policy, struct goxel_detail *detail);
int goxel_daemon_check_policy(const struct goxel_config *config, struct goxel_buf *errors,
                              struct goxel_detail *detail);
int goxel_daemon_take_policy(struct goxel_daemon *daemon, struct goxel_detail *detail);

/* reload.c: applies the logging options. */
int goxel_daemon_open_log(const struct goxel_daemon *daemon, const struct goxel_config *config,
                          struct goxel_detail *detail);

/* reload.c: what the configuration says of the store. */
struct goxel_store_settings goxel_daemon_store_settings(const struct goxel_config *config);

/* reload.c: reads the file (seen from inside, if we are confined) with the overrides, and the settings (NULL: none). */
int goxel_daemon_load(const struct goxel_daemon *daemon, const struct goxel_settings *settings,
                      struct goxel_buf *errors, struct goxel_buf *warnings, struct goxel_config **ret_config,
                      struct goxel_detail *detail);

/*
 * reload.c: load, validate, compare, apply; on failure nothing has changed. With `more` that is set too, beside
 * what was set before; without (NULL) nothing is set any more. The report is the JSON of POST /reload in any case.
 */
int goxel_daemon_reload(struct goxel_daemon *daemon, const struct goxel_settings *more,
                        struct goxel_buf *report, struct goxel_detail *detail);
void goxel_daemon_write_pending(void *ctx, struct goxel_json_writer *w, const char *key);
void goxel_daemon_last_reload(void *ctx, bool *ret_ok, int64_t *ret_success_ms, size_t *ret_pending);

/*
 * shutdown.c: every project into storage.directory, each failure in the log. The first of them is returned; one that
 * an edit holds (GOXEL_ERROR_LOCKED) only if there is no other.
 */
int goxel_daemon_keep_projects(struct goxel_daemon *daemon, struct goxel_detail *detail);
void goxel_daemon_progress(
    void *ctx); /* long work of the lifecycle thread goes on: for the supervisor. `ctx` is the daemon */

/* shutdown.c: one step of the stop; returns milliseconds until the next, or -1 when it is complete. */
void goxel_shutdown_begin(struct goxel_daemon *daemon, enum goxel_goal goal);
int64_t goxel_shutdown_step(struct goxel_daemon *daemon);

/*
 * restart.c. POST /restart (GOXEL_GOAL_RESTART), or the health monitor (GOXEL_GOAL_RECOVER): what can be known is
 * checked first, while everything runs. `run` is answered later (true), or now with the code.
 */
bool goxel_restart_ask(struct goxel_daemon *daemon, struct goxel_request_run *run, enum goxel_goal goal,
                       struct goxel_trail *trail, struct goxel_detail *detail, int *ret_code);
/* Can a request of that kind be taken now? One that cannot stays pending. */
bool goxel_restart_takes(const struct goxel_daemon *daemon, enum goxel_request_kind kind);
/* One step; returns milliseconds until the next, or -1: nothing to do. */
int64_t goxel_restart_step(struct goxel_daemon *daemon);
/* Validates ERROR → STARTING: attempts, cool-down. */
bool goxel_restart_allowed(void *ctx, struct goxel_detail *detail);
/* Forgets attempts once health.recovery_window_ms have been without failure. */
void goxel_restart_forget(struct goxel_daemon *daemon);
void goxel_restart_figures(void *ctx, struct goxel_restart_figures *ret_figures);
/* A stop has come: what was being prepared is dropped, and whoever waits for it is told. */
void goxel_restart_drop(struct goxel_daemon *daemon);
/* loop.c: the one who moves. */
int goxel_daemon_move(struct goxel_daemon *daemon, struct goxel_trail *trail, enum goxel_state to,
                      struct goxel_detail *detail);
/* loop.c: from STARTING to STOPPED; returns what the process ends with. */
int goxel_daemon_run(struct goxel_daemon *daemon, struct goxel_detail *detail);

#endif
