/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See the header. */
#include "child.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/privileges.h"
#include "unit.h"
#include "unit/base/scratch.h"

/* The file stays readable where there is no /proc any more. */
static void read_status(int fd, char text[4096])
{
    ssize_t len = pread(fd, text, 4095, 0);

    text[len > 0 ? len : 0] = '\0';
}

static void carry_out(const struct child_plan *plan, struct child_report *report)
{
    struct goxel_config *config = NULL;
    struct goxel_buf errors;
    int fd;

    (void)close_range(3, ~0U, 0); /* folders that somebody left open */
    goxel_buf_init(&errors, 1 << 16);
    goxel_detail_init(&report->detail);
    if (plan->first)
        plan->first(report);
    fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (fd < 0 ||
        goxel_config_parse(plan->conf, strlen(plan->conf), "test", NULL, 0, &errors, NULL, &config)) {
        printf("\n%s", errors.data ? errors.data : "no /proc");
        (void)fflush(stdout);
        return;
    }
    report->resolved = goxel_identity_resolve(config, plan->stay, &report->detail, &report->identity);
    read_status(fd, report->before);
    if (!report->resolved && !plan->resolve_only)
        report->dropped = goxel_privileges_drop(config, &report->identity, plan->stay, &report->detail);
    if (!report->resolved && !report->dropped && plan->last)
        plan->last(report);
    read_status(fd, report->after);
    report->complete = true;
}

bool child_run(const struct child_plan *plan, struct child_report *ret_report)
{
    struct child_report *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    bool complete;
    pid_t pid;

    CU_ASSERT_PTR_NOT_EQUAL_FATAL(shared, MAP_FAILED);
    (void)fflush(stdout);
    pid = fork();
    if (!pid) {
        carry_out(plan, shared);
        _exit(0);
    }
    CU_ASSERT_FATAL(pid > 0);
    CU_ASSERT_EQUAL(waitpid(pid, NULL, 0), pid);
    *ret_report = *shared;
    complete = shared->complete;
    (void)munmap(shared, sizeof(*shared));
    CU_ASSERT(complete);
    return complete;
}

const char *child_line(const char *status, const char *name)
{
    static char lines[4][256];
    static unsigned next;
    char *line = lines[next++ % 4], wanted[64];
    const char *found;
    size_t len;

    (void)snprintf(wanted, sizeof(wanted), "\n%s:\t", name);
    found = strstr(status, wanted);
    found = found ? found + strlen(wanted) : "";
    len = strcspn(found, "\n");
    (void)snprintf(line, sizeof(lines[0]), "%.*s", (int)len, found);
    for (char *c = line; *c; c++)
        *c = *c == '\t' ? ' ' : *c;
    for (len = strlen(line); len && line[len - 1] == ' '; len--)
        line[len - 1] = '\0';
    return line;
}

static bool can_change(void)
{
    int status = 1;
    pid_t pid = fork();

    if (!pid) {
        child_leave_root(NULL);
        _exit(0);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

bool child_can_be_root(void)
{
    if (geteuid() == 0 && can_change())
        return true;
    unit_skip(geteuid() ? "not root" : "a root that can become nobody else");
    return false;
}

bool child_can_be_other(void)
{
    if (geteuid() || can_change())
        return true;
    unit_skip("a root that can become nobody else");
    return false;
}

void child_leave_root(struct child_report *report)
{
    (void)report;
    if (geteuid())
        return;
    if (setgroups(0, NULL) || setresgid(CHILD_GID, CHILD_GID, CHILD_GID) ||
        setresuid(CHILD_UID, CHILD_UID, CHILD_UID))
        _exit(1);
}

void child_write_users(void)
{
    static char groups[32768];
    size_t len = 0;

    scratch_write("passwd", "root:x:0:0::/:/bin/sh\nvoxel:x:4711:4711::/nonexistent:/bin/false\n");
    len += (size_t)snprintf(groups + len, sizeof(groups) - len,
                            "root:x:0:\nvoxel:x:4711:\ncrowd:x:5000:voxel");
    for (int i = 0; i < 1000; i++)
        len += (size_t)snprintf(groups + len, sizeof(groups) - len, ",somebody%04d", i);
    for (int i = 1; i < 100; i++)
        len += (size_t)snprintf(groups + len, sizeof(groups) - len, "\nextra%d:x:%d:voxel", i, 5000 + i);
    (void)snprintf(groups + len, sizeof(groups) - len, "\n");
    scratch_write("group", groups);
}

void child_enter_users(struct child_report *report)
{
    report->noted = unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
                    mount(scratch_path("passwd"), "/etc/passwd", NULL, MS_BIND, NULL) ||
                    mount(scratch_path("group"), "/etc/group", NULL, MS_BIND, NULL);
}
