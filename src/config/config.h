/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The configuration: one option table, and immutable values read through it.
 *
 * Used by: http, rpc, daemon.  Uses: base; libconfuse behind this header only.
 *
 * `config/options.h` lists every option once: section, name, type, default, range, unit, level,
 * documentation. From that table come the libconfuse schema, validation, the difference of two
 * configurations, `--print-config`, `etc/daemon.conf` and this header's enum.
 *
 * Life: a configuration is immutable once loaded and shared by counted references; readers take one
 * with `goxel_config_ref` and may keep it as long as they like. Loading is for one thread at a time
 * (libconfuse's lexer is global).
 */
#ifndef GOXEL_CONFIG_CONFIG_H
#define GOXEL_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/detail.h"
#include "base/json.h"
#include "config/options.h" /* enum goxel_option: GOXEL_OPT_WORKERS_COUNT, GOXEL_OPT_SOCKETS_TCP_PORT, … */

enum goxel_option_type {
    GOXEL_OPTION_BOOL,
    GOXEL_OPTION_INT, /* range in the table; octal only for permissions and umask */
    GOXEL_OPTION_STRING,
    GOXEL_OPTION_CHOICE, /* one of a list; read as string */
    GOXEL_OPTION_LIST,   /* of strings */
};

enum goxel_option_level {
    GOXEL_LEVEL_RELOAD,  /* R: applies on reload */
    GOXEL_LEVEL_REEXEC,  /* X: by a re-exec */
    GOXEL_LEVEL_SERVICE, /* S: needs a service restart */
};

struct goxel_config;

struct goxel_config *goxel_config_ref(struct goxel_config *config);
void goxel_config_unref(struct goxel_config *config); /* NULL is fine */

/* Values; the option's type must fit (asserted). Strings live as long as the reference. */
bool goxel_config_bool(const struct goxel_config *config, enum goxel_option option);
int64_t goxel_config_int(const struct goxel_config *config, enum goxel_option option);
const char *goxel_config_string(const struct goxel_config *config, enum goxel_option option);
size_t goxel_config_list(const struct goxel_config *config, enum goxel_option option,
                         const char *const **ret_items);

/* Is there a Unix socket, and does it speak HTTP, if maybe not that alone? */
bool goxel_config_unix_http(const struct goxel_config *config);

/*
 * Would whoever reaches the daemon over a network have all to himself: an address beyond loopback, no list of tokens, and
 * nobody said that this is meant? The address as the option *ret_option has it, or NULL.
 */
const char *goxel_config_exposed(const struct goxel_config *config, enum goxel_option *ret_option);

/* "workers.count"; "R", "X", "S". */
const char *goxel_option_name(enum goxel_option option);
const char *goxel_option_level_name(enum goxel_option option);
enum goxel_option_level goxel_option_level(enum goxel_option option);
enum goxel_option_type goxel_option_type(enum goxel_option option);
bool goxel_option_find(const char *name, enum goxel_option *ret_option); /* by its whole name; false: none */
/* May it be set at run time (config/settings.h), or does it come from the file and the command line alone? */
bool goxel_option_settable(enum goxel_option option);

/*
 * A value given on the command line or at run time: beats the file, at every load, and an override of the same option
 * from another source before it. `text` as in the file, without quotes.
 */
struct goxel_config_override {
    enum goxel_option option;
    const char *text;   /* a list takes one item for each override of it; NULL: it has none */
    const char *source; /* "--listen", for messages */
};

/*
 * Reads and validates the whole file (`path` NULL: defaults alone), then the overrides, then what
 * spans options. Every problem is a line `FILE:LINE: OPTION: reason` in `errors`, all of them, not
 * just the first; things accepted without effect are lines in `warnings`. An override's line begins
 * with its source instead, a file that cannot be read gives `FILE: file: reason`. Of a great many
 * lines the first are given, and how many more there are; either buffer may be NULL.
 * DAEMON_ERROR_CONFIG_INVALID if there is any error. At most GOXEL_CONFIG_FILE_MAX bytes.
 */
#define GOXEL_CONFIG_FILE_MAX (1u << 20)
int goxel_config_load(const char *path, const struct goxel_config_override *overrides, size_t count,
                      struct goxel_buf *errors, struct goxel_buf *warnings, struct goxel_config **ret_config);
/*
 * As much of the file as is valid; what is not stays at its default. Enough to find a daemon that runs, never to run
 * one. DAEMON_ERROR_CONFIG_INVALID only for a file that cannot be read.
 */
int goxel_config_salvage(const char *path, const struct goxel_config_override *overrides, size_t count,
                         struct goxel_buf *warnings, struct goxel_config **ret_config);
/* The same as goxel_config_load from memory; `name` stands for the file in messages. */
int goxel_config_parse(const char *text, size_t len, const char *name,
                       const struct goxel_config_override *overrides, size_t count, struct goxel_buf *errors,
                       struct goxel_buf *warnings, struct goxel_config **ret_config);

/* The file that would give exactly these values (`--print-config`); parses back to the same. */
void goxel_config_print(const struct goxel_config *config, struct goxel_buf *out);
/*
 * The same as one JSON object: sections are objects in it, lists arrays, permissions the octal digits of the file as a
 * string. No option holds a secret.
 */
void goxel_config_put(const struct goxel_config *config, struct goxel_json_writer *w);
/* etc/daemon.conf: every option at its default, commented out, with documentation, unit, range and level. */
void goxel_config_sample(struct goxel_buf *out);

/*
 * A reload (`most` GOXEL_LEVEL_RELOAD) or a re-exec (GOXEL_LEVEL_REEXEC): `wanted` is what the file says, `running`
 * what is in effect. *ret_effective takes the options up to that level from `wanted` and keeps all others; every
 * changed option is reported once, as applied or as pending. An option changed back to its running value is not
 * reported.
 */
typedef void goxel_config_change(void *ctx, enum goxel_option option, bool applied);
int goxel_config_merge(struct goxel_config *running, struct goxel_config *wanted,
                       enum goxel_option_level most, goxel_config_change *change, void *ctx,
                       struct goxel_config **ret_effective);

/*
 * For a process that is confined to `root` (chroot(2)): the same configuration as seen from inside, with `root`
 * taken off the front of every path. Every path in use has to lie inside (those of what is switched off do not
 * matter): DAEMON_ERROR_CONFIG_INVALID names the first option that does not, and its value.
 */
int goxel_config_rebase(const struct goxel_config *config, const char *root, struct goxel_detail *detail,
                        struct goxel_config **ret_config);

bool goxel_config_same(const struct goxel_config *a, const struct goxel_config *b, enum goxel_option option);

#endif
