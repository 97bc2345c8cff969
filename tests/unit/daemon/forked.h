/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A piece of a test in a process of its own, for what ends a process or changes it for good.
 *
 * Used by: test_detach.c, test_emergency.c, test_events.c and others.  Standard output and error go to files of the
 * scratch folder, "out" and "err".
 */
#ifndef GOXEL_TESTS_DAEMON_FORKED_H
#define GOXEL_TESTS_DAEMON_FORKED_H

#include <sys/types.h>

/* Forks; the child runs `run` and leaves with what it returns. Ends the test if there can be none. */
pid_t forked_start(int (*run)(void *ctx), void *ctx);
/* Its status as waitpid(2) gives it. */
int forked_wait(pid_t pid);
int forked_run(int (*run)(void *ctx), void *ctx); /* both */

#endif
