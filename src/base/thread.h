/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Starting a thread that leaves signals to the thread they are meant for.
 *
 * Used by: work, store, http, daemon.  Uses: nothing.
 */
#ifndef GOXEL_BASE_THREAD_H
#define GOXEL_BASE_THREAD_H

#include <pthread.h>

/*
 * As pthread_create(3), with every signal blocked in the new thread, except those that tell of a fault of its own
 * (SEGV, BUS, FPE, ILL, ABRT, SYS). 0 or an errno.
 */
int goxel_thread_start(pthread_t *ret_thread, void *(*run)(void *arg), void *arg);

/* The calling thread is one of those that nobody waits for: others come before it (on Linux, where threads have a nice value of their own). */
void goxel_thread_stand_back(void);

#endif
