/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is left after the drop, as the kernel tells it, and what is refused. */
#include "daemon/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "child.h"
#include "unit.h"
#include "unit/base/scratch.h"

#define NONE "0000000000000000"
#define BIND_SERVICE "0000000000000400" /* CAP_NET_BIND_SERVICE is bit 10 */
#define OTHER "process { user = \"65534\" group = \"65533\" }"
#define STAY "process { user = \"\" group = \"\" }"
#define KEEP "security { allowed_capabilities = {\"CAP_NET_BIND_SERVICE\"} }"

#define ASSERT_LINE(status, name, expected) CU_ASSERT_STRING_EQUAL(child_line(status, name), expected)

/* Permitted and effective are `kept`, nothing is handed on. */
static void assert_capabilities(const char *status, const char *kept)
{
    ASSERT_LINE(status, "CapPrm", kept);
    ASSERT_LINE(status, "CapEff", kept);
    ASSERT_LINE(status, "CapInh", NONE);
    ASSERT_LINE(status, "CapAmb", NONE);
}

static bool drop(const char *conf, void (*first)(struct child_report *report),
                 void (*last)(struct child_report *report), struct child_report *report)
{
    const struct child_plan plan = {.conf = conf, .first = first, .last = last};

    if (!child_run(&plan, report))
        return false;
    CU_ASSERT_EQUAL(report->resolved, 0);
    return report->resolved == 0;
}

static bool drops(const char *conf, void (*first)(struct child_report *report),
                  void (*last)(struct child_report *report), struct child_report *report)
{
    if (!drop(conf, first, last, report))
        return false;
    CU_ASSERT_EQUAL(report->dropped, 0);
    CU_ASSERT_STRING_EQUAL(report->detail.text, "");
    return report->dropped == 0;
}

static void refuses(const char *conf, void (*first)(struct child_report *report), int code, const char *text)
{
    struct child_report report;

    if (!drop(conf, first, NULL, &report))
        return;
    CU_ASSERT_EQUAL(report.dropped, code);
    CU_ASSERT_PTR_NOT_NULL(strstr(report.detail.text, text));
    if (!strstr(report.detail.text, text))
        printf("\n    %s\n", report.detail.text);
}

/* ThreadSanitizer has a thread of its own, to which what a test takes from this one is not lost. */
static bool is_alone(void)
{
#ifdef __SANITIZE_THREAD__
    unit_skip("the sanitizer has a thread of its own");
    return false;
#else
    return true;
#endif
}

/* ---- another user ---- */

static void note_dumpable(struct child_report *report)
{
    report->noted = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
}

static void another_user(void)
{
    struct child_report report;

    if (!child_can_be_root() || !drops(OTHER, NULL, note_dumpable, &report))
        return;
    ASSERT_LINE(report.after, "Uid", "65534 65534 65534 65534");
    ASSERT_LINE(report.after, "Gid", "65533 65533 65533 65533");
    ASSERT_LINE(report.after, "Groups",
                report.identity.user[0] ? child_line(report.after, "Groups") : "65533");
    assert_capabilities(report.after, NONE);
    ASSERT_LINE(report.after, "CapBnd", NONE);
    ASSERT_LINE(report.before, "NoNewPrivs", "0");
    ASSERT_LINE(report.after, "NoNewPrivs", "1");
    CU_ASSERT_NOT_EQUAL(report.noted, 1);
}

static void core_dumps_where_they_are_wanted(void)
{
    struct child_report report;

    if (child_can_be_root() && drops(OTHER "limits { max_core_size_mb = 1 }", NULL, note_dumpable, &report))
        CU_ASSERT_EQUAL(report.noted, 1);
}

static void groups_of_a_number(void)
{
    struct child_report report;

    if (!child_can_be_root() ||
        !drops("process { user = \"4000000001\" group = \"4000000002\" }", NULL, NULL, &report))
        return;
    ASSERT_LINE(report.after, "Uid", "4000000001 4000000001 4000000001 4000000001");
    ASSERT_LINE(report.after, "Groups", "4000000002");
}

static void a_group_alone(void)
{
    struct child_report report;

    if (!child_can_be_root() || !drops("process { user = \"\" group = \"65533\" }", NULL, NULL, &report))
        return;
    ASSERT_LINE(report.after, "Uid", "0 0 0 0");
    ASSERT_LINE(report.after, "Gid", "65533 65533 65533 65533");
    ASSERT_LINE(report.after, "Groups", "65533");
    assert_capabilities(report.after, NONE);
}

static void staying_drops_the_rest(void)
{
    const struct child_plan plan = {
        .conf = OTHER "security { enable_chroot = true chroot_directory = \"/no\" }", .stay = true};
    struct child_report report;

    if (!child_run(&plan, &report))
        return;
    CU_ASSERT_EQUAL(report.resolved, 0);
    CU_ASSERT_EQUAL(report.dropped, 0);
    ASSERT_LINE(report.after, "Uid", child_line(report.before, "Uid"));
    ASSERT_LINE(report.after, "Gid", child_line(report.before, "Gid"));
    ASSERT_LINE(report.after, "Groups", child_line(report.before, "Groups"));
    assert_capabilities(report.after, NONE);
    ASSERT_LINE(report.after, "NoNewPrivs", "1");
}

/* ---- capabilities ---- */

static void exactly_what_is_allowed(void)
{
    struct child_report report;

    if (!child_can_be_root() || !drops(OTHER KEEP, NULL, NULL, &report))
        return;
    ASSERT_LINE(report.after, "Uid", "65534 65534 65534 65534");
    assert_capabilities(report.after, BIND_SERVICE);
    ASSERT_LINE(report.after, "CapBnd", BIND_SERVICE);
}

static void root_without_capabilities(void)
{
    struct child_report report;

    if (!child_can_be_root())
        return;
    if (drops(STAY, NULL, NULL, &report)) {
        ASSERT_LINE(report.after, "Uid", "0 0 0 0");
        ASSERT_LINE(report.after, "Groups", child_line(report.before, "Groups"));
        assert_capabilities(report.after, NONE);
        ASSERT_LINE(report.after, "CapBnd", NONE);
    }
    if (drops(STAY KEEP, NULL, NULL, &report)) {
        assert_capabilities(report.after, BIND_SERVICE);
        ASSERT_LINE(report.after, "CapBnd", BIND_SERVICE);
    }
}

static void left_alone(void)
{
    struct child_report report;

    if (drops(STAY "security { drop_capabilities = false no_new_privileges = false }", NULL, NULL, &report)) {
        ASSERT_LINE(report.after, "CapPrm", child_line(report.before, "CapPrm"));
        ASSERT_LINE(report.after, "CapBnd", child_line(report.before, "CapBnd"));
        ASSERT_LINE(report.after, "NoNewPrivs", child_line(report.before, "NoNewPrivs"));
    }
    if (child_can_be_root() && drops(OTHER "security { drop_capabilities = false }", NULL, NULL, &report)) {
        assert_capabilities(report.after, NONE);
        ASSERT_LINE(report.after, "CapBnd", child_line(report.before, "CapBnd"));
    }
}

/* What systemd's AmbientCapabilities= or a container hands down. */
static void inherit(struct child_report *report)
{
    (void)report;
    if (capng_get_caps_process() || capng_update(CAPNG_ADD, CAPNG_INHERITABLE, CAP_NET_BIND_SERVICE) ||
        capng_apply(CAPNG_SELECT_CAPS) ||
        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_BIND_SERVICE, 0, 0))
        _exit(1);
}

static void nothing_is_handed_on(void)
{
    struct child_report report;

    if (!child_can_be_root() || !drops(STAY, inherit, NULL, &report))
        return;
    ASSERT_LINE(report.before, "CapAmb", BIND_SERVICE);
    ASSERT_LINE(report.before, "CapInh", BIND_SERVICE);
    assert_capabilities(report.after, NONE);
}

/* Takes one capability from the process, as a container would. */
static void lose(unsigned capability)
{
    if (capng_get_caps_process() || capng_update(CAPNG_DROP, CAPNG_EFFECTIVE | CAPNG_PERMITTED, capability) ||
        capng_apply(CAPNG_SELECT_CAPS))
        _exit(1);
}

static void lose_setpcap(struct child_report *report)
{
    (void)report;
    lose(CAP_SETPCAP);
}

static void lose_setuid(struct child_report *report)
{
    (void)report;
    lose(CAP_SETUID);
}

static void lose_setgid(struct child_report *report)
{
    (void)report;
    lose(CAP_SETGID);
}

static void lose_bind_service(struct child_report *report)
{
    (void)report;
    lose(CAP_NET_BIND_SERVICE);
}

static void a_root_that_lacks_some(void)
{
    struct child_report report;

    if (!is_alone() || !child_can_be_root())
        return;
    if (drops(OTHER KEEP, lose_setpcap, NULL, &report)) {
        assert_capabilities(report.after, BIND_SERVICE);
        ASSERT_LINE(report.after, "CapBnd", child_line(report.before, "CapBnd"));
    }
    refuses(OTHER, lose_setuid, DAEMON_ERROR_PERMISSION_DENIED, "process.user: setresuid: ");
    refuses(OTHER, lose_setgid, DAEMON_ERROR_PERMISSION_DENIED, "process.user: setgroups: ");
    refuses(OTHER KEEP, lose_bind_service, DAEMON_ERROR_PERMISSION_DENIED,
            "security.allowed_capabilities: the process does not have CAP_NET_BIND_SERVICE; ");
}

/* With these bits setresuid(2) takes no capabilities away. */
static void no_setuid_fixup(struct child_report *report)
{
    (void)report;
    if (prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0))
        _exit(1);
}

static void a_way_back_is_found(void)
{
    struct child_report report;

    if (!child_can_be_root())
        return;
    refuses(OTHER "security { drop_capabilities = false }", no_setuid_fixup, DAEMON_ERROR_PERMISSION_DENIED,
            "root could be regained");
    if (drops(OTHER, no_setuid_fixup, NULL, &report))
        assert_capabilities(report.after, NONE);
}

static void a_way_back_that_was_asked_for(void)
{
    struct child_report report;

    if (!child_can_be_root() ||
        !drops(OTHER "security { allowed_capabilities = {\"CAP_SETUID\", \"cap_setgid\"} }", NULL, NULL,
               &report))
        return;
    ASSERT_LINE(report.after, "Uid", "65534 65534 65534 65534");
    ASSERT_LINE(report.after, "Gid", "65533 65533 65533 65533");
    assert_capabilities(report.after, "00000000000000c0");
}

/* What does not look like one the configuration refuses. */
static void a_name_that_is_none(void)
{
    static const char conf[] = STAY "security { allowed_capabilities = {\"CAP_NO_SUCH\"} }";
    struct child_report report;

    refuses(conf, NULL, DAEMON_ERROR_CONFIG_INVALID, "CAP_NO_SUCH");
    if (drop(conf, NULL, NULL, &report)) {
        ASSERT_LINE(report.after, "NoNewPrivs", child_line(report.before, "NoNewPrivs"));
        ASSERT_LINE(report.after, "CapPrm", child_line(report.before, "CapPrm"));
    }
}

/* ---- calls that fail, and calls that only say that they did it ---- */

static struct {
    unsigned call;
    unsigned first; /* its first argument; ANY: whatever it is */
    unsigned error; /* 0: does nothing and returns 0 */
} spoilt;

#define ANY 0xffffffffu

static void spoil(struct child_report *report)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, spoilt.call, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, spoilt.first, 0, spoilt.first == ANY ? 0 : 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | spoilt.error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {sizeof(filter) / sizeof(filter[0]), filter};

    report->noted = prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

static void steps_that_go_wrong(void)
{
    static const struct {
        unsigned call, first, error;
        const char *text;
    } rows[] = {
        {SYS_setgroups, ANY, EPERM, "process.user: setgroups: Operation not permitted"},
        {SYS_setgroups, ANY, 0, "the supplementary groups are not those that were set"},
        {SYS_setresgid, ANY, EPERM, "process.group: setresgid: Operation not permitted"},
        {SYS_setresgid, ANY, 0, "the group is not the one that was set"},
        {SYS_setresuid, ANY, EAGAIN, "process.user: setresuid: Resource temporarily unavailable"},
        {SYS_setresuid, ANY, 0, "the user is not the one that was set"},
        {SYS_capset, ANY, EPERM, "security.drop_capabilities: capset: Operation not permitted"},
        {SYS_capset, ANY, 0, "the capabilities are not those that were set"},
        {SYS_capget, ANY, EPERM, "security.drop_capabilities: reading the capabilities"},
        {SYS_prctl, PR_CAPBSET_READ, EPERM, "security.drop_capabilities: reading the capabilities"},
        {SYS_prctl, PR_CAPBSET_DROP, EPERM, "the bounding set"},
        {SYS_prctl, PR_CAPBSET_DROP, 0, "the bounding set is not reduced"},
        {SYS_prctl, PR_SET_KEEPCAPS, EPERM, "security.allowed_capabilities: PR_SET_KEEPCAPS"},
        {SYS_prctl, PR_SET_KEEPCAPS, 0, "security.allowed_capabilities: PR_SET_KEEPCAPS"},
        {SYS_prctl, PR_SET_NO_NEW_PRIVS, EPERM, "security.no_new_privileges: PR_SET_NO_NEW_PRIVS"},
        {SYS_prctl, PR_SET_NO_NEW_PRIVS, 0, "security.no_new_privileges: PR_SET_NO_NEW_PRIVS"},
        {SYS_prctl, PR_SET_DUMPABLE, EPERM, "limits.max_core_size_mb: PR_SET_DUMPABLE"},
    };

    if (!is_alone() || !child_can_be_root())
        return;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        spoilt.call = rows[i].call;
        spoilt.first = rows[i].first;
        spoilt.error = rows[i].error;
        refuses(OTHER KEEP "limits { max_core_size_mb = 1 }", spoil, DAEMON_ERROR_PERMISSION_DENIED,
                rows[i].text);
    }
}

/* ---- not root ---- */

static void an_ordinary_user(void)
{
    struct child_report report;

    if (!child_can_be_other())
        return;
    if (drops(STAY, child_leave_root, NULL, &report)) {
        ASSERT_LINE(report.after, "Uid", child_line(report.before, "Uid"));
        ASSERT_LINE(report.after, "Groups", child_line(report.before, "Groups"));
        assert_capabilities(report.after, NONE);
        ASSERT_LINE(report.after, "NoNewPrivs", "1");
    }
    refuses(STAY KEEP, child_leave_root, DAEMON_ERROR_PERMISSION_DENIED,
            "security.allowed_capabilities: the process does not have CAP_NET_BIND_SERVICE; ");
}

/* ---- around a re-exec ---- */

/* What a program that we become has: its status, into the report. */
static void note_exec(struct child_report *report)
{
    int fd = memfd_create("status", 0);
    pid_t pid = fork();

    if (pid == 0) {
        if (goxel_privileges_carry(&report->detail) || dup2(fd, STDOUT_FILENO) < 0)
            _exit(1);
        (void)execl("/bin/cat", "cat", "/proc/self/status", (char *)NULL);
        _exit(1);
    }
    if (pid > 0)
        (void)waitpid(pid, NULL, 0);
    (void)!pread(fd, report->note, sizeof(report->note) - 1, 0);
}

static void note_carried(struct child_report *report)
{
    int fd;

    report->noted = goxel_privileges_carry(&report->detail);
    fd = open("/proc/self/status", O_RDONLY);
    (void)!read(fd, report->note, sizeof(report->note) - 1);
    goxel_privileges_settle();
}

static void what_is_kept_survives(void)
{
    struct child_report report;

    if (!child_can_be_root())
        return;
    if (drops(OTHER KEEP, NULL, note_exec, &report)) {
        ASSERT_LINE(report.note, "Uid", "65534 65534 65534 65534");
        ASSERT_LINE(report.note, "CapEff", BIND_SERVICE);
        ASSERT_LINE(report.note, "CapPrm", BIND_SERVICE);
        ASSERT_LINE(report.note, "NoNewPrivs", "1");
    }
    if (drops(STAY KEEP, NULL, note_exec, &report)) {
        ASSERT_LINE(report.note, "CapEff", BIND_SERVICE);
        ASSERT_LINE(report.note, "CapAmb", NONE);
    }
}

static void and_is_settled(void)
{
    struct child_report report;

    if (!child_can_be_root())
        return;
    if (drops(OTHER KEEP, NULL, note_carried, &report)) {
        CU_ASSERT_EQUAL(report.noted, 0);
        ASSERT_LINE(report.note, "CapAmb", BIND_SERVICE);
        assert_capabilities(report.after, BIND_SERVICE);
    }
    if (drops(STAY KEEP, NULL, note_carried, &report)) {
        CU_ASSERT_EQUAL(report.noted, 0);
        ASSERT_LINE(report.note, "CapAmb", NONE);
        ASSERT_LINE(report.note, "CapInh", NONE);
    }
}

static void nothing_to_carry(void)
{
    struct child_report report;

    if (!child_can_be_other() || !drops(STAY, child_leave_root, note_carried, &report))
        return;
    CU_ASSERT_EQUAL(report.noted, 0);
    ASSERT_LINE(report.note, "CapAmb", NONE);
    assert_capabilities(report.after, NONE);
}

static void forbid_ambient(struct child_report *report)
{
    (void)report;
    if (prctl(PR_SET_SECUREBITS, SECBIT_NO_CAP_AMBIENT_RAISE, 0, 0, 0))
        _exit(1);
}

static void what_cannot_be_carried(void)
{
    struct child_report report;

    if (!child_can_be_root() || !drop(OTHER KEEP, forbid_ambient, note_carried, &report))
        return;
    CU_ASSERT_EQUAL(report.noted, DAEMON_ERROR_PERMISSION_DENIED);
    CU_ASSERT_PTR_NOT_NULL(strstr(report.detail.text, "PR_CAP_AMBIENT_RAISE"));
    ASSERT_LINE(report.note, "CapInh", NONE);
    assert_capabilities(report.after, BIND_SERVICE);
}

/* ---- chroot ---- */

static const char *chroot_conf(const char *folder)
{
    static char conf[512];

    (void)snprintf(conf, sizeof(conf), OTHER "security { enable_chroot = true chroot_directory = \"%s\" }",
                   folder);
    return conf;
}

static void note_root(struct child_report *report)
{
    char here[64] = "";

    report->noted = !access("/marker", R_OK) && access("/proc", F_OK) && access("/../proc", F_OK) &&
                    getcwd(here, sizeof(here)) && !strcmp(here, "/");
}

static void a_new_root(void)
{
    struct child_report report;

    if (!child_can_be_root() || !scratch_open())
        return;
    scratch_write("marker", "inside");
    (void)chmod(scratch_path("."), 0755);
    (void)chmod(scratch_path("marker"), 0644);
    if (drops(chroot_conf(scratch_folder()), NULL, note_root, &report)) {
        CU_ASSERT_EQUAL(report.noted, 1);
        ASSERT_LINE(report.after, "Uid", "65534 65534 65534 65534");
        assert_capabilities(report.after, NONE);
        ASSERT_LINE(report.after, "CapBnd", NONE);
    }
    scratch_close();
}

/* Which are looked up while /etc is in sight. */
static void groups_in_a_new_root(void)
{
    struct child_report report;
    char conf[512];
    const struct child_plan plan = {.conf = conf, .first = child_enter_users};

    if (!child_can_be_root() || !scratch_open())
        return;
    child_write_users();
    (void)snprintf(conf, sizeof(conf),
                   "process { user = \"voxel\" group = \"\" } "
                   "security { enable_chroot = true chroot_directory = \"%s\" }",
                   scratch_folder());
    if (child_run(&plan, &report) && report.noted) {
        unit_skip("no mount namespaces here");
    } else {
        CU_ASSERT_EQUAL(report.resolved, 0);
        CU_ASSERT_EQUAL(report.dropped, 0);
        ASSERT_LINE(report.after, "Uid", "4711 4711 4711 4711");
        ASSERT_LINE(report.after, "Gid", "4711 4711 4711 4711");
        CU_ASSERT_PTR_NOT_NULL(strstr(report.after, "\nGroups:\t4711 5000 5001 5002 "));
        CU_ASSERT_PTR_NOT_NULL(strstr(report.after, " 5098 5099 \n"));
    }
    scratch_close();
}

static void open_folder(struct child_report *report)
{
    int fd = open("/", O_PATH | O_DIRECTORY);

    report->noted = dup2(fd, 77);
    (void)close(fd);
}

static void name_notify_socket(struct child_report *report)
{
    (void)report;
    (void)setenv("NOTIFY_SOCKET", "/run/systemd/notify", 1);
}

static void lose_chroot(struct child_report *report)
{
    (void)report;
    lose(CAP_SYS_CHROOT);
}

static void roots_that_are_refused(void)
{
    struct child_report report;

    if (!child_can_be_root() || !scratch_open())
        return;
    scratch_write("file", "");
    refuses(chroot_conf(scratch_path("missing")), NULL, DAEMON_ERROR_CHROOT_FAILED,
            "security.chroot_directory: /");
    refuses(chroot_conf(scratch_path("missing")), NULL, DAEMON_ERROR_CHROOT_FAILED,
            "cannot be entered: No such file or directory; make it");
    refuses(chroot_conf(scratch_path("file")), NULL, DAEMON_ERROR_CHROOT_FAILED, "Not a directory");
    refuses(chroot_conf(scratch_folder()), open_folder, DAEMON_ERROR_CHROOT_FAILED,
            "descriptor 77 is an open directory");
    refuses(chroot_conf(scratch_folder()), name_notify_socket, DAEMON_ERROR_CHROOT_FAILED,
            "use RootDirectory= in the unit instead");
    refuses(chroot_conf(scratch_folder()), lose_chroot, DAEMON_ERROR_CHROOT_FAILED, "it needs root");
    /* Nothing was changed when it was refused. */
    if (drop(chroot_conf(scratch_folder()), open_folder, NULL, &report)) {
        ASSERT_LINE(report.after, "Uid", "0 0 0 0");
        ASSERT_LINE(report.after, "CapBnd", child_line(report.before, "CapBnd"));
    }
    scratch_close();
}

/* ---- folders ---- */

static char checked_path[128];

static void check_path(struct child_report *report)
{
    report->noted = goxel_privileges_check_folder(checked_path, "process.pid_file", &report->detail);
}

static void checks(const char *path, int code, const char *text)
{
    struct child_report report;

    (void)snprintf(checked_path, sizeof(checked_path), "%s", path);
    if (!drop(STAY, child_leave_root, check_path, &report))
        return;
    CU_ASSERT_EQUAL(report.noted, code);
    CU_ASSERT_PTR_NOT_NULL(strstr(report.detail.text, text));
}

static void folders(void)
{
    uid_t uid = geteuid() ? geteuid() : CHILD_UID;
    char user[300];

    if (!child_can_be_other() || !scratch_open())
        return;
    CU_ASSERT_EQUAL(chown(scratch_path("."), uid, (gid_t)-1), 0);
    goxel_identity_describe(uid, user, sizeof(user));
    checks(scratch_path("pid"), 0, "");
    checks(scratch_path("missing/pid"), DAEMON_ERROR_PERMISSION_DENIED, "No such file or directory; make it");
    checks("/pid", DAEMON_ERROR_PERMISSION_DENIED, "process.pid_file: user ");
    checks("/pid", DAEMON_ERROR_PERMISSION_DENIED, user);
    checks("/pid", DAEMON_ERROR_PERMISSION_DENIED,
           " cannot write into /: Permission denied; chown it, or choose another path");
    checks("/usr/bin/pid", DAEMON_ERROR_PERMISSION_DENIED, " cannot write into /usr/bin: ");
    scratch_close();
}

/* What another user could do, told by root, who stays what it is. */
static void folders_foreseen(void)
{
    struct goxel_identity identity = {.changes = true, .uid = CHILD_UID, .gid = CHILD_GID};
    struct goxel_detail detail;

    if (!child_can_be_root() || !scratch_open())
        return;
    goxel_detail_init(&detail);
    CU_ASSERT_EQUAL(chmod(scratch_path("."), 0755), 0);
    CU_ASSERT_EQUAL(
        goxel_privileges_foresee_folder(&identity, scratch_path("pid"), "process.pid_file", &detail),
        DAEMON_ERROR_PERMISSION_DENIED);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "process.pid_file: user "));
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "Permission denied; chown it"));
    CU_ASSERT_EQUAL(chown(scratch_path("."), CHILD_UID, 0), 0);
    CU_ASSERT_EQUAL(goxel_privileges_foresee_folder(&identity, scratch_path("pid"), "process.pid_file", NULL),
                    0);
    CU_ASSERT_EQUAL(chown(scratch_path("."), 0, CHILD_GID), 0);
    CU_ASSERT_EQUAL(chmod(scratch_path("."), 0775), 0);
    CU_ASSERT_EQUAL(goxel_privileges_foresee_folder(&identity, scratch_path("pid"), "process.pid_file", NULL),
                    0);
    identity.gid = CHILD_GID - 1;
    CU_ASSERT_EQUAL(goxel_privileges_foresee_folder(&identity, scratch_path("pid"), "process.pid_file", NULL),
                    DAEMON_ERROR_PERMISSION_DENIED);
    identity = (struct goxel_identity){.uid = 0};
    CU_ASSERT_EQUAL(goxel_privileges_foresee_folder(&identity, scratch_path("pid"), "process.pid_file", NULL),
                    0);
    CU_ASSERT_EQUAL(geteuid(), 0);
    scratch_close();
}

const struct unit_suite privileges_suite = {
    "privileges",
    (const struct unit_test[]){
        {"another user", another_user},
        {"core dumps where they are wanted", core_dumps_where_they_are_wanted},
        {"groups of a number", groups_of_a_number},
        {"a group alone", a_group_alone},
        {"staying drops the rest", staying_drops_the_rest},
        {"exactly what is allowed", exactly_what_is_allowed},
        {"root without capabilities", root_without_capabilities},
        {"left alone", left_alone},
        {"nothing is handed on", nothing_is_handed_on},
        {"a root that lacks some", a_root_that_lacks_some},
        {"a way back is found", a_way_back_is_found},
        {"a way back that was asked for", a_way_back_that_was_asked_for},
        {"a name that is none", a_name_that_is_none},
        {"steps that go wrong", steps_that_go_wrong},
        {"an ordinary user", an_ordinary_user},
        {"what is kept survives execve", what_is_kept_survives},
        {"and is settled", and_is_settled},
        {"nothing to carry", nothing_to_carry},
        {"what cannot be carried", what_cannot_be_carried},
        {"a new root", a_new_root},
        {"groups in a new root", groups_in_a_new_root},
        {"roots that are refused", roots_that_are_refused},
        {"folders", folders},
        {"folders foreseen", folders_foreseen},
        {NULL, NULL},
    },
};
