/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A growing run of bytes with a ceiling.
 *
 * Used by: every folder.  Uses: base/error.
 *
 * Life: embedded by its owner, `init` to `finish`; one thread at a time.  The first failure (ceiling
 * or memory) is remembered in `failed` and later appends do nothing, so that a writer of many pieces
 * checks once, at the end.  `data` is NUL-terminated one byte past `len` as soon as anything was
 * appended; it is NULL before that.
 */
#ifndef GOXEL_BASE_BUF_H
#define GOXEL_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct goxel_buf {
    char *data;
    size_t len;
    size_t capacity;
    size_t ceiling; /* most bytes `len` may reach */
    int failed;     /* 0, GOXEL_ERROR_OUT_OF_MEMORY, GOXEL_ERROR_MESSAGE_SIZE, or what the drain returned */
    int (*drain)(void *ctx, const void *bytes, size_t len); /* NULL: there is none */
    void *drain_ctx;
    size_t drained; /* bytes that went there; they count against the ceiling, and not in `len` */
};

void goxel_buf_init(struct goxel_buf *buf, size_t ceiling);
void goxel_buf_finish(struct goxel_buf *buf); /* forgiving: zeroed or finished buffers too */
void goxel_buf_clear(struct goxel_buf *buf);  /* empties, forgets the failure, keeps the memory */

/* All return buf->failed. */
int goxel_buf_reserve(struct goxel_buf *buf, size_t more); /* room for `more` further bytes */
int goxel_buf_append(struct goxel_buf *buf, const void *bytes, size_t len);
int goxel_buf_puts(struct goxel_buf *buf, const char *text);
int goxel_buf_putc(struct goxel_buf *buf, char c);
int goxel_buf_printf(struct goxel_buf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int goxel_buf_vprintf(struct goxel_buf *buf, const char *fmt, va_list args)
    __attribute__((format(printf, 2, 0)));
int goxel_buf_put_int(struct goxel_buf *buf, int64_t value);   /* decimal */
int goxel_buf_put_le32(struct goxel_buf *buf, uint32_t value); /* little-endian */

/*
 * For what is longer than anybody wants to have in memory: from time to time, where nothing that has been appended will be
 * changed any more, a writer offers what is there to the drain, which takes it from GOXEL_BUF_DRAIN bytes on. Without a drain all
 * stays. At the end the owner drains the rest.
 */
#define GOXEL_BUF_DRAIN ((size_t)1 << 20)
void goxel_buf_set_drain(struct goxel_buf *buf, int (*drain)(void *ctx, const void *bytes, size_t len),
                         void *ctx);
int goxel_buf_offer(struct goxel_buf *buf);
int goxel_buf_drain(struct goxel_buf *buf); /* all of it */

/* Gives the bytes away (the caller frees them with free; NULL if empty) and leaves the buffer empty. */
char *goxel_buf_take(struct goxel_buf *buf, size_t *ret_len);

#endif
