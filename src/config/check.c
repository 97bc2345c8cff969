/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Strict readers of small texts. They look at bytes themselves rather than ask the C library, which
 * skips white space, takes signs, and changes its mind with the locale.
 */
#include "config/check.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool digits(const char *text, int base, int64_t *ret_number)
{
    int64_t number = 0;

    if (!*text)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text >= '0' + base || __builtin_mul_overflow(number, (int64_t)base, &number) ||
            __builtin_add_overflow(number, (int64_t)(*text - '0'), &number))
            return false;
    }
    *ret_number = number;
    return true;
}

bool goxel_check_decimal(const char *text, int64_t *ret_number)
{
    bool negative = text[0] == '-';
    int64_t number;

    text += negative;
    if ((text[0] == '0' && (text[1] || negative)) || !digits(text, 10, &number))
        return false;
    *ret_number = negative ? -number : number;
    return true;
}

bool goxel_check_octal(const char *text, int64_t *ret_number)
{
    return text[0] == '0' && digits(text, 8, ret_number);
}

bool goxel_check_bool(const char *text, bool *ret_value)
{
    static const char *const words[2][3] = {{"false", "no", "off"}, {"true", "yes", "on"}};

    for (int value = 0; value < 2; value++) {
        for (int i = 0; i < 3; i++) {
            if (strcasecmp(text, words[value][i]) == 0) {
                *ret_value = value;
                return true;
            }
        }
    }
    return false;
}

bool goxel_check_choice(const char *choices, const char *text)
{
    size_t length = strlen(text);

    for (const char *at = choices; *at;) {
        size_t width = strcspn(at, "|");

        if (width == length && memcmp(at, text, width) == 0)
            return true;
        at += width + (at[width] == '|');
    }
    return false;
}

bool goxel_check_component(const char *path, const char *name)
{
    size_t length = strlen(name);

    for (const char *at = path; *at;) {
        size_t width = strcspn(at, "/");

        if (width == length && memcmp(at, name, width) == 0)
            return true;
        at += width + (at[width] == '/');
    }
    return false;
}

bool goxel_check_capability(const char *text)
{
    if (strncasecmp(text, "CAP_", 4) != 0 || !text[4])
        return false;
    for (const char *at = text; *at; at++) {
        if (!((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || *at == '_'))
            return false;
    }
    return true;
}

bool goxel_check_address(const char *text)
{
    struct in_addr v4;
    struct in6_addr v6;

    return inet_pton(AF_INET, text, &v4) == 1 || inet_pton(AF_INET6, text, &v6) == 1;
}

bool goxel_check_loopback(const char *address)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (inet_pton(AF_INET, address, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    if (inet_pton(AF_INET6, address, &v6) != 1)
        return false;
    return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
}

static bool is_port(const char *text)
{
    int64_t port;

    return is_digit(text[0]) && goxel_check_decimal(text, &port) && port <= 65535;
}

bool goxel_check_endpoint(const char *text, bool *ret_loopback)
{
    const char *colon = strrchr(text, ':');
    char address[INET6_ADDRSTRLEN] = "";
    bool bracketed = text[0] == '[';
    size_t length;

    if (!colon || !is_port(colon + 1))
        return false;
    length = (size_t)(colon - text);
    if (bracketed) {
        if (length < 2 || text[length - 1] != ']')
            return false;
        text++;
        length -= 2;
    }
    if (length >= sizeof(address))
        return false;
    memcpy(address, text, length);
    /* 1:2:3::4:80 would be an address without a port as well as one with it. */
    if (bracketed != (strchr(address, ':') != NULL) || !goxel_check_address(address))
        return false;
    *ret_loopback = goxel_check_loopback(address);
    return true;
}

static bool is_name(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char c = text[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
              (i > 0 && (c == '-' || c == '.'))))
            return false;
    }
    return length > 0;
}

static bool is_host(const char *text, size_t length)
{
    char address[INET6_ADDRSTRLEN] = "";
    struct in6_addr v6;

    if (length == 0 || text[0] != '[')
        return is_name(text, length);
    if (length < 3 || text[length - 1] != ']' || length - 2 >= sizeof(address))
        return false;
    memcpy(address, text + 1, length - 2);
    return inet_pton(AF_INET6, address, &v6) == 1;
}

bool goxel_check_host(const char *text)
{
    return is_host(text, strlen(text));
}

bool goxel_check_origin(const char *text)
{
    const char *port, *bracket;

    if (strncmp(text, "http://", 7) == 0)
        text += 7;
    else if (strncmp(text, "https://", 8) == 0)
        text += 8;
    else
        return false;
    bracket = strchr(text, ']');
    port = strchr(bracket ? bracket : text, ':');
    if (port)
        return is_host(text, (size_t)(port - text)) && is_port(port + 1);
    return goxel_check_host(text);
}

bool goxel_check_peer(const char *text)
{
    const char *name = strchr(text, ':'), *level = strrchr(text, '=');

    return (strncmp(text, "user:", 5) == 0 || strncmp(text, "group:", 6) == 0) && level && level > name + 1 &&
           goxel_check_choice("read|edit|admin", level + 1);
}
