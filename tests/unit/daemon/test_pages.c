/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is made of the tables is what they say; what shells do with it is tested in tests/integration/completion.sh. */
#include "daemon/pages.h"

#include <string.h>

#include "daemon/command.h"
#include "lifecycle/requests.h"
#include "made.h"
#include "unit.h"

static void manual_is_up_to_date(void)
{
    made_is_up_to_date("../docs/man/goxel-daemon.8", "../docs/man/goxel-daemon.8.in", goxel_daemon_manual,
                       "make man");
}

static void completion_is_up_to_date(void)
{
    made_is_up_to_date("../etc/completion/bash/goxel-daemon", NULL, goxel_daemon_completion_bash,
                       "make completion");
    made_is_up_to_date("../etc/completion/zsh/_goxel-daemon", NULL, goxel_daemon_completion_zsh,
                       "make completion");
}

static bool is_told(int signal)
{
    for (const struct goxel_term *at = goxel_command_signals; at->name; at++) {
        if (strstr(at->name, sigabbrev_np(signal)))
            return true;
    }
    return false;
}

static void every_signal_is_told(void)
{
    int signals = 0;

    for (int kind = 0; kind < GOXEL_REQUEST_COUNT; kind++) {
        const struct goxel_request_row *row = goxel_request_row((enum goxel_request_kind)kind);

        for (size_t i = 0; i < sizeof(row->signals) / sizeof(row->signals[0]); i++) {
            if (row->signals[i]) {
                CU_ASSERT_TRUE(is_told(row->signals[i]));
                signals++;
            }
        }
    }
    CU_ASSERT_EQUAL(signals, 5);
}

const struct unit_suite pages_suite = {
    "pages",
    (const struct unit_test[]){
        {"goxel-daemon(8) is up to date", manual_is_up_to_date},
        {"etc/completion is up to date", completion_is_up_to_date},
        {"every signal is told", every_signal_is_told},
        {NULL, NULL},
    },
};
