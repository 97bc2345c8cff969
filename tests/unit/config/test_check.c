/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/check.h"

#include "unit.h"

static void test_decimal(void)
{
    static const struct {
        const char *text;
        int64_t number;
    } good[] = {{"0", 0}, {"7", 7}, {"-3", -3}, {"65535", 65535}, {"9223372036854775807", INT64_MAX}};
    static const char *const bad[] = {"",     "-",   "-0",  "00", "010", "+1",  " 1", "1 ",
                                      "0x10", "1.0", "1e3", "1k", "--1", "nan", "٣",  "9223372036854775808"};
    int64_t number;

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        number = 42;
        CU_ASSERT_TRUE(goxel_check_decimal(good[i].text, &number));
        CU_ASSERT_EQUAL(number, good[i].number);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        number = 42;
        CU_ASSERT_FALSE(goxel_check_decimal(bad[i], &number));
        CU_ASSERT_EQUAL(number, 42);
    }
}

static void test_octal(void)
{
    static const char *const bad[] = {"",      "660",   "0680",
                                      "0o660", "-0660", "00000000000000000000001777777777777777777777"};
    int64_t number = 0;

    CU_ASSERT_TRUE(goxel_check_octal("0660", &number));
    CU_ASSERT_EQUAL(number, 0660);
    CU_ASSERT_TRUE(goxel_check_octal("0", &number));
    CU_ASSERT_EQUAL(number, 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT_FALSE(goxel_check_octal(bad[i], &number));
}

static void test_bool(void)
{
    static const char *const yes[] = {"true", "yes", "on", "True", "ON"};
    static const char *const no[] = {"false", "no", "off", "FALSE"};
    static const char *const bad[] = {"", "1", "0", "t", "truee", "enabled"};
    bool value;

    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
        CU_ASSERT_TRUE(goxel_check_bool(yes[i], &value) && value);
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
        CU_ASSERT_TRUE(goxel_check_bool(no[i], &value) && !value);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT_FALSE(goxel_check_bool(bad[i], &value));
}

static void test_choice(void)
{
    static const char *const bad[] = {"", "a", "bcd", "ab|c", "ab|", "|"};

    CU_ASSERT_TRUE(goxel_check_choice("ab|c|de", "ab"));
    CU_ASSERT_TRUE(goxel_check_choice("ab|c|de", "c"));
    CU_ASSERT_TRUE(goxel_check_choice("ab|c|de", "de"));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT_FALSE(goxel_check_choice("ab|c|de", bad[i]));
    CU_ASSERT_FALSE(goxel_check_choice("", ""));
}

static void test_component(void)
{
    static const char *const with[] = {"..", "/..", "/../", "/a/..", "a//../b"};
    static const char *const without[] = {"", "/", "/.", "/...", "/a..", "/..a/b", "/a/.b."};

    for (size_t i = 0; i < sizeof(with) / sizeof(with[0]); i++)
        CU_ASSERT_TRUE(goxel_check_component(with[i], ".."));
    for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++)
        CU_ASSERT_FALSE(goxel_check_component(without[i], ".."));
}

static void test_capability(void)
{
    static const char *const good[] = {"CAP_KILL", "CAP_NET_BIND_SERVICE", "cap_sys_time"};
    static const char *const bad[] = {"",          "CAP_",        "KILL",  "CAP-KILL",
                                      "CAP_KILL ", "CAP_KILL+ep", "CAP_9", "all"};

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        CU_ASSERT_TRUE(goxel_check_capability(good[i]));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT_FALSE(goxel_check_capability(bad[i]));
}

static void test_address(void)
{
    static const char *const good[] = {"127.0.0.1", "0.0.0.0",     "::1",
                                       "::",        "2001:db8::7", "::ffff:127.0.0.1"};
    static const char *const bad[] = {"",          "localhost", "127.1", "[::1]",
                                      "1.2.3.4:5", "1.2.3.256", "*",     "fe80::1%lo"};

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        CU_ASSERT_TRUE(goxel_check_address(good[i]));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT_FALSE(goxel_check_address(bad[i]));
}

static void test_endpoint(void)
{
    static const struct {
        const char *text;
        bool loopback;
    } good[] = {
        {"127.0.0.1:7890", true}, {"127.9.9.9:0", true},
        {"[::1]:65535", true},    {"[::ffff:127.0.0.1]:1", true},
        {"0.0.0.0:80", false},    {"192.168.0.1:80", false},
        {"[::]:80", false},       {"[::ffff:1.2.3.4]:1", false},
    };
    static const char *const bad[] = {"",
                                      ":",
                                      "127.0.0.1",
                                      "127.0.0.1:",
                                      "127.0.0.1:65536",
                                      ":80",
                                      "::1:80",
                                      "[::1]",
                                      "[::1]:",
                                      "[127.0.0.1]:1",
                                      "[:80",
                                      "[]:80",
                                      "1.2.3.4:-0",
                                      "1.2.3.4:080",
                                      "[::1:80",
                                      "localhost:80",
                                      "[0000:0000:0000:0000:0000:0000:0000:00000000000000000001]:80"};
    bool loopback;

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        loopback = !good[i].loopback;
        CU_ASSERT_TRUE(goxel_check_endpoint(good[i].text, &loopback));
        CU_ASSERT_EQUAL(loopback, good[i].loopback);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT_FALSE(goxel_check_endpoint(bad[i], &loopback));
}

static void test_host(void)
{
    static const char *const good[] = {"localhost", "a", "example.org", "voxel-1.lan", "127.0.0.1", "[::1]"};
    static const char *const bad[] = {"",    "-a", ".a",  "a:80", "[::1",      "[]",
                                      "a/b", "*",  "a b", "é",    "[1.2.3.4]", "::1"};

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        CU_ASSERT_TRUE(goxel_check_host(good[i]));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT_FALSE(goxel_check_host(bad[i]));
}

static void test_origin(void)
{
    static const char *const good[] = {"http://localhost", "https://example.org", "http://127.0.0.1:8080",
                                       "https://[::1]:443"};
    static const char *const bad[] = {"",           "localhost",  "null",
                                      "ftp://a",    "http://",    "http://a/",
                                      "http://a:",  "http://a:b", "http://a:80/x",
                                      "http://u@a", "https://*",  "http://[::1]80",
                                      "http://:80"};

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        CU_ASSERT_TRUE(goxel_check_origin(good[i]));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT_FALSE(goxel_check_origin(bad[i]));
}

static const struct unit_test tests[] = {
    {"decimal numbers", test_decimal},
    {"octal numbers", test_octal},
    {"booleans", test_bool},
    {"choices", test_choice},
    {"components of a path", test_component},
    {"capabilities", test_capability},
    {"addresses", test_address},
    {"endpoints, and whether they are loopback", test_endpoint},
    {"host names", test_host},
    {"origins", test_origin},
    {NULL, NULL},
};

const struct unit_suite suite_check = {"check", tests};
