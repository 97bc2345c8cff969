/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What goxelctl prints: texts of strangers made printable, lines and JSON, colours on a terminal alone.
 *
 * Used by: ctl alone.  Uses: base.  One thread.
 */
#ifndef GOXEL_CTL_PRINT_H
#define GOXEL_CTL_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/detail.h"
#include "base/json.h"
#include "ctl/commands.h"

/* ---- colours ---- */

enum ctl_color { CTL_PLAIN, CTL_BOLD, CTL_GREEN, CTL_YELLOW, CTL_RED, CTL_COLORS };

/* What turns it on: "" unless standard output is a terminal, NO_COLOR is unset and TERM is not dumb. CTL_PLAIN turns all off. */
const char *ctl_color(enum ctl_color color);
/* Of a state's name: RUNNING is green, ERROR is red, the others are on their way. */
enum ctl_color ctl_color_of_state(const char *state);

/* Is standard output a terminal that shows a screen? */
bool ctl_has_screen(void);

/* ---- texts ---- */

#define CTL_TEXT_SIZE 512 /* of a text out of a reply, made printable; longer ones are cut */

/* Copies to `to` what fits of `from`; what a terminal obeys, and what is no UTF-8, becomes an escape. Returns `to`. */
const char *ctl_printable(char *to, size_t size, const char *from, size_t len);

/* "3 d 4 h", "5 min 7 s"; "34.5 MiB". */
const char *ctl_duration(char ret_text[32], double seconds);
const char *ctl_bytes(char ret_text[32], double bytes);

/* ---- lines ---- */

/* "NAME        text" with the names in a column. The text must be printable. */
void ctl_print_field(const char *name, enum ctl_color color, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Text of several lines as it came; on a terminal all but its line ends made printable. */
void ctl_print_text(const char *text, size_t len);

/* The node as one line of compact JSON, or indented over many; on a terminal made printable. A code of base/error. */
int ctl_print_json(const struct goxel_json *node, bool indented);
/* The same of JSON that was written here. */
int ctl_print_written(const struct goxel_buf *json);

/*
 * How far something is (`total` 0: of what is not known), as a bar on standard error where that is a terminal, several times a
 * second at most; and its end, with nothing left of it.
 */
void ctl_print_progress(int64_t done, int64_t total);
void ctl_end_progress(void);

/* The error as a line on standard error, and what to do next where that is known; returns the exit status. */
enum ctl_exit ctl_say(int code, const struct goxel_detail *detail);

#endif
