/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is judged before the body: framing, Host, Origin, media type, size. */
#include <stdio.h>
#include <string.h>

#include "rig.h"
#include "unit.h"

#define PING "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system.ping\"}"
#define JSON "Content-Type: application/json\r\n"

struct row {
    int status;
    const char *headers;
};

/* Sends each row's headers with the request line and the body, and compares the status. */
static void check_www(const char *config, const char *www, const char *line, const char *body,
                      const struct row *rows, size_t count)
{
    struct rig rig;
    char request[2048];

    rig_start_www(&rig, config, 16, www);
    for (size_t i = 0; i < count; i++) {
        snprintf(request, sizeof(request), "%s HTTP/1.1\r\n%sConnection: close\r\n\r\n%s", line,
                 rows[i].headers, body);
        int status = rig_status(rig_ask(&rig, request));

        if (status != rows[i].status)
            printf("\n%s gave %d ", rows[i].headers, status);
        CU_ASSERT_EQUAL(status, rows[i].status);
    }
    rig_stop(&rig);
}

static void check(const char *config, const char *line, const char *body, const struct row *rows,
                  size_t count)
{
    check_www(config, NULL, line, body, rows, count);
}

static void hosts(void)
{
    static const struct row rows[] = {
        {200, "Host: localhost\r\n"},
        {200, "Host: LOCALHOST:7890\r\n"},
        {200, "Host: 127.0.0.1\r\n"},
        {200, "Host: 192.0.2.1:80\r\n"},
        {200, "Host: [::1]:7890\r\n"},
        {200, "Host: voxels.example\r\n"},
        {403, "Host: evil.example\r\n"},
        {403, "Host: localhost.evil.example\r\n"},
        {403, "Host: 127.0.0.1.evil.example\r\n"},
        {403, "Host: 127.1\r\n"},
        {403, "Host: [::1\r\n"},
        {403, "Host: [evil.example]\r\n"},
        {403, "Host: localhost:port\r\n"},
        {403, "Host: \r\n"},
        {403, "Host: localhost@evil.example\r\n"},
        {400, "Host: localhost\r\nHost: localhost\r\n"},
        {400, "Host: localhost\r\nHost : evil.example\r\n"},
        {400, "Host: localhost\r\nOrigin : http://evil.example\r\n"},
        {400, "Host: localhost\r\nX\tY: 1\r\n"},
        {400, ""},
        {400, "Host: localhost\r\nX: a\rY: b\r\n"},
        {400, "Host: localhost\r\nX: \x7f\r\n"},
        {200, "Host: localhost\r\nX: a\tb \xc3\xa9\r\n"},
    };

    check("security { allowed_hosts = {\"localhost\", \"voxels.example\"} }", "GET /health", "", rows,
          sizeof(rows) / sizeof(rows[0]));
}

static void origins(void)
{
    static const struct row rows[] = {
        {200, "Host: localhost:7890\r\nOrigin: http://localhost:7890\r\n"},
        {200, "Host: localhost\r\nOrigin: https://tools.example\r\n"},
        {200, "Host: localhost\r\nOrigin: https://tools.example\r\nSec-Fetch-Site: cross-site\r\n"},
        {200, "Host: localhost\r\nSec-Fetch-Site: none\r\n"},
        {200, "Host: localhost\r\nSec-Fetch-Site: same-origin\r\n"},
        {403, "Host: localhost:7890\r\nOrigin: http://localhost:80\r\n"},
        {403, "Host: localhost\r\nOrigin: http://evil.example\r\n"},
        {403, "Host: localhost\r\nOrigin: https://tools.example.evil.example\r\n"},
        {403, "Host: localhost\r\nOrigin: null\r\n"},
        {403, "Host: localhost\r\nOrigin: \r\n"},
        {403, "Host: localhost\r\nSec-Fetch-Site: cross-site\r\n"},
        {403, "Host: localhost\r\nSec-Fetch-Site: Cross-Site\r\n"},
    };

    check("security { allowed_origins = {\"https://tools.example\"} }", "GET /state", "", rows,
          sizeof(rows) / sizeof(rows[0]));
}

#define FROM_ELSEWHERE "Host: localhost\r\nSec-Fetch-Site: cross-site\r\n"
#define VISIT FROM_ELSEWHERE "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n"

static void links_to_the_console(void)
{
    static const struct row console[] = {
        {200, VISIT},
        {200, VISIT "Sec-Fetch-User: ?1\r\n"},
        {403, FROM_ELSEWHERE},
        {403, FROM_ELSEWHERE "Sec-Fetch-Mode: navigate\r\n"},
        {403, FROM_ELSEWHERE "Sec-Fetch-Dest: document\r\n"},
        {403, FROM_ELSEWHERE "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n"},
        {403, FROM_ELSEWHERE "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: object\r\n"},
        {403, FROM_ELSEWHERE "Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: document\r\n"},
        {403, FROM_ELSEWHERE "Sec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n"},
        {403, VISIT "Origin: http://evil.example\r\n"},
        {403, VISIT "Origin: null\r\n"},
        {400, VISIT "Sec-Fetch-Mode: navigate\r\n"},
        {400, VISIT "Sec-Fetch-Dest: iframe\r\n"},
    };
    static const struct row visit[] = {{403, VISIT}};
    static const char *const others[] = {"GET /health",      "GET /state",   "GET /metrics",   "GET /nowhere",
                                         "POST /index.html", "POST /reload", "POST /shutdown", "POST /rpc"};
    static const char *const lines[] = {"GET /", "HEAD /", "GET /index.html", "GET /console.js"};
    char www[256];

    snprintf(www, sizeof(www), "%s", unit_path("../www"));
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        check_www("", www, lines[i], "", console, sizeof(console) / sizeof(console[0]));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        check_www("", www, others[i], "", visit, 1);
    check("", "GET /", "", visit, 1); /* where there is no console */
}

static void framing_and_media_types(void)
{
    static const struct row rows[] = {
        {200, "Host: localhost\r\n" JSON "Content-Length: 47\r\n"},
        {200, "Host: localhost\r\nContent-Type: APPLICATION/JSON ; charset=utf-8\r\nContent-Length: 47\r\n"},
        {415, "Host: localhost\r\nContent-Length: 47\r\n"},
        {415, "Host: localhost\r\nContent-Type: text/plain\r\nContent-Length: 47\r\n"},
        {415, "Host: localhost\r\nContent-Type: application/jsonish\r\nContent-Length: 47\r\n"},
        {400, "Host: localhost\r\n" JSON "Content-Length: 47\r\nContent-Length: 47\r\n"},
        {400, "Host: localhost\r\n" JSON "Content-Length: 47\r\nTransfer-Encoding: chunked\r\n"},
        {400, "Host: localhost\r\n" JSON "Transfer-Encoding: gzip, chunked\r\n"},
        {400, "Host: localhost\r\n" JSON "Content-Length:\r\n 47\r\n"},
        {400, "Host: localhost\r\n" JSON "Transfer-Encoding:\r\n chunked\r\n"},
        {413, "Host: localhost\r\n" JSON "Content-Length: 99999\r\nExpect: 100-continue\r\n"},
        {413, "Host: localhost\r\n" JSON "Content-Length: 9999999999999\r\n"},
    };

    CU_ASSERT_EQUAL(strlen(PING), 47);
    check("performance { max_message_size = 4096 }", "POST /rpc", PING, rows, sizeof(rows) / sizeof(rows[0]));
}

static void targets(void)
{
    static const struct row right[] = {{200, "Host: localhost\r\n"}},
                            wrong[] = {{400, "Host: localhost\r\n"}};
    static const char *const lines[] = {"GET /health x", "GET /health?a b", "GET /health\x01",
                                        "GET /health?\x7f"};

    check("", "GET /health?a=b%20c", "", right, 1);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        check("", lines[i], "", wrong, 1);
}

const struct unit_suite guard_suite = {
    "guard",
    (const struct unit_test[]){
        {"hosts", hosts},
        {"origins", origins},
        {"links to the console", links_to_the_console},
        {"framing and media types", framing_and_media_types},
        {"targets", targets},
        {NULL, NULL},
    },
};
