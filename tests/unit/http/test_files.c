/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The web console's files: what is taken from a folder, how it is found, and how it is served. */
#include "http/files.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/scratch.h"
#include "rig.h"
#include "unit.h"

#define ASK(method, path, more) \
    method " " path " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" more "\r\n"
#define GET(path) ASK("GET", path, "")

static const char page[] = "<!doctype html><title>page</title>";

/* A file of `len` bytes. */
static void write_long(const char *name, size_t len)
{
    char *text = calloc(1, len + 1);

    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    memset(text, 'x', len);
    scratch_write(name, text);
    free(text);
}

static void it_takes_plain_files_only(void)
{
    static const char *const taken[] = {"/", "/index.html", "/a-b_c.1.css", "/empty.js", "/most.txt"};
    static const char *const left[] = {
        "/.hidden.css",      "/sp ace.css", "/notype", "/other.exe", "/link.css", "/folder.css",
        "/fifo.css",         "/long.txt",   "/index",  "index.html", "",          "//index.html",
        "/folder.css/in.css"};
    char name[GOXEL_WWW_NAME_MAX + 8];
    struct goxel_www *www;

    if (!scratch_open())
        return;
    scratch_write("index.html", page);
    scratch_write("a-b_c.1.css", "a {}");
    scratch_write("empty.js", "");
    write_long("most.txt", GOXEL_WWW_BYTES_MAX);
    write_long("long.txt", GOXEL_WWW_BYTES_MAX + 1);
    scratch_write(".hidden.css", "x");
    scratch_write("sp ace.css", "x");
    scratch_write("notype", "x");
    scratch_write("other.exe", "x");
    memset(name, 'n', sizeof(name));
    snprintf(name + GOXEL_WWW_NAME_MAX - 3, sizeof(name) - GOXEL_WWW_NAME_MAX + 3, ".css");
    scratch_write(name, "one byte too long a name");
    CU_ASSERT_EQUAL(symlink("/etc/passwd", scratch_path("link.css")), 0);
    CU_ASSERT_EQUAL(mkdir(scratch_path("folder.css"), 0700), 0);
    CU_ASSERT_EQUAL(mkfifo(scratch_path("fifo.css"), 0600), 0);

    www = goxel_www_read(scratch_path(""));
    CU_ASSERT_PTR_NOT_NULL_FATAL(www);
    CU_ASSERT_EQUAL(www->count, 4);
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
        CU_ASSERT_PTR_NOT_NULL(goxel_www_find(www, taken[i]));
    for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
        CU_ASSERT_PTR_NULL(goxel_www_find(www, left[i]));
    CU_ASSERT_PTR_EQUAL(goxel_www_find(www, "/"), goxel_www_find(www, "/index.html"));
    CU_ASSERT_EQUAL(goxel_www_find(www, "/most.txt")->len, GOXEL_WWW_BYTES_MAX);
    CU_ASSERT_EQUAL(goxel_www_find(www, "/empty.js")->len, 0);
    CU_ASSERT_STRING_EQUAL(goxel_www_find(www, "/a-b_c.1.css")->type, "text/css; charset=utf-8");
    goxel_www_destroy(www);
    rmdir(scratch_path("folder.css"));
    scratch_close();
}

static void there_is_a_most(void)
{
    struct goxel_www *www;
    char name[32];

    if (!scratch_open())
        return;
    for (int i = 0; i <= GOXEL_WWW_FILES_MAX; i++) {
        snprintf(name, sizeof(name), "%d.txt", i);
        scratch_write(name, name);
    }
    www = goxel_www_read(scratch_path(""));
    CU_ASSERT_PTR_NOT_NULL_FATAL(www);
    CU_ASSERT_EQUAL(www->count, GOXEL_WWW_FILES_MAX);
    goxel_www_destroy(www);
    CU_ASSERT_PTR_NULL(goxel_www_read(scratch_path("missing")));
    CU_ASSERT_PTR_NULL(goxel_www_read(scratch_path("0.txt")));
    CU_ASSERT_PTR_NULL(goxel_www_find(NULL, "/"));
    goxel_www_destroy(NULL);
    scratch_close();
}

static void tags_tell_contents_apart(void)
{
    static const struct {
        const char *before, *after;
        bool matches;
    } rows[] = {
        {"", "", true},      {"W/", "", true},     {"\"x\", ", "", true}, {"\"x\",W/", ", \"y\"", true},
        {" ", " ", true},    {"\"x\"", "", false}, {"x", "", false},      {", ,", ",", true},
        {"W/W/", "", false},
    };
    struct goxel_www *www;
    const struct goxel_www_file *file;
    char header[160];

    if (!scratch_open())
        return;
    scratch_write("one.txt", "same length");
    scratch_write("two.txt", "Same length");
    scratch_write("copy.txt", "same length");
    www = goxel_www_read(scratch_path(""));
    CU_ASSERT_PTR_NOT_NULL_FATAL(www);
    file = goxel_www_find(www, "/one.txt");
    CU_ASSERT_STRING_EQUAL(file->etag, goxel_www_find(www, "/copy.txt")->etag);
    CU_ASSERT_STRING_NOT_EQUAL(file->etag, goxel_www_find(www, "/two.txt")->etag);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(header, sizeof(header), "%s%s%s", rows[i].before, file->etag, rows[i].after);
        CU_ASSERT_EQUAL(goxel_www_matches(file, header), rows[i].matches);
    }
    CU_ASSERT(goxel_www_matches(file, "*"));
    CU_ASSERT_FALSE(goxel_www_matches(file, NULL));
    CU_ASSERT_FALSE(goxel_www_matches(file, ""));
    CU_ASSERT_FALSE(goxel_www_matches(file, goxel_www_find(www, "/two.txt")->etag));
    goxel_www_destroy(www);
    scratch_close();
}

static void they_are_served_with_their_headers(void)
{
    static const char *const headers[] = {
        "\r\nContent-Type: text/html; charset=utf-8\r\n",
        "\r\nContent-Security-Policy: default-src 'none'; script-src 'self'; ",
        "frame-ancestors 'none'\r\n",
        "\r\nX-Content-Type-Options: nosniff\r\n",
        "\r\nX-Frame-Options: DENY\r\n",
        "\r\nReferrer-Policy: no-referrer\r\n",
        "\r\nCross-Origin-Opener-Policy: same-origin\r\n",
        "\r\nCache-Control: no-cache\r\n",
        "\r\nETag: \"",
    };
    const char *reply, *etag;
    char request[256];
    struct rig rig;

    if (!scratch_open())
        return;
    scratch_write("index.html", page);
    rig_start_www(&rig, "", 16, scratch_path(""));
    reply = rig_ask(&rig, GET("/"));
    CU_ASSERT_EQUAL(rig_status(reply), 200);
    CU_ASSERT_STRING_EQUAL(strstr(reply, "\r\n\r\n") + 4, page);
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
        CU_ASSERT_PTR_NOT_NULL(strstr(reply, headers[i]));
    etag = strstr(reply, "\r\nETag: ") + 8;
    snprintf(request, sizeof(request), ASK("GET", "/?x=1", "If-None-Match: %.*s\r\n"),
             (int)strcspn(etag, "\r"), etag);
    reply = rig_ask(&rig, request);
    CU_ASSERT_EQUAL(rig_status(reply), 304);
    CU_ASSERT_PTR_NOT_NULL(strstr(reply, "\r\nETag: \""));
    CU_ASSERT_PTR_NOT_NULL(strstr(reply, "\r\nContent-Length: 34\r\n")); /* of what is not sent */
    CU_ASSERT_STRING_EQUAL(strstr(reply, "\r\n\r\n"), "\r\n\r\n");
    reply = rig_ask(&rig, ASK("HEAD", "/index.html", ""));
    CU_ASSERT_EQUAL(rig_status(reply), 200);
    CU_ASSERT_PTR_NOT_NULL(strstr(reply, "\r\nContent-Length: 34\r\n"));
    CU_ASSERT_STRING_EQUAL(strstr(reply, "\r\n\r\n"), "\r\n\r\n");
    reply = rig_ask(&rig, ASK("DELETE", "/index.html", ""));
    CU_ASSERT_EQUAL(rig_status(reply), 405);
    CU_ASSERT_PTR_NOT_NULL(strstr(reply, "\r\nAllow: GET, HEAD\r\n"));
    CU_ASSERT_EQUAL(rig_status(rig_ask(&rig, ASK("POST", "/", ""))), 405);
    CU_ASSERT_EQUAL(rig_status(rig_ask(&rig, GET("/../etc/passwd"))), 404);
    CU_ASSERT_EQUAL(rig_status(rig_ask(&rig, ASK("GET", "/", "Sec-Fetch-Site: cross-site\r\n"))), 403);
    /* What is no file of the console is as it was. */
    reply = rig_ask(&rig, GET("/version"));
    CU_ASSERT_PTR_NOT_NULL(strstr(reply, "\r\nCache-Control: no-store\r\n"));
    CU_ASSERT_PTR_NULL(strstr(reply, "\r\nETag: "));
    rig_stop(&rig);
    scratch_close();
}

static void without_a_folder_it_says_what_to_do(void)
{
    const char *reply;
    struct rig rig;

    rig_start_www(&rig, "", 16, "/nonexistent/www");
    reply = rig_ask(&rig, GET("/"));
    CU_ASSERT_EQUAL(rig_status(reply), 404);
    CU_ASSERT_PTR_NOT_NULL(strstr(reply, "application/problem+json"));
    CU_ASSERT_PTR_NOT_NULL(strstr(reply, "www.directory"));
    CU_ASSERT_EQUAL(rig_status(rig_ask(&rig, GET("/health"))), 200);
    rig_stop(&rig);
}

/* Each allocation fails in turn: fewer files, or none, and nothing worse. */
static void no_memory_is_no_console(void)
{
    struct goxel_www *www;

    if (unit_fail_allocation(-1) < 0) {
        unit_skip("allocations cannot be made to fail here");
        return;
    }
    if (!scratch_open())
        return;
    scratch_write("index.html", page);
    for (long n = 0;; n++) {
        const char *folder = scratch_path("");

        unit_fail_allocation(n);
        www = goxel_www_read(folder);
        bool whole = unit_fail_allocation(-1) <= n;
        if (whole)
            CU_ASSERT_PTR_NOT_NULL(goxel_www_find(www, "/"));
        goxel_www_destroy(www);
        if (whole || n > 100)
            break;
    }
    scratch_close();
}

const struct unit_suite files_suite = {
    "files",
    (const struct unit_test[]){
        {"it takes plain files only", it_takes_plain_files_only},
        {"there is a most", there_is_a_most},
        {"tags tell contents apart", tags_tell_contents_apart},
        {"they are served with their headers", they_are_served_with_their_headers},
        {"without a folder it says what to do", without_a_folder_it_says_what_to_do},
        {"no memory is no console", no_memory_is_no_console},
        {NULL, NULL},
    },
};
