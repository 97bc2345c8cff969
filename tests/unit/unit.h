/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The frame of the unit tests: CUnit suites from tables, one program for each folder of src.
 *
 * tests/unit/FOLDER/test_NOUN.c tests src/FOLDER/NOUN.c and defines one `const struct unit_suite`;
 * tests/unit/FOLDER/suites.c lists them in `unit_suites`. Arguments of the program: suite names to
 * run (all without any). The last line printed reads `N passed, N failed, N skipped`.
 */
#ifndef GOXEL_TESTS_UNIT_H
#define GOXEL_TESTS_UNIT_H

#include <CUnit/CUnit.h>
#include <stdbool.h>
#include <stddef.h>

struct unit_test {
    const char *name;
    void (*run)(void);
};

struct unit_suite {
    const char *name;
    const struct unit_test *tests; /* ends with a row whose name is NULL */
};

extern const struct unit_suite *const unit_suites[]; /* ends with NULL */

/* The running test cannot run here: counted and named as skipped; return right after it. */
void unit_skip(const char *reason);

/* A path below the source tree's tests/ folder ("data/x.gox"); the buffer is reused at the next call but three. */
const char *unit_path(const char *relative);

/* The folder with other programs' models (GOXEL_TEST_MODELS), or NULL where there is none. */
const char *unit_models(void);

/* How often: `full` with GOXEL_COUNTS=full, as `counts` of the integration tests. */
int unit_counts(int reduced, int full);

/*
 * Makes the n-th allocation from now fail (malloc, calloc, realloc, strdup), counted from 0; -1 never.
 * Returns how many were made since the last call (by all threads), or -1 where allocations cannot
 * be made to fail (sanitizers): skip the test then. Only in programs that link unit_alloc.c.
 */
long unit_fail_allocation(long n);

/* Whether it sees what libraries allocate: not under sanitizers. */
bool unit_counts_libraries(void);

#endif
