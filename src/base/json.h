/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * JSON from strangers and for clients: a strict scanner, a read-only tree, a streaming writer.
 *
 * Used by: rpc, http, lifecycle, daemon, ctl.  Uses: base/buf, base/detail; json-c behind this header only.
 *
 * The scanner holds RFC 8259 to the letter before json-c sees a byte (json-c takes NaN, duplicate
 * keys, single quotes, lone surrogates, and saturates integers), and refuses what would become a
 * tree above the ceiling before any of it is built.
 *
 * A tree belongs to one thread at a time, reading included (json-c caches into its nodes).
 */
#ifndef GOXEL_BASE_JSON_H
#define GOXEL_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/detail.h"

/* ---- reading ---- */

struct goxel_json; /* a node; the root owns its tree */

enum goxel_json_type {
    GOXEL_JSON_NULL,
    GOXEL_JSON_BOOL,
    GOXEL_JSON_INT,    /* written without fraction and exponent, and within int64 */
    GOXEL_JSON_DOUBLE, /* any other finite number */
    GOXEL_JSON_STRING,
    GOXEL_JSON_ARRAY,
    GOXEL_JSON_OBJECT,
};

#define GOXEL_JSON_LEVELS 64 /* no text nests deeper, whatever the limits say */

struct goxel_json_limits {
    size_t depth;      /* nested arrays and objects, at most GOXEL_JSON_LEVELS */
    size_t tree_bytes; /* estimated memory of the tree */
};

extern const struct goxel_json_limits goxel_json_limits_default; /* goxel/limits.h */

/*
 * Checks exactly one JSON text, white space around it allowed. Returns 0 or one of the
 * GOXEL_ERROR_JSON_… codes, with line, byte offset and expectation in the detail; a ceiling gives
 * limit and given. A byte order mark is an error. Integers must fit int64, other numbers a finite
 * double; duplicate keys are compared after unescaping. A key may not hold U+0000 (keys are C strings).
 */
int goxel_json_scan(const char *text, size_t len, const struct goxel_json_limits *limits,
                    struct goxel_detail *detail);

/* Scan, then build. *ret_root is freed with goxel_json_free. A JSON null is a node, never a NULL pointer. */
int goxel_json_parse(const char *text, size_t len, const struct goxel_json_limits *limits,
                     struct goxel_detail *detail, struct goxel_json **ret_root);
void goxel_json_free(struct goxel_json *root); /* NULL is fine */

enum goxel_json_type goxel_json_type(const struct goxel_json *node);
const char *goxel_json_type_name(enum goxel_json_type type); /* "integer", "number", "string", … */

/* The type must be right (asserted): look first. */
bool goxel_json_bool(const struct goxel_json *node);
int64_t goxel_json_int(const struct goxel_json *node);
double goxel_json_double(const struct goxel_json *node); /* INT too */
/* May hold NULs; ret_len may be NULL. */
const char *goxel_json_string(const struct goxel_json *node, size_t *ret_len);
size_t goxel_json_length(const struct goxel_json *node); /* of an array or object */
const struct goxel_json *goxel_json_at(const struct goxel_json *array, size_t index);
const struct goxel_json *goxel_json_get(const struct goxel_json *object, const char *key); /* NULL: absent */

/* Members in their order: `while (goxel_json_next(object, &it)) … it.key, it.value`. Starts zeroed. */
struct goxel_json_iter {
    const char *key;
    const struct goxel_json *value;
    void *entry; /* private */
};
bool goxel_json_next(const struct goxel_json *object, struct goxel_json_iter *it);

/* ---- framing ---- */

/*
 * Where one value ends in a stream of them, told from pieces of any size: every byte is looked at once, and nothing is kept
 * between two pieces but what is here. It follows brackets, strings and what may stand where; the scanner has the last word on what
 * was framed.
 *
 * Life: embedded, `init` before each value; one thread at a time.
 */
struct goxel_json_frame {
    size_t most, depth; /* levels that may be open, and are */
    uint64_t objects;   /* a bit for each open level: it is an object's */
    int state;
    bool key; /* the string in hand is one */
};

enum goxel_json_framed {
    GOXEL_JSON_FRAME_MORE, /* all bytes belong to the value, which goes on */
    GOXEL_JSON_FRAME_WHOLE, /* it ended; a number or word ends before the byte behind it, which may be that of a later piece */
    GOXEL_JSON_FRAME_BROKEN, /* the last of the bytes used cannot stand there: goxel_json_scan refuses what ends with it */
};

/* `depth`: nested arrays and objects at most, as in goxel_json_limits. */
void goxel_json_frame_init(struct goxel_json_frame *frame, size_t depth);
/* Takes the next `len` bytes, and says how many of them belong to the value: all, up to its end, or up to the wrong one. */
enum goxel_json_framed goxel_json_frame_take(struct goxel_json_frame *frame, const char *bytes, size_t len,
                                             size_t *ret_used);
/* How many bytes of white space there are before anything else. */
size_t goxel_json_space(const char *text, size_t len);

/* ---- writing ---- */

/*
 * Writes compact JSON straight into a buffer; failures stay in the buffer (`buf->failed`). `key` is
 * the member's name inside an object and NULL inside an array or at the top. Strings must be UTF-8:
 * an invalid byte becomes U+FFFD. A double that is not finite becomes null. Misuse (a key in an
 * array, an end too many) is asserted.
 */
struct goxel_json_writer {
    struct goxel_buf *buf;
    unsigned depth;
    uint64_t is_object; /* a bit for each open level */
    bool comma;         /* the next value needs one before it */
};

void goxel_json_writer_init(struct goxel_json_writer *w, struct goxel_buf *buf);
void goxel_json_put_object(struct goxel_json_writer *w, const char *key);
void goxel_json_put_array(struct goxel_json_writer *w, const char *key);
void goxel_json_put_end(struct goxel_json_writer *w); /* of the innermost object or array */
void goxel_json_put_null(struct goxel_json_writer *w, const char *key);
void goxel_json_put_bool(struct goxel_json_writer *w, const char *key, bool value);
void goxel_json_put_int(struct goxel_json_writer *w, const char *key, int64_t value);
/* Above 2^53, where clients' doubles lose digits, a string. */
void goxel_json_put_count(struct goxel_json_writer *w, const char *key, uint64_t value);
/* The fewest digits that read back equal; a whole number below 10^18 looks like an integer. */
void goxel_json_put_double(struct goxel_json_writer *w, const char *key, double value);
void goxel_json_put_string(struct goxel_json_writer *w, const char *key, const char *value); /* NULL: null */
/* The words of a space-separated list as strings: an array, and alone. */
void goxel_json_put_words(struct goxel_json_writer *w, const char *key, const char *words);
void goxel_json_put_each_word(struct goxel_json_writer *w, const char *words);
void goxel_json_put_string_len(struct goxel_json_writer *w, const char *key, const char *value, size_t len);
void goxel_json_put_node(struct goxel_json_writer *w, const char *key, const struct goxel_json *node);
/* `text` is one complete JSON value written earlier by us; copied as it is. */
void goxel_json_put_raw(struct goxel_json_writer *w, const char *key, const char *text, size_t len);

/*
 * Appends one line of compact JSON, as the writer makes it, for a terminal: what a terminal obeys (base/utf8) stands in
 * strings alone, and becomes an escape there, which means the same.
 */
void goxel_json_put_printable(struct goxel_buf *out, const char *json, size_t len);

#endif
