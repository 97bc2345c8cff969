/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Escapes of ECMA-48 and xterm's, which every terminal of today knows. */
#include "ctl/screen.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"

#define ENTER "\033[?1049h\033[?25l\033[?7l" /* other screen, no cursor, no wrapping */
#define LEAVE "\033[?7h\033[?25h\033[?1049l"
#define LINES 24 /* of a terminal that does not tell */

volatile sig_atomic_t ctl_screen_stop;

static struct {
    bool full, keys;
    struct termios before;
} screen;

static void on_signal(int number)
{
    (void)number;
    ctl_screen_stop = 1;
}

/*
 * What is being written is written to its end; where the terminal takes nothing, a second signal does what it does by itself. A
 * stop by Ctrl-Z would leave the terminal as it is now: it does nothing.
 */
static void take_signals(bool full)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART | (int)SA_RESETHAND};

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        sigaction(numbers[i], &action, NULL);
    if (full)
        (void)signal(SIGTSTP, SIG_IGN);
}

void ctl_screen_begin(bool full)
{
    struct termios raw;

    take_signals(full);
    screen.full = full;
    screen.keys = full && !tcgetattr(STDIN_FILENO, &screen.before);
    if (screen.keys) {
        raw = screen.before;
        raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
        (void)tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
    }
    if (full) {
        fputs(ENTER, stdout);
        (void)fflush(stdout);
    }
}

void ctl_screen_end(void)
{
    if (screen.full)
        fputs(LEAVE, stdout);
    (void)fflush(stdout);
    if (screen.keys)
        (void)tcsetattr(STDIN_FILENO, TCSADRAIN, &screen.before);
    screen.full = screen.keys = false;
}

/* A key came: is it the one that leaves? A terminal that is gone leaves, too. */
static bool leaves(void)
{
    char key = 'q';
    ssize_t len = read(STDIN_FILENO, &key, 1);

    return len <= 0 ? !(len < 0 && errno == EINTR) : key == 'q' || key == 'Q';
}

bool ctl_screen_wait(int64_t at_ms)
{
    struct pollfd key = {.fd = screen.keys ? STDIN_FILENO : -1, .events = POLLIN};

    while (!ctl_screen_stop) {
        int64_t left = at_ms - goxel_clock_ms();
        int count = left <= 0 ? 0 : poll(&key, 1, left < INT32_MAX ? (int)left : INT32_MAX);

        if ((count > 0 && leaves()) || (count < 0 && errno != EINTR))
            return false;
        if (count == 0)
            return true;
    }
    return false;
}

static int count_lines(void)
{
    struct winsize size = {0};

    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row ? LINES : size.ws_row;
}

void ctl_screen_show(const struct goxel_buf *frame)
{
    int left = count_lines();

    fputs("\033[H", stdout);
    for (const char *line = frame->data; line && *line && left > 0; left--) {
        size_t len = strcspn(line, "\n");

        printf("%.*s\033[K%s", (int)len, line, left > 1 ? "\r\n" : "");
        line += len + (line[len] == '\n');
    }
    fputs("\033[J", stdout);
    (void)fflush(stdout);
}
