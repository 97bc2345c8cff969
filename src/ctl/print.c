/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Standard output is looked at once: a pipe or a file gets no escape that was not in the daemon's own bytes. */
#include "ctl/print.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/utf8.h"

#define OUTPUT_MAX ((size_t)256 << 20)
#define INDENT 2

static bool for_a_person(void)
{
    return isatty(STDOUT_FILENO) == 1;
}

/* ---- colours ---- */

const char *ctl_color(enum ctl_color color)
{
    static const char *const escapes[CTL_COLORS] = {"\033[0m", "\033[1m", "\033[32m", "\033[33m", "\033[31m"};
    const char *no_color = getenv("NO_COLOR");

    return (no_color && no_color[0]) || !ctl_has_screen() ? "" : escapes[color];
}

bool ctl_has_screen(void)
{
    const char *term = getenv("TERM");

    return for_a_person() && !(term && !strcmp(term, "dumb"));
}

enum ctl_color ctl_color_of_state(const char *state)
{
    if (!strcmp(state, "RUNNING"))
        return CTL_GREEN;
    return strcmp(state, "ERROR") ? CTL_YELLOW : CTL_RED;
}

/* ---- texts ---- */

/* One character of `from`, or an escape for it, with its NUL; returns the bytes of `from` it stands for. */
static size_t take_character(char ret_text[16], const char *from, size_t len)
{
    unsigned code_point;
    size_t n = goxel_utf8_commanding(from, len, &code_point);

    if (n) {
        snprintf(ret_text, 16, "\\u%04x", code_point);
        return n;
    }
    n = goxel_utf8_length(from, len);
    return goxel_utf8_printable(ret_text, 16, from, n ? n : 1);
}

const char *ctl_printable(char *to, size_t size, const char *from, size_t len)
{
    size_t used = 0;
    char text[16];

    for (size_t i = 0; i < len;) {
        size_t more;

        i += take_character(text, from + i, len - i);
        more = strlen(text);
        if (used + more >= size)
            break;
        memcpy(to + used, text, more);
        used += more;
    }
    to[used] = '\0';
    return to;
}

const char *ctl_duration(char ret_text[32], double seconds)
{
    static const struct {
        double seconds;
        const char *name;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    double whole;
    size_t i = 0;

    if (!(seconds >= 0 && seconds < 1e12))
        seconds = 0;
    while (i < 3 && seconds < units[i].seconds)
        i++;
    whole = (double)(uint64_t)(seconds / units[i].seconds);
    if (i == 3)
        snprintf(ret_text, 32, "%.0f s", whole);
    else
        snprintf(ret_text, 32, "%.0f %s %.0f %s", whole, units[i].name,
                 (double)(uint64_t)((seconds - whole * units[i].seconds) / units[i + 1].seconds),
                 units[i + 1].name);
    return ret_text;
}

const char *ctl_bytes(char ret_text[32], double bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    size_t i = 0;

    for (; bytes >= 1024 && i < 4; i++)
        bytes /= 1024;
    snprintf(ret_text, 32, i ? "%.1f %s" : "%.0f %s", bytes, units[i]);
    return ret_text;
}

/* ---- lines ---- */

void ctl_print_field(const char *name, enum ctl_color color, const char *fmt, ...)
{
    va_list args;

    printf("%-12s %s", name, color == CTL_PLAIN ? "" : ctl_color(color));
    va_start(args, fmt);
    vprintf(fmt, args);
    va_end(args);
    printf("%s\n", color == CTL_PLAIN ? "" : ctl_color(CTL_PLAIN));
}

void ctl_print_text(const char *text, size_t len)
{
    char character[16];

    if (!for_a_person()) {
        (void)fwrite(text, 1, len, stdout);
        return;
    }
    for (size_t i = 0; i < len;) {
        size_t n = text[i] == '\n' ? 1 : take_character(character, text + i, len - i);

        fputs(text[i] == '\n' ? "\n" : character, stdout);
        i += n;
    }
}

static void put_line_end(struct goxel_buf *out, size_t depth)
{
    goxel_buf_printf(out, "\n%*s", (int)(depth * INDENT), "");
}

/* Compact JSON with a line for each member and item. */
static void indent(const struct goxel_buf *json, struct goxel_buf *out)
{
    bool quoted = false;
    size_t depth = 0;

    for (size_t i = 0; i < json->len; i++) {
        char c = json->data[i], next = json->data[i + 1];
        bool empty = (c == '{' && next == '}') || (c == '[' && next == ']');

        if (c == '"')
            quoted = !quoted;
        if (quoted || (!empty && !strchr("{}[],:", c))) {
            goxel_buf_putc(out, c);
            if (quoted && c == '\\')
                goxel_buf_putc(out, json->data[++i]);
        } else if (empty) {
            goxel_buf_append(out, json->data + i++, 2);
        } else if (c == '}' || c == ']') {
            put_line_end(out, --depth);
            goxel_buf_putc(out, c);
        } else {
            goxel_buf_puts(out, c == ':' ? ": " : (char[]){c, '\0'});
            depth += c == '{' || c == '[';
            if (c != ':')
                put_line_end(out, depth);
        }
    }
}

static int print_written(const struct goxel_buf *json, bool indented)
{
    struct goxel_buf safe, shown;
    const struct goxel_buf *out = json;
    int code = json->failed;

    goxel_buf_init(&safe, OUTPUT_MAX);
    goxel_buf_init(&shown, OUTPUT_MAX);
    if (!code && for_a_person()) {
        goxel_json_put_printable(&safe, out->data, out->len);
        code = safe.failed;
        out = &safe;
    }
    if (!code && indented) {
        indent(out, &shown);
        code = shown.failed;
        out = &shown;
    }
    if (!code) {
        (void)fwrite(out->data, 1, out->len, stdout);
        putchar('\n');
    }
    goxel_buf_finish(&safe);
    goxel_buf_finish(&shown);
    return code;
}

int ctl_print_written(const struct goxel_buf *json)
{
    return print_written(json, false);
}

int ctl_print_json(const struct goxel_json *node, bool indented)
{
    struct goxel_json_writer w;
    struct goxel_buf json;
    int code;

    goxel_buf_init(&json, OUTPUT_MAX);
    goxel_json_writer_init(&w, &json);
    goxel_json_put_node(&w, NULL, node);
    code = print_written(&json, indented);
    goxel_buf_finish(&json);
    return code;
}

/* ---- progress ---- */

#define BAR 30       /* characters */
#define EVERY_MS 200 /* between two pictures of it */

static int64_t shown_ms; /* when it was drawn last; 0: there is none */

void ctl_print_progress(int64_t done, int64_t total)
{
    static const char full[] = "##############################";
    int64_t now_ms = goxel_clock_ms();
    int filled = total > 0 ? (int)(done * BAR / total) : 0;
    char text[32];

    if (!isatty(STDERR_FILENO) || now_ms - shown_ms < EVERY_MS)
        return;
    shown_ms = now_ms;
    fprintf(stderr, "\r[%-*.*s] %s ", BAR, filled < BAR ? filled : BAR, full, ctl_bytes(text, (double)done));
}

void ctl_end_progress(void)
{
    if (shown_ms)
        fprintf(stderr, "\r%*s\r", BAR + 20, "");
    shown_ms = 0;
}

/* What each kind of failure ends with, and what may be done about it. */
static const struct {
    int code;
    enum ctl_exit status;
    const char *hint;
} outcomes[] = {
    {GOXEL_ERROR_USAGE, CTL_USAGE, NULL},
    {DAEMON_ERROR_CONFIG_INVALID, CTL_USAGE, NULL},
    {GOXEL_ERROR_OPERATION_TIMEOUT, CTL_NOBODY, "--timeout waits longer"},
    {GOXEL_ERROR_INVALID_DATA, CTL_NOBODY, "is it a goxel-daemon that listens there?"},
    {GOXEL_ERROR_MESSAGE_SIZE, CTL_NOBODY, NULL},
};

enum ctl_exit ctl_say(int code, const struct goxel_detail *detail)
{
    enum ctl_exit status = CTL_FAILED;
    const char *hint = NULL;
    struct goxel_buf line;

    goxel_buf_init(&line, 4096);
    goxel_detail_print(&line, code, detail);
    for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
        if (outcomes[i].code == code) {
            status = outcomes[i].status;
            hint = outcomes[i].hint;
        }
    }
    fprintf(stderr, "goxelctl: %s\n", line.data ? line.data : goxel_error_text(code));
    if (hint)
        fprintf(stderr, "goxelctl: %s\n", hint);
    goxel_buf_finish(&line);
    return status;
}
