/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Standard output is looked at once: a pipe or a file gets no escape that was not in the daemon's own bytes. */
#include "ctl/print.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/utf8.h"
#include "ctl/reply.h"

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

/* ---- tables ---- */

/* Columns on the screen, taking each character for one. */
static size_t width_of(const char *text)
{
    size_t width = 0;

    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

void ctl_table_init(struct ctl_table *table, const char *const *headings)
{
    *table = (struct ctl_table){.columns = 0};
    goxel_buf_init(&table->cells, OUTPUT_MAX);
    for (; headings[table->columns] && table->columns < CTL_COLUMNS_MAX; table->columns++) {
        const char *heading = headings[table->columns];

        table->right[table->columns] = heading[0] == '>';
        table->headings[table->columns] = heading + (heading[0] == '>');
        table->widths[table->columns] = width_of(table->headings[table->columns]);
    }
}

void ctl_table_put(struct ctl_table *table, const char *fmt, ...)
{
    size_t begin = table->cells.len, width;
    va_list args;

    va_start(args, fmt);
    goxel_buf_vprintf(&table->cells, fmt, args);
    va_end(args);
    if (goxel_buf_putc(&table->cells, '\0'))
        return;
    width = width_of(table->cells.data + begin);
    if (width > table->widths[table->at])
        table->widths[table->at] = width;
    table->at = (table->at + 1) % table->columns;
}

void ctl_table_put_member(struct ctl_table *table, const struct goxel_json *object, const char *member)
{
    char text[CTL_TEXT_SIZE];

    ctl_table_put(table, "%s", ctl_member_text(object, member, text));
}

static void print_cell(const struct ctl_table *table, size_t column, const char *text)
{
    int padding = (int)(table->widths[column] - width_of(text));
    bool last = column + 1 == table->columns;

    if (table->right[column])
        printf("%*s%s%s", padding, "", text, last ? "\n" : "  ");
    else
        printf("%s%*s%s", text, last ? 0 : padding, "", last ? "\n" : "  ");
}

int ctl_table_print(struct ctl_table *table)
{
    const char *cell = table->cells.data;
    size_t column = 0;

    if (table->cells.failed)
        return table->cells.failed;
    fputs(ctl_color(CTL_BOLD), stdout);
    for (size_t i = 0; i < table->columns; i++)
        print_cell(table, i, table->headings[i]);
    fputs(ctl_color(CTL_PLAIN), stdout);
    for (; cell && cell < table->cells.data + table->cells.len; cell += strlen(cell) + 1) {
        print_cell(table, column, cell);
        column = (column + 1) % table->columns;
    }
    return 0;
}

void ctl_table_finish(struct ctl_table *table)
{
    goxel_buf_finish(&table->cells);
}
