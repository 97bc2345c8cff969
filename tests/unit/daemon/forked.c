/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See the header. */
#include "forked.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"
#include "unit/base/scratch.h"

static void send_to(int stream, const char *name)
{
    int fd = open(scratch_path(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0 || dup2(fd, stream) < 0)
        _exit(99);
    close(fd);
}

pid_t forked_start(int (*run)(void *ctx), void *ctx)
{
    const struct rlimit no_core = {0, 0};
    pid_t pid;
    int status;

    (void)fflush(NULL);
    pid = fork();
    CU_ASSERT_FATAL(pid >= 0);
    if (pid > 0)
        return pid;
    (void)setrlimit(RLIMIT_CORE, &no_core);
    send_to(STDOUT_FILENO, "out");
    send_to(STDERR_FILENO, "err");
    status = run(ctx);
    (void)fflush(NULL);
    _exit(status);
}

int forked_wait(pid_t pid)
{
    int status = -1;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

int forked_run(int (*run)(void *ctx), void *ctx)
{
    return forked_wait(forked_start(run, ctx));
}
