/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A folder of a test's own, for tests of files.
 *
 * Used by: test_file.c, test_log.c, and the tests of src/daemon and src/http.  One at a time.
 */
#ifndef GOXEL_TESTS_BASE_SCRATCH_H
#define GOXEL_TESTS_BASE_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

bool scratch_open(void);  /* false, and a failed assertion: there is none */
void scratch_close(void); /* with all that is in it */

const char *scratch_folder(void); /* its path */

/* The path of a file in it; the buffer is reused at the next call but three. */
const char *scratch_path(const char *name);

void scratch_write(const char *name, const char *text);
/* Its bytes with a NUL after them, freed by the caller; NULL if there is no such file. */
char *scratch_read(const char *name);
size_t scratch_count(void); /* files in it */

#endif
