/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/manual.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "unit.h"

#define FRAME "@made@\n@date@\n@version@\n"

static void is_written(void (*write)(const char *text, struct goxel_buf *out), const char *text,
                       const char *expected)
{
    struct goxel_buf out;

    goxel_buf_init(&out, GOXEL_MANUAL_MAX);
    write(text, &out);
    CU_ASSERT_EQUAL(out.failed, 0);
    CU_ASSERT_STRING_EQUAL(out.data ? out.data : "", expected);
    goxel_buf_finish(&out);
}

static void nothing_is_taken_for_mdoc(void)
{
    is_written(goxel_manual_text, ".Sh is no section", "\\&.Sh is no section\n");
    is_written(goxel_manual_text, "'br 'neither", "\\(aqbr \\(aqneither\n");
    is_written(goxel_manual_text, "a\\fBb --name \"x\" ~^", "a\\efBb \\-\\-name \\(dqx\\(dq \\(ti\\(ha\n");
    is_written(goxel_manual_text, "type `make man` here", "type \\fBmake man\\fR here\n");
    is_written(goxel_manual_text, "", "");
    is_written(goxel_manual_text, " \n", "");
}

static void each_sentence_has_its_line(void)
{
    is_written(goxel_manual_text, "One. Two:\nthree. `Four` five? e.g. six",
               "One.\nTwo: three.\n\\fBFour\\fR five? e.g. six\n");
    is_written(goxel_manual_sentence, "the daemon's socket", "The daemon\\(aqs socket.\n");
    is_written(goxel_manual_sentence, "health: not healthy.", "health: not healthy.\n");
    is_written(goxel_manual_sentence, "", "");
}

static void lines_are_short(void)
{
    struct goxel_buf text, out;

    goxel_buf_init(&text, GOXEL_MANUAL_MAX);
    goxel_buf_init(&out, GOXEL_MANUAL_MAX);
    for (int i = 0; i < 150; i++)
        goxel_buf_printf(&text, i % 3 ? ".%d " : "--a-b-%d ", i);
    CU_ASSERT_EQUAL_FATAL(text.failed, 0);
    goxel_manual_text(text.data, &out);
    CU_ASSERT_EQUAL_FATAL(out.failed, 0);
    for (const char *line = out.data; *line; line += strcspn(line, "\n") + 1) {
        CU_ASSERT_TRUE(strcspn(line, "\n") <= 80);
        CU_ASSERT_NOT_EQUAL(*line, '.');
    }
    CU_ASSERT_PTR_NOT_NULL(strstr(out.data, "\\-\\-a\\-b\\-147"));
    goxel_buf_finish(&text);
    goxel_buf_finish(&out);
}

static void items_come_from_rows(void)
{
    static const struct goxel_flag rows[] = {
        {'c', "--config", "FILE", "read this"},
        {0, "--no-wait", NULL, "do not wait"},
    };
    static const struct goxel_flags flags = {rows, 2, sizeof(rows[0]), ""};
    static const struct goxel_term terms[] = {{"PATH", "where to look"}, {NULL, NULL}};
    struct goxel_buf out;

    goxel_buf_init(&out, GOXEL_MANUAL_MAX);
    goxel_manual_flags(&flags, &out);
    goxel_manual_terms("Ev", terms, &out);
    CU_ASSERT_STRING_EQUAL(out.data, ".It Fl c , Fl \\-config Ar FILE\nRead this.\n"
                                     ".It Fl \\-no\\-wait\nDo not wait.\n"
                                     ".It Ev PATH\nWhere to look.\n");
    goxel_buf_finish(&out);
}

static void terms_are_in_columns(void)
{
    static const struct goxel_term terms[] = {{"TERM, INT", "stop"}, {"HUP", "reload"}, {NULL, NULL}};
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    goxel_terms_help(terms, out);
    fclose(out);
    CU_ASSERT_STRING_EQUAL(text, "  TERM, INT  stop\n  HUP        reload\n");
    free(text);
}

static void put_it(struct goxel_buf *out)
{
    goxel_buf_puts(out, ".It it\n");
}

static int page_of(const char *prose, struct goxel_buf *out)
{
    static const struct goxel_manual_part parts[] = {{"it", put_it}, {NULL, NULL}};

    goxel_buf_init(out, GOXEL_MANUAL_MAX);
    goxel_manual_write(prose, parts, out);
    return out->failed;
}

static void parts_go_to_their_lines(void)
{
    struct goxel_buf out;

    CU_ASSERT_EQUAL(page_of(FRAME ".Bl\n@it@\n.El @it@\n@it@\nend", &out), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(out.data, "\n.Bl\n.It it\n.El @it@\n.It it\nend"));
    CU_ASSERT_EQUAL(strncmp(out.data, ".\\\" Made by", 11), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(out.data, "\n.Dd "));
    CU_ASSERT_PTR_NOT_NULL(strstr(out.data, "\n.Os goxel-daemon "));
    goxel_buf_finish(&out);
}

static void parts_that_do_not_fit_are_refused(void)
{
    static const char *const pages[] = {
        "",
        FRAME,                    /* nobody asks for `it` */
        "@made@\n@date@\n@it@\n", /* nor for the version */
        FRAME "@it@\n@other@\n",  /* there is none */
        FRAME "@it@\n@it\n",      /* cut off */
        FRAME "@it@",             /* no line */
    };
    struct goxel_buf out;

    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        CU_ASSERT_EQUAL(page_of(pages[i], &out), GOXEL_ERROR_INVALID_DATA);
        goxel_buf_finish(&out);
    }
}

static const struct unit_test tests[] = {
    {"nothing is taken for mdoc", nothing_is_taken_for_mdoc},
    {"each sentence has its line", each_sentence_has_its_line},
    {"lines are short", lines_are_short},
    {"items come from rows", items_come_from_rows},
    {"terms are in columns", terms_are_in_columns},
    {"parts go to their lines", parts_go_to_their_lines},
    {"parts that do not fit are refused", parts_that_do_not_fit_are_refused},
    {NULL, NULL},
};

const struct unit_suite manual_suite = {"manual", tests};
