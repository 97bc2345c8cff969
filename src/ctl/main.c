/* SPDX-License-Identifier: GPL-3.0-or-later */
/* goxelctl: the command line, the way to the daemon, one command. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "ctl/args.h"
#include "ctl/client.h"
#include "ctl/print.h"

/* Output that did not get out is no success. */
static enum ctl_exit settle_output(enum ctl_exit status)
{
    int failed = fflush(stdout) || ferror(stdout);

    if (!failed)
        return status;
    fprintf(stderr, "goxelctl: standard output: %s\n", strerror(errno));
    return status ? status : CTL_FAILED;
}

/* What needs no daemon. */
static bool answered(const struct ctl_args *args)
{
    if (args->help)
        ctl_args_help(stdout, args);
    else if (args->version)
        printf("goxelctl version %s\n", GOXEL_VERSION);
    else
        return false;
    return true;
}

int main(int argc, char **argv)
{
    struct goxel_detail detail;
    struct ctl_args args = {0};
    struct ctl ctl = {.args = &args};
    enum ctl_exit status = CTL_DONE;
    int code;

    goxel_detail_init(&detail);
    code = ctl_args_parse(argc, argv, &detail, &args);
    if (!code && answered(&args))
        return settle_output(CTL_DONE);
    if (!code && !(args.command->takes & CTL_OFFLINE))
        code = ctl_client_create(&args, &detail, &ctl.client);
    if (code)
        status = ctl_say(code, &detail);
    else
        status = args.command->run(&ctl);
    ctl_client_destroy(ctl.client);
    return settle_output(status);
}
