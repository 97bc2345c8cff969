/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs the suites of one unit test program over CUnit and counts what it found.
 *
 * CUnit's own basic mode prints a table per run and knows no skipped tests, so the handlers here do
 * the talking: a line a test, its failures with file and line below it, and one closing line.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef UNIT_TESTS_DIR
#define UNIT_TESTS_DIR "tests"
#endif

static unsigned passed, failed, skipped;
static const char *skip_reason; /* of the running test; NULL unless it gave one */

void unit_skip(const char *reason)
{
    skip_reason = reason;
}

const char *unit_path(const char *relative)
{
    static char paths[4][4096];
    static unsigned next;
    const char *root = getenv("GOXEL_TESTS_DIR");
    char *path = paths[next++ % 4];

    snprintf(path, sizeof(paths[0]), "%s/%s", root && root[0] ? root : UNIT_TESTS_DIR, relative);
    return path;
}

const char *unit_models(void)
{
    const char *folder = getenv("GOXEL_TEST_MODELS");

    return folder && folder[0] ? folder : NULL;
}

int unit_counts(int reduced, int full)
{
    const char *counts = getenv("GOXEL_COUNTS");

    return counts && strcmp(counts, "full") == 0 ? full : reduced;
}

/* The name goes out before the test runs, so that a crash leaves it as the last thing said. */
static void test_begins(const CU_pTest test, const CU_pSuite suite)
{
    skip_reason = NULL;
    printf("%s: %s ", suite->pName, test->pName);
    fflush(stdout);
}

static void test_ended(const CU_pTest test, const CU_pSuite suite, const CU_pFailureRecord failures)
{
    (void)test;
    (void)suite;
    if (failures) {
        failed++;
        printf("FAILED\n");
        for (CU_pFailureRecord f = failures; f; f = f->pNext)
            printf("    %s:%u: %s\n", f->strFileName ? f->strFileName : "?", f->uiLineNumber,
                   f->strCondition ? f->strCondition : "?");
    } else if (skip_reason) {
        skipped++;
        printf("skipped: %s\n", skip_reason);
    } else {
        passed++;
        printf("ok\n");
    }
    fflush(stdout);
}

static bool wanted(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return argc < 2;
}

static bool known(const char *name)
{
    for (size_t i = 0; unit_suites[i]; i++)
        if (strcmp(unit_suites[i]->name, name) == 0)
            return true;
    return false;
}

static int add_suite(const struct unit_suite *suite)
{
    CU_pSuite added = CU_add_suite(suite->name, NULL, NULL);

    if (!added)
        return -1;
    for (const struct unit_test *test = suite->tests; test->name; test++)
        if (!CU_add_test(added, test->name, test->run))
            return -1;
    return 0;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (!known(argv[i])) {
            fprintf(stderr, "%s: no suite named %s; there are:", argv[0], argv[i]);
            for (size_t s = 0; unit_suites[s]; s++)
                fprintf(stderr, " %s", unit_suites[s]->name);
            fprintf(stderr, "\n");
            return 2;
        }

    if (CU_initialize_registry() != CUE_SUCCESS) {
        fprintf(stderr, "%s: %s\n", argv[0], CU_get_error_msg());
        return 2;
    }
    for (size_t i = 0; unit_suites[i]; i++)
        if (wanted(unit_suites[i]->name, argc, argv) && add_suite(unit_suites[i]) != 0) {
            fprintf(stderr, "%s: suite %s: %s\n", argv[0], unit_suites[i]->name, CU_get_error_msg());
            CU_cleanup_registry();
            return 2;
        }

    CU_set_test_start_handler(test_begins);
    CU_set_test_complete_handler(test_ended);
    if (CU_run_all_tests() != CUE_SUCCESS) {
        fprintf(stderr, "%s: %s\n", argv[0], CU_get_error_msg());
        failed += failed == 0;
    }
    CU_cleanup_registry();

    printf("%u passed, %u failed, %u skipped\n", passed, failed, skipped);
    return failed ? 1 : 0;
}
