/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cells are kept as text until all are there: only then is it known how wide a column is. */
#include "ctl/table.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ctl/print.h"
#include "ctl/reply.h"

#define CELLS_MAX ((size_t)256 << 20)

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
    goxel_buf_init(&table->cells, CELLS_MAX);
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
