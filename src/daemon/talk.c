/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A small HTTP client: one deadline over everything, a ceiling on the header, and no trust in the
 * other side, which may be another program on our port.
 */
#include "daemon/talk.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/error.h"

#define REQUEST_MAX 512
#define HEADER_MAX (16u << 10)
#define PIECE_SIZE 4096

struct talk {
    int fd;
    int64_t deadline_ms;
    struct goxel_detail *detail;
    struct goxel_buf header; /* as it came, up to and with the empty line */
    struct goxel_buf *body;  /* NULL: dropped */
    uint64_t body_len;       /* that came */
    uint64_t length;         /* Content-Length */
    bool has_length;
    unsigned status;
};

static int fail_timeout(struct goxel_detail *detail)
{
    return goxel_fail(detail, GOXEL_ERROR_OPERATION_TIMEOUT, "no answer in time");
}

static int fail_reply(const struct talk *t, const char *why)
{
    return goxel_fail(t->detail, GOXEL_ERROR_INVALID_DATA, "not the reply of a goxel-daemon: %s", why);
}

/* ---- bytes ---- */

static int await(const struct talk *t, short events)
{
    struct pollfd ready = {.fd = t->fd, .events = events};

    for (;;) {
        int64_t left = t->deadline_ms - goxel_clock_ms();
        int count;

        if (left <= 0)
            return fail_timeout(t->detail);
        count = poll(&ready, 1, left < INT32_MAX ? (int)left : INT32_MAX);
        if (count > 0)
            return 0;
        if (count < 0 && errno != EINTR)
            return goxel_fail_errno(t->detail, GOXEL_ERROR_FILE_ACCESS, errno, "poll", "");
    }
}

static bool is_passing(int errnum)
{
    return errnum == EAGAIN || errnum == EWOULDBLOCK || errnum == EINTR;
}

/* A server that closed early may have answered all the same: reading will tell. */
static int send_all(const struct talk *t, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t done = send(t->fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        int code = 0;

        if (done >= 0) {
            bytes += done;
            len -= (size_t)done;
        } else if (errno == EPIPE || errno == ECONNRESET) {
            return 0;
        } else if (is_passing(errno)) {
            code = await(t, POLLOUT);
        } else {
            code = goxel_fail_errno(t->detail, GOXEL_ERROR_FILE_ACCESS, errno, "send", "");
        }
        if (code)
            return code;
    }
    return 0;
}

/* *ret_len is 0 at the end. */
static int receive(const struct talk *t, char piece[PIECE_SIZE], size_t *ret_len)
{
    for (;;) {
        int code = await(t, POLLIN);
        ssize_t len = code ? 0 : recv(t->fd, piece, PIECE_SIZE, MSG_DONTWAIT);

        if (code)
            return code;
        if (len >= 0) {
            *ret_len = (size_t)len;
            return 0;
        }
        if (!is_passing(errno))
            return goxel_fail_errno(t->detail, GOXEL_ERROR_FILE_ACCESS, errno, "recv", "");
    }
}

/* ---- the header ---- */

static bool take_digits(const char *text, uint64_t most, uint64_t *ret_number)
{
    uint64_t number = 0;

    if (!*text)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9' || number > (most - (uint64_t)(*text - '0')) / 10)
            return false;
        number = number * 10 + (uint64_t)(*text - '0');
    }
    *ret_number = number;
    return true;
}

static int take_status_line(struct talk *t, const char *line)
{
    char digits[4] = "";
    uint64_t status;

    if (strncmp(line, "HTTP/1.", 7) || (line[7] != '0' && line[7] != '1') || line[8] != ' ')
        return fail_reply(t, "it does not begin as HTTP/1 does");
    memcpy(digits, line + 9, strnlen(line + 9, 3));
    if (!take_digits(digits, 599, &status) || status < 200 || (line[12] != ' ' && line[12] != '\0'))
        return fail_reply(t, "its status is no number from 200 to 599");
    t->status = (unsigned)status;
    return 0;
}

static int take_field(struct talk *t, char *line)
{
    char *value = strchr(line, ':');

    if (!value)
        return fail_reply(t, "a header without a colon");
    *value++ = '\0';
    value += strspn(value, " \t");
    for (size_t len = strlen(value); len && strchr(" \t", value[len - 1]);)
        value[--len] = '\0';
    if (!strcasecmp(line, "Transfer-Encoding"))
        return fail_reply(t, "it comes in chunks");
    if (strcasecmp(line, "Content-Length"))
        return 0;
    if (t->has_length || !take_digits(value, INT64_MAX, &t->length))
        return fail_reply(t, "its Content-Length is no number, or comes twice");
    t->has_length = true;
    return 0;
}

/* `text` ends with an empty line, and is taken apart in place. */
static int take_header(struct talk *t, char *text)
{
    int code = 0;

    for (char *line = text, *end; !code && (end = strstr(line, "\r\n")) && end != line; line = end + 2) {
        *end = '\0';
        code = line == text ? take_status_line(t, line) : take_field(t, line);
    }
    return code || t->status ? code : fail_reply(t, "it begins with an empty line");
}

/* ---- the reply ---- */

static int take_body(struct talk *t, const char *bytes, size_t len)
{
    if (t->has_length && len > t->length - t->body_len)
        len = (size_t)(t->length - t->body_len);
    t->body_len += len;
    if (!t->body || !goxel_buf_append(t->body, bytes, len))
        return 0;
    if (t->body->failed == GOXEL_ERROR_OUT_OF_MEMORY)
        return goxel_fail(t->detail, GOXEL_ERROR_OUT_OF_MEMORY, "the reply's body");
    return goxel_fail_limit(t->detail, t->body->failed, "bytes of the reply", (int64_t)t->body->ceiling,
                            (int64_t)(t->body->len + len));
}

/* Bytes while the header is not complete: what follows its end is the body's. */
static int take_header_bytes(struct talk *t, const char *bytes, size_t len)
{
    size_t before = t->header.len, header_len;
    const char *end;
    int code;

    if (memchr(bytes, '\0', len))
        return fail_reply(t, "a NUL in its header");
    if (goxel_buf_append(&t->header, bytes, len))
        return fail_reply(t, "its header is too long");
    end = strstr(t->header.data, "\r\n\r\n");
    if (!end)
        return 0;
    header_len = (size_t)(end - t->header.data) + 4;
    code = take_header(t, t->header.data);
    return code ? code : take_body(t, bytes + (header_len - before), len - (header_len - before));
}

static bool is_complete(const struct talk *t)
{
    return t->status && t->has_length && t->body_len == t->length;
}

static int read_reply(struct talk *t)
{
    char piece[PIECE_SIZE];

    while (!is_complete(t)) {
        size_t len = 0;
        int code = receive(t, piece, &len);

        if (!code && !len && (!t->status || t->has_length))
            code = fail_reply(t, t->header.len ? "it ended early" : "the connection was closed");
        if (code || !len)
            return code;
        code = t->status ? take_body(t, piece, len) : take_header_bytes(t, piece, len);
        if (code)
            return code;
    }
    return 0;
}

int goxel_talk(int fd, const char *method, const char *target, int64_t timeout_ms, struct goxel_buf *body,
               struct goxel_detail *detail, unsigned *ret_status)
{
    struct talk t = {.fd = fd, .deadline_ms = goxel_clock_ms() + timeout_ms, .detail = detail, .body = body};
    char request[REQUEST_MAX];
    int len, code;

    len = snprintf(request, sizeof(request),
                   "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n%s\r\n", method, target,
                   strcmp(method, "POST") ? "" : "Content-Length: 0\r\n");
    if (len < 0 || len >= (int)sizeof(request))
        return goxel_fail_limit(detail, GOXEL_ERROR_MESSAGE_SIZE, "bytes of the request", REQUEST_MAX - 1,
                                len);
    goxel_buf_init(&t.header, HEADER_MAX);
    code = send_all(&t, request, (size_t)len);
    if (!code)
        code = read_reply(&t);
    if (!code)
        *ret_status = t.status;
    goxel_buf_finish(&t.header);
    return code;
}
