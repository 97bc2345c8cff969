/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a file to a configuration: defaults, then the file (its outline first, then its values), then
 * the overrides, then what spans options. A value that is refused leaves the one before in place, so
 * that everything after it is still checked.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "config/check.h"
#include "config/internal.h"
#include "config/outline.h"
#include "config/reader.h"
#include "config/report.h"

struct loading {
    const char *file;
    struct goxel_config *config;
    struct goxel_report report;
    unsigned lines[GOXEL_SLOT_COUNT];              /* on which the file gives each option, 0: not */
    struct goxel_origin origins[GOXEL_SLOT_COUNT]; /* of the values in `config` */
};

/* ---- one value ---- */

/* 0 also for a value that is refused: that is in the report. */
static int add_value(struct loading *l, int slot, struct goxel_origin origin, const char *text)
{
    const struct goxel_option_row *row = &goxel_option_rows[slot];
    struct goxel_detail detail;
    int code;

    goxel_detail_init(&detail);
    code = goxel_value_add(&l->config->values[slot], row, text, &detail);
    if (code != DAEMON_ERROR_CONFIG_INVALID)
        return code;
    goxel_report_error(&l->report, origin, row->full, "\"%s\" is not %s", detail.value, detail.expected);
    return 0;
}

/* From here on values come from `origin`; those of a list replace all that came from elsewhere. */
static void begin_values(struct loading *l, int slot, struct goxel_origin origin)
{
    l->origins[slot] = origin;
    if (goxel_kind_is_list(goxel_option_rows[slot].kind))
        goxel_value_finish(&l->config->values[slot]);
}

static int set_defaults(struct loading *l)
{
    int code = 0;

    for (int slot = 0; code == 0 && slot < GOXEL_SLOT_COUNT; slot++)
        code = goxel_value_set_default(&l->config->values[slot], &goxel_option_rows[slot]);
    return code;
}

/* ---- the file ---- */

static int take_from_file(void *ctx, int slot, unsigned line, const char *text)
{
    struct loading *l = ctx;

    return add_value(l, slot, (struct goxel_origin){l->file, line}, text);
}

static int read_text(struct loading *l, const char *text, size_t len)
{
    size_t count;
    char *copy;
    int code;

    if (len > GOXEL_CONFIG_FILE_MAX) {
        goxel_report_error(&l->report, (struct goxel_origin){l->file, 0}, "file", "larger than %u bytes",
                           GOXEL_CONFIG_FILE_MAX);
        return 0;
    }
    copy = malloc(len + GOXEL_OUTLINE_ROOM);
    if (!copy)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    if (len > 0)
        memcpy(copy, text, len);
    count = goxel_outline(copy, len, l->file, &l->report, l->lines);
    for (int slot = 0; slot < GOXEL_SLOT_COUNT; slot++) {
        if (l->lines[slot])
            begin_values(l, slot, (struct goxel_origin){l->file, l->lines[slot]});
    }
    code = goxel_reader_run(copy, count, take_from_file, l);
    free(copy);
    return code;
}

/* ---- the command line, and what was set at run time ---- */

static int take_overrides(struct loading *l, const struct goxel_config_override *overrides, size_t count)
{
    const char *seen[GOXEL_OPTION_COUNT] = {NULL}; /* the source of the last one */
    int code = 0;

    for (size_t i = 0; code == 0 && i < count; i++) {
        enum goxel_option option = overrides[i].option;
        struct goxel_origin origin = {overrides[i].source, 0};

        if (!seen[option] || strcmp(seen[option], origin.source) != 0)
            begin_values(l, (int)option, origin);
        seen[option] = origin.source;
        if (overrides[i].text)
            code = add_value(l, (int)option, origin, overrides[i].text);
    }
    return code;
}

/* ---- what spans options ---- */

/* Where to send the reader: to the option itself if anybody set it, else to the other that is part of it. */
static struct goxel_origin blame(const struct loading *l, enum goxel_option option, enum goxel_option other)
{
    return l->origins[option].source ? l->origins[option] : l->origins[other];
}

static const char *name_of(enum goxel_option option)
{
    return goxel_option_rows[option].full;
}

/* Of an option that is to come only the default may stand there. */
static int check_default(struct loading *l, int slot)
{
    const struct goxel_option_row *row = &goxel_option_rows[slot];
    struct goxel_value only = {0};
    int code = goxel_value_set_default(&only, row);

    if (code == 0 && !goxel_value_same(&only, &l->config->values[slot]))
        goxel_report_error(&l->report, l->origins[slot], row->full,
                           "not available in this version, remove it");
    goxel_value_finish(&only);
    return code;
}

static int check_built(struct loading *l)
{
    int code = 0;

    for (int slot = 0; code == 0 && slot < GOXEL_SLOT_COUNT; slot++) {
        if (l->origins[slot].source && goxel_slot_to_come(slot))
            code = check_default(l, slot);
    }
    return code;
}

static void check_heartbeat(struct loading *l)
{
    enum goxel_option option = GOXEL_OPT_HEALTH_HEARTBEAT_TIMEOUT_MS;
    enum goxel_option request = GOXEL_OPT_PERFORMANCE_REQUEST_TIMEOUT_MS;
    long long least = 2 * (long long)goxel_config_int(l->config, request);

    if (goxel_config_int(l->config, option) < least)
        goxel_report_error(&l->report, blame(l, option, request), name_of(option),
                           "%lld is less than twice %s, %lld", (long long)goxel_config_int(l->config, option),
                           name_of(request), least);
}

static void check_sockets(struct loading *l)
{
    enum goxel_option tcp = GOXEL_OPT_SOCKETS_TCP_ENABLED, path = GOXEL_OPT_SOCKETS_UNIX_ENABLED;

    if (!goxel_config_bool(l->config, tcp) && !goxel_config_bool(l->config, path))
        goxel_report_error(&l->report, blame(l, tcp, path), name_of(tcp),
                           "neither this nor %s: nobody could connect", name_of(path));
}

static void check_remote(struct loading *l)
{
    enum goxel_option allow = GOXEL_OPT_SECURITY_ALLOW_REMOTE_WITHOUT_TOKEN, option;
    const char *address = goxel_config_exposed(l->config, &option);

    if (address)
        goxel_report_error(&l->report, blame(l, option, allow), name_of(option),
                           "\"%s\" is not loopback: whoever reaches it could do everything; "
                           "%s, or %s = true, allows that",
                           address, name_of(GOXEL_OPT_SECURITY_TOKENS_FILE), name_of(allow));
}

/* The command line may well replace what the file says; the file should not contradict itself. */
static void check_shorthand(struct loading *l)
{
    static const enum goxel_option shorthand[] = {GOXEL_OPT_SOCKETS_TCP_BIND_ADDRESS,
                                                  GOXEL_OPT_SOCKETS_TCP_PORT};
    const char *const *items;

    if (goxel_config_list(l->config, GOXEL_OPT_SOCKETS_TCP_LISTEN, &items) == 0 ||
        l->origins[GOXEL_OPT_SOCKETS_TCP_LISTEN].line == 0)
        return;
    for (size_t i = 0; i < sizeof(shorthand) / sizeof(shorthand[0]); i++) {
        if (l->origins[shorthand[i]].line > 0)
            goxel_report_warning(&l->report, l->origins[shorthand[i]], name_of(shorthand[i]),
                                 "has no effect beside %s", name_of(GOXEL_OPT_SOCKETS_TCP_LISTEN));
    }
}

static void check_chroot(struct loading *l)
{
    enum goxel_option on = GOXEL_OPT_SECURITY_ENABLE_CHROOT, folder = GOXEL_OPT_SECURITY_CHROOT_DIRECTORY;
    const char *path = goxel_config_string(l->config, folder);

    if (!goxel_config_bool(l->config, on))
        return;
    if (!path[0])
        goxel_report_error(&l->report, blame(l, folder, on), name_of(folder), "%s needs it: name a folder",
                           name_of(on));
    else if (path[strspn(path, "/")] == '\0')
        goxel_report_error(&l->report, blame(l, folder, on), name_of(folder),
                           "\"%s\" confines nothing: name a folder below it", path);
}

static int check_whole(struct loading *l)
{
    check_heartbeat(l);
    check_sockets(l);
    check_remote(l);
    check_shorthand(l);
    check_chroot(l);
    return check_built(l);
}

/* ---- all of it ---- */

static int load(struct loading *l, const char *text, size_t len,
                const struct goxel_config_override *overrides, size_t count)
{
    int code = set_defaults(l);

    if (code == 0)
        code = read_text(l, text, len);
    if (code == 0)
        code = take_overrides(l, overrides, count);
    if (code == 0)
        code = check_whole(l);
    if (code == 0 && goxel_report_bad(&l->report))
        code = DAEMON_ERROR_CONFIG_INVALID;
    return code;
}

/* `salvage`: what is invalid is no error, and stays at its default. */
static int parse(const char *text, size_t len, const char *name,
                 const struct goxel_config_override *overrides, size_t count, bool salvage,
                 struct goxel_buf *errors, struct goxel_buf *warnings, struct goxel_config **ret_config)
{
    struct loading *l = calloc(1, sizeof(*l));
    int code = GOXEL_ERROR_OUT_OF_MEMORY;

    if (!l)
        return code;
    l->file = name;
    goxel_report_init(&l->report);
    l->config = goxel_config_create();
    if (l->config)
        code = load(l, text, len, overrides, count);
    if (salvage && code == DAEMON_ERROR_CONFIG_INVALID)
        code = 0;
    goxel_report_flush(&l->report, errors, warnings);
    goxel_report_finish(&l->report);
    if (code == 0)
        *ret_config = l->config;
    else
        goxel_config_unref(l->config);
    free(l);
    return code;
}

int goxel_config_parse(const char *text, size_t len, const char *name,
                       const struct goxel_config_override *overrides, size_t count, struct goxel_buf *errors,
                       struct goxel_buf *warnings, struct goxel_config **ret_config)
{
    return parse(text, len, name, overrides, count, false, errors, warnings, ret_config);
}

static int refuse_file(const char *path, int code, const struct goxel_detail *detail,
                       struct goxel_buf *errors)
{
    struct goxel_report report;

    if (code == GOXEL_ERROR_OUT_OF_MEMORY)
        return code;
    goxel_report_init(&report);
    if (code == GOXEL_ERROR_MESSAGE_SIZE)
        goxel_report_error(&report, (struct goxel_origin){path, 0}, "file", "larger than %u bytes",
                           GOXEL_CONFIG_FILE_MAX);
    else if (detail->errnum)
        goxel_report_error(&report, (struct goxel_origin){path, 0}, "file", "cannot be read: %s",
                           strerrordesc_np(detail->errnum));
    else
        goxel_report_error(&report, (struct goxel_origin){path, 0}, "file", "cannot be read: %s",
                           detail->text);
    goxel_report_flush(&report, errors, NULL);
    goxel_report_finish(&report);
    return DAEMON_ERROR_CONFIG_INVALID;
}

static int load_file(const char *path, const struct goxel_config_override *overrides, size_t count,
                     bool salvage, struct goxel_buf *errors, struct goxel_buf *warnings,
                     struct goxel_config **ret_config)
{
    struct goxel_buf text;
    struct goxel_detail detail;
    int code;

    if (!path)
        return parse("", 0, "default", overrides, count, salvage, errors, warnings, ret_config);
    goxel_detail_init(&detail);
    goxel_buf_init(&text, GOXEL_CONFIG_FILE_MAX);
    code = goxel_file_read(AT_FDCWD, path, &text, &detail);
    if (code != 0)
        code = refuse_file(path, code, &detail, errors);
    else
        code = parse(text.data ? text.data : "", text.len, path, overrides, count, salvage, errors, warnings,
                     ret_config);
    goxel_buf_finish(&text);
    return code;
}

int goxel_config_load(const char *path, const struct goxel_config_override *overrides, size_t count,
                      struct goxel_buf *errors, struct goxel_buf *warnings, struct goxel_config **ret_config)
{
    return load_file(path, overrides, count, false, errors, warnings, ret_config);
}

int goxel_config_salvage(const char *path, const struct goxel_config_override *overrides, size_t count,
                         struct goxel_buf *warnings, struct goxel_config **ret_config)
{
    return load_file(path, overrides, count, true, NULL, warnings, ret_config);
}
