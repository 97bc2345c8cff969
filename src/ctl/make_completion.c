/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writes the completion for bash, or with an argument for zsh, to standard output; docs/api.md is on standard input: see
 * `make completion`.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "ctl/completion.h"

int main(int argc, char **argv)
{
    void (*write)(const char *page, struct goxel_buf *out) = argc > 1 ? ctl_completion_zsh
                                                                      : ctl_completion_bash;
    struct goxel_buf page, script;
    int status = 1;

    (void)argv;
    goxel_buf_init(&page, CTL_COMPLETION_MAX);
    goxel_buf_init(&script, CTL_COMPLETION_MAX);
    if (!goxel_file_read_fd(STDIN_FILENO, "docs/api.md", &page, NULL) && page.data) {
        write(page.data, &script);
        if (!script.failed && fwrite(script.data, 1, script.len, stdout) == script.len && fflush(stdout) == 0)
            status = 0;
    }
    goxel_buf_finish(&page);
    goxel_buf_finish(&script);
    return status;
}
