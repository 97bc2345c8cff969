/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/repeat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

/* What was reported: the last one, and how many. */
struct reports {
    size_t count;
    unsigned long held;
    enum goxel_log_level level;
    char text[GOXEL_REPEAT_LINE_MAX];
};

static struct goxel_repeat *repeat;
static struct reports reports;

static void note(void *ctx, enum goxel_log_level level, const char *text, unsigned long count)
{
    struct reports *to = ctx;

    to->count++;
    to->held = count;
    to->level = level;
    (void)snprintf(to->text, sizeof(to->text), "%s", text);
}

static void begin(void)
{
    repeat = calloc(1, sizeof(*repeat));
    CU_ASSERT_PTR_NOT_NULL_FATAL(repeat);
    memset(&reports, 0, sizeof(reports));
}

static void end(void)
{
    free(repeat);
}

static bool admit(enum goxel_log_level level, const char *text, int64_t now_ms)
{
    return goxel_repeat_admit(repeat, level, text, now_ms, note, &reports);
}

/* How many of `times` come through at `now_ms`. */
static int come(int times, const char *text, int64_t now_ms)
{
    int through = 0;

    while (times-- > 0)
        through += admit(GOXEL_LOG_WARN, text, now_ms);
    return through;
}

static void a_burst_comes_through_and_the_rest_is_counted(void)
{
    begin();
    CU_ASSERT_EQUAL(come(GOXEL_LOG_BURST + 7, "again", 1000), GOXEL_LOG_BURST);
    CU_ASSERT_EQUAL(come(2, "again", 1000 + GOXEL_LOG_WINDOW_MS - 1), 0);
    CU_ASSERT_EQUAL(reports.count, 0);
    goxel_repeat_tick(repeat, 1000 + GOXEL_LOG_WINDOW_MS - 1, note, &reports);
    CU_ASSERT_EQUAL(reports.count, 0);
    goxel_repeat_tick(repeat, 1000 + GOXEL_LOG_WINDOW_MS, note, &reports);
    CU_ASSERT_EQUAL(reports.count, 1);
    CU_ASSERT_EQUAL(reports.held, 9);
    CU_ASSERT_EQUAL(reports.level, GOXEL_LOG_WARN);
    CU_ASSERT_STRING_EQUAL(reports.text, "again");
    goxel_repeat_tick(repeat, 1000 + 9 * GOXEL_LOG_WINDOW_MS, note, &reports);
    CU_ASSERT_EQUAL(reports.count, 1); /* once */
    end();
}

static void a_new_window_begins_with_a_new_burst(void)
{
    begin();
    CU_ASSERT_EQUAL(come(8, "again", 1000), GOXEL_LOG_BURST);
    CU_ASSERT_EQUAL(come(8, "again", 1000 + GOXEL_LOG_WINDOW_MS), GOXEL_LOG_BURST);
    CU_ASSERT_EQUAL(reports.count, 1);
    CU_ASSERT_EQUAL(reports.held, 3);
    end();
}

static void any_line_ends_a_window_that_is_over(void)
{
    begin();
    (void)come(8, "again", 1000);
    CU_ASSERT_TRUE(admit(GOXEL_LOG_INFO, "other", 1000 + GOXEL_LOG_WINDOW_MS));
    CU_ASSERT_EQUAL(reports.count, 1);
    CU_ASSERT_STRING_EQUAL(reports.text, "again");
    end();
}

static void a_slow_line_is_never_held_back(void)
{
    begin();
    for (int64_t i = 0; i < 100; i++)
        CU_ASSERT_TRUE(admit(GOXEL_LOG_INFO, "now and then", i * GOXEL_LOG_WINDOW_MS / GOXEL_LOG_BURST));
    CU_ASSERT_EQUAL(reports.count, 0);
    end();
}

static void level_and_every_byte_count(void)
{
    begin();
    CU_ASSERT_EQUAL(come(GOXEL_LOG_BURST, "again", 0), GOXEL_LOG_BURST);
    CU_ASSERT_TRUE(admit(GOXEL_LOG_ERROR, "again", 0));
    CU_ASSERT_TRUE(admit(GOXEL_LOG_WARN, "agaim", 0));
    CU_ASSERT_TRUE(admit(GOXEL_LOG_WARN, "again ", 0));
    CU_ASSERT_TRUE(admit(GOXEL_LOG_WARN, "agai", 0));
    CU_ASSERT_TRUE(admit(GOXEL_LOG_WARN, "", 0));
    CU_ASSERT_FALSE(admit(GOXEL_LOG_WARN, "again", 0));
    end();
}

static void lines_in_turn_are_told_apart(void)
{
    char text[32];
    int through = 0;

    begin();
    for (int i = 0; i < GOXEL_REPEAT_LINES * 20; i++) {
        (void)snprintf(text, sizeof(text), "line %d", i % GOXEL_REPEAT_LINES);
        through += admit(GOXEL_LOG_INFO, text, i);
    }
    CU_ASSERT_EQUAL(through, GOXEL_REPEAT_LINES * GOXEL_LOG_BURST);
    CU_ASSERT_EQUAL(reports.count, 0);
    goxel_repeat_end(repeat, note, &reports);
    CU_ASSERT_EQUAL(reports.count, GOXEL_REPEAT_LINES);
    CU_ASSERT_EQUAL(reports.held, 20 - GOXEL_LOG_BURST);
    goxel_repeat_end(repeat, note, &reports);
    CU_ASSERT_EQUAL(reports.count, GOXEL_REPEAT_LINES);
    end();
}

/* A line of which some are held back stays remembered while others come and go. */
static void passing_lines_push_out_passing_lines(void)
{
    char text[32];

    begin();
    (void)come(GOXEL_LOG_BURST + 1, "again", 0);
    for (int i = 0; i < GOXEL_REPEAT_LINES * 10; i++) {
        (void)snprintf(text, sizeof(text), "line %d", i);
        CU_ASSERT_TRUE(admit(GOXEL_LOG_INFO, text, i));
    }
    CU_ASSERT_FALSE(admit(GOXEL_LOG_WARN, "again", 1000));
    CU_ASSERT_EQUAL(reports.count, 0);
    end();
}

/* When all that is remembered was held back, the one that came longest ago goes, and is reported. */
static void what_is_pushed_out_is_reported(void)
{
    char text[32];

    begin();
    for (int i = 0; i < GOXEL_REPEAT_LINES; i++) {
        (void)snprintf(text, sizeof(text), "line %d", i);
        CU_ASSERT_EQUAL(come(GOXEL_LOG_BURST + 1 + i, text, 0), GOXEL_LOG_BURST);
    }
    CU_ASSERT_FALSE(admit(GOXEL_LOG_WARN, "line 0", 1));
    CU_ASSERT_TRUE(admit(GOXEL_LOG_WARN, "one more", 1));
    CU_ASSERT_EQUAL(reports.count, 1);
    CU_ASSERT_STRING_EQUAL(reports.text, "line 1");
    CU_ASSERT_EQUAL(reports.held, 2);
    end();
}

static void lines_of_any_length(void)
{
    static char text[GOXEL_REPEAT_LINE_MAX + 1];

    begin();
    memset(text, 'x', sizeof(text) - 1);
    CU_ASSERT_EQUAL(come(20, text, 0), 20); /* does not fit: is never held back */
    text[GOXEL_REPEAT_LINE_MAX - 1] = '\0';
    CU_ASSERT_EQUAL(come(20, text, 0), GOXEL_LOG_BURST);
    goxel_repeat_end(repeat, note, &reports);
    CU_ASSERT_STRING_EQUAL(reports.text, text);
    end();
}

static const struct unit_test tests[] = {
    {"a burst comes through and the rest is counted", a_burst_comes_through_and_the_rest_is_counted},
    {"a new window begins with a new burst", a_new_window_begins_with_a_new_burst},
    {"any line ends a window that is over", any_line_ends_a_window_that_is_over},
    {"a slow line is never held back", a_slow_line_is_never_held_back},
    {"level and every byte count", level_and_every_byte_count},
    {"lines in turn are told apart", lines_in_turn_are_told_apart},
    {"passing lines push out passing lines", passing_lines_push_out_passing_lines},
    {"what is pushed out is reported", what_is_pushed_out_is_reported},
    {"lines of any length", lines_of_any_length},
    {NULL, NULL},
};

const struct unit_suite repeat_suite = {"repeat", tests};
