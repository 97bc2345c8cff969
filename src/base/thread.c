/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A mask is inherited: it is set before the thread is made, and set back. See the header. */
#include "base/thread.h"

#include <signal.h>
#include <stddef.h>
#include <sys/resource.h>

int goxel_thread_start(pthread_t *ret_thread, void *(*run)(void *arg), void *arg)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS};
    sigset_t others, before;
    int err;

    sigfillset(&others);
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        sigdelset(&others, faults[i]);
    pthread_sigmask(SIG_SETMASK, &others, &before);
    err = pthread_create(ret_thread, NULL, run, arg);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return err;
}

#define NICE 10

void goxel_thread_stand_back(void)
{
#ifdef __linux__
    (void)setpriority(PRIO_PROCESS, 0, NICE);
#endif
}
