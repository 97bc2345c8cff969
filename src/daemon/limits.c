/* SPDX-License-Identifier: GPL-3.0-or-later */
/* setrlimit(2), and the arithmetic before it; see the header. */
#include "daemon/limits.h"

#include <errno.h>
#include <sys/resource.h>

#include "base/error.h"
#include "base/log.h"
#include "http/front.h"

/* Beyond connections: listeners, log, epoll, files in work, and room to spare. */
#define DESCRIPTORS_BASE 128
#define DESCRIPTORS_A_WORKER 4

static int64_t sum_of(const struct goxel_config *config)
{
    return goxel_config_int(config, GOXEL_OPT_PERFORMANCE_MAX_CONNECTIONS) + GOXEL_FRONT_SURPLUS +
           goxel_config_int(config, GOXEL_OPT_WORKERS_COUNT) * DESCRIPTORS_A_WORKER + DESCRIPTORS_BASE;
}

static int check(const struct goxel_config *config, struct goxel_detail *detail, rlim_t *ret_needed,
                 struct rlimit *ret_limit)
{
    int64_t wanted = goxel_config_int(config, GOXEL_OPT_LIMITS_MAX_FILE_DESCRIPTORS);
    rlim_t needed = (rlim_t)(wanted ? wanted : sum_of(config));
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit))
        return goxel_fail_errno(detail, DAEMON_ERROR_RESOURCE_LIMIT_FAILED, errno, "getrlimit", "");
    if (needed > limit.rlim_max)
        return goxel_fail_limit(detail, DAEMON_ERROR_RESOURCE_LIMIT_FAILED, "file descriptors (hard limit)",
                                (int64_t)limit.rlim_max, (int64_t)needed);
    *ret_needed = needed;
    *ret_limit = limit;
    return 0;
}

int goxel_daemon_check_limits(const struct goxel_config *config, struct goxel_detail *detail)
{
    struct rlimit limit;
    rlim_t needed;

    return check(config, detail, &needed, &limit);
}

int goxel_daemon_set_limits(const struct goxel_config *config, struct goxel_detail *detail)
{
    rlim_t core = (rlim_t)goxel_config_int(config, GOXEL_OPT_LIMITS_MAX_CORE_SIZE_MB) << 20, needed = 0;
    struct rlimit limit;
    int code = check(config, detail, &needed, &limit);

    if (code)
        return code;
    if (needed > limit.rlim_cur || goxel_config_int(config, GOXEL_OPT_LIMITS_MAX_FILE_DESCRIPTORS))
        limit.rlim_cur = needed;
    if (setrlimit(RLIMIT_NOFILE, &limit))
        return goxel_fail_errno(detail, DAEMON_ERROR_RESOURCE_LIMIT_FAILED, errno, "setrlimit", "");
    if (!getrlimit(RLIMIT_CORE, &limit)) {
        limit.rlim_cur = core < limit.rlim_max ? core : limit.rlim_max;
        (void)setrlimit(RLIMIT_CORE, &limit);
    }
    return 0;
}

void goxel_daemon_warn_limits(const struct goxel_config *config)
{
    int64_t wanted = goxel_config_int(config, GOXEL_OPT_LIMITS_MAX_FILE_DESCRIPTORS);
    int64_t sum = sum_of(config);

    if (wanted && wanted < sum)
        goxel_log(
            GOXEL_LOG_WARN,
            "limits.max_file_descriptors: %lld is less than the %lld that connections, workers and files "
            "may need; raise it or set it to 0",
            (long long)wanted, (long long)sum);
}
