/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/table.h"
#include "try.h"
#include "unit.h"

/* A text that must be refused with exactly these lines. */
static void refused(const char *text, const char *errors)
{
    struct try t;

    try_parse(&t, text);
    CU_ASSERT_EQUAL(t.code, DAEMON_ERROR_CONFIG_INVALID);
    CU_ASSERT_PTR_NULL(t.config);
    if (strcmp(try_errors(&t), errors) != 0)
        printf("\n%s\n  said %s", text, try_errors(&t));
    CU_ASSERT_STRING_EQUAL(try_errors(&t), errors);
    try_end(&t);
}

static void accepted(const char *text, const char *warnings)
{
    struct try t;

    try_parse(&t, text);
    CU_ASSERT_EQUAL(t.code, 0);
    CU_ASSERT_PTR_NOT_NULL(t.config);
    CU_ASSERT_STRING_EQUAL(try_errors(&t), "");
    CU_ASSERT_STRING_EQUAL(try_warnings(&t), warnings);
    try_end(&t);
}

static void test_defaults(void)
{
    struct goxel_config *config = NULL;
    const char *const *items;

    CU_ASSERT_EQUAL_FATAL(goxel_config_load(NULL, NULL, 0, NULL, NULL, &config), 0);
    CU_ASSERT_STRING_EQUAL(goxel_config_string(config, GOXEL_OPT_PROCESS_PID_FILE), "/run/goxel/goxel.pid");
    CU_ASSERT_EQUAL(goxel_config_int(config, GOXEL_OPT_SOCKETS_TCP_PORT), 7890);
    CU_ASSERT_EQUAL(goxel_config_int(config, GOXEL_OPT_SOCKETS_UNIX_PERMISSIONS), 0660);
    CU_ASSERT_TRUE(goxel_config_bool(config, GOXEL_OPT_SOCKETS_UNIX_ENABLED));
    CU_ASSERT_FALSE(goxel_config_bool(config, GOXEL_OPT_SECURITY_ALLOW_REMOTE_WITHOUT_TOKEN));
    CU_ASSERT_STRING_EQUAL(goxel_config_string(config, GOXEL_OPT_LOGGING_LEVEL), "info");
    CU_ASSERT_EQUAL(goxel_config_list(config, GOXEL_OPT_SECURITY_ALLOWED_HOSTS, &items), 3);
    CU_ASSERT_STRING_EQUAL(items[2], "[::1]");
    CU_ASSERT_EQUAL(goxel_config_list(config, GOXEL_OPT_SOCKETS_TCP_LISTEN, &items), 0);
    goxel_config_unref(config);
}

static void test_values(void)
{
    struct try t;
    const char *const *items;

    try_parse(&t, "workers { count = 7 }\nlogging { level = \"debug\" access_log = yes }\n"
                  "sockets { tcp { listen = {\"127.0.0.1:1\", '[::1]:2'} } unix { permissions = 0600 } }\n"
                  "security { allowed_hosts = {} }");
    CU_ASSERT_EQUAL_FATAL(t.code, 0);
    CU_ASSERT_EQUAL(goxel_config_int(t.config, GOXEL_OPT_WORKERS_COUNT), 7);
    CU_ASSERT_STRING_EQUAL(goxel_config_string(t.config, GOXEL_OPT_LOGGING_LEVEL), "debug");
    CU_ASSERT_TRUE(goxel_config_bool(t.config, GOXEL_OPT_LOGGING_ACCESS_LOG));
    CU_ASSERT_EQUAL(goxel_config_int(t.config, GOXEL_OPT_SOCKETS_UNIX_PERMISSIONS), 0600);
    CU_ASSERT_EQUAL(goxel_config_list(t.config, GOXEL_OPT_SOCKETS_TCP_LISTEN, &items), 2);
    CU_ASSERT_STRING_EQUAL(items[1], "[::1]:2");
    CU_ASSERT_EQUAL(goxel_config_list(t.config, GOXEL_OPT_SECURITY_ALLOWED_HOSTS, &items), 0);
    CU_ASSERT_EQUAL(goxel_config_int(t.config, GOXEL_OPT_WORKERS_QUEUE_SIZE), 1000);
    try_end(&t);
}

static void test_every_wrong_value_is_told(void)
{
    refused(
        "workers {\n count = 0\n queue_size = 010\n}\nsockets { tcp { port = 65536 bind_address = localhost } }\n",
        "f.conf:2: workers.count: \"0\" is not a whole number from 1 to 256 (threads)\n"
        "f.conf:3: workers.queue_size: \"010\" is not a whole number from 1 to 1000000 (requests)\n"
        "f.conf:5: sockets.tcp.port: \"65536\" is not a whole number from 0 to 65535\n"
        "f.conf:5: sockets.tcp.bind_address: \"localhost\" is not an IPv4 or IPv6 address\n");
    refused(
        "sockets { unix {\npermissions = 660\nenabled = 1 } }",
        "f.conf:2: sockets.unix.permissions: \"660\" is not an octal number from 0 to 0777 with a leading 0\n"
        "f.conf:3: sockets.unix.enabled: \"1\" is not true or false\n");
    refused(
        "# 1\n\n/* 3\n*/ workers { # 4\n cuont = 1\n count = -1 }\n\nlogging { level = loud }\nworkers {\n",
        "f.conf:5: workers.cuont: unknown option, did you mean \"workers.count\"?\n"
        "f.conf:6: workers.count: \"-1\" is not a whole number from 1 to 256 (threads)\n"
        "f.conf:8: logging.level: \"loud\" is not one of error, warn, info, debug\n"
        "f.conf:9: workers: the section is never closed\n");
    refused(
        "storage { allowed_roots = {\n\"/a\",\n\"b\" } }",
        "f.conf:3: storage.allowed_roots: \"b\" is not an absolute path of at most 4096 bytes, without \"..\"\n");
    refused(
        "storage { allowed_roots = {\"/a/..b\", \"/a/../b\"} }",
        "f.conf:1: storage.allowed_roots: \"/a/../b\" is not an absolute path of at most 4096 bytes, without \"..\"\n");
    refused("\xef\xbb\xbfworkers { }",
            "f.conf:1: syntax: the file begins with a UTF-8 byte order mark: save it without\n");
    refused(
        "security { allowed_hosts = {\"a:1\"} allowed_origins = {\"b\"} }",
        "f.conf:1: security.allowed_hosts: \"a:1\" is not a host name or address without port (an IPv6 address in "
        "brackets)\n"
        "f.conf:1: security.allowed_origins: \"b\" is not an origin like https://example.org or "
        "http://example.org:8080\n");
}

/* Every option with a value that it cannot take: refused, by name, on the line where it stands. */
static void test_every_option_refuses(void)
{
    for (int i = 0; i < GOXEL_OPTION_COUNT; i++) {
        enum goxel_option option = (enum goxel_option)i;
        char setting[256], text[300], start[128];
        struct try t;

        if (goxel_option_rows[i].kind == GOXEL_KIND_TEXT)
            continue; /* takes nearly everything */
        try_setting(setting, sizeof(setting), goxel_option_name(option), "\"?\"");
        (void)snprintf(text, sizeof(text), "\n\n%s\n", setting);
        (void)snprintf(start, sizeof(start), "f.conf:3: %s: \"?\" is not ", goxel_option_name(option));
        try_parse(&t, text);
        CU_ASSERT_EQUAL(t.code, DAEMON_ERROR_CONFIG_INVALID);
        CU_ASSERT_EQUAL(strncmp(try_errors(&t), start, strlen(start)), 0);
        try_end(&t);
    }
}

static void test_not_built_yet(void)
{
    accepted("storage { durability = full render_ttl_s = 3600 }", "");
    refused("storage { render_ttl_s = 1\nrender_max_mb = 9 }",
            "f.conf:1: storage.render_ttl_s: not available in this version, remove it\n"
            "f.conf:2: storage.render_max_mb: not available in this version, remove it\n");
}

static void test_peers(void)
{
    accepted("security { peers = {\"user:root=admin\", \"group:1000=read\", \"user:a=b=edit\"} }", "");
    refused(
        "security { peers = {\"root=admin\",\n\"user:=read\", \"group:x=all\", \"user:x\"} }",
        "f.conf:1: security.peers: \"root=admin\" is not user:NAME=LEVEL or group:NAME=LEVEL (read, edit, admin)\n"
        "f.conf:2: security.peers: \"user:=read\" is not user:NAME=LEVEL or group:NAME=LEVEL (read, edit, admin)\n"
        "f.conf:2: security.peers: \"group:x=all\" is not user:NAME=LEVEL or group:NAME=LEVEL (read, edit, admin)\n"
        "f.conf:2: security.peers: \"user:x\" is not user:NAME=LEVEL or group:NAME=LEVEL (read, edit, admin)\n");
}

static void test_protocols(void)
{
    accepted("sockets { unix { protocol = auto } }", "");
    accepted("sockets { unix { protocol = http } }", "");
    accepted("sockets { unix { protocol = jsonrpc } }", "");
    refused("sockets { unix { protocol = mcp } }",
            "f.conf:1: sockets.unix.protocol: \"mcp\" is not one of auto, http, jsonrpc\n");
}

static void test_process(void)
{
    struct try t;

    try_parse(&t, "process { user = nobody group = \"\" daemonize = yes }\nlimits { max_memory_mb = 512 }");
    CU_ASSERT_EQUAL_FATAL(t.code, 0);
    CU_ASSERT_STRING_EQUAL(goxel_config_string(t.config, GOXEL_OPT_PROCESS_USER), "nobody");
    CU_ASSERT_STRING_EQUAL(goxel_config_string(t.config, GOXEL_OPT_PROCESS_GROUP), "");
    CU_ASSERT_TRUE(goxel_config_bool(t.config, GOXEL_OPT_PROCESS_DAEMONIZE));
    CU_ASSERT_EQUAL(goxel_config_int(t.config, GOXEL_OPT_LIMITS_MAX_MEMORY_MB), 512);
    try_end(&t);
}

static void test_recovery(void)
{
    const char *const *items;
    struct try t;

    try_parse(&t, "health { recover_on = {queue, memory} health_check_script = /bin/check }");
    CU_ASSERT_EQUAL_FATAL(t.code, 0);
    CU_ASSERT_EQUAL_FATAL(goxel_config_list(t.config, GOXEL_OPT_HEALTH_RECOVER_ON, &items), 2);
    CU_ASSERT_STRING_EQUAL(items[0], "queue");
    CU_ASSERT_STRING_EQUAL(items[1], "memory");
    try_end(&t);
    try_parse(&t, "health { recover_on = {} health_check_script = '' }");
    CU_ASSERT_EQUAL_FATAL(t.code, 0);
    CU_ASSERT_EQUAL(goxel_config_list(t.config, GOXEL_OPT_HEALTH_RECOVER_ON, &items), 0);
    try_end(&t);
    refused("health { recover_on = {script,\nSpeed,\n'', script} }",
            "f.conf:2: health.recover_on: \"Speed\" is not one of responsive, memory, queue, script\n"
            "f.conf:3: health.recover_on: \"\" is not one of responsive, memory, queue, script\n"
            "f.conf:3: health.recover_on: \"script\" is not given only once\n");
    refused(
        "health { health_check_script = check }",
        "f.conf:1: health.health_check_script: \"check\" is not empty or an absolute path of at most 4096 bytes\n");
}

static void test_confinement(void)
{
    accepted("security { enable_chroot = yes chroot_directory = /srv/jail/ }", "");
    accepted("security { enable_chroot = no chroot_directory = / }", "");
    accepted("security { chroot_directory = '/srv/..jail/.b/c.' }", "");
    accepted("security { allowed_capabilities = {CAP_NET_BIND_SERVICE, cap_chown} }", "");
    refused("security {\nenable_chroot = yes }",
            "f.conf:2: security.chroot_directory: security.enable_chroot needs it: name a folder\n");
    refused("security { enable_chroot = yes\nchroot_directory = '//' }",
            "f.conf:2: security.chroot_directory: \"/\" confines nothing: name a folder below it\n");
    refused(
        "security {\nchroot_directory = /a/./b }\nsecurity {\nallowed_capabilities = {CAP_A, CAP_, cap_a} }",
        "f.conf:2: security.chroot_directory: \"/a/./b\" is not empty or an absolute path of at most 4096 "
        "bytes, without \".\" and \"..\"\n"
        "f.conf:4: security.allowed_capabilities: \"CAP_\" is not a capability like CAP_NET_BIND_SERVICE\n"
        "f.conf:4: security.allowed_capabilities: \"cap_a\" is not given only once\n");
}

static void test_without_effect(void)
{
    accepted("process { nice_level = -5 }\nworkers {\nstack_size = 8388608 pin_to_cpu = {1, 2} }\n"
             "limits { max_processes = 3 }\n",
             "f.conf:1: process.nice_level: has no effect; systemd does this better\n"
             "f.conf:3: workers.stack_size: has no effect; systemd does this better\n"
             "f.conf:3: workers.pin_to_cpu: has no effect; systemd does this better\n"
             "f.conf:4: limits.max_processes: has no effect; systemd does this better\n");
    accepted("sockets { tcp { listen = {\"127.0.0.1:1\"}\nport = 5 } }",
             "f.conf:2: sockets.tcp.port: has no effect beside sockets.tcp.listen\n");
}

static void test_what_spans_options(void)
{
    refused(
        "performance {\nrequest_timeout_ms = 40000 }",
        "f.conf:2: health.heartbeat_timeout_ms: 60000 is less than twice performance.request_timeout_ms, 80000\n");
    refused(
        "performance { request_timeout_ms = 100 }\nhealth { heartbeat_timeout_ms = 199 }",
        "f.conf:2: health.heartbeat_timeout_ms: 199 is less than twice performance.request_timeout_ms, 200\n");
    accepted("performance { request_timeout_ms = 100 }\nhealth { heartbeat_timeout_ms = 200 }", "");
    refused("sockets { tcp { enabled = no } unix {\nenabled = no } }",
            "f.conf:1: sockets.tcp.enabled: neither this nor sockets.unix.enabled: nobody could connect\n");
    refused(
        "sockets { tcp { bind_address = 0.0.0.0 } }",
        "f.conf:1: sockets.tcp.bind_address: \"0.0.0.0\" is not loopback: whoever reaches it could do everything; "
        "security.tokens_file, or security.allow_remote_without_token = true, allows that\n");
    refused(
        "sockets { tcp { listen = {\"127.0.0.1:1\", \"[::]:2\"} } }",
        "f.conf:1: sockets.tcp.listen: \"[::]:2\" is not loopback: whoever reaches it could do everything; "
        "security.tokens_file, or security.allow_remote_without_token = true, allows that\n");
    accepted("sockets { tcp { listen = {\"[::]:2\"} } }\nsecurity { allow_remote_without_token = true }", "");
    accepted("sockets { tcp { listen = {\"[::]:2\"} } }\nsecurity { tokens_file = /etc/goxel/tokens }", "");
    accepted("sockets { tcp { enabled = false bind_address = 0.0.0.0 } }", "");
}

static void test_overrides(void)
{
    static const char text[] =
        "sockets { tcp { port = 0 listen = {\"127.0.0.1:9\"} } }\nworkers { count = 3 }";
    static const struct goxel_config_override good[] = {
        {GOXEL_OPT_WORKERS_COUNT, "5", "--workers"},
        {GOXEL_OPT_SOCKETS_TCP_LISTEN, "127.0.0.1:1", "--listen"},
        {GOXEL_OPT_WORKERS_COUNT, "6", "--workers"},
        {GOXEL_OPT_SOCKETS_TCP_LISTEN, "[::1]:2", "--listen"},
    };
    static const struct goxel_config_override bad[] = {
        {GOXEL_OPT_WORKERS_COUNT, "many", "--workers"},
        {GOXEL_OPT_SOCKETS_UNIX_PROTOCOL, "telnet", "--protocol"},
        {GOXEL_OPT_SOCKETS_TCP_LISTEN, "1.2.3.4:5", "--listen"},
    };
    const char *const *items;
    struct try t;

    try_text(&t, text, strlen(text), good, sizeof(good) / sizeof(good[0]));
    CU_ASSERT_EQUAL_FATAL(t.code, 0);
    CU_ASSERT_EQUAL(goxel_config_int(t.config, GOXEL_OPT_WORKERS_COUNT), 6);
    CU_ASSERT_EQUAL_FATAL(goxel_config_list(t.config, GOXEL_OPT_SOCKETS_TCP_LISTEN, &items), 2);
    CU_ASSERT_STRING_EQUAL(items[0], "127.0.0.1:1");
    CU_ASSERT_STRING_EQUAL(items[1], "[::1]:2");
    CU_ASSERT_STRING_EQUAL(try_warnings(&t), "");
    try_end(&t);

    try_text(&t, text, strlen(text), bad, sizeof(bad) / sizeof(bad[0]));
    CU_ASSERT_EQUAL(t.code, DAEMON_ERROR_CONFIG_INVALID);
    CU_ASSERT_STRING_EQUAL(
        try_errors(&t),
        "--workers: workers.count: \"many\" is not a whole number from 1 to 256 (threads)\n"
        "--protocol: sockets.unix.protocol: \"telnet\" is not one of auto, http, jsonrpc\n"
        "--listen: sockets.tcp.listen: \"1.2.3.4:5\" is not loopback: whoever reaches it could do "
        "everything; security.tokens_file, or security.allow_remote_without_token = true, allows that\n");
    try_end(&t);
}

/* Each kind of failure, many times over: neither the lexer's state nor its ten include slots may suffer. */
static void test_good_after_bad(void)
{
    static const char *const bad[] = {
        "workers { count = \"4",
        "workers { count = '4",
        "/* workers { }",
        "include(\"/dev/null\")",
        "include(\"nowhere\")",
        "workers { count = {",
        "workers { count = \"\\9",
        "workers { count = ${X} }",
        "workers { count = \"${X}\"",
        "kitchen { } workers {",
        "workers { count = 0 }",
        "}",
        "workers { count = 4 } }",
        "= = =",
        "workers { count",
        "\"",
    };

    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
            struct try t;

            try_parse(&t, bad[i]);
            CU_ASSERT_EQUAL(t.code, DAEMON_ERROR_CONFIG_INVALID);
            CU_ASSERT_EQUAL(strncmp(try_errors(&t), "f.conf:1: ", 10), 0);
            try_end(&t);
            try_parse(&t, "workers { count = 9 }");
            CU_ASSERT_EQUAL_FATAL(t.code, 0);
            CU_ASSERT_EQUAL(goxel_config_int(t.config, GOXEL_OPT_WORKERS_COUNT), 9);
            try_end(&t);
        }
    }
}

static void test_hostile_bytes(void)
{
    static const char nul[] = "workers { count = 4 }\n\0";
    struct try t;

    try_text(&t, nul, sizeof(nul) - 1, NULL, 0);
    CU_ASSERT_EQUAL(t.code, DAEMON_ERROR_CONFIG_INVALID);
    CU_ASSERT_STRING_EQUAL(try_errors(&t), "f.conf:2: syntax: NUL byte\n");
    try_end(&t);
    refused("w\xff\x1b = 1", "f.conf:1: w\\xff: control character\n");
}

static void test_too_large(void)
{
    size_t len = GOXEL_CONFIG_FILE_MAX + 1;
    char *text = malloc(len);
    struct try t;

    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    memset(text, ' ', len);
    try_text(&t, text, len - 1, NULL, 0);
    CU_ASSERT_EQUAL(t.code, 0);
    try_end(&t);
    try_text(&t, text, len, NULL, 0);
    CU_ASSERT_STRING_EQUAL(try_errors(&t), "f.conf: file: larger than 1048576 bytes\n");
    CU_ASSERT_EQUAL(t.code, DAEMON_ERROR_CONFIG_INVALID);
    try_end(&t);
    free(text);
}

/* What is good in it is there, what is not is the default, and the command line comes on top. */
static void check_salvage(const char *path)
{
    static const struct goxel_config_override overrides[] = {
        {GOXEL_OPT_PROCESS_PID_FILE, "/a/pid", "--pid-file"}};
    struct goxel_config *config = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_config_salvage(path, overrides, 1, NULL, &config), 0);
    CU_ASSERT_EQUAL(goxel_config_int(config, GOXEL_OPT_WORKERS_COUNT), 4);
    CU_ASSERT_EQUAL(goxel_config_int(config, GOXEL_OPT_WORKERS_QUEUE_SIZE), 5);
    CU_ASSERT_STRING_EQUAL(goxel_config_string(config, GOXEL_OPT_PROCESS_PID_FILE), "/a/pid");
    goxel_config_unref(config);
}

static void test_files(void)
{
    char path[] = "/tmp/goxel-test-config-XXXXXX";
    static const char text[] = "workers { count = 0 queue_size = 5 }\n";
    struct goxel_config *config = NULL;
    struct goxel_buf errors;
    char wanted[256];
    int fd = mkstemp(path);

    CU_ASSERT_TRUE_FATAL(fd >= 0);
    goxel_buf_init(&errors, 4096);
    CU_ASSERT_EQUAL(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    (void)close(fd);
    CU_ASSERT_EQUAL(goxel_config_load(path, NULL, 0, &errors, NULL, &config), DAEMON_ERROR_CONFIG_INVALID);
    (void)snprintf(wanted, sizeof(wanted),
                   "%s:1: workers.count: \"0\" is not a whole number from 1 to 256 (threads)\n", path);
    CU_ASSERT_STRING_EQUAL(errors.data, wanted);
    check_salvage(path);
    (void)unlink(path);
    CU_ASSERT_EQUAL(goxel_config_salvage(path, NULL, 0, NULL, &config), DAEMON_ERROR_CONFIG_INVALID);

    goxel_buf_clear(&errors);
    CU_ASSERT_EQUAL(goxel_config_load(path, NULL, 0, &errors, NULL, &config), DAEMON_ERROR_CONFIG_INVALID);
    (void)snprintf(wanted, sizeof(wanted), "%s: file: cannot be read: No such file or directory\n", path);
    CU_ASSERT_STRING_EQUAL(errors.data, wanted);
    goxel_buf_clear(&errors);
    CU_ASSERT_EQUAL(goxel_config_load("/", NULL, 0, &errors, NULL, &config), DAEMON_ERROR_CONFIG_INVALID);
    CU_ASSERT_EQUAL(strncmp(errors.data, "/: file: cannot be read: ", 25), 0);
    CU_ASSERT_PTR_NULL(config);
    goxel_buf_finish(&errors);
}

/* Without a file: libconfuse, which does not survive this, has nothing to read. */
static void test_failed_allocations(void)
{
    static const struct goxel_config_override overrides[] = {
        {GOXEL_OPT_STORAGE_ALLOWED_ROOTS, "/a", "--root"}, {GOXEL_OPT_WORKERS_COUNT, "0", "--workers"}};
    int code = GOXEL_ERROR_OUT_OF_MEMORY;
    long n;

    for (n = 0; n < 10000 && code == GOXEL_ERROR_OUT_OF_MEMORY; n++) {
        struct goxel_config *config = NULL;

        (void)unit_fail_allocation(n);
        code = goxel_config_load(NULL, overrides, 1, NULL, NULL, &config);
        (void)unit_fail_allocation(-1);
        CU_ASSERT_EQUAL(config == NULL, code != 0);
        goxel_config_unref(config);
    }
    CU_ASSERT_EQUAL(code, 0);
    CU_ASSERT_TRUE(n > 20);
    /* A mistake stays one, even if there is no memory to tell of it. */
    code = GOXEL_ERROR_OUT_OF_MEMORY;
    for (long from = n - 10, i = from; i < n + 10; i++) {
        struct goxel_config *config = NULL;

        (void)unit_fail_allocation(i);
        code = goxel_config_load(NULL, overrides, 2, NULL, NULL, &config);
        (void)unit_fail_allocation(-1);
        CU_ASSERT_NOT_EQUAL(code, 0);
        CU_ASSERT_PTR_NULL(config);
    }
}

static const struct unit_test tests[] = {
    {"defaults", test_defaults},
    {"values from a text", test_values},
    {"every wrong value is told", test_every_wrong_value_is_told},
    {"every option refuses nonsense", test_every_option_refuses},
    {"options that are not built yet", test_not_built_yet},
    {"peers", test_peers},
    {"protocols", test_protocols},
    {"who the process is", test_process},
    {"what to recover on", test_recovery},
    {"confinement", test_confinement},
    {"options without effect", test_without_effect},
    {"what spans options", test_what_spans_options},
    {"overrides", test_overrides},
    {"a good file after any number of bad ones", test_good_after_bad},
    {"hostile bytes", test_hostile_bytes},
    {"a file too large", test_too_large},
    {"files", test_files},
    {"failed allocations", test_failed_allocations},
    {NULL, NULL},
};

const struct unit_suite suite_load = {"load", tests};
