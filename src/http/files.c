/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The web console's files: read from their folder into a table, and served from there. */
#include "http/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/gzip.h"
#include "base/log.h"
#include "http/coding.h"
#include "http/internal.h"
#include "http/route.h"

/* ---- reading ---- */

/* clang-format off */
static const struct {
    const char *ending, *type;
} types[] = {
    {"css",         "text/css; charset=utf-8"},
    {"html",        "text/html; charset=utf-8"},
    {"ico",         "image/vnd.microsoft.icon"},
    {"jpg",         "image/jpeg"},
    {"js",          "text/javascript; charset=utf-8"},
    {"json",        "application/json"},
    {"map",         "application/json"},
    {"mjs",         "text/javascript; charset=utf-8"},
    {"png",         "image/png"},
    {"svg",         "image/svg+xml"},
    {"txt",         "text/plain; charset=utf-8"},
    {"webmanifest", "application/manifest+json"},
    {"webp",        "image/webp"},
    {"woff2",       "font/woff2"},
};
/* clang-format on */

static const char *type_of(const char *name)
{
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot && i < sizeof(types) / sizeof(types[0]); i++) {
        if (!strcmp(dot + 1, types[i].ending))
            return types[i].type;
    }
    return NULL;
}

static bool is_plain(const char *name)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

    return !name[strspn(name, plain)];
}

static int check_name(const struct goxel_www *www, const char *name, struct goxel_detail *detail)
{
    if (!is_plain(name))
        return goxel_fail_value(detail, GOXEL_ERROR_FILE_ACCESS, "name", name,
                                "letters, digits, '.', '_' and '-'");
    if (strlen(name) > GOXEL_WWW_NAME_MAX)
        return goxel_fail_limit(detail, GOXEL_ERROR_FILE_ACCESS, "name (bytes)", GOXEL_WWW_NAME_MAX,
                                (int64_t)strlen(name));
    if (!type_of(name))
        return goxel_fail_value(detail, GOXEL_ERROR_MEDIA_TYPE, "ending", name,
                                "one of html, css, js, svg …");
    if (www->count == GOXEL_WWW_FILES_MAX)
        return goxel_fail_limit(detail, GOXEL_ERROR_FILE_ACCESS, "files", GOXEL_WWW_FILES_MAX,
                                GOXEL_WWW_FILES_MAX + 1);
    return 0;
}

/* Whoever may write in the folder shall not publish what only the daemon may read, and a FIFO shall not hang it. */
static int read_bytes(int folder, const char *name, struct goxel_buf *buf, struct goxel_detail *detail)
{
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    int code;

    if (fd < 0 && errno == ELOOP)
        return goxel_fail(detail, GOXEL_ERROR_FILE_ACCESS, "a symbolic link");
    if (fd < 0)
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "open", name);
    code = goxel_file_read_fd(fd, name, buf, detail);
    close(fd);
    return code;
}

/* Once, at the start; what becomes no shorter, as pictures, stays as it is. */
static void compress(struct goxel_www_file *file)
{
    static const char gzip_end[] = "-gzip\"";
    struct goxel_gzip *gzip;
    struct goxel_buf packed;

    if (file->len < GOXEL_GZIP_MIN)
        return;
    goxel_buf_init(&packed, file->len - file->len / 10);
    gzip = goxel_gzip_create(goxel_gzip_to_buf, &packed);
    if (gzip && !goxel_gzip_put(gzip, file->bytes, file->len, true, NULL))
        file->gzip = goxel_buf_take(&packed, &file->gzip_len);
    goxel_gzip_destroy(gzip);
    goxel_buf_finish(&packed);
    memcpy(file->gzip_etag, file->etag, strlen(file->etag) - 1);
    memcpy(file->gzip_etag + strlen(file->etag) - 1, gzip_end, sizeof(gzip_end));
}

static int read_one(struct goxel_www *www, int folder, const char *name, struct goxel_detail *detail)
{
    struct goxel_www_file *file = &www->rows[www->count];
    int code = check_name(www, name, detail);
    struct goxel_buf buf;

    if (code)
        return code;
    goxel_buf_init(&buf, GOXEL_WWW_BYTES_MAX);
    code = read_bytes(folder, name, &buf, detail);
    if (code) {
        goxel_buf_finish(&buf);
        return code;
    }
    file->type = type_of(name);
    snprintf(file->name, sizeof(file->name), "%s", name);
    snprintf(file->etag, sizeof(file->etag), "\"%zx-%016" PRIx64 "\"", buf.len,
             goxel_digest(GOXEL_DIGEST_START, buf.data, buf.len));
    file->bytes = goxel_buf_take(&buf, &file->len);
    compress(file);
    www->count++;
    return 0;
}

static void log_failure(const char *what, const char *path, int code, const struct goxel_detail *detail)
{
    struct goxel_buf text;

    goxel_buf_init(&text, 2048);
    goxel_detail_print(&text, code, detail);
    goxel_log(GOXEL_LOG_WARN, "www.directory: %s is not served: %s: %s", what, path,
              text.data ? text.data : goxel_error_text(code));
    goxel_buf_finish(&text);
}

static void read_all(struct goxel_www *www, DIR *dir)
{
    struct goxel_detail detail;
    struct dirent *entry;
    int code;

    while ((entry = readdir(dir))) {
        goxel_detail_init(&detail);
        code = entry->d_name[0] == '.' ? 0 : read_one(www, dirfd(dir), entry->d_name, &detail);
        if (code)
            log_failure("a file", entry->d_name, code, &detail);
    }
}

struct goxel_www *goxel_www_read(const char *folder)
{
    struct goxel_www *www = calloc(1, sizeof(*www));
    DIR *dir = www ? opendir(folder) : NULL;
    struct goxel_detail detail;
    int code;

    if (!dir) {
        goxel_detail_init(&detail);
        code = www ? goxel_fail_errno(&detail, GOXEL_ERROR_FILE_ACCESS, errno, "opendir", folder)
                   : GOXEL_ERROR_OUT_OF_MEMORY;
        log_failure("the web console", folder, code, &detail);
        free(www);
        return NULL;
    }
    read_all(www, dir);
    closedir(dir);
    if (!goxel_www_find(www, "/"))
        goxel_log(GOXEL_LOG_WARN, "www.directory: the web console is not served: %s has no index.html",
                  folder);
    return www;
}

void goxel_www_destroy(struct goxel_www *www)
{
    if (!www)
        return;
    for (size_t i = 0; i < www->count; i++) {
        free(www->rows[i].bytes);
        free(www->rows[i].gzip);
    }
    free(www);
}

/* ---- finding ---- */

const struct goxel_www_file *goxel_www_find(const struct goxel_www *www, const char *path)
{
    const char *name = !strcmp(path, "/") ? "index.html" : path + 1;

    if (!www || path[0] != '/')
        return NULL;
    for (size_t i = 0; i < www->count; i++) {
        if (!strcmp(www->rows[i].name, name))
            return &www->rows[i];
    }
    return NULL;
}

bool goxel_www_matches(const struct goxel_www_file *file, const char *if_none_match)
{
    /* The comparison is the weak one: a cache in between may have marked it so. */
    return if_none_match && goxel_etag_listed(if_none_match, file->etag, true);
}

/* ---- serving ---- */

/* The page may load from and talk to us alone, and nobody may frame it: it has buttons that do things. */
static const struct reply_header console_headers[] = {
    {"Cache-Control", "no-cache"},
    {"X-Content-Type-Options", "nosniff"},
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
     "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Frame-Options", "DENY"},
    {NULL, NULL},
};

void files_get(struct exchange *exchange)
{
    const struct goxel_www_file *file = goxel_www_find(exchange->front->www, exchange->target);
    const char *known = exchange_header(exchange, MHD_HTTP_HEADER_IF_NONE_MATCH);
    bool encoded = file->gzip &&
                   coding_takes_gzip(exchange_header(exchange, MHD_HTTP_HEADER_ACCEPT_ENCODING));

    exchange_reply(exchange, goxel_www_matches(file, known) ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK,
                   file->type);
    /* With 304 too: libmicrohttpd holds the body back and tells its length, as RFC 9110, 8.6 wants it. */
    if (encoded)
        goxel_buf_append(&exchange->reply, file->gzip, file->gzip_len);
    else
        goxel_buf_append(&exchange->reply, file->bytes, file->len);
    exchange->headers = console_headers;
    exchange->etag = encoded ? file->gzip_etag : file->etag;
    exchange->encoded = encoded;
    exchange->varies = file->gzip != NULL;
}
