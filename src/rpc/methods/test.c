/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Methods that break the daemon on purpose, for the tests of what it does then. Compiled only with
 * --enable-test-hooks, and never in what anybody runs.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "base/clock.h"
#include "base/error.h"
#include "rpc/methods/methods.h"

/* Deaf to the request's deadline: what a worker that hangs looks like. */
int goxel_test_hang(struct goxel_invocation *in)
{
    static const struct timespec pause = {.tv_nsec = 10000000};
    int64_t until_ms = goxel_clock_ms() + goxel_arg_int(in, "ms", 0);

    while (!goxel_arg(in, "ms")->given || goxel_clock_ms() < until_ms)
        (void)nanosleep(&pause, NULL);
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_end(in->out);
    return 0;
}

/* A real fault: a signal that was merely raised could be blocked. */
int goxel_test_crash(struct goxel_invocation *in)
{
    volatile char *page;

    if (!strcmp(goxel_arg_text(in, "signal", ""), "ABRT"))
        abort();
    page = mmap(NULL, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return goxel_fail_errno(in->detail, GOXEL_ERROR_GENERAL, errno, "mmap", NULL);
    *page = 1;
    return 0;
}
